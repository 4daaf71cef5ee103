package compare

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/fresh"
)

func init() { fresh.Properties() }

// some are minutes with these requests and errors each.
func some(minutes int, requests, errors, latency float64) []Minute {
	var m []Minute
	for i := range minutes {
		m = append(m, Minute{begin.Add(time.Duration(i) * time.Minute), requests, errors, latency})
	}
	return m
}

func TestWords(t *testing.T) {
	withLatency := Rule{Errors: 1.5, Latency: 1.3, Percentile: 90, MinRequests: 200}
	odd := some(8, 200, 9, 0)
	odd[2].Errors, odd[3].Errors = -3, 21 // counted in one minute, answered in the next
	for name, test := range map[string]struct {
		rule            Rule
		candidate, live []Minute
		want            Result
		words           string
	}{
		"bad":                 {usual, some(6, 203, 8, 0), some(6, 1834, 6, 0), Bad, "errors 3.9 % of 1,218 requests, against 0.3 % of 11,004; limit 1.5 times"},
		"good":                {usual, some(6, 203, 0, 0), some(6, 1834, 6, 0), Good, "errors 0.0 % of 1,218 requests, against 0.3 % of 11,004; limit 1.5 times"},
		"none on live":        {usual, some(6, 203, 3, 0), some(6, 1834, 0, 0), Bad, "errors 1.5 % of 1,218 requests, against 0.0 % of 11,004; limit 1.5 times"},
		"none at all":         {usual, some(6, 203, 0, 0), some(6, 1834, 0, 0), Good, "errors 0.0 % of 1,218 requests, against 0.0 % of 11,004; limit 1.5 times"},
		"by chance":           {usual, some(6, 203, 1, 0), some(6, 1834, 5, 0), Good, "errors 0.5 % of 1,218 requests, against 0.3 % of 11,004; limit 1.5 times, and chance may be why it is more"},
		"a burst":             {usual, append(some(6, 203, 0, 0)[1:], Minute{begin, 203, 100, 0}), some(6, 1834, 6, 0), Good, "errors 8.2 % of 1,218 requests, against 0.3 % of 11,004; limit 1.5 times, and chance may be why it is more"},
		"not felt":            {usual, some(6, 20300, 15, 0), some(6, 183400, 6, 0), Good, "errors 0.074 % of 121,800 requests, against 0.003 % of 1,100,400; limit 1.5 times, and chance may be why it is more"},
		"too few":             {usual, some(6, 10, 10, 0), some(6, 1834, 6, 0), NotKnown, "60 of at least 200 requests in 6 minutes on the new revision"},
		"too few on live":     {usual, some(6, 1834, 10, 0), some(6, 10, 6, 0), NotKnown, "60 of at least 200 requests in 6 minutes on the live revision"},
		"two minutes":         {usual, some(2, 2000, 2000, 0), some(6, 2000, 0, 0), NotKnown, "2 of at least 3 minutes in which both were counted"},
		"nothing":             {usual, nil, nil, NotKnown, "0 of at least 3 minutes in which both were counted"},
		"none asked":          {Rule{Errors: 1.5}, some(5, 0, 0, 0), some(5, 10, 0, 0), NotKnown, "no requests in 5 minutes"},
		"over minutes":        {usual, odd, some(8, 1834, 30, 0), Bad, "errors 4.5 % of 1,600 requests, against 1.6 % of 14,672; limit 1.5 times"},
		"fewer than none":     {usual, some(6, 203, -4, 0), some(6, 1834, -1, 0), Good, "errors 0.0 % of 1,218 requests, against 0.0 % of 11,004; limit 1.5 times"},
		"slow":                {withLatency, some(6, 203, 0, 0.412), some(6, 1834, 0, 0.2), Bad, "latency p90 412 ms, against 200 ms: 2.06 times in the median of 6 minutes; limit 1.3 times"},
		"slower, allowed":     {withLatency, some(6, 203, 0, 1.25), some(6, 1834, 0, 1), Good, "errors 0.0 % of 1,218 requests, against 0.0 % of 11,004; limit 1.5 times; latency p90 1.2 s, against 1.0 s: 1.25 times in the median of 6 minutes; limit 1.3 times"},
		"slow and failing":    {withLatency, some(6, 203, 30, 9), some(6, 1834, 0, 0.2), Bad, "errors 14.8 % of 1,218 requests, against 0.0 % of 11,004; limit 1.5 times"},
		"too few for a p90":   {withLatency, some(6, 99, 0, 9), some(6, 1834, 0, 0.2), NotKnown, "0 of at least 5 minutes with 100 requests on both sides, which the latency's p90 needs"},
		"too few for either":  {withLatency, some(6, 9, 0, 9), some(6, 1834, 0, 0.2), NotKnown, "54 of at least 200 requests in 6 minutes on the new revision; 0 of at least 5 minutes with 100 requests on both sides, which the latency's p90 needs"},
		"no latency reported": {withLatency, some(6, 203, 0, 0), some(6, 1834, 0, 0.2), NotKnown, "0 of at least 5 minutes with 100 requests on both sides, which the latency's p90 needs"},
	} {
		t.Run(name, func(t *testing.T) {
			got := Judge(test.rule, test.candidate, test.live)
			if got.Result != test.want || got.Words != test.words {
				t.Errorf("%s: %s", got.Result, got.Words)
			}
		})
	}
}

