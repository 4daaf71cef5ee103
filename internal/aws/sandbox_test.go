package aws_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/aws"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// In these tests the client meets a whole pretend AWS, which knows nothing of it, in place of answers made to measure.

// inSandbox runs a test in virtual time against a world with two target groups, blue serving, and what goes with them.
func inSandbox(t *testing.T, test func(*testing.T, *sandbox.World, *aws.Client)) {
	synctest.Test(t, func(t *testing.T) {
		one := func(group string) []sandbox.ActionConfig {
			return []sandbox.ActionConfig{{TargetGroups: []sandbox.WeightConfig{{TargetGroup: group, Weight: 1}}}}
		}
		two := []sandbox.ActionConfig{{StickySeconds: 60, TargetGroups: []sandbox.WeightConfig{
			{TargetGroup: "blue", Weight: 100}, {TargetGroup: "green", Weight: 0},
		}}}
		w := sandbox.New(sandbox.Config{
			Images: []sandbox.Image{{ID: "ami-old", Name: "web-1"}, {ID: "ami-new", Name: "web-2"}, {ID: "ami-db", Name: "db"}},
			AWS: sandbox.AWSConfig{
				TargetGroups: []sandbox.TargetGroupConfig{{Name: "blue", Tags: map[string]string{"app": "web"}}, {Name: "green"}},
				LoadBalancers: []sandbox.LoadBalancerConfig{{Name: "web", Listeners: []sandbox.ListenerConfig{
					{Port: 80, DefaultActions: one("blue"), Rules: []sandbox.RuleConfig{{Priority: 5, Actions: two}}},
					{Port: 8080, DefaultActions: one("green")},
				}}},
				ClassicLoadBalancers: []sandbox.ClassicBalancerConfig{{Name: "old-web"}},
				Alarms:               []sandbox.AlarmConfig{{Name: "web-5xx", State: "OK"}, {Name: "web-any", Type: "composite"}},
			},
		})
		c, err := aws.New(aws.Config{Region: "us-east-1", AccessKey: "AKIATEST", SecretKey: "secret-of-the-test", Transport: w.Transport()})
		if err != nil {
			t.Fatal(err)
		}
		test(t, w, c)
	})
}

