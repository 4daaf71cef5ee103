package deployment

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// validateCanary refuses phases that make no sense alone or one after the other.
func (m model) validateCanary(ctx context.Context, diags *diag.Diagnostics) {
	if n := m.HoldAfterPhase; !n.IsNull() && !n.IsUnknown() && n.ValueInt64() == 0 && !m.movesTraffic() {
		diags.AddAttributeError(path.Root("hold_after_phase"), "No stage to hold on",
			"hold_after_phase is 0, which is on stage, before any production traffic, and without blue_green there is no stage: in a basic rollout and a canary each instance has traffic as soon as "+
				"it is in service. Write the number of a phase, or blue_green.")
		return
	}
	if m.Canary.IsNull() {
		if n := m.HoldAfterPhase; !n.IsNull() && !n.IsUnknown() && !m.movesTraffic() {
			diags.AddAttributeError(path.Root("hold_after_phase"), "Nothing to hold after",
				fmt.Sprintf("hold_after_phase is %d, and there is no canary whose phases it could count. Write canary { phase { … } }, or leave hold_after_phase out.", n.ValueInt64()))
		}
		return
	}
	phases, ok := m.writtenPhases(ctx, diags)
	if !ok {
		return
	}
	if len(phases) == 0 {
		diags.AddAttributeError(path.Root("canary"), "Canary without a phase",
			"canary has no phase, so the new revision would take over in one step. Write one: phase { percent = 25 }, or leave canary out for a basic rollout.")
		return
	}
	target := m.knownTarget()
	for i, p := range phases {
		p.validateKinds(diags)
		if n := p.Count.ValueInt64(); target > 0 && n >= target && p.Percent.IsNull() {
			right := "leave the phase out"
			if target > 1 {
				right = fmt.Sprintf("write at most %d, or leave the phase out", target-1)
			}
			diags.AddAttributeError(p.at.AtName("count"), "Phase of the whole",
				fmt.Sprintf("Phase %d has a count of %d, and capacity.target is %d. A last phase of the whole is implied: %s.", p.number, n, target, right))
		}
		if p.takesMore(phases[:i], target, diags) {
			// Of a phase out of order what remains of the previous revision is out of order, too.
			p.leavesNoMore(phases[:i], target, diags)
		}
	}
	if n := m.HoldAfterPhase; n.ValueInt64() > int64(len(phases)) {
		diags.AddAttributeError(path.Root("hold_after_phase"), "No such phase",
			fmt.Sprintf("hold_after_phase is %d, and canary has %d phases. The last phase, of the whole, is not one to hold after: write a number from 1 to %d.",
				n.ValueInt64(), len(phases), len(phases)))
	}
	m.bakesFitTimeout(ctx, phases, diags)
}

// knownTarget is what the new revision will have; 0 if that is not known, or nothing that has shares.
func (m model) knownTarget() int64 {
	target, _ := m.Capacity.Attributes()["target"].(types.Int64)
	return target.ValueInt64()
}

// validateKinds refuses what is written twice or not at all.
func (p writtenPhase) validateKinds(diags *diag.Diagnostics) {
	percent, count := p.Percent, p.Count
	switch {
	case percent.IsNull() && count.IsNull():
		diags.AddAttributeError(p.at, "Phase without a size",
			fmt.Sprintf("Phase %d says neither by percent nor by count what the new revision takes over. Write one of them.", p.number))
	case twice(percent, count):
		diags.AddAttributeError(p.at, "Phase with two sizes",
			fmt.Sprintf("Phase %d has both percent = %d and count = %d. Write one of them.", p.number, percent.ValueInt64(), count.ValueInt64()))
	}
	if percent, count := p.PreviousPercent, p.PreviousCount; twice(percent, count) {
		diags.AddAttributeError(p.at, "Phase with two sizes of the previous revision",
			fmt.Sprintf("Phase %d has both previous_percent = %d and previous_count = %d. Write at most one of them.", p.number, percent.ValueInt64(), count.ValueInt64()))
	}
}

// twice tells whether both are written.
func twice(a, b types.Int64) bool {
	return !a.IsNull() && !a.IsUnknown() && !b.IsNull() && !b.IsUnknown()
}

// takesMore refuses a phase that takes no more than one before it. Shares are compared as they are written, before any
// rounding: two phases that come to the same number of instances are a matter of the capacity, and the plan shows them.
// It tells whether the order is right, as far as that is known.
func (p writtenPhase) takesMore(before []writtenPhase, target int64, diags *diag.Diagnostics) bool {
	takes, at, ok := p.takes(target)
	if !ok {
		return true
	}
	for _, earlier := range slices.Backward(before) {
		took, _, ok := earlier.takes(target)
		if !ok || !took.comparable(takes) {
			continue
		}
		if !took.less(takes) {
			diags.AddAttributeError(at, "Phases out of order",
				fmt.Sprintf("Phase %d takes over %s, and phase %d has taken %s already. Phases count from the beginning of the rollout: each has to take over more than the one before it.",
					p.number, takes, earlier.number, took))
			return false
		}
		return true
	}
	return true
}

// leavesNoMore refuses a phase that leaves more of the previous revision than one before it: what has gone does not come back.
func (p writtenPhase) leavesNoMore(before []writtenPhase, target int64, diags *diag.Diagnostics) {
	leaves, at, ok := p.leaves(target)
	if !ok {
		return
	}
	for _, earlier := range slices.Backward(before) {
		left, _, ok := earlier.leaves(target)
		if !ok || !left.comparable(leaves) {
			continue
		}
		if left.less(leaves) {
			diags.AddAttributeError(at, "Previous revision would grow",
				fmt.Sprintf("Phase %d leaves %s of the previous revision, and phase %d has left only %s. It never grows again: write previous_percent or previous_count in phase %d, not above what phase %d leaves.",
					p.number, leaves, earlier.number, left, p.number, earlier.number))
		}
		return
	}
}

// phaseBakes are the bakes of the phases, and whether all of them are known.
func (m model) phaseBakes(ctx context.Context, diags *diag.Diagnostics) (all []writtenBake, known bool) {
	if m.Canary.IsNull() {
		return nil, true
	}
	phases, known := m.writtenPhases(ctx, diags)
	for _, p := range phases {
		all = append(all, writtenBake{p.at.AtName("bake"), fmt.Sprintf("that of phase %d", p.number), p.Bake})
	}
	return all, known
}
