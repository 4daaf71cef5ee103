package rollout_test

import (
	"testing"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// What each revision has in a phase, from a table worked out by hand: the share of its own target, rounded up.
func TestShares(t *testing.T) {
	for what, c := range map[string]struct {
		phase        Phase
		had, target  int // what the previous revision had, and the candidate's final target
		take, remain int
	}{
		"a quarter of four":               {Phase{Percent: 25}, 4, 4, 1, 3},
		"a half of four":                  {Phase{Percent: 50}, 4, 4, 2, 2},
		"a third of ten, both rounded up": {Phase{Percent: 33}, 10, 10, 4, 7},
		"one percent is one":              {Phase{Percent: 1}, 4, 4, 1, 4},
		"ninety-nine leave one":           {Phase{Percent: 99}, 4, 4, 4, 1},
		"no more than the share":          {Phase{Percent: 20}, 5, 5, 1, 4},
		"growing":                         {Phase{Percent: 25}, 4, 10, 3, 3},
		"shrinking":                       {Phase{Percent: 25}, 10, 4, 1, 8},
		"growing from one":                {Phase{Percent: 50}, 1, 8, 4, 1},
		"shrinking to one":                {Phase{Percent: 50}, 8, 1, 1, 4},
		"of one":                          {Phase{Percent: 10}, 1, 1, 1, 1},
		"of one, nearly all":              {Phase{Percent: 99}, 1, 1, 1, 1},
		"to nothing":                      {Phase{Percent: 50}, 4, 0, 0, 2},
		"from nothing":                    {Phase{Percent: 50}, 0, 4, 2, 0},
		"nothing at all":                  {Phase{Percent: 50}, 0, 0, 0, 0},
		"a thousand":                      {Phase{Percent: 33}, 1000, 1000, 330, 670},
		"a thousand and one":              {Phase{Percent: 33}, 1001, 1001, 331, 671},
		"as large as groups come":         {Phase{Percent: 7}, 2_000_000_000, 1_999_999_999, 140_000_000, 1_860_000_000},

		"counted":                         {Phase{Count: 1}, 4, 4, 1, 3},
		"three of eight":                  {Phase{Count: 3}, 8, 8, 3, 5},
		"counted, growing":                {Phase{Count: 3}, 4, 8, 3, 3},
		"counted, shrinking":              {Phase{Count: 1}, 10, 3, 1, 7},
		"counted, shrinking further":      {Phase{Count: 2}, 10, 3, 2, 4},
		"a count that is all":             {Phase{Count: 4}, 4, 4, 4, 0},
		"a count above the target":        {Phase{Count: 9}, 4, 4, 4, 0},
		"a count above a smaller target":  {Phase{Count: 5}, 10, 3, 3, 0},
		"a count of one":                  {Phase{Count: 1}, 1, 1, 1, 0},
		"a count, to nothing":             {Phase{Count: 1}, 4, 0, 0, 0},
		"a count, from nothing":           {Phase{Count: 1}, 0, 4, 1, 0},
		"a large count":                   {Phase{Count: 999_999}, 1_000_000, 1_000_000, 999_999, 1},
		"a large count, of other targets": {Phase{Count: 1}, 1_000_000, 3, 1, 666_667},

		"a count remains":             {Phase{Percent: 25, PreviousCount: new(2)}, 4, 4, 1, 2},
		"more remain than there were": {Phase{Percent: 25, PreviousCount: new(9)}, 4, 4, 1, 4},
		"none remains":                {Phase{Percent: 25, PreviousCount: new(0)}, 4, 4, 1, 0},
		"a share remains":             {Phase{Percent: 25, PreviousPercent: new(50)}, 4, 4, 1, 2},
		"a share remains, rounded up": {Phase{Percent: 25, PreviousPercent: new(10)}, 15, 4, 1, 2},
		"all remains":                 {Phase{Percent: 99, PreviousPercent: new(100)}, 4, 4, 4, 4},
		"a share of none remains":     {Phase{Percent: 25, PreviousPercent: new(0)}, 4, 4, 1, 0},
		"counted, and a share":        {Phase{Count: 2, PreviousPercent: new(10)}, 10, 3, 2, 1},
		"counted, and a count":        {Phase{Count: 3, PreviousCount: new(1)}, 8, 8, 3, 1},
		"of what it had, not wants":   {Phase{Percent: 50, PreviousPercent: new(25)}, 8, 100, 50, 2},
	} {
		if take, remain := c.phase.New(c.target), c.phase.Old(c.had, c.target); take != c.take || remain != c.remain {
			t.Errorf("%s: the candidate takes %d of %d and %d of %d remain; want %d and %d", what, take, c.target, remain, c.had, c.take, c.remain)
		}
	}
}

// Unless the user says otherwise, both together never have less than the smaller of the two targets.
func TestSharesTogetherAreEnough(t *testing.T) {
	for had := range 25 {
		for target := range 25 {
			for n := 1; n < 100; n++ {
				for _, p := range []Phase{{Percent: n}, {Count: n}} {
					if take, remain := p.New(target), p.Old(had, target); take+remain < min(had, target) || take > target || remain > had {
						t.Fatalf("%+v from %d to %d: %d and %d", p, had, target, take, remain)
					}
				}
			}
		}
	}
}
