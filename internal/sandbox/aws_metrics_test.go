package sandbox

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// busy is a world whose production gets 6,000 requests a minute, nine tenths of which go to web-blue, where ami-0a1 never fails, and one to
// web-green, where what ami-0e1 does is a behaviour.
func busy(b Behaviour) Config {
	c := twoTargetGroups()
	c.Images = append(c.Images, Image{ID: "ami-0e1", Name: "web-3", Behaviour: b})
	web := &c.AWS.LoadBalancers[0]
	web.Listeners[0] = ListenerConfig{ARN: productionARN, Port: 443, Protocol: "HTTPS", RequestsPerMinute: 6000, DefaultActions: []ActionConfig{
		{TargetGroups: []WeightConfig{{TargetGroup: "web-blue", Weight: 90}, {TargetGroup: "web-green", Weight: 10}}}}}
	return c.with("web__1", "ami-0a1", 4, blueARN).with("web__2", "ami-0e1", 4, greenARN)
}

const (
	balancerDimension = "app/web/00000000000000a1"
	blueDimension     = "targetgroup/web-blue/0000000000000001"
	greenDimension    = "targetgroup/web-green/0000000000000002"
)

// metric is a query of a metric of the balancer, or of a target group of it.
func metric(id, name, stat, group string) cwtypes.MetricDataQuery {
	dimensions := []cwtypes.Dimension{{Name: aws.String("LoadBalancer"), Value: aws.String(balancerDimension)}}
	if group != "" {
		dimensions = append(dimensions, cwtypes.Dimension{Name: aws.String("TargetGroup"), Value: aws.String(group)})
	}
	return cwtypes.MetricDataQuery{Id: &id, MetricStat: &cwtypes.MetricStat{Period: aws.Int32(60), Stat: &stat,
		Metric: &cwtypes.Metric{Namespace: aws.String("AWS/ApplicationELB"), MetricName: &name, Dimensions: dimensions}}}
}

// counted asks for the sums of metrics over minutes, oldest first.
func (c clients) counted(t *testing.T, from, until time.Time, queries ...cwtypes.MetricDataQuery) map[string][]float64 {
	t.Helper()
	answer := must(c.cloudwatch.GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{
		StartTime: &from, EndTime: &until, MetricDataQueries: queries, ScanBy: cwtypes.ScanByTimestampAscending}))(t)
	values := map[string][]float64{}
	for _, r := range answer.MetricDataResults {
		if r.StatusCode != cwtypes.StatusCodeComplete || len(r.Timestamps) != len(r.Values) || !slices.IsSortedFunc(r.Timestamps, time.Time.Compare) {
			t.Errorf("%s is %s, with %d times and %d values", *r.Id, r.StatusCode, len(r.Timestamps), len(r.Values))
		}
		values[*r.Id] = r.Values
	}
	return values
}

func total(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum
}

// near tells whether a count is within five standard deviations of what is to be expected.
func near(got, want float64) bool { return math.Abs(got-want) <= 5*math.Sqrt(want)+1 }

