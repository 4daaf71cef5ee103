package rollout

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// change brings a candidate beside the live revision, in the target groups that have no production traffic, and moves the traffic
// of production over to it: blue/green.
//
// The live revision keeps its instances until all of the traffic has moved, has settled and was watched. It is pinned
// meanwhile: its autoscaler would take the fall in traffic for a fall in demand, and the way back would be to a shadow of it.
func change(d Deployment, w World, c Roles) Step {
	candidate := *c.Candidate
	if s, ready := d.clearWay(c); !ready {
		if first, needed := d.putRight(w, c); needed && c.journal.Passed == 0 && d.unborn(c) {
			// What another tool left half way may be with the revision that makes room.
			return first
		}
		if s.Takes() && s.Group.InService > 0 && !w.NoTrafficMoved && w.RoutesUnchangedFor < d.Follow() {
			return Step{Kind: Settle, Part: Setup, Group: s.Group, Time: d.Follow()} // it may have had traffic a moment ago
		}
		return s
	}
	l := d.weight(c.journal.Passed + 1)
	if s, due := d.due(w, c, d.beside(), l); due {
		return s
	}
	if c.journal.Passed == 0 && (d.unborn(c) || candidate.InService == 0 && w.routesAsRecorded(c)) {
		// No traffic is moved by this rollout. What another tool left half way is put right before the candidate comes; and what a
		// way back left that was cut short: a target group that no route names is never healthy.
		if s, needed := d.putRight(w, c); needed {
			return s
		}
	}
	if s, there := d.stands(c); !there {
		return s
	}
	if s, done := d.setRoutes(w, c, Deploy, l, d.wanted(l)); !done {
		return s
	}
	if w.RoutesUnchangedFor < d.BlueGreen.Settle {
		return l.step(Step{Kind: Settle, Group: candidate, Time: d.BlueGreen.Settle})
	}
	if c.journal.Passed <= len(d.BlueGreen.Shift) {
		if l.bake > 0 && w.Baked != l.number && c.journal.Judged() {
			return l.step(Step{Kind: Bake, Group: candidate, Time: l.bake})
		}
		j := c.journal
		j.Passed = l.number
		if j.Holding = !l.whole && d.HoldAfter > 0 && j.Passed >= d.HoldAfter; j.Holding {
			j.HoldingWith = c.sizes()
		}
		return record(l, candidate, j, WhyPassed)
	}
	return d.retire(w, c)
}

// putRight puts production's traffic back on the live revision before a rollout begins, where another tool left it half way. Where another
// one serves there meanwhile and the live one does not, that is waited for.
func (d Deployment) putRight(w World, c Roles) (Step, bool) {
	s, done := d.setRoutes(w, c, Setup, level{}, recorded)
	if done {
		return Step{}, false
	}
	if c.Live.InService == 0 && slices.ContainsFunc(c.Others, func(g Group) bool { return g.InService > 0 }) {
		return Step{Kind: AwaitHealthy, Part: Setup, Group: *c.Live, Count: 1, Why: WhyBeforeTraffic}, true
	}
	s.Why = WhyHalfWay
	return s, true
}

// unborn tells whether the candidate has not been brought up yet. One that is to stand at zero is as soon as it is created.
func (d Deployment) unborn(c Roles) bool {
	return c.Candidate.Capacity.Target == 0 && d.final(c).Target > 0
}

// routesAsRecorded tells whether production forwards as it was recorded.
func (w World) routesAsRecorded(c Roles) bool {
	for _, was := range c.journal.Routes {
		if !w.route(was.RoutePair).Production.Same(was.Production) {
			return false
		}
	}
	return true
}

// clearWay takes the revisions that still run beside the live one out of the way: one that stands in the candidate's target groups
// would be shown with it, and gets its traffic.
func (d Deployment) clearWay(c Roles) (Step, bool) {
	for _, g := range c.Others {
		if g.Capacity.Target > 0 && d.spares(c, g) {
			return Step{Kind: Resize, Part: Setup, Group: g, Licence: MakeRoom, Why: WhyMakesRoom}, false
		}
	}
	for _, g := range c.Others {
		if g.Capacity.Target == 0 && g.Instances > 0 && c.Candidate.Capacity.Target == 0 {
			return Step{Kind: AwaitDrained, Part: Setup, Group: g}, false
		}
	}
	return Step{}, true
}

