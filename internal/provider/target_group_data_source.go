package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/aws"
)

var (
	_ datasource.DataSourceWithConfigure        = (*targetGroupDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*targetGroupDataSource)(nil)
)

func newTargetGroupDataSource() datasource.DataSource { return &targetGroupDataSource{} }

// targetGroupDataSource finds one target group and how its targets are.
type targetGroupDataSource struct {
	clouds *Clouds
}

type targetGroupDataModel struct {
	targetGroupModel
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

// Metadata names the data source.
func (d *targetGroupDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_target_group"
}

// Schema describes the data source.
func (d *targetGroupDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := targetGroupAttributes()
	attributes["arn"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "The target group's ARN. With it, `name` is not looked at.",
		Validators:          []validator.String{balancingARN("targetgroup")},
	}
	attributes["name"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "The target group's name.",
	}
	attributes["tags"] = schema.MapAttribute{
		Optional: true, Computed: true, ElementType: types.StringType,
		MarkdownDescription: "Tags that the target group has to have, by `name` or `arn` if one is given as well. What is read are all its tags.",
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds the one target group of an ARN, a name or tags, with the attributes of the AWS provider's " +
			"`aws_lb_target_group` and the health of its targets.",
		Attributes: attributes,
		Blocks:     map[string]schema.Block{"timeouts": timeouts.Block(ctx)},
	}
}

// ConfigValidators demand something to look for.
func (d *targetGroupDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{
		datasourcevalidator.AtLeastOneOf(path.MatchRoot("arn"), path.MatchRoot("name"), path.MatchRoot("tags")),
	}
}

// Configure takes the clouds' clients.
func (d *targetGroupDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.clouds = cloudsFrom(req.ProviderData, &resp.Diagnostics)
}

// Read looks the target group up.
func (d *targetGroupDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	ctx = hurried(ctx)
	var model targetGroupDataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	query := aws.TargetGroupQuery{ARN: model.ARN.ValueString(), Name: model.Name.ValueString()}
	resp.Diagnostics.Append(model.Tags.ElementsAs(ctx, &query.Tags, false)...)
	timeout, diags := model.Timeouts.Read(ctx, readTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if query.ARN == "" && query.Name == "" && len(query.Tags) == 0 {
		// What was written turned out to be empty. An empty query would take whatever group is the only one today.
		resp.Diagnostics.AddError("No target group asked for", "arn, name and tags are all empty; one of them has to say which is meant.")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	group, err := d.clouds.AWS.FindTargetGroup(ctx, query)
	if err != nil {
		resp.Diagnostics.AddError(titled("Target group", err), sentence(err))
		return
	}
	targets, err := d.clouds.AWS.TargetHealth(ctx, group.ARN)
	if err != nil {
		resp.Diagnostics.AddError("Health of the targets cannot be read", sentence(err))
		return
	}
	resp.Diagnostics.Append(model.fill(ctx, group, aws.CountHealth(targets))...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
