package aws

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// alarmsPage is how many alarms one DescribeAlarms takes and answers at most.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
const alarmsPage = 100

// Alarms reads alarms, metric and composite, in the order of the names. All who ask at the same time share calls of up to a
// hundred names, because CloudWatch allows nine calls a second to a whole account. CloudWatch leaves out names that do not
// exist without a word; here the error is NoSuchAlarms. Credentials that see only some alarms
// do not see composite ones: those want cloudwatch:DescribeAlarms on "*".
func (c *Client) Alarms(ctx context.Context, names []string) ([]runner.Alarm, error) {
	if len(names) == 0 {
		return nil, nil
	}
	// Checked here, since a name that CloudWatch refuses would fail the call of everybody.
	for _, name := range names {
		if len(name) == 0 || len(name) > 255 {
			return nil, fmt.Errorf("reading alarm %q: the name of an alarm has 1 to 255 characters", name)
		}
	}
	found, err := c.alarms.ask(ctx, "", names, c.describeAlarms)
	if err != nil {
		return nil, err
	}
	alarms, unknown := make([]runner.Alarm, 0, len(names)), []string(nil)
	for _, name := range names {
		alarm, ok := found[name]
		if !ok {
			unknown = append(unknown, name)
			continue
		}
		alarms = append(alarms, alarm)
	}
	if len(unknown) > 0 {
		return nil, NoSuchAlarms(unknown)
	}
	return alarms, nil
}

// NoSuchAlarms are the names of alarms that were asked for, and that there are not. It wraps runner.ErrGone.
type NoSuchAlarms []string

func (n NoSuchAlarms) Error() string {
	return fmt.Sprintf("reading alarms: CloudWatch knows no metric or composite alarm %s in this region and account: %v", strings.Join(n, ", "), runner.ErrGone)
}

// Unwrap returns runner.ErrGone.
func (n NoSuchAlarms) Unwrap() error { return runner.ErrGone }

// describeAlarms reads what all who share the call asked for.
func (c *Client) describeAlarms(ctx context.Context, asked [][]string) (map[string]runner.Alarm, error) {
	s, err := c.services(ctx)
	if err != nil {
		return nil, err
	}
	wanted := map[string]bool{}
	for _, names := range asked {
		for _, name := range names {
			wanted[name] = true
		}
	}
	found := map[string]runner.Alarm{}
	for names := range slices.Chunk(slices.Sorted(maps.Keys(wanted)), alarmsPage) {
		if err := c.describeSome(ctx, s.cloudwatch, names, found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (c *Client) describeSome(ctx context.Context, client cloudwatchOperations, names []string, found map[string]runner.Alarm) error {
	list := cloudwatch.NewDescribeAlarmsPaginator(client, &cloudwatch.DescribeAlarmsInput{
		AlarmNames: names,
		// Without both, only metric alarms are answered.
		AlarmTypes: bothTypes,
		MaxRecords: aws.Int32(alarmsPage),
	})
	err := pages(list.HasMorePages, func() (*cloudwatch.DescribeAlarmsOutput, error) { return list.NextPage(ctx) }, func(page *cloudwatch.DescribeAlarmsOutput) {
		for _, a := range page.MetricAlarms {
			found[aws.ToString(a.AlarmName)] = metricAlarm(a)
		}
		for _, a := range page.CompositeAlarms {
			found[aws.ToString(a.AlarmName)] = compositeAlarm(a)
		}
	})
	if err != nil {
		return c.failed("reading alarms "+strings.Join(names, ", "), "cloudwatch:DescribeAlarms", err)
	}
	return nil
}

var bothTypes = []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm}

func metricAlarm(a types.MetricAlarm) runner.Alarm {
	return runner.Alarm{
		Name:       aws.ToString(a.AlarmName),
		Kind:       "metric",
		State:      string(a.StateValue),
		Reason:     rollout.Quote(oneLine(aws.ToString(a.StateReason))),
		Since:      firstTime(a.StateTransitionedTimestamp, a.StateUpdatedTimestamp),
		UpdatedAt:  aws.ToTime(a.StateUpdatedTimestamp),
		Evaluation: string(a.EvaluationState),
	}
}

// compositeAlarm ignores an actions suppressor: it holds back what the alarm does, not what it knows.
func compositeAlarm(a types.CompositeAlarm) runner.Alarm {
	return runner.Alarm{
		Name:      aws.ToString(a.AlarmName),
		Kind:      "composite",
		State:     string(a.StateValue),
		Reason:    rollout.Quote(oneLine(aws.ToString(a.StateReason))),
		Since:     firstTime(a.StateTransitionedTimestamp, a.StateUpdatedTimestamp),
		UpdatedAt: aws.ToTime(a.StateUpdatedTimestamp),
	}
}

// firstTime is the first that is set: an alarm that never changed its state may have no time of transition.
func firstTime(times ...*time.Time) time.Time {
	for _, t := range times {
		if t != nil {
			return *t
		}
	}
	return time.Time{}
}
