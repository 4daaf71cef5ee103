package spot

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// Roll implements runner.Elastigroups. Only the newest deployment counts: of an older one nothing is under way any more.
// https://docs.spot.io/api/ (Elastigroup AWS, group's deployments status)
func (c *Client) Roll(ctx context.Context, id string) (*runner.Roll, error) {
	query := url.Values{"sort": {"createdAt:DESC"}, "limit": {"10"}}
	rolls, err := itemsOf(ctx, c, "listing Spot's own deployments of", id, "/roll", query, func(r roll) bool { return r.ID != "" })
	if err != nil || len(rolls) == 0 {
		return nil, err
	}
	slices.SortStableFunc(rolls, func(a, b roll) int { return b.created().Compare(a.created()) })
	return rolls[0].unfinished(), nil
}

// roll is a deployment as Spot answers it.
type roll struct {
	ID       loose    `json:"id"`
	Status   loose    `json:"status"`
	Created  loose    `json:"createdAt"`
	Progress progress `json:"progress"`
}

func (r roll) created() time.Time {
	at, _ := parseTime(string(r.Created))
	return at
}

// unfinished is the roll if it keeps its group from being changed, as far as that is known. Status and its case vary; how a failed one
// is called is recorded nowhere. One that says something else is not taken for anything.
func (r roll) unfinished() *runner.Roll {
	status := strings.ToLower(string(r.Status))
	found := &runner.Roll{ID: rollout.QuoteUpTo(string(r.ID), 80), Status: rollout.QuoteUpTo(string(r.Status), 80), Progress: r.Progress.text}
	switch {
	case status == "starting", status == "in_progress", status == "in progress":
		return found
	case strings.Contains(status, "fail"):
		found.Failed = true
		return found
	}
	return nil
}

// progress is a number of percent, alone or as {"unit": "percent", "value": 25}.
type progress struct{ text string }

// UnmarshalJSON takes either form, and anything else as nothing.
func (p *progress) UnmarshalJSON(data []byte) error {
	value, err := decode(data)
	if err != nil {
		return err
	}
	if number := cmp.Or(text(member(value, "value")), text(value)); number != "" {
		p.text = rollout.QuoteUpTo(number, 10) + " %"
	}
	return nil
}
