package deployment_test

import (
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// weightedConfiguration is a configuration whose capacity counts weights: vCPUs, if none are written.
func weightedConfiguration(weights ...any) object {
	return documented(func(document object) {
		document["capacity"] = object{"minimum": 8, "target": 16, "maximum": 32, "unit": "weight"}
		types := memberAt(document, "compute", "instanceTypes")
		types["ondemand"], types["spot"] = "m5.xlarge", []any{"m5.xlarge"}
		if len(weights) > 0 {
			types["weights"] = []any{object{"instanceType": "m5.xlarge", "weightedCapacity": weights[0]}}
		}
	})
}

// A group that counts weights is planned, released and said of in what it counts.
func TestADeploymentThatCountsWeights(t *testing.T) {
	for name, test := range map[string]struct {
		weights   []any
		noun      string
		instances int
	}{
		"vCPUs":   {nil, "vCPUs", 4},
		"weights": {[]any{3}, "weights", 6},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
				config := func(image string, others ...object) object {
					return canary(image, append([]object{weightedConfiguration(test.weights...), {"capacity": capacityOf(8, 16, 32)}}, others...)...)
				}
				d.apply(config("ami-1"))
				d.mustBeSettled(config("ami-1"))
				p := d.plan(config("ami-2"))
				for _, want := range []string{"previous web__1 (ami-1, 16 " + test.noun + ") -> new web__2 (ami-2, 16 " + test.noun + ")", "back to 16 " + test.noun + " (minimum 8, maximum 32)"} {
					if text := d.planText(p); !strings.Contains(text, want) {
						t.Errorf("the plan lacks %q:\n%s", want, text)
					}
				}
				watch := d.watch()
				d.apply(config("ami-2"))
				watch.mustServe(16)
				mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 8/16/32")
				if g, _ := d.world.Group("web__2"); len(g.Instances) != test.instances {
					t.Errorf("%d instances, want %d", len(g.Instances), test.instances)
				}
				d.world.SetMarket(sandbox.Market{})
				_, diags := d.tryApply(config("ami-3"))
				mustExplain(t, diags, "needed "+test.noun+" of web__3", "no capacity for ", " "+test.noun+" of them", "serves with 16 "+test.noun, "nothing speaks against the image")
			})
		})
	}
}

// What two revisions that count otherwise have cannot be added up, which the plan says of phases.
func TestAChangeOfTheUnit(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		changed := []object{weightedConfiguration(), {"capacity": capacityOf(8, 16, 32)}}
		if p := d.plan(canary("ami-1", changed...)); !hasDiagnostic(p.diags, providertest.Warning, "counts instances, and that of the new one vCPUs", "Release this change without canary") {
			t.Errorf("the plan says:\n%s", providertest.Render(p.diags))
		}
		p := d.plan(release("ami-1", changed...))
		if hasDiagnostic(p.diags, providertest.Warning, "another unit") {
			t.Errorf("without phases it says:\n%s", providertest.Render(p.diags))
		}
		if text := d.planText(p); !strings.Contains(text, "previous web__1 (ami-1, 4 instances) -> new web__2 (ami-1, 16 vCPUs)") {
			t.Errorf("the plan is\n%s", text)
		}
		watch := d.watch()
		d.apply(release("ami-1", changed...))
		watch.mustServe(4)
		mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-1 8/16/32")
	})
}

// An older version of the provider noted no units; the next refresh does.
func TestUnitsAreNotedByARefresh(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		config := release("ami-1", weightedConfiguration(), object{"capacity": capacityOf(8, 16, 32)})
		d.apply(config)
		d.private = nil
		if p := d.plan(release("ami-2", weightedConfiguration(), object{"capacity": capacityOf(8, 16, 32)})); !strings.Contains(d.planText(p), "web__1 (ami-1, 16 vCPUs)") {
			t.Errorf("the plan is\n%s", d.planText(p))
		}
	})
}