// Only minutes that both have count, in any order, and each once.
func TestSameMinutes(t *testing.T) {
	candidate, live := some(9, 203, 20, 0), some(9, 1834, 0, 0)
	rand.New(rand.NewPCG(1, 2)).Shuffle(9, func(i, j int) { live[i], live[j] = live[j], live[i] })
	want := Judge(usual, candidate, live)
	if want.Result != Bad || want.Minutes != 9 || !want.Until.Equal(begin.Add(9*time.Minute)) {
		t.Errorf("got %+v", want)
	}
	if got := Judge(usual, append(candidate, candidate...), live); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := Judge(usual, candidate[:4], some(9, 1834, 0, 0)[2:]); got.Result != NotKnown || got.Minutes != 2 {
		t.Errorf("of two minutes: %+v", got)
	}
}

// Traffic that stops on one of them is not good for ever by what was counted before, and what was bad by then stays so.
func TestTrafficThatStops(t *testing.T) {
	for name, test := range map[string]struct {
		candidate, live []Minute
		want            Result
		words           string
	}{
		"on the new revision":  {some(4, 203, 0, 0), some(9, 1834, 0, 0), NotKnown, "the new revision was not counted any more after 12:04Z, the live revision until 12:09Z"},
		"on the live revision": {some(9, 203, 0, 0), some(4, 1834, 0, 0), NotKnown, "the live revision was not counted any more after 12:04Z, the new revision until 12:09Z"},
		"a late minute or two": {some(7, 203, 0, 0), some(9, 1834, 0, 0), Good, "errors 0.0 % of 1,421 requests, against 0.0 % of 12,838; limit 1.5 times"},
		"and was bad":          {some(4, 203, 90, 0), some(9, 1834, 0, 0), Bad, "errors 44.3 % of 812 requests, against 0.0 % of 7,336; limit 1.5 times"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Judge(usual, test.candidate, test.live); got.Result != test.want || got.Words != test.words {
				t.Errorf("%s: %s", got.Result, got.Words)
			}
		})
	}
}

// Answers of the live revision that are not reported yet excuse nobody; one that is down has none, and a fix goes out.
func TestLateAnswersExcuseNobody(t *testing.T) {
	late := some(8, 1834, 6, 0)
	late[6].Errors, late[7].Errors = 1834, 1834
	down, few := some(8, 1834, 1834, 0), some(8, 200, 3, 0)
	few[5].Requests, few[5].Errors = 9, 9
	for name, test := range map[string]struct {
		candidate, live []Minute
		want            Result
		words           string
	}{
		"of a bad one":       {some(8, 203, 12, 0), late, Bad, "errors 5.9 % of 1,218 requests, against 0.3 % of 11,004; limit 1.5 times"},
		"of a good one":      {some(8, 203, 0, 0), late, Good, "errors 0.0 % of 1,218 requests, against 0.3 % of 11,004; limit 1.5 times"},
		"live is down":       {some(8, 203, 12, 0), down, Good, "errors 5.9 % of 1,624 requests, against 100.0 % of 14,672; limit 1.5 times"},
		"a few by chance":    {some(8, 203, 4, 0), few, Good, "errors 2.0 % of 1,624 requests, against 2.1 % of 1,409; limit 1.5 times"},
		"the new one is not": {some(8, 203, 203, 0), some(8, 1834, 6, 0), Bad, "errors 100.0 % of 1,624 requests, against 0.3 % of 14,672; limit 1.5 times"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Judge(usual, test.candidate, test.live); got.Result != test.want || got.Words != test.words {
				t.Errorf("%s: %s", got.Result, got.Words)
			}
		})
	}
}

