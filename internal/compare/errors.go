package compare

import (
	"fmt"
	"math"
)

// judgeErrors compares the rates of errors.
func judgeErrors(rule Rule, minutes []pair, c care) (Result, string) {
	all := sum(minutes)
	fewest := math.Min(all.candidate.requests, all.live.requests)
	switch {
	case c.fewMinutes && len(minutes) < fewestMinutes:
		return NotKnown, fmt.Sprintf("%d of at least %d minutes in which both were counted", len(minutes), fewestMinutes)
	case c.fewRequests && fewest < float64(rule.MinRequests):
		who := "the new revision"
		if all.live.requests < all.candidate.requests {
			who = "the live revision"
		}
		return NotKnown, fmt.Sprintf("%s of at least %s requests in %d minutes on %s", Count(fewest), Count(float64(rule.MinRequests)), len(minutes), who)
	case fewest <= 0:
		return NotKnown, fmt.Sprintf("no requests in %d minutes", len(minutes))
	}
	words := fmt.Sprintf("errors %s of %s requests, against %s of %s; limit %s", percent(all.candidate), Count(all.candidate.requests),
		percent(all.live), Count(all.live.requests), times(rule.Errors))
	switch {
	case c.excess && all.candidate.rate()-all.live.rate() <= leastExcess, !beyondChance(rule.Errors, minutes, all, c):
		if all.candidate.rate() > rule.Errors*all.live.rate() {
			words += ", and chance may be why it is more"
		}
		return Good, words
	}
	return Bad, words
}

// beyondChance tells whether a candidate that keeps the rule would hardly look like this, whichever minute is left out.
func beyondChance(ratio float64, minutes []pair, all sums, c care) bool {
	if all.probability(ratio) >= significance {
		return false
	}
	for _, m := range minutes {
		if c.bursts && all.without(m).probability(ratio) >= significance {
			return false
		}
	}
	return true
}

// counts are the requests and errors of one revision.
type counts struct{ requests, errors float64 }

// failed are the errors as a whole number between none and all.
func (c counts) failed() float64 {
	return math.Max(0, math.Min(math.Round(c.errors), math.Round(c.requests)))
}

func (c counts) rate() float64 {
	if c.requests <= 0 {
		return 0
	}
	return c.failed() / c.requests
}

// sums are those of both.
type sums struct{ candidate, live counts }

func sum(minutes []pair) sums {
	var s sums
	for _, m := range minutes {
		s = s.plus(m, 1)
	}
	return s
}

func (s sums) plus(m pair, sign float64) sums {
	return sums{
		counts{s.candidate.requests + sign*m.candidate.Requests, s.candidate.errors + sign*m.candidate.Errors},
		counts{s.live.requests + sign*m.live.Requests, s.live.errors + sign*m.live.Errors},
	}
}

func (s sums) without(m pair) sums { return s.plus(m, -1) }

// probability is that of so many errors of the candidate, or more, if its true rate were ratio times the live one's.
func (s sums) probability(ratio float64) float64 {
	own := ratio * s.candidate.requests
	if own <= 0 || own+s.live.requests <= 0 {
		return 1
	}
	return tail(s.candidate.failed()+s.live.failed(), s.candidate.failed(), own/(own+s.live.requests))
}

// tail is P[Bin(n, p) >= k]. It is summed from the largest term on, in logarithms as far as the numbers are too large or too small for anything
// else; the terms fall by a growing factor from there, so that the rest is soon none.
func tail(n, k, p float64) float64 {
	switch {
	case k <= 0 || p >= 1:
		return 1
	case k > n || p <= 0:
		return 0
	case k > n*p:
		return fall(n, k, p)
	}
	return 1 - fall(n, n-k+1, 1-p) // that there are fewer than k is that there are n-k+1 or more of the others
}

// fall is the tail beyond the mean.
func fall(n, k, p float64) float64 {
	term, total := 1.0, 1.0
	for i := k; i < n && term > total*1e-17; i++ {
		term *= (n - i) / (i + 1) * p / (1 - p)
		total += term
	}
	lead := logChoose(n, k) + k*math.Log(p) + (n-k)*math.Log1p(-p)
	return math.Min(1, math.Exp(lead+math.Log(total)))
}

func logChoose(n, k float64) float64 {
	a, _ := math.Lgamma(n + 1)
	b, _ := math.Lgamma(k + 1)
	c, _ := math.Lgamma(n - k + 1)
	return a - b - c
}
