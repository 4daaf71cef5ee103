package runner

import (
	"slices"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// A wait asks for what it waits for by glances, which are one call each, and looks at the whole world seldom. How long instances take to
// come into service, or to go, is much the same from phase to phase and from release to release: glances come seldom before that time,
// closely around it, and less often behind it. Where nobody knows it they come soon, and then every few seconds.
const (
	usualGlance = 5 * time.Second  // where nothing is expected
	lateGlance  = 10 * time.Second // long after the expected time
	rareGlance  = time.Minute      // long before it: who watches is told nothing older
	wholeLook   = 2 * time.Minute
	lookGrid    = 20 * time.Second // whole looks that are due within it come together, and share what they ask
)

// next is how long to wait until the next glance, which comes at the given time at the latest.
func (t *waitTracker) next(latest time.Time) time.Duration {
	near := max(t.expected/32, firstLook)
	var wait time.Duration
	switch elapsed := time.Since(t.since); {
	case t.expected <= 0:
		wait = jittered(t.interval)
		t.interval = min(t.interval*3/2, usualGlance)
	case elapsed < t.expected*49/100:
		wait = min(t.expected/2-elapsed, rareGlance) // another image may be much quicker
	case elapsed < t.expected*95/100:
		wait = min(t.expected*9/40, rareGlance, t.expected*95/100-elapsed)
	case elapsed < t.expected*106/100:
		wait, t.interval = near, near
	default:
		t.interval = min(t.interval*3/2, max(lateGlance, near))
		wait = jittered(t.interval)
	}
	return max(min(max(wait, firstLook), time.Until(latest)), 0)
}

// looksEvery is how often the world is looked at as a whole while a step waits. Alarms are read with that.
func (r *Run) looksEvery(s rollout.Step) time.Duration {
	if s.Part == rollout.Deploy && len(r.Deployment.Alarms) > 0 {
		return lastLook
	}
	return wholeLook
}

// nextLook is when the world is to be looked at as a whole, should the step wait until then.
func (r *Run) nextLook(s rollout.Step) time.Time {
	every := r.looksEvery(s)
	at := time.Now().Add(jittered(every))
	if every < wholeLook {
		return at
	}
	return at.Truncate(lookGrid).Add(lookGrid)
}

func earliest(first time.Time, others ...time.Time) time.Time {
	for _, t := range others {
		if !t.IsZero() && t.Before(first) {
			first = t
		}
	}
	return first
}

// Timings are how long waits of a deployment took. What is zero is not known. Nothing but the time of glances depends on them.
type Timings struct {
	// InService is from the order to grow until all instances are in service.
	InService time.Duration
	// Gone is from the order to shrink until the instances are gone.
	Gone time.Duration
}

// lastedTracker learns from each wait how long it took.
type lastedTracker struct {
	Timings
	sized   string    // the ID of the group that was sized last
	sizedAt time.Time // and when
}

// sizes is that a group is sized, which instances come or go for.
func (t *lastedTracker) sizes(s rollout.Step) {
	if s.Kind == rollout.Resize && s.Capacity.Target != s.Group.Capacity.Target {
		t.sized, t.sizedAt = s.Group.ID, time.Now()
	}
}

// begunWith tells whether a wait that begins now begins with the change that it waits for.
func (t *lastedTracker) begunWith(s rollout.Step) bool {
	return t.sized == s.Group.ID && time.Since(t.sizedAt) < 2*time.Second
}

// of is how long a wait is expected to take until instances are in service, or gone; 0 where nobody knows.
func (t *lastedTracker) of(s rollout.Step) time.Duration {
	if s.Kind == rollout.AwaitDrained {
		return t.Gone
	}
	return t.InService
}

// learn notes how long a wait took that a look finds over, from its beginning to its end.
func (r *Run) learn(next rollout.Step, w rollout.World) {
	was := r.wait.step
	if !r.wait.whole || waitShape(next) == r.wait.what || !r.counts {
		return
	}
	r.wait.whole = false
	took := time.Since(r.wait.since)
	for _, g := range w.Groups {
		switch {
		case g.ID != was.Group.ID:
		case was.Kind == rollout.AwaitHealthy && g.InService >= was.Count:
			r.lasted.InService = max(took-r.MinHealthyTime, 0)
		case was.Kind == rollout.AwaitDrained && g.Instances <= was.Count:
			r.lasted.Gone = took
		}
	}
}

// Learnt are how long waits took, in this run where it knows and in others before.
func (r *Run) Learnt() Timings { return r.lasted.Timings }

// steadyAt is when enough of what is in service of a group has been so for long enough, should it stay so; zero where it is not enough yet.
func (h *healthTracker) steadyAt(group string, count int, steadyAfter time.Duration) time.Time {
	var since []time.Time
	for id, unit := range h.serving[group] {
		if at, serves := h.since[id]; serves {
			since = append(since, slices.Repeat([]time.Time{at}, unit)...)
		}
	}
	if count < 1 || len(since) < count {
		return time.Time{}
	}
	slices.SortFunc(since, time.Time.Compare)
	if at := since[count-1].Add(steadyAfter); at.After(time.Now()) {
		return at
	}
	return time.Time{}
}
