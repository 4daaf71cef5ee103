package deployment

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// warnOfRolls says of the groups that a run may change where a deployment of Spot's own is under way, or has failed and was not
// stopped: Spot takes no update of them meanwhile.
func (r *deploymentResource) warnOfRolls(ctx context.Context, before rollout.World, diags *diag.Diagnostics) {
	for _, g := range before.Groups {
		if g.Capacity == (rollout.Capacity{}) {
			continue
		}
		roll, err := r.clouds.Spot.Roll(ctx, g.ID)
		if err != nil {
			tflog.Debug(ctx, "deployments of Spot's own cannot be read", map[string]any{"group": g.Name, "error": err.Error()})
			continue
		}
		if roll == nil {
			continue
		}
		then := "Apply waits for it before it touches anything, for healthy_timeout at most."
		if roll.Failed {
			then = "It ends only when it is stopped, and apply refuses to begin before."
		}
		diags.AddAttributeWarning(path.Root("name"), "A deployment of Spot's own is under way", whenPlanned+roll.In(g)+". "+then+" "+roll.Stop(g)+".")
	}
}
