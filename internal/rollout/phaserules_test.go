package rollout_test

import (
	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// shares are what the candidate takes in a phase, and what is left of the live revision, by the words of the rule: the least
// whole number that is not below the share.
func (m moment) shares(p Phase) (take, leave int) {
	to, from := m.wanted().Target, 0
	if m.live != "" {
		from = m.own[m.live].Target
	}
	part, whole := p.Percent, 100
	if p.Count > 0 {
		part, whole = min(p.Count, to), to
	}
	for take*whole < to*part {
		take++
	}
	switch {
	case p.PreviousCount != nil:
		return take, min(*p.PreviousCount, from)
	case p.PreviousPercent != nil:
		part, whole = 100-*p.PreviousPercent, 100
	}
	for leave*whole < from*(whole-part) {
		leave++
	}
	return take, leave
}

// While two revisions share the work no autoscaler has any room: whenever the candidate has instances and the live one has
// given some up, both are pinned. What the live one keeps is a pin too, and so are both while a phase is baked and noted.
func (m moment) pins() {
	c := RolesOf(m.before).Candidate
	if c == nil || m.live == "" || m.d.Gone || m.step.Part != Deploy {
		return
	}
	live := m.group(m.live)
	if j, _ := c.Journal(); len(j.Routes) > 0 && m.d.BlueGreen != nil && j.Passed > len(m.d.BlueGreen.Shift) {
		return // all of the traffic is with the candidate, for good: its autoscaler may have it
	}
	if c.Capacity.Target > 0 && live.Capacity.Target > 0 && !live.Capacity.SameBounds(m.own[m.live]) && !(live.Capacity.Pinned() && c.Capacity.Pinned()) {
		m.breach("pinned while they share", "%s has %s, %s has %s", live.Name, live.Capacity, c.Name, c.Capacity)
	}
	before, _ := c.Journal()
	reached := m.step.Kind == Bake || m.step.Kind == HoldHere || m.step.Kind == Record && m.step.Journal.Passed > before.Passed
	if reached && !(live.Capacity.Pinned() && c.Capacity.Pinned()) {
		m.breach("pinned while they share", "%s in %s: %s has %s, %s has %s", m.step.Kind, m.step.PhaseName, live.Name, live.Capacity, c.Name, c.Capacity)
	}
	if m.step.Kind == Resize && m.step.Group.ID == m.live && !m.step.Capacity.Pinned() {
		m.breach("pinned while they share", "%s is set to %s", live.Name, m.step.Capacity)
	}
}

// A phase is passed when the candidate has its share in service and the live revision has no more than is left to it.
// Phases are passed one by one.
func (m moment) inPhases() {
	s, group := m.step, m.seen(m.step.Group.ID)
	before, ok := group.Journal()
	if s.Kind != Record || s.Part != Deploy || !ok || s.Journal.Verdict != RollingOut && s.Journal.Verdict != Reverting || s.Journal.Passed == before.Passed {
		return
	}
	if len(before.Routes) > 0 {
		return // weights are judged by where the traffic is
	}
	if s.Journal.Passed != before.Passed+1 || s.Journal.Passed > len(m.d.Canary) {
		m.breach("phase by phase", "phase %d is noted as passed after %d, of %d", s.Journal.Passed, before.Passed, len(m.d.Canary))
		return
	}
	take, leave := m.shares(m.d.Canary[before.Passed])
	need := (take*m.d.HealthyPercent + 99) / 100
	if live := m.group(m.live); group.Steady < need || live.Capacity.Target != leave || group.Capacity.Target < take {
		m.breach("phase by phase", "phase %d is passed with %d of %d in service, and %d of %d left of %s",
			s.Journal.Passed, group.Steady, take, live.Capacity.Target, leave, live.Name)
	}
	if p := m.d.Canary[before.Passed]; p.Bake > 0 && m.before.Baked != s.Journal.Passed && s.Journal.Verdict != Reverting {
		m.breach("phase by phase", "phase %d is passed and was not baked", s.Journal.Passed)
	}
}

// A rollout that holds says so in its journal, rests where the user wants it, and keeps the live revision.
func (m moment) held() {
	c := RolesOf(m.after)
	if c.Candidate == nil || c.Live == nil || c.Live.ID != m.live {
		m.breach("holds", "%v", shape(m.after))
		return
	}
	if j, _ := c.Candidate.Journal(); StatusOf(m.after) != Holding || !m.d.HoldOnStage && j.Unknown == "" && (m.d.HoldAfter == 0 || j.Passed < m.d.HoldAfter) || j.Release != m.d.Release {
		m.breach("holds", "%s after phase %d, to hold after %d", StatusOf(m.after), j.Passed, m.d.HoldAfter)
	}
	for _, g := range m.after.Groups {
		if j, ok := g.Journal(); g.ID != m.live && (!ok || j.Verdict == Proven) && g.Capacity.Target > 0 {
			m.breach("holds", "%s still has %d", g.Name, g.Capacity.Target)
		}
	}
}

// Anything but a rollout that rests is not called holding: a run that is killed between two steps is interrupted.
func (m moment) honest() {
	if m.step.Changes() && StatusOf(m.before) == Holding && m.step.Kind != Record {
		if j, _ := RolesOf(m.before).Candidate.Journal(); m.d.Gone || (m.d.HoldOnStage || m.d.HoldAfter > 0 && j.Passed >= m.d.HoldAfter) && j.Release == m.d.Release {
			return
		}
		if m.before.Failure != nil && m.step.Kind == Shift && m.step.Part == Back {
			return // users come before the journal
		}
		m.breach("holds", "%s of %s while the status is holding", m.step.Kind, m.step.Group.Name)
	}
}

// onItsWay is the candidate, if it is of the wanted release and goes forward beside a live revision, and its journal.
func (m moment) onItsWay() (Group, Journal, bool) {
	c := RolesOf(m.before).Candidate
	if c == nil || m.live == "" || m.d.Gone {
		return Group{}, Journal{}, false
	}
	j, _ := c.Journal()
	return *c, j, (j.Verdict == RollingOut || j.Verdict == Reverting) && j.Release == m.d.Release && !m.rerouted(j)
}

// rewritten tells whether the user wants another capacity than the live revision was given last.
func (m moment) rewritten() bool {
	return m.d.Capacity != nil && m.given != nil && *m.given != *m.d.Capacity
}

// rests tells whether the user wants a candidate that has passed so many phases to go no further.
func (m moment) rests(passed int) bool { return m.d.HoldAfter > 0 && passed >= m.d.HoldAfter }

// asItRested tells whether the step gives a revision back what it had when the rollout began to rest: where that was not pinned, an
// autoscaler may have moved it since.
func (m moment) asItRested(candidate Group, j Journal) bool {
	if j.HoldingWith == nil || m.step.Part != Mend {
		return false
	}
	n := j.HoldingWith.Live
	if m.step.Group.ID == candidate.ID {
		n = j.HoldingWith.Candidate
	}
	return m.step.Capacity == Pin(n)
}

// On its way forward each revision is set to its share of the phase, neither more nor less, and no further than the user
// wants. With previous first the candidate grows only when what the other one gave up is gone.
func (m moment) forward() {
	candidate, j, ok := m.onItsWay()
	if !ok {
		return
	}
	s, number := m.step, j.Passed+1
	if m.rests(j.Passed) {
		number = min(j.Passed, len(m.d.Canary))
		// One that came back and has failed is what it was before: proven.
		if s.Kind == Record && s.Part != Back && s.Journal.Verdict != Failed && (s.Journal.Verdict == Proven || s.Journal.Passed != j.Passed) ||
			s.Kind == Resize && (s.Group.ID == candidate.ID || s.Group.ID == m.live) && !m.rewritten() && !m.asItRested(candidate, j) {
			m.breach("goes past no hold", "%s of %s to %s after phase %d, to hold after %d", s.Kind, s.Group.Name, s.Capacity, j.Passed, m.d.HoldAfter)
		}
	}
	if s.Kind == Shift && m.rests(j.Passed) && s.Part == Deploy {
		m.breach("goes past no hold", "%s after weight %d, to hold after %d", s, j.Passed, m.d.HoldAfter)
	}
	if s.Kind != Resize {
		return
	}
	if len(j.Routes) > 0 {
		m.beside(candidate, j)
		return
	}
	final := m.wanted().Target
	take, leave := final, 0
	if number >= 1 && number <= len(m.d.Canary) {
		take, leave = m.shares(m.d.Canary[number-1])
		// What it has already it keeps, where the phases were written anew.
		take = max(take, min(candidate.Capacity.Target, final))
	}
	switch s.Group.ID {
	case candidate.ID:
		if s.Capacity.Target != take {
			m.breach("its share", "%s is set to %s in phase %d; its share is %d of %d", s.Group.Name, s.Capacity, number, take, final)
		}
		if live := m.seen(m.live); m.d.ResizeOrder == PreviousFirst && s.Capacity.Target > candidate.Capacity.Target && live.Instances > leave {
			m.breach("drained first", "%s is set to %s while %s has %d instances of %d left to it", s.Group.Name, s.Capacity, live.Name, live.Instances, leave)
		}
	case m.live:
		if s.Capacity.Target != leave {
			m.breach("its share", "%s is set to %s in phase %d; %d of %d are left to it", s.Group.Name, s.Capacity, number, leave, m.own[m.live].Target)
		}
	}
}

// A candidate that failed or is not what is wanted any more gets nothing, gives way to what was before, and is not proven.
func (m moment) backward() {
	c := RolesOf(m.before).Candidate
	if c == nil || m.d.Gone {
		return
	}
	j, _ := c.Journal()
	if j.Verdict != Failed && j.Verdict != Withdrawn && j.Release == m.d.Release && !m.rerouted(j) {
		return
	}
	s := m.step
	switch {
	case m.stepsDown(), s.Kind == Resize && s.Group.ID == c.ID && m.former[c.ID].ID != "": // see staysAsBefore
	case s.Kind == Record && s.Journal.Verdict == Proven,
		s.Kind == Record && s.Journal.Verdict != j.Verdict && j.Verdict != RollingOut && j.Verdict != Reverting,
		s.Kind == Record && s.Journal.Passed > j.Passed,
		s.Kind == Resize && s.Group.ID == c.ID && s.Capacity.Target > 0,
		s.Kind == Resize && s.Group.ID == m.live && s.Capacity != j.PreviousCapacity:
		m.breach("no way forward", "%s of %s to %s, of release %s (%s), while %s is wanted", s.Kind, s.Group.Name, s.Capacity, j.Release, j.Verdict, m.d.Release)
	}
}

// seen is a group as it was observed before the step.
func (m moment) seen(id string) Group {
	for _, g := range m.before.Groups {
		if g.ID == id {
			return g
		}
	}
	return Group{}
}
