package deployment

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
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
func (m model) validateBlueGreen(ctx context.Context, diags *diag.Diagnostics) {
	if m.BlueGreen.IsNull() || m.BlueGreen.IsUnknown() {
		return // what is unknown may turn out to be null
	}
	root := path.Root("blue_green")
	if !m.Canary.IsNull() && !m.Canary.IsUnknown() {
		diags.AddAttributeError(root, "Two strategies", "Both canary and blue_green are written. Write one of them, or neither for a basic rollout.")
	}
	lists := map[string]types.List{"target_group_arns": m.TargetGroupARNs, "load_balancer_names": m.LoadBalancerNames}
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		if list := lists[name]; !list.IsNull() && !list.IsUnknown() {
			diags.AddAttributeError(path.Root(name), "Not with blue_green",
				fmt.Sprintf("The routes of blue_green say where instances register. Leave %s out.", name))
		}
	}
	if m.ResizeOrder.ValueString() == string(rollout.PreviousFirst) {
		diags.AddAttributeError(path.Root("resize_order"), "Not with blue_green",
			`With blue_green both revisions stand side by side, and none shrinks first. Leave resize_order out; "previous_first" is for basic rollouts and canaries.`)
	}
	var written blueGreenModel
	diags.Append(m.BlueGreen.As(ctx, &written, basetypes.ObjectAsOptions{})...)
	if !written.Routes.IsUnknown() && len(written.Routes.Elements()) == 0 {
		diags.AddAttributeError(root, "Traffic without a route",
			"blue_green has no route, so there is no traffic to move. Write one: route { production_arn = … }, with the ARN of a listener or listener rule.")
	}
	m.validateFlow(len(written.Routes.Elements()), diags)
	validateRoutes(ctx, written.Routes, root.AtName("route"), diags)
	bakes, known := m.validateShift(ctx, written, root.AtName("shift"), diags)
	if known && !m.HoldAfterPhase.IsUnknown() {
		m.switchesFitTimeout(ctx, written, bakes, diags)
	}
}

// validateFlow refuses what would fight over the routes, carry the candidate into production early, or leave no room for the
// tags that keep what the routes were.
func (m model) validateFlow(routes int, diags *diag.Diagnostics) {
	if m.Configuration.IsUnknown() || m.Configuration.IsNull() {
		return
	}
	document, err := spot.ParseDocument([]byte(m.Configuration.ValueString()))
	if err != nil {
		return // said elsewhere
	}
	if names := document.LoadBalancers(); len(names) > 0 {
		diags.AddAttributeError(path.Root("configuration"), "Classic load balancers",
			fmt.Sprintf("The configuration registers instances with the classic load balancer %s, which would send a candidate traffic before blue_green does. Take it out of the configuration.", names[0]))
	}
	users := 0
	for key := range document.Tags() {
		if !rollout.OwnTag(key) {
			users++
		}
	}
	alone, needs := rollout.TagCount, rollout.TagCount+rollout.TagsARoute*routes
	if routes <= mostRoutes && users+needs > ec2Tags && users+alone <= ec2Tags { // more of them are refused without any route
		diags.AddAttributeError(path.Root("configuration"), "Too many tags",
			fmt.Sprintf("The configuration has %d tags. EC2 takes %d, of which a deployment with %d routes needs %d, so at most %d are possible.",
				users, ec2Tags, routes, needs, ec2Tags-needs))
	}
}

// ec2Tags is how many tags a resource can have.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
const ec2Tags = 50

// validateRoutes refuses a route without production, and a listener or rule that is written twice.
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
		if !r.ProductionARN.IsNull() && !r.ProductionARN.IsUnknown() && r.ProductionARN.ValueString() == "" {
			diags.AddAttributeError(at.AtListIndex(i).AtName("production_arn"), "Route expected", "The production_arn is empty. Write the ARN of a listener or listener rule.")
		}
		arns := map[string]types.String{"production_arn": r.ProductionARN, "stage_arn": r.StageARN}
		for _, name := range slices.Sorted(maps.Keys(arns)) {
			here, arn := at.AtListIndex(i).AtName(name), arns[name]
			if arn.IsUnknown() || arn.ValueString() == "" {
				continue
			}
			if there, twice := seen[arn.ValueString()]; twice {
				diags.AddAttributeError(here, "Route written twice", fmt.Sprintf("%s is %s, too. A listener or rule is production or stage of one route.", arn.ValueString(), there))
			}
			seen[arn.ValueString()] = here
		}
	}
}

