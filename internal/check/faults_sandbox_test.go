package check_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/aws"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/check"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/compare"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

const (
	production = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/web/00000000000000a1/00000000000000b1"
	blue       = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/blue/0000000000000001"
	green      = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/green/0000000000000002"
)

// shifted is a world in which a tenth of so many requests a minute go to a candidate behind green that behaves so, and the others to blue, where
// three in a thousand fail.
func shifted(perMinute int, candidate sandbox.Behaviour) sandbox.Config {
	group := func(name, image, target string) []byte {
		return fmt.Appendf(nil, `{"name":%q,"capacity":{"minimum":4,"target":4,"maximum":4},"compute":{"product":"Linux/UNIX","instanceTypes":{"spot":["m5.large"],"ondemand":"m5.large"},
			"launchSpecification":{"imageId":%q,"loadBalancersConfig":{"loadBalancers":[{"type":"TARGET_GROUP","name":"tg","arn":%q}]}}}}`, name, image, target)
	}
	c := sandbox.Config{
		Images: []sandbox.Image{{ID: "ami-1", Name: "web-1", Behaviour: sandbox.Behaviour{ErrorRatio: 0.003}}, {ID: "ami-2", Name: "web-2", Behaviour: candidate}},
		AWS: sandbox.AWSConfig{
			TargetGroups: []sandbox.TargetGroupConfig{{Name: "blue", ARN: blue}, {Name: "green", ARN: green}},
			LoadBalancers: []sandbox.LoadBalancerConfig{{Name: "web", Listeners: []sandbox.ListenerConfig{{Port: 443, Protocol: "HTTPS", ARN: production,
				RequestsPerMinute: perMinute, DefaultActions: []sandbox.ActionConfig{{TargetGroups: []sandbox.WeightConfig{
					{TargetGroup: "blue", Weight: 90}, {TargetGroup: "green", Weight: 10}}}}}}}},
			Functions: []sandbox.FunctionConfig{{Name: "smoke"}},
		},
	}
	c.Groups = append(c.Groups, group("web__1", "ami-1", blue), group("web__2", "ami-2", green))
	return c
}

// candidate is the moment at which everything is asked.
var candidate = runner.Moment{Deployment: "web", Revision: 2, At: "bake", Live: []string{blue}, Candidate: []string{green}}

// clouds is the client of AWS in a world.
func clouds(t *testing.T, w *sandbox.World) *aws.Client {
	t.Helper()
	c, err := aws.New(aws.Config{Region: "us-east-1", AccessKey: "AKIATEST", SecretKey: "secret-of-the-test", MaxRetries: 2, Transport: w.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// three are a check of each kind of the candidate in a world.
func three(t *testing.T, w *sandbox.World) map[string]runner.Checker {
	t.Helper()
	limit := 0.01
	one := func(c runner.Checker, err error) runner.Checker {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	return map[string]runner.Checker{
		"app":    one(check.NewHTTP(check.HTTP{URL: "https://stage.example.com/app/green/healthz", Contains: `"ok"`, JSON: map[string]string{"/image_id": "ami-2"}, Transport: w.Transport()})),
		"lambda": one(check.NewLambda(check.Lambda{Function: "smoke", Timeout: time.Minute, Invoke: clouds(t, w).Invoke})),
		"prometheus": one(check.NewPrometheus(check.Prometheus{URL: "https://prometheus.example.com/prometheus", Below: &limit, Transport: w.Transport(),
			Query: `sum(rate(errors{target_group="green"}[2m])) / sum(rate(requests{target_group="green"}[2m]))`})),
	}
}

// Whatever happens on the way to somebody who is asked about a good candidate, it is not held against it, but by a service that has been asked: that
// is the candidate itself. And nothing that came of a mishap is taken for good.
func TestWhatGoesWrongOnTheWay(t *testing.T) {
	for _, kind := range sandbox.FaultKinds() {
		synctest.Test(t, func(t *testing.T) {
			w := sandbox.New(shifted(6000, sandbox.Behaviour{}))
			time.Sleep(5 * time.Minute)
			for service, c := range three(t, w) {
				remove := w.Fail(sandbox.Fault{Service: service, Kind: kind, Times: -1, Delay: sandbox.Duration(5 * time.Second), Size: 300_000})
				begun := time.Now()
				a := c.Ask(t.Context(), candidate)
				calls := w.Calls()
				met := calls[len(calls)-1].Fault == string(kind)
				want := runner.NotKnown
				switch {
				case !met || kind == sandbox.Latency || kind == sandbox.Stale:
					want = runner.Good
				case service == "app":
					want = runner.Bad
				}
				if a.Verdict != want || a.Words == "" || len(a.Words) > 1000 || strings.Contains(a.Words, "\n") {
					t.Errorf("%s of %s: %v: %s, want %v", kind, service, a.Verdict, a.Words, want)
				}
				if took := time.Since(begun); took > 2*time.Minute {
					t.Errorf("%s of %s was waited for %v", kind, service, took)
				}
				remove()
				if a := c.Ask(t.Context(), candidate); a.Verdict != runner.Good {
					t.Errorf("after %s of %s: %v: %s", kind, service, a.Verdict, a.Words)
				}
			}
		})
	}
}

// A check whose context ends returns at once, and does not know.
func TestNobodyIsWaitedForLongerThanAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := sandbox.New(shifted(6000, sandbox.Behaviour{}))
		for service, c := range three(t, w) {
			w.Fail(sandbox.Fault{Service: service, Kind: sandbox.Hang, Times: -1})
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			begun := time.Now()
			if a := c.Ask(ctx, candidate); a.Verdict != runner.NotKnown || time.Since(begun) != 3*time.Second {
				t.Errorf("%s: %v after %v: %s", service, a.Verdict, time.Since(begun), a.Words)
			}
			cancel()
		}
	})
}

// judged compares the candidate with the live revision by what CloudWatch says of a while.
func judged(t *testing.T, w *sandbox.World, since time.Time) (compare.Verdict, error) {
	t.Helper()
	minutes, err := clouds(t, w).Minutes(t.Context(), []string{blue, green}, since, time.Now(), 0)
	if err != nil {
		return compare.Verdict{}, err
	}
	return compare.Judge(compare.Rule{Errors: 1.5, Percentile: 90, MinRequests: 200}, minutes[green], minutes[blue]), nil
}

// Looked at each minute while it bakes, as rollouts do, a candidate that is as good is hardly ever bad, even where metrics come later than
// anybody expects: what is missing is missing of both.
func TestLatePointsMakeNothingBad(t *testing.T) {
	const runs = 25
	bad := map[time.Duration]int{}
	for _, delay := range []time.Duration{2 * time.Minute, 10 * time.Minute} {
		for seed := range uint64(runs) {
			synctest.Test(t, func(t *testing.T) {
				w := sandbox.New(shifted(3000, sandbox.Behaviour{ErrorRatio: 0.003}), sandbox.Seed(seed))
				w.SetMetrics(sandbox.MetricsConfig{Delay: sandbox.Duration(delay)})
				since := time.Now()
				for range 13 {
					time.Sleep(time.Minute)
					if v, err := judged(t, w, since); err != nil || v.Result == compare.Bad {
						bad[delay]++
						t.Logf("delay %v, seed %d: %v %s, %v", delay, seed, v.Result, v.Words, err)
						return
					}
				}
			})
		}
	}
	for delay, n := range bad {
		if n > 1 {
			t.Errorf("with points that come %v late %d of %d good candidates were bad", delay, n, runs)
		}
	}
}
