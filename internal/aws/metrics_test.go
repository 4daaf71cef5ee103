package aws

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/compare"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// counter is a CloudWatch that has counted: by metric and target group what each minute since noon had.
type counter struct {
	t      *testing.T
	counts map[string][]float64 // "RequestCount web-blue"; a negative number is a point that is not there
	status map[string]string    // by the same names
	header http.Header
}

func countingFake(t *testing.T, c counter) *fake {
	f := newFake(t)
	f.on("elbv2 DescribeTargetGroups", func(call call) reply {
		arn := call.form.Get("TargetGroupArns.member.1")
		return ok("DescribeTargetGroups", "<TargetGroups><member><TargetGroupArn>"+arn+"</TargetGroupArn><LoadBalancerArns><member>"+albARN+"</member></LoadBalancerArns></member></TargetGroups>")
	})
	f.on("cloudwatch GetMetricData", c.answer)
	return f
}

func (c counter) answer(asked call) reply {
	since, until := asked.body["StartTime"].(time.Time), asked.body["EndTime"].(time.Time)
	if asked.body["ScanBy"] != "TimestampAscending" || since.Truncate(time.Minute) != since || until.Truncate(time.Minute) != until {
		c.t.Errorf("it asks from %s to %s, %s", since, until, asked.body["ScanBy"])
	}
	var results []any
	queries := asked.body["MetricDataQueries"].([]any)
	if len(queries) > 500 {
		return cborRefused(c.t, 400, "ValidationError", "at most 500")
	}
	for _, it := range queries {
		q := it.(map[any]any)
		stat := q["MetricStat"].(map[any]any)
		m := stat["Metric"].(map[any]any)
		dimensions := map[any]any{}
		for _, d := range m["Dimensions"].([]any) {
			dimensions[d.(map[any]any)["Name"]] = d.(map[any]any)["Value"]
		}
		group := strings.Split(fmt.Sprint(dimensions["TargetGroup"]), "/")[1]
		if dimensions["LoadBalancer"] != "app/web/50dc6c495c0c9188" || m["Namespace"] != "AWS/ApplicationELB" || fmt.Sprint(stat["Period"]) != "60" {
			c.t.Errorf("it asks for %v", q)
		}
		name := fmt.Sprint(m["MetricName"], " ", group)
		result := map[string]any{"Id": q["Id"], "StatusCode": "Complete", "Timestamps": []any{}, "Values": []any{}}
		if status := c.status[name]; status != "" {
			result["StatusCode"] = status
			result["Messages"] = []any{map[string]any{"Code": "x", "Value": "no such right"}}
		}
		for i, value := range c.counts[name] {
			at := noon.Add(time.Duration(i) * time.Minute)
			if value < 0 || at.Before(since) || !at.Before(until) {
				continue
			}
			result["Timestamps"] = append(result["Timestamps"].([]any), stamp(at))
			result["Values"] = append(result["Values"].([]any), value)
		}
		results = append(results, result)
	}
	r := cborOK(c.t, map[string]any{"MetricDataResults": results})
	r.header = c.header
	return r
}

// at is a moment after noon, in a bubble.
func waitUntil(t time.Time) { time.Sleep(time.Until(t)) }

