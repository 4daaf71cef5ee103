package spot

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// inWorld runs a test against the pretend clouds, in virtual time.
func inWorld(t *testing.T, config sandbox.Config, test func(t *testing.T, w *sandbox.World, c *Client)) {
	t.Helper()
	clean(t)
	synctest.Test(t, func(t *testing.T) {
		w := sandbox.New(config)
		c, err := New(Config{Token: "sandbox-token", Account: "act-sandbox", Endpoint: "http://spot.test", MaxRetries: 10, Transport: w.Transport()})
		if err != nil {
			t.Fatal(err)
		}
		test(t, w, c)
	})
}

// revision is the document of a revision of the sandbox's example, with a journal.
func revision(t *testing.T, number int, image string, capacity rollout.Capacity) []byte {
	t.Helper()
	document, err := parse(t, string(sandbox.ExampleGroup())).Build(Overrides{
		Name: rollout.Name("web", number), ImageIDs: []string{image}, Capacity: capacity,
		TargetGroups: some([]string{"arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef"}),
		Tags:         rollout.Journal{Deployment: "web", Revision: number, Release: "r1", Verdict: rollout.RollingOut}.Tags(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return document
}

const goodImage, otherImage = "ami-0a10000000000001", "ami-0a10000000000002"

func TestALifeInTheSandbox(t *testing.T) {
	inWorld(t, sandbox.Default(), func(t *testing.T, w *sandbox.World, c *Client) {
		document := revision(t, 1, goodImage, rollout.Pin(0))
		made, err := c.Create(background, document)
		if err != nil {
			t.Fatal(err)
		}
		read, err := c.Group(background, made.ID)
		if err != nil {
			t.Fatal(err)
		}
		if read.Name != "web__1" || read.Revision != 1 || read.ImageID != goodImage || read.Capacity != rollout.Pin(0) || read.Tags["app"] != "web" || len(read.TargetGroups) != 1 {
			t.Errorf("%+v", read)
		}
		if err := c.Resize(background, made.ID, rollout.Capacity{Minimum: 1, Target: 3, Maximum: 5}); err != nil {
			t.Fatal(err)
		}
		if err := c.Tag(background, made.ID, rollout.Journal{Deployment: "web", Revision: 1, Release: "r1", Verdict: rollout.Proven}.Tags()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Minute)
		instances, err := c.JudgedInstances(background, made.ID)
		if err != nil || len(instances) != 3 {
			t.Fatalf("%v %v", instances, err)
		}
		for _, i := range instances {
			if !strings.HasPrefix(i.ID, "i-") || i.Type == "" || i.State == "" || i.Health == "" {
				t.Errorf("%+v", i)
			}
		}
		found, err := c.Find(background, "web__1")
		if err != nil || len(found) != 1 {
			t.Fatalf("%v %v", found, err)
		}
		journal, _ := found[0].Journal()
		if journal.Verdict != rollout.Proven || found[0].Tags["app"] != "web" || found[0].Capacity.Target != 3 {
			t.Errorf("%+v", found[0])
		}
		live, err := c.Document(background, made.ID)
		if err != nil || !Covers(parse(t, string(live)), parse(t, string(document))) {
			t.Errorf("what Spot answers is not taken as what it was told: %v\n%s\n%s", err, live, document)
		}
		if Covers(parse(t, string(live)), parse(t, string(revision(t, 1, otherImage, rollout.Pin(0))))) {
			t.Error("another image is taken as the same")
		}
		if err := c.Delete(background, made.ID); err != nil {
			t.Fatal(err)
		}
		if err := c.Delete(background, made.ID); err != nil {
			t.Errorf("the second time: %v", err)
		}
		if _, err := c.Group(background, made.ID); !errors.Is(err, runner.ErrGone) {
			t.Errorf("%v", err)
		}
		if err := c.Resize(background, made.ID, rollout.Pin(1)); !errors.Is(err, runner.ErrGone) || !strings.Contains(err.Error(), "(web__1)") {
			t.Errorf("%v", err)
		}
	})
}

func TestTheLogSaysWhyNoInstanceComes(t *testing.T) {
	inWorld(t, sandbox.Default(), func(t *testing.T, w *sandbox.World, c *Client) {
		w.SetMarket(sandbox.Market{}) // nothing is to be had
		since := time.Now()
		made, err := c.Create(background, revision(t, 1, goodImage, rollout.Pin(2)))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Minute)
		lines, err := c.Log(background, made.ID, since, 4)
		if err != nil || len(lines) == 0 || len(lines) > 4 {
			t.Fatalf("%q %v", lines, err)
		}
		contains(t, strings.Join(lines, "\n"), "Can't Spin Spot Instances", "Can't Spin On-Demand Instances")
	})
}

func TestMishapsInTheSandbox(t *testing.T) {
	for _, test := range []struct {
		fault sandbox.Fault
		lost  bool // it is not known whether the create took effect
		there int  // groups afterwards
	}{
		{fault: sandbox.Fault{Kind: sandbox.Throttle, Times: 1}, there: 1},
		{fault: sandbox.Fault{Kind: sandbox.AWSThrottle, Times: 2}, there: 1},
		{fault: sandbox.Fault{Kind: sandbox.Error, Status: 500}, lost: true},
		{fault: sandbox.Fault{Kind: sandbox.HTML}, lost: true},
		{fault: sandbox.Fault{Kind: sandbox.Empty}, lost: true},
		{fault: sandbox.Fault{Kind: sandbox.Hang}, lost: true},
		{fault: sandbox.Fault{Kind: sandbox.DropBefore}, lost: true},
		{fault: sandbox.Fault{Kind: sandbox.DropAfter}, lost: true, there: 1},
		{fault: sandbox.Fault{Kind: sandbox.NoItems}, lost: true, there: 1},
	} {
		t.Run(string(test.fault.Kind), func(t *testing.T) {
			inWorld(t, sandbox.Default(), func(t *testing.T, w *sandbox.World, c *Client) {
				test.fault.Service, test.fault.Action = "spot", "CreateGroup"
				w.Fail(test.fault)
				_, err := c.Create(background, revision(t, 1, goodImage, rollout.Pin(0)))
				if errors.Is(err, runner.ErrUnanswered) != test.lost || (err == nil) == test.lost {
					t.Errorf("%v", err)
				}
				if found, err := c.Find(background, "web__1"); err != nil || len(found) != test.there {
					t.Errorf("%d groups: %v", len(found), err)
				}
			})
			inWorld(t, sandbox.Default(), func(t *testing.T, w *sandbox.World, c *Client) {
				made, err := c.Create(background, revision(t, 1, goodImage, rollout.Pin(0)))
				if err != nil {
					t.Fatal(err)
				}
				for _, action := range []string{"SetCapacity", "UpdateGroup", "GroupStatus", "DeleteGroup"} {
					test.fault.Service, test.fault.Action = "spot", action
					w.Fail(test.fault)
				}
				if err := c.Resize(background, made.ID, rollout.Pin(1)); err != nil {
					t.Error(err)
				}
				if err := c.Tag(background, made.ID, map[string]string{"elastigroup:verdict": "proven"}); err != nil {
					t.Error(err)
				}
				if _, err := c.JudgedInstances(background, made.ID); err != nil {
					t.Error(err)
				}
				if g, err := c.Group(background, made.ID); err != nil || g.Capacity != rollout.Pin(1) || g.Tags["elastigroup:verdict"] != "proven" {
					t.Errorf("%+v %v", g, err)
				}
				if err := c.Resize(background, made.ID, rollout.Pin(0)); err != nil {
					t.Error(err)
				}
				if err := c.Delete(background, made.ID); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestAHundredRolloutsUnderARateLimit(t *testing.T) {
	config := sandbox.Default()
	config.RateLimit = 60
	for i := range 100 {
		group := parse(t, string(sandbox.ExampleGroup()))
		group.group["id"], group.group["name"] = fmt.Sprintf("sig-%08x", i+1), fmt.Sprintf("app%d__1", i)
		group.group["capacity"] = map[string]any{"minimum": 0, "target": 0, "maximum": 0}
		config.Groups = append(config.Groups, encode(group.group))
	}
	inWorld(t, config, func(t *testing.T, w *sandbox.World, c *Client) {
		started := time.Now()
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				id := fmt.Sprintf("sig-%08x", i+1)
				if _, err := c.Groups(background); err != nil {
					t.Error(err)
				}
				if err := c.Resize(background, id, rollout.Pin(i%3)); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		want, got := map[string]int{}, map[string]int{}
		for i := range 100 {
			want[fmt.Sprintf("sig-%08x", i+1)] = i % 3
		}
		groups, err := c.Groups(background)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range groups {
			got[g.ID] = g.Capacity.Target
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		t.Logf("%d calls in %s", len(w.Calls()), time.Since(started))
		if took := time.Since(started); took > 5*time.Minute {
			t.Errorf("it took %s", took)
		}
	})
}

func TestRefusedInTheSandbox(t *testing.T) {
	clean(t)
	synctest.Test(t, func(t *testing.T) {
		w := sandbox.New(sandbox.Default())
		for _, config := range []Config{{Token: "wrong-token-1", Account: "act-sandbox"}, {Token: "sandbox-token", Account: "act-wrong"}} {
			config.Transport = w.Transport()
			c, err := New(config)
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.Groups(background)
			if err == nil {
				t.Fatalf("%+v passed", config)
			}
			contains(t, err.Error(), "the provider's token argument", "the provider's account argument")
			lacks(t, err.Error(), "wrong-token-1", "sandbox-token")
			if _, err := c.Create(background, sandbox.ExampleGroup()); err == nil || errors.Is(err, runner.ErrUnanswered) {
				t.Errorf("%v", err)
			}
		}
		c, err := New(Config{Token: "sandbox-token", Account: "act-sandbox", Transport: w.Transport()})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Create(background, []byte(`{"name":"web__1","capacity":{"minimum":0,"target":0,"maximum":0}}`))
		if err == nil {
			t.Fatal("it passed")
		}
		contains(t, err.Error(), "creating group web__1: Spot answered 400 ValidationError: ", "request ")
	})
}
