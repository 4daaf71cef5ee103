package deployment

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// groupsKey is the private note of what a plan has to know of the groups and nobody wants to read in it: their journals, where
// they register, in what they count, and their schedules. Every refresh writes it anew. Should it be lost, the next apply finds another
// world than was planned for, and says so.
const groupsKey = "groups"

// groupNote is what is noted of one group.
type groupNote struct {
	Tags         map[string]string `json:"tags"`
	TargetGroups []string          `json:"target_group_arns"`
	Unit         unitNote          `json:"unit,omitzero"`
	// Automation is what of the group moves its capacity beside a rollout. A note by an earlier version has none.
	Automation rollout.Automation `json:"automation,omitzero"`
}

// unitNote is the unit of a group's capacity; nothing where it counts instances.
type unitNote struct {
	Name  string `json:"name"`
	Least int    `json:"least"`
	Most  int    `json:"most"`
	Step  int    `json:"step"`
}

// note keeps what the groups of a world have beside what the state shows.
func note(ctx context.Context, private privateStore, w rollout.World, diags *diag.Diagnostics) {
	notes := map[string]groupNote{}
	for _, g := range w.Groups {
		notes[g.ID] = groupNote{Tags: rollout.OwnTags(g.Tags), TargetGroups: append([]string{}, g.TargetGroups...), Unit: unitNote(g.Unit),
			Automation: g.Automation}
	}
	data, err := json.Marshal(notes)
	if err != nil {
		diags.AddError("Groups cannot be noted", diagtext.Sentence(err))
		return
	}
	diags.Append(private.SetKey(ctx, groupsKey, data)...)
}

// notes are those of all groups, by ID.
func notes(ctx context.Context, private privateState, diags *diag.Diagnostics) map[string]groupNote {
	var all map[string]groupNote
	data, more := private.GetKey(ctx, groupsKey)
	diags.Append(more...)
	if len(data) > 0 && json.Unmarshal(data, &all) != nil {
		return nil
	}
	return all
}
