package rollout

// holds tells whether the user wants the rollout to rest where it stands: at the phase that it passed last.
func (d Deployment) holds(c Cast) bool {
	passed := c.journal.Passed
	return c.Live != nil && d.HoldAfter > 0 && passed >= d.HoldAfter && passed <= len(d.Canary)
}

// hold rests at the phase that was passed last. Nothing is moved, whatever other hands do to the two groups meanwhile, with
// one exception: a capacity that the user has written anew.
func hold(d Deployment, c Cast) Step {
	l := d.levelOf(c, c.journal.Passed)
	if d.Capacity != nil && d.Given != nil && *d.Given != *d.Capacity {
		if c.journal.PreviousCapacity != *d.Capacity {
			// It is the live revision's too, if the rollout fails.
			j := c.journal
			j.PreviousCapacity = *d.Capacity
			return record(l, *c.Candidate, j, "another capacity is wanted")
		}
		if s, there := reach(d, c, l); !there {
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
