package sandbox

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"time"
)

// cell is the grain of counting: what happened in one of them is drawn once and for all, from the seed of the world, the target group
// and the time alone. So whoever asks, in whatever order and how often, is told the same.
const cell = 15 * time.Second

// counts is what became of the requests to a target group in a while.
type counts struct {
	requests float64 // for which a target was chosen
	good     float64 // answered 2XX
	errors   float64 // answered 5XX by the target
	crashes  float64 // not answered; the balancer answers 502
	unserved float64 // for which there was no target; the balancer answers 503
	// latency is the median time until an answer, in seconds; 0 if there is none.
	latency float64
}

// plus is the sum.
func (c counts) plus(d counts) counts {
	if answered := c.answered() + d.answered(); answered > 0 {
		c.latency = (c.latency*c.answered() + d.latency*d.answered()) / answered
	}
	c.requests += d.requests
	c.good += d.good
	c.errors += d.errors
	c.crashes += d.crashes
	c.unserved += d.unserved
	return c
}

// answered is how many requests a target has answered.
func (c counts) answered() float64 { return c.good + c.errors }

// counted is what became of the requests to a target group in the whole cells from one time to another.
func (w *awsHalf) counted(g *targetGroup, from, until time.Time) counts {
	var sum counts
	first := from.Truncate(cell)
	if first.Before(from) {
		first = first.Add(cell)
	}
	for at := first; !at.Add(cell).After(until); at = at.Add(cell) {
		sum = sum.plus(w.cellAt(g, at))
	}
	return sum
}

// cellAt is what became of the requests to a target group in the cell that begins at a time.
func (w *awsHalf) cellAt(g *targetGroup, at time.Time) counts {
	var mean counts // what is to be expected
	flows := w.traffic.flows
	n := sort.Search(len(flows), func(n int) bool { return flows[n].from.After(at) })
	for n = max(n-1, 0); n < len(flows) && flows[n].from.Before(at.Add(cell)); n++ {
		from, until := flows[n].from, at.Add(cell)
		if from.Before(at) {
			from = at
		}
		if n+1 < len(flows) && flows[n+1].from.Before(until) {
			until = flows[n+1].from
		}
		i := slices.IndexFunc(flows[n].demands, func(d demand) bool { return d.group == g })
		if i < 0 || !from.Before(until) {
			continue
		}
		mean = mean.plus(flows[n].demands[i].during(until.Sub(from)))
	}
	if mean.requests == 0 && mean.unserved == 0 {
		return counts{}
	}
	return mean.drawn(w.chance(g.arn, at))
}

// during is what is to be expected of a demand in a while.
func (d demand) during(while time.Duration) counts {
	requests := d.rate * while.Minutes()
	if d.unserved {
		return counts{unserved: requests}
	}
	errors, crashes := requests*d.errors, requests*d.crashes
	return counts{requests: requests, errors: errors, crashes: crashes, good: max(requests-errors-crashes, 0), latency: d.latency.Seconds()}
}

// drawn is what happens where that is expected: requests come as they please, and each has its fate by itself.
func (c counts) drawn(r *rand.Rand) counts {
	d := counts{latency: c.latency, unserved: poisson(r, c.unserved), requests: poisson(r, c.requests)}
	if c.requests > 0 {
		d.errors = binomial(r, d.requests, c.errors/c.requests)
		if rest := c.requests - c.errors; rest > 0 {
			d.crashes = binomial(r, d.requests-d.errors, min(c.crashes/rest, 1))
		}
	}
	d.good = d.requests - d.errors - d.crashes
	return d
}

// chance is how chance falls for something at a time, whatever else happens in the world.
func (w *core) chance(of string, at time.Time) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(of))
	return rand.New(rand.NewPCG(w.seed^h.Sum64(), uint64(at.UnixNano())))
}

// poisson is how many of what comes by itself come where that many are to be expected. Many are as good as normal.
func poisson(r *rand.Rand, mean float64) float64 {
	if mean <= 0 {
		return 0
	}
	if mean > 50 {
		return max(math.Round(mean+math.Sqrt(mean)*r.NormFloat64()), 0)
	}
	n, left := 0.0, math.Exp(-mean)
	for p := r.Float64(); p > left; p *= r.Float64() {
		n++
	}
	return n
}

// binomial is how many of n meet what each meets with a chance of p.
func binomial(r *rand.Rand, n, p float64) float64 {
	switch {
	case n <= 0 || p <= 0:
		return 0
	case p >= 1:
		return n
	case p > 0.5:
		return n - binomial(r, n, 1-p)
	case n*p > 50:
		return min(max(math.Round(n*p+math.Sqrt(n*p*(1-p))*r.NormFloat64()), 0), n)
	}
	// From one that meets it to the next it is so far.
	met, at := 0.0, 0.0
	for {
		at += math.Floor(math.Log(1-r.Float64())/math.Log1p(-p)) + 1
		if at > n {
			return met
		}
		met++
	}
}

// spread is how the logarithm of response times spreads: a tenth take more than 1.9 times the median.
const spread = 0.5

// quantile is the response time that a part of the answers of a while stay below, in seconds. Few answers tell it badly.
func (c counts) quantile(r *rand.Rand, q float64) float64 {
	q = min(max(q, 0.0001), 0.9999)
	z := math.Sqrt2 * math.Erfinv(2*q-1)
	density := math.Exp(-z*z/2) / math.Sqrt(2*math.Pi)
	off := math.Sqrt(q*(1-q)/max(c.answered(), 1)) / density * spread
	return c.latency * math.Exp(spread*z+min(off, 0.5)*r.NormFloat64())
}

// average is the mean of the response times, in seconds.
func (c counts) average() float64 { return c.latency * math.Exp(spread*spread/2) }
