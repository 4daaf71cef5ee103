package deployment

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
)

// validation is a provider of the resource alone, as it validates: it has no clouds, and is the same for all. It makes its schema once.
var validation = sync.OnceValue(func() tfprotov6.ProviderServer { return providerserver.NewProtocol6(validating{})() })

// validating is a provider that knows the resource and nothing else.
type validating struct{}

// Metadata says nothing: the resource's type is written whole.
func (validating) Metadata(context.Context, provider.MetadataRequest, *provider.MetadataResponse) {}

// Schema has no provider block.
func (validating) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

// Configure does nothing.
func (validating) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

// DataSources has none.
func (validating) DataSources(context.Context) []func() datasource.DataSource { return nil }

// Resources has the deployment.
func (validating) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{New}
}

// checked holds a configuration to all that terraform validate holds it to, with what is known by now, and tells whether it
// passed. Values that come late, when what they depend on has been made, have not been seen by any validation of Terraform's that a
// provider can rely on; they are refused here, at their own paths and in the same words, before anything is planned with them or touched.
//
// It runs the validation that Terraform asks for, so that there is one set of rules: those in the schema, what the framework asks for
// (required members, types), and ValidateConfig. Only errors are passed on: warnings have been said, or are of what was not known.
func checked(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) bool {
	kind := config.Schema.Type().TerraformType(ctx)
	value, err := tfprotov6.NewDynamicValue(kind, config.Raw)
	if err != nil {
		diags.AddError("Configuration that cannot be read", diagtext.Sentence(err))
		return false
	}
	resp, err := validation().ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{
		TypeName: deploymentTypeName, Config: &value,
		// Whether Terraform knows write-only attributes was asked when it validated.
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	if err != nil {
		diags.AddError("Configuration that cannot be read", diagtext.Sentence(err))
		return false
	}
	passed := true
	for _, d := range resp.Diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			diags.AddAttributeError(pathOf(d.Attribute), d.Summary, d.Detail)
			passed = false
		}
	}
	return passed
}

// pathOf is a path of the protocol as the framework has it.
func pathOf(at *tftypes.AttributePath) path.Path {
	p := path.Empty()
	for _, step := range at.Steps() {
		switch step := step.(type) {
		case tftypes.AttributeName:
			p = p.AtName(string(step))
		case tftypes.ElementKeyInt:
			p = p.AtListIndex(int(step))
		case tftypes.ElementKeyString:
			p = p.AtMapKey(string(step))
		}
	}
	return p
}
