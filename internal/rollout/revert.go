package rollout

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Earlier is what a former revision's group and its journal were before it came back as a candidate.
type Earlier struct {
	// Capacity is what the group was set to: nothing, or what it kept running with.
	Capacity Capacity
	// Order, Retain, Previous and PreviousCapacity are those of its journal as a proven revision.
	Order            int
	Retain           int
	Previous         string
	PreviousCapacity Capacity
}

// earlier is what a former revision is before it comes back.
func earlier(g Group) *Earlier {
	j, _ := g.Journal()
	return &Earlier{Capacity: g.Capacity, Order: g.order(), Retain: j.Retain, Previous: j.Previous, PreviousCapacity: j.PreviousCapacity}
}

// again is the journal that a former revision had before it came back.
func (j Journal) again() Journal {
	b := j.Before
	order := b.Order
	if order == j.Revision {
		order = 0
	}
	return Journal{Deployment: j.Deployment, Revision: j.Revision, Release: j.Release, Order: order, Verdict: Proven,
		Previous: b.Previous, PreviousCapacity: b.PreviousCapacity, Retain: b.Retain, UserDataVersion: j.UserDataVersion}
}

// revert releases again what was proven before: in blue/green with the former revision itself where it is still there and stands in
// the target groups of the candidate, else with the new group. Either way nothing is baked and no alarm judges it: what has served
// needs no proof.
func (x *situation) revert(created Group, j Journal) (Step, bool) {
	if !x.provenBefore() {
		return Step{}, false
	}
	j.Verdict, j.AlarmsOn = Reverting, nil
	former := x.strategy().former(x, created)
	if former == nil {
		return Step{Kind: Create, Part: Setup, Group: created, Journal: j, Why: WhyRevertsCold}, true
	}
	j.Order, j.Revision, j.Before = max(j.Order, j.Revision), former.Revision, earlier(*former)
	why := WhyRevertsWarm
	if former.InService > 0 && former.Capacity.Target > 0 {
		why = WhyRevertsAtOnce
	}
	return Step{Kind: Record, Part: Setup, Group: *former, Journal: j, Why: why}, true
}

// Reverts tells whether a release of the deployment would bring back what was proven before, or is doing so.
func Reverts(d Deployment, w World) bool {
	x := &situation{d, w, RolesOf(w)}
	if x.Candidate != nil && x.journal.underway() && x.journal.Release == x.Release {
		return !x.journal.Judged()
	}
	return !x.Gone && !x.released() && x.provenBefore()
}

// provenBefore tells whether one of the former revisions is of the wanted release.
func (x *situation) provenBefore() bool {
	return x.Live != nil && slices.ContainsFunc(x.Others, x.made)
}

// made tells whether a group is a revision of the wanted release.
func (d Deployment) made(g Group) bool {
	j, ok := g.Journal()
	return ok && j.Release == d.Release
}

// SameRelease is the newest former revision of the wanted release, whether it can come back itself or not; false if there is none. What a
// new group of that release cannot be told by the deployment (UserDataVersion) it has.
func SameRelease(d Deployment, w World) (Group, bool) {
	others := RolesOf(w).Others
	for i := len(others) - 1; i >= 0; i-- {
		if d.made(others[i]) {
			return others[i], true
		}
	}
	return Group{}, false
}

// stepDown takes a former revision that came back and cannot stay to where it stood before. It is never emptied of more than it was
// given since, and never deleted.
func (j Journal) stepDown(g Group) Step {
	was := j.Before.Capacity
	if !g.Capacity.SameBounds(was) {
		return Step{Kind: Resize, Part: Back, Group: g, Capacity: was, Licence: Return, Why: WhyAsBefore}
	}
	return Step{Kind: Record, Part: Back, Group: g, Journal: j.again(), Why: WhyStandsAsBefore}
}

// replaced is what stands in the tag between what a former revision was and what it had replaced once.
const replaced = " - replaced "

// tag is "release-number=6 retain=3 minimum=0 target=0 maximum=0 - replaced sig-0123abcd minimum=2 target=4 maximum=8".
func (e *Earlier) tag() string {
	if e == nil {
		return none
	}
	text := fmt.Sprintf("release-number=%d retain=%d %s", e.Order, e.Retain, capacityTag(e.Capacity))
	if e.Previous != "" {
		text += replaced + e.Previous + " " + capacityTag(e.PreviousCapacity)
	}
	return text
}

// parseEarlier reads it back; false if it is damaged. A group that an earlier version made has none.
func parseEarlier(text string) (*Earlier, bool) {
	if text == "" || text == none {
		return nil, true
	}
	was, had, hasPrevious := strings.Cut(text, replaced)
	fields := strings.SplitN(was, " ", 3)
	if len(fields) != 3 {
		return nil, false
	}
	var e Earlier
	var fine bool
	for i, m := range []struct {
		name string
		at   *int
		most int
	}{{"release-number=", &e.Order, MostRevision}, {"retain=", &e.Retain, MostRetain}} {
		number, ok := strings.CutPrefix(fields[i], m.name)
		n, err := strconv.Atoi(number)
		if !ok || err != nil || n < 0 || n > m.most {
			return nil, false
		}
		*m.at = n
	}
	if e.Capacity, fine = parseCapacity(fields[2]); !fine {
		return nil, false
	}
	if hasPrevious {
		var size string
		e.Previous, size, _ = strings.Cut(had, " ")
		if e.PreviousCapacity, fine = parseCapacity(size); !fine || e.Previous == "" {
			return nil, false
		}
	}
	return &e, true
}
