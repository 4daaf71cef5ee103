package spot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// slowList answers every list after a second, with a group named after the moment when the call began.
func slowList(most *atomic.Int32) *api {
	var now atomic.Int32
	return &api{answer: func(r *http.Request, _ int) (*http.Response, error) {
		most.Store(max(most.Load(), now.Add(1)))
		defer now.Add(-1)
		name := fmt.Sprint(time.Now().UnixMilli())
		select {
		case <-time.After(time.Second):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
		return items(group("sig-1", name, ""))(r)
	}}
}

func TestListsAreSharedAndNeverOlderThanTheQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var most atomic.Int32
		a := slowList(&most)
		c := newClient(t, a, 0)
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				time.Sleep(time.Duration(i) * 50 * time.Millisecond)
				question := time.Now().UnixMilli()
				groups, err := c.Groups(background)
				if err != nil {
					t.Error(err)
					return
				}
				var answered int64
				_, _ = fmt.Sscan(groups[0].Name, &answered)
				if answered < question {
					t.Errorf("the question of %d got an answer of %d", question, answered)
				}
				if waited := time.Now().UnixMilli() - question; waited > 2000 {
					t.Errorf("it took %d ms", waited)
				}
				mine := groups[0].Clone()
				mine.Tags["team"] = "mine" // nobody else may see this
				if groups[0].Tags["team"] == "mine" {
					t.Error("a clone shares its tags")
				}
			})
		}
		all.Wait()
		// Five seconds of questions, a second a call: one after the other.
		if n := len(a.asked()); most.Load() != 1 || n > 7 || n < 5 {
			t.Errorf("%d calls, %d at a time", n, most.Load())
		}
	})
}

// However many rollouts ask, lists come by time; whoever is alone waits for none.
func TestListsOfManyComeByTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		list := items(group("sig-1", "web__1", ""))
		a := &api{answer: func(r *http.Request, _ int) (*http.Response, error) { return list(r) }}
		c := newClient(t, a, 0)
		begun := time.Now()
		for range mostLists {
			if _, err := c.Groups(background); err != nil {
				t.Fatal(err)
			}
		}
		if waited := time.Since(begun); waited > 0 {
			t.Errorf("who is alone waits %s", waited)
		}
		time.Sleep(time.Hour)
		var all sync.WaitGroup
		asked := len(a.asked())
		for i := range 100 {
			all.Go(func() {
				ctx, over := runner.InRun(background)
				defer over()
				for time.Sleep(time.Duration(i) * 10 * time.Millisecond); time.Since(begun) < time.Hour+time.Minute; time.Sleep(time.Second) {
					question := time.Now()
					if _, err := c.Groups(ctx); err != nil || time.Since(question) > 2*listEvery {
						t.Errorf("after %s: %v", time.Since(question), err)
					}
				}
			})
		}
		all.Wait()
		if n, most := len(a.asked())-asked, mostLists+int(time.Minute/listEvery); n > most+1 {
			t.Errorf("%d lists in a minute, want %d at most", n, most)
		}
	})
}

// Rollouts that began together go on together: each has a list after each of its changes, and they need no more of them than one would.
func TestRolloutsThatGoTogetherHaveTheSameLists(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		list := items(group("sig-1", "web__1", ""))
		a := &api{answer: func(r *http.Request, _ int) (*http.Response, error) { return list(r) }}
		c := newClient(t, a, 0)
		var all sync.WaitGroup
		const rollouts, changes = 20, 6
		for i := range rollouts {
			all.Go(func() {
				ctx, over := runner.InRun(background)
				defer over()
				time.Sleep(time.Duration(i) * 7 * time.Millisecond)
				for range changes {
					time.Sleep(300 * time.Millisecond) // so long does a change take
					question := time.Now()
					if _, err := c.Groups(ctx); err != nil || time.Since(question) > 2*listApart {
						t.Errorf("after %s: %v", time.Since(question), err)
					}
				}
			})
		}
		all.Wait()
		if n := len(a.asked()); n > changes+2 {
			t.Errorf("%d lists for %d looks of %d rollouts", n, changes, rollouts)
		}
	})
}

func TestWhoGivesUpTakesNobodyAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var most atomic.Int32
		a := slowList(&most)
		c := newClient(t, a, 0)
		var all sync.WaitGroup
		ctx, cancel := context.WithTimeout(background, 500*time.Millisecond)
		defer cancel()
		all.Go(func() { // alone in the first call
			if _, err := c.Groups(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		})
		synctest.Wait()
		second, stop := context.WithTimeout(background, 700*time.Millisecond)
		defer stop()
		all.Go(func() { // first in the second call
			if _, err := c.Groups(second); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		})
		synctest.Wait()
		all.Go(func() {
			if _, err := c.Groups(background); err != nil {
				t.Error(err)
			}
		})
		all.Wait()
		if n := len(a.asked()); n != 2 {
			t.Errorf("%d calls", n)
		}
	})
}

func TestWhoComesAfterOneWhoGaveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var most atomic.Int32
		a := slowList(&most)
		c := newClient(t, a, 0)
		var all sync.WaitGroup
		all.Go(func() { _, _ = c.Groups(background) })
		synctest.Wait()
		_, _ = c.Groups(expired(t, 300*time.Millisecond)) // alone in the second call
		if _, err := c.Groups(background); err != nil {
			t.Error(err)
		}
		all.Wait()
		if n := len(a.asked()); n != 2 {
			t.Errorf("%d calls", n)
		}
	})
}

func TestNobodyLeftMeansNoCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var most atomic.Int32
		a := slowList(&most)
		c := newClient(t, a, 0)
		var all sync.WaitGroup
		all.Go(func() { _, _ = c.Groups(background) })
		synctest.Wait()
		if _, err := c.Groups(expired(t, 300*time.Millisecond)); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		all.Wait()
		time.Sleep(time.Minute)
		if n := len(a.asked()); n != 1 {
			t.Errorf("%d calls", n)
		}
		ended, cancel := context.WithCancel(background)
		cancel()
		if _, err := c.Groups(ended); !errors.Is(err, context.Canceled) || len(a.asked()) != 1 {
			t.Errorf("%v", err)
		}
	})
}

func TestAListThatFailedIsAskedAgain(t *testing.T) {
	c := newClient(t, says(faultsOf(400, "X", "no"), items(group("sig-1", "web", ""))), 0)
	if _, err := c.Groups(background); err == nil {
		t.Error("it passed")
	}
	if groups, err := c.Groups(background); err != nil || len(groups) != 1 {
		t.Error(groups, err)
	}
}

// While Terraform plans, one list serves everybody once, whenever they ask. A second question of the same asker, a change by this client
// and time bring a new one, and a rollout never gets a held one.
func TestOneListServesAPlan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var most atomic.Int32
		a := slowList(&most)
		c := newClient(t, a, 0)
		lists := func() (n int) {
			for _, r := range a.asked() {
				if r.method == http.MethodGet {
					n++
				}
			}
			return n
		}
		ask := func(who string) {
			ctx := background
			if who != "" {
				ctx = runner.AskedBy(background, who)
			}
			if groups, err := c.Groups(ctx); err != nil || len(groups) != 1 {
				t.Errorf("%s: %v, %v", who, groups, err)
			} else {
				groups[0].Clone().Tags["team"] = who // nobody else may see this
			}
		}
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				time.Sleep(time.Duration(i) * 50 * time.Millisecond)
				ask(fmt.Sprint("reading ", i))
				time.Sleep(time.Duration(i%7) * time.Second)
				ask(fmt.Sprint("planning ", i))
			})
		}
		all.Wait()
		if n := lists(); n != 1 {
			t.Errorf("100 plans took %d lists", n)
		}
		for _, step := range []struct {
			what   string
			before func()
			who    string
			more   int
		}{
			{"the same asker once more", func() {}, "planning 1", 1},
			{"another one", func() {}, "reading 1", 0},
			{"a rollout", func() {}, "", 1},
			{"after a rollout asked", func() {}, "planning 2", 1},
			{"after a change", func() { _ = c.Resize(background, "sig-1", rollout.Capacity{}) }, "planning 3", 1},
			{"after a while", func() { time.Sleep(holding + time.Second) }, "planning 4", 1},
		} {
			step.before()
			had := lists()
			if ask(step.who); lists()-had != step.more {
				t.Errorf("%s: %d lists, want %d", step.what, lists()-had, step.more)
			}
		}
	})
}

// A list that was under way when the client changed something serves nobody afterwards.
func TestNoListIsHeldOverAChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var most atomic.Int32
		a := slowList(&most)
		c := newClient(t, a, 0)
		var all sync.WaitGroup
		all.Go(func() { _, _ = c.Groups(background) })
		synctest.Wait()
		_ = c.Resize(background, "sig-1", rollout.Capacity{})
		all.Wait()
		began := time.Now()
		if _, err := c.Groups(runner.AskedBy(background, "planning web")); err != nil {
			t.Fatal(err)
		}
		if time.Since(began) < time.Second {
			t.Error("it was answered by a list from before the change")
		}
	})
}

// Who plans does not share the end of a list that everybody else has given up.
func TestWhoPlansJoinsNoListThatWasGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var most atomic.Int32
		a := slowList(&most)
		// A call that takes a moment to notice that it was given up.
		answer := a.answer
		a.answer = func(r *http.Request, n int) (*http.Response, error) {
			resp, err := answer(r, n)
			if r.Context().Err() != nil {
				time.Sleep(500 * time.Millisecond)
			}
			return resp, err
		}
		c := newClient(t, a, 0)
		ctx, cancel := context.WithCancel(runner.AskedBy(background, "reading web"))
		var all sync.WaitGroup
		all.Go(func() { _, _ = c.Groups(ctx) })
		synctest.Wait()
		cancel()
		synctest.Wait()
		if _, err := c.Groups(runner.AskedBy(background, "reading api")); err != nil {
			t.Error(err)
		}
		all.Wait()
	})
}
