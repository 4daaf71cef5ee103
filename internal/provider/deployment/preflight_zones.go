package deployment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/aws"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// startsIn finds out in which availability zones the instances of a group start. Nothing is found, and nothing compared, where the
// document says nothing that AWS can tell the zone of.
func (r *registration) startsIn(ctx context.Context, built spot.Document) {
	r.zones = built.Zones()
	subnets := built.Subnets()
	if len(r.zones) > 0 || len(subnets) == 0 {
		return
	}
	zones, err := r.clouds.AWS.SubnetZones(ctx, subnets)
	switch at := path.Root("configuration"); {
	case errors.Is(err, runner.ErrGone):
		r.diags.AddAttributeError(at, "Subnet not found", diagtext.Sentence(err)+r.clouds.NotThere(ctx, err, "subnets", subnetNamed(err, subnets), r.clouds.AWS.KnownSubnets))
	case err != nil:
		r.diags.AddAttributeWarning(at, "Availability zones could not be checked", diagtext.Sentence(err))
	}
	for _, zone := range zones {
		if !slices.Contains(r.zones, zone) {
			r.zones = append(r.zones, zone)
		}
	}
	slices.Sort(r.zones)
}

// subnetNamed is the one of some subnets that AWS complains of.
func subnetNamed(err error, subnets []string) string {
	var said *aws.Error
	if errors.As(err, &said) {
		for _, id := range subnets {
			if strings.Contains(said.Message, id) {
				return id
			}
		}
	}
	return strings.Join(subnets, ", ")
}

// serves compares the zones of the group with those that are enabled at the load balancers of a target group.
func (r *registration) serves(ctx context.Context, group runner.TargetGroup, at path.Path) {
	var enabled, names []string
	for _, arn := range group.Balancers {
		if _, known := r.enabled[arn]; !known {
			zones, err := r.clouds.AWS.Zones(ctx, arn)
			if err != nil {
				r.diags.AddAttributeWarning(at, "Availability zones could not be checked", diagtext.Sentence(err))
				return
			}
			if r.enabled == nil {
				r.enabled = map[string][]string{}
			}
			r.enabled[arn] = zones
		}
		enabled, names = append(enabled, r.enabled[arn]...), append(names, aws.BalancerName(arn))
	}
	key := strings.Join(group.Balancers, " ")
	if r.compared[key] {
		return // of another target group of theirs it would be the same
	}
	if r.compared == nil {
		r.compared = map[string]bool{}
	}
	r.compared[key] = true
	r.sameZones(fmt.Sprintf("load balancer %s of target group %s", strings.Join(names, ", "), group.Name), enabled, at)
}

// sameZones refuses a balancer that serves no zone of the group, and warns of one that does not serve all of them: an instance in
// a zone that is not enabled is registered, and never checked.
func (r *registration) sameZones(balancer string, enabled []string, at path.Path) {
	others := slices.DeleteFunc(slices.Clone(r.zones), func(zone string) bool { return slices.Contains(enabled, zone) })
	if len(enabled) == 0 || len(others) == 0 {
		return
	}
	slices.Sort(enabled)
	serves := strings.Join(slices.Compact(enabled), ", ")
	if len(others) == len(r.zones) {
		r.diags.AddAttributeError(at, "Availability zones not enabled", fmt.Sprintf("The group's instances start in %s, and %s serves %s: no instance would ever be in service. "+
			"Enable the group's zones there, or name others in the configuration.", strings.Join(r.zones, ", "), balancer, serves))
		return
	}
	r.diags.AddAttributeWarning(at, "Availability zone not enabled", fmt.Sprintf("The group's instances may start in %s, too, and %s serves %s alone: an instance in another zone is never checked and never in service, "+
		"and a release would wait for it and be taken back. Enable %s there, or take it out of the configuration.", strings.Join(others, ", "), balancer, serves, strings.Join(others, ", ")))
}
