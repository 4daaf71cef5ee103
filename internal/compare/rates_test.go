package compare

import (
	"flag"
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/rates.txt anew")

// truths are what may be true of a release.
var truths = []struct {
	name      string
	live, own float64
	bursty    bool
}{
	{"healthy, 0.3 % on both", 0.003, 0.003, false},
	{"healthy, in bursts", 0.003, 0.003, true},
	{"twice, 0.3 % to 0.6 %", 0.003, 0.006, false},
	{"four times, 0.3 % to 1.2 %", 0.003, 0.012, false},
	{"+3 points, 0.3 % to 3.3 %", 0.003, 0.033, false},
	{"+3 points, in bursts", 0.003, 0.033, true},
	{"none to 3 %", 0, 0.03, false},
}

var (
	rates   = []float64{100, 1000, 10000}
	weights = []float64{0.1, 0.5}
	loads   = []float64{50, 150, 300, 1500}
	slower  = []struct {
		name  string
		times float64
		p     int
	}{{"p90, the same", 1, 90}, {"p90, 1.5 times", 1.5, 90}, {"p99, the same", 1, 99}, {"p99, 1.5 times", 1.5, 99}}
)

// measured are the ends of runs by what is true, the requests a minute and the weight.
func measured(truth int, rate, weight float64, judge func(Rule, []Minute, []Minute) Verdict) share {
	t := truths[truth]
	return endings(usual, traffic{rate, weight, t.live, t.own, t.bursty}.minutes, judge)
}

// The rates of false verdicts are measured, are within what is promised, and stand in the documentation.
func TestRatesOfFalseVerdicts(t *testing.T) {
	var b strings.Builder
	b.WriteString("Errors, limit 1.5 times: % of the bakes that were taken back, in brackets % of which it was not known\n\n")
	fmt.Fprintf(&b, "%-28s", "requests a minute in all")
	for _, rate := range rates {
		fmt.Fprintf(&b, "%18s%12s", Count(rate), "")
	}
	fmt.Fprintf(&b, "\n%-28s", "weight of the new revision")
	for range rates {
		for _, weight := range weights {
			fmt.Fprintf(&b, "%15s", fmt.Sprintf("%.0f %%", weight*100))
		}
	}
	b.WriteString("\n\n")
	for i, truth := range truths {
		fmt.Fprintf(&b, "%-28s", truth.name)
		for _, rate := range rates {
			for _, weight := range weights {
				got := measured(i, rate, weight, Judge)
				fmt.Fprintf(&b, "%15s", cell(got))
				promised(t, truth.name, rate, weight, got)
			}
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
	for i := range 2 {
		name := []string{"healthy, by a plain ratio", "in bursts, by a plain ratio"}[i]
		fmt.Fprintf(&b, "%-28s", name)
		for _, rate := range rates {
			for _, weight := range weights {
				fmt.Fprintf(&b, "%15s", cell(measured(i, rate, weight, naive)))
			}
		}
		b.WriteString("\n")
	}
	b.WriteString("\nLatency, limit 1.3 times, the live revision with three times the traffic\n\n")
	fmt.Fprintf(&b, "%-28s", "requests a minute on the new")
	for _, load := range loads {
		fmt.Fprintf(&b, "%15s", Count(load))
	}
	b.WriteString("\n\n")
	for _, s := range slower {
		fmt.Fprintf(&b, "%-28s", s.name)
		for _, load := range loads {
			rule := Rule{Errors: 1.5, Latency: 1.3, Percentile: s.p}
			got := endings(rule, slowness{load, s.times, s.p}.minutes, Judge)
			fmt.Fprintf(&b, "%15s", cell(got))
			if s.times == 1 && s.p == 90 && got.bad > 1 {
				t.Errorf("%s at %g a minute is taken back in %.1f %%", s.name, load, got.bad)
			}
			if s.times > 1 && load >= 1500 && got.bad < 99 {
				t.Errorf("%s at %g a minute is taken back in %.1f %% only", s.name, load, got.bad)
			}
		}
		b.WriteString("\n")
	}
	golden(t, "testdata/rates.txt", regexp.MustCompile(` +\n`).ReplaceAllString(b.String(), "\n"))
}

// promised are the bounds: of good releases that are taken back, and of bad ones that are not.
func promised(t *testing.T, truth string, rate, weight float64, got share) {
	t.Helper()
	at := fmt.Sprintf("%s, %g a minute, %g of it", truth, rate, weight)
	if rate*weight < 20 && got.unknown < 99 {
		t.Errorf("%s: known in %.1f %%, by about 100 requests", at, 100-got.unknown)
	}
	if rate*weight >= 100 && got.unknown > 0 {
		t.Errorf("%s: not known in %.1f %%", at, got.unknown)
	}
	most := map[string]float64{"healthy, 0.3 % on both": 0.5, "healthy, in bursts": 4}
	if bound, good := most[truth]; good && got.bad > bound {
		t.Errorf("%s: taken back in %.1f %%", at, got.bad)
	}
	least := map[string]float64{"+3 points, 0.3 % to 3.3 %": 99, "+3 points, in bursts": 85, "none to 3 %": 99}
	if bound, bad := least[truth]; bad && rate*weight >= 100 && got.bad < bound {
		t.Errorf("%s: taken back in %.1f %% only", at, got.bad)
	}
	if truth == "four times, 0.3 % to 1.2 %" && rate*weight >= 1000 && got.bad < 99 {
		t.Errorf("%s: taken back in %.1f %% only", at, got.bad)
	}
}

func cell(s share) string { return fmt.Sprintf("%.1f (%.1f)", s.bad, s.unknown) }

// golden compares what people read with what is committed, figures within a point: not every processor rounds alike.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	figures := regexp.MustCompile(`\d+\.\d`)
	space := regexp.MustCompile(` +`)
	words := func(s string) string { return space.ReplaceAllString(figures.ReplaceAllString(s, "#"), " ") }
	a, b := figures.FindAllString(string(want), -1), figures.FindAllString(got, -1)
	same := words(string(want)) == words(got) && len(a) == len(b)
	for i := 0; same && i < len(a); i++ {
		x, _ := strconv.ParseFloat(a[i], 64)
		y, _ := strconv.ParseFloat(b[i], 64)
		same = math.Abs(x-y) <= 1
	}
	if !same {
		t.Errorf("%s is not what was measured (-update writes it):\n%s", file, got)
	}
}

// What the rule takes care of it takes care of for a reason: without it, it is wrong more often than promised.
func TestBrokenJudges(t *testing.T) {
	for name, b := range map[string]struct {
		truth        int
		rate, weight float64
		judge        func(Rule, []Minute, []Minute) Verdict
	}{
		"a verdict from too few requests": {4, 100, 0.1, broken(func(c *care) { c.fewRequests = false })},
		"takes a burst for the rate":      {1, 1000, 0.1, broken(func(c *care) { c.bursts = false })},
		"compares the ratio alone":        {0, 1000, 0.1, naive},
	} {
		t.Run(name, func(t *testing.T) {
			t.Logf("promise: %s", "few false verdicts")
			good, wrong := measured(b.truth, b.rate, b.weight, Judge), measured(b.truth, b.rate, b.weight, b.judge)
			if b.truth == 4 {
				good.bad, wrong.bad = 100-good.unknown, 100-wrong.unknown
			}
			if wrong.bad < good.bad+5 {
				t.Errorf("wrong in %.1f %% with it, and in %.1f %% without", good.bad, wrong.bad)
			}
		})
	}
}
