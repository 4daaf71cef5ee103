package rollout

import (
	"fmt"
	"slices"
)

// routes says where production goes before anything changes.
func (p Preview) routes(t *table) {
	d := p.deployment
	if d.Gone || !p.NewRevision() && RolesOf(p.Start).Candidate == nil {
		return
	}
	for _, pair := range d.RoutePairs() {
		known := false
		for _, r := range p.Start.Routes {
			if r.RoutePair != pair {
				continue
			}
			known = true
			cells := []string{fmt.Sprintf("%s -> %s", RouteName(r.ProductionARN), r.Production)}
			if r.StageARN != "" {
				cells = append(cells, fmt.Sprintf("stage %s -> %s", RouteName(r.StageARN), r.Stage))
			}
			t.row("now", "", cells...)
		}
		if !known {
			t.row("now", "", RouteName(pair.ProductionARN)+" is read by apply")
		}
	}
}

// Misrouted says of each route of the deployment that sends production elsewhere than to the live revision that it does. Nobody may know
// why, so at rest it is left, and a release refuses to begin.
func Misrouted(d Deployment, w World) []string {
	c := RolesOf(w)
	if c.Live == nil || c.Candidate != nil || len(c.Live.TargetGroups) == 0 {
		return nil
	}
	var all []string
	for _, r := range w.Routes {
		serves := false
		for _, s := range r.Production {
			serves = serves || s.Weight > 0 && slices.Contains(c.Live.TargetGroups, s.TargetGroup)
		}
		if !serves && slices.Contains(d.RoutePairs(), r.RoutePair) {
			all = append(all, fmt.Sprintf("%s forwards to %s, and the live revision %s registers in %s",
				RouteName(r.ProductionARN), r.Production, c.Live.Name, names(c.Live.TargetGroups)))
		}
	}
	return all
}

// Forwarding says where each route of a world forwards; "" if there are none.
func Forwarding(w World) string {
	text := ""
	for _, r := range w.Routes {
		text += fmt.Sprintf(" Production's %s forwards to %s", RouteName(r.ProductionARN), r.Production)
		if r.StageARN != "" {
			text += fmt.Sprintf(", stage's %s to %s", RouteName(r.StageARN), r.Stage)
		}
		text += "."
	}
	return text
}

// Mends are the routes that the run puts right first because somebody else left their traffic half way, in words.
func (p Preview) Mends() []string {
	var all []string
	for _, s := range p.Steps {
		if s.Kind == Shift && s.Why == WhyHalfWay {
			all = append(all, fmt.Sprintf("%s forwarding to %s", RouteName(s.ARN), s.From))
		}
	}
	return all
}

func forwarded(s Step) string {
	text := fmt.Sprintf("%s -> %s", RouteName(s.ARN), s.To)
	for _, r := range s.Group.routes() {
		if r.StageARN == s.ARN {
			text = "stage " + text
		}
	}
	return text
}

// moved tells whether traffic has left what is recorded of it before the run begins.
func (p Preview) moved() bool {
	c := RolesOf(p.Start)
	if c.Candidate == nil || !c.journal.underway() {
		return false
	}
	for _, was := range c.journal.Routes {
		if p.Start.knows(was.RoutePair) && !p.Start.route(was.RoutePair).Production.Same(was.Production) {
			return true
		}
	}
	return false
}

// trafficBack says that the routes go back to what is recorded of them, if they leave it.
func (p Preview) trafficBack() string {
	if p.Switches() || p.moved() {
		return "traffic back first"
	}
	return ""
}

// RoutesOf are the routes that the candidate of a world was made for, as they were before.
func RoutesOf(w World) []Route {
	if c := RolesOf(w); c.Candidate != nil {
		return c.journal.Routes
	}
	return nil
}

// Traffic is a route as it was last seen.
type Traffic struct {
	Route
	// Live is the target group that production goes to, or went to before the rollout under way; Idle is the other one.
	Live, Idle string
	// IdleWeight is the percentage of production that Idle gets: 0 at rest.
	IdleWeight int
}

// TrafficOf says of each route in the world which of its target groups is live. A route that cannot be of use in
// blue/green has neither.
func TrafficOf(w World) []Traffic {
	c := RolesOf(w)
	all := make([]Traffic, 0, len(w.Routes))
	for _, r := range w.Routes {
		t := Traffic{Route: r}
		from := r
		if c.Candidate != nil {
			for _, was := range c.journal.Routes {
				if was.RoutePair == r.RoutePair {
					from = was
				}
			}
		}
		var registered []string
		if c.Live != nil {
			registered = c.Live.TargetGroups
		}
		if groups, err := assignTargetGroups(from, registered); err == nil {
			t.Live, t.Idle, t.IdleWeight = groups.live, groups.idle, r.Production.Percent(groups.idle)
		}
		all = append(all, t)
	}
	return all
}
