package rollout

import (
	"fmt"
	"slices"
	"time"
)

// blueGreen brings a candidate beside the live revision, in the target groups that have no production traffic, and moves the traffic of
// production over to it, weight by weight or at once.
//
// The live revision keeps its instances until all of the traffic has moved, has settled and was watched. It is pinned
// meanwhile: its autoscaler would take the fall in traffic for a fall in demand, and the way back would be to a shadow of it.
type blueGreen struct{ BlueGreen }

func (by blueGreen) name() string { return "blue/green" }

func (by blueGreen) first() string { return "first deployment" }

func (by blueGreen) routes() []RoutePair   { return by.Routes }
func (by blueGreen) movesTraffic() bool    { return true }
func (by blueGreen) settle() time.Duration { return by.Settle }
func (by blueGreen) follow() time.Duration { return max(by.Settle, by.Follow) }

func (by blueGreen) keepsPrevious() bool { return by.KeepPrevious }

func (by blueGreen) levels() int { return len(by.Shift) }

// level is a weight; both revisions are whole at each of them. The whole is watched, too.
func (by blueGreen) level(_ *situation, number int) level {
	if number <= len(by.Shift) {
		w := by.Shift[number-1]
		return level{number: number, name: fmt.Sprintf("%d %%", w.Percent), row: "deploy", percent: w.Percent, bake: w.Bake}
	}
	whole := len(by.Shift) + 1
	return level{number: whole, name: "100 %", row: "deploy", percent: 100, bake: by.Bake, whole: true, last: number > whole}
}

