package rollout

import (
	"slices"
	"strings"
	"time"
)

// Point is when a check is asked.
type Point string

// The points, in the order in which a rollout comes to them.
const (
	// OnStage is when the candidate is whole and has no production traffic: in blue/green alone.
	OnStage Point = "stage"
	// InBake is all through each bake.
	InBake Point = "bake"
	// AtEnd is when the candidate has the whole of it and is not proven yet.
	AtEnd Point = "end"
)

// Check is a question that is asked about a candidate. Who answers it is none of this package's business.
type Check struct {
	// Name is how plans, errors and events call it. No two of a deployment have the same.
	Name string
	// At is when it is asked.
	At Point
	// Every is how long after an answer it is asked again.
	Every time.Duration
	// Timeout is how long an answer may take.
	Timeout time.Duration
	// Failures is how many bad answers in a row make the release fail, from 1. One that is not known is neither bad nor good.
	Failures int
}

// Comparison is what a candidate is allowed beside the live revision, by what load balancers count for both of them in the same minutes
// (see package compare).
type Comparison struct {
	// Errors is how many times the live revision's rate of errors the candidate's may be, and Latency how many times its latency; from 1.
	// A Latency of 0 is not compared.
	Errors  float64
	Latency float64
	// Percentile is which one Latency is about, 1 to 99.
	Percentile int
	// MinRequests is how many requests either of them has to have, or nothing is known.
	MinRequests int
}

// Inconclusive is what becomes of a release about which something that was to be known could not be: a check that nobody answered, too little
// traffic to compare.
type Inconclusive string

const (
	// InconclusiveHold rests where the rollout stands; the next run asks again.
	InconclusiveHold Inconclusive = "hold"
	// InconclusiveFail takes the candidate back. It is not held against the release.
	InconclusiveFail Inconclusive = "fail"
	// InconclusivePass goes on.
	InconclusivePass Inconclusive = "pass"
)

// Asked is a point of a rollout at which everything that was to be asked was asked, and nothing spoke against the candidate.
type Asked struct {
	At Point
	// Phase is the number, from 1, of the phase or weight that bakes; 0 at other points.
	Phase int
	// Unknown says what could not be known there; "" if every last answer was good.
	Unknown string
}

// ChecksAt are the checks of a deployment that are asked at a point.
func (d Deployment) ChecksAt(at Point) []Check {
	return slices.DeleteFunc(slices.Clone(d.Checks), func(c Check) bool { return c.At != at })
}

// naming is "check smoke", or "checks smoke, orders"; "" of none.
func naming(checks []Check) string {
	names := make([]string, len(checks))
	for i, c := range checks {
		names[i] = c.Name
	}
	switch len(names) {
	case 0:
		return ""
	case 1:
		return "check " + names[0]
	}
	return "checks " + strings.Join(names, ", ")
}