func TestMinutes(t *testing.T) {
	counts := map[string][]float64{
		"RequestCount web-blue":              {900, 900, -1, 900, 900, 900, 900, 900},
		"HTTPCode_Target_2XX_Count web-blue": {890, 880, 700, 890, 900, 10, 0, 0},
		"HTTPCode_Target_4XX_Count web-blue": {9, 9, 9, 9},
		"HTTPCode_Target_3XX_Count web-blue": {-1, 11},
		"TargetResponseTime web-blue":        {0.2, 0.3, -1, 0.25},
		// It crashes: no answer of any class is its own.
		"RequestCount web-green": {100, 100, 100, 100, -1, 100, 100, 100},
	}
	synctest.Test(t, func(t *testing.T) {
		waitUntil(noon.Add(8*time.Minute + 10*time.Second))
		f := countingFake(t, counter{t: t, counts: counts})
		got, err := f.client().Minutes(t.Context(), []string{blueARN, greenARN}, noon, noon.Add(time.Hour), 90)
		if err != nil {
			t.Fatal(err)
		}
		minute := func(i int) time.Time { return noon.Add(time.Duration(i) * time.Minute) }
		// Of 12:02 blue has no RequestCount, of 12:04 green; 12:05 is not old enough.
		want := map[string][]compare.Minute{
			blueARN:  {{Begins: minute(0), Requests: 900, Errors: 1, Latency: 0.2}, {Begins: minute(1), Requests: 900, Errors: 0, Latency: 0.3}, {Begins: minute(3), Requests: 900, Errors: 1, Latency: 0.25}, {Begins: minute(4), Requests: 900}},
			greenARN: {{Begins: minute(0), Requests: 100, Errors: 100}, {Begins: minute(1), Requests: 100, Errors: 100}, {Begins: minute(2), Requests: 100, Errors: 100}, {Begins: minute(3), Requests: 100, Errors: 100}},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if n := f.count("cloudwatch GetMetricData"); n != 1 {
			t.Errorf("%d calls", n)
		}
		if n := len(f.seen("cloudwatch GetMetricData")[0].body["MetricDataQueries"].([]any)); n != 10 {
			t.Errorf("%d queries", n)
		}
	})
}

// What is asked for lies between whole minutes, and no longer ago than it is kept.
func TestMinutesAreWhole(t *testing.T) {
	counts := map[string][]float64{"RequestCount web-blue": {1, 2, 3, 4, 5, 6, 7, 8}}
	synctest.Test(t, func(t *testing.T) {
		waitUntil(noon.Add(30 * time.Minute))
		c := countingFake(t, counter{t: t, counts: counts}).client()
		first := func(since, until time.Duration) string {
			got, err := c.Minutes(t.Context(), []string{blueARN}, noon.Add(since), noon.Add(until), 0)
			if err != nil {
				t.Fatal(err)
			}
			words := ""
			for _, m := range got[blueARN] {
				words += fmt.Sprint(m.Requests, " ")
			}
			return words
		}
		for _, test := range []struct {
			since, until time.Duration
			want         string
		}{
			{0, 2 * time.Minute, "1 2 "},
			{time.Millisecond, 2 * time.Minute, "2 "},
			{0, 2*time.Minute - time.Millisecond, "1 "},
			{30 * time.Second, time.Minute, ""},
			{5 * time.Minute, time.Minute, ""},
			{-100 * 24 * time.Hour, time.Minute, "1 "},
		} {
			if got := first(test.since, test.until); got != test.want {
				t.Errorf("from %s to %s: %q", test.since, test.until, got)
			}
		}
	})
}

// Nothing is known where CloudWatch did not say so, and one's trouble is not another's.
func TestMinutesThatCannotBeRead(t *testing.T) {
	sound := map[string][]float64{"RequestCount web-blue": {900, 900, 900, 900}, "HTTPCode_Target_2XX_Count web-blue": {900, 900, 900, 900}}
	for name, test := range map[string]struct {
		counter counter
		says    string
	}{
		"forbidden":     {counter{counts: sound, status: map[string]string{"HTTPCode_Target_2XX_Count web-blue": "Forbidden"}}, "reading HTTPCode_Target_2XX_Count of target group " + blueARN + ": CloudWatch forbids it; the credentials need the IAM action cloudwatch:GetMetricData: no such right"},
		"broken":        {counter{counts: sound, status: map[string]string{"RequestCount web-blue": "InternalError"}}, "CloudWatch answered InternalError"},
		"partial":       {counter{counts: sound, status: map[string]string{"RequestCount web-blue": "PartialData"}}, "CloudWatch answered PartialData"},
		"no number":     {counter{counts: map[string][]float64{"RequestCount web-blue": {900, math.NaN()}}}, "cannot be used"},
		"less than any": {counter{counts: map[string][]float64{"RequestCount web-blue": {900, math.Inf(1)}}}, "cannot be used"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				waitUntil(noon.Add(30 * time.Minute))
				test.counter.t = t
				f := countingFake(t, test.counter)
				c := f.client()
				var all sync.WaitGroup
				all.Go(func() {
					_, err := c.Minutes(t.Context(), []string{blueARN}, noon, noon.Add(4*time.Minute), 0)
					if err == nil || !strings.Contains(err.Error(), test.says) {
						t.Errorf("got %v", err)
					}
				})
				all.Go(func() {
					if _, err := c.Minutes(t.Context(), []string{greenARN}, noon, noon.Add(4*time.Minute), 0); err != nil {
						t.Errorf("the other: %v", err)
					}
				})
				all.Wait()
				if n := f.count("cloudwatch GetMetricData"); n != 1 {
					t.Errorf("%d calls", n)
				}
			})
		})
	}
}

// Other balancers count for themselves alone, and a target group that none uses is counted nowhere.
func TestMinutesOfOtherBalancers(t *testing.T) {
	for balancers, says := range map[string]string{
		"<member>" + account + "loadbalancer/net/web/1</member>": "no application load balancer",
		"": "0 load balancers use it",
	} {
		f := newFake(t)
		f.always("elbv2 DescribeTargetGroups", ok("DescribeTargetGroups", "<TargetGroups><member><TargetGroupArn>"+blueARN+"</TargetGroupArn><LoadBalancerArns>"+balancers+"</LoadBalancerArns></member></TargetGroups>"))
		_, err := f.client().Minutes(t.Context(), []string{blueARN}, time.Now().Add(-time.Hour), time.Now(), 0)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v", err)
		}
	}
	f := newFake(t)
	f.always("elbv2 DescribeTargetGroups", refused(400, "TargetGroupNotFound", "gone"))
	if _, err := f.client().Minutes(t.Context(), []string{blueARN}, time.Now().Add(-time.Hour), time.Now(), 0); !errors.Is(err, runner.ErrGone) {
		t.Errorf("got %v", err)
	}
}

