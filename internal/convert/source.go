package convert

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/template"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// source is a document with the places where its values stand.
type source struct {
	// name is the file's, for errors and comments.
	name string
	// root leads to the group within the document, "response.items[0]".
	root template.Place
	// beside is what stands beside "group", where an Elastigroup has nothing.
	beside []string
	// starts are the offsets of values by their whole place, keys of objects included.
	starts map[string]int
	data   []byte
}

// read decodes JSON that may have placeholders. Numbers stay as they are written.
func read(name string, data []byte) (*source, any, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	s := &source{name: name, starts: map[string]int{}}
	switch text := bytes.TrimSpace(data); {
	case len(text) == 0:
		return nil, nil, fmt.Errorf("%s is empty; it has to be the JSON of an Elastigroup", name)
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		return nil, nil, fmt.Errorf("%s is UTF-16, as PowerShell redirects output; save it as UTF-8", name)
	case text[0] != '{' && text[0] != '[':
		return nil, nil, fmt.Errorf("%s:1: begins with neither { nor [, so it is not JSON; it has to be the JSON of an Elastigroup. Of Harness, convert "+
			"the Elastigroup Configuration in its file store, not the YAML that refers to it", name)
	case !utf8.Valid(data):
		line := bytes.Count(data[:firstInvalid(data)], []byte("\n")) + 1
		return nil, nil, fmt.Errorf("%s:%d: is not UTF-8", name, line)
	}
	quoted, bare := quotePlaceholders(data)
	s.data = quoted
	d := json.NewDecoder(bytes.NewReader(quoted))
	d.UseNumber()
	p := &parser{source: s, decoder: d, bare: bare}
	wrong := json.Unmarshal(quoted, new(json.RawMessage))
	value, err := p.value(nil)
	switch {
	case wrong != nil:
		return nil, nil, s.broken(wrong, p.last)
	case err != nil:
		return nil, nil, err
	}
	return s, value, nil
}

func firstInvalid(data []byte) int {
	at := 0
	for at < len(data) {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size <= 1 {
			return at
		}
		at += size
	}
	return at
}

// broken says where JSON breaks off. It quotes nothing of it, which may be secret.
func (s *source) broken(err error, last template.Place) error {
	at := len(s.data)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		at = max(int(syntax.Offset)-1, 0)
	}
	where := ""
	if len(last) > 0 {
		where = last.String() + ": "
	}
	return fmt.Errorf("%s:%d: %sthe JSON breaks off here or behind it: %w", s.name, s.lineAt(at), where, spot.Place(s.data, err))
}

func (s *source) lineAt(offset int) int {
	return bytes.Count(s.data[:min(offset, len(s.data))], []byte("\n")) + 1
}

// start is where a value of the group stands in the file, or the nearest value around it.
func (s *source) start(at template.Place) int {
	whole := s.root.At(at...)
	for n := len(whole); n > 0; n-- {
		if start, ok := s.starts[whole[:n].String()]; ok {
			return start
		}
	}
	return 0
}

// errorAt is an error at a place of the group: "web.json:12: capacity.minimum: …".
func (s *source) errorAt(at template.Place, format string, a ...any) error {
	return fmt.Errorf("%s:%d: %s: %w", s.name, s.lineAt(s.start(at)), at, fmt.Errorf(format, a...))
}

// parser decodes JSON token by token.
type parser struct {
	*source
	decoder *json.Decoder
	bare    map[int]string
	last    template.Place
}

// next is where the next token begins.
func (p *parser) next() int {
	at := int(p.decoder.InputOffset())
	for at < len(p.data) && strings.IndexByte(" \t\r\n,:", p.data[at]) >= 0 {
		at++
	}
	return at
}

func (p *parser) value(at template.Place) (any, error) {
	start := p.next()
	if _, ok := p.starts[at.String()]; !ok {
		p.starts[at.String()] = start
	}
	p.last = at
	token, err := p.decoder.Token()
	if err != nil {
		return nil, unexpected(err)
	}
	switch token := token.(type) {
	case json.Delim:
		if token == '[' {
			return p.list(at)
		}
		return p.object(at)
	case string:
		if expression, ok := p.bare[start]; ok {
			return &placeholder{bare: true, parts: []part{{expression: expression}}}, nil
		}
		return parseText(token), nil
	case json.Number:
		if !sane().MatchString(token.String()) {
			return nil, fmt.Errorf("%s:%d: %s: is a number of a size that means nothing to Spot", p.name, p.lineAt(start), at)
		}
		return token, nil
	}
	return token, nil
}

// sane are the numbers that Terraform can be given.
var sane = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[-0-9.]{1,40}([eE][-+]?[0-9]{1,2})?$`) })

func (p *parser) list(at template.Place) (any, error) {
	list := []any{}
	for p.decoder.More() {
		value, err := p.value(at.At(len(list)))
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	_, err := p.decoder.Token()
	return list, unexpected(err)
}

func (p *parser) object(at template.Place) (any, error) {
	object := map[string]any{}
	for p.decoder.More() {
		start := p.next()
		token, err := p.decoder.Token()
		if err != nil {
			return nil, unexpected(err)
		}
		key, _ := token.(string)
		here := at.At(key)
		if _, twice := object[key]; twice {
			return nil, fmt.Errorf("%s:%d: %s: is there twice", p.name, p.lineAt(start), here)
		}
		p.starts[here.String()] = start
		if object[key], err = p.value(here); err != nil {
			return nil, err
		}
	}
	_, err := p.decoder.Token()
	return object, unexpected(err)
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
