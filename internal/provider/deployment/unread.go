package deployment

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// leaveUnread is a refresh while the provider block is not known yet: nobody can be asked, and the state stays what it is. A plan is then one of
// what was seen last, as with -refresh=false, and an apply compares the world with it before it changes anything.
func (r *deploymentResource) leaveUnread(ctx context.Context, state model, req resource.ReadRequest, resp *resource.ReadResponse) {
	diags := &resp.Diagnostics
	if state.moved() {
		r.unknown.Refuse(fmt.Sprintf("Group %s (%s), which was moved here, cannot be read", state.GroupName.ValueString(), state.GroupID.ValueString()), diags)
		return
	}
	if !r.ofThisAccount(ctx, state, req.Identity, req.Private, diags) {
		return
	}
	account := accountOf(ctx, req.Identity, req.Private, diags)
	if account == "" {
		account = r.account()
	}
	if account == "" {
		// An identity needs one, and one that is made up would be another later on, which Terraform does not let a provider say.
		r.unknown.Refuse(fmt.Sprintf("Deployment %s cannot be refreshed, and its state does not say in which account it is", state.Name.ValueString()), diags)
		return
	}
	identifyIn(ctx, account, state.Name, resp.Identity, resp.Private, diags)
}
