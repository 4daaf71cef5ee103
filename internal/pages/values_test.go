package pages

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/msgpack"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider"
)

// shifts is what a part needs beside it that verifies releases: a bake, minutes in which both revisions serve, and a stage.
const shifts = "blue_green {\n route {\n production_arn = open\n stage_arn = open\n }\n shift {\n weight = 10\n bake = \"10m\"\n }\n}\n"

// parts are the blocks of a deployment that pages show by themselves, and what is to be written around them.
var parts = map[string]string{
	"canary": "%s", "blue_green": "%s", "timeouts": "%s",
	"verify":     shifts + "%s",
	"compare":    shifts + "verify {\n %s\n}",
	"http":       shifts + "verify {\n check {\n name = \"x\"\n %s\n }\n}",
	"lambda":     shifts + "verify {\n check {\n name = \"x\"\n %s\n }\n}",
	"prometheus": shifts + "verify {\n check {\n name = \"x\"\n %s\n }\n}",
}

// TestCodeBlocksAreValid has the provider validate what the pages show: whole resources, data sources and provider blocks, and parts of a deployment,
// with the values that are written. What is left out (…), or comes from elsewhere, is not known, as it may be in terraform validate.
func TestCodeBlocksAreValid(t *testing.T) {
	v := newValidator(t)
	for _, b := range blocks(t) {
		if b.language == "terraform" || b.language == "hcl" {
			for _, wrong := range v.validate(t, b.text) {
				t.Errorf("%s: %s\n%s", b, wrong, b.text)
			}
		}
	}
	if v.validated < 40 {
		t.Errorf("only %d were validated", v.validated)
	}
	for text, want := range map[string]string{
		"canary {\n phase {\n percent = 25\n bake = \"10 minutes\"\n }\n}":                                                          "duration",
		"canary {\n phase {\n percent = \"much\"\n }\n}":                                                                            "a number is required",
		"http {\n url = \"stage.example.com\"\n}":                                                                                   "absolute",
		"lambda {\n function = \"f\"\n}":                                                                                            "no argument \"function\"",
		"data \"elastigroup_ami\" \"web\" {\n owners = [{}]\n}":                                                                     "string required",
		"provider \"elastigroup\" {\n max_retries = -1\n}":                                                                          "max_retries",
		"resource \"elastigroup_deployment\" \"web\" {\n name = \"a b\"\n configuration = \"{\"\n}":                                 "is not JSON",
		"resource \"elastigroup_deployment\" \"web\" {\n name = \"a\"\n configuration = open\n dynamic \"canary\" {\n x = 1\n }\n}": "",
	} {
		said := strings.Join(v.validate(t, text), "\n")
		if (said == "") != (want == "") || !strings.Contains(said, want) {
			t.Errorf("of %s it says %q, want %q", text, said, want)
		}
	}
}

// validator has a provider to ask.
type validator struct {
	server    tfprotov6.ProviderServer
	schema    *tfprotov6.GetProviderSchemaResponse
	validated int
}

func newValidator(t *testing.T) *validator {
	t.Helper()
	server, err := providerserver.NewProtocol6WithError(provider.New("test")())()
	if err != nil {
		t.Fatal(err)
	}
	return &validator{server: server, schema: providerSchema(t)}
}

// validate says what is wrong with a text in Terraform's language.
func (v *validator) validate(t *testing.T, text string) []string {
	t.Helper()
	whole := !strings.Contains(text, "…")
	text = strings.ReplaceAll(strings.ReplaceAll(text, "[ … ]", "open"), "{ … }", "open")
	text = strings.ReplaceAll(text, "= …", "= open")
	var said []string
	for _, b := range parsed(t, text) {
		if around, alone := parts[b.Type]; alone && len(b.Labels) == 0 {
			part := text[b.TypeRange.Start.Byte:b.CloseBraceRange.End.Byte]
			b = parsed(t, "resource \"elastigroup_deployment\" \"web\" {\nname = \"web\"\nconfiguration = open\n"+fmt.Sprintf(around, part)+"\n}\n")[0]
		}
		for _, wrong := range v.block(t, b) {
			if whole || !strings.Contains(wrong, "Missing Configuration for Required Attribute") {
				said = append(said, wrong)
			}
		}
	}
	return said
}

func parsed(t *testing.T, text string) []*hclsyntax.Block {
	t.Helper()
	file, diags := hclsyntax.ParseConfig([]byte(text), "block", hcl.InitialPos)
	if diags.HasErrors() {
		t.Errorf("%v\n%s", diags, text)
		return nil
	}
	return file.Body.(*hclsyntax.Body).Blocks
}

