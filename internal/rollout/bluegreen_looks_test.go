package rollout_test

import (
	"slices"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// comesBack tells whether a step makes a former revision a candidate again.
func comesBack(s Step) bool { return s.Kind == Record && s.Part == Setup }

// order is which release of the deployment a group is.
func order(g Group) int {
	j, _ := g.Journal()
	return max(g.Revision, j.Order)
}

// rerouted tells whether a candidate was made for other routes than those that are written.
func (m moment) rerouted(j Journal) bool {
	if len(j.Routes) == 0 {
		return false
	}
	return m.d.BlueGreen == nil ||
		!slices.EqualFunc(j.Routes, m.d.BlueGreen.Routes, func(r Route, p RoutePair) bool { return r.RoutePair == p })
}

// at is a route as a world has it.
func at(w World, pair RoutePair) Route {
	i := slices.IndexFunc(w.Routes, func(r Route) bool { return r.RoutePair == pair })
	if i < 0 {
		return Route{RoutePair: pair}
	}
	return w.Routes[i]
}

// inService counts what a world has in service in a target group.
func (m moment) inService(w World, group string) int {
	n := 0
	for _, g := range w.Groups {
		if slices.Contains(g.TargetGroups, group) {
			n += g.InService
		}
	}
	return n
}

// receiving counts what is in service and gets traffic by a forward.
func (m moment) receiving(w World, f Forward) int {
	n := 0
	for _, s := range f {
		if s.Weight > 0 {
			n += m.inService(w, s.TargetGroup)
		}
	}
	return n
}

// working counts what was well in a target group at one time, by the instances' own account.
func (m moment) working(well map[string]int, group string, who func(Group) bool) int {
	n := 0
	for _, g := range m.before.Groups {
		if slices.Contains(g.TargetGroups, group) && who(g) {
			n += well[g.ID]
		}
	}
	return n
}

// counts are the live revision and candidates: what is left over of earlier releases is nothing to count on.
func (m moment) counts(g Group) bool {
	j, ok := g.Journal()
	return g.ID == m.live || ok && j.Verdict != Proven
}

// getting counts what was well and gets traffic by a forward.
func (m moment) getting(well map[string]int, f Forward) int {
	n := 0
	for _, s := range f {
		if s.Weight > 0 {
			n += m.working(well, s.TargetGroup, m.counts)
		}
	}
	return n
}
