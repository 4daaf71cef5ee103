package runner

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Outcome is how a run ended.
type Outcome string

// The ways in which a run can end.
const (
	// Succeeded: what is wanted is there.
	Succeeded Outcome = "succeeded"
	// RolledBack: the release failed, and what served before serves again.
	RolledBack Outcome = "rolled back"
	// Held: the release failed, and everything was left as it is, as the user wants it.
	Held Outcome = "held"
	// Interrupted: the request was cancelled, or its time was up; the next run goes on.
	Interrupted Outcome = "interrupted"
	// Broken: a call or a wait failed where there is nothing to fall back to.
	Broken Outcome = "broken"
	// Refused: nothing was touched.
	Refused Outcome = "refused"
)

// Result is the end of a run.
type Result struct {
	Outcome Outcome
	// World is what stands at the end, as far as it could be seen.
	World rollout.World
	// Err says what went wrong, what was restored and what to do next; nil if the run succeeded.
	Err error
	// Warnings are what did not keep the run from succeeding.
	Warnings []string
}

// finish ends a run by the step that ended it.
func (r *Run) finish(ctx context.Context, s rollout.Step) *Result {
	d := r.Deployment
	r.conclude(ctx)
	switch s.Kind {
	case rollout.HoldHere:
		r.holds(ctx, s, "")
		return r.end(ctx, Succeeded, nil)
	case rollout.Done:
		if err := r.allGone(ctx); err != nil {
			return r.end(ctx, Broken, err)
		}
		return r.end(ctx, Succeeded, nil)
	case rollout.Refuse:
		touched := "Nothing was touched"
		if r.progress.begun() {
			touched = r.standing() // another candidate was taken back first
		}
		return r.end(ctx, Refused, fmt.Errorf("%s. %s", s.Because(), touched))
	case rollout.Stay:
		r.holds(ctx, s, s.Because())
		return r.end(ctx, Held, fmt.Errorf("the release of %s failed: %s. Everything is left as it is (on_failure = \"hold\"). %s "+
			"Apply again to go on, or apply the previous configuration to go back", d.ImageID, s.Because(), r.standing()))
	}
	restored := "nothing was left of it"
	if live := rollout.RolesOf(*r.seen).Live; live != nil {
		restored = fmt.Sprintf("%s (%s, %s) serves with %s as before%s", live.Name, live.ID, live.ImageID, live.Size(), r.undone())
	}
	restored += "." + rollout.Forwarding(*r.seen)
	restored = strings.TrimSuffix(restored, ".")
	if r.Aborts {
		return r.end(ctx, RolledBack, nil)
	}
	if r.interrupted {
		return r.end(ctx, Interrupted, fmt.Errorf("the run was interrupted and taken back (on_interrupt = \"rollback\"): %s", restored))
	}
	next := "Mend it and apply again"
	switch {
	case r.failure == nil:
	case r.failure.Cause == rollout.Market:
		return r.end(ctx, RolledBack, fmt.Errorf("image %s could not be released for want of capacity, and nothing speaks against the image: %s. It was taken back: %s. "+
			"Apply again later, or give the group more instance types or zones to choose from", d.ImageID, s.Because(), restored))
	case r.failure.Cause == rollout.Unlaunched:
		return r.end(ctx, RolledBack, fmt.Errorf("the instances of %s could not be launched, so that nothing speaks for the image or against it: %s. It was taken back: %s. "+
			"Mend what is named there (a key's policy, who may launch the image, a quota, the configuration), and apply again", d.ImageID, s.Because(), restored))
	case r.failure.Cause == rollout.NotKnown:
		return r.end(ctx, RolledBack, fmt.Errorf("image %s could not be released, and nothing speaks against the image, since something that had to be known is not (inconclusive = \"fail\"): %s. It was taken back: %s. "+
			"Find out why it is not known, and apply again", d.ImageID, s.Because(), restored))
	case r.failure.Cause == rollout.Unjudged:
		return r.end(ctx, RolledBack, fmt.Errorf("image %s could not be released, and nothing speaks against the image, since no health check has judged it: %s. It was taken back: %s. "+
			"Find out what kept its instances from being judged, or give them longer (healthy_timeout), and apply again", d.ImageID, s.Because(), restored))
	case r.returned != nil:
		next = "It was proven before, and nothing is held against it: apply again to try once more"
	case rollout.FailedBefore(d, *r.seen) != "":
		next = "It is remembered: mend it and apply the change, or change triggers to release the same once more"
	}
	return r.end(ctx, RolledBack, fmt.Errorf("the release of %s failed: %s. It was taken back: %s. %s", d.ImageID, s.Because(), restored, next))
}

// undone says what has become of the revision that was to be released.
func (r *Run) undone() string {
	switch {
	case r.returned != nil:
		return fmt.Sprintf(", and %s (%s) stands at %s as before", r.returned.Name, r.returned.ID, r.returned.Size())
	case r.gone:
		return ", and the failed revision is deleted"
	}
	return ""
}

// standing says where things stand, by the last look.
func (r *Run) standing() string {
	if r.seen == nil {
		return "Nothing was touched."
	}
	text := rollout.Standing(*r.seen)
	if r.failure != nil {
		text = rollout.Where(*r.seen)
	}
	if text != "" {
		return text
	}
	if live := rollout.RolesOf(*r.seen).Live; live != nil {
		return fmt.Sprintf("%s (%s, %s) serves with %s.", live.Name, live.ID, live.ImageID, live.Size())
	}
	return "There is no group of the deployment."
}

// end looks once more at what stands, for the state, without waiting long for it.
func (r *Run) end(ctx context.Context, outcome Outcome, err error) *Result {
	result := &Result{Outcome: outcome, Err: err, Warnings: r.warnings}
	if r.seen != nil {
		result.World = *r.seen
	}
	if r.seen != nil && !r.changed && r.failedLooks == 0 && time.Since(r.began) < recent {
		r.ended(ctx, result) // nothing has changed since the last look
		return result
	}
	look, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	w, failed := r.Look(look)
	for failed == nil && r.stale.behind(w) && look.Err() == nil {
		pause(look, staleStep)
		w, failed = r.Look(look)
	}
	if failed == nil {
		w.Routes = result.World.Routes
		if moved := w; r.LookAtRoutes(look, &moved) == nil {
			w = moved
		}
		result.World = w
	}
	r.ended(ctx, result)
	return result
}

// why is what made a run go back.
func (r *Run) why() string {
	if r.failure != nil && r.failure.Cause == rollout.Market {
		return "image " + r.Deployment.ImageID + " could not be released for want of capacity: " + r.failure.Reason
	}
	if r.failure != nil && r.failure.Cause == rollout.Unlaunched {
		return "the instances of " + r.Deployment.ImageID + " could not be launched: " + r.failure.Reason
	}
	if r.failure != nil && r.failure.Cause == rollout.NotKnown {
		return "image " + r.Deployment.ImageID + " could not be released, and something that had to be known is not: " + r.failure.Reason
	}
	if r.failure != nil && r.failure.Cause == rollout.Unjudged {
		return "image " + r.Deployment.ImageID + " could not be released, and no health check has judged it: " + r.failure.Reason
	}
	if r.failure != nil && r.failure.Cause == rollout.Requested {
		return r.failure.Reason
	}
	if r.failure != nil {
		return "the release of " + r.Deployment.ImageID + " failed: " + r.failure.Reason
	}
	return "another release is wanted"
}

// byHand says what a person would do where a run cannot go back by itself.
func (r *Run) byHand() string {
	c := rollout.RolesOf(*r.seen)
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
