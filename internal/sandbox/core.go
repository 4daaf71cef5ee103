package sandbox

import (
	"container/heap"
	"math/rand/v2"
	"sync"
	"time"
)

// core is what both halves of a world stand on: the clock and what is due, chance, the images, and what is to be noted of what happens.
// Everything in it happens under its lock, at a moment of its own clock and in order, and only when somebody looks: there is no
// goroutine behind it, so it runs as well in a test's bubble of virtual time as on a port. It knows neither of the halves.
type core struct {
	mu     sync.Mutex
	begun  time.Time // the machine's clock when the world began, to measure from
	start  time.Time // the same moment as the world's first
	speed  float64   // how many of the world's seconds pass in one of the machine's
	now    time.Time // the moment that is being lived through
	random *rand.Rand
	seed   uint64 // that of chance
	queue  events
	serial int64

	config   Config
	pictures pictures

	// mutated is set by changed while the effect of a call takes place.
	mutated bool

	faults  faults
	traffic traffic
	past    past
	// observe appends to the timeline what has changed since it was last called.
	observe func()
}

// Now is the world's time.
func (w *core) Now() time.Time {
	return w.present()
}

// locked brings the world up to the present and runs f in it.
func (w *core) locked(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.advance(w.present())
	f()
	w.observe()
}

// present is the world's time now.
func (w *core) present() time.Time {
	return w.start.Add(time.Duration(float64(time.Since(w.begun)) * w.speed))
}

// onMachine is how long a while of the world takes on the machine.
func (w *core) onMachine(d time.Duration) time.Duration {
	return time.Duration(float64(d) / w.speed)
}

// clock is the machine's time at the moment that is being lived through. Whoever asks what happened in a minute means one of these, however
// fast the world's own go by. What was before the world's beginning was as long ago on the machine.
func (w *core) clock() time.Time {
	since := w.now.Sub(w.start)
	if since > 0 {
		since = w.onMachine(since)
	}
	return w.start.Add(since)
}

// advance lives through everything that is due until then, in order.
func (w *core) advance(until time.Time) {
	for len(w.queue) > 0 && !w.queue[0].at.After(until) {
		e := heap.Pop(&w.queue).(event)
		w.now = e.at
		e.happen()
		w.observe()
	}
	w.now = until
}

// after lets something happen a while from the moment that is being lived through.
func (w *core) after(d time.Duration, happen func()) {
	w.serial++
	heap.Push(&w.queue, event{at: w.now.Add(d), serial: w.serial, happen: happen})
}

type event struct {
	at     time.Time
	serial int64 // first come, first served among what is due at the same moment
	happen func()
}

type events []event

func (q events) Len() int { return len(q) }
func (q events) Less(i, j int) bool {
	if !q[i].at.Equal(q[j].at) {
		return q[i].at.Before(q[j].at)
	}
	return q[i].serial < q[j].serial
}
func (q events) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *events) Push(x any)   { *q = append(*q, x.(event)) }
func (q *events) Pop() any {
	old := *q
	last := old[len(old)-1]
	old[len(old)-1] = event{} // what has happened must not be kept alive by the queue
	*q = old[:len(old)-1]
	return last
}
