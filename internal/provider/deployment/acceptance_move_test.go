package deployment_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	acceptance "github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// spotinstProvider stands in for the official one: its resource has a group that is there.
type spotinstProvider struct{}

func (spotinstProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "spotinst"
}
func (spotinstProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}
func (spotinstProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}
func (spotinstProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }
func (spotinstProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return spotinstGroup{} }}
}

type spotinstGroup struct{}

func (spotinstGroup) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "spotinst_elastigroup_aws"
}

func (spotinstGroup) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id": schema.StringAttribute{Computed: true}, "name": schema.StringAttribute{Required: true}, "group": schema.StringAttribute{Required: true},
	}}
}

func (spotinstGroup) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = req.Plan.Raw
	var id string
	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root("group"), &id)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), id)...)
}
func (spotinstGroup) Read(context.Context, resource.ReadRequest, *resource.ReadResponse)       {}
func (spotinstGroup) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}
func (spotinstGroup) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// With the real Terraform a moved block takes the group over in a plan of no changes, and the next release takes over from it.
func TestAccMoveFromTheOfficialProvider(t *testing.T) {
	world, reach := loopback(t, webWorld(existing("web", "ami-4", 2, 4, 8)))
	factories := map[string]func() (tfprotov6.ProviderServer, error){
		"elastigroup": overTheNetwork["elastigroup"], "spotinst": providerserver.NewProtocol6WithError(spotinstProvider{}),
	}
	const block = `
		moved {
		  from = spotinst_elastigroup_aws.web
		  to   = elastigroup_deployment.web
		}
	`
	acceptance.Test(t, acceptance.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             expectGroups(world),
		Steps: []acceptance.TestStep{
			{Config: fmt.Sprintf("resource \"spotinst_elastigroup_aws\" \"web\" {\n  name  = \"web\"\n  group = %q\n}\n", world.Groups()[0].ID)},
			{
				Config:           reach + deploymentBlock("ami-4") + block,
				ConfigPlanChecks: expectAction(plancheck.ResourceActionNoop),
				Check:            expectGroups(world, "web ami-4 2/4/8"),
				ConfigStateChecks: []statecheck.StateCheck{
					deploymentValue("status", knownvalue.StringExact("stable")), deploymentValue("group_name", knownvalue.StringExact("web")),
				},
			},
			{Config: reach + deploymentBlock("ami-5"), Check: expectGroups(world, "web ami-4 0/0/0", "web__1 ami-5 2/4/8")},
		},
	})
}

// A deployment that is taken down behind Terraform's back is made anew. A Terraform before 1.12 keeps no identity, and a refresh of what is gone
// fails for good with a provider that then says none.
func TestAccWhatIsGoneIsMadeAnew(t *testing.T) {
	world, reach := loopback(t, webWorld())
	acceptance.Test(t, acceptance.TestCase{
		ProtoV6ProviderFactories: overTheNetwork,
		CheckDestroy:             expectGroups(world),
		Steps: []acceptance.TestStep{
			{Config: reach + deploymentBlock("ami-1")},
			{
				PreConfig: func() {
					other := deploymentIn(t, world)
					imported(t, other)
					if diags := other.destroy(); providertest.Failed(diags) {
						t.Fatal(providertest.Render(diags))
					}
				},
				Config:           reach + deploymentBlock("ami-1"),
				ConfigPlanChecks: expectAction(plancheck.ResourceActionCreate),
				Check:            expectGroups(world, "web__1 ami-1 2/4/8"),
			},
		},
	})
}
