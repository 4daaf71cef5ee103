package rollout

import (
	"fmt"
	"slices"
	"time"
)

// fail notes on a candidate that it failed, so that a later process takes it back too, or leaves it if the user wants that.
func (x *situation) fail() Step {
	if x.OnFailure == Hold {
		j := x.journal
		if j.Failure = tagValue(x.Failure.Reason); j.Failure != x.journal.Failure && !x.CannotTag {
			// For whoever looks at it later: it is left as it is, and why.
			return Step{Kind: Record, Part: Deploy, Group: *x.Candidate, Journal: j, Why: WhyLeftAsFailed}
		}
		return Step{Kind: Stay, Group: *x.Candidate, Why: WhyReleaseFailed, Detail: x.Failure.Reason}
	}
	if s, done := x.trafficBack(); !done {
		return s // users come before the journal
	}
	j := x.journal
	j.Verdict, j.Failure, j.Passed, j.Holding, j.HoldingWith, j.Promoted = x.Failure.Verdict(), x.Failure.Reason, 0, false, nil, nil
	j.EndChecked, j.Unknown, j.UnknownAt = false, "", ""
	why := WhyFailed
	if x.Failure.Cause == Requested {
		why = WhyAborted
	}
	if x.journal.Verdict == Reverting {
		j.Verdict = Withdrawn // it was proven: that it cannot come back now is not held against it
	}
	return Step{Kind: Record, Part: Back, Group: *x.Candidate, Journal: j, Why: why}
}

// back undoes a candidate: production's traffic goes back first, the live revision gets back what it had and serves with it,
// and only then does the candidate go.
func (x *situation) back() Step {
	candidate := *x.Candidate
	if x.journal.Holding || x.journal.Passed > 0 || x.journal.Promoted != nil {
		// A run that is killed on the way back is not taken for one that rests, and phases that are undone are not passed.
		j := x.journal
		j.Passed, j.Holding, j.HoldingWith, j.Promoted = 0, false, nil, nil
		j.EndChecked, j.Unknown, j.UnknownAt = false, "", ""
		return Step{Kind: Record, Part: Back, Group: candidate, Journal: j, Why: WhyGoesBack}
	}
	if x.Live != nil && x.journal.Previous == x.Live.ID {
		live, before := *x.Live, x.had()
		if s, done := x.trafficBack(); !done {
			return s
		}
		if wait := x.settleBeforeRemoval(); x.journal.shiftsTraffic() && candidate.Instances > 0 && x.RoutesUnchangedFor < wait {
			return Step{Kind: Settle, Part: Back, Group: candidate, Time: wait}
		}
		if !x.untouched() {
			return Step{Kind: Resize, Part: Back, Group: live, Capacity: before, Licence: Restore}
		}
		// A candidate that serves is not taken away before the live one does. One that does not is no loss, and
		// need not wait for a live revision that may have been unwell all along; but where the live one
		// was shrunk first, it is its return that ends the gap.
		need := x.Required(min(before.Target, live.Capacity.Target))
		if live.InService < need && (candidate.InService > 0 || x.ResizeOrder == PreviousFirst && candidate.Capacity.Target > 0) {
			return Step{Kind: AwaitHealthy, Part: Back, Group: live, Count: need}
		}
	}
	if s, due := x.failedFor(); due {
		return s
	}
	if s, due := x.abortedFor(); due {
		return s
	}
	if x.Live != nil && candidate.InService > 0 && x.servesPast(candidate, *x.Live) {
		return Step{Kind: Refuse, Why: WhyRoutesUnfit, Detail: fmt.Sprintf("%s has to go back, and production's traffic on a route that it was not released for "+
			"goes to it, where the live revision %s does not serve. Make all routes that are written forward to where %s is, in %s",
			candidate.Name, x.Live.Name, x.Live.Name, names(x.Live.TargetGroups))}
	}
	return undo(candidate, "")
}

// undo takes a revision that is not to stay to where it was before its rollout: one that was made for it to nothing, a former one
// to what it had.
func undo(g Group, why Reason) Step {
	if j, _ := g.Journal(); j.Before != nil {
		return j.stepDown(g)
	}
	return remove(g, Back, Undo, why)
}

