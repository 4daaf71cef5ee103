package targetgroup

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/aws"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/clouds"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/validators"
)

var _ datasource.DataSourceWithConfigure = (*listDataSource)(nil)

// NewList makes the data source elastigroup_target_groups.
func NewList() datasource.DataSource { return &listDataSource{} }

// listDataSource lists target groups.
type listDataSource struct{ clouds.DataSource }

// targetGroupsModel is the data source's configuration and result.
type targetGroupsModel struct {
	ID              types.String   `tfsdk:"id"`
	ARNs            types.List     `tfsdk:"arns"`
	LoadBalancerARN types.String   `tfsdk:"load_balancer_arn"`
	Tags            types.Map      `tfsdk:"tags"`
	Timeouts        timeouts.Value `tfsdk:"timeouts"`
}

// Metadata names the data source.
func (d *listDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_target_groups"
}

// Schema describes the data source.
func (d *listDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the target groups of a load balancer, or of the region, that have all of the given tags.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{Computed: true, MarkdownDescription: "The region that was searched."},
			"arns": schema.ListAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "The target groups' ARNs, in alphabetical order. Empty if there is none, which is no error.",
			},
			"load_balancer_arn": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The load balancer that uses them. Default: any or none.",
				Validators:          []validator.String{validators.BalancingARN("loadbalancer")},
			},
			"tags": schema.MapAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "Tags that they have to have, all of them.",
				Validators:          []validator.Map{validators.NoNulls()},
			},
		},
		Blocks: map[string]schema.Block{"timeouts": timeouts.Block(ctx)},
	}
}

// Read lists the target groups.
func (d *listDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	ctx = clouds.WithPatience(ctx)
	var model targetGroupsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() || d.Unknown.RefuseRead("Target groups", &resp.Diagnostics) {
		return
	}
	query := aws.TargetGroupsQuery{LoadBalancerARN: model.LoadBalancerARN.ValueString()}
	resp.Diagnostics.Append(model.Tags.ElementsAs(ctx, &query.Tags, false)...)
	timeout, diags := model.Timeouts.Read(ctx, clouds.ReadTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	region, err := d.Clouds.AWS.Region(ctx)
	if err != nil {
		resp.Diagnostics.AddError("The region is not known", diagtext.Sentence(err))
		return
	}
	arns, err := d.Clouds.AWS.TargetGroups(ctx, query)
	if err != nil {
		resp.Diagnostics.AddError("Target groups cannot be listed", diagtext.Sentence(err))
		return
	}
	model.ID = types.StringValue(region)
	model.ARNs, diags = types.ListValueFrom(ctx, types.StringType, append([]string{}, arns...))
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
