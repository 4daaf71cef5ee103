// Package targetgroup has the data sources elastigroup_target_group and elastigroup_target_groups, with the arguments and attributes of the AWS
// provider's aws_lb_target_group, and the health of the targets.
package targetgroup

import (
	"cmp"
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/aws"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/clouds"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/validators"
)

var (
	_ datasource.DataSourceWithConfigure        = (*dataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*dataSource)(nil)
)

// New makes the data source elastigroup_target_group.
func New() datasource.DataSource { return &dataSource{} }

// dataSource finds one target group and how its targets are.
type dataSource struct{ clouds.DataSource }

type targetGroupDataModel struct {
	targetGroupModel
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

// Metadata names the data source.
func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_target_group"
}

// Schema describes the data source.
func (d *dataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := targetGroupAttributes()
	attributes["arn"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "The target group's ARN. With it, `name` is not looked at.",
		Validators:          []validator.String{validators.BalancingARN("targetgroup")},
	}
	attributes["name"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "The target group's name.",
	}
	attributes["tags"] = schema.MapAttribute{
		Optional: true, Computed: true, ElementType: types.StringType,
		MarkdownDescription: "Tags that the target group has to have, by `name` or `arn` if one is given as well. What is read are all its tags.",
		Validators:          []validator.Map{validators.NoNulls()},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds the one target group of an ARN, a name or tags, with the attributes of the AWS provider's " +
			"`aws_lb_target_group` and the health of its targets.",
		Attributes: attributes,
		Blocks:     map[string]schema.Block{"timeouts": timeouts.Block(ctx)},
	}
}

// ConfigValidators demand something to look for.
func (d *dataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{
		datasourcevalidator.AtLeastOneOf(path.MatchRoot("arn"), path.MatchRoot("name"), path.MatchRoot("tags")),
	}
}

// Read looks the target group up.
func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	ctx = clouds.WithPatience(ctx)
	var model targetGroupDataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() || d.Unknown.RefuseRead("The target group", &resp.Diagnostics) {
		return
	}
	query := aws.TargetGroupQuery{ARN: model.ARN.ValueString(), Name: model.Name.ValueString()}
	resp.Diagnostics.Append(model.Tags.ElementsAs(ctx, &query.Tags, false)...)
	timeout, diags := model.Timeouts.Read(ctx, clouds.ReadTimeout)
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

	if query.ARN != "" && !d.Clouds.InRegion(ctx, "Target group", query.ARN, path.Root("arn"), &resp.Diagnostics) {
		return
	}
	group, err := d.Clouds.AWS.FindTargetGroup(ctx, query)
	if err != nil {
		says := diagtext.Sentence(err)
		if asked := cmp.Or(query.ARN, query.Name); len(query.Tags) == 0 {
			says += d.Clouds.NotThere(ctx, err, "target groups", asked, d.Clouds.AWS.KnownTargetGroups)
		} else {
			says += d.Clouds.WhereAsked(ctx, err, asked)
		}
		resp.Diagnostics.AddError(diagtext.Title("Target group", err), says)
		return
	}
	targets, err := d.Clouds.AWS.TargetHealth(ctx, group.ARN)
	if err != nil {
		resp.Diagnostics.AddError("Health of the targets cannot be read", diagtext.Sentence(err))
		return
	}
	resp.Diagnostics.Append(model.fill(ctx, group, aws.CountHealth(targets))...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
