package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
)

// ValidateConfig refuses members of the provider block that do not go together.
func (p *elastigroupProvider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	defer diagtext.Locate(&resp.Diagnostics)
	var model providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	validateKeys(model, &resp.Diagnostics)
	validateRole(ctx, model.AssumeRole, &resp.Diagnostics)
}

// validateKeys refuses half a pair of AWS keys. The SDK would take the other half from nowhere and say so only when it
// signs its first request, perhaps an hour into a rollout.
func validateKeys(model providerModel, diags *diag.Diagnostics) {
	if written(model.AccessKey) && unwritten(model.SecretKey) {
		diags.AddAttributeError(path.Root("secret_key"), "Missing secret_key", "access_key is set, so secret_key has to be set as well.")
	}
	if written(model.SecretKey) && unwritten(model.AccessKey) {
		diags.AddAttributeError(path.Root("access_key"), "Missing access_key", "secret_key is set, so access_key has to be set as well.")
	}
	if written(model.SessionToken) && unwritten(model.AccessKey) && unwritten(model.SecretKey) {
		diags.AddAttributeError(path.Root("session_token"), "session_token without keys",
			"A session token belongs to an access_key and a secret_key, and neither is set.")
	}
}

// validateRole refuses a block without a role, and transitive keys that no session tag has, as STS does.
func validateRole(ctx context.Context, object types.Object, diags *diag.Diagnostics) {
	if object.IsNull() || object.IsUnknown() {
		return
	}
	var role assumeRoleModel
	diags.Append(object.As(ctx, &role, basetypes.ObjectAsOptions{})...)
	if role.RoleARN.IsNull() {
		diags.AddAttributeError(path.Root("assume_role").AtName("role_arn"), "Missing role_arn", "assume_role is written without the ARN of a role. Write role_arn, or leave the block out.")
	}
	if diags.HasError() || role.Tags.IsUnknown() {
		return
	}
	tags := role.Tags.Elements()
	for _, element := range role.TransitiveTagKeys.Elements() {
		key, ok := element.(types.String)
		if !ok || key.IsNull() || key.IsUnknown() {
			continue
		}
		if _, found := tags[key.ValueString()]; !found {
			diags.AddAttributeError(path.Root("assume_role").AtName("transitive_tag_keys"), "Transitive key without a tag",
				fmt.Sprintf("%q is not among assume_role.tags; only session tags can be handed on.", key.ValueString()))
		}
	}
}

// written tells whether the user wrote something. An empty string is how a variable without a value arrives.
func written(value types.String) bool { return !value.IsUnknown() && value.ValueString() != "" }

// unwritten tells whether the user certainly wrote nothing.
func unwritten(value types.String) bool { return !value.IsUnknown() && value.ValueString() == "" }
