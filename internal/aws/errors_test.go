package aws

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// TestErrors is the table of what AWS may answer to each call, and what becomes of it.
func TestErrors(t *testing.T) {
	type use func(*testing.T, *Client) error
	targetHealth := func(t *testing.T, c *Client) error { _, err := c.TargetHealth(t.Context(), blueARN); return err }
	targetGroup := func(t *testing.T, c *Client) error { _, err := c.TargetGroup(t.Context(), blueARN); return err }
	classicHealth := func(t *testing.T, c *Client) error { _, err := c.ClassicHealth(t.Context(), "web"); return err }
	classicBalancer := func(t *testing.T, c *Client) error { _, err := c.ClassicBalancer(t.Context(), "web"); return err }
	image := func(t *testing.T, c *Client) error { _, err := c.Image(t.Context(), "ami-1"); return err }
	alarms := func(t *testing.T, c *Client) error { _, err := c.Alarms(t.Context(), []string{"web-5xx"}); return err }
	listener := func(t *testing.T, c *Client) error { _, err := c.Route(t.Context(), listenerARN); return err }
	rule := func(t *testing.T, c *Client) error { _, err := c.Route(t.Context(), ruleARN); return err }

	tests := map[string]struct {
		use    use
		call   string
		reply  reply
		gone   bool
		denied bool
		want   string
	}{
		"target group gone": {targetHealth, "elbv2 DescribeTargetHealth", refused(400, "TargetGroupNotFound", "One or more target groups not found"), true, false,
			"reading the health of the targets of " + blueARN + ": TargetGroupNotFound: One or more target groups not found (request req-1)"},
		"target group gone, preflight": {targetGroup, "elbv2 DescribeTargetGroups", refused(400, "TargetGroupNotFound", "x"), true, false,
			"reading target group " + blueARN + ": TargetGroupNotFound: x"},
		"target group not in the answer": {targetGroup, "elbv2 DescribeTargetGroups", ok("DescribeTargetGroups", "<TargetGroups/>"), false, false,
			"reading target group " + blueARN + ": the answer cannot be used: nothing is in it, and not that there is none"},
		"another target group": {targetGroup, "elbv2 DescribeTargetGroups", ok("DescribeTargetGroups", "<TargetGroups><member><TargetGroupArn>"+greenARN+"</TargetGroupArn></member></TargetGroups>"), false, false,
			"reading target group " + blueARN + ": the answer cannot be used: it is about \"" + greenARN},
		"not a target group's ARN": {targetGroup, "elbv2 DescribeTargetGroups", refused(400, "ValidationError", "'x' is not a valid target group ARN"), false, false,
			"ValidationError: 'x' is not a valid target group ARN"},
		"denied": {targetHealth, "elbv2 DescribeTargetHealth", refused(403, "AccessDenied", "User: x is not authorized"), false, true,
			"AccessDenied: User: x is not authorized (request req-1); the credentials need the IAM action elasticloadbalancing:DescribeTargetHealth"},
		"classic gone": {classicHealth, "elb DescribeInstanceHealth", refused(400, "LoadBalancerNotFound", "There is no ACTIVE Load Balancer named 'web'"), true, false,
			"reading the health of the instances of classic load balancer web: LoadBalancerNotFound"},
		"classic gone, preflight": {classicBalancer, "elb DescribeLoadBalancers", refused(400, "LoadBalancerNotFound", "x"), true, false,
			"reading classic load balancer web: LoadBalancerNotFound: x"},
		"classic not in the answer": {classicBalancer, "elb DescribeLoadBalancers", ok("DescribeLoadBalancers", "<LoadBalancerDescriptions/>"), false, false,
			"reading classic load balancer web: the answer cannot be used"},
		"classic denied": {classicBalancer, "elb DescribeLoadBalancers", refused(403, "AccessDenied", "no"), false, true,
			"IAM action elasticloadbalancing:DescribeLoadBalancers"},
		"image gone": {image, "ec2 DescribeImages", ec2Refused(400, "InvalidAMIID.NotFound", "The image id '[ami-1]' does not exist"), true, false,
			"reading image ami-1 in region us-east-1: InvalidAMIID.NotFound: The image id '[ami-1]' does not exist (request req-1); an image is in one region only"},
		"image not ours":    {image, "ec2 DescribeImages", ec2Refused(400, "InvalidAMIID.Unavailable", "x"), true, false, "InvalidAMIID.Unavailable: x"},
		"image ID no image": {image, "ec2 DescribeImages", ec2Refused(400, "InvalidAMIID.Malformed", `Invalid id: "x"`), true, false, "InvalidAMIID.Malformed: Invalid id"},
		"image not in the answer": {image, "ec2 DescribeImages", ec2OK("DescribeImages", "<imagesSet/>"), true, false,
			"reading image ami-1 in region us-east-1: it does not exist, or this account may not launch it"},
		"image denied": {image, "ec2 DescribeImages", ec2Refused(403, "UnauthorizedOperation", "You are not authorized to perform this operation."), false, true,
			"UnauthorizedOperation: You are not authorized to perform this operation. (request req-1); the credentials need the IAM action ec2:DescribeImages"},
		"alarms denied": {alarms, "cloudwatch DescribeAlarms", cborRefused(t, 403, "AccessDenied", "not authorized"), false, true,
			"reading alarms web-5xx: AccessDenied: not authorized (request req-1); the credentials need the IAM action cloudwatch:DescribeAlarms"},
		"listener gone":              {listener, "elbv2 DescribeListeners", refused(400, "ListenerNotFound", "One or more listeners not found"), true, false, "reading listener " + listenerARN + ": ListenerNotFound"},
		"listener not in the answer": {listener, "elbv2 DescribeListeners", ok("DescribeListeners", "<Listeners/>"), false, false, "reading listener " + listenerARN + ": the answer cannot be used"},
		"rule gone":                  {rule, "elbv2 DescribeRules", refused(400, "RuleNotFound", "One or more rules not found"), true, false, "reading listener rule " + ruleARN + ": RuleNotFound"},
		"another listener":           {listener, "elbv2 DescribeListeners", ok("DescribeListeners", "<Listeners><member><ListenerArn>"+nlbListener+"</ListenerArn></member></Listeners>"), false, false, "it is about \"" + nlbListener},
		"a weight that is none": {listener, "elbv2 DescribeListeners", ok("DescribeListeners", "<Listeners><member><ListenerArn>"+listenerARN+"</ListenerArn><DefaultActions><member><Type>forward</Type><ForwardConfig><TargetGroups>"+
			"<member><TargetGroupArn>"+blueARN+"</TargetGroupArn><Weight>-7</Weight></member></TargetGroups></ForwardConfig></member></DefaultActions></member></Listeners>"), false, false, "with a weight of -7"},
		"rule not in the answer": {rule, "elbv2 DescribeRules", ok("DescribeRules", "<Rules/>"), false, false, "reading listener rule " + ruleARN + ": the answer cannot be used"},
		"expired": {targetHealth, "elbv2 DescribeTargetHealth", refused(403, "ExpiredToken", "The security token included in the request is expired"), false, false,
			"is expired (request req-1); log in again"},
		"message of several lines": {image, "ec2 DescribeImages", ec2Refused(400, "InvalidParameterValue", "one\n  two"), false, false, "InvalidParameterValue: one two (request"},
		"wrong signature": {targetHealth, "elbv2 DescribeTargetHealth", refused(403, "SignatureDoesNotMatch",
			"The request signature we calculated does not match the signature you provided. The Canonical String for this request should have been 'x-amz-security-token:"+testToken+"'"), false, false,
			"SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided (request req-1)"},
		"a secret in an answer": {image, "ec2 DescribeImages", ec2Refused(400, "InvalidParameterValue", "you said "+testSecret+" and "+testToken), false, false,
			"InvalidParameterValue: you said (redacted) and (redacted)"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // a question is asked again a while after an answer that cannot be
				f := newFake(t)
				f.always(tt.call, tt.reply)
				err := tt.use(t, f.client())
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Fatalf("got  %v\nwant %s", err, tt.want)
				}
				if got := errors.Is(err, runner.ErrGone); got != tt.gone {
					t.Errorf("ErrGone: %t, want %t", got, tt.gone)
				}
				if got := Denied(err); got != tt.denied {
					t.Errorf("denied: %t, want %t", got, tt.denied)
				}
				if got := Refused(err); got != (name == "expired" || name == "wrong signature") {
					t.Errorf("refused: %t", got)
				}
				if strings.Contains(err.Error(), "\n") {
					t.Errorf("not one line: %s", err)
				}
				noSecrets(t, err.Error())
			})
		})
	}
}
