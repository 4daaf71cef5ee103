package deployment_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// documented is webDocument after an edit, as JSON.
func documented(edit func(object)) object {
	document := webDocument()
	edit(document)
	return object{"configuration": asJSON(document)}
}

// bothChanges is one change and another.
func bothChanges(one, other object) object {
	merged := maps.Clone(one)
	maps.Copy(merged, other)
	return merged
}

// What is not known yet may turn out to be right.
func TestUnknownInputsAreNoErrors(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		for _, name := range []string{"name", "configuration", "image_id", "user_data", "target_group_arns", "load_balancer_names",
			"capacity", "healthy_timeout", "verify", "retain", "triggers", "on_failure", "resize_order", "timeouts"} {
			p := d.plan(release("ami-1", object{name: unknown}))
			if providertest.Failed(p.diags) {
				t.Errorf("%s:\n%s", name, providertest.Render(p.diags))
				continue
			}
			if text := memberOf(t, p.value, "rollout_plan"); text.IsKnown() && (name == "image_id" || name == "configuration" || name == "name" || name == "target_group_arns" || name == "capacity") {
				t.Errorf("with an unknown %s the plan is known: %s", name, text)
			}
		}
		p := d.plan(release("ami-1", object{"capacity": object{"minimum": 1, "target": unknown, "maximum": 3}, "target_group_arns": []any{unknown}}))
		if providertest.Failed(p.diags) {
			t.Error(providertest.Render(p.diags))
		}
	})
}

func TestUnknownInputsOfAnUpdateAreNoErrors(t *testing.T) {
	for _, name := range []string{"configuration", "user_data", "target_group_arns", "capacity", "healthy_timeout", "verify", "retain", "triggers", "timeouts"} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				usual := release("ami-1", object{"healthy_timeout": "10m", "verify": object{"healthy_percent": 90}, "retain": 2,
					"triggers": object{"a": "b"}, "timeouts": object{"create": "2h"}})
				d.apply(usual)
				p := d.plan(release("ami-1", usual, object{name: unknown}))
				if providertest.Failed(p.diags) {
					t.Fatal(providertest.Render(p.diags))
				}
				// It turns out to be what it was: nothing happens.
				run := d.watch()
				if _, diags := d.applyPlan(t.Context(), p, usual); providertest.Failed(diags) {
					t.Fatal(providertest.Render(diags))
				}
				run.mustDo()
				d.mustBeSettled(usual)
			})
		})
	}
}

// What cannot be looked up is not refused for that: the plan says so and apply decides.
func TestPlanWithoutLeaveToLook(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.world.Fail(sandbox.Fault{Service: "ec2", Times: -1, Kind: sandbox.Error, Status: 403, Code: "UnauthorizedOperation", Message: "not you"})
		if p := d.plan(release("ami-1")); providertest.Failed(p.diags) && !strings.Contains(providertest.Render(p.diags), "not you") {
			t.Errorf("what EC2 says is not repeated:\n%s", providertest.Render(p.diags))
		}
	})
}
