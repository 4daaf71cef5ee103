package rollout_test

import (
	"math/rand/v2"
	"reflect"
	"slices"

	"github.com/google/go-cmp/cmp"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// judgeBefore holds a step against the rules that look at the world as it was decided in.
func (m moment) judgeBefore() {
	if m.unjudged {
		return
	}
	m.sameAnswer()
	m.quiet()
	m.guard()
	m.pins()
	m.asksFirst()
	if !m.step.Changes() {
		return
	}
	m.leaves()
	m.ownGroups()
	m.emptyOnes()
	m.oneCandidate()
	m.journalFirst()
	m.pruning()
	m.wayBack()
	m.staysAsBefore()
	m.inPhases()
	m.honest()
	m.forward()
	m.backward()
	m.traffic()
}

// judgeAfter holds a step against the rules that look at what it did, and keeps the account.
func (m moment) judgeAfter() {
	m.capacity()
	m.served()
	s := m.step
	if s.Kind == Delete {
		delete(m.former, s.Group.ID)
	}
	switch {
	case m.stepsDown():
		delete(m.former, s.Group.ID)
	case s.Kind == Record && s.Journal.Verdict == Proven:
		m.proved[s.Group.ID] = true
		delete(m.former, s.Group.ID)
		m.own[s.Group.ID], m.moved[s.Group.ID] = m.became(m.seen(s.Group.ID))
		m.run.live, m.run.proven, m.run.retain = s.Group.ID, true, m.d.Retain
		m.bounds()
	case s.Kind == Create, comesBack(s):
		m.again()
		m.bounds()
		if comesBack(s) {
			m.former[s.Group.ID] = m.seen(s.Group.ID)
		}
	case s.Kind == Delete && m.d.Gone && s.Group.ID == m.live:
		m.run.live, m.run.origin, m.run.proven = "", "", false
	case s.Kind == Delete && m.live != "" && verdictOf(s.Group) == Failed:
		m.failed[m.live+" "+releaseOf(s.Group)] = true
	case s.Kind == Resize && s.Part == InPlace && m.d.Capacity != nil:
		m.own[s.Group.ID], m.moved[s.Group.ID] = bounded(*m.d.Capacity).at(s.Capacity.Target), false
	}
}

// judgeEnd holds the world that a run leaves against what it promised.
func (m moment) judgeEnd() {
	m.awake()
	switch m.step.Kind {
	case Done:
		if m.d.Gone {
			if len(m.after.Groups) > 0 {
				m.breach("destroy takes all", "left behind: %v", shape(m.after))
			}
			return
		}
		m.bounds()
		m.history()
		m.noneIsLeftBack()
		m.alone()
		if unproven(m.after) > 0 {
			m.breach("one candidate", "a candidate is left behind: %v", shape(m.after))
		}
	case HoldHere:
		m.held()
	case Refuse:
		m.refused()
	case GiveUp:
		m.bounds()
		m.noneIsLeftBack()
		if unproven(m.after) > 0 {
			m.breach("failure restores", "the candidate is left behind: %v", shape(m.after))
		}
		if m.live == "" && len(m.after.Groups) > 0 {
			m.breach("a failed first deployment leaves nothing", "left behind: %v", shape(m.after))
		}
	}
}

// bounded is a minimum and a maximum, wherever the target stands.
type bounded Capacity

func (b bounded) at(target int) Capacity {
	return Capacity{Minimum: b.Minimum, Target: target, Maximum: b.Maximum}
}

// wanted is the capacity that a new revision is to have, by the run's own account.
func (m moment) wanted() bounded {
	switch {
	case m.d.Capacity != nil && m.given != nil && *m.given == *m.d.Capacity && m.moved[m.live]:
		return bounded(m.own[m.live])
	case m.d.Capacity != nil && m.d.Running && m.live != "" && m.own[m.live] != (Capacity{}):
		c := *m.d.Capacity
		c.Target = min(max(m.own[m.live].Target, c.Minimum), c.Maximum)
		return bounded(c)
	case m.d.Capacity != nil:
		return bounded(*m.d.Capacity)
	case m.live != "":
		return bounded(m.own[m.live])
	}
	return bounded(m.d.OwnCapacity)
}

// Next is a function of the deployment and the world, in whatever order an API lists the groups.
func (m moment) sameAnswer() {
	shuffled := m.before
	shuffled.Groups = slices.Clone(m.before.Groups)
	order := rand.New(rand.NewPCG(uint64(len(m.steps)), 7))
	order.Shuffle(len(shuffled.Groups), func(i, j int) {
		shuffled.Groups[i], shuffled.Groups[j] = shuffled.Groups[j], shuffled.Groups[i]
	})
	if again := m.next(m.d, shuffled); !reflect.DeepEqual(m.step, again) {
		m.breach("same answer", "%s", cmp.Diff(m.step, again))
	}
}

// What Next decides the guard lets pass: it would otherwise stop runs that keep the promise.
func (m moment) guard() {
	if why := Guard(m.d, m.before, m.step); why != "" {
		m.breach("the guard agrees", "%s: %s", m.step, why)
	}
}

// Nothing that is not the deployment's own is touched, and no name is taken twice.
func (m moment) ownGroups() {
	if m.step.Kind == Create {
		for _, g := range slices.Concat(m.before.Groups, m.before.Unowned) {
			if g.Name == m.step.Group.Name {
				m.breach("touches nothing foreign", "%s is created though there is %s of that name", g.Name, g.ID)
			}
		}
		return
	}
	for _, g := range m.before.Groups {
		if g.ID == m.step.Group.ID {
			return
		}
	}
	m.breach("touches nothing foreign", "%s of %s (%s)", m.step.Kind, m.step.Group.Name, m.step.Group.ID)
}

// Nothing that has instances, or wants any, is deleted.
func (m moment) emptyOnes() {
	for _, g := range m.before.Groups {
		if m.step.Kind == Delete && g.ID == m.step.Group.ID && (g.Instances > 0 || g.Capacity.Target > 0) {
			m.breach("deletes nothing that runs", "%s has %d instances and wants %d", g.Name, g.Instances, g.Capacity.Target)
		}
	}
}

// What failed verification under the live revision is not released again, unless something about it has changed.
func (m moment) again() {
	if m.failed[m.live+" "+m.d.Release] && m.step.Journal.Verdict != Reverting {
		m.breach("what failed is remembered", "%s is made of %s, which failed before", m.step.Group.Name, m.d.Release)
	}
}

func verdictOf(g Group) Verdict {
	j, _ := g.Journal()
	return j.Verdict
}

func releaseOf(g Group) string {
	j, _ := g.Journal()
	return j.Release
}

// There is at most one candidate; a release that supersedes it waits until it is gone.
func (m moment) oneCandidate() {
	if (m.step.Kind == Create || comesBack(m.step)) && unproven(m.before) > 0 {
		m.breach("one candidate", "%s is created beside %v", m.step.Group.Name, shape(m.before))
	}
}

// A release begins with its candidate at zero and the whole journal on it: a process that dies after any later change
// leaves a successor who knows the way back.
func (m moment) journalFirst() {
	s := m.step
	if s.Kind == Create || comesBack(s) {
		want := Journal{Deployment: m.d.Name, Revision: s.Group.Revision, Release: m.d.Release, Verdict: RollingOut, Retain: m.d.Retain,
			Previous: m.live}
		if m.live != "" {
			want.PreviousCapacity = m.group(m.live).Capacity
			if (want.PreviousCapacity == Capacity{}) {
				want.PreviousCapacity = m.own[m.live] // a destroy that was cut short has taken it down
			}
		}
		m.begun(&want)
		want.Terms = s.Journal.Terms
		if (s.Journal.Terms == Terms{}) {
			m.breach("journal first", "nobody but %s could go on with %s", "its own process", s.Group.Name)
		}
		if diff := cmp.Diff(want, s.Journal); diff != "" {
			m.breach("journal first", "%s", diff)
		}
		return
	}
	if m.d.Gone || unproven(m.before) > 0 || m.released() {
		return
	}
	if f := m.before.Failure; f != nil && f.Release == m.d.Release && m.step.Part == Mend {
		return // it has failed in this run, and is taken back already: none begins
	}
	m.breach("journal first", "%s of %s before the candidate is created", s.Kind, s.Group.Name)
}

func (m moment) released() bool {
	j, ok := m.group(m.live).Journal()
	return ok && j.Release == m.d.Release || !ok && m.live != "" && m.d.Adopted == m.live
}

// History is pruned only when the live revision is proven and nothing is rolled out, the oldest first, down to what is retained.
func (m moment) pruning() {
	s := m.step
	if j, ok := s.Group.Journal(); s.Kind != Delete || m.d.Gone || ok && j.Verdict != Proven {
		return
	}
	zeros := m.zeros(m.before)
	switch {
	case unproven(m.before) > 0 || !m.proven || !m.released():
		m.breach("prunes only after proven", "%s is deleted while %v", s.Group.Name, shape(m.before))
	case len(zeros) <= m.retain || zeros[0].ID != s.Group.ID:
		m.breach("keeps the newest", "%s is deleted, %d are to be kept of %v", s.Group.Name, m.retain, shape(m.before))
	}
}

// After a release that was proven exactly as many former revisions are left at zero as are retained, if there are as many.
func (m moment) history() {
	if n := len(m.zeros(m.after)); m.proven && n > m.retain {
		m.breach("keeps the newest", "%d are kept, %d are to be: %v", n, m.retain, shape(m.after))
	}
}

// zeros are the former live revisions at zero, oldest first.
func (m moment) zeros(w World) []Group {
	var zeros []Group
	for _, g := range w.Groups {
		if j, ok := g.Journal(); g.ID != m.live && g.Capacity.Target == 0 && (!ok || j.Verdict == Proven) {
			zeros = append(zeros, g)
		}
	}
	slices.SortFunc(zeros, func(a, b Group) int {
		if order(a) != order(b) {
			return order(a) - order(b)
		}
		return len(b.Name) - len(a.Name)
	})
	return zeros
}

// Until a candidate is proven the live revision stays, and the journal keeps saying which it is and what it had.
func (m moment) wayBack() {
	s := m.step
	if m.d.Gone || m.live == "" {
		return
	}
	switch {
	case m.stepsDown(): // see staysAsBefore
	case s.Kind == Delete && s.Group.ID == m.live:
		m.breach("the live one stays", "%s is deleted", s.Group.Name)
	case s.Kind == Record && (s.Journal.Verdict == Failed || s.Journal.Verdict == Withdrawn || s.Journal.Failure != "") &&
		m.group(m.live).Capacity == m.own[m.live] && s.Journal.Previous == m.live &&
		(m.moved[m.live] || s.Journal.PreviousCapacity.SameBounds(m.own[m.live])):
		// Nothing was taken from it, so nothing is to be given back: where an autoscaler or its schedule has put it since is no matter.
	case s.Kind == Record && (m.d.HoldAfter > 0 && s.Journal.Passed > 0 || m.d.HoldOnStage) && m.d.Capacity != nil && m.given != nil && *m.given != *m.d.Capacity &&
		s.Journal.Previous == m.live && s.Journal.PreviousCapacity == Capacity(m.wanted()):
		m.own[m.live] = Capacity(m.wanted()) // written anew while the rollout holds, for both revisions
	case s.Kind == Record && (s.Journal.Previous != m.live || s.Journal.PreviousCapacity != m.own[m.live]):
		m.breach("the live one stays", "the journal of %s names %s with %s; it is %s with %s", s.Group.Name,
			s.Journal.Previous, s.Journal.PreviousCapacity, m.live, m.own[m.live])
	}
}

// By no step do the instances in service, of the live revision and the candidate together, fall below what the smaller of
// the two is to have in service.
func (m moment) capacity() {
	if m.step.Kind != Resize && m.step.Kind != Delete || m.d.Gone || m.d.ResizeOrder == PreviousFirst {
		return
	}
	if m.step.Part == InPlace && m.cruel {
		return // nothing is rolled out: a lower capacity is set at once, and Spot chooses
	}
	had, has := m.serving(m.before), m.serving(m.after)
	floor := m.own[m.live].Target
	if m.live == "" {
		floor = 0
	}
	if c := RolesOf(m.before).Candidate; c != nil {
		// What an autoscaler adds to a live revision on the way back is not owed.
		if j, _ := c.Journal(); j.Previous == m.live {
			floor = min(floor, j.PreviousCapacity.Target)
		}
		if j, _ := c.Journal(); len(j.Routes) > 0 && c.Capacity.SameBounds(Capacity(m.wanted())) {
			// In blue/green the candidate has its own bounds first, and what its autoscaler wants then is what counts.
			floor = min(floor, c.Capacity.Target)
		}
	}
	if m.d.Capacity != nil {
		floor = min(floor, m.wanted().Target)
	}
	for _, p := range m.d.Canary {
		// What the user leaves of the previous revision by his own word is no promise of ours.
		if p.PreviousCount != nil || p.PreviousPercent != nil {
			take, leave := m.shares(p)
			floor = min(floor, take+leave)
		}
	}
	floor = (floor*m.d.HealthyPercent + 99) / 100
	if has < had && has < floor {
		m.breach("capacity", "%s %s to %s leaves %d of %d in service; %d are promised",
			m.step.Kind, m.step.Group.Name, m.step.Capacity, has, had, floor)
	}
}

// serving counts the instances in service of the live revision and of candidates.
func (m moment) serving(w World) int {
	n := 0
	for _, g := range w.Groups {
		if j, ok := g.Journal(); g.ID == m.live || ok && j.Verdict != Proven {
			n += g.InService
		}
	}
	return n
}

// Whenever nothing is rolled out, the serving revision has its own minimum, target and maximum: no pin outlives a rollout,
// and after a failure everything is as it was.
func (m moment) bounds() {
	got, want := m.group(m.run.live).Capacity, m.own[m.run.live]
	if m.run.live == "" || got == want || m.step.Kind == Create && got == (Capacity{}) && m.group(m.run.live).Memory().TakenDown != nil {
		return
	}
	if undone := m.step.Kind == GiveUp || m.step.Kind == Create; undone {
		m.breach("failure restores", "%s has %s; its own is %s", m.group(m.run.live).Name, got, want)
		if got.SameBounds(want) {
			return
		}
	}
	m.breach("pins never leak", "%s has %s at %q; its own is %s", m.group(m.run.live).Name, got, m.step.Kind, want)
}

func unproven(w World) int {
	n := 0
	for _, g := range w.Groups {
		if j, ok := g.Journal(); ok && j.Verdict != Proven {
			n++
		}
	}
	return n
}
