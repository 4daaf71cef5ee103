package provider_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// documented is webDocument after an edit, as JSON.
func documented(edit func(object)) object {
	document := webDocument()
	edit(document)
	return object{"configuration": asJSON(document)}
}

// both is one change and another.
func both(one, other object) object {
	merged := maps.Clone(one)
	maps.Copy(merged, other)
	return merged
}

func TestBadInputIsRefusedAtPlan(t *testing.T) {
	const missing = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/nothing/0123456789abcdef"
	for name, test := range map[string]struct {
		change object
		at     string
		says   []string
	}{
		"malformed JSON":           {object{"configuration": `{"capacity": `}, "configuration", nil},
		"JSON of no object":        {object{"configuration": `["web"]`}, "configuration", nil},
		"no group at all":          {object{"configuration": `{"resource": {}}`}, "configuration", []string{"launchSpecification"}},
		"no launch specification":  {documented(func(d object) { delete(at(d, "compute"), "launchSpecification") }), "configuration", []string{"launchSpecification"}},
		"no capacity anywhere":     {both(documented(func(d object) { delete(d, "capacity") }), object{"capacity": nil}), "configuration", []string{"apacity", "missing"}},
		"minimum above target":     {object{"capacity": size(5, 4, 8)}, "capacity", []string{"5", "4"}},
		"target above maximum":     {object{"capacity": size(2, 9, 8)}, "capacity", []string{"9", "8"}},
		"negative minimum":         {object{"capacity": size(-1, 4, 8)}, "capacity", []string{"-1"}},
		"a revision's name":        {object{"name": "web__7"}, "name", []string{"web__7"}},
		"a name that ends in _":    {object{"name": "web_"}, "name", []string{"web_"}},
		"an empty name":            {object{"name": ""}, "name", nil},
		"negative healthy_timeout": {object{"healthy_timeout": "-5m"}, "healthy_timeout", []string{"-5m"}},
		"no duration":              {object{"healthy_timeout": "5 minutes"}, "healthy_timeout", []string{"5 minutes"}},
		"negative healthy time":    {object{"verify": object{"min_healthy_time": "-1s"}}, "verify.min_healthy_time", []string{"-1s"}},
		"more than all":            {object{"verify": object{"healthy_percent": 101}}, "verify.healthy_percent", []string{"100"}},
		"nobody healthy":           {object{"verify": object{"healthy_percent": 0}}, "verify.healthy_percent", []string{"1"}},
		"negative retain":          {object{"retain": -1}, "retain", []string{"-1"}},
		"resize_order":             {object{"resize_order": "sideways"}, "resize_order", []string{"new_first", "previous_first"}},
		"on_failure":               {object{"on_failure": "shrug"}, "on_failure", []string{"rollback", "hold"}},
		"on_interrupt":             {object{"on_interrupt": "shrug"}, "on_interrupt", []string{"rollback", "hold"}},
		"user data twice":          {object{"user_data_base64": bootBase64}, "user_data", nil},
		"user data not base64":     {object{"user_data": nil, "user_data_base64": "#!/bin/sh"}, "user_data_base64", nil},
		"no target group's ARN":    {object{"target_group_arns": []any{"web"}}, "target_group_arns", []string{"web"}},
		"a balancer's ARN":         {object{"target_group_arns": []any{appARN}}, "target_group_arns", nil},
		"no such image":            {object{"image_id": "ami-404"}, "image_id", []string{"ami-404"}},
		"no such target group":     {object{"target_group_arns": []any{missing}}, "target_group_arns", []string{"nothing"}},
		"no such balancer":         {object{"load_balancer_names": []any{"nothing"}}, "load_balancer_names", []string{"nothing"}},
		"stateful": {documented(func(d object) {
			at(d, "strategy")["persistence"] = object{"shouldPersistRootDevice": true}
		}), "configuration", []string{"shouldPersistRootDevice"}},
		"traffic flow": {documented(func(d object) {
			at(d, "compute", "launchSpecification")["itf"] = object{"loadBalancers": []any{object{"loadBalancerArn": appARN}}}
		}), "configuration", []string{"itf"}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, webWorld(), func(t *testing.T, d *deployment) {
				p := d.plan(release("ami-1", test.change))
				mustRefuse(t, p.diags, test.at, test.says...)
				d.keepsSecrets(p.diags)
				if changes := d.world.Changes(); len(changes) > 0 {
					t.Errorf("a plan changed the world: %v", changes)
				}
			})
		})
	}
}

// Each of them is refused while Terraform validates, too, when other values are not known yet.
func TestUnknownInputsAreNoErrors(t *testing.T) {
	bubble(t, webWorld(), func(t *testing.T, d *deployment) {
		for _, name := range []string{"name", "configuration", "image_id", "user_data", "target_group_arns", "load_balancer_names",
			"capacity", "healthy_timeout", "verify", "retain", "triggers", "on_failure", "resize_order", "timeouts"} {
			p := d.plan(release("ami-1", object{name: unknown}))
			if failed(p.diags) {
				t.Errorf("%s:\n%s", name, render(p.diags))
				continue
			}
			if text := attribute(t, p.value, "rollout_plan"); text.IsKnown() && (name == "image_id" || name == "configuration" || name == "name" || name == "target_group_arns" || name == "capacity") {
				t.Errorf("with an unknown %s the plan is known: %s", name, text)
			}
		}
		p := d.plan(release("ami-1", object{"capacity": object{"minimum": 1, "target": unknown, "maximum": 3}, "target_group_arns": []any{unknown}}))
		if failed(p.diags) {
			t.Error(render(p.diags))
		}
	})
}

func TestUnknownInputsOfAnUpdateAreNoErrors(t *testing.T) {
	for _, name := range []string{"configuration", "user_data", "target_group_arns", "capacity", "healthy_timeout", "verify", "retain", "triggers", "timeouts"} {
		t.Run(name, func(t *testing.T) {
			bubble(t, webWorld(), func(t *testing.T, d *deployment) {
				usual := release("ami-1", object{"healthy_timeout": "10m", "verify": object{"healthy_percent": 90}, "retain": 2,
					"triggers": object{"a": "b"}, "timeouts": object{"create": "2h"}})
				d.apply(usual)
				p := d.plan(release("ami-1", usual, object{name: unknown}))
				if failed(p.diags) {
					t.Fatal(render(p.diags))
				}
				// It turns out to be what it was: nothing happens.
				run := d.watch()
				if _, diags := d.applyPlan(t.Context(), p, usual); failed(diags) {
					t.Fatal(render(diags))
				}
				run.mustDo()
				d.mustBeSettled(usual)
			})
		})
	}
}

// What cannot be looked up is not refused for that: the plan says so and apply decides.
func TestPlanWithoutLeaveToLook(t *testing.T) {
	bubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.world.Fail(sandbox.Fault{Service: "ec2", Times: -1, Kind: sandbox.Error, Status: 403, Code: "UnauthorizedOperation", Message: "not you"})
		if p := d.plan(release("ami-1")); failed(p.diags) && !strings.Contains(render(p.diags), "not you") {
			t.Errorf("what EC2 says is not repeated:\n%s", render(p.diags))
		}
	})
}
