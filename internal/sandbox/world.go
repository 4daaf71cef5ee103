package sandbox

import (
	"container/heap"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"
)

// World is the state of the pretend clouds. Everything in it happens at a moment of its own clock, in order, and only when
// somebody looks: there is no goroutine behind it, so it runs as well in a test's bubble of virtual time as on a port.
// All access goes through locked, which first lets happen what is due. All exported methods may be used by many at once.
type World struct {
	mu     sync.Mutex
	begun  time.Time // the machine's clock when the world began, to measure from
	start  time.Time // the same moment as the world's first
	speed  float64   // how many of the world's seconds pass in one of the machine's
	now    time.Time // the moment that is being lived through
	random *rand.Rand
	queue  events
	serial int64

	config   Config
	pictures pictures
	spot     spotState
	aws      awsState
	weather  weather

	faults faults
	hooks  hooks

	// mutated is set by changed while the effect of a call takes place.
	mutated bool

	// calls and past are what judges read; see journal.go and timeline.go.
	seq   int
	calls []Call
	past  past
}

// Option is a choice in making a world that is not part of the world itself.
type Option func(*World)

// Seed makes chance fall as it did in another world of the same seed. The default is 1.
func Seed(seed uint64) Option {
	return func(w *World) { w.random = rand.New(rand.NewPCG(seed, 0x5eed)) }
}

// Speed lets this many of the world's seconds pass in one of the machine's. The default is 1; it must be above 0.
func Speed(factor float64) Option {
	return func(w *World) { w.speed = factor }
}

// warmUp is how long before its start a world begins, so that the instances of the groups that it starts with have booted
// and passed their health checks.
const warmUp = 15 * time.Minute

// New makes a world. It panics on a configuration that Config.Check refuses.
func New(config Config, options ...Option) *World {
	w := &World{begun: time.Now(), speed: 1, config: config.complete()}
	w.config.Accounts = slices.Clone(w.config.Accounts) // tokens come and go
	if err := w.config.Check(); err != nil {
		panic("sandbox: " + err.Error())
	}
	Seed(1)(w)
	for _, o := range options {
		o(w)
	}
	w.start = w.begun.UTC().Round(0)
	w.now = w.start.Add(-warmUp)

	w.initImages()
	w.initSpot()
	w.initAWS(w.config.AWS)
	w.preload()
	w.advance(w.start)
	w.past = past{}
	w.touch()
	w.observe()
	return w
}

// Now is the world's time.
func (w *World) Now() time.Time {
	return w.present()
}

// Client is an HTTP client on the world, without sockets. See Transport.
func (w *World) Client() *http.Client {
	return &http.Client{Transport: w.Transport()}
}

// locked brings the world up to the present and runs f in it.
func (w *World) locked(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.advance(w.present())
	f()
	w.observe()
}

// present is the world's time now.
func (w *World) present() time.Time {
	return w.start.Add(time.Duration(float64(time.Since(w.begun)) * w.speed))
}

// onMachine is how long a while of the world takes on the machine.
func (w *World) onMachine(d time.Duration) time.Duration {
	return time.Duration(float64(d) / w.speed)
}

// advance lives through everything that is due until then, in order.
func (w *World) advance(until time.Time) {
	for len(w.queue) > 0 && !w.queue[0].at.After(until) {
		e := heap.Pop(&w.queue).(event)
		w.now = e.at
		e.happen()
		w.observe()
	}
	w.now = until
}

// after lets something happen a while from the moment that is being lived through.
func (w *World) after(d time.Duration, happen func()) {
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
