package rollout

import (
	"fmt"
	"slices"
	"strings"
)

// Next is the next step from a world towards what is wanted. It is pure: the same deployment and world always give the
// same step, so that a run which was killed goes on where the world stands.
func Next(d Deployment, w World) Step {
	c := RolesOf(w)
	s, foreign := d.foreign(w, c)
	if !foreign {
		// Former revisions that another state released are neither pruned nor made room of, and do not come back.
		c.Others = slices.DeleteFunc(c.Others, func(g Group) bool { return !d.owns(g) })
		s = d.automate(w, c, d.next(w, c))
	}
	if d.Owner != "" && (s.Kind == Create || s.Kind == Record) {
		s.Journal.Owner = d.Owner
	}
	return s
}

// next is Next where nothing is another state's, but for the groups' automation.
func (d Deployment) next(w World, c Roles) Step {
	switch {
	case d.Gone:
		return destroy(d, w, c)
	case len(c.Leftovers) > 0:
		// A create whose answer was lost and that was made again. The copy that got further is the candidate.
		return undo(c.Leftovers[0], WhySecondCopy)
	case c.Candidate == nil && d.released(c):
		return settle(d, w, c)
	case c.Candidate == nil:
		return begin(d, w, c)
	case w.Failure != nil && w.Failure.Release == d.Release && c.journal.underway() && c.journal.Release == d.Release:
		return fail(d, w, c)
	case c.journal.undone() || c.journal.Release != d.Release || d.rerouted(c):
		return back(d, w, c)
	case d.BlueGreen != nil && c.Live != nil && len(c.journal.Routes) > 0:
		return change(d, w, c)
	}
	return forward(d, w, c)
}

// released tells whether the live revision is of the wanted release.
func (d Deployment) released(c Roles) bool {
	if c.Live == nil {
		return false
	}
	if j, ok := c.Live.Journal(); ok {
		return j.Release == d.Release
	}
	return d.Adopted != "" && d.Adopted == c.Live.ID
}

// begin creates the candidate at zero, with everything in its journal that a later process has to know.
func begin(d Deployment, w World, c Roles) Step {
	if w.Failure != nil && w.Failure.Release == d.Release {
		return Step{Kind: GiveUp, Why: WhyReleaseFailed, Detail: w.Failure.Reason}
	}
	if why := FailedBefore(d, w); why != "" {
		return Step{Kind: Refuse, Why: WhyFailedBefore, Detail: why}
	}
	if c.Live != nil && d.Capacity == nil && c.own() == (Capacity{}) {
		// Somebody has taken it down, or deleted what served in its place: a release of the same size would serve nobody.
		return Step{Kind: Refuse, Why: WhyNoSize, Detail: fmt.Sprintf("the live revision %s (%s) is set to 0 with a maximum of 0, and no capacity is written that a new one could have. "+
			"Write capacity, or give it back its size", c.Live.Name, c.Live.ID)}
	}
	g := Group{Revision: w.next(), ImageID: d.ImageID, TargetGroups: d.TargetGroups, Unit: d.Unit, Automation: d.Automation.paused()}
	if highest := max(g.Revision, w.nextOrder(g.Revision)); highest > MostRevision {
		return Step{Kind: Refuse, Why: WhyNumbersUsedUp, Detail: fmt.Sprintf("the next release of deployment %q would be number %d, and %d is the highest. Give the deployment another name", d.Name, highest, MostRevision)}
	}
	g.Name = Name(d.Name, g.Revision)
	if s, refused := inTheWay(d, w, g.Name); refused {
		return s
	}
	j := Journal{Deployment: d.Name, Revision: g.Revision, Release: d.Release, Order: w.nextOrder(g.Revision), Verdict: RollingOut, Retain: d.Retain,
		AlarmsOn: w.AlarmsOn}
	if d.BlueGreen != nil {
		var why string
		if j.Routes, g.TargetGroups, why = d.start(w, c.Live); why != "" {
			return Step{Kind: Refuse, Why: WhyRoutesUnfit, Detail: why}
		}
	}
	if c.Live != nil {
		j.Previous, j.PreviousCapacity = c.Live.ID, c.own()
	}
	if s, returns := d.revert(c, g, j); returns {
		return s
	}
	return Step{Kind: Create, Part: Setup, Group: g, Journal: j}
}

