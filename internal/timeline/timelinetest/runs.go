// Package timelinetest has the events of whole rollouts for the tests of those who show them: real runs, on the sandbox, in virtual time.
package timelinetest

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/aws"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// What stands in the worlds here, and the secrets of those who ask.
const (
	elb           = "arn:aws:elasticloadbalancing:us-east-1:123456789012:"
	WebARN        = elb + "targetgroup/web/0123456789abcdef"
	BlueARN       = elb + "targetgroup/blue/00000000000000b1"
	GreenARN      = elb + "targetgroup/green/00000000000000b2"
	ProductionARN = elb + "listener/app/app/00000000000000c0/00000000000000c1"
	Token         = "sandbox-token"
	SecretKey     = "secret-key-that-nobody-sees"
	UserData      = "user-data-that-nobody-sees"
)

var usual = rollout.Capacity{Minimum: 2, Target: 4, Maximum: 8}

// Scene is a world in which web__1 serves with 4 instances of ami-1, with a clock of its own.
type Scene struct {
	World  *sandbox.World
	Events []event.Event
	t      *testing.T
	lock   sync.Mutex
	runs   int
	on     map[string]func()
}

// In runs a test in a world of its own.
func In(t *testing.T, test func(t *testing.T, s *Scene)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &Scene{t: t, on: map[string]func(){}}
		config := sandbox.Config{
			Images: []sandbox.Image{
				{ID: "ami-1", Name: "web-1"}, {ID: "ami-2", Name: "web-2"},
				{ID: "ami-bad", Name: "web-broken", Behaviour: sandbox.Behaviour{Reason: "Health checks failed with these codes: [503]"}},
			},
			Groups: []json.RawMessage{
				s.document("web__1", "ami-1", usual, proven("web"), WebARN),
				s.document("shop__1", "ami-1", usual, proven("shop"), BlueARN),
			},
			AWS: sandbox.AWSConfig{
				TargetGroups: []sandbox.TargetGroupConfig{{Name: "web", ARN: WebARN}, {Name: "blue", ARN: BlueARN}, {Name: "green", ARN: GreenARN}},
				LoadBalancers: []sandbox.LoadBalancerConfig{{Name: "app", Listeners: []sandbox.ListenerConfig{
					{Port: 80, TargetGroup: "web"},
					{ARN: ProductionARN, Port: 443, DefaultActions: []sandbox.ActionConfig{{TargetGroups: []sandbox.WeightConfig{
						{TargetGroup: "blue", Weight: 100}, {TargetGroup: "green", Weight: 0},
					}}}},
				}}},
				Alarms: []sandbox.AlarmConfig{{Name: "web-5xx", State: "OK"}},
			},
		}
		s.World = sandbox.New(config)
		time.Sleep(2 * time.Minute) // all serve
		test(t, s)
	})
}

func proven(deployment string) map[string]string {
	return rollout.Journal{Deployment: deployment, Revision: 1, Release: "ami-1", Verdict: rollout.Proven, Retain: 1}.Tags()
}

func (s *Scene) document(name, image string, capacity rollout.Capacity, tags map[string]string, arns ...string) []byte {
	s.t.Helper()
	parsed, err := spot.ParseDocument(sandbox.ExampleGroup())
	if err != nil {
		s.t.Fatal(err)
	}
	data := base64.StdEncoding.EncodeToString([]byte(UserData))
	built, err := parsed.Build(spot.Overrides{Name: name, ImageIDs: []string{image}, Capacity: capacity, TargetGroups: &arns, Tags: tags, UserDataBase64: &data})
	if err != nil {
		s.t.Fatal(err)
	}
	return built
}

// Clients are new clients of both clouds, as a process has them.
func (s *Scene) Clients() (*spot.Client, *aws.Client) {
	s.t.Helper()
	elastigroups, err := spot.New(spot.Config{Token: Token, Account: "act-sandbox", Endpoint: "http://spot.test", MaxRetries: 10, Transport: s.World.Transport()})
	if err != nil {
		s.t.Fatal(err)
	}
	balancers, err := aws.New(aws.Config{Region: "us-east-1", AccessKey: "AKIATEST", SecretKey: SecretKey, MaxRetries: 10, Transport: s.World.Transport()})
	if err != nil {
		s.t.Fatal(err)
	}
	return elastigroups, balancers
}

// SoFar are the events until now, of a run that goes on beside the test.
func (s *Scene) SoFar() []event.Event {
	s.lock.Lock()
	defer s.lock.Unlock()
	return slices.Clone(s.Events)
}

// When does something once, as soon as a run says so: "begun bake 50 %", "done shift", by its kind, step and phase.
func (s *Scene) When(what string, do func()) { s.on[what] = do }

