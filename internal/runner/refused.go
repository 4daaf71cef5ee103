package runner

import (
	"context"
	"errors"
	"fmt"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// refused decides what a failed change means.
func (r *Run) refused(ctx context.Context, s rollout.Step, err error) *Result {
	r.moved = true
	if ctx.Err() != nil {
		return nil // the loop says what an interrupt means
	}
	if s.Kind == rollout.Create && errors.Is(err, ErrUnanswered) {
		return r.lostAnswer(ctx, s, err)
	}
	if refusedCredentials(err) && !(s.Part == rollout.After && s.Kind == rollout.Delete) {
		return r.credentialsRefused(ctx, err)
	}
	waits, err := r.rolled(ctx, s, err)
	if waits {
		return nil
	}
	if errors.Is(err, ErrMoved) {
		return r.end(ctx, Interrupted, fmt.Errorf("%w. The rollout stopped there. %s Find out who else changes the route, and apply again", err, r.standing()))
	}
	if (errors.Is(err, ErrGone) || errors.Is(err, errOtherwise)) && r.progress.repeats < mostRepeats {
		return nil // what is there decides what is next
	}
	if s.Kind == rollout.Remember || s.Kind == rollout.Record && s.Journal.Failure != "" && s.Part == rollout.Deploy {
		// The way back and a destroy do not wait for a note.
		r.cannotTag = true
		r.warn(fmt.Sprintf("%s could not be noted on %s (%s): %v. It is not remembered.", s.Because(), s.Group.Name, s.Group.ID, err))
		return nil
	}
	if r.unswitchedBy(s, err) {
		return nil
	}
	switch s.Part {
	case rollout.Setup, rollout.Deploy:
		if s.Kind == rollout.Record {
			break // bookkeeping: the release has not failed
		}
		r.failure = &rollout.Failure{Release: r.Deployment.Release, Reason: err.Error(), Cause: rollout.Refusal}
		return nil
	case rollout.After:
		if s.Kind == rollout.Delete {
			r.warn(fmt.Sprintf("%s could not be deleted: %v. The release is live; the next apply deletes it.", s.Group.Name, err))
			return r.end(ctx, Succeeded, nil)
		}
	case rollout.Back:
		return r.end(ctx, Broken, fmt.Errorf("%s: going back failed: %w. %s Apply again to go on with it, or finish by hand: %s",
			r.why(), err, r.standing(), r.byHand()))
	}
	return r.end(ctx, Broken, fmt.Errorf("%w. %s Apply again to go on", err, r.standing()))
}

// unswitchedBy tells whether a run goes on although a group's schedules could not be switched: what it does with capacity and traffic
// matters more. But nothing is taken from the live revision for a release as long as its own schedule may move it.
func (r *Run) unswitchedBy(s rollout.Step, err error) bool {
	off, on := s.Kind == rollout.Pause || s.Pause, s.Kind == rollout.Resume || s.Resume
	if r.unswitched || !off && !on || s.Pause && s.Part == rollout.Deploy {
		return false
	}
	r.unswitched = true
	g := s.Group
	text := fmt.Sprintf("%s of %s (%s) could not be switched off: %v. Until then it may change its capacity by itself.", g.Automation.On, g.Name, g.ID, err)
	if on {
		text = fmt.Sprintf("%s of %s (%s) could not be switched on again: %v. Until then nothing but a person changes its capacity.", g.Automation.Paused, g.Name, g.ID, err)
	}
	r.warn(text + " No other group's are switched by this run either. The next apply tries it again.")
	return true
}
