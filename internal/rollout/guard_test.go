package rollout_test

import (
	"testing"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// While instances of the live revision boot Spot may take those that serve instead, so that it gives up its share only when
// what is promised is left even then. Four are promised here: the candidate's two or four serve.
func TestNothingIsTakenWhileTheLiveOneBoots(t *testing.T) {
	for what, c := range map[string]struct {
		passed, live, inService, candidate, percent int
		want                                        string
	}{
		"all of it serves":              {1, 3, 3, 2, 100, "set web__6 to 2"},
		"one of it boots":               {1, 3, 2, 2, 100, "wait for 3 of web__6 in service"},
		"two of it boot":                {1, 3, 1, 2, 100, "wait for 3 of web__6 in service"},
		"none of it serves: no loss":    {1, 3, 0, 2, 100, "set web__6 to 2"},
		"fewer are promised":            {1, 3, 2, 2, 75, "set web__6 to 2"},
		"and no fewer than that":        {1, 3, 1, 2, 75, "wait for 2 of web__6 in service"},
		"the candidate has all of them": {2, 2, 1, 4, 100, "set web__6 to 0"},
	} {
		live, candidate := revision(6, "r6", Proven, Pin(c.live)), revision(7, "r7", RollingOut, Pin(c.candidate))
		live.InService, live.Steady = c.inService, c.inService
		j, _ := candidate.Journal()
		j.Passed = c.passed
		candidate.Tags = j.Tags()
		d := canary("r7")
		d.HealthyPercent = c.percent
		if got := Next(d, World{Groups: []Group{live, candidate}}).String(); got != c.want {
			t.Errorf("%s: %s, want: %s", what, got, c.want)
		}
	}
}
