package runner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Run is one rollout, of one deployment, by one apply or destroy: what it is to do, who looks at the clouds for it, and what it
// remembers from one look to the next, each concern for itself.
type Run struct {
	Config
	*Observer

	stale    staleness
	traffic  trafficTracker
	alarms   alarmTracker
	bakes    bakeTracker
	checks   checkTracker
	wait     waitTracker
	lasted   lastedTracker
	progress progressTracker
	creates  createTracker
	rolls    rollTracker
	refusals refusalTracker
	steps    stepTracker
	told     healthSaid

	settleSaid saidTracker

	id      string // of the run, in its events
	said    int    // how much of what was left out of looks
	holding string // the phase after which the rollout holds
	// notKnown is what was not known, if it holds because of that.
	notKnown string

	next     func(rollout.Deployment, rollout.World) rollout.Step // rollout.Next, but in tests
	started  time.Time
	moved    bool              // by ourselves, since the last look
	changed  bool              // something, by ourselves, since the last look
	counts   bool              // the last look counted instances, and did not take them as they were counted a moment before
	counted  time.Time         // when instances were counted last
	wrote    []rollout.Journal // by ourselves, since the last look
	failure  *rollout.Failure  // of the release
	returned *rollout.Group    // a former revision that was to be released again, and stands as before
	gone     bool              // the candidate of the wanted release was taken back and deleted
	warnings []string

	pastDeadline bool // a wait on the way back ran out of time
	cannotTag    bool // Spot takes no tags that are there to be read later
	unswitched   bool // Spot has refused to switch a group's schedules or policies
	interrupted  bool // the request was cancelled, and the candidate is taken back
}

// New is a run that has not looked at anything yet. What is set in it may still be changed until it is used.
func New(c Config) *Run {
	r := &Run{Config: c, next: rollout.Next}
	r.Observer = newObserver(&r.Config)
	return r
}

// Do runs the rollout to its end: it looks, decides, acts on what it decided, and looks again.
func (r *Run) Do(ctx context.Context) Result {
	r.started, r.lasted.Timings = time.Now(), r.Took
	defer r.checks.stop()
	r.Deployment.Run = r.name()
	ctx, over := InRun(ctx)
	defer over()
	if p := r.Deployment.Promotion; p != nil {
		r.Deployment.Promotion = &rollout.Promotion{To: p.To, By: r.name()}
	}
	if r.Aborts {
		r.Deployment.OnFailure, r.failure = rollout.Rollback, rollout.Abort(r.Deployment.Release)
	}
	for {
		if ctx.Err() != nil {
			back, cancel, end := r.interrupt(ctx)
			if end != nil {
				return *end
			}
			defer cancel()
			ctx = back
		}
		world, end := r.look(ctx)
		if end != nil {
			return *end
		}
		if world == nil {
			continue
		}
		step, end := r.decide(ctx, *world)
		if end != nil {
			return *end
		}
		if step == nil {
			continue
		}
		if end := r.act(ctx, *world, *step); end != nil {
			return *end
		}
	}
}

// look observes the world and fills in what the run knows of it. It answers nil where the look is not to be believed, or failed for now.
func (r *Run) look(ctx context.Context) (*rollout.World, *Result) {
	w, err := r.observe(ctx)
	if err != nil {
		return nil, r.failedLook(ctx, err)
	}
	r.failedLooks = 0
	if r.outdated(ctx, w) {
		return nil, nil
	}
	r.showing(ctx, w)
	if end := r.concurrentChange(ctx, w); end != nil {
		return nil, end
	}
	r.takeOverFailure(w)
	r.failInBake(ctx, w)
	w.RoutesUnchangedFor, w.NoTrafficMoved = r.traffic.standing(r.seen, w), r.traffic.unmoved
	w.Failure, w.Baked, w.PastDeadline, w.CannotTag = r.failure, r.bakes.baked, r.pastDeadline, r.cannotTag
	w.Asked = r.checks.over(w)
	w.Begun, w.CannotPause, w.AlarmsOn = r.progress.begun(), r.unswitched, r.alarms.aside
	r.seen, r.moved, r.wrote = &w, false, nil
	return &w, nil
}

