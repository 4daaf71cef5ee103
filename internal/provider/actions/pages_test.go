package actions_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/golden"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

func TestMain(m *testing.M) { os.Exit(providertest.Main(m)) }

// The page of each action is what its schema and its example say. The generator of the other pages asks Terraform for schemas, which has those of
// actions from 1.14 on; these are made here, so that they are the same whichever is installed.
func TestPages(t *testing.T) {
	schemas := providertest.Serve(t).Schema.ActionSchemas
	if len(schemas) != 3 {
		t.Errorf("there are %d actions", len(schemas))
	}
	root := filepath.Join("..", "..", "..")
	for name, schema := range schemas {
		example, err := os.ReadFile(filepath.Join(root, "examples", "actions", name, "action.tf"))
		if err != nil {
			t.Fatal(err)
		}
		text := page(name, schema.Schema.Block, string(example))
		file := filepath.Join(root, "docs", "actions", strings.TrimPrefix(name, "elastigroup_")+".md")
		golden.Compare(t, file, text, "go test ./internal/provider/actions -update")
	}
}

func page(name string, block *tfprotov6.SchemaBlock, example string) string {
	var b strings.Builder
	first, _, _ := strings.Cut(block.Description, "\n")
	fmt.Fprintf(&b, "---\npage_title: \"%s Action - Elastigroup\"\nsubcategory: \"\"\ndescription: |-\n  %s\n---\n\n# %s (Action)\n\n%s\n\n", name, strings.ReplaceAll(first, "`", ""), name, block.Description)
	b.WriteString("Terraform 1.14 and later have actions. The guide [Promote, abort and watch a rollout](../guides/actions.md) says what this one goes by, what the next plan says\n" +
		"after it, and what two at the same time do.\n\n")
	fmt.Fprintf(&b, "## Example Usage\n\n```terraform\n%s\n```\n\n## Schema\n", strings.TrimSpace(example))
	attributes := map[string]*tfprotov6.SchemaAttribute{}
	for _, a := range block.Attributes {
		attributes[a.Name] = a
	}
	for _, kind := range []struct {
		title string
		has   func(*tfprotov6.SchemaAttribute) bool
	}{
		{"Required", func(a *tfprotov6.SchemaAttribute) bool { return a.Required }},
		{"Optional", func(a *tfprotov6.SchemaAttribute) bool { return a.Optional }},
	} {
		title := "\n### " + kind.title + "\n\n"
		for _, name := range slices.Sorted(maps.Keys(attributes)) {
			if a := attributes[name]; kind.has(a) {
				fmt.Fprintf(&b, "%s- `%s` (%s) %s\n", title, name, typeName(a.Type), a.Description)
				title = ""
			}
		}
	}
	return b.String()
}

func typeName(of tftypes.Type) string {
	if of.Is(tftypes.Number) {
		return "Number"
	}
	return "String"
}
