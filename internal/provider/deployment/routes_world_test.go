package deployment_test

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

const (
	inElb    = "arn:aws:elasticloadbalancing:us-east-1:123456789012:"
	blueARN  = inElb + "targetgroup/blue/00000000000000b1"
	greenARN = inElb + "targetgroup/green/00000000000000b2"
	// Those of a second balancer.
	redARN  = inElb + "targetgroup/red/00000000000000b3"
	grayARN = inElb + "targetgroup/gray/00000000000000b4"

	colours       = "app/colours/00000000000000c0/"
	balancerARN   = inElb + "loadbalancer/app/colours/00000000000000c0"
	productionARN = inElb + "listener/" + colours + "00000000000000c1"
	testARN       = inElb + "listener/" + colours + "00000000000000c2"
	ruleARN       = inElb + "listener-rule/" + colours + "00000000000000c1/00000000000000d1"
	testRuleARN   = inElb + "listener-rule/" + colours + "00000000000000c2/00000000000000d2"
	secondARN     = inElb + "listener/app/second/00000000000000e0/00000000000000e1"
	secondTestARN = inElb + "listener/app/second/00000000000000e0/00000000000000e2"
	networkARN    = inElb + "listener/net/network/00000000000000f0/00000000000000f1"
)

// routeNames are what the tests call the routes.
var routeNames = map[string]string{
	productionARN: "production", testARN: "stage", ruleARN: "rule", testRuleARN: "stage rule",
	secondARN: "second", secondTestARN: "second stage", networkARN: "network",
}

// forwardToTwo is an action to two target groups.
func forwardToTwo(one string, weight int, other string, rest int) []sandbox.ActionConfig {
	return []sandbox.ActionConfig{{TargetGroups: []sandbox.WeightConfig{{TargetGroup: one, Weight: weight}, {TargetGroup: other, Weight: rest}}}}
}

// blueGreenWorld is canaryWorld with a load balancer whose production shows blue and whose stage shows green. Change has the
// last word.
func blueGreenWorld(change ...func(*sandbox.AWSConfig)) sandbox.Config {
	config := canaryWorld()
	in := &config.AWS
	in.TargetGroups = append(in.TargetGroups, sandbox.TargetGroupConfig{Name: "blue", ARN: blueARN, Attributes: drained}, sandbox.TargetGroupConfig{Name: "green", ARN: greenARN, Attributes: drained})
	in.LoadBalancers = append(in.LoadBalancers, sandbox.LoadBalancerConfig{
		Name: "colours", ARN: balancerARN,
		Listeners: []sandbox.ListenerConfig{
			{ARN: productionARN, Port: 443, TargetGroup: "blue"},
			{ARN: testARN, Port: 8443, TargetGroup: "green", Stage: true},
		},
	})
	for _, c := range change {
		c(in)
	}
	return config
}

// listenersOf are those of the load balancer of coloursWorld.
func listenersOf(in *sandbox.AWSConfig) []sandbox.ListenerConfig {
	return in.LoadBalancers[len(in.LoadBalancers)-1].Listeners
}

// withRules gives production and stage a rule each, which forward as the listeners do.
func withRules(in *sandbox.AWSConfig) {
	listenersOf(in)[0].Rules = []sandbox.RuleConfig{{ARN: ruleARN, TargetGroup: "blue"}}
	listenersOf(in)[1].Rules = []sandbox.RuleConfig{{ARN: testRuleARN, TargetGroup: "green", Stage: true}}
}

// productionByWeights has production's listener name both target groups, and leaves no stage.
func productionByWeights(in *sandbox.AWSConfig) {
	listener := listenersOf(in)[0]
	listener.TargetGroup, listener.DefaultActions = "", forwardToTwo("blue", 100, "green", 0)
	in.LoadBalancers[len(in.LoadBalancers)-1].Listeners = []sandbox.ListenerConfig{listener}
}

// productionAndRuleByWeights is productionByWeights with a rule that forwards as the listener does.
func productionAndRuleByWeights(in *sandbox.AWSConfig) {
	productionByWeights(in)
	listenersOf(in)[0].Rules = []sandbox.RuleConfig{{ARN: ruleARN, Actions: forwardToTwo("blue", 100, "green", 0)}}
}

// onlyRule is alsoRule with a listener that forwards nowhere.
func onlyRule(in *sandbox.AWSConfig) {
	productionAndRuleByWeights(in)
	listenersOf(in)[0].DefaultActions = []sandbox.ActionConfig{{Type: "fixed-response", Config: map[string]any{"StatusCode": "404"}}}
}

// byDefaultRule is productionByWeights with a listener whose ARN goes with that of its default rule.
func byDefaultRule(in *sandbox.AWSConfig) {
	productionByWeights(in)
	listenersOf(in)[0].ARN = ""
}

