package check

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Pointer is a JSON Pointer: the names and indexes that lead to a value. https://www.rfc-editor.org/rfc/rfc6901
type Pointer []string

// ParsePointer reads a JSON Pointer such as /build/version; "" is the whole document.
func ParsePointer(text string) (Pointer, error) {
	if text == "" {
		return nil, nil
	}
	if !strings.HasPrefix(text, "/") {
		return nil, fmt.Errorf("%q is no JSON Pointer: one begins with a slash, such as \"/build/version\"", rollout.QuoteUpTo(text, 60))
	}
	pointer := Pointer(strings.Split(text[1:], "/"))
	for i, token := range pointer {
		if rest := strings.NewReplacer("~0", "", "~1", "").Replace(token); strings.Contains(rest, "~") {
			return nil, fmt.Errorf("%q is no JSON Pointer: in it a ~ is written ~0, and a / in a name ~1", rollout.QuoteUpTo(text, 60))
		}
		pointer[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
	}
	return pointer, nil
}

// In is the value in a document that the pointer leads to, and whether there is one.
func (p Pointer) In(document any) (any, bool) {
	for _, token := range p {
		switch value := document.(type) {
		case map[string]any:
			member, ok := value[token]
			if !ok {
				return nil, false
			}
			document = member
		case []any:
			i, err := strconv.Atoi(token)
			// As RFC 6901 has it, without leading zeros or a sign.
			if err != nil || i < 0 || i >= len(value) || strconv.Itoa(i) != token {
				return nil, false
			}
			document = value[i]
		default:
			return nil, false
		}
	}
	return document, true
}