// On several routes the sum of both is that of the same routes and minutes: what is late of one would leave the one revision judged by
// the route that fails and the other by both.
func TestRoutesAreSummed(t *testing.T) {
	shop, search := Route{some(8, 2000, 0, 0.3), some(8, 18000, 0, 0.3)}, Route{some(8, 50, 5, 2), some(8, 450, 45, 2)}
	withLatency := Rule{Errors: 1.5, Latency: 1.3, Percentile: 90, MinRequests: 200}
	const fine = "errors 0.2 % of 16,400 requests, against 0.2 % of 147,600; limit 1.5 times; latency p90 300 ms, against 300 ms: 1 times in the median of 8 minutes; limit 1.3 times"
	if got := (Routes{search, shop}).Judge(withLatency); got.Result != Good || got.Words != fine {
		t.Errorf("%s: %s", got.Result, got.Words)
	}
	for _, late := range []Route{{shop.Candidate[:1], shop.Live}, {shop.Candidate, shop.Live[:1]}} {
		if got := (Routes{late, search}).Judge(usual); got.Result != Good || got.Words != "errors 1.7 % of 2,400 requests, against 1.7 % of 21,600; limit 1.5 times" {
			t.Errorf("late: %s: %s", got.Result, got.Words)
		}
	}
	quiet := Route{some(4, 2000, 0, 0.3), shop.Live}
	if got := (Routes{quiet}).Judge(usual); got.Result != NotKnown {
		t.Errorf("one that stops: %s: %s", got.Result, got.Words)
	}
	if got := (Routes{quiet, {some(8, 50, 30, 2), search.Live}}).Judge(usual); got.Result != Bad {
		t.Errorf("a bad one: %s: %s", got.Result, got.Words)
	}
}

// The tail is that of exact arithmetic, and sound where that takes too long.
func TestTail(t *testing.T) {
	for n := range int64(40) {
		for _, p := range []*big.Rat{big.NewRat(1, 7), big.NewRat(1, 2), big.NewRat(6, 7), big.NewRat(1, 1000)} {
			exact := new(big.Rat)
			for k := n; k >= 0; k-- {
				term := new(big.Rat).SetInt(new(big.Int).Binomial(n, k))
				for range k {
					term.Mul(term, p)
				}
				for range n - k {
					term.Mul(term, new(big.Rat).Sub(big.NewRat(1, 1), p))
				}
				exact.Add(exact, term)
				want, _ := exact.Float64()
				float, _ := p.Float64()
				if got := tail(float64(n), float64(k), float); math.Abs(got-want) > 1e-12+1e-9*want {
					t.Fatalf("P[Bin(%d, %s) >= %d] is %g, not %g", n, p, k, got, want)
				}
			}
		}
	}
	for _, n := range []float64{1e5, 1e7, 1e9} {
		if half := tail(n, n/2+1, 0.5) + tail(n, n/2, 0.5); math.Abs(half-1) > 1e-4 {
			t.Errorf("of %g, both halves are %g", n, half)
		}
		if far := tail(n, n, 0.5); far != 0 || math.IsNaN(far) {
			t.Errorf("of %g all: %g", n, far)
		}
	}
}

func minutesOf(name string) *rapid.Generator[[]Minute] {
	return rapid.Custom(func(t *rapid.T) []Minute {
		n := rapid.IntRange(0, 12).Draw(t, name)
		var all []Minute
		most := rapid.SampledFrom([]int{20, 300, 20000}).Draw(t, "most")
		for i := range n {
			requests := rapid.IntRange(0, most).Draw(t, "requests")
			all = append(all, Minute{begin.Add(time.Duration(i) * time.Minute), float64(requests),
				float64(rapid.IntRange(0, requests).Draw(t, "errors") / rapid.SampledFrom([]int{1, 10, 300}).Draw(t, "of")), rapid.Float64Range(0, 3).Draw(t, "latency")})
		}
		return all
	})
}

