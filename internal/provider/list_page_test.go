package provider_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/golden"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// The page of the list resource is what its schema and its example say. The generator of the other pages asks Terraform for schemas, and one
// before 1.14 has none of these; here they are asked of the provider itself, so that the page is the same whichever is installed.
func TestListPage(t *testing.T) {
	const name = "elastigroup_deployment"
	schemas := providertest.Serve(t).Schema.ListResourceSchemas
	if len(schemas) != 1 || schemas[name] == nil {
		t.Fatalf("there are %d list resources", len(schemas))
	}
	root := filepath.Join("..", "..")
	example, err := os.ReadFile(filepath.Join(root, "examples", "list-resources", name, "list-resource.tfquery.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	text, file := listPage(name, schemas[name].Block, string(example)), filepath.Join(root, "docs", "list-resources", "deployment.md")
	golden.Compare(t, file, text, "go test ./internal/provider -run TestListPage -update")
}

func listPage(name string, block *tfprotov6.SchemaBlock, example string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "---\npage_title: \"%s List Resource - Elastigroup\"\nsubcategory: \"\"\ndescription: |-\n  %s\n---\n\n# %s (List Resource)\n\n%s\n\n",
		name, strings.ReplaceAll(block.Description, "`", ""), name, block.Description)
	b.WriteString("`terraform query` lists, from Terraform 1.14 on; older ones and OpenTofu leave `*.tfquery.hcl` alone. The guide [Importing]" +
		"(../guides/importing.md) says what becomes of it.\n\n")
	fmt.Fprintf(&b, "## Example Usage\n\n```terraform\n%s\n```\n\n## Schema\n\n### Optional\n\n", strings.TrimSpace(example))
	attributes := map[string]*tfprotov6.SchemaAttribute{}
	for _, a := range block.Attributes {
		attributes[a.Name] = a
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		kind := strings.TrimPrefix(attributes[name].Type.String(), "tftypes.")
		fmt.Fprintf(&b, "- `%s` (%s) %s\n", name, strings.NewReplacer("Bool", "Boolean").Replace(kind), attributes[name].Description)
	}
	return b.String()
}
