package rollout

import (
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
	if live.InService == 0 {
		return Step{}, false
	}
	for _, r := range x.Routes {
		groups, err := assignTargetGroups(r, live.TargetGroups)
		if err != nil || !slices.Contains(x.RoutePairs(), r.RoutePair) || live.TargetGroups != nil && !slices.Contains(live.TargetGroups, groups.live) {
			continue
		}
		if to := r.mended(groups).Production; !r.Production.Same(to) {
			return Step{Kind: Shift, Part: Mend, Group: live, ARN: r.ProductionARN, From: r.Production, To: to, Why: WhyHalfWay}, true
		}
	}
	return Step{}, false
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
	return !slices.EqualFunc(x.journal.Routes, x.RoutePairs(), func(r Route, pair RoutePair) bool { return r.RoutePair == pair })
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
