package runner_test

import (
	"context"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// hotfix is a canary that may begin while an alarm is on.
func (s *scene) hotfix(image string) *runner.Run {
	run := s.canary(image)
	run.Deployment.IgnoreAtStart, run.Deployment.Alarms = true, []string{"web-5xx", "db-load"}
	return run
}

// What was on before the release begins counts once it has been OK, also for a process that goes on and has not seen that.
func TestAnAlarmThatWasOnAtTheStart(t *testing.T) {
	set := func(s *scene, state string) { s.world.SetAlarm("web-5xx", state, "9 errors a minute") }
	for name, c := range map[string]struct {
		during func(s *scene) // in the first bake
		killed bool           // and the run is gone on with by another process
		want   runner.Outcome
	}{
		"stays on":                             {func(*scene) {}, false, runner.Succeeded},
		"stays on, and the run is cut short":   {func(*scene) {}, true, runner.Succeeded},
		"is mended":                            {func(s *scene) { set(s, "OK") }, false, runner.Succeeded},
		"has no data, and is on again":         {func(s *scene) { set(s, "INSUFFICIENT_DATA"); time.Sleep(time.Second); set(s, "ALARM") }, true, runner.Succeeded},
		"is OK, and on again":                  {func(s *scene) { set(s, "OK"); time.Sleep(time.Second); set(s, "ALARM") }, false, runner.RolledBack},
		"is OK, and on again for another run":  {func(s *scene) { set(s, "OK"); time.Sleep(time.Second); set(s, "ALARM") }, true, runner.RolledBack},
		"another one goes off":                 {func(s *scene) { s.world.SetAlarm("db-load", "ALARM", "slow") }, false, runner.RolledBack},
		"another one goes off for another run": {func(s *scene) { s.world.SetAlarm("db-load", "ALARM", "slow") }, true, runner.RolledBack},
	} {
		t.Run(name, func(t *testing.T) {
			inCanary(t, func(t *testing.T, s *scene) {
				set(s, "ALARM")
				time.Sleep(time.Minute) // the release begins while it is on
				ctx, cancel := context.WithCancel(t.Context())
				run := s.hotfix("ami-2")
				s.says(run, "begun bake", 1, func() {
					c.during(s)
					if c.killed {
						cancel()
					}
				})
				result := run.Do(ctx)
				if c.killed {
					s.mustEnd(result, runner.Interrupted)
					result = s.hotfix("ami-2").Do(t.Context())
				}
				if result.Outcome != c.want {
					t.Fatalf("it ended %s, want %s: %v", result.Outcome, c.want, result.Err)
				}
				s.mustServe()
			}, func(c *sandbox.Config) {
				c.AWS.Alarms = append(c.AWS.Alarms, sandbox.AlarmConfig{Name: "db-load", State: "OK"})
			})
		})
	}
}

// A run that keeps in its memory which alarms were on is noticed: the one that goes on with it is taken back by them.
func TestABrokenNoteOfAlarmsIsNoticed(t *testing.T) {
	inCanary(t, func(t *testing.T, s *scene) {
		s.world.SetAlarm("web-5xx", "ALARM", "9 errors a minute")
		ctx, cancel := context.WithCancel(t.Context())
		run := s.canary("ami-2")
		run.Deployment.IgnoreAtStart = true
		run.DecideBy(func(d rollout.Deployment, w rollout.World) rollout.Step {
			step := rollout.Next(d, w)
			step.Journal.AlarmsOn = nil
			return step
		})
		s.says(run, "begun await_healthy", 1, cancel)
		run.Do(ctx)
		goesOn := s.canary("ami-2")
		goesOn.Deployment.IgnoreAtStart = true
		if goesOn.Do(t.Context()).Outcome == runner.Succeeded {
			t.Error("nobody noticed")
		}
		t.Log("promise: what was on at the start is known to the next process")
	})
}