func TestRequestsAreSplitByWeights(t *testing.T) {
	inAWS(t, busy(Behaviour{ErrorRatio: 0.03, CrashRatio: 0.01}), func(t *testing.T, c clients) {
		begun := time.Now().Truncate(time.Minute).Add(time.Minute)
		time.Sleep(30 * time.Minute)
		got := c.counted(t, begun, begun.Add(20*time.Minute),
			metric("blue", "RequestCount", "Sum", blueDimension), metric("green", "RequestCount", "Sum", greenDimension),
			metric("blue_good", "HTTPCode_Target_2XX_Count", "Sum", blueDimension), metric("blue_bad", "HTTPCode_Target_5XX_Count", "Sum", blueDimension),
			metric("green_good", "HTTPCode_Target_2XX_Count", "Sum", greenDimension), metric("green_bad", "HTTPCode_Target_5XX_Count", "Sum", greenDimension),
			metric("green_redirects", "HTTPCode_Target_3XX_Count", "Sum", greenDimension),
			metric("crashed", "HTTPCode_ELB_502_Count", "Sum", ""), metric("crashed_there", "HTTPCode_ELB_502_Count", "Sum", greenDimension),
			metric("all", "RequestCount", "Sum", ""))
		for id, want := range map[string]float64{"blue": 108000, "green": 12000, "blue_good": 108000, "green_bad": 360, "green_good": 11520, "crashed": 120} {
			if sum := total(got[id]); len(got[id]) != 20 || !near(sum, want) {
				t.Errorf("%s: %v in %d minutes, want about %v in 20", id, sum, len(got[id]), want)
			}
		}
		// What is zero is absent, and what a target group does not count it does not have.
		for _, id := range []string{"blue_bad", "green_redirects", "crashed_there"} {
			if len(got[id]) != 0 {
				t.Errorf("%s: %v, want no point", id, got[id])
			}
		}
		if missing := total(got["green"]) - total(got["green_good"]) - total(got["green_bad"]); missing != total(got["crashed"]) {
			t.Errorf("%v requests to green have no answer, and the balancer answered %v", missing, total(got["crashed"]))
		}
		if total(got["all"]) != total(got["blue"])+total(got["green"]) {
			t.Errorf("the balancer counts %v, its target groups %v and %v", total(got["all"]), total(got["blue"]), total(got["green"]))
		}
	})
}

// The points follow what happens: weights, an image that turns bad, requests that end, instances that are gone.
func TestMetricsFollowTheWorld(t *testing.T) {
	inAWS(t, busy(Behaviour{}), func(t *testing.T, c clients) {
		sums := func(minutes int) (green, bad, unserved float64) {
			begun := time.Now().Truncate(time.Minute).Add(time.Minute)
			time.Sleep(time.Duration(minutes+4) * time.Minute)
			got := c.counted(t, begun, begun.Add(time.Duration(minutes)*time.Minute), metric("green", "RequestCount", "Sum", greenDimension),
				metric("bad", "HTTPCode_Target_5XX_Count", "Sum", greenDimension), metric("unserved", "HTTPCode_ELB_503_Count", "Sum", ""))
			return total(got["green"]), total(got["bad"]), total(got["unserved"])
		}
		if green, bad, _ := sums(10); !near(green, 6000) || bad != 0 {
			t.Errorf("%v requests, %v bad", green, bad)
		}
		if status, text := control(t, c.world, "POST", "behaviour", `{"image":"ami-0e1","error_ratio":0.5}`); status != 204 {
			t.Fatal(text)
		}
		if green, bad, _ := sums(10); !near(bad, green/2) {
			t.Errorf("half of %v requests fail, and %v are bad", green, bad)
		}
		if err := c.world.SetWeights(productionARN, WeightConfig{"web-blue", 50}, WeightConfig{"web-green", 50}); err != nil {
			t.Fatal(err)
		}
		if green, _, _ := sums(10); !near(green, 30000) {
			t.Errorf("half of the requests are %v", green)
		}
		if err := c.world.SetRequests("web:443", 60); err != nil {
			t.Fatal(err)
		}
		if green, _, _ := sums(10); !near(green, 300) {
			t.Errorf("half of 60 requests a minute are %v in ten", green)
		}
		c.world.SetCapacity("web__2", 0, 0, 0)
		time.Sleep(2 * time.Minute)
		if green, _, unserved := sums(10); green != 0 || !near(unserved, 300) {
			t.Errorf("without targets %v requests are counted, and %v unserved", green, unserved)
		}
	})
}

