package aws

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// register answers about names of the form "N" with N names long words, and says of "gone" that it is not there.
type register struct {
	mu    sync.Mutex
	calls [][]string
	err   error
}

func (r *register) asks() int { r.mu.Lock(); defer r.mu.Unlock(); return len(r.calls) }

func (r *register) question() question[string] {
	return question[string]{most: 20, reusable: true, doing: func(name string) string { return "reading " + name },
		call: func(_ context.Context, names []string) (map[string]string, error) {
			r.mu.Lock()
			r.calls = append(r.calls, names)
			r.mu.Unlock()
			time.Sleep(time.Second / 10)
			found := map[string]string{}
			for _, name := range names {
				if name == "gone" {
					return nil, &Error{Doing: "reading " + strings.Join(names, ", "), Code: "InvalidAMIID.NotFound"}
				}
				found[name] = "word on " + name
			}
			if r.err != nil {
				return nil, r.err
			}
			return found, nil
		}}
}

// asked asks about all names at the same time, and hears of each.
func asked(t *testing.T, b *batch[string], q question[string], names ...string) map[string]error {
	t.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	said := map[string]error{}
	for _, name := range names {
		all.Go(func() {
			answer, err := b.ask(t.Context(), name, q)
			if err == nil && answer != "word on "+name {
				t.Errorf("of %s it is said: %q", name, answer)
			}
			mu.Lock()
			defer mu.Unlock()
			said[name] = err
		})
	}
	all.Wait()
	return said
}

func hundred() []string {
	names := make([]string, 100)
	for i := range names {
		names[i] = fmt.Sprint(i)
	}
	return names
}

func TestBatchAsksForManyByOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r register
		var b batch[string]
		for name, err := range asked(t, &b, r.question(), hundred()...) {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := r.asks(); n > 6 {
			t.Errorf("%d calls of 20 names for 100", n)
		}
	})
}

func TestBatchSaysOfOneThatItIsGoneAndOfTheOthersThatTheyAreThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r register
		var b batch[string]
		for name, err := range asked(t, &b, r.question(), append(hundred(), "gone")...) {
			if gone := name == "gone"; errors.Is(err, runner.ErrGone) != gone || gone && !strings.HasPrefix(err.Error(), "reading gone:") {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// A refusal is for all, and is said to each in his own words, without asking for each alone.
func TestBatchThatIsRefusedIsNotAskedOneByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := register{err: &Error{Doing: "reading many", Code: "UnauthorizedOperation", Message: "no"}}
		var b batch[string]
		for name, err := range asked(t, &b, r.question(), hundred()...) {
			if !Denied(err) || !strings.HasPrefix(err.Error(), "reading "+name+":") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := r.asks(); n > 6 {
			t.Errorf("%d calls that are refused", n)
		}
	})
}

// While Terraform plans, what others were answered a moment ago will do, once for each who asks, and for nobody else.
func TestBatchHoldsWhatOthersWhoPlanWereAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r register
		var b batch[string]
		planning, applying := runner.AskedBy(t.Context(), "planning web"), runner.AskedBy(t.Context(), "applying web")
		for i, c := range []struct {
			name  string
			after time.Duration
			ctx   context.Context
			calls int
		}{
			{"the first who plans", 0, planning, 1},
			{"who applies then", time.Second, applying, 1},
			{"he again", 0, applying, 2},
			{"who plans, again, by what was answered since", 0, planning, 2},
			{"a rollout", 0, t.Context(), 3},
			{"somebody later", 6 * time.Second, runner.AskedBy(t.Context(), "planning api"), 4},
		} {
			time.Sleep(c.after)
			if _, err := b.ask(c.ctx, "1", r.question()); err != nil || r.asks() != c.calls {
				t.Fatalf("%d. %s: %d calls, want %d: %v", i+1, c.name, r.asks(), c.calls, err)
			}
		}
	})
}

// directory is a register that can be listed: all of a hundred names but those that are left out of it.
type directory struct {
	register
	without map[string]bool
	whole   bool
	refused error
	lists   int
}

func (d *directory) question() question[string] {
	q := d.register.question()
	q.list = func(context.Context) (map[string]string, bool, error) {
		d.mu.Lock()
		d.lists++
		d.mu.Unlock()
		time.Sleep(time.Second / 10)
		if d.refused != nil {
			return nil, false, d.refused
		}
		found := map[string]string{}
		for _, name := range hundred() {
			if !d.without[name] {
				found[name] = "word on " + name
			}
		}
		return found, d.whole, nil
	}
	return q
}

// planned asks about each name for a deployment of its own, which Terraform comes to some milliseconds after the last.
func planned(t *testing.T, b *batch[string], q question[string], names ...string) {
	t.Helper()
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() {
			time.Sleep(time.Duration(i) * 7 * time.Millisecond)
			answer, err := b.ask(runner.AskedBy(t.Context(), "planning "+name), name, q)
			if name == "gone" {
				if !errors.Is(err, runner.ErrGone) {
					t.Errorf("of what is gone it is said: %q, %v", answer, err)
				}
			} else if err != nil || answer != "word on "+name {
				t.Errorf("of %s it is said: %q, %v", name, answer, err)
			}
		})
	}
	all.Wait()
}

func TestBatchListsWhatThereIsForManyWhoPlan(t *testing.T) {
	for _, c := range []struct {
		name           string
		directory      *directory
		names          []string
		byName, listed int // calls
	}{
		{"a few ask by name", &directory{whole: true}, hundred()[:5], 5, 0},
		{"a hundred", &directory{whole: true}, hundred(), 1, 1},
		{"one is not in the list", &directory{whole: true, without: map[string]bool{"50": true}}, hundred(), 5, 1},
		{"one is nowhere", &directory{whole: true}, append(hundred(), "gone"), 5, 1},
		{"a list that is refused", &directory{refused: &Error{Code: "AccessDenied"}}, hundred(), 12, 1},
		{"a list that has no end is read once", &directory{without: map[string]bool{"90": true, "91": true, "92": true, "99": true}}, hundred(), 6, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := batch[string]{joint: joint[string, map[string]answerTo[string]]{gather: gatherNames}}
				planned(t, &b, c.directory.question(), c.names...)
				if c.directory.asks() > c.byName || c.directory.lists > c.listed {
					t.Errorf("%d calls by name and %d lists; want %d and %d at the most", c.directory.asks(), c.directory.lists, c.byName, c.listed)
				}
			})
		})
	}
}

// What was listed is held as what was asked for: once for each who asks, for a moment.
func TestBatchHoldsWhatWasListed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &directory{whole: true}
		var b batch[string]
		planned(t, &b, d.question(), hundred()...)
		calls := d.asks()
		for i, c := range []struct {
			who   string
			after time.Duration
			calls int
		}{{"applying 7", 0, 0}, {"applying 7", 0, 1}, {"planning another", 6 * time.Second, 2}} {
			time.Sleep(c.after)
			if _, err := b.ask(runner.AskedBy(t.Context(), c.who), "7", d.question()); err != nil || d.asks()-calls != c.calls {
				t.Errorf("%d. %s: %d calls, want %d: %v", i+1, c.who, d.asks()-calls, c.calls, err)
			}
		}
	})
}
