package runner

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/compare"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// What a check's answers come to, at the end of a bake and on stage, while there is time and when there is none left. G is good, b bad, n not
// known and p pending; answers behind the | come when the bake is over, and ? is one that is still waited for.
func TestWhatAnswersComeTo(t *testing.T) {
	for answers, want := range map[string]struct {
		inBake, onStage, late string // good, bad, unknown, or "" where it is not decided yet
	}{
		"":          {"", "", "unknown"},
		"|?":        {"", "", "unknown"},
		"G|":        {"good", "good", "good"},
		"n|":        {"", "", "unknown"},
		"p|":        {"", "", "unknown"},
		"b|":        {"", "", "bad"},
		"bG|":       {"good", "good", "good"},
		"Gb|":       {"", "", "bad"},
		"bb|":       {"bad", "bad", "bad"},
		"bnb|":      {"bad", "bad", "bad"},
		"bGb|":      {"", "", "bad"},
		"Gn|":       {"", "", "unknown"},
		"Gn|nn":     {"", "", "unknown"},
		"Gn|nnn":    {"unknown", "", "unknown"},
		"Gn|nnG":    {"good", "good", "good"},
		"G|?":       {"", "", "unknown"},
		"b|?":       {"", "", "bad"},
		"b|nnn":     {"unknown", "", "unknown"},
		"G|pppp":    {"", "", "unknown"},
		"G|ppppG":   {"good", "good", "good"},
		"nnnnnnnn|": {"", "", "unknown"},
	} {
		t.Run(answers, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &asking{check: rollout.Check{Name: "errors", Every: time.Minute, Failures: 2}}
				over := false
				for _, c := range answers {
					switch c {
					case '|':
						over = true
					case '?':
						a.inFlight = time.Now()
						time.Sleep(time.Second)
					default:
						a.inFlight = time.Now()
						a.take(Answer{Verdict: map[rune]Answered{'G': Good, 'b': Bad, 'n': NotKnown, 'p': Pending}[c]}, over)
					}
				}
				for _, at := range []struct {
					point rollout.Point
					late  bool
					want  string
				}{{rollout.InBake, false, want.inBake}, {rollout.OnStage, false, want.onStage}, {rollout.InBake, true, want.late}, {rollout.AtEnd, true, want.late}} {
					got := ""
					decided, unknown := a.stand(at.point, at.late)
					switch {
					case a.failed(at.late):
						got = "bad"
					case unknown != "":
						got = "unknown"
					case decided:
						got = "good"
					}
					if got != at.want {
						t.Errorf("%s, late: %v: %q, want %q (%s)", at.point, at.late, got, at.want, unknown)
					}
				}
			})
		})
	}
}

// A check is asked again after its time, what is not known sooner, what is pending when it says so, and what is good no more when the bake is over.
func TestWhenACheckIsAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &asking{check: rollout.Check{Every: 5 * time.Minute, Failures: 1}}
		if !a.due(false) {
			t.Error("it is not asked at once")
		}
		for _, c := range []struct {
			answer Answer
			wait   time.Duration
		}{{isGood, 5 * time.Minute}, {Answer{Verdict: Bad}, 5 * time.Minute}, {Answer{}, time.Minute}, {Answer{Verdict: Pending}, 5 * time.Minute},
			{Answer{Verdict: Pending, Again: 20 * time.Second}, 20 * time.Second}, {Answer{Verdict: Pending, Again: time.Nanosecond}, time.Second}} {
			a.inFlight = time.Now()
			if a.due(false) {
				t.Error("it is asked while it is asked")
			}
			a.take(c.answer, false)
			time.Sleep(c.wait - time.Millisecond)
			if a.due(false) {
				t.Errorf("%+v: it is asked before %s", c.answer, c.wait)
			}
			time.Sleep(time.Millisecond)
			if !a.due(false) {
				t.Errorf("%+v: it is not asked after %s", c.answer, c.wait)
			}
		}
		a.take(isGood, true)
		time.Sleep(time.Hour)
		if a.due(true) || !a.due(false) {
			t.Error("what was good in the end is asked again, or what is good in a bake is not")
		}
	})
}

var isGood = Answer{Verdict: Good}

// A minute counts when it is three old, the last ones of a bake included, and no minute that began before the bake or after it.
func TestWhichMinutesAreCompared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Now().Truncate(time.Minute).Add(time.Minute + 20*time.Second)))
		began := time.Now()
		c := newComparing(rollout.Comparison{Errors: 1.5, MinRequests: 200}, began)
		if !c.since.Equal(began.Add(40 * time.Second)) {
			t.Errorf("it begins at %s", c.since)
		}
		if c.due(false) {
			t.Error("it counts before there is a minute")
		}
		time.Sleep(10 * time.Minute) // the bake
		until, all := c.window(false)
		if all || !until.Equal(began.Add(6*time.Minute+40*time.Second)) {
			t.Errorf("in the bake it counts to %s, all: %v", until.Sub(began), all)
		}
		if until, all = c.window(true); all || !until.Equal(began.Add(6*time.Minute+40*time.Second)) {
			t.Errorf("at its end it counts to %s, all: %v", until.Sub(began), all)
		}
		time.Sleep(2*time.Minute + 30*time.Second)
		if _, all = c.window(true); all {
			t.Error("the last minute is not three minutes old")
		}
		time.Sleep(10 * time.Second)
		if until, all = c.window(true); !all || !until.Equal(began.Add(9*time.Minute+40*time.Second)) {
			t.Errorf("in the end it counts to %s, all: %v", until.Sub(began), all)
		}
		if known, _ := c.stand(false); known {
			t.Error("it is known before it was counted")
		}
		c.verdict, c.final = comparedVerdict{compare.Verdict{Result: compare.NotKnown, Words: "61 of at least 200 requests"}, true}, true
		if known, why := c.stand(false); !known || !strings.Contains(why, "61 of at least 200") {
			t.Errorf("%v %q", known, why)
		}
	})
}

// Minutes of the bake alone count, each once.
func TestMinutesOfTheBakeAloneCount(t *testing.T) {
	at := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	minute := func(n int, requests float64) compare.Minute {
		return compare.Minute{Begins: at.Add(time.Duration(n) * time.Minute), Requests: requests}
	}
	got := within([]compare.Minute{minute(-1, 9), minute(0, 10), minute(0, 11), minute(1, 20), minute(2, 9), minute(5, 9)}, at, at.Add(2*time.Minute))
	if !slices.Equal(got, []compare.Minute{minute(0, 10), minute(1, 20)}) {
		t.Errorf("%v", got)
	}
}
