package deployment_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// most is how many tags of the user's own leave room for a deployment with one route.
const most = 50 - rollout.TagCount - rollout.TagsARoute

// withUserTags is a configuration with so many tags of the user's own.
func withUserTags(n int) object {
	return documented(func(d object) {
		var tags []any
		for i := range n {
			tags = append(tags, object{"tagKey": fmt.Sprint("key-", i), "tagValue": "x"})
		}
		memberAt(d, "compute", "launchSpecification")["tags"] = append(tags, object{"tagKey": "elastigroup:revision", "tagValue": "1"})
	})
}

// shiftSteps are the weights of a shift.
func shiftSteps(weights ...any) object {
	var shift []any
	for _, w := range weights {
		shift = append(shift, object{"weight": w})
	}
	return object{"shift": shift}
}

// manyRoutes are so many routes.
func manyRoutes(n int) object {
	var routes []any
	for i := range n {
		routes = append(routes, object{"production_arn": fmt.Sprintf("%s%d", httpsARN, i)})
	}
	return object{"route": routes}
}

func TestBadBlueGreenIsRefusedByValidation(t *testing.T) {
	pair := oneRoute(httpsARN, testingARN)
	for name, test := range map[string]struct {
		blueGreen any
		others    object
		at        string
		says      []string
	}{
		"no target groups":    {pair, object{"target_group_arns": []any{}}, "target_group_arns", []string{"Leave target_group_arns out"}},
		"previous first":      {pair, object{"resize_order": "previous_first"}, "resize_order", []string{"Leave resize_order out"}},
		"no route":            {object{"bake": "5m"}, nil, "blue_green", []string{"no route", "route { production_arn"}},
		"nothing at all":      {object{}, nil, "blue_green", []string{"no route"}},
		"too many routes":     {manyRoutes(9), nil, "blue_green.route", []string{"at most 8"}},
		"an empty route":      {object{"route": []any{object{}}}, nil, productionPath, []string{"required"}},
		"an empty production": {oneRoute("", testingARN), nil, productionPath, []string{"empty"}},
		"no ARN":              {oneRoute("web", testingARN), nil, productionPath, []string{`"web"`, "listener"}},
		"a target group's":    {oneRoute(httpsARN, providertest.WebARN), nil, stagePath, []string{"listener or listener rule"}},
		"twice": {object{"route": []any{object{"production_arn": httpsARN, "stage_arn": testingARN}, object{"production_arn": testingARN}}}, nil,
			"blue_green.route.1.production_arn", []string{testingARN, "blue_green.route[0].stage_arn"}},
		"an empty shift":     {bothChanges(pair, object{"shift": []any{object{}}}), nil, "blue_green.shift.0.weight", []string{"required"}},
		"a weight of 0":      {bothChanges(pair, shiftSteps(0)), nil, "blue_green.shift.0.weight", []string{"0"}},
		"a weight of 100":    {bothChanges(pair, shiftSteps(100)), nil, "blue_green.shift.0.weight", []string{"100"}},
		"the same again":     {bothChanges(pair, shiftSteps(10, 10)), nil, "blue_green.shift.1.weight", []string{"10", "more than"}},
		"past the unknown":   {bothChanges(pair, shiftSteps(50, unknown, 20)), nil, "blue_green.shift.2.weight", []string{"20", "50"}},
		"no duration":        {bothChanges(pair, object{"settle": "soon"}), nil, "blue_green.settle", []string{"soon"}},
		"too long a settle":  {bothChanges(pair, object{"settle": "2h"}), nil, "blue_green.settle", []string{"2h"}},
		"a negative bake":    {bothChanges(pair, object{"bake": "-1s"}), nil, "blue_green.bake", []string{"-1s"}},
		"hold without shift": {pair, object{"hold_after_phase": 1}, "hold_after_phase", []string{"no shift"}},
		"hold at the whole":  {bothChanges(pair, shiftSteps(10, 50)), object{"hold_after_phase": 3}, "hold_after_phase", []string{"from 0 (on stage) to 2"}},
		"traffic flow": {pair, documented(func(d object) {
			memberAt(d, "compute", "launchSpecification")["itf"] = object{"loadBalancers": []any{object{"loadBalancerArn": providertest.AppARN}}}
		}), "configuration", []string{"Intelligent Traffic Flow"}},
		"classic balancers of the configuration": {pair, documented(func(d object) {
			memberAt(d, "compute", "launchSpecification")["loadBalancersConfig"] = object{"loadBalancers": []any{object{"type": "CLASSIC", "name": "old"}}}
		}), "configuration", []string{"old"}},
		"a tag too many":       {pair, withUserTags(most + 1), "configuration", []string{fmt.Sprint(most+1, " tags"), "50", fmt.Sprint("at most ", most)}},
		"one more route's":     {manyRoutes(2), withUserTags(most), "configuration", []string{fmt.Sprint(most, " tags"), "2 routes", fmt.Sprint("at most ", most-rollout.TagsARoute)}},
		"too many in any case": {pair, withUserTags(51 - rollout.TagCount), "configuration", []string{fmt.Sprint("at most ", 50-rollout.TagCount)}},
	} {
		t.Run(name, func(t *testing.T) {
			config := byRoutes("ami-1", nil, test.others)
			config["blue_green"] = test.blueGreen
			for _, name := range []string{"target_group_arns"} {
				if written, ok := test.others[name]; ok {
					config[name] = written
				}
			}
			d := deploymentIn(t, sandbox.New(balancedBy(nil, nil)))
			diags := d.validate(config)
			mustRefuse(t, diags, test.at, test.says...)
			if n := errorsIn(diags); n != 1 && name != "traffic flow" {
				t.Errorf("%d errors for one mistake:\n%s", n, providertest.Render(diags))
			}
		})
	}
}

