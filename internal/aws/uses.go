package aws

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// usesPage is how many listeners or rules one call lists at most.
const usesPage = 400

// Uses lists every route of a load balancer: each listener, followed by its rules in the order in which AWS lists them. A
// listener's default rule is the listener itself and not listed twice. A target group serves one load balancer only, so these
// are all the places that can send it traffic. The error wraps runner.ErrGone if there is no such load balancer.
func (c *Client) Uses(ctx context.Context, loadBalancerARN string) ([]Route, error) {
	routes, err := c.uses.ask(ctx, loadBalancerARN, struct{}{}, func(ctx context.Context, _ []struct{}) ([]Route, error) {
		return askedAgain(ctx, c, func() ([]Route, error) { return c.readUses(ctx, loadBalancerARN) })
	})
	routes = slices.Clone(routes)
	for i := range routes {
		routes[i].Forward = slices.Clone(routes[i].Forward)
	}
	return routes, err
}

func (c *Client) readUses(ctx context.Context, loadBalancerARN string) ([]Route, error) {
	s, err := c.services(ctx)
	if err != nil {
		return nil, err
	}
	doing := "listing the listeners of load balancer " + loadBalancerARN
	var routes []Route
	var listeners []types.Listener
	list := elasticloadbalancingv2.NewDescribeListenersPaginator(s.elbv2,
		&elasticloadbalancingv2.DescribeListenersInput{LoadBalancerArn: &loadBalancerARN, PageSize: aws.Int32(usesPage)})
	next := func() (*elasticloadbalancingv2.DescribeListenersOutput, error) { return list.NextPage(ctx) }
	err = pages(list.HasMorePages, next, func(page *elasticloadbalancingv2.DescribeListenersOutput) {
		listeners = append(listeners, page.Listeners...)
	})
	if err != nil {
		return nil, c.failed(doing, "elasticloadbalancing:DescribeListeners", err)
	}
	for _, l := range listeners {
		listener, err := parseRouteARN(aws.ToString(l.ListenerArn))
		if err != nil {
			return nil, unusable(doing, fmt.Sprintf("it has a listener with the ARN %q", rollout.QuoteUpTo(aws.ToString(l.ListenerArn), 200)))
		}
		listener.LoadBalancerARN = loadBalancerARN
		listener.Protocol, listener.Port = string(l.Protocol), int(aws.ToInt32(l.Port))
		rules, err := c.rulesOf(ctx, s.elbv2, listener)
		if errors.Is(err, runner.ErrGone) {
			continue // it was deleted meanwhile
		}
		if err != nil {
			return nil, err
		}
		routes = append(append(routes, listener.with(l.DefaultActions)), rules...)
	}
	return routes, nil
}

// rulesOf lists the rules of a listener but for the default one. Only Application Load Balancers have any.
func (c *Client) rulesOf(ctx context.Context, client elbv2Operations, listener Route) ([]Route, error) {
	if listener.LoadBalancerType != "application" {
		return nil, nil
	}
	doing := "listing the rules of listener " + listener.ARN
	var routes []Route
	var rules []types.Rule
	list := elasticloadbalancingv2.NewDescribeRulesPaginator(client,
		&elasticloadbalancingv2.DescribeRulesInput{ListenerArn: &listener.ARN, PageSize: aws.Int32(usesPage)})
	next := func() (*elasticloadbalancingv2.DescribeRulesOutput, error) { return list.NextPage(ctx) }
	err := pages(list.HasMorePages, next, func(page *elasticloadbalancingv2.DescribeRulesOutput) { rules = append(rules, page.Rules...) })
	if err != nil {
		return nil, c.failed(doing, "elasticloadbalancing:DescribeRules", err)
	}
	for _, r := range rules {
		if aws.ToBool(r.IsDefault) {
			continue
		}
		rule, err := parseRouteARN(aws.ToString(r.RuleArn))
		if err != nil {
			return nil, unusable(doing, fmt.Sprintf("it has a rule with the ARN %q", rollout.QuoteUpTo(aws.ToString(r.RuleArn), 200)))
		}
		rule.LoadBalancerARN, rule.Priority = listener.LoadBalancerARN, aws.ToString(r.Priority)
		routes = append(routes, rule.with(r.Actions))
	}
	return routes, nil
}
