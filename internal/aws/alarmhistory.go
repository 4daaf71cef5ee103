package aws

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// AlarmTripped tells whether an alarm went to ALARM at that time or after it, by its history, so that one that was off again
// before the next poll counts. The reason is when it did so first, and CloudWatch's words. An alarm that was in ALARM
// before, and still is, did not go there: that is what [Client.Alarms] is for. An alarm that does not exist has no history,
// or that of one that was deleted. The call needs cloudwatch:DescribeAlarmHistory, on "*" for composite alarms.
func (c *Client) AlarmTripped(ctx context.Context, name string, since time.Time) (bool, string, error) {
	found, err := c.history.ask(ctx, name, since, func(ctx context.Context, asked []time.Time) ([]transition, error) {
		return c.alarmHistory(ctx, name, slices.MinFunc(asked, time.Time.Compare))
	})
	if err != nil {
		return false, "", err
	}
	for _, t := range found {
		if t.to == string(types.StateValueAlarm) && !t.at.Before(since) {
			return true, t.String(), nil
		}
	}
	return false, "", nil
}

// AlarmWasOK tells whether an alarm went to OK at a time or after it, by its history.
func (c *Client) AlarmWasOK(ctx context.Context, name string, since time.Time) (bool, error) {
	found, err := c.alarmHistory(ctx, name, since)
	return slices.ContainsFunc(found, func(t transition) bool { return t.to == string(types.StateValueOk) && !t.at.Before(since) }), err
}

// transition is that an alarm's state changed.
type transition struct {
	at     time.Time
	to     string
	reason string
}

func (t transition) String() string {
	return fmt.Sprintf("at %s: %s", t.at.UTC().Format(time.RFC3339), rollout.Quote(t.reason))
}

// alarmHistory reads the changes of an alarm's state since a time, the oldest first.
func (c *Client) alarmHistory(ctx context.Context, name string, since time.Time) ([]transition, error) {
	s, err := c.services(ctx)
	if err != nil {
		return nil, err
	}
	// A little earlier: AWS does not say whether the start counts. AlarmTripped looks at the times itself.
	start := since.Truncate(time.Second).Add(-time.Second)
	list := cloudwatch.NewDescribeAlarmHistoryPaginator(s.cloudwatch, &cloudwatch.DescribeAlarmHistoryInput{
		AlarmName:       &name,
		AlarmTypes:      bothTypes,
		HistoryItemType: types.HistoryItemTypeStateUpdate,
		StartDate:       &start,
		ScanBy:          types.ScanByTimestampAscending,
		MaxRecords:      aws.Int32(alarmsPage),
	})
	var found []transition
	next := func() (*cloudwatch.DescribeAlarmHistoryOutput, error) { return list.NextPage(ctx) }
	err = pages(list.HasMorePages, next, func(page *cloudwatch.DescribeAlarmHistoryOutput) {
		for _, item := range page.AlarmHistoryItems {
			found = append(found, readTransition(item))
		}
	})
	if err != nil {
		return nil, c.failed("reading the history of alarm "+name, "cloudwatch:DescribeAlarmHistory", err)
	}
	slices.SortStableFunc(found, func(a, b transition) int { return a.at.Compare(b.at) })
	return found, nil
}

// readTransition takes the new state from the item's data, a JSON document, or else from its summary, which reads "Alarm
// updated from OK to ALARM". An item that tells neither is one that changed no state.
func readTransition(item types.AlarmHistoryItem) transition {
	var data struct {
		NewState struct {
			Value  string `json:"stateValue"`
			Reason string `json:"stateReason"`
		} `json:"newState"`
	}
	t := transition{at: aws.ToTime(item.Timestamp), reason: aws.ToString(item.HistorySummary)}
	if json.Unmarshal([]byte(aws.ToString(item.HistoryData)), &data) == nil && data.NewState.Value != "" {
		t.to = data.NewState.Value
		if data.NewState.Reason != "" {
			t.reason = oneLine(data.NewState.Reason)
		}
		return t
	}
	if at := strings.LastIndex(t.reason, " to "); at >= 0 {
		t.to = t.reason[at+len(" to "):]
	}
	return t
}
