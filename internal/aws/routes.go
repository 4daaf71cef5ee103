package aws

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// RouteKind is which of the two things that forward traffic a route's ARN names.
type RouteKind string

const (
	// Listener is a listener, by its default action.
	Listener RouteKind = "listener"
	// Rule is a rule of a listener.
	Rule RouteKind = "rule"
)

// Route is a listener or a rule as it was read.
type Route struct {
	ARN  string
	Kind RouteKind
	// Default is whether it is what the listener does when no other rule applies: a listener always, a rule if it is the
	// listener's default one. Such a rule cannot be changed as a rule, so it is changed through the listener.
	Default         bool
	ListenerARN     string
	LoadBalancerARN string
	// LoadBalancerType is "application", "network" or "gateway".
	LoadBalancerType string
	// Priority is a rule's: "1" to "50000", or "default". Empty for a listener.
	Priority string
	// Protocol and Port are a listener's. Empty and 0 for a rule.
	Protocol string
	Port     int

	// Actions is the whole list as read. It is shared by all who read the route at the same time: do not change it.
	Actions []types.Action
	// Forward is where the traffic goes: nil if the route does not forward, else one to five target groups. What AWS
	// answers in two forms for a single target group is one entry here.
	Forward    rollout.Forward
	Stickiness Stickiness
}

// Stickiness is whether a client stays with the target group that it met first. While it is on, weights steer new
// clients only.
type Stickiness struct {
	Enabled  bool
	Duration time.Duration
}

// Route reads a listener or a rule by its ARN, together with all who ask for the same one. The error wraps runner.ErrGone
// if there is none; right after its creation that may be so for a while.
func (c *Client) Route(ctx context.Context, arn string) (Route, error) {
	at, err := parseRouteARN(arn)
	if err != nil {
		return Route{}, err
	}
	all, q := &c.routes, question[Route]{most: arnsPerCall, doing: func(arn string) string { return "reading listener " + arn }}
	read := c.readListeners
	if at.Kind == Rule {
		all, q.doing, read = &c.rules, func(arn string) string { return "reading listener rule " + arn }, c.readRules
	}
	q.call = func(ctx context.Context, arns []string) (map[string]Route, error) {
		return askedAgainAlone(ctx, c, arns, func() (map[string]Route, error) { return read(ctx, q.doing(strings.Join(arns, ", ")), arns) })
	}
	route, err := all.ask(ctx, arn, q)
	route.Forward = slices.Clone(route.Forward)
	return route, err
}

func (c *Client) readListeners(ctx context.Context, doing string, arns []string) (map[string]Route, error) {
	s, err := c.services(ctx)
	if err != nil {
		return nil, err
	}
	out, err := s.elbv2.DescribeListeners(ctx, &elasticloadbalancingv2.DescribeListenersInput{ListenerArns: arns})
	if err != nil {
		return nil, c.failed(doing, "elasticloadbalancing:DescribeListeners", err)
	}
	arnOf := func(l types.Listener) *string { return l.ListenerArn }
	// AWS has a code for a listener that does not exist. What another one forwards would be sent back to this one.
	if !about(arns, out.Listeners, arnOf) {
		return nil, otherAnswer(doing, out.Listeners, arnOf)
	}
	return routesOf(doing, out.Listeners, arnOf, func(at Route, l types.Listener) Route {
		if l.LoadBalancerArn != nil {
			at.LoadBalancerARN = *l.LoadBalancerArn
		}
		at.Protocol, at.Port = string(l.Protocol), int(aws.ToInt32(l.Port))
		return at.with(l.DefaultActions)
	})
}

func (c *Client) readRules(ctx context.Context, doing string, arns []string) (map[string]Route, error) {
	s, err := c.services(ctx)
	if err != nil {
		return nil, err
	}
	out, err := s.elbv2.DescribeRules(ctx, &elasticloadbalancingv2.DescribeRulesInput{RuleArns: arns})
	if err != nil {
		return nil, c.failed(doing, "elasticloadbalancing:DescribeRules", err)
	}
	arnOf := func(r types.Rule) *string { return r.RuleArn }
	if !about(arns, out.Rules, arnOf) {
		return nil, otherAnswer(doing, out.Rules, arnOf)
	}
	return routesOf(doing, out.Rules, arnOf, func(at Route, r types.Rule) Route {
		at.Default, at.Priority = aws.ToBool(r.IsDefault), aws.ToString(r.Priority)
		return at.with(r.Actions)
	})
}

