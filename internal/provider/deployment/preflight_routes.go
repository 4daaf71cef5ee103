package deployment

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/aws"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/clouds"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// routeCheck is the preflight of blue_green: what was read of its routes, and who is live behind them.
type routeCheck struct {
	clouds     *clouds.Clients
	spec       *specification
	deployment rollout.Deployment
	places     *registration
	diags      *diag.Diagnostics

	routes map[string]aws.Route // by ARN as it is written
	own    map[string]path.Path // what is written, by the ARN that is changed
	groups map[string]path.Path // target groups, by where they were first met
	world  rollout.World
	live   *rollout.Group
}

// halfWay is the title of a warning, whoever finds it.
const halfWay = "Traffic was left half way"

// productionAt and stageAt are where a route is written.
func productionAt(i int) path.Path {
	return path.Root("blue_green").AtName("route").AtListIndex(i).AtName("production_arn")
}

func stageAt(i int) path.Path {
	return path.Root("blue_green").AtName("route").AtListIndex(i).AtName("stage_arn")
}

// checkRoutes refuses listeners and rules that cannot carry a blue/green rollout, or would carry the candidate into
// production early, and warns of what makes one hard to end.
func (r *deploymentResource) checkRoutes(ctx context.Context, spec *specification, before rollout.World, places *registration, diags *diag.Diagnostics) {
	if !spec.deployment.MovesTraffic() || diags.HasError() {
		return
	}
	c := routeCheck{clouds: r.clouds, spec: spec, places: places, diags: diags,
		routes: map[string]aws.Route{}, own: map[string]path.Path{}, groups: map[string]path.Path{}}
	// What is wrong with one listener would only be said again in other words by what follows.
	if !c.read(ctx) || !c.look(ctx, r, before) {
		return
	}
	all := rollout.TrafficOf(c.world)
	if len(rollout.RoutesOf(c.world)) > 0 {
		// A rollout under way has left the routes half way, and what it recorded of them is what counts.
		c.underWay(ctx, all)
		return
	}
	for i, t := range all {
		c.balancers(i, t)
		c.assignTargetGroups(i, t)
	}
	if diags.HasError() {
		return
	}
	c.agree(all)
	for i, t := range all {
		c.registered(i, t)
		c.targetGroups(ctx, i, t)
		c.elsewhere(ctx, i, t)
		c.atRest(i, t)
	}
	if diags.HasError() {
		return
	}
	for i, t := range all {
		c.drainsFitTimeout(ctx, i, t)
		c.foreignTargets(ctx, i, t)
	}
}

// underWay warns of what the new revision will meet in its target groups, where another one is taken back first. What is an error at rest is none
// here: it would keep the way back from beginning.
func (c *routeCheck) underWay(ctx context.Context, all []rollout.Traffic) {
	var found diag.Diagnostics
	places := *c.places
	places.diags = &found
	c.places = &places
	for i, t := range all {
		if t.Live != "" {
			c.targetGroups(ctx, i, t)
		}
	}
	c.diags.Append(found.Warnings()...)
}

// blueGreen is the strategy that is checked.
func (c *routeCheck) blueGreen() rollout.BlueGreen { return *c.deployment.BlueGreen }

// read reads all routes, and tells whether each can be one.
func (c *routeCheck) read(ctx context.Context) bool {
	bg := c.spec.deployment.BlueGreen
	c.deployment.BlueGreen = bg
	for i, pair := range bg.Routes {
		route := rollout.Route{RoutePair: pair, Production: c.readOne(ctx, pair.ProductionARN, productionAt(i))}
		if pair.StageARN != "" {
			route.Stage = c.readOne(ctx, pair.StageARN, stageAt(i))
		}
		c.world.Routes = append(c.world.Routes, route)
	}
	return !c.diags.HasError()
}

// readOne reads a listener or rule, and where it forwards.
func (c *routeCheck) readOne(ctx context.Context, arn string, at path.Path) rollout.Forward {
	if !c.clouds.InRegion(ctx, "Listener or rule", arn, at, c.diags) {
		return nil
	}
	route, err := c.clouds.AWS.Route(ctx, arn)
	if err != nil {
		c.diags.AddAttributeError(at, diagtext.Title("Listener or rule", err), diagtext.Sentence(err)+c.clouds.RouteNotThere(ctx, err, arn))
		return nil
	}
	c.routes[arn] = route
	changed := route.ARN
	if route.Default {
		changed = route.ListenerARN
	}
	if there, twice := c.own[changed]; twice {
		c.diags.AddAttributeError(at, "Route written twice", fmt.Sprintf("%s and %s (%s) are one: the default rule of a listener is its default action. "+
			"A listener or rule is production or stage of one route.", arn, c.writtenAt(there), there))
	}
	c.own[changed] = at
	switch {
	case route.LoadBalancerType == "gateway":
		c.diags.AddAttributeError(at, "Gateway Load Balancer", fmt.Sprintf("%s is of a Gateway Load Balancer, which has no traffic to shift between revisions. "+
			"Name a listener or rule of an Application or Network Load Balancer.", arn))
	case route.Forward == nil:
		c.diags.AddAttributeError(at, "Listener or rule does not forward", fmt.Sprintf("%s %s, and forwards to no target group. "+
			"Make it forward to the target group that is live, or name another one.", arn, answers(route)))
	}
	return route.Forward
}

