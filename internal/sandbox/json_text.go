package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// jsonText is a JSON text, and where in it everything is.
type jsonText struct {
	root *node
	data []byte
	// at are the offsets of what is in it by path: of a member that is where its name begins.
	at map[string]int
}

// node is a value in a JSON text.
type node struct {
	kind    nodeKind
	raw     []byte
	members []member // of an object, in order
	items   []*node  // of a list
}

type member struct {
	key   string
	value *node
}

// nodeKind is what a value is, in words.
type nodeKind string

const (
	kindObject nodeKind = "an object"
	kindList   nodeKind = "a list"
	kindString nodeKind = "a string"
	kindNumber nodeKind = "a number"
	kindWhole  nodeKind = "a whole number" // that is asked for; all that are there are numbers
	kindBool   nodeKind = "true or false"
	kindNull   nodeKind = "null"
)

// String is the value as it is written; of a long one, its beginning.
func (n *node) String() string {
	const most = 40
	written := strings.Join(strings.Fields(string(n.raw)), " ")
	if r := []rune(written); len(r) > most {
		return string(r[:most]) + "…"
	}
	return written
}

// parseJSON reads one JSON value with nothing behind it. The error says in which line it breaks off, and why.
func parseJSON(data []byte) (*jsonText, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(new(json.RawMessage)); err != nil {
		return nil, brokenJSON(data, err)
	}
	if rest := bytes.TrimLeft(data[d.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return nil, fmt.Errorf("%s: there is something behind the JSON value", placeIn(data, len(data)-len(rest)))
	}
	t := &jsonText{data: data, at: map[string]int{}}
	d = json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	t.root = t.parse(d, "")
	return t, nil
}

// parse reads the next value. That the text is valid is known.
func (t *jsonText) parse(d *json.Decoder, path string) *node {
	begin := t.next(d)
	if _, known := t.at[path]; !known {
		t.at[path] = begin
	}
	token, _ := d.Token()
	n := &node{}
	switch token {
	case json.Delim('{'):
		n.kind = kindObject
		for d.More() {
			at := t.next(d)
			name, _ := d.Token()
			key, _ := name.(string)
			t.at[memberPath(path, key)] = at
			n.members = append(n.members, member{key, t.parse(d, memberPath(path, key))})
		}
		_, _ = d.Token() // the bracket that closes it
	case json.Delim('['):
		n.kind = kindList
		for d.More() {
			n.items = append(n.items, t.parse(d, fmt.Sprintf("%s[%d]", path, len(n.items))))
		}
		_, _ = d.Token()
	default:
		n.kind = kindOf(token)
	}
	n.raw = t.data[begin:d.InputOffset()]
	return n
}

func kindOf(token json.Token) nodeKind {
	switch token.(type) {
	case string:
		return kindString
	case json.Number:
		return kindNumber
	case bool:
		return kindBool
	}
	return kindNull
}

// next is where the next token begins.
func (t *jsonText) next(d *json.Decoder) int {
	at := int(d.InputOffset())
	return at + len(t.data[at:]) - len(bytes.TrimLeft(t.data[at:], " \t\r\n,:"))
}

// line is the line of what is at a path, or of what should hold it, from 1.
func (t *jsonText) line(path string) int {
	for {
		if at, ok := t.at[path]; ok || path == "" {
			return lineOf(t.data, at)
		}
		path = parentPath(path)
	}
}

func lineOf(data []byte, at int) int { return 1 + bytes.Count(data[:at], []byte("\n")) }

// memberPath is the path of a member: a.b, or a["b.c"] where the name would be mistaken for a path.
func memberPath(path, key string) string {
	if key == "" || strings.ContainsAny(key, `."[] `) {
		return fmt.Sprintf("%s[%q]", path, key)
	}
	return joined(path, key)
}

// parentPath is the path of what holds that which is at a path.
func parentPath(path string) string {
	if rest, ok := strings.CutSuffix(path, `"]`); ok {
		return path[:max(0, strings.LastIndex(rest, `["`))]
	}
	return path[:max(0, strings.LastIndexAny(path, ".["))]
}

// brokenJSON says where and why a text is no JSON, in plainer words than the decoder's.
func brokenJSON(data []byte, err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("it is empty; a JSON object belongs here")
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		open, inString := openAt(data, len(data))
		if inString || len(open) == 0 {
			return fmt.Errorf("%s: the text ends within a value", placeIn(data, len(data)))
		}
		last := open[len(open)-1]
		return fmt.Errorf("%s: the text ends, and the %q of line %d is not closed", placeIn(data, len(data)), data[last], lineOf(data, last))
	}
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return err
	}
	// The offset counts what has been read: the byte that does not belong there is the last of it.
	at := min(max(int(syntax.Offset)-1, 0), len(data)-1)
	return fmt.Errorf("%s: %s", placeIn(data, at), misplaced(data, at))
}

// misplaced says why the byte at an offset cannot be there.
func misplaced(data []byte, at int) string {
	c, last := data[at], byte(':') // what is before it
	if before := bytes.TrimRight(data[:at], " \t\r\n"); len(before) > 0 {
		last = before[len(before)-1]
	}
	is := func(c byte, of string) bool { return strings.IndexByte(of, c) >= 0 }
	switch _, inString := openAt(data, at); {
	case inString:
		return fmt.Sprintf("%q does not belong in a string", c)
	case is(c, "}]") && last == ',':
		return fmt.Sprintf("there is a comma before %q", c)
	case is(c, "/#"):
		return "JSON has no comments"
	case c == '\'':
		return "strings stand in double quotes"
	case is(c, "\"{[") && !is(last, "{[,:"):
		return fmt.Sprintf("a comma or a colon is missing before %q", c)
	}
	return fmt.Sprintf("%q does not belong here", c)
}

func placeIn(data []byte, at int) string {
	return fmt.Sprintf("line %d, column %d", lineOf(data, at), at-bytes.LastIndexByte(data[:at], '\n'))
}

// openAt are the brackets that are open at an offset, and whether it is within a string.
func openAt(data []byte, at int) (open []int, inString bool) {
	for n := 0; n < at; n++ {
		switch c := data[n]; {
		case inString && c == '\\':
			n++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			open = append(open, n)
		case (c == '}' || c == ']') && len(open) > 0:
			open = open[:len(open)-1]
		}
	}
	return open, inString
}