// Run is a run of a new process that releases an image.
func (s *Scene) Run(deployment, image string, arns ...string) *runner.Run {
	s.t.Helper()
	elastigroups, balancers := s.Clients()
	s.runs++
	id := fmt.Sprintf("%012x", s.runs)
	return runner.New(runner.Config{
		Deployment: rollout.Deployment{
			Name: deployment, Release: image, ImageID: image, TargetGroups: arns, Alarms: []string{"web-5xx"},
			ResizeOrder: rollout.NewFirst, OnFailure: rollout.Rollback, HealthyPercent: 100, Retain: 1,
		},
		Spot: elastigroups, Balancers: balancers, Alarms: balancers, HealthyTimeout: 15 * time.Minute,
		Document: func(g rollout.Group, tags map[string]string) ([]byte, error) {
			return s.document(g.Name, image, rollout.Pin(0), tags, g.TargetGroups...), nil
		},
		Events: func(_ context.Context, e event.Event) {
			e.Run = id
			s.lock.Lock()
			s.Events = append(s.Events, e)
			s.lock.Unlock()
			what := map[string]string{"step_begun": "begun ", "step_done": "done "}[e.Kind()]
			switch f := e.Fact.(type) {
			case event.StepBegun:
				what += f.Step.Step + " " + f.PhaseName
			case event.StepDone:
				what += f.Step.Step + " " + f.PhaseName
			}
			if do := s.on[what]; do != nil {
				delete(s.on, what)
				do()
			}
		},
	})
}

// Canary is a run that releases an image of web in phases of 25 and 50 %.
func (s *Scene) Canary(image string) *runner.Run {
	run := s.Run("web", image, WebARN)
	run.Deployment.Canary = []rollout.Phase{{Percent: 25, Bake: 5 * time.Minute}, {Percent: 50, Bake: 10 * time.Minute}}
	return run
}

// BlueGreen is a run that releases an image of shop by weights of 10 and 50 %.
func (s *Scene) BlueGreen(image string) *runner.Run {
	run := s.Run("shop", image)
	run.Deployment.BlueGreen = &rollout.BlueGreen{
		Routes: []rollout.RoutePair{{ProductionARN: ProductionARN}}, Settle: 30 * time.Second, Bake: 5 * time.Minute,
		Shift: []rollout.Weight{{Percent: 10, Bake: 5 * time.Minute}, {Percent: 50, Bake: 5 * time.Minute}},
	}
	return run
}

// Trip makes the alarm go off.
func (s *Scene) Trip() {
	s.World.SetAlarm("web-5xx", "ALARM", "Threshold Crossed: 9 errors a minute <b>5xx</b>")
}

// The rollouts that are shown in tests, by what becomes of them.
var kinds = map[string]func(ctx context.Context, s *Scene){
	"basic":  func(ctx context.Context, s *Scene) { s.Run("web", "ami-2", WebARN).Do(ctx) },
	"canary": func(ctx context.Context, s *Scene) { s.Canary("ami-2").Do(ctx) },
	"failing": func(ctx context.Context, s *Scene) {
		s.When("begun bake 50 %", s.Trip)
		s.Canary("ami-2").Do(ctx)
	},
	"unhealthy": func(ctx context.Context, s *Scene) { s.Run("web", "ami-bad", WebARN).Do(ctx) },
	"bluegreen": func(ctx context.Context, s *Scene) { s.BlueGreen("ami-2").Do(ctx) },
	"switch": func(ctx context.Context, s *Scene) {
		run := s.BlueGreen("ami-2")
		run.Deployment.BlueGreen.Shift = nil
		run.Do(ctx)
	},
	"holding": func(ctx context.Context, s *Scene) {
		run := s.Canary("ami-2")
		run.Deployment.HoldAfter = 1
		run.Do(ctx)
	},
	"interrupted": func(ctx context.Context, s *Scene) {
		ctx, cancel := context.WithCancel(ctx)
		s.When("begun bake 50 %", func() { time.AfterFunc(2*time.Minute, cancel) })
		s.Canary("ami-2").Do(ctx)
	},
	"first": func(ctx context.Context, s *Scene) {
		run := s.Run("fresh", "ami-2", WebARN)
		run.Deployment.Capacity = &rollout.Capacity{Minimum: 1, Target: 2, Maximum: 3}
		run.Do(ctx)
	},
	"destroy": func(ctx context.Context, s *Scene) {
		run := s.Run("web", "ami-1", WebARN)
		run.Deployment.Gone = true
		run.Do(ctx)
	},
}

// Lines are events as a file has them.
func Lines(t *testing.T, events []event.Event) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, e := range events {
		line, err := e.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(line, '\n'))
	}
	return b.Bytes()
}
