package moduleworld

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// module is the parsed files of one folder.
type module struct {
	files []*hclsyntax.Body
	// runs are the variables of each run of its tests, those of the whole file included.
	runs  []map[string]hcl.Expression
	tests bool
}

// readModule parses the Terraform files of a folder, and its tests.
func readModule(folder string) (*module, error) {
	m := &module{}
	files, err := filepath.Glob(filepath.Join(folder, "*.tf"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		body, err := parse(file)
		if err != nil {
			return nil, err
		}
		m.files = append(m.files, body)
	}
	for _, pattern := range []string{"*.tftest.hcl", "tests/*.tftest.hcl"} {
		tests, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			return nil, err
		}
		for _, file := range tests {
			body, err := parse(file)
			if err != nil {
				return nil, err
			}
			m.tests = true
			m.readRuns(body)
		}
	}
	return m, nil
}

func parse(file string) (*hclsyntax.Body, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	parsed, diags := hclsyntax.ParseConfig(text, file, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, fmt.Errorf("reading the module: %w", diags)
	}
	body, ok := parsed.Body.(*hclsyntax.Body)
	if !ok {
		return nil, fmt.Errorf("reading the module: %s is not in Terraform's own syntax", file)
	}
	return body, nil
}

func (m *module) readRuns(body *hclsyntax.Body) {
	common := map[string]hcl.Expression{}
	for _, b := range body.Blocks {
		if b.Type == "variables" {
			for name, a := range b.Body.Attributes {
				common[name] = a.Expr
			}
		}
	}
	for _, b := range body.Blocks {
		if b.Type != "run" {
			continue
		}
		run := map[string]hcl.Expression{}
		for name, e := range common {
			run[name] = e
		}
		for _, inner := range b.Body.Blocks {
			if inner.Type == "variables" {
				for name, a := range inner.Body.Attributes {
					run[name] = a.Expr
				}
			}
		}
		m.runs = append(m.runs, run)
	}
}

// blocks are all blocks of a type, in the order of the files.
func (m *module) blocks(kind string) []*hclsyntax.Block {
	var all []*hclsyntax.Block
	for _, f := range m.files {
		for _, b := range f.Blocks {
			if b.Type == kind {
				all = append(all, b)
			}
		}
	}
	return all
}

// variableSets are the values with which the module is evaluated: those of the command line and of terraform.tfvars and *.auto.tfvars, and with
// each run of its tests on top of these.
func (m *module) variableSets(folder string, said map[string]string) ([]map[string]cty.Value, error) {
	base := map[string]cty.Value{}
	files, err := filepath.Glob(filepath.Join(folder, "*.auto.tfvars"))
	if err != nil {
		return nil, err
	}
	for _, file := range append([]string{filepath.Join(folder, "terraform.tfvars")}, files...) {
		body, err := parse(file)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for name, a := range body.Attributes {
			if v, diags := a.Expr.Value(nil); !diags.HasErrors() {
				base[name] = v
			}
		}
	}
	for name, text := range said {
		v, err := spoken(text)
		if err != nil {
			return nil, fmt.Errorf("-var %s: %w", name, err)
		}
		base[name] = v
	}
	sets := []map[string]cty.Value{}
	for _, run := range m.runs {
		set := map[string]cty.Value{}
		for name, v := range base {
			set[name] = v
		}
		for name, expr := range run {
			if v, diags := expr.Value(&hcl.EvalContext{Functions: functions(folder)}); !diags.HasErrors() {
				set[name] = v
			}
		}
		sets = append(sets, set)
	}
	if len(sets) == 0 {
		sets = append(sets, base)
	}
	return sets, nil
}

// spoken is a value from the command line: Terraform's language, or else a string.
func spoken(text string) (cty.Value, error) {
	if !strings.ContainsAny(text[:min(1, len(text))], `[{"`) {
		return cty.StringVal(text), nil
	}
	expr, diags := hclsyntax.ParseExpression([]byte(text), "-var", hcl.InitialPos)
	if diags.HasErrors() {
		return cty.NilVal, diags
	}
	v, diags := expr.Value(nil)
	if diags.HasErrors() {
		return cty.NilVal, diags
	}
	return v, nil
}

// required tells whether a variable has no default.
func required(b *hclsyntax.Block) bool { return b.Body.Attributes["default"] == nil }

// sortedKeys are the keys of a map, in order.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
