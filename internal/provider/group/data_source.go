// Package group has the data source elastigroup_group: an existing Elastigroup, and its document ready for a deployment.
package group

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/attrvalue"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/clouds"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

var (
	_ datasource.DataSourceWithConfigure        = (*dataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*dataSource)(nil)
)

// New makes the data source elastigroup_group.
func New() datasource.DataSource { return &dataSource{} }

// dataSource reads an Elastigroup that is there already, whoever made it.
type dataSource struct{ clouds.DataSource }

// groupModel is the data source's configuration and result.
type groupModel struct {
	ID                types.String `tfsdk:"id"`
	Name              types.String `tfsdk:"name"`
	Capacity          types.Object `tfsdk:"capacity"`
	Configuration     types.String `tfsdk:"configuration"`
	ImageID           types.String `tfsdk:"image_id"`
	ImageIDs          types.List   `tfsdk:"image_ids"`
	LoadBalancerNames types.List   `tfsdk:"load_balancer_names"`
	Tags              types.Map    `tfsdk:"tags"`
	TargetGroupARNs   types.List   `tfsdk:"target_group_arns"`
	UserDataBase64    types.String `tfsdk:"user_data_base64"`
}

// groupCapacityModel is how large a group may be and is to be.
type groupCapacityModel struct {
	Minimum int `tfsdk:"minimum"`
	Target  int `tfsdk:"target"`
	Maximum int `tfsdk:"maximum"`
}

var groupCapacityTypes = map[string]attr.Type{
	"minimum": types.Int64Type,
	"target":  types.Int64Type,
	"maximum": types.Int64Type,
}

// Metadata names the data source.
func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_group"
}

// Schema describes the data source.
func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	number := func(description string) schema.Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads an Elastigroup, whoever made it, for instance as the `configuration` of an `elastigroup_deployment`.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "The group's ID, such as `sig-0123abcd`.",
			},
			"name": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "The group's name. Spot lets several groups have the same one; that is an error here, and `id` tells them apart.",
			},
			"capacity": schema.SingleNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The group's size, in instances or, where the group counts weights, in these.",
				Attributes: map[string]schema.Attribute{
					"minimum": number("The least that an autoscaler may go down to."),
					"target":  number("What the group is set to."),
					"maximum": number("The most that an autoscaler may go up to."),
				},
			},
			"configuration": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "The group's JSON, as the `configuration` of an `elastigroup_deployment` takes it: without user data, " +
					"which often holds secrets and is `user_data_base64`.",
			},
			"image_id":  schema.StringAttribute{Computed: true, MarkdownDescription: "The image that the group launches; `null` if there are several."},
			"image_ids": schema.ListAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: "All the images that the group launches, one for each processor architecture."},
			"load_balancer_names": schema.ListAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "Classic load balancers where instances register.",
			},
			"tags": schema.MapAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "Tags of the group's instances.",
			},
			"target_group_arns": schema.ListAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "Target groups where instances register.",
			},
			"user_data_base64": schema.StringAttribute{
				Computed: true, Sensitive: true,
				MarkdownDescription: "The user data of the group's instances; `null` where a deployment has released them by `user_data_wo`.",
			},
		},
	}
}

// ConfigValidators demand one way of saying which group is meant.
func (d *dataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("name"))}
}

