package runner_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// Whatever decides what is next, production keeps what is promised: the guard counts what would be left, and says so in numbers.
func TestTheGuardStopsABrokenDecision(t *testing.T) {
	for name, c := range map[string]struct {
		image string
		next  func(rollout.Deployment, rollout.World) rollout.Step
		says  []string
	}{
		"the live one is taken too early": {"ami-2", func(d rollout.Deployment, w rollout.World) rollout.Step {
			s := rollout.Next(d, w)
			if c := rollout.RolesOf(w); s.Kind == rollout.AwaitHealthy && s.Part == rollout.Deploy {
				return rollout.Step{Kind: rollout.Resize, Part: rollout.Deploy, Group: *c.Live, Licence: rollout.Replace}
			}
			return s
		}, []string{"setting web__1 from 4 to 0 could leave 0 in service, and 4 are promised (in service now: web__1 4, web__2 0)", "It was not done", "web__2 (ami-2) is being rolled out"}},
		"what drains is deleted": {"ami-bad", func(d rollout.Deployment, w rollout.World) rollout.Step {
			s := rollout.Next(d, w)
			if s.Kind == rollout.AwaitDrained {
				return rollout.Step{Kind: rollout.Delete, Part: rollout.Back, Group: s.Group, Licence: rollout.Undo}
			}
			return s
		}, []string{"deleting web__2 would end the 4 instances that it has", "It was not done", "Apply again to go on"}},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, s *scene) {
				run := s.releases(c.image)
				run.DecideBy(c.next)
				s.mustEnd(run.Do(t.Context()), runner.Broken, c.says...)
				s.mustServe()
				t.Log("promise: the guard")
				// The next apply, by one that is not broken, ends what was begun.
				s.run = s.releases("ami-2")
				s.mustEnd(s.run.Do(t.Context()), runner.Succeeded)
				s.mustServe()
			})
		})
	}
}

// Before anything is taken away the world is read twice, and nothing else is done in between.
func TestWhatTakesIsDecidedTwice(t *testing.T) {
	for _, image := range []string{"ami-2", "ami-bad"} {
		inWorld(t, func(t *testing.T, s *scene) {
			s.releases(image).Do(t.Context())
			targets, looks, taken := map[string]int{"web__1": usual.Target}, 0, 0
			for _, c := range s.world.Calls() {
				if c.Action == "ListGroups" {
					looks++
				}
				if !slices.Contains([]string{"CreateGroup", "SetCapacity", "UpdateGroup", "DeleteGroup"}, c.Action) {
					continue
				}
				was := targets[c.Name]
				if c.Action == "SetCapacity" {
					targets[c.Name] = targetOf(t, c)
				}
				if c.Action == "DeleteGroup" || targets[c.Name] < was {
					if taken++; looks < 2 {
						t.Errorf("%s: %s of %s after %d looks", image, c.Action, c.Name, looks)
					}
				}
				looks = 0
			}
			if taken == 0 {
				t.Errorf("%s: nothing was taken", image)
			}
		})
	}
}

// targetOf is the target that a call sets.
func targetOf(t *testing.T, call sandbox.Call) int {
	t.Helper()
	var body struct{ Capacity struct{ Target int } }
	if err := json.Unmarshal([]byte(call.Body), &body); err != nil {
		t.Fatalf("%s: %v", call.Body, err)
	}
	return body.Capacity.Target
}
