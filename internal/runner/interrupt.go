package runner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// errBackLate is why a way back after an interrupt ends where it is.
var errBackLate = errors.New("the run was interrupted, and taking the candidate back (on_interrupt = \"rollback\") took longer than it may")

// interrupt ends the run where it stands when the request's own context has ended, or turns it round: then it answers the context of the
// way back.
func (r *Run) interrupt(ctx context.Context) (context.Context, context.CancelFunc, *Result) {
	rest := context.WithoutCancel(ctx)
	cancelled := errors.Is(context.Cause(ctx), context.Canceled)
	if cancelled && r.RollbackOnInterrupt && !r.interrupted {
		r.interrupted = true
		r.Deployment.OnFailure = rollout.Rollback
		r.failure = &rollout.Failure{Release: r.Deployment.Release, Reason: "the run was interrupted", Cause: rollout.Refusal}
		back, cancel := context.WithTimeoutCause(rest, 2*r.HealthyTimeout+r.Deployment.Follow()+5*time.Minute, errBackLate)
		return back, cancel, nil
	}
	why := "the run was interrupted"
	if !cancelled {
		why = context.Cause(ctx).Error()
	}
	r.lookOnce(rest)
	next := ""
	if r.seen != nil {
		next = fmt.Sprintf(" The next step is to %s.", rollout.Next(r.Deployment, *r.seen))
	}
	return nil, nil, r.end(rest, Interrupted, fmt.Errorf("%s. %s%s The next apply goes on from there, or back if the configuration goes back", why, r.standing(), next))
}

// lookOnce looks at what stands after the last change, for what an interrupted run says: instances are as they were seen last. It
// does not take long, as Terraform waits for a few seconds only.
func (r *Run) lookOnce(ctx context.Context) {
	if r.seen == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	w, err := r.Look(ctx)
	if err != nil {
		return
	}
	w = counted(w, *r.seen)
	w.Routes = r.seen.Routes
	if r.LookAtRoutes(ctx, &w) != nil {
		return
	}
	w.Failure, w.Baked, w.PastDeadline, w.CannotTag, w.Begun = r.seen.Failure, r.seen.Baked, r.seen.PastDeadline, r.seen.CannotTag, r.seen.Begun
	w.RoutesUnchangedFor, w.NoTrafficMoved, w.CannotPause = r.seen.RoutesUnchangedFor, r.traffic.unmoved, r.unswitched
	w.Asked = r.seen.Asked
	r.seen = &w
}
