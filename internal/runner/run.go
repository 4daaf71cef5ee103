package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Run is one rollout, of one deployment, by one apply or destroy.
type Run struct {
	Deployment rollout.Deployment
	Spot       Elastigroups
	Balancers  Balancers
	// Alarms reads those that the deployment names; nil will do if it names none.
	Alarms Alarms
	// Machines is asked why instances ended that were never in service; nil asks nobody.
	Machines Machines

	// Adopted are the IDs of groups that belong to the deployment although their tags do not say so: imported ones.
	Adopted map[string]bool
	// Journaled are the IDs of those that had a journal when the state saw them last: without one they are not the groups that they were.
	Journaled map[string]bool
	// Document makes the JSON document of a group to be created, with its name, its target groups and a journal's tags, at
	// capacity zero.
	Document func(g rollout.Group, tags map[string]string) ([]byte, error)
	// Planned is the world that the plan was made for; the run stops before its first change if someone else has changed
	// it since. Nil when there is no plan to keep to.
	Planned *rollout.World

	// HealthyTimeout is the deadline of each wait on instances; MinHealthyTime is how long they have to be in service.
	HealthyTimeout time.Duration
	MinHealthyTime time.Duration
	// RollbackOnInterrupt takes the candidate back when the request is cancelled, instead of leaving everything as it is.
	RollbackOnInterrupt bool

	// CredentialsEnd tells when the credentials end that the run cannot do without, if nobody renews them, and where they come from; zero is
	// never, or not known. Nil is the same.
	CredentialsEnd func(ctx context.Context) (ends time.Time, from string)

	// Log takes one line for each transition: what, and fields of one kind each.
	Log func(ctx context.Context, message string, fields map[string]any)

	// next is rollout.Next, but in tests.
	next func(rollout.Deployment, rollout.World) rollout.Step

	seen        *rollout.World             // by the last observation
	moved       bool                       // by ourselves, since then
	made        map[string]time.Time       // groups created here, which a list may not show yet, and when
	deleted     map[string]bool            // groups deleted here, which a list may still show
	empty       map[string]bool            // groups at zero that were seen without instances
	since       map[string]time.Time       // when an instance was first seen in service, and has been ever since
	served      map[string]bool            // instances that were in service once
	serving     map[string]map[string]int  // instances of each group that came into service, and nothing was said against since: what each counts for
	launched    map[string]map[string]bool // instances of each group that were seen
	reclaimed   map[string]int             // what is gone of these, in the unit of the group, though nobody shrank it
	unhealthy   map[string]map[string]bool // what balancers said of a group's instances that turned unhealthy
	failure     *rollout.Failure
	warnings    []string
	wait        waiting
	began       time.Time           // when the last look was begun
	written     map[string]*written // what was done to each group
	doubted     int                 // looks in a row that show what is past
	verifying   verifying
	stoodSince  time.Time // since when the routes have stood as they do
	unsettled   bool      // a route was changed since the last look
	unmoved     bool      // the rollout began here, and no route was changed since
	hurry       bool      // a wait on the way back ran out of time
	forgetful   bool      // Spot takes no notes that are there to be read later
	unswitched  bool      // Spot has refused to switch a group's schedules or policies
	confirmed   string    // a step that takes something away, as the last look had it
	blind       int       // looks in a row that failed
	lockedOut   int       // changes in a row that were refused for their credentials
	last        rollout.Step
	repeats     int
	done        map[string]int // how often each change was made
	creates     creating
	lacking     string          // a group that is there, and that the last list left out
	nothing     bool            // the last list was empty
	apart       []string        // entries of Spot's list that were held apart
	unconfirmed map[string]bool // IDs that nobody can be asked about
	stoodDown   *rollout.Group  // a former revision that was to come back, and stands as before
	started     time.Time
	interrupted bool

	cleared      bool      // no deployment of Spot's own was under way when the run began to change something
	rollingSince time.Time // since when one is waited for
}

// errBackLate is why a way back after an interrupt ends where it is.
var errBackLate = errors.New("the run was interrupted, and taking the candidate back (on_interrupt = \"rollback\") took longer than it may")

