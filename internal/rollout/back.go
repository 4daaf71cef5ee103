package rollout

import (
	"slices"
	"time"
)

// fail notes on a candidate that it failed, so that a later process takes it back too, or leaves it if the user wants that.
func fail(d Deployment, w World, c Roles) Step {
	if d.OnFailure == Hold {
		j := c.journal
		if j.Failure = tagValue(w.Failure.Reason); j.Failure != c.journal.Failure && !w.CannotTag {
			// For whoever looks at it later: it is left as it is, and why.
			return Step{Kind: Record, Part: Deploy, Group: *c.Candidate, Journal: j, Why: WhyLeftAsFailed}
		}
		return Step{Kind: Stay, Group: *c.Candidate, Why: WhyReleaseFailed, Detail: w.Failure.Reason}
	}
	if s, done := d.trafficBack(w, c); !done {
		return s // users come before the journal
	}
	j := c.journal
	j.Verdict, j.Failure, j.Passed, j.Holding, j.HoldingWith = w.Failure.Verdict(), w.Failure.Reason, 0, false, nil
	if c.journal.Verdict == Reverting {
		j.Verdict = Aborted // it was proven: that it cannot come back now is not held against it
	}
	return Step{Kind: Record, Part: Back, Group: *c.Candidate, Journal: j, Why: WhyFailed}
}

// back undoes a candidate: production's traffic goes back first, the live revision gets back what it had and serves with it,
// and only then does the candidate go.
func back(d Deployment, w World, c Roles) Step {
	candidate := *c.Candidate
	if c.journal.Holding || c.journal.Passed > 0 {
		// A run that is killed on the way back is not taken for one that rests, and phases that are undone are not passed.
		j := c.journal
		j.Passed, j.Holding, j.HoldingWith = 0, false, nil
		return Step{Kind: Record, Part: Back, Group: candidate, Journal: j, Why: WhyGoesBack}
	}
	if c.Live != nil && c.journal.Previous == c.Live.ID {
		live, before := *c.Live, c.journal.PreviousCapacity
		if s, done := d.trafficBack(w, c); !done {
			return s
		}
		if wait := d.backStill(w, c); len(c.journal.Routes) > 0 && candidate.Instances > 0 && w.RoutesUnchangedFor < wait {
			return Step{Kind: Settle, Part: Back, Group: candidate, Time: wait}
		}
		if !c.untouched() {
			return Step{Kind: Resize, Part: Back, Group: live, Capacity: before, Licence: Restore}
		}
		// A candidate that serves is not taken away before the live one does. One that does not is no loss, and
		// need not wait for a live revision that may have been unwell all along; but where the live one
		// was shrunk first, it is its return that ends the gap.
		need := d.Required(min(before.Target, live.Capacity.Target))
		if live.InService < need && (candidate.InService > 0 || d.ResizeOrder == PreviousFirst && candidate.Capacity.Target > 0) {
			return Step{Kind: AwaitHealthy, Part: Back, Group: live, Count: need}
		}
	}
	if s, due := d.failedFor(w, c); due {
		return s
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
func (d Deployment) trafficBack(w World, c Roles) (Step, bool) {
	if c.Live == nil || c.journal.Previous != c.Live.ID {
		return Step{}, true
	}
	s, done := d.setRoutes(w, c, Back, level{}, recorded)
	if done {
		return Step{}, true
	}
	live, before := *c.Live, c.journal.PreviousCapacity
	if live.Capacity.Target < before.Target && !c.untouched() {
		return Step{Kind: Resize, Part: Back, Group: live, Capacity: before, Licence: Restore}, false
	}
	need := d.Required(min(before.Target, live.Capacity.Target))
	if live.InService < need && c.Candidate.InService > 0 && !(w.PastDeadline && live.InService > 0) {
		if s, unused := w.inUse(c); unused {
			return s, false
		}
		return Step{Kind: AwaitHealthy, Part: Back, Group: live, Count: need, Why: WhyBeforeTraffic}, false
	}
	return s, false
}

// inUse brings a target group of the live revision back into use, at weight 0, if no route names it: the balancer checks no
// targets there, and they would be waited for in vain. That is so between the switch of production and that of stage.
func (w World) inUse(c Roles) (Step, bool) {
	named := map[string]bool{}
	for _, r := range w.Routes {
		for _, s := range append(append(Forward(nil), r.Production...), r.Stage...) {
			named[s.TargetGroup] = true
		}
	}
	for _, was := range c.journal.Routes {
		groups, err := assignTargetGroups(was, nil)
		if err != nil || named[groups.live] {
			continue
		}
		is := w.route(was.RoutePair).Production
		return Step{Kind: Shift, Part: Back, Group: *c.Candidate, ARN: was.ProductionARN, From: is,
			To: Forward{{groups.idle, 100}, {groups.live, 0}}, Why: WhyCheckedAgain}, true
	}
	return Step{}, false
}

// backStill is for how long the routes have to have stood before the candidate is taken away. It may still get traffic, unless none was
// ever moved to it, or it keeps what it has.
func (d Deployment) backStill(w World, c Roles) time.Duration {
	b := c.journal.Before
	if w.NoTrafficMoved || b != nil && b.Capacity.Target >= c.Candidate.Capacity.Target {
		return d.settle()
	}
	return d.Follow()
}

// Follow is for how long after a change of the routes what had traffic before keeps its instances at the least.
func (d Deployment) Follow() time.Duration {
	if d.BlueGreen == nil {
		return UsualFollow
	}
	return max(d.BlueGreen.Settle, d.BlueGreen.Follow)
}

// settle is how long a change of the routes is left alone. A deployment that has given up blue/green meanwhile has no word on it.
func (d Deployment) settle() time.Duration {
	if d.BlueGreen == nil {
		return usualSettle
	}
	return d.BlueGreen.Settle
}

const (
	usualSettle = 30 * time.Second
	// UsualFollow is a safe BlueGreen.Follow. AWS names no bound; two minutes have been enough for some, and not for others
	// (https://github.com/argoproj/argo-rollouts/issues/4595, /3333).
	UsualFollow = 5 * time.Minute
)

// destroy takes every group of the deployment down. The live one is the last to be deleted: should the run be cut short, what it
// remembers is there for whoever wants the deployment back. What another state released is left to it.
func destroy(d Deployment, w World, c Roles) Step {
	if s, due := c.takenDown(w); due && d.owns(*c.Live) {
		return s
	}
	groups := append([]Group(nil), c.Leftovers...)
	if c.Candidate != nil {
		groups = append(groups, *c.Candidate)
	}
	groups = append(groups, c.Others...)
	if c.Live != nil {
		groups = append(groups, *c.Live)
	}
	groups = slices.DeleteFunc(groups, func(g Group) bool { return !d.owns(g) })
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
