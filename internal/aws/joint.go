package aws

import (
	"context"
	"sync"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/pace"
)

// joint lets callers that ask the same thing at the same time share one call. Who asks while a call is under way waits for
// the next one, which starts when that one has ended and is shared by all who came meanwhile: an answer is never older
// than the question, and there is never more than one call under way for a key, however many ask.
//
// What is asked (Q) is handed to the call as a list, one entry a caller, so that one call can ask for what each of them
// wants. The answer (A) is shared too: callers do not change it. The zero joint is ready for use.
type joint[Q, A any] struct {
	// gather is how long the first to ask waits for others, so that they share a call: where a call costs more than that time is worth.
	gather time.Duration
	// most is at what pace calls under one key begin, and all at what pace those under all keys together do; nil is any.
	most func() *pace.Pace
	all  *pace.Pace

	mu    sync.Mutex
	lines map[string]*line[Q, A]
	paces map[string]*pace.Pace // of each key
}

// ask returns the answer of a call that began after ask was called. The context bounds this caller's waiting; the call
// itself ends early only when nobody waits for it any more.
func (j *joint[Q, A]) ask(ctx context.Context, key string, question Q, call func(context.Context, []Q) (A, error)) (A, error) {
	r := j.join(ctx, key, question, call)
	select {
	case <-r.done:
		return r.answer, r.err
	case <-ctx.Done():
		j.leave(key, r)
		var nothing A
		return nothing, ctx.Err()
	}
}

// line is who is asking under one key: the round under way, and the one after it, if anybody waits for that. None is under way while others
// are waited for.
type line[Q, A any] struct {
	running, next *round[Q, A]
}

type round[Q, A any] struct {
	ctx       context.Context
	cancel    context.CancelFunc
	call      func(context.Context, []Q) (A, error)
	questions []Q
	waiting   int

	done   chan struct{} // closed when answer and err are set
	answer A
	err    error
}

func (j *joint[Q, A]) join(ctx context.Context, key string, question Q, call func(context.Context, []Q) (A, error)) *round[Q, A] {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.lines == nil {
		j.lines = map[string]*line[Q, A]{}
	}
	l := j.lines[key]
	if l == nil {
		if wait := max(j.gather, j.reserve(key)); wait > 0 {
			l = &line[Q, A]{}
			j.lines[key] = l
			time.AfterFunc(wait, func() { j.start(key) })
		}
	}
	if l == nil {
		// Nobody is asking: the call starts now, with this question alone.
		r := newRound(ctx, call)
		r.add(question)
		j.lines[key] = &line[Q, A]{running: r}
		go j.run(key, r)
		return r
	}
	if l.next == nil {
		l.next = newRound(ctx, call)
	}
	l.next.add(question)
	return l.next
}

func newRound[Q, A any](ctx context.Context, call func(context.Context, []Q) (A, error)) *round[Q, A] {
	r := &round[Q, A]{call: call, done: make(chan struct{})}
	r.ctx, r.cancel = context.WithCancel(context.WithoutCancel(ctx))
	return r
}

func (r *round[Q, A]) add(question Q) {
	r.questions = append(r.questions, question)
	r.waiting++
}

// reserve takes the next place for a call under a key. It answers how long that is away. The lock is held.
func (j *joint[Q, A]) reserve(key string) (wait time.Duration) {
	if j.most != nil {
		if j.paces == nil {
			j.paces = map[string]*pace.Pace{}
		}
		if j.paces[key] == nil {
			j.paces[key] = j.most()
		}
		wait = j.paces[key].Reserve()
	}
	if j.all != nil {
		wait = max(wait, j.all.Reserve())
	}
	return wait
}

// run does one round and lets the next begin.
func (j *joint[Q, A]) run(key string, r *round[Q, A]) {
	r.answer, r.err = r.call(r.ctx, r.questions)
	r.cancel()
	close(r.done)
	j.proceed(key)
}

// proceed lets the round of those who wait begin, if there are any, as soon as it may.
func (j *joint[Q, A]) proceed(key string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	l := j.lines[key]
	if l.running = nil; l.next == nil {
		delete(j.lines, key)
		return
	}
	if wait := j.reserve(key); wait > 0 {
		time.AfterFunc(wait, func() { j.start(key) })
		return
	}
	j.begin(key, l)
}

// start begins the round of those who wait, if there still are any.
func (j *joint[Q, A]) start(key string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	l := j.lines[key]
	if l.next == nil {
		delete(j.lines, key)
		return
	}
	j.begin(key, l)
}

// begin begins the next round of a line. The lock is held.
func (j *joint[Q, A]) begin(key string, l *line[Q, A]) {
	l.running, l.next = l.next, nil
	go j.run(key, l.running)
}

// leave takes a caller out of a round. One that nobody waits for is called off.
func (j *joint[Q, A]) leave(key string, r *round[Q, A]) {
	j.mu.Lock()
	defer j.mu.Unlock()
	r.waiting--
	if r.waiting > 0 {
		return
	}
	r.cancel()
	if l := j.lines[key]; l != nil && l.next == r {
		l.next = nil
	}
}
