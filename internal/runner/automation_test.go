package runner_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// scheduled is a document of a group with a task that sets it to what it usually has, every three minutes; paused has it off.
func scheduled(t *testing.T, image string, capacity rollout.Capacity, tags map[string]string, name string, paused bool) []byte {
	t.Helper()
	arns := []string{webARN}
	with := edited(t, image, capacity, tags, name, &arns, nil, func(group map[string]any) {
		group["scheduling"] = map[string]any{"tasks": []any{map[string]any{
			"taskType": "scale", "cronExpression": "*/3 * * * *",
			"scaleMinCapacity": usual.Minimum, "scaleTargetCapacity": usual.Target, "scaleMaxCapacity": usual.Maximum,
		}}}
	})
	document, err := spot.ParseDocument(with)
	if err != nil {
		t.Fatal(err)
	}
	built, err := document.Build(spot.Overrides{Name: name, Capacity: capacity, Tags: tags, Paused: paused})
	if err != nil {
		t.Fatal(err)
	}
	return built
}

// inSchedule runs a test in virtual time in which every group has the task, and that of web__1, which serves, is on.
func inSchedule(t *testing.T, test func(t *testing.T, s *scene), change ...func(*sandbox.Config)) {
	t.Helper()
	has := func(c *sandbox.Config) {
		c.Groups = []json.RawMessage{scheduled(t, "ami-1", usual, proven(), "web__1", false)}
	}
	inCanary(t, test, append([]func(*sandbox.Config){has}, change...)...)
}

// scheduledCanary is a canary of a release that has the task, too.
func (s *scene) scheduledCanary(image string) *runner.Run {
	run := s.canary(image)
	run.Deployment.Automation = rollout.Automation{On: rollout.Movers{Tasks: 1}, Minimums: []int{usual.Minimum}, Maximums: []int{usual.Maximum}}
	run.Document = func(g rollout.Group, tags map[string]string) ([]byte, error) {
		return scheduled(s.t, image, rollout.Pin(0), tags, g.Name, true), nil
	}
	return run
}

// mustSchedule fails the test unless the tasks of exactly these groups are on.
func (s *scene) mustSchedule(want ...string) {
	s.t.Helper()
	var got []string
	for _, g := range s.world.Groups() {
		if d, err := spot.ParseDocument(g.Document); err != nil || d.Automation().On.Any() {
			got = append(got, g.Name)
		}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		s.t.Errorf("the tasks of %q are on, want those of %q", got, want)
	}
}

func TestASchedulePassesByWhatIsPinnedOrNotLive(t *testing.T) {
	inSchedule(t, func(t *testing.T, s *scene) {
		s.mustEnd(s.scheduledCanary("ami-2").Do(t.Context()), runner.Succeeded)
		time.Sleep(30 * time.Minute)
		s.mustStand(released...)
		s.mustSchedule("web__2")
		s.mustServe()
		for _, g := range s.shares() {
			if two := strings.Fields(g.text); len(two) == 2 && two[0] == "2/4/8" && two[1] == "2/4/8" {
				t.Errorf("at %s both have everything", g.at)
			}
		}
	})
}

func TestAWayBackBringsTheScheduleBack(t *testing.T) {
	inSchedule(t, func(t *testing.T, s *scene) {
		s.mustEnd(s.scheduledCanary("ami-crash").Do(t.Context()), runner.RolledBack, "turned unhealthy in the bake")
		s.mustStand("web__1 2/4/8")
		s.mustSchedule("web__1")
		s.mustKeep()
	})
}

// The tasks of a group are switched in the call that changes its size: no call more than without them, but for the reads.
func TestSwitchingTakesNoFurtherCalls(t *testing.T) {
	changes := func(run func(s *scene) *runner.Run, in func(*testing.T, func(*testing.T, *scene), ...func(*sandbox.Config))) (n int) {
		in(t, func(t *testing.T, s *scene) {
			s.mustEnd(run(s).Do(t.Context()), runner.Succeeded)
			n = len(s.world.Changes())
		})
		return n
	}
	with := changes(func(s *scene) *runner.Run { return s.scheduledCanary("ami-2") }, inSchedule)
	without := changes(func(s *scene) *runner.Run { return s.canary("ami-2") }, inCanary)
	if with != without {
		t.Errorf("%d calls change something, %d without a schedule", with, without)
	}
}

