package runner

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// mostRepeats is how often the same change is made again because the clouds do not show it, before the run stops.
const mostRepeats = 6

// change does a step that changes the world. It returns the end of the run if that is one.
func (r *Run) change(ctx context.Context, s rollout.Step) *Result {
	if stop := r.repeated(ctx, s); stop != nil {
		return stop
	}
	if s.Kind == rollout.Create && r.creates.calls >= mostCreates {
		result := r.end(ctx, Broken, fmt.Errorf("creating %s was asked for %d times in this run, which is as often as it may be. %s Apply again to go on",
			s.Group.Name, r.creates.calls, r.standing()))
		return &result
	}
	err := r.act(ctx, s)
	sized := s.Kind == rollout.Resize || s.Kind == rollout.Pause || s.Kind == rollout.Resume
	r.moved = r.moved || !sized || s.Part == rollout.TakeDown // who lives changes as all go
	r.wait = waiting{}
	delete(r.empty, s.Group.ID)
	delete(r.serving, s.Group.ID) // what goes now is not reclaimed
	delete(r.reclaimed, s.Group.ID)
	fields := map[string]any{"step": string(s.Kind), "phase": string(s.Part), "group": s.Group.Name, "why": s.Why}
	if s.Kind == rollout.Resize {
		fields["from"], fields["to"] = s.Group.Size(), s.Group.Unit.Size(s.Capacity)
	}
	switch {
	case s.Kind == rollout.Pause || s.Pause:
		fields["switched_off"] = s.Group.Automation.On.String()
	case s.Kind == rollout.Resume || s.Resume:
		fields["switched_on"] = s.Group.Automation.Paused.String()
	}
	if s.Kind == rollout.Shift {
		fields["route"], fields["from"], fields["to"] = s.ARN, s.From.String(), s.To.String()
	}
	if err != nil {
		fields["error"] = err.Error()
		r.Log(ctx, "step failed", fields)
		return r.refused(ctx, s, err)
	}
	r.lockedOut = 0
	r.wrote(s)
	if s.Begins() {
		r.unmoved = true
	}
	if s.Kind == rollout.Record && s.Part == rollout.Back && s.Journal.Verdict == rollout.Proven {
		r.stoodDown = &s.Group
	}
	r.Log(ctx, "step done", fields)
	return nil
}

func (r *Run) act(ctx context.Context, s rollout.Step) error {
	switch s.Kind {
	case rollout.Create:
		document, err := r.Document(s.Group, s.Journal.Tags())
		if err != nil {
			return err
		}
		r.creates.calls++
		g, err := r.Spot.Create(ctx, document)
		if err == nil {
			r.made[g.ID] = time.Now()
		}
		return err
	case rollout.Resize:
		if s.Pause || s.Resume {
			return r.Spot.Automate(ctx, s.Group.ID, s.Resume, &s.Capacity)
		}
		return r.Spot.Resize(ctx, s.Group.ID, s.Capacity)
	case rollout.Pause, rollout.Resume:
		return r.Spot.Automate(ctx, s.Group.ID, s.Kind == rollout.Resume, nil)
	case rollout.Shift:
		return r.shift(ctx, s)
	case rollout.Record, rollout.Remember:
		return r.Spot.Tag(ctx, s.Group.ID, s.Tags())
	case rollout.Delete:
		err := r.delete(ctx, s.Group)
		if err == nil {
			delete(r.made, s.Group.ID)
			r.deleted[s.Group.ID] = true
		}
		return err
	}
	return fmt.Errorf("there is no way to %s", s.Kind)
}

// repeated slows down, and in the end stops, a run that makes the same change again and again because a stale answer or
// someone else undoes it.
func (r *Run) repeated(ctx context.Context, s rollout.Step) *Result {
	same := r.last.Kind == s.Kind && r.last.Group.Name == s.Group.Name && r.last.Group.ID == s.Group.ID && r.last.Capacity == s.Capacity &&
		r.last.ARN == s.ARN && r.last.To.Same(s.To) && maps.Equal(r.last.Tags(), s.Tags())
	r.last = s
	if !same {
		r.repeats = 0
	} else {
		r.repeats++
	}
	// Two changes that undo each other in turn are no progress either. Notes are made as often as an autoscaler moves something.
	if s.Kind != rollout.Record && s.Kind != rollout.Remember {
		if r.done[shape(s)]++; r.done[shape(s)] > 3*mostRepeats {
			r.repeats = mostRepeats + 1
		}
	}
	if r.repeats == 0 {
		return nil
	}
	if r.repeats <= mostRepeats {
		pause(ctx, time.Duration(r.repeats)*2*time.Second)
		if ctx.Err() != nil {
			r.moved = true
		}
		return nil
	}
	result := r.end(ctx, Broken, fmt.Errorf("%s of %s (%s) was done %d times and does not show: someone else undoes it, or Spot's answers are stale. %s "+
		"Find out who else changes the group, and apply again", s.Kind, s.Group.Name, s.Group.ID, mostRepeats, r.standing()))
	return &result
}