// block has the provider validate a block that is its own.
func (v *validator) block(t *testing.T, b *hclsyntax.Block) []string {
	t.Helper()
	name := ""
	if len(b.Labels) > 0 {
		name = b.Labels[0]
	}
	var schema *tfprotov6.Schema
	body := b.Body
	var ask func(*tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error)
	switch b.Type {
	case "resource":
		schema = v.schema.ResourceSchemas[name]
		ask = func(config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
			resp, err := v.server.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{TypeName: name, Config: config,
				ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true}})
			return resp.Diagnostics, err
		}
	case "data":
		schema = v.schema.DataSourceSchemas[name]
		ask = func(config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
			resp, err := v.server.ValidateDataResourceConfig(t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{TypeName: name, Config: config})
			return resp.Diagnostics, err
		}
	case "provider":
		if name == "elastigroup" {
			schema = v.schema.Provider
		}
		ask = func(config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
			resp, err := v.server.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: config})
			return resp.Diagnostics, err
		}
	}
	if schema == nil {
		return nil
	}
	var said []string
	value := decoded(body, schema.Block, b.Type, &said)
	if len(said) > 0 {
		return said
	}
	packed, err := msgpack.Marshal(value, value.Type())
	if err != nil {
		t.Fatal(err)
	}
	v.validated++
	diags, err := ask(&tfprotov6.DynamicValue{MsgPack: packed})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range diags {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			said = append(said, fmt.Sprintf("%s: %s: %s", d.Attribute, d.Summary, d.Detail))
		}
	}
	return said
}

// decoded is a body as Terraform decodes it by a schema. What cannot be told without a module is not known.
func decoded(body *hclsyntax.Body, s *tfprotov6.SchemaBlock, path string, said *[]string) cty.Value {
	values, known := map[string]cty.Value{}, map[string]bool{}
	for _, a := range s.Attributes {
		kind := ctyType(a.ValueType())
		known[a.Name] = true
		written := body.Attributes[a.Name]
		if written == nil {
			values[a.Name] = cty.NullVal(kind)
			continue
		}
		value, diags := written.Expr.Value(nil)
		if diags.HasErrors() {
			values[a.Name] = cty.UnknownVal(kind)
			continue
		}
		fit, err := convert.Convert(value, kind)
		if err != nil {
			*said = append(*said, fmt.Sprintf("%s.%s: %s", path, a.Name, err))
			fit = cty.UnknownVal(kind)
		}
		values[a.Name] = fit
	}
	for name := range body.Attributes {
		if !known[name] && !isMeta(name) {
			*said = append(*said, fmt.Sprintf("%s has no argument %q", path, name))
		}
	}
	for _, n := range s.BlockTypes {
		var all []cty.Value
		computed := false
		for _, inner := range body.Blocks {
			computed = computed || inner.Type == "dynamic" && inner.Labels[0] == n.TypeName
			if inner.Type == n.TypeName {
				all = append(all, decoded(inner.Body, n.Block, path+"."+n.TypeName, said))
			}
		}
		kind := ctyType(n.Block.ValueType())
		switch {
		case n.Nesting == tfprotov6.SchemaNestedBlockNestingModeSingle && len(all) > 0:
			values[n.TypeName] = all[0]
		case n.Nesting == tfprotov6.SchemaNestedBlockNestingModeSingle:
			values[n.TypeName] = cty.NullVal(kind)
		case n.Nesting == tfprotov6.SchemaNestedBlockNestingModeSet && computed:
			values[n.TypeName] = cty.UnknownVal(cty.Set(kind))
		case n.Nesting == tfprotov6.SchemaNestedBlockNestingModeSet && len(all) > 0:
			values[n.TypeName] = cty.SetVal(all)
		case n.Nesting == tfprotov6.SchemaNestedBlockNestingModeSet:
			values[n.TypeName] = cty.SetValEmpty(kind)
		case computed:
			values[n.TypeName] = cty.UnknownVal(cty.List(kind))
		case len(all) > 0:
			values[n.TypeName] = cty.ListVal(all)
		default:
			values[n.TypeName] = cty.ListValEmpty(kind)
		}
	}
	return cty.ObjectVal(values)
}

// ctyType is a type of the protocol in the terms of Terraform's language.
func ctyType(kind tftypes.Type) cty.Type {
	switch kind := kind.(type) {
	case tftypes.List:
		return cty.List(ctyType(kind.ElementType))
	case tftypes.Set:
		return cty.Set(ctyType(kind.ElementType))
	case tftypes.Map:
		return cty.Map(ctyType(kind.ElementType))
	case tftypes.Object:
		members := map[string]cty.Type{}
		for name, member := range kind.AttributeTypes {
			members[name] = ctyType(member)
		}
		return cty.Object(members)
	}
	switch {
	case kind.Is(tftypes.String):
		return cty.String
	case kind.Is(tftypes.Number):
		return cty.Number
	case kind.Is(tftypes.Bool):
		return cty.Bool
	}
	return cty.DynamicPseudoType
}

func isMeta(name string) bool { return slices.Contains(meta, name) }
