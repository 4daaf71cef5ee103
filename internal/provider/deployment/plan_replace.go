package deployment

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// taken refuses a create of what is live already, and tells whether it did. Nothing tells a create that replaces a deployment in its own
// state from one of another state, so that the words are for all of them.
func (m model) taken(found rollout.World, diags *diag.Diagnostics) bool {
	live := rollout.RolesOf(found).Live
	if live == nil {
		return false
	}
	name := m.Name.ValueString()
	diags.AddAttributeError(path.Root("name"), "Deployment exists already",
		fmt.Sprintf("Deployment %q is live with %s (%s, %s, set to %s), and a create never takes over what is live. Nothing was touched.\n\n"+
			"- If no other state manages it, or an earlier apply was cut short before Terraform could note it, import it: terraform import ADDRESS %s\n"+
			"- If it is in this state already, and the plan was to replace it (-replace, replace_triggered_by, create_before_destroy, a tainted resource): that would take down what serves. "+
			"There is never a need: a change of triggers releases the same once more, and terraform untaint ADDRESS takes the mark off.\n"+
			"- If its address in the configuration has changed, say so with a moved block.\n"+
			"- If two resources have this name, or another state manages it, give this one another name.",
			name, live.Name, live.ID, live.ImageID, live.Capacity, name))
	return true
}

// refuseUnseen refuses to replace what the state has and Spot does not tell.
func refuseUnseen(err error, diags *diag.Diagnostics) {
	diags.AddError("Groups cannot be read", diagtext.Sentence(err)+" The state has groups of the deployment, and nothing is replaced unseen. Nothing was touched.")
}

// renamed warns that another name replaces the deployment, and for how long nothing serves.
func (m model) renamed(state model, w rollout.World, diags *diag.Diagnostics) {
	name := "the deployment of another name"
	if !m.Name.IsUnknown() {
		name = fmt.Sprintf("%q", m.Name.ValueString())
	}
	serves := "is taken down first"
	if live := rollout.RolesOf(w).Live; live != nil {
		serves = fmt.Sprintf("serves with %s (set to %s) and is taken down first", live.Name, live.Capacity)
	}
	wait := m.HealthyTimeout.ValueString()
	if wait == "" {
		wait = "its value"
	}
	diags.AddAttributeWarning(path.Root("name"), "Another name replaces the deployment, and nothing serves meanwhile",
		fmt.Sprintf("%q %s; only when its instances are gone is %s released, as a first deployment. Nothing serves in between: for as long as the old instances take to drain, "+
			"and the new ones to start and to be in service (at most healthy_timeout, %s). To keep something serving, write lifecycle { create_before_destroy = true }: "+
			"then the new deployment is released first, and the old one is taken down when it serves.",
			state.Name.ValueString(), serves, name, wait))
}