// withSecond adds a balancer with target groups of its own: production shows red, stage shows gray.
func withSecond(in *sandbox.AWSConfig) {
	in.TargetGroups = append(in.TargetGroups, sandbox.TargetGroupConfig{Name: "red", ARN: redARN, Attributes: drained}, sandbox.TargetGroupConfig{Name: "gray", ARN: grayARN, Attributes: drained})
	in.LoadBalancers = append(in.LoadBalancers, sandbox.LoadBalancerConfig{
		Name: "second", ARN: inElb + "loadbalancer/app/second/00000000000000e0",
		Listeners: []sandbox.ListenerConfig{
			{ARN: secondARN, Port: 443, TargetGroup: "red"}, {ARN: secondTestARN, Port: 8443, TargetGroup: "gray", Stage: true},
		},
	})
}

// route is a route as a user writes it.
func route(production string, stage ...string) object {
	r := object{"production_arn": production}
	if len(stage) > 0 {
		r["stage_arn"] = stage[0]
	}
	return r
}

// switchAtOnce is a blue/green release by one switch of production and stage, baked for two minutes and watched by an alarm.
func switchAtOnce(image string, others ...object) object { return between(image, nil, others...) }

// shiftByWeights is one by the weights 10 and 50, a minute each.
func shiftByWeights(image string, others ...object) object {
	return between(image, object{"shift": []any{object{"weight": 10, "bake": "1m"}, object{"weight": 50, "bake": "1m"}}}, others...)
}

// between is a blue/green release. What others say of blue_green is added to it.
func between(image string, how object, others ...object) object {
	bg := withChanges(object{"route": []any{route(productionARN, testARN)}, "bake": "2m"}, how)
	config := release(image, object{"target_group_arns": nil, "verify": object{"alarms": []any{"web-5xx"}}})
	for _, other := range others {
		other = withChanges(other)
		if more, ok := other["blue_green"].(object); ok {
			bg = withChanges(bg, more)
			delete(other, "blue_green")
		}
		config = withChanges(config, other)
	}
	config["blue_green"] = bg
	return config
}

// inBlueGreen is what is written in blue_green.
func inBlueGreen(more object) object { return object{"blue_green": more} }

// throughRoutes is a release by these routes.
func throughRoutes(routes ...any) object { return inBlueGreen(object{"route": routes}) }

// moves is what the run has done to groups and routes, in order: "web__2 0 -> 4", "production -> green",
// "production -> blue 90, green 10".
func (w watch) moves() []string {
	w.d.t.Helper()
	did := w.did()
	var shown []string
	for _, c := range w.d.world.Changes()[w.changes:] {
		if isModify(&c) {
			name := routeNames[c.Subject]
			if name == "" {
				name = strings.TrimPrefix(c.Action, "Modify")
			}
			shown = append(shown, name+" -> "+sentForward(w.d.t, c))
		}
	}
	for i, line := range did {
		if strings.HasPrefix(line, "Modify") {
			did[i], shown = shown[0], shown[1:]
		}
	}
	return did
}

