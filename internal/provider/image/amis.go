package image

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/clouds"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
)

var _ datasource.DataSourceWithConfigure = (*amisDataSource)(nil)

// NewAMIs makes the data source elastigroup_amis.
func NewAMIs() datasource.DataSource { return &amisDataSource{} }

// amisDataSource lists images. Unlike the AWS provider's aws_ami_ids, it does not demand owners: nothing is chosen here.
type amisDataSource struct{ clouds.DataSource }

// amisModel is the data source's configuration and result.
type amisModel struct {
	imageQueryModel
	ID            types.String   `tfsdk:"id"`
	IDs           types.List     `tfsdk:"ids"`
	SortAscending types.Bool     `tfsdk:"sort_ascending"`
	Timeouts      timeouts.Value `tfsdk:"timeouts"`
}

// Metadata names the data source.
func (d *amisDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_amis"
}

// Schema describes the data source.
func (d *amisDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := imageQueryAttributes()
	attributes["id"] = schema.StringAttribute{Computed: true, MarkdownDescription: "The region that was searched."}
	attributes["ids"] = schema.ListAttribute{
		Computed: true, ElementType: types.StringType,
		MarkdownDescription: "The images' IDs, newest first. Empty if there is none, which is no error.",
	}
	attributes["sort_ascending"] = schema.BoolAttribute{
		Optional:            true,
		MarkdownDescription: "Whether the oldest comes first. Default: `false`.",
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists images (AMIs), newest first, with the arguments of the AWS provider's `aws_ami_ids`.",
		Attributes:          attributes,
		Blocks: map[string]schema.Block{
			"filter":   filterBlock(),
			"timeouts": timeouts.Block(ctx),
		},
	}
}

// Read lists the images.
func (d *amisDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	ctx = clouds.WithPatience(ctx)
	var model amisModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() || d.Unknown.RefuseRead("Images", &resp.Diagnostics) {
		return
	}
	query := model.query(ctx, &resp.Diagnostics)
	timeout, diags := model.Timeouts.Read(ctx, clouds.ReadTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	images, err := d.Clouds.AWS.Images(ctx, query)
	if err != nil {
		resp.Diagnostics.AddError("Images cannot be listed", diagtext.Sentence(err))
		return
	}
	region, err := d.Clouds.AWS.Region(ctx)
	if err != nil {
		resp.Diagnostics.AddError("The region is not known", diagtext.Sentence(err))
		return
	}
	ids := make([]string, 0, len(images))
	for _, image := range images {
		ids = append(ids, value(image.ImageId))
	}
	if model.SortAscending.ValueBool() {
		slices.Reverse(ids)
	}
	model.ID = types.StringValue(region)
	model.IDs, diags = types.ListValueFrom(ctx, types.StringType, ids)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
