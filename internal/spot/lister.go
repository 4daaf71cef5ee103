package spot

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/pace"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// lister lets many callers share list calls: one is under way at most, and who asks meanwhile waits for the next one, because
// the one under way may have been answered from before the question.
//
// While Terraform plans, one list serves all who say who they are (runner.AskedBy), each of them once: a workspace of a hundred
// deployments refreshes and plans by one list. It is not held over a change by this client, nor for longer than holding.
type lister struct {
	ask func(context.Context) ([]rollout.Group, error)

	mu            sync.Mutex
	current, next *flight
	kept          *flight // the last one for who plans, if nothing was changed and nobody has asked within a rollout since
	changes       int

	pace    *pace.Pace
	begun   time.Time                // when the last list began
	resting bool                     // the next one begins in a moment
	runs    map[*runner.Running]bool // those that have asked
}

// Lists come as often as whoever is alone asks for them, up to mostLists at once and one more every listEvery, and by time where many ask. Spot
// counts calls of an organization in windows of a minute and does not publish its limit (https://docs.spot.io/administration/api/).
//
// Where several rollouts run in a process, who asks first waits for others, and lists keep a distance, so that rollouts which began together
// go on together, by the same lists.
const (
	mostLists  = 20
	listEvery  = time.Second
	listGather = 250 * time.Millisecond
	listApart  = 500 * time.Millisecond
)

// holding is for how long a list serves those who plan. Terraform plans hundreds of deployments in less.
const holding = 2 * time.Minute

// flight is one list call and those who wait for it.
type flight struct {
	ctx     context.Context // of the first who asked, without its end: others wait too
	cancel  context.CancelFunc
	waiting int
	givenUp bool // nobody waited for it any more before it was answered
	done    chan struct{}
	groups  []rollout.Group
	err     error

	plans   bool            // it was begun for somebody who plans
	served  map[string]bool // who had it
	changes int             // of the client, when it began
	asked   time.Time       // by the first
	begun   time.Time
}

// serves tells whether the flight's answer will do for somebody who asks while Terraform plans, and notes that it did. The lock is held.
func (f *flight) serves(who string, changes int) bool {
	if f == nil || !f.plans || f.givenUp || f.served[who] || f.changes != changes || time.Since(f.begun) > holding {
		return false
	}
	f.served[who] = true
	return true
}

// get returns the groups as they are now, or the context's error as soon as it ends. Others have the same answer: it is not to be changed.
func (l *lister) get(ctx context.Context) ([]rollout.Group, error) {
	if err := ctx.Err(); err != nil {
		return nil, gaveUp(err)
	}
	f := l.join(ctx, runner.Asker(ctx))
	select {
	case <-f.done:
		return f.groups, f.err
	case <-ctx.Done():
		l.quit(f)
		return nil, gaveUp(ctx.Err())
	}
}

func gaveUp(err error) error {
	return &Error{Doing: "listing the groups of the account", remark: err.Error(), cause: err}
}

// join adds a caller to the flight that has not begun, and begins it if none is under way. Where it will do, the caller gets the one under
// way, or the last one.
func (l *lister) join(ctx context.Context, who string) *flight {
	l.mu.Lock()
	defer l.mu.Unlock()
	if who != "" {
		if l.kept.serves(who, l.changes) {
			l.kept.waiting++
			return l.kept
		}
		if l.current.serves(who, l.changes) {
			l.current.waiting++
			return l.current
		}
	} else {
		l.kept = nil
	}
	if run := runner.RunOf(ctx); run != nil {
		l.runs[run] = true
	}
	if l.next == nil {
		f := &flight{done: make(chan struct{}), served: map[string]bool{}, plans: true, asked: time.Now()}
		f.ctx, f.cancel = context.WithCancel(context.WithoutCancel(ctx))
		l.next = f
	}
	f := l.next
	f.served[who] = true
	f.plans = f.plans && who != ""
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
	f.givenUp = true
	if l.next == f {
		l.next = nil
	}
}

// begin makes the next flight the current one, as soon as it may. The lock is held.
func (l *lister) begin() {
	if l.current = nil; l.next == nil || l.resting {
		return
	}
	if wait := l.rests(); wait > 0 {
		l.resting = true
		time.AfterFunc(wait, func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.resting = false
			l.start()
		})
		return
	}
	l.start()
}

// rests is how long the next flight waits. The lock is held.
func (l *lister) rests() time.Duration {
	wait := l.pace.Reserve()
	maps.DeleteFunc(l.runs, func(run *runner.Running, _ bool) bool { return run.Over() })
	if len(l.runs) < 2 {
		return wait
	}
	return max(wait, time.Until(l.next.asked.Add(listGather)), time.Until(l.begun.Add(listApart)))
}

// start begins the next flight, unless all who waited for it have given up. The lock is held.
func (l *lister) start() {
	if l.next == nil {
		return
	}
	l.current, l.next = l.next, nil
	l.current.changes, l.current.begun = l.changes, time.Now()
	l.begun = l.current.begun
	go l.fly(l.current)
}

func (l *lister) fly(f *flight) {
	f.groups, f.err = l.ask(f.ctx)
	f.cancel()
	close(f.done)
	l.mu.Lock()
	defer l.mu.Unlock()
	if f.err == nil && f.plans {
		l.kept = f
	}
	l.begin()
}

// changed is that the client has begun or ended a change: what was listed before may not be so any more.
func (l *lister) changed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.changes++
	l.kept = nil
}

func isGone(err error) bool { return errors.Is(err, runner.ErrGone) }
