package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// validateBlueGreen refuses what blue_green cannot go with, and routes and weights that make no sense.
func (m deploymentModel) validateBlueGreen(ctx context.Context, diags *diag.Diagnostics) {
	if m.BlueGreen.IsNull() {
		return
	}
	root := path.Root("blue_green")
	if !m.Canary.IsNull() {
		diags.AddAttributeError(root, "Two strategies", "Both canary and blue_green are written. Write one of them, or neither for a basic rollout.")
	}
	for name, list := range map[string]types.List{"target_group_arns": m.TargetGroupARNs, "load_balancer_names": m.LoadBalancerNames} {
		if !list.IsNull() {
			diags.AddAttributeError(path.Root(name), "Not with blue_green",
				fmt.Sprintf("The routes of blue_green say where instances register. Leave %s out.", name))
		}
	}
	if m.ResizeOrder.ValueString() == string(rollout.PreviousFirst) {
		diags.AddAttributeError(path.Root("resize_order"), "Not with blue_green",
			`With blue_green both revisions stand side by side, and none shrinks first. Leave resize_order out; "previous_first" is for basic rollouts and canaries.`)
	}
	m.validateFlow(diags)
	if m.BlueGreen.IsUnknown() {
		return
	}
	var written blueGreenModel
	diags.Append(m.BlueGreen.As(ctx, &written, basetypes.ObjectAsOptions{})...)
	validateRoutes(ctx, written.Routes, root.AtName("routes"), diags)
	sum, known := m.validateShift(ctx, written, root.AtName("shift"), diags)
	if known && !written.Bake.IsUnknown() && !m.HoldAfterPhase.IsUnknown() && m.HoldAfterPhase.IsNull() {
		m.inTime(sum+duration(written.Bake), "The bakes of the weights and of the full switch", root, diags)
	}
}

// validateFlow refuses what would fight over the routes, or carry the candidate into production early.
func (m deploymentModel) validateFlow(diags *diag.Diagnostics) {
	if m.Configuration.IsUnknown() || m.Configuration.IsNull() {
		return
	}
	document, err := spot.ParseDocument([]byte(m.Configuration.ValueString()))
	if err != nil {
		return // said elsewhere
	}
	if reason, owned := document.TrafficFlow(); owned {
		diags.AddAttributeError(path.Root("configuration"), "Traffic has another owner",
			fmt.Sprintf("Spot's Intelligent Traffic Flow owns the weights of the listener rules (%s), and blue_green would move them, too. Take one of the two out.", reason))
	}
	if names := document.LoadBalancers(); len(names) > 0 {
		diags.AddAttributeError(path.Root("configuration"), "Classic load balancers",
			fmt.Sprintf("The configuration registers instances with the classic load balancer %s, which would send a candidate traffic before blue_green does. Take it out of the configuration.", names[0]))
	}
}

// validateRoutes refuses a listener or rule that is written twice.
func validateRoutes(ctx context.Context, list types.List, at path.Path, diags *diag.Diagnostics) {
	if list.IsNull() || list.IsUnknown() {
		return
	}
	seen := map[string]path.Path{}
	for i, element := range list.Elements() {
		object, _ := element.(types.Object)
		var r routeModel
		if object.IsNull() || object.IsUnknown() || object.As(ctx, &r, basetypes.ObjectAsOptions{}).HasError() {
			continue
		}
		for name, arn := range map[string]types.String{"production_arn": r.ProductionARN, "stage_arn": r.StageARN} {
			here := at.AtListIndex(i).AtName(name)
			if arn.IsNull() || arn.IsUnknown() {
				continue
			}
			if there, twice := seen[arn.ValueString()]; twice {
				diags.AddAttributeError(here, "Route written twice", fmt.Sprintf("%s is %s, too. A listener or rule is production or stage of one route.", arn.ValueString(), there))
			}
			seen[arn.ValueString()] = here
		}
	}
}

// validateShift refuses weights that do not grow, and a hold that has no weight. It answers with the sum of the bakes, and
// whether all of them are known.
func (m deploymentModel) validateShift(ctx context.Context, written blueGreenModel, at path.Path, diags *diag.Diagnostics) (time.Duration, bool) {
	if written.Shift.IsUnknown() {
		return 0, false
	}
	hold, holdAt := m.HoldAfterPhase, path.Root("hold_after_phase")
	n := int64(len(written.Shift.Elements()))
	switch {
	case hold.IsNull() || hold.IsUnknown():
	case n == 0:
		diags.AddAttributeError(holdAt, "Nothing to hold after",
			fmt.Sprintf("hold_after_phase is %d, and blue_green has no shift whose weights it could count. Write shift = [ … ], or leave hold_after_phase out.", hold.ValueInt64()))
	case hold.ValueInt64() > n:
		diags.AddAttributeError(holdAt, "No such weight",
			fmt.Sprintf("hold_after_phase is %d, and blue_green.shift has %d. The last weight, of 100, is not one to hold after: write a number from 1 to %d.", hold.ValueInt64(), n, n))
	}
	var sum time.Duration
	all, before := true, int64(0)
	for i, element := range written.Shift.Elements() {
		w, ok := writtenWeight(ctx, element)
		if !ok || w.Bake.IsUnknown() || w.Weight.IsUnknown() {
			all = false
			continue
		}
		if weight := w.Weight.ValueInt64(); weight <= before {
			diags.AddAttributeError(at.AtListIndex(i).AtName("weight"), "Weights out of order",
				fmt.Sprintf("The weight is %d, and the one before it %d. Each is a share of the whole traffic, and has to be more than the one before it.", weight, before))
		} else {
			before = weight
		}
		sum += duration(w.Bake)
	}
	return sum, all
}

func writtenWeight(ctx context.Context, element attr.Value) (weightModel, bool) {
	var w weightModel
	object, _ := element.(types.Object)
	if object.IsNull() || object.IsUnknown() {
		return w, false
	}
	return w, !object.As(ctx, &w, basetypes.ObjectAsOptions{}).HasError()
}
