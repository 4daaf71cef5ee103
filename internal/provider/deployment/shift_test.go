package deployment_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// shiftMoves are the moves of a whole shift of one route.
func shiftMoves(route, from, to string) []string {
	return []string{
		route + " -> " + from + " 90, " + to + " 10", route + " -> " + from + " 50, " + to + " 50", route + " -> " + from + " 0, " + to + " 100",
	}
}

// movesAround are the moves of a release whose routes move so.
func movesAround(candidate, previous string, moves ...string) []string {
	all := append([]string{"create " + candidate, candidate + " 0 -> 4"}, moves...)
	return append(all, previous+" 4 -> 0")
}

func TestShiftByWeights(t *testing.T) {
	network := func(in *sandbox.AWSConfig) {
		in.TargetGroups = append(in.TargetGroups, sandbox.TargetGroupConfig{Name: "red", ARN: redARN, Protocol: "TCP", Attributes: drained},
			sandbox.TargetGroupConfig{Name: "gray", ARN: grayARN, Protocol: "TCP", Attributes: drained})
		in.LoadBalancers = append(in.LoadBalancers, sandbox.LoadBalancerConfig{
			Name: "network", ARN: inElb + "loadbalancer/net/network/00000000000000f0", Type: "network",
			Listeners: []sandbox.ListenerConfig{{ARN: networkARN, Port: 443, DefaultActions: forwardToTwo("red", 100, "gray", 0)}},
		})
	}
	for name, test := range map[string]struct {
		world     func(*sandbox.AWSConfig)
		routeARN  func(d *deployment) string
		name      string // of the route that is changed
		one, next string
	}{
		"of a listener":       {productionByWeights, func(*deployment) string { return productionARN }, "production", "blue", "green"},
		"of a rule":           {onlyRule, func(*deployment) string { return ruleARN }, "rule", "blue", "green"},
		"of a default rule":   {byDefaultRule, (*deployment).defaultRule, "Listener", "blue", "green"},
		"of a network's":      {network, func(*deployment) string { return networkARN }, "network", "red", "gray"},
		"of unequal weights":  {listenerWeights(7, 0), func(*deployment) string { return productionARN }, "production", "blue", "green"},
		"to the first of two": {listenerWeights(0, 3), func(*deployment) string { return productionARN }, "production", "green", "blue"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, blueGreenWorld(test.world), func(t *testing.T, d *deployment) {
				arn := test.routeARN(d)
				shift := func(image string) object { return shiftByWeights(image, throughRoutes(route(arn))) }
				moves := func(from, to string) []string { return shiftMoves(test.name, from, to) }
				d.apply(shift("ami-1"))
				run := d.watch()
				d.apply(shift("ami-2"))
				run.mustMove(movesAround("web__2", "web__1", moves(test.one, test.next)...)...)
				run.mustServe(4)
				run.mustReachTargets(arn)
				run.mustWaitFor(2*time.Minute + 30*time.Second)
				run.mustBakeAtWeights(90*time.Second, 90*time.Second)
				d.mustForward(arn, test.one+" 0, "+test.next+" 100")

				run = d.watch()
				d.apply(shift("ami-3"))
				run.mustMove(movesAround("web__3", "web__2", moves(test.next, test.one)...)...)
				run.mustServe(4)
				run.mustReachTargets(arn)
			})
		})
	}
}

// listenerWeights is productionByWeights with other weights in the listener.
func listenerWeights(blue, green int) func(*sandbox.AWSConfig) {
	return func(in *sandbox.AWSConfig) {
		productionByWeights(in)
		listenersOf(in)[0].DefaultActions = forwardToTwo("blue", blue, "green", green)
	}
}

// defaultRule is the rule that is the default of production's listener.
func (d *deployment) defaultRule() string {
	d.t.Helper()
	listeners, err := d.someoneElse().DescribeListeners(context.Background(), &elbv2.DescribeListenersInput{LoadBalancerArn: aws.String(balancerARN)})
	if err != nil {
		d.t.Fatal(err)
	}
	rules, err := d.someoneElse().DescribeRules(context.Background(), &elbv2.DescribeRulesInput{ListenerArn: listeners.Listeners[0].ListenerArn})
	if err != nil {
		d.t.Fatal(err)
	}
	for _, r := range rules.Rules {
		if aws.ToBool(r.IsDefault) {
			return *r.RuleArn
		}
	}
	d.t.Fatal("there is no default rule")
	return ""
}

// mustBakeAtWeights fails the test unless that much time, and less than a minute more, was between the changes of the routes.
func (w watch) mustBakeAtWeights(bakes ...time.Duration) {
	w.d.t.Helper()
	var at []time.Time
	for _, c := range w.d.world.Changes()[w.changes:] {
		if isModify(&c) {
			at = append(at, c.Time)
		}
	}
	if len(at) != len(bakes)+1 {
		w.d.t.Fatalf("routes were changed %d times", len(at))
	}
	for i, bake := range bakes {
		if took := at[i+1].Sub(at[i]); took < bake || took > bake+time.Minute {
			w.d.t.Errorf("change %d came %s after the one before it, want %s", i+2, took, bake)
		}
	}
}

