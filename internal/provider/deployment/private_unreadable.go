package deployment

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// unreadableKey is the private note of why a refresh could not tell what a group is, for the plan after it. Should it be lost, apply
// finds out by itself, before it touches anything.
const unreadableKey = "unreadable"

const unreadableGroup = "Group whose tags make no sense"

// keptUnreadable warns where a refresh cannot tell what a group of the deployment is, because somebody has edited its tags, and tells
// whether that is so. The state keeps what was seen last: it can still be destroyed, and nothing else.
func keptUnreadable(ctx context.Context, err error, private privateStore, diags *diag.Diagnostics) bool {
	why := ""
	if bad := (*runner.TagError)(nil); errors.As(err, &bad) {
		why = diagtext.Sentence(err)
		diags.AddAttributeWarning(path.Root("name"), unreadableGroup, why+" The state keeps what was seen last, and no change is planned until then.")
	}
	data, _ := json.Marshal(why) // a text can always be written
	diags.Append(private.SetKey(ctx, unreadableKey, data)...)
	return why != ""
}

// refuseUnreadable refuses a plan that changes a deployment of which the refresh could not tell what a group is.
func refuseUnreadable(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var why string
	data, more := req.Private.GetKey(ctx, unreadableKey)
	resp.Diagnostics.Append(more...)
	if len(data) == 0 || json.Unmarshal(data, &why) != nil || why == "" || resp.Plan.Raw.Equal(req.State.Raw) {
		return
	}
	resp.Diagnostics.AddAttributeError(path.Root("name"), unreadableGroup, why+" Nothing was touched.")
}

// journaled are the IDs of the groups that had a journal when the state saw them last.
func journaled(w rollout.World) map[string]bool {
	ids := map[string]bool{}
	for _, g := range w.Groups {
		if rollout.DeploymentOf(g.Tags) != "" {
			ids[g.ID] = true
		}
	}
	return ids
}
