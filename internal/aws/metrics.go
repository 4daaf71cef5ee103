package aws

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/compare"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

const (
	// gatherFor is for how long those who ask for metrics are waited for, so that they share a call.
	gatherFor = 50 * time.Millisecond
	// queriesPerCall is how many metrics one GetMetricData takes at most.
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
	queriesPerCall = 500
	// keptFor is for how long points of one minute are kept.
	keptFor = 15 * 24 * time.Hour
)

// Minutes reads what an application load balancer has counted for target groups, in each whole minute from since until until that has been over
// for three minutes, oldest first. A minute whose RequestCount is not there is left out: nobody knows whether nothing was asked for in it, or
// CloudWatch is late. The arithmetic is done here and not in CloudWatch's metric math, which takes what is missing for zero.
//
// Errors are the requests that a target was chosen for, less those that it answered with 2XX, 3XX or 4XX: an answer 5XX, or none. A candidate
// that crashes shows in that alone: the balancer answers 502 or 504 in its place, and counts those for itself, not for the target group.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
//
// Latency is a percentile of TargetResponseTime, 1 to 99; 0 leaves it out. All who ask at the same time share one call, and each gets the error of
// its own groups alone. The call needs cloudwatch:GetMetricData and elasticloadbalancing:DescribeTargetGroups, both on "*".
func (c *Client) Minutes(ctx context.Context, targetGroupARNs []string, since, until time.Time, percentile int) (map[string][]compare.Minute, error) {
	if settled := time.Now().Add(-compare.Settled); until.After(settled) {
		until = settled
	}
	// A minute that had begun is none of which all was counted after since; so with one that is not over.
	since, until = since.Add(time.Minute-time.Nanosecond).Truncate(time.Minute), until.Truncate(time.Minute)
	if oldest := until.Add(-keptFor); since.Before(oldest) {
		since = oldest
	}
	minutes := map[string][]compare.Minute{}
	if !since.Before(until) {
		return minutes, nil
	}
	var asked []metricsOf
	for _, arn := range targetGroupARNs {
		of, err := c.metricsOf(ctx, arn)
		if err != nil {
			return nil, err
		}
		of.since, of.until, of.percentile = since, until, percentile
		asked = append(asked, of)
	}
	found, err := c.metrics.ask(ctx, "", asked, c.readMetrics)
	if err != nil {
		return nil, err
	}
	for _, of := range asked {
		read := found[of.name()]
		if read.err != nil {
			return nil, read.err
		}
		for _, m := range read.minutes {
			if !m.Begins.Before(since) && m.Begins.Before(until) {
				minutes[of.arn] = append(minutes[of.arn], m)
			}
		}
	}
	return minutes, nil
}

// metricsOf is one target group of which somebody wants to know.
type metricsOf struct {
	arn          string
	group        string // targetgroup/web/0123456789abcdef
	balancer     string // app/web/0123456789abcdef
	since, until time.Time
	percentile   int
}

// name is that of what is read: the group, and which percentile.
func (m metricsOf) name() string { return fmt.Sprintf("%s p%d", m.arn, m.percentile) }

// metricsOf finds the dimensions of a target group, which are parts of its ARN and of its balancer's.
func (c *Client) metricsOf(ctx context.Context, arn string) (metricsOf, error) {
	group, err := c.TargetGroup(ctx, arn)
	if err != nil {
		return metricsOf{}, err
	}
	if len(group.Balancers) != 1 {
		return metricsOf{}, fmt.Errorf("reading the metrics of target group %s: %d load balancers use it, and they are counted for one alone", arn, len(group.Balancers))
	}
	_, resource, _ := strings.Cut(group.Balancers[0], ":loadbalancer/")
	_, name, found := strings.Cut(arn, ":targetgroup/")
	if !found || !strings.HasPrefix(resource, "app/") {
		return metricsOf{}, fmt.Errorf("reading the metrics of target group %s: its load balancer %s is no application load balancer, and no other counts requests for each target group", arn, rollout.QuoteUpTo(group.Balancers[0], 200))
	}
	return metricsOf{arn: arn, group: "targetgroup/" + name, balancer: resource}, nil
}

// metric is one of those that are read, in the order of the queries of a group.
type metric struct{ name, stat string }

// The metrics of a target group. What is answered with 5XX is what is answered with nothing else.
var counted = []metric{
	{"RequestCount", "Sum"}, {"HTTPCode_Target_2XX_Count", "Sum"}, {"HTTPCode_Target_3XX_Count", "Sum"}, {"HTTPCode_Target_4XX_Count", "Sum"},
}

func (m metricsOf) metrics() []metric {
	if m.percentile == 0 {
		return counted
	}
	return append(slices.Clone(counted), metric{"TargetResponseTime", fmt.Sprintf("p%d", m.percentile)})
}

// readGroup is what was read of one target group.
type readGroup struct {
	minutes []compare.Minute
	err     error
}

// readMetrics reads what all who share the call want to know, in as few calls as AWS allows.
func (c *Client) readMetrics(ctx context.Context, asked [][]metricsOf) (map[string]readGroup, error) {
	s, err := c.services(ctx)
	if err != nil {
		return nil, err
	}
	all := slices.Concat(asked...)
	since := slices.MinFunc(all, func(a, b metricsOf) int { return a.since.Compare(b.since) }).since
	until := slices.MaxFunc(all, func(a, b metricsOf) int { return a.until.Compare(b.until) }).until
	slices.SortFunc(all, func(a, b metricsOf) int { return strings.Compare(a.name(), b.name()) })
	all = slices.CompactFunc(all, func(a, b metricsOf) bool { return a.name() == b.name() })
	found := map[string]readGroup{}
	for some := range slices.Chunk(all, queriesPerCall/(len(counted)+1)) {
		read := metricsReading{since: since, until: until, points: map[string]points{}, unsound: map[string]error{}}
		if err := read.all(ctx, c, s.cloudwatch, some); err != nil {
			return nil, err
		}
		for i, of := range some {
			found[of.name()] = read.group(i, of)
		}
	}
	return found, nil
}

