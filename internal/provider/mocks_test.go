package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/defaults"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/deployment"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// mocks are the defaults of the example's mocked provider, by block: "mock_resource elastigroup_deployment".
func mocks(t *testing.T) map[string]cty.Value {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "examples", "mocked", "mocks", "elastigroup.tfmock.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	file, diags := hclparse.NewParser().ParseHCL(raw, "elastigroup.tfmock.hcl")
	content, more := file.Body.Content(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "mock_resource", LabelNames: []string{"type"}}, {Type: "mock_data", LabelNames: []string{"type"}}}})
	if diags = append(diags, more...); diags.HasErrors() {
		t.Fatal(diags)
	}
	all := map[string]cty.Value{}
	for _, block := range content.Blocks {
		attributes, diags := block.Body.JustAttributes()
		if diags.HasErrors() || attributes["defaults"] == nil {
			t.Fatal(block.Labels, diags)
		}
		value, diags := attributes["defaults"].Expr.Value(nil)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		all[block.Type+" "+block.Labels[0]] = value
	}
	return all
}

// in is a member of what is mocked, null if it is left out.
func in(mocked cty.Value, name string) cty.Value {
	if mocked.IsNull() || !mocked.Type().IsObjectType() || !mocked.Type().HasAttribute(name) {
		return cty.NullVal(cty.DynamicPseudoType)
	}
	return mocked.GetAttr(name)
}

// Every text that the provider computes is mocked. Terraform makes up the others by chance, and with override_during = plan once for the plan and once
// more for the apply, which then ends in "Provider produced inconsistent final plan".
func TestMocksLeaveNoTextToChance(t *testing.T) {
	mocked, s := mocks(t), providertest.Serve(t)
	var walk func(at string, block *tfprotov6.SchemaBlock, mocked cty.Value)
	walk = func(at string, block *tfprotov6.SchemaBlock, mocked cty.Value) {
		for _, a := range block.Attributes {
			if a.Computed && a.Type != nil && a.Type.Is(tftypes.String) && in(mocked, a.Name).IsNull() {
				t.Errorf("examples/mocked/mocks has no %s.%s", at, a.Name)
			}
		}
		for _, b := range block.BlockTypes {
			walk(at+"."+b.TypeName, b.Block, in(mocked, b.TypeName))
		}
	}
	for name, schema := range s.Schema.ResourceSchemas {
		walk("mock_resource "+name, schema.Block, mocked["mock_resource "+name])
	}
	for name, schema := range s.Schema.DataSourceSchemas {
		walk("mock_data "+name, schema.Block, mocked["mock_data "+name])
	}
	if kinds := len(s.Schema.ResourceSchemas) + len(s.Schema.DataSourceSchemas); len(mocked) != kinds {
		t.Errorf("%d kinds are mocked, of %d", len(mocked), kinds)
	}
}

// What is not written has its default in a mocked deployment, too.
func TestMocksHaveTheDefaults(t *testing.T) {
	var described resource.SchemaResponse
	deployment.New().Schema(t.Context(), resource.SchemaRequest{}, &described)
	compared := 0
	var walk func(at string, attributes map[string]schema.Attribute, blocks map[string]schema.Block, mocked cty.Value)
	walk = func(at string, attributes map[string]schema.Attribute, blocks map[string]schema.Block, mocked cty.Value) {
		for name, a := range attributes {
			preset := presetOf(t, a)
			if preset == "" {
				continue
			}
			compared++
			if is := in(mocked, name); is.IsNull() || written(is) != preset {
				t.Errorf("%s%s is mocked as %s, and its default is %s", at, name, written(is), preset)
			}
		}
		for name, b := range blocks {
			switch b := b.(type) {
			case schema.SingleNestedBlock:
				walk(at+name+".", b.Attributes, b.Blocks, in(mocked, name))
			case schema.ListNestedBlock:
				walk(at+name+".", b.NestedObject.Attributes, b.NestedObject.Blocks, in(mocked, name))
			}
		}
	}
	walk("", described.Schema.Attributes, described.Schema.Blocks, mocks(t)["mock_resource elastigroup_deployment"])
	if compared < 20 {
		t.Errorf("only %d defaults were compared", compared)
	}
}

// written is a value as a text; "null" is none.
func written(v cty.Value) string {
	switch {
	case v.IsNull():
		return "null"
	case v.Type() == cty.Bool:
		return fmt.Sprint(v.True())
	case v.Type() == cty.Number:
		return v.AsBigFloat().String()
	}
	return v.AsString()
}

// presetOf is an attribute's default, empty if it has none.
func presetOf(t *testing.T, of schema.Attribute) string {
	t.Helper()
	switch a := of.(type) {
	case schema.StringAttribute:
		if a.Default != nil {
			var resp defaults.StringResponse
			a.Default.DefaultString(t.Context(), defaults.StringRequest{}, &resp)
			return resp.PlanValue.ValueString()
		}
	case schema.Int64Attribute:
		if a.Default != nil {
			var resp defaults.Int64Response
			a.Default.DefaultInt64(t.Context(), defaults.Int64Request{}, &resp)
			return fmt.Sprint(resp.PlanValue.ValueInt64())
		}
	case schema.Float64Attribute:
		if a.Default != nil {
			var resp defaults.Float64Response
			a.Default.DefaultFloat64(t.Context(), defaults.Float64Request{}, &resp)
			return fmt.Sprint(resp.PlanValue.ValueFloat64())
		}
	case schema.BoolAttribute:
		if a.Default != nil {
			var resp defaults.BoolResponse
			a.Default.DefaultBool(t.Context(), defaults.BoolRequest{}, &resp)
			return fmt.Sprint(resp.PlanValue.ValueBool())
		}
	}
	return ""
}
