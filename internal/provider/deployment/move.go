package deployment

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// spotinstTypeName is the resource of the official Spot provider that has an Elastigroup.
const spotinstTypeName = "spotinst_elastigroup_aws"

// movedKey is the private note of the address that a state was moved from. Should it be lost, another name in the configuration is planned as
// it is for any deployment, by a replacement; nothing else depends on it.
const movedKey = "moved"

var _ resource.ResourceWithMoveState = (*deploymentResource)(nil)

// MoveState takes over states of other resources (moved blocks, Terraform 1.8 and newer).
//
// Terraform moves in a process that is not configured, so that no mover can ask a cloud: it writes what Read needs to find the group, and Read,
// which comes next, reads the rest off it.
func (r *deploymentResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: moveFromSpotinst}, {StateMover: moveFromItself}}
}

// spotinstState is what is read of a state of the official provider, which is one of its version 1.240.0.
type spotinstState struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// moveFromSpotinst takes over an Elastigroup that the official provider managed.
func moveFromSpotinst(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	provider := req.SourceProviderAddress[strings.LastIndexByte(req.SourceProviderAddress, '/')+1:]
	if req.SourceTypeName != spotinstTypeName || provider != "spotinst" {
		return
	}
	diags := &resp.Diagnostics
	var was spotinstState
	if req.SourceRawState == nil || json.Unmarshal(req.SourceRawState.JSON, &was) != nil || was.ID == "" || was.Name == "" {
		diags.AddError("State cannot be moved", fmt.Sprintf("The state of the %s has no id and name of a group. Nothing was touched. "+
			"Take it out of the state (terraform state rm) and import the deployment by its name.", spotinstTypeName))
		return
	}
	name := deploymentOf(was.Name)
	if err := rollout.CheckName(name); err != nil {
		diags.AddError("State cannot be moved", fmt.Sprintf("The deployment is called as the group is, and %s. Nothing was touched. "+
			"Give the group another name, with the provider that manages it now, and move it then.", diagtext.Sentence(err)))
		return
	}
	m := nothing(ctx, diags)
	m.ID, m.Name, m.GroupID, m.GroupName = types.StringValue(name), types.StringValue(name), types.StringValue(was.ID), types.StringValue(was.Name)
	diags.Append(resp.TargetState.Set(ctx, &m)...)
	if resp.TargetPrivate != nil {
		diags.Append(resp.TargetPrivate.SetKey(ctx, movedKey, []byte("true"))...)
	}
}

// moveFromItself passes on a state of this resource that another address of the provider has written: a fork, or a private registry.
func moveFromItself(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	if req.SourceTypeName != deploymentTypeName || req.SourceRawState == nil {
		return
	}
	upgraded := resource.UpgradeStateResponse{State: resp.TargetState}
	upgradeFromAttributes(ctx, resource.UpgradeStateRequest{RawState: req.SourceRawState}, &upgraded)
	resp.Diagnostics.Append(upgraded.Diagnostics...)
	resp.TargetState = upgraded.State
	if req.SourcePrivate != nil {
		resp.TargetPrivate = req.SourcePrivate
	}
}

// deploymentOf is the deployment that a group of this name is a revision of, or else the first one of.
func deploymentOf(group string) string {
	if i := strings.LastIndex(group, "__"); i > 0 {
		if _, ok := rollout.RevisionOf(group[:i], group); ok {
			return group[:i]
		}
	}
	return group
}

// nothing is a model in which all is null.
func nothing(ctx context.Context, diags *diag.Diagnostics) model {
	var m model
	for name, kind := range inputTypes(ctx) {
		m.put(name, nullOf(ctx, toImport{kind: kind, diags: diags}))
	}
	return m
}

// moved tells whether a state was just moved here, and nothing of the group is known yet but its ID and its name.
func (m model) moved() bool {
	return !m.GroupID.IsNull() && m.Configuration.IsNull()
}

// readMoved reads the state off the group that was moved here, whatever else there is of that name. Whether it is gone is not for this refresh
// to say: a plan would create another one beside it.
func (r *deploymentResource) readMoved(ctx context.Context, moved model, resp *resource.ReadResponse) {
	diags := &resp.Diagnostics
	name, id := moved.Name.ValueString(), moved.GroupID.ValueString()
	r.clouds.Refreshed(name)
	live, err := r.clouds.Spot.Group(ctx, id)
	if err != nil {
		diags.AddAttributeError(path.Root("group_id"), "Group that was moved cannot be read",
			fmt.Sprintf("The state of %s has group %s (%s). %s Nothing was touched. If the group is gone, take it out of the state (terraform state rm) instead of moving it.", spotinstTypeName, moved.GroupName.ValueString(), id, diagtext.Sentence(err)))
		return
	}
	if deploymentOf(live.Name) != name {
		diags.AddAttributeError(path.Root("name"), "Group that was moved has another name",
			fmt.Sprintf("The state of %s calls group %s %s, and it is called %s now. Nothing was touched. Refresh that state first (terraform apply -refresh-only), and move it then.", spotinstTypeName, id, moved.GroupName.ValueString(), rollout.QuoteUpTo(live.Name, 80)))
		return
	}
	if n, ok := rollout.RevisionOf(name, live.Name); ok {
		live.Revision = n
	}
	state := r.takeOver(ctx, name, rollout.World{Groups: []rollout.Group{live}}, live, resp.Private, diags)
	if !diags.HasError() {
		diags.Append(resp.State.Set(ctx, &state)...)
	}
}

// refuseUnread refuses to plan anything for what was moved and not read: Terraform was told not to refresh.
func (m model) refuseUnread(diags *diag.Diagnostics) {
	diags.AddAttributeError(path.Root("name"), "Moved, and not read yet",
		fmt.Sprintf("Group %s (%s) has just been moved here, and only a refresh knows what it has. Plan without -refresh=false. Nothing was touched.", m.GroupName.ValueString(), m.GroupID.ValueString()))
}

// refuseOtherName refuses another name for what was moved here and not released since, and tells whether it did: it would be a replacement, which
// takes down what serves.
func (m model) refuseOtherName(ctx context.Context, state model, private privateState, diags *diag.Diagnostics) bool {
	note, more := private.GetKey(ctx, movedKey)
	diags.Append(more...)
	if string(note) != "true" || m.Name.IsUnknown() || !imported(ctx, private, diags) {
		return false
	}
	diags.AddAttributeError(path.Root("name"), "Moved deployment of another name",
		fmt.Sprintf("The group that was moved here is called %s, and so the deployment's name is %q. Another one, %q, would replace it, and take down what serves. Write name = %q. Nothing was touched.",
			state.GroupName.ValueString(), state.Name.ValueString(), m.Name.ValueString(), state.Name.ValueString()))
	return true
}
