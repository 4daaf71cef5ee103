package runner

import (
	"context"
	"fmt"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Roll is a deployment of Spot's own (a "roll") that is under way in a group, or has failed and was not stopped. Spot takes no update of
// the group meanwhile, its capacity included.
type Roll struct {
	// ID is "sbgd-0123abcd".
	ID string
	// Status is Spot's word on it, and Progress how far it is, "25 %", or "".
	Status, Progress string
	// Failed tells whether it ends only when somebody stops it.
	Failed bool
}

// In says of the roll what it is and where it stands.
func (l Roll) In(g rollout.Group) string {
	text := fmt.Sprintf("deployment %s of Spot's own is %s in %s (%s)", l.ID, l.Status, g.Name, g.ID)
	if l.Progress != "" {
		text += ", at " + l.Progress
	}
	return text + ", and Spot takes no update of a group meanwhile"
}

// Stop says how the roll is stopped.
func (l Roll) Stop(g rollout.Group) string {
	return fmt.Sprintf("To stop it, use the group's Deployments in Spot's console, or PUT /aws/ec2/group/%s/roll/%s with {\"roll\": {\"status\": \"STOPPED\"}}", g.ID, l.ID)
}

// rolling is the first of the groups that a roll is under way in, among those that have instances or are to have some.
func (r *Run) rolling(ctx context.Context, groups ...rollout.Group) (rollout.Group, *Roll) {
	for _, g := range groups {
		if g.Instances == 0 && g.Capacity == (rollout.Capacity{}) {
			continue
		}
		roll, err := r.Spot.Roll(ctx, g.ID)
		if err != nil {
			// Whether there is one will show when the group is changed.
			r.notice(ctx, "foreign_deployments_unread", "deployments of Spot's own cannot be read of "+g.Name, 0, err)
			continue
		}
		if roll != nil {
			return g, roll
		}
	}
	return rollout.Group{}, nil
}

// rollTracker is what a run remembers of the rolls that it waits for. Its zero value is that of a run that has not asked yet.
type rollTracker struct {
	cleared bool      // none was under way when the run began to change something
	since   time.Time // since when one is waited for
	said    time.Time // when was said last that it is
}

// waits is that a roll is under way. It answers for how long it was waited for, and whether it is time to say so.
func (t *rollTracker) waits() (waited time.Duration, say bool) {
	if t.since.IsZero() {
		t.since, t.said = time.Now(), time.Time{}
	}
	if say = time.Since(t.said) >= pace; say {
		t.said = time.Now()
	}
	return time.Since(t.since), say
}

// over is that none is.
func (t *rollTracker) over() { t.since = time.Time{} }

// awaitRolls waits, before the first change of a run, until no roll is under way in any group that the run may have to change: halfway
// would be too late to find out. It answers true when there is none, and with the end of the run when the time is up.
func (r *Run) awaitRolls(ctx context.Context, w rollout.World) (bool, *Result) {
	g, roll := r.rolling(ctx, w.Groups...)
	if roll == nil {
		r.rolls.cleared = true
		r.rolls.over()
		return true, nil
	}
	waited, say := r.rolls.waits()
	if roll.Failed || waited >= r.HealthyTimeout {
		until := fmt.Sprintf("it was waited for, for %s (healthy_timeout)", r.HealthyTimeout)
		if roll.Failed {
			until = "it ends only when it is stopped"
		}
		return false, r.end(ctx, Refused, fmt.Errorf("%s: %s. Nothing was touched. %s, and apply again", roll.In(g), until, roll.Stop(g)))
	}
	if say {
		r.sayRoll(ctx, g, roll)
	}
	pause(ctx, min(jittered(lastLook), max(r.HealthyTimeout-waited, time.Second)))
	return false, nil
}

// rolled tells whether a change was refused because a roll has begun in its group meanwhile, and waits a little then: the change is made
// again, until it was waited for long enough. The error says what is under way.
func (r *Run) rolled(ctx context.Context, s rollout.Step, refusal error) (bool, error) {
	if s.Kind == rollout.Create || s.Kind == rollout.Shift {
		return false, refusal
	}
	g, roll := r.rolling(ctx, s.Group)
	if roll == nil {
		r.rolls.over()
		return false, refusal
	}
	waited, say := r.rolls.waits()
	if say {
		r.sayRoll(ctx, g, roll)
	}
	if roll.Failed || waited >= r.HealthyTimeout {
		return false, fmt.Errorf("%w; %s. %s", refusal, roll.In(g), roll.Stop(g))
	}
	r.progress.forgive(s)
	pause(ctx, jittered(lastLook))
	return true, nil
}

func (r *Run) sayRoll(ctx context.Context, g rollout.Group, roll *Roll) {
	r.notice(ctx, "foreign_deployment", "it is waited for: "+roll.In(g), 0, nil)
}
