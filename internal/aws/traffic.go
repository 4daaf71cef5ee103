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
	return route.Forward, nil
}

// SetTraffic implements runner.Balancers.
func (c *Client) SetTraffic(ctx context.Context, arn string, seen, wanted rollout.Forward) error {
	route, err := parseRouteARN(arn)
	if err != nil {
		return err
	}
	route.Forward = seen
	return c.SetForward(ctx, route, wanted)
}
