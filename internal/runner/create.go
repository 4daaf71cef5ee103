package runner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// A create is not idempotent and names are not unique, so that whoever asks for a group twice may have two. A run asks again only
// when it has looked for what the first call may have made, and never more often than this.
const (
	// mostCreates is how many create calls a run makes at most, whatever it is answered.
	mostCreates = 3
	// mostUnusable is how many answers to a create that cannot be used a run takes: what answers so twice will answer so again.
	mostUnusable = 2
	// showsWithin is how long a group that a create may have made is looked for by its name before another one is made.
	showsWithin = 30 * time.Second
	// listsWithin is how long a list that leaves out what is there is asked for again before the run stops.
	listsWithin = time.Minute
	// emptyFor is how long after an empty list the next one is asked for: an account without groups is rare, an empty answer less so.
	emptyFor = time.Second
)

// createTracker is what a run remembers of the groups that it asked for. Its zero value is that of a run that has asked for none.
type createTracker struct {
	calls    int       // in all
	unusable int       // answered with what cannot be used
	after    time.Time // not again before
	unsure   time.Time // since when the list is not whole
}

// exhausted tells whether a create was asked for as often as it may be.
func (c *createTracker) exhausted() bool { return c.calls >= mostCreates }

// shown tells whether what an earlier call may have made had the time to show.
func (c *createTracker) shown() bool { return !time.Now().Before(c.after) }

// unanswered counts a create that may have taken effect. It tells whether another one may be made, after a while.
func (c *createTracker) unanswered(unusable bool) bool {
	if unusable {
		c.unusable++
	}
	if c.unusable >= mostUnusable || c.exhausted() {
		return false
	}
	c.after = time.Now().Add(showsWithin)
	return true
}

// listed is that the list was whole, and unlisted that it was not: it tells whether that has been so for too long.
func (c *createTracker) listed() { c.unsure = time.Time{} }
func (c *createTracker) unlisted() bool {
	if c.unsure.IsZero() {
		c.unsure = time.Now()
	}
	return time.Since(c.unsure) >= listsWithin
}

// nameIsFree tells whether the list was whole, so that a name that is not in it is free, and whether what an earlier call may have made
// had the time to show.
func (r *Run) nameIsFree() bool { return r.lacking == "" && r.creates.shown() }

// awaitFreeName waits for a list by which a name is free. It returns the end of the run if none comes.
func (r *Run) awaitFreeName(ctx context.Context, s rollout.Step) *Result {
	r.progress.unconfirm()
	if r.lacking == "" {
		r.creates.listed()
		r.moved = true // what shows from now on may be this run's own
		pause(ctx, min(time.Until(r.creates.after), 5*time.Second))
		return nil
	}
	if !r.creates.unlisted() {
		pause(ctx, 5*time.Second)
		return nil
	}
	return r.end(ctx, Broken, fmt.Errorf("Spot's list of groups leaves out %s, which is there, and has done so for %s: whether there is a group %s already "+
		"cannot be told, and none was created. %s Apply again to go on", r.lacking, listsWithin, s.Group.Name, r.standing()))
}

// lostAnswer decides what a create means that may have taken effect: what it made is looked for, by name and journal, and taken for what
// was to be made. Only if there is none is it made again.
func (r *Run) lostAnswer(ctx context.Context, s rollout.Step, err error) *Result {
	if r.creates.unanswered(errors.Is(err, ErrUnusable)) {
		r.notice(ctx, "create_unanswered", "it is not known whether "+s.Group.Name+" was created; it is looked for", r.creates.calls, err)
		pause(ctx, firstLook)
		return nil
	}
	return r.end(ctx, Broken, fmt.Errorf("%w. It was asked for %d times, and no group %s has shown: it is not asked for once more. %s "+
		"Apply again when Spot answers as it should: that goes on with what has shown by then", err, r.creates.calls, s.Group.Name, r.standing()))
}
