package sandbox

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

func TestAWSFaultsAsTheSDKSeesThem(t *testing.T) {
	ctx := context.Background()
	calls := map[string]func(clients) error{
		"ec2": func(c clients) error {
			_, err := c.ec2.DescribeImages(ctx, &ec2.DescribeImagesInput{})
			return err
		},
		"elbv2": func(c clients) error {
			_, err := c.elbv2.DescribeTargetGroups(ctx, &elbv2.DescribeTargetGroupsInput{})
			return err
		},
		"elb": func(c clients) error {
			_, err := c.elb.DescribeLoadBalancers(ctx, &elasticloadbalancing.DescribeLoadBalancersInput{})
			return err
		},
		"cloudwatch": func(c clients) error {
			_, err := c.cloudwatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{})
			return err
		},
		"sts": func(c clients) error {
			_, err := c.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
			return err
		},
	}
	for service, call := range calls {
		throttling := "Throttling"
		if service == "ec2" {
			throttling = "RequestLimitExceeded"
		}
		for _, test := range []struct {
			fault Fault
			code  string // "" for an error that has none
		}{
			{Fault{Kind: Error, Status: 403, Code: "AccessDenied", Message: "not you"}, "AccessDenied"},
			{Fault{Kind: Throttle}, throttling},
			{Fault{Kind: AWSThrottle}, throttling},
			{Fault{Kind: HTML}, ""},
			{Fault{Kind: Empty}, ""},
			{Fault{Kind: DropBefore}, ""},
			{Fault{Kind: DropAfter}, ""},
		} {
			t.Run(service+" "+string(test.fault.Kind), func(t *testing.T) {
				inAWS(t, twoTargetGroups(), func(t *testing.T, c clients) {
					test.fault.Service = service
					c.world.Fail(test.fault)
					err := call(c)
					var coded smithy.APIError
					if err == nil || errors.As(err, &coded) && test.code != "" && coded.ErrorCode() != test.code || test.code != "" && coded == nil {
						t.Errorf("%v, want %s", err, test.code)
					}
					if got := c.world.Calls()[0]; got.Service != service || got.Fault != string(test.fault.Kind) || got.Action == "" {
						t.Errorf("the journal has %+v", got)
					}
					time.Sleep(time.Minute) // a block ends
					if err := call(c); err != nil {
						t.Errorf("the call after it: %v", err)
					}
				})
			})
		}
	}
}

func TestAnswerToARouteChangeIsLost(t *testing.T) {
	inAWS(t, twoTargetGroups(), func(t *testing.T, c clients) {
		c.world.Fail(Fault{Kind: DropAfter, Action: "ModifyListener", Subject: productionARN})
		if _, err := c.elbv2.ModifyListener(context.Background(), forwardTo(productionARN, greenARN)); err == nil {
			t.Error("it was answered")
		}
		changes := c.world.Changes()
		if len(changes) != 1 || changes[0].Action != "ModifyListener" || changes[0].Subject != productionARN {
			t.Errorf("the changes are %+v", changes)
		}
	})
}

func TestStaleAWSAnswers(t *testing.T) {
	inAWS(t, twoTargetGroups(), func(t *testing.T, c clients) {
		ctx := context.Background()
		target := func() string {
			t.Helper()
			out, err := c.elbv2.DescribeListeners(ctx, &elbv2.DescribeListenersInput{ListenerArns: []string{productionARN}})
			if err != nil {
				t.Fatal(err)
			}
			return aws.ToString(out.Listeners[0].DefaultActions[0].TargetGroupArn)
		}
		c.world.Fail(Fault{Kind: Stale, Action: "DescribeListeners", Delay: Duration(20 * time.Second), Nth: 2, Times: 2})
		if got := target(); got != blueARN {
			t.Errorf("the first answer is %s", got)
		}
		if _, err := c.elbv2.ModifyListener(ctx, forwardTo(productionARN, greenARN)); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			time.Sleep(5 * time.Second)
			if got := target(); got != blueARN {
				t.Errorf("an old answer is %s", got)
			}
		}
		if got := target(); got != greenARN {
			t.Errorf("without the fault it is %s", got)
		}
	})
}
