package deployment

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// preflight checks that what a new revision needs exists and fits, and points at the attribute that names it. It tells
// whether the rollout may go on.
//
// A rollout without balancers needs nothing of AWS, and works on a machine without its credentials. There the image is
// checked if it can be, and Spot refuses one that does not exist.
func (r *deploymentResource) preflight(ctx context.Context, spec *specification, before rollout.World, newRevision bool, diags *diag.Diagnostics) bool {
	if !newRevision {
		return !diags.HasError()
	}
	release, alarms, built := spec.release, spec.deployment.Alarms, spec.release.group
	if diags.HasError() {
		return false
	}
	if err := release.bad; err != nil {
		diags.AddAttributeError(path.Root("configuration"), "Configuration that cannot be released", diagtext.Sentence(err))
		return false
	}
	groups, classics := built.TargetGroups(), built.LoadBalancers()
	routed := spec.deployment.MovesTraffic()
	if routed {
		groups = nil // the routes say where instances register
	} else if len(groups)+len(classics) == 0 {
		wordOnHealth(built, diags)
	}
	watch := watching{watched: rollout.RolesOf(before).Live != nil, comesBack: rollout.Reverts(spec.deployment, before),
		ignores: spec.deployment.IgnoreAtStart}
	needed := spec.asksAWS(ctx, diags) || len(groups)+len(classics)+len(alarms) > 0 || routed
	if err := r.clouds.AWS.Ready(ctx); err != nil {
		if !needed {
			tflog.Debug(ctx, "AWS cannot be asked; the image is not checked", map[string]any{"error": err.Error()})
			r.checkCheckers(ctx, spec, watch, diags)
			return !diags.HasError()
		}
		diags.AddError("AWS cannot be asked", "The rollout needs the word of load balancers, alarms or functions. "+diagtext.Sentence(err))
		return false
	}
	if !r.clouds.StartsInRegion(ctx, built, needed, diags) || !r.checkImages(ctx, spec.written, built, needed, diags) {
		return !diags.HasError()
	}
	r.checkAlarms(ctx, alarms, watch, diags)
	r.checkCheckers(ctx, spec, watch, diags)
	places := registration{clouds: r.clouds, healing: built.Healing(), diags: diags}
	places.draining, places.drains = built.Draining()
	if len(groups)+len(classics) > 0 || routed {
		places.startsIn(ctx, built)
	}
	for i, arn := range groups {
		at := path.Root("configuration")
		if release.overrides.TargetGroups != nil {
			at = path.Root("target_group_arns").AtListIndex(i)
		}
		places.targetGroup(ctx, arn, at)
	}
	for i, name := range classics {
		at := path.Root("configuration")
		if release.overrides.LoadBalancers != nil {
			at = path.Root("load_balancer_names").AtListIndex(i)
		}
		places.classic(ctx, name, at)
	}
	r.checkRoutes(ctx, spec, before, &places, diags)
	return !diags.HasError()
}

// preflightAgain is the preflight of an apply. Of what it warns, the plan has warned; said once more when all is over, it may not be so any more.
func (r *deploymentResource) preflightAgain(ctx context.Context, spec *specification, before rollout.World, newRevision bool, diags *diag.Diagnostics) bool {
	var found diag.Diagnostics
	// Terraform plans once more right before: what that was answered a moment ago will do.
	ctx = runner.AskedBy(ctx, "applying "+spec.deployment.Name)
	passed := r.preflight(ctx, spec, before, newRevision, &found)
	diags.Append(found.Errors()...)
	return passed
}
