package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// forwardTo is a change of a listener's default action to one target group.
func forwardTo(listenerARN, groupARN string) *elbv2.ModifyListenerInput {
	return &elbv2.ModifyListenerInput{ListenerArn: aws.String(listenerARN), DefaultActions: []types.Action{
		{Type: types.ActionTypeEnumForward, TargetGroupArn: aws.String(groupARN)},
	}}
}

// share is a change of a listener's default action to several target groups.
func share(listenerARN string, groups ...types.TargetGroupTuple) *elbv2.ModifyListenerInput {
	return &elbv2.ModifyListenerInput{ListenerArn: aws.String(listenerARN), DefaultActions: []types.Action{
		{Type: types.ActionTypeEnumForward, ForwardConfig: &types.ForwardActionConfig{TargetGroups: groups}},
	}}
}

func of(arn string, weight int32) types.TargetGroupTuple {
	return types.TargetGroupTuple{TargetGroupArn: aws.String(arn), Weight: aws.Int32(weight)}
}

// written is an action as a test reads it best: "web-blue=1 web-green=0 sticky", "+" where the ARN stands on top as well.
func written(actions []types.Action) string {
	var all []string
	for _, a := range actions {
		if a.Type != types.ActionTypeEnumForward {
			all = append(all, string(a.Type))
			continue
		}
		var one []string
		for _, g := range a.ForwardConfig.TargetGroups {
			one = append(one, fmt.Sprintf("%s=%d", nameIn(*g.TargetGroupArn), aws.ToInt32(g.Weight)))
		}
		if a.TargetGroupArn != nil {
			one = append(one, "+"+nameIn(*a.TargetGroupArn))
		}
		if s := a.ForwardConfig.TargetGroupStickinessConfig; s != nil && aws.ToBool(s.Enabled) {
			one = append(one, fmt.Sprintf("sticky %ds", aws.ToInt32(s.DurationSeconds)))
		}
		all = append(all, strings.Join(one, " "))
	}
	return strings.Join(all, ", ")
}

func nameIn(arn string) string { return strings.Split(arn, "/")[1] }

func (c clients) listenerActions(t *testing.T, arn string) string {
	t.Helper()
	answer := must(c.elbv2.DescribeListeners(t.Context(), &elbv2.DescribeListenersInput{ListenerArns: []string{arn}}))(t)
	return written(answer.Listeners[0].DefaultActions)
}

// traffic is where traffic really goes by a listener or rule.
func (c clients) traffic(arn string) string {
	for _, r := range c.world.Routes() {
		if r.ARN == arn {
			var all []string
			for _, weight := range r.Weights {
				all = append(all, fmt.Sprintf("%s=%d", nameIn(weight.TargetGroup), weight.Weight))
			}
			return strings.Join(all, " ")
		}
	}
	return "no such route"
}

func TestModifyListener(t *testing.T) {
	inAWS(t, twoTargetGroups(), func(t *testing.T, c clients) {
		steps := []struct {
			change *elbv2.ModifyListenerInput
			want   string
		}{
			{forwardTo(productionARN, greenARN), "web-green=1 +web-green"},
			{share(productionARN, of(blueARN, 90), of(greenARN, 10)), "web-blue=90 web-green=10"},
			{share(productionARN, of(blueARN, 0), of(greenARN, 999)), "web-blue=0 web-green=999"},
			{share(productionARN, types.TargetGroupTuple{TargetGroupArn: aws.String(blueARN)}), "web-blue=1 +web-blue"},
			{share(productionARN, of(blueARN, 7)), "web-blue=7 +web-blue"},
			// A member that is left out stays.
			{&elbv2.ModifyListenerInput{ListenerArn: aws.String(productionARN)}, "web-blue=7 +web-blue"},
			{&elbv2.ModifyListenerInput{ListenerArn: aws.String(productionARN), DefaultActions: []types.Action{{
				Type: types.ActionTypeEnumForward, TargetGroupArn: aws.String(spareARN), ForwardConfig: &types.ForwardActionConfig{
					TargetGroups:                []types.TargetGroupTuple{of(spareARN, 1)},
					TargetGroupStickinessConfig: &types.TargetGroupStickinessConfig{Enabled: aws.Bool(true), DurationSeconds: aws.Int32(600)},
				}}}}, "spare=1 +spare sticky 600s"},
			{&elbv2.ModifyListenerInput{ListenerArn: aws.String(productionARN), DefaultActions: []types.Action{{
				Type: types.ActionTypeEnumRedirect, RedirectConfig: &types.RedirectActionConfig{
					StatusCode: types.RedirectActionStatusCodeEnumHttp301, Host: aws.String("example.com")}}}}, "redirect"},
		}
		for _, step := range steps {
			answer := must(c.elbv2.ModifyListener(t.Context(), step.change))(t)
			if got := written(answer.Listeners[0].DefaultActions); got != step.want {
				t.Errorf("ModifyListener answered %q, want %q", got, step.want)
			}
			if got := c.listenerActions(t, productionARN); got != step.want {
				t.Errorf("DescribeListeners shows %q, want %q", got, step.want)
			}
		}
	})
}

