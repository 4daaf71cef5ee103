package aws

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// classicDraining is how a classic load balancer says that it takes an instance out of service. The state is InService until
// connection draining is over (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_InstanceState.html).
const classicDraining = "Instance deregistration currently in progress."

// ClassicHealth lists the instances of a classic load balancer. One that is being deregistered is not in service, although
// its state is "InService"; Description says so. The error wraps runner.ErrGone if there is no such balancer.
func (c *Client) ClassicHealth(ctx context.Context, name string) ([]runner.Target, error) {
	targets, err := c.classic.ask(ctx, name, struct{}{}, func(ctx context.Context, _ []struct{}) ([]runner.Target, error) {
		return c.classicHealth(ctx, name)
	})
	return slices.Clone(targets), err
}

func (c *Client) classicHealth(ctx context.Context, name string) ([]runner.Target, error) {
	s, err := c.services(ctx)
	if err != nil {
		return nil, err
	}
	out, err := s.elb.DescribeInstanceHealth(ctx, &elasticloadbalancing.DescribeInstanceHealthInput{LoadBalancerName: &name})
	if err != nil {
		return nil, c.failed("reading the health of the instances of classic load balancer "+name,
			"elasticloadbalancing:DescribeInstanceHealth", err)
	}
	targets := make([]runner.Target, 0, len(out.InstanceStates))
	for _, state := range out.InstanceStates {
		targets = append(targets, classicTarget(state))
	}
	return targets, nil
}

func classicTarget(state types.InstanceState) runner.Target {
	description := rollout.QuoteUpTo(unlessNA(state.Description), 300)
	return runner.Target{
		Instance:    aws.ToString(state.InstanceId),
		InService:   aws.ToString(state.State) == "InService" && description != classicDraining,
		State:       aws.ToString(state.State),
		Reason:      rollout.QuoteUpTo(unlessNA(state.ReasonCode), 80),
		Description: description,
	}
}

// unlessNA is empty for the "N/A" that classic load balancers answer where there is nothing to say.
func unlessNA(s *string) string {
	if aws.ToString(s) == "N/A" {
		return ""
	}
	return aws.ToString(s)
}

// ClassicBalancer reads one classic load balancer. The error wraps runner.ErrGone if there is none.
func (c *Client) ClassicBalancer(ctx context.Context, name string) (runner.ClassicBalancer, error) {
	return askedAgain(ctx, c, func() (runner.ClassicBalancer, error) { return c.classicBalancer(ctx, name) })
}

func (c *Client) classicBalancer(ctx context.Context, name string) (runner.ClassicBalancer, error) {
	s, err := c.services(ctx)
	if err != nil {
		return runner.ClassicBalancer{}, err
	}
	doing := "reading classic load balancer " + name
	out, err := s.elb.DescribeLoadBalancers(ctx, &elasticloadbalancing.DescribeLoadBalancersInput{LoadBalancerNames: []string{name}})
	if err != nil {
		return runner.ClassicBalancer{}, c.failed(doing, "elasticloadbalancing:DescribeLoadBalancers", err)
	}
	// AWS has a code for one that does not exist.
	if len(out.LoadBalancerDescriptions) != 1 || aws.ToString(out.LoadBalancerDescriptions[0].LoadBalancerName) != name {
		return runner.ClassicBalancer{}, otherAnswer(doing, out.LoadBalancerDescriptions, func(b types.LoadBalancerDescription) *string { return b.LoadBalancerName })
	}
	found := out.LoadBalancerDescriptions[0]
	balancer := runner.ClassicBalancer{Name: name, VPC: aws.ToString(found.VPCId), Zones: found.AvailabilityZones}
	if check := found.HealthCheck; check != nil {
		// A new instance has to pass as many as one that comes back
		// (https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-healthchecks.html).
		balancer.Check = runner.HealthCheck{Interval: seconds(check.Interval), Passes: int(aws.ToInt32(check.HealthyThreshold))}
	}
	return balancer, nil
}

// ConnectionDraining is how long a classic load balancer lets requests end that are under way when an instance is taken out; 0 if that is off.
func (c *Client) ConnectionDraining(ctx context.Context, name string) (time.Duration, error) {
	s, err := c.services(ctx)
	if err != nil {
		return 0, err
	}
	out, err := s.elb.DescribeLoadBalancerAttributes(ctx, &elasticloadbalancing.DescribeLoadBalancerAttributesInput{LoadBalancerName: &name})
	if err != nil {
		return 0, c.failed("reading the attributes of classic load balancer "+name, "elasticloadbalancing:DescribeLoadBalancerAttributes", err)
	}
	if out.LoadBalancerAttributes == nil || out.LoadBalancerAttributes.ConnectionDraining == nil || !out.LoadBalancerAttributes.ConnectionDraining.Enabled {
		return 0, nil
	}
	return seconds(out.LoadBalancerAttributes.ConnectionDraining.Timeout), nil
}

// seconds is a number of seconds that may be left out.
func seconds(n *int32) time.Duration { return time.Duration(aws.ToInt32(n)) * time.Second }
