package check_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/aws"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/check"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/compare"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// In these tests checks and the comparison meet a whole pretend service with its metrics, which knows nothing of them.

const (
	account  = "arn:aws:elasticloadbalancing:us-east-1:123456789012:"
	blueARN  = account + "targetgroup/blue/0000000000000001"
	greenARN = account + "targetgroup/green/0000000000000002"
)

func groupOf(name, image, targetGroup string) []byte {
	return fmt.Appendf(nil, `{"name":%q,"region":"us-east-1","capacity":{"minimum":4,"target":4,"maximum":4},"strategy":{"risk":100},
		"compute":{"product":"Linux/UNIX","instanceTypes":{"spot":["m5.large"],"ondemand":"m5.large"},"launchSpecification":{"imageId":%q,
		"loadBalancersConfig":{"loadBalancers":[{"type":"TARGET_GROUP","name":"tg","arn":%q}]}}}}`, name, image, targetGroup)
}

// served runs a test in virtual time against a service that gets so many requests a minute, a share of which goes to a new image.
func served(t *testing.T, perMinute, weight int, behaviour sandbox.Behaviour, test func(*testing.T, *sandbox.World, *aws.Client)) {
	synctest.Test(t, func(t *testing.T) {
		w := sandbox.New(sandbox.Config{
			Images: []sandbox.Image{{ID: "ami-0a1", Name: "web-1"}, {ID: "ami-0a2", Name: "web-2", Behaviour: behaviour}},
			Groups: []json.RawMessage{groupOf("web__1", "ami-0a1", blueARN), groupOf("web__2", "ami-0a2", greenARN)},
			AWS: sandbox.AWSConfig{
				TargetGroups: []sandbox.TargetGroupConfig{{Name: "blue", ARN: blueARN}, {Name: "green", ARN: greenARN}},
				LoadBalancers: []sandbox.LoadBalancerConfig{{Name: "web", Listeners: []sandbox.ListenerConfig{{Port: 443, Protocol: "HTTPS", RequestsPerMinute: perMinute,
					DefaultActions: []sandbox.ActionConfig{{TargetGroups: []sandbox.WeightConfig{{TargetGroup: "blue", Weight: 100 - weight}, {TargetGroup: "green", Weight: weight}}}}}}}},
				Functions: []sandbox.FunctionConfig{{Name: "smoke"}, {Name: "waits", Pending: 1}, {Name: "slow", Takes: sandbox.Duration(10 * time.Second)}, {Name: "busy", Throttled: -1}, {Name: "private", Denied: true}},
			},
		})
		c, err := aws.New(aws.Config{Region: "us-east-1", AccessKey: "AKIATEST", SecretKey: "secret-of-the-test", Transport: w.Transport()})
		if err != nil {
			t.Fatal(err)
		}
		test(t, w, c)
	})
}

func must(check runner.Checker, err error) runner.Checker {
	if err != nil {
		panic(err)
	}
	return check
}

func wants(t *testing.T, what string, got runner.Answer, verdict runner.Answered, words string) {
	t.Helper()
	if got.Verdict != verdict || !strings.Contains(got.Words, words) {
		t.Errorf("%s: %s: %s; want %s: %s", what, got.Verdict, got.Words, verdict, words)
	}
}

