package provider_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

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
	productionPath = "blue_green.routes.0.production_arn"
	stagePath      = "blue_green.routes.0.stage_arn"
)

// sending is a forward action: names of target groups, each with its weight.
func sending(pairs ...any) sandbox.ActionConfig {
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
	in.TargetGroups = append(in.TargetGroups, sandbox.TargetGroupConfig{Name: "third"}, sandbox.TargetGroupConfig{Name: "addresses", TargetType: "ip"})
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

// by is blue_green by one route; "" is no stage.
func by(production, stage string, more ...object) object {
	route := object{"production_arn": production}
	if stage != "" {
		route["stage_arn"] = stage
	}
	bg := object{"routes": []any{route}}
	for _, other := range more {
		bg = both(bg, other)
	}
	return bg
}

// byRoutes is a release of image by blue/green.
func byRoutes(image string, blueGreen object, others ...object) object {
	config := release(image, others...)
	config["target_group_arns"], config["blue_green"] = nil, blueGreen
	return config
}

// mistake is something that preflight finds. Of what is not written the usual is meant.
type mistake struct {
	live      bool // web__1 is live, in target group web
	edit      func(c *sandbox.AWSConfig, https, stage *sandbox.ListenerConfig)
	blueGreen object
	others    object
	at        string
	says      []string
}

func (m mistake) history() []json.RawMessage {
	if !m.live {
		return nil
	}
	return []json.RawMessage{proven(1, 2, 4, 8)}
}

func (m mistake) config() object {
	bg := m.blueGreen
	if bg == nil {
		bg = by(httpsARN, testingARN)
	}
	return byRoutes("ami-9", bg, m.others)
}

// another is a further listener of app.
func another(c *sandbox.AWSConfig, actions ...sandbox.ActionConfig) {
	balancer := &c.LoadBalancers[0]
	balancer.Listeners = append(balancer.Listeners, sandbox.ListenerConfig{Port: 9000, DefaultActions: actions})
}

// elsewhereAlso is a further load balancer.
func elsewhereAlso(c *sandbox.AWSConfig, name, kind, listener string, group string) {
	c.LoadBalancers = append(c.LoadBalancers, sandbox.LoadBalancerConfig{Name: name, Type: kind,
		Listeners: []sandbox.ListenerConfig{{ARN: listener, Port: 443, TargetGroup: group}}})
}

var routeMistakes = map[string]mistake{
	"production not found": {blueGreen: by(noneARN, testingARN), at: productionPath, says: []string{"not found", noneARN}},
	"stage not found":      {blueGreen: by(httpsARN, noneARN), at: stagePath, says: []string{"not found", noneARN}},
	"rule not found":       {blueGreen: by(pathARN, testingARN), at: productionPath, says: []string{"not found", pathARN}},
	"redirect": {at: productionPath, says: []string{httpsARN, "redirect"}, edit: func(_ *sandbox.AWSConfig, https, _ *sandbox.ListenerConfig) {
		https.TargetGroup, https.DefaultActions = "", []sandbox.ActionConfig{{Type: "redirect", Config: map[string]any{"StatusCode": "HTTP_301", "Port": "443"}}}
	}},
	"fixed response on stage": {at: stagePath, says: []string{testingARN, "503", "fixed-response"}, edit: func(_ *sandbox.AWSConfig, _, stage *sandbox.ListenerConfig) {
		stage.TargetGroup, stage.DefaultActions = "", []sandbox.ActionConfig{{Type: "fixed-response", Config: map[string]any{"StatusCode": "503"}}}
	}},
	"one group, no stage": {blueGreen: by(httpsARN, ""), at: productionPath, says: []string{"web", "no stage", "two target groups"}},
	"the same on both":    {at: productionPath, says: []string{"exactly two"}, edit: func(_ *sandbox.AWSConfig, _, stage *sandbox.ListenerConfig) { stage.TargetGroup = "web" }},
	"three groups": {at: productionPath, says: []string{"web 50 %", "third 50 %", "idle", "exactly two"}, edit: func(_ *sandbox.AWSConfig, https, _ *sandbox.ListenerConfig) {
		https.TargetGroup, https.DefaultActions = "", []sandbox.ActionConfig{sending("web", 1, "third", 1)}
	}},
	"nothing has a weight": {blueGreen: by(httpsARN, ""), at: productionPath, says: []string{"All weights", "0"}, edit: func(_ *sandbox.AWSConfig, https, stage *sandbox.ListenerConfig) {
		stage.TargetGroup = "third"

		https.TargetGroup, https.DefaultActions = "", []sandbox.ActionConfig{sending("web", 0, "idle", 0)}
	}},
	"addresses live": {at: productionPath, says: []string{"addresses", `"ip"`}, edit: func(_ *sandbox.AWSConfig, https, _ *sandbox.ListenerConfig) { https.TargetGroup = "addresses" }},
	"addresses idle": {at: stagePath, says: []string{"addresses", `"ip"`}, edit: func(_ *sandbox.AWSConfig, _, stage *sandbox.ListenerConfig) { stage.TargetGroup = "addresses" }},
	"stage of another": {blueGreen: by(httpsARN, farARN), at: stagePath, says: []string{"app/app/", "/far/", "one load balancer only"}, edit: func(c *sandbox.AWSConfig, _, _ *sandbox.ListenerConfig) {
		elsewhereAlso(c, "far", "application", farARN, "third")
	}},
	"gateway load balancer": {blueGreen: by(packetsARN, ""), at: productionPath, says: []string{packetsARN, "Gateway"}, edit: func(c *sandbox.AWSConfig, _, _ *sandbox.ListenerConfig) {
		elsewhereAlso(c, "packets", "", packetsARN, "third")
	}},
	"idle used by another listener": {at: productionPath, says: []string{"Listener", "9000", "idle"}, edit: func(c *sandbox.AWSConfig, _, _ *sandbox.ListenerConfig) {
		another(c, sending("idle", 1))
	}},
	"idle used by a rule in part": {at: productionPath, says: []string{"Rule", pathARN, "priority 10", "idle"}, edit: func(_ *sandbox.AWSConfig, https, _ *sandbox.ListenerConfig) {
		https.Rules = []sandbox.RuleConfig{{ARN: pathARN, Actions: []sandbox.ActionConfig{sending("third", 99, "idle", 1)}}}
	}},
	"routes that disagree": {at: "blue_green.routes.0.production_arn", says: []string{"idle", "same revision"},
		blueGreen: object{"routes": []any{object{"production_arn": httpsARN}, object{"production_arn": testingARN}}},
		edit: func(_ *sandbox.AWSConfig, https, stage *sandbox.ListenerConfig) {
			https.TargetGroup, https.DefaultActions = "", []sandbox.ActionConfig{sending("web", 1, "idle", 0)}
			stage.TargetGroup, stage.DefaultActions = "", []sandbox.ActionConfig{sending("web", 0, "idle", 1)}
		}},
	"live elsewhere": {live: true, at: productionPath, says: []string{"web__1", "in web", "third"}, edit: func(_ *sandbox.AWSConfig, https, _ *sandbox.ListenerConfig) { https.TargetGroup = "third" }},
	"live is idle": {live: true, at: productionPath, says: []string{"web__1", "idle", "in web"}, edit: func(_ *sandbox.AWSConfig, https, stage *sandbox.ListenerConfig) {
		https.TargetGroup, stage.TargetGroup = "idle", "web"
	}},
}

var routeWarnings = map[string]mistake{
	"live used elsewhere": {at: productionPath, says: []string{"Listener", "9000", "web", "previous revision"}, edit: func(c *sandbox.AWSConfig, _, _ *sandbox.ListenerConfig) {
		another(c, sending("web", 1))
	}},
	"half way": {live: true, blueGreen: by(httpsARN, ""), at: productionPath, says: []string{"web 70 %, idle 30 %", "on web, where web__1 is"},
		edit: func(_ *sandbox.AWSConfig, https, stage *sandbox.ListenerConfig) {
			stage.TargetGroup = "third"

			https.TargetGroup, https.DefaultActions = "", []sandbox.ActionConfig{sending("web", 70, "idle", 30)}
		}},
	"half way at first": {blueGreen: by(httpsARN, ""), at: productionPath, says: []string{"web 70 %, idle 30 %", "leaves the weights"},
		edit: func(_ *sandbox.AWSConfig, https, stage *sandbox.ListenerConfig) {
			stage.TargetGroup = "third"

			https.TargetGroup, https.DefaultActions = "", []sandbox.ActionConfig{sending("web", 70, "idle", 30)}
		}},
	"slow draining": {at: productionPath, others: object{"healthy_timeout": "10m"}, says: []string{"15m", "10m", "deregistration_delay"},
		edit: func(c *sandbox.AWSConfig, _, _ *sandbox.ListenerConfig) {
			c.TargetGroups[0].Attributes = map[string]string{"deregistration_delay.timeout_seconds": "900"}
		}},
}

// errorsIn counts them.
func errorsIn(diags []*tfprotov6.Diagnostic) int {
	n := 0
	for _, d := range diags {
		if d.Severity == problem {
			n++
		}
	}
	return n
}

// with is a value with another member.
func with(t *testing.T, of tftypes.Value, name string, member tftypes.Value) tftypes.Value {
	t.Helper()
	var members map[string]tftypes.Value
	if err := of.As(&members); err != nil {
		t.Fatal(err)
	}
	members = maps.Clone(members)
	members[name] = member
	return tftypes.NewValue(of.Type(), members)
}

// defaultRule is the ARN of a listener's default rule.
func defaultRule(t *testing.T, d *deployment, listener string) string {
	t.Helper()
	out, err := d.hand().DescribeRules(t.Context(), &elbv2.DescribeRulesInput{ListenerArn: &listener})
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
		out, err := d.hand().DescribeTargetHealth(t.Context(), &elbv2.DescribeTargetHealthInput{TargetGroupArn: &arn})
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
	mustSay(t, diags, tfprotov6.DiagnosticSeverityWarning, at, words...)
}

func TestRoutesAreCheckedByPlan(t *testing.T) {
	for name, m := range routeMistakes {
		t.Run(name, func(t *testing.T) {
			bubble(t, balancedBy(m.history(), m.edit), func(t *testing.T, d *deployment) {
				if m.live {
					mustSucceed(t, d.load("web"))
				}
				p := d.plan(m.config())
				mustRefuse(t, p.diags, m.at, m.says...)
				if n := errorsIn(p.diags); n != 1 && name != "routes that disagree" {
					t.Errorf("%d errors for one mistake:\n%s", n, render(p.diags))
				}
			})
		})
	}
	for name, m := range routeWarnings {
		t.Run(name, func(t *testing.T) {
			bubble(t, balancedBy(m.history(), m.edit), func(t *testing.T, d *deployment) {
				if m.live {
					mustSucceed(t, d.load("web"))
				}
				mustWarn(t, d.plan(m.config()).diags, m.at, m.says...)
			})
		})
	}
}

// What comes between plan and apply is refused by apply, before its first change.
func TestRoutesAreCheckedByApply(t *testing.T) {
	for name, m := range routeMistakes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := deploymentIn(t, sandbox.New(balancedBy(m.history(), nil)))
				if m.live {
					mustSucceed(t, d.load("web"))
				}
				p := d.plan(byRoutes("ami-9", by(httpsARN, testingARN)))
				if failed(p.diags) {
					t.Fatal(render(p.diags))
				}
				config := typed(t, d.schema.ValueType(), m.config())
				planned := with(t, p.value, "blue_green", attribute(t, config, "blue_green"))
				d.world = sandbox.New(balancedBy(m.history(), m.edit))
				d.restart()
				resp, err := d.server.ApplyResourceChange(context.Background(), &tfprotov6.ApplyResourceChangeRequest{
					TypeName: deploymentType, PriorState: d.encode(d.state), PlannedState: d.encode(planned),
					Config: d.encode(config), PlannedPrivate: p.private,
				})
				if err != nil {
					t.Fatal(err)
				}
				mustRefuse(t, resp.Diagnostics, m.at, m.says...)
				if changes := d.world.Changes(); len(changes) > 0 {
					t.Errorf("it was refused after %d changes: %v", len(changes), changes[0])
				}
			})
		})
	}
}

