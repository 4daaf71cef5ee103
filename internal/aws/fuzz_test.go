package aws

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/fxamacker/cbor/v2"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/fresh"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// asking are the calls whose answers are fuzzed, and what is done with each.
var asking = []struct {
	call string
	do   func(ctx context.Context, t *testing.T, c *Client) error
}{
	{"elbv2 DescribeTargetHealth", func(ctx context.Context, t *testing.T, c *Client) error {
		targets, err := c.TargetHealth(ctx, blueARN)
		briefTargets(t, targets)
		return err
	}},
	{"elb DescribeInstanceHealth", func(ctx context.Context, t *testing.T, c *Client) error {
		targets, err := c.ClassicHealth(ctx, "web")
		briefTargets(t, targets)
		return err
	}},
	{"elbv2 DescribeTargetGroups", func(ctx context.Context, t *testing.T, c *Client) error {
		group, err := c.TargetGroup(ctx, blueARN)
		if err == nil && group.ARN != blueARN {
			t.Fatalf("%s is %+v", blueARN, group)
		}
		return err
	}},
	{"elbv2 DescribeListeners", func(ctx context.Context, t *testing.T, c *Client) error {
		forward, err := c.Traffic(ctx, listenerARN)
		for _, share := range forward {
			if share.TargetGroup == "" || share.Weight < 0 || share.Weight > maxWeight {
				t.Fatalf("it forwards to %+v", forward)
			}
		}
		if err == nil {
			err = c.SetTraffic(ctx, listenerARN, forward, rollout.Forward{{TargetGroup: blueARN, Weight: 1}})
		}
		return err
	}},
	{"elbv2 DescribeRules", func(ctx context.Context, _ *testing.T, c *Client) error {
		_, err := c.Traffic(ctx, ruleARN)
		return err
	}},
	{"elb DescribeLoadBalancers", func(ctx context.Context, _ *testing.T, c *Client) error {
		_, err := c.ClassicBalancer(ctx, "web")
		return err
	}},
	{"ec2 DescribeImages", func(ctx context.Context, t *testing.T, c *Client) error {
		image, err := c.Image(ctx, "ami-1")
		if err == nil && image.ID != "ami-1" {
			t.Fatalf("ami-1 is %+v", image)
		}
		_, listing := c.Images(ctx, ImageQuery{})
		return errors.Join(err, listing)
	}},
	{"cloudwatch DescribeAlarms", func(ctx context.Context, t *testing.T, c *Client) error {
		alarms, err := c.Alarms(ctx, []string{"web-5xx"})
		if err == nil && (len(alarms) != 1 || alarms[0].Name != "web-5xx" || len(alarms[0].Reason) > 3000) {
			t.Fatalf("web-5xx is %+v", alarms)
		}
		return err
	}},
	{"cloudwatch DescribeAlarmHistory", func(ctx context.Context, t *testing.T, c *Client) error {
		_, words, err := c.AlarmTripped(ctx, "web-5xx", time.Unix(0, 0))
		if len(words) > 3000 {
			t.Fatalf("%d bytes", len(words))
		}
		return err
	}},
	{"cloudwatch GetMetricData", func(ctx context.Context, t *testing.T, c *Client) error {
		minutes, err := c.Minutes(ctx, []string{blueARN}, noon, noon.Add(10*time.Minute), 90)
		for _, m := range minutes[blueARN] {
			if m.Begins.Truncate(time.Minute) != m.Begins || m.Begins.Before(noon) || m.Begins.After(noon.Add(9*time.Minute)) || !(m.Requests >= 0) || !(m.Errors <= m.Requests) || !(m.Latency >= 0) {
				t.Fatalf("a minute of %+v", m)
			}
		}
		return err
	}},
	{"lambda RequestResponse", func(ctx context.Context, t *testing.T, c *Client) error {
		_, failed, err := c.Invoke(ctx, functionARN, []byte("{}"))
		if len(failed) > 300 {
			t.Fatalf("%d bytes", len(failed))
		}
		return err
	}},
}

func briefTargets(t *testing.T, targets []runner.Target) {
	for _, target := range targets {
		if len(target.Reason)+len(target.Description) > 3000 || target.InService && target.State != "healthy" && target.State != "InService" {
			t.Fatalf("%+v", target)
		}
	}
}

// FuzzAnswers has AWS answer anything to one call. What is not the word of the API is neither an answer nor that something is gone.
func FuzzAnswers(f *testing.F) {
	seedsAnswers(f)
	f.Fuzz(fuzzAnswers)
}

func TestFreshAnswers(t *testing.T) { fresh.Run(t, 2*time.Second, seedsAnswers, fuzzAnswers) }

