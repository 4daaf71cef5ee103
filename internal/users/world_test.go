package users_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

const (
	elb     = "arn:aws:elasticloadbalancing:us-east-1:123456789012:"
	webTG   = elb + "targetgroup/web/00000000000000a1"
	blueTG  = elb + "targetgroup/blue/00000000000000b1"
	greenTG = elb + "targetgroup/green/00000000000000b2"
	redTG   = elb + "targetgroup/red/00000000000000b3"
	grayTG  = elb + "targetgroup/gray/00000000000000b4"
	otherTG = elb + "targetgroup/other/00000000000000b5"

	production = elb + "listener/app/app/00000000000000c0/00000000000000c1"
	stage      = elb + "listener/app/app/00000000000000c0/00000000000000c2"
	weighted   = elb + "listener/app/app/00000000000000c0/00000000000000c3"
	simple     = elb + "listener/app/app/00000000000000c0/00000000000000c4"
	others     = elb + "listener/app/app/00000000000000c0/00000000000000c5"
)

const (
	alarm   = "web-5xx"
	classic = "old-web" // a classic load balancer
)

// Secrets that the users give the provider, and that may show nowhere.
const (
	token        = "sandbox-token"
	secretKey    = "hush-secret-key"
	sessionToken = "hush-session-token"
	bootSecret   = "hush-in-user-data"
	headerSecret = "hush-in-a-header"
	hiddenHeader = "hush-in-a-write-only-header" // which no plan and no state has either
)

// climate is what a world is like from its beginning.
type climate struct {
	name string
	// propagation is how long traffic takes to follow a change of a listener.
	propagation time.Duration
}

// slow tells whether load balancers take longer to follow than anything that is written.
func (c climate) slow() bool { return c.propagation > time.Minute }

// climates are the usual one, in which all is quick, and one whose load balancers take minutes to follow.
var climates = []climate{{"", 3 * time.Second}, {"the load balancers take 3 minutes to follow", 3 * time.Minute}}

// newWorld is a world with good and bad images, target groups for every strategy, and groups that look like those of deployment web.
func newWorld(c climate, seed uint64) *sandbox.World {
	check := sandbox.HealthCheckConfig{Interval: sandbox.Duration(5 * time.Second), Timeout: sandbox.Duration(2 * time.Second)}
	config := sandbox.Config{
		Boot: sandbox.Boot{
			Reconcile: sandbox.Duration(time.Second), Fulfil: sandbox.Duration(time.Second), Running: sandbox.Duration(3 * time.Second),
			Answering: sandbox.Duration(6 * time.Second), Jitter: 0.2,
		},
		AWS: sandbox.AWSConfig{
			LoadBalancers: []sandbox.LoadBalancerConfig{{Name: "app", Listeners: []sandbox.ListenerConfig{
				{ARN: production, Port: 443, TargetGroup: "blue"}, {ARN: stage, Port: 8443, TargetGroup: "green", Stage: true},
				{ARN: weighted, Port: 444, RequestsPerMinute: 6000, DefaultActions: []sandbox.ActionConfig{{TargetGroups: []sandbox.WeightConfig{{TargetGroup: "red", Weight: 100}, {TargetGroup: "gray", Weight: 0}}}}},
				{ARN: simple, Port: 80, TargetGroup: "web"}, {ARN: others, Port: 81, TargetGroup: "other"},
			}}},
			ClassicLoadBalancers: []sandbox.ClassicBalancerConfig{{Name: classic, HealthCheck: check}},
			Alarms:               []sandbox.AlarmConfig{{Name: alarm, State: "OK"}},
			Propagation:          sandbox.Duration(c.propagation), Registration: sandbox.Duration(time.Second),
		},
		Groups: []json.RawMessage{
			foreign("web-api__3", 2, otherTG), foreign("webx__1", 1, otherTG), foreign("web__canary__2", 0, otherTG),
			foreignTagged("web-copy", "web"),
		},
	}
	config.Images = append(goodImages(),
		sandbox.Image{ID: "ami-never", Name: "web-never"}, sandbox.Image{ID: "ami-dies", Name: "web-dies"},
		sandbox.Image{ID: "ami-crash", Name: "web-crash", Behaviour: sandbox.Behaviour{Kind: sandbox.Crash, CrashAfter: sandbox.Duration(25 * time.Second)}},
		sandbox.Image{ID: "ami-slow", Name: "web-slow", Behaviour: sandbox.Behaviour{Kind: sandbox.Slow, Later: sandbox.Duration(90 * time.Second)}},
		sandbox.Image{ID: "ami-errs", Name: "web-errs", Behaviour: sandbox.Behaviour{ErrorRatio: 0.5}})
	// Each has a twin for arm. Of what never turns healthy neither does the twin; of the other bad ones the twin is good, so that one of the two is bad.
	for n, image := range slices.Clone(config.Images) {
		twin := sandbox.Image{ID: image.ID + armTwin, Name: fmt.Sprintf("web-arm-%d", n), Architecture: "arm64"}
		if image.ID == "ami-never" {
			twin.Behaviour.Kind = sandbox.Never
		}
		config.Images = append(config.Images, twin)
	}
	for name, arn := range map[string]string{"web": webTG, "blue": blueTG, "green": greenTG, "red": redTG, "gray": grayTG, "other": otherTG} {
		config.AWS.TargetGroups = append(config.AWS.TargetGroups, sandbox.TargetGroupConfig{Name: name, ARN: arn, HealthCheck: check})
	}
	sortTargetGroups(config.AWS.TargetGroups)
	return sandbox.New(config, sandbox.Seed(seed))
}

