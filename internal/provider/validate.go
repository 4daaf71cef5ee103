package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

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

// refuseUnknown reports every attribute whose value Terraform does not know yet. With such a value planning would ask
// another account, region or address than apply, and its plan would be about other groups. The number of retries, and where
// events go, are the exceptions: they change no answer.
func refuseUnknown(config tfsdk.Config, diags *diag.Diagnostics) {
	var top map[string]tftypes.Value
	if err := config.Raw.As(&top); err != nil {
		diags.AddError("Provider configuration that cannot be read", diagtext.Sentence(err))
		return
	}
	for _, name := range slices.Sorted(maps.Keys(top)) {
		if slices.Contains([]string{"max_retries", "event_log", "notify"}, name) {
			continue
		}
		for _, at := range unknownIn(path.Root(name), top[name]) {
			diags.AddAttributeError(at, "Unknown "+diagtext.LastName(at),
				fmt.Sprintf("The value of %s is known only after apply, and the provider needs it to plan. "+
					"Set it statically or by the environment, or apply what it depends on first (terraform apply -target=…).", at))
		}
	}
}

// unknownIn lists the attributes at or below one that have an unknown value. An unknown element of a collection counts
// against the collection.
func unknownIn(at path.Path, value tftypes.Value) []path.Path {
	if !value.IsKnown() {
		return []path.Path{at}
	}
	if !value.Type().Is(tftypes.Object{}) {
		if !value.IsFullyKnown() {
			return []path.Path{at}
		}
		return nil
	}
	var members map[string]tftypes.Value
	if value.IsNull() || value.As(&members) != nil {
		return nil
	}
	var found []path.Path
	for _, name := range slices.Sorted(maps.Keys(members)) {
		found = append(found, unknownIn(at.AtName(name), members[name])...)
	}
	return found
}
