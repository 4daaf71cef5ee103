package compare

import (
	"cmp"
	"math"
	"math/rand/v2"
	"time"
)

// Here bakes are simulated: what balancers would count of two revisions whose true rates of errors and times are known.

// traffic is a bake of ten minutes.
type traffic struct {
	perMinute float64 // requests of both
	weight    float64 // the candidate's share of them
	live, own float64 // true rates of errors
	bursty    bool    // errors come in clumps: their variance is five times that of chance
}

const (
	bakeMinutes = 10
	runs        = 1000
	dispersion  = 5
)

var begin = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func (b traffic) minutes(chance *rand.Rand) (candidate, live []Minute) {
	one := func(begins time.Time, requests, rate float64) Minute {
		m := Minute{Begins: begins, Requests: poisson(chance, requests)}
		mean := m.Requests * rate
		if b.bursty && mean > 0 {
			mean = (dispersion - 1) * gamma(chance, mean/(dispersion-1))
		}
		m.Errors = math.Min(poisson(chance, mean), m.Requests)
		return m
	}
	for i := range bakeMinutes {
		at := begin.Add(time.Duration(i) * time.Minute)
		candidate = append(candidate, one(at, b.perMinute*b.weight, b.own))
		live = append(live, one(at, b.perMinute*(1-b.weight), b.live))
	}
	return candidate, live
}

// slowness is a bake in which latency is compared: requests a minute on the candidate, three times as many on the live revision; times are
// log-normal, the candidate's so many times the live one's.
type slowness struct {
	perMinute float64
	times     float64
	p         int
}

func (b slowness) minutes(chance *rand.Rand) (candidate, live []Minute) {
	one := func(begins time.Time, requests, median float64) Minute {
		n := math.Max(1, poisson(chance, requests))
		k := math.Ceil(n * float64(b.p) / 100)
		// The k-th of n uniform numbers is distributed as a share of gamma variables; the quantile of a log-normal of it is the k-th of n such.
		low, high := gamma(chance, k), gamma(chance, n+1-k)
		quantile := math.Sqrt2 * math.Erfinv(2*low/(low+high)-1)
		return Minute{Begins: begins, Requests: n, Latency: median * math.Exp(0.9*quantile)}
	}
	for i := range bakeMinutes {
		at := begin.Add(time.Duration(i) * time.Minute)
		candidate = append(candidate, one(at, b.perMinute, 0.1*b.times))
		live = append(live, one(at, 3*b.perMinute, 0.1))
	}
	return candidate, live
}

// share is how many of the runs ended how, in percent.
type share struct{ bad, unknown float64 }

// endings lets runs go by, each looked at every minute until it is bad or over. Each has a seed of its own.
func endings(rule Rule, minutes func(*rand.Rand) (candidate, live []Minute), judge func(Rule, []Minute, []Minute) Verdict) share {
	var s share
	for seed := range uint64(runs) {
		candidate, live := minutes(rand.New(rand.NewPCG(seed, 2026)))
		var last Verdict
		for i := 1; i <= bakeMinutes && last.Result != Bad; i++ {
			last = judge(rule, candidate[:i], live[:i])
		}
		switch last.Result {
		case Bad:
			s.bad += 100.0 / runs
		case NotKnown:
			s.unknown += 100.0 / runs
		}
	}
	return s
}

// poisson draws a count with a mean; a large one as the nearest to a normal number.
func poisson(chance *rand.Rand, mean float64) float64 {
	if mean > 50 {
		return math.Max(0, math.Round(mean+math.Sqrt(mean)*chance.NormFloat64()))
	}
	n := 0.0
	for left := mean - chance.ExpFloat64(); left > 0; left -= chance.ExpFloat64() {
		n++
	}
	return n
}

// gamma draws a gamma variable of scale 1, by Marsaglia and Tsang (ACM Trans. Math. Softw. 26, 2000).
func gamma(chance *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return gamma(chance, shape+1) * math.Pow(1-chance.Float64(), 1/shape)
	}
	d := shape - 1.0/3
	for {
		x := chance.NormFloat64()
		v := 1 + x/math.Sqrt(9*d)
		if v = v * v * v; v > 0 && math.Log(1-chance.Float64()) < x*x/2+d*(1-v+math.Log(v)) {
			return d * v
		}
	}
}

// naive is the rule that is not used: the ratio alone.
func naive(rule Rule, candidate, live []Minute) Verdict {
	all := sum(pairs(candidate, live))
	if all.candidate.rate() > rule.Errors*all.live.rate() {
		return Verdict{Result: Bad}
	}
	return Verdict{Result: Good}
}

// broken is the rule without something that it takes care of.
func broken(without func(*care)) func(Rule, []Minute, []Minute) Verdict {
	c := thorough
	without(&c)
	return func(rule Rule, candidate, live []Minute) Verdict { return judge(rule, pairs(candidate, live), c) }
}

var usual = Rule{Errors: 1.5, MinRequests: 200}

func order(a, b Result) int { return cmp.Compare(badness(a), badness(b)) }

// badness puts results in order: what is not known is between good and bad.
func badness(r Result) int { return map[Result]int{Good: 0, NotKnown: 1, Bad: 2}[r] }