// writtenAt is the ARN that is written somewhere.
func (c *routeCheck) writtenAt(at path.Path) string {
	for i, pair := range c.blueGreen().Routes {
		switch {
		case productionAt(i).Equal(at):
			return pair.ProductionARN
		case stageAt(i).Equal(at):
			return pair.StageARN
		}
	}
	return ""
}

// answers says what a route does that does not forward.
func answers(route aws.Route) string {
	for _, a := range route.Actions {
		switch {
		case a.RedirectConfig != nil:
			return "redirects (action redirect)"
		case a.FixedResponseConfig != nil:
			return fmt.Sprintf("answers %s by itself (action fixed-response)", awssdk.ToString(a.FixedResponseConfig.StatusCode))
		}
	}
	return "has no forward action"
}

// look finds out which revision is live.
//
// Groups that were imported bear no journal, and only the state knows them as the deployment's own. A plan that is not for
// revision 1 was made for such groups; what else is called like that is refused elsewhere.
func (c *routeCheck) look(ctx context.Context, r *deploymentResource, before rollout.World) bool {
	run := r.run(c.spec, before)
	found, err := run.Look(ctx)
	if err != nil {
		c.diags.AddError("Groups cannot be read", diagtext.Sentence(err))
		return false
	}
	c.deployment = run.Deployment
	c.world.Groups = found.Groups
	c.live = rollout.RolesOf(c.world).Live
	return true
}

// balancers refuses a stage that cannot share target groups with production.
func (c *routeCheck) balancers(i int, t rollout.Traffic) {
	production, stage := c.routes[t.ProductionARN], c.routes[t.StageARN]
	if t.StageARN == "" || production.LoadBalancerARN == stage.LoadBalancerARN {
		return
	}
	c.diags.AddAttributeError(stageAt(i), "Stage of another load balancer", fmt.Sprintf("Production is of load balancer %s, and stage of %s. "+
		"A target group belongs to one load balancer only, so the two could not exchange theirs.", production.LoadBalancerARN, stage.LoadBalancerARN))
}

// assignTargetGroups refuses routes of which it cannot be told which target group is live and which is idle.
func (c *routeCheck) assignTargetGroups(i int, t rollout.Traffic) {
	if t.Live != "" {
		return
	}
	at, says := productionAt(i), fmt.Sprintf("%s forwards to %s", t.ProductionARN, t.Production)
	if t.StageARN == "" {
		says += ", and there is no stage. Make its forward action name two target groups, one of them with weight 0, or write the stage_arn of a listener or rule that forwards to the other one."
	} else {
		says += fmt.Sprintf(", and stage %s to %s. Between them they have to name exactly two target groups, one of which has production's traffic.", t.StageARN, t.Stage)
	}
	weight := 0
	for _, share := range t.Production {
		weight += share.Weight
	}
	if weight == 0 {
		says = fmt.Sprintf("All weights of %s are 0, so production's traffic goes nowhere. Give the live target group a weight.", t.ProductionARN)
	}
	c.diags.AddAttributeError(at, "Not two target groups", says)
}

// agree refuses routes that take one target group for the live one here and for the idle one there.
func (c *routeCheck) agree(all []rollout.Traffic) {
	for i, t := range all {
		for j, other := range all {
			if t.Idle == other.Live {
				c.diags.AddAttributeError(productionAt(i), "Routes disagree", fmt.Sprintf("Target group %s is the idle one of this route, and %s sends production's traffic to it. "+
					"Make all routes forward to the same revision.", rollout.TargetGroupName(t.Idle), productionAt(j)))
			}
		}
	}
}

// registered refuses what would leave the live revision without the traffic, or put the candidate beside it.
func (c *routeCheck) registered(i int, t rollout.Traffic) {
	switch {
	case c.live == nil:
	case !slices.Contains(c.live.TargetGroups, t.Live):
		c.diags.AddAttributeError(productionAt(i), "Live revision is elsewhere", fmt.Sprintf("%s forwards to %s, and the live revision %s does not register there but in %s. %s "+
			"Make production forward to where it is, or register it there.", t.ProductionARN, t.Production, c.live.Name, groupNames(c.live.TargetGroups), commonestMover))
	case slices.Contains(c.live.TargetGroups, t.Idle):
		c.diags.AddAttributeError(productionAt(i), "Live revision is in both target groups", fmt.Sprintf("The live revision %s registers in %s, which is to be the idle target group of %s: "+
			"a candidate there would not stand alone.", c.live.Name, rollout.TargetGroupName(t.Idle), t.ProductionARN))
	}
}

// commonestMover says who it mostly is that has moved production's traffic.
const commonestMover = "Most often it is the AWS provider, which puts the action of an aws_lb_listener or aws_lb_listener_rule back unless that has " +
	"lifecycle { ignore_changes = [default_action] }, or [action]."