// What is asked too early is too little, above all too few errors, or nothing; later it is whole and stays so.
func TestTheNewestMinutesLie(t *testing.T) {
	inAWS(t, busy(Behaviour{ErrorRatio: 0.1}), func(t *testing.T, c clients) {
		time.Sleep(20*time.Minute + 7*time.Second)
		absent, low, fewer := 0, 0, 0
		for range 30 {
			time.Sleep(time.Minute)
			minute := time.Now().Truncate(time.Minute).Add(-time.Minute)
			ask := func() (requests, bad []float64) {
				got := c.counted(t, minute, minute.Add(time.Minute), metric("n", "RequestCount", "Sum", greenDimension), metric("bad", "HTTPCode_Target_5XX_Count", "Sum", greenDimension))
				return got["n"], got["bad"]
			}
			early, earlyBad := ask()
			time.Sleep(3 * time.Minute)
			whole, wholeBad := ask()
			time.Sleep(time.Hour)
			if again, bad := ask(); !slices.Equal(again, whole) || !slices.Equal(bad, wholeBad) || len(whole) != 1 {
				t.Fatalf("minute %v was %v and %v, and is %v and %v an hour later", minute, whole, wholeBad, again, bad)
			}
			switch {
			case len(early) == 0:
				absent++
			case early[0] >= whole[0]:
				t.Errorf("minute %v is %v at once, and %v later", minute, early, whole)
			default:
				low++
				if total(earlyBad)/early[0] < total(wholeBad)/whole[0] {
					fewer++
				}
			}
		}
		if absent < 5 || low < 5 || fewer < low/2 {
			t.Errorf("of 30 minutes %d were absent, %d too low, %d of them with too few errors", absent, low, fewer)
		}
		c.world.SetMetrics(MetricsConfig{Delay: Duration(15 * time.Minute)})
		minute := time.Now().Truncate(time.Minute).Add(-10 * time.Minute)
		n := metric("n", "RequestCount", "Sum", blueDimension)
		early := c.counted(t, minute, minute.Add(time.Minute), n)["n"]
		time.Sleep(15 * time.Minute)
		if whole := c.counted(t, minute, minute.Add(time.Minute), n)["n"]; len(whole) != 1 || len(early) == 1 && early[0] >= whole[0] {
			t.Errorf("with a delay of 15m a minute is %v after 10m, and %v then", early, whole)
		}
	})
}

func TestMetricPages(t *testing.T) {
	inAWS(t, busy(Behaviour{ErrorRatio: 0.1}), func(t *testing.T, c clients) {
		begun := time.Now().Truncate(time.Minute).Add(time.Minute)
		time.Sleep(30 * time.Minute)
		input := &cloudwatch.GetMetricDataInput{StartTime: &begun, EndTime: aws.Time(begun.Add(10 * time.Minute)), MetricDataQueries: []cwtypes.MetricDataQuery{
			metric("a", "RequestCount", "Sum", greenDimension), metric("none", "HTTPCode_Target_3XX_Count", "Sum", greenDimension),
			metric("b", "HTTPCode_Target_5XX_Count", "Sum", greenDimension), metric("c", "RequestCount", "Sum", blueDimension)}}
		for _, scan := range []cwtypes.ScanBy{cwtypes.ScanByTimestampAscending, cwtypes.ScanByTimestampDescending, ""} {
			input.ScanBy, input.MaxDatapoints, input.NextToken = scan, nil, nil
			whole := must(c.cloudwatch.GetMetricData(t.Context(), input))(t)
			if len(whole.MetricDataResults) != 4 || whole.NextToken != nil {
				t.Fatalf("%d results, %v", len(whole.MetricDataResults), whole.NextToken)
			}
			times := whole.MetricDataResults[0].Timestamps
			if ascending := times[0].Before(times[9]); ascending != (scan == cwtypes.ScanByTimestampAscending) || len(times) != 10 {
				t.Errorf("scanned by %q the times are %v", scan, times)
			}
			input.MaxDatapoints = aws.Int32(7)
			parts, pages, partial := map[string][]float64{}, 0, 0
			for p := cloudwatch.NewGetMetricDataPaginator(c.cloudwatch, input); p.HasMorePages(); pages++ {
				n := 0
				for _, r := range must(p.NextPage(t.Context()))(t).MetricDataResults {
					parts[*r.Id] = append(parts[*r.Id], r.Values...)
					n += len(r.Values)
					if r.StatusCode == cwtypes.StatusCodePartialData {
						partial++
					}
				}
				if n > 7 {
					t.Errorf("page %d has %d points", pages, n)
				}
			}
			for _, r := range whole.MetricDataResults {
				if !slices.Equal(parts[*r.Id], r.Values) {
					t.Errorf("%s in pages is %v, in one %v", *r.Id, parts[*r.Id], r.Values)
				}
			}
			if pages != 5 || partial < 3 {
				t.Errorf("%d pages, %d results of them partial", pages, partial)
			}
		}
	})
}