// An earlier version left the tasks of a former revision on. They wake it; the next run takes it back to nothing and switches them off.
func TestWhatWasWokenGoesBackToSleep(t *testing.T) {
	former := func(c *sandbox.Config) {
		tags := rollout.Journal{Deployment: "web", Revision: 2, Release: "ami-1", Verdict: rollout.Proven, Retain: 1, Order: 2}.Tags()
		c.Groups = []json.RawMessage{
			scheduled(t, "ami-2", rollout.Pin(0), rollout.Journal{Deployment: "web", Revision: 1, Release: "ami-2", Verdict: rollout.Proven, Retain: 1}.Tags(), "web__1", false),
			scheduled(t, "ami-1", usual, tags, "web__2", false),
		}
	}
	inSchedule(t, func(t *testing.T, s *scene) {
		time.Sleep(5 * time.Minute)
		s.mustStand("web__1 2/4/8", "web__2 2/4/8")
		run := s.scheduledCanary("ami-1")
		if steps := rollout.Simulate(run.Deployment, seen(t, run)).Text(); !strings.Contains(steps, "web__1   4 -> 0   left over from an earlier release") {
			t.Errorf("the plan says\n%s", steps)
		}
		s.mustEnd(run.Do(t.Context()), runner.Succeeded)
		time.Sleep(30 * time.Minute)
		s.mustStand("web__1 0/0/0", "web__2 2/4/8")
		s.mustSchedule("web__2")
		if done := rollout.Simulate(run.Deployment, seen(t, run)); done.Changes() {
			t.Errorf("it would do more:\n%s", done.Text())
		}
	}, former)
}

func seen(t *testing.T, run *runner.Run) rollout.World {
	t.Helper()
	w, err := run.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, g := range w.Groups {
		n := g.Capacity.Target
		w.Groups[i].Instances, w.Groups[i].InService, w.Groups[i].Steady = n, n, n
	}
	return w
}

// unswitchable is a Spot that refuses to switch some groups.
type unswitchable struct {
	runner.Elastigroups
	refuses func(on bool, capacity *rollout.Capacity) bool
}

func (u unswitchable) Automate(ctx context.Context, id string, on bool, capacity *rollout.Capacity) error {
	if u.refuses(on, capacity) {
		return fmt.Errorf("switching the schedules of %s was refused with 400 CANT_UPDATE_GROUP", id)
	}
	return u.Elastigroups.Automate(ctx, id, on, capacity)
}

// Nothing is taken from what serves while its own schedule may move it.
func TestAScheduleThatCannotBeSwitchedOffEndsTheRelease(t *testing.T) {
	inSchedule(t, func(t *testing.T, s *scene) {
		run := s.scheduledCanary("ami-2")
		run.Spot = unswitchable{run.Spot, func(on bool, capacity *rollout.Capacity) bool { return !on && capacity != nil && capacity.Target == 3 }}
		s.mustEnd(run.Do(t.Context()), runner.RolledBack, "CANT_UPDATE_GROUP", "web__1")
		s.mustStand("web__1 2/4/8")
		s.mustSchedule("web__1")
		s.mustServe()
	})
}

// Capacity comes before schedules: a release ends, or goes back, whether or not they can be switched on again, and says what is left.
func TestAScheduleThatCannotBeSwitchedOnIsAWarning(t *testing.T) {
	for image, want := range map[string]runner.Outcome{"ami-2": runner.Succeeded, "ami-crash": runner.RolledBack} {
		inSchedule(t, func(t *testing.T, s *scene) {
			run := s.scheduledCanary(image)
			run.Spot = unswitchable{run.Spot, func(on bool, _ *rollout.Capacity) bool { return on }}
			result := run.Do(t.Context())
			s.mustEnd(result, want)
			if len(result.Warnings) != 1 || !strings.Contains(result.Warnings[0], "could not be switched on again: switching the schedules") {
				t.Errorf("%s: %q", image, result.Warnings)
			}
			s.mustSchedule()
			live := "web__2"
			if want == runner.RolledBack {
				live, image = "web__1", "ami-1"
				s.mustKeep()
			} else {
				s.mustServe()
			}
			s.mustEnd(s.scheduledCanary(image).Do(t.Context()), runner.Succeeded)
			s.mustSchedule(live)
		})
	}
}

// While it holds nothing moves either of the two, and what a person has moved goes back.
func TestAHoldThatSomebodyMoved(t *testing.T) {
	inSchedule(t, func(t *testing.T, s *scene) {
		run := s.scheduledCanary("ami-2")
		run.Deployment.HoldAfter = 1
		s.mustEnd(run.Do(t.Context()), runner.Succeeded)
		time.Sleep(time.Hour)
		s.mustStand("web__1 3/3/3", "web__2 1/1/1")
		s.world.SetCapacity("web__1", 2, 5, 8)
		s.world.SetCapacity("web__2", 2, 2, 2)
		again := s.scheduledCanary("ami-2")
		again.Deployment.HoldAfter = 1
		text := rollout.Simulate(again.Deployment, seen(t, again)).Text()
		for _, row := range []string{"5 -> 3   moved while it holds", "2 -> 1   moved while it holds"} {
			if !strings.Contains(text, row) {
				t.Errorf("the plan says\n%s", text)
			}
		}
		s.mustEnd(again.Do(t.Context()), runner.Succeeded)
		s.mustStand("web__1 3/3/3", "web__2 1/1/1")
		s.mustServe()
	})
}
