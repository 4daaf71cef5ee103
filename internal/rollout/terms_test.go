package rollout_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// termed is a story's deployment with all that terms have, and routes where it shifts traffic.
func termed(t *rapid.T, least int) Deployment {
	size := capacities(least).Draw(t, "capacity")
	d := Deployment{
		Name: name, Release: "r1", Trial: rapid.SampledFrom([]string{"", "1b2c3d4e"}).Draw(t, "trial"), ImageID: "ami-r1", Capacity: &size,
		HealthyPercent: rapid.IntRange(1, 100).Draw(t, "healthy percent"),
		MinHealthyTime: time.Duration(rapid.IntRange(0, 300).Draw(t, "steady")) * time.Second,
		HealthyTimeout: time.Duration(rapid.IntRange(1, 5000).Draw(t, "within")) * time.Second,
		ResizeOrder:    rapid.SampledFrom([]ResizeOrder{NewFirst, PreviousFirst}).Draw(t, "order"),
		OnFailure:      rapid.SampledFrom([]OnFailure{Rollback, Hold}).Draw(t, "on failure"),
		Retain:         rapid.IntRange(0, 4).Draw(t, "retain"),
		Alarms:         rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom([]string{"web-5xx", "web 5xx, latency (p99)", "Überlast=1"}), rapid.StringN(1, 12, 12)), 0, 3).Draw(t, "alarms"),
	}
	switch rapid.IntRange(0, 2).Draw(t, "strategy") {
	case 0:
		d.Canary = phases().Draw(t, "phases")
	case 1:
		b := BlueGreen{Routes: []RoutePair{{listener, stageListener}}, Settle: time.Duration(rapid.IntRange(0, 90).Draw(t, "settle")) * time.Second,
			Follow: time.Duration(rapid.IntRange(0, 900).Draw(t, "follow")) * time.Second, Bake: time.Duration(rapid.IntRange(0, 3).Draw(t, "bake")) * time.Hour,
			KeepPrevious: rapid.Bool().Draw(t, "previous stays")}
		percent := 0
		for range rapid.IntRange(0, 4).Draw(t, "weights") {
			percent += rapid.IntRange(1, 20).Draw(t, "weight")
			b.Shift = append(b.Shift, Weight{percent, time.Duration(rapid.IntRange(0, 2).Draw(t, "weight's bake")) * time.Minute})
		}
		d.BlueGreen = &b
	}
	return d
}

// candidateOf is the world right after a release has begun, with what its tags say.
func candidateOf(d Deployment) World {
	live := Group{ID: "sig-live", Name: Name(name, 1), Revision: 1, ImageID: "ami-r0", Capacity: usual, Instances: 4, InService: 4, Steady: 4, TargetGroups: []string{blue},
		Tags: Journal{Deployment: name, Revision: 1, Release: "r0", Verdict: Proven, Retain: 2}.Tags()}
	w := World{Groups: []Group{live}}
	if d.BlueGreen != nil {
		w.Routes = []Route{{RoutePair{listener, stageListener}, Forward{{blue, 1}}, Forward{{green, 1}}}}
	}
	return Imagine(Next(d, w), w)
}

// What is written on a candidate says all that whoever goes on with it has to know.
func TestTermsSayHowARolloutGoesOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := termed(t, 0)
		w := candidateOf(d)
		got, missing := GoOn(name, w)
		if missing != "" {
			t.Fatalf("%s is missing of %+v", missing, RolesOf(w).Candidate.Tags)
		}
		want := d
		want.Given, want.Owner, want.Imported, want.NothingNew = d.Capacity, "", map[string]bool{"sig-live": true}, true
		if len(want.Alarms) == 0 {
			want.Alarms = nil
		}
		if want.BlueGreen != nil && len(want.BlueGreen.Shift) == 0 {
			want.BlueGreen.Shift, got.BlueGreen.Shift = nil, nil
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("read back it is another one:\n%s\n%v", diff, RolesOf(w).Candidate.Tags)
		}
	})
}

// Terms that a tag cannot hold are not cut: whoever needs them is told that they are missing.
func TestTermsThatAreTooLong(t *testing.T) {
	long := strings.Repeat("a", 250)
	many := canary("r1")
	many.Canary = nil
	for n := 1; n < 60; n++ {
		many.Canary = append(many.Canary, Phase{Percent: n, Bake: 5 * time.Minute})
	}
	alarmed := canary("r1")
	alarmed.Alarms = []string{long, long}
	for want, d := range map[string]Deployment{"strategy": many, "names of the 2 alarms": alarmed} {
		w := candidateOf(d)
		for key, value := range RolesOf(w).Candidate.Tags {
			if len(value) > 256 {
				t.Errorf("%s has %d characters", key, len(value))
			}
		}
		if _, missing := GoOn(name, w); !strings.Contains(missing, want) {
			t.Errorf("%s: missing is %q", want, missing)
		}
	}
}

