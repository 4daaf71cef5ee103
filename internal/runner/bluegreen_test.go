package runner_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

const (
	elbARN        = "arn:aws:elasticloadbalancing:us-east-1:123456789012:"
	blueARN       = elbARN + "targetgroup/blue/00000000000000b1"
	greenARN      = elbARN + "targetgroup/green/00000000000000b2"
	productionARN = elbARN + "listener/app/colours/00000000000000c0/00000000000000c1"
	stageARN      = elbARN + "listener/app/colours/00000000000000c0/00000000000000c2"

	settling = 30 * time.Second
	lastBake = 2 * time.Minute
)

// inBlueGreen runs a test in virtual time, in which web__1 serves in blue, stage shows green, and a release is one switch of both.
func inBlueGreen(t *testing.T, aws sandbox.AWSConfig, test func(t *testing.T, s *scene)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		aws.TargetGroups = []sandbox.TargetGroupConfig{{Name: "blue", ARN: blueARN}, {Name: "green", ARN: greenARN}}
		aws.LoadBalancers = []sandbox.LoadBalancerConfig{{Name: "colours", Listeners: []sandbox.ListenerConfig{
			{ARN: productionARN, Port: 443, TargetGroup: "blue"}, {ARN: stageARN, Port: 8443, TargetGroup: "green", Stage: true},
		}}}
		aws.Alarms = []sandbox.AlarmConfig{{Name: "web-5xx", State: "OK"}}
		s := &scene{t: t, world: sandbox.New(sandbox.Config{
			Images: []sandbox.Image{{ID: "ami-1", Name: "web-1"}, {ID: "ami-2", Name: "web-2"}},
			Groups: []json.RawMessage{inTargetGroups(t, "web__1", "ami-1", usual, proven(), blueARN)},
			AWS:    aws,
		})}
		time.Sleep(2 * time.Minute) // web__1 is in service
		s.run = s.switches("ami-2")
		test(t, s)
	})
}

func inTargetGroups(t *testing.T, name, image string, capacity rollout.Capacity, tags map[string]string, arns ...string) []byte {
	t.Helper()
	parsed, err := spot.ParseDocument(sandbox.ExampleGroup())
	if err != nil {
		t.Fatal(err)
	}
	built, err := parsed.Build(spot.Overrides{Name: name, ImageIDs: []string{image}, Capacity: capacity, TargetGroups: &arns, Tags: tags})
	if err != nil {
		t.Fatal(err)
	}
	return built
}

// switches is a run, by a new process, that releases an image by one switch of production and stage.
func (s *scene) switches(image string) *runner.Run {
	s.t.Helper()
	run := s.releases(image)
	run.Alarms = run.Balancers.(runner.Alarms)
	run.Deployment.Alarms = []string{"web-5xx"}
	run.Deployment.TargetGroups = nil
	run.Deployment.BlueGreen = &rollout.BlueGreen{
		Routes: []rollout.RoutePair{{ProductionARN: productionARN, StageARN: stageARN}}, Settle: settling, Bake: lastBake,
	}
	run.Document = func(g rollout.Group, tags map[string]string) ([]byte, error) {
		return inTargetGroups(s.t, g.Name, image, rollout.Pin(0), tags, g.TargetGroups...), nil
	}
	return run
}

// turn is a change of a route: "production at 00:03:10".
type turn struct {
	name string
	at   time.Time
}

// turns are the changes of routes so far, in order.
func (s *scene) turns() []turn {
	var all []turn
	for _, c := range s.world.Changes() {
		if c.Action == "ModifyListener" {
			all = append(all, turn{map[string]string{productionARN: "production", stageARN: "stage"}[c.Subject], c.Time})
		}
	}
	return all
}

// mustTurn fails the test unless the routes were changed in exactly this order, once each.
func (s *scene) mustTurn(want ...string) []turn {
	s.t.Helper()
	turns := s.turns()
	var got []string
	for _, each := range turns {
		got = append(got, each.name)
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		s.t.Fatalf("the routes were changed %q, want %q", got, want)
	}
	return turns
}

// emptied is when a group was first set to zero.
func (s *scene) emptied(name string) time.Time {
	s.t.Helper()
	for _, m := range s.world.Timeline() {
		for _, g := range m.Groups {
			if g.Name == name && g.Target == 0 && g.Instances > 0 {
				return m.Time
			}
		}
	}
	s.t.Fatalf("%s was never set to zero", name)
	return time.Time{}
}