func TestModifyRule(t *testing.T) {
	inAWS(t, twoTargetGroups(), func(t *testing.T, c clients) {
		before := c.rule(t, apiRuleARN)
		must(c.elbv2.ModifyRule(t.Context(), &elbv2.ModifyRuleInput{RuleArn: aws.String(apiRuleARN), Actions: []types.Action{
			{Type: types.ActionTypeEnumForward, ForwardConfig: &types.ForwardActionConfig{
				TargetGroups: []types.TargetGroupTuple{of(blueARN, 1), of(greenARN, 3)}}},
		}}))(t)
		after := c.rule(t, apiRuleARN)
		if got := written(after.Actions); got != "web-blue=1 web-green=3" {
			t.Errorf("got %q", got)
		}
		hosts := after.Conditions[0].HostHeaderConfig.Values
		if !slices.Equal(hosts, before.Conditions[0].HostHeaderConfig.Values) || !slices.Equal(hosts, []string{"api.example.com", "*.api.example.com"}) {
			t.Errorf("conditions that were left out have changed: %v", hosts)
		}

		c.sleep(time.Minute)
		if got := c.traffic(apiRuleARN); got != "web-blue=1 web-green=3" {
			t.Errorf("traffic goes to %q", got)
		}
		if got := c.traffic(productionARN); got != "web-blue=1" {
			t.Errorf("the change of a rule changed its listener's default action to %q", got)
		}
	})
}

func (c clients) rule(t *testing.T, arn string) types.Rule {
	t.Helper()
	return must(c.elbv2.DescribeRules(t.Context(), &elbv2.DescribeRulesInput{RuleArns: []string{arn}}))(t).Rules[0]
}

// A rule with an OpenID action is read, and sent back with one target group exchanged.
func TestActionsSurviveReadAndWrite(t *testing.T) {
	inAWS(t, twoTargetGroups(), func(t *testing.T, c clients) {
		actions := c.rule(t, loginRuleARN).Actions
		login := actions[0].AuthenticateOidcConfig
		if login.ClientSecret != nil {
			t.Errorf("the client secret was shown")
		}
		if aws.ToString(login.ClientId) != "web" || aws.ToInt64(login.SessionTimeout) != 3600 || aws.ToInt32(actions[0].Order) != 1 {
			t.Errorf("the action came back changed: %+v", login)
		}
		actions[1] = types.Action{Type: types.ActionTypeEnumForward, Order: aws.Int32(2), TargetGroupArn: aws.String(greenARN)}
		change := &elbv2.ModifyRuleInput{RuleArn: aws.String(loginRuleARN), Actions: actions}
		_, err := c.elbv2.ModifyRule(t.Context(), change)
		wantRefusal(t, err, 400, "ValidationError", "client secret")

		for range 2 { // the secret is still there the second time
			login.UseExistingClientSecret = aws.Bool(true)
			must(c.elbv2.ModifyRule(t.Context(), change))(t)
			if got := written(c.rule(t, loginRuleARN).Actions); got != "authenticate-oidc, web-green=1 +web-green" {
				t.Errorf("got %q", got)
			}
		}
	})
}

