package sandbox

import "slices"

// awsMoment is what the timeline shows of the AWS half, kept until it changes.
type awsMoment struct {
	stale  bool
	groups []TargetGroupMoment
	routes []RouteMoment
}

// TargetGroups tells how the targets of all target groups are.
func (w *awsHalf) TargetGroups() []TargetGroupMoment {
	var groups []TargetGroupMoment
	w.locked(func() {
		shown, _ := w.awsMoment()
		groups = slices.Clone(shown)
	})
	return groups
}

// Routes tells where traffic goes by every listener and rule. It follows a change of their actions a while later, see
// AWSConfig.Propagation.
func (w *awsHalf) Routes() []RouteMoment {
	var routes []RouteMoment
	w.locked(func() {
		_, shown := w.awsMoment()
		for _, r := range shown {
			r.Weights = slices.Clone(r.Weights)
			routes = append(routes, r)
		}
	})
	return routes
}

// touchAWS says that something changed that the timeline shows.
func (w *awsHalf) touchAWS() {
	w.moment.stale, w.traffic.stale = true, true
	w.touch()
}

// awsMoment is what the timeline shows of the AWS half.
func (w *awsHalf) awsMoment() ([]TargetGroupMoment, []RouteMoment) {
	m := &w.moment
	if m.stale || m.groups == nil {
		*m = awsMoment{groups: make([]TargetGroupMoment, len(w.groups)), routes: make([]RouteMoment, len(w.routes))}
		for i, g := range w.groups {
			m.groups[i] = g.moment()
		}
		for i, r := range w.routes {
			m.routes[i] = r.moment()
		}
	}
	return m.groups, m.routes
}

func (g *targetGroup) moment() TargetGroupMoment {
	m := TargetGroupMoment{ARN: g.arn, Name: g.name}
	for _, t := range g.targets {
		switch t.state {
		case stateHealthy:
			m.Healthy++
		case stateUnhealthy:
			m.Unhealthy++
		case stateInitial:
			m.Initial++
		case stateDraining:
			m.Draining++
		case stateUnused:
			m.Unused++
		}
	}
	return m
}

func (r *route) moment() RouteMoment {
	m := RouteMoment{ARN: r.public()}
	eachGroup(r.effective, func(g weighted) {
		m.Weights = append(m.Weights, RouteWeight{TargetGroup: g.group.arn, Weight: g.weight})
	})
	return m
}
