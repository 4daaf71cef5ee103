package rollout_test

import (
	"testing"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// A former revision that is to keep running, and that an autoscaler has taken to a target of 0, is not one that stands at zero: it is
// neither deleted nor does it count among those that are retained. One that is not to run is taken to nothing first.
func TestWhatAnAutoscalerTookToNoneDoesNotStandAtZero(t *testing.T) {
	for what, c := range map[string]struct {
		keeps  bool
		retain int
		want   []string // what stands in the end
	}{
		"kept running, none retained": {true, 0, []string{"web__6", "web__7"}},
		"kept running, one retained":  {true, 1, []string{"web__5", "web__6", "web__7"}},
		"left over, none retained":    {false, 0, []string{"web__7"}},
		"left over, one retained":     {false, 1, []string{"web__6", "web__7"}},
	} {
		oldest, previous, live := revision(5, "r5", Proven, Capacity{}), revision(6, "r6", Proven, Capacity{Maximum: 8}), revision(7, "r7", Proven, Pin(4))
		j, _ := live.Journal()
		j.Previous, j.PreviousCapacity, j.Retain, j.KeepsPrevious = previous.ID, Capacity{Minimum: 0, Target: 2, Maximum: 8}, c.retain, c.keeps
		live.Tags = j.Tags()
		d := release("r7")
		d.Capacity, d.Retain = nil, c.retain
		end := Simulate(d, World{Groups: []Group{oldest, previous, live}}).End
		stand := map[string]bool{}
		for _, g := range end.Groups {
			stand[g.Name] = true
			if g.Name == "web__6" && (g.Capacity == Capacity{Maximum: 8}) != c.keeps {
				t.Errorf("%s: web__6 is set to %s", what, g.Capacity)
			}
		}
		for _, name := range c.want {
			if !stand[name] {
				t.Errorf("%s: %s is gone", what, name)
			}
		}
		if len(stand) != len(c.want) {
			t.Errorf("%s: there stand %v, want %v", what, stand, c.want)
		}
	}
}
