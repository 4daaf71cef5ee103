package aws

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// sent is what a change sends, without what every call has, one "name=value" each, sorted.
func sent(form url.Values) []string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if name != "Action" && name != "Version" {
			all = append(all, name+"="+form.Get(name))
		}
	}
	return all
}

func forwardTo(pairs ...any) rollout.Forward {
	var groups rollout.Forward
	for i := 0; i < len(pairs); i += 2 {
		groups = append(groups, rollout.Share{TargetGroup: pairs[i].(string), Weight: pairs[i+1].(int)})
	}
	return groups
}

func TestSetForward(t *testing.T) {
	oneGroup := forwardXML(1, notSticky, tuple(blueARN, 1))
	twoGroups := forwardXML(1, sticky, tuple(blueARN, 100), tuple(greenARN, 0))
	tests := map[string]struct {
		arn    string
		answer reply
		to     rollout.Forward
		call   string
		want   []string
	}{
		"a listener from one group to another": {
			listenerARN, listenersXML(listenerXML(listenerARN, oneGroup)), forwardTo(greenARN, 1), "elbv2 ModifyListener", []string{
				"DefaultActions.member.1.ForwardConfig.TargetGroupStickinessConfig.Enabled=false",
				"DefaultActions.member.1.ForwardConfig.TargetGroups.member.1.TargetGroupArn=" + greenARN,
				"DefaultActions.member.1.Order=1", "DefaultActions.member.1.Type=forward", "ListenerArn=" + listenerARN,
			}},
		"a listener's weights": {
			listenerARN, listenersXML(listenerXML(listenerARN, twoGroups)), forwardTo(blueARN, 90, greenARN, 10), "elbv2 ModifyListener", []string{
				"DefaultActions.member.1.ForwardConfig.TargetGroupStickinessConfig.DurationSeconds=3600",
				"DefaultActions.member.1.ForwardConfig.TargetGroupStickinessConfig.Enabled=true",
				"DefaultActions.member.1.ForwardConfig.TargetGroups.member.1.TargetGroupArn=" + blueARN,
				"DefaultActions.member.1.ForwardConfig.TargetGroups.member.1.Weight=90",
				"DefaultActions.member.1.ForwardConfig.TargetGroups.member.2.TargetGroupArn=" + greenARN,
				"DefaultActions.member.1.ForwardConfig.TargetGroups.member.2.Weight=10",
				"DefaultActions.member.1.Order=1", "DefaultActions.member.1.Type=forward", "ListenerArn=" + listenerARN,
			}},
		"a listener behind authentication": {
			listenerARN, listenersXML(listenerXML(listenerARN, oidcXML, forwardXML(2, notSticky, tuple(blueARN, 1)))), forwardTo(greenARN, 1), "elbv2 ModifyListener", []string{
				"DefaultActions.member.1.AuthenticateOidcConfig.AuthenticationRequestExtraParams.entry.1.key=prompt",
				"DefaultActions.member.1.AuthenticateOidcConfig.AuthenticationRequestExtraParams.entry.1.value=login",
				"DefaultActions.member.1.AuthenticateOidcConfig.AuthorizationEndpoint=https://idp/auth",
				"DefaultActions.member.1.AuthenticateOidcConfig.ClientId=web",
				"DefaultActions.member.1.AuthenticateOidcConfig.Issuer=https://idp",
				"DefaultActions.member.1.AuthenticateOidcConfig.OnUnauthenticatedRequest=authenticate",
				"DefaultActions.member.1.AuthenticateOidcConfig.Scope=openid",
				"DefaultActions.member.1.AuthenticateOidcConfig.SessionTimeout=604800",
				"DefaultActions.member.1.AuthenticateOidcConfig.TokenEndpoint=https://idp/token",
				"DefaultActions.member.1.AuthenticateOidcConfig.UseExistingClientSecret=true",
				"DefaultActions.member.1.AuthenticateOidcConfig.UserInfoEndpoint=https://idp/info",
				"DefaultActions.member.1.Order=1", "DefaultActions.member.1.Type=authenticate-oidc",
				"DefaultActions.member.2.ForwardConfig.TargetGroupStickinessConfig.Enabled=false",
				"DefaultActions.member.2.ForwardConfig.TargetGroups.member.1.TargetGroupArn=" + greenARN,
				"DefaultActions.member.2.Order=2", "DefaultActions.member.2.Type=forward", "ListenerArn=" + listenerARN,
			}},
		"a rule": {
			ruleARN, rulesXML(ruleARN, false, "10", oneGroup), forwardTo(blueARN, 0, greenARN, 1), "elbv2 ModifyRule", []string{
				"Actions.member.1.ForwardConfig.TargetGroupStickinessConfig.Enabled=false",
				"Actions.member.1.ForwardConfig.TargetGroups.member.1.TargetGroupArn=" + blueARN,
				"Actions.member.1.ForwardConfig.TargetGroups.member.1.Weight=0",
				"Actions.member.1.ForwardConfig.TargetGroups.member.2.TargetGroupArn=" + greenARN,
				"Actions.member.1.ForwardConfig.TargetGroups.member.2.Weight=1",
				"Actions.member.1.Order=1", "Actions.member.1.Type=forward", "RuleArn=" + ruleARN,
			}},
		"a listener's default rule": {
			ruleARN, rulesXML(ruleARN, true, "default", oneGroup), forwardTo(greenARN, 1), "elbv2 ModifyListener", []string{
				"DefaultActions.member.1.ForwardConfig.TargetGroupStickinessConfig.Enabled=false",
				"DefaultActions.member.1.ForwardConfig.TargetGroups.member.1.TargetGroupArn=" + greenARN,
				"DefaultActions.member.1.Order=1", "DefaultActions.member.1.Type=forward", "ListenerArn=" + listenerARN,
			}},
		"a listener of a Network Load Balancer": {
			nlbListener, listenersXML(listenerXML(nlbListener, oneGroup)), forwardTo(blueARN, 50, greenARN, 50), "elbv2 ModifyListener", []string{
				"DefaultActions.member.1.ForwardConfig.TargetGroups.member.1.TargetGroupArn=" + blueARN,
				"DefaultActions.member.1.ForwardConfig.TargetGroups.member.1.Weight=50",
				"DefaultActions.member.1.ForwardConfig.TargetGroups.member.2.TargetGroupArn=" + greenARN,
				"DefaultActions.member.1.ForwardConfig.TargetGroups.member.2.Weight=50",
				"DefaultActions.member.1.Order=1", "DefaultActions.member.1.Type=forward", "ListenerArn=" + nlbListener,
			}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.always("elbv2 DescribeListeners", tt.answer)
			f.always("elbv2 DescribeRules", tt.answer)
			f.always(tt.call, ok(strings.TrimPrefix(tt.call, "elbv2 "), ""))
			c := f.client()
			route, err := c.Route(t.Context(), tt.arn)
			if err != nil {
				t.Fatal(err)
			}
			before := fmt.Sprint(route.Forward, *route.Actions[len(route.Actions)-1].ForwardConfig.TargetGroups[0].TargetGroupArn)
			if err := c.SetForward(t.Context(), route, tt.to); err != nil {
				t.Fatal(err)
			}
			changes := f.seen(tt.call)
			if len(changes) != 1 {
				t.Fatalf("%d changes", len(changes))
			}
			if diff := cmp.Diff(tt.want, sent(changes[0].form)); diff != "" {
				t.Error(diff)
			}
			after := fmt.Sprint(route.Forward, *route.Actions[len(route.Actions)-1].ForwardConfig.TargetGroups[0].TargetGroupArn)
			if before != after {
				t.Errorf("the caller's route was changed from %s to %s", before, after)
			}
		})
	}
}

