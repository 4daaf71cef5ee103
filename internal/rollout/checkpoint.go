package rollout

import "maps"

// stageName is how plans call the point at which a candidate is whole and has no production traffic.
const stageName = "on stage"

// stage is that point as a level: before the first weight.
var stage = level{name: stageName}

// isOnStage tells whether the candidate stands beside the live revision and nothing of production's traffic has moved to it, by this rollout
// or anybody else. It is read off the routes, so that no note of it can be wrong: once they have moved there is no stage any more.
func (x *situation) isOnStage() bool {
	if !x.strategyUnderWay().movesTraffic() || x.journal.Passed > 0 {
		return false
	}
	for _, was := range x.journal.Routes {
		if x.knows(was.RoutePair) && !x.route(was.RoutePair).Production.Same(was.Production) {
			return false
		}
	}
	return true
}

// judges tells whether checks have a say in what becomes of the candidate: not in one that replaces nobody, or that was proven before.
func (x *situation) judges() bool { return x.Live != nil && x.journal.Judged() }

// Comparing is how Unasked calls the comparison. No check has a name with a blank in it.
const Comparing = "the comparison"

// Unasked is what is written to judge a release that is under way, and has no say in what is left of its rollout: the names of checks, and
// Comparing.
func (p Preview) Unasked() map[string]bool {
	c := RolesOf(p.Start)
	if c.Candidate == nil || c.Live == nil || !c.journal.underway() || !c.journal.Judged() || c.journal.Release != p.deployment.Release {
		return nil
	}
	unasked := map[string]bool{}
	for _, check := range p.deployment.Checks {
		unasked[check.Name] = check.At != AtEnd || !c.journal.EndChecked
	}
	unasked[Comparing] = p.deployment.Compare != nil
	for _, s := range append(append([]Step(nil), p.Steps...), p.Later...) {
		for _, check := range s.Checks {
			delete(unasked, check.Name)
		}
		if s.Compare != nil {
			delete(unasked, Comparing)
		}
	}
	maps.DeleteFunc(unasked, func(_ string, is bool) bool { return !is })
	return unasked
}

// asked tells whether this run has asked everything at a point.
func (x *situation) asked(at Point, phase int) bool {
	return x.Asked != nil && x.Asked.At == at && x.Asked.Phase == phase
}

// onStage is what comes before any of production's traffic moves: the checks of stage have to be good, and the rollout rests if the user wants
// that. It answers true while there is something to do.
func (x *situation) onStage() (Step, bool) {
	if !x.isOnStage() {
		return Step{}, false
	}
	if checks := x.ChecksAt(OnStage); len(checks) > 0 && x.judges() && !x.asked(OnStage, 0) {
		return stage.step(Step{Kind: AwaitChecks, Group: *x.Candidate, At: OnStage, Checks: checks}), true
	}
	if x.holdsOnStage() {
		return x.hold(), true
	}
	return Step{}, false
}

// bake watches a level for its time, and until everything that judges it has been asked.
func (x *situation) bake(l level) (Step, bool) {
	if l.bake <= 0 || !x.journal.Judged() {
		return Step{}, false
	}
	s := l.step(Step{Kind: Bake, Group: *x.Candidate, Time: l.bake})
	if x.judges() {
		s.At, s.Checks = InBake, x.ChecksAt(InBake)
		if !l.whole && x.strategyUnderWay().movesTraffic() {
			s.Compare = x.Compare
		}
	}
	asks := len(s.Checks) > 0 || s.Compare != nil
	return s, x.Baked != l.number || asks && !x.asked(InBake, l.number)
}

// atEnd asks the checks of the end, before anything more is taken from the previous revision, and notes that they were good: what is
// asked again once that is gone would come too late.
func (x *situation) atEnd(l level) (Step, bool) {
	checks := x.ChecksAt(AtEnd)
	if len(checks) == 0 || !x.judges() || x.journal.EndChecked {
		return Step{}, false
	}
	if !x.asked(AtEnd, 0) {
		// Both stand in the same target groups, and a former revision that serves would answer for the candidate.
		if x.Live != nil && x.Live.InService > 0 && !x.strategyUnderWay().movesTraffic() {
			return l.step(Step{Kind: AwaitDrained, Group: *x.Live, Why: WhyBeforeAsked}), true
		}
		return l.step(Step{Kind: AwaitChecks, Group: *x.Candidate, At: AtEnd, Checks: checks}), true
	}
	j := x.journal
	j.EndChecked, j.Unknown, j.UnknownAt = true, "", ""
	return record(l, *x.Candidate, j, WhyEndChecked), true
}

// unknown tells whether something could not be known at the point where the rollout stands, the level to come being l.
func (x *situation) unknown(l level) bool {
	if x.Asked == nil || x.Asked.Unknown == "" || !x.judges() || x.acceptedUnknown(x.Asked.At) {
		return false
	}
	switch x.Asked.At {
	case OnStage:
		return x.isOnStage()
	case InBake:
		return x.Asked.Phase == l.number && !l.last
	}
	return l.last && !x.journal.EndChecked
}

// unknownAt tells whether the rollout rests there because of that.
func (x *situation) unknownAt(l level) bool {
	return x.unknown(l) && x.Inconclusive != InconclusiveFail && x.Inconclusive != InconclusivePass
}

// unknownFails tells whether the candidate is taken back because of that.
func (x *situation) unknownFails() bool {
	return x.Inconclusive == InconclusiveFail && x.journal.underway() && x.unknown(x.strategyUnderWay().level(x, x.journal.Passed+1))
}

// holdUnknown rests where something could not be known, and notes what.
func (x *situation) holdUnknown(l level) Step {
	if x.isOnStage() && x.Asked.At == OnStage {
		l = stage
	}
	unknown := unknownText(x.Asked.Unknown)
	if j := x.journal; !j.Holding || j.Unknown != unknown || j.UnknownAt != x.Asked.At {
		j.Holding, j.HoldingWith, j.Unknown, j.UnknownAt, j.Promoted = true, x.sizes(), unknown, x.Asked.At, nil
		s := record(l, *x.Candidate, j, WhyNotKnown)
		s.Detail = x.Asked.Unknown
		return s
	}
	return l.step(Step{Kind: HoldHere, Group: *x.Candidate, Why: WhyNotKnown, Detail: x.Asked.Unknown})
}
