package runner_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// classic is a document of a group that registers with a classic balancer.
func classic(t *testing.T, image string, capacity rollout.Capacity, tags map[string]string, name string) []byte {
	t.Helper()
	none, names := []string{}, []string{"web-classic"}
	return edited(t, image, capacity, tags, name, &none, &names, func(group map[string]any) {
		group["compute"].(map[string]any)["launchSpecification"].(map[string]any)["healthCheckType"] = "ELB"
	})
}

func inClassic(t *testing.T, test func(t *testing.T, s *scene)) {
	t.Helper()
	inCanary(t, func(t *testing.T, s *scene) { test(t, s) }, func(c *sandbox.Config) {
		c.AWS.ClassicLoadBalancers = []sandbox.ClassicBalancerConfig{{Name: "web-classic", HealthCheck: sandbox.HealthCheckConfig{
			Interval: sandbox.Duration(10 * time.Second), HealthyThreshold: 2, UnhealthyThreshold: 2,
		}}}
		c.Groups = []json.RawMessage{classic(t, "ami-1", usual, proven(), "web__1")}
	})
}

// classically is a canary of groups that register with a classic balancer.
func (s *scene) classically(image string) *runner.Run {
	run := s.canary(image)
	run.Deployment.TargetGroups = nil
	run.Document = func(g rollout.Group, tags map[string]string) ([]byte, error) {
		return classic(s.t, image, rollout.Pin(0), tags, g.Name), nil
	}
	return run
}

func TestAClassicBalancersWordCounts(t *testing.T) {
	inClassic(t, func(t *testing.T, s *scene) {
		s.mustEnd(s.classically("ami-2").Do(t.Context()), runner.Succeeded)
		s.mustStand(released...)
		s.mustServe()
	})
	inClassic(t, func(t *testing.T, s *scene) {
		s.mustEnd(s.classically("ami-crash").Do(t.Context()), runner.RolledBack, "turned unhealthy in the bake", "OutOfService in web-classic")
		s.mustStand("web__1 2/4/8")
		s.mustKeep()
	})
}

// weighed is a document of a group that counts weights: every instance counts as two.
func weighed(t *testing.T, image string, capacity rollout.Capacity, tags map[string]string, name string) []byte {
	t.Helper()
	arns := []string{webARN}
	return edited(t, image, capacity, tags, name, &arns, nil, func(group map[string]any) {
		group["capacity"].(map[string]any)["unit"] = "weight"
		var weights []any
		for _, kind := range []string{"m5.large", "m5a.large", "c5.large"} {
			weights = append(weights, map[string]any{"instanceType": kind, "weightedCapacity": 2})
		}
		group["compute"].(map[string]any)["instanceTypes"].(map[string]any)["weights"] = weights
	})
}

func TestAGroupThatCountsWeightsIsReleasedByWeight(t *testing.T) {
	inCanary(t, func(t *testing.T, s *scene) {
		run := s.canary("ami-2")
		run.Document = func(g rollout.Group, tags map[string]string) ([]byte, error) {
			return weighed(t, "ami-2", rollout.Pin(0), tags, g.Name), nil
		}
		s.mustEnd(run.Do(t.Context()), runner.Succeeded)
		s.mustStand(released...)
		s.mustServe()
		if n := len(group(t, s.world, "web__2").Instances); n != 2 {
			t.Errorf("web__2 has %d instances of weight 2, want 2", n)
		}
	}, func(c *sandbox.Config) {
		c.Groups = []json.RawMessage{weighed(t, "ami-1", usual, proven(), "web__1")}
	})
}

func TestAChangeThatSomebodyUndoesEachTimeEndsTheRun(t *testing.T) {
	inWorld(t, func(t *testing.T, s *scene) {
		undone := 0
		s.world.Intercept(nil, func(c *sandbox.Call) {
			if c.Action == "SetCapacity" && c.Name == "web__2" {
				undone++
				s.world.SetCapacity("web__2", 0, 0, 0)
			}
		})
		s.mustEnd(s.run.Do(t.Context()), runner.Broken, "of web__2", "does not show: someone else undoes it", "Find out who else changes the group, and apply again")
		if undone < 3 || undone > 10 {
			t.Errorf("the change was made %d times", undone)
		}
		s.mustStand("web__1 2/4/8", "web__2 0/0/0")
		s.mustServe()
	})
}

// What is left to do after the release is live is a warning when it does not end, and no failure.
func TestADrainThatDoesNotEndIsAWarningAfterTheRelease(t *testing.T) {
	inWorld(t, func(t *testing.T, s *scene) {
		s.run.HealthyTimeout = 90 * time.Second // draining takes two minutes
		result := s.run.Do(t.Context())
		s.mustEnd(result, runner.Succeeded)
		s.mustStand(released...)
		s.mustServe()
		if len(result.Warnings) != 1 {
			t.Errorf("the warnings are %q", result.Warnings)
		}
	})
}