// Read looks the group up.
func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	ctx = clouds.WithPatience(ctx)
	var model groupModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() || d.Unknown.RefuseRead("The group", &resp.Diagnostics) {
		return
	}
	if name := model.Name.ValueString(); name != "" {
		ctx = clouds.ForPlan(ctx, "finding", name)
	}
	id, ok := d.find(ctx, model, &resp.Diagnostics)
	if !ok {
		return
	}
	raw, err := d.Clouds.Spot.Document(ctx, id)
	if err != nil {
		says := diagtext.Sentence(err)
		if errors.Is(err, runner.ErrGone) {
			says += fmt.Sprintf(" Spot was asked in account %s.", d.Clouds.Spot.Account())
		}
		resp.Diagnostics.AddError(diagtext.Title("Elastigroup", err), says)
		return
	}
	document, err := spot.ParseDocument(raw)
	if err != nil {
		resp.Diagnostics.AddError("Elastigroup cannot be read", fmt.Sprintf("Spot's answer for group %s is not a group: %v.", id, err))
		return
	}
	if secrets := document.Secrets(); len(secrets) > 0 {
		resp.Diagnostics.AddAttributeWarning(path.Root("configuration"), "Secrets left out of configuration",
			fmt.Sprintf("Group %s has credentials that a deployment made of its configuration needs again: %s.", id, strings.Join(secrets, ", ")))
	}
	resp.Diagnostics.Append(model.fill(ctx, document)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// find is the ID of the group that is meant, false if that cannot be told.
func (d *dataSource) find(ctx context.Context, model groupModel, diags *diag.Diagnostics) (string, bool) {
	id, name := model.ID.ValueString(), model.Name.ValueString()
	switch {
	case id != "":
		return id, true
	case name == "":
		diags.AddError("No Elastigroup asked for", "id and name are empty; one of them has to say which group is meant.")
		return "", false
	}
	groups, err := d.Clouds.Spot.Find(ctx, name)
	if err != nil {
		diags.AddError(diagtext.Title("Elastigroup", err), diagtext.Sentence(err))
		return "", false
	}
	switch len(groups) {
	case 0:
		diags.AddAttributeError(path.Root("name"), "Elastigroup not found", fmt.Sprintf("No group is named %q.", name)+d.notThere(ctx, name))
		return "", false
	case 1:
		return groups[0].ID, true
	}
	ids := make([]string, 0, len(groups))
	for _, group := range groups {
		ids = append(ids, group.ID)
	}
	slices.Sort(ids)
	diags.AddAttributeError(path.Root("name"), "Several Elastigroups of one name",
		fmt.Sprintf("The account has %d groups named %q: %s. Say by id which is meant.", len(groups), name, strings.Join(ids, ", ")))
	return "", false
}

// notThere says what groups there are instead.
func (d *dataSource) notThere(ctx context.Context, name string) string {
	groups, err := d.Clouds.Spot.Groups(ctx)
	if err != nil {
		return "" // it was listed a moment ago, and is not worth an error of its own
	}
	names := make([]string, 0, len(groups))
	for _, g := range groups {
		names = append(names, g.Name)
	}
	return d.Clouds.NotAtSpot("groups", name, names)
}

// fill takes over what Spot says of a group.
func (m *groupModel) fill(ctx context.Context, document spot.Document) diag.Diagnostics {
	var diags, more diag.Diagnostics

	m.ID = types.StringValue(document.ID())
	m.Name = types.StringValue(document.Name())
	m.Configuration = types.StringValue(string(document.Export()))
	image := rollout.JoinImages(document.ImageIDs())
	m.ImageID, m.ImageIDs = attrvalue.OnlyImage(image), attrvalue.ImageList(image)
	if m.UserDataBase64 = attrvalue.StringOrNull(document.UserData()); rollout.UserDataVersion(document.Tags()) != "" {
		m.UserDataBase64 = types.StringNull() // they are write-only, and to be in no state
	}

	// A group always has a capacity; a document may leave it out.
	capacity, _ := document.Capacity()
	m.Capacity, more = types.ObjectValueFrom(ctx, groupCapacityTypes, groupCapacityModel(capacity))
	diags.Append(more...)
	m.LoadBalancerNames, more = types.ListValueFrom(ctx, types.StringType, append([]string{}, document.LoadBalancers()...))
	diags.Append(more...)
	m.TargetGroupARNs, more = types.ListValueFrom(ctx, types.StringType, append([]string{}, document.TargetGroups()...))
	diags.Append(more...)
	tags := map[string]string{}
	maps.Copy(tags, document.Tags())
	m.Tags, more = types.MapValueFrom(ctx, types.StringType, tags)
	diags.Append(more...)
	return diags
}
