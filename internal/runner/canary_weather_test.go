package runner_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// first is the first instance of a group.
func first(t *testing.T, s *scene, name string) string {
	t.Helper()
	for _, i := range group(t, s.world, name).Instances {
		if i.ID != "" {
			return i.ID
		}
	}
	t.Fatalf("%s has no instance", name)
	return ""
}

// bakes are how long the bakes took, by the run's own log.
func (s *scene) bakes(run *runner.Run) *[]time.Duration {
	var began time.Time
	took := &[]time.Duration{}
	for nth := 1; nth <= 2; nth++ {
		s.says(run, "begun bake", nth, func() { began = time.Now() })
		s.says(run, "done bake", nth, func() { *took = append(*took, time.Since(began)) })
	}
	return took
}

// marked is Spot where the market has announced to take an instance. A timer names it while the run looks.
type marked struct {
	runner.Elastigroups
	id *atomic.Value
}

func (m marked) Instances(ctx context.Context, group string) ([]runner.Instance, error) {
	instances, err := m.Elastigroups.Instances(ctx, group)
	for i := range instances {
		if instances[i].ID != "" && instances[i].ID == m.id.Load() {
			instances[i].State = "marked-for-termination"
		}
	}
	return instances, err
}

func TestAReclaimedInstanceInABakeIsNoFailure(t *testing.T) {
	for name, sick := range map[string]bool{"at once": false, "its target turns unhealthy before": true} {
		t.Run(name, func(t *testing.T) {
			inCanary(t, func(t *testing.T, s *scene) {
				var taken atomic.Bool
				var marks atomic.Value
				s.run.Spot = marked{s.run.Spot, &marks}
				took := s.bakes(s.run)
				s.says(s.run, "begun bake", 2, func() {
					time.AfterFunc(2*time.Minute, func() {
						id := first(t, s, "web__2")
						marks.Store(id)
						if sick {
							s.world.SetTargetHealth(webARN, id, "unhealthy", "Target.FailedHealthChecks", "Health checks failed")
						}
						time.AfterFunc(40*time.Second, func() { taken.Store(s.world.Reclaim(id)) })
					})
				})
				s.mustEnd(s.run.Do(t.Context()), runner.Succeeded)
				s.mustStand(released...)
				if !taken.Load() {
					t.Error("no instance was reclaimed")
				}
				if len(*took) != 2 || (*took)[1] < secondBake || (*took)[1] > secondBake+time.Minute {
					t.Errorf("the bakes took %s", *took)
				}
			})
		})
	}
}

// mustKeep fails the test if web__1 ever had fewer instances in service than it has in the first phase.
func (s *scene) mustKeep() {
	s.t.Helper()
	began := false
	for _, m := range s.world.Timeline() {
		n := m.Serving(func(g *sandbox.GroupMoment) bool { return g.Name == "web__1" })
		began = began || n >= usual.Target
		if began && n < 3 {
			s.t.Errorf("at %s only %d instances of web__1 served", m.Time.Format("15:04:05"), n)
			return
		}
	}
}

func TestAnApplicationThatCrashesInABakeFails(t *testing.T) {
	inCanary(t, func(t *testing.T, s *scene) {
		s.mustEnd(s.canary("ami-crash").Do(t.Context()), runner.RolledBack, "were in service and turned unhealthy in the bake", "web__2", "[502]",
			"serves with 4 (minimum 2, maximum 8) as before")
		s.mustStand("web__1 2/4/8")
		s.mustKeep()
	})
}

// bare is a document of a group without balancers, whose health is Spot's word alone.
func bare(t *testing.T, image string, capacity rollout.Capacity, tags map[string]string, name string) []byte {
	t.Helper()
	none := []string{}
	return edited(t, image, capacity, tags, name, &none, &none, func(group map[string]any) {
		spec := group["compute"].(map[string]any)["launchSpecification"].(map[string]any)
		spec["healthCheckType"], spec["healthCheckGracePeriod"] = "HCS", 60
	})
}

