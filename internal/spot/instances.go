package spot

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// Instances implements runner.Elastigroups. An instance that is listed twice counts once.
func (c *Client) Instances(ctx context.Context, id string) ([]runner.Instance, error) {
	instances, err := itemsOf(ctx, c, "listing the instances of", id, "/status", nil, instanceStatus.known)
	if err != nil || len(instances) == 0 {
		return nil, err
	}
	listed, seen := make([]runner.Instance, 0, len(instances)), make(map[loose]bool, len(instances))
	for _, i := range instances {
		id := cmp.Or(i.Instance, i.Request)
		if seen[id] {
			continue
		}
		seen[id] = id != ""
		listed = append(listed, runner.Instance{
			ID: string(i.Instance), Request: string(i.Request), Type: string(i.Type), State: string(i.Status), VCPUs: VCPUs(string(i.Type)),
		})
	}
	return listed, nil
}

// JudgedInstances implements runner.Elastigroups. It joins two calls: "status" knows the requests and what became of them, and
// "instanceHealthiness" what Spot thinks of the instances. An instance that only the second still knows is left out.
func (c *Client) JudgedInstances(ctx context.Context, id string) ([]runner.Instance, error) {
	instances, err := c.Instances(ctx, id)
	if err != nil || len(instances) == 0 {
		return nil, err
	}
	healths, err := itemsOf(ctx, c, "reading the instance health of", id, "/instanceHealthiness", nil, instanceHealth.known)
	if err != nil {
		return nil, err
	}
	// Either ID may be null in either answer.
	health := map[loose]loose{}
	for _, h := range healths {
		health[cmp.Or(h.Instance, h.Request)] = h.Health
	}
	for n, i := range instances {
		instances[n].Health = strings.ToUpper(string(health[loose(cmp.Or(i.ID, i.Request))]))
	}
	return instances, nil
}

type instanceStatus struct {
	Instance loose `json:"instanceId"`
	Request  loose `json:"spotInstanceRequestId"`
	Type     loose `json:"instanceType"`
	Status   loose `json:"status"`
}

// known tells it from something else: one that is on demand and waits for capacity has neither ID.
func (i instanceStatus) known() bool { return i.Instance != "" || i.Request != "" || i.Status != "" }

type instanceHealth struct {
	Instance loose `json:"instanceId"`
	Request  loose `json:"spotRequestId"`
	Health   loose `json:"healthStatus"`
}

func (i instanceHealth) known() bool { return i.Instance != "" || i.Request != "" }

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
	entries, err := itemsOf(ctx, c, "reading the log of", id, "/logs", query, func(entry) bool { return true })
	if err != nil {
		return nil, err
	}
	mask := newMask(c.access.token, nil)
	var lines []string
	for _, e := range choose(entries, since, limit) {
		lines = append(lines, rollout.Quote(mask.text(e.String())))
	}
	return lines, nil
}

// itemsOf makes a call about a group and decodes all its items. Fine tells whether there is enough in one: an answer with another
// thing among its items is not to be gone by. This is what waits ask most, so that the answer is read once.
func itemsOf[T any](ctx context.Context, c *Client, doing, id, rest string, query url.Values, fine func(T) bool) ([]T, error) {
	call, err := c.about(doing, http.MethodGet, id, rest)
	if err != nil {
		return nil, err
	}
	call.query = query
	return answered(ctx, c, call, func(e envelope[T]) ([]T, error) {
		for i, item := range e.items {
			if !fine(item) {
				return nil, garbled(call, fmt.Sprintf("items of another form than documented: the %d. of %d", i+1, len(e.items)), e.request)
			}
		}
		return e.list(call)
	})
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

func (e entry) severe() bool {
	switch strings.ToUpper(string(e.Severity)) {
	case "WARN", "WARNING", "ERROR", "FATAL":
		return true
	}
	return false
}

// choose returns at most limit entries since a time, the newest ones, oldest first. It gets them newest first.
func choose(entries []entry, since time.Time, limit int) []entry {
	severe := slices.ContainsFunc(entries, func(e entry) bool { return e.severe() && !e.before(since) })
	seen := map[string]bool{}
	var chosen []entry
	for _, e := range entries {
		said := fmt.Sprint(e.Severity, e.Message)
		if len(chosen) >= limit || e.severe() != severe || e.before(since) || seen[said] {
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
