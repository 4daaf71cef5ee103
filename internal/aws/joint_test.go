package aws

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/pace"
)

// slow is a call that takes a second and answers when it began.
func slow(calls *atomic.Int32) func(context.Context, []string) (time.Time, error) {
	return func(ctx context.Context, _ []string) (time.Time, error) {
		calls.Add(1)
		began := time.Now()
		select {
		case <-time.After(time.Second):
			return began, nil
		case <-ctx.Done():
			return began, ctx.Err()
		}
	}
}

func TestJointAnswersAreNeverOlderThanTheQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j joint[string, time.Time]
		var calls atomic.Int32
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				time.Sleep(time.Duration(i) * 25 * time.Millisecond) // over two and a half calls
				asked := time.Now()
				began, err := j.ask(t.Context(), "key", "", slow(&calls))
				if err != nil {
					t.Error(err)
				}
				if began.Before(asked) {
					t.Errorf("asked at %s, answered by a call of %s", asked, began)
				}
				if waited := time.Since(asked); waited > 2*time.Second {
					t.Errorf("waited %s for a call of a second", waited)
				}
			})
		}
		all.Wait()
		if n := calls.Load(); n != 4 {
			t.Errorf("%d calls for 100 questions, want 4: at 0 s, 1 s, 2 s and 3 s", n)
		}
		synctest.Wait()
		if len(j.lines) != 0 {
			t.Errorf("%d lines are left behind", len(j.lines))
		}
	})
}

func TestJointKeepsKeysApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j joint[string, time.Time]
		var calls atomic.Int32
		start := time.Now()
		var all sync.WaitGroup
		for _, key := range []string{"a", "b", "c"} {
			all.Go(func() { j.ask(t.Context(), key, "", slow(&calls)) })
		}
		all.Wait()
		if calls.Load() != 3 || time.Since(start) != time.Second {
			t.Errorf("%d calls in %s, want 3 at once", calls.Load(), time.Since(start))
		}
	})
}

func TestJointHandsOverAllQuestions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j joint[string, []string]
		echo := func(_ context.Context, asked []string) ([]string, error) {
			time.Sleep(time.Second)
			return asked, nil
		}
		go j.ask(t.Context(), "", "first", echo)
		synctest.Wait()
		var all sync.WaitGroup
		for _, q := range []string{"second", "third"} {
			all.Go(func() {
				answer, err := j.ask(t.Context(), "", q, echo)
				if err != nil || len(answer) != 2 {
					t.Errorf("%s was answered %v, %v", q, answer, err)
				}
			})
		}
		all.Wait()
	})
}

func TestJointCallLivesAsLongAsSomebodyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j joint[string, time.Time]
		var calls atomic.Int32
		impatient, cancel := context.WithCancel(t.Context())
		failed := make(chan error, 1)
		go func() {
			_, err := j.ask(impatient, "key", "", slow(&calls))
			failed <- err
		}()
		synctest.Wait()
		next := make(chan error, 1)
		go func() {
			_, err := j.ask(t.Context(), "key", "", slow(&calls))
			next <- err
		}()
		synctest.Wait()
		start := time.Now()
		cancel()
		if err := <-failed; !errors.Is(err, context.Canceled) {
			t.Errorf("who cancels gets %v", err)
		}
		if err := <-next; err != nil {
			t.Errorf("who still waits gets %v", err)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("the next call came after %s; the first should have been called off", took)
		}
	})
}

func TestJointForgetsARoundThatNobodyWaitsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j joint[string, time.Time]
		var calls atomic.Int32
		go j.ask(t.Context(), "key", "", slow(&calls))
		synctest.Wait()
		impatient, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		j.ask(impatient, "key", "", slow(&calls))
		// The round that was called off must not be what the next caller joins.
		if _, err := j.ask(t.Context(), "key", "", slow(&calls)); err != nil {
			t.Error(err)
		}
		if calls.Load() != 2 {
			t.Errorf("%d calls, want 2", calls.Load())
		}
	})
}

func TestJointOutlivesWhoBeganIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j joint[string, time.Time]
		var calls atomic.Int32
		go j.ask(t.Context(), "key", "", slow(&calls))
		synctest.Wait()
		impatient, cancel := context.WithCancel(t.Context())
		go j.ask(impatient, "key", "", slow(&calls))
		synctest.Wait()
		next := make(chan error, 1)
		go func() {
			_, err := j.ask(t.Context(), "key", "", slow(&calls))
			next <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-next; err != nil {
			t.Errorf("who shares a call with somebody who left gets %v", err)
		}
	})
}

// What is asked for under a key by many comes by time, and so does what is asked for under many keys; whoever is alone waits for nothing.
func TestJointCallsComeByTime(t *testing.T) {
	for _, test := range []struct {
		name         string
		askers, keys int
		most         int // calls within a minute
		longest      time.Duration
	}{
		{"alone", 1, 1, 60, 0},
		{"under one key", 100, 1, 10 + 60 + 1, 2 * time.Second},
		{"under as many keys", 100, 100, 30 + 60*8 + 1, 100 * time.Second / 8},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var calls atomic.Int32
				j := joint[string, time.Time]{
					most: func() *pace.Pace { return pace.New(mostHealth, healthEvery) },
					all:  pace.New(mostHealthOfAll, healthOfAllEvery),
				}
				began := time.Now()
				var all sync.WaitGroup
				for i := range test.askers {
					all.Go(func() {
						for time.Sleep(time.Duration(i) * 10 * time.Millisecond); time.Since(began) < time.Minute; time.Sleep(time.Second) {
							asked := time.Now()
							answered, err := j.ask(t.Context(), fmt.Sprint(i%test.keys), "", func(context.Context, []string) (time.Time, error) {
								if time.Since(began) < time.Minute {
									calls.Add(1)
								}
								return time.Now(), nil
							})
							if waited := time.Since(asked); err != nil || answered.Before(asked) || waited > test.longest {
								t.Errorf("asked at %s, answered at %s after %s, %v", asked, answered, waited, err)
							}
						}
					})
				}
				all.Wait()
				if n := int(calls.Load()); n > test.most {
					t.Errorf("%d calls in a minute, want %d at most", n, test.most)
				}
			})
		})
	}
}
