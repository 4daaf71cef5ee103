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
// given some up, both are pinned.
func (m moment) pins() {
	c := CastOf(m.before).Candidate
	if c == nil || m.live == "" || m.d.Gone || m.step.Part != Deploy {
		return
	}
	live := m.group(m.live)
	if c.Capacity.Target > 0 && live.Capacity.Target > 0 && !live.Capacity.SameBounds(m.own[m.live]) && !(live.Capacity.Pinned() && c.Capacity.Pinned()) {
		m.breach("pinned while they share", "%s has %s, %s has %s", live.Name, live.Capacity, c.Name, c.Capacity)
	}
}

// A phase is passed when the candidate has its share in service and the live revision has no more than is left to it.
// Phases are passed one by one.
func (m moment) inPhases() {
	s := m.step
	before, ok := s.Group.Journal()
	if s.Kind != Record || !ok || s.Journal.Verdict != RollingOut || s.Journal.Passed == before.Passed {
		return
	}
	if s.Journal.Passed != before.Passed+1 || s.Journal.Passed > len(m.d.Canary) {
		m.breach("phase by phase", "phase %d is noted as passed after %d, of %d", s.Journal.Passed, before.Passed, len(m.d.Canary))
		return
	}
	take, leave := m.shares(m.d.Canary[before.Passed])
	need := (take*m.d.HealthyPercent + 99) / 100
	if live := m.group(m.live); s.Group.Steady < need || live.Capacity.Target != leave || s.Group.Capacity.Target < take {
		m.breach("phase by phase", "phase %d is passed with %d of %d in service, and %d of %d left of %s",
			s.Journal.Passed, s.Group.Steady, take, live.Capacity.Target, leave, live.Name)
	}
	if p := m.d.Canary[before.Passed]; p.Bake > 0 && m.before.Baked != s.Journal.Passed {
		m.breach("phase by phase", "phase %d is passed and was not baked", s.Journal.Passed)
	}
}

// A rollout that holds says so in its journal, rests where the user wants it, and keeps the live revision.
func (m moment) held() {
	c := CastOf(m.after)
	if c.Candidate == nil || c.Live == nil || c.Live.ID != m.live {
		m.breach("holds", "%v", shape(m.after))
		return
	}
	if j, _ := c.Candidate.Journal(); StatusOf(m.after) != Holding || m.d.HoldAfter == 0 || j.Passed < m.d.HoldAfter || j.Release != m.d.Release {
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
		if j, _ := CastOf(m.before).Candidate.Journal(); m.d.Gone || m.d.HoldAfter > 0 && j.Passed >= m.d.HoldAfter && j.Release == m.d.Release {
			return
		}
		m.breach("holds", "%s of %s while the status is holding", m.step.Kind, m.step.Group.Name)
	}
}
