package spot

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// strict is Spot's limit: so many calls of a route a window. A call while it is blocked is refused and starts the
// block anew.
type strict struct {
	window   time.Duration
	most     int
	mu       sync.Mutex
	recent   []time.Time
	blocked  time.Time // until when
	since    time.Time
	refused  int
	tooEarly int // calls made while blocked; one of the moment when the block began was under way already
}

func (s *strict) answer(r *http.Request, _ int) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for len(s.recent) > 0 && now.Sub(s.recent[0]) >= s.window {
		s.recent = s.recent[1:]
	}
	if now.Before(s.blocked) && now.After(s.since) {
		s.tooEarly++
	}
	if now.Before(s.blocked) || len(s.recent) >= s.most {
		s.refused++
		s.since = now
		s.blocked = now.Add(s.window)
		return reply(429, "", "X-RateLimit-Reset", fmt.Sprint(int(s.window.Seconds())))(nil)
	}
	s.recent = append(s.recent, now)
	return sound(r)
}

func TestNobodyAsksWhileARouteIsBlocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spot := &strict{window: time.Minute, most: 20}
		a := &api{answer: spot.answer}
		c := newClient(t, a, 10)
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				time.Sleep(time.Duration(i) * 300 * time.Millisecond)
				if _, err := c.Group(background, fmt.Sprintf("sig-%d", i)); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if spot.tooEarly > 0 {
			t.Errorf("%d calls were made while Spot blocked the route", spot.tooEarly)
		}
		if spot.refused == 0 {
			t.Error("Spot's limit was never reached, so nothing is proven")
		}
	})
}

func TestAfterABlockOneGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Blocked for two minutes, whatever it says of itself.
		started := time.Now()
		a := &api{answer: func(r *http.Request, n int) (*http.Response, error) {
			time.Sleep(200 * time.Millisecond)
			if time.Since(started) < 2*time.Minute {
				return reply(429, "", "X-RateLimit-Reset", "10")(r)
			}
			return sound(r)
		}}
		c := newClient(t, a, 100)
		_, _ = c.Group(expired(t, time.Second), "sig-1") // it meets the block, and gives up
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if _, err := c.Group(background, "sig-1"); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		// One call in each ten to twelve seconds of the two minutes, then everybody.
		if n := len(a.asked()); n > 13+50 || n < 50 {
			t.Errorf("%d calls were made", n)
		}
	})
}

func TestTheOneThatGoesFirstMayGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &api{answer: func(r *http.Request, n int) (*http.Response, error) {
			switch n {
			case 1:
				return reply(429, "", "X-RateLimit-Reset", "10")(r)
			case 2:
				return hangs(r)
			}
			time.Sleep(5 * time.Second)
			return sound(r)
		}}
		c := newClient(t, a, 5)
		var all sync.WaitGroup
		all.Go(func() { _, _ = c.Group(expired(t, 30*time.Second), "sig-1") })
		time.Sleep(20 * time.Second) // it has gone first by now, and hangs
		for range 3 {
			all.Go(func() {
				if _, err := c.Group(background, "sig-1"); err != nil {
					t.Error(err)
				}
			})
		}
		time.Sleep(12 * time.Second)
		if n := len(a.asked()); n != 3 {
			t.Errorf("%d calls were made, not the next one alone", n)
		}
		all.Wait()
		if n := len(a.asked()); n != 5 {
			t.Errorf("%d calls", n)
		}
	})
}

func TestACallThatWasUnderWayLiftsNoBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &api{answer: func(r *http.Request, n int) (*http.Response, error) {
			switch n {
			case 1: // asked before the block, answered within it
				time.Sleep(5 * time.Second)
			case 2:
				return reply(429, "", "X-RateLimit-Reset", "60")(r)
			}
			return sound(r)
		}}
		c := newClient(t, a, 0)
		var all sync.WaitGroup
		all.Go(func() { _, _ = c.Group(background, "sig-1") })
		synctest.Wait()
		if _, err := c.Group(background, "sig-1"); err == nil {
			t.Error("it was not refused")
		}
		all.Wait()
		started := time.Now()
		if _, err := c.Group(background, "sig-1"); err != nil || time.Since(started) < 55*time.Second {
			t.Errorf("after %s: %v", time.Since(started), err)
		}
	})
}

func TestRoutesAndMethodsAreBlockedApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &api{answer: func(r *http.Request, n int) (*http.Response, error) {
			if r.Method == http.MethodGet && n == 1 {
				return reply(429, "", "X-RateLimit-Reset", "50")(r)
			}
			return sound(r)
		}}
		c := newClient(t, a, 5)
		started := time.Now()
		var other time.Duration
		var all sync.WaitGroup
		all.Go(func() { _ = reading(background, c) })
		synctest.Wait()
		for _, do := range []func(context.Context, *Client) error{resizing, deleting, creating, looking} {
			if err := do(background, c); err != nil {
				t.Error(err)
			}
		}
		other = time.Since(started)
		same := func() time.Duration { _, _ = c.Group(background, "sig-2"); return time.Since(started) }()
		all.Wait()
		if other != 0 || same < 50*time.Second {
			t.Errorf("other routes took %s, the same one for another group %s", other, same)
		}
	})
}

func TestHowLongABlockIs(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"": defaultReset, "soon": defaultReset, "-3": defaultReset, "0": 0, "7": 7 * time.Second, "2.5": 2500 * time.Millisecond,
		"1790000000": longestReset, "NaN": defaultReset,
	} {
		got := resetOf(http.Header{"X-Ratelimit-Reset": {header}})
		if got < want+100*time.Millisecond || got > want+2100*time.Millisecond {
			t.Errorf("%q: %s", header, got)
		}
	}
}

// expired is a context that ends after a while.
func expired(t *testing.T, after time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(background, after)
	t.Cleanup(cancel)
	return ctx
}