// Whatever somebody has written into the tags, it is read without a panic, and never taken for less than it says.
func TestDamagedTermsAreMissing(t *testing.T) {
	good := candidateOf(canary("r1"))
	for name2, damage := range map[string][2]string{
		"no terms":               {"elastigroup:terms", "none"},
		"no strategy":            {"elastigroup:strategy", "none"},
		"another strategy":       {"elastigroup:strategy", "blue-green settle=30s follow=5m 100pct"},
		"a phase of nothing":     {"elastigroup:strategy", "canary 0pct"},
		"a bake before a phase":  {"elastigroup:strategy", "canary bake=5m 25pct"},
		"a word too many":        {"elastigroup:strategy", "canary 25pct quickly"},
		"half a size":            {"elastigroup:terms", "minimum=2 target=4 - healthy=100pct steady=0s within=15m new-first rollback alarms=1 checks=0"},
		"an order that is none":  {"elastigroup:terms", "minimum=2 target=4 maximum=8 - healthy=100pct steady=0s within=15m old-first rollback alarms=1 checks=0"},
		"percents that are none": {"elastigroup:terms", "minimum=2 target=4 maximum=8 - healthy=0pct steady=0s within=15m new-first rollback alarms=1 checks=0"},
		"an alarm too few":       {"elastigroup:alarms", "none"},
		"half an escape":         {"elastigroup:alarms", "web-5x=7"},
		"a check":                {"elastigroup:terms", "minimum=2 target=4 maximum=8 - healthy=100pct steady=0s within=15m new-first rollback alarms=1 checks=1"},
	} {
		w := good
		w.Groups = slices.Clone(w.Groups)
		for i := range w.Groups {
			w.Groups[i].Tags = w.Groups[i].With(map[string]string{})
		}
		tags := w.Groups[len(w.Groups)-1].Tags
		if _, known := tags[damage[0]]; !known {
			t.Fatalf("there is no tag %s", damage[0])
		}
		tags[damage[0]] = damage[1]
		if _, missing := GoOn(name, w); missing == "" {
			t.Errorf("%s: nothing is missing", name2)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		w := candidateOf(canary("r1"))
		tags := w.Groups[len(w.Groups)-1].Tags
		for _, key := range []string{"elastigroup:terms", "elastigroup:strategy", "elastigroup:alarms"} {
			tags[key] = rapid.OneOf(rapid.Just(tags[key]), rapid.String(), rapid.StringMatching(`(canary|blue-green|basic)( [0-9]{1,3}(pct)?| bake=[0-9]m| settle=1s| follow=1s|=[0-9a-f]{2}){0,9}`)).Draw(t, key)
		}
		GoOn(name, w)
	})
}

// A person who meets the tags in a console can read them.
func TestTermsRead(t *testing.T) {
	d := canary("r1")
	half := 50
	d.Canary[1] = Phase{Count: 3, PreviousPercent: &half}
	d.MinHealthyTime, d.HealthyTimeout, d.Trial = 30*time.Second, 15*time.Minute, "1b2c3d4e"
	d.Alarms = append(d.Alarms, "web latency")
	for _, test := range []struct {
		d    Deployment
		want []string
	}{
		{d, []string{
			"elastigroup:strategy = canary 25pct bake=5m 3 previous=50pct",
			"elastigroup:terms = minimum=2 target=4 maximum=8 - healthy=100pct steady=30s within=15m new-first rollback trial=1b2c3d4e alarms=2 checks=0",
			"elastigroup:alarms = web-5xx web=20latency",
		}},
		{blueGreen("r1"), []string{"elastigroup:strategy = blue-green settle=30s follow=0s 100pct bake=10m"}},
	} {
		tags := RolesOf(candidateOf(test.d)).Candidate.Tags
		for _, want := range test.want {
			key, _, _ := strings.Cut(want, " = ")
			if got := fmt.Sprintf("%s = %s", key, tags[key]); got != want {
				t.Errorf("%s\nwant\n%s", got, want)
			}
		}
	}
}