func TestMetricCallsThatAreRefused(t *testing.T) {
	now := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	good := metric("a", "RequestCount", "Sum", blueDimension)
	with := func(change func(*cwtypes.MetricDataQuery)) []cwtypes.MetricDataQuery {
		q := metric("a", "RequestCount", "Sum", blueDimension)
		change(&q)
		return []cwtypes.MetricDataQuery{q}
	}
	many := make([]cwtypes.MetricDataQuery, 501)
	for n := range many {
		many[n] = metric(fmt.Sprint("a", n), "RequestCount", "Sum", blueDimension)
	}
	for _, test := range []struct {
		name       string
		change     func(*cloudwatch.GetMetricDataInput)
		code, word string
	}{
		{"no span", func(i *cloudwatch.GetMetricDataInput) { i.EndTime = i.StartTime }, "ValidationError", "less than"},
		{"too many", func(i *cloudwatch.GetMetricDataInput) { i.MetricDataQueries = many }, "ValidationError", "500"},
		{"twice", func(i *cloudwatch.GetMetricDataInput) {
			i.MetricDataQueries = []cwtypes.MetricDataQuery{good, good}
		}, "ValidationError", "unique"},
		{"upper case", func(i *cloudwatch.GetMetricDataInput) {
			i.MetricDataQueries = with(func(q *cwtypes.MetricDataQuery) { q.Id = aws.String("A") })
		}, "ValidationError", "pattern"},
		{"period", func(i *cloudwatch.GetMetricDataInput) {
			i.MetricDataQueries = with(func(q *cwtypes.MetricDataQuery) { q.MetricStat.Period = aws.Int32(90) })
		}, "ValidationError", "multiple of 60"},
		{"stat", func(i *cloudwatch.GetMetricDataInput) {
			i.MetricDataQueries = with(func(q *cwtypes.MetricDataQuery) { q.MetricStat.Stat = aws.String("p101") })
		}, "ValidationError", "not a valid statistic"},
		{"points", func(i *cloudwatch.GetMetricDataInput) { i.MaxDatapoints = aws.Int32(100801) }, "ValidationError", "MaxDatapoints"},
		{"token", func(i *cloudwatch.GetMetricDataInput) { i.NextToken = aws.String("x") }, "InvalidNextToken", "not valid"},
		{"math", func(i *cloudwatch.GetMetricDataInput) {
			i.MetricDataQueries = []cwtypes.MetricDataQuery{{Id: aws.String("e"), Expression: aws.String("m1/m2")}}
		}, "ValidationError", "no metric math"},
	} {
		t.Run(test.name, func(t *testing.T) {
			inAWS(t, busy(Behaviour{}), func(t *testing.T, c clients) {
				input := &cloudwatch.GetMetricDataInput{StartTime: &now, EndTime: aws.Time(now.Add(time.Hour)), MetricDataQueries: []cwtypes.MetricDataQuery{good}}
				test.change(input)
				_, err := c.cloudwatch.GetMetricData(t.Context(), input)
				wantRefusal(t, err, 400, test.code, test.word)
			})
		})
	}
}

// Metrics that there are not, and dimensions that are not published together, have no points and are complete all the same.
func TestMetricsThatThereAreNot(t *testing.T) {
	inAWS(t, busy(Behaviour{}), func(t *testing.T, c clients) {
		time.Sleep(10 * time.Minute)
		alone := metric("alone", "RequestCount", "Sum", greenDimension)
		alone.MetricStat.Metric.Dimensions = alone.MetricStat.Metric.Dimensions[1:]
		other := metric("other", "RequestCount", "Sum", greenDimension)
		other.MetricStat.Metric.Dimensions[0].Value = aws.String("app/elsewhere/" + fingerprint("elsewhere"))
		fine := metric("fine", "RequestCount", "Sum", greenDimension)
		fine.MetricStat.Period = aws.Int32(10)
		network := metric("network", "RequestCount", "Sum", "")
		network.MetricStat.Metric.Dimensions[0].Value = aws.String("net/flow/00000000000000a2")
		hidden := metric("hidden", "RequestCount", "Sum", greenDimension)
		hidden.ReturnData = aws.Bool(false)
		got := c.counted(t, time.Now().Add(-8*time.Minute), time.Now().Add(time.Hour), alone, other, fine, network, hidden,
			metric("unknown", "RequestCounts", "Sum", greenDimension), metric("whole", "HTTPCode_ELB_504_Count", "Sum", ""))
		for id, values := range got {
			if len(values) != 0 {
				t.Errorf("%s has %v", id, values)
			}
		}
		if len(got) != 6 {
			t.Errorf("%d results", len(got))
		}
	})
}

