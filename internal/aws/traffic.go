package aws

import (
	"context"
	"fmt"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Traffic implements runner.Balancers.
func (c *Client) Traffic(ctx context.Context, arn string) (rollout.Forward, error) {
	route, err := c.Route(ctx, arn)
	if err != nil {
		return nil, err
	}
	if route.Forward == nil {
		return nil, fmt.Errorf("%s does not forward to target groups (its actions: %s)", arn, kinds(route.Actions))
	}
	forward := make(rollout.Forward, len(route.Forward))
	for i, g := range route.Forward {
		forward[i] = rollout.Share{TargetGroup: g.ARN, Weight: g.Weight}
	}
	return forward, nil
}

// SetTraffic implements runner.Balancers.
func (c *Client) SetTraffic(ctx context.Context, arn string, seen, wanted rollout.Forward) error {
	route, err := parseRouteARN(arn)
	if err != nil {
		return err
	}
	route.Forward = weighted(seen)
	return c.SetForward(ctx, route, weighted(wanted))
}

func weighted(forward rollout.Forward) []WeightedTargetGroup {
	groups := make([]WeightedTargetGroup, len(forward))
	for i, s := range forward {
		groups[i] = WeightedTargetGroup{ARN: s.TargetGroup, Weight: s.Weight}
	}
	return groups
}
