package rollout_test

import (
	"testing"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Where a rollout rests, by what was passed and by what is written now. A user who writes fewer phases while it holds has
// not asked for the whole.
func TestWhereItRests(t *testing.T) {
	for what, c := range map[string]struct {
		passed, phases, holdAfter int
		holding                   bool
		want                      Kind
	}{
		"at the phase":                          {1, 2, 1, true, HoldHere},
		"further than it is to hold by now":     {2, 2, 1, true, HoldHere},
		"fewer phases are written than passed":  {3, 2, 2, true, HoldHere},
		"much fewer":                            {3, 1, 1, true, HoldHere},
		"it has not said so yet":                {1, 2, 1, false, Record},
		"fewer are written, it has not said so": {3, 2, 2, false, Record},
		"raised: it goes on":                    {1, 2, 2, true, Record},
		"removed: it goes on":                   {1, 2, 0, true, Record},
		"no phases are left to hold at":         {1, 0, 1, false, Resize},
		"not there yet":                         {0, 2, 1, false, Resize},
	} {
		live, candidate := revision(6, "r6", Proven, Pin(3)), revision(7, "r7", RollingOut, Pin(1))
		j, _ := candidate.Journal()
		j.PreviousCapacity, j.Passed, j.Holding = usual, c.passed, c.holding
		candidate.Tags = j.Tags()
		d := release("r7")
		d.HoldAfter = c.holdAfter
		for i := range c.phases {
			d.Canary = append(d.Canary, Phase{Percent: 50 + i})
		}
		s := Next(d, World{Groups: []Group{live, candidate}})
		if s.Kind != c.want {
			t.Errorf("%s: %s, want to %s", what, s, c.want)
		}
		if s.Kind == Record && s.Journal.Holding == c.holding {
			t.Errorf("%s: the journal still says holding %v", what, c.holding)
		}
	}
}

// Another capacity is given to both while it holds, in the shares of the last phase that is written, and never more of the
// work than that.
func TestResizedWhereFewerPhasesAreWritten(t *testing.T) {
	live, candidate := revision(6, "r6", Proven, Pin(1)), revision(7, "r7", RollingOut, Pin(3))
	j, _ := candidate.Journal()
	wanted := Capacity{4, 8, 16}
	j.PreviousCapacity, j.Passed, j.Holding = wanted, 3, true
	candidate.Tags = j.Tags()
	d := canary("r7")
	d.HoldAfter, d.Capacity, d.Given = 2, &wanted, &Capacity{2, 4, 8}
	end := RolesOf(Simulate(d, World{Groups: []Group{live, candidate}}).End)
	if end.Candidate == nil || end.Candidate.Capacity != Pin(4) || end.Live.Capacity != Pin(4) {
		t.Errorf("the candidate has %v and the live one %v; half of 8 is 4 for either", end.Candidate, end.Live)
	}
}