var rules = rapid.Custom(func(t *rapid.T) Rule {
	return Rule{rapid.SampledFrom([]float64{1, 1.5, 4}).Draw(t, "errors"), rapid.SampledFrom([]float64{0, 1, 1.3}).Draw(t, "latency"),
		rapid.SampledFrom([]int{50, 90, 99}).Draw(t, "percentile"), rapid.SampledFrom([]int{1, 200}).Draw(t, "min_requests")}
})

// One error more on the candidate never makes a verdict better, and one more on the live revision never makes it worse; so with latency.
func TestMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rule, candidate, live := rules.Draw(t, "rule"), minutesOf("candidate").Draw(t, "c"), minutesOf("live").Draw(t, "l")
		if len(candidate) == 0 || len(live) == 0 {
			return
		}
		before := Judge(rule, candidate, live)
		i := rapid.IntRange(0, len(candidate)-1).Draw(t, "i")
		worse := slices.Clone(candidate)
		worse[i].Errors += float64(rapid.IntRange(1, 50).Draw(t, "more"))
		if after := Judge(rule, worse, live); order(after.Result, before.Result) < 0 {
			t.Fatalf("more errors: %s, and before %s", after.Result, before.Result)
		}
		i = rapid.IntRange(0, len(live)-1).Draw(t, "j")
		lenient := slices.Clone(live)
		lenient[i].Errors += float64(rapid.IntRange(1, 50).Draw(t, "more"))
		if after := Judge(rule, candidate, lenient); order(after.Result, before.Result) > 0 {
			t.Fatalf("more errors on live: %s, and before %s", after.Result, before.Result)
		}
		slow := slices.Clone(candidate)
		for i := range slow {
			slow[i].Latency *= 2
		}
		if after := Judge(rule, slow, live); order(after.Result, before.Result) < 0 {
			t.Fatalf("twice as slow: %s, and before %s", after.Result, before.Result)
		}
		if more := rule; true {
			more.Errors, more.Latency = 2*more.Errors, 2*more.Latency
			if after := Judge(more, candidate, live); order(after.Result, before.Result) > 0 {
				t.Fatalf("with twice the limits: %s, and before %s", after.Result, before.Result)
			}
		}
	})
}

// Two revisions that are counted alike are not both bad, and one beside itself is never bad. Where one of them answered nothing in a minute, they are
// not counted alike: that minute is left out of the live one's alone.
func TestSymmetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rule, a, b := rules.Draw(t, "rule"), minutesOf("a").Draw(t, "a"), minutesOf("b").Draw(t, "b")
		there, back := Judge(rule, a, b), Judge(rule, b, a)
		alike := rule.Latency == 0 && len(withAnswers(a)) == len(a) && len(withAnswers(b)) == len(b)
		if alike && there.Result == NotKnown && back.Result == Good {
			t.Fatalf("%s one way, %s the other", there.Words, back.Words)
		}
		if alike && there.Result == Bad && back.Result == Bad {
			t.Fatalf("both are bad: %s; %s", there.Words, back.Words)
		}
		if self := Judge(rule, a, a); self.Result == Bad {
			t.Fatalf("worse than itself: %s", self.Words)
		}
	})
}

// A verdict has words that fit in a line, and none from less than the rule wants.
func TestVerdicts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rule, candidate, live := rules.Draw(t, "rule"), minutesOf("candidate").Draw(t, "c"), minutesOf("live").Draw(t, "l")
		v := Judge(rule, candidate, live)
		if v.Words == "" || len(v.Words) > 250 || strings.ContainsAny(v.Words, "\n") || strings.HasSuffix(v.Words, ".") {
			t.Fatalf("it says %q", v.Words)
		}
		all := sum(pairs(candidate, live))
		if v.Result != NotKnown && (v.Minutes < 3 || all.candidate.requests < float64(rule.MinRequests) || all.live.requests < float64(rule.MinRequests)) && !strings.HasPrefix(v.Words, "latency") {
			t.Fatalf("%s from %d minutes and %g and %g requests", v.Result, v.Minutes, all.candidate.requests, all.live.requests)
		}
	})
}
