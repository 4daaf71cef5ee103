package aws

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// The health of targets is what waits ask for, of one balancer a call, so that it comes by time, however many rollouts wait: those that wait on
// one balancer share its answers, which come as often as one rollout alone asks for them; and those that wait on as many balancers share what
// AWS allows. Describe calls have 40 at once, refilled by 10 a second, of an account in a region
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html), of which some is left to others.
const (
	mostHealth       = 10
	healthEvery      = time.Second
	mostHealthOfAll  = 30
	healthOfAllEvery = time.Second / 8
)

// TargetHealth lists the targets of a target group, all of them in one call: it has no pages. An instance that is
// registered on two ports is two targets. The error wraps runner.ErrGone if there is no such target group.
//
// Only "healthy" is in service, although a load balancer of which all targets are unhealthy sends traffic to all of them
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html).
func (c *Client) TargetHealth(ctx context.Context, targetGroupARN string) ([]runner.Target, error) {
	targets, err := c.health.ask(ctx, targetGroupARN, struct{}{}, func(ctx context.Context, _ []struct{}) ([]runner.Target, error) {
		return c.targetHealth(ctx, targetGroupARN)
	})
	return slices.Clone(targets), err
}

func (c *Client) targetHealth(ctx context.Context, arn string) ([]runner.Target, error) {
	s, err := c.services(ctx)
	if err != nil {
		return nil, err
	}
	out, err := s.elbv2.DescribeTargetHealth(ctx, &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: &arn})
	if err != nil {
		return nil, c.failed("reading the health of the targets of "+arn, "elasticloadbalancing:DescribeTargetHealth", err)
	}
	targets := make([]runner.Target, 0, len(out.TargetHealthDescriptions))
	for _, d := range out.TargetHealthDescriptions {
		targets = append(targets, target(d))
	}
	return targets, nil
}

func target(d types.TargetHealthDescription) runner.Target {
	var t runner.Target
	if d.Target != nil {
		t.Instance, t.Port = aws.ToString(d.Target.Id), int(aws.ToInt32(d.Target.Port))
	}
	if d.TargetHealth != nil {
		t.State = string(d.TargetHealth.State)
		t.InService = d.TargetHealth.State == types.TargetHealthStateEnumHealthy
		t.Reason = rollout.QuoteUpTo(string(d.TargetHealth.Reason), 80)
		t.Description = rollout.QuoteUpTo(aws.ToString(d.TargetHealth.Description), 300)
	}
	return t
}

// HealthCounts says how many targets of a target group are in which state.
type HealthCounts struct {
	Healthy, Unhealthy, Initial, Draining, Unused int
}

// CountHealth counts targets by state. "unhealthy.draining" counts as unhealthy; "unavailable", with which a Network Load
// Balancer says that it does not know yet, counts as initial.
func CountHealth(targets []runner.Target) HealthCounts {
	var n HealthCounts
	for _, t := range targets {
		switch types.TargetHealthStateEnum(t.State) {
		case types.TargetHealthStateEnumHealthy:
			n.Healthy++
		case types.TargetHealthStateEnumUnhealthy, types.TargetHealthStateEnumUnhealthyDraining:
			n.Unhealthy++
		case types.TargetHealthStateEnumInitial, types.TargetHealthStateEnumUnavailable:
			n.Initial++
		case types.TargetHealthStateEnumDraining:
			n.Draining++
		case types.TargetHealthStateEnumUnused:
			n.Unused++
		}
	}
	return n
}
