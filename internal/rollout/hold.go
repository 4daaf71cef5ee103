package rollout

// due is what comes before any phase: to note what the live revision has by now, to hold, or to go on from a hold. Now is the level
// of a note on the live revision, next that of the phase to come.
func (d Deployment) due(c Cast, now, next level) (Step, bool) {
	j := c.journal
	switch {
	case c.Live != nil && c.untouched() && c.Live.Capacity != j.PreviousCapacity:
		// An autoscaler has moved it since the candidate was created, and nothing was taken from it yet: what it has now
		// is what has to be matched, and what it gets back.
		j.PreviousCapacity = c.Live.Capacity
		return record(now, *c.Candidate, j, "the previous revision's capacity has moved"), true
	case j.Failure != "":
		j.Failure = ""
		return record(next, *c.Candidate, j, "goes on after a failure"), true
	case d.holds(c):
		return hold(d, c), true
	case j.Holding:
		// First of all, so that a run which is killed from here on is not taken for one that rests.
		j.Holding = false
		return record(next, *c.Candidate, j, "goes on"), true
	}
	return Step{}, false
}

// holds tells whether the user wants the rollout to rest where it stands: at the phase that it passed last.
func (d Deployment) holds(c Cast) bool {
	return c.Live != nil && d.HoldAfter > 0 && c.journal.Passed >= d.HoldAfter && d.lastPhase() > 0
}

// lastPhase is the number of the last phase or weight that is written, before the whole.
func (d Deployment) lastPhase() int {
	if d.BlueGreen != nil {
		return len(d.BlueGreen.Shift)
	}
	return len(d.Canary)
}

// hold rests at the phase that was passed last. Nothing is moved, whatever other hands do to the two groups meanwhile, with
// one exception: a capacity that the user has written anew.
func hold(d Deployment, c Cast) Step {
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
			return record(l, *c.Candidate, j, "another capacity is wanted")
		}
		if s, there := d.resized(c, l); !there {
			return s
		}
	}
	if !c.journal.Holding {
		j := c.journal
		j.Holding = true
		return record(l, *c.Candidate, j, "holds")
	}
	return l.step(Step{Kind: HoldHere, Group: *c.Candidate})
}

// resized brings both revisions to their shares of a capacity that was written anew.
func (d Deployment) resized(c Cast, l level) (Step, bool) {
	if d.BlueGreen != nil {
		return d.stands(c)
	}
	return reach(d, c, l)
}
