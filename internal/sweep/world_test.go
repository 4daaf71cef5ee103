package sweep_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

const (
	elb   = "arn:aws:elasticloadbalancing:us-east-1:123456789012:"
	web   = elb + "targetgroup/web/0123456789abcdef"
	blue  = elb + "targetgroup/blue/0123456789abcdef"
	green = elb + "targetgroup/green/0123456789abcdef"

	production = elb + "listener/app/app/50dc6c495c0c9188/f2f7dc8efc522ab2"
	stage      = elb + "listener/app/app/50dc6c495c0c9188/0467ef3c8400ae65"
	rule       = elb + "listener-rule/app/app/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee"
)

const alarm = "errors"

// usual is what the live revision has when a run begins, larger what a resize gives it.
var (
	usual  = rollout.Capacity{Minimum: 2, Target: 4, Maximum: 8}
	larger = rollout.Capacity{Minimum: 3, Target: 6, Maximum: 9}
)

// times are short, so that a run makes few looks; each is still longer than what it has to outlast: settle the time that
// traffic takes to follow, the healthy time-out the way of an instance into service.
const (
	bake           = 8 * time.Second
	settle         = 6 * time.Second
	healthyTimeout = time.Minute
	draining       = 5
)

// strategy is a way to release, with the load balancer that it needs.
type strategy struct {
	name      string
	listeners []sandbox.ListenerConfig
	live      string   // the target group in which the live revision stands at first
	routes    []string // those of production
	sized     bool     // its configurations have a capacity
	phased    bool     // there are phases or weights to hold at
	halfway   int      // after so many changes a release without phases is half way
	deploy    func(*rollout.Deployment)
}

func (s strategy) blueGreen() bool { return s.live == blue }

var strategies = []strategy{
	{
		name: "basic", live: web, sized: true, routes: []string{production}, halfway: 3,
		listeners: []sandbox.ListenerConfig{{ARN: production, TargetGroup: "web"}},
		deploy:    func(*rollout.Deployment) {},
	},
	{
		name: "canary", live: web, routes: []string{production}, phased: true,
		listeners: []sandbox.ListenerConfig{{ARN: production, TargetGroup: "web"}},
		deploy: func(d *rollout.Deployment) {
			d.Canary = []rollout.Phase{{Percent: 25, Bake: bake}, {Percent: 50, Bake: bake}}
		},
	},
	{
		name: "instant", live: blue, routes: []string{production}, halfway: 4,
		listeners: []sandbox.ListenerConfig{{ARN: production, Port: 443, TargetGroup: "blue"}, {ARN: stage, Port: 8443, TargetGroup: "green", Stage: true}},
		deploy: func(d *rollout.Deployment) {
			d.BlueGreen = &rollout.BlueGreen{Routes: []rollout.RoutePair{{ProductionARN: production, StageARN: stage}}, Settle: settle, Bake: bake}
		},
	},
	{
		name: "weights", live: blue, sized: true, routes: []string{production, rule}, phased: true,
		listeners: []sandbox.ListenerConfig{{
			ARN: production, Port: 443, DefaultActions: []sandbox.ActionConfig{weighted()},
			Rules: []sandbox.RuleConfig{{ARN: rule, Actions: []sandbox.ActionConfig{weighted()}, Conditions: []map[string]any{{"Field": "path-pattern", "Values": []string{"/api/*"}}}}},
		}},
		deploy: func(d *rollout.Deployment) {
			d.BlueGreen = &rollout.BlueGreen{
				Routes: []rollout.RoutePair{{ProductionARN: production}, {ProductionARN: rule}},
				Shift:  []rollout.Weight{{Percent: 10, Bake: bake}, {Percent: 50}}, Settle: settle, Bake: bake,
			}
		},
	},
}

func weighted() sandbox.ActionConfig {
	return sandbox.ActionConfig{TargetGroups: []sandbox.WeightConfig{{TargetGroup: "blue", Weight: 100}, {TargetGroup: "green", Weight: 0}}}
}

// scene is a world, and the processes that release in it.
type scene struct {
	t               *testing.T
	how             strategy
	world           *sandbox.World
	retries         int
	waits           time.Duration          // each wait's deadline
	cursor          atomic.Pointer[cursor] // follows the run under test, if that is wanted
	trips           atomic.Bool            // the alarm goes off as soon as a candidate serves
	given           *rollout.Capacity      // by the state
	owner           string                 // of the state; "" while there is none
	created         int                    // how many creates were begun, each of which would make a state of its own
	changesByOthers atomic.Bool            // the call is somebody else's
	after           func(*sandbox.Call)    // happens after each change
}

