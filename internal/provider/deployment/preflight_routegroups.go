package deployment

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/aws"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// drainsFitTimeout warns of a live target group whose targets drain for longer than a wait may take.
func (c *routeCheck) drainsFitTimeout(ctx context.Context, i int, t rollout.Traffic) {
	group, err := c.clouds.AWS.FindTargetGroup(ctx, aws.TargetGroupQuery{ARN: t.Live})
	if err != nil {
		c.diags.AddAttributeWarning(productionAt(i), diagtext.Title("Target group", err), diagtext.Sentence(err))
		return
	}
	seconds, _ := strconv.Atoi(group.DeregistrationDelay) // AWS answers a number
	delay, limit := time.Duration(seconds)*time.Second, duration(c.spec.written.HealthyTimeout)
	if limit <= 0 || delay <= limit {
		return
	}
	c.diags.AddAttributeWarning(productionAt(i), "Targets drain for longer than the time-out", fmt.Sprintf("Targets of the live target group %s drain for %s (deregistration_delay), and healthy_timeout is %s. "+
		"The wait for the previous revision's instances to go would not be met. Make healthy_timeout longer, or the delay shorter.",
		group.Name, diagtext.Duration(delay), diagtext.Duration(limit)))
}

// foreignTargets warns of targets in the idle target group that are not the deployment's own. A first deployment does not use it.
func (c *routeCheck) foreignTargets(ctx context.Context, i int, t rollout.Traffic) {
	if c.live == nil {
		return
	}
	targets, err := c.clouds.AWS.TargetHealth(ctx, t.Idle)
	if err != nil {
		c.diags.AddAttributeError(productionAt(i), diagtext.Title("Target group", err), diagtext.Sentence(err))
		return
	}
	var others []string
	for _, target := range targets {
		if !leaves(target) && !slices.Contains(others, target.Instance) {
			others = append(others, target.Instance)
		}
	}
	for _, g := range c.world.Groups {
		if len(others) == 0 {
			return
		}
		instances, err := c.clouds.Spot.Instances(ctx, g.ID)
		if err != nil {
			c.diags.AddAttributeWarning(productionAt(i), "Instances cannot be read", diagtext.Sentence(fmt.Errorf("%s (%s): %w", g.Name, g.ID, err)))
			return
		}
		others = slices.DeleteFunc(others, func(id string) bool {
			return slices.ContainsFunc(instances, func(i runner.Instance) bool { return i.ID == id })
		})
	}
	if len(others) == 0 {
		return
	}
	c.diags.AddAttributeWarning(productionAt(i), "Idle target group is not empty", fmt.Sprintf("%d of the targets in the idle target group %s are not of deployment %q, %s for one. "+
		"They get production's traffic beside the new revision. Deregister them first, unless that is meant.",
		len(others), rollout.TargetGroupName(t.Idle), c.spec.written.Name.ValueString(), others[0]))
}

// leaves tells whether a target is on its way out, or of an instance that is no more.
func leaves(t runner.Target) bool { return t.State == "draining" || t.Reason == "Target.InvalidState" }