// What is not known yet is refused by nobody: it may turn out to be right, or to be left out.
func TestUnknownBlueGreenIsNoError(t *testing.T) {
	pair := oneRoute(httpsARN, testingARN)
	canary := object{"phase": []any{object{"percent": 10}}}
	for name, config := range map[string]object{
		"all of it":              {"blue_green": unknown},
		"beside a canary":        {"blue_green": unknown, "canary": canary},
		"beside target groups":   {"blue_green": unknown, "target_group_arns": []any{providertest.WebARN}, "load_balancer_names": []any{"old"}},
		"an unknown canary":      {"blue_green": pair, "canary": unknown},
		"unknown target groups":  {"blue_green": pair, "target_group_arns": unknown, "load_balancer_names": unknown},
		"the routes":             {"blue_green": object{"route": unknown}},
		"production":             {"blue_green": oneRoute(httpsARN, testingARN, object{"route": []any{object{"production_arn": unknown, "stage_arn": unknown}, object{"production_arn": unknown}}})},
		"the shift":              {"blue_green": bothChanges(pair, object{"shift": unknown}), "hold_after_phase": 3},
		"a weight":               {"blue_green": bothChanges(pair, shiftSteps(unknown, 50, unknown))},
		"a bake":                 {"blue_green": bothChanges(pair, object{"bake": unknown, "shift": []any{object{"weight": 10, "bake": unknown}}})},
		"settle":                 {"blue_green": bothChanges(pair, object{"settle": unknown, "downsize_previous": unknown})},
		"where it holds":         {"blue_green": bothChanges(pair, shiftSteps(10)), "hold_after_phase": unknown},
		"the configuration":      {"blue_green": pair, "configuration": unknown},
		"as many tags as can be": bothChanges(withUserTags(most), object{"blue_green": pair}),
		"two without a stage": {"blue_green": object{"route": []any{
			object{"production_arn": httpsARN, "stage_arn": ""}, object{"production_arn": testingARN, "stage_arn": ""}}}},
	} {
		t.Run(name, func(t *testing.T) {
			d := deploymentIn(t, sandbox.New(balancedBy(nil, nil)))
			written := release("ami-1", object{"target_group_arns": nil}, config)
			providertest.MustSucceed(t, d.validate(written))
		})
	}
}

// A plan of routes that are made in the same apply knows nothing of them, and leaves the rest to apply.
func TestPlanOfUnknownRoutes(t *testing.T) {
	inBubble(t, balancedBy(nil, nil), func(t *testing.T, d *deployment) {
		p := d.plan(byRoutes("ami-1", oneRoute(httpsARN, testingARN, object{"route": []any{object{"production_arn": unknown}}})))
		providertest.MustSucceed(t, p.diags)
		if memberOf(t, p.value, "rollout_plan").IsKnown() {
			t.Error("a plan is shown for routes that are not known")
		}
	})
}

func TestBakesOfWeightsInTime(t *testing.T) {
	bakes := oneRoute(httpsARN, testingARN, object{"bake": "30m", "shift": []any{object{"weight": 10, "bake": "20m"}, object{"weight": 50, "bake": "20m"}}})
	for name, test := range map[string]struct {
		others object
		says   string
	}{
		"all of them":              {nil, "1h11m30s"},
		"as far as the hold":       {object{"hold_after_phase": 1}, ""},
		"the hold's are too long":  {object{"hold_after_phase": 2, "timeouts": object{"update": "30m"}}, "41m"},
		"with time enough":         {object{"timeouts": object{"update": "2h"}}, ""},
		"where that is not known":  {object{"hold_after_phase": unknown}, ""},
		"with time that is enough": {object{"timeouts": object{"update": "72m"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := deploymentIn(t, sandbox.New(balancedBy(nil, nil)))
			diags := d.validate(byRoutes("ami-1", bakes, test.others))
			if test.says == "" {
				providertest.MustSucceed(t, diags)
				return
			}
			if len(diags) != 1 || diags[0].Severity != providertest.Warning || !strings.Contains(diags[0].Detail, test.says) {
				t.Errorf("%q is not the one thing said:\n%s", test.says, providertest.Render(diags))
			}
		})
	}
}
