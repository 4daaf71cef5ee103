package rollout

// due is what comes before any phase: to note what the live revision has by now, to hold, or to go on from a hold. The level is the
// one to come.
func (x *situation) due(l level) (Step, bool) {
	j := x.journal
	if x.Live != nil && x.Live.Capacity != (Capacity{}) {
		if s, needed := standsAgain(x.World, *x.Live); needed {
			return s, true // or it would be taken, on the way back, for what the revision had
		}
	}
	switch {
	case x.Live != nil && x.untouched() && x.Live.Capacity != j.PreviousCapacity:
		// An autoscaler or its schedule has moved it since the candidate was created, and nothing was taken from it yet: what it has
		// now is what has to be matched, and what it gets back.
		j.PreviousCapacity = x.Live.Capacity
		return record(l.instances(), *x.Candidate, j, WhyCapacityMoved), true
	}
	if s, due := x.promote(l); due {
		return s, true
	}
	switch {
	case j.Failure != "":
		j.Failure = ""
		return record(l, *x.Candidate, j, WhyGoesOnAfterFailure), true
	case x.unknownAt(l):
		return x.holdUnknown(l), true
	case x.holds():
		return x.hold(), true
	case j.Holding:
		// First of all, so that a run which is killed from here on is not taken for one that rests.
		j.Holding, j.HoldingWith, j.Unknown, j.UnknownAt = false, nil, "", ""
		return record(l, *x.Candidate, j, WhyGoesOn), true
	}
	return Step{}, false
}

// holds tells whether the user wants the rollout to rest where it stands: at the phase that it passed last.
func (x *situation) holds() bool {
	if x.Live == nil {
		return false
	}
	if x.holdsOnStage() && x.journal.Passed == 0 {
		// One that comes to stage begins to rest there, see onStage; where something was not known, it is asked again first.
		return x.journal.Holding && x.journal.Unknown == "" && x.isOnStage()
	}
	after := x.holdAfter()
	return x.strategy().levels() > 0 && (x.holdsOnStage() || after > 0 && x.journal.Passed >= after)
}

// hold rests at the phase that was passed last. Both revisions keep what they had when it began to rest: what somebody has moved since
// goes back, unless that would take what is promised. Only a capacity that the user has written anew gives them other shares.
func (x *situation) hold() Step {
	// Where fewer are written than were passed, it rests all the same, and no later than at the last of them.
	by := x.strategy()
	l := stage
	if n := min(x.journal.Passed, by.levels()); n > 0 {
		l = by.level(x, n)
	}
	if x.Capacity != nil && x.Given != nil && *x.Given != *x.Capacity {
		if wanted := x.sized(x.journal.PreviousCapacity); x.journal.Previous != "" && x.journal.PreviousCapacity != wanted {
			// It is the live revision's too, if the rollout fails.
			j := x.journal
			j.PreviousCapacity = wanted
			return record(l, *x.Candidate, j, WhyCapacityWanted)
		}
		if s, there := by.reach(x, l); !there {
			return s
		}
		if j := x.journal; j.HoldingWith != nil && *j.HoldingWith != *x.sizes() {
			j.HoldingWith = x.sizes()
			return record(l, *x.Candidate, j, WhyHoldsResized)
		}
	}
	if !x.journal.Holding {
		j := x.journal
		j.Holding, j.HoldingWith, j.Promoted = true, x.sizes(), nil
		return record(l, *x.Candidate, j, WhyHolds)
	}
	if was := x.journal.Terms; was != (Terms{}) && !was.sameButSize(x.terms(x.journal)) {
		return record(l, *x.Candidate, x.journal, WhyTermsChanged)
	}
	if s, needed := x.movedWhileHolding(l); needed {
		return s
	}
	return l.step(Step{Kind: HoldHere, Group: *x.Candidate})
}

// sizes are what both revisions are set to.
func (c Roles) sizes() *Sizes {
	return &Sizes{Candidate: c.Candidate.Capacity.Target, Live: c.Live.Capacity.Target}
}

// movedWhileHolding gives a revision back what it had when the rollout began to rest, the one that lacks something first.
func (x *situation) movedWhileHolding(l level) (Step, bool) {
	if x.journal.HoldingWith == nil {
		return Step{}, false
	}
	var least []Step
	for _, is := range []struct {
		group   Group
		n       int
		licence Licence
	}{{*x.Live, x.journal.HoldingWith.Live, Replace}, {*x.Candidate, x.journal.HoldingWith.Candidate, Fit}} {
		if is.group.Capacity == Pin(is.n) {
			continue
		}
		s := Step{Kind: Resize, Part: Mend, Phase: l.number, PhaseName: l.name, Group: is.group, Capacity: Pin(is.n), Licence: is.licence, Why: WhyMovedWhileHolding}
		if !s.Takes() {
			return s, true
		}
		least = append(least, s)
	}
	for _, s := range least {
		if Guard(x.Deployment, x.World, s) == "" {
			return s, true
		}
	}
	for _, s := range least {
		// It may go as soon as all of it serves.
		if g := s.Group; g.InService < g.Capacity.Target {
			return Step{Kind: AwaitHealthy, Part: Mend, Group: g, Count: g.Capacity.Target, Lenient: true, Why: WhyBeforeTaken}, true
		}
	}
	return Step{}, false
}
