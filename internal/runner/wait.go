package runner

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Looks that fail, reads of what a change was to show and waits for what others do come soon at first and then less often: Spot's limits are
// per organization, so that a hundred waits share them.
const (
	firstLook = time.Second
	lastLook  = 15 * time.Second
)

// mostFailures is how many looks, reads of the alarms or refusals of the credentials in a row a run takes for a passing failure: then it
// stops, since nothing is taken for well that could not be asked.
const mostFailures = 4

// waitTracker is what a run remembers of the wait that it is in: for what, since when, how long the same took before, and when the last
// glance was. Its zero value is that of a run that waits for nothing.
type waitTracker struct {
	what  string
	since time.Time
	// expected is how long such a wait has taken; 0 where nobody knows. Whole is that it began with the change that it waits for, so that
	// how long it takes can be told.
	expected time.Duration
	whole    bool
	interval time.Duration // until the next glance, where nothing is expected
	step     rollout.Step  // as it was decided last
}

// begins is that a step is waited for, from now on if nothing else was waited for in between. It tells whether it begins.
func (t *waitTracker) begins(s rollout.Step) bool {
	what := waitShape(s)
	if t.what == what {
		return false
	}
	*t = waitTracker{what: what, since: time.Now(), interval: firstLook}
	if s.Kind == rollout.AwaitDrained {
		t.interval = 3 * firstLook // requests are given time to end
	}
	return true
}

// over is that nothing is waited for any more.
func (t *waitTracker) over() { *t = waitTracker{} }

// await waits a little for what the step waits for. It returns the end of the run if the wait has run out of time and
// there is nothing to fall back to.
func (r *Run) await(ctx context.Context, s rollout.Step) *Result {
	if r.wait.begins(s) {
		r.wait.expected, r.wait.whole = r.lasted.of(s), r.lasted.begunWith(s)
	}
	r.wait.step = s
	r.begin(ctx, s)
	r.sayHealth(ctx, s)
	deadline := r.wait.since.Add(r.HealthyTimeout)
	if !r.began.Before(deadline) {
		// A look that was begun before, and took its time, has not seen what stands at the deadline.
		return r.late(ctx, s)
	}
	due := earliest(deadline, r.nextLook(s))
	steady := r.health.steadyAt(s.Group.ID, s.Count, r.MinHealthyTime)
	due = earliest(due, steady)
	for {
		wait := r.wait.next(due)
		if !steady.IsZero() {
			wait = max(min(jittered(lastLook), time.Until(due)), 0) // all are there, and are to stay
		}
		if r.rest(ctx, s, wait); ctx.Err() != nil || !time.Now().Before(due) {
			r.glanced.take() // the look that is due asks for all of it
			return nil
		}
		if r.glance(ctx, &s) {
			return nil
		}
		r.sayHealth(ctx, s)
	}
}

// rest sleeps in a wait, and says meanwhile where it is.
func (r *Run) rest(ctx context.Context, s rollout.Step, d time.Duration) {
	for end := time.Now().Add(d); ; {
		left := time.Until(end)
		pause(ctx, min(left, max(time.Until(r.told.at.Add(pace)), time.Millisecond)))
		if ctx.Err() != nil || !time.Now().Before(end) {
			return
		}
		r.sayHealth(ctx, s)
	}
}

// late decides what a wait that has run out of time means.
func (r *Run) late(ctx context.Context, s rollout.Step) *Result {
	reason, cause := r.explain(ctx, s)
	r.fail(ctx, reason)
	r.wait.over()
	switch {
	case s.Lenient:
		r.warn(reason + ". The release is live; the next apply goes on with what is left to do.")
		return r.end(ctx, Succeeded, nil)
	case s.Part == rollout.Deploy && s.Kind == rollout.AwaitHealthy && r.isLive(s.Group):
		// The release is not to blame, and what serves would be less without it.
		return r.end(ctx, Broken, fmt.Errorf("%s. It is what serves now that is unwell, and not what is released: nothing was taken back. %s "+
			"Apply again to go on once it is well. If it is not to be: a basic rollout, without phases, goes on at once, and a lower healthy_percent asks less of it", reason, r.standing()))
	case s.Part == rollout.Deploy:
		r.failure = &rollout.Failure{Release: r.Deployment.Release, Reason: reason, Cause: cause}
		r.changed = true // what is next was decided by a look of this moment
		return nil
	case s.Part == rollout.InPlace && s.Why == rollout.WhyBeforeTaken && !r.pastDeadline:
		r.pastDeadline = true
		r.warn(reason + ". It was resized all the same.")
		return nil
	case s.Part == rollout.Back && s.Group.InService > 0 && !r.pastDeadline && len(r.seen.Routes) > 0:
		r.pastDeadline = true
		r.warn(reason + ". Traffic went back to it all the same: what was released had failed.")
		return nil
	case s.Part == rollout.Back:
		return r.end(ctx, Broken, fmt.Errorf("%s. Going back is not complete: %s. %s Apply again to go on with it, or finish by hand: %s",
			r.why(), reason, r.standing(), r.byHand()))
	}
	return r.end(ctx, Broken, fmt.Errorf("%s. %s Apply again to go on", reason, r.standing()))
}

// isLive tells whether a group is the live revision.
func (r *Run) isLive(g rollout.Group) bool {
	live := rollout.RolesOf(*r.seen).Live
	return live != nil && live.ID == g.ID
}

// jittered keeps rollouts that began together from asking together.
func jittered(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.8 + 0.4*rand.Float64()))
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
