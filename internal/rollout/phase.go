package rollout

import (
	"fmt"
	"time"
)

// Phase is a share of the work that the candidate takes over from the live revision, before it takes the whole.
type Phase struct {
	// Percent (1 to 99) of the candidate's final target, or Count (from 1) in the unit of the group. The other one is 0.
	Percent int
	Count   int
	// PreviousPercent (0 to 100) of the target that the previous revision had, or PreviousCount, is what remains of it. If
	// both are nil it gives up as large a share as the candidate takes.
	PreviousPercent *int
	PreviousCount   *int
	// Bake is how long both are watched when the phase is reached, before the next one begins.
	Bake time.Duration
}

// name is how the plan names the phase: "25 %", or "3 of 8" where it counts.
func (p Phase) name(target int) string {
	if p.Count > 0 {
		return fmt.Sprintf("%d of %d", p.New(target), target)
	}
	return fmt.Sprintf("%d %%", p.Percent)
}

// New is what the candidate has in the phase, of its final target: at least its share.
func (p Phase) New(target int) int {
	if p.Count > 0 {
		return min(p.Count, target)
	}
	return share(target, p.Percent, 100)
}

// Old is what remains of the previous revision in the phase, of what it had, while the candidate's final target is another
// one: at least what the candidate does not take, so that both together never have less than the smaller of the two targets.
func (p Phase) Old(previous, target int) int {
	switch {
	case p.PreviousCount != nil:
		return min(*p.PreviousCount, previous)
	case p.PreviousPercent != nil:
		return share(previous, *p.PreviousPercent, 100)
	case p.Count > 0:
		return share(previous, target-p.New(target), max(target, 1))
	}
	return share(previous, 100-p.Percent, 100)
}

// share is part/whole of n, rounded up.
func share(n, part, whole int) int { return (n*part + whole - 1) / whole }
