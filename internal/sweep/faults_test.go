package sweep_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// mishaps are the ways in which a call can fail. Those of 5xx and of throttling pass; what the other end makes of a lost or old
// answer is up to the caller.
var mishaps = map[string]sandbox.Fault{
	"throttled, with a block":  {Kind: sandbox.Throttle, Delay: sandbox.Duration(10 * time.Second)},
	"AWS throttles":            {Kind: sandbox.AWSThrottle},
	"500 as JSON":              {Kind: sandbox.Error},
	"502 as HTML":              {Kind: sandbox.HTML},
	"503 without a body":       {Kind: sandbox.Empty},
	"dropped before":           {Kind: sandbox.DropBefore},
	"dropped after":            {Kind: sandbox.DropAfter},
	"slow":                     {Kind: sandbox.Latency, Delay: sandbox.Duration(20 * time.Second)},
	"hangs":                    {Kind: sandbox.Hang},
	"stale":                    {Kind: sandbox.Stale, Delay: sandbox.Duration(15 * time.Second)},
	"an empty list":            {Kind: sandbox.NoItems},
	"refused, for good reason": {Kind: sandbox.Error, Status: 400, Code: "CANT_DO_IT", Message: "It cannot be done."},
}

// disturbed are the flows whose calls fail.
var disturbed = []string{"first", "update", "failing", "way back", "hold", "destroy"}

// TestEveryCallFailsOnce lets each call of each flow fail once, in each way. A run ends well, or says why it does not; once
// more without faults it ends well.
func TestEveryCallFailsOnce(t *testing.T) {
	eachFlow(t, disturbed, func(t *testing.T, how strategy, f flow) {
		c := f.course(t, how)
		b := &breaches{t: t}
		defer b.end()
		n := 0
		for _, at := range places(c.steps) {
			for _, name := range sorted(mishaps) {
				fault := mishaps[name]
				if !possible(fault, at) {
					continue
				}
				n++
				place := fmt.Sprintf("%s %s, %s: %s (the %d. of its kind)", how.name, f.name, name, at, at.nth)
				if !(*only == "" && f.telling(fault, at)) && !chosen(place, n, at.changes, 13, 61) {
					continue
				}
				fault.Service, fault.Action, fault.Nth = at.service, at.action, at.nth
				b.add(place, f.mishap(t, how, c, 1, 10, fault))
				count(&counted.faults, how)
			}
		}
	})
}

// possible tells whether a fault is one that the call can meet.
func possible(f sandbox.Fault, at step) bool {
	switch f.Kind {
	case sandbox.NoItems:
		return at.service == "spot"
	case sandbox.Stale:
		return !at.changes
	}
	return true
}

// telling are the faults that no sample leaves out: a create whose answer is lost, the one call that must not simply be made
// again; a list that does not show it yet; a first look that shows no group; and a candidate that seems to be gone when it is about to be taken away.
func (f flow) telling(fault sandbox.Fault, at step) bool {
	switch fault.Kind {
	case sandbox.DropAfter:
		return at.action == "CreateGroup"
	case sandbox.Stale:
		return at.action == "ListGroups" && at.at.change == 1 // just after the create
	case sandbox.NoItems:
		return at.action == "ListGroups" && at.nth == 1 || at.action == "GroupStatus" && at.about == "web__3" && f.name == "way back" && at.at.change > 0
	}
	return false
}

// TestManyCallsFail lets calls fail at random through a whole run: every twentieth, tenth or fifth, with clients that
// try again often or hardly ever.
func TestManyCallsFail(t *testing.T) {
	eachFlow(t, disturbed, func(t *testing.T, how strategy, f flow) {
		c := f.course(t, how)
		b := &breaches{t: t}
		defer b.end()
		seeds, percents := 1, []int{20}
		if *exhaustive {
			seeds, percents = 25, []int{5, 10, 20}
		}
		for seed := range uint64(seeds) {
			for _, percent := range percents {
				for _, retries := range []int{10, 1} {
					place := fmt.Sprintf("%s %s, %d %% of the calls fail, %d retries, seed %d", how.name, f.name, percent, retries, seed)
					if *only != "" && !strings.Contains(place, *only) {
						continue
					}
					b.add(place, f.mishap(t, how, c, seed, retries, mixture(seed, percent)...))
					count(&counted.faults, how)
				}
			}
		}
	})
}

// mixture is faults of five kinds that come at a rate together. Empty lists are not among them: they are believed when they
// come twice in a row, as they do at random.
func mixture(seed uint64, percent int) []sandbox.Fault {
	random := rand.New(rand.NewPCG(seed, 5))
	var all []sandbox.Fault
	names := slices.DeleteFunc(sorted(mishaps), func(name string) bool { return mishaps[name].Kind == sandbox.NoItems })
	random.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	for _, name := range names[:5] {
		f := mishaps[name]
		if f.Kind == sandbox.Throttle {
			f.Delay = sandbox.Duration(2 * time.Second)
		}
		f.Rate = float64(percent) / 100 / 5
		all = append(all, f)
	}
	return all
}

// mishap runs a flow with faults, and once more without them, and says what promise is broken.
func (f flow) mishap(t *testing.T, how strategy, c *course, seed uint64, retries int, faults ...sandbox.Fault) (breach string) {
	want := c.end(t, "same", false)
	f.in(t, how, seed, func(s *scene) {
		judge := s.judge(f.floor)
		s.retries = retries
		run := s.process(f.run)
		for _, fault := range faults {
			s.world.Fail(fault)
		}
		result := run.Do(s.t.Context())
		s.world.ClearFaults()
		s.applied(f.run, result)
		if breach = judge.verdict(false); breach != "" {
			breach += fmt.Sprintf("\n(the run ended %s: %v)", result.Outcome, result.Err)
			return
		}
		if (result.Err == nil) != (result.Outcome == runner.Succeeded) || result.Err != nil && len(result.Err.Error()) < 40 {
			breach = fmt.Sprintf("the run ended %s and does not say why: %v", result.Outcome, result.Err)
			return
		}
		if (result.Outcome == runner.Succeeded) && f.fails {
			breach = "what cannot succeed did"
			return
		}
		if result.Outcome == runner.Succeeded && len(result.Warnings) == 0 {
			if got := s.standing(); got != want {
				breach = fmt.Sprintf("it succeeded and left\n%s\nwant\n%s", got, want)
				return
			}
		}
		s.retries = 10
		again := s.apply(f.run)
		if result.Outcome == runner.Broken && again.Outcome == runner.RolledBack {
			again = s.apply(f.run) // the first one failed, the second one finished its way back
		}
		if (again.Outcome != runner.Succeeded) != f.fails {
			breach = fmt.Sprintf("the run ended %s: %v\nthe next one without faults %s: %v", result.Outcome, result.Err, again.Outcome, again.Err)
			return
		}
		if breach = judge.verdict(false); breach != "" {
			breach += fmt.Sprintf("\n(in the second run; the first one ended %s: %v)", result.Outcome, result.Err)
			return
		}
		if got := s.standing(); got != want {
			breach = fmt.Sprintf("the run ended %s: %v\nit ends as\n%s\nwant\n%s", result.Outcome, result.Err, got, want)
		}
	})
	return breach
}