func seedsAnswers(f fresh.Adder) {
	sound := map[string]reply{
		"elbv2 DescribeTargetGroups": ok("DescribeTargetGroups", "<TargetGroups><member><TargetGroupArn>"+blueARN+"</TargetGroupArn><HealthCheckIntervalSeconds>30</HealthCheckIntervalSeconds></member></TargetGroups>"),
		"elbv2 DescribeListeners": ok("DescribeListeners", "<Listeners><member><ListenerArn>"+listenerARN+"</ListenerArn><DefaultActions><member><Type>forward</Type><ForwardConfig><TargetGroups><member><TargetGroupArn>"+
			blueARN+"</TargetGroupArn><Weight>1</Weight></member><member><TargetGroupArn>"+greenARN+"</TargetGroupArn><Weight>0</Weight></member></TargetGroups></ForwardConfig></member></DefaultActions></member></Listeners>"),
		"elbv2 DescribeRules":             ok("DescribeRules", "<Rules><member><RuleArn>"+ruleARN+"</RuleArn><Priority>7</Priority><Actions><member><Type>forward</Type><TargetGroupArn>"+blueARN+"</TargetGroupArn></member></Actions></member></Rules>"),
		"elb DescribeLoadBalancers":       ok("DescribeLoadBalancers", "<LoadBalancerDescriptions><member><LoadBalancerName>web</LoadBalancerName><VPCId>vpc-1</VPCId></member></LoadBalancerDescriptions>"),
		"cloudwatch GetMetricData":        {body: metricsAnswer()},
		"lambda RequestResponse":          {body: []byte(`{"status":"passed"}`)},
		"cloudwatch DescribeAlarmHistory": {body: []byte("\xa1\x71AlarmHistoryItems\x81\xa2kHistoryDatax\x1d{\"newState\":{\"stateValue\":1}}nHistorySummarye OK x")},
	}
	for i, ask := range asking {
		for _, body := range strangeAnswers {
			if len(body) < 1000 {
				f.Add(byte(i), byte(0), body)
			}
		}
		f.Add(byte(i), byte(0), sound[ask.call].body)
		f.Add(byte(i), byte(1), refused(400, "TargetGroupNotFound", "x").body)
		f.Add(byte(i), byte(1), ec2Refused(400, "InvalidAMIID.NotFound", "x").body)
	}
}

// metricsAnswer is what CloudWatch answers on two minutes of a target group.
func metricsAnswer() []byte {
	var results []any
	for i := range 5 {
		results = append(results, map[string]any{"Id": query(0, i), "StatusCode": "Complete", "Timestamps": []any{stamp(noon), stamp(noon.Add(time.Minute))}, "Values": []any{7, 9.5}})
	}
	body, err := cbor.Marshal(map[string]any{"MetricDataResults": results})
	if err != nil {
		panic(err)
	}
	return body
}

func fuzzAnswers(t *testing.T, which, status byte, body []byte) {
	ask := asking[int(which)%len(asking)]
	statuses := []int{200, 400, 403, 404, 500, 503, 429, 301, 204}
	r := reply{status: statuses[int(status)%len(statuses)], body: body}
	fake := newFake(t)
	fake.always(ask.call, r)
	fake.always("elbv2 ModifyListener", ok("ModifyListener", "<Listeners/>"))
	if ask.call == "cloudwatch GetMetricData" {
		fake.always("elbv2 DescribeTargetGroups", ok("DescribeTargetGroups", "<TargetGroups><member><TargetGroupArn>"+blueARN+"</TargetGroupArn><LoadBalancerArns><member>"+albARN+"</member></LoadBalancerArns></member></TargetGroups>"))
	}
	err := ask.do(t.Context(), t, fake.client(func(c *Config) { c.MaxRetries = -1 }))
	if err == nil {
		if r.status != 200 {
			t.Fatalf("%s: %d %q is an answer", ask.call, r.status, body)
		}
		return
	}
	if len(err.Error()) > 6000 {
		t.Fatalf("an error of %d bytes", len(err.Error()))
	}
	// An image and an alarm that are not in a sound answer do not exist; everything else has a code.
	left := strings.HasSuffix(ask.call, "DescribeImages") || strings.HasSuffix(ask.call, "DescribeAlarms")
	if errors.Is(err, runner.ErrGone) && r.status == 200 && !left {
		t.Fatalf("%s: %q means gone: %v", ask.call, body, err)
	}
	noSecrets(t, err.Error())
}

func FuzzTransition(f *testing.F) {
	seedsTransition(f)
	f.Fuzz(fuzzTransition)
}

func TestFreshTransitions(t *testing.T) {
	fresh.Run(t, 200*time.Millisecond, seedsTransition, fuzzTransition)
}

func seedsTransition(f fresh.Adder) {
	f.Add(`{"newState":{"stateValue":"ALARM","stateReason":"9 errors"}}`, "Alarm updated from OK to ALARM")
	f.Add(`{"newState":null}`, " to ")
	f.Add(`[`, "")
}

func fuzzTransition(t *testing.T, data, summary string) {
	got := readTransition(types.AlarmHistoryItem{HistoryData: aws.String(data), HistorySummary: aws.String(summary)})
	if len(got.String()) > 3000 {
		t.Fatalf("%d bytes", len(got.String()))
	}
}