// metricsReading is what GetMetricData answers on some target groups.
type metricsReading struct {
	since, until time.Time
	points       map[string]points // by the query
	unsound      map[string]error  // by the query
}

// points are values by the second in which their minute begins.
type points map[int64]float64

// query is the name of one query: that of a metric of one of the target groups.
func query(group, metric int) string { return fmt.Sprintf("g%dm%d", group, metric) }

func (r *metricsReading) all(ctx context.Context, c *Client, client cloudwatchOperations, some []metricsOf) error {
	in := &cloudwatch.GetMetricDataInput{StartTime: &r.since, EndTime: &r.until, ScanBy: types.ScanByTimestampAscending}
	for i, of := range some {
		for j, m := range of.metrics() {
			in.MetricDataQueries = append(in.MetricDataQueries, types.MetricDataQuery{Id: aws.String(query(i, j)), MetricStat: &types.MetricStat{
				Metric: &types.Metric{Namespace: aws.String("AWS/ApplicationELB"), MetricName: &m.name, Dimensions: []types.Dimension{
					{Name: aws.String("LoadBalancer"), Value: &of.balancer}, {Name: aws.String("TargetGroup"), Value: &of.group},
				}},
				Period: aws.Int32(60), Stat: &m.stat,
			}})
			r.unsound[query(i, j)] = errors.New("CloudWatch answered nothing on it") // until it does
		}
	}
	list := cloudwatch.NewGetMetricDataPaginator(client, in)
	newest := r.until
	err := pages(list.HasMorePages, func() (*cloudwatch.GetMetricDataOutput, error) { return list.NextPage(ctx) }, func(page *cloudwatch.GetMetricDataOutput) {
		// By CloudWatch's own clock, too, in case this machine's is ahead of it.
		if now, ok := awsmiddleware.GetServerTime(page.ResultMetadata); ok && now.Add(-compare.Settled).Before(newest) {
			newest = now.Add(-compare.Settled)
		}
		for _, result := range page.MetricDataResults {
			r.take(result, remarks(page.Messages))
		}
	})
	if err != nil {
		return c.failed("reading the metrics of target groups", "cloudwatch:GetMetricData", err)
	}
	r.until = newest
	return nil
}

// take takes what is answered to one query, or to a part of it.
func (r *metricsReading) take(result types.MetricDataResult, messages string) {
	id := aws.ToString(result.Id)
	if _, asked := r.unsound[id]; !asked {
		return
	}
	values := r.points[id]
	if values == nil {
		values = points{}
		r.points[id] = values
	}
	if words := remarks(result.Messages); words != "" {
		messages = words
	}
	switch {
	case len(result.Timestamps) != len(result.Values):
		r.unsound[id] = fmt.Errorf("%w: %d times and %d values", runner.ErrUnusable, len(result.Timestamps), len(result.Values))
		return
	case result.StatusCode == types.StatusCodeForbidden:
		r.unsound[id] = errors.New("CloudWatch forbids it; the credentials need the IAM action cloudwatch:GetMetricData" + messages)
	case result.StatusCode != types.StatusCodeComplete:
		r.unsound[id] = fmt.Errorf("CloudWatch answered %s%s", rollout.QuoteUpTo(string(result.StatusCode), 80), messages)
	case !errors.Is(r.unsound[id], runner.ErrUnusable): // in another part
		r.unsound[id] = nil
	}
	for i, at := range result.Timestamps {
		value := result.Values[i]
		if !at.Equal(at.Truncate(time.Minute)) || math.IsNaN(value) || math.IsInf(value, 0) || value < 0 {
			r.unsound[id] = fmt.Errorf("%w: %g at %s", runner.ErrUnusable, value, at.UTC().Format(time.RFC3339Nano))
			return
		}
		values[at.Unix()] = value
	}
}

// remarks are messages of an answer, to be put behind what is wrong with it.
func remarks(messages []types.MessageData) string {
	var words []string
	for _, m := range messages {
		words = append(words, rollout.QuoteUpTo(oneLine(aws.ToString(m.Value)), 200))
	}
	if len(words) == 0 {
		return ""
	}
	return ": " + rollout.Quote(strings.Join(words, "; "))
}

// group puts together what was read of one target group.
func (r *metricsReading) group(i int, of metricsOf) readGroup {
	metrics := of.metrics()
	for j, m := range metrics {
		if err := r.unsound[query(i, j)]; err != nil {
			return readGroup{err: fmt.Errorf("reading %s of target group %s: %w", m.name, of.arn, err)}
		}
	}
	requests := r.points[query(i, 0)]
	var minutes []compare.Minute
	for _, second := range slices.Sorted(maps.Keys(requests)) {
		begins := time.Unix(second, 0).UTC()
		if begins.Before(r.since) || begins.Add(time.Minute).After(r.until) {
			continue
		}
		m := compare.Minute{Begins: begins, Requests: requests[second], Errors: requests[second]}
		for j := 1; j < len(counted); j++ {
			m.Errors -= r.points[query(i, j)][second]
		}
		if of.percentile != 0 {
			m.Latency = r.points[query(i, len(counted))][second]
		}
		minutes = append(minutes, m)
	}
	return readGroup{minutes: minutes}
}
