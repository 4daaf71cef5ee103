package rollout

// due is what comes before any phase: to note what the live revision has by now, to hold, or to go on from a hold. Now is the level
// of a note on the live revision, next that of the phase to come.
func (d Deployment) due(w World, c Roles, now, next level) (Step, bool) {
	j := c.journal
	switch {
	case c.Live != nil && c.untouched() && c.Live.Capacity != j.PreviousCapacity:
		// An autoscaler or its schedule has moved it since the candidate was created, and nothing was taken from it yet: what it has
		// now is what has to be matched, and what it gets back.
		j.PreviousCapacity = c.Live.Capacity
		return record(now, *c.Candidate, j, WhyCapacityMoved), true
	case j.Failure != "":
		j.Failure = ""
		return record(next, *c.Candidate, j, WhyGoesOnAfterFailure), true
	case d.holds(c):
		return hold(d, w, c), true
	case j.Holding:
		// First of all, so that a run which is killed from here on is not taken for one that rests.
		j.Holding, j.HoldingWith = false, nil
		return record(next, *c.Candidate, j, WhyGoesOn), true
	}
	return Step{}, false
}

// holds tells whether the user wants the rollout to rest where it stands: at the phase that it passed last.
func (d Deployment) holds(c Roles) bool {
	return c.Live != nil && d.HoldAfter > 0 && c.journal.Passed >= d.HoldAfter && d.lastPhase() > 0
}

// lastPhase is the number of the last phase or weight that is written, before the whole.
func (d Deployment) lastPhase() int {
	if d.BlueGreen != nil {
		return len(d.BlueGreen.Shift)
	}
	return len(d.Canary)
}

// hold rests at the phase that was passed last. Both revisions keep what they had when it began to rest: what somebody has moved since
// goes back, unless that would take what is promised. Only a capacity that the user has written anew gives them other shares.
func hold(d Deployment, w World, c Roles) Step {
	// Where fewer are written than were passed, it rests all the same, and no later than at the last of them.
	number := min(c.journal.Passed, d.lastPhase())
	l := d.levelOf(c, number)
	if d.BlueGreen != nil {
		l = d.weight(number)
	}
	if d.Capacity != nil && d.Given != nil && *d.Given != *d.Capacity {
		if wanted := d.sized(c.journal.PreviousCapacity); c.journal.PreviousCapacity != wanted {
			// It is the live revision's too, if the rollout fails.
			j := c.journal
			j.PreviousCapacity = wanted
			return record(l, *c.Candidate, j, WhyCapacityWanted)
		}
		if s, there := d.resized(c, l); !there {
			return s
		}
		if j := c.journal; j.HoldingWith != nil && *j.HoldingWith != *c.sizes() {
			j.HoldingWith = c.sizes()
			return record(l, *c.Candidate, j, WhyHoldsResized)
		}
	}
	if !c.journal.Holding {
		j := c.journal
		j.Holding, j.HoldingWith = true, c.sizes()
		return record(l, *c.Candidate, j, WhyHolds)
	}
	if s, needed := d.movedWhileHolding(w, c, l); needed {
		return s
	}
	return l.step(Step{Kind: HoldHere, Group: *c.Candidate})
}

// sizes are what both revisions are set to.
func (c Roles) sizes() *Sizes {
	return &Sizes{Candidate: c.Candidate.Capacity.Target, Live: c.Live.Capacity.Target}
}

// movedWhileHolding gives a revision back what it had when the rollout began to rest, the one that lacks something first.
func (d Deployment) movedWhileHolding(w World, c Roles, l level) (Step, bool) {
	if c.journal.HoldingWith == nil {
		return Step{}, false
	}
	var least []Step
	for _, is := range []struct {
		group   Group
		n       int
		licence Licence
	}{{*c.Live, c.journal.HoldingWith.Live, Replace}, {*c.Candidate, c.journal.HoldingWith.Candidate, Fit}} {
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
		if Guard(d, w, s) == "" {
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

// resized brings both revisions to their shares of a capacity that was written anew.
func (d Deployment) resized(c Roles, l level) (Step, bool) {
	if d.BlueGreen != nil {
		return d.stands(c)
	}
	return reach(d, c, l)
}
