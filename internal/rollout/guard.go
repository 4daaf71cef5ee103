package rollout

import (
	"fmt"
	"slices"
)

// Takes tells whether the step takes something away: instances from a group, a group, or traffic from a target group. Whoever runs
// a rollout looks at the world once more right before such a step, and asks Guard.
func (s Step) Takes() bool {
	switch s.Kind {
	case Delete:
		return true
	case Resize:
		return s.Capacity.Target < s.Group.Capacity.Target
	case Shift:
		return slices.ContainsFunc(s.From, func(was Share) bool { return s.To.Percent(was.TargetGroup) < s.From.Percent(was.TargetGroup) })
	}
	return false
}

// Guard is a second opinion on a step that takes something away: it asks whether the step may take from a group of that kind at all
// (see Licence), and counts what would be left, by no other rule than the promise itself. It answers with a sentence that refuses the
// step and has the numbers, or with "".
//
// Next keeps the promise by waiting; a step that Guard refuses is a mistake in Next, or a world that nobody thought of.
func Guard(d Deployment, w World, s Step) string {
	x := &situation{d, w, RolesOf(w)}
	if why := x.licensed(s); why != "" {
		return why
	}
	switch {
	case s.Kind == Delete && s.Group.Instances+s.Group.Capacity.Target > 0:
		return fmt.Sprintf("deleting %s would end the %s that it has, of a target of %d", s.Group.Name, s.Group.Unit.Count(s.Group.Instances), s.Group.Capacity.Target)
	case x.Gone, x.Live == nil:
		return "" // nothing is promised
	case s.Kind == Resize && s.Takes():
		return x.guardInstances(s)
	case s.Kind == Shift && s.Takes():
		return x.guardTraffic(s)
	}
	return ""
}

// guardInstances refuses a change of size that would leave fewer in service than are promised, or than there are.
func (x *situation) guardInstances(s Step) string {
	switch {
	case x.PastDeadline && s.Part == InPlace:
		return "" // waited for long enough, and the user wants it smaller
	case x.ResizeOrder == PreviousFirst && s.Part == Deploy:
		return "" // its share is given up knowingly
	}
	promised := x.Required(x.promised(s))
	// Spot chooses which instances it takes: those that serve, if it comes to the worst.
	lost := min(s.Group.InService, s.Group.has()-s.Capacity.Target)
	for _, serving := range x.serving() {
		if !slices.ContainsFunc(serving, func(g Group) bool { return g.ID == s.Group.ID }) {
			continue
		}
		has, text := 0, ""
		for _, g := range serving {
			has += g.InService
			text += fmt.Sprintf(", %s %d", g.Name, g.InService)
		}
		if left := has - lost; left < min(promised, has) {
			return fmt.Sprintf("setting %s from %d to %d could leave %s in service, and %d are promised (in service now: %s)",
				s.Group.Name, s.Group.Capacity.Target, s.Capacity.Target, s.Group.Unit.Of(left), promised, text[len(", "):])
		}
	}
	return ""
}

// guardTraffic refuses to send production's traffic where too few are in service: fewer than are promised on the way forward, none
// at all on the way back, where what failed may be worse than what there is.
func (x *situation) guardTraffic(s Step) string {
	promised := x.Required(x.promised(s))
	if s.Part != Deploy {
		promised = min(promised, 1)
	}
	isProduction := slices.ContainsFunc(x.production(), func(r Route) bool { return r.ProductionARN == s.ARN })
	left := 0
	for _, from := range s.From {
		left = max(left, inServiceAt(x.World, from.TargetGroup))
	}
	for _, to := range s.To {
		there := inServiceAt(x.World, to.TargetGroup)
		if isProduction && s.To.Percent(to.TargetGroup) > s.From.Percent(to.TargetGroup) && there < min(promised, left) {
			return fmt.Sprintf("making %s forward %d %% to %s would send it to %d in service, and %d are promised",
				RouteName(s.ARN), s.To.Percent(to.TargetGroup), TargetGroupName(to.TargetGroup), there, promised)
		}
	}
	return ""
}

// promised is how many are to serve whatever happens: the smaller of what the live revision had and the candidate is to have. Where
// the user leaves less of the live one in a phase, by his own word, it is that.
func (x *situation) promised(s Step) int {
	if s.Part == InPlace {
		return s.Capacity.Target
	}
	promised := x.own().Target
	if x.Candidate != nil && x.journal.Previous == x.Live.ID {
		promised = min(promised, x.journal.PreviousCapacity.Target)
	}
	promised = min(promised, x.final().Target)
	if x.Candidate == nil {
		return promised
	}
	if x.Candidate.Capacity.SameBounds(x.final()) {
		promised = min(promised, x.Candidate.Capacity.Target) // its autoscaler has it, and wants no more
	}
	if n, written := x.strategy().leaves(x, s.Phase); written {
		promised = min(promised, n)
	}
	return promised
}

// serving are the groups that production's instances are counted in, each set of them by itself: those that register in one target
// group with traffic; without routes, all of them together.
func (x *situation) serving() [][]Group {
	var sets [][]Group
	routes := x.production()
	for _, r := range routes {
		for _, share := range r.Production {
			var there []Group
			for _, g := range x.Groups {
				if share.Weight > 0 && slices.Contains(g.TargetGroups, share.TargetGroup) {
					there = append(there, g)
				}
			}
			sets = append(sets, there)
		}
	}
	if len(routes) > 0 {
		return sets
	}
	both := []Group{*x.Live}
	if x.Candidate != nil {
		both = append(both, *x.Candidate)
	}
	return [][]Group{both}
}

// production are the routes that decide what serves: those of the deployment, and those that a candidate was made for.
func (x *situation) production() []Route {
	var routes []Route
	for _, r := range x.Routes {
		ours := slices.Contains(x.RoutePairs(), r.RoutePair)
		if ours || slices.ContainsFunc(x.journal.Routes, func(was Route) bool { return was.RoutePair == r.RoutePair }) {
			routes = append(routes, r)
		}
	}
	return routes
}

// has is what a group has, as far as it is set to it: where it counts weights, Spot may have rounded up.
func (g Group) has() int {
	if g.Unit.Name == "" {
		return g.Capacity.Target
	}
	return max(g.Capacity.Target, g.InService)
}

func inServiceAt(w World, targetGroup string) int {
	n := 0
	for _, g := range w.Groups {
		if slices.Contains(g.TargetGroups, targetGroup) {
			n += g.InService
		}
	}
	return n
}
