package deployment_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

const (
	balancing = "arn:aws:elasticloadbalancing:us-east-1:123456789012:"

	httpsARN    = balancing + "listener/app/app/0123456789abcdef/0000000000000443"
	testingARN  = balancing + "listener/app/app/0123456789abcdef/0000000000008443"
	pathARN     = balancing + "listener-rule/app/app/0123456789abcdef/0000000000000443/000000000000000a"
	testPathARN = balancing + "listener-rule/app/app/0123456789abcdef/0000000000008443/000000000000000b"
	farARN      = balancing + "listener/app/far/0123456789abcdef/0000000000000443"
	flowsARN    = balancing + "listener/net/flows/0123456789abcdef/0000000000000443"
	packetsARN  = balancing + "listener/gwy/packets/0123456789abcdef/0000000000006081"
	noneARN     = balancing + "listener/app/app/0123456789abcdef/ffffffffffffffff"

	// Where the first route of blue_green is written.
	productionPath = "blue_green.route.0.production_arn"
	stagePath      = "blue_green.route.0.stage_arn"
)

// pair is blue_green by the usual production and stage.
var pair = oneRoute(httpsARN, testingARN)

// forwardAction is a forward action: names of target groups, each with its weight.
func forwardAction(pairs ...any) sandbox.ActionConfig {
	var action sandbox.ActionConfig
	for i := 0; i < len(pairs); i += 2 {
		action.TargetGroups = append(action.TargetGroups, sandbox.WeightConfig{TargetGroup: pairs[i].(string), Weight: pairs[i+1].(int)})
	}
	return action
}

// balancedBy is a world whose load balancer app forwards by 443 to web and by 8443, its stage, to idle, after an edit.
func balancedBy(history []json.RawMessage, edit func(c *sandbox.AWSConfig, https, stage *sandbox.ListenerConfig)) sandbox.Config {
	config := webWorld(history...)
	in := &config.AWS
	in.TargetGroups = append(in.TargetGroups, sandbox.TargetGroupConfig{Name: "third", Attributes: drained}, sandbox.TargetGroupConfig{Name: "addresses", TargetType: "ip"})
	listeners := []sandbox.ListenerConfig{
		{ARN: httpsARN, Port: 443, Protocol: "HTTPS", TargetGroup: "web"},
		{ARN: testingARN, Port: 8443, Protocol: "HTTPS", TargetGroup: "idle", Stage: true},
	}
	in.LoadBalancers[0].Listeners = listeners
	if edit != nil {
		edit(in, &listeners[0], &listeners[1])
		in.LoadBalancers[0].Listeners = append(listeners, in.LoadBalancers[0].Listeners[2:]...)
	}
	return config
}

// oneRoute is blue_green by one route; "" is no stage.
func oneRoute(production, stage string, more ...object) object {
	route := object{"production_arn": production}
	if stage != "" {
		route["stage_arn"] = stage
	}
	bg := object{"route": []any{route}}
	for _, other := range more {
		bg = bothChanges(bg, other)
	}
	return bg
}

// byRoutes is a release of image by blue/green.
func byRoutes(image string, blueGreen object, others ...object) object {
	config := release(image, others...)
	config["target_group_arns"], config["blue_green"] = nil, blueGreen
	return config
}

// anotherListener is a further listener of app.
func anotherListener(c *sandbox.AWSConfig, actions ...sandbox.ActionConfig) {
	balancer := &c.LoadBalancers[0]
	balancer.Listeners = append(balancer.Listeners, sandbox.ListenerConfig{Port: 9000, DefaultActions: actions})
}

// anotherBalancer is a further load balancer.
func anotherBalancer(c *sandbox.AWSConfig, name, kind, listener string, group string) {
	c.LoadBalancers = append(c.LoadBalancers, sandbox.LoadBalancerConfig{Name: name, Type: kind,
		Listeners: []sandbox.ListenerConfig{{ARN: listener, Port: 443, TargetGroup: group}}})
}

// errorsIn counts them.
func errorsIn(diags []*tfprotov6.Diagnostic) int {
	n := 0
	for _, d := range diags {
		if d.Severity == providertest.Error {
			n++
		}
	}
	return n
}

// defaultRule is the ARN of a listener's default rule.
func defaultRule(t *testing.T, d *deployment, listener string) string {
	t.Helper()
	out, err := d.someoneElse().DescribeRules(t.Context(), &elbv2.DescribeRulesInput{ListenerArn: &listener})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range out.Rules {
		if *r.IsDefault {
			return *r.RuleArn
		}
	}
	t.Fatalf("%s has no default rule", listener)
	return ""
}

