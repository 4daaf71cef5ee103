package sandbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// logLine is a line of a group's log.
type logLine struct {
	at       time.Time
	severity string
	message  string
}

// note writes a line in the group's log.
func (g *group) note(now time.Time, severity, format string, values ...any) {
	g.log = append(g.log, logLine{now, severity, fmt.Sprintf(format, values...)})
}

// logs answers GET /group/{id}/logs: newest first, of one severity or all, at most limit (500, no more than 1000).
func (c *spotCall) logs(g *group) {
	q := c.request.URL.Query()
	from, to := c.queryTime("fromDate", time.Time{}), c.queryTime("toDate", c.now)
	severity := q.Get("severity")
	limit := min(c.queryInt("limit", 500), 1000)
	var lines []json.RawMessage
	for _, l := range slices.Backward(g.log) {
		if len(lines) >= limit {
			break
		}
		if l.at.Before(from) || l.at.After(to) || severity != "" && severity != "ALL" && severity != l.severity {
			continue
		}
		line, _ := json.Marshal(map[string]string{ // strings
			"message": l.message, "severity": l.severity, "createdAt": l.at.UTC().Format(milliseconds)})
		lines = append(lines, line)
	}
	c.items(kindGroup+":log", lines)
}
