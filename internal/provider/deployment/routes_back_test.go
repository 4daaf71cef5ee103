package deployment_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// goesBack applies a release that fails, and fails the test unless everything is then as it was: groups, routes, state.
func (d *deployment) goesBack(config object, serving object, words ...string) watch {
	d.t.Helper()
	stood, run := standing(d.world), d.watch()
	before := map[string][]elbtypes.Action{}
	for _, r := range d.world.Routes() {
		if routeNames[r.ARN] != "" {
			before[r.ARN] = d.actions(r.ARN)
		}
	}
	_, diags := d.tryApply(config)
	mustExplain(d.t, diags, append(words, "as before")...)
	if got := standing(d.world); got != stood {
		d.t.Errorf("it failed, and there is\n%s\nwhere there was\n%s", got, stood)
	}
	for arn, was := range before {
		if diff := cmp.Diff(was, d.actions(arn), asRead); diff != "" {
			d.t.Errorf("%s is not as it was:\n%s", routeNames[arn], diff)
		}
	}
	if d.now()["status"] != "stable" || d.now()["image_id"] != serving["image_id"] {
		d.t.Errorf("the state is %v with %v", d.now()["status"], d.now()["image_id"])
	}
	run.mustServe(4)
	neverDeletesInstances(d.t, d.world)
	d.world.ClearFaults()
	d.world.SetAlarm("web-5xx", "OK", "over")
	d.mustBeSettledBut(serving)
	return run
}

// mustSettleBack fails the test unless the candidate went only when its traffic had gone and that had settled.
func (w watch) mustSettleBack() {
	w.d.t.Helper()
	var switched time.Time
	for _, c := range w.d.world.Changes()[w.changes:] {
		switch {
		case isModify(&c):
			switched = c.Time
		case c.Action == "SetCapacity" && c.Name == "web__2" && sentTarget(w.d.t, c) == 0:
			if took := c.Time.Sub(switched); took < 30*time.Second {
				w.d.t.Errorf("the candidate was taken down %s after its traffic", took)
			}
			return
		}
	}
	w.d.t.Error("the candidate was never taken down")
}

// An image that never answers meets no traffic: no route is touched.
func TestUnhealthyBeforeTheSwitch(t *testing.T) {
	for name, test := range map[string]struct {
		world  sandbox.Config
		config func(image string, others ...object) object
	}{
		"instant": {blueGreenWorld(), switchAtOnce}, "shift": {blueGreenWorld(productionByWeights), func(image string, others ...object) object {
			return shiftByWeights(image, append(others, throughRoutes(route(productionARN)))...)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, test.world, func(t *testing.T, d *deployment) {
				d.apply(test.config("ami-1"))
				run := d.goesBack(test.config("ami-bad", object{"healthy_timeout": "4m"}), test.config("ami-1"), "0 of 4", "unhealthy in green")
				run.mustMove("create web__2", "web__2 0 -> 4", "web__2 4 -> 0", "delete web__2")
				run.mustReachTargets(productionARN)
			})
		})
	}
}