// routesOf are listeners or rules as routes, by their ARNs. One that cannot be fails the call: alone, each of the others is read.
func routesOf[Thing any](doing string, listed []Thing, arnOf func(Thing) *string, read func(Route, Thing) Route) (map[string]Route, error) {
	found := make(map[string]Route, len(listed))
	for _, it := range listed {
		at, err := parseRouteARN(aws.ToString(arnOf(it)))
		if err == nil {
			at, err = read(at, it).sound(doing)
		}
		if err != nil {
			return nil, err
		}
		found[at.ARN] = at
	}
	return found, nil
}

// sound refuses a forward action that AWS cannot have: what is read is compared with, and sent back.
func (r Route) sound(doing string) (Route, error) {
	seen := map[string]bool{}
	for _, g := range r.Forward {
		if g.TargetGroup == "" || g.Weight < 0 || g.Weight > maxWeight || seen[g.TargetGroup] {
			return Route{}, unusable(doing, fmt.Sprintf("a forward action to %q with a weight of %d", rollout.QuoteUpTo(g.TargetGroup, 80), g.Weight))
		}
		seen[g.TargetGroup] = true
	}
	return r, nil
}

// with is the route with what a list of actions says.
func (r Route) with(actions []types.Action) Route {
	r.Actions, r.Forward, r.Stickiness = actions, nil, Stickiness{}
	if at := forwardAt(actions); at >= 0 {
		r.Forward, r.Stickiness = readForward(actions[at])
	}
	return r
}

// forwardAt is where the forward action is in a list, or -1. There is one at most.
func forwardAt(actions []types.Action) int {
	return slices.IndexFunc(actions, func(a types.Action) bool { return a.Type == types.ActionTypeEnumForward })
}

// readForward takes a forward action in either form. For a single target group AWS answers both TargetGroupArn and a
// ForwardConfig that repeats it, whichever was written; for several, ForwardConfig alone.
func readForward(a types.Action) (rollout.Forward, Stickiness) {
	if a.ForwardConfig == nil || len(a.ForwardConfig.TargetGroups) == 0 {
		if a.TargetGroupArn == nil {
			return nil, Stickiness{}
		}
		return rollout.Forward{{TargetGroup: *a.TargetGroupArn, Weight: 1}}, Stickiness{}
	}
	groups := make(rollout.Forward, 0, len(a.ForwardConfig.TargetGroups))
	for _, t := range a.ForwardConfig.TargetGroups {
		weight := 1
		if t.Weight != nil {
			weight = int(*t.Weight)
		}
		groups = append(groups, rollout.Share{TargetGroup: aws.ToString(t.TargetGroupArn), Weight: weight})
	}
	var sticky Stickiness
	if s := a.ForwardConfig.TargetGroupStickinessConfig; s != nil {
		sticky.Enabled = aws.ToBool(s.Enabled)
		sticky.Duration = time.Duration(aws.ToInt32(s.DurationSeconds)) * time.Second
	}
	return groups, sticky
}

// loadBalancerTypes are how ARNs name them.
var loadBalancerTypes = map[string]string{"app": "application", "net": "network", "gwy": "gateway"}

// parseRouteARN takes from an ARN what it says of the route. The resource of a listener is "listener/app/NAME/LB/LISTENER",
// that of a rule "listener-rule/app/NAME/LB/LISTENER/RULE", and that of their load balancer "loadbalancer/app/NAME/LB"
// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html).
func parseRouteARN(arn string) (Route, error) {
	before, resource, ok := cutARN(arn)
	parts := strings.Split(resource, "/")
	if !ok || slices.Contains(parts, "") || loadBalancerTypes[atIndex(parts, 1)] == "" {
		return Route{}, notARoute(arn)
	}
	route := Route{ARN: arn, LoadBalancerType: loadBalancerTypes[parts[1]]}
	switch {
	case parts[0] == "listener" && len(parts) == 5:
		route.Kind, route.Default = Listener, true
	case parts[0] == "listener-rule" && len(parts) == 6:
		route.Kind = Rule
	default:
		return Route{}, notARoute(arn)
	}
	route.ListenerARN = before + "listener/" + strings.Join(parts[1:5], "/")
	route.LoadBalancerARN = before + "loadbalancer/" + strings.Join(parts[1:4], "/")
	return route, nil
}

func atIndex(parts []string, i int) string {
	if i >= len(parts) {
		return ""
	}
	return parts[i]
}

func notARoute(arn string) error {
	if arn == "" {
		return errors.New("the ARN of a listener or listener rule is empty")
	}
	return fmt.Errorf("%q is not the ARN of a listener or listener rule of an Application, Network or Gateway Load Balancer", arn)
}
