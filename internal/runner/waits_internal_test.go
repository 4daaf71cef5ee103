package runner

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

func TestAWaitLooksSoonAndThenLessOftenAndNeverPastItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w waitTracker
		s := rollout.Step{Kind: rollout.AwaitHealthy, Part: rollout.Deploy, Group: rollout.Group{ID: "sig-2"}}
		w.begins(s)
		began, deadline, last := w.since, time.Now().Add(10*time.Minute), time.Duration(0)
		for n := 0; time.Now().Before(deadline); n++ {
			wait := w.next(deadline)
			if n == 0 && wait > 2*firstLook || wait > lastLook*6/5 || wait > time.Until(deadline) || n < 5 && wait < last*8/10 {
				t.Errorf("the %d. look comes after %s, the one before after %s", n+1, wait, last)
			}
			if n > 100 {
				t.Fatal("it looks all the time")
			}
			last = wait
			time.Sleep(wait)
			w.begins(s) // the same wait goes on
		}
		if w.since != began {
			t.Error("the wait has begun anew")
		}
		other := s
		other.Phase = 2
		if w.begins(other); w.since == began || w.interval != firstLook {
			t.Error("another wait goes on where the one before was")
		}
		if w.over(); w.what != "" {
			t.Error("it waits still")
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