func TestSetForwardRefuses(t *testing.T) {
	six := forwardTo("1", 1, "2", 1, "3", 1, "4", 1, "5", 1, "6", 1)
	for name, tt := range map[string]struct {
		to   rollout.Forward
		want string
	}{
		"nothing":            {nil, "0 target groups; a forward action has 1 to 5"},
		"six":                {six, "6 target groups"},
		"all weights 0":      {forwardTo(blueARN, 0, greenARN, 0), "all weights are 0"},
		"one of weight 0":    {forwardTo(blueARN, 0), "all weights are 0"},
		"too much":           {forwardTo(blueARN, 1000), "a weight of 1000"},
		"negative":           {forwardTo(blueARN, -1, greenARN, 2), "a weight of -1"},
		"the same one twice": {forwardTo(blueARN, 1, blueARN, 2), "twice"},
		"no ARN":             {forwardTo("", 1), "without an ARN"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newFake(t).client() // which fails the test at any call
			route := Route{ARN: listenerARN, Kind: Listener, ListenerARN: listenerARN}
			err := c.SetForward(t.Context(), route, tt.to)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "changing listener "+listenerARN) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// What happens to a route between being read and being changed.
func TestRoutesThatMove(t *testing.T) {
	listener := func(actions ...string) reply { return listenersXML(listenerXML(listenerARN, actions...)) }
	blue := listener(forwardXML(1, notSticky, tuple(blueARN, 1)))
	green := listener(forwardXML(1, notSticky, tuple(greenARN, 1)))
	mixed := listener(forwardXML(1, notSticky, tuple(blueARN, 3), tuple(greenARN, 1)))
	tests := map[string]struct {
		now    reply
		to     rollout.Forward
		want   string // the error, "" is none
		writes int
	}{
		"as it was":           {blue, forwardTo(greenARN, 1), "", 1},
		"as it is to be":      {green, forwardTo(greenARN, 1), "", 0},
		"to be as it is":      {blue, forwardTo(blueARN, 100), "", 0},
		"changed by somebody": {mixed, forwardTo(greenARN, 1), "forwarded to web-blue when it was last read, and forwards to web-blue 75 %, web-green 25 % now", 0},
		"no longer forwards":  {listener(fixedXML), forwardTo(greenARN, 1), "it does not forward to target groups (its actions: fixed-response)", 0},
		"gone":                {refused(400, "ListenerNotFound", "none"), forwardTo(greenARN, 1), "ListenerNotFound", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.sequence("elbv2 DescribeListeners", blue, tt.now)
			f.always("elbv2 ModifyListener", ok("ModifyListener", ""))
			c := f.client()
			route, err := c.Route(t.Context(), listenerARN)
			if err != nil {
				t.Fatal(err)
			}
			err = c.SetForward(t.Context(), route, tt.to)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if moved := name == "changed by somebody"; errors.Is(err, ErrMoved) != moved {
				t.Errorf("ErrMoved: %t", !moved)
			}
			if gone := name == "gone"; errors.Is(err, runner.ErrGone) != gone {
				t.Errorf("ErrGone: %t", !gone)
			}
			if n := f.count("elbv2 ModifyListener"); n != tt.writes {
				t.Errorf("%d changes, want %d", n, tt.writes)
			}
		})
	}
}

// An action list that somebody else has changed since it was read is sent as it is now, not as it was.
func TestSetForwardKeepsWhatOthersAdded(t *testing.T) {
	f := newFake(t)
	f.sequence("elbv2 DescribeListeners",
		listenersXML(listenerXML(listenerARN, forwardXML(1, notSticky, tuple(blueARN, 1)))),
		listenersXML(listenerXML(listenerARN, oidcXML, forwardXML(2, sticky, tuple(blueARN, 1)))))
	f.always("elbv2 ModifyListener", ok("ModifyListener", ""))
	c := f.client()
	route, err := c.Route(t.Context(), listenerARN)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.SetForward(t.Context(), route, forwardTo(greenARN, 1)); err != nil {
		t.Fatal(err)
	}
	form := f.seen("elbv2 ModifyListener")[0].form
	if form.Get("DefaultActions.member.1.Type") != "authenticate-oidc" ||
		form.Get("DefaultActions.member.2.ForwardConfig.TargetGroupStickinessConfig.Enabled") != "true" {
		t.Errorf("sent %v", sent(form))
	}
}

func TestSetForwardErrors(t *testing.T) {
	tests := map[string]struct {
		code string
		want string
		gone bool
	}{
		"listener gone":       {"ListenerNotFound", "ListenerNotFound: so", true},
		"target group gone":   {"TargetGroupNotFound", "TargetGroupNotFound: so", true},
		"of another balancer": {"TargetGroupAssociationLimit", "(request req-1); a target group serves one load balancer only", false},
		"protocols":           {"IncompatibleProtocols", "the target group's protocol does not fit", false},
		"too many groups":     {"TooManyUniqueTargetGroupsPerLoadBalancer", "counts once", false},
		"sticky targets":      {"InvalidConfigurationRequest", "InvalidConfigurationRequest: so (request req-1)", false},
		"weights":             {"ValidationError", "ValidationError: so", false},
		"denied":              {"AccessDenied", "the credentials need the IAM action elasticloadbalancing:ModifyListener", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.always("elbv2 DescribeListeners", listenersXML(listenerXML(listenerARN, forwardXML(1, notSticky, tuple(blueARN, 1)))))
			f.always("elbv2 ModifyListener", refused(400, tt.code, "so"))
			c := f.client()
			route, err := c.Route(t.Context(), listenerARN)
			if err != nil {
				t.Fatal(err)
			}
			err = c.SetForward(t.Context(), route, forwardTo(blueARN, 3, greenARN, 1))
			prefix := "changing listener " + listenerARN + " to forward to web-blue 75 %, web-green 25 %: " + tt.code
			if err == nil || !strings.HasPrefix(err.Error(), prefix) || !strings.Contains(err.Error(), tt.want) || errors.Is(err, runner.ErrGone) != tt.gone {
				t.Errorf("got %v", err)
			}
			if n := f.count("elbv2 ModifyListener"); n != 1 {
				t.Errorf("%d attempts at what is refused", n)
			}
		})
	}
}

