package runner_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// Instances that are waited for a short time alone leave checks the time that they are given, and points that which they take.
func TestAShortWaitForInstancesLeavesChecksTheirTime(t *testing.T) {
	inBlueGreen(t, sandbox.AWSConfig{}, func(t *testing.T, s *scene) {
		slow := answers(isGood)
		slow.takes = 5 * time.Minute
		s.run = s.verified("ami-2", map[string]runner.Checker{"smoke": slow})
		s.run.HealthyTimeout = 2 * time.Minute
		s.run.Deployment.Checks[0].Timeout = 6 * time.Minute
		got := s.run.Do(t.Context())
		s.mustEnd(got, runner.Succeeded)
		s.mustStand("web__1 0/0/0", "web__2 2/4/8")
		if strings.Contains(strings.Join(got.Warnings, "\n"), "not known") {
			t.Errorf("it warns %q", got.Warnings)
		}
	})
}

// A check that does not answer delays nobody else: an alarm is heard at its usual pace.
func TestACheckThatHangsDelaysNothing(t *testing.T) {
	inBlueGreen(t, sandbox.AWSConfig{}, func(t *testing.T, s *scene) {
		hangs := answers(isGood)
		hangs.takes = time.Hour
		s.run = s.verified("ami-2", map[string]runner.Checker{"errors": hangs})
		var on time.Time
		s.says(s.run, "begun bake", 1, func() {
			time.Sleep(time.Second)
			s.world.SetAlarm("web-5xx", "ALARM", "9 errors a minute")
			on = time.Now()
		})
		s.mustEnd(s.run.Do(t.Context()), runner.RolledBack, "alarm web-5xx is in ALARM")
		for _, e := range s.events {
			if _, ok := e.Fact.(event.GoingBack); ok && e.Time.Sub(on) > 25*time.Second {
				t.Errorf("it went back %s after the alarm", e.Time.Sub(on))
			}
		}
	})
}

// A run that is killed in mid-bake leaves no time that counts: the next one sits out the bake again, and asks again.
func TestARestartInMidBakeAsksAgain(t *testing.T) {
	inBlueGreen(t, sandbox.AWSConfig{}, func(t *testing.T, s *scene) {
		s.run = s.verified("ami-2", nil)
		ctx, cancel := context.WithCancel(t.Context())
		s.says(s.run, "check", 4, cancel)
		s.mustEnd(s.run.Do(ctx), runner.Interrupted, "the run was interrupted")
		time.Sleep(time.Hour) // that nobody watches

		errs, smoke := answers(isGood), answers(isGood)
		next := s.verified("ami-2", map[string]runner.Checker{"errors": errs, "smoke": smoke})
		began := time.Now()
		s.mustEnd(next.Do(t.Context()), runner.Succeeded)
		if took := time.Since(began); took < comparedBake+3*time.Minute {
			t.Errorf("it took %s", took)
		}
		if len(errs.asked) < 10 || errs.asked[0].Attempt != 1 || len(smoke.asked) > 0 {
			t.Errorf("the bake was asked %d times, and stage %d, which is past", len(errs.asked), len(smoke.asked))
		}
	})
}