func groupNames(arns []string) string {
	if len(arns) == 0 {
		return "no target group"
	}
	names := make([]string, len(arns))
	for i, arn := range arns {
		names[i] = strconv.Quote(rollout.TargetGroupName(arn))
	}
	return strings.Join(names, ", ")
}

// targetGroups refuses target groups that take no instances.
func (c *routeCheck) targetGroups(ctx context.Context, i int, t rollout.Traffic) {
	for _, arn := range []string{t.Live, t.Idle} {
		if _, known := c.groups[arn]; known {
			continue
		}
		at := stageAt(i)
		if slices.ContainsFunc(t.Production, func(s rollout.Share) bool { return s.TargetGroup == arn }) {
			at = productionAt(i)
		}
		c.groups[arn] = at
		c.places.targetGroup(ctx, arn, at)
	}
}

// elsewhere refuses an idle target group that other listeners or rules send traffic to, and warns of such a live one.
func (c *routeCheck) elsewhere(ctx context.Context, i int, t rollout.Traffic) {
	group, err := c.clouds.AWS.TargetGroup(ctx, t.Live)
	var uses []aws.Route
	for _, balancer := range group.Balancers {
		var more []aws.Route
		if more, err = c.clouds.AWS.Uses(ctx, balancer); err != nil {
			break
		}
		uses = append(uses, more...)
	}
	if err != nil {
		c.diags.AddAttributeError(productionAt(i), diagtext.Title("Load balancer", err), diagtext.Sentence(err))
		return
	}
	for _, use := range uses {
		if _, ours := c.own[use.ARN]; ours {
			continue
		}
		for _, g := range use.Forward {
			switch {
			case g.Weight == 0, g.TargetGroup == t.Idle && c.shows(use):
			case g.TargetGroup == t.Idle:
				c.diags.AddAttributeError(productionAt(i), "Idle target group has traffic", fmt.Sprintf("%s forwards to target group %s, which is the idle one of this route: "+
					"a candidate would have that traffic before it is verified. Make it forward to %s, or write it as a route of its own, or as the stage of this one.",
					called(use), rollout.TargetGroupName(t.Idle), rollout.TargetGroupName(t.Live)))
			case g.TargetGroup == t.Live:
				c.diags.AddAttributeWarning(productionAt(i), "Live target group has other traffic", fmt.Sprintf("%s forwards to target group %s, too, and is no route of blue_green. "+
					"Its traffic stays with the previous revision when production moves, and meets no instances once that one is at zero. Write it as a route of its own.",
					called(use), rollout.TargetGroupName(t.Live)))
			}
		}
	}
}

// shows tells whether a listener or rule is of a listener that is for stage alone, by what is written of it: what comes in
// there is a test.
func (c *routeCheck) shows(use aws.Route) bool {
	shown := false
	for _, pair := range c.blueGreen().Routes {
		if c.routes[pair.ProductionARN].ListenerARN == use.ListenerARN {
			return false
		}
		shown = shown || c.routes[pair.StageARN].ListenerARN == use.ListenerARN
	}
	return shown
}

// called is how a listener or rule is named among others.
func called(r aws.Route) string {
	if r.Kind == aws.Rule {
		return fmt.Sprintf("Rule %s (priority %s)", r.ARN, r.Priority)
	}
	return fmt.Sprintf("Listener %s (%s %d)", r.ARN, r.Protocol, r.Port)
}

// atRest warns of weights that somebody else left half way, and of clients that weights do not move.
func (c *routeCheck) atRest(i int, t rollout.Traffic) {
	ours := slices.ContainsFunc(rollout.RoutesOf(c.world), func(r rollout.Route) bool { return r.RoutePair == t.RoutePair })
	switch {
	case t.IdleWeight == 0 || ours || c.spec.halfWayTold: // a plan says it of routes that the state knows, and it is said once
	case c.live == nil:
		c.spec.halfWayTold = true
		c.diags.AddAttributeWarning(productionAt(i), halfWay, fmt.Sprintf("%s forwards to %s. A first deployment registers in %s alone and leaves the weights as they are.",
			t.ProductionARN, t.Production, rollout.TargetGroupName(t.Live)))
	default:
		c.spec.halfWayTold = true
		c.diags.AddAttributeWarning(productionAt(i), halfWay, fmt.Sprintf(whenPlanned+"%s forwards to %s, and no rollout of this deployment is under way. "+
			"Apply first puts all of production's traffic on %s, where %s is.", t.ProductionARN, t.Production, rollout.TargetGroupName(t.Live), c.live.Name))
	}
	if c.routes[t.ProductionARN].Stickiness.Enabled && len(c.blueGreen().Shift) > 0 {
		c.diags.AddAttributeWarning(productionAt(i), "Clients stick to their target group", fmt.Sprintf("Group stickiness is on for %s. "+
			"The weights of shift steer new clients only; others stay with the revision that they met first until their cookie ends.", t.ProductionARN))
	}
}
