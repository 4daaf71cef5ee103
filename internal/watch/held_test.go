package watch

import (
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Where a candidate rests is said as the plan has it: on stage, after a phase, or in one that is not passed.
func TestWhereItHolds(t *testing.T) {
	for want, j := range map[string]rollout.Journal{
		"web__2 holds on stage":                               {Holding: true},
		"web__2 holds after phase 2":                          {Holding: true, Passed: 2},
		"web__2 holds on stage, not known: nobody answers":    {Holding: true, Unknown: "nobody answers", UnknownAt: rollout.OnStage},
		"web__2 holds at phase 1, not known: nobody answers":  {Holding: true, Unknown: "nobody answers", UnknownAt: rollout.InBake},
		"web__2 holds at the end, not known: nobody answers":  {Holding: true, Passed: 3, Unknown: "nobody answers", UnknownAt: rollout.AtEnd},
		"web__2 holds at phase 2, not known: an older record": {Holding: true, Passed: 2, Unknown: "an older record"},
	} {
		phase, name := heldAt(j)
		if got := (event.Holding{Group: "web__2", Phase: phase, PhaseName: name, NotKnown: j.Unknown}).String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
