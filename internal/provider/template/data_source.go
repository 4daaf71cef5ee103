package template

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var _ datasource.DataSourceWithValidateConfig = (*dataSource)(nil)

// New makes the data source elastigroup_template.
func New() datasource.DataSource { return &dataSource{} }

// dataSource makes a document of its arguments. It calls nobody.
type dataSource struct{}

// The arguments that are JSON, and the answer.
const (
	sourceJSON   = "source_json"
	overrideJSON = "override_json"
	answer       = "json"
)

// Metadata names the data source.
func (*dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_template"
}

// Schema describes the data source.
func (*dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes, blocks := arguments(Root())
	attributes[sourceJSON] = schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "JSON of an Elastigroup to begin with, bare or as `{\"group\": {…}}`, for instance the `configuration` of an " +
			"`elastigroup_group` or the `json` of another template. The arguments go over it.",
	}
	attributes[overrideJSON] = schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "JSON that goes over the arguments, under the names of the Elastigroup document: for fields that have no " +
			"argument here.",
	}
	attributes[answer] = schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: "The Elastigroup's JSON, as the `configuration` of an `elastigroup_deployment` takes it.",
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Makes the JSON of an Elastigroup, for the `configuration` of an `elastigroup_deployment`, of arguments that the " +
			"plan checks.",
		Attributes: attributes,
		Blocks:     blocks,
	}
}

// ValidateConfig judges what is known before anything is read.
func (*dataSource) ValidateConfig(_ context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	in, ok := read(req.Config.Raw, &resp.Diagnostics)
	if ok {
		in.judge(&resp.Diagnostics)
	}
}

// Read makes the document.
func (*dataSource) Read(_ context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	in, ok := read(req.Config.Raw, &resp.Diagnostics)
	if !ok || !in.judge(&resp.Diagnostics) {
		return
	}
	in.warn(&resp.Diagnostics)
	document, err := Render(Compose(in.source, in.written, in.override))
	if err != nil {
		resp.Diagnostics.AddError("The template cannot be written", fmt.Sprintf("Its document cannot be written as JSON: %v.", err))
		return
	}
	in.members[answer] = tftypes.NewValue(tftypes.String, document)
	resp.State.Raw = tftypes.NewValue(req.Config.Raw.Type(), in.members)
}

// input is a configuration taken apart.
type input struct {
	members                   map[string]tftypes.Value
	written, source, override map[string]any
	partial                   bool // JSON may have, or certainly has, what the arguments lack
}

// read takes a configuration apart. It answers false after an error.
func read(config tftypes.Value, diags *diag.Diagnostics) (input, bool) {
	in := input{}
	if err := config.As(&in.members); err != nil {
		diags.AddError("The template cannot be read", fmt.Sprintf("Its configuration is not an object: %v.", err))
		return in, false
	}
	var err error
	if in.written, err = written(Root(), in.members); err != nil {
		diags.AddError("The template cannot be read", fmt.Sprintf("Its configuration is not as its schema has it: %v.", err))
		return in, false
	}
	source, ok := in.json(sourceJSON, diags)
	override, ok2 := in.json(overrideJSON, diags)
	in.source, in.override = source, override
	return in, ok && ok2
}

// json reads an argument that is JSON: nil if there is none or it is not known yet.
func (in *input) json(name string, diags *diag.Diagnostics) (map[string]any, bool) {
	value := in.members[name]
	if !value.IsKnown() {
		in.partial = true
		return nil, true
	}
	var text string
	if value.IsNull() || value.As(&text) != nil || strings.TrimSpace(text) == "" {
		return nil, true
	}
	in.partial = true
	document, err := Parse([]byte(text))
	if err != nil {
		diags.AddAttributeError(path.Root(name), "Invalid "+name, fmt.Sprintf("%s %v.", name, err))
		return nil, false
	}
	return document, true
}

// judge says what is wrong with the arguments, each by itself, together, and beside the JSON. It answers false if anything is.
func (in *input) judge(diags *diag.Diagnostics) bool {
	problems := Check(in.written, in.source, in.override, in.partial)
	for _, problem := range problems {
		diags.AddAttributeError(problem.At.argument(), problem.Summary, problem.Detail)
	}
	return len(problems) == 0
}

// warn tells of what the answer shows that should not be seen.
func (in *input) warn(diags *diag.Diagnostics) {
	for _, text := range []struct {
		name     string
		document map[string]any
	}{{sourceJSON, in.source}, {overrideJSON, in.override}} {
		secrets := Secrets(text.document)
		if len(secrets) == 0 {
			continue
		}
		diags.AddAttributeWarning(path.Root(text.name), "Secrets are shown",
			fmt.Sprintf("%s has %s. It stands in json, which plans and the state show as it is. Give user data to the deployment "+
				"(user_data or user_data_base64), and put credentials into its configuration from a sensitive variable, as the "+
				"documentation of elastigroup_template shows.", text.name, strings.Join(secrets, ", ")))
	}
}

// Secrets are the places of user data and credentials in a document, in order.
func Secrets(document map[string]any) []string {
	var found []string
	var walk func(f *Field, value any, at Place)
	walk = func(f *Field, value any, at Place) {
		object, ok := value.(map[string]any)
		if !ok {
			return
		}
		for _, child := range f.Children {
			inner := object[child.Key]
			if text, ok := inner.(string); ok && text != "" && child.Omit == "secret" {
				found = append(found, at.At(child.Key).String())
			}
			if child.Kind == Object {
				walk(child, inner, at.At(child.Key))
			}
		}
	}
	walk(Root(), document, nil)
	return found
}
