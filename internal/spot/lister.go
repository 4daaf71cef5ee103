package spot

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// lister lets many callers share list calls: one is under way at most, and who asks meanwhile waits for the next one, because
// the one under way may have been answered from before the question.
type lister struct {
	ask func(context.Context) ([]rollout.Group, error)

	mu            sync.Mutex
	current, next *flight
}

// flight is one list call and those who wait for it.
type flight struct {
	ctx     context.Context // of the first who asked, without its end: others wait too
	cancel  context.CancelFunc
	waiting int
	done    chan struct{}
	groups  []rollout.Group
	err     error
}

// get returns the groups as they are now, or the context's error as soon as it ends. The caller owns the answer.
func (l *lister) get(ctx context.Context) ([]rollout.Group, error) {
	if err := ctx.Err(); err != nil {
		return nil, gaveUp(err)
	}
	f := l.join(ctx)
	select {
	case <-f.done:
		return cloneGroups(f.groups), f.err
	case <-ctx.Done():
		l.quit(f)
		return nil, gaveUp(ctx.Err())
	}
}

func gaveUp(err error) error {
	return &Error{Doing: "listing the groups of the account", remark: err.Error(), cause: err}
}

// join adds a caller to the flight that has not begun, and begins it if none is under way.
func (l *lister) join(ctx context.Context) *flight {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next == nil {
		f := &flight{done: make(chan struct{})}
		f.ctx, f.cancel = context.WithCancel(context.WithoutCancel(ctx))
		l.next = f
	}
	f := l.next
	f.waiting++
	if l.current == nil {
		l.begin()
	}
	return f
}

// quit takes a caller out of its flight. A call that nobody waits for any more is given up.
func (l *lister) quit(f *flight) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f.waiting--
	if f.waiting > 0 {
		return
	}
	f.cancel()
	if l.next == f {
		l.next = nil
	}
}

// begin makes the next flight the current one. The lock is held.
func (l *lister) begin() {
	l.current, l.next = l.next, nil
	if l.current != nil {
		go l.fly(l.current)
	}
}

func (l *lister) fly(f *flight) {
	f.groups, f.err = l.ask(f.ctx)
	f.cancel()
	close(f.done)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.begin()
}

// cloneGroups copies what callers may change.
func cloneGroups(groups []rollout.Group) []rollout.Group {
	clones := slices.Clone(groups)
	for i, g := range clones {
		clones[i].Tags = maps.Clone(g.Tags)
		clones[i].Weights = maps.Clone(g.Weights)
		clones[i].TargetGroups = slices.Clone(g.TargetGroups)
		clones[i].LoadBalancers = slices.Clone(g.LoadBalancers)
		clones[i].Automation.Minimums = slices.Clone(g.Automation.Minimums)
		clones[i].Automation.Maximums = slices.Clone(g.Automation.Maximums)
	}
	return clones
}

func isGone(err error) bool { return errors.Is(err, runner.ErrGone) }
