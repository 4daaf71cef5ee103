package runner_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// keepsBoth is a switch that leaves the previous revision running on stage.
func (s *scene) keepsBoth(image string) *runner.Run {
	run := s.switches(image)
	run.Deployment.BlueGreen.KeepPrevious = true
	return run
}

// reverted releases ami-2, has the alarm go off because of it, and goes back to ami-1 by a run that decides as given.
func (s *scene) reverted(next func(rollout.Deployment, rollout.World) rollout.Step) runner.Result {
	s.t.Helper()
	s.mustEnd(s.keepsBoth("ami-2").Do(s.t.Context()), runner.Succeeded)
	s.world.SetAlarm("web-5xx", "ALARM", "9 errors a minute")
	run := s.keepsBoth("ami-1")
	if next != nil {
		run.DecideBy(next)
	}
	return run.Do(s.t.Context())
}

func TestNoAlarmJudgesWhatWasProvenBefore(t *testing.T) {
	inBlueGreen(t, sandbox.AWSConfig{}, func(t *testing.T, s *scene) {
		result := s.reverted(nil)
		s.mustEnd(result, runner.Succeeded)
		s.mustStand("web__1 2/4/8", "web__2 2/4/8")
		if !slices.ContainsFunc(result.Warnings, func(w string) bool {
			return strings.Contains(w, "Alarm web-5xx is in ALARM: 9 errors a minute. ami-1 was released all the same: it was proven before")
		}) {
			t.Errorf("the warnings are %q", result.Warnings)
		}
		s.mustServe()
	})
}

// A run that takes what comes back for a new release is noticed: the alarm that its successor set off judges it.
func TestABrokenReturnIsNoticed(t *testing.T) {
	onTrial := func(d rollout.Deployment, w rollout.World) rollout.Step {
		s := rollout.Next(d, w)
		if s.Kind == rollout.Record && s.Part == rollout.Setup {
			s.Journal.Verdict, s.Journal.Before = rollout.RollingOut, nil
		}
		return s
	}
	inBlueGreen(t, sandbox.AWSConfig{}, func(t *testing.T, s *scene) {
		if result := s.reverted(onTrial); result.Outcome == runner.Succeeded {
			t.Error("nobody noticed")
		}
		t.Log("promise: what was proven is not on trial")
	})
}
