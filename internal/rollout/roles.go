package rollout

import "sort"

// Role is what a group is to its deployment.
type Role string

const (
	// Live is the revision that serves.
	Live Role = "live"
	// Candidate is the revision that is being rolled out, or on its way back.
	Candidate Role = "candidate"
	// Previous is the newest of the retained revisions, or the live one while a candidate is rolled out.
	Previous Role = "previous"
	// Retained is a former live revision that stands at zero.
	Retained Role = "retained"
)

// Roles is who is who among the groups of a deployment.
type Roles struct {
	// Live is the revision that serves; nil before the first deployment is proven.
	Live *Group
	// Candidate is the revision that is being rolled out; nil when none is.
	Candidate *Group
	// Leftovers are further groups that were never proven: a second copy that a lost answer left behind.
	Leftovers []Group
	// Others are former live revisions, oldest first.
	Others []Group

	journal Journal // the candidate's
}

// RolesOf tells who is who in a world.
func RolesOf(w World) Roles {
	groups := inOrder(w.Groups)

	var c Roles
	var unproven, proven []Group
	for _, g := range groups {
		if j, ok := g.Journal(); ok && j.Verdict != Proven {
			unproven = append(unproven, g)
		} else {
			proven = append(proven, g)
		}
	}
	if i := mainCandidate(unproven); i >= 0 && unproven[i].order() <= provenUpTo(proven) {
		// A candidate is newer than all that was proven before. This is a second copy of one that was proven meanwhile.
		c.Leftovers = unproven
	} else if i >= 0 {
		candidate := unproven[i]
		c.Candidate = &candidate
		c.journal, _ = candidate.Journal()
		c.Leftovers = append(append(c.Leftovers, unproven[:i]...), unproven[i+1:]...)
	}
	live := c.livesIn(proven)
	for i, g := range proven {
		if i == live {
			g := g
			c.Live = &g
		} else {
			c.Others = append(c.Others, g)
		}
	}
	return c
}

// livesIn is the index of the live one among proven groups, oldest first; -1 if there is none.
func (c Roles) livesIn(proven []Group) int {
	// The candidate knows: the one it names may stand at zero while the candidate already serves in its place.
	if c.Candidate != nil {
		for i, g := range proven {
			if g.ID == c.journal.Previous {
				return i
			}
		}
	}
	for i := len(proven) - 1; i >= 0; i-- {
		if proven[i].Capacity.Target > 0 {
			return i
		}
	}
	for i := len(proven) - 1; i >= 0; i-- {
		if proven[i].Memory().TakenDown != nil {
			return i // all stand at zero because a destroy was cut short, and it remembers what it had
		}
	}
	return len(proven) - 1
}

// mainCandidate is the index of the candidate among groups that were never proven: the newest revision, and of its copies the one
// that is furthest. -1 if there is none.
func mainCandidate(unproven []Group) int {
	best := -1
	for i, g := range unproven {
		if best < 0 || g.order() > unproven[best].order() ||
			g.order() == unproven[best].order() && g.Capacity.Target+g.Instances > unproven[best].Capacity.Target+unproven[best].Instances {
			best = i
		}
	}
	return best
}

// provenUpTo is the latest release that a journal says is proven; 0 if there is none.
func provenUpTo(proven []Group) int {
	highest := 0
	for _, g := range proven {
		if _, ok := g.Journal(); ok {
			highest = max(highest, g.order())
		}
	}
	return highest
}

// inOrder are the groups, the oldest release first. Groups of an imported pair have no number: the one that bears a stage name is
// the older.
func inOrder(groups []Group) []Group {
	groups = append([]Group(nil), groups...)
	orders := make(map[string]int, len(groups))
	for _, g := range groups {
		orders[g.ID] = g.order()
	}
	sort.SliceStable(groups, func(i, j int) bool {
		a, b := groups[i], groups[j]
		if orders[a.ID] != orders[b.ID] {
			return orders[a.ID] < orders[b.ID]
		}
		if len(a.Name) != len(b.Name) {
			return len(a.Name) > len(b.Name)
		}
		return a.ID < b.ID
	})
	return groups
}

// order is which release of the deployment the group is.
func (g Group) order() int {
	j, _ := g.Journal()
	return max(j.Order, g.Revision)
}

// nextRevision is the one that a new candidate gets.
func (w World) nextRevision() int {
	highest := 0
	for _, g := range w.Groups {
		highest = max(highest, g.Revision)
	}
	return highest + 1
}

// nextOrder is the number of the next release, if it is not that of the revision.
func (w World) nextOrder(revision int) int {
	next := revision
	for _, g := range w.Groups {
		next = max(next, g.order()+1)
	}
	if next == revision {
		return 0
	}
	return next
}

// ListRoles lists the groups of a world newest first, with what each is.
func ListRoles(w World) []struct {
	Group Group
	Role  Role
} {
	c := RolesOf(w)
	var all []struct {
		Group Group
		Role  Role
	}
	add := func(g Group, r Role) {
		all = append(all, struct {
			Group Group
			Role  Role
		}{g, r})
	}
	for _, g := range c.Leftovers {
		add(g, Candidate)
	}
	if c.Candidate != nil {
		add(*c.Candidate, Candidate)
	}
	if c.Live != nil {
		add(*c.Live, Live)
	}
	for i, g := range c.Others {
		if i == len(c.Others)-1 && c.Candidate == nil {
			add(g, Previous)
		} else {
			add(g, Retained)
		}
	}
	place := map[string]int{}
	for i, g := range inOrder(w.Groups) {
		place[g.ID] = i
	}
	sort.SliceStable(all, func(i, j int) bool { return place[all[i].Group.ID] > place[all[j].Group.ID] })
	return all
}

// surplus are the groups at zero that go beyond what is retained, oldest first. One that an autoscaler may still take up is not at zero: it
// is to run, or is taken to nothing first (see rests).
func (c Roles) surplus(retain int) []Group {
	var zero []Group
	for _, g := range c.Others {
		if (g.Capacity == Capacity{}) {
			zero = append(zero, g)
		}
	}
	return zero[:max(len(zero)-max(retain, 0), 0)]
}