func TestRefusedChanges(t *testing.T) {
	listener := func(actions ...types.Action) *elbv2.ModifyListenerInput {
		return &elbv2.ModifyListenerInput{ListenerArn: aws.String(productionARN), DefaultActions: actions}
	}
	forward := func(arn string, groups ...types.TargetGroupTuple) types.Action {
		a := types.Action{Type: types.ActionTypeEnumForward}
		if arn != "" {
			a.TargetGroupArn = aws.String(arn)
		}
		if groups != nil {
			a.ForwardConfig = &types.ForwardActionConfig{TargetGroups: groups}
		}
		return a
	}
	noWeight := types.TargetGroupTuple{TargetGroupArn: aws.String(greenARN)}
	fixed := types.Action{Type: types.ActionTypeEnumFixedResponse, FixedResponseConfig: &types.FixedResponseActionConfig{StatusCode: aws.String("503")}}
	sticky := func(enabled bool, seconds int32) types.Action {
		a := forward("", of(blueARN, 1), of(greenARN, 1))
		a.ForwardConfig.TargetGroupStickinessConfig = &types.TargetGroupStickinessConfig{Enabled: aws.Bool(enabled), DurationSeconds: aws.Int32(seconds)}
		return a
	}
	weights := "The weight for each target group must be between 0 and 999, inclusive"

	for _, test := range []struct {
		name          string
		change        *elbv2.ModifyListenerInput
		code, message string
	}{
		{"weight above", listener(forward("", of(blueARN, 1000), of(greenARN, 1))), "ValidationError", weights},
		{"weight below", listener(forward("", of(blueARN, -1), of(greenARN, 1))), "ValidationError", weights},
		{"weight missing", listener(forward("", of(blueARN, 1), noWeight)), "ValidationError", weights},
		{"six groups", listener(forward("", of(blueARN, 1), of(greenARN, 1), of(spareARN, 1), of(otherARN, 1), of(tcpARN, 1), of(goneARN, 1))),
			"ValidationError", "maximum number of target groups"},
		{"a group twice", listener(forward("", of(blueARN, 1), of(blueARN, 1))), "ValidationError", "more than once"},
		{"no group", listener(forward("")), "ValidationError", "A target group ARN must be specified"},
		{"no ARN of a group", listener(forward("web-blue")), "ValidationError", "'web-blue' is not a valid target group ARN"},
		{"unknown group", listener(forward(goneARN)), "TargetGroupNotFound", "One or more target groups not found"},
		{"both forms that differ", listener(forward(blueARN, of(greenARN, 1))), "InvalidLoadBalancerAction", "same single target group"},
		{"both forms, several groups", listener(forward(blueARN, of(blueARN, 1), of(greenARN, 1))), "InvalidLoadBalancerAction", "same single"},
		{"group of another balancer", listener(forward(otherARN)), "TargetGroupAssociationLimit", "cannot be associated with more than one load balancer: " + otherARN},
		{"two routing actions", listener(forward(blueARN), fixed), "InvalidLoadBalancerAction", "exactly one action"},
		{"no routing action", listener(types.Action{Type: types.ActionTypeEnumAuthenticateCognito, AuthenticateCognitoConfig: &types.AuthenticateCognitoActionConfig{
			UserPoolArn: aws.String("arn"), UserPoolClientId: aws.String("c"), UserPoolDomain: aws.String("d")}}), "InvalidLoadBalancerAction", "exactly one action"},
		{"unknown action", listener(types.Action{Type: "sing"}), "ValidationError", "Value 'sing'"},
		{"nothing in an action", listener(types.Action{Type: types.ActionTypeEnumRedirect}), "ValidationError", "RedirectConfig"},
		{"no stickiness duration", listener(sticky(true, 0)), "ValidationError", "stickiness duration"},
		{"stickiness too long", listener(sticky(true, 604801)), "ValidationError", "stickiness duration"},
		{"unknown listener", forwardTo(strings.Replace(productionARN, "b1", "b9", 1), greenARN), "ListenerNotFound", "One or more listeners not found"},
		{"no ARN of a listener", forwardTo(apiRuleARN, greenARN), "ValidationError", "is not a valid listener ARN"},
		{"TCP behind HTTP", forwardTo(productionARN, tcpARN), "TargetGroupAssociationLimit", tcpARN},
		{"HTTP behind TCP", forwardTo(flowARN, spareARN), "IncompatibleProtocols", "not compatible"},
		{"redirect at a network balancer", &elbv2.ModifyListenerInput{ListenerArn: aws.String(flowARN), DefaultActions: []types.Action{fixed}},
			"InvalidLoadBalancerAction", "not supported by network load balancers"},
		{"port taken", &elbv2.ModifyListenerInput{ListenerArn: aws.String(productionARN), Port: aws.Int32(8080)}, "DuplicateListener", balancerARN},
	} {
		t.Run(test.name, func(t *testing.T) {
			inAWS(t, twoTargetGroups(), func(t *testing.T, c clients) {
				before := c.listenerActions(t, productionARN)
				_, err := c.elbv2.ModifyListener(t.Context(), test.change)
				wantRefusal(t, err, 400, test.code, test.message)
				c.sleep(time.Minute)
				if got := c.listenerActions(t, productionARN); got != before {
					t.Errorf("a refused change left %q", got)
				}
				if len(c.world.Changes()) > 0 {
					t.Errorf("the journal calls a refused change a change")
				}
			})
		})
	}
}