// edited is a document of the example with other balancers, and with whatever else is wanted.
func edited(t *testing.T, image string, capacity rollout.Capacity, tags map[string]string, name string, arns, classic *[]string, edit func(group map[string]any)) []byte {
	t.Helper()
	parsed, err := spot.ParseDocument(sandbox.ExampleGroup())
	if err != nil {
		t.Fatal(err)
	}
	built, err := parsed.Build(spot.Overrides{Name: name, ImageIDs: []string{image}, Capacity: capacity, TargetGroups: arns, LoadBalancers: classic, Tags: tags})
	if err != nil {
		t.Fatal(err)
	}
	var group map[string]any
	if err := json.Unmarshal(built, &group); err != nil {
		t.Fatal(err)
	}
	if inner, ok := group["group"].(map[string]any); ok {
		edit(inner)
	} else {
		edit(group)
	}
	built, err = json.Marshal(group)
	if err != nil {
		t.Fatal(err)
	}
	return built
}

func TestAnApplicationThatCrashesInABakeFailsBySpotsWordToo(t *testing.T) {
	inCanary(t, func(t *testing.T, s *scene) {
		run := s.canary("ami-crash")
		run.Deployment.TargetGroups = nil
		run.Document = func(g rollout.Group, tags map[string]string) ([]byte, error) {
			return bare(t, "ami-crash", rollout.Pin(0), tags, g.Name), nil
		}
		s.mustEnd(run.Do(t.Context()), runner.RolledBack, "were in service and turned unhealthy in the bake", "Spot's health is UNHEALTHY",
			"serves with 4 (minimum 2, maximum 8) as before")
		s.mustStand("web__1 2/4/8")
		s.mustKeep()
	}, func(c *sandbox.Config) {
		c.Groups = []json.RawMessage{bare(t, "ami-1", usual, proven(), "web__1")}
	})
}

func TestAShortageInACanaryIsNotHeldAgainstTheImage(t *testing.T) {
	for name, message := range map[string]string{"from the start": "begun await_healthy", "in the second phase": "done bake"} {
		t.Run(name, func(t *testing.T) {
			inCanary(t, func(t *testing.T, s *scene) {
				s.says(s.run, message, 1, func() {
					s.world.SetMarket(sandbox.Market{})
					// The way back needs capacity as well.
					time.AfterFunc(s.run.HealthyTimeout+time.Minute, func() { s.world.SetMarket(sandbox.Market{Available: true}) })
				})
				s.mustEnd(s.run.Do(t.Context()), runner.RolledBack, "Spot has found no capacity for 1 of them", "nothing speaks against the image",
					"Spot's log: ", "Can't Spin Spot Instances", "serves with 4 (minimum 2, maximum 8) as before")
				s.mustStand("web__1 2/4/8")
				s.mustServe()
			})
		})
	}
}

func TestAShortageOfTenMinutesInACanaryIsWaitedOut(t *testing.T) {
	inCanary(t, func(t *testing.T, s *scene) {
		s.world.SetMarket(sandbox.Market{})
		began := time.Now()
		time.AfterFunc(10*time.Minute, func() { s.world.SetMarket(sandbox.Market{Available: true}) })
		s.mustEnd(s.run.Do(t.Context()), runner.Succeeded)
		s.mustStand(released...)
		s.mustServe()
		if took := time.Since(began); took < 10*time.Minute+firstBake+secondBake {
			t.Errorf("it took but %s", took)
		}
	})
}

// An instance that flaps is not in service for long, however often it is.
func TestAnInstanceThatFlapsBeginsItsTimeAnew(t *testing.T) {
	inWorld(t, func(t *testing.T, s *scene) {
		s.run.MinHealthyTime = 5 * time.Minute
		var again time.Time
		s.says(s.run, "begun await_healthy", 1, func() {
			// Shorter than Spot takes to replace it, and longer than the run takes to look.
			time.AfterFunc(4*time.Minute, func() {
				id := first(t, s, "web__2")
				s.world.SetTargetHealth(webARN, id, "unhealthy", "Target.FailedHealthChecks", "Health checks failed")
				time.AfterFunc(40*time.Second, func() {
					again = time.Now()
					s.world.SetTargetHealth(webARN, id, "healthy", "", "")
				})
			})
		})
		s.mustEnd(s.run.Do(t.Context()), runner.Succeeded)
		s.mustStand(released...)
		s.mustServe()
		i := slices.IndexFunc(s.shares(), func(each share) bool { return strings.HasPrefix(each.text, "0/0/0 ") })
		if took := s.shares()[i].at.Sub(again); took < s.run.MinHealthyTime {
			t.Errorf("web__1 was taken away %s after the instance was in service again", took)
		}
	})
}
