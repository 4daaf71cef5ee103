package sweep_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// position is a place in the course of a run: after so many calls that change the world, after so many steps that began
// since, the so manieth call since. How often a wait looks is a matter of chance; the changes and the steps are not.
type position struct{ change, stage, call int }

func (p position) String() string { return fmt.Sprintf("%d.%d.%d", p.change, p.stage, p.call) }

func (p position) reached(by position) bool {
	if p.change != by.change {
		return by.change > p.change
	}
	if p.stage != by.stage {
		return by.stage > p.stage
	}
	return by.call >= p.call
}

// step is a call in the course of a run.
type step struct {
	at                     position
	service, action, about string
	nth                    int // of the calls of that action
	changes, looks         bool
}

func (s step) String() string { return fmt.Sprintf("%s %s %s", s.at, s.action, s.about) }

// cursor follows a run from call to call, and ends its process where that is wanted.
type cursor struct {
	mu    sync.Mutex
	at    position
	steps []step
	met   map[string]int

	kill   *position
	after  bool // the call takes effect, and its answer is lost
	cancel context.CancelFunc
	dead   bool
	last   int // the call that still takes effect
	killed step
}

var changing = []string{"CreateGroup", "SetCapacity", "UpdateGroup", "DeleteGroup", "ModifyListener", "ModifyRule"}

// follow puts a cursor on all calls from now on. With a kill the process ends there: nothing that it sends from then on
// arrives, and what it is answered does not either.
func (s *scene) follow(kill *position, after bool, cancel context.CancelFunc) *cursor {
	c := &cursor{kill: kill, after: after, cancel: cancel, met: map[string]int{}}
	s.cursor.Store(c)
	return c
}

func (c *cursor) before(call *sandbox.Call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dead {
		call.Drop()
		return
	}
	c.at.call++
	c.met[call.Action]++
	about := call.Name
	if about == "" {
		about = call.Subject
	}
	s := step{at: c.at, service: call.Service, action: call.Action, about: about, nth: c.met[call.Action],
		changes: slices.Contains(changing, call.Action), looks: call.Action == "ListGroups"}
	c.steps = append(c.steps, s)
	if s.changes {
		c.at = position{change: c.at.change + 1}
	}
	if c.kill == nil || c.last > 0 || !c.kill.reached(s.at) {
		return
	}
	c.killed = s
	if c.after {
		c.last = call.Seq
		return
	}
	c.die(call)
}

func (c *cursor) behind(call *sandbox.Call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dead || c.last == call.Seq {
		c.die(call)
	}
}

func (c *cursor) die(call *sandbox.Call) {
	c.dead = true
	c.cancel()
	call.Drop()
}

// happened takes note of a step that begins. Nothing else that is said of a run moves a place.
func (c *cursor) happened(e event.Event) {
	if _, begins := e.Fact.(event.StepBegun); c == nil || !begins {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = position{change: c.at.change, stage: c.at.stage + 1}
}

// places are the calls of a run at which something is done to it: all, but of the looks in one step, which are those
// of one and the same wait, only the first and the last.
func places(steps []step) []step {
	var kept []step
	for begin := 0; begin < len(steps); {
		end := begin + 1
		for end < len(steps) && steps[end].at.change == steps[begin].at.change && steps[end].at.stage == steps[begin].at.stage {
			end++
		}
		kept = append(kept, ends(steps[begin:end])...)
		begin = end
	}
	return kept
}

// ends are the first and the last look of a wait.
func ends(wait []step) []step {
	var looks []int
	for i, s := range wait {
		if s.looks {
			looks = append(looks, i)
		}
	}
	if len(looks) < 3 {
		return wait
	}
	return slices.Concat(wait[:looks[1]], wait[looks[len(looks)-1]:])
}

// A place is told by calls and steps alone, so that a breach is found again whatever else a run says by then.
func TestPlacesAreCountedByStepsAlone(t *testing.T) {
	var c cursor
	for _, f := range []event.Fact{event.Begun{}, event.StepDone{}, event.StepFailed{}, event.Health{}, event.Bake{}, event.Alarms{}, event.Weights{},
		event.GoingBack{}, event.Holding{}, event.Notice{}, event.Ended{}} {
		if c.happened(event.Event{Fact: f}); c.at != (position{}) {
			t.Errorf("after %s the place is %s", f.Kind(), c.at)
		}
	}
	if c.happened(event.Event{Fact: event.StepBegun{}}); c.at != (position{stage: 1}) {
		t.Errorf("after a step that began the place is %s", c.at)
	}
}
