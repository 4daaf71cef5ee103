// Package outbox hands things on in the background: whoever has something puts it in and goes on at once, and one goroutine hands it on, in
// order. The goroutine is there only while there is something to hand on. An outbox is bounded: what is put into one that is full is dropped,
// so that nothing which hangs behind it keeps anybody waiting or takes memory without end.
package outbox

import "sync"

// Outbox takes things from many goroutines.
type Outbox[T any] struct {
	most   int
	handOn func(T)

	mu        sync.Mutex
	waiting   []T
	working   bool
	put, done uint64 // how many were taken, and handed on, in all
	flushes   []flush
}

// flush is somebody who waits until as many were handed on.
type flush struct {
	upTo uint64
	over chan struct{}
}

// New is an outbox in which as many things as most may wait, beside the one that is being handed on. handOn is called for one after the
// other, never for two at a time.
func New[T any](most int, handOn func(T)) *Outbox[T] {
	return &Outbox[T]{most: most, handOn: handOn}
}

// Put takes a thing to hand on, and never waits. It is false where too many wait already, and the thing is dropped.
func (o *Outbox[T]) Put(thing T) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.waiting) >= o.most {
		return false
	}
	o.put++
	o.waiting = append(o.waiting, thing)
	if !o.working {
		o.working = true
		go o.work()
	}
	return true
}

// Flushed is closed when all that has been put in until now was handed on.
func (o *Outbox[T]) Flushed() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	f := flush{upTo: o.put, over: make(chan struct{})}
	if o.done >= f.upTo {
		close(f.over)
	} else {
		o.flushes = append(o.flushes, f)
	}
	return f.over
}

// work hands on until there is nothing left.
func (o *Outbox[T]) work() {
	for {
		thing, there := o.next()
		if !there {
			return
		}
		o.handOn(thing)
		o.handedOn()
	}
}

func (o *Outbox[T]) next() (thing T, there bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.waiting) == 0 {
		o.waiting, o.working = nil, false
		return thing, false
	}
	thing, o.waiting = o.waiting[0], o.waiting[1:]
	return thing, true
}

func (o *Outbox[T]) handedOn() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.done++
	for len(o.flushes) > 0 && o.flushes[0].upTo <= o.done {
		close(o.flushes[0].over)
		o.flushes = o.flushes[1:]
	}
}
