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
	c := RolesOf(w)
	if why := d.licensed(w, c, s); why != "" {
		return why
	}
	switch {
	case s.Kind == Delete && s.Group.Instances+s.Group.Capacity.Target > 0:
		return fmt.Sprintf("deleting %s would end the %s that it has, of a target of %d", s.Group.Name, s.Group.Unit.Count(s.Group.Instances), s.Group.Capacity.Target)
	case d.Gone, c.Live == nil:
		return "" // nothing is promised
	case s.Kind == Resize && s.Takes():
		return d.guardInstances(w, c, s)
	case s.Kind == Shift && s.Takes():
		return d.guardTraffic(w, c, s)
	}
	return ""
}

// guardInstances refuses a change of size that would leave fewer in service than are promised, or than there are.
func (d Deployment) guardInstances(w World, c Roles, s Step) string {
	switch {
	case w.PastDeadline && s.Part == InPlace:
		return "" // waited for long enough, and the user wants it smaller
	case d.ResizeOrder == PreviousFirst && s.Part == Deploy:
		return "" // its share is given up knowingly
	}
	promised := d.Required(d.promised(c, s))
	// Spot chooses which instances it takes: those that serve, if it comes to the worst.
	lost := min(s.Group.InService, s.Group.has()-s.Capacity.Target)
	for _, serving := range d.serving(w, c) {
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
func (d Deployment) guardTraffic(w World, c Roles, s Step) string {
	promised := d.Required(d.promised(c, s))
	if s.Part != Deploy {
		promised = min(promised, 1)
	}
	isProduction := slices.ContainsFunc(d.production(w, c), func(r Route) bool { return r.ProductionARN == s.ARN })
	left := 0
	for _, from := range s.From {
		left = max(left, inServiceAt(w, from.TargetGroup))
	}
	for _, to := range s.To {
		there := inServiceAt(w, to.TargetGroup)
		if isProduction && s.To.Percent(to.TargetGroup) > s.From.Percent(to.TargetGroup) && there < min(promised, left) {
			return fmt.Sprintf("making %s forward %d %% to %s would send it to %d in service, and %d are promised",
				RouteName(s.ARN), s.To.Percent(to.TargetGroup), TargetGroupName(to.TargetGroup), there, promised)
		}
	}
	return ""
}

// promised is how many are to serve whatever happens: the smaller of what the live revision had and the candidate is to have. Where
// the user leaves less of the live one in a phase, by his own word, it is that.
func (d Deployment) promised(c Roles, s Step) int {
	if s.Part == InPlace {
		return s.Capacity.Target
	}
	promised := c.own().Target
	if c.Candidate != nil && c.journal.Previous == c.Live.ID {
		promised = min(promised, c.journal.PreviousCapacity.Target)
	}
	promised = min(promised, d.final(c).Target)
	if c.Candidate == nil {
		return promised
	}
	if c.Candidate.Capacity.SameBounds(d.final(c)) {
		promised = min(promised, c.Candidate.Capacity.Target) // its autoscaler has it, and wants no more
	}
	if s.Phase > 0 && s.Phase <= len(d.Canary) {
		if p := d.Canary[s.Phase-1]; p.PreviousCount != nil || p.PreviousPercent != nil {
			l := d.levelOf(c, s.Phase)
			promised = min(promised, l.candidate+l.live)
		}
	}
	return promised
}

// serving are the groups that production's instances are counted in, each set of them by itself: those that register in one target
// group with traffic; without routes, all of them together.
func (d Deployment) serving(w World, c Roles) [][]Group {
	var sets [][]Group
	routes := d.production(w, c)
	for _, r := range routes {
		for _, share := range r.Production {
			var there []Group
			for _, g := range w.Groups {
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
	both := []Group{*c.Live}
	if c.Candidate != nil {
		both = append(both, *c.Candidate)
	}
	return [][]Group{both}
}

// production are the routes that decide what serves: those of the deployment, and those that a candidate was made for.
func (d Deployment) production(w World, c Roles) []Route {
	var routes []Route
	for _, r := range w.Routes {
		ours := d.BlueGreen != nil && slices.Contains(d.BlueGreen.Routes, r.RoutePair)
		if ours || slices.ContainsFunc(c.journal.Routes, func(was Route) bool { return was.RoutePair == r.RoutePair }) {
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
