// Package compare judges a new revision by the one that serves beside it: of the same whole minutes, the errors and the latency of the one
// against those of the other. It is pure, and knows neither who counts the requests nor what a verdict leads to.
//
// # Errors
//
// Let k be errors and n requests, 1 the candidate and 0 the live revision, and r [Rule.Errors]. If the candidate's true rate of errors were
// exactly r times the live one's, then of all k = k1 + k0 errors those of the candidate would be binomial, with
//
//	π = r·n1 / (r·n1 + n0)    p = P[Bin(k, π) ≥ k1]
//
// (J. Przyborowski and H. Wilenski, Homogeneity of results in testing samples from Poisson series, Biometrika 31, 1940; K. Krishnamoorthy and
// J. Thomson, A more powerful test for comparing two Poisson means, J. Stat. Plan. Inference 119, 2004). A live revision without an error is
// no special case of it. The candidate is bad if
//
//   - both have at least [Rule.MinRequests] requests, in at least 3 minutes,
//   - p is below 0.01, and still so whichever minute is left out,
//   - and its rate is more than 0.1 percentage points above the live one's.
//
// Errors come in clumps, so that their variance is greater than that of a binomial: the minute that is left out lets one burst pass.
//
// # Latency
//
// For each minute the ratio of the two percentiles, where both have requests enough for the percentile to mean something: 10/(1-percentile),
// CloudWatch's own limit. The candidate is bad if the median of at least 5 such ratios is above [Rule.Latency]. Percentiles of minutes
// are never averaged.
//
// # What is not known
//
// Too few requests or too few minutes are neither good nor bad. Nor is anything good by what was counted before the traffic of one of them stopped: if
// one was counted for more than 2 minutes longer than the other, only bad is still a verdict.
package compare

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Settled is how long ago a minute has to have ended before what was counted in it is believed: what CloudWatch says of a younger one still
// changes, and always towards more. No bound is published; two minutes is what others wait (https://github.com/Netflix/atlas/issues/1300).
const Settled = 3 * time.Minute

// Minute is what a balancer counted for one revision in one whole minute. One that it has not reported is left out by whoever reads them: it is
// not a minute without requests.
type Minute struct {
	Begins   time.Time
	Requests float64
	// Errors are the answers 5XX, and the requests that were not answered: those that were counted, less all answers. A request that is
	// counted in one minute and answered in the next makes one too many in the first and one too few in the second, so that a minute may
	// have less than none.
	Errors float64
	// Latency is a percentile of the time to the answer, in seconds; 0 is not known.
	Latency float64
}

// Rule is what a candidate is allowed.
type Rule struct {
	// Errors is how many times the live revision's rate of errors the candidate's may be, from 1.
	Errors float64
	// Latency is how many times the live revision's latency the candidate's may be, from 1; 0 is that it is not compared.
	Latency float64
	// Percentile is which one Minute.Latency is, 1 to 99; it matters for Latency alone.
	Percentile int
	// MinRequests is how many requests either of them has to have.
	MinRequests int
}

// Result is what a verdict says.
type Result int

// The results. What is not known is the zero value, so that nothing is good for want of a judgement.
const (
	NotKnown Result = iota
	Good
	Bad
)

func (r Result) String() string { return [...]string{"not known", "good", "bad"}[r] }

// Verdict is what is known of a candidate.
type Verdict struct {
	Result Result
	// Words are the values and the limits in one sentence without an end: "errors 4.1 % of 1,220 requests, against 0.3 % of 11,004; limit
	// 1.5 times".
	Words string
	// Minutes is how many both have in common, and until when the last of them lasted.
	Minutes int
	Until   time.Time
}

const (
	// significance is how probable it may be at most that a candidate which keeps the rule looks as bad as it does.
	significance = 0.01
	// leastExcess is how much more of its requests than the live revision's have to fail: what nobody would feel is not bad.
	leastExcess = 0.001
	// fewestMinutes is in how many both have to have been seen, fewestRatios that for latency.
	fewestMinutes, fewestRatios = 3, 5
	// fewestUnanswered is how many requests without an answer are no chance.
	fewestUnanswered = 10
	// longestSilence is for how long one may be counted and the other not, at the end.
	longestSilence = 2 * time.Minute
)

// Routes is what was counted on each of several routes, which are judged together.
type Routes []Route

// Route is what was counted of both revisions on one route.
type Route struct{ Candidate, Live []Minute }

// Judge compares a candidate with the live revision. Minutes that one of them has and the other has not are left out.
func Judge(rule Rule, candidate, live []Minute) Verdict {
	return Routes{{candidate, live}}.Judge(rule)
}

