package deployment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/clouds"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// registration checks the places where the instances of a group register: that each is there and takes instances, that all
// of them can have the same ones, that they serve the zones where these start, and that they find them healthy before Spot gives them up.
type registration struct {
	clouds  *clouds.Clients
	healing spot.Healing
	diags   *diag.Diagnostics

	draining int  // for how many seconds Spot lets an instance drain
	drains   bool // whether the configuration says so

	vpc, first string // of the first that is in one, and what that is

	zones    []string            // where the group's instances start
	enabled  map[string][]string // those of each load balancer that was asked
	compared map[string]bool     // load balancers whose zones were compared
}

// targetGroup checks a target group.
func (r *registration) targetGroup(ctx context.Context, arn string, at path.Path) {
	if !r.clouds.InRegion(ctx, "Target group", arn, at, r.diags) {
		return
	}
	group, err := r.clouds.AWS.TargetGroup(ctx, arn)
	if err != nil {
		r.diags.AddAttributeError(at, diagtext.Title("Target group", err), diagtext.Sentence(err)+r.clouds.NotThere(ctx, err, "target groups", arn, r.clouds.AWS.KnownTargetGroups))
		return
	}
	if group.Type != "" && group.Type != "instance" {
		r.diags.AddAttributeError(at, "Target group of another type",
			fmt.Sprintf("Target group %s takes targets of type %q, and Elastigroups register instances. Name a target group of type \"instance\".", group.Name, group.Type))
		return
	}
	if len(group.Balancers) == 0 {
		r.diags.AddAttributeError(at, "Target group is not in use",
			fmt.Sprintf("No load balancer uses target group %s, so its targets never turn healthy. Make a listener or a rule forward to it first.", group.Name))
	}
	r.serves(ctx, group, at)
	r.sameNetwork("target group "+group.Name, group.VPC, at)
	r.checksFitGracePeriod("Target group "+group.Name, group.Check, at)
	r.drainsWhole(ctx, "Target group "+group.Name, func(ctx context.Context) (time.Duration, error) { return r.clouds.AWS.DeregistrationDelay(ctx, arn) }, at)
}

// drainsWhole warns of a target group or classic load balancer that gives requests longer to end than Spot gives the instance: those that are still under way are cut.
// Where the configuration leaves drainingTimeout out, nobody has said how long an instance drains, and nothing is compared.
//
// The defaults of the two clouds are such a pair, 120 s at Spot, which every export writes out, and 300 s at AWS. Nobody has chosen it and
// nearly everybody has it, and a warning that everybody gets is read by nobody: there it is left out. As soon as either is another one,
// somebody has thought of how long requests take, and is told if that is not what happens.
func (r *registration) drainsWhole(ctx context.Context, what string, asked func(context.Context) (time.Duration, error), at path.Path) {
	if !r.drains {
		return
	}
	delay, err := asked(ctx)
	if err != nil {
		r.diags.AddAttributeWarning(at, "Draining could not be checked", diagtext.Sentence(err))
		return
	}
	given := time.Duration(r.draining) * time.Second
	if given >= delay || given == usualDraining && delay == usualDelay {
		return
	}
	r.diags.AddAttributeWarning(at, "Instances end before they are drained",
		fmt.Sprintf("%s gives requests that are under way %s to end (deregistration_delay, or connection draining of a classic load balancer), and Spot ends an instance %s after it has taken it out "+
			"(strategy.drainingTimeout in the configuration), so that a request that takes longer is cut off. Write a drainingTimeout of %d, or make that time shorter.",
			what, diagtext.Duration(delay), diagtext.Duration(given), int(delay/time.Second)))
}

// How long an instance drains, and what a target group gives requests to end, where nobody has chosen another time.
// https://docs.spot.io/api/ (Elastigroup AWS, create) and
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
const (
	usualDraining = 120 * time.Second
	usualDelay    = 300 * time.Second
)

// classic checks a classic load balancer.
func (r *registration) classic(ctx context.Context, name string, at path.Path) {
	balancer, err := r.clouds.AWS.ClassicBalancer(ctx, name)
	if err != nil {
		says := diagtext.Sentence(err)
		if errors.Is(err, runner.ErrGone) {
			says += r.clouds.NotThere(ctx, err, "classic load balancers", name, r.clouds.AWS.KnownClassicBalancers) +
				" An Application or Network Load Balancer is not a classic one: instances register in its target groups (target_group_arns)."
		}
		r.diags.AddAttributeError(at, diagtext.Title("Load balancer", err), says)
		return
	}
	r.sameZones("classic load balancer "+name, balancer.Zones, at)
	r.sameNetwork("classic load balancer "+name, balancer.VPC, at)
	r.checksFitGracePeriod("Classic load balancer "+name, balancer.Check, at)
	r.drainsWhole(ctx, "Classic load balancer "+name, func(ctx context.Context) (time.Duration, error) { return r.clouds.AWS.ConnectionDraining(ctx, name) }, at)
}

// sameNetwork refuses a place in another VPC than the first: an instance is in one, and registers nowhere else.
func (r *registration) sameNetwork(what, vpc string, at path.Path) {
	switch {
	case vpc == "" || vpc == r.vpc:
	case r.vpc == "":
		r.vpc, r.first = vpc, what
	default:
		r.diags.AddAttributeError(at, "Two networks", diagtext.Sentence(fmt.Errorf("%s is in %s, and %s in %s. The instances of a group are in one VPC and cannot register in both. "+
			"Name places in the VPC of the group's subnets alone", what, vpc, r.first, r.vpc)))
	}
}

// checksFitGracePeriod warns of a health check that takes longer than Spot waits for it: every instance would be replaced before it has
// come into service, over and over.
func (r *registration) checksFitGracePeriod(what string, check runner.HealthCheck, at path.Path) {
	takes := check.Takes()
	if takes == 0 || !r.healing.ByBalancers() || r.healing.Off || takes < r.healing.Patience {
		return
	}
	checks := fmt.Sprintf("%d checks at an interval of %s", check.Passes, diagtext.Duration(check.Interval))
	if check.Passes == 1 {
		checks = "a check at an interval of " + diagtext.Duration(check.Interval)
	}
	r.diags.AddAttributeWarning(at, "Instances are replaced before they are healthy",
		fmt.Sprintf("%s calls a new instance healthy after %s, %s at the least, and Spot replaces one that is not healthy %s after its launch (healthCheckType %s). "+
			"Make healthCheckGracePeriod in the configuration longer than %d seconds, by as much as instances need to boot, or the health check quicker.",
			what, checks, diagtext.Duration(takes), diagtext.Duration(r.healing.Patience), r.healing.Type, takes/time.Second))
}

// wordOnHealth warns of a group on whose instances nobody has a word: what no balancer checks is healthy when Spot says so.
func wordOnHealth(built spot.Document, diags *diag.Diagnostics) {
	healing := built.Healing()
	says := "has no healthCheckType"
	switch {
	case healing.ByBalancers():
		says = fmt.Sprintf("has healthCheckType %s, which goes by load balancers", healing.Type)
	case healing.Type != "":
		return
	}
	diags.AddAttributeWarning(path.Root("configuration"), "Nobody says what is healthy",
		fmt.Sprintf("The group registers with no load balancer and %s, so Spot may never call an instance healthy, and a rollout would wait for healthy_timeout and fail. "+
			"Set compute.launchSpecification.healthCheckType to EC2, for instance, or name target_group_arns.", says))
}
