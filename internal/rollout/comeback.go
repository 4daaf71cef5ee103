package rollout

import (
	"fmt"
	"slices"
)

// comeback releases again, in blue/green, what was proven before: with the former revision itself where it is still there and stands
// in the target groups of the candidate, else with the new group. Either way nothing is baked: what has served needs no proof.
func (d Deployment) comeback(c Cast, created Group, j Journal) (Step, bool) {
	if d.BlueGreen == nil || c.Live == nil {
		return Step{}, false
	}
	var former *Group
	for i, g := range c.Others {
		if was, ok := g.Journal(); !ok || was.Release != d.Release {
			continue
		}
		j.Verdict = ComingBack
		registered := slices.Sorted(slices.Values(g.TargetGroups))
		if g.TargetGroups != nil && slices.Equal(registered, created.TargetGroups) {
			former = &c.Others[i]
		}
	}
	switch {
	case j.Verdict != ComingBack:
		return Step{}, false
	case former == nil:
		return Step{Kind: Create, Part: Setup, Group: created, Journal: j, Why: "cold: proven before, and not baked again"}, true
	}
	j.Order, j.Revision = max(j.Order, j.Revision), former.Revision
	why := "comes back warm: proven before, starts again, and is not baked"
	if former.InService > 0 && former.Capacity.Target > 0 {
		why = fmt.Sprintf("comes back at once: it still runs with %d, and is not baked", former.Capacity.Target)
	}
	return Step{Kind: Record, Part: Setup, Group: *former, Journal: j, Why: why}, true
}