// inTheWay refuses to start a history beside one that others made, and to make a second group of a name.
func inTheWay(d Deployment, w World, name string) (Step, bool) {
	var names []string
	for _, g := range w.Unowned {
		if len(w.Groups) == 0 || g.Name == name {
			names = append(names, fmt.Sprintf("%s (%s)", g.Name, g.ID))
		}
	}
	if len(names) == 0 {
		return Step{}, false
	}
	return Step{Kind: Refuse, Why: WhyNameTaken, Detail: fmt.Sprintf("there is %s already, which deployment %q did not make. "+
		"If it belongs to the deployment, import it (terraform import ADDRESS %s); otherwise rename it, or give the deployment another name",
		strings.Join(names, ", "), d.Name, d.Name)}, true
}

// settle does what is left to do around a live revision that is the wanted one.
func settle(d Deployment, w World, c Roles) Step {
	live := *c.Live
	if s, needed := standsAgain(w, c.Others...); needed {
		return s
	}
	if j, ok := live.Journal(); ok {
		// What its own rollout meant to keep: a lower retain in the configuration is for the next rollout.
		if surplus := c.surplus(j.Retain); len(surplus) > 0 {
			s := remove(surplus[0], After, Prune, "")
			s.Lenient = s.Waits()
			return s
		}
	}
	for _, g := range c.Others {
		if g.Capacity.Target == 0 && g.Instances > 0 {
			return Step{Kind: AwaitDrained, Part: After, Group: g, Lenient: true}
		}
	}
	if s, needed := d.mend(w, live); needed {
		return s
	}
	if s, needed := d.size(w, live); needed {
		return s
	}
	if s, needed := standsAgain(w, live); needed {
		return s
	}
	if s, needed := d.rests(c); needed {
		return s
	}
	return Step{Kind: Done}
}

// size brings the live revision to the capacity that is wanted of it.
func (d Deployment) size(w World, live Group) (Step, bool) {
	if d.Capacity == nil {
		return d.giveBack(live)
	}
	// With Running a capacity that is written anew changes the bounds, and the target where it is out of them.
	wanted := *d.Capacity
	if d.Given != nil && *d.Given == wanted && d.leaves(live) {
		return Step{}, false
	}
	// Where the bounds are not those that were given, a resize or a destroy was cut short, or a person was there: an autoscaler
	// moves the target alone, and what a schedule has moved is left above.
	asked := d.Given == nil || *d.Given != wanted || !live.Capacity.SameBounds(*d.Given)
	if !asked || d.Running && live.Capacity != (Capacity{}) {
		// Where the target stands between the bounds is the autoscaler's business.
		wanted.Target = min(max(live.Capacity.Target, wanted.Minimum), wanted.Maximum)
	}
	if taken := live.Capacity.Target - wanted.Target; taken > 0 && !w.PastDeadline && live.InService > 0 {
		missing := live.Capacity.Target - live.InService
		if short := d.Required(wanted.Target) - (live.InService - taken); short > 0 && missing > 0 {
			return Step{Kind: AwaitHealthy, Part: InPlace, Group: live, Count: live.InService + min(short, missing), Why: WhyBeforeTaken}, true
		}
	}
	if live.Capacity != wanted {
		return Step{Kind: Resize, Part: InPlace, Group: live, Capacity: wanted, Licence: Fit}, true
	}
	if need := d.Required(wanted.Target); asked && live.Steady < need {
		return Step{Kind: AwaitHealthy, Part: InPlace, Group: live, Count: need}, true
	}
	return Step{}, false
}

// giveBack brings a live revision that a destroy has taken down, and was cut short, to what it had.
func (d Deployment) giveBack(live Group) (Step, bool) {
	had := live.Memory().TakenDown
	switch {
	case had == nil:
	case live.Capacity == Capacity{}:
		return Step{Kind: Resize, Part: InPlace, Group: live, Capacity: *had, Licence: Restore, Why: WhyTakenDown}, true
	case live.Steady < d.Required(live.Capacity.Target):
		return Step{Kind: AwaitHealthy, Part: InPlace, Group: live, Count: d.Required(live.Capacity.Target)}, true
	}
	return Step{}, false
}
