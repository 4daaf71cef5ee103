package rollout_test

import (
	"strings"
	"testing"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// threes is the unit of a group all of whose instances count for three.
var threes = Unit{Name: "weights", Least: 3, Most: 3, Step: 3}

func TestUnitsInWords(t *testing.T) {
	for got, want := range map[string]string{
		Unit{}.Count(4):              "4 instances",
		Unit{}.Count(1):              "1 instance",
		threes.Count(16):             "16 weights",
		Unit{Name: "vCPUs"}.Count(1): "1 vCPU",
		Unit{Name: "vCPUs"}.Count(0): "0 vCPUs",
		Unit{}.Of(4):                 "4",
		Unit{}.Size(Capacity{Minimum: 2, Target: 4, Maximum: 8}):   "4 (minimum 2, maximum 8)",
		threes.Size(Capacity{Minimum: 8, Target: 16, Maximum: 32}): "16 weights (minimum 8, maximum 32)",
		threes.Size(Pin(17)): "17 weights",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestEnoughIsWhatWholeInstancesGive(t *testing.T) {
	for _, test := range []struct {
		unit        Unit
		has, wanted int
		want        bool
	}{
		{threes, 16, 16, true}, {threes, 18, 16, true}, {threes, 15, 16, true}, {threes, 13, 16, false}, {threes, 12, 16, false},
		{threes, 0, 2, false}, {threes, 0, 0, true}, {Unit{}, 3, 4, false}, {Unit{}, 4, 4, true},
		{Unit{Name: "weights", Least: 2, Most: 8, Step: 2}, 8, 10, false}, {Unit{Name: "weights"}, 15, 16, false},
	} {
		if got := test.unit.Enough(test.has, test.wanted); got != test.want {
			t.Errorf("%d of %d in %+v: %v", test.has, test.wanted, test.unit, got)
		}
	}
}

// A phase of a group that counts weights takes over whole instances, never none, and leaves whole ones: no share falls between two of
// them.
func TestPhasesAreOfWholeInstances(t *testing.T) {
	d := Deployment{
		Name: "web", Release: "r7", ImageID: "ami-7", ResizeOrder: NewFirst, HealthyPercent: 100, Retain: 3, Unit: threes,
		Canary: []Phase{{Percent: 5}, {Percent: 50}, {Percent: 70}},
	}
	live := revision(6, "r6", Proven, Capacity{Minimum: 8, Target: 16, Maximum: 32})
	live.Unit = threes
	text := Simulate(d, World{Groups: []Group{live}}).Text()
	for _, want := range []string{
		"previous web__6 (ami-r6, 16 weights) -> new web__7 (ami-7, 16 weights)",
		"5 %", "0 -> 3   then previous stays at 16", "3 -> 9   then previous 16 -> 9", "9 -> 12   then previous 9 -> 6",
		"previous back to 16 weights (minimum 8, maximum 32)",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the plan lacks %q:\n%s", want, text)
		}
	}
}

// Spot rounds up, so that a group may lose more than its target falls by.
func TestTheGuardCountsWhatIsThere(t *testing.T) {
	live, candidate := revision(6, "r6", Proven, Pin(16)), revision(7, "r7", RollingOut, Pin(3))
	live.Unit, candidate.Unit = threes, threes
	live.Instances, live.InService = 18, 18
	candidate.Instances, candidate.InService = 0, 0
	j, _ := candidate.Journal()
	j.PreviousCapacity = Pin(16)
	candidate.Tags = j.Tags()
	d := Deployment{Name: "web", Release: "r7", HealthyPercent: 100, Canary: []Phase{{Percent: 5}}}
	s := Step{Kind: Resize, Part: Deploy, Phase: 1, Group: live, Capacity: Pin(15), Licence: Replace}
	if why := Guard(d, World{Groups: []Group{live, candidate}}, s); !strings.Contains(why, "could leave 15 weights in service, and 16 are promised") {
		t.Errorf("the guard says %q", why)
	}
}
