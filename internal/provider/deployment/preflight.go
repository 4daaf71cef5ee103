package deployment

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/aws"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
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
	routed := spec.deployment.BlueGreen != nil
	if routed {
		groups = nil // the routes say where instances register
	} else if len(groups)+len(classics) == 0 {
		wordOnHealth(built, diags)
	}
	needed := len(groups)+len(classics)+len(alarms) > 0 || routed
	if err := r.clouds.AWS.Ready(ctx); err != nil {
		if !needed {
			tflog.Debug(ctx, "AWS cannot be asked; the image is not checked", map[string]any{"error": err.Error()})
			return true
		}
		diags.AddError("AWS cannot be asked", "The rollout needs the word of load balancers or alarms. "+diagtext.Sentence(err))
		return false
	}
	if !r.clouds.StartsInRegion(ctx, built, needed, diags) || !r.checkImage(ctx, release.overrides.ImageID, built.InstanceTypes(), needed, diags) {
		return !diags.HasError()
	}
	watch := watching{watched: rollout.RolesOf(before).Live != nil, comesBack: rollout.Reverts(spec.deployment, before),
		ignores: spec.deployment.IgnoreAtStart}
	r.checkAlarms(ctx, alarms, watch, diags)
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
	passed := r.preflight(ctx, spec, before, newRevision, &found)
	diags.Append(found.Errors()...)
	return passed
}

// checkImage refuses an image that cannot be launched. It tells whether AWS can be asked for more: credentials that it does
// not know would only be refused again for everything else, and are an error if the rollout needs them.
func (r *deploymentResource) checkImage(ctx context.Context, id string, types []string, needed bool, diags *diag.Diagnostics) bool {
	at := path.Root("image_id")
	image, err := r.clouds.AWS.Image(ctx, id)
	switch {
	case errors.Is(err, runner.ErrGone):
		diags.AddAttributeError(at, "Image not found", diagtext.Sentence(err))
	case aws.Refused(err) && needed:
		diags.AddError("AWS refuses the credentials", "The rollout needs the word of load balancers or alarms. "+diagtext.Sentence(err)+
			" Give the provider other ones: profile, access_key and secret_key, or assume_role; or in the environment AWS_PROFILE, AWS_ACCESS_KEY_ID and the like.")
		return false
	case err != nil:
		diags.AddAttributeWarning(at, "Image could not be checked", diagtext.Sentence(err))
	case image.State != "" && image.State != "available":
		says := "Choose another one."
		if image.State == "pending" || image.State == "transient" {
			says = "Apply again when it is."
		}
		diags.AddAttributeError(at, "Image not available",
			fmt.Sprintf("Image %s is %s. Only an image that is available can be launched. %s", id, image.State, says))
	default:
		checkArchitecture(image, types, diags)
	}
	return true
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
			fmt.Sprintf("Image %s is built for %s, and none of the group's instance types (%s) can boot it. Choose an image or instance types of the other architecture.", image.ID, image.Architecture, strings.Join(types, ", ")))
	default:
		diags.AddAttributeWarning(at, "Image of another architecture",
			fmt.Sprintf("Image %s is built for %s, and these of the group's instance types cannot boot it: %s. An instance of such a type would not start: take them out of the configuration.", image.ID, image.Architecture, strings.Join(others, ", ")))
	}
}
