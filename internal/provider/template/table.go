package template

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The lines of the documentation's template between which the table of names stands.
const (
	tableBegin = "<!-- names, made by go run ./internal/provider/template/generate -->"
	tableEnd   = "<!-- end of names -->"
)

// InsertTable puts the table of names into the documentation's template.
func InsertTable(page []byte, root *Field) ([]byte, error) {
	before, rest, ok := bytes.Cut(page, []byte(tableBegin))
	_, after, closed := bytes.Cut(rest, []byte(tableEnd))
	if !ok || !closed {
		return nil, errors.New("the lines between which the table stands are missing: " + tableBegin + " and " + tableEnd)
	}
	return slices.Concat(before, []byte(tableBegin+"\n\n"+Table(root)+"\n"+tableEnd), after), nil
}

// Table is the table of names in Markdown: each argument, the field of the document, and the argument of
// spotinst_elastigroup_aws.
func Table(root *Field) string {
	var rows []*Field
	collect(root, &rows)
	slices.SortFunc(rows, func(a, b *Field) int { return strings.Compare(a.FullName(), b.FullName()) })

	var b strings.Builder
	b.WriteString("| Argument | Elastigroup document | `spotinst_elastigroup_aws` |\n|---|---|---|\n")
	for _, f := range rows {
		fmt.Fprintf(&b, "| `%s` | `%s` | %s |\n", f.FullName(), f.Path, codes(f.Spotinst()))
	}
	return b.String()
}

func collect(block *Field, rows *[]*Field) {
	block.Arguments(func(f *Field) {
		*rows = append(*rows, f)
		if f.Block() {
			collect(f, rows)
		}
	})
}

// codes sets names that are separated by commas as code.
func codes(names string) string {
	if names == "" {
		return ""
	}
	return "`" + strings.ReplaceAll(names, ", ", "`, `") + "`"
}
