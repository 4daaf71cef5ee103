// Package image has the data sources that look up machine images, elastigroup_ami and elastigroup_amis, with the arguments, defaults and errors of
// the AWS provider's aws_ami. What they ask for is in query.go, what they show of an image in model.go.
package image

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	ec2 "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/aws"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/clouds"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

var (
	_ datasource.DataSourceWithConfigure      = (*amiDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*amiDataSource)(nil)
)

// NewAMI makes the data source elastigroup_ami.
func NewAMI() datasource.DataSource { return &amiDataSource{} }

// amiDataSource finds one image, as aws_ami does.
type amiDataSource struct{ clouds.DataSource }

// amiModel is the data source's configuration and result.
type amiModel struct {
	imageQueryModel
	imageModel
	MostRecent        types.Bool     `tfsdk:"most_recent"`
	AllowUnsafeFilter types.Bool     `tfsdk:"allow_unsafe_filter"`
	Timeouts          timeouts.Value `tfsdk:"timeouts"`
}

// Metadata names the data source.
func (d *amiDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_ami"
}

// Schema describes the data source.
func (d *amiDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := imageQueryAttributes()
	maps.Copy(attributes, imageAttributes())
	attributes["most_recent"] = schema.BoolAttribute{
		Optional:            true,
		MarkdownDescription: "Whether to take the newest image if several match, which are an error otherwise. Default: `false`.",
	}
	attributes["allow_unsafe_filter"] = schema.BoolAttribute{
		Optional: true,
		MarkdownDescription: "Whether `most_recent` may choose among the images of everybody: without `owners` or a filter by `owner-id` or " +
			"`image-id`, a third party can publish the image that is chosen next. Default: `false`.",
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds an image (AMI), with the arguments, defaults and attributes of the AWS provider's `aws_ami`.",
		Attributes:          attributes,
		Blocks: map[string]schema.Block{
			"filter":   filterBlock(),
			"timeouts": timeouts.Block(ctx),
		},
	}
}

// ValidateConfig refuses what would choose among other accounts' images.
func (d *amiDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var model amiModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	model.refuseUnsafe(&resp.Diagnostics)
}

// refuseUnsafe reports a choice of the newest of everybody's images, unless something that is not known yet may prevent it.
func (m amiModel) refuseUnsafe(diags *diag.Diagnostics) {
	if !m.MostRecent.ValueBool() || m.AllowUnsafeFilter.IsUnknown() || m.pinned() {
		return
	}
	const summary = "Most recent image not filtered"
	const reason = "most_recent chooses among the images of every AWS account, so a third party may publish the image that is chosen next. "
	if m.AllowUnsafeFilter.ValueBool() {
		diags.AddAttributeWarning(path.Root("most_recent"), summary, reason+"allow_unsafe_filter lets it.")
		return
	}
	diags.AddAttributeError(path.Root("most_recent"), summary, reason+"Set owners, or filter by owner-id or image-id.")
}

// Read looks the image up.
func (d *amiDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	ctx = clouds.WithPatience(ctx)
	var model amiModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() || d.Unknown.RefuseRead("The image", &resp.Diagnostics) {
		return
	}
	// Again, now that everything is known. The warning has been given already.
	if !model.AllowUnsafeFilter.ValueBool() {
		model.refuseUnsafe(&resp.Diagnostics)
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
	if len(images) == 0 {
		resp.Diagnostics.AddError("Your query returned no results", fmt.Sprintf("No image was found for: %s. Change the query and try again.", describe(query))+d.notThere(ctx, query))
		return
	}
	image, ok := one(images, query, model.MostRecent.ValueBool(), &resp.Diagnostics)
	if !ok {
		return
	}
	arn, err := d.Clouds.AWS.ImageARN(ctx, value(image.ImageId))
	if err != nil {
		resp.Diagnostics.AddError("The image's ARN is not known", diagtext.Sentence(err))
		return
	}
	resp.Diagnostics.Append(model.fill(ctx, image, arn)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// notThere says where images were looked for, and which of the account's own is the nearest to the name that was asked for, if these were asked for.
func (d *amiDataSource) notThere(ctx context.Context, query aws.ImageQuery) string {
	own := len(query.Owners) == 0 || slices.Contains(query.Owners, "self")
	for _, f := range query.Filters {
		if own && f.Name == "name" && len(f.Values) == 1 {
			return d.Clouds.NotThere(ctx, runner.ErrGone, "images of its own", f.Values[0], d.Clouds.AWS.KnownImages)
		}
	}
	return d.Clouds.WhereAsked(ctx, runner.ErrGone, "")
}

// one chooses the image that is meant among those found, newest first.
func one(images []ec2.Image, query aws.ImageQuery, mostRecent bool, diags *diag.Diagnostics) (ec2.Image, bool) {
	if len(images) > 1 && !mostRecent {
		diags.AddError("Your query returned more than one result",
			fmt.Sprintf("%d images were found for: %s.\n\n%s\n\nAsk more specifically, or set most_recent = true to take the newest.",
				len(images), describe(query), newest(images)))
		return ec2.Image{}, false
	}
	return images[0], true
}

// newest lists the first few images, so that a reader sees what to tell apart.
func newest(images []ec2.Image) string {
	const shown = 5
	var lines []string
	for _, image := range images[:min(shown, len(images))] {
		lines = append(lines, fmt.Sprintf("  %s  %s  %s", value(image.ImageId), value(image.CreationDate), value(image.Name)))
	}
	if len(images) > shown {
		lines = append(lines, fmt.Sprintf("  and %d more", len(images)-shown))
	}
	return strings.Join(lines, "\n")
}
