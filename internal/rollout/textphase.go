package rollout

import (
	"fmt"
	"strings"
)

// phase writes the row of one phase: who goes from how many to how many, in which order, what is watched and for how long,
// and whether the rollout holds there. The world is that before the phase.
func (p Preview) phase(t *table, steps []Step, w World) {
	var cells []string
	var group, settle, bake, follow, compares, end, holds string
	onStage := steps[0].PhaseName == stageName
	for _, s := range steps {
		switch s.Kind {
		case Shift:
			cells = append(cells, forwarded(s))
		case Settle:
			if s.Why == WhyFollowed {
				follow = fmt.Sprintf("%s kept for %s", p.called(s.Group), brief(s.Time))
				continue
			}
			settle = "settle " + brief(s.Time)
		case Bake:
			bake = "bake " + brief(s.Time)
			compares = compared(s.Compare)
		case AwaitChecks:
			if s.At == OnStage {
				cells = append(cells, naming(s.Checks)+": good before any production traffic")
				continue
			}
			end = "then " + naming(s.Checks)
		case HoldHere:
			holds = "holds here"
		case Resize:
			text := resized(s)
			switch {
			case s.Why == WhyKept:
				text = fmt.Sprintf("%s kept at %d", p.called(s.Group), s.Capacity.Target)
			case len(cells) == 0:
				group = p.called(s.Group)
			case s.Group.Capacity.Target == s.Capacity.Target && !s.Capacity.Pinned():
				text = fmt.Sprintf("%s minimum %d, maximum %d", p.called(s.Group), s.Capacity.Minimum, s.Capacity.Maximum)
			default:
				text = fmt.Sprintf("then %s %s", p.called(s.Group), text)
			}
			cells = append(cells, text)
		}
	}
	if onStage && len(cells) == 0 {
		cells = append(cells, "new whole, with no production traffic")
	}
	if c := RolesOf(w); len(cells) == 0 && settle+bake+follow+end+holds == "" && p.deployment.MovesTraffic() {
		return // nothing that anybody sees
	} else if len(cells) == 0 && c.Candidate != nil {
		group = p.called(*c.Candidate)
		cells = append(cells, p.unmoved(c, steps[0].Phase))
	}
	if settle != "" {
		bake = strings.TrimSuffix(settle+", "+bake, ", ")
	}
	bake = strings.TrimPrefix(strings.TrimSuffix(bake+", "+follow, ", "), ", ")
	cells = append(cells, p.belowPromise(steps, w))
	if c := RolesOf(w); len(p.deployment.Alarms) > 0 && c.Live != nil && c.Candidate != nil && c.journal.Judged() && !onStage {
		bake = strings.TrimPrefix(bake+", alarms "+strings.Join(p.deployment.Alarms, ", "), ", ")
		if p.deployment.IgnoreAtStart {
			bake += " (one that is on at the start counts once it has been OK)"
		}
	}
	for _, s := range steps {
		if watched := watching(s.Checks); s.Kind == Bake && watched != "" {
			bake += ", " + watched
		}
	}
	t.row(steps[0].PhaseName, group, append(cells, bake, compares, end, holds)...)
}

// unmoved says that a phase changes nothing, and why if it is so by rounding.
func (p Preview) unmoved(c Roles, number int) string {
	text := fmt.Sprintf("stays at %d", c.Candidate.Capacity.Target)
	if c.Live != nil {
		text += fmt.Sprintf(", %s at %d", p.called(*c.Live), c.Live.Capacity.Target)
	}
	x, by := &situation{Deployment: p.deployment, Roles: c}, p.deployment.strategy()
	if number > 1 && number <= by.levels() && c.Live != nil && !by.movesTraffic() {
		was, is := by.level(x, number-1), by.level(x, number)
		if was.candidate == is.candidate && was.live == is.live {
			text += fmt.Sprintf(" (rounds to the same as %s)", was.name)
		}
	}
	return text
}

// belowPromise says how many are left to serve where a phase goes below what is promised otherwise: the smaller of what the live
// revision had and what the candidate is to have.
func (p Preview) belowPromise(steps []Step, w World) string {
	c := RolesOf(w)
	if c.Live == nil || c.Candidate == nil {
		return ""
	}
	promised := min(c.own().Target, (&situation{Deployment: p.deployment, Roles: c}).final().Target)
	wanted := func() int { c := RolesOf(w); return target(c.Live) + target(c.Candidate) }
	least, last := promised, promised
	for _, s := range steps {
		if s.Ends() {
			continue
		}
		w = Imagine(s, w)
		if s.Kind == Resize {
			last = wanted()
			least = min(least, last)
		}
	}
	switch {
	case least >= promised:
		return ""
	case least == 0:
		return "nothing serves in between"
	case last >= promised:
		return fmt.Sprintf("%d of %d serve in between", least, promised)
	}
	return fmt.Sprintf("%d of %d serve", least, promised)
}
