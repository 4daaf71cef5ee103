package runner_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

func TestAnAlarmThatIsOnAlreadyRefusesTheStart(t *testing.T) {
	for _, name := range []string{"web-5xx", "web-all"} {
		t.Run(name, func(t *testing.T) {
			inCanary(t, func(t *testing.T, s *scene) {
				s.world.SetAlarm(name, "ALARM", "9 errors a minute")
				before := len(s.world.Changes())
				s.mustEnd(s.run.Do(t.Context()), runner.Refused, "alarm "+name+" is in ALARM: 9 errors a minute", "Nothing was touched", "Apply again when the alarm is off")
				s.mustChangeNothing(before)
				s.mustStand("web__1 2/4/8")
			})
		})
	}
}

func TestAnAlarmThatDoesNotExistRefusesTheStart(t *testing.T) {
	inCanary(t, func(t *testing.T, s *scene) {
		s.run.Deployment.Alarms = []string{"web-5xx", "web-4xx"}
		before := len(s.world.Changes())
		s.mustEnd(s.run.Do(t.Context()), runner.Refused, "the alarms cannot be watched", "web-4xx", "serves with 4 (minimum 2, maximum 8)")
		s.mustChangeNothing(before)
	})
}

// An alarm takes the candidate back whenever it goes off while the revisions change, however shortly.
func TestAnAlarmTakesTheCandidateBack(t *testing.T) {
	for name, test := range map[string]struct {
		what  string
		nth   int
		alarm string
		off   time.Duration // when it is off again, if it is
		words string
	}{
		"in the first bake":            {what: "begun bake", nth: 1, alarm: "web-5xx", words: "alarm web-5xx is in ALARM: 9 errors a minute"},
		"in the second bake":           {what: "begun bake", nth: 2, alarm: "web-5xx", words: "alarm web-5xx is in ALARM: 9 errors a minute"},
		"a composite one":              {what: "begun bake", nth: 2, alarm: "web-all", words: "alarm web-all is in ALARM: 9 errors a minute"},
		"in the wait for instances":    {what: "begun await_healthy", nth: 1, alarm: "web-5xx", words: "alarm web-5xx is in ALARM: 9 errors a minute"},
		"on and off between two looks": {what: "begun bake", nth: 2, alarm: "web-5xx", off: time.Second, words: "alarm web-5xx went to ALARM at "},
		"a composite one, on and off":  {what: "begun bake", nth: 1, alarm: "web-all", off: time.Second, words: "alarm web-all went to ALARM at "},
	} {
		t.Run(name, func(t *testing.T) {
			inCanary(t, func(t *testing.T, s *scene) {
				s.says(s.run, test.what, test.nth, func() {
					if test.off == 0 {
						s.world.SetAlarm(test.alarm, "ALARM", "9 errors a minute")
						return
					}
					// The run has just looked, and looks again in 12 to 18 seconds.
					s.world.SetAlarmAfter(5*time.Second, test.alarm, "ALARM", "9 errors a minute")
					s.world.SetAlarmAfter(5*time.Second+test.off, test.alarm, "OK", "quiet")
				})
				s.mustEnd(s.run.Do(t.Context()), runner.RolledBack, test.words, "9 errors a minute", "It was taken back", "serves with 4 (minimum 2, maximum 8) as before")
				s.mustStand("web__1 2/4/8")
				s.mustServe()
			})
		})
	}
}

func TestAnAlarmWithoutDataIsAWarningOnce(t *testing.T) {
	inCanary(t, func(t *testing.T, s *scene) {
		s.says(s.run, "begun bake", 1, func() { s.world.SetAlarm("web-5xx", "INSUFFICIENT_DATA", "no datapoints") })
		result := s.run.Do(t.Context())
		s.mustEnd(result, runner.Succeeded)
		s.mustStand(released...)
		if len(result.Warnings) != 1 || !strings.Contains(result.Warnings[0], "Alarm web-5xx was INSUFFICIENT_DATA during the bake of 25 % (no datapoints)") {
			t.Errorf("the warnings are %q", result.Warnings)
		}
	})
}

// denied is an answer that no client repeats.
func denied(times int) sandbox.Fault {
	return sandbox.Fault{Service: "cloudwatch", Action: "DescribeAlarms", Kind: sandbox.Error, Status: 403, Code: "AccessDenied",
		Message: "not authorized to perform cloudwatch:DescribeAlarms", Times: times}
}

func TestAlarmsThatCannotBeReadForAWhileAreSatOut(t *testing.T) {
	inCanary(t, func(t *testing.T, s *scene) {
		s.says(s.run, "begun bake", 2, func() { s.world.Fail(denied(4)) })
		s.mustEnd(s.run.Do(t.Context()), runner.Succeeded)
		s.mustStand(released...)
		if failed := s.count("notice alarms_unread"); failed != 4 {
			t.Errorf("the alarms could not be read %d times, want 4", failed)
		}
	})
}

