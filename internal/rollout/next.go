package rollout

import (
	"fmt"
	"slices"
	"strings"
)

// Next is the next step from a world towards what is wanted. It is pure: the same deployment and world always give the
// same step, so that a run which was killed goes on where the world stands.
func Next(d Deployment, w World) Step {
	x := &situation{d, w, RolesOf(w)}
	s, foreign := x.foreign()
	if !foreign {
		// Former revisions that another state released are neither pruned nor made room of, and do not come back.
		x.Others = slices.DeleteFunc(x.Others, func(g Group) bool { return !d.owns(g) })
		if x.Candidate != nil && !d.owns(*x.Candidate) {
			// Of the copies of what another state rolls out, one of this state's own alone is its business.
			x.Leftovers = slices.DeleteFunc(x.Leftovers, func(g Group) bool { return !d.owns(g) })
		}
		s = x.automate(x.next())
	}
	if s.Kind == Create || s.Kind == Record {
		if d.Owner != "" {
			s.Journal.Owner = d.Owner
		}
		if s.Journal.underway() && s.Journal.Release == d.Release {
			s.Journal.Terms = d.terms(s.Journal)
		}
	}
	return s
}

// next is Next where nothing is another state's, but for the groups' automation.
func (x *situation) next() Step {
	switch {
	case x.Gone:
		return x.destroy()
	case len(x.Leftovers) > 0:
		// A create whose answer was lost and that was made again. The copy that got further is the candidate.
		return undo(x.Leftovers[0], WhySecondCopy)
	case x.Candidate == nil && x.released():
		return x.atRest()
	case x.Candidate == nil:
		return x.begin()
	case x.Failure != nil && x.Failure.Release == x.Release && x.journal.underway() && x.journal.Release == x.Release:
		return x.fail()
	case x.journal.undone() || x.journal.Release != x.Release || x.rerouted():
		return x.back()
	case x.unknownFails():
		x.Failure = &Failure{Release: x.Release, Reason: x.Asked.Unknown, Cause: NotKnown}
		return x.fail()
	}
	return x.advance(x.strategyUnderWay())
}

// released tells whether the live revision is of the wanted release.
func (x *situation) released() bool {
	if x.Live == nil {
		return false
	}
	if j, ok := x.Live.Journal(); ok {
		return j.Release == x.Release
	}
	return x.Adopted != "" && x.Adopted == x.Live.ID
}

// begin creates the candidate at zero, with everything in its journal that a later process has to know.
func (x *situation) begin() Step {
	if x.Failure != nil && x.Failure.Release == x.Release {
		return Step{Kind: GiveUp, Why: WhyReleaseFailed, Detail: x.Failure.Reason}
	}
	if x.NothingNew {
		return Step{Kind: Done} // what was under way is not, and nothing else is wanted
	}
	if why := FailedBefore(x.Deployment, x.World); why != "" {
		return Step{Kind: Refuse, Why: WhyFailedBefore, Detail: why}
	}
	if x.Live != nil && x.Capacity == nil && x.own() == (Capacity{}) {
		// Somebody has taken it down, or deleted what served in its place: a release of the same size would serve nobody.
		return Step{Kind: Refuse, Why: WhyNoSize, Detail: fmt.Sprintf("the live revision %s (%s) is set to 0 with a maximum of 0, and no capacity is written that a new one could have. "+
			"Write capacity, or give it back its size", x.Live.Name, x.Live.ID)}
	}
	g := Group{Revision: x.nextRevision(), ImageID: x.ImageID, Unit: x.Unit, Automation: x.Automation.paused()}
	if highest := max(g.Revision, x.nextOrder(g.Revision)); highest > MostRevision {
		return Step{Kind: Refuse, Why: WhyNumbersUsedUp, Detail: fmt.Sprintf("the next release of deployment %q would be number %d, and %d is the highest. Give the deployment another name", x.Name, highest, MostRevision)}
	}
	g.Name = Name(x.Name, g.Revision)
	if s, refused := x.inTheWay(g.Name); refused {
		return s
	}
	j := Journal{Deployment: x.Name, Revision: g.Revision, Release: x.Release, Order: x.nextOrder(g.Revision), Verdict: RollingOut, Retain: x.Retain,
		AlarmsOn: x.AlarmsOn, UserDataVersion: x.UserDataVersion}
	var why string
	if j.Routes, g.TargetGroups, why = x.strategy().start(x); why != "" {
		return Step{Kind: Refuse, Why: WhyRoutesUnfit, Detail: why}
	}
	if x.Live != nil {
		j.Previous, j.PreviousCapacity = x.Live.ID, x.own()
	}
	if s, returns := x.revert(g, j); returns {
		return s
	}
	return Step{Kind: Create, Part: Setup, Group: g, Journal: j}
}

