package rollout

import (
	"fmt"
	"slices"
)

// GroupKind is what a group is to the rollout under way, as far as taking from it goes.
type GroupKind string

const (
	// NewGroup was made for a rollout and never proven: a candidate, or a second copy of one.
	NewGroup GroupKind = "a new group"
	// RevertingGroup is a former revision that comes back: it was proven, and stood or ran before the rollout under way.
	RevertingGroup GroupKind = "a former revision that comes back"
	// LiveGroup is the revision that serves.
	LiveGroup GroupKind = "the live revision"
	// FormerGroup was live once, or was found beside an imported one; it neither serves nor comes back.
	FormerGroup GroupKind = "a former revision"
)

// kindOf tells what a group of a world is to the rollout under way; "" if it is not there.
func kindOf(w World, id string) GroupKind {
	c := RolesOf(w)
	for _, g := range w.Groups {
		if g.ID != id {
			continue
		}
		j, ok := g.Journal()
		switch {
		case c.Live != nil && c.Live.ID == id:
			return LiveGroup
		case !ok || j.Verdict == Proven:
			return FormerGroup
		case j.Before != nil:
			return RevertingGroup
		}
		return NewGroup
	}
	return ""
}

// Licence is what entitles a step to take instances from a group, or to delete it. Each is for some kinds of groups alone, however the
// step came about.
type Licence string

const (
	// Replace lets the live revision give way to a candidate that serves in its place.
	Replace Licence = "replace"
	// MakeRoom takes a former revision that still runs to zero when a release begins or ends.
	MakeRoom Licence = "make room"
	// Fit gives the live revision or a candidate the size that is wanted of it.
	Fit Licence = "fit"
	// Restore gives the live revision what it had before the rollout.
	Restore Licence = "restore"
	// Undo empties and deletes what was made for the rollout, on the way back from it, and second copies.
	Undo Licence = "undo"
	// Return gives a former revision what it had before it came back.
	Return Licence = "return"
	// Prune deletes former revisions beyond those that are retained.
	Prune Licence = "prune"
	// Destroy takes down the whole deployment.
	Destroy Licence = "destroy"
)

// grants are what each licence is for.
var grants = map[Licence]struct {
	kinds   []GroupKind
	deletes bool
}{
	Replace:  {kinds: []GroupKind{LiveGroup}},
	MakeRoom: {kinds: []GroupKind{FormerGroup}},
	Fit:      {kinds: []GroupKind{LiveGroup, NewGroup, RevertingGroup}},
	Restore:  {kinds: []GroupKind{LiveGroup}},
	Undo:     {kinds: []GroupKind{NewGroup}, deletes: true},
	Return:   {kinds: []GroupKind{RevertingGroup}},
	Prune:    {kinds: []GroupKind{FormerGroup}, deletes: true},
	Destroy:  {kinds: []GroupKind{NewGroup, RevertingGroup, LiveGroup, FormerGroup}, deletes: true},
}

// licensed refuses a step that takes from a group which its licence is not for, or more than the licence is for.
func (x *situation) licensed(s Step) string {
	if !s.Takes() || s.Kind == Shift {
		return ""
	}
	kind := kindOf(x.World, s.Group.ID)
	grant, known := grants[s.Licence]
	what := fmt.Sprintf("setting %s from %d to %d", s.Group.Name, s.Group.Capacity.Target, s.Capacity.Target)
	if s.Kind == Delete {
		what = "deleting " + s.Group.Name
	}
	if !known || kind == "" {
		return what + ": nothing says what entitles to that"
	}
	refuses := func(why string) string { return fmt.Sprintf("%s (%s, %q) %s", what, kind, s.Licence, why) }
	switch {
	case !slices.Contains(grant.kinds, kind):
		return refuses("is not for such a group")
	case s.Kind == Delete && !grant.deletes:
		return refuses("does not delete")
	case s.Licence == Destroy && !x.Gone:
		return refuses("is for a deployment that is to be taken down")
	case s.Licence == Prune && (x.Candidate != nil || len(x.Leftovers) > 0):
		return refuses("waits until nothing is rolled out")
	case s.Licence == Replace && x.Candidate == nil:
		return refuses("has nothing that takes its place")
	case s.Licence == Return:
		return s.keepsWhat(x.World, refuses)
	case s.Licence == Restore && x.Candidate != nil && s.Capacity.Target < x.had().Target:
		return refuses(fmt.Sprintf("would leave less than it had before: %s", s.Group.Unit.Size(x.had())))
	}
	return ""
}

// keepsWhat refuses to leave a former revision less than it had before it came back.
func (s Step) keepsWhat(w World, refuses func(string) string) string {
	for _, g := range w.Groups {
		if j, _ := g.Journal(); g.ID == s.Group.ID && s.Capacity.Target < j.Before.Capacity.Target {
			return refuses(fmt.Sprintf("would leave less than it had before: %s", g.Unit.Size(j.Before.Capacity)))
		}
	}
	return ""
}
