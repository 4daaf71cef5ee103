package compare

import (
	"math"
	"strconv"
	"strings"
)

// Count is a number of requests as people read it: 11,004.
func Count(n float64) string {
	digits := strconv.FormatFloat(math.Round(math.Max(0, n)), 'f', 0, 64)
	var b strings.Builder
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	return b.String()
}

// percent is a rate of errors with as many places as it takes to tell it from none.
func percent(c counts) string {
	share := 100 * c.rate()
	places := 1
	if share > 0 && share < 0.1 {
		places = 3
	}
	return strconv.FormatFloat(share, 'f', places, 64) + " %"
}

// times is a ratio: 1.5 times. One that was measured is rounded.
func times(ratio float64) string {
	return strconv.FormatFloat(math.Round(ratio*100)/100, 'f', -1, 64) + " times"
}

// seconds is a latency: 412 ms, 1.3 s.
func seconds(s float64) string {
	if s < 1 {
		return strconv.FormatFloat(math.Max(1, math.Round(s*1000)), 'f', 0, 64) + " ms"
	}
	return strconv.FormatFloat(s, 'f', 1, 64) + " s"
}
