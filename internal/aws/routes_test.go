package aws

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func tuple(arn string, weight int) string {
	return fmt.Sprintf("<member><TargetGroupArn>%s</TargetGroupArn><Weight>%d</Weight></member>", arn, weight)
}

// forwardXML is a forward action as AWS answers it: in both forms for a single target group.
func forwardXML(order int, sticky string, tuples ...string) string {
	var top string
	if len(tuples) == 1 {
		top = between(tuples[0], "<TargetGroupArn>", "</TargetGroupArn>")
		top = "<TargetGroupArn>" + top + "</TargetGroupArn>"
	}
	return fmt.Sprintf("<member><Type>forward</Type><Order>%d</Order>%s<ForwardConfig><TargetGroups>%s</TargetGroups>"+
		"<TargetGroupStickinessConfig>%s</TargetGroupStickinessConfig></ForwardConfig></member>", order, top, strings.Join(tuples, ""), sticky)
}

func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}

const (
	notSticky = "<Enabled>false</Enabled>"
	sticky    = "<Enabled>true</Enabled><DurationSeconds>3600</DurationSeconds>"

	fixedXML = "<member><Type>fixed-response</Type><Order>1</Order><FixedResponseConfig><StatusCode>503</StatusCode></FixedResponseConfig></member>"
	oidcXML  = "<member><Type>authenticate-oidc</Type><Order>1</Order><AuthenticateOidcConfig><AuthorizationEndpoint>https://idp/auth</AuthorizationEndpoint>" +
		"<ClientId>web</ClientId><Issuer>https://idp</Issuer><TokenEndpoint>https://idp/token</TokenEndpoint><UserInfoEndpoint>https://idp/info</UserInfoEndpoint>" +
		"<SessionTimeout>604800</SessionTimeout><Scope>openid</Scope><OnUnauthenticatedRequest>authenticate</OnUnauthenticatedRequest>" +
		"<AuthenticationRequestExtraParams><entry><key>prompt</key><value>login</value></entry></AuthenticationRequestExtraParams>" +
		"</AuthenticateOidcConfig></member>"
)

func listenerXML(arn string, actions ...string) string {
	return fmt.Sprintf("<member><ListenerArn>%s</ListenerArn><LoadBalancerArn>%s</LoadBalancerArn><Protocol>HTTPS</Protocol><Port>443</Port>"+
		"<DefaultActions>%s</DefaultActions></member>", arn, albARN, strings.Join(actions, ""))
}

func listenersXML(members ...string) reply {
	return ok("DescribeListeners", "<Listeners>"+strings.Join(members, "")+"</Listeners>")
}

func rulesXML(arn string, isDefault bool, priority string, actions ...string) reply {
	return ok("DescribeRules", fmt.Sprintf("<Rules><member><RuleArn>%s</RuleArn><IsDefault>%t</IsDefault><Priority>%s</Priority>"+
		"<Conditions><member><Field>path-pattern</Field></member></Conditions><Actions>%s</Actions></member></Rules>",
		arn, isDefault, priority, strings.Join(actions, "")))
}

