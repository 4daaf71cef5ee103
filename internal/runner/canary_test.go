package runner_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// The bakes of the two phases that every canary here has: a quarter, then half.
const (
	firstBake  = 5 * time.Minute
	secondBake = 10 * time.Minute
)

// inCanary runs a test in virtual time, in which releases are canaries of two phases watched by two alarms. Change has the
// last word on the world.
func inCanary(t *testing.T, test func(t *testing.T, s *scene), change ...func(*sandbox.Config)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		config := sandbox.Config{
			Images: []sandbox.Image{
				{ID: "ami-1", Name: "web-1"}, {ID: "ami-2", Name: "web-2"},
				{ID: "ami-crash", Name: "web-crash", Behaviour: sandbox.Behaviour{
					CrashAfter: sandbox.Duration(3 * time.Minute), Reason: "Health checks failed with these codes: [502]",
				}},
			},
			Groups: []json.RawMessage{document(t, "ami-1", usual, proven(), "web__1")},
			AWS: sandbox.AWSConfig{
				TargetGroups: []sandbox.TargetGroupConfig{{Name: "web", ARN: webARN}},
				LoadBalancers: []sandbox.LoadBalancerConfig{{Name: "app", Listeners: []sandbox.ListenerConfig{
					{Port: 80, TargetGroup: "web"},
				}}},
				Alarms: []sandbox.AlarmConfig{
					{Name: "web-5xx", State: "OK"},
					{Name: "web-all", Type: "composite", Rule: "ALARM(web-5xx) OR ALARM(web-latency)"},
				},
			},
		}
		for _, c := range change {
			c(&config)
		}
		s := &scene{t: t, world: sandbox.New(config)}
		time.Sleep(2 * time.Minute) // web__1 is in service
		s.run = s.canary("ami-2")
		test(t, s)
	})
}

// proven is the journal of web__1.
func proven() map[string]string {
	return rollout.Journal{Deployment: "web", Revision: 1, Release: "ami-1", Verdict: rollout.Proven, Retain: 1}.Tags()
}

// canary is a run, by a new process, that releases an image in two phases.
func (s *scene) canary(image string) *runner.Run {
	s.t.Helper()
	run := s.releases(image)
	run.Deployment.Canary = []rollout.Phase{{Percent: 25, Bake: firstBake}, {Percent: 50, Bake: secondBake}}
	run.Deployment.Alarms = []string{"web-5xx", "web-all"}
	run.Alarms = run.Balancers.(runner.Alarms)
	return run
}

// says does something once, when a run says for the nth time that something happened.
func (s *scene) says(run *runner.Run, what string, nth int, do func()) {
	met, take := 0, run.Events
	run.Events = func(ctx context.Context, e event.Event) {
		take(ctx, e)
		if happening(e) == what {
			if met++; met == nth {
				do()
			}
		}
	}
}

// happening is what happened, in two words: "begun bake", "done await_healthy", "done change", "notice look_failed".
func happening(e event.Event) string {
	step := func(s event.Step) string {
		if slices.Contains([]string{"bake", "settle", "await_healthy", "await_drained"}, s.Step) {
			return s.Step
		}
		return "change"
	}
	switch f := e.Fact.(type) {
	case event.StepBegun:
		return "begun " + step(f.Step)
	case event.StepDone:
		return "done " + step(f.Step)
	case event.StepFailed:
		return "failed " + step(f.Step)
	case event.Notice:
		return "notice " + f.What
	}
	return e.Kind()
}

// count is how often something happened.
func (s *scene) count(what string) (n int) {
	for _, e := range s.events {
		if happening(e) == what {
			n++
		}
	}
	return n
}

// share is what web__1 and web__2 were set to, and from when.
type share struct {
	at   time.Time
	text string
}

// shares are those in the course of the world, the oldest first.
func (s *scene) shares() []share {
	var all []share
	for _, m := range s.world.Timeline() {
		var each []string
		for _, g := range m.Groups {
			each = append(each, fmt.Sprintf("%d/%d/%d", g.Minimum, g.Target, g.Maximum))
		}
		if text := strings.Join(each, " "); len(all) == 0 || all[len(all)-1].text != text {
			all = append(all, share{m.Time, text})
		}
	}
	return all
}

// mustChangeNothing fails the test if a call has changed the world since there were so many that did.
func (s *scene) mustChangeNothing(since int) {
	s.t.Helper()
	for _, c := range s.world.Changes()[since:] {
		s.t.Errorf("it changed something: %s %s", c.Action, c.Name)
	}
}

// halfway is what stands in the bake of the second phase.
var halfway = []string{"web__1 2/2/2", "web__2 2/2/2"}

func TestACanaryHasExactlyItsShares(t *testing.T) {
	inCanary(t, func(t *testing.T, s *scene) {
		s.mustEnd(s.run.Do(t.Context()), runner.Succeeded)
		s.mustStand(released...)
		s.mustServe()
		var texts []string
		shares := s.shares()
		for _, each := range shares {
			texts = append(texts, each.text)
		}
		want := []string{
			"2/4/8", "2/4/8 0/0/0",
			"2/4/8 1/1/1", "3/3/3 1/1/1",
			"3/3/3 2/2/2", "2/2/2 2/2/2",
			"2/2/2 4/4/4", "0/0/0 4/4/4", "0/0/0 2/4/8",
		}
		if !slices.Equal(texts, want) {
			t.Fatalf("the shares were\n%q, want\n%q", texts, want)
		}
		for phase, bake := range map[int]time.Duration{3: firstBake, 5: secondBake} {
			if took := shares[phase+1].at.Sub(shares[phase].at); took < bake || took > bake+30*time.Second {
				t.Errorf("%s stood for %s, and the bake is %s", texts[phase], took, bake)
			}
		}
	})
}

func TestHoldingAfterAPhaseIsASuccessThatLasts(t *testing.T) {
	inCanary(t, func(t *testing.T, s *scene) {
		s.run.Deployment.HoldAfter = 1
		s.mustEnd(s.run.Do(t.Context()), runner.Succeeded)
		s.mustStand("web__1 3/3/3", "web__2 1/1/1")

		before := len(s.world.Changes())
		again := s.canary("ami-2")
		again.Deployment.HoldAfter = 1
		s.mustEnd(again.Do(t.Context()), runner.Succeeded)
		s.mustChangeNothing(before)

		s.mustEnd(s.canary("ami-2").Do(t.Context()), runner.Succeeded)
		s.mustStand(released...)
		s.mustServe()
	})
}

func TestAFailureIsLeftAsItIsWhereThatIsWanted(t *testing.T) {
	inCanary(t, func(t *testing.T, s *scene) {
		s.run.Deployment.OnFailure = rollout.Hold
		s.says(s.run, "begun bake", 2, func() { s.world.SetAlarm("web-5xx", "ALARM", "9 errors a minute") })
		s.mustEnd(s.run.Do(t.Context()), runner.Held, "the release of ami-2 failed", "alarm web-5xx is in ALARM: 9 errors a minute",
			`Everything is left as it is (on_failure = "hold")`, "Apply again to go on, or apply the previous configuration to go back")
		s.mustStand(halfway...)
		s.mustServe()
	})
}
