package aws

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// batch lets all who ask about things by their names share calls that take many names, one call after the other (see joint): a hundred
// rollouts that ask at the same time are answered by as many calls as the API's own limit makes necessary.
//
// One name that does not exist fails AWS's call for all, so that each is asked about alone then, and hears what is said of it alone.
//
// Where that is wanted, an answer is kept for a moment for whoever asks while Terraform plans or begins to apply (runner.AskedBy), each of
// them once: the plan and the apply of a deployment follow each other within milliseconds, and a workspace's deployments have images and
// balancers in common. Where a hundred deployments have a target group each, they have no name in common, and ask one after the other as
// Terraform comes to them: who has heard a few of them lists what there is, and keeps it for the others. The zero batch is ready for use, and
// must not be copied.
type batch[A any] struct {
	joint joint[string, map[string]answerTo[A]]

	mu   sync.Mutex
	kept map[string]*keptAnswer[A]
	// byName is when names were asked about since the last list.
	byName map[string]time.Time
	// listing is closed when the list that is being read has been; nil while none is.
	listing chan struct{}
	// unlisted is whether none is read again: there is more than is read of one, or it was not answered.
	unlisted bool
}

// reusableFor is for how long what was answered to one serves others that plan.
const reusableFor = 5 * time.Second

// gatherNames is for how long the first who asks about a name waits for others: as long as Terraform takes to come to a few resources, and far less than a
// plan takes.
const gatherNames = 25 * time.Millisecond

// fewNames is how many names are asked about within reusableFor before all there are are listed: a deployment with a load balancer of several
// rules, or some of one, ask by name, which no other target group of the account makes slower.
const fewNames = 5

// listPages is how many pages of a list are read: with 400 to a page about half of the 3,000 target groups that an account may have in a
// region (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html).
const listPages = 4

// listFor is for how long a list is waited for: what is older when it arrives serves nobody for long, and calls by name may be answered that are no lists.
const listFor = reusableFor / 2

// answerTo is what was answered about one name.
type answerTo[A any] struct {
	answer A
	err    error
	begun  time.Time // when the call began that it came by, or before that
}

type keptAnswer[A any] struct {
	answer A
	begun  time.Time
	served map[string]bool // who had it
}

// question is how a batch asks.
type question[A any] struct {
	// most is how many names one call takes.
	most int
	// key is what calls are about that are not to wait for each other; "" for most.
	key string
	// reusable is whether the answer is kept for those who plan.
	reusable bool
	// doing says what is being done, to one name, for errors.
	doing func(name string) string
	// call asks about names. What it does not find of several it leaves out; asked about one, it says why there is no answer.
	call func(ctx context.Context, names []string) (map[string]A, error)
	// list answers about all there are, of listPages pages at the most, and whether those are all; nil where that costs more than names do. What
	// is not in it is asked about by name.
	list func(ctx context.Context) (found map[string]A, whole bool, err error)
}

// ask answers about one name. The answer is shared: callers do not change it.
func (b *batch[A]) ask(ctx context.Context, name string, q question[A]) (A, error) {
	who := ""
	if q.reusable {
		who = runner.Asker(ctx)
	}
	if answer, ok := b.reusableAnswer(name, who); ok {
		return answer, nil
	}
	if who == "" {
		q.list = nil // a rollout that asks needs no answer but its own
	} else if b.awaitList(ctx) {
		if answer, ok := b.reusableAnswer(name, who); ok {
			return answer, nil
		}
	}
	all, err := b.joint.ask(ctx, q.key, name, func(ctx context.Context, names []string) (map[string]answerTo[A], error) {
		slices.Sort(names)
		begun := time.Now()
		all := b.all(ctx, slices.Compact(names), q, begun)
		for name, of := range all {
			of.begun = begun
			all[name] = of
		}
		return all, nil
	})
	if err != nil {
		var nothing A
		return nothing, err
	}
	if of := all[name]; of.err == nil && q.reusable {
		b.keep(name, who, of.answer, of.begun)
	}
	return all[name].answer, all[name].err
}

