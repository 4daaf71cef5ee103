package rollout_test

import (
	"fmt"
	"slices"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// traffic holds a step against the rules of where production and stage go.
func (m moment) traffic() {
	if m.step.Kind == Shift {
		m.ownRoutes()
		m.toTheHealthy()
	}
	c := RolesOf(m.before).Candidate
	if c == nil || m.live == "" || m.d.Gone {
		return
	}
	j, _ := c.Journal()
	if len(j.Routes) == 0 {
		return
	}
	switch {
	case m.step.Kind == Shift && m.step.Part == Deploy:
		m.inTurn(j)
		m.wholeBefore(*c, j)
		m.bothStay(j)
	case m.step.Part == Back:
		m.restored(*c, j)
	case m.step.Kind == Resize && m.step.Group.ID == c.ID:
		m.idleIsEmpty(*c)
	case m.step.Kind == Resize && m.step.Part == Setup && m.shifted && m.step.Group.InService > 0:
		m.followed(m.step)
	}
	m.passedWeights(*c, j)
	m.takenLast(j)
}

// routesOf are the deployment's own: those that are written, and those that a candidate was made for.
func (m moment) routesOf() []RoutePair {
	var all []RoutePair
	if m.d.BlueGreen != nil {
		all = append(all, m.d.BlueGreen.Routes...)
	}
	for _, r := range RoutesOf(m.before) {
		all = append(all, r.RoutePair)
	}
	return all
}

// Nothing else than the deployment's own listeners and rules is written.
func (m moment) ownRoutes() {
	own := slices.ContainsFunc(m.routesOf(), func(p RoutePair) bool { return m.step.ARN == p.ProductionARN || m.step.ARN == p.StageARN })
	if !own || m.step.ARN == "" || m.d.Gone {
		m.breach("writes its own routes alone", "%s", m.step)
	}
}

// No target group gets more of production's traffic while nothing of the deployment is in service there, and something is
// where the traffic is now.
func (m moment) toTheHealthy() {
	s := m.step
	if !slices.ContainsFunc(m.before.Routes, func(r Route) bool { return r.ProductionARN == s.ARN }) || s.Part == Mend || s.Part == Setup {
		return // what somebody else left half way goes back to the live revision, well or not
	}
	for _, share := range s.To {
		more := s.To.Percent(share.TargetGroup) > s.From.Percent(share.TargetGroup)
		if more && m.inService(m.before, share.TargetGroup) == 0 && m.receiving(m.before, s.From) > 0 {
			m.breach("traffic only to the healthy", "%s, from %s: nothing is in service in %s", s, s.From, TargetGroupName(share.TargetGroup))
		}
	}
}

// At every instant each route has a revision in service wherever production has weight, and those that get production's traffic
// are no fewer than what is promised; by our doing.
func (m moment) served() {
	if m.unjudged || m.d.Gone || m.live == "" || m.step.Kind != Shift && m.step.Kind != Resize && m.step.Kind != Delete {
		return
	}
	c := RolesOf(m.before).Candidate
	if c == nil {
		return
	}
	j, _ := c.Journal()
	floor := (min(j.PreviousCapacity.Target, m.own[m.live].Target, m.wanted().Target)*m.d.HealthyPercent + 99) / 100
	anybody := func(g Group) bool {
		// What is left over beside the live revision, in its own target groups, is nothing to count on.
		return m.counts(g) || !slices.Equal(g.TargetGroups, m.seen(m.live).TargetGroups)
	}
	for _, was := range j.Routes {
		before, after := at(m.before, was.RoutePair).Production, at(m.after, was.RoutePair).Production
		for _, s := range after {
			had := m.working(m.had, s.TargetGroup, anybody) > 0 || m.getting(m.had, before) > 0
			if s.Weight > 0 && m.working(m.has, s.TargetGroup, anybody) == 0 && had && (before.Percent(s.TargetGroup) == 0 || m.working(m.had, s.TargetGroup, anybody) > 0) {
				m.breach("production serves", "after %s nothing is in service in %s, which gets %d %%", m.step, TargetGroupName(s.TargetGroup), after.Percent(s.TargetGroup))
			}
		}
		if has := m.getting(m.has, after); has < floor && has < m.getting(m.had, before) && !m.before.PastDeadline {
			m.breach("production serves", "after %s %d in service get traffic; %d are promised", m.step, has, floor)
		}
	}
}

// In a switch production goes before stage, of all routes; on the way through the weights stage goes before production.
func (m moment) inTurn(j Journal) {
	s := m.step
	for _, was := range j.Routes {
		p, ok := sidesOf(was, nil)
		is := at(m.before, was.RoutePair)
		switch {
		case !ok:
		case s.Phase <= len(m.d.BlueGreen.Shift):
			if isProduction(j, s.ARN) && was.StageARN != "" && is.Stage.Percent(p.idle) != 100 {
				m.breach("in turn", "%s while stage forwards to %s", s, is.Stage)
			}
		case !isProduction(j, s.ARN) && is.Production.Percent(p.idle) != 100:
			m.breach("in turn", "%s while production forwards to %s", s, is.Production)
		}
	}
}

// asItWas tells whether a forward is the same in order and weights. A target group that is alone gets all, whatever its weight.
func asItWas(is, was Forward) bool {
	if len(is) == 1 && len(was) == 1 {
		return is[0].TargetGroup == was[0].TargetGroup
	}
	return slices.Equal(is, was)
}

// describe is a route to the last weight.
func describe(r Route) string {
	text := "production"
	for _, s := range r.Production {
		text += fmt.Sprintf(" %s=%d", TargetGroupName(s.TargetGroup), s.Weight)
	}
	text += ", stage"
	for _, s := range r.Stage {
		text += fmt.Sprintf(" %s=%d", TargetGroupName(s.TargetGroup), s.Weight)
	}
	return text
}

func isProduction(j Journal, arn string) bool {
	return slices.ContainsFunc(j.Routes, func(r Route) bool { return r.ProductionARN == arn })
}

// The candidate is whole and healthy before any traffic comes to it, and the live revision is whole and pinned for the way back.
func (m moment) wholeBefore(c Group, j Journal) {
	target := m.wanted().Target
	need := (min(target, c.Capacity.Target)*m.d.HealthyPercent + 99) / 100
	pinned := c.Capacity == Pin(target) || j.Passed > len(m.d.BlueGreen.Shift)
	if c.Steady < need || !pinned {
		m.breach("whole before traffic", "%s while %s has %d steady of %s; it is to have %d", m.step, c.Name, c.Steady, c.Capacity, target)
	}
	if live := m.seen(m.live); j.Passed <= len(m.d.BlueGreen.Shift) && live.Capacity != Pin(j.PreviousCapacity.Target) {
		m.breach("whole before traffic", "%s while %s has %s; it had %s", m.step, live.Name, live.Capacity, j.PreviousCapacity)
	}
}

// Where traffic moves by weights, production's action names both target groups all the time.
func (m moment) bothStay(j Journal) {
	for _, was := range j.Routes {
		p, ok := sidesOf(was, nil)
		if !ok || len(m.d.BlueGreen.Shift) == 0 || was.ProductionARN != m.step.ARN {
			continue
		}
		names := func(group string) bool {
			return slices.ContainsFunc(m.step.To, func(s Share) bool { return s.TargetGroup == group })
		}
		if !names(p.live) || !names(p.idle) || len(m.step.To) != 2 {
			m.breach("both target groups stay", "%s", m.step)
		}
		if m.step.Why == WhyCheckedAgain && m.step.To.Percent(p.idle) == m.step.From.Percent(p.idle) {
			continue // names the live one's again, and moves nothing
		}
		if m.step.Phase <= len(m.d.BlueGreen.Shift) && m.step.To.Percent(p.idle) != m.d.BlueGreen.Shift[m.step.Phase-1].Percent {
			m.breach("weight by weight", "%s at weight %d", m.step, m.d.BlueGreen.Shift[m.step.Phase-1].Percent)
		}
	}
}

// On the way back every route forwards again as it did, in the same order and by the same weights, before anything is taken from
// the candidate, which keeps its traffic until then.
func (m moment) restored(c Group, j Journal) {
	s := m.step
	if s.Group.ID != c.ID || s.Kind != Delete && !(s.Kind == Resize && s.Capacity.Target < c.Capacity.Target) {
		return
	}
	for _, was := range j.Routes {
		if is := at(m.before, was.RoutePair); !asItWas(is.Production, was.Production) || !asItWas(is.Stage, was.Stage) {
			m.breach("the forwards come back", "%s while %+q; it was %+q", s, describe(is), describe(was))
		}
	}
	if c.Instances > 0 && c.Capacity.Target > 0 && m.d.BlueGreen != nil && m.before.RoutesUnchangedFor < m.d.BlueGreen.Settle {
		m.breach("settles first", "%s after %s", s, m.before.RoutesUnchangedFor)
	}
	if c.Instances > 0 && m.shifted {
		m.followed(s)
	}
}

// What stands in the candidate's target groups is gone before the candidate grows there.
func (m moment) idleIsEmpty(c Group) {
	if c.Capacity.Target > 0 || m.step.Capacity.Target == 0 {
		return
	}
	for _, g := range m.before.Groups {
		shares := slices.ContainsFunc(g.TargetGroups, func(arn string) bool { return slices.Contains(c.TargetGroups, arn) })
		if shares && g.ID != c.ID && (g.Instances > 0 || g.Capacity.Target > 0) {
			m.breach("alone in its target groups", "%s while %s has %d instances there", m.step, g.Name, g.Instances)
		}
	}
}

// A weight is passed when all routes are at it, have settled and were watched. Weights are passed one by one.
func (m moment) passedWeights(c Group, j Journal) {
	s := m.step
	if s.Kind != Record || s.Group.ID != c.ID || s.Part != Deploy || s.Journal.Passed == j.Passed {
		return
	}
	bg, last := m.d.BlueGreen, len(m.d.BlueGreen.Shift)+1
	if s.Journal.Passed != j.Passed+1 || s.Journal.Passed > last {
		m.breach("weight by weight", "weight %d is noted as passed after %d, of %d", s.Journal.Passed, j.Passed, last)
		return
	}
	percent, bake := 100, bg.Bake
	if s.Journal.Passed < last {
		percent, bake = bg.Shift[j.Passed].Percent, bg.Shift[j.Passed].Bake
	}
	for _, was := range j.Routes {
		p, _ := sidesOf(was, nil)
		if is := at(m.before, was.RoutePair).Production; is.Percent(p.idle) != percent {
			m.breach("weight by weight", "%d %% is passed while production forwards to %s", percent, is)
		}
	}
	if m.before.RoutesUnchangedFor < bg.Settle {
		m.breach("settles first", "%d %% is passed after %s", percent, m.before.RoutesUnchangedFor)
	}
	if bake > 0 && m.before.Baked != s.Journal.Passed && j.Verdict != Reverting {
		m.breach("bakes first", "%d %% is passed and was not baked", percent)
	}
}

// Nothing is taken from the live revision on the way forward until all weights are passed, and production is all with the candidate.
func (m moment) takenLast(j Journal) {
	s := m.step
	if s.Kind != Resize || s.Group.ID != m.live || s.Part == Back || s.Capacity.Target >= m.seen(m.live).Capacity.Target {
		return
	}
	if m.d.BlueGreen == nil || j.Passed <= len(m.d.BlueGreen.Shift) && s.Capacity.Target < j.PreviousCapacity.Target {
		m.breach("the previous is kept", "%s after weight %d", s, j.Passed)
		return
	}
	if j.Passed > len(m.d.BlueGreen.Shift) {
		m.followed(s)
	}
	for _, was := range j.Routes {
		p, _ := sidesOf(was, nil)
		is := at(m.before, was.RoutePair).Production
		if s.Capacity.Target < j.PreviousCapacity.Target && is.Percent(p.live) > 0 {
			m.breach("the previous is kept", "%s while production forwards to %s", s, is)
		}
	}
}

// followed holds what takes instances where traffic went before a change of the routes against the time that balancers are given.
func (m moment) followed(s Step) {
	if m.d.BlueGreen != nil && m.before.RoutesUnchangedFor < m.d.BlueGreen.Follow {
		m.breach("balancers follow first", "%s after %s of %s", s, m.before.RoutesUnchangedFor, m.d.BlueGreen.Follow)
	}
}

// beside holds a change of size against what a candidate and a live revision are to have beside one another.
func (m moment) beside(candidate Group, j Journal) {
	s := m.step
	switch {
	case s.Group.ID == m.live && s.Part == Back && s.Capacity == j.PreviousCapacity: // it failed, and traffic comes back before that is noted
	case s.Group.ID == candidate.ID && s.Capacity.Target != m.wanted().Target && !s.Capacity.SameBounds(Capacity(m.wanted())):
		m.breach("its share", "%s; it is to have %d", s, m.wanted().Target)
	case s.Group.ID == m.live && j.Passed <= len(m.d.BlueGreen.Shift) && s.Capacity != Pin(j.PreviousCapacity.Target):
		m.breach("the previous is kept", "%s after weight %d; it had %s", s, j.Passed, j.PreviousCapacity)
	case s.Group.ID == m.live && j.Passed > len(m.d.BlueGreen.Shift):
		want := Capacity{}
		if m.d.BlueGreen.KeepPrevious {
			want = j.PreviousCapacity
		}
		if s.Capacity != want {
			m.breach("its share", "%s; it is to be left with %s", s, want)
		}
	}
}

// An undisturbed run makes no more calls than there are weights, and the whole, for each of its routes.
func (m moment) fewCalls(undisturbed bool, calls int) {
	if m.unjudged || !undisturbed || m.d.BlueGreen == nil || m.d.Gone || m.step.Kind != Done && m.step.Kind != HoldHere {
		return
	}
	most := 0
	for _, p := range m.d.BlueGreen.Routes {
		most += len(m.d.BlueGreen.Shift) + 1 + 1 // and what another tool left
		if p.StageARN != "" {
			most += len(m.d.BlueGreen.Shift) + 1
		}
	}
	if calls > most {
		m.breach("few calls", "%d calls changed routes; %d would do", calls, most)
	}
}

// begun is what the journal of a candidate says of its routes, of what it was before and of its place in the history.
func (m moment) begun(want *Journal) {
	next, revision := 0, 0
	for _, g := range m.before.Groups {
		next, revision = max(next, order(g)), max(revision, g.Revision)
		if j, ok := g.Journal(); ok && g.ID != m.live && j.Release == m.d.Release && m.live != "" {
			want.Verdict = Reverting
		}
	}
	next, revision = next+1, revision+1
	if next > revision || comesBack(m.step) {
		want.Order = next
	}
	if comesBack(m.step) {
		g := m.seen(m.step.Group.ID)
		j, _ := g.Journal()
		want.Before = &Earlier{Capacity: g.Capacity, Order: order(g), Retain: j.Retain, Previous: j.Previous, PreviousCapacity: j.PreviousCapacity}
	}
	if m.d.BlueGreen == nil || m.live == "" {
		return
	}
	for _, pair := range m.d.BlueGreen.Routes {
		r := at(m.before, pair)
		p, ok := sidesOf(r, m.group(m.live).TargetGroups)
		if !ok {
			m.breach("refuses what is not sound", "%s, and %s forwards to %s", m.step, pair.ProductionARN, r.Production)
			return
		}
		if r.Production.Percent(p.idle) > 0 {
			r.Production = Forward{{TargetGroup: p.live, Weight: 100}, {TargetGroup: p.idle, Weight: 0}}
		}
		want.Routes = append(want.Routes, r)
		if !slices.Contains(m.step.Group.TargetGroups, p.idle) || slices.Contains(m.step.Group.TargetGroups, p.live) {
			m.breach("alone in its target groups", "%s in %v", m.step, m.step.Group.TargetGroups)
		}
	}
}

// Only what cannot work is refused.
func (m moment) refused() {
	if len(m.before.Unowned) > 0 || m.failed[m.live+" "+m.d.Release] || m.d.Capacity == nil && m.own[m.live] == (Capacity{}) {
		return
	}
	if m.d.BlueGreen == nil {
		m.breach("refuses only what is not sound", "%s", m.step)
		return
	}
	for _, pair := range m.d.BlueGreen.Routes {
		var registered []string
		if m.live != "" {
			registered = m.group(m.live).TargetGroups
		}
		if _, ok := sidesOf(at(m.before, pair), registered); !ok {
			return
		}
	}
	m.breach("refuses only what is not sound", "%s", m.step)
}
