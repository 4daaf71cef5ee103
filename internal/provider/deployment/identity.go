package deployment

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// accountKey is the private note of the account that the deployment is in, for a Terraform that keeps no identity. Should it be lost, the next
// refresh writes it anew.
const accountKey = "account"

// identityModel is what tells a deployment from all others, in whichever state it is.
type identityModel struct {
	Account types.String `tfsdk:"account"`
	Name    types.String `tfsdk:"name"`
}

// IdentitySchema returns what tells a deployment from all others, for Terraform 1.12 and newer.
func (r *deploymentResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"account": identityschema.StringAttribute{OptionalForImport: true, Description: "The Spot account; the provider's if it is left out."},
		"name":    identityschema.StringAttribute{RequiredForImport: true, Description: "The deployment's name."},
	}}
}

// account is the provider's account; empty if the provider block is not known yet, nor the account.
func (r *deploymentResource) account() string {
	if r.unknown != nil {
		return r.unknown.Account
	}
	return r.clouds.Spot.Account()
}

// identify writes the deployment's identity, and notes the account.
func (r *deploymentResource) identify(ctx context.Context, name types.String, identity *tfsdk.ResourceIdentity, private privateStore, diags *diag.Diagnostics) {
	identifyIn(ctx, r.account(), name, identity, private, diags)
}

func identifyIn(ctx context.Context, account string, name types.String, identity *tfsdk.ResourceIdentity, private privateStore, diags *diag.Diagnostics) {
	if identity != nil {
		diags.Append(identity.Set(ctx, identityModel{Account: types.StringValue(account), Name: name})...)
	}
	note, err := json.Marshal(account)
	if err == nil { // a text can always be written
		diags.Append(private.SetKey(ctx, accountKey, note)...)
	}
}

// accountOf is the account that a state is of, by its identity or else by the note; empty if neither says it.
func accountOf(ctx context.Context, identity *tfsdk.ResourceIdentity, private privateState, diags *diag.Diagnostics) string {
	var was string
	note, more := private.GetKey(ctx, accountKey)
	diags.Append(more...)
	if len(note) > 0 {
		_ = json.Unmarshal(note, &was) // one that cannot be read is none
	}
	if identity != nil && !identity.Raw.IsNull() {
		var known identityModel
		diags.Append(identity.Get(ctx, &known)...)
		if known.Account.ValueString() != "" {
			was = known.Account.ValueString()
		}
	}
	return was
}

// ofThisAccount refuses to look for a deployment of another account: Spot would say of each of its groups that it does not exist, and the
// deployment would leave the state while it serves.
func (r *deploymentResource) ofThisAccount(ctx context.Context, state model, identity *tfsdk.ResourceIdentity, private privateState, diags *diag.Diagnostics) bool {
	was, account := accountOf(ctx, identity, private, diags), r.account()
	if was == "" || account == "" || was == account || diags.HasError() {
		return !diags.HasError()
	}
	diags.AddAttributeError(path.Root("name"), "Deployment of another account",
		fmt.Sprintf("The state has deployment %q of Spot account %s, and the provider is configured for account %s, where its groups do not exist. Nothing was looked for, and nothing was touched. "+
			"Give the provider (account, SPOTINST_ACCOUNT or the credentials file) the account again; a deployment of that name in the other account is another resource.", state.Name.ValueString(), was, account))
	return false
}

// importedBy is the name of the deployment to import, by its ID or its identity.
func (r *deploymentResource) importedBy(ctx context.Context, req resource.ImportStateRequest, diags *diag.Diagnostics) (string, bool) {
	if req.ID != "" || req.Identity == nil || req.Identity.Raw.IsNull() {
		return req.ID, true
	}
	var wanted identityModel
	diags.Append(req.Identity.Get(ctx, &wanted)...)
	if account := r.clouds.Spot.Account(); !diags.HasError() && wanted.Account.ValueString() != "" && wanted.Account.ValueString() != account {
		diags.AddError("Deployment of another account", fmt.Sprintf("The identity says account %s, and the provider is configured for account %s. "+
			"Leave account out, or name a provider configuration for that account in the import block (provider = elastigroup.ALIAS).", wanted.Account.ValueString(), account))
	}
	return wanted.Name.ValueString(), !diags.HasError()
}