// refused decides what a failed change means.
func (r *Run) refused(ctx context.Context, s rollout.Step, err error) *Result {
	r.moved = true
	if ctx.Err() != nil {
		return nil // the loop says what an interrupt means
	}
	if s.Kind == rollout.Create && errors.Is(err, ErrUnanswered) {
		return r.lost(ctx, s, err)
	}
	if refusedCredentials(err) && !(s.Part == rollout.After && s.Kind == rollout.Delete) {
		return r.locked(ctx, err)
	}
	waits, err := r.rolled(ctx, s, err)
	if waits {
		return nil
	}
	if errors.Is(err, ErrMoved) {
		result := r.end(ctx, Interrupted, fmt.Errorf("%w. The rollout stopped there. %s Find out who else changes the route, and apply again", err, r.standing()))
		return &result
	}
	if (errors.Is(err, ErrGone) || errors.Is(err, errOtherwise)) && r.repeats < mostRepeats {
		return nil // what is there decides what is next
	}
	if s.Kind == rollout.Remember || s.Kind == rollout.Record && s.Journal.Failure != "" && s.Part == rollout.Deploy {
		// The way back and a destroy do not wait for a note.
		r.forgetful = true
		r.warnings = append(r.warnings, fmt.Sprintf("%s could not be noted on %s (%s): %v. It is not remembered.", s.Why, s.Group.Name, s.Group.ID, err))
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
			r.warnings = append(r.warnings, fmt.Sprintf("%s could not be deleted: %v. The release is live; the next apply deletes it.", s.Group.Name, err))
			result := r.end(ctx, Succeeded, nil)
			return &result
		}
	case rollout.Back:
		result := r.end(ctx, Broken, fmt.Errorf("%s: going back failed: %w. %s Apply again to go on with it, or finish by hand: %s",
			r.why(), err, r.standing(), r.byHand()))
		return &result
	}
	result := r.end(ctx, Broken, fmt.Errorf("%w. %s Apply again to go on", err, r.standing()))
	return &result
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
	r.warnings = append(r.warnings, text+" No other group's are switched by this run either. The next apply tries it again.")
	return true
}

// why is what made a run go back.
func (r *Run) why() string {
	if r.failure != nil && r.failure.Cause == rollout.Market {
		return "image " + r.Deployment.ImageID + " could not be released for want of capacity: " + r.failure.Reason
	}
	if r.failure != nil && r.failure.Cause == rollout.Unlaunched {
		return "the instances of " + r.Deployment.ImageID + " could not be launched: " + r.failure.Reason
	}
	if r.failure != nil && r.failure.Cause == rollout.Unjudged {
		return "image " + r.Deployment.ImageID + " could not be released, and no health check has judged it: " + r.failure.Reason
	}
	if r.failure != nil {
		return "the release of " + r.Deployment.ImageID + " failed: " + r.failure.Reason
	}
	return "another release is wanted"
}

// byHand says what a person would do where a run cannot go back by itself.
func (r *Run) byHand() string {
	c := rollout.CastOf(*r.seen)
	switch {
	case c.Candidate == nil:
		return "nothing is left to do"
	case c.Live == nil:
		return fmt.Sprintf("set %s (%s) to 0 and delete it", c.Candidate.Name, c.Candidate.ID)
	}
	j, _ := c.Candidate.Journal()
	if j.Before != nil {
		return fmt.Sprintf("set %s (%s) to %s, wait until it serves, then set %s (%s) to %s, as it was before",
			c.Live.Name, c.Live.ID, j.PreviousCapacity, c.Candidate.Name, c.Candidate.ID, j.Before.Capacity)
	}
	return fmt.Sprintf("set %s (%s) to %s, wait until it serves, then set %s (%s) to 0 and delete it",
		c.Live.Name, c.Live.ID, j.PreviousCapacity, c.Candidate.Name, c.Candidate.ID)
}

// pause sleeps unless the context ends first.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
