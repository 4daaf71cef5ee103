package deployment_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// randomCanary makes up a situation, and a canary of up to three phases for it.
func randomCanary(r *rand.Rand) situation {
	s := randomSituation(r)
	sizes := map[int]bool{}
	counted := r.IntN(3) == 0 && s.wanted > 1
	for range 1 + r.IntN(3) {
		if counted {
			sizes[1+r.IntN(s.wanted-1)] = true
		} else {
			sizes[1+r.IntN(99)] = true
		}
	}
	var written []any
	remains := 100
	for _, n := range slices.Sorted(keysOf(sizes)) {
		phase := object{"percent": n}
		if counted {
			phase = object{"count": n}
		}
		if r.IntN(2) == 0 {
			phase["bake"] = fmt.Sprintf("%ds", 10+r.IntN(200))
		}
		// Written for all phases or for none: what is left out goes by the share of the candidate.
		if s.dips = s.dips || len(written) == 0 && r.IntN(4) == 0; s.dips {
			remains = 1 + r.IntN(min(remains, 99))
			phase["previous_percent"] = remains
		}
		written = append(written, phase)
	}
	s.config["canary"] = object{"phase": written}
	if r.IntN(2) == 0 {
		s.config["verify"] = object{"alarms": []any{"web-5xx"}}
	}
	return s
}

func keysOf(set map[int]bool) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for n := range set {
			if !yield(n) {
				return
			}
		}
	}
}

// What a reviewer reads of a canary is what runs, in every history, size and phase that comes to mind.
func TestCanaryPlanIsWhatRuns(t *testing.T) {
	situations := 25
	if testing.Short() {
		situations = 10
	}
	asPlanned(t, situations, func(seed int) (situation, sandbox.Config) {
		s := randomCanary(rand.New(rand.NewPCG(uint64(seed), 13)))
		return s, canaryWorld(s.history...)
	})
}

// mishaps are what can go wrong with a canary, each at a moment of chance. What they do to the configuration comes before
// the plan, what they do to the world after it.
var mishaps = []func(r *rand.Rand, s situation) (told string, strike func(d *deployment)){
	func(*rand.Rand, situation) (string, func(*deployment)) { return "nothing", func(*deployment) {} },
	func(_ *rand.Rand, s situation) (string, func(*deployment)) {
		s.config["image_id"], s.config["healthy_timeout"] = "ami-bad", "4m"
		return "a bad image", func(*deployment) {}
	},
	func(_ *rand.Rand, s situation) (string, func(*deployment)) {
		s.config["image_id"] = "ami-crash"
		return "a crashing image", func(*deployment) {}
	},
	func(r *rand.Rand, s situation) (string, func(*deployment)) {
		s.config["verify"] = object{"alarms": []any{"web-5xx"}}
		after := time.Duration(r.IntN(600)) * time.Second
		return fmt.Sprintf("an alarm after %s", after), func(d *deployment) { d.world.SetAlarmAfter(after, "web-5xx", "ALARM", "") }
	},
	func(r *rand.Rand, _ situation) (string, func(*deployment)) {
		nth := 1 + r.IntN(7)
		return fmt.Sprintf("resize %d is refused", nth), func(d *deployment) {
			d.world.Fail(sandbox.Fault{Service: "spot", Action: "SetCapacity", Nth: nth, Kind: sandbox.Error, Status: 400, Code: "QUOTA", Message: "no"})
		}
	},
}

