package worldschema

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// Comments are the comments of the fields of Go types, by "Type.Field", as sentences about the member of the JSON object.
type Comments map[string]string

// Of is what is said of a member, "" if nothing is.
func (c Comments) Of(m sandbox.Member) string { return c[m.GoType+"."+m.GoName] }

// ReadComments reads them from the package's source in a folder.
func ReadComments(folder string) (Comments, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return nil, err
	}
	all := Comments{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			return nil, fmt.Errorf("reading the comments: %w", err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if t, ok := n.(*ast.TypeSpec); ok {
				if s, ok := t.Type.(*ast.StructType); ok {
					all.add(t.Name.Name, s)
				}
			}
			return true
		})
	}
	return all, nil
}

// add takes the comments of the fields of one struct.
func (c Comments) add(typeName string, s *ast.StructType) {
	names := map[string]string{}
	for _, f := range s.Fields.List {
		for _, n := range f.Names {
			if f.Tag != nil {
				names[n.Name], _, _ = strings.Cut(reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("json"), ",")
			}
		}
	}
	for _, f := range s.Fields.List {
		for _, n := range f.Names {
			c[typeName+"."+n.Name] = sentence(f.Doc.Text(), n.Name, names)
		}
	}
}

var (
	word   = regexp.MustCompile(`[A-Za-z0-9_]+`)
	braces = regexp.MustCompile(`\{[^}]*\}+`)
	quotes = regexp.MustCompile(`"([^"]+)"`)
	link   = regexp.MustCompile(`\s*\(?(https?://[^\s)]+)\)?\.?`)
)

// sentence makes of a Go comment a text about the member of an object: it begins with what the member is, and names other members as the
// file does.
func sentence(comment, field string, names map[string]string) string {
	text := strings.Join(strings.Fields(comment), " ")
	if found := braces.FindString(text); found != "" {
		before, after, _ := strings.Cut(text, found)
		text = quotes.ReplaceAllString(before, "`$1`") + "`" + found + "`" + quotes.ReplaceAllString(after, "`$1`")
	} else {
		text = quotes.ReplaceAllString(text, "`$1`")
	}
	for _, verb := range []string{" is ", " are "} {
		if rest, ok := strings.CutPrefix(text, field+verb); ok {
			text = rest
			break
		}
	}
	text = strings.TrimPrefix(text, field+" ")
	text = link.ReplaceAllString(text, ".")
	beginsSentence := true
	out := word.ReplaceAllStringFunc(text, func(w string) string {
		defer func() { beginsSentence = false }()
		if name, ok := names[w]; ok && !beginsSentence && !strings.HasPrefix(name, "$") && w != "ID" && w != "ARN" && w != "VPC" && w != "AWS" {
			return "`" + name + "`"
		}
		return w
	})
	if out == "" {
		return ""
	}
	if out[0] != '`' {
		out = strings.ToUpper(out[:1]) + out[1:]
	}
	return strings.ReplaceAll(out, "..", ".")
}
