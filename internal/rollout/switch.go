package rollout

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// recorded is where a route forwarded before the rollout.
func recorded(was Route, _ liveAndIdle) Route { return was }

// setRoutes sets the routes to what is wanted of them, one call a step, and answers true when they are so. Production comes
// before stage: in between both show the candidate, which is known to be well. Only at a weight below 100 stage comes first, so
// that it shows the candidate before production meets it.
func (x *situation) setRoutes(part Part, l level, wanted func(Route, liveAndIdle) Route) (Step, bool) {
	var production, stage []Step
	for _, was := range x.journal.Routes {
		groups, err := assignTargetGroups(was, nil)
		if err != nil {
			continue // no journal of ours
		}
		is, to := x.route(was.RoutePair), wanted(was, groups)
		s := Step{Kind: Shift, Part: part, Phase: l.number, PhaseName: l.name, Group: *x.Candidate}
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
func (x *situation) mend(live Group) (Step, bool) {
	if x.BlueGreen == nil || live.InService == 0 {
		return Step{}, false
	}
	for _, r := range x.Routes {
		groups, err := assignTargetGroups(r, live.TargetGroups)
		if err != nil || !slices.Contains(x.BlueGreen.Routes, r.RoutePair) || live.TargetGroups != nil && !slices.Contains(live.TargetGroups, groups.live) {
			continue
		}
		if to := r.mended(groups).Production; !r.Production.Same(to) {
			return Step{Kind: Shift, Part: Mend, Group: live, ARN: r.ProductionARN, From: r.Production, To: to, Why: WhyHalfWay}, true
		}
	}
	return Step{}, false
}

// start finds the target groups of a new candidate and the routes to record; why says what keeps it from starting.
func (x *situation) start(live *Group) (routes []Route, groups []string, why string) {
	var taken []string
	for _, pair := range x.BlueGreen.Routes {
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
func (x *situation) rerouted() bool {
	if !x.journal.shiftsTraffic() {
		return false
	}
	if x.BlueGreen == nil {
		return true
	}
	var pairs []RoutePair
	for _, r := range x.journal.Routes {
		pairs = append(pairs, r.RoutePair)
	}
	return !slices.Equal(pairs, x.BlueGreen.Routes)
}

// named tells whether a route forwards to a target group, be it with a weight of 0: the balancer checks no targets of another one.
func (w World) named(targetGroup string) bool {
	return slices.ContainsFunc(w.Routes, func(r Route) bool {
		return slices.ContainsFunc(slices.Concat(r.Production, r.Stage), func(s Share) bool { return s.TargetGroup == targetGroup })
	})
}

// knows tells whether the pair was read.
func (w World) knows(pair RoutePair) bool {
	return slices.ContainsFunc(w.Routes, func(r Route) bool { return r.RoutePair == pair })
}

// Target groups that a plan does not know yet are called by what they are. No ARN of AWS ends so.
const unreadLive, unreadIdle = "live/0", "idle/0"

// registersIn says, after a space, in which target groups a group registers; nothing if in none. Those of routes that have not been read are no
// names that could be looked for.
func registersIn(arns []string) string {
	plural := ""
	if len(arns) > 1 {
		plural = "s"
	}
	every := func(end string) bool {
		return !slices.ContainsFunc(arns, func(arn string) bool { return !strings.HasSuffix(arn, end) })
	}
	switch {
	case len(arns) == 0:
		return ""
	case every(unreadLive):
		return " in the live target group" + plural
	case every(unreadIdle):
		return " in the idle target group" + plural
	}
	return " in target group" + plural + " " + names(arns)
}

// route is what the world knows of a pair.
func (w World) route(pair RoutePair) Route {
	for _, r := range w.Routes {
		if r.RoutePair == pair {
			return r
		}
	}
	r := Route{RoutePair: pair}
	live, idle := common(pair.ProductionARN)+unreadLive, common(pair.ProductionARN)+unreadIdle
	if pair.StageARN == "" {
		r.Production = Forward{{live, 100}, {idle, 0}}
	} else {
		r.Production, r.Stage = Forward{{live, 1}}, Forward{{idle, 1}}
	}
	return r
}
