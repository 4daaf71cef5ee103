package rollout

import (
	"fmt"
	"strconv"
	"strings"
)

// watching is which checks a bake asks, and how often: "checks errors, orders every 1m".
func watching(checks []Check) string {
	var cells []string
	for i := 0; i < len(checks); {
		together := checks[i : i+1]
		for i++; i < len(checks) && checks[i].Every == together[0].Every; i++ {
			together = together[:len(together)+1]
		}
		cells = append(cells, fmt.Sprintf("%s every %s", naming(together), brief(together[0].Every)))
	}
	return strings.Join(cells, ", ")
}

// compared is what a bake compares: "new against previous: errors 1.5x, p90 1.3x, 200 requests each (+3m for late points)".
func compared(c *Comparison) string {
	if c == nil {
		return ""
	}
	text := fmt.Sprintf("%s against %s: errors %sx", calledNew, calledPrevious, times(c.Errors))
	if c.Latency > 0 {
		text += fmt.Sprintf(", p%d %sx", c.Percentile, times(c.Latency))
	}
	return text + fmt.Sprintf(", %d requests each (+3m for late points)", c.MinRequests)
}

func times(ratio float64) string { return strconv.FormatFloat(ratio, 'f', -1, 64) }

// notKnown says what becomes of what could not be known, where the run asks anything.
func (p Preview) notKnown(t *table) {
	asks, compares := false, false
	for _, s := range append(append([]Step(nil), p.Steps...), p.Later...) {
		asks, compares = asks || len(s.Checks) > 0, compares || s.Compare != nil
	}
	var causes []string
	if compares {
		causes = append(causes, "late or missing points", fmt.Sprintf("under %d requests", p.deployment.Compare.MinRequests))
	}
	if asks {
		causes = append(causes, "no data", "no answer")
	}
	if len(causes) == 0 {
		return
	}
	then := "holds there"
	switch p.deployment.Inconclusive {
	case InconclusiveFail:
		then = "goes back"
	case InconclusivePass:
		then = "goes on"
	}
	t.row("not known", "", then+": "+strings.Join(causes, ", "))
}