func TestChecksInTheSandbox(t *testing.T) {
	served(t, 6000, 10, sandbox.Behaviour{ErrorRatio: 0.2}, func(t *testing.T, w *sandbox.World, c *aws.Client) {
		time.Sleep(10 * time.Minute)
		web := func(h check.HTTP, path string) runner.Answer {
			h.URL, h.Transport = "https://sandbox.test/app/"+path, w.Transport()
			return must(check.NewHTTP(h)).Ask(t.Context(), runner.Moment{})
		}
		wants(t, "live", web(check.HTTP{Contains: "ok", JSON: map[string]string{"/version": "1", "/image_id": "ami-0a1"}}, "blue/healthz"), runner.Good, "answered 200")
		wants(t, "another version", web(check.HTTP{JSON: map[string]string{"/version": "2"}}, "blue/healthz"), runner.Bad, `/version "1" instead of "2"`)
		bad := 0
		for range 500 {
			if web(check.HTTP{}, "green/").Verdict == runner.Bad {
				bad++
			}
		}
		if bad < 60 || bad > 140 {
			t.Errorf("%d of 500 answers are bad, and about 100 are", bad)
		}

		number := func(p check.Prometheus) runner.Answer {
			p.URL, p.Transport = "https://sandbox.test/prometheus", w.Transport()
			return must(check.NewPrometheus(p)).Ask(t.Context(), runner.Moment{})
		}
		limit, query := 0.01, `sum(rate(errors{target_group="%s"}[5m])) / sum(rate(requests{target_group="%[1]s"}[5m]))`
		wants(t, "live", number(check.Prometheus{Below: &limit, Query: fmt.Sprintf(query, "blue")}), runner.Good, "0; limit below 0.01")
		wants(t, "candidate", number(check.Prometheus{Below: &limit, Query: fmt.Sprintf(query, "green")}), runner.Bad, "limit below 0.01")
		wants(t, "nobody's", number(check.Prometheus{Below: &limit, Query: fmt.Sprintf(query, "nobody")}), runner.NotKnown, "no series")

		function := func(name string, m runner.Moment) runner.Answer {
			return must(check.NewLambda(check.Lambda{Function: name, Timeout: time.Minute, Invoke: c.Invoke})).Ask(t.Context(), m)
		}
		wants(t, "live", function("smoke", runner.Moment{At: rollout.OnStage, Candidate: []string{blueARN}}), runner.Good, "function smoke answered passed")
		wants(t, "candidate", function("smoke", runner.Moment{At: rollout.OnStage, Candidate: []string{greenARN}}), runner.Bad, "function smoke answered failed")
		wants(t, "first", function("waits", runner.Moment{Candidate: []string{blueARN}}), runner.Pending, "pending")
		wants(t, "then", function("waits", runner.Moment{Candidate: []string{blueARN}}), runner.Good, "passed")
		wants(t, "too slow for itself", function("slow", runner.Moment{}), runner.Bad, "timed out")
		wants(t, "throttled", function("busy", runner.Moment{}), runner.NotKnown, "TooManyRequestsException")
		wants(t, "denied", function("private", runner.Moment{}), runner.NotKnown, "lambda:InvokeFunction")
		wants(t, "gone", function("nothing", runner.Moment{}), runner.NotKnown, "ResourceNotFoundException")
		for name, allowed := range map[string]bool{"smoke": true, "private": false, "nothing": false} {
			if err := c.MayInvoke(t.Context(), name); (err == nil) != allowed {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// A release that is healthy for its balancer and some points worse is found out within its bake, whether it answers 5XX or dies, and one that is
// as good as the other is not; with too little traffic it is not known.
func TestComparisonInTheSandbox(t *testing.T) {
	for name, test := range map[string]struct {
		perMinute, weight int
		behaviour         sandbox.Behaviour
		latency           float64
		want              compare.Result
		words             string
	}{
		"healthy":            {1000, 10, sandbox.Behaviour{}, 0, compare.Good, "errors 0.0 %"},
		"three points worse": {1000, 10, sandbox.Behaviour{ErrorRatio: 0.03}, 0, compare.Bad, "against 0.0 %"},
		"dies of 3 %":        {1000, 10, sandbox.Behaviour{CrashRatio: 0.03}, 0, compare.Bad, "against 0.0 %"},
		"hardly anything":    {100, 10, sandbox.Behaviour{ErrorRatio: 0.03}, 0, compare.NotKnown, "of at least 200 requests"},
		"slower":             {3000, 10, sandbox.Behaviour{Latency: sandbox.Duration(90 * time.Millisecond)}, 1.3, compare.Bad, "latency p90"},
		"as fast":            {3000, 10, sandbox.Behaviour{}, 1.3, compare.Good, "latency p90"},
	} {
		t.Run(name, func(t *testing.T) {
			served(t, test.perMinute, test.weight, test.behaviour, func(t *testing.T, _ *sandbox.World, c *aws.Client) {
				rule := compare.Rule{Errors: 1.5, MinRequests: 200, Latency: test.latency, Percentile: 90}
				percentile := 0
				if rule.Latency > 0 {
					percentile = rule.Percentile
				}
				time.Sleep(5 * time.Minute)
				begun := time.Now()
				var got compare.Verdict
				for range 13 {
					time.Sleep(time.Minute)
					minutes, err := c.Minutes(t.Context(), []string{blueARN, greenARN}, begun, begun.Add(10*time.Minute), percentile)
					if err != nil {
						t.Fatal(err)
					}
					if got = compare.Judge(rule, minutes[greenARN], minutes[blueARN]); got.Result == compare.Bad {
						break
					}
				}
				if got.Result != test.want || !strings.Contains(got.Words, test.words) {
					t.Errorf("%s after %d minutes: %s", got.Result, got.Minutes, got.Words)
				}
			})
		})
	}
}

// CloudWatch that is late, answers in part, or nothing, makes nothing good or bad.
func TestLateMetricsInTheSandbox(t *testing.T) {
	served(t, 1000, 10, sandbox.Behaviour{ErrorRatio: 0.5}, func(t *testing.T, w *sandbox.World, c *aws.Client) {
		time.Sleep(5 * time.Minute)
		begun := time.Now()
		time.Sleep(10 * time.Minute)
		judge := func() (compare.Verdict, error) {
			minutes, err := c.Minutes(t.Context(), []string{blueARN, greenARN}, begun, begun.Add(10*time.Minute), 0)
			return compare.Judge(compare.Rule{Errors: 1.5, MinRequests: 200}, minutes[greenARN], minutes[blueARN]), err
		}
		for _, status := range []string{"PartialData", "InternalError", "Forbidden"} {
			w.SetMetrics(sandbox.MetricsConfig{Status: status})
			if got, err := judge(); err == nil || got.Result != compare.NotKnown {
				t.Errorf("%s: %s, %v", status, got.Words, err)
			}
		}
		w.SetMetrics(sandbox.MetricsConfig{PointsPerCall: 7})
		if got, err := judge(); err != nil || got.Result != compare.Bad || got.Minutes < 6 {
			t.Errorf("in pages: %+v, %v", got, err)
		}
	})
}
