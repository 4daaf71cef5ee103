package sandbox

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// MetricsConfig is how CloudWatch tells what becomes of requests: late, and of the last minutes too little.
type MetricsConfig struct {
	// Delay is how long, by the machine's clock, after the end of a minute its points are whole. Before that they are absent, or too low, errors most of all, as
	// the real ones are (https://github.com/Netflix/atlas/pull/1300). AWS names no bound. Default 2m.
	Delay Duration `json:"delay"`
	// Status is what all results of GetMetricData have: "Complete" (the default), "PartialData" (the newer half of the points is left
	// out), "InternalError" or "Forbidden" (no point).
	Status string `json:"status"`
	// PointsPerCall is how many points a call answers at most before it goes on with NextToken. Default 100800.
	PointsPerCall int `json:"points_per_call"`
}

// The most of GetMetricData: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
const (
	maxQueries = 500
	maxPoints  = 100_800
)

var metricStatuses = []string{"Complete", "PartialData", "InternalError", "Forbidden"}

func (c MetricsConfig) complete() MetricsConfig {
	orDuration(&c.Delay, 2*time.Minute)
	orText(&c.Status, "Complete")
	orNumber(&c.PointsPerCall, maxPoints)
	return c
}

// SetMetrics changes how CloudWatch tells what becomes of requests. It panics on a configuration that makes no sense.
func (w *awsHalf) SetMetrics(c MetricsConfig) {
	if err := outOfBounds(c); err != nil {
		panic("sandbox: " + err.Error())
	}
	w.locked(func() { w.metrics = c.complete() })
}

func metricsPosted(w *World, c MetricsConfig) error {
	if err := outOfBounds(c); err != nil {
		return err
	}
	w.SetMetrics(c)
	return nil
}

// published is what CloudWatch knows at a time of a minute of the requests to a target group. It answers false if it knows nothing.
func (w *awsHalf) published(g *targetGroup, minute, now time.Time) (counts, bool) {
	end := minute.Add(time.Minute)
	delay := time.Duration(w.metrics.Delay)
	age := now.Sub(end)
	if age >= delay {
		return w.counted(g, minute, end), true
	}
	// Of half of the minutes there is nothing until half of the delay has gone by; of the others a part, that grows.
	late := w.chance(g.arn+" late", minute).IntN(2) == 0
	if now.Before(minute) || late && age < delay/2 {
		return counts{}, false
	}
	part := 0.3 * min(float64(now.Sub(minute))/float64(time.Minute), 1)
	if age > 0 {
		part += 0.6 * float64(age) / float64(delay)
	}
	c := w.counted(g, minute, end)
	if age < 0 {
		c = w.counted(g, minute, now)
		part = 0.3
	}
	return c.scaled(part), true
}

// scaled is a part of the counts, of the errors still less.
func (c counts) scaled(part float64) counts {
	c.errors = math.Floor(c.errors * part * part)
	c.good = math.Floor(c.good * part)
	c.crashes = math.Floor(c.crashes * part)
	c.unserved = math.Floor(c.unserved * part)
	c.requests = c.good + c.errors + c.crashes
	return c
}

// metricQuery is a query of GetMetricData.
type metricQuery struct {
	id, label, name, stat string
	period                time.Duration
	// groups are the target groups that the dimensions mean; none if there is no such metric.
	groups []*targetGroup
	// whole is that it is asked of a balancer as a whole.
	whole bool
}

// metricPoint is a point of a metric: when its period begins, and its value.
type metricPoint struct {
	at    time.Time
	value float64
}

// targetMetrics are the metrics that there are by load balancer and target group, and balancerMetrics those by load balancer alone. A
// count that is 0 is absent.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
var (
	targetMetrics = map[string]func(counts) float64{
		"RequestCount":              func(c counts) float64 { return c.requests },
		"HTTPCode_Target_2XX_Count": func(c counts) float64 { return c.good },
		"HTTPCode_Target_3XX_Count": func(counts) float64 { return 0 },
		"HTTPCode_Target_4XX_Count": func(counts) float64 { return 0 },
		"HTTPCode_Target_5XX_Count": func(c counts) float64 { return c.errors },
	}
	balancerMetrics = map[string]func(counts) float64{
		"HTTPCode_ELB_5XX_Count": func(c counts) float64 { return c.crashes + c.unserved },
		"HTTPCode_ELB_502_Count": func(c counts) float64 { return c.crashes },
		"HTTPCode_ELB_503_Count": func(c counts) float64 { return c.unserved },
	}
)