// stands brings the candidate to its full capacity, healthy in its own target groups, and pins the live revision. It
// answers true when that is so.
func (d Deployment) stands(c Roles) (Step, bool) {
	candidate, live, final, l := *c.Candidate, *c.Live, d.final(c), d.beside()
	switched := c.journal.Passed > len(d.BlueGreen.Shift)
	full := candidate.Capacity == Pin(final.Target) || switched && d.hasOwn(c)
	if short := d.shortOfCandidate(c, level{candidate: final.Target}); !full && short > 0 {
		return l.step(Step{Kind: AwaitHealthy, Group: candidate, Count: candidate.InService + short, Why: WhyBeforeTaken}), false
	}
	if !full {
		return l.step(Step{Kind: Resize, Group: candidate, Capacity: Pin(final.Target), Licence: Fit}), false
	}
	if need := d.Required(min(final.Target, candidate.Capacity.Target)); candidate.Steady < need {
		return l.step(Step{Kind: AwaitHealthy, Group: candidate, Count: need}), false
	}
	if had := Pin(c.journal.PreviousCapacity.Target); !switched && live.Capacity != had && c.journal.Previous == live.ID {
		return l.step(Step{Kind: Resize, Group: live, Capacity: had, Licence: Restore, Why: WhyKept}), false
	}
	return Step{}, true
}

// retire ends the rollout: the previous revision goes to zero, or gets its own bounds back and stays; the candidate gets its own, after
// which its autoscaler may have it.
func (d Deployment) retire(w World, c Roles) Step {
	candidate, live, final := *c.Candidate, *c.Live, d.final(c)
	left := Capacity{}
	if d.BlueGreen.KeepPrevious && c.journal.Previous == live.ID {
		left = c.journal.PreviousCapacity
	}
	if live.Capacity.Target > left.Target && w.RoutesUnchangedFor < d.Follow() {
		return d.weight(c.journal.Passed).step(Step{Kind: Settle, Group: live, Time: d.Follow(), Why: WhyFollowed})
	}
	if live.Capacity != left && !(d.BlueGreen.KeepPrevious && live.Capacity.SameBounds(left)) {
		return Step{Kind: Resize, Part: After, Group: live, Capacity: left, Licence: Replace}
	}
	if !d.hasOwn(c) {
		return Step{Kind: Resize, Part: After, Group: candidate, Capacity: final, Licence: Fit, Why: WhyOwnBounds}
	}
	if s, needed := c.takeLeftOver(); needed {
		return s
	}
	j := c.journal
	j.Verdict, j.Retain, j.Passed, j.Routes, j.Before, j.AlarmsOn = Proven, d.Retain, 0, nil, nil, nil
	j.KeepsPrevious = d.BlueGreen.KeepPrevious
	return Step{Kind: Record, Part: After, Group: candidate, Journal: j, Why: WhyProven}
}

// beside is the part in which the candidate comes to stand beside the live revision.
func (d Deployment) beside() level { return level{name: "deploy"} }

// weight is the step of the shift of a number, from 1; the last one is the whole.
func (d Deployment) weight(number int) level {
	if shift := d.BlueGreen.Shift; number <= len(shift) {
		return level{number: number, name: fmt.Sprintf("%d %%", shift[number-1].Percent), bake: shift[number-1].Bake}
	}
	return level{number: len(d.BlueGreen.Shift) + 1, name: "100 %", bake: d.BlueGreen.Bake, whole: true}
}

// wanted is where a route is to forward at a step of the shift.
func (d Deployment) wanted(l level) func(Route, liveAndIdle) Route {
	bg := d.BlueGreen
	return func(was Route, c liveAndIdle) Route {
		if !l.whole {
			return was.at(c, bg.Shift[l.number-1].Percent)
		}
		if len(bg.Shift) == 0 {
			return was.exchanged(c)
		}
		is := was.at(c, 100)
		if is.StageARN != "" && bg.KeepPrevious {
			is.Stage = Forward{{c.live, 1}}
		}
		return is
	}
}

// recorded is where a route forwarded before the rollout.
func recorded(was Route, _ liveAndIdle) Route { return was }

// setRoutes sets the routes to what is wanted of them, one call a step, and answers true when they are so. Production comes
// before stage: in between both show the candidate, which is known to be well. Only at a weight below 100 stage comes first, so
// that it shows the candidate before production meets it.
func (d Deployment) setRoutes(w World, c Roles, part Part, l level, wanted func(Route, liveAndIdle) Route) (Step, bool) {
	var production, stage []Step
	for _, was := range c.journal.Routes {
		groups, err := assignTargetGroups(was, nil)
		if err != nil {
			continue // no journal of ours
		}
		is, to := w.route(was.RoutePair), wanted(was, groups)
		s := Step{Kind: Shift, Part: part, Phase: l.number, PhaseName: l.name, Group: *c.Candidate}
		if !is.Production.Same(to.Production) {
			s.ARN, s.From, s.To = was.ProductionARN, is.Production, to.Production
			production = append(production, s)
		}
		if was.StageARN != "" && !is.Stage.Same(to.Stage) {
			s.ARN, s.From, s.To = was.StageARN, is.Stage, to.Stage
			stage = append(stage, s)
		}
	}
	ordered := append(production, stage...)
	if part == Deploy && !l.whole {
		ordered = append(stage, production...)
	}
	if len(ordered) == 0 {
		return Step{}, true
	}
	return ordered[0], false
}

