// Package templatetest reads the data source elastigroup_template as Terraform does, without Terraform: arguments in HCL are
// decoded by the schema, validated and read over the plugin protocol. Tests alone use it.
package templatetest

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
	ctyjson "github.com/zclconf/go-cty/cty/json"
	"github.com/zclconf/go-cty/cty/msgpack"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/template"
)

// Name is the data source's.
const Name = "elastigroup_template"

// bare is a provider of this data source alone.
type bare struct{ provider.Provider }

func (bare) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "elastigroup"
}
func (bare) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}
func (bare) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}
func (bare) Resources(context.Context) []func() resource.Resource { return nil }
func (bare) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{template.New}
}

// server is made once: it keeps nothing.
var server = sync.OnceValue(func() tfprotov6.ProviderServer { return providerserver.NewProtocol6(bare{})() })

// Schema is the data source's.
var Schema = sync.OnceValue(func() *tfprotov6.Schema {
	resp, err := server().GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		panic(err)
	}
	return resp.DataSourceSchemas[Name]
})

// Read validates and reads the data source with these arguments, in HCL. The answer is "" if anything is wrong. Expressions may
// use jsonencode, base64encode and unknown, which is a value that is not known yet; then nothing is read, as Terraform does.
func Read(t testing.TB, arguments string) (json string, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	return ReadWith(t, arguments, nil)
}

// ReadWith is Read with values of input variables (var.NAME).
func ReadWith(t testing.TB, arguments string, variables map[string]cty.Value) (json string, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	value, diags := decode(arguments, variables)
	if len(diags) > 0 {
		return "", diags
	}
	ctx := context.Background()
	encoded, err := msgpack.Marshal(value, value.Type())
	if err != nil {
		t.Fatalf("arguments: %v", err)
	}
	config := &tfprotov6.DynamicValue{MsgPack: encoded}
	validated, err := server().ValidateDataResourceConfig(ctx, &tfprotov6.ValidateDataResourceConfigRequest{TypeName: Name, Config: config})
	if err != nil {
		t.Fatalf("ValidateDataResourceConfig: %v", err)
	}
	if len(validated.Diagnostics) > 0 || !value.IsWhollyKnown() {
		return "", validated.Diagnostics
	}
	read, err := server().ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: Name, Config: config})
	if err != nil {
		t.Fatalf("ReadDataSource: %v", err)
	}
	for _, d := range read.Diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return "", read.Diagnostics
		}
	}
	state, err := read.State.Unmarshal(Schema().ValueType())
	if err != nil {
		t.Fatalf("state: %v", err)
	}
	var members map[string]tftypes.Value
	if err := state.As(&members); err != nil {
		t.Fatalf("state: %v", err)
	}
	if err := members["json"].As(&json); err != nil {
		t.Fatalf("json: %v", err)
	}
	return json, read.Diagnostics
}

// Block finds the data source's block in a whole configuration, which has to be its only one, and returns its name and its
// arguments as they are written.
func Block(configuration string) (name, arguments string, err error) {
	file, diags := hclsyntax.ParseConfig([]byte(configuration), "main.tf", hcl.InitialPos)
	if diags.HasErrors() {
		return "", "", diags
	}
	blocks := file.Body.(*hclsyntax.Body).Blocks
	if len(blocks) != 1 || blocks[0].Type != "data" || len(blocks[0].Labels) != 2 || blocks[0].Labels[0] != Name {
		return "", "", fmt.Errorf("want one data %q block, got %d blocks", Name, len(blocks))
	}
	block := blocks[0]
	return block.Labels[1], configuration[block.OpenBraceRange.End.Byte:block.CloseBraceRange.Start.Byte], nil
}

// Render is diagnostics as text, one a line: severity, where, what.
func Render(diags []*tfprotov6.Diagnostic) string {
	var b strings.Builder
	for _, d := range diags {
		fmt.Fprintf(&b, "%s at %q: %s: %s\n", d.Severity, Where(d), d.Summary, d.Detail)
	}
	return b.String()
}

// Where is the argument that a diagnostic points at: "scaling_up_policy.0.metric_name".
func Where(d *tfprotov6.Diagnostic) string {
	if d.Attribute == nil {
		return ""
	}
	names := make([]string, len(d.Attribute.Steps()))
	for i, step := range d.Attribute.Steps() {
		names[i] = fmt.Sprint(step)
	}
	return strings.Join(names, ".")
}

// decode reads arguments by the schema. What Terraform itself would refuse is an error without a place.
func decode(arguments string, variables map[string]cty.Value) (cty.Value, []*tfprotov6.Diagnostic) {
	file, diags := hclsyntax.ParseConfig([]byte(arguments), "main.tf", hcl.InitialPos)
	if !diags.HasErrors() {
		var value cty.Value
		value, diags = hcldec.Decode(file.Body, spec(Schema().Block), &hcl.EvalContext{
			Variables: map[string]cty.Value{"unknown": cty.DynamicVal, "var": cty.ObjectVal(variables)},
			Functions: map[string]function.Function{"jsonencode": stdlib.JSONEncodeFunc, "base64encode": base64encode},
		})
		if !diags.HasErrors() {
			return value, nil
		}
	}
	refused := []*tfprotov6.Diagnostic{}
	for _, d := range diags {
		refused = append(refused, &tfprotov6.Diagnostic{Severity: tfprotov6.DiagnosticSeverityError, Summary: d.Summary, Detail: d.Detail})
	}
	return cty.NilVal, refused
}

var base64encode = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "text", Type: cty.String}},
	Type:   function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		return cty.StringVal(base64.StdEncoding.EncodeToString([]byte(args[0].AsString()))), nil
	},
})

func spec(block *tfprotov6.SchemaBlock) hcldec.ObjectSpec {
	specs := hcldec.ObjectSpec{}
	for _, attribute := range block.Attributes {
		specs[attribute.Name] = &hcldec.AttrSpec{Name: attribute.Name, Type: typeOf(attribute.Type), Required: attribute.Required}
	}
	for _, nested := range block.BlockTypes {
		inner := spec(nested.Block)
		if nested.Nesting == tfprotov6.SchemaNestedBlockNestingModeSingle {
			specs[nested.TypeName] = &hcldec.BlockSpec{TypeName: nested.TypeName, Nested: inner}
		} else {
			specs[nested.TypeName] = &hcldec.BlockListSpec{TypeName: nested.TypeName, Nested: inner}
		}
	}
	return specs
}

func typeOf(t tftypes.Type) cty.Type {
	text, err := t.MarshalJSON() //nolint:staticcheck // it is how the protocol itself writes types
	if err != nil {
		panic(err)
	}
	converted, err := ctyjson.UnmarshalType(text)
	if err != nil {
		panic(err)
	}
	return converted
}