func TestRoute(t *testing.T) {
	one := rollout.Forward{{TargetGroup: blueARN, Weight: 1}}
	two := rollout.Forward{{TargetGroup: blueARN, Weight: 90}, {TargetGroup: greenARN, Weight: 10}}
	listener := func(r Route) Route {
		r.ARN, r.ListenerARN, r.Kind, r.Default, r.Protocol, r.Port = listenerARN, listenerARN, Listener, true, "HTTPS", 443
		return r
	}
	rule := func(r Route) Route { r.ARN, r.ListenerARN, r.Kind = ruleARN, listenerARN, Rule; return r }
	tests := map[string]struct {
		arn     string
		answer  reply
		want    Route
		actions int
	}{
		"listener, one group": {listenerARN, listenersXML(listenerXML(listenerARN, forwardXML(1, notSticky, tuple(blueARN, 1)))),
			listener(Route{Forward: one}), 1},
		"listener, short form only": {listenerARN, listenersXML(listenerXML(listenerARN,
			"<member><Type>forward</Type><TargetGroupArn>"+blueARN+"</TargetGroupArn></member>")),
			listener(Route{Forward: one}), 1},
		"listener, one group without a weight": {listenerARN, listenersXML(listenerXML(listenerARN,
			"<member><Type>forward</Type><ForwardConfig><TargetGroups><member><TargetGroupArn>"+blueARN+"</TargetGroupArn></member></TargetGroups></ForwardConfig></member>")),
			listener(Route{Forward: one}), 1},
		"listener, sticky": {listenerARN, listenersXML(listenerXML(listenerARN, forwardXML(1, sticky, tuple(blueARN, 90), tuple(greenARN, 10)))),
			listener(Route{Forward: two, Stickiness: Stickiness{true, time.Hour}}), 1},
		"listener, authenticated": {listenerARN, listenersXML(listenerXML(listenerARN, oidcXML, forwardXML(2, notSticky, tuple(blueARN, 1)))),
			listener(Route{Forward: one}), 2},
		"listener that answers": {listenerARN, listenersXML(listenerXML(listenerARN, fixedXML)), listener(Route{}), 1},
		"rule": {ruleARN, rulesXML(ruleARN, false, "10", forwardXML(1, notSticky, tuple(blueARN, 90), tuple(greenARN, 10))),
			rule(Route{Forward: two, Priority: "10"}), 1},
		"default rule": {ruleARN, rulesXML(ruleARN, true, "default", forwardXML(1, notSticky, tuple(blueARN, 0), tuple(greenARN, 999))),
			rule(Route{Default: true, Priority: "default", Forward: rollout.Forward{{TargetGroup: blueARN, Weight: 0}, {TargetGroup: greenARN, Weight: 999}}}), 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.always("elbv2 DescribeListeners", tt.answer)
			f.always("elbv2 DescribeRules", tt.answer)
			got, err := f.client().Route(t.Context(), tt.arn)
			if err != nil {
				t.Fatal(err)
			}
			tt.want.LoadBalancerARN, tt.want.LoadBalancerType = albARN, "application"
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(Route{}, "Actions")); diff != "" {
				t.Error(diff)
			}
			if len(got.Actions) != tt.actions {
				t.Errorf("%d actions", len(got.Actions))
			}
			if arn := f.calls[0].form.Get("ListenerArns.member.1") + f.calls[0].form.Get("RuleArns.member.1"); arn != tt.arn {
				t.Errorf("asked about %s", arn)
			}
		})
	}
}

func TestRouteARNs(t *testing.T) {
	for arn, want := range map[string]Route{
		nlbListener: {Kind: Listener, Default: true, ListenerARN: nlbListener, LoadBalancerType: "network",
			LoadBalancerARN: account + "loadbalancer/net/web/50dc6c495c0c9188"},
		"arn:aws-cn:elasticloadbalancing:cn-north-1:1:listener/gwy/a/b/c": {Kind: Listener, Default: true, LoadBalancerType: "gateway",
			ListenerARN: "arn:aws-cn:elasticloadbalancing:cn-north-1:1:listener/gwy/a/b/c", LoadBalancerARN: "arn:aws-cn:elasticloadbalancing:cn-north-1:1:loadbalancer/gwy/a/b"},
		ruleARN: {Kind: Rule, ListenerARN: listenerARN, LoadBalancerType: "application", LoadBalancerARN: albARN},
	} {
		want.ARN = arn
		got, err := parseRouteARN(arn)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", arn, err, diff)
		}
	}
	for _, arn := range []string{
		"", "web", albARN, blueARN, account + "listener", account + "listener/app/web/1", account + "listener/xyz/web/1/2",
		account + "listener-rule/app/web/1/2", account + "listener/app/web/1/2/3", account + "listener/app//1/2", "arn:aws:listener/app/web/1/2",
	} {
		if _, err := newFake(t).client().Route(t.Context(), arn); err == nil {
			t.Errorf("%q is taken for a route", arn)
		}
	}
}
