package runner

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Looks come soon after a change and then less often: most instances are there within minutes, and Spot's limits are per
// organization, so that a hundred waits share them.
const (
	firstLook = time.Second
	lastLook  = 15 * time.Second
)

// mostFailures is how many looks, reads of the alarms or refusals of the credentials in a row a run takes for a passing failure: then it
// stops, since nothing is taken for well that could not be asked.
const mostFailures = 4

// waitTracker is what a run remembers of the wait that it is in: for what, since when, and how long until the next look. Its zero value
// is that of a run that waits for nothing.
type waitTracker struct {
	what     string
	since    time.Time
	interval time.Duration
}

// begins is that a step is waited for, from now on if nothing else was waited for in between.
func (t *waitTracker) begins(s rollout.Step) {
	if what := waitShape(s); t.what != what {
		*t = waitTracker{what: what, since: time.Now(), interval: firstLook}
	}
}

// next is how long to wait until the next look, which comes at the deadline at the latest.
func (t *waitTracker) next(deadline time.Time) time.Duration {
	wait := min(jittered(t.interval), max(time.Until(deadline), 0))
	t.interval = min(t.interval*3/2, lastLook)
	return wait
}

// over is that nothing is waited for any more.
func (t *waitTracker) over() { *t = waitTracker{} }

// await waits a little for what the step waits for. It returns the end of the run if the wait has run out of time and
// there is nothing to fall back to.
func (r *Run) await(ctx context.Context, s rollout.Step) *Result {
	r.wait.begins(s)
	r.begin(ctx, s)
	r.sayHealth(ctx, s)
	deadline := r.wait.since.Add(r.HealthyTimeout)
	if !r.began.Before(deadline) {
		// A look that was begun before, and took its time, has not seen what stands at the deadline.
		return r.late(ctx, s)
	}
	pause(ctx, r.wait.next(deadline))
	return nil
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
			"Apply again to go on once it is well. If it is not to be: a basic release, without phases, goes on at once, and a lower healthy_percent asks less of it", reason, r.standing()))
	case s.Part == rollout.Deploy:
		r.failure = &rollout.Failure{Release: r.Deployment.Release, Reason: reason, Cause: cause}
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