// A listener's default rule and the listener are one, whichever way they are written.
func TestDefaultRuleIsItsListener(t *testing.T) {
	bubble(t, balancedBy(nil, func(c *sandbox.AWSConfig, https, stage *sandbox.ListenerConfig) {
		c.LoadBalancers[0].ARN, https.ARN, stage.ARN = "", "", "" // made up so that they go with those of the rules
	}), func(t *testing.T, d *deployment) {
		listener, stage := d.world.Routes()[0].ARN, d.world.Routes()[1].ARN
		rule := defaultRule(t, d, listener)
		mustSucceed(t, d.plan(byRoutes("ami-1", by(rule, stage))).diags)
		mustRefuse(t, d.plan(byRoutes("ami-1", by(listener, rule))).diags, stagePath, "Route written twice", rule, listener)
		p := d.plan(byRoutes("ami-1", object{"routes": []any{
			object{"production_arn": rule, "stage_arn": stage}, object{"production_arn": listener},
		}}))
		mustRefuse(t, p.diags, "blue_green.routes.1.production_arn", "Route written twice", rule, listener)
	})
}

func TestRoutesWithNothingToSay(t *testing.T) {
	for name, m := range map[string]mistake{
		"production and stage": {},
		"with a live revision": {live: true},
		"weights": {live: true, blueGreen: by(httpsARN, "", object{"shift": []any{object{"weight": 10}}}), edit: func(c *sandbox.AWSConfig, https, stage *sandbox.ListenerConfig) {
			https.TargetGroup, https.DefaultActions = "", []sandbox.ActionConfig{sending("web", 100, "idle", 0)}
			stage.TargetGroup = "third"
		}},
		"a rule of the stage listener": {edit: func(_ *sandbox.AWSConfig, _, stage *sandbox.ListenerConfig) {
			stage.Rules = []sandbox.RuleConfig{{ARN: testPathARN, TargetGroup: "idle"}}
		}},
		"idle elsewhere at weight 0": {edit: func(c *sandbox.AWSConfig, _, _ *sandbox.ListenerConfig) { another(c, sending("third", 1, "idle", 0)) }},
		"draining in time": {others: object{"healthy_timeout": "15m"}, edit: func(c *sandbox.AWSConfig, _, _ *sandbox.ListenerConfig) {
			c.TargetGroups[0].Attributes = map[string]string{"deregistration_delay.timeout_seconds": "900"}
		}},
		"network load balancer": {blueGreen: by(flowsARN, ""), edit: func(c *sandbox.AWSConfig, _, stage *sandbox.ListenerConfig) {
			elsewhereAlso(c, "flows", "network", flowsARN, "")
			c.LoadBalancers[1].Listeners[0].DefaultActions = []sandbox.ActionConfig{sending("third", 100, "fourth", 0)}
			c.TargetGroups = append(c.TargetGroups, sandbox.TargetGroupConfig{Name: "fourth", Protocol: "TCP"})
			c.TargetGroups[2].Protocol = "TCP"
		}},
		"behind authentication": {edit: func(_ *sandbox.AWSConfig, https, _ *sandbox.ListenerConfig) {
			https.TargetGroup, https.DefaultActions = "", []sandbox.ActionConfig{{Type: "authenticate-oidc", Order: 1, Config: map[string]any{
				"ClientId": "web", "ClientSecret": "hidden", "Issuer": "https://idp", "AuthorizationEndpoint": "https://idp/a",
				"TokenEndpoint": "https://idp/t", "UserInfoEndpoint": "https://idp/u"}}, sending("web", 1)}
		}},
		"groups of the configuration give way": {others: object{"configuration": func() string {
			document := webDocument()
			at(document, "compute", "launchSpecification")["loadBalancersConfig"] = object{"loadBalancers": []any{
				object{"type": "TARGET_GROUP", "name": "gone", "arn": balancing + "targetgroup/gone/0123456789abcdef"}}}
			return asJSON(document)
		}()}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, balancedBy(m.history(), m.edit), func(t *testing.T, d *deployment) {
				if m.live {
					mustSucceed(t, d.load("web"))
				}
				mustSucceed(t, d.plan(m.config()).diags)
			})
		})
	}
}

