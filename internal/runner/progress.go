package runner

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// mostRepeats is how often the same change is made again because the clouds do not show it, before the run stops.
const mostRepeats = 6

// progressTracker tells whether a run gets on: it knows the last change, how often the same one was made, and which step was decided but
// not confirmed yet. Its zero value is that of a run that has changed nothing.
type progressTracker struct {
	last      rollout.Step
	repeats   int            // of the last change, in a row
	done      map[string]int // how often each change was made
	confirmed string         // a step that is decided twice, as the last look had it
}

// begun tells whether the run has changed anything, or tried to.
func (p *progressTracker) begun() bool { return p.last.Kind != "" }

// again counts a change that is about to be made. It answers how long to wait before it is made once more, and whether that was often
// enough: because a stale answer or someone else undoes it.
func (p *progressTracker) again(s rollout.Step) (wait time.Duration, tooOften bool) {
	was := p.last
	same := was.Kind == s.Kind && was.Group.Name == s.Group.Name && was.Group.ID == s.Group.ID && was.Capacity == s.Capacity &&
		was.ARN == s.ARN && was.To.Same(s.To) && maps.Equal(was.Tags(), s.Tags())
	p.last = s
	if !same {
		p.repeats = 0
	} else {
		p.repeats++
	}
	// Two changes that undo each other in turn are no progress either. Notes are made as often as an autoscaler moves something.
	if s.Kind != rollout.Record && s.Kind != rollout.Remember {
		if p.done == nil {
			p.done = map[string]int{}
		}
		if p.done[shape(s)]++; p.done[shape(s)] > 3*mostRepeats {
			p.repeats = mostRepeats + 1
		}
	}
	return time.Duration(max(p.repeats, 0)) * 2 * time.Second, p.repeats > mostRepeats
}

// forgive takes back that a change was counted, because it was refused for a reason that passes.
func (p *progressTracker) forgive(s rollout.Step) {
	p.repeats = -1
	delete(p.done, shape(s))
}

// confirm notes a step that is decided twice, confirms tells whether it is the one that the last look led to, and unconfirm that nothing
// is decided.
func (p *progressTracker) confirm(s rollout.Step)       { p.confirmed = shape(s) }
func (p *progressTracker) confirms(s rollout.Step) bool { return twice(s) && p.confirmed == shape(s) }
func (p *progressTracker) unconfirm()                   { p.confirmed = "" }

// twice tells whether a step is decided twice.
func twice(s rollout.Step) bool { return s.Takes() || s.Kind == rollout.Create }

// shape is what a step does, to which group or route.
func shape(s rollout.Step) string {
	return fmt.Sprintf("%s %s %s %d %s %s %s %s %s", s.Kind, s.Part, s.PhaseName, s.Phase, s.Group.ID, s.Capacity, s.ARN, s.From, s.To)
}

// repeated slows a run down, and in the end stops it, that makes the same change again and again.
func (r *Run) repeated(ctx context.Context, s rollout.Step) *Result {
	wait, tooOften := r.progress.again(s)
	if tooOften {
		return r.end(ctx, Broken, fmt.Errorf("%s of %s (%s) was done %d times and does not show: someone else undoes it, or Spot's answers are stale. %s "+
			"Find out who else changes the group, and apply again", s.Kind, s.Group.Name, s.Group.ID, mostRepeats, r.standing()))
	}
	if wait > 0 {
		pause(ctx, wait)
		if ctx.Err() != nil {
			r.moved = true
		}
	}
	return nil
}