// validateShift refuses weights that do not grow, and a hold that has no weight. It answers with the sum of the bakes as far
// as the hold, and whether all of them are known.
func (m model) validateShift(ctx context.Context, written blueGreenModel, at path.Path, diags *diag.Diagnostics) (time.Duration, bool) {
	if written.Shift.IsUnknown() {
		return 0, false
	}
	hold, holdAt := m.HoldAfterPhase, path.Root("hold_after_phase")
	n := int64(len(written.Shift.Elements()))
	switch {
	case hold.IsNull() || hold.IsUnknown() || hold.ValueInt64() == 0:
	case n == 0:
		diags.AddAttributeError(holdAt, "Nothing to hold after",
			fmt.Sprintf("hold_after_phase is %d, and blue_green has no shift whose weights it could count. Write shift { weight = … }, 0 to hold on stage, or leave hold_after_phase out.", hold.ValueInt64()))
	case hold.ValueInt64() > n:
		diags.AddAttributeError(holdAt, "No such weight",
			fmt.Sprintf("hold_after_phase is %d, and blue_green has %d weights to shift by. The last weight, of 100, is not one to hold after: write a number from 0 (on stage) to %d.", hold.ValueInt64(), n, n))
	}
	var sum time.Duration
	all, before := true, int64(0)
	for i, element := range written.Shift.Elements() {
		w, ok := writtenWeight(ctx, element)
		all = all && ok && !w.Bake.IsUnknown()
		if hold.IsNull() || int64(i) < hold.ValueInt64() {
			sum += duration(w.Bake)
		}
		if !ok || w.Weight.IsUnknown() || w.Weight.ValueInt64() < 1 {
			continue // not known, or refused for itself
		}
		if weight := w.Weight.ValueInt64(); weight <= before {
			diags.AddAttributeError(at.AtListIndex(i).AtName("weight"), "Weights out of order",
				fmt.Sprintf("The weight is %d, and the one before it %d. Each is a share of the whole traffic, and has to be more than the one before it.", weight, before))
		} else {
			before = weight
		}
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

// weightBakes are the bakes of the weights of a shift and of the full switch, and whether all weights are known.
func (m model) weightBakes(ctx context.Context, diags *diag.Diagnostics) (shifts, whole []writtenBake, known bool) {
	if m.BlueGreen.IsNull() {
		return nil, nil, true
	}
	var written blueGreenModel
	diags.Append(m.BlueGreen.As(ctx, &written, basetypes.ObjectAsOptions{})...)
	at := path.Root("blue_green")
	known = !written.Shift.IsUnknown()
	for i, element := range written.Shift.Elements() {
		w, ok := writtenWeight(ctx, element)
		known = known && ok
		shifts = append(shifts, writtenBake{at.AtName("shift").AtListIndex(i).AtName("bake"), fmt.Sprintf("that of weight %d", i+1), w.Bake})
	}
	return shifts, []writtenBake{{at.AtName("bake"), "that of the full switch", written.Bake}}, known
}

// refuseNetworkBalancers refuses to compare what is counted for balancers as a whole.
func (m model) refuseNetworkBalancers(ctx context.Context, diags *diag.Diagnostics) {
	if m.BlueGreen.IsNull() || m.BlueGreen.IsUnknown() {
		return
	}
	var written blueGreenModel
	diags.Append(m.BlueGreen.As(ctx, &written, basetypes.ObjectAsOptions{})...)
	for i, element := range written.Routes.Elements() {
		object, _ := element.(types.Object)
		var r routeModel
		if object.IsNull() || object.IsUnknown() || object.As(ctx, &r, basetypes.ObjectAsOptions{}).HasError() {
			continue
		}
		if strings.Contains(r.ProductionARN.ValueString(), "/net/") {
			diags.AddAttributeError(path.Root("verify").AtName("compare"), "Network load balancer",
				fmt.Sprintf("Production's listener of route %d is of a network load balancer, which counts traffic for itself as a whole and not for each target group, so that nothing can be compared. Use an alarm or a check.", i+1))
		}
	}
}
