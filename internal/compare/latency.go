package compare

import (
	"fmt"
	"math"
	"slices"
)

// judgeLatency compares the percentiles, minute by minute.
func judgeLatency(rule Rule, minutes []pair, c care) (Result, string) {
	enough := PercentileNeeds(rule.Percentile)
	if !c.fewForPercentile {
		enough = 0
	}
	var ratios, own, other []float64
	for _, m := range minutes {
		if m.candidate.Latency <= 0 || m.live.Latency <= 0 || math.Min(m.candidate.Requests, m.live.Requests) < enough {
			continue
		}
		ratios = append(ratios, m.candidate.Latency/m.live.Latency)
		own, other = append(own, m.candidate.Latency), append(other, m.live.Latency)
	}
	if c.fewMinutes && len(ratios) < fewestRatios || len(ratios) == 0 {
		return NotKnown, fmt.Sprintf("%d of at least %d minutes with %s requests on both sides, which the latency's p%d needs",
			len(ratios), fewestRatios, Count(enough), rule.Percentile)
	}
	ratio := median(ratios)
	words := fmt.Sprintf("latency p%d %s, against %s: %s in the median of %d minutes; limit %s", rule.Percentile,
		seconds(median(own)), seconds(median(other)), times(ratio), len(ratios), times(rule.Latency))
	if ratio > rule.Latency {
		return Bad, words
	}
	return Good, words
}

// PercentileNeeds is how many requests a minute has to have for its percentile to mean something: 10/(1-p).
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html
func PercentileNeeds(percentile int) float64 { return math.Ceil(1000 / float64(100-percentile)) }

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