// goodImages are those with which nothing is wrong.
func goodImages() []sandbox.Image {
	var all []sandbox.Image
	for n := 1; n <= 9; n++ {
		all = append(all, sandbox.Image{ID: fmt.Sprintf("ami-%d", n), Name: fmt.Sprintf("web-%d", n)})
	}
	return all
}

func sortTargetGroups(all []sandbox.TargetGroupConfig) {
	for i := range all {
		for j := range all[:i] {
			if all[i].Name < all[j].Name {
				all[i], all[j] = all[j], all[i]
			}
		}
	}
}

// foreign is a group of somebody else.
func foreign(name string, n int, targetGroup string) json.RawMessage {
	document := plainDocument()
	document["name"] = name
	document["capacity"] = attrs{"minimum": n, "target": n, "maximum": max(n, 1), "unit": "instance"}
	launch := in(document, "compute", "launchSpecification")
	launch["loadBalancersConfig"] = attrs{"loadBalancers": []any{attrs{"type": "TARGET_GROUP", "name": "other", "arn": targetGroup}}}
	return json.RawMessage(asJSON(document))
}

// foreignTagged is a copy that somebody made of a group of the deployment, with its tags, under another name.
func foreignTagged(name, deployment string) json.RawMessage {
	var document attrs
	if err := json.Unmarshal(foreign(name, 0, otherTG), &document); err != nil {
		panic(err)
	}
	launch := in(document, "compute", "launchSpecification")
	for key, value := range map[string]string{"deployment": deployment, "revision": "7", "release": "r7", "release-number": "7", "verdict": "proven",
		"previous": "none", "previous-capacity": "none", "phases": "0 passed", "retain": "3", "failure": "none"} {
		launch["tags"] = append(launch["tags"].([]any), attrs{"tagKey": "elastigroup:" + key, "tagValue": value})
	}
	return json.RawMessage(asJSON(document))
}

// isForeign tells whether a group is none of the deployments'.
func isForeign(name string) bool {
	switch name {
	case "web-api__3", "webx__1", "web__canary__2", "web-copy":
		return true
	}
	return false
}

// in is the object at a path of a document.
func in(document attrs, path ...string) attrs {
	for _, name := range path {
		document = document[name].(attrs)
	}
	return document
}

func asJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // only what JSON can hold is written here
	}
	return string(raw)
}
