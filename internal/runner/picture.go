package runner

import (
	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Picture is a world as events have it: its groups, the newest first, and where its listeners and rules forward.
func Picture(w rollout.World) ([]event.Group, []event.Route) { return groups(w), routes(w) }

// Reasons are what load balancers, or Spot, said in the last look of those of a group's instances that are not in service, the most frequent
// first.
func (o *Observer) Reasons(group string) []event.Reason { return o.health.reasons(group) }
