package rollout_test

import (
	"testing"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Each way to lose a former revision that comes back is found out.
func TestBrokenReturns(t *testing.T) {
	const stays = "what was there before stays"
	findOutIn(t, reverts, map[string]variant{
		"deletes what came back": {stays, instead(deletesTheFormer)},
		"empties what still ran": {stays, instead(emptiesTheFormer)},
		"prunes on the way back": {stays, instead(prunesTooSoon)},
		"keeps the later place in the history": {stays, instead(func(_ Deployment, _ World, c Roles, s Step) Step {
			if isReturn(s) && s.Kind == Record {
				s.Journal.Order = journal(c).Order
			}
			return s
		})},
		"forgets what it had replaced": {stays, instead(func(_ Deployment, _ World, _ Roles, s Step) Step {
			if isReturn(s) && s.Kind == Record {
				s.Journal.Previous, s.Journal.PreviousCapacity = "", Capacity{}
			}
			return s
		})},
		"holds against it that it cannot come back": {stays, instead(func(_ Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == Record && s.Part == Back && s.Journal.Verdict == Withdrawn && journal(c).Before != nil {
				s.Journal.Verdict = Failed
			}
			return s
		})},
		"does not note what it was": {"journal first", instead(func(_ Deployment, _ World, _ Roles, s Step) Step {
			if comesBack(s) {
				s.Journal.Before = nil
			}
			return s
		})},
		"leaves it on its way": {stays, instead(func(_ Deployment, w World, _ Roles, s Step) Step {
			if isReturn(s) && s.Kind == Record && w.Failure != nil {
				return Step{Kind: GiveUp, Why: WhyReleaseFailed, Detail: w.Failure.Reason}
			}
			return s
		})},
	})
}

// isReturn tells whether a step takes a former revision to where it was before it came back.
func isReturn(s Step) bool {
	j, _ := s.Group.Journal()
	return s.Part == Back && j.Before != nil && (s.Kind == Record && s.Journal.Verdict == Proven || s.Kind == Resize)
}

// deletesTheFormer takes what came back for what was made for the rollout.
func deletesTheFormer(_ Deployment, _ World, c Roles, s Step) Step {
	if !isReturn(s) {
		return s
	}
	return undoing(c)
}

// undoing takes the candidate away, whatever it was before.
func undoing(c Roles) Step {
	g := *c.Candidate
	switch {
	case g.Capacity != Capacity{}:
		return Step{Kind: Resize, Part: Back, Group: g, Licence: Undo}
	case g.Instances > 0:
		return Step{Kind: AwaitDrained, Part: Back, Group: g}
	}
	return Step{Kind: Delete, Part: Back, Group: g, Licence: Undo}
}

// emptiesTheFormer takes everything from what came back, as if it had stood at zero before.
func emptiesTheFormer(_ Deployment, _ World, _ Roles, s Step) Step {
	if isReturn(s) && s.Group.Capacity.Target > 0 {
		return Step{Kind: Resize, Part: Back, Group: s.Group, Licence: Return}
	}
	return s
}

// prunesTooSoon deletes history while something goes back.
func prunesTooSoon(d Deployment, _ World, c Roles, s Step) Step {
	if s.Part == Back && s.Changes() && !d.Gone && len(c.Others) > 0 && c.Others[0].Capacity == (Capacity{}) && c.Others[0].Instances == 0 {
		return Step{Kind: Delete, Part: Back, Group: c.Others[0], Licence: Prune}
	}
	return s
}