// Routes go as a unit: production of all of them, then stage of all of them.
func TestRoutesGoAsAUnit(t *testing.T) {
	for name, test := range map[string]struct {
		world        []func(*sandbox.AWSConfig)
		config       func(image string) object
		there, again []string
		routes       []string
		groups       map[string]int // healthy targets of the first revision
	}{
		"shift with stage": {nil, func(image string) object { return shiftByWeights(image) },
			shiftMoves("production", "blue", "green"),
			append([]string{"stage -> blue"}, shiftMoves("production", "green", "blue")...),
			[]string{productionARN}, map[string]int{"blue": 4}},
		"two routes of one balancer": {[]func(*sandbox.AWSConfig){withRules}, func(image string) object {
			return switchAtOnce(image, throughRoutes(route(productionARN, testARN), route(ruleARN, testRuleARN)))
		},
			[]string{"production -> green", "rule -> green", "stage -> blue", "stage rule -> blue"},
			[]string{"production -> blue", "rule -> blue", "stage -> green", "stage rule -> green"},
			[]string{productionARN, ruleARN}, map[string]int{"blue": 4}},
		"two balancers": {[]func(*sandbox.AWSConfig){withSecond}, func(image string) object {
			return switchAtOnce(image, throughRoutes(route(productionARN, testARN), route(secondARN, secondTestARN)))
		},
			[]string{"production -> green", "second -> gray", "stage -> blue", "second stage -> red"},
			[]string{"production -> blue", "second -> red", "stage -> green", "second stage -> gray"},
			[]string{productionARN, secondARN}, map[string]int{"blue": 4, "red": 4}},
		"two balancers by weights": {[]func(*sandbox.AWSConfig){withSecond}, func(image string) object {
			return shiftByWeights(image, throughRoutes(route(productionARN, testARN), route(secondARN, secondTestARN)), inBlueGreen(object{"shift": []any{object{"weight": 30}}}))
		},
			[]string{"production -> blue 70, green 30", "second -> red 70, gray 30", "production -> blue 0, green 100", "second -> red 0, gray 100"},
			[]string{"stage -> blue", "second stage -> red", "production -> green 70, blue 30", "second -> gray 70, red 30", "production -> green 0, blue 100", "second -> gray 0, red 100"},
			[]string{productionARN, secondARN}, map[string]int{"blue": 4, "red": 4}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, blueGreenWorld(test.world...), func(t *testing.T, d *deployment) {
				d.apply(test.config("ami-1"))
				for _, g := range d.world.TargetGroups() {
					if g.Healthy != test.groups[g.Name] {
						t.Errorf("%d targets of the first revision are healthy in %s", g.Healthy, g.Name)
					}
				}
				run := d.watch()
				d.apply(test.config("ami-2"))
				run.mustMove(movesAround("web__2", "web__1", test.there...)...)
				d.apply(test.config("ami-3"))
				run.mustMove(append(movesAround("web__2", "web__1", test.there...), movesAround("web__3", "web__2", test.again...)...)...)
				run.mustServe(4)
				run.mustReachTargets(test.routes...)
				neverDeletesInstances(t, d.world)
			})
		})
	}
}

var asRead = cmpopts.IgnoreUnexported(elbtypes.Action{}, elbtypes.ForwardActionConfig{}, elbtypes.TargetGroupTuple{},
	elbtypes.TargetGroupStickinessConfig{}, elbtypes.AuthenticateOidcActionConfig{}, elbtypes.FixedResponseActionConfig{})

// withStickiness is a forward action whose clients stay with the target group that they met.
func withStickiness(action elbtypes.Action) elbtypes.Action {
	action.ForwardConfig.TargetGroupStickinessConfig = &elbtypes.TargetGroupStickinessConfig{Enabled: aws.Bool(true), DurationSeconds: aws.Int32(1800)}
	return action
}

// login is an action with a secret that AWS never shows again.
func login() elbtypes.Action {
	return elbtypes.Action{Type: elbtypes.ActionTypeEnumAuthenticateOidc, Order: aws.Int32(1), AuthenticateOidcConfig: &elbtypes.AuthenticateOidcActionConfig{
		Issuer: aws.String("https://id.example.com"), AuthorizationEndpoint: aws.String("https://id.example.com/a"), TokenEndpoint: aws.String("https://id.example.com/t"),
		UserInfoEndpoint: aws.String("https://id.example.com/u"), ClientId: aws.String("web"), ClientSecret: aws.String(providertest.LoginSecret), SessionTimeout: aws.Int64(3600),
	}}
}

func withOrder(action elbtypes.Action, order int32) elbtypes.Action {
	action.Order = &order
	return action
}

// Everything of a route but its target groups is somebody else's: authentication, the order of actions, stickiness.
func TestOtherActionsComeBackUnchanged(t *testing.T) {
	for routeARN, world := range map[string]func(*sandbox.AWSConfig){productionARN: productionByWeights, ruleARN: onlyRule} {
		t.Run(routeNames[routeARN], func(t *testing.T) {
			inBubble(t, blueGreenWorld(world), func(t *testing.T, d *deployment) {
				d.setActions(routeARN, login(), withOrder(withStickiness(weights(100, 0)), 2))
				before := d.actions(routeARN)
				d.apply(shiftByWeights("ami-1", throughRoutes(route(routeARN))))
				d.apply(shiftByWeights("ami-2", throughRoutes(route(routeARN))))
				d.apply(shiftByWeights("ami-3", throughRoutes(route(routeARN))))
				after := d.actions(routeARN)
				for _, actions := range [][]elbtypes.Action{before, after} {
					groups := actions[1].ForwardConfig.TargetGroups
					for i := range groups {
						groups[i].Weight = nil
					}
				}
				byName := cmpopts.SortSlices(func(a, b elbtypes.TargetGroupTuple) bool { return *a.TargetGroupArn < *b.TargetGroupArn })
				if diff := cmp.Diff(before, after, asRead, byName); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}