func TestResultsOfMetricsThatCannotBeHad(t *testing.T) {
	for status, want := range map[string]int{"Complete": 6, "PartialData": 3, "InternalError": 0, "Forbidden": 0} {
		inAWS(t, busy(Behaviour{}), func(t *testing.T, c clients) {
			begun := time.Now().Truncate(time.Minute).Add(time.Minute)
			time.Sleep(20 * time.Minute)
			if code, text := control(t, c.world, "POST", "metrics", `{"status":"`+status+`"}`); code != 204 {
				t.Fatal(text)
			}
			r := must(c.cloudwatch.GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{StartTime: &begun, EndTime: aws.Time(begun.Add(6 * time.Minute)),
				MetricDataQueries: []cwtypes.MetricDataQuery{metric("a", "RequestCount", "Sum", blueDimension)}}))(t).MetricDataResults[0]
			if string(r.StatusCode) != status || len(r.Values) != want || (len(r.Messages) > 0) != (status == "Forbidden") {
				t.Errorf("%s: %s with %d points and messages %v", status, r.StatusCode, len(r.Values), r.Messages)
			}
		})
	}
}

// A listener whose target group is gone from its actions has its points all the same: they were counted.
func TestMetricsOfATargetGroupThatIsOutOfUse(t *testing.T) {
	inAWS(t, busy(Behaviour{}), func(t *testing.T, c clients) {
		begun := time.Now().Truncate(time.Minute).Add(time.Minute)
		time.Sleep(10 * time.Minute)
		for _, arn := range []string{productionARN, stageARN} {
			if err := c.world.SetWeights(arn, WeightConfig{"web-blue", 1}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(10 * time.Minute)
		got := c.counted(t, begun, time.Now(), metric("n", "RequestCount", "Sum", greenDimension))["n"]
		if len(got) < 9 || len(got) > 11 || strings.Contains(fmt.Sprint(got), "NaN") {
			t.Errorf("%v", got)
		}
	})
}

// Whoever asks for a minute means one of the machine's, however fast the world goes: the provider's clock is no other.
func TestMinutesAreTheMachines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clientsOf(New(busy(Behaviour{ErrorRatio: 0.1}), Speed(60)), "AKIASANDBOX")
		begun := time.Now().Truncate(time.Minute).Add(time.Minute)
		time.Sleep(6 * time.Minute)
		if err := c.world.SetWeights(productionARN, WeightConfig{"web-blue", 1}, WeightConfig{"web-green", 0}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(6 * time.Minute)
		got := c.counted(t, begun, begun.Add(9*time.Minute), metric("n", "RequestCount", "Sum", greenDimension), metric("bad", "HTTPCode_Target_5XX_Count", "Sum", greenDimension))
		if n := total(got["n"]); len(got["n"]) != 5 || !near(n, 5*600) || !near(total(got["bad"]), n/10) {
			t.Errorf("green is told to have had %v, %v of them bad", got["n"], got["bad"])
		}
		before := c.counted(t, begun.Add(-10*time.Minute), begun, metric("n", "RequestCount", "Sum", blueDimension))["n"]
		if len(before) < 9 || !near(total(before), 5400*float64(len(before))) {
			t.Errorf("before the world began there were %v", before)
		}
		if status, _, text := c.prometheus(t, "GET", greenErrors, nil); status != 200 || !strings.Contains(text, `"NaN"`) {
			t.Errorf("Prometheus says %d %s of the last five minutes", status, text)
		}
	})
}
