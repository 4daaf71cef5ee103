package pages

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestTroubleshooting holds the guide of errors and warnings against the code: each title that it explains is one that the provider says, and each that
// the provider says is explained.
func TestTroubleshooting(t *testing.T) {
	said := titles(t)
	text, err := os.ReadFile(root + "/templates/guides/troubleshooting.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	explained := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(string(text), -1) {
		if explained[m[1]] {
			t.Errorf("%q is explained twice", m[1])
		}
		explained[m[1]] = true
		if !said[m[1]] {
			t.Errorf("%q is explained, and nowhere said", m[1])
		}
	}
	for title := range said {
		if !explained[title] {
			t.Errorf("%q is said, and not explained in templates/guides/troubleshooting.md.tmpl", title)
		}
	}
	if len(said) < 100 {
		t.Errorf("only %d titles were found", len(said))
	}
}

var adds = regexp.MustCompile(`^Add(Attribute)?(Error|Warning)$`)

// titles are the summaries of all diagnostics that the provider's source has. What is put into them is "…".
func titles(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	err := filepath.WalkDir(root+"/internal/provider", func(file string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") || strings.Contains(file, "providertest") {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				selected, ok := n.Fun.(*ast.SelectorExpr)
				if !ok || !adds.MatchString(selected.Sel.Name) {
					return true
				}
				at := 0
				if strings.Contains(selected.Sel.Name, "Attribute") {
					at = 1
				}
				if len(n.Args) > at {
					if title, ok := literal(n.Args[at]); ok {
						all[title] = true
					}
				}
			case *ast.KeyValueExpr: // the ends of a run
				if key, ok := n.Key.(*ast.SelectorExpr); ok && isOutcome(key.Sel.Name) {
					if title, ok := literal(n.Value); ok {
						all[title] = true
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func isOutcome(name string) bool {
	return name == "RolledBack" || name == "Held" || name == "Interrupted" || name == "Refused" || name == "Broken"
}

// literal is a text as it stands in the source, also as the first argument of a call that puts something into it.
func literal(e ast.Expr) (string, bool) {
	if call, ok := e.(*ast.CallExpr); ok && len(call.Args) > 0 {
		name := ""
		switch f := call.Fun.(type) {
		case *ast.Ident:
			name = f.Name
		case *ast.SelectorExpr:
			name = f.Sel.Name
		}
		if name != "titled" && name != "Sprintf" {
			return "", false // what is not found, of which it is part
		}
		e = call.Args[0]
	}
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return regexp.MustCompile(`%[a-z]`).ReplaceAllString(text, "…"), err == nil
}