// inWorld runs f in virtual time, in a world in which web__2 serves with ami-1 and web__1 is retained; empty is one in which
// nothing was released yet. Groups that merely look alike stand beside.
func inWorld(t *testing.T, how strategy, empty bool, seed uint64, f func(s *scene)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		check := sandbox.HealthCheckConfig{Interval: sandbox.Duration(2 * time.Second), Timeout: sandbox.Duration(time.Second)}
		config := sandbox.Config{
			Boot: sandbox.Boot{
				Reconcile: sandbox.Duration(time.Second / 2), Fulfil: sandbox.Duration(time.Second / 2), Running: sandbox.Duration(time.Second),
				Answering: sandbox.Duration(2 * time.Second), Jitter: 0.2,
			},
			AWS: sandbox.AWSConfig{
				LoadBalancers: []sandbox.LoadBalancerConfig{{Name: "app", Listeners: how.listeners}},
				Alarms:        []sandbox.AlarmConfig{{Name: alarm, State: "OK"}},
				Propagation:   sandbox.Duration(3 * time.Second), Registration: sandbox.Duration(time.Second / 2),
			},
			Groups: []json.RawMessage{
				document("web-api__3", "ami-0", rollout.Pin(0), nil, nil),
				document("web-copy", "ami-0", rollout.Pin(0), nil, tags(2, "ami-1", rollout.Proven)),
			},
		}
		for _, id := range []string{"ami-0", "ami-1", "ami-2", "ami-3", "ami-4"} {
			config.Images = append(config.Images, sandbox.Image{ID: id, Name: id})
		}
		config.Images = append(config.Images, sandbox.Image{ID: "ami-bad", Name: "ami-never"})
		for _, arn := range []string{web, blue, green} {
			config.AWS.TargetGroups = append(config.AWS.TargetGroups, sandbox.TargetGroupConfig{
				Name: short(arn), ARN: arn, HealthCheck: check,
				Attributes: map[string]string{"deregistration_delay.timeout_seconds": fmt.Sprint(draining)},
			})
		}
		s := &scene{t: t, how: how, retries: 10, waits: healthyTimeout}
		if !empty {
			s.owner = "terraform-state-of-the-sweep"
			if how.sized {
				s.given = &usual
			}
			config.Groups = append(config.Groups,
				document("web__1", "ami-0", rollout.Pin(0), []string{how.live}, tags(1, "ami-0", rollout.Proven)),
				document("web__2", "ami-1", usual, []string{how.live}, tags(2, "ami-1", rollout.Proven)))
		}
		s.world = sandbox.New(config, sandbox.Seed(seed))
		s.world.Intercept(s.called, s.answered)
		time.Sleep(time.Second)
		f(s)
		if *calls {
			s.tell()
		}
	})
}

// tell writes what was called, for whoever looks into a breach.
func (s *scene) tell() {
	for _, c := range s.world.Calls() {
		fmt.Printf("%s  %-24s %-12s %s %d %s %s\n", c.Time.Format("04:05.000"), c.Action, c.Name, c.Subject, c.Status, c.Fault, c.Body[:min(len(c.Body), 300)])
	}
}

// called is what happens at every call before its effect, and answered what happens after it.
func (s *scene) called(c *sandbox.Call) {
	if s.changesByOthers.Load() {
		return
	}
	if c.Action == "DescribeAlarms" && s.trips.Load() && s.candidateServes() {
		s.world.SetAlarm(alarm, "ALARM", "9 errors a minute")
	}
	if follows := s.cursor.Load(); follows != nil {
		follows.before(c)
	}
}

func (s *scene) answered(c *sandbox.Call) {
	if s.changesByOthers.Load() {
		return
	}
	if follows := s.cursor.Load(); follows != nil {
		follows.behind(c)
	}
	if s.after != nil && slices.Contains(changing, c.Action) {
		s.after(c)
	}
}

func (s *scene) candidateServes() bool {
	g, ok := s.world.Group("web__3")
	return ok && slices.ContainsFunc(g.Instances, func(i sandbox.Instance) bool { return i.InService })
}

// tags are the journal of a revision that was released before.
func tags(revision int, release string, verdict rollout.Verdict) map[string]string {
	return rollout.Journal{Deployment: "web", Revision: revision, Release: release, Verdict: verdict, Retain: 1}.Tags()
}

// example is the sandbox's, with little to drain.
var example = func() spot.Document {
	text := strings.Replace(string(sandbox.ExampleGroup()), `"drainingTimeout": 120`, fmt.Sprintf(`"drainingTimeout": %d`, draining), 1)
	d, err := spot.ParseDocument([]byte(text))
	if err != nil {
		panic(err)
	}
	return d
}()

func document(name, image string, capacity rollout.Capacity, targetGroups []string, tags map[string]string) json.RawMessage {
	built, err := example.Build(spot.Overrides{Name: name, ImageIDs: []string{image}, Capacity: capacity, TargetGroups: &targetGroups, Tags: tags})
	if err != nil {
		panic(err)
	}
	return built
}

// short is the name in a target group's ARN.
func short(arn string) string {
	if parts := strings.Split(arn, "/"); len(parts) == 3 {
		return parts[1]
	}
	return arn
}

// verdict is what the journal of a group says.
func verdict(g sandbox.Group) (j rollout.Journal, image string) {
	var d struct {
		Compute struct {
			LaunchSpecification struct {
				ImageID string `json:"imageId"`
				Tags    []struct{ TagKey, TagValue string }
			} `json:"launchSpecification"`
		} `json:"compute"`
	}
	if err := json.Unmarshal(g.Document, &d); err != nil {
		panic(err)
	}
	tags := map[string]string{}
	for _, t := range d.Compute.LaunchSpecification.Tags {
		tags[t.TagKey] = t.TagValue
	}
	j, _ = rollout.ParseJournal(tags)
	return j, d.Compute.LaunchSpecification.ImageID
}

// standing is everything that is left in the world when it has come to rest, a line each.
func (s *scene) standing() string {
	time.Sleep(time.Minute)
	var lines []string
	for _, g := range s.world.Groups() {
		j, image := verdict(g)
		rests := ""
		if j.Holding {
			rests = fmt.Sprintf(" holds at %d", j.Passed)
		}
		lines = append(lines, fmt.Sprintf("%s %s %d/%d/%d %s%s, %d instances", g.Name, image, g.Minimum, g.Target, g.Maximum, j.Verdict, rests, len(g.Instances)))
	}
	slices.Sort(lines)
	timeline := s.world.Timeline()
	for _, r := range timeline[len(timeline)-1].Routes {
		text := "…" + r.ARN[len(r.ARN)-16:]
		for _, w := range r.Weights {
			text += fmt.Sprintf(" %s=%d", short(w.TargetGroup), w.Weight)
		}
		lines = append(lines, text)
	}
	return strings.Join(lines, "\n")
}