func TestAlarmsThatCannotBeReadForGoodStopTheRun(t *testing.T) {
	inCanary(t, func(t *testing.T, s *scene) {
		s.says(s.run, "begun bake", 2, func() { s.world.Fail(denied(-1)) })
		s.mustEnd(s.run.Do(t.Context()), runner.Broken, "the alarms could not be read 5 times in a row", "cloudwatch:DescribeAlarms", "web__2", "Apply again to go on")
		s.mustStand(halfway...)

		s.world.ClearFaults()
		s.mustEnd(s.canary("ami-2").Do(t.Context()), runner.Succeeded)
		s.mustStand(released...)
		s.mustServe()
	})
}

// An unanswered look at the alarms in a bake is no time in which they were quiet: the next phase waits for their word.
func TestNoPhaseBeginsWhileTheAlarmsAreSilent(t *testing.T) {
	inCanary(t, func(t *testing.T, s *scene) {
		s.says(s.run, "done bake", 1, func() {
			s.world.Fail(denied(2))
			s.world.SetAlarm("web-5xx", "ALARM", "9 errors a minute")
		})
		s.mustEnd(s.run.Do(t.Context()), runner.RolledBack, "alarm web-5xx is in ALARM: 9 errors a minute")
		for _, each := range s.shares() {
			if each.text == "3/3/3 2/2/2" {
				t.Error("the second phase began")
			}
		}
	})
}

// fading are alarms that are deleted at some time.
type fading struct {
	clouds runner.Alarms
	gone   bool
}

func (f *fading) Alarms(ctx context.Context, names []string) ([]runner.Alarm, error) {
	if f.gone {
		return nil, fmt.Errorf("reading alarms: there is no alarm web-5xx: %w", runner.ErrGone)
	}
	return f.clouds.Alarms(ctx, names)
}

func (f *fading) AlarmTripped(ctx context.Context, name string, since time.Time) (bool, string, error) {
	return f.clouds.AlarmTripped(ctx, name, since)
}

func (f *fading) AlarmWasOK(ctx context.Context, name string, since time.Time) (bool, error) {
	return f.clouds.AlarmWasOK(ctx, name, since)
}

func TestAnAlarmThatIsDeletedInABakeStopsTheRun(t *testing.T) {
	inCanary(t, func(t *testing.T, s *scene) {
		alarms := &fading{clouds: s.run.Alarms}
		s.run.Alarms = alarms
		s.says(s.run, "begun bake", 2, func() { alarms.gone = true })
		s.mustEnd(s.run.Do(t.Context()), runner.Broken, "the alarms cannot be watched", "there is no alarm web-5xx", "web__2",
			"Mend verify.alarms or the alarm, and apply again to go on")
		s.mustStand(halfway...)

		mended := s.canary("ami-2")
		mended.Deployment.Alarms = []string{"web-all"}
		s.mustEnd(mended.Do(t.Context()), runner.Succeeded)
		s.mustStand(released...)
	})
}

func TestAFirstDeploymentDoesNotAskTheAlarms(t *testing.T) {
	inCanary(t, func(t *testing.T, s *scene) {
		s.world.SetAlarm("web-5xx", "ALARM", "nobody answers yet")
		s.run.Deployment.OwnCapacity = usual
		s.mustEnd(s.run.Do(t.Context()), runner.Succeeded)
		s.mustStand("web__1 2/4/8")
		if asked := slices.ContainsFunc(s.world.Calls(), func(c sandbox.Call) bool { return c.Service == "cloudwatch" }); asked {
			t.Error("CloudWatch was asked")
		}
	}, func(c *sandbox.Config) { c.Groups = nil })
}

func TestAnAlarmThatIsOnWhenARunGoesOnTakesTheCandidateBack(t *testing.T) {
	inCanary(t, func(t *testing.T, s *scene) {
		ctx, cancel := context.WithCancel(t.Context())
		s.says(s.run, "begun bake", 2, cancel)
		s.mustEnd(s.run.Do(ctx), runner.Interrupted)
		s.mustStand(halfway...)

		s.world.SetAlarm("web-5xx", "ALARM", "9 errors a minute")
		s.mustEnd(s.canary("ami-2").Do(t.Context()), runner.RolledBack, "alarm web-5xx is in ALARM: 9 errors a minute", "serves with 4 (minimum 2, maximum 8) as before")
		s.mustStand("web__1 2/4/8")
		s.mustServe()
	})
}
