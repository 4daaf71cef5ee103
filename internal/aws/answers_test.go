package aws

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// reads are one call of each service, with what a sound answer to it has in it.
func reads(t *testing.T) map[string]struct {
	do    func(context.Context, *Client) error
	sound reply
} {
	target := "<TargetHealthDescriptions><member><Target><Id>i-1</Id></Target><TargetHealth><State>healthy</State></TargetHealth></member></TargetHealthDescriptions>"
	return map[string]struct {
		do    func(context.Context, *Client) error
		sound reply
	}{
		"elbv2 DescribeTargetHealth": {func(ctx context.Context, c *Client) error {
			targets, err := c.TargetHealth(ctx, blueARN)
			return errors.Join(err, unless(len(targets) == 1, "no target"))
		}, ok("DescribeTargetHealth", target)},
		"elb DescribeInstanceHealth": {func(ctx context.Context, c *Client) error {
			targets, err := c.ClassicHealth(ctx, "web")
			return errors.Join(err, unless(len(targets) == 1, "no instance"))
		}, ok("DescribeInstanceHealth", "<InstanceStates><member><InstanceId>i-1</InstanceId><State>InService</State></member></InstanceStates>")},
		"ec2 DescribeImages": {func(ctx context.Context, c *Client) error {
			_, err := c.Image(ctx, "ami-1")
			return err
		}, ec2OK("DescribeImages", "<imagesSet><item><imageId>ami-1</imageId></item></imagesSet>")},
		"cloudwatch DescribeAlarms": {func(ctx context.Context, c *Client) error {
			_, err := c.Alarms(ctx, []string{"web-5xx"})
			return err
		}, cborOK(t, map[string]any{"MetricAlarms": []any{map[string]any{"AlarmName": "web-5xx", "StateValue": "OK"}}})},
	}
}

func unless(fine bool, what string) error {
	if fine {
		return nil
	}
	return errors.New(what)
}

// strangeAnswers are what no AWS service answers with 200.
var strangeAnswers = map[string][]byte{
	"nothing": nil, "blanks": []byte("  \n "), "a page": []byte("<html><body>Back soon</body></html>"), "a text": []byte("OK"), "null": []byte("null"),
	"JSON": []byte(`{"Targets":[]}`), "another document": []byte("<a/>"), "a cut document": []byte("<DescribeTargetHealthResponse><Descri"), "bytes": {0, 0xff, 0xfe},
	"very long": bytes.Repeat([]byte(" "), longestAnswer+1),
}

// To the SDK, an answer without anything in it is one in which there is nothing: no targets, no alarms. It is asked for again.
func TestAnswersThatAreNoneAreAskedForAgain(t *testing.T) {
	for name, read := range reads(t) {
		for what, body := range strangeAnswers {
			t.Run(name+" "+what, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := newFake(t)
					f.sequence(name, reply{body: body}, reply{body: body}, read.sound)
					if err := read.do(t.Context(), f.client()); err != nil || f.count(name) != 3 {
						t.Errorf("after %d calls: %v", f.count(name), err)
					}
					f = newFake(t)
					f.always(name, reply{body: body})
					err := read.do(t.Context(), f.client(func(c *Config) { c.MaxRetries = 2 }))
					if err == nil || errors.Is(err, runner.ErrGone) || f.count(name) != 3 {
						t.Errorf("after %d calls: %v", f.count(name), err)
					}
					if err != nil && len(err.Error()) > 1000 {
						t.Errorf("%d characters", len(err.Error()))
					}
				})
			})
		}
	}
}

func TestLongWordsOfAWSAreCut(t *testing.T) {
	long := strings.Repeat("it goes on and on, ", 10000)
	f := newFake(t)
	f.always("elbv2 DescribeTargetHealth", refused(400, "ValidationError", long))
	_, err := f.client().TargetHealth(t.Context(), blueARN)
	if err == nil || len(err.Error()) > 1000 || !strings.Contains(err.Error(), "more characters") {
		t.Errorf("%.2000s", err)
	}
	f.always("elbv2 DescribeTargetHealth", ok("DescribeTargetHealth", "<TargetHealthDescriptions><member><Target><Id>i-1</Id></Target><TargetHealth><State>unhealthy</State><Description>"+long+"</Description></TargetHealth></member></TargetHealthDescriptions>"))
	targets, err := f.client().TargetHealth(t.Context(), blueARN)
	if err != nil || len(targets[0].Description) > 400 {
		t.Errorf("%v %v", targets, err)
	}
}