func TestStickinessAndShift(t *testing.T) {
	bubble(t, balancedBy(nil, func(_ *sandbox.AWSConfig, _, stage *sandbox.ListenerConfig) { stage.TargetGroup = "third" }), func(t *testing.T, d *deployment) {
		action := weights(0, 0)
		action.ForwardConfig = &elbtypes.ForwardActionConfig{
			TargetGroups: []elbtypes.TargetGroupTuple{
				{TargetGroupArn: aws.String(webARN), Weight: aws.Int32(100)}, {TargetGroupArn: aws.String(idleARN), Weight: aws.Int32(0)}},
			TargetGroupStickinessConfig: &elbtypes.TargetGroupStickinessConfig{Enabled: aws.Bool(true), DurationSeconds: aws.Int32(60)},
		}
		d.setActions(httpsARN, action)
		mustSucceed(t, d.plan(byRoutes("ami-1", by(httpsARN, ""))).diags)
		mustWarn(t, d.plan(byRoutes("ami-1", by(httpsARN, "", object{"shift": []any{object{"weight": 10}}}))).diags, productionPath, "new clients only")
	})
}

// Groups that another state released, and imported ones without a journal, are told apart by who registers where.
func TestLiveRevisionWithoutAJournal(t *testing.T) {
	history := []json.RawMessage{existing("web__4", "ami-1", 2, 4, 8)}
	bubble(t, balancedBy(history, func(_ *sandbox.AWSConfig, https, _ *sandbox.ListenerConfig) { https.TargetGroup = "third" }), func(t *testing.T, d *deployment) {
		mustRefuse(t, d.plan(byRoutes("ami-2", by(httpsARN, testingARN))).diags, "name", "web__4")
		mustSucceed(t, d.load("web"))
		mustRefuse(t, d.plan(byRoutes("ami-2", by(httpsARN, testingARN))).diags, productionPath, "web__4", "in web")
	})
}