// Load balancers follow late, and their API may show it late: each route is changed by one call, the next one waits until it
// shows, and nothing is taken before all has settled.
func TestASwitchThatShowsLate(t *testing.T) {
	for _, lag := range []time.Duration{0, 3 * time.Second, 20 * time.Second, 90 * time.Second} {
		for _, follows := range []time.Duration{time.Second, 25 * time.Second} {
			t.Run(fmt.Sprintf("shows after %s, follows after %s", lag, follows), func(t *testing.T) {
				inBlueGreen(t, sandbox.AWSConfig{DescribeLag: sandbox.Duration(lag), Propagation: sandbox.Duration(follows)}, func(t *testing.T, s *scene) {
					s.mustEnd(s.run.Do(t.Context()), runner.Succeeded)
					turns := s.mustTurn("production", "stage")
					if took := turns[1].at.Sub(turns[0].at); took < lag || took > lag+30*time.Second {
						t.Errorf("stage was changed %s after production, which shows after %s", took, lag)
					}
					if took, least := s.emptied("web__1").Sub(turns[1].at), lag+settling+lastBake; took < least || took > least+time.Minute {
						t.Errorf("web__1 was taken down %s after the last change, want %s", took, least)
					}
					s.mustServe()
					s.mustStand("web__1 0/0/0", "web__2 2/4/8")
				})
			})
		}
	}
}

// A change that never shows: where traffic goes is not known. The run stops, and takes nothing away from either revision.
func TestASwitchThatDoesNotShow(t *testing.T) {
	inBlueGreen(t, sandbox.AWSConfig{DescribeLag: sandbox.Duration(10 * time.Minute)}, func(t *testing.T, s *scene) {
		s.mustEnd(s.run.Do(t.Context()), runner.Interrupted, productionARN, "does not show after 2m0s", "it forwards to blue", "apply again")
		s.mustTurn("production")
		time.Sleep(20 * time.Minute)
		s.mustStand("web__1 4/4/4", "web__2 4/4/4")
		s.mustServe()
	})
}

// The switch is watched, and undone by one call for each route. Capacity goes last, and only when traffic has settled.
func TestASwitchIsUndone(t *testing.T) {
	inBlueGreen(t, sandbox.AWSConfig{DescribeLag: sandbox.Duration(5 * time.Second), Propagation: sandbox.Duration(20 * time.Second)}, func(t *testing.T, s *scene) {
		s.says(s.run, "begun bake", 1, func() { s.world.SetAlarmAfter(time.Minute, "web-5xx", "ALARM", "9 errors a minute") })
		s.mustEnd(s.run.Do(t.Context()), runner.RolledBack, "alarm web-5xx is in ALARM: 9 errors a minute")
		turns := s.mustTurn("production", "stage", "production", "stage")
		if took := s.emptied("web__2").Sub(turns[3].at); took < settling {
			t.Errorf("web__2 was taken down %s after its traffic", took)
		}
		s.mustServe()
		s.mustStand("web__1 2/4/8")
	})
}

// Somebody who moves traffic right between the run's look and its change: the change is not made.
func TestASwitchIsOvertaken(t *testing.T) {
	inBlueGreen(t, sandbox.AWSConfig{}, func(t *testing.T, s *scene) {
		hasty := overtaken{s.run.Balancers, s.switches("ami-2").Balancers}
		s.run.Balancers = hasty
		s.mustEnd(s.run.Do(t.Context()), runner.Interrupted, "someone else", "forwards to blue 50 %, green 50 %", "The rollout stopped there", "apply again")
		s.mustTurn("production") // someone else's
		s.mustStand("web__1 4/4/4", "web__2 4/4/4")
		s.mustServe()
	})
}

// overtaken are balancers whose routes someone else changes right before the run does.
type overtaken struct {
	runner.Balancers
	other runner.Balancers
}

func (o overtaken) SetTraffic(ctx context.Context, arn string, seen, wanted rollout.Forward) error {
	half := rollout.Forward{{TargetGroup: blueARN, Weight: 50}, {TargetGroup: greenARN, Weight: 50}}
	if err := o.other.SetTraffic(ctx, arn, seen, half); err != nil {
		return err
	}
	return o.Balancers.SetTraffic(ctx, arn, seen, wanted)
}

// An interrupt while the switch settles leaves both revisions whole, and the next run goes on from there.
func TestASwitchIsInterrupted(t *testing.T) {
	for name, next := range map[string]string{"and goes on": "ami-2", "and goes back": "ami-1"} {
		t.Run(name, func(t *testing.T) {
			inBlueGreen(t, sandbox.AWSConfig{}, func(t *testing.T, s *scene) {
				ctx, cancel := context.WithCancel(t.Context())
				s.says(s.run, "done change", 4, cancel) // production is switched, stage is not
				s.mustEnd(s.run.Do(ctx), runner.Interrupted, "the run was interrupted", "web__2 (ami-2) is being rolled out", "The next apply goes on from there")
				s.mustTurn("production")
				s.mustStand("web__1 4/4/4", "web__2 4/4/4")
				s.mustEnd(s.switches(next).Do(t.Context()), runner.Succeeded)
				s.mustServe()
				if next == "ami-1" {
					s.mustTurn("production", "production", "production") // blue comes back into use before its traffic does
					s.mustStand("web__1 2/4/8")
				} else {
					s.mustTurn("production", "stage")
					s.mustStand("web__1 0/0/0", "web__2 2/4/8")
				}
			})
		})
	}
}