func TestAListWithoutEndEnds(t *testing.T) {
	f := newFake(t)
	f.always("ec2 DescribeImages", ec2OK("DescribeImages", "<imagesSet/><nextToken>again</nextToken>"))
	_, err := f.client().Images(t.Context(), ImageQuery{})
	if err == nil || !strings.Contains(err.Error(), "more than 1000 pages") || f.count("ec2 DescribeImages") != mostPages {
		t.Errorf("after %d pages: %v", f.count("ec2 DescribeImages"), err)
	}
}

// Nothing is shown while a plan waits.
func TestAPlanDoesNotWaitForLong(t *testing.T) {
	for name, answer := range map[string]reply{
		"throttled": refused(400, "Throttling", "Rate exceeded"), "no answer": {after: time.Hour}, "errors": refused(503, "ServiceUnavailable", "later"),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				f.always("elbv2 DescribeTargetHealth", answer)
				begun := time.Now()
				_, err := f.client(func(c *Config) { c.MaxRetries = 1000 }).TargetHealth(runner.WithPatience(t.Context(), 2*time.Minute), blueARN)
				if took := time.Since(begun); err == nil || took > 2*time.Minute || took < time.Minute || !strings.Contains(err.Error(), "no longer than 2m0s is waited") {
					t.Errorf("after %s: %v", took, err)
				}
			})
		})
	}
}

// An answer that is well-formed, and about nothing or about something else, is asked for again a few times, as one is that cannot be read; and
// then it is an error that says so, and never that something does not exist.
func TestAnswersAboutSomethingElseAreAskedForAgain(t *testing.T) {
	for name, question := range map[string]struct {
		do             func(context.Context, *Client) error
		sound, unsound reply
	}{
		"elbv2 DescribeTargetGroups": {func(ctx context.Context, c *Client) error {
			_, err := c.TargetGroup(ctx, blueARN)
			return err
		}, ok("DescribeTargetGroups", "<TargetGroups><member><TargetGroupArn>"+blueARN+"</TargetGroupArn></member></TargetGroups>"), ok("DescribeTargetGroups", "<TargetGroups/>")},
		"elbv2 DescribeListeners": {func(ctx context.Context, c *Client) error {
			_, err := c.Route(ctx, listenerARN)
			return err
		}, ok("DescribeListeners", "<Listeners><member><ListenerArn>"+listenerARN+"</ListenerArn></member></Listeners>"), ok("DescribeListeners", "<Listeners><member/></Listeners>")},
		"elbv2 DescribeRules": {func(ctx context.Context, c *Client) error {
			_, err := c.Route(ctx, ruleARN)
			return err
		}, ok("DescribeRules", "<Rules><member><RuleArn>"+ruleARN+"</RuleArn></member></Rules>"), ok("DescribeRules", "<Rules><member><RuleArn>x</RuleArn></member></Rules>")},
		"elb DescribeLoadBalancers": {func(ctx context.Context, c *Client) error {
			_, err := c.ClassicBalancer(ctx, "web")
			return err
		}, ok("DescribeLoadBalancers", "<LoadBalancerDescriptions><member><LoadBalancerName>web</LoadBalancerName></member></LoadBalancerDescriptions>"), ok("DescribeLoadBalancers", "<LoadBalancerDescriptions/>")},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t)
				f.sequence(name, question.unsound, question.unsound, question.sound)
				if err := question.do(t.Context(), f.client()); err != nil || f.count(name) != 3 {
					t.Errorf("after %d calls: %v", f.count(name), err)
				}
				f = newFake(t)
				f.always(name, question.unsound)
				begun := time.Now()
				err := question.do(t.Context(), f.client())
				if !errors.Is(err, runner.ErrUnusable) || errors.Is(err, runner.ErrGone) || f.count(name) != mostUnsound || time.Since(begun) > 10*time.Second {
					t.Errorf("after %d calls and %s: %v", f.count(name), time.Since(begun), err)
				}
				f = newFake(t)
				f.always(name, question.unsound)
				if err := question.do(t.Context(), f.client(func(c *Config) { c.MaxRetries = -1 })); err == nil || f.count(name) != 1 {
					t.Errorf("without repetitions there are %d calls: %v", f.count(name), err)
				}
			})
		})
	}
}
