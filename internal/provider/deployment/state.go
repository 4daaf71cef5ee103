package deployment

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/attrvalue"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// groupStateModel is one of the deployment's groups in the state.
type groupStateModel struct {
	ID       types.String `tfsdk:"id"`
	Name     types.String `tfsdk:"name"`
	Revision types.Int64  `tfsdk:"revision"`
	ImageID  types.String `tfsdk:"image_id"`
	ImageIDs types.List   `tfsdk:"image_ids"`
	Role     types.String `tfsdk:"role"`
	Minimum  types.Int64  `tfsdk:"minimum"`
	Target   types.Int64  `tfsdk:"target"`
	Maximum  types.Int64  `tfsdk:"maximum"`
}

var groupTypes = map[string]attr.Type{
	"id": types.StringType, "name": types.StringType, "revision": types.Int64Type, "image_id": types.StringType,
	"image_ids": types.ListType{ElemType: types.StringType}, "role": types.StringType,
	"minimum": types.Int64Type, "target": types.Int64Type, "maximum": types.Int64Type,
}

// show writes what stands into the computed attributes: everything but rollout_plan.
func (m *model) show(ctx context.Context, w rollout.World) diag.Diagnostics {
	var diags diag.Diagnostics
	m.ID = m.Name
	m.Status = types.StringValue(string(rollout.StatusOf(w)))
	m.Revision, m.GroupID, m.GroupName = types.Int64Null(), types.StringNull(), types.StringNull()
	if live := rollout.RolesOf(w).Live; live != nil {
		m.Revision, m.GroupID, m.GroupName = types.Int64Value(int64(live.Revision)), types.StringValue(live.ID), types.StringValue(live.Name)
	}
	groups := []groupStateModel{}
	for _, member := range rollout.ListRoles(w) {
		g := member.Group
		groups = append(groups, groupStateModel{
			ID: types.StringValue(g.ID), Name: types.StringValue(g.Name), Revision: types.Int64Value(int64(g.Revision)),
			ImageID: attrvalue.OnlyImage(g.ImageID), ImageIDs: attrvalue.ImageList(g.ImageID), Role: types.StringValue(string(member.Role)),
			Minimum: types.Int64Value(int64(g.Capacity.Minimum)), Target: types.Int64Value(int64(g.Capacity.Target)),
			Maximum: types.Int64Value(int64(g.Capacity.Maximum)),
		})
	}
	list, more := types.ListValueFrom(ctx, types.ObjectType{AttrTypes: groupTypes}, groups)
	diags.Append(more...)
	m.Groups = list
	diags.Append(m.showTraffic(ctx, w)...)
	return diags
}

// serves corrects the images by the live revision's own, where a run that was cut short left the state behind. While a
// rollout holds, what the user wants stays what it was told.
func (m *model) serves(w rollout.World) {
	if live := rollout.RolesOf(w).Live; live != nil && live.ImageID != "" && rollout.StatusOf(w) != rollout.Holding {
		m.setImages(live.ImageID)
	}
}

// world is what stands as the state records it. A plan goes by it: every group is taken to have what it is set to.
func (m model) world(ctx context.Context, private privateState, diags *diag.Diagnostics) rollout.World {
	w := rollout.World{Routes: m.routes(ctx, diags)}
	if m.Groups.IsNull() || m.Groups.IsUnknown() {
		return w
	}
	var groups []groupStateModel
	diags.Append(m.Groups.ElementsAs(ctx, &groups, false)...)
	recorded := notes(ctx, private, diags)
	for _, g := range groups {
		image := g.ImageID.ValueString()
		if image == "" {
			var ids []string
			diags.Append(g.ImageIDs.ElementsAs(ctx, &ids, false)...)
			image = rollout.JoinImages(ids)
		}
		n, note := int(g.Target.ValueInt64()), recorded[g.ID.ValueString()]
		w.Groups = append(w.Groups, rollout.Group{
			ID: g.ID.ValueString(), Name: g.Name.ValueString(), Revision: int(g.Revision.ValueInt64()), ImageID: image,
			Capacity:  rollout.Capacity{Minimum: int(g.Minimum.ValueInt64()), Target: n, Maximum: int(g.Maximum.ValueInt64())},
			Instances: n, InService: n, Steady: n, Tags: note.Tags, TargetGroups: note.TargetGroups, Unit: rollout.Unit(note.Unit),
			Automation: note.Automation,
		})
	}
	return w
}

// adopted are the IDs of the groups that the state knows as the deployment's own.
func adopted(w rollout.World) map[string]bool {
	ids := map[string]bool{}
	for _, g := range w.Groups {
		ids[g.ID] = true
	}
	return ids
}
