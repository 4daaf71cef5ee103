package sandbox

import (
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// Whoever asks is told the same, whenever and in whatever order; a world of another seed is another one.
func TestMetricsAreDrawnFromTheSeed(t *testing.T) {
	course := func(seed uint64, idle bool) (all []float64) {
		synctest.Test(t, func(t *testing.T) {
			c := clientsOf(New(busy(Behaviour{ErrorRatio: 0.05}), Seed(seed)), "AKIASANDBOX")
			from := time.Now()
			for range 20 {
				time.Sleep(time.Minute)
				if !idle {
					c.counted(t, from, time.Now(), metric("n", "RequestCount", "Sum", blueDimension))
				}
			}
			got := c.counted(t, from, from.Add(15*time.Minute), metric("n", "RequestCount", "Sum", greenDimension), metric("bad", "HTTPCode_Target_5XX_Count", "Sum", greenDimension))
			all = append(got["n"], got["bad"]...)
		})
		return all
	}
	first := course(7, true)
	if again := course(7, false); !slices.Equal(first, again) {
		t.Errorf("the same seed gives\n%v\nand\n%v", first, again)
	}
	if slices.Equal(first, course(8, true)) {
		t.Error("another seed gives the same")
	}
}

func TestResponseTimes(t *testing.T) {
	inAWS(t, busy(Behaviour{Latency: Duration(200 * time.Millisecond)}), func(t *testing.T, c clients) {
		begun := time.Now().Truncate(time.Minute).Add(time.Minute)
		time.Sleep(30 * time.Minute)
		got := c.counted(t, begun, begun.Add(20*time.Minute), metric("median", "TargetResponseTime", "p50", greenDimension), metric("p90", "TargetResponseTime", "p90", greenDimension),
			metric("p99", "TargetResponseTime", "p99.0", greenDimension), metric("mean", "TargetResponseTime", "Average", greenDimension),
			metric("n", "TargetResponseTime", "SampleCount", greenDimension), metric("blue", "TargetResponseTime", "p90", blueDimension))
		for id, want := range map[string]float64{"median": 0.2, "p90": 0.2 * 1.898, "p99": 0.2 * 3.2, "mean": 0.2 * 1.133, "n": 600, "blue": 0.05 * 1.898} {
			if mean := total(got[id]) / 20; len(got[id]) != 20 || math.Abs(mean/want-1) > 0.06 {
				t.Errorf("%s: %v, want about %v", id, mean, want)
			}
		}
	})
}

// Chance is fair: over many draws the mean and the spread are those that they have to be.
func TestChanceIsFair(t *testing.T) {
	w := New(Config{})
	for _, test := range []struct {
		name           string
		draw           func(n int64) float64
		mean, variance float64
	}{
		{"poisson 3", func(n int64) float64 { return poisson(w.chance("a", time.Unix(n, 0)), 3) }, 3, 3},
		{"poisson 400", func(n int64) float64 { return poisson(w.chance("b", time.Unix(n, 0)), 400) }, 400, 400},
		{"binomial 1000, 0.003", func(n int64) float64 { return binomial(w.chance("c", time.Unix(n, 0)), 1000, 0.003) }, 3, 3 * 0.997},
		{"binomial 1000, 0.2", func(n int64) float64 { return binomial(w.chance("d", time.Unix(n, 0)), 1000, 0.2) }, 200, 160},
		{"binomial 20, 0.9", func(n int64) float64 { return binomial(w.chance("e", time.Unix(n, 0)), 20, 0.9) }, 18, 1.8},
	} {
		const draws = 20000
		sum, squares := 0.0, 0.0
		for n := range int64(draws) {
			x := test.draw(n)
			sum, squares = sum+x, squares+x*x
		}
		mean := sum / draws
		variance := squares/draws - mean*mean
		if math.Abs(mean-test.mean) > 5*math.Sqrt(test.variance/draws) || math.Abs(variance/test.variance-1) > 0.06 {
			t.Errorf("%s: mean %v, variance %v, want %v, %v", test.name, mean, variance, test.mean, test.variance)
		}
	}
}
