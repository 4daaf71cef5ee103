package rollout

// final is the capacity that the candidate is to have in the end.
func (x *situation) final() Capacity {
	switch {
	case x.Candidate != nil && x.journal.Previous != "":
		// Also where somebody else has deleted the previous one meanwhile: what it had is what is to be replaced. By the journal, so
		// that a run which goes on does not go by what the live one has been left.
		return x.sized(x.journal.PreviousCapacity)
	case x.Live != nil && x.Candidate == nil:
		return x.sized(x.Live.Capacity)
	case x.Capacity != nil:
		return *x.Capacity
	case x.Live != nil:
		return x.Live.Capacity
	}
	return x.OwnCapacity
}

// untouched tells whether the live revision still has the room that it had before the rollout. Whatever a rollout does to
// it changes its bounds too, and pauses its schedule; so where these are the same, or what its schedule sets, nothing else has moved it.
// While a rollout holds it is pinned: where it is not, a person was there.
func (c Roles) untouched() bool {
	return !c.journal.Holding && c.journal.Previous == c.Live.ID &&
		(c.Live.Capacity.SameBounds(c.journal.PreviousCapacity) || c.Live.Automation.On.Any() && c.Live.scheduled(c.journal.PreviousCapacity))
}

// own is what the live revision has when nothing is rolled out.
func (c Roles) own() Capacity {
	switch {
	case c.Live == nil:
		return Capacity{}
	case c.Candidate != nil && c.journal.Previous == c.Live.ID && !c.untouched():
		return c.had()
	case c.Candidate == nil && c.takenDownFrom() != nil:
		return *c.takenDownFrom()
	}
	return c.Live.Capacity
}

// had is what the live revision had before the candidate. A destroy that has taken it down since knows better than the journal of a
// candidate that showed late.
func (c Roles) had() Capacity {
	if size := c.takenDownFrom(); size != nil {
		return *size
	}
	return c.journal.PreviousCapacity
}

// takenDownFrom is what the live revision had before a destroy took it down that was cut short; nil if none did.
func (c Roles) takenDownFrom() *Capacity {
	if c.Live.Capacity != (Capacity{}) {
		return nil
	}
	return c.Live.Memory().TakenDown
}