// trafficBack makes the routes forward as they were recorded, and answers true when they do. The live revision is to meet its
// traffic whole, unless it waited for that in vain.
func (x *situation) trafficBack() (Step, bool) {
	if x.Live == nil || x.journal.Previous != x.Live.ID {
		return Step{}, true
	}
	s, done := x.setRoutes(Back, level{}, recorded)
	if done {
		return Step{}, true
	}
	live, before := *x.Live, x.had()
	if live.Capacity.Target < before.Target && !x.untouched() {
		return Step{Kind: Resize, Part: Back, Group: live, Capacity: before, Licence: Restore}, false
	}
	need := x.Required(min(before.Target, live.Capacity.Target))
	if live.InService < need && x.Candidate.InService > 0 && !(x.PastDeadline && live.InService > 0) {
		if s, unused := x.inUse(Back); unused {
			return s, false
		}
		return Step{Kind: AwaitHealthy, Part: Back, Group: live, Count: need, Why: WhyBeforeTraffic}, false
	}
	return s, false
}

// inUse brings a target group of the live revision back into use, at weight 0, if no route names it: the balancer checks no
// targets there, and they would be waited for in vain. That is so between the switch of production and that of stage.
func (x *situation) inUse(part Part) (Step, bool) {
	for _, was := range x.journal.Routes {
		groups, err := assignTargetGroups(was, nil)
		if err != nil || !x.knows(was.RoutePair) || x.named(groups.live) {
			continue
		}
		is := x.route(was.RoutePair).Production
		return Step{Kind: Shift, Part: part, Group: *x.Candidate, ARN: was.ProductionARN, From: is,
			To: Forward{{groups.idle, 100}, {groups.live, 0}}, Why: WhyCheckedAgain}, true
	}
	return Step{}, false
}

// settleBeforeRemoval is for how long the routes have to have stood before the candidate is taken away. It may still get traffic, unless none was
// ever moved to it, or it keeps what it has.
func (x *situation) settleBeforeRemoval() time.Duration {
	b := x.journal.Before
	if x.NoTrafficMoved || b != nil && b.Capacity.Target >= x.Candidate.Capacity.Target {
		return x.settle()
	}
	return x.Follow()
}

// Follow is for how long after a change of the routes what had traffic before keeps its instances at the least.
func (d Deployment) Follow() time.Duration { return d.strategy().follow() }

// settle is how long a change of the routes is left alone. A deployment that has given up blue/green meanwhile has no word on it.
func (x *situation) settle() time.Duration { return x.strategy().settle() }

const (
	// UsualSettle is how long a change of a route is left alone where nothing else is written.
	UsualSettle = 30 * time.Second
	// UsualFollow is a safe BlueGreen.Follow. AWS names no bound; two minutes have been enough for some, and not for others
	// (https://github.com/argoproj/argo-rollouts/issues/4595, /3333).
	UsualFollow = 5 * time.Minute
)

// destroy takes every group of the deployment down. The live one is the last to be deleted: should the run be cut short, what it
// remembers is there for whoever wants the deployment back. What another state released is left to it.
func (x *situation) destroy() Step {
	if s, due := x.takenDown(); due && x.owns(*x.Live) {
		return s
	}
	groups := append([]Group(nil), x.Leftovers...)
	if x.Candidate != nil {
		groups = append(groups, *x.Candidate)
	}
	groups = append(groups, x.Others...)
	if x.Live != nil {
		groups = append(groups, *x.Live)
	}
	groups = slices.DeleteFunc(groups, func(g Group) bool { return !x.owns(g) })
	for _, g := range groups {
		// All of them drain at the same time.
		if (g.Capacity != Capacity{}) {
			return Step{Kind: Resize, Part: TakeDown, Group: g, Licence: Destroy}
		}
	}
	if len(groups) == 0 {
		return Step{Kind: Done}
	}
	return remove(groups[0], TakeDown, Destroy, "")
}

// remove takes one group to zero, lets it drain, and deletes it. Nothing that wants or has instances is ever deleted.
func remove(g Group, part Part, by Licence, why Reason) Step {
	switch {
	case g.Capacity != Capacity{}:
		return Step{Kind: Resize, Part: part, Group: g, Licence: by, Why: why}
	case g.Instances > 0:
		return Step{Kind: AwaitDrained, Part: part, Group: g, Why: why}
	}
	return Step{Kind: Delete, Part: part, Group: g, Licence: by, Why: why}
}