// start has the candidate stand in the idle target group of each route.
func (by blueGreen) start(x *situation) (routes []Route, groups []string, why string) {
	live := x.Live
	var taken []string
	for _, pair := range by.Routes {
		r := x.route(pair)
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
		case !x.knows(pair):
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

// former is the newest one that stands in the target groups of the candidate that would be created.
func (by blueGreen) former(x *situation, created Group) *Group {
	for i := len(x.Others) - 1; i >= 0; i-- {
		g := x.Others[i]
		registered := slices.Sorted(slices.Values(g.TargetGroups))
		if x.made(g) && g.TargetGroups != nil && slices.Equal(registered, created.TargetGroups) {
			return &g
		}
	}
	return nil
}

// prepare takes the revisions that still run beside the live one out of the way: one that stands in the candidate's target groups would
// be shown with it, and gets its traffic.
func (by blueGreen) prepare(x *situation) (Step, bool) {
	s, needed := by.makeRoom(x)
	if !needed {
		return Step{}, false
	}
	if first, wrong := x.putRight(); wrong && x.journal.Passed == 0 && x.yetToComeUp() {
		// What another tool left half way may be with the revision that makes room.
		return first, true
	}
	if s.Takes() && s.Group.InService > 0 && !x.NoTrafficMoved && x.RoutesUnchangedFor < x.Follow() {
		return Step{Kind: Settle, Part: Setup, Group: s.Group, Time: x.Follow()}, true // it may have had traffic a moment ago
	}
	return s, true
}

func (by blueGreen) makeRoom(x *situation) (Step, bool) {
	for _, g := range x.Others {
		if g.Capacity.Target > 0 && by.spares(x, g) {
			return Step{Kind: Resize, Part: Setup, Group: g, Licence: MakeRoom, Why: WhyMakesRoom}, true
		}
	}
	for _, g := range x.Others {
		if g.Capacity.Target == 0 && g.Instances > 0 && x.Candidate.Capacity.Target == 0 {
			return Step{Kind: AwaitDrained, Part: Setup, Group: g}, true
		}
	}
	return Step{}, false
}

// spares goes by the live revision alone, and only where production goes.
func (by blueGreen) spares(x *situation, g Group) bool {
	apart := !slices.ContainsFunc(g.TargetGroups, func(arn string) bool { return slices.Contains(x.Live.TargetGroups, arn) })
	return apart || x.covered(g, x.Live.InService)
}

// reach brings the candidate to its full capacity, healthy in its own target groups, and pins the live revision.
func (by blueGreen) reach(x *situation, l level) (Step, bool) {
	if x.journal.Passed == 0 && x.yetToComeUp() {
		// No traffic is moved by this rollout. What another tool left half way is put right before the candidate comes.
		if s, needed := x.putRight(); needed {
			return s, false
		}
	}
	if s, unused := x.onStageAgain(); unused {
		return l.step(s), false
	}
	candidate, live, final := *x.Candidate, *x.Live, x.final()
	switched := x.journal.Passed > by.levels()
	full := candidate.Capacity == Pin(final.Target) || switched && x.hasOwn()
	if short := by.shortOfCandidate(x); !full && short > 0 {
		return l.instances().step(Step{Kind: AwaitHealthy, Group: candidate, Count: candidate.InService + short, Why: WhyBeforeTaken}), false
	}
	if !full {
		return l.instances().step(Step{Kind: Resize, Group: candidate, Capacity: Pin(final.Target), Licence: Fit}), false
	}
	if need := x.Required(min(final.Target, candidate.Capacity.Target)); candidate.Steady < need {
		return l.instances().step(Step{Kind: AwaitHealthy, Group: candidate, Count: need}), false
	}
	if had := Pin(x.journal.PreviousCapacity.Target); !switched && live.Capacity != had && x.journal.Previous == live.ID {
		if short := x.shortAlone(live, had.Target); short > 0 && x.servesPast(live, candidate) {
			return l.instances().step(Step{Kind: AwaitHealthy, Group: live, Count: live.InService + short, Why: WhyBeforeTaken}), false
		}
		return l.instances().step(Step{Kind: Resize, Group: live, Capacity: had, Licence: Restore, Why: WhyKept}), false
	}
	return Step{}, true
}

// shortOfCandidate is how many instances of the candidate have to come into service before it may shrink to its full capacity, which is
// lower only if a lower one is written since.
func (by blueGreen) shortOfCandidate(x *situation) int {
	target := x.final().Target
	if x.servesPast(*x.Candidate, *x.Live) {
		return x.shortAlone(*x.Candidate, target)
	}
	return x.shortOfCandidate(level{candidate: target})
}

// shortAlone is how many instances of a group have to come into service before it may shrink to a target, where production's traffic goes
// to it and the other revision does not serve that. 0 if what is promised is left whichever Spot takes.
func (x *situation) shortAlone(g Group, target int) int {
	taken := g.Capacity.Target - target
	if taken <= 0 || g.InService == 0 {
		return 0
	}
	promised := x.Required(min(x.journal.PreviousCapacity.Target, x.final().Target))
	return max(0, min(promised-(g.InService-taken), g.Capacity.Target-g.InService))
}

// putRight puts production's traffic back on the live revision before a rollout begins, where another tool left it half way. Where another
// one serves there meanwhile and the live one does not, that is waited for.
func (x *situation) putRight() (Step, bool) {
	s, done := x.setRoutes(Setup, level{}, recorded)
	if done {
		return Step{}, false
	}
	if x.Live.InService == 0 && slices.ContainsFunc(x.Others, func(g Group) bool { return g.InService > 0 }) {
		return Step{Kind: AwaitHealthy, Part: Setup, Group: *x.Live, Count: 1, Why: WhyBeforeTraffic}, true
	}
	s.Why = WhyHalfWay
	return s, true
}

// yetToComeUp tells whether the candidate has not been brought up yet. One that is to stand at zero is as soon as it is created.
func (x *situation) yetToComeUp() bool {
	return x.Candidate.Capacity.Target == 0 && x.final().Target > 0
}

// onStageAgain brings a target group of the candidate back into use that no route names: a way back that was cut short has left it so,
// between production and stage, and what no route names is never healthy.
func (x *situation) onStageAgain() (Step, bool) {
	for _, was := range x.journal.Routes {
		groups, err := assignTargetGroups(was, nil)
		if err != nil || was.StageARN == "" || !x.knows(was.RoutePair) || x.named(groups.idle) {
			continue
		}
		return Step{Kind: Shift, Group: *x.Candidate, ARN: was.StageARN, From: x.route(was.RoutePair).Stage, To: was.Stage, Why: WhyCheckedAgain}, true
	}
	return Step{}, false
}

// turn moves the traffic of the level, and leaves it alone until it is taken for real.
func (by blueGreen) turn(x *situation, l level) (Step, bool) {
	if s, done := x.setRoutes(Deploy, l, by.wanted(l)); !done {
		if x.givesBack(s) {
			// Other weights are written since, and the candidate has more than the first of them.
			if s, unused := x.inUse(Deploy); unused {
				return l.step(s), false
			}
			if need := x.Required(min(x.had().Target, x.Live.Capacity.Target)); x.Live.InService < need {
				return l.step(Step{Kind: AwaitHealthy, Group: *x.Live, Count: need, Why: WhyBeforeTraffic}), false
			}
		}
		return s, false
	}
	if x.RoutesUnchangedFor < by.Settle {
		return l.step(Step{Kind: Settle, Group: *x.Candidate, Time: by.Settle}), false
	}
	return Step{}, true
}

// givesBack tells whether a change of a route gives the live revision traffic of production that the candidate has.
func (x *situation) givesBack(s Step) bool {
	isProduction := slices.ContainsFunc(x.journal.Routes, func(r Route) bool { return r.ProductionARN == s.ARN })
	return isProduction && slices.ContainsFunc(x.Live.TargetGroups, func(arn string) bool { return s.To.Percent(arn) > s.From.Percent(arn) })
}

// wanted is where a route is to forward at a step of the shift.
func (by blueGreen) wanted(l level) func(Route, liveAndIdle) Route {
	return func(was Route, c liveAndIdle) Route {
		if !l.whole {
			return was.at(c, l.percent)
		}
		if len(by.Shift) == 0 {
			return was.exchanged(c)
		}
		is := was.at(c, 100)
		if is.StageARN != "" && by.KeepPrevious {
			is.Stage = Forward{{c.live, 1}}
		}
		return is
	}
}

// retire takes the previous revision to zero, or gives it its own bounds back and lets it stay; then the candidate gets its own, after
// which its autoscaler may have it.
func (by blueGreen) retire(x *situation, l level) (Step, bool) {
	candidate, live, final := *x.Candidate, *x.Live, x.final()
	left := Capacity{}
	if by.KeepPrevious && x.journal.Previous == live.ID {
		left = x.journal.PreviousCapacity
	}
	if live.Capacity.Target > left.Target && x.RoutesUnchangedFor < x.Follow() {
		return l.step(Step{Kind: Settle, Group: live, Time: x.Follow(), Why: WhyFollowed}), true
	}
	if live.Capacity != left && !(by.KeepPrevious && live.Capacity.SameBounds(left)) {
		return Step{Kind: Resize, Part: After, Group: live, Capacity: left, Licence: Replace}, true
	}
	if !x.hasOwn() {
		return Step{Kind: Resize, Part: After, Group: candidate, Capacity: final, Licence: Fit, Why: WhyOwnBounds}, true
	}
	return Step{}, false
}

// ahead is the bake of a weight, and the time that is given to load balancers before. What was proven before is not baked.
func (by blueGreen) ahead(s Step) time.Duration {
	if s.Kind != Shift {
		return 0
	}
	if j, _ := s.Group.Journal(); j.Verdict == Reverting {
		return by.Settle
	}
	return by.level(nil, s.Phase).bake + by.Settle
}

// leaves has nothing to say: both revisions are whole until all of the traffic has moved.
func (by blueGreen) leaves(*situation, int) (int, bool) { return 0, false }

const (
	blueGreenWord = "blue-green"
	// previousStays is the word for a previous revision that keeps running.
	previousStays = "previous-stays"
)

// words are "blue-green settle=30s follow=5m previous-stays 10pct bake=5m 100pct bake=10m".
func (by blueGreen) words() []string {
	words := []string{blueGreenWord, "settle=" + brief(by.Settle), "follow=" + brief(by.Follow)}
	if by.KeepPrevious {
		words = append(words, previousStays)
	}
	for _, w := range by.Shift {
		words = append(words, leveled(percentTag(w.Percent), w.Bake)...)
	}
	return append(words, leveled(percentTag(100), by.Bake)...)
}

// blueGreenOf is the strategy of a candidate as far as the routes in its journal say it; nil if it has none.
func blueGreenOf(j Journal) *BlueGreen {
	if !j.shiftsTraffic() {
		return nil
	}
	bg := &BlueGreen{Settle: UsualSettle, Follow: UsualFollow}
	for _, r := range j.Routes {
		bg.Routes = append(bg.Routes, r.RoutePair)
	}
	return bg
}

// read reads the words of the strategy, all but the routes.
func (b *BlueGreen) read(words []string) bool {
	if len(words) < 3 {
		return false
	}
	var ok bool
	if b.Settle, ok = cutDuration(words[0], "settle="); !ok {
		return false
	}
	if b.Follow, ok = cutDuration(words[1], "follow="); !ok {
		return false
	}
	var levels []Weight
	for i, word := range words[2:] {
		if n, ok := cutNumber(word, "", "pct"); ok && n >= 1 && n <= 100 {
			levels = append(levels, Weight{Percent: n})
		} else if bake, ok := cutDuration(word, "bake="); ok && len(levels) > 0 {
			levels[len(levels)-1].Bake = bake
		} else if word == previousStays && i == 0 {
			b.KeepPrevious = true
		} else {
			return false
		}
	}
	last := len(levels) - 1
	if last < 0 || levels[last].Percent != 100 {
		return false
	}
	b.Shift, b.Bake = levels[:last:last], levels[last].Bake
	return true
}
