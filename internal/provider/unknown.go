package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/clouds"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// later is what can be said of a block of which something is known only after apply: that nobody is asked in this plan, and what is wrong with
// what is known.
func (p *elastigroupProvider) later(ctx context.Context, model providerModel, unknown path.Paths, diags *diag.Diagnostics) *clouds.Unknown {
	data := &clouds.Unknown{}
	for _, at := range unknown {
		data.Attributes = append(data.Attributes, at.String())
	}
	written := spot.Config{Token: model.Token.ValueString(), Account: model.Account.ValueString(), Endpoint: endpointsOf(ctx, model, diags).Spot.ValueString()}
	checkSpot(written, unknown, diags)
	if !unknown.Contains(path.Root("account")) {
		if client, err := spot.New(spot.Config{Token: placeholder.Token, Account: written.Account, Endpoint: placeholder.Endpoint}); err == nil {
			data.Account = client.Account()
		}
	}
	if !diags.HasError() {
		// Terraform says it once more when its apply has succeeded.
		diags.AddAttributeWarning(unknown[0], "Nobody could be asked for this plan", fmt.Sprintf("When this was planned: %s known only after apply, and without that neither cloud can be asked anything. "+
			"A deployment was planned from its state as it was seen last, and what it needs (images, load balancers, alarms) was not checked. Apply checks it, and compares what stands with the plan, before it changes anything. "+
			"Data sources are read only while applying, and need depends_on for that. Nothing can be imported, moved or listed. "+
			"For a plan that was checked apply what the value comes of first (terraform apply -target=…).", data))
	}
	return data
}

// unknownOf are the attributes whose value Terraform does not know yet. With such a value planning would ask another account, region or address
// than apply, and its plan would be about other groups. The number of retries, and where events go, are the exceptions: they change no answer.
func unknownOf(config tfsdk.Config, diags *diag.Diagnostics) path.Paths {
	var top map[string]tftypes.Value
	if err := config.Raw.As(&top); err != nil {
		diags.AddError("Provider configuration that cannot be read", diagtext.Sentence(err))
		return nil
	}
	var all path.Paths
	for _, name := range slices.Sorted(maps.Keys(top)) {
		if !slices.Contains([]string{"max_retries", "event_log", "notify"}, name) {
			all = append(all, unknownIn(path.Root(name), top[name])...)
		}
	}
	return all
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
