package runner

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// glancing are the glances of a wait for what takes a while: how many, and how late the last one is. It never sleeps past its deadline.
func glancing(t *testing.T, next func(*waitTracker, time.Time) time.Duration, expected, takes time.Duration) (n int, late time.Duration) {
	t.Helper()
	var w waitTracker
	s := rollout.Step{Kind: rollout.AwaitHealthy, Part: rollout.Deploy, Group: rollout.Group{ID: "sig-2"}}
	w.begins(s)
	w.expected = expected
	deadline := w.since.Add(time.Hour)
	for time.Since(w.since) < takes {
		wait := next(&w, deadline)
		if wait > time.Until(deadline) || wait <= 0 {
			t.Fatalf("the %d. glance comes after %s, %s before the deadline", n+1, wait, time.Until(deadline))
		}
		time.Sleep(wait)
		if n++; w.begins(s) {
			t.Fatal("the same wait begins twice")
		}
	}
	return n, time.Since(w.since) - takes
}

// paces are for how long what is expected to take a while does take, how late that is noticed at the most, and by how many glances.
var paces = []struct {
	name            string
	expected, takes time.Duration
	late            time.Duration
	glances         int
}{
	{"nothing is known", 0, 95 * time.Second, 6 * time.Second, 27},
	{"nothing is known, and it is quick", 0, 4 * time.Second, 3 * time.Second, 4},
	{"as ever", 95 * time.Second, 96 * time.Second, 2 * time.Second, 11},
	{"as ever, and long", 10 * time.Minute, 10 * time.Minute, 13 * time.Second, 14},
	{"long, and all at once quick", 10 * time.Minute, 90 * time.Second, 31 * time.Second, 2},
	{"as ever, and quick", 8 * time.Second, 8 * time.Second, time.Second, 8},
	{"a little sooner", 95 * time.Second, 80 * time.Second, 11 * time.Second, 3},
	{"at half the time", 95 * time.Second, 40 * time.Second, 8 * time.Second, 1},
	{"a little later", 95 * time.Second, 110 * time.Second, 7 * time.Second, 16},
	{"much later", 95 * time.Second, 10 * time.Minute, 12 * time.Second, 70},
}

// tooLate says which of the paces a way to wait does not keep.
func tooLate(t *testing.T, next func(*waitTracker, time.Time) time.Duration) (said []string) {
	t.Helper()
	for _, p := range paces {
		synctest.Test(t, func(t *testing.T) {
			if n, late := glancing(t, next, p.expected, p.takes); late > p.late || n > p.glances {
				said = append(said, fmt.Sprintf("%s: noticed %s late, by %d glances", p.name, late, n))
			}
		})
	}
	return said
}

func TestAWaitGlancesCloseAroundWhatIsExpectedAndSeldomBefore(t *testing.T) {
	for _, said := range tooLate(t, (*waitTracker).next) {
		t.Error(said)
	}
	synctest.Test(t, func(t *testing.T) {
		w := waitTracker{since: time.Now(), interval: firstLook, expected: 10 * time.Minute}
		if wait := w.next(time.Now().Add(time.Minute)); wait != time.Minute {
			t.Errorf("it sleeps for %s, and the deadline is in a minute", wait)
		}
		s := rollout.Step{Kind: rollout.AwaitHealthy, Part: rollout.Deploy, Group: rollout.Group{ID: "sig-2"}}
		w.begins(s)
		if s.Phase = 2; !w.begins(s) || w.expected != 0 {
			t.Error("another wait goes on where the one before was")
		}
		if w.over(); w.what != "" {
			t.Error("it waits still")
		}
	})
}

// Waits that grow whatever is known, as they once did, come late, and one that glances every second comes often.
func TestAWaitThatDoesNotKnowWhenToLookNotices(t *testing.T) {
	t.Log("promise: what is waited for is noticed soon, by few calls")
	growing := func(w *waitTracker, latest time.Time) time.Duration {
		wait := min(w.interval, time.Until(latest))
		w.interval = min(w.interval*3/2, lastLook)
		return wait
	}
	always := func(*waitTracker, time.Time) time.Duration { return time.Second }
	for _, broken := range []func(*waitTracker, time.Time) time.Duration{growing, always} {
		if len(tooLate(t, broken)) == 0 {
			t.Error("nobody notices")
		}
	}
}

func TestAWaitTeachesHowLongItTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := New(Config{MinHealthyTime: 30 * time.Second, HealthyTimeout: time.Hour})
		grown := rollout.Group{ID: "sig-2", Capacity: rollout.Pin(4)}
		awaits := rollout.Step{Kind: rollout.AwaitHealthy, Part: rollout.Deploy, Group: grown, Count: 4}
		next := rollout.Step{Kind: rollout.Resize, Group: grown, Capacity: rollout.Pin(8)}
		for _, c := range []struct {
			name     string
			sized    bool
			counts   bool
			service  int
			next     rollout.Step
			want     time.Duration
			presumed time.Duration
		}{
			{"all come into service", true, true, 4, next, 60 * time.Second, 0},
			{"it was not this run that made it grow", false, true, 4, next, 7, 7},
			{"not all come", true, true, 3, next, 7, 7},
			{"it waits still", true, true, 3, awaits, 7, 7},
			{"nobody has counted", true, false, 4, next, 7, 7},
		} {
			r.wait, r.lasted = waitTracker{}, lastedTracker{Timings: Timings{InService: c.presumed}}
			if c.sized {
				r.lasted.sizes(rollout.Step{Kind: rollout.Resize, Group: rollout.Group{ID: "sig-2"}, Capacity: rollout.Pin(4)})
			}
			r.wait.begins(awaits)
			r.wait.step, r.wait.whole = awaits, r.lasted.begunWith(awaits)
			time.Sleep(90 * time.Second)
			r.counts = c.counts
			seen := grown
			seen.InService = c.service
			r.learn(c.next, rollout.World{Groups: []rollout.Group{seen}})
			if got := r.Learnt().InService; got != c.want {
				t.Errorf("%s: it takes %s to come into service, want %s", c.name, got, c.want)
			}
		}
	})
}

func TestABakeIsOverWhenItsTimeIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bakeTracker
		s := rollout.Step{Kind: rollout.Bake, Phase: 1, Time: 5 * time.Minute, Group: rollout.Group{ID: "sig-2"}}
		if b.bakes("sig-2") {
			t.Error("it bakes before it has begun")
		}
		if !b.begins(s) || b.begins(s) {
			t.Error("a bake begins once")
		}
		time.Sleep(4 * time.Minute)
		if left := b.left(s); left != time.Minute || !b.bakes("sig-2") || b.bakes("sig-3") || b.baked != 0 {
			t.Errorf("%s are left of it, baked: %d", left, b.baked)
		}
		time.Sleep(2 * time.Minute)
		if left := b.left(s); left != 0 || !b.bakes("sig-2") || b.baked != 0 {
			t.Errorf("%s are left of it, baked: %d, before everything is known", left, b.baked)
		}
		if b.over(); b.bakes("sig-2") || b.baked != 1 {
			t.Errorf("baked: %d", b.baked)
		}
		s.Phase = 2
		if !b.begins(s) || b.baked != 0 || b.left(s) != s.Time {
			t.Error("the next bake is not sat out whole")
		}
	})
}

func TestRoutesStandFromTheirLastChangeOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tr trafficTracker
		to := func(group string) rollout.World {
			return rollout.World{Routes: []rollout.Route{{RoutePair: rollout.RoutePair{ProductionARN: "listener"}, Production: rollout.Forward{{TargetGroup: group, Weight: 1}}}}}
		}
		blue, green := to("blue"), to("green")
		if tr.standing(nil, blue) != 0 {
			t.Error("what is seen for the first time has stood")
		}
		time.Sleep(minute)
		if stood := tr.standing(&blue, blue); stood != minute {
			t.Errorf("it has stood for %s", stood)
		}
		if stood := tr.standing(&blue, green); stood != 0 {
			t.Errorf("what someone else has changed has stood for %s", stood)
		}
		time.Sleep(minute)
		tr.begins()
		tr.changes()
		if stood := tr.standing(&green, green); stood != 0 || tr.unmoved {
			t.Errorf("what the run has changed has stood for %s, unmoved: %t", stood, tr.unmoved)
		}
		if tr.begins(); !tr.unmoved {
			t.Error("a rollout that begins has moved something")
		}
	})
}