// Do runs the rollout to its end.
func (r *Run) Do(ctx context.Context) Result {
	r.deleted = map[string]bool{}
	r.made, r.empty, r.since = map[string]time.Time{}, map[string]bool{}, map[string]time.Time{}
	r.unhealthy, r.served = map[string]map[string]bool{}, map[string]bool{}
	r.launched = map[string]map[string]bool{}
	r.serving, r.reclaimed = map[string]map[string]int{}, map[string]int{}
	r.verifying = verifying{since: map[string]time.Time{}, silent: map[string]bool{}, wasOK: map[string]bool{}}
	r.written, r.done = map[string]*written{}, map[string]int{}
	r.started = time.Now()
	if r.next == nil {
		r.next = rollout.Next
	}
	for {
		if ctx.Err() != nil {
			rollback, stop := r.interrupt(ctx)
			if stop != nil {
				return *stop
			}
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeoutCause(rollback, 2*r.HealthyTimeout+r.Deployment.Follow()+5*time.Minute, errBackLate)
			defer cancel()
		}
		r.began = time.Now()
		w, err := r.Observe(ctx)
		if err != nil {
			if ctx.Err() != nil {
				continue
			}
			if r.seen != nil && r.blind < mostBlind {
				// A look in the middle of a run may fail for a while: what stands still stands.
				r.blind++
				r.Log(ctx, "could not look", map[string]any{"error": err.Error()})
				pause(ctx, lastLook)
				continue
			}
			if bad := (*TagError)(nil); errors.As(err, &bad) && r.seen == nil {
				return r.end(ctx, Refused, fmt.Errorf("%w. Nothing was touched", err))
			}
			if r.seen != nil && refusedCredentials(err) {
				return *r.ended(ctx, err)
			}
			return r.end(ctx, Broken, fmt.Errorf("the deployment's groups could not be observed: %w. %s Apply again to go on", err, r.standing()))
		}
		r.blind = 0
		if r.doubts(ctx, w) {
			continue
		}
		if stop := r.intruder(ctx, w); stop != nil {
			return *stop
		}
		r.note(w)
		r.turned(ctx, w)
		r.still(&w)
		w.Failure, w.Baked, w.Hurry, w.Forgetful = r.failure, r.verifying.baked, r.hurry, r.forgetful
		w.Begun, w.Unswitched, w.AlarmsOn = r.last.Kind != "", r.unswitched, r.verifying.aside
		r.seen, r.moved = &w, false

		step := r.next(r.Deployment, w)
		if step.Changes() && !r.cleared {
			if cleared, stop := r.awaitRolls(ctx, w); stop != nil {
				return *stop
			} else if !cleared {
				continue
			}
		}
		if !r.confirms(step) {
			asked, stop := r.verify(ctx, step, w)
			if stop != nil {
				return *stop
			}
			if !asked {
				continue
			}
			if step.Kind == rollout.Create && r.verifying.aside != nil {
				w.AlarmsOn = r.verifying.aside
				step = r.next(r.Deployment, w)
			}
			if w.Failure == nil && r.failure != nil {
				w.Failure = r.failure
				step = r.next(r.Deployment, w)
			}
			if twice(step) {
				// Asking the alarms takes its time, and a single answer may be wrong: what takes something away is decided twice, and so
				// is what must not be there yet.
				r.confirmed = shape(step)
				if step.Kind == rollout.Create && r.nothing {
					pause(ctx, emptyFor)
				}
				continue
			}
		}
		r.confirmed = ""
		if why := rollout.Guard(r.Deployment, w, step); why != "" {
			return r.end(ctx, Broken, fmt.Errorf("%s. It was not done. %s Apply again to go on", why, r.standing()))
		}
		if stop := r.outlasts(ctx, step); stop != nil {
			return *stop
		}
		switch {
		case step.Ends():
			return r.finish(ctx, step)
		case step.Kind == rollout.Bake:
			r.bake(ctx, step)
		case step.Kind == rollout.Create && !r.free():
			if stop := r.unsure(ctx, step); stop != nil {
				return *stop
			}
		case step.Kind == rollout.Settle:
			// A long one is looked after: alarms have their say, and a concurrent change is noticed.
			pause(ctx, min(max(step.Time-w.Still, 0), 2*lastLook))
		case step.Waits():
			if stop := r.await(ctx, step); stop != nil {
				return *stop
			}
		default:
			if stop := r.change(ctx, step); stop != nil {
				return *stop
			}
		}
	}
}

// twice tells whether a step is decided twice.
func twice(s rollout.Step) bool { return s.Takes() || s.Kind == rollout.Create }

// confirms tells whether a step that is decided twice is the one that the last look led to.
func (r *Run) confirms(s rollout.Step) bool { return twice(s) && r.confirmed == shape(s) }

