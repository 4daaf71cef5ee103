package deployment

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
)

var _ resource.ResourceWithUpgradeState = (*deploymentResource)(nil)

// UpgradeState reads states of former versions.
func (r *deploymentResource) UpgradeState(context.Context) map[int64]resource.StateUpgrader {
	return map[int64]resource.StateUpgrader{0: {StateUpgrader: upgradeFromAttributes}}
}

// upgradeFromAttributes reads a state in which strategies were nested attributes: canary.phases, blue_green.routes, and
// lists that were null where blocks are none.
func upgradeFromAttributes(ctx context.Context, req resource.UpgradeStateRequest, resp *resource.UpgradeStateResponse) {
	state := map[string]any{}
	decoder := json.NewDecoder(bytes.NewReader(req.RawState.JSON))
	decoder.UseNumber()
	if err := decoder.Decode(&state); err != nil {
		unreadable(err, &resp.Diagnostics)
		return
	}
	if canary, ok := state["canary"].(map[string]any); ok {
		renameList(canary, "phases", "phase")
	}
	if blueGreen, ok := state["blue_green"].(map[string]any); ok {
		renameList(blueGreen, "routes", "route")
		renameList(blueGreen, "shift", "shift")
	}
	data, err := json.Marshal(state)
	if err != nil {
		unreadable(err, &resp.Diagnostics)
		return
	}
	raw := tfprotov6.RawState{JSON: data}
	value, err := raw.UnmarshalWithOpts(resp.State.Schema.Type().TerraformType(ctx), tfprotov6.UnmarshalOpts{
		ValueFromJSONOpts: tftypes.ValueFromJSONOpts{IgnoreUndefinedAttributes: true},
	})
	if err != nil {
		unreadable(err, &resp.Diagnostics)
		return
	}
	resp.State.Raw = value
}

// renameList gives a list its present name. One that was null is empty. A state that was moved here may have that name already.
func renameList(in map[string]any, from, to string) {
	list := in[from]
	if list == nil && in[to] != nil {
		return
	}
	delete(in, from)
	if list == nil {
		list = []any{}
	}
	in[to] = list
}

func unreadable(err error, diags *diag.Diagnostics) {
	diags.AddError("State of a former version cannot be read", diagtext.Sentence(err)+
		" Take the deployment out of the state (terraform state rm) and import it again; nothing that runs is touched by that.")
}
