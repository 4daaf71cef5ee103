package rollout_test

import (
	"testing"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// The first step on the way back from a candidate that failed, by what the live revision has and had.
func TestWayBack(t *testing.T) {
	for what, c := range map[string]struct {
		before, live    Capacity
		inService       int
		candidateServes int
		percent         int
		order           ResizeOrder
		want            string
	}{
		"gets back what it had":              {usual, Capacity{}, 0, 4, 100, NewFirst, "set web__6 to 4 (minimum 2, maximum 8)"},
		"its bounds too, when it was at 0":   {Capacity{0, 0, 5}, Capacity{}, 0, 1, 100, NewFirst, "set web__6 to 0 (minimum 0, maximum 5)"},
		"has kept all: the candidate goes":   {usual, usual, 4, 0, 100, NewFirst, "set web__7 to 0"},
		"an autoscaler's move stays":         {usual, Capacity{2, 3, 8}, 3, 1, 100, NewFirst, "set web__7 to 0"},
		"serves before the candidate goes":   {usual, usual, 3, 1, 100, NewFirst, "wait for 4 of web__6 in service"},
		"what is promised is enough":         {usual, usual, 2, 1, 50, NewFirst, "set web__7 to 0"},
		"and less is not":                    {usual, usual, 1, 1, 50, NewFirst, "wait for 2 of web__6 in service"},
		"unwell, and nothing to lose":        {usual, usual, 0, 0, 100, NewFirst, "set web__7 to 0"},
		"its return ends the gap":            {usual, usual, 0, 0, 100, PreviousFirst, "wait for 4 of web__6 in service"},
		"previous first, and it is back":     {usual, usual, 4, 0, 100, PreviousFirst, "set web__7 to 0"},
		"the autoscaler wants less than had": {usual, Capacity{2, 2, 8}, 2, 4, 100, NewFirst, "set web__7 to 0"},
	} {
		live, candidate := revision(6, "r6", Proven, c.live), revision(7, "r7", Failed, Pin(4))
		live.InService, live.Steady, candidate.InService = c.inService, c.inService, c.candidateServes
		j, _ := candidate.Journal()
		j.PreviousCapacity = c.before
		candidate.Tags = j.Tags()
		live.Tags = live.With(Memory{Failed: []string{"r7"}}.Tags())
		d := release("r7")
		d.HealthyPercent, d.ResizeOrder = c.percent, c.order
		if got := Next(d, World{Groups: []Group{live, candidate}}).String(); got != c.want {
			t.Errorf("%s: %s, want: %s", what, got, c.want)
		}
	}
}
