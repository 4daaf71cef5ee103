package aws

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// What AWS allows in a forward action
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupTuple.html and the user guide's quotas).
const (
	maxForwardGroups = 5
	maxWeight        = 999
)

// SetForward makes a route forward to these target groups. The whole list of actions is sent, because AWS replaces it
// whole: what comes before the forward action (authentication, token validation) and group stickiness stay as they are.
//
// The route is what the caller has seen. It is read again right before the change: if it forwards otherwise by now, nothing
// is changed and the error wraps ErrMoved; if it forwards as wanted already, nothing is changed either. AWS knows no versions, so
// this narrows a race between two writers and does not close it.
//
// AWS returns when it has taken the change; the load balancer's nodes follow later, by no bound that is documented. Read
// until it shows, then wait, before taking anything away from the target groups that it moves traffic from.
func (c *Client) SetForward(ctx context.Context, route Route, groups rollout.Forward) error {
	if err := checkForward(groups); err != nil {
		return fmt.Errorf("%s: %w", changing(route), err)
	}
	now, err := c.readAgain(ctx, route)
	if err != nil {
		return err
	}
	if now.Forward.Same(groups) {
		return nil
	}
	if !now.Forward.Same(route.Forward) {
		return fmt.Errorf("%s: %w: it forwarded to %s when it was last read, and forwards to %s now",
			changing(route), ErrMoved, said(route.Forward), said(now.Forward))
	}
	return c.write(ctx, now, groups)
}

// checkForward refuses what AWS refuses, and weights that are all 0, of which AWS does not say what they do.
func checkForward(groups rollout.Forward) error {
	if len(groups) == 0 || len(groups) > maxForwardGroups {
		return fmt.Errorf("%d target groups; a forward action has 1 to %d", len(groups), maxForwardGroups)
	}
	seen := map[string]bool{}
	for _, g := range groups {
		switch {
		case g.TargetGroup == "":
			return fmt.Errorf("a target group without an ARN")
		case seen[g.TargetGroup]:
			return fmt.Errorf("target group %s twice", g.TargetGroup)
		case g.Weight < 0 || g.Weight > maxWeight:
			return fmt.Errorf("a weight of %d for target group %s; weights are 0 to %d", g.Weight, g.TargetGroup, maxWeight)
		}
		seen[g.TargetGroup] = true
	}
	if weighs(groups) == 0 {
		return fmt.Errorf("all weights are 0, which would send the traffic nowhere")
	}
	return nil
}

func weighs(groups rollout.Forward) int {
	var sum int
	for _, g := range groups {
		sum += g.Weight
	}
	return sum
}

// readAgain reads a route that is about to be changed.
func (c *Client) readAgain(ctx context.Context, route Route) (Route, error) {
	now, err := c.Route(ctx, route.ARN)
	if err != nil {
		return Route{}, fmt.Errorf("%s: %w", changing(route), err)
	}
	if now.Forward == nil {
		return Route{}, fmt.Errorf("%s: it does not forward to target groups (its actions: %s)", changing(route), kinds(now.Actions))
	}
	return now, nil
}

// write sends the actions. A listener's default rule goes through the listener: ModifyRule refuses it with
// OperationNotPermitted (observed: https://github.com/FeLvi-zzz/tentez/issues/32).
func (c *Client) write(ctx context.Context, now Route, groups rollout.Forward) error {
	s, err := c.services(ctx)
	if err != nil {
		return err
	}
	actions := withForward(now, groups)
	if now.Default {
		_, err := s.elbv2.ModifyListener(ctx, &elasticloadbalancingv2.ModifyListenerInput{
			ListenerArn:    &now.ListenerARN,
			DefaultActions: actions,
		})
		return c.written(now, groups, "elasticloadbalancing:ModifyListener", err)
	}
	_, err = s.elbv2.ModifyRule(ctx, &elasticloadbalancingv2.ModifyRuleInput{RuleArn: &now.ARN, Actions: actions})
	return c.written(now, groups, "elasticloadbalancing:ModifyRule", err)
}

func (c *Client) written(now Route, groups rollout.Forward, action string, err error) error {
	if err == nil {
		return nil
	}
	return c.failed(changing(now)+" to forward to "+said(groups), action, err)
}

// withForward is a copy of the route's actions as they are to be written.
func withForward(route Route, groups rollout.Forward) []types.Action {
	actions := slices.Clone(route.Actions)
	for i, a := range actions {
		switch {
		case a.Type == types.ActionTypeEnumForward:
			actions[i] = forward(a, route.LoadBalancerType, groups)
		case a.AuthenticateOidcConfig != nil:
			actions[i].AuthenticateOidcConfig = withExistingSecret(*a.AuthenticateOidcConfig)
		}
	}
	return actions
}

// forward is a forward action in the one form that serves one target group and several. TargetGroupArn is left out: next
// to a ForwardConfig AWS allows it only when both name the same single group. So is a single group's weight, which says nothing.
func forward(was types.Action, balancer string, groups rollout.Forward) types.Action {
	config := &types.ForwardActionConfig{TargetGroupStickinessConfig: keptStickiness(was, balancer)}
	for _, g := range groups {
		t := types.TargetGroupTuple{TargetGroupArn: &g.TargetGroup}
		if len(groups) > 1 {
			t.Weight = aws.Int32(int32(g.Weight))
		}
		config.TargetGroups = append(config.TargetGroups, t)
	}
	return types.Action{Type: was.Type, Order: was.Order, ForwardConfig: config}
}

// keptStickiness is group stickiness as read. Only Application Load Balancers have it; an answer of others that says that it is
// off is not sent back to them.
func keptStickiness(was types.Action, balancer string) *types.TargetGroupStickinessConfig {
	if was.ForwardConfig == nil || was.ForwardConfig.TargetGroupStickinessConfig == nil {
		return nil
	}
	sticky := was.ForwardConfig.TargetGroupStickinessConfig
	if balancer != "application" && !aws.ToBool(sticky.Enabled) {
		return nil
	}
	return sticky
}

// withExistingSecret tells AWS to keep the client secret, which it never answers.
func withExistingSecret(oidc types.AuthenticateOidcActionConfig) *types.AuthenticateOidcActionConfig {
	oidc.ClientSecret = nil
	oidc.UseExistingClientSecret = aws.Bool(true)
	return &oidc
}

func changing(route Route) string {
	if route.Kind == Rule {
		return "changing listener rule " + route.ARN
	}
	return "changing listener " + route.ARN
}

// said is where traffic goes in the words of an error: "web-blue 90 %, web-green 10 %".
func said(groups rollout.Forward) string {
	if len(groups) == 0 {
		return "no target group"
	}
	sum := weighs(groups)
	parts := make([]string, 0, len(groups))
	for _, g := range groups {
		if sum == 0 || len(groups) == 1 {
			parts = append(parts, groupName(g.TargetGroup))
			continue
		}
		parts = append(parts, fmt.Sprintf("%s %.4g %%", groupName(g.TargetGroup), 100*float64(g.Weight)/float64(sum)))
	}
	return strings.Join(parts, ", ")
}

// groupName is the NAME in "…:targetgroup/NAME/ID".
func groupName(arn string) string {
	_, resource, _ := cutARN(arn)
	if parts := strings.Split(resource, "/"); len(parts) == 3 {
		return parts[1]
	}
	return arn
}

func kinds(actions []types.Action) string {
	names := make([]string, 0, len(actions))
	for _, a := range actions {
		names = append(names, string(a.Type))
	}
	return strings.Join(names, ", ")
}
