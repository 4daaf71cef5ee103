package sandbox

import "time"

// Moment is the world as it stands from a time on, until the next Moment.
type Moment struct {
	Time time.Time `json:"time"`
	// Groups are those that exist, oldest first. They are shared between moments: read only.
	Groups []*GroupMoment `json:"groups"`
	// TargetGroups and Routes are those of the AWS half, in a stable order.
	TargetGroups []TargetGroupMoment `json:"target_groups"`
	Routes       []RouteMoment       `json:"routes"`
}

// GroupMoment is a group at a moment. All counts are in the unit of the group: instances, or their weights.
type GroupMoment struct {
	ID   string `json:"id"`
	Name string `json:"name"`

	Minimum int `json:"minimum"`
	Target  int `json:"target"`
	Maximum int `json:"maximum"`

	// Instances are all that are there: requested, booting, running, draining.
	Instances int `json:"instances"`
	// Running are those of them that run and are not on their way out.
	Running int `json:"running"`
	// InService are those that all balancers of the group call healthy; without a balancer, those that Spot calls healthy
	// or whose application answers where Spot does not look.
	InService int `json:"in_service"`
	// Serving are those that production traffic reaches: healthy in a target group with a weight above 0, or at a classic
	// balancer; without a balancer, those whose application answers.
	Serving int `json:"serving"`
}

// Serving is how much production traffic reaches, over all groups of a moment for which of answers true (all if nil).
func (m Moment) Serving(of func(*GroupMoment) bool) int {
	sum := 0
	for _, g := range m.Groups {
		if of == nil || of(g) {
			sum += g.Serving
		}
	}
	return sum
}

// Timeline is the course of the world: a moment for every change that it shows, in order. Several can have the same time:
// what was between two changes at once counts as well.
func (w *World) Timeline() []Moment {
	var all []Moment
	w.locked(func() { all = append(all, w.past.moments...) })
	return all
}

// past is the timeline in the making. Only what may have changed is looked at again.
type past struct {
	moments []Moment
	dirty   bool // something may have changed
	every   bool // all groups may have
}

// touch says that anything may have changed that the timeline shows.
func (w *core) touch() { w.past.dirty, w.past.every = true, true }

// touchGroup says that something of one group may have changed, or of the targets.
func (w *spotHalf) touchGroup(g *group) {
	w.past.dirty, g.dirty = true, true
}

// note appends to the timeline what has changed since it was last called.
func (w *World) note() {
	w.remember()
	w.flowed()
	if !w.past.dirty {
		return
	}
	every := w.past.every
	w.past.dirty, w.past.every = false, false

	m := Moment{Time: w.now, Groups: make([]*GroupMoment, len(w.spotHalf.order))}
	for n, g := range w.spotHalf.order {
		if g.seen == nil || g.dirty || every {
			g.dirty = false
			if seen := w.groupMoment(g); g.seen == nil || *g.seen != seen {
				g.seen = &seen // what has not changed is shared between moments
			}
		}
		m.Groups[n] = g.seen
	}
	m.TargetGroups, m.Routes = w.awsMoment()
	if last := len(w.past.moments); last > 0 && sameMoment(w.past.moments[last-1], m) {
		return
	}
	w.past.moments = append(w.past.moments, m)
}

func (w *World) groupMoment(g *group) GroupMoment {
	m := GroupMoment{
		ID: g.id, Name: g.name,
		Minimum: g.capacity.minimum, Target: g.capacity.target, Maximum: g.capacity.maximum,
	}
	for _, i := range g.instances {
		m.Instances += i.weight
		if !i.running() || i.leaving {
			continue
		}
		m.Running += i.weight
		if w.inService(i) {
			m.InService += i.weight
		}
		if w.reached(i) {
			m.Serving += i.weight
		}
	}
	return m
}

func sameMoment(a, b Moment) bool {
	if len(a.Groups) != len(b.Groups) || len(a.TargetGroups) != len(b.TargetGroups) || len(a.Routes) != len(b.Routes) {
		return false
	}
	for n := range a.Groups {
		if a.Groups[n] != b.Groups[n] {
			return false
		}
	}
	for n := range a.TargetGroups {
		if a.TargetGroups[n] != b.TargetGroups[n] {
			return false
		}
	}
	for n := range a.Routes {
		if !sameRoute(a.Routes[n], b.Routes[n]) {
			return false
		}
	}
	return true
}

func sameRoute(a, b RouteMoment) bool {
	if a.ARN != b.ARN || len(a.Weights) != len(b.Weights) {
		return false
	}
	for n := range a.Weights {
		if a.Weights[n] != b.Weights[n] {
			return false
		}
	}
	return true
}