// registeredIn waits until a target group has so many targets.
func registeredIn(t *testing.T, d *deployment, arn string, n int) {
	t.Helper()
	for range 60 {
		out, err := d.someoneElse().DescribeTargetHealth(t.Context(), &elbv2.DescribeTargetHealthInput{TargetGroupArn: &arn})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.TargetHealthDescriptions) == n {
			return
		}
		time.Sleep(5 * time.Second) // of virtual time
	}
	t.Fatalf("%s never had %d targets", arn, n)
}

// mustWarn fails the test unless exactly this warning is all that is said.
func mustWarn(t *testing.T, diags []*tfprotov6.Diagnostic, at string, words ...string) {
	t.Helper()
	providertest.MustSay(t, diags, tfprotov6.DiagnosticSeverityWarning, at, words...)
}

// A listener's default rule and the listener are one, whichever way they are written.
func TestDefaultRuleIsItsListener(t *testing.T) {
	inBubble(t, balancedBy(nil, func(c *sandbox.AWSConfig, https, stage *sandbox.ListenerConfig) {
		c.LoadBalancers[0].ARN, https.ARN, stage.ARN = "", "", "" // made up so that they go with those of the rules
	}), func(t *testing.T, d *deployment) {
		listener, stage := d.world.Routes()[0].ARN, d.world.Routes()[1].ARN
		rule := defaultRule(t, d, listener)
		providertest.MustSucceed(t, d.plan(byRoutes("ami-1", oneRoute(rule, stage))).diags)
		mustRefuse(t, d.plan(byRoutes("ami-1", oneRoute(listener, rule))).diags, stagePath, "Route written twice", rule, listener)
		p := d.plan(byRoutes("ami-1", object{"route": []any{
			object{"production_arn": rule, "stage_arn": stage}, object{"production_arn": listener},
		}}))
		mustRefuse(t, p.diags, "blue_green.route.1.production_arn", "Route written twice", rule, listener)
	})
}

func TestRoutesWithNothingToSay(t *testing.T) {
	for name, m := range map[string]mistake{
		"production and stage": {},
		"with a live revision": {live: true},
		"weights": {live: true, blueGreen: oneRoute(httpsARN, "", object{"shift": []any{object{"weight": 10}}}), edit: func(c *sandbox.AWSConfig, https, stage *sandbox.ListenerConfig) {
			https.TargetGroup, https.DefaultActions = "", []sandbox.ActionConfig{forwardAction("web", 100, "idle", 0)}
			stage.TargetGroup = "third"
		}},
		"a rule of the stage listener": {edit: func(_ *sandbox.AWSConfig, _, stage *sandbox.ListenerConfig) {
			stage.Rules = []sandbox.RuleConfig{{ARN: testPathARN, TargetGroup: "idle"}}
		}},
		"idle elsewhere at weight 0": {edit: func(c *sandbox.AWSConfig, _, _ *sandbox.ListenerConfig) {
			anotherListener(c, forwardAction("third", 1, "idle", 0))
		}},
		"draining as both clouds do if nobody says": {others: documented(func(d object) { memberAt(d, "strategy")["drainingTimeout"] = 120 }), edit: func(c *sandbox.AWSConfig, _, _ *sandbox.ListenerConfig) {
			for i := range c.TargetGroups {
				c.TargetGroups[i].Attributes = nil
			}
		}},
		"draining in time": {others: bothChanges(documented(func(d object) { memberAt(d, "strategy")["drainingTimeout"] = 900 }), object{"healthy_timeout": "15m"}), edit: func(c *sandbox.AWSConfig, _, _ *sandbox.ListenerConfig) {
			c.TargetGroups[0].Attributes = map[string]string{"deregistration_delay.timeout_seconds": "900"}
		}},
		"network load balancer": {blueGreen: oneRoute(flowsARN, ""), edit: func(c *sandbox.AWSConfig, _, stage *sandbox.ListenerConfig) {
			anotherBalancer(c, "flows", "network", flowsARN, "")
			c.LoadBalancers[1].Listeners[0].DefaultActions = []sandbox.ActionConfig{forwardAction("third", 100, "fourth", 0)}
			c.TargetGroups = append(c.TargetGroups, sandbox.TargetGroupConfig{Name: "fourth", Protocol: "TCP", Attributes: drained})
			c.TargetGroups[2].Protocol = "TCP"
		}},
		"behind authentication": {edit: func(_ *sandbox.AWSConfig, https, _ *sandbox.ListenerConfig) {
			https.TargetGroup, https.DefaultActions = "", []sandbox.ActionConfig{{Type: "authenticate-oidc", Order: 1, Config: map[string]any{
				"ClientId": "web", "ClientSecret": "hidden", "Issuer": "https://idp", "AuthorizationEndpoint": "https://idp/a",
				"TokenEndpoint": "https://idp/t", "UserInfoEndpoint": "https://idp/u"}}, forwardAction("web", 1)}
		}},
		"groups of the configuration give way": {others: object{"configuration": func() string {
			document := webDocument()
			memberAt(document, "compute", "launchSpecification")["loadBalancersConfig"] = object{"loadBalancers": []any{
				object{"type": "TARGET_GROUP", "name": "gone", "arn": balancing + "targetgroup/gone/0123456789abcdef"}}}
			return asJSON(document)
		}()}},
	} {
		if m.blueGreen == nil {
			m.blueGreen = pair
		}
		t.Run(name, func(t *testing.T) {
			inBubble(t, balancedBy(m.history(), m.edit), func(t *testing.T, d *deployment) {
				if m.live {
					imported(t, d)
				}
				providertest.MustSucceed(t, d.plan(m.config()).diags)
			})
		})
	}
}