// An alarm brings traffic back in one call per route, and capacity last.
func TestAlarmBringsTrafficBack(t *testing.T) {
	stageless := func(image string) object { return shiftByWeights(image, throughRoutes(route(productionARN))) }
	out := []string{"web__2 4 -> 0", "delete web__2"}
	for name, test := range map[string]struct {
		world  sandbox.Config
		config func(image string) object
		nth    int           // the change of a route after which the alarm goes off
		after  time.Duration // how long after it
		there  []string
		back   []string
	}{
		"at the first weight": {blueGreenWorld(productionByWeights), stageless, 1, time.Minute,
			[]string{"production -> blue 90, green 10"}, []string{"production -> blue 100, green 0"}},
		"while the first weight settles": {blueGreenWorld(productionByWeights), stageless, 1, 5 * time.Second,
			[]string{"production -> blue 90, green 10"}, []string{"production -> blue 100, green 0"}},
		"at the second weight": {blueGreenWorld(productionByWeights), stageless, 2, time.Minute,
			[]string{"production -> blue 90, green 10", "production -> blue 50, green 50"}, []string{"production -> blue 100, green 0"}},
		"in the last bake of a shift": {blueGreenWorld(productionByWeights), stageless, 3, time.Minute,
			shiftMoves("production", "blue", "green"), []string{"production -> blue 100, green 0"}},
		"in the bake of a switch": {blueGreenWorld(), func(image string) object { return switchAtOnce(image) }, 2, time.Minute,
			[]string{"production -> green", "stage -> blue"}, []string{"production -> blue", "stage -> green"}},
		"in the bake of two routes": {blueGreenWorld(withSecond), func(image string) object {
			return switchAtOnce(image, throughRoutes(route(productionARN, testARN), route(secondARN, secondTestARN)))
		}, 4, time.Minute,
			[]string{"production -> green", "second -> gray", "stage -> blue", "second stage -> red"},
			[]string{"production -> blue", "second -> red", "stage -> green", "second stage -> gray"}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, test.world, func(t *testing.T, d *deployment) {
				d.apply(test.config("ami-1"))
				d.afterModify(test.nth, test.after, func() { d.world.SetAlarm("web-5xx", "ALARM", "9 errors a minute") })
				run := d.goesBack(test.config("ami-2"), test.config("ami-1"), "alarm web-5xx", "9 errors a minute")
				moves := append([]string{"create web__2", "web__2 0 -> 4"}, test.there...)
				run.mustMove(append(append(moves, test.back...), out...)...)
				run.mustReachTargets(productionARN, secondARN)
				run.mustSettleBack()
			})
		})
	}
}

// A release that crashes when all of production is on it. What crashed serves nobody, so that nothing is promised of it.
func TestCrashAfterTheSwitch(t *testing.T) {
	inBubble(t, blueGreenWorld(), func(t *testing.T, d *deployment) {
		d.apply(switchAtOnce("ami-1"))
		run := d.watch()
		_, diags := d.tryApply(switchAtOnce("ami-crash"))
		mustExplain(t, diags, "ami-crash failed", "unhealthy", "as before")
		run.mustMove("create web__2", "web__2 0 -> 4", "production -> green", "stage -> blue", "production -> blue", "stage -> green", "web__2 4 -> 0", "delete web__2")
		mustStand(t, d.world, "web__1 ami-1 2/4/8")
		d.mustForward(productionARN, "blue 1", testARN, "green 1")
	})
}

// A route that AWS refuses to change: those that were changed before it go back, and the error says what it said of which one.
// A target group that no route names any more comes back into use first, so that the traffic that comes back meets healthy targets.
func TestRefusedRouteUndoesTheOthers(t *testing.T) {
	both := func(image string) object {
		return switchAtOnce(image, throughRoutes(route(productionARN, testARN), route(secondARN, secondTestARN)))
	}
	pair := func(image string) object {
		return switchAtOnce(image, throughRoutes(route(productionARN, testARN), route(ruleARN, testRuleARN)))
	}
	out := []string{"web__2 4 -> 0", "delete web__2"}
	for name, test := range map[string]struct {
		config  func(image string) object
		refused string
		moves   []string
	}{
		"the first":  {both, productionARN, nil},
		"the second": {both, secondARN, []string{"production -> green", "production -> green 100, blue 0", "production -> blue"}},
		"the first stage": {both, testARN, []string{"production -> green", "second -> gray",
			"production -> green 100, blue 0", "second -> gray 100, red 0", "production -> blue", "second -> red"}},
		"the second stage": {both, secondTestARN, []string{"production -> green", "second -> gray", "stage -> blue",
			"second -> gray 100, red 0", "production -> blue", "second -> red", "stage -> green"}},
		"a rule": {pair, ruleARN, []string{"production -> green", "production -> blue"}},
	} {
		t.Run(name, func(t *testing.T) {
			world := []func(*sandbox.AWSConfig){withSecond}
			if modifies(test.refused) == "ModifyRule" {
				world = []func(*sandbox.AWSConfig){withRules}
			}
			inBubble(t, blueGreenWorld(world...), func(t *testing.T, d *deployment) {
				d.apply(test.config("ami-1"))
				d.world.Fail(sandbox.Fault{Service: "elbv2", Subject: test.refused, Action: modifies(test.refused), Kind: sandbox.Error, Status: 400,
					Code: "TooManyTargets", Message: "You've reached the limit"})
				run := d.goesBack(test.config("ami-2"), test.config("ami-1"), test.refused, "TooManyTargets", "You've reached the limit")
				run.mustMove(append(append([]string{"create web__2", "web__2 0 -> 4"}, test.moves...), out...)...)
				run.mustReachTargets(productionARN)
			})
		})
	}
}

