package runner_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// released is what stands after a release that went well.
var released = []string{"web__1 0/0/0", "web__2 2/4/8"}

func TestMishapsDoNotFailARollout(t *testing.T) {
	for name, faults := range map[string][]sandbox.Fault{
		"Spot throttles, and its block grows": {{Service: "spot", Kind: sandbox.Throttle, Limit: 4}},
		"the answer to the create is lost":    {{Service: "spot", Action: "CreateGroup", Kind: sandbox.DropAfter}},
		"the list lags behind the create":     {{Service: "spot", Action: "ListGroups", Kind: sandbox.Stale, Times: -1}},
		"the answer is lost and the list lags": {
			{Service: "spot", Action: "CreateGroup", Kind: sandbox.DropAfter},
			{Service: "spot", Action: "ListGroups", Kind: sandbox.Stale, Times: -1, Delay: sandbox.Duration(3 * time.Second)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, s *scene) {
				for _, f := range faults {
					s.world.Fail(f)
				}
				s.mustEnd(s.run.Do(t.Context()), runner.Succeeded)
				s.mustStand(released...)
				s.mustServe()
				s.mustBeSingle()
				for _, f := range faults {
					if !met(s.world, f.Kind) {
						t.Errorf("no call met the fault %s", f.Kind)
					}
				}
			})
		})
	}
}

// met tells whether any call met a fault of that kind.
func met(w *sandbox.World, kind sandbox.FaultKind) bool {
	for _, c := range w.Calls() {
		if c.Fault == string(kind) {
			return true
		}
	}
	return false
}

// About every seventh call fails. A client tries eleven times, so that no call fails for good.
func TestBadWeatherOnEveryCall(t *testing.T) {
	for seed := range uint64(6) {
		for _, image := range []string{"ami-2", "ami-bad"} {
			t.Run(fmt.Sprint(image, " ", seed), func(t *testing.T) {
				inWorld(t, func(t *testing.T, s *scene) {
					run := s.releases(image)
					s.world.Fail(sandbox.Fault{Kind: sandbox.Error, Rate: 0.075})
					s.world.Fail(sandbox.Fault{Kind: sandbox.Throttle, Rate: 0.075, Delay: sandbox.Duration(5 * time.Second)})
					switch result := run.Do(t.Context()); {
					case image == "ami-2" && result.Outcome == runner.Succeeded:
						s.mustStand(released...)
					case result.Outcome == runner.RolledBack:
						s.mustStand("web__1 2/4/8")
					default:
						t.Errorf("%s: %v", result.Outcome, result.Err)
					}
					s.mustServe()
					s.mustBeSingle()
				}, sandbox.Seed(seed))
			})
		}
	}
}

func TestAReclaimedInstanceIsWaitedFor(t *testing.T) {
	inWorld(t, func(t *testing.T, s *scene) {
		taken := false
		s.world.Intercept(nil, func(c *sandbox.Call) {
			if taken || c.Action != "GroupStatus" || c.Name != "web__2" {
				return
			}
			for _, i := range group(t, s.world, "web__2").Instances {
				if i.ID != "" && !taken {
					taken = s.world.Reclaim(i.ID)
				}
			}
		})
		s.mustEnd(s.run.Do(t.Context()), runner.Succeeded)
		s.mustStand(released...)
		s.mustServe()
		if !taken {
			t.Error("no instance was reclaimed")
		}
	})
}

func group(t *testing.T, w *sandbox.World, name string) sandbox.Group {
	t.Helper()
	g, ok := w.Group(name)
	if !ok {
		t.Fatalf("there is no %s", name)
	}
	return g
}

func TestAShortageOfTenMinutesIsWaitedOut(t *testing.T) {
	inWorld(t, func(t *testing.T, s *scene) {
		s.world.SetMarket(sandbox.Market{})
		began := time.Now()
		time.AfterFunc(10*time.Minute, func() { s.world.SetMarket(sandbox.Market{Available: true}) })
		s.mustEnd(s.run.Do(t.Context()), runner.Succeeded)
		s.mustStand(released...)
		if took := time.Since(began); took < 10*time.Minute {
			t.Errorf("it took but %s", took)
		}
	})
}

func TestAShortagePastTheDeadlineIsReportedInSpotsWords(t *testing.T) {
	inWorld(t, func(t *testing.T, s *scene) {
		s.world.SetMarket(sandbox.Market{})
		s.mustEnd(s.run.Do(t.Context()), runner.RolledBack,
			"0 of 4 needed instances of web__2", "after 20m0s", "Spot has found no capacity for 4 of them", "nothing speaks against the image", "Spot's log: ", "Can't Spin Spot Instances", "serves with 4 (minimum 2, maximum 8) as before")
		s.mustStand("web__1 2/4/8")
		s.mustServe()
	})
}

// A market that takes back what it gives keeps a release from being proven, and nothing speaks against the image: it is released
// again as it is when the market is calm.
func TestAReleaseThatTheMarketKeepsFromStanding(t *testing.T) {
	inWorld(t, func(t *testing.T, s *scene) {
		s.run.HealthyTimeout, s.run.MinHealthyTime = 10*time.Minute, 9*time.Minute
		s.world.Intercept(nil, func(c *sandbox.Call) {
			// An instance of the candidate is reclaimed whenever all of them serve.
			if g := group(t, s.world, "web__1"); c.Action == "GroupStatus" && c.Name == "web__2" && len(g.Instances) == 4 {
				candidate := group(t, s.world, "web__2").Instances
				serve := 0
				for _, i := range candidate {
					if i.InService {
						serve++
					}
				}
				if serve == 4 {
					s.world.Reclaim(candidate[0].ID)
				}
			}
		})
		s.mustEnd(s.run.Do(t.Context()), runner.RolledBack, "nothing speaks against the image", "were reclaimed meanwhile")
		s.world.Intercept(nil, nil)
		s.mustServe()
		s.run = s.releases("ami-2")
		s.mustEnd(s.run.Do(t.Context()), runner.Succeeded)
		s.mustServe()
	})
}