// Judge compares what was counted on all routes, summed minute by minute. What only one of both revisions has of a route and minute is left out of
// the sum, or one would be judged by other routes than the other. Latencies cannot be summed: they are those of the route on which the live
// revision has the most requests.
func (all Routes) Judge(rule Rule) Verdict {
	v := judge(rule, all.pairs(), thorough)
	if words := all.silent(); v.Result == Good && words != "" {
		v.Result, v.Words = NotKnown, words
	}
	return v
}

// pairs are the minutes that both have on some route, summed, the oldest first.
func (all Routes) pairs() []pair {
	busiest, most := 0, -1.0
	for i, r := range all {
		requests := 0.0
		for _, m := range r.Live {
			requests += m.Requests
		}
		if requests > most {
			busiest, most = i, requests
		}
	}
	sums := map[int64]pair{}
	for i, r := range all {
		for _, both := range pairs(r.Candidate, withAnswers(r.Live)) {
			at := both.candidate.Begins.Unix()
			sum := sums[at]
			sum.candidate.add(both.candidate, i == busiest)
			sum.live.add(both.live, i == busiest)
			sums[at] = sum
		}
	}
	return slices.SortedFunc(maps.Values(sums), byTime)
}

// add adds what was counted on another route.
func (m *Minute) add(other Minute, withLatency bool) {
	m.Begins = other.Begins
	m.Requests += other.Requests
	m.Errors += other.Errors
	if withLatency {
		m.Latency = other.Latency
	}
}

// withAnswers leaves out the minutes in which a revision that answers in others has answered nothing, of more than a few: that has not been
// reported yet, and would be errors of the live revision that excuse the candidate's.
func withAnswers(live []Minute) []Minute {
	answered := slices.DeleteFunc(slices.Clone(live), func(m Minute) bool { return m.Requests >= fewestUnanswered && m.Errors >= m.Requests })
	if len(answered) == 0 {
		return live // it is down
	}
	return answered
}

// silent says which of them is not counted any more on any route, if the other one is.
func (all Routes) silent() string {
	var own, other time.Time
	for _, r := range all {
		own, other = later(own, ends(r.Candidate)), later(other, ends(r.Live))
	}
	const words, clock = "%s was not counted any more after %s, %s until %s", "15:04Z"
	switch {
	case other.Sub(own) > longestSilence:
		return fmt.Sprintf(words, "the new revision", own.Format(clock), "the live revision", other.Format(clock))
	case own.Sub(other) > longestSilence:
		return fmt.Sprintf(words, "the live revision", other.Format(clock), "the new revision", own.Format(clock))
	}
	return ""
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// ends is until when somebody was counted.
func ends(minutes []Minute) time.Time {
	if len(minutes) == 0 {
		return time.Time{}
	}
	newest := slices.MaxFunc(minutes, func(a, b Minute) int { return a.Begins.Compare(b.Begins) })
	return newest.Begins.Add(time.Minute).UTC()
}

// pair is one minute of both.
type pair struct{ candidate, live Minute }

// pairs are the minutes that both have, the oldest first. Of one that is there twice the later entry counts.
func pairs(candidate, live []Minute) []pair {
	at := map[int64]Minute{}
	for _, m := range live {
		at[m.Begins.Unix()] = m
	}
	own := map[int64]Minute{}
	for _, m := range candidate {
		own[m.Begins.Unix()] = m
	}
	var both []pair
	for begins, m := range own {
		if l, ok := at[begins]; ok {
			both = append(both, pair{m, l})
		}
	}
	slices.SortFunc(both, byTime)
	return both
}

func byTime(a, b pair) int { return a.candidate.Begins.Compare(b.candidate.Begins) }

// care is what a judge takes care of. It is all of it, but in the broken variants.
type care struct{ fewRequests, fewMinutes, bursts, excess, fewForPercentile bool }

var thorough = care{true, true, true, true, true}

func judge(rule Rule, minutes []pair, c care) Verdict {
	v := Verdict{Minutes: len(minutes)}
	if len(minutes) > 0 {
		v.Until = minutes[len(minutes)-1].candidate.Begins.Add(time.Minute)
	}
	errors, words := judgeErrors(rule, minutes, c)
	v.Result, v.Words = errors, words
	if rule.Latency == 0 || errors == Bad {
		return v
	}
	latency, said := judgeLatency(rule, minutes, c)
	switch {
	case latency == Bad, errors == Good && latency == NotKnown:
		v.Result, v.Words = latency, said
	case errors == latency:
		v.Words += "; " + said
	}
	return v
}
