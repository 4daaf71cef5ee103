package runner_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
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

const webARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef"

// usual is what every deployment here has, and gets back when a release fails.
var usual = rollout.Capacity{Minimum: 2, Target: 4, Maximum: 8}

// scene is a world in which web__1 serves with 4 instances of ami-1, and the clients of a new process.
type scene struct {
	t      *testing.T
	world  *sandbox.World
	run    *runner.Run
	events []event.Event // of all runs
}

// inWorld runs a test in virtual time. The run in it releases ami-2; ami-bad never answers.
func inWorld(t *testing.T, test func(t *testing.T, s *scene), options ...sandbox.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := sandbox.New(sandbox.Config{
			Images: []sandbox.Image{
				{ID: "ami-1", Name: "web-1"}, {ID: "ami-2", Name: "web-2"},
				{ID: "ami-bad", Name: "web-broken", Behaviour: sandbox.Behaviour{Reason: "Health checks failed with these codes: [503]"}},
			},
			Groups: []json.RawMessage{document(t, "ami-1", usual, rollout.Journal{
				Deployment: "web", Revision: 1, Release: "ami-1", Verdict: rollout.Proven, Retain: 1,
			}.Tags(), "web__1")},
			AWS: sandbox.AWSConfig{
				TargetGroups: []sandbox.TargetGroupConfig{{Name: "web", ARN: webARN}},
				LoadBalancers: []sandbox.LoadBalancerConfig{{Name: "app", Listeners: []sandbox.ListenerConfig{
					{Port: 80, TargetGroup: "web"},
				}}},
			},
		}, options...)
		time.Sleep(2 * time.Minute) // web__1 is in service
		s := &scene{t: t, world: w}
		s.run = s.releases("ami-2")
		test(t, s)
	})
}

// releases is a run, by a new process, that releases an image.
func (s *scene) releases(image string) *runner.Run {
	s.t.Helper()
	elastigroups, err := spot.New(spot.Config{Token: "sandbox-token", Account: "act-sandbox", Endpoint: "http://spot.test", MaxRetries: 10, Transport: s.world.Transport()})
	if err != nil {
		s.t.Fatal(err)
	}
	balancers, err := aws.New(aws.Config{Region: "us-east-1", AccessKey: "AKIATEST", SecretKey: "secret-of-the-test", MaxRetries: 10, Transport: s.world.Transport()})
	if err != nil {
		s.t.Fatal(err)
	}
	return runner.New(runner.Config{
		Deployment: rollout.Deployment{
			Name: "web", Release: image, ImageID: image, TargetGroups: []string{webARN},
			ResizeOrder: rollout.NewFirst, OnFailure: rollout.Rollback, HealthyPercent: 100, Retain: 1,
		},
		Spot: elastigroups, Balancers: balancers, HealthyTimeout: 20 * time.Minute,
		Document: func(g rollout.Group, tags map[string]string) ([]byte, error) {
			return document(s.t, image, rollout.Pin(0), tags, g.Name), nil
		},
		Events: func(_ context.Context, e event.Event) { s.events = append(s.events, e) },
	})
}

func document(t *testing.T, image string, capacity rollout.Capacity, tags map[string]string, name string) []byte {
	t.Helper()
	parsed, err := spot.ParseDocument(sandbox.ExampleGroup())
	if err != nil {
		t.Fatal(err)
	}
	arns := []string{webARN}
	built, err := parsed.Build(spot.Overrides{Name: name, ImageIDs: []string{image}, Capacity: capacity, TargetGroups: &arns, Tags: tags})
	if err != nil {
		t.Fatal(err)
	}
	return built
}

// when does something once, as soon as a call of that action on a group of that name has taken effect for the nth time.
func (s *scene) when(action, name string, nth int, do func()) {
	met := 0
	s.world.Intercept(nil, func(c *sandbox.Call) {
		if c.Action == action && c.Name == name {
			if met++; met == nth {
				do()
			}
		}
	})
}

// mustEnd fails the test unless the run ended so, with all the words in its error.
func (s *scene) mustEnd(got runner.Result, want runner.Outcome, words ...string) {
	s.t.Helper()
	if got.Outcome != want || (got.Err == nil) != (want == runner.Succeeded) {
		s.t.Fatalf("the run ended %s, want %s: %v", got.Outcome, want, got.Err)
	}
	for _, word := range words {
		if !strings.Contains(got.Err.Error(), word) {
			s.t.Errorf("%q is not said: %v", word, got.Err)
		}
	}
}

// mustStand fails the test unless exactly these groups stand: "web__1 2/4/8".
func (s *scene) mustStand(want ...string) {
	s.t.Helper()
	var got []string
	for _, g := range s.world.Groups() {
		got = append(got, fmt.Sprintf("%s %d/%d/%d", g.Name, g.Minimum, g.Target, g.Maximum))
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		s.t.Errorf("there stand %q, want %q", got, want)
	}
}

// mustServe fails the test if traffic reached fewer than 4 instances at any moment once all served.
func (s *scene) mustServe() {
	s.t.Helper()
	began := false
	for _, m := range s.world.Timeline() {
		n := m.Serving(nil)
		began = began || n >= usual.Target
		if began && n < usual.Target {
			s.t.Errorf("at %s only %d instances served", m.Time.Format("15:04:05"), n)
			return
		}
	}
	if !began {
		s.t.Error("it never served in full")
	}
}

// mustBeSingle fails the test if two groups ever bore the same name.
func (s *scene) mustBeSingle() {
	s.t.Helper()
	for _, m := range s.world.Timeline() {
		seen := map[string]bool{}
		for _, g := range m.Groups {
			if seen[g.Name] {
				s.t.Errorf("at %s there were two groups %s", m.Time.Format("15:04:05"), g.Name)
				return
			}
			seen[g.Name] = true
		}
	}
}
