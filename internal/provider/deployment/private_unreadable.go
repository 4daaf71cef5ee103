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

const (
	unreadableTags  = "Group whose tags make no sense"
	unreadableEntry = "Group that cannot be read"
)

// unreadableNote is the note: the title of what is said, and what it says.
type unreadableNote struct {
	Title string `json:"title"`
	Why   string `json:"why"`
}

// keptUnreadable warns where a refresh cannot tell what a group of the deployment is, because somebody has edited its tags, or Spot's list has
// an entry that may be one and says too little, and tells whether that is so. The state keeps what was seen last: a plan that changes nothing
// is as good as before, and any other is refused, but for the destroy of groups whose IDs are known.
func keptUnreadable(ctx context.Context, err error, private privateStore, diags *diag.Diagnostics) bool {
	var note unreadableNote
	if bad := (*runner.TagError)(nil); errors.As(err, &bad) {
		note = unreadableNote{unreadableTags, diagtext.Sentence(err)}
	} else if bad := (*runner.EntryError)(nil); errors.As(err, &bad) {
		note = unreadableNote{unreadableEntry, diagtext.Sentence(err)}
	}
	if note.Why != "" {
		diags.AddAttributeWarning(path.Root("name"), note.Title, note.Why+" The state keeps what was seen last, and no change is planned until then.")
	}
	data, _ := json.Marshal(note) // texts can always be written
	diags.Append(private.SetKey(ctx, unreadableKey, data)...)
	return note.Why != ""
}

// refuseUnreadable refuses a plan that changes a deployment of which the refresh could not tell what a group is.
func refuseUnreadable(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var note unreadableNote
	data, more := req.Private.GetKey(ctx, unreadableKey)
	resp.Diagnostics.Append(more...)
	if len(data) == 0 || json.Unmarshal(data, &note) != nil || note.Why == "" || resp.Plan.Raw.Equal(req.State.Raw) {
		return
	}
	resp.Diagnostics.AddAttributeError(path.Root("name"), note.Title, note.Why+" Nothing was touched.")
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
