package deployment_test

import (
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// strategyMistakes are about canaries, blue/green and the time that both take.
var strategyMistakes = map[string]mistake{
	"canary and blue/green": {noticed: byValidation, blueGreen: pair, others: inPhases(percentPhase(10)),
		at: "blue_green", says: []string{"Both canary and blue_green are written", "Write one of them"}},
	"blue/green and target groups": {noticed: byValidation, others: object{"blue_green": pair},
		at: "target_group_arns", says: []string{"routes", "Leave target_group_arns out"}},
	"blue/green and classic balancers": {noticed: byValidation, blueGreen: pair, others: object{"load_balancer_names": []any{"old"}},
		at: "load_balancer_names", says: []string{"routes", "Leave load_balancer_names out"}},
	"production and stage the same": {noticed: byValidation, blueGreen: oneRoute(httpsARN, httpsARN),
		at: stagePath, says: []string{httpsARN, "blue_green.route[0].production_arn"}},
	"a target group for a listener": {noticed: byValidation, blueGreen: oneRoute(providertest.WebARN, testingARN),
		at: productionPath, says: []string{providertest.WebARN, "is not the ARN of a listener or listener rule"}},
	"a load balancer for a listener": {noticed: byValidation, blueGreen: oneRoute(providertest.AppARN, testingARN),
		at: productionPath, says: []string{providertest.AppARN, "is not the ARN of a listener or listener rule"}},
	"a name for a listener": {noticed: byValidation, blueGreen: oneRoute("https", testingARN),
		at: productionPath, says: []string{`"https"`, "arn:aws:elasticloadbalancing:"}},
	"weights that do not grow": {noticed: byValidation, blueGreen: bothChanges(pair, shiftSteps(10, 50, 20)),
		at: "blue_green.shift.2.weight", says: []string{"The weight is 20, and the one before it 50", "more than the one before it"}},

	"a count of the whole": {noticed: byValidation, others: inPhases(countPhase(4)),
		at: "canary.phase.0.count", says: []string{"count of 4", "capacity.target is 4", "write at most 3"}},
	"a count above the target": {noticed: byValidation, others: inPhases(percentPhase(25), countPhase(9)),
		at: "canary.phase.1.count", says: []string{"Phase 2 has a count of 9", "capacity.target is 4"}},
	"phases that do not grow": {noticed: byValidation, others: inPhases(percentPhase(25), percentPhase(50), percentPhase(40)),
		at: "canary.phase.2.percent", says: []string{"Phase 3 takes over 40 %", "phase 2 has taken 50 %", "count from the beginning"}},
	"a previous revision that grows again": {noticed: byValidation, others: inPhases(percentPhase(25, "previous_percent", 10), percentPhase(50)),
		at: "canary.phase.1", says: []string{"Phase 2 leaves 50 %", "has left only 10 %", "previous_percent"}},
	"less than promised remains": {noticed: inPlan, live: true, others: inPhases(percentPhase(25, "previous_percent", 25)),
		says: []string{"2 of 4 serve"}},
	"a phase of 100 percent": {noticed: byValidation, others: inPhases(percentPhase(25), percentPhase(100)),
		at: "canary.phase.1.percent", says: []string{"A last phase of 100 is implied", "leave this one out"}},
	"a weight of 100 percent": {noticed: byValidation, blueGreen: bothChanges(pair, shiftSteps(10, 100)),
		at: "blue_green.shift.1.weight", says: []string{"A last weight of 100 is implied", "leave this one out"}},
	"a phase of more than all": {noticed: byValidation, others: inPhases(percentPhase(250)),
		at: "canary.phase.0.percent", says: []string{"250 is not between 1 and 99"}},
	"hold beyond the phases": {noticed: byValidation, others: bothChanges(inPhases(percentPhase(25), percentPhase(50)), object{"hold_after_phase": 3}),
		at: "hold_after_phase", says: []string{"hold_after_phase is 3", "canary has 2 phases", "from 1 to 2"}},
	"hold beyond the weights": {noticed: byValidation, blueGreen: bothChanges(pair, shiftSteps(10, 50)), others: object{"hold_after_phase": 3},
		at: "hold_after_phase", says: []string{"hold_after_phase is 3", "has 2 weights", "from 0 (on stage) to 2"}},
	"hold of nothing": {noticed: byValidation, others: object{"hold_after_phase": 1},
		at: "hold_after_phase", says: []string{"no canary", "leave hold_after_phase out"}},
	"a bake without a unit": {noticed: byValidation, others: inPhases(percentPhase(25, "bake", "300")),
		at: "canary.phase.0.bake", says: []string{`canary.phase[0].bake: "300" is not a duration`, `"5m"`}},

	"bakes beyond the time-out": {noticed: byValidation, warned: true, others: inPhases(percentPhase(25, "bake", "40m"), percentPhase(50, "bake", "20m")),
		at: "canary", says: []string{"The bakes of the phases are 1h in all", "timeouts.update is 1h, its default", "half way", "Make timeouts.update longer"}},
	"bakes and healthy times beyond it": {noticed: byValidation, warned: true,
		others: bothChanges(inPhases(percentPhase(25, "bake", "10m"), percentPhase(50, "bake", "10m")), object{"verify": object{"min_healthy_time": "5m"}, "timeouts": object{"update": "30m"}}),
		at:     "timeouts.update", says: []string{"verify.min_healthy_time, 3 times, are 35m in all", "timeouts.update is 30m"}},
	"bakes and settle times beyond it": {noticed: byValidation, warned: true,
		blueGreen: bothChanges(pair, object{"bake": "10m", "settle": "10m", "shift": []any{object{"weight": 10, "bake": "10m"}, object{"weight": 50, "bake": "10m"}}}),
		at:        "blue_green", says: []string{"bakes and settle times", "are 1h in all", "timeouts.update is 1h, its default"}},
	"one wait beyond it": {noticed: byValidation, warned: true, others: object{"healthy_timeout": "90m"},
		at: "healthy_timeout", says: []string{"healthy_timeout is 1h30m", "timeouts.update is 1h, its default", "not be taken back"}},
	"less time than a wait takes by default": {noticed: byValidation, warned: true, others: object{"timeouts": object{"update": "10m"}},
		at: "timeouts.update", says: []string{"healthy_timeout is 15m", "timeouts.update is 10m", "not be taken back"}},
}

// routeMistakes are about the listeners and rules of blue/green.
var routeMistakes = map[string]mistake{
	"production not found": {noticed: byPlan, blueGreen: oneRoute(noneARN, testingARN), at: productionPath, says: []string{"not found", noneARN, "asked in region us-east-1, account 123456789012",
		"Load balancer app has these listeners: " + httpsARN + " (HTTPS 443)", testingARN}},
	"listener of a balancer that is not there": {noticed: byPlan, blueGreen: oneRoute(balancing+"listener/app/ap/0123456789abcdef/0000000000000443", testingARN),
		at: productionPath, says: []string{"not found", "No load balancer is called ap there."}},
	"stage not found": {noticed: byPlan, blueGreen: oneRoute(httpsARN, noneARN), at: stagePath, says: []string{"not found", noneARN}},
	"rule not found":  {noticed: byPlan, blueGreen: oneRoute(pathARN, testingARN), at: productionPath, says: []string{"not found", pathARN, "Load balancer app has these listeners:"}},
	"redirect": {noticed: byPlan, blueGreen: pair, at: productionPath, says: []string{httpsARN, "redirect"}, edit: func(_ *sandbox.AWSConfig, https, _ *sandbox.ListenerConfig) {
		https.TargetGroup, https.DefaultActions = "", []sandbox.ActionConfig{{Type: "redirect", Config: map[string]any{"StatusCode": "HTTP_301", "Port": "443"}}}
	}},
	"fixed response on stage": {noticed: byPlan, blueGreen: pair, at: stagePath, says: []string{testingARN, "503", "fixed-response"}, edit: func(_ *sandbox.AWSConfig, _, stage *sandbox.ListenerConfig) {
		stage.TargetGroup, stage.DefaultActions = "", []sandbox.ActionConfig{{Type: "fixed-response", Config: map[string]any{"StatusCode": "503"}}}
	}},
	"one group, no stage": {noticed: byPlan, blueGreen: oneRoute(httpsARN, ""), at: productionPath, says: []string{"web", "no stage", "two target groups"}},
	"the same on both":    {noticed: byPlan, blueGreen: pair, at: productionPath, says: []string{"exactly two"}, edit: func(_ *sandbox.AWSConfig, _, stage *sandbox.ListenerConfig) { stage.TargetGroup = "web" }},
	"three groups": {noticed: byPlan, blueGreen: pair, at: productionPath, says: []string{"web 50 %", "third 50 %", "idle", "exactly two"}, edit: func(_ *sandbox.AWSConfig, https, _ *sandbox.ListenerConfig) {
		https.TargetGroup, https.DefaultActions = "", []sandbox.ActionConfig{forwardAction("web", 1, "third", 1)}
	}},
	"nothing has a weight": {noticed: byPlan, blueGreen: oneRoute(httpsARN, ""), at: productionPath, says: []string{"All weights", "0"}, edit: func(_ *sandbox.AWSConfig, https, stage *sandbox.ListenerConfig) {
		stage.TargetGroup = "third"

		https.TargetGroup, https.DefaultActions = "", []sandbox.ActionConfig{forwardAction("web", 0, "idle", 0)}
	}},
	"addresses live": {noticed: byPlan, blueGreen: pair, at: productionPath, says: []string{"addresses", `"ip"`}, edit: func(_ *sandbox.AWSConfig, https, _ *sandbox.ListenerConfig) { https.TargetGroup = "addresses" }},
	"addresses idle": {noticed: byPlan, blueGreen: pair, at: stagePath, says: []string{"addresses", `"ip"`}, edit: func(_ *sandbox.AWSConfig, _, stage *sandbox.ListenerConfig) { stage.TargetGroup = "addresses" }},
	"stage of another": {noticed: byPlan, blueGreen: oneRoute(httpsARN, farARN), at: stagePath, says: []string{"app/app/", "/far/", "one load balancer only"}, edit: func(c *sandbox.AWSConfig, _, _ *sandbox.ListenerConfig) {
		anotherBalancer(c, "far", "application", farARN, "third")
	}},
	"gateway load balancer": {noticed: byPlan, blueGreen: oneRoute(packetsARN, ""), at: productionPath, says: []string{packetsARN, "Gateway"}, edit: func(c *sandbox.AWSConfig, _, _ *sandbox.ListenerConfig) {
		anotherBalancer(c, "packets", "", packetsARN, "third")
	}},
	"idle used by another listener": {noticed: byPlan, blueGreen: pair, at: productionPath, says: []string{"Listener", "9000", "idle"}, edit: func(c *sandbox.AWSConfig, _, _ *sandbox.ListenerConfig) {
		anotherListener(c, forwardAction("idle", 1))
	}},
	"idle used by a rule in part": {noticed: byPlan, blueGreen: pair, at: productionPath, says: []string{"Rule", pathARN, "priority 10", "idle"}, edit: func(_ *sandbox.AWSConfig, https, _ *sandbox.ListenerConfig) {
		https.Rules = []sandbox.RuleConfig{{ARN: pathARN, Actions: []sandbox.ActionConfig{forwardAction("third", 99, "idle", 1)}}}
	}},
	"routes that disagree": {noticed: byPlan, times: 2, at: "blue_green.route.0.production_arn", says: []string{"idle", "same revision"},
		blueGreen: object{"route": []any{object{"production_arn": httpsARN}, object{"production_arn": testingARN}}},
		edit: func(_ *sandbox.AWSConfig, https, stage *sandbox.ListenerConfig) {
			https.TargetGroup, https.DefaultActions = "", []sandbox.ActionConfig{forwardAction("web", 1, "idle", 0)}
			stage.TargetGroup, stage.DefaultActions = "", []sandbox.ActionConfig{forwardAction("web", 0, "idle", 1)}
		}},
	"live elsewhere": {noticed: byPlan, blueGreen: pair, live: true, at: productionPath, says: []string{"web__1", `in "web"`, "third", "Most often it is the AWS provider", "ignore_changes = [default_action]"}, edit: func(_ *sandbox.AWSConfig, https, _ *sandbox.ListenerConfig) { https.TargetGroup = "third" }},
	"live is idle": {noticed: byPlan, blueGreen: pair, live: true, at: productionPath, says: []string{"web__1", "idle", `in "web"`}, edit: func(_ *sandbox.AWSConfig, https, stage *sandbox.ListenerConfig) {
		https.TargetGroup, stage.TargetGroup = "idle", "web"
	}},

	// What makes a rollout hard to end, and no more.
	"live used elsewhere": {noticed: byPlan, warned: true, blueGreen: pair, at: productionPath, says: []string{"Listener", "9000", "web", "previous revision"}, edit: func(c *sandbox.AWSConfig, _, _ *sandbox.ListenerConfig) {
		anotherListener(c, forwardAction("web", 1))
	}},
	"half way": {noticed: byPlan, warned: true, live: true, blueGreen: oneRoute(httpsARN, ""), at: productionPath, says: []string{"web 70 %, idle 30 %", "on web, where web__1 is"},
		edit: func(_ *sandbox.AWSConfig, https, stage *sandbox.ListenerConfig) {
			stage.TargetGroup = "third"

			https.TargetGroup, https.DefaultActions = "", []sandbox.ActionConfig{forwardAction("web", 70, "idle", 30)}
		}},
	"half way at first": {noticed: byPlan, warned: true, blueGreen: oneRoute(httpsARN, ""), at: productionPath, says: []string{"web 70 %, idle 30 %", "leaves the weights"},
		edit: func(_ *sandbox.AWSConfig, https, stage *sandbox.ListenerConfig) {
			stage.TargetGroup = "third"

			https.TargetGroup, https.DefaultActions = "", []sandbox.ActionConfig{forwardAction("web", 70, "idle", 30)}
		}},
	"slow draining": {noticed: byPlan, warned: true, blueGreen: pair, at: productionPath,
		others: bothChanges(documented(func(d object) { memberAt(d, "strategy")["drainingTimeout"] = 900 }), object{"healthy_timeout": "10m"}), says: []string{"15m", "10m", "deregistration_delay"},
		edit: func(c *sandbox.AWSConfig, _, _ *sandbox.ListenerConfig) {
			c.TargetGroups[0].Attributes = map[string]string{"deregistration_delay.timeout_seconds": "900"}
		}},
}