// points are those of a query in a span, oldest first.
func (w *awsHalf) points(q metricQuery, from, until time.Time) []metricPoint {
	var all []metricPoint
	if len(q.groups) == 0 || len(w.traffic.flows) == 0 {
		return nil
	}
	// Nothing came before the first request, and nothing will have come after now.
	if early := w.traffic.flows[0].from.Sub(from) / q.period; early > 0 {
		from = from.Add(early * q.period)
	}
	if until.After(w.clock()) {
		until = w.clock()
	}
	for at := from; at.Before(until); at = at.Add(q.period) {
		var sum counts
		known := false
		for minute := at; minute.Before(at.Add(q.period)) && minute.Before(until); minute = minute.Add(time.Minute) {
			for _, g := range q.groups {
				if c, ok := w.published(g, minute, w.clock()); ok {
					sum, known = sum.plus(c), true
				}
			}
		}
		if value, ok := w.value(q, sum, at); known && ok {
			all = append(all, metricPoint{at, value})
		}
	}
	return all
}

// value is what a query says of the counts of a period. It answers false if there is no point.
func (w *awsHalf) value(q metricQuery, c counts, at time.Time) (float64, bool) {
	if q.name == "TargetResponseTime" {
		if c.answered() == 0 {
			return 0, false
		}
		if q.stat == "Average" {
			return c.average(), true
		}
		if q.stat == "SampleCount" {
			return c.answered(), true
		}
		percentile, ok := strings.CutPrefix(q.stat, "p")
		part, err := strconv.ParseFloat(percentile, 64)
		if !ok || err != nil {
			return 0, false
		}
		arn := ""
		if len(q.groups) > 0 {
			arn = q.groups[0].arn
		}
		return c.quantile(w.chance(arn+" "+q.stat, at), part/100), true
	}
	count := targetMetrics[q.name]
	if count == nil && q.whole {
		count = balancerMetrics[q.name]
	}
	if count == nil || count(c) == 0 {
		return 0, false
	}
	switch q.stat {
	case "Sum", "SampleCount":
		return count(c), true
	case "Average", "Minimum", "Maximum":
		return 1, true // each request is a sample of the value 1
	}
	return 0, false
}

// metricGroups are the target groups that the dimensions of a metric mean. Combinations that AWS does not publish have no data.
func (w *awsHalf) metricGroups(dimensions map[string]string) (groups []*targetGroup, whole bool) {
	b := w.balancerOfDimension(dimensions["LoadBalancer"])
	target, byGroup := dimensions["TargetGroup"]
	if b == nil || len(dimensions) > 2 || len(dimensions) == 2 && !byGroup {
		return nil, false
	}
	for _, g := range w.groups {
		if byGroup && !strings.HasSuffix(g.arn, ":"+target) {
			continue
		}
		for _, owner := range w.everOf(g) {
			if owner == b {
				groups = append(groups, g)
			}
		}
	}
	return groups, !byGroup
}

// everOf are the load balancers of a target group: those whose actions name it, or have named it while requests came.
func (w *awsHalf) everOf(g *targetGroup) []*balancer {
	if owners := w.balancersOf(g); len(owners) > 0 {
		return owners
	}
	for _, f := range w.traffic.flows {
		for _, l := range f.demands {
			if l.group == g {
				return []*balancer{l.balancer}
			}
		}
	}
	return nil
}

// balancerOfDimension is the application load balancer of a dimension, "app/web/50dc6c495c0c9188".
func (w *awsHalf) balancerOfDimension(value string) *balancer {
	for _, b := range w.balancers {
		if b.kind == "application" && value != "" && strings.HasSuffix(b.arn, ":loadbalancer/"+value) {
			return b
		}
	}
	return nil
}
