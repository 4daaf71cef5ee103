package sandbox

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// getMetricData answers GetMetricData for AWS/ApplicationELB. Metrics that there are not have no points, as with the real one.
func (w *awsHalf) getMetricData(input *tree) (map[string]any, *awsFault) {
	from, until, fault := metricSpan(input)
	if fault != nil {
		return nil, fault
	}
	queries, fault := w.metricQueries(input)
	if fault != nil {
		return nil, fault
	}
	skip, size, fault := w.metricPage(input)
	if fault != nil {
		return nil, fault
	}
	newestFirst := input.text("ScanBy") != "TimestampAscending"
	results, next := []any{}, ""
	taken, seen := 0, 0
	for _, q := range queries {
		points := w.metricPoints(q, from, until)
		if newestFirst {
			slices.Reverse(points)
		}
		begin := min(max(skip-seen, 0), len(points))
		end := min(begin+size-taken, len(points))
		seen += len(points)
		if skip > 0 && begin == len(points) {
			continue // an earlier page had all of it
		}
		status := w.metrics.Status
		if end < len(points) {
			status = "PartialData"
			if next == "" {
				next = pageToken + strconv.Itoa(seen-len(points)+end)
			}
		}
		if begin == end && begin < len(points) && taken > 0 {
			continue // the next page begins with it
		}
		taken += end - begin
		results = append(results, metricResult(q, points[begin:end], status))
	}
	return withToken(map[string]any{"MetricDataResults": results, "Messages": []any{}}, next), nil
}

// metricPoints are the points of a query as CloudWatch hands them out.
func (w *awsHalf) metricPoints(q metricQuery, from, until time.Time) []metricPoint {
	switch w.metrics.Status {
	case "InternalError", "Forbidden":
		return nil
	}
	// A start that is no beginning of a period is rounded down, data of the last 15 days to the minute.
	points := w.points(q, from.Truncate(max(q.period, time.Minute)), until)
	if w.metrics.Status == "PartialData" {
		points = points[:len(points)/2]
	}
	return points
}

func metricResult(q metricQuery, points []metricPoint, status string) map[string]any {
	times, values := []any{}, []any{}
	for _, p := range points {
		times, values = append(times, p.at), append(values, p.value)
	}
	result := map[string]any{"Id": q.id, "Label": q.label, "StatusCode": status, "Timestamps": times, "Values": values}
	if status == "Forbidden" {
		result["Messages"] = []any{map[string]any{"Code": "Forbidden", "Value": "The caller may not read this metric"}}
	}
	return result
}

// metricSpan is what a call asks about: the start is part of it, the end is not.
func metricSpan(input *tree) (from, until time.Time, fault *awsFault) {
	from, err := time.Parse(time.RFC3339Nano, input.text("StartTime"))
	if err != nil {
		return from, until, badMetricCall("MissingParameter", "The parameter StartTime is required.")
	}
	until, err = time.Parse(time.RFC3339Nano, input.text("EndTime"))
	if err != nil {
		return from, until, badMetricCall("MissingParameter", "The parameter EndTime is required.")
	}
	if !from.Before(until) {
		return from, until, badMetricCall("ValidationError", "The parameter StartTime must be less than the parameter EndTime.")
	}
	return from.UTC(), until.UTC(), nil
}

// metricPage is how many points earlier pages had, and how many this one may have.
func (w *awsHalf) metricPage(input *tree) (skip, size int, fault *awsFault) {
	most := input.number("MaxDatapoints", maxPoints)
	if most < 1 || most > maxPoints {
		return 0, 0, badMetricCall("ValidationError", fmt.Sprintf("The value %d for parameter MaxDatapoints is not from 1 to %d.", most, maxPoints))
	}
	if token := input.text("NextToken"); token != "" {
		n, err := strconv.Atoi(strings.TrimPrefix(token, pageToken))
		if err != nil || n < 1 || !strings.HasPrefix(token, pageToken) {
			return 0, 0, &awsFault{http.StatusBadRequest, "InvalidNextToken", "The next token is not valid"}
		}
		skip = n
	}
	return skip, min(most, w.metrics.PointsPerCall), nil
}

var (
	metricID   = regexp.MustCompile(`^[a-z][a-zA-Z0-9_]*$`)
	metricStat = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(Sum|Average|Minimum|Maximum|SampleCount|p\d{1,2}(\.\d{1,10})?|p100)$`)
	})
)

// metricQueries reads the queries whose data is to be returned.
func (w *awsHalf) metricQueries(input *tree) ([]metricQuery, *awsFault) {
	sent := input.items("MetricDataQueries")
	if len(sent) == 0 {
		return nil, badMetricCall("MissingParameter", "The parameter MetricDataQueries is required.")
	}
	if len(sent) > maxQueries {
		return nil, badMetricCall("ValidationError", fmt.Sprintf("The collection MetricDataQueries must not have a size greater than %d.", maxQueries))
	}
	var queries []metricQuery
	seen := map[string]bool{}
	for n, s := range sent {
		id := s.text("Id")
		at := fmt.Sprintf("MetricDataQueries.member.%d", n+1)
		switch {
		case !metricID.MatchString(id):
			return nil, badMetricCall("ValidationError", fmt.Sprintf("The value %q for parameter %s.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.", id, at))
		case seen[id]:
			return nil, badMetricCall("ValidationError", "The values for parameter id in MetricDataQueries are not unique.")
		case s.has("Expression") || !s.has("MetricStat"):
			return nil, badMetricCall("ValidationError", "The sandbox knows no metric math: "+at+" has no MetricStat.")
		}
		seen[id] = true
		q, fault := w.metricQuery(s, at)
		if fault != nil {
			return nil, fault
		}
		if s.text("ReturnData") != "false" {
			queries = append(queries, q)
		}
	}
	return queries, nil
}

func (w *awsHalf) metricQuery(sent *tree, at string) (metricQuery, *awsFault) {
	stat := sent.at("MetricStat")
	metric := stat.at("Metric")
	seconds := stat.number("Period", 0)
	q := metricQuery{id: sent.text("Id"), label: sent.text("Label"), name: metric.text("MetricName"), stat: stat.text("Stat"),
		period: time.Duration(seconds) * time.Second}
	orText(&q.label, q.name)
	switch {
	case !slices.Contains([]int{1, 5, 10, 30}, seconds) && (seconds < 60 || seconds%60 != 0):
		return q, badMetricCall("ValidationError", fmt.Sprintf("The value %d for parameter %s.MetricStat.Period is not 1, 5, 10, 30 or a multiple of 60.", seconds, at))
	case !metricStat().MatchString(q.stat):
		return q, badMetricCall("ValidationError", fmt.Sprintf("The value %s for parameter %s.MetricStat.Stat is not a valid statistic.", q.stat, at))
	case metric.text("Namespace") == "" || q.name == "":
		return q, badMetricCall("ValidationError", "The parameter "+at+".MetricStat.Metric needs a Namespace and a MetricName.")
	}
	dimensions := map[string]string{}
	for _, d := range metric.items("Dimensions") {
		dimensions[d.text("Name")] = d.text("Value")
	}
	// What is published each minute has no finer points.
	if metric.text("Namespace") == "AWS/ApplicationELB" && q.period >= time.Minute {
		q.groups, q.whole = w.metricGroups(dimensions)
	}
	return q, nil
}

func badMetricCall(code, message string) *awsFault {
	return &awsFault{http.StatusBadRequest, code, message}
}