func TestRefusedRules(t *testing.T) {
	inAWS(t, twoTargetGroups(), func(t *testing.T, c clients) {
		rules := must(c.elbv2.DescribeRules(t.Context(), &elbv2.DescribeRulesInput{ListenerArn: aws.String(productionARN)}))(t).Rules
		byDefault := rules[len(rules)-1]
		if !aws.ToBool(byDefault.IsDefault) || aws.ToString(byDefault.Priority) != "default" {
			t.Fatalf("the last rule is not the default one: %+v", byDefault)
		}
		change := &elbv2.ModifyRuleInput{RuleArn: byDefault.RuleArn, Actions: byDefault.Actions}
		_, err := c.elbv2.ModifyRule(t.Context(), change)
		wantRefusal(t, err, 400, "OperationNotPermitted", "Default rule '"+productionARN+"' cannot be modified")

		change.RuleArn = aws.String(apiRuleARN + "0")
		_, err = c.elbv2.ModifyRule(t.Context(), change)
		wantRefusal(t, err, 400, "RuleNotFound", "One or more rules not found")
		change.RuleArn = aws.String(productionARN)
		_, err = c.elbv2.ModifyRule(t.Context(), change)
		wantRefusal(t, err, 400, "ValidationError", "is not a valid listener rule ARN")
	})
}

func TestTooManyGroupsOfBalancer(t *testing.T) {
	config := twoTargetGroups()
	var rules []RuleConfig
	for i := range 99 { // with web-blue and web-green: 101
		name := fmt.Sprintf("many-%d", i)
		config.AWS.TargetGroups = append(config.AWS.TargetGroups, TargetGroupConfig{Name: name})
		rules = append(rules, RuleConfig{TargetGroup: name})
	}
	config.AWS.LoadBalancers[0].Listeners[1].Rules = rules[:98]
	inAWS(t, config, func(t *testing.T, c clients) {
		_, err := c.elbv2.ModifyListener(t.Context(), share(productionARN, of(blueARN, 1), of(greenARN, 0)))
		if err != nil {
			t.Errorf("a group that is used already counted again: %v", err)
		}
		_, err = c.elbv2.ModifyListener(t.Context(), share(productionARN, of(blueARN, 1), of(spareARN, 0)))
		wantRefusal(t, err, 400, "TooManyUniqueTargetGroupsPerLoadBalancer", "more than 100")
		must(c.elbv2.ModifyListener(t.Context(), forwardTo(productionARN, blueARN)))(t)
		if _, err = c.elbv2.ModifyListener(t.Context(), forwardTo(stageARN, spareARN)); err != nil {
			t.Errorf("a group that is replaced counted still: %v", err)
		}
	})
}

func TestStickinessRules(t *testing.T) {
	inAWS(t, twoTargetGroups(), func(t *testing.T, c clients) {
		stick := &elbv2.ModifyTargetGroupAttributesInput{TargetGroupArn: aws.String(spareARN), Attributes: []types.TargetGroupAttribute{
			{Key: aws.String("stickiness.enabled"), Value: aws.String("true")}}}
		must(c.elbv2.ModifyTargetGroupAttributes(t.Context(), stick))(t)
		_, err := c.elbv2.ModifyListener(t.Context(), share(productionARN, of(blueARN, 1), of(spareARN, 1)))
		wantRefusal(t, err, 400, "InvalidConfigurationRequest", "enable group stickiness")

		must(c.elbv2.ModifyListener(t.Context(), share(productionARN, of(blueARN, 1), of(greenARN, 1))))(t)
		stick.TargetGroupArn = aws.String(greenARN)
		_, err = c.elbv2.ModifyTargetGroupAttributes(t.Context(), stick)
		wantRefusal(t, err, 400, "InvalidConfigurationRequest", "appears behind a rule with group stickiness disabled")
	})
}

// Describe shows a change first, traffic follows later.
func TestPropagation(t *testing.T) {
	config := twoTargetGroups()
	config.AWS.DescribeLag, config.AWS.Propagation = Duration(3*time.Second), Duration(20*time.Second)
	inAWS(t, config, func(t *testing.T, c clients) {
		must(c.elbv2.ModifyListener(t.Context(), share(productionARN, of(blueARN, 1), of(greenARN, 1))))(t)
		c.sleep(time.Second)
		must(c.elbv2.ModifyListener(t.Context(), forwardTo(productionARN, greenARN)))(t)
		for _, moment := range []struct {
			after          time.Duration
			shown, traffic string
		}{
			{1 * time.Second, "web-blue=1 +web-blue", "web-blue=1"},
			{3 * time.Second, "web-blue=1 web-green=1", "web-blue=1"},
			{4 * time.Second, "web-green=1 +web-green", "web-blue=1"},
			{20 * time.Second, "web-green=1 +web-green", "web-blue=1 web-green=1"},
			{21 * time.Second, "web-green=1 +web-green", "web-green=1"},
		} {
			c.sleep(time.Until(c.world.start.Add(moment.after)))
			if shown, traffic := c.listenerActions(t, productionARN), c.traffic(productionARN); shown != moment.shown || traffic != moment.traffic {
				t.Errorf("after %v it shows %q and does %q, want %q and %q", moment.after, shown, traffic, moment.shown, moment.traffic)
			}
		}
	})
}
