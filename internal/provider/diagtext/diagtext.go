// Package diagtext makes the words of diagnostics: sentences of errors, titles, and the names of attributes.
package diagtext

import (
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// LastName is how the title of a diagnostic names an attribute: the last name in its path.
func LastName(p path.Path) string {
	name := "value"
	for _, step := range p.Steps() {
		if attribute, ok := step.(path.PathStepAttributeName); ok {
			name = string(attribute)
		}
	}
	return name
}

// LongestSentence is how many characters an error may have in a diagnostic, which has a title, and advice beside it.
const LongestSentence = 3000

// Sentence makes an error the text of a diagnostic, which begins with a capital letter, unless that is of an ID or a name, and ends with
// a full stop.
//
// Errors quote what services answer in a few hundred characters; LongestSentence is for what they do not know of.
func Sentence(err error) string {
	text := rollout.QuoteUpTo(err.Error(), LongestSentence)
	if first, size := utf8.DecodeRuneInString(text); size > 0 && !beginsWithName(text) {
		text = string(unicode.ToUpper(first)) + text[size:]
	}
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}

// beginsWithName tells whether a text begins with the ID of something, its name or its address, which are written as they are: ami-0a1,
// web__7, user_data. One that is a word like others is followed by an ID in brackets: web (sig-0b2c3d4e).
func beginsWithName(text string) bool {
	word, rest, _ := strings.Cut(text, " ")
	word = strings.TrimRight(word, ".,:;")
	return strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' }) ||
		strings.HasPrefix(rest, "(sig-") || strings.HasPrefix(rest, "(ami-")
}

// Title is the title of an error from a cloud: that something does not exist is another matter than that it was not told.
func Title(what string, err error) string {
	if errors.Is(err, runner.ErrGone) {
		return what + " not found"
	}
	return what + " cannot be read"
}

// Duration is a duration without the zero units that Go writes: "15m", not "15m0s".
func Duration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// Rows indents the rows of a table, so that Terraform leaves them as they are: it breaks lines of a diagnostic that do not begin with a blank to the
// width of the terminal.
func Rows(table string) string {
	lines := strings.Split(table, "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = "  " + line
		}
	}
	return strings.Join(lines, "\n")
}
