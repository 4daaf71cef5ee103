package deployment

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// startsWithEnough warns of a release by which fewer serve than do now, because the target that is written is less than what an autoscaler
// has made of it.
func (m model) startsWithEnough(d rollout.Deployment, p rollout.Preview, diags *diag.Diagnostics) {
	serves, starts, less := p.StartsWithLess()
	if !less || d.Running {
		return
	}
	diags.AddAttributeWarning(path.Root("capacity"), "Release starts with less than what serves",
		fmt.Sprintf("The live revision is set to %d now, and the new one starts with %d, the target of capacity. If an autoscaler has made the difference, "+
			"write start_with = %q: a release starts with what the live revision has then, within minimum and maximum.", serves, starts, startRunning))
}
