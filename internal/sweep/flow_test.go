package sweep_test

import (
	"context"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// flow is a run to be disturbed, and what may be applied after it.
type flow struct {
	name  string
	empty bool // nothing was released before
	// begin brings the world to where the run begins.
	begin func(s *scene)
	run   config
	fails bool // the run cannot succeed
	// phased is one that only strategies with phases or weights have.
	phased bool
	// next is what is applied after it: the same, what was there before, something newer.
	next map[string]config
	// floor is how much has to serve at every moment; 0 promises nothing.
	floor int
}

var flows = []flow{
	{
		name: "first", empty: true, run: config{image: "ami-1"},
		next: map[string]config{"reverted": {image: "ami-1", gone: true}, "newer": {image: "ami-3"}},
	},
	{
		name: "update", run: config{image: "ami-2"}, floor: 4,
		next: map[string]config{"reverted": {image: "ami-1"}, "newer": {image: "ami-3"}},
	},
	{
		// One that is asked about at each point that its strategy has.
		name: "checked", run: config{image: "ami-2", checks: true}, floor: 4,
		next: map[string]config{"reverted": {image: "ami-1"}, "newer": {image: "ami-3", checks: true}},
	},
	{
		name: "failing", run: config{image: "ami-bad"}, fails: true, floor: 4,
		next: map[string]config{"reverted": {image: "ami-1"}, "newer": {image: "ami-3"}},
	},
	{
		name: "alarm", run: config{image: "ami-2", alarms: true}, fails: true, floor: 4,
		next: map[string]config{"reverted": {image: "ami-1"}, "newer": {image: "ami-3"}},
	},
	{
		name: "way back", begin: halfway, run: config{image: "ami-1"}, floor: 4,
		next: map[string]config{"reverted": {image: "ami-2"}, "newer": {image: "ami-3"}},
	},
	{
		name: "supersede", begin: halfway, run: config{image: "ami-3"}, floor: 4,
		next: map[string]config{"reverted": {image: "ami-1"}, "newer": {image: "ami-4"}},
	},
	{
		name: "hold", run: config{image: "ami-2", hold: 1}, phased: true, floor: 4,
		next: map[string]config{"reverted": {image: "ami-1"}, "newer": {image: "ami-3"}},
	},
	{
		name: "go on", begin: halfway, run: config{image: "ami-2"}, phased: true, floor: 4,
		next: map[string]config{"reverted": {image: "ami-1"}, "newer": {image: "ami-3"}},
	},
	{
		name: "resize", run: config{image: "ami-1", capacity: &larger}, floor: 4,
		next: map[string]config{"reverted": {image: "ami-1", capacity: &usual}, "newer": {image: "ami-3", capacity: &larger}},
	},
	{
		// What it had stands on the live group until that is gone, too. After that a deployment begins anew, with what is written.
		name: "destroy", run: config{image: "ami-1", gone: true},
		next: map[string]config{"reverted": {image: "ami-1"}, "newer": {image: "ami-3"}},
	},
}

func init() {
	for _, f := range flows {
		f.next["same"] = f.run
	}
}

// halfway leaves a release of ami-2 half way: held after its first phase or weight, or killed when half of it was done.
func halfway(s *scene) {
	if s.how.phased {
		s.apply(config{image: "ami-2", hold: 1})
		return
	}
	s.killedAt(config{image: "ami-2"}, position{s.how.halfway + 1, 0, 0}, false)
}

// killedAt runs a new process and ends it at a position, before the effect of the call there or after it.
func (s *scene) killedAt(c config, at position, after bool) (*cursor, runner.Result) {
	run := s.process(c)
	ctx, cancel := context.WithCancel(s.t.Context())
	defer cancel()
	cursor := s.follow(&at, after, cancel)
	result := run.Do(ctx)
	s.cursor.Store(nil)
	counted.runs.Add(1)
	return cursor, result
}

// in runs a scene at the beginning of the flow.
func (f flow) in(t *testing.T, how strategy, seed uint64, do func(s *scene)) {
	inWorld(t, how, f.empty, seed, func(s *scene) {
		if f.begin != nil {
			f.begin(s)
		}
		s.trips.Store(f.run.alarms)
		do(s)
	})
}
