package runner

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// bakeTracker is what a run remembers of the bake that it is in, or was in last. Its zero value is that of a run that has baked nothing.
type bakeTracker struct {
	group string    // the ID of the candidate
	phase int       // its number, from 1
	began time.Time // when that bake began
	said  saidTracker
	baked int // the number of the phase whose bake is over; 0 while it is not
}

// begins is that a step bakes. It tells whether the bake begins with that.
func (t *bakeTracker) begins(s rollout.Step) bool {
	if t.group == s.Group.ID && t.phase == s.Phase {
		return false
	}
	*t = bakeTracker{group: s.Group.ID, phase: s.Phase, began: time.Now()}
	return true
}

// left is how much of a bake's time is to come.
func (t *bakeTracker) left(s rollout.Step) time.Duration {
	return max(s.Time-time.Since(t.began), 0)
}

// over is that a bake's time is over, and that everything is known that was to be asked in it.
func (t *bakeTracker) over() { t.baked = t.phase }

// saidTracker is what a run remembers of when it said last how much of a step's time is left.
type saidTracker struct{ at time.Time }

// news tells whether it is time to say it: at the beginning, then every half a minute, and of a long one twenty times.
func (t *saidTracker) news(s rollout.Step) bool {
	if time.Since(t.at) < max(pace, s.Time/20) {
		return false
	}
	t.at = time.Now()
	return true
}

// bakes tells whether a group bakes right now.
func (t *bakeTracker) bakes(group string) bool {
	return t.phase > 0 && t.group == group && t.baked == 0
}

// bake watches both revisions for the step's time. An instance that is reclaimed and replaced in it does not stop the clock:
// the bake is over when its time is, the candidate's instances are all in service then, and every check and the comparison is known.
func (r *Run) bake(ctx context.Context, s rollout.Step, w rollout.World) {
	if r.bakes.begins(s) {
		r.begin(ctx, s)
	}
	left := r.bakes.left(s)
	asks := len(s.Checks) > 0 || s.Compare != nil
	if asks {
		r.checks.begins(s)
	}
	known := !asks || r.ask(ctx, s, w, left == 0)
	if r.failure != nil {
		return
	}
	if left == 0 && known {
		r.bakes.over()
		if o := r.steps.bake; o != nil {
			r.steps.bake = nil
			r.emit(ctx, o.done())
		}
		return
	}
	if left > 0 && r.bakes.said.news(s) {
		r.emit(ctx, event.Bake{Group: s.Group.Name, GroupID: s.Group.ID, Phase: s.Phase, PhaseName: s.PhaseName, Left: event.Seconds(left), Of: event.Seconds(s.Time)})
	}
	most := jittered(lastLook)
	if left > 0 {
		most = min(most, left)
	}
	if asks {
		r.restOrAnswer(ctx, s, most, left == 0)
		return
	}
	pause(ctx, most)
}

// settle waits a little for traffic to settle.
func (r *Run) settle(ctx context.Context, s rollout.Step, w rollout.World) {
	r.begin(ctx, s)
	left := max(s.Time-w.RoutesUnchangedFor, 0)
	if left > 0 && s.Time > pace && r.settleSaid.news(s) {
		r.emit(ctx, event.Bake{Group: s.Group.Name, GroupID: s.Group.ID, Phase: s.Phase, PhaseName: s.PhaseName, Settles: true, Left: event.Seconds(left), Of: event.Seconds(s.Time)})
	}
	pause(ctx, min(left, 2*lastLook))
}

// failInBake is that, while the candidate bakes, more of its instances have turned unhealthy than may: instances that were in service,
// still run, and are called unhealthy now. One that is reclaimed is the market's doing and no failure.
func (r *Run) failInBake(ctx context.Context, w rollout.World) {
	c := rollout.RolesOf(w).Candidate
	if c == nil || r.failure != nil || !r.bakes.bakes(c.ID) {
		return
	}
	if need := r.Deployment.Required(c.Capacity.Target); c.Capacity.Target-c.Failing < need {
		reason := fmt.Sprintf("%d of %d %s of %s (%s) were in service and turned unhealthy in the bake", c.Failing, c.Capacity.Target, c.Unit.Noun(), c.Name, c.ID)
		if words, _, _ := r.words(ctx, *c); len(words) > 0 {
			reason += ": " + strings.Join(words, "; ")
		}
		r.fails(reason)
	}
}
