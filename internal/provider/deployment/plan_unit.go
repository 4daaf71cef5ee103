package deployment

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// sameUnit warns of a new revision whose capacity counts something else than the live one's: while they share the work, nobody can
// add up what both of them have.
func sameUnit(d rollout.Deployment, before rollout.World, diags *diag.Diagnostics) {
	live := rollout.RolesOf(before).Live
	if live == nil || live.Unit.Name == d.Unit.Name || len(d.Canary) == 0 {
		return
	}
	diags.AddAttributeWarning(path.Root("configuration"), "Capacity in another unit",
		fmt.Sprintf(whenPlanned+"the capacity of the live revision %s counts %s, and that of the new one %s. The phases of canary are shares of each, "+
			"and that no less serves in between than before cannot be counted. Release this change without canary, or with blue_green, where the new revision comes up whole before the live one gives anything up.",
			live.Name, live.Unit.Noun(), d.Unit.Noun()))
}
