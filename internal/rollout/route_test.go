package rollout_test

import (
	"strings"
	"testing"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

const red = balancing + "targetgroup/red/2122232425262728"

func TestForward(t *testing.T) {
	for _, c := range []struct {
		a, b Forward
		same bool
	}{
		{Forward{{blue, 1}}, Forward{{blue, 100}}, true},
		{Forward{{blue, 1}}, Forward{{green, 1}}, false},
		{Forward{{blue, 1}}, Forward{{blue, 1}, {green, 0}}, false},
		{Forward{{blue, 1}, {green, 0}}, Forward{{green, 0}, {blue, 7}}, true},
		{Forward{{blue, 1}, {green, 1}}, Forward{{green, 50}, {blue, 50}}, true},
		{Forward{{blue, 1}, {green, 2}}, Forward{{blue, 33}, {green, 67}}, false},
		{Forward{{blue, 9}, {green, 1}}, Forward{{blue, 90}, {green, 10}}, true},
		{nil, nil, true},
		{nil, Forward{{blue, 1}}, false},
	} {
		if c.a.Same(c.b) != c.same || c.b.Same(c.a) != c.same {
			t.Errorf("%v and %v are not the same: %v", c.a, c.b, c.same)
		}
	}
	for _, c := range []struct {
		f    Forward
		blue int
		text string
	}{
		{Forward{{blue, 1}}, 100, "blue"},
		{Forward{{blue, 90}, {green, 10}}, 90, "blue 90 %, green 10 %"},
		{Forward{{green, 999}, {blue, 1}}, 1, "green 99 %, blue 1 %"},
		{Forward{{blue, 1}, {green, 2}}, 33, "blue 33 %, green 66 %"},
		{Forward{{green, 7}, {blue, 0}}, 0, "green 100 %, blue 0 %"},
		{Forward{{blue, 0}, {green, 0}}, 0, "blue 0 %, green 0 %"},
		{Forward{{green, 1}}, 0, "green"},
		{Forward{{"by-name", 1}}, 0, "by-name"},
	} {
		if got := c.f.Percent(blue); got != c.blue || c.f.String() != c.text {
			t.Errorf("%q gives blue %d, want %q and %d", c.f, got, c.text, c.blue)
		}
	}
}

func TestRouteNames(t *testing.T) {
	for arn, want := range map[string]string{
		listener: "listener web/f2f7dc8efc522ab2", rule: "rule web/9683b2d02a6cabee", otherListener: "listener tcp/a1b2c3d4e5f60718",
		strings.Replace(listener, "arn:aws:", "arn:aws-us-gov:", 1): "listener web/f2f7dc8efc522ab2",
		"web": "web", blue: blue,
	} {
		if got := (Step{Kind: Shift, ARN: arn, To: Forward{{green, 1}}}).String(); got != "make "+want+" forward to green" {
			t.Errorf("%s: %s", arn, got)
		}
	}
}

// Which target group is live, by where production goes and where the live revision registers.
func TestTrafficOf(t *testing.T) {
	staged := RoutePair{listener, stageListener}
	for what, c := range map[string]struct {
		route      Route
		registered []string
		live, idle string
		weight     int
	}{
		"with stage":                    {Route{staged, Forward{{blue, 1}}, Forward{{green, 1}}}, []string{blue}, blue, green, 0},
		"by weight":                     {Route{RoutePair{ProductionARN: rule}, Forward{{green, 0}, {blue, 7}}, nil}, []string{blue}, blue, green, 0},
		"by weight, of nobody known":    {Route{RoutePair{ProductionARN: rule}, Forward{{green, 0}, {blue, 7}}, nil}, nil, blue, green, 0},
		"half way, and it is the first": {Route{RoutePair{ProductionARN: rule}, Forward{{blue, 9}, {green, 1}}, nil}, []string{blue}, blue, green, 10},
		"half way, and it is the other": {Route{RoutePair{ProductionARN: rule}, Forward{{blue, 9}, {green, 1}}, nil}, []string{green}, green, blue, 90},
		"half way, of nobody known":     {Route{RoutePair{ProductionARN: rule}, Forward{{blue, 9}, {green, 1}}, nil}, nil, blue, green, 10},
		"stage names both":              {Route{staged, Forward{{green, 1}}, Forward{{blue, 1}, {green, 0}}}, []string{green}, green, blue, 0},
		"one target group":              {Route{RoutePair{ProductionARN: rule}, Forward{{blue, 1}}, nil}, []string{blue}, "", "", 0},
		"the same on stage":             {Route{staged, Forward{{blue, 1}}, Forward{{blue, 1}}}, []string{blue}, "", "", 0},
		"three":                         {Route{staged, Forward{{blue, 1}, {green, 0}}, Forward{{red, 1}}}, []string{blue}, "", "", 0},
		"no weight":                     {Route{RoutePair{ProductionARN: rule}, Forward{{blue, 0}, {green, 0}}, nil}, []string{blue}, "", "", 0},
		"no forward":                    {Route{RoutePair: staged}, []string{blue}, "", "", 0},
	} {
		live := revision(6, "r6", Proven, Pin(2))
		live.TargetGroups = c.registered
		got := TrafficOf(World{Groups: []Group{live}, Routes: []Route{c.route}})
		if len(got) != 1 || got[0].Live != c.live || got[0].Idle != c.idle || got[0].IdleWeight != c.weight {
			t.Errorf("%s: %+v", what, got)
		}
	}
}

// While a rollout is under way, the live one is the one that production went to before.
func TestTrafficOfARollout(t *testing.T) {
	w := shiftedWorld()
	got := TrafficOf(w)
	if len(got) != 1 || got[0].Live != blue || got[0].Idle != green || got[0].IdleWeight != 90 {
		t.Errorf("%+v", got)
	}
	if got := Standing(w); !strings.HasSuffix(got, " Production's listener web/f2f7dc8efc522ab2 forwards to blue 10 %, green 90 %.") {
		t.Errorf("it stands so: %s", got)
	}
	if got := Standing(World{Groups: w.Groups[:1], Routes: w.Routes}); got != "" {
		t.Errorf("at rest: %s", got)
	}
}

func TestMovedRoutes(t *testing.T) {
	staged := World{Routes: []Route{{RoutePair{listener, stageListener}, Forward{{blue, 1}, {green, 0}}, Forward{{green, 1}}}}}
	for what, c := range map[string]struct {
		found Route
		want  string
	}{
		"as it was": {Route{RoutePair{listener, stageListener}, Forward{{green, 0}, {blue, 100}}, Forward{{green, 7}}}, ""},
		"production has moved": {Route{RoutePair{listener, stageListener}, Forward{{blue, 0}, {green, 1}}, Forward{{green, 1}}},
			"listener web/f2f7dc8efc522ab2 forwards to blue 0 %, green 100 %; it was blue 100 %, green 0 % when this was planned"},
		"stage has moved": {Route{RoutePair{listener, stageListener}, Forward{{blue, 1}, {green, 0}}, Forward{{blue, 1}}},
			"listener web/0467ef3c8400ae65 forwards to blue; it was green when this was planned"},
		"another route": {Route{RoutePair{ProductionARN: rule}, Forward{{green, 1}}, nil}, ""},
	} {
		if got := Moved(staged, World{Routes: []Route{c.found}}); got != c.want {
			t.Errorf("%s: %q, want %q", what, got, c.want)
		}
	}
}

// shiftedWorld is a rollout at 90 %.
func shiftedWorld() World {
	live, candidate := revision(6, "r6", Proven, Pin(4)), revision(7, "r7", RollingOut, Pin(4))
	live.TargetGroups, candidate.TargetGroups = []string{blue}, []string{green}
	j, _ := candidate.Journal()
	j.Routes = []Route{{RoutePair{ProductionARN: listener}, Forward{{blue, 100}, {green, 0}}, nil}}
	candidate.Tags = j.Tags()
	return World{Groups: []Group{live, candidate},
		Routes: []Route{{RoutePair{ProductionARN: listener}, Forward{{blue, 10}, {green, 90}}, nil}}}
}
