package rollout_test

import (
	"fmt"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// stepsDown tells whether a step ends the return of a former revision: its journal says again that it is proven, on the way back.
func (m moment) stepsDown() bool {
	return m.step.Kind == Record && m.step.Part == Back && m.step.Journal.Verdict == Proven
}

// cameBack tells whether a run has brought back what was proven before.
func (r *run) cameBack() bool {
	for _, s := range r.steps {
		if s.Journal.Verdict == Reverting {
			return true
		}
	}
	return false
}

// On a way back nothing is deleted that was proven once, or was there before the story; nothing of that kind is left with less than it had
// when the rollout began; and what was proven is not remembered as failed.
func (m moment) staysAsBefore() {
	s, id := m.step, m.step.Group.ID
	if m.d.Gone {
		return
	}
	was, returning := m.former[id]
	switch {
	case s.Kind == Delete && returning:
		m.breach("what was there before stays", "%s, which came back, is deleted", s.Group.Name)
	case s.Part == Back && s.Kind == Delete && m.proved[id]:
		m.breach("what was there before stays", "%s is deleted", s.Group.Name)
	case s.Part == Back && s.Kind == Resize && returning && s.Capacity != was.Capacity:
		m.breach("what was there before stays", "%s is set to %s, and had %s before", s.Group.Name, s.Capacity, was.Capacity)
	case s.Part == Back && s.Kind == Resize && m.proved[id] && !returning && id != m.live:
		m.breach("what was there before stays", "%s is set to %s, and has no part in this", s.Group.Name, s.Capacity)
	case s.Kind == Remember && s.Part == Back && returning || s.Kind == Record && returning && s.Journal.Verdict == Failed:
		m.breach("what was there before stays", "%s is held against %s, which was proven", s.Because(), s.Group.Name)
	case s.Kind == Remember && s.Part == Back:
		if c := RolesOf(m.before).Candidate; c != nil && m.former[c.ID].ID != "" {
			m.breach("what was there before stays", "%s: %s, which was proven", s.Because(), c.Name)
		}
	case m.stepsDown() && !returning:
		m.breach("what was there before stays", "%s never came back", s.Group.Name)
	case m.stepsDown():
		m.asBefore(was)
	}
}

// asBefore holds a former revision that steps down against what it was: its capacity, wherever an autoscaler has put it, and its journal.
func (m moment) asBefore(was Group) {
	is := m.seen(was.ID)
	if !is.Capacity.SameBounds(was.Capacity) {
		m.breach("what was there before stays", "%s steps down with %s, and had %s before", is.Name, is.Capacity, was.Capacity)
	}
	before, _ := was.Journal()
	if again := m.step.Journal; order(was) != max(again.Order, again.Revision) {
		m.breach("what was there before stays", "%s is release %d now, and was %d", is.Name, max(again.Order, again.Revision), order(was))
	} else if again.Order = before.Order; cmp.Diff(before, again) != "" {
		m.breach("what was there before stays", "the journal of %s: %s", is.Name, cmp.Diff(before, again))
	}
}

// At the end of a run no former revision is left on its way.
func (m moment) noneIsLeftBack() {
	for _, g := range m.former {
		m.breach("what was there before stays", "%s is still on its way back", g.Name)
	}
}

// reverts draws histories behind routes that begin with the return of a former revision: one that still runs in the idle target group, one
// that stands there at zero, or one that stands where production goes, so that it comes back as a new group. Some meet trouble.
func reverts() *rapid.Generator[story] {
	return rapid.Custom(func(t *rapid.T) story {
		s := story{fitness: map[string]int{}, seed: rapid.Uint64().Draw(t, "seed"), calm: rapid.Bool().Draw(t, "calm"), cruel: rapid.Bool().Draw(t, "cruel")}
		s.origin = drawReverted(t)
		s.live = len(s.origin) - 1
		drawRoutes(t, &s)
		live, idle := s.origin[s.live].TargetGroups, s.idle()
		s.origin[s.live-1].TargetGroups = idle
		if rapid.IntRange(0, 3).Draw(t, "stands where production goes") == 0 {
			s.origin[s.live-1].TargetGroups = live
		}
		healthy := rapid.SampledFrom([]int{100, 100, 50, 75}).Draw(t, "healthy percent")
		for _, r := range append([]string{"p1"}, releases...) {
			// What was proven once may have become unwell since.
			s.fitness[r] = rapid.SampledFrom([]int{100, 100, 100, 0, 30, healthy}).Draw(t, "fitness of "+r)
		}
		n := rapid.IntRange(1, 3).Draw(t, "chapters")
		for i := range n {
			ch := drawChapter(t, healthy, NewFirst, 1, i == n-1)
			if i == 0 {
				ch.d.Release, ch.d.ImageID, ch.d.Gone, ch.trouble = "p1", "ami-p1", false, rapid.IntRange(0, 4).Draw(t, "trouble of the return")
			}
			ch.d.OwnCapacity = capacities(1).Draw(t, "own capacity behind routes")
			ch.halfWay = rapid.IntRange(0, 5).Draw(t, "is left half way") == 0
			if i == 0 || rapid.IntRange(0, 5).Draw(t, "keeps the strategy") > 0 {
				drawBlueGreen(t, s, &ch)
			}
			s.chapters = append(s.chapters, ch)
		}
		return s
	})
}

// drawReverted draws one to three revisions: the last one is live, and the one before it is what the story reverts to.
func drawReverted(t *rapid.T) []Group {
	var all []Group
	revision := 0
	for range rapid.IntRange(2, 4).Draw(t, "revisions") {
		revision += rapid.IntRange(1, 2).Draw(t, "gap")
		all = append(all, Group{Name: Name(name, revision), Revision: revision, ImageID: fmt.Sprintf("ami-%d", revision)})
	}
	retain := rapid.IntRange(0, 4).Draw(t, "retain before")
	for i := range all {
		g, release := &all[i], "p2"
		j := Journal{Deployment: name, Revision: g.Revision, Verdict: Proven, Retain: retain}
		switch i {
		case len(all) - 1:
			release = "r0"
			g.Capacity = capacities(1).Draw(t, "live capacity")
		case len(all) - 2:
			release = "p1"
			if rapid.Bool().Draw(t, "still runs") {
				g.Capacity = capacities(1).Draw(t, "capacity")
			}
			if rapid.Bool().Draw(t, "took another's place") {
				j.Previous, j.PreviousCapacity = "sig-before", Capacity{Minimum: 1, Target: 2, Maximum: 3}
			}
		}
		j.Release, g.Instances = release, g.Capacity.Target
		g.Tags = j.Tags()
	}
	return all
}

// other is the target group that shares a route with one.
var other = map[string]string{blue: green, green: blue, otherBlue: otherGreen, otherGreen: otherBlue}

// idle are those that share the routes of the story with the live revision's.
func (s story) idle() []string {
	var all []string
	for _, arn := range s.origin[s.live].TargetGroups {
		all = append(all, other[arn])
	}
	return all
}