// mend puts production's traffic back on the live revision where another tool left it half way at rest. Traffic that has gone
// over wholly is somebody's decision, and is left.
func (d Deployment) mend(w World, live Group) (Step, bool) {
	if d.BlueGreen == nil || live.InService == 0 {
		return Step{}, false
	}
	for _, r := range w.Routes {
		groups, err := assignTargetGroups(r, live.TargetGroups)
		if err != nil || !slices.Contains(d.BlueGreen.Routes, r.RoutePair) || live.TargetGroups != nil && !slices.Contains(live.TargetGroups, groups.live) {
			continue
		}
		if to := r.mended(groups).Production; !r.Production.Same(to) {
			return Step{Kind: Shift, Part: Mend, Group: live, ARN: r.ProductionARN, From: r.Production, To: to, Why: WhyHalfWay}, true
		}
	}
	return Step{}, false
}

// start finds the target groups of a new candidate and the routes to record; why says what keeps it from starting.
func (d Deployment) start(w World, live *Group) (routes []Route, groups []string, why string) {
	var taken []string
	for _, pair := range d.BlueGreen.Routes {
		r := w.route(pair)
		var registered []string
		if live != nil {
			registered = live.TargetGroups
		}
		assigned, err := assignTargetGroups(r, registered)
		if err != nil {
			return nil, nil, err.Error()
		}
		if live == nil {
			// A first deployment takes production as it is.
			groups = append(groups, assigned.live)
			continue
		}
		switch {
		case !w.knows(pair):
			// A plan that has not read the route yet; apply looks before it begins.
		case registered != nil && !slices.Contains(registered, assigned.live):
			return nil, nil, fmt.Sprintf("%s forwards to %s, and the live revision %s does not register there but in %s. "+
				"Make production forward to where it is, or register it there", RouteName(pair.ProductionARN), r.Production, live.Name, names(registered))
		case slices.Contains(registered, assigned.idle):
			return nil, nil, fmt.Sprintf("the live revision %s registers in %s, which is to be the idle target group of %s: a candidate there would not stand alone",
				live.Name, TargetGroupName(assigned.idle), RouteName(pair.ProductionARN))
		}
		groups, taken = append(groups, assigned.idle), append(taken, assigned.live)
		routes = append(routes, r.mended(assigned))
	}
	for _, g := range groups {
		if slices.Contains(taken, g) {
			return nil, nil, fmt.Sprintf("target group %s has production's traffic on one route and is the idle one on another. Make all routes forward to the same revision", TargetGroupName(g))
		}
	}
	slices.Sort(groups)
	return routes, slices.Compact(groups), ""
}

func names(arns []string) string {
	if len(arns) == 0 {
		return "no target group"
	}
	quoted := make([]string, len(arns))
	for i, arn := range arns {
		quoted[i] = strconv.Quote(TargetGroupName(arn))
	}
	return strings.Join(quoted, ", ")
}

// rerouted tells whether a candidate was made for other routes than are written now. It stands in target groups that
// they do not know, and has to go back first.
func (d Deployment) rerouted(c Roles) bool {
	if len(c.journal.Routes) == 0 {
		return false
	}
	if d.BlueGreen == nil {
		return true
	}
	var pairs []RoutePair
	for _, r := range c.journal.Routes {
		pairs = append(pairs, r.RoutePair)
	}
	return !slices.Equal(pairs, d.BlueGreen.Routes)
}

// knows tells whether the pair was read.
func (w World) knows(pair RoutePair) bool {
	return slices.ContainsFunc(w.Routes, func(r Route) bool { return r.RoutePair == pair })
}

// route is what the world knows of a pair. What a plan does not know yet it calls by what it is.
func (w World) route(pair RoutePair) Route {
	for _, r := range w.Routes {
		if r.RoutePair == pair {
			return r
		}
	}
	r := Route{RoutePair: pair}
	live, idle := common(pair.ProductionARN)+"live/0", common(pair.ProductionARN)+"idle/0"
	if pair.StageARN == "" {
		r.Production = Forward{{live, 100}, {idle, 0}}
	} else {
		r.Production, r.Stage = Forward{{live, 1}}, Forward{{idle, 1}}
	}
	return r
}
