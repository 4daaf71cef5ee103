package runner

import "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"

// DecideBy makes the run ask something that is not quite rollout.Next.
func (r *Run) DecideBy(next func(rollout.Deployment, rollout.World) rollout.Step) { r.next = next }