// inTheWay refuses to start a history beside one that others made, and to make a second group of a name.
func (x *situation) inTheWay(name string) (Step, bool) {
	var names []string
	for _, g := range x.Unowned {
		if len(x.Groups) == 0 || g.Name == name {
			names = append(names, fmt.Sprintf("%s (%s)", g.Name, g.ID))
		}
	}
	if len(names) == 0 {
		return Step{}, false
	}
	return Step{Kind: Refuse, Why: WhyNameTaken, Detail: fmt.Sprintf("there is %s already, which deployment %q did not make. "+
		"If it belongs to the deployment, import it (terraform import ADDRESS %s); otherwise rename it, or give the deployment another name",
		strings.Join(names, ", "), x.Name, x.Name)}, true
}

// atRest does what is left to do around a live revision that is the wanted one.
func (x *situation) atRest() Step {
	live := *x.Live
	if s, needed := standsAgain(x.World, x.Others...); needed {
		return s
	}
	if j, ok := live.Journal(); ok {
		// What its own rollout meant to keep: a lower retain in the configuration is for the next rollout.
		if surplus := x.surplus(j.Retain); len(surplus) > 0 {
			s := remove(surplus[0], After, Prune, "")
			s.Lenient = s.Waits()
			return s
		}
	}
	for _, g := range x.Others {
		if g.Capacity.Target == 0 && g.Instances > 0 {
			return Step{Kind: AwaitDrained, Part: After, Group: g, Lenient: true}
		}
	}
	if s, needed := x.mend(live); needed {
		return s
	}
	if s, needed := x.size(live); needed {
		return s
	}
	if s, needed := standsAgain(x.World, live); needed {
		return s
	}
	if s, needed := x.rests(); needed {
		return s
	}
	return Step{Kind: Done}
}

// size brings the live revision to the capacity that is wanted of it.
func (x *situation) size(live Group) (Step, bool) {
	if x.Capacity == nil {
		return x.giveBack(live)
	}
	// With Running a capacity that is written anew changes the bounds, and the target where it is out of them.
	wanted := *x.Capacity
	if x.Given != nil && *x.Given == wanted && x.leaves(live) {
		return Step{}, false
	}
	// Where the bounds are not those that were given, a resize or a destroy was cut short, or a person was there: an autoscaler
	// moves the target alone, and what a schedule has moved is left above.
	asked := x.Given == nil || *x.Given != wanted || !live.Capacity.SameBounds(*x.Given)
	if !asked || x.Running && live.Capacity != (Capacity{}) {
		// Where the target stands between the bounds is the autoscaler's business.
		wanted.Target = min(max(live.Capacity.Target, wanted.Minimum), wanted.Maximum)
	}
	if taken := live.Capacity.Target - wanted.Target; taken > 0 && !x.PastDeadline && live.InService > 0 {
		missing := live.Capacity.Target - live.InService
		if short := x.Required(wanted.Target) - (live.InService - taken); short > 0 && missing > 0 {
			return Step{Kind: AwaitHealthy, Part: InPlace, Group: live, Count: live.InService + min(short, missing), Why: WhyBeforeTaken}, true
		}
	}
	if live.Capacity != wanted {
		return Step{Kind: Resize, Part: InPlace, Group: live, Capacity: wanted, Licence: Fit}, true
	}
	if need := x.Required(wanted.Target); asked && live.Steady < need {
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
