package sandbox

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"time"
)

// World is the state of the pretend clouds: a core, and on it a half for each cloud, which know of each other what seam.go says. Here are
// what a world is made of, faults, and what judges read. All exported methods may be used by many at once.
type World struct {
	*core
	*spotHalf
	*awsHalf

	hooks hooks
	// calls are what judges read; see journal.go.
	seq   int
	calls []Call
}

// Option is a choice in making a world that is not part of the world itself.
type Option func(*World)

// Seed makes chance fall as it did in another world of the same seed. The default is 1.
func Seed(seed uint64) Option {
	return func(w *World) { w.seed, w.random = seed, rand.New(rand.NewPCG(seed, 0x5eed)) }
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
	c := &core{begun: time.Now(), speed: 1, config: config.complete()}
	w := &World{core: c, spotHalf: &spotHalf{core: c}, awsHalf: &awsHalf{core: c}}
	w.spotHalf.elb, w.awsHalf.ec2 = w.awsHalf, w.spotHalf
	c.observe = w.note
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

// Client is an HTTP client on the world, without sockets. See Transport.
func (w *World) Client() *http.Client {
	return &http.Client{Transport: w.Transport()}
}