// all answers about all names, from a list that begins now if they have become many.
func (b *batch[A]) all(ctx context.Context, names []string, q question[A], begun time.Time) map[string]answerTo[A] {
	if q.list == nil || !b.many(names) {
		return q.all(ctx, names)
	}
	short, stop := context.WithTimeout(ctx, listFor)
	found, whole, err := q.list(short)
	stop()
	if err != nil {
		b.keepListed(nil, ctx.Err() != nil, begun) // that nobody waits any more says nothing of lists
		return q.all(ctx, names)                   // which says why, if it is not answered either
	}
	has := func(name string) bool { _, ok := found[name]; return ok }
	b.keepListed(found, whole && slices.ContainsFunc(names, has), begun)
	rest := slices.DeleteFunc(slices.Clone(names), func(name string) bool { _, ok := found[name]; return ok })
	all := q.all(ctx, rest)
	for _, name := range names {
		if answer, ok := found[name]; ok {
			all[name] = answerTo[A]{answer: answer}
		}
	}
	return all
}

// many notes that names are asked about, and tells whether that makes more than a few of a moment, so that a list is to be read.
func (b *batch[A]) many(names []string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.unlisted || b.listing != nil {
		return false
	}
	if b.byName == nil {
		b.byName = map[string]time.Time{}
	}
	maps.DeleteFunc(b.byName, func(_ string, at time.Time) bool { return time.Since(at) > reusableFor })
	for _, name := range names {
		if b.kept[name] == nil { // else somebody asks anew, whom no list serves
			b.byName[name] = time.Now()
		}
	}
	if len(b.byName) <= fewNames {
		return false
	}
	b.listing = make(chan struct{})
	return true
}

// awaitList waits for the list that is being read, which may have what is asked for, and tells whether there was one.
func (b *batch[A]) awaitList(ctx context.Context) (waited bool) {
	b.mu.Lock()
	listing := b.listing
	b.mu.Unlock()
	if listing == nil {
		return false
	}
	select {
	case <-listing:
	case <-ctx.Done():
	}
	return true
}

// keepListed holds what was listed for others.
func (b *batch[A]) keepListed(found map[string]A, whole bool, begun time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.listing)
	b.listing = nil
	clear(b.byName)
	b.unlisted = !whole
	if b.kept == nil {
		b.kept = map[string]*keptAnswer[A]{}
	}
	for name, answer := range found {
		b.kept[name] = &keptAnswer[A]{answer, begun, map[string]bool{}}
	}
}

// all asks about all names, in as few calls as there may be.
func (q question[A]) all(ctx context.Context, names []string) map[string]answerTo[A] {
	all := make(map[string]answerTo[A], len(names))
	for some := range slices.Chunk(names, q.most) {
		found, err := q.call(ctx, some)
		alone := err == nil || ofOne(err)
		for _, name := range some {
			answer, ok := found[name]
			switch {
			case ok && err == nil:
				all[name] = answerTo[A]{answer: answer}
			case len(some) > 1 && alone:
				found, err := q.call(ctx, []string{name})
				all[name] = answerTo[A]{answer: found[name], err: err}
			default:
				all[name] = answerTo[A]{err: q.about(name, err)}
			}
		}
	}
	return all
}

// ofOne tells whether an error may be about one of several names.
func ofOne(err error) bool {
	return errors.Is(err, runner.ErrGone) || errors.Is(err, runner.ErrUnusable) || !errors.As(err, new(*Error))
}

// about is an error of a call that asked about several names, for who has asked about one.
func (q question[A]) about(name string, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	of := *e
	of.Doing = q.doing(name)
	return &of
}

// reusableAnswer is an answer that will do for somebody who plans, who is noted to have had it.
func (b *batch[A]) reusableAnswer(name, who string) (answer A, ok bool) {
	if who == "" {
		return answer, false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	maps.DeleteFunc(b.kept, func(_ string, k *keptAnswer[A]) bool { return time.Since(k.begun) > reusableFor })
	k := b.kept[name]
	if k == nil || k.served[who] {
		return answer, false
	}
	k.served[who] = true
	return k.answer, true
}

// keep holds an answer for others.
func (b *batch[A]) keep(name, who string, answer A, begun time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.kept == nil {
		b.kept = map[string]*keptAnswer[A]{}
	}
	if k := b.kept[name]; k != nil && !k.begun.Before(begun) {
		k.served[who] = true
		return
	}
	b.kept[name] = &keptAnswer[A]{answer, begun, map[string]bool{who: true}}
}
