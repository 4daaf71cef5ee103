package sweep_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var (
	exhaustive = flag.Bool("exhaustive", false, "disturb every run at every call in every way, instead of a sample")
	only       = flag.String("only", "", "disturb runs at this one place alone, as a breach names it")
	calls      = flag.Bool("calls", false, "print the calls of what is disturbed")
)

// counted is what was done in all.
var counted struct {
	runs, kills, faults, storms, concurrent, instants, breaches atomic.Int64

	mu  sync.Mutex
	per map[string]int // what was done to each strategy
}

func count(what *atomic.Int64, how strategy) {
	what.Add(1)
	counted.mu.Lock()
	defer counted.mu.Unlock()
	if counted.per == nil {
		counted.per = map[string]int{}
	}
	counted.per[how.name]++
}

func TestMain(m *testing.M) {
	flag.Parse()
	// A new client reads the machine's certificates each time if this names some: more work than a whole run.
	os.Unsetenv("AWS_CA_BUNDLE")
	// What is alive is little, and what is thrown away much: collecting it seldom is worth its memory.
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(1 << 30)
	began := time.Now()
	code := m.Run()
	if *exhaustive || testing.Verbose() {
		var per []string
		for name, n := range counted.per {
			per = append(per, fmt.Sprintf("%s %d", name, n))
		}
		slices.Sort(per)
		fmt.Printf("%d runs: %d killed, %d with faults, %d in bad weather, %d with concurrent changes (%s)\n%d instants judged in %s, %d breaches\n",
			counted.runs.Load(), counted.kills.Load(), counted.faults.Load(), counted.storms.Load(), counted.concurrent.Load(), strings.Join(per, ", "),
			counted.instants.Load(), time.Since(began).Round(time.Second), counted.breaches.Load())
	}
	os.Exit(code)
}

// breaches are what a test found, of which it tells the first few.
type breaches struct {
	t     *testing.T
	found int
}

const mostTold = 6

// told is how many a test tells of: all that an exhaustive run finds are looked into.
func told() int {
	if *exhaustive {
		return 1000
	}
	return mostTold
}

func (b *breaches) add(place, what string) {
	if what == "" {
		return
	}
	counted.breaches.Add(1)
	if b.found++; b.found <= told() {
		b.t.Errorf("%s\n%s", place, what)
	}
}

func (b *breaches) end() {
	if b.found > told() {
		b.t.Errorf("and %d more", b.found-told())
	}
}

// eachFlow runs a test of every strategy and of each flow of those names that it has; of all if there are no names. The short
// tests do with killed processes.
func eachFlow(t *testing.T, names []string, test func(t *testing.T, how strategy, f flow)) {
	if testing.Short() && len(names) > 0 {
		t.Skip("not in short mode")
	}
	for _, how := range strategies {
		for _, f := range flows {
			if len(names) > 0 && !slices.Contains(names, f.name) || f.phased && !how.phased {
				continue
			}
			t.Run(how.name+"/"+f.name, func(t *testing.T) {
				t.Parallel()
				test(t, how, f)
			})
		}
	}
}

// chosen picks the sample: one in so many of the places where a call changes something, and of the others.
func chosen(place string, n int, changes bool, ofChanges, ofLooks int) bool {
	switch {
	case *only != "":
		return strings.Contains(place, *only)
	case *exhaustive:
		return true
	case changes:
		return n%ofChanges == 0
	}
	return n%ofLooks == 0
}

func sorted[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