// mustMove fails the test unless exactly this was done.
func (w watch) mustMove(want ...string) {
	w.d.t.Helper()
	if got := w.moves(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		w.d.t.Errorf("the run did\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func isModify(c *sandbox.Call) bool { return c.Action == "ModifyListener" || c.Action == "ModifyRule" }

// sentForward is where a call makes its route forward.
func sentForward(t testing.TB, c sandbox.Call) string {
	t.Helper()
	form, err := url.ParseQuery(c.Body)
	if err != nil {
		t.Fatal(err)
	}
	list := "DefaultActions"
	if c.Action == "ModifyRule" {
		list = "Actions"
	}
	for n := 1; form.Has(fmt.Sprintf("%s.member.%d.Type", list, n)); n++ {
		at := fmt.Sprintf("%s.member.%d.ForwardConfig.TargetGroups.member.", list, n)
		var shares []string
		for m := 1; form.Has(fmt.Sprintf("%s%d.TargetGroupArn", at, m)); m++ {
			each := strings.Split(form.Get(fmt.Sprintf("%s%d.TargetGroupArn", at, m)), "/")[1]
			shares = append(shares, strings.TrimSpace(each+" "+form.Get(fmt.Sprintf("%s%d.Weight", at, m))))
		}
		if len(shares) > 0 {
			return strings.Join(shares, ", ")
		}
	}
	t.Fatalf("a call that forwards nowhere: %s", c.Body)
	return ""
}

// mustReachTargets fails the test if at any moment since production's traffic went to a target group without healthy targets, or
// to none at all. Targets that were healthy go on to serve while no action names their group any more and traffic still
// follows: between the change of production and that of stage.
func (w watch) mustReachTargets(routes ...string) {
	w.d.t.Helper()
	ready := map[string]bool{}
	for _, m := range w.d.world.Timeline()[max(w.moments-1, 0):] {
		for _, g := range m.TargetGroups {
			ready[g.ARN] = g.Healthy > 0 || ready[g.ARN] && g.Unused+g.Initial > 0 && g.Unhealthy == 0
		}
		for _, r := range m.Routes {
			if !slices.Contains(routes, r.ARN) {
				continue
			}
			reached := false
			for _, share := range r.Weights {
				reached = reached || share.Weight > 0
				if share.Weight > 0 && !ready[share.TargetGroup] {
					w.d.t.Errorf("at %s %s sent traffic to %s, where nothing was healthy", m.Time.Format("15:04:05"), routeNames[r.ARN], share.TargetGroup)
					return
				}
			}
			if !reached {
				w.d.t.Errorf("at %s %s sent its traffic nowhere", m.Time.Format("15:04:05"), routeNames[r.ARN])
				return
			}
		}
	}
}

// someoneElse is a client of someone else in AWS.
func (d *deployment) someoneElse() *elbv2.Client {
	return elbv2.New(elbv2.Options{
		Region: "us-east-1", HTTPClient: d.world.Client(), Credentials: credentials.NewStaticCredentialsProvider("AKIASANDBOX", providertest.Secret, ""),
	})
}

// actions are those of a listener or rule as AWS shows them.
func (d *deployment) actions(arn string) []elbtypes.Action {
	d.t.Helper()
	if strings.Contains(arn, ":listener-rule/") {
		out, err := d.someoneElse().DescribeRules(context.Background(), &elbv2.DescribeRulesInput{RuleArns: []string{arn}})
		if err != nil {
			d.t.Fatal(err)
		}
		return out.Rules[0].Actions
	}
	out, err := d.someoneElse().DescribeListeners(context.Background(), &elbv2.DescribeListenersInput{ListenerArns: []string{arn}})
	if err != nil {
		d.t.Fatal(err)
	}
	return out.Listeners[0].DefaultActions
}

// setActions is what someone else does in the console.
func (d *deployment) setActions(arn string, actions ...elbtypes.Action) {
	d.t.Helper()
	var err error
	if strings.Contains(arn, ":listener-rule/") {
		_, err = d.someoneElse().ModifyRule(context.Background(), &elbv2.ModifyRuleInput{RuleArn: &arn, Actions: actions})
	} else {
		_, err = d.someoneElse().ModifyListener(context.Background(), &elbv2.ModifyListenerInput{ListenerArn: &arn, DefaultActions: actions})
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

// weights is a forward action to blue and green.
func weights(blue, green int32) elbtypes.Action {
	return elbtypes.Action{Type: elbtypes.ActionTypeEnumForward, ForwardConfig: &elbtypes.ForwardActionConfig{TargetGroups: []elbtypes.TargetGroupTuple{
		{TargetGroupArn: aws.String(blueARN), Weight: &blue}, {TargetGroupArn: aws.String(greenARN), Weight: &green},
	}}}
}

// forwardsTo is where a route forwards as AWS shows it: "blue 100, green 0".
func (d *deployment) forwardsTo(arn string) string {
	d.t.Helper()
	var shares []string
	actions := d.actions(arn)
	for _, g := range actions[len(actions)-1].ForwardConfig.TargetGroups {
		shares = append(shares, fmt.Sprintf("%s %d", strings.Split(*g.TargetGroupArn, "/")[1], aws.ToInt32(g.Weight)))
	}
	return strings.Join(shares, ", ")
}

// mustForward fails the test unless the routes forward so, a pair of route and target groups each.
func (d *deployment) mustForward(pairs ...string) {
	d.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if got := d.forwardsTo(pairs[i]); got != pairs[i+1] {
			d.t.Errorf("%s forwards to %s, want %s", routeNames[pairs[i]], got, pairs[i+1])
		}
	}
}

// carryOut applies what was planned, and expects success.
func (d *deployment) carryOut(p planned, config object) {
	d.t.Helper()
	if _, diags := d.applyPlan(d.t.Context(), p, config); providertest.Failed(diags) {
		d.t.Fatalf("apply:\n%s\nthe world:\n%s", providertest.Render(diags), standing(d.world))
	}
}

// afterModify does something once, a while after the nth change of a route has taken effect.
func (d *deployment) afterModify(nth int, later time.Duration, do func()) {
	met := 0
	d.world.Intercept(nil, func(c *sandbox.Call) {
		if !isModify(c) {
			return
		}
		if met++; met == nth {
			time.AfterFunc(later, do)
		}
	})
}
