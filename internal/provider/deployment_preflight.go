package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// preflight checks that what a new revision needs exists and fits, and points at the attribute that names it. It tells
// whether the rollout may go on.
//
// A rollout without balancers needs nothing of AWS, and works on a machine without its credentials. There the image is
// checked if it can be, and Spot refuses one that does not exist.
func (r *deploymentResource) preflight(ctx context.Context, plan deploymentModel, before rollout.World, newRevision bool, diags *diag.Diagnostics) bool {
	if !newRevision {
		return !diags.HasError()
	}
	release := plan.release(ctx, diags)
	alarms := plan.alarms(ctx, diags)
	if diags.HasError() {
		return false
	}
	built, err := release.built()
	if err != nil {
		diags.AddAttributeError(path.Root("configuration"), "Configuration that cannot be released", sentence(err))
		return false
	}
	groups, classics := built.TargetGroups(), built.LoadBalancers()
	routed := !plan.BlueGreen.IsNull()
	if routed {
		groups = nil // the routes say where instances register
	}
	if err := r.clouds.AWS.Ready(ctx); err != nil {
		if len(groups)+len(classics)+len(alarms) == 0 && !routed {
			tflog.Debug(ctx, "AWS cannot be asked; the image is not checked", map[string]any{"error": err.Error()})
			return true
		}
		diags.AddError("AWS cannot be asked", "The rollout needs the word of load balancers or alarms. "+sentence(err))
		return false
	}
	r.checkImage(ctx, trimmed(plan.ImageID), built.InstanceTypes(), diags)
	r.checkAlarms(ctx, alarms, diags)
	for i, arn := range groups {
		at := path.Root("configuration")
		if release.overrides.TargetGroups != nil {
			at = path.Root("target_group_arns").AtListIndex(i)
		}
		checkTargetGroup(ctx, r.clouds, arn, at, diags)
	}
	for i, name := range classics {
		at := path.Root("configuration")
		if release.overrides.LoadBalancers != nil {
			at = path.Root("load_balancer_names").AtListIndex(i)
		}
		if err := r.clouds.AWS.ClassicBalancer(ctx, name); err != nil {
			diags.AddAttributeError(at, titled("Load balancer", err), sentence(err))
		}
	}
	r.checkRoutes(ctx, plan, before, diags)
	return !diags.HasError()
}

func (r *deploymentResource) checkImage(ctx context.Context, id string, types []string, diags *diag.Diagnostics) {
	image, err := r.clouds.AWS.Image(ctx, id)
	switch {
	case errors.Is(err, runner.ErrGone):
		diags.AddAttributeError(path.Root("image_id"), "Image not found", sentence(err))
	case err != nil:
		diags.AddAttributeWarning(path.Root("image_id"), "Image could not be checked", sentence(err))
	case image.State != "" && image.State != "available":
		diags.AddAttributeError(path.Root("image_id"), "Image not available",
			fmt.Sprintf("Image %s is %s. Only an image that is available can be launched.", id, image.State))
	default:
		checkArchitecture(image, types, diags)
	}
}

// checkArchitecture refuses an image that none of the group's instance types can boot, and warns if some cannot.
func checkArchitecture(image runner.Image, types []string, diags *diag.Diagnostics) {
	var others []string
	if image.Architecture != "x86_64" && image.Architecture != "arm64" {
		return // one that boots on few types, which their names do not tell
	}
	for _, t := range types {
		if is := spot.Architecture(t); is != "" && is != image.Architecture {
			others = append(others, t)
		}
	}
	switch at := path.Root("image_id"); {
	case len(others) == 0:
	case len(others) == len(types):
		diags.AddAttributeError(at, "Image of another architecture",
			fmt.Sprintf("Image %s is built for %s, and none of the group's instance types (%s) can boot it.", image.ID, image.Architecture, strings.Join(types, ", ")))
	default:
		diags.AddAttributeWarning(at, "Image of another architecture",
			fmt.Sprintf("Image %s is built for %s, and these of the group's instance types cannot boot it: %s.", image.ID, image.Architecture, strings.Join(others, ", ")))
	}
}

// alarms are the names of those that are watched.
func (m deploymentModel) alarms(ctx context.Context, diags *diag.Diagnostics) []string {
	names := listOf(ctx, m.verify(ctx, diags).Alarms, diags)
	if names == nil {
		return nil
	}
	return *names
}

// checkAlarms refuses alarms that do not exist, and warns of one that is off already: the rollout would refuse to begin.
func (r *deploymentResource) checkAlarms(ctx context.Context, names []string, diags *diag.Diagnostics) {
	at := path.Root("verify").AtName("alarms")
	alarms, err := r.clouds.AWS.Alarms(ctx, names)
	if err != nil {
		diags.AddAttributeError(at, titled("Alarm", err), sentence(err))
	}
	for i, alarm := range alarms {
		if alarm.Tripped() {
			diags.AddAttributeWarning(at.AtListIndex(i), "Alarm is in ALARM", fmt.Sprintf("Alarm %s is in ALARM: %s. "+
				"A rollout does not begin while one of its alarms is.", alarm.Name, alarm.Reason))
		}
	}
}

func checkTargetGroup(ctx context.Context, clouds *Clouds, arn string, at path.Path, diags *diag.Diagnostics) {
	group, err := clouds.AWS.TargetGroup(ctx, arn)
	if err != nil {
		diags.AddAttributeError(at, titled("Target group", err), sentence(err))
		return
	}
	if group.Type != "" && group.Type != "instance" {
		diags.AddAttributeError(at, "Target group of another type",
			fmt.Sprintf("Target group %s takes targets of type %q. Elastigroups register instances.", group.Name, group.Type))
	}
	if len(group.Balancers) == 0 {
		diags.AddAttributeError(at, "Target group is not in use",
			fmt.Sprintf("No load balancer uses target group %s, so its targets never turn healthy. Make a listener or a rule forward to it first.", group.Name))
	}
}
