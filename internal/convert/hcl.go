package convert

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Terraform's language is written as terraform fmt has it. hclwrite could do it, and would make the provider's binary larger by a parser
// that nothing else in it needs; tests compare with it.

// width is the longest line that is written where there is a choice.
const width = 100

// body is what stands in a block, or in a file.
type body struct{ items []item }

// item is one thing in a body: an argument, a block, a comment, or an empty line.
type item struct {
	name, value string // an argument
	header      string // a block: resource "a" "b"
	block       *body
	comment     string
	blank       bool
}

func (b *body) set(name, value string) { b.items = append(b.items, item{name: name, value: value}) }

// comment writes text, broken into lines.
func (b *body) comment(format string, a ...any) {
	b.items = append(b.items, item{comment: fmt.Sprintf(format, a...)})
}

// gap leaves one line empty, but at the beginning.
func (b *body) gap() {
	if n := len(b.items); n > 0 && !b.items[n-1].blank {
		b.items = append(b.items, item{blank: true})
	}
}

// open begins a block.
func (b *body) open(header string) *body {
	inner := &body{}
	b.items = append(b.items, item{header: header, block: inner})
	return inner
}

// String is the body as text.
func (b *body) String() string {
	var out strings.Builder
	b.write(&out, 0)
	return out.String()
}

func (b *body) write(out *strings.Builder, depth int) {
	indent := strings.Repeat("  ", depth)
	for i := 0; i < len(b.items); i++ {
		switch it := b.items[i]; {
		case it.blank:
			out.WriteString("\n")
		case it.comment != "":
			for _, line := range wrap(it.comment, width-len(indent)-2) {
				out.WriteString(strings.TrimRight(indent+"# "+line, " ") + "\n")
			}
		case it.block != nil && len(it.block.items) == 0:
			fmt.Fprintf(out, "%s%s {}\n", indent, it.header)
		case it.block != nil:
			fmt.Fprintf(out, "%s%s {\n", indent, it.header)
			it.block.write(out, depth+1)
			fmt.Fprintf(out, "%s}\n", indent)
		default:
			column := 0
			for _, run := range b.items[i:] {
				if run.name == "" || strings.Contains(run.value, "\n") {
					break
				}
				column = max(column, utf8.RuneCountInString(run.name))
			}
			if strings.Contains(it.value, "\n") {
				column = 0
			}
			for ; i < len(b.items) && b.items[i].name != ""; i++ {
				lines := strings.Split(b.items[i].value, "\n")
				if column > 0 && len(lines) > 1 {
					break
				}
				name := b.items[i].name
				fmt.Fprintf(out, "%s%s%s = %s\n", indent, name, strings.Repeat(" ", max(0, column-utf8.RuneCountInString(name))), strings.Join(lines, "\n"+indent))
				if column == 0 {
					i++
					break
				}
			}
			i--
		}
	}
}

// wrap breaks text into lines, at spaces and where it has line breaks itself.
func wrap(text string, columns int) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(text, "\n") {
		line := ""
		for i, word := range strings.Split(paragraph, " ") {
			if i > 0 && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > columns {
				lines, line = append(lines, line), word
				continue
			}
			if i > 0 {
				line += " "
			}
			line += word
		}
		lines = append(lines, line)
	}
	return lines
}

// expression writes a value of a document. What has several lines is indented from its first one.
func (c *conversion) expression(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case string:
		return quote(v)
	case bool, json.Number:
		return fmt.Sprint(v)
	case reference:
		return "var." + v.name
	case raw:
		return string(v)
	case *placeholder:
		return c.template(v)
	case []any:
		return c.list(v)
	case map[string]any:
		b := &body{}
		for _, key := range slices.Sorted(mapKeys(v)) {
			b.set(objectKey(key), c.expression(v[key]))
		}
		if len(b.items) == 0 {
			return "{}"
		}
		var out strings.Builder
		b.write(&out, 1)
		return "{\n" + out.String() + "}"
	}
	return quote(fmt.Sprint(value))
}

// raw is an expression of Terraform's.
type raw string

func (c *conversion) list(list []any) string {
	elements := make([]string, len(list))
	for i, element := range list {
		elements[i] = c.expression(element)
	}
	line := "[" + strings.Join(elements, ", ") + "]"
	if len(line) <= width-30 && !strings.Contains(line, "\n") {
		return line
	}
	var out strings.Builder
	out.WriteString("[\n")
	for _, element := range elements {
		out.WriteString("  " + strings.ReplaceAll(element, "\n", "\n  ") + ",\n")
	}
	return out.String() + "]"
}

// template writes text with expressions of Harness, which are variables here.
func (c *conversion) template(p *placeholder) string {
	if p.whole() {
		return "var." + c.variables.expression(p.parts[0].expression, "string").name
	}
	var b strings.Builder
	for i, part := range p.parts {
		if part.expression != "" {
			b.WriteString("${var." + c.variables.expression(part.expression, "string").name + "}")
			continue
		}
		literal := escape(part.literal)
		if last := len(literal) - 1; i+1 < len(p.parts) && strings.IndexByte("$%", literal[last]) >= 0 {
			// Before an interpolation it would be read as an escape.
			literal = literal[:last] + fmt.Sprintf(`\u%04x`, literal[last])
		}
		b.WriteString(literal)
	}
	return `"` + b.String() + `"`
}

func quote(text string) string { return `"` + escape(text) + `"` }

// escape writes text as it stands between quotes. https://developer.hashicorp.com/terraform/language/expressions/strings
func escape(text string) string {
	var b strings.Builder
	runes := []rune(text)
	for i, r := range runes {
		switch {
		case r == '"' || r == '\\':
			b.WriteRune('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case (r == '$' || r == '%') && i+1 < len(runes) && runes[i+1] == '{':
			if i > 0 && runes[i-1] == r {
				// $$${ would be read as $ and an escaped ${, and written so the next one is not seen.
				fmt.Fprintf(&b, `\u%04x`, r)
				continue
			}
			b.WriteString(string([]rune{r, r}))
		case !unicode.IsPrint(r) && r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		case !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

var (
	plainKey = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	keywords = []string{"true", "false", "null", "for", "if", "in", "else", "endfor", "endif"}
)

func objectKey(key string) string {
	if plainKey.MatchString(key) && !slices.Contains(keywords, key) {
		return key
	}
	return quote(key)
}