// Whatever happens to a canary, no step of it takes from production below what is promised: the smaller of what the live
// revision had and what the candidate is to have. And it ends in one of two ways: released, or as before.
func TestCanaryNeverTakesTooMuch(t *testing.T) {
	situations := 30
	if testing.Short() {
		situations = 10
	}
	failures := atLeast(t, situations/5, "failed")
	for seed := range situations {
		r := rand.New(rand.NewPCG(uint64(seed), 17))
		s := randomCanary(r)
		for s.dips || s.config["resize_order"] != nil {
			s = randomCanary(r)
		}
		told, strike := mishaps[r.IntN(len(mishaps))](r, s)
		market := r.IntN(2) == 0
		t.Run(fmt.Sprint("situation ", seed), func(t *testing.T) {
			t.Logf("%s, market %v: %s", told, market, asJSON(s.config["canary"]))
			inBubble(t, canaryWorld(s.history...), func(t *testing.T, d *deployment) {
				imported(t, d)
				time.Sleep(10 * time.Minute) // everything that was there serves
				p := d.plan(s.config)
				if providertest.Failed(p.diags) {
					t.Fatal(providertest.Render(p.diags))
				}
				if d.empty(p) || !strings.Contains(d.planText(p), "created at 0") {
					return
				}
				run, before := d.watch(), standing(d.world)
				strike(d)
				if market {
					d.reclaims(r, 6, 15*time.Minute)
				}
				_, diags := d.applyPlan(t.Context(), p, s.config)
				d.world.ClearFaults()
				if providertest.Failed(diags) {
					failures.Add(1)
					if now := standing(d.world); newestLine(now) != newestLine(before) || d.now()["status"] != "stable" {
						t.Errorf("it failed, and there is\n%s\nwhere there was\n%s\n%s", now, before, providertest.Render(diags))
					}
				} else if got := standing(d.world); !strings.Contains(got, fmt.Sprintf(" %s ", s.config["image_id"])) {
					t.Errorf("it was released, and there is\n%s", got)
				}
				run.mustTakeFrom(min(s.live, s.wanted))
				if !market && !strings.Contains(told, "crash") {
					run.mustServe(min(s.live, s.wanted))
				}
				neverTwice(t, d.world)
				neverDeletesInstances(t, d.world)
			})
		})
	}
}

// newestLine is the newest line of a world: older groups are not brought back when a release fails.
func newestLine(standing string) string { return standing[strings.LastIndex(standing, "\n")+1:] }

// reclaims lets the market take instances of the deployment, at moments of chance.
func (d *deployment) reclaims(r *rand.Rand, times int, within time.Duration) {
	for range times {
		after, which := time.Duration(r.Int64N(int64(within))), r.IntN(100)
		go func() {
			select {
			case <-time.After(after):
			case <-d.t.Context().Done():
				return
			}
			var all []string
			for _, g := range d.world.Groups() {
				for _, i := range g.Instances {
					all = append(all, i.ID)
				}
			}
			if len(all) > 0 {
				d.world.Reclaim(all[which%len(all)])
			}
		}()
	}
}

// mustTakeFrom fails the test if a group was made smaller at a moment when less than promised served afterwards, and less
// than before: what the market took, or an image that crashed, is not counted.
func (w watch) mustTakeFrom(promised int) {
	w.d.t.Helper()
	timeline := w.d.world.Timeline()
	for n := max(w.moments, 1); n < len(timeline); n++ {
		if !shrinks(timeline[n-1], timeline[n]) {
			continue
		}
		before, after := timeline[n-1].Serving(ofWeb), timeline[n].Serving(ofWeb)
		for m := n; m < len(timeline) && timeline[m].Time.Equal(timeline[n].Time); m++ {
			after = timeline[m].Serving(ofWeb)
		}
		if after < min(promised, before) {
			w.d.t.Errorf("at %s a step left %d of %d that served, and %d were promised:\n%s", timeline[n].Time.Format("15:04:05"), after, before, promised, asJSON(timeline[n].Groups))
			return
		}
	}
}

// shrinks tells whether a group wants less than a moment before.
func shrinks(before, now sandbox.Moment) bool {
	for _, g := range now.Groups {
		for _, was := range before.Groups {
			if was.ID == g.ID && g.Target < was.Target {
				return true
			}
		}
	}
	return false
}