// What stands in the idle target group and is not the deployment's own is counted; a previous revision there is not.
func TestStrangersInTheIdleTargetGroup(t *testing.T) {
	for _, strangers := range []int{0, 2} {
		t.Run(fmt.Sprint(strangers), func(t *testing.T) {
			in := func(group json.RawMessage) json.RawMessage {
				return json.RawMessage(strings.ReplaceAll(string(group), webARN, idleARN))
			}
			history := []json.RawMessage{in(proven(1, 1, 1, 1)), proven(2, 2, 4, 8)}
			if strangers > 0 {
				history = append(history, in(existing("other", "ami-1", strangers, strangers, strangers)))
			}
			bubble(t, balancedBy(history, nil), func(t *testing.T, d *deployment) {
				mustSucceed(t, d.load("web"))
				registeredIn(t, d, idleARN, 1+strangers)
				diags := d.plan(byRoutes("ami-9", by(httpsARN, testingARN))).diags
				if strangers == 0 {
					mustSucceed(t, diags)
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
			bubble(t, balancedBy(nil, nil), func(t *testing.T, d *deployment) {
				d.world.Fail(sandbox.Fault{Service: "elbv2", Action: action, Times: -1, Kind: sandbox.Error, Status: 403, Code: "AccessDenied", Message: "not you"})
				mustRefuse(t, d.plan(byRoutes("ami-1", by(httpsARN, testingARN))).diags, at, "not you", "elasticloadbalancing:"+action)
			})
		})
	}
}