// A machine whose clock is ahead takes no minute for old that is young.
func TestMinutesByTheOtherClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		waitUntil(noon.Add(8 * time.Minute))
		c := counter{t: t, counts: map[string][]float64{"RequestCount web-blue": {1, 2, 3, 4, 5, 6, 7, 8}}, header: http.Header{"Date": {noon.Add(6 * time.Minute).Format(http.TimeFormat)}}}
		got, err := countingFake(t, c).client().Minutes(t.Context(), []string{blueARN}, noon, noon.Add(time.Hour), 0)
		if err != nil || len(got[blueARN]) != 3 {
			t.Errorf("at 12:06 by the other clock: %v, %v", got, err)
		}
	})
}

// A hundred rollouts that look at about the same time share two calls, of 500 queries at most, and each gets its own minutes.
func TestMetricsOfAllRolloutsTravelTogether(t *testing.T) {
	counts := map[string][]float64{}
	arn := func(i int) string { return fmt.Sprintf("%stargetgroup/web-%d/1111111111111111", account, i) }
	for i := range 120 {
		counts[fmt.Sprintf("RequestCount web-%d", i)] = []float64{float64(i), float64(i), float64(i), float64(i)}
	}
	synctest.Test(t, func(t *testing.T) {
		waitUntil(noon.Add(time.Hour))
		f := countingFake(t, counter{t: t, counts: counts})
		c := f.client()
		var all sync.WaitGroup
		for i := range 120 {
			all.Go(func() {
				time.Sleep(time.Duration(i%40) * time.Millisecond)
				since := noon.Add(time.Duration(i%3) * time.Minute)
				got, err := c.Minutes(t.Context(), []string{arn(i)}, since, noon.Add(4*time.Minute), 90)
				if minutes := got[arn(i)]; err != nil || len(minutes) != 4-i%3 || minutes[0].Requests != float64(i) || !minutes[0].Begins.Equal(since) {
					t.Errorf("%d: %v, %v", i, minutes, err)
				}
			})
		}
		all.Wait()
		if n := f.count("cloudwatch GetMetricData"); n != 2 {
			t.Errorf("%d calls for 120 rollouts", n)
		}
	})
}

// Two minutes are not enough for a verdict, and points that are late do not make them four.
func TestLatePointsBroken(t *testing.T) {
	rule := compare.Rule{Errors: 1.5, MinRequests: 200}
	verdict := func(t *testing.T, late float64) (got compare.Verdict) {
		counts := map[string][]float64{
			"RequestCount web-blue": {900, 900, late, late}, "HTTPCode_Target_2XX_Count web-blue": {900, 900},
			"RequestCount web-green": {300, 300, late, late}, "HTTPCode_Target_2XX_Count web-green": {270, 270},
		}
		synctest.Test(t, func(t *testing.T) {
			waitUntil(noon.Add(8 * time.Minute))
			minutes, err := countingFake(t, counter{t: t, counts: counts}).client().Minutes(t.Context(), []string{blueARN, greenARN}, noon, noon.Add(time.Hour), 0)
			if err != nil {
				t.Fatal(err)
			}
			got = compare.Judge(rule, minutes[greenARN], minutes[blueARN])
		})
		return got
	}
	if got := verdict(t, -1); got.Result != compare.NotKnown {
		t.Errorf("of two minutes: %s, %s", got.Result, got.Words)
	}
	t.Run("a late point taken for a zero", func(t *testing.T) {
		t.Logf("promise: %s", "few false verdicts")
		if got := verdict(t, 0); got.Result == compare.NotKnown {
			t.Errorf("with zeros for what is late: %s", got.Words)
		}
	})
}

// What comes in parts is put together.
func TestMinutesInPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		waitUntil(noon.Add(time.Hour))
		f := countingFake(t, counter{})
		f.on("cloudwatch GetMetricData", func(asked call) reply {
			at, status, answer := noon, "PartialData", map[string]any{"NextToken": "more"}
			if asked.body["NextToken"] == "more" {
				at, status, answer = noon.Add(time.Minute), "Complete", map[string]any{}
			}
			var results []any
			for _, q := range asked.body["MetricDataQueries"].([]any) {
				results = append(results, map[string]any{"Id": q.(map[any]any)["Id"], "StatusCode": status, "Timestamps": []any{stamp(at)}, "Values": []any{7.0}})
			}
			answer["MetricDataResults"] = results
			return cborOK(t, answer)
		})
		got, err := f.client().Minutes(t.Context(), []string{blueARN}, noon, noon.Add(4*time.Minute), 0)
		if err != nil || len(got[blueARN]) != 2 || got[blueARN][1].Errors != -14 {
			t.Errorf("got %v, %v", got, err)
		}
	})
}