// shape is what a step does, to which group or route.
func shape(s rollout.Step) string {
	return fmt.Sprintf("%s %s %s %d %s %s %s %s %s", s.Kind, s.Part, s.PhaseName, s.Phase, s.Group.ID, s.Capacity, s.ARN, s.From, s.To)
}

// note takes over a failure that an earlier run wrote on the candidate, so that this one ends as that one would have.
func (r *Run) note(w rollout.World) {
	c := rollout.CastOf(w)
	if c.Candidate == nil || r.failure != nil {
		return
	}
	if j, ok := c.Candidate.Journal(); ok && j.Verdict == rollout.Failed && j.Release == r.Deployment.Release {
		r.failure = &rollout.Failure{Release: j.Release, Reason: j.Failure}
	}
}

// intruder stops the run if someone else has changed what it relies on: since the plan, or since the last look.
func (r *Run) intruder(ctx context.Context, w rollout.World) *Result {
	if w.Begun = r.last.Kind != ""; rollout.Foreign(r.Deployment, w) != "" {
		return nil // what is next says whose it is by now
	}
	if r.seen == nil {
		if r.Planned == nil {
			return nil
		}
		moved := rollout.Moved(*r.Planned, w)
		if moved == "" {
			return nil
		}
		r.seen = &w
		result := r.end(ctx, Refused, fmt.Errorf("someone else has changed deployment %q since it was planned: %s. Nothing was touched. Plan again", r.Deployment.Name, moved))
		return &result
	}
	moved := rollout.Moved(*r.seen, w)
	if r.moved {
		moved = r.vanished(w)
	}
	if moved != "" {
		r.seen = &w
		next := "Find out who else releases it, and apply again"
		if r.Deployment.Creates {
			next = fmt.Sprintf("If another state creates it, import it when it is live (terraform import ADDRESS %s), or give this deployment another name", r.Deployment.Name)
		}
		result := r.end(ctx, Interrupted, fmt.Errorf("someone else is changing deployment %q at the same time: %s. The rollout stopped there. %s %s",
			r.Deployment.Name, moved, r.standing(), next))
		return &result
	}
	return nil
}

// vanished says that the live revision or the candidate is gone, which no change of a rollout's own brings about: without the one
// a candidate would be taken for the only one, and without the other it would be made again.
func (r *Run) vanished(w rollout.World) string {
	if r.Deployment.Gone {
		return ""
	}
	cast := rollout.CastOf(*r.seen)
	gone := func(g *rollout.Group) bool {
		return g != nil && !r.deleted[g.ID] && !slices.ContainsFunc(w.Groups, func(there rollout.Group) bool { return there.ID == g.ID })
	}
	switch {
	case gone(cast.Live):
		return fmt.Sprintf("the live revision %s (%s) is gone", cast.Live.Name, cast.Live.ID)
	case gone(cast.Candidate):
		return fmt.Sprintf("the revision being rolled out, %s (%s), is gone", cast.Candidate.Name, cast.Candidate.ID)
	}
	return ""
}

// interrupt ends the run where it stands, or turns it round, when the request's own context has ended.
func (r *Run) interrupt(ctx context.Context) (context.Context, *Result) {
	rest := context.WithoutCancel(ctx)
	cancelled := errors.Is(context.Cause(ctx), context.Canceled)
	if cancelled && r.RollbackOnInterrupt && !r.interrupted {
		r.interrupted = true
		r.Deployment.OnFailure = rollout.Rollback
		r.failure = &rollout.Failure{Release: r.Deployment.Release, Reason: "the run was interrupted", Cause: rollout.Refusal}
		r.Log(rest, "interrupted: taking the candidate back", nil)
		return rest, nil
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
	result := r.end(rest, Interrupted, fmt.Errorf("%s. %s%s The next apply goes on from there, or back if the configuration goes back", why, r.standing(), next))
	return nil, &result
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
	for i := range w.Groups {
		for _, g := range r.seen.Groups {
			if g.ID == w.Groups[i].ID {
				w.Groups[i].Instances, w.Groups[i].InService, w.Groups[i].Steady = g.Instances, g.InService, g.Steady
			}
		}
	}
	w.Routes = r.seen.Routes
	if r.LookAtRoutes(ctx, &w) != nil {
		return
	}
	w.Failure, w.Baked, w.Hurry, w.Forgetful, w.Begun = r.seen.Failure, r.seen.Baked, r.seen.Hurry, r.seen.Forgetful, r.seen.Begun
	w.Still, w.Unmoved, w.Unswitched = r.seen.Still, r.unmoved, r.unswitched
	r.seen = &w
}