// group finds a target group's ARN by its name.
func group(t *testing.T, c *aws.Client, name string) string {
	t.Helper()
	found, err := c.FindTargetGroup(t.Context(), aws.TargetGroupQuery{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return found.ARN
}

// traffic is where it really goes by a route: "blue=100 green=0".
func traffic(w *sandbox.World, arn string) string {
	var said []string
	for _, r := range w.Routes() {
		if r.ARN == arn {
			for _, it := range r.Weights {
				said = append(said, fmt.Sprintf("%s=%d", strings.Split(it.TargetGroup, "/")[1], it.Weight))
			}
		}
	}
	return strings.Join(said, " ")
}

func TestSandboxRoutes(t *testing.T) {
	inSandbox(t, func(t *testing.T, w *sandbox.World, c *aws.Client) {
		blue, green := group(t, c, "blue"), group(t, c, "green")
		to := func(b, g int) rollout.Forward {
			return rollout.Forward{{TargetGroup: blue, Weight: b}, {TargetGroup: green, Weight: g}}
		}
		for _, r := range w.Routes() {
			first, err := c.Route(t.Context(), r.ARN)
			if err != nil {
				t.Fatal(err)
			}
			for _, step := range []rollout.Forward{to(90, 10), to(0, 100), {{TargetGroup: green, Weight: 1}}, to(1, 1)} {
				route, err := c.Route(t.Context(), r.ARN)
				if err != nil {
					t.Fatal(err)
				}
				if err := c.SetForward(t.Context(), route, step); err != nil {
					t.Fatal(err)
				}
				now, err := c.Route(t.Context(), r.ARN)
				if err != nil || !now.Forward.Same(step) || now.Stickiness != first.Stickiness {
					t.Errorf("%s: set to %v, reads %v, sticky %v, %v", r.ARN, step, now.Forward, now.Stickiness, err)
				}
			}
			if err := c.SetForward(t.Context(), first, to(50, 51)); !errors.Is(err, aws.ErrMoved) {
				t.Errorf("a route that moved was changed: %v", err)
			}
			now, err := c.Route(t.Context(), r.ARN)
			if err != nil {
				t.Fatal(err)
			}
			before := len(w.Changes())
			if err := errors.Join(c.SetForward(t.Context(), now, first.Forward), c.SetForward(t.Context(), now, first.Forward)); err != nil {
				t.Fatal(err)
			}
			if n := len(w.Changes()) - before; n != 1 {
				t.Errorf("%d changes to put it back twice", n)
			}
		}
		time.Sleep(time.Minute)
		for _, r := range w.Routes() {
			route, err := c.Route(t.Context(), r.ARN)
			want := map[bool]string{true: "blue=100 green=0", false: map[int]string{80: "blue=1", 8080: "green=1"}[route.Port]}[route.Kind == aws.Rule]
			if got := traffic(w, r.ARN); err != nil || got != want {
				t.Errorf("%s: %s, want %s, %v", r.ARN, got, want, err)
			}
		}
	})
}

func TestSandboxRouteWithMishaps(t *testing.T) {
	inSandbox(t, func(t *testing.T, w *sandbox.World, c *aws.Client) {
		green := group(t, c, "green")
		arn := w.Routes()[0].ARN
		route, err := c.Route(t.Context(), arn)
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range []sandbox.FaultKind{sandbox.DropAfter, sandbox.DropBefore, sandbox.Empty, sandbox.HTML, sandbox.Hang} {
			w.Fail(sandbox.Fault{Service: "elbv2", Action: "ModifyListener", Kind: kind})
		}
		w.Fail(sandbox.Fault{Service: "elbv2", Kind: sandbox.Throttle, Delay: sandbox.Duration(20 * time.Second)})
		if err := c.SetForward(t.Context(), route, rollout.Forward{{TargetGroup: green, Weight: 1}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if got := traffic(w, arn); got != "green=1" {
			t.Error(got)
		}
	})
}

func TestSandboxReads(t *testing.T) {
	inSandbox(t, func(t *testing.T, w *sandbox.World, c *aws.Client) {
		if err := c.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		image, err := c.Image(t.Context(), "ami-new")
		if err != nil || image.State != "available" || image.Name != "web-2" {
			t.Errorf("image: %+v, %v", image, err)
		}
		images, err := c.Images(t.Context(), aws.ImageQuery{Owners: []string{"self"}, Filters: []aws.Filter{{Name: "name", Values: []string{"web-*"}}}})
		if err != nil || len(images) != 2 || *images[0].ImageId != "ami-new" {
			t.Errorf("images: %d, %v", len(images), err)
		}
		all, err := c.TargetGroups(t.Context(), aws.TargetGroupsQuery{})
		if err != nil || len(all) != 2 {
			t.Errorf("target groups: %v, %v", all, err)
		}
		found, err := c.FindTargetGroup(t.Context(), aws.TargetGroupQuery{Tags: map[string]string{"app": "web"}})
		if err != nil || found.Name != "blue" || found.DeregistrationDelay != "300" || len(found.LoadBalancers) != 1 {
			t.Errorf("target group: %+v, %v", found, err)
		}
		read, err := c.TargetGroup(t.Context(), found.ARN)
		if err != nil || read.Type != "instance" || len(read.Balancers) != 1 {
			t.Errorf("target group: %+v, %v", read, err)
		}
		if targets, err := c.TargetHealth(t.Context(), found.ARN); err != nil || len(targets) != 0 {
			t.Errorf("targets: %v, %v", targets, err)
		}
		if b, err := c.ClassicBalancer(t.Context(), "old-web"); err != nil || b.VPC == "" || b.Check.Takes() != 300*time.Second {
			t.Errorf("classic balancer: %+v, %v", b, err)
		}
		if account, err := c.Account(t.Context()); err != nil || account != "123456789012" {
			t.Errorf("account %q, %v", account, err)
		}
		if targets, err := c.ClassicHealth(t.Context(), "old-web"); err != nil || len(targets) != 0 {
			t.Errorf("classic: %v, %v", targets, err)
		}
	})
}

func TestSandboxGone(t *testing.T) {
	inSandbox(t, func(t *testing.T, _ *sandbox.World, c *aws.Client) {
		const prefix = "arn:aws:elasticloadbalancing:us-east-1:123456789012:"
		_, image := c.Image(t.Context(), "ami-0000000000000000f")
		_, group := c.TargetGroup(t.Context(), prefix+"targetgroup/nobody/1111111111111111")
		_, health := c.TargetHealth(t.Context(), prefix+"targetgroup/nobody/1111111111111111")
		_, byName := c.FindTargetGroup(t.Context(), aws.TargetGroupQuery{Name: "nobody"})
		_, classic := c.ClassicHealth(t.Context(), "nobody")
		_, balancer := c.ClassicBalancer(t.Context(), "nobody")
		_, listener := c.Route(t.Context(), prefix+"listener/app/web/1111111111111111/1111111111111111")
		_, rule := c.Route(t.Context(), prefix+"listener-rule/app/web/1111111111111111/1111111111111111/1111111111111111")
		_, alarm := c.Alarms(t.Context(), []string{"web-5xx", "nobody"})
		for name, err := range map[string]error{
			"image": image, "target group": group, "health": health, "by name": byName, "classic health": classic,
			"classic balancer": balancer, "listener": listener, "rule": rule, "alarm": alarm,
		} {
			if !errors.Is(err, runner.ErrGone) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestSandboxAlarms(t *testing.T) {
	inSandbox(t, func(t *testing.T, w *sandbox.World, c *aws.Client) {
		start := time.Now()
		time.Sleep(time.Minute)
		w.SetAlarm("web-5xx", "ALARM", "3 errors")
		time.Sleep(time.Minute)
		w.SetAlarm("web-5xx", "OK", "no errors")
		w.SetAlarm("web-any", "ALARM", "one of them")
		time.Sleep(time.Minute)

		got, err := c.Alarms(t.Context(), []string{"web-5xx", "web-any"})
		if err != nil {
			t.Fatal(err)
		}
		if got[0].Tripped() || got[0].Kind != "metric" || got[0].Reason != "no errors" || !got[0].Since.Equal(start.Add(2*time.Minute)) {
			t.Errorf("got %+v", got[0])
		}
		if !got[1].Tripped() || got[1].Kind != "composite" {
			t.Errorf("got %+v", got[1])
		}
		for _, tt := range []struct {
			name  string
			since time.Duration
			want  bool
		}{{"web-5xx", 0, true}, {"web-5xx", time.Minute, true}, {"web-5xx", 61 * time.Second, false}, {"web-any", 0, true}} {
			tripped, reason, err := c.AlarmTripped(t.Context(), tt.name, start.Add(tt.since))
			if err != nil || tripped != tt.want {
				t.Errorf("%s since %s: %t, %q, %v", tt.name, tt.since, tripped, reason, err)
			}
		}
	})
}

// Zones of balancers and subnets, and why instances ended.
func TestZonesAndEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := sandbox.New(sandbox.Config{
			Images: []sandbox.Image{{ID: "ami-1"}, {ID: "ami-dies", Name: "web-dies"}},
			Groups: []json.RawMessage{json.RawMessage(strings.ReplaceAll(string(sandbox.ExampleGroup()), "ami-0a10000000000001", "ami-dies"))},
			AWS: sandbox.AWSConfig{
				Subnets:              []sandbox.SubnetConfig{{ID: "subnet-1", Zone: "us-east-1c"}},
				TargetGroups:         []sandbox.TargetGroupConfig{{Name: "web"}},
				LoadBalancers:        []sandbox.LoadBalancerConfig{{Name: "app", Zones: []string{"us-east-1c", "us-east-1a"}, Listeners: []sandbox.ListenerConfig{{TargetGroup: "web"}}}},
				ClassicLoadBalancers: []sandbox.ClassicBalancerConfig{{Name: "old", Zones: []string{"us-east-1d"}}},
			},
		})
		c, err := aws.New(aws.Config{Region: "us-east-1", AccessKey: "AKIATEST", SecretKey: "secret-of-the-test", MaxRetries: 1, Transport: w.Transport()})
		if err != nil {
			t.Fatal(err)
		}
		ctx := context.Background()
		group, err := c.FindTargetGroup(ctx, aws.TargetGroupQuery{Name: "web"})
		if err != nil {
			t.Fatal(err)
		}
		if zones, err := c.Zones(ctx, group.LoadBalancers[0]); err != nil || !slices.Equal(zones, []string{"us-east-1a", "us-east-1c"}) {
			t.Errorf("%v, %v", zones, err)
		}
		if _, err := c.Zones(ctx, group.LoadBalancers[0]+"0"); !errors.Is(err, runner.ErrGone) {
			t.Errorf("of a balancer that there is not: %v", err)
		}
		if old, err := c.ClassicBalancer(ctx, "old"); err != nil || !slices.Equal(old.Zones, []string{"us-east-1d"}) {
			t.Errorf("%v, %v", old, err)
		}
		if zones, err := c.SubnetZones(ctx, []string{"subnet-1"}); err != nil || zones["subnet-1"] != "us-east-1c" {
			t.Errorf("%v, %v", zones, err)
		}
		if _, err := c.SubnetZones(ctx, []string{"subnet-2"}); !errors.Is(err, runner.ErrGone) {
			t.Errorf("of a subnet that there is not: %v", err)
		}
		var ids []string
		for len(ids) == 0 {
			time.Sleep(time.Second)
			for _, i := range w.Groups()[0].Instances {
				if i.ID != "" {
					ids = append(ids, i.ID)
				}
			}
		}
		if words, err := c.Ended(ctx, ids); err != nil || len(words) > 0 {
			t.Errorf("of instances that start: %v, %v", words, err)
		}
		if running, err := c.Running(ctx, append(ids, "i-0123456789abcdef0")); err != nil || !slices.Equal(running, ids) {
			t.Errorf("of %v run %v, %v", ids, running, err)
		}
		time.Sleep(10 * time.Second)
		if running, err := c.Running(ctx, ids); err != nil || len(running) > 0 {
			t.Errorf("of instances that have ended run %v, %v", running, err)
		}
		words, err := c.Ended(ctx, append(ids, "i-0123456789abcdef0"))
		if err != nil || len(words) != len(ids) || words[ids[0]] != "Client.InvalidKMSKey.InvalidState: The KMS key provided is in an incorrect state" {
			t.Errorf("%v, %v", words, err)
		}
	})
}