// A change whose answer is lost is made again: it says the same.
func TestSetForwardWhenTheAnswerIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		f.always("elbv2 DescribeListeners", listenersXML(listenerXML(listenerARN, forwardXML(1, notSticky, tuple(blueARN, 1)))))
		f.sequence("elbv2 ModifyListener", reply{err: errors.New("connection reset by peer")}, ok("ModifyListener", ""))
		c := f.client(func(c *Config) { c.MaxRetries = 1 })
		route, err := c.Route(t.Context(), listenerARN)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.SetForward(t.Context(), route, forwardTo(greenARN, 1)); err != nil {
			t.Fatal(err)
		}
		changes := f.seen("elbv2 ModifyListener")
		if len(changes) != 2 || !cmp.Equal(changes[0].form, changes[1].form) {
			t.Errorf("sent %d different changes", len(changes))
		}
		if got := aws.ToString(route.Actions[0].TargetGroupArn); got != blueARN {
			t.Errorf("the caller's route was changed to %s", got)
		}
	})
}

// The list that was read is shared by all who read it at the same time, so that it stays as it is.
func TestWithForwardChangesACopy(t *testing.T) {
	oidc := &types.AuthenticateOidcActionConfig{ClientId: aws.String("web")}
	route := Route{LoadBalancerType: "application", Actions: []types.Action{
		{Type: types.ActionTypeEnumAuthenticateOidc, AuthenticateOidcConfig: oidc},
		{Type: types.ActionTypeEnumForward, TargetGroupArn: aws.String(blueARN)},
	}}
	changed := withForward(route, forwardTo(greenARN, 1))
	if aws.ToString(route.Actions[1].TargetGroupArn) != blueARN || oidc.UseExistingClientSecret != nil {
		t.Errorf("the route's own list was changed: %+v", route.Actions)
	}
	if !aws.ToBool(changed[0].AuthenticateOidcConfig.UseExistingClientSecret) || changed[1].TargetGroupArn != nil {
		t.Errorf("the copy was not: %+v", changed)
	}
}
