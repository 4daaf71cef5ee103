package spot

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// Instances implements runner.Elastigroups. It joins two calls: "status" knows the requests and what became of them, and
// "instanceHealthiness" what Spot thinks of the instances. An instance that only the second still knows is left out.
func (c *Client) Instances(ctx context.Context, id string) ([]runner.Instance, error) {
	type status struct {
		Instance loose `json:"instanceId"`
		Request  loose `json:"spotInstanceRequestId"`
		Type     loose `json:"instanceType"`
		Status   loose `json:"status"`
	}
	instances, err := itemsOf[status](ctx, c, "listing the instances of", id, "/status", nil)
	if err != nil {
		return nil, err
	}
	if len(instances) == 0 {
		return nil, nil
	}
	type healthiness struct {
		Instance loose `json:"instanceId"`
		Request  loose `json:"spotRequestId"`
		Health   loose `json:"healthStatus"`
	}
	healths, err := itemsOf[healthiness](ctx, c, "reading the instance health of", id, "/instanceHealthiness", nil)
	if err != nil {
		return nil, err
	}
	// Either ID may be null in either answer.
	health := map[loose]loose{}
	for _, h := range healths {
		health[cmp.Or(h.Instance, h.Request)] = h.Health
	}
	joined := make([]runner.Instance, 0, len(instances))
	for _, i := range instances {
		joined = append(joined, runner.Instance{
			ID: string(i.Instance), Request: string(i.Request), Type: string(i.Type), State: string(i.Status),
			Health: strings.ToUpper(string(health[cmp.Or(i.Instance, i.Request)])),
		})
	}
	return joined, nil
}

const (
	// logLines is the most that one call returns. https://docs.spot.io/api/ (Elastigroup, Get Log Events)
	logLines = 1000
	// logAhead goes beyond now, for clocks that differ; "toDate" is required.
	logAhead = 24 * time.Hour
)

// Log implements runner.Elastigroups. Each line has its time and severity before it. If there are neither warnings nor
// errors it takes everything else. What was said several times counts once, at its last time.
func (c *Client) Log(ctx context.Context, id string, since time.Time, limit int) ([]string, error) {
	query := url.Values{
		"fromDate": {strconv.FormatInt(since.UnixMilli(), 10)},
		"toDate":   {strconv.FormatInt(max(time.Now().UnixMilli(), since.UnixMilli())+logAhead.Milliseconds(), 10)},
		"severity": {"ALL"}, // WARN alone would leave the errors out
		"limit":    {strconv.Itoa(logLines)},
	}
	entries, err := itemsOf[entry](ctx, c, "reading the log of", id, "/logs", query)
	if err != nil {
		return nil, err
	}
	mask := newMask(c.access.token, nil)
	var lines []string
	for _, e := range choose(entries, since, limit) {
		lines = append(lines, mask.text(e.String()))
	}
	return lines, nil
}

// itemsOf makes a call about a group and decodes all its items. This is what waits ask most, so that the answer is read once; what
// is wrong with one that cannot be read so is found out by taking it apart.
func itemsOf[T any](ctx context.Context, c *Client, doing, id, rest string, query url.Values) ([]T, error) {
	call, err := c.about(doing, http.MethodGet, id, rest)
	if err != nil {
		return nil, err
	}
	call.query = query
	body, err := c.ask(ctx, call)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Response struct {
			Items []T `json:"items"`
		} `json:"response"`
	}
	if json.Unmarshal(body, &answer) == nil {
		return answer.Response.Items, nil
	}
	items, err := itemsIn(call, body)
	if err != nil {
		return nil, err
	}
	decoded := make([]T, len(items))
	for i, item := range items {
		if err := json.Unmarshal(item, &decoded[i]); err != nil {
			return nil, garbled(call, "items of another form than documented", "")
		}
	}
	return decoded, nil
}

// entry is one line of a group's log.
type entry struct {
	Message  loose `json:"message"`
	Severity loose `json:"severity"`
	Created  loose `json:"createdAt"`
}

func (e entry) String() string {
	words := []string{string(e.Severity), strings.Join(strings.Fields(string(e.Message)), " ")}
	if at, ok := parseTime(string(e.Created)); ok {
		words = append([]string{at.UTC().Format(time.RFC3339)}, words...)
	}
	return strings.TrimSpace(strings.Join(words, " "))
}

func (e entry) grave() bool {
	switch strings.ToUpper(string(e.Severity)) {
	case "WARN", "WARNING", "ERROR", "FATAL":
		return true
	}
	return false
}

// choose returns at most limit entries since a time, the newest ones, oldest first. It gets them newest first.
func choose(entries []entry, since time.Time, limit int) []entry {
	grave := slices.ContainsFunc(entries, func(e entry) bool { return e.grave() && !e.before(since) })
	seen := map[string]bool{}
	var chosen []entry
	for _, e := range entries {
		said := fmt.Sprint(e.Severity, e.Message)
		if len(chosen) >= limit || e.grave() != grave || e.before(since) || seen[said] {
			continue
		}
		seen[said] = true
		chosen = append(chosen, e)
	}
	slices.Reverse(chosen)
	return chosen
}

func (e entry) before(since time.Time) bool {
	at, ok := parseTime(string(e.Created))
	return ok && at.Before(since.Truncate(time.Millisecond))
}

// parseTime reads the two forms of Spot's timestamps, "2018-03-27T19:50:12.000Z" and "…+0000".
func parseTime(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999-0700"} {
		if at, err := time.Parse(layout, s); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}