// modifies is the action that changes a route.
func modifies(arn string) string {
	if routeNames[arn] == "rule" || routeNames[arn] == "stage rule" {
		return "ModifyRule"
	}
	return "ModifyListener"
}

// A way back that is refused, too, says where each route stands and what to do; the next apply goes on.
func TestRefusedWayBack(t *testing.T) {
	both := func(image string) object {
		return switchAtOnce(image, throughRoutes(route(productionARN, testARN), route(secondARN, secondTestARN)))
	}
	inBubble(t, blueGreenWorld(withSecond), func(t *testing.T, d *deployment) {
		d.apply(both("ami-1"))
		run := d.watch()
		refuse := sandbox.Fault{Service: "elbv2", Action: "ModifyListener", Kind: sandbox.Error, Status: 403, Code: "AccessDenied", Message: "not you"}
		refuse.Subject, refuse.Times = secondARN, -1
		d.world.Fail(refuse)
		refuse.Subject, refuse.Nth = productionARN, 2
		d.world.Fail(refuse)
		_, diags := d.tryApply(both("ami-2"))
		mustExplain(t, diags, "could not be completed", "AccessDenied", "not you",
			"listener colours/00000000000000c1 forwards to green", "listener second/00000000000000e1 forwards to red", "Apply again")
		if d.now()["status"] != "interrupted" {
			t.Errorf("status is %v", d.now()["status"])
		}
		run.mustServe(4)
		d.world.ClearFaults()
		d.restart()
		d.apply(both("ami-2")) // nothing has failed of the release itself, and nothing is noted: it goes on
		d.mustForward(productionARN, "green 1", secondARN, "gray 1", testARN, "blue 1", secondTestARN, "red 1")
		run.mustServe(4)
		run.mustReachTargets(productionARN, secondARN)
	})
}

// What was recorded is what comes back: the form for a single target group, the order and the scale of weights, stickiness.
func TestRoutesComeBackAsRecorded(t *testing.T) {
	single := elbtypes.Action{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: aws.String(blueARN)}
	swapped := weights(7, 0)
	groups := swapped.ForwardConfig.TargetGroups
	groups[0], groups[1] = groups[1], groups[0]
	for name, test := range map[string]struct {
		world  []func(*sandbox.AWSConfig)
		action []elbtypes.Action
		config func(image string) object
	}{
		"a single target group":   {nil, []elbtypes.Action{single}, func(image string) object { return switchAtOnce(image) }},
		"a single one by weights": {nil, []elbtypes.Action{single}, func(image string) object { return shiftByWeights(image) }},
		"weights in another order": {[]func(*sandbox.AWSConfig){productionByWeights}, []elbtypes.Action{swapped}, func(image string) object {
			return shiftByWeights(image, throughRoutes(route(productionARN)))
		}},
		"stickiness and login": {[]func(*sandbox.AWSConfig){productionByWeights}, []elbtypes.Action{login(), withOrder(withStickiness(weights(999, 0)), 2)}, func(image string) object {
			return shiftByWeights(image, throughRoutes(route(productionARN)))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, blueGreenWorld(test.world...), func(t *testing.T, d *deployment) {
				d.setActions(productionARN, test.action...)
				time.Sleep(time.Minute)
				d.apply(test.config("ami-1"))
				d.afterModify(2, 40*time.Second, func() { d.world.SetAlarm("web-5xx", "ALARM", "9 errors a minute") })
				d.goesBack(test.config("ami-2"), test.config("ami-1"), "9 errors a minute").mustReachTargets(productionARN)
			})
		})
	}
}