func TestStickinessAndShift(t *testing.T) {
	inBubble(t, balancedBy(nil, func(_ *sandbox.AWSConfig, _, stage *sandbox.ListenerConfig) { stage.TargetGroup = "third" }), func(t *testing.T, d *deployment) {
		action := weights(0, 0)
		action.ForwardConfig = &elbtypes.ForwardActionConfig{
			TargetGroups: []elbtypes.TargetGroupTuple{
				{TargetGroupArn: aws.String(providertest.WebARN), Weight: aws.Int32(100)}, {TargetGroupArn: aws.String(providertest.IdleARN), Weight: aws.Int32(0)}},
			TargetGroupStickinessConfig: &elbtypes.TargetGroupStickinessConfig{Enabled: aws.Bool(true), DurationSeconds: aws.Int32(60)},
		}
		d.setActions(httpsARN, action)
		providertest.MustSucceed(t, d.plan(byRoutes("ami-1", oneRoute(httpsARN, ""))).diags)
		mustWarn(t, d.plan(byRoutes("ami-1", oneRoute(httpsARN, "", object{"shift": []any{object{"weight": 10}}}))).diags, productionPath, "new clients only")
	})
}

// Groups that another state released, and imported ones without a journal, are told apart by who registers where.
func TestLiveRevisionWithoutAJournal(t *testing.T) {
	history := []json.RawMessage{existing("web__4", "ami-1", 2, 4, 8)}
	inBubble(t, balancedBy(history, func(_ *sandbox.AWSConfig, https, _ *sandbox.ListenerConfig) { https.TargetGroup = "third" }), func(t *testing.T, d *deployment) {
		mustRefuse(t, d.plan(byRoutes("ami-2", oneRoute(httpsARN, testingARN))).diags, "name", "web__4")
		imported(t, d)
		mustRefuse(t, d.plan(byRoutes("ami-2", oneRoute(httpsARN, testingARN))).diags, productionPath, "web__4", `in "web"`)
	})
}

// What stands in the idle target group and is not the deployment's own is counted; a previous revision there is not.
func TestStrangersInTheIdleTargetGroup(t *testing.T) {
	for _, others := range []int{0, 2} {
		t.Run(fmt.Sprint(others), func(t *testing.T) {
			in := func(group json.RawMessage) json.RawMessage {
				return json.RawMessage(strings.ReplaceAll(string(group), providertest.WebARN, providertest.IdleARN))
			}
			history := []json.RawMessage{in(provenGroup(1, 1, 1, 1)), provenGroup(2, 2, 4, 8)}
			if others > 0 {
				history = append(history, in(existing("other", "ami-1", others, others, others)))
			}
			inBubble(t, balancedBy(history, nil), func(t *testing.T, d *deployment) {
				imported(t, d)
				registeredIn(t, d, providertest.IdleARN, 1+others)
				diags := d.plan(byRoutes("ami-9", oneRoute(httpsARN, testingARN))).diags
				if others == 0 {
					providertest.MustSucceed(t, diags)
					return
				}
				mustWarn(t, diags, productionPath, "2 of the targets", "web", `"web"`)
			})
		})
	}
}

// What cannot be read is not taken for well.
func TestRoutesThatCannotBeRead(t *testing.T) {
	for action, at := range map[string]string{"DescribeListeners": productionPath, "DescribeRules": productionPath} {
		t.Run(action, func(t *testing.T) {
			inBubble(t, balancedBy(nil, nil), func(t *testing.T, d *deployment) {
				d.world.Fail(sandbox.Fault{Service: "elbv2", Action: action, Times: -1, Kind: sandbox.Error, Status: 403, Code: "AccessDenied", Message: "not you"})
				mustRefuse(t, d.plan(byRoutes("ami-1", oneRoute(httpsARN, testingARN))).diags, at, "not you", "elasticloadbalancing:"+action)
			})
		})
	}
}
