// Package worldschema describes the sandbox's world file: as a JSON Schema for editors, and as the reference among the guides. Both are made
// of the Go types that the file is read into, of their comments, and of the bounds that are checked.
package worldschema

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// JSON is the schema as it is committed.
//
//go:embed world.schema.json
var JSON string

// Address is where the newest schema is to be had.
const Address = "https://raw.githubusercontent.com/elastigroup/terraform-provider-elastigroup/main/internal/sandbox/worldschema/world.schema.json"

// durations are what Go takes for a duration that is not negative, and signed for any.
const (
	durations = `^([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))*$|^0$`
	signed    = `^[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))*$|^[-+]?0$`
)

// Schema makes the schema (draft 7, which all editors know). The comments are those of ReadComments.
func Schema(comments Comments) ([]byte, error) {
	objects := sandbox.Objects()
	definitions := map[string]any{}
	for _, o := range objects[1:] {
		definitions[o.GoName] = object(o, comments)
	}
	root := object(objects[0], comments)
	root["$schema"] = "http://json-schema.org/draft-07/schema#"
	root["$id"] = Address
	root["title"] = "World file of terraform-provider-elastigroup sandbox"
	root["definitions"] = definitions
	text, err := json.MarshalIndent(root, "", "  ")
	return append(text, '\n'), err
}

func object(o sandbox.Object, comments Comments) map[string]any {
	properties, required := map[string]any{}, []string{}
	for _, m := range o.Members {
		properties[m.Name] = property(m, comments)
		if m.Required {
			required = append(required, m.Name)
		}
	}
	s := map[string]any{"type": "object", "additionalProperties": false, "properties": properties}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}

func property(m sandbox.Member, comments Comments) map[string]any {
	s := value(m)
	if m.List {
		s = map[string]any{"type": "array", "items": s}
	} else if _, refers := s["$ref"]; refers {
		s = map[string]any{"allOf": []any{s}} // what stands beside a $ref is not read
	}
	s["description"] = plainText(comments.Of(m))
	return s
}

// value is a value of the member's type.
func value(m sandbox.Member) map[string]any {
	s := map[string]any{}
	switch m.Type {
	case "duration":
		s["type"], s["pattern"] = "string", durations
		if m.Least == "" {
			s["pattern"] = signed
		}
	case "strings":
		s["type"], s["additionalProperties"] = "object", map[string]any{"type": "string"}
	case "sample":
		s["type"] = []string{"number", "string"}
	case "any":
	case "object", "document":
		s["type"] = "object"
	case "string", "boolean", "integer", "number":
		s["type"] = m.Type
	default:
		s["$ref"] = "#/definitions/" + m.Type
	}
	if m.OneOf != nil {
		s["enum"] = m.OneOf
	}
	number := m.Type == "integer" || m.Type == "number"
	if number && m.Least != "" {
		s["minimum"] = json.Number(m.Least)
	}
	if number && m.Most != "" {
		s["maximum"] = json.Number(m.Most)
	}
	if m.Default != "" {
		s["default"] = any(m.Default)
		if number {
			s["default"] = json.Number(m.Default)
		}
	}
	return s
}

// plainText is a text without the marks of Markdown.
func plainText(text string) string { return strings.ReplaceAll(text, "`", `"`) }

// Markdown is the reference: a table for each object.
func Markdown(comments Comments) string {
	var b strings.Builder
	places := placesOf(sandbox.Objects())
	for n, o := range sandbox.Objects() {
		if n > 0 {
			fmt.Fprintf(&b, "\n### %s\n\nAt %s.\n\n", title(o.GoName), strings.Join(places[o.GoName], " and "))
		}
		b.WriteString("| Key | Type | Values | Default | Meaning |\n|---|---|---|---|---|\n")
		for _, m := range o.Members {
			name := "`" + m.Name + "`"
			if m.Required {
				name += " (required)"
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", name, typeText(m), rangeText(m), defaultText(m), cell(withoutDefault(m, comments.Of(m))))
		}
	}
	return b.String()
}

func typeText(m sandbox.Member) string {
	text := map[string]string{"integer": "whole number", "boolean": "true or false", "strings": "object of strings", "sample": "number or string", "any": "any JSON", "document": "Elastigroup document"}[m.Type]
	switch {
	case text != "":
	case slices.Contains([]string{"string", "number", "duration", "object"}, m.Type):
		text = m.Type
	default:
		text = fmt.Sprintf("[%s](#%s)", title(m.Type), anchor(title(m.Type)))
	}
	if m.List {
		return "list of " + text
	}
	return text
}

func rangeText(m sandbox.Member) string {
	switch {
	case m.OneOf != nil:
		return "`" + strings.Join(m.OneOf, "`, `") + "`"
	case m.Least != "" && m.Most != "":
		return m.Least + " to " + m.Most
	case m.Least != "":
		return "from " + m.Least
	}
	return ""
}

func defaultText(m sandbox.Member) string {
	if m.Default == "" {
		return ""
	}
	return "`" + m.Default + "`"
}

var saysDefault = regexp.MustCompile("( Default:? [^.;]*?(`[^`]*`[^.;`]*)*\\.)|( \\(the default\\))")

// withoutDefault leaves out of a text what the column of defaults says.
func withoutDefault(m sandbox.Member, text string) string {
	if m.Default == "" {
		return text
	}
	return saysDefault.ReplaceAllString(text, "")
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// title is a heading for a Go type: "Health check" for HealthCheckConfig.
func title(goName string) string {
	name := strings.TrimSuffix(goName, "Config")
	switch name {
	case "AWS", "Roll":
		return name
	case "GroupRoll":
		return "Roll"
	}
	var words []string
	begin := 0
	for n := 1; n <= len(name); n++ {
		if n == len(name) || name[n] >= 'A' && name[n] <= 'Z' {
			words = append(words, strings.ToLower(name[begin:n]))
			begin = n
		}
	}
	text := strings.Join(words, " ")
	return strings.ToUpper(text[:1]) + text[1:]
}

func anchor(title string) string { return strings.ReplaceAll(strings.ToLower(title), " ", "-") }

// placesOf are the paths at which each object stands, as a world file has them.
func placesOf(objects []sandbox.Object) map[string][]string {
	paths := map[string][]string{}
	byName := map[string]sandbox.Object{}
	for _, o := range objects {
		byName[o.GoName] = o
	}
	var visit func(o sandbox.Object, path string)
	visit = func(o sandbox.Object, path string) {
		for _, m := range o.Members {
			within, ok := byName[m.Type]
			if !ok {
				continue
			}
			at := strings.TrimPrefix(path+"."+m.Name, ".")
			if m.List {
				at += "[]"
			}
			if quoted := "`" + at + "`"; !slices.Contains(paths[m.Type], quoted) {
				paths[m.Type] = append(paths[m.Type], quoted)
			}
			visit(within, at)
		}
	}
	visit(objects[0], "")
	return paths
}

// Into puts the reference between its marks in the template of the guide.
func Into(template string, comments Comments) (string, error) {
	const begins, ends = "<!-- made of the Go types: go run ./internal/sandbox/worldschema/generate -->\n", "<!-- end of what is made -->\n"
	before, rest, found := strings.Cut(template, begins)
	_, after, closed := strings.Cut(rest, ends)
	if !found || !closed {
		return "", fmt.Errorf("the template lacks %s or %s", strconv.Quote(begins), strconv.Quote(ends))
	}
	return before + begins + "\n" + Markdown(comments) + "\n" + ends + after, nil
}