// failedLook decides what a look means that failed: nothing, for a while, in the middle of a run, since what stands still stands.
func (r *Run) failedLook(ctx context.Context, err error) *Result {
	switch bad := (*TagError)(nil); {
	case ctx.Err() != nil:
		return nil // the loop says what an interrupt means
	case r.seen != nil && r.failedLooks < mostFailures:
		r.failedLooks++
		r.notice(ctx, "look_failed", "the clouds could not be looked at; they are asked again", r.failedLooks, err)
		pause(ctx, lastLook)
		return nil
	case errors.As(err, &bad) && r.seen == nil:
		return r.end(ctx, Refused, fmt.Errorf("%w. Nothing was touched", err))
	case r.seen != nil && refusedCredentials(err):
		return r.credentialsEnded(ctx, err)
	}
	return r.end(ctx, Broken, fmt.Errorf("the deployment's groups could not be observed: %w. %s Apply again to go on", err, r.standing()))
}

// decide asks what is next, and everybody who may have something against it. It answers nil where the world has to be looked at again
// first: what takes something away, and what must not be there yet, is decided twice.
func (r *Run) decide(ctx context.Context, w rollout.World) (*rollout.Step, *Result) {
	step := r.next(r.Deployment, w)
	r.learn(step, w)
	if step.Changes() && !r.rolls.cleared {
		if cleared, end := r.awaitRolls(ctx, w); end != nil || !cleared {
			return nil, end
		}
	}
	if !r.progress.confirms(step) {
		asked, end := r.verify(ctx, step, w)
		if end != nil || !asked {
			return nil, end
		}
		if step.Kind == rollout.Create && r.alarms.aside != nil {
			w.AlarmsOn = r.alarms.aside
			step = r.next(r.Deployment, w)
		}
		if w.Failure == nil && r.failure != nil {
			w.Failure = r.failure
			step = r.next(r.Deployment, w)
		}
		if twice(step) {
			// Asking the alarms takes its time, and a single answer may be wrong.
			r.progress.confirm(step)
			if step.Kind == rollout.Create && r.nothing {
				pause(ctx, emptyFor)
			}
			return nil, nil
		}
	}
	r.progress.unconfirm()
	if why := rollout.Guard(r.Deployment, w, step); why != "" {
		return nil, r.end(ctx, Broken, fmt.Errorf("%s. It was not done. %s Apply again to go on", why, r.standing()))
	}
	if end := r.outlasts(ctx, step); end != nil {
		return nil, end
	}
	return &step, nil
}

// act does a step: it ends the run, waits a little, or changes something.
func (r *Run) act(ctx context.Context, w rollout.World, s rollout.Step) *Result {
	switch {
	case s.Ends():
		return r.finish(ctx, s)
	case s.Kind == rollout.Bake:
		r.bake(ctx, s, w)
		return nil
	case s.Kind == rollout.AwaitChecks:
		r.awaitChecks(ctx, s, w)
		return nil
	case s.Kind == rollout.Create && !r.nameIsFree():
		return r.awaitFreeName(ctx, s)
	case s.Kind == rollout.Settle:
		// A long one is looked after: alarms have their say, and a concurrent change is noticed.
		r.settle(ctx, s, w)
		return nil
	case s.Waits():
		return r.await(ctx, s)
	}
	return r.change(ctx, s)
}

// takeOverFailure takes over a failure that an earlier run wrote on the candidate, so that this one ends as that one would have.
func (r *Run) takeOverFailure(w rollout.World) {
	c := rollout.RolesOf(w)
	if c.Candidate == nil || r.failure != nil {
		return
	}
	if j, ok := c.Candidate.Journal(); ok && j.Verdict == rollout.Failed && j.Release == r.Deployment.Release {
		r.failure = &rollout.Failure{Release: j.Release, Reason: j.Failure}
	}
}

// fails is that the release has failed.
func (r *Run) fails(reason string) {
	r.failure = &rollout.Failure{Release: r.Deployment.Release, Reason: reason}
}

// warn keeps what did not keep the run from going on.
func (r *Run) warn(warnings ...string) { r.warnings = append(r.warnings, warnings...) }
