package deployment_test

import (
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// A release that failed verification is refused when the same is applied again: the plan says so and shows the change, apply touches
// nothing. It is not refused when triggers change, nor another release.
func TestWhatFailedIsReleasedAgainOnlyOnPurpose(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		before := d.inputs()
		_, diags := d.tryApply(release("ami-bad"))
		mustExplain(t, diags, "It is remembered", "change triggers")

		// Another process, on another machine, and even another state: what failed stands on the live group.
		d.restart()
		run := d.watch()
		d.mustBeAsBefore(before, release("ami-bad"))
		p := d.plan(release("ami-bad"))
		text := memberOf(t, p.value, "rollout_plan").String()
		for _, words := range []string{"refused", "web__2 ami-bad", "failed verification before", "503"} {
			if !strings.Contains(strings.Join(strings.Fields(text), " "), words) {
				t.Errorf("%q is not in the plan:\n%s", words, text)
			}
		}
		if said := providertest.Render(p.diags); providertest.Failed(p.diags) || !strings.Contains(said, `WARNING at "triggers": Release failed before`) {
			t.Errorf("the plan says\n%s", said)
		}
		_, diags = d.applyPlan(t.Context(), p, release("ami-bad"))
		mustExplain(t, diags, "Rollout refused", "web__2 ami-bad", "503", "Nothing was touched", "change triggers")
		run.mustDo()
		d.mustBeAsBefore(before, release("ami-bad"))

		// Other terms are on purpose, too. It is no better under them.
		_, diags = d.tryApply(release("ami-bad", object{"healthy_timeout": "4m"}))
		mustExplain(t, diags, "was taken back", "4m")
		_, diags = d.tryApply(release("ami-bad", object{"healthy_timeout": "4m"}))
		mustExplain(t, diags, "Rollout refused", "Nothing was touched")
		_, diags = d.tryApply(release("ami-bad"))
		mustExplain(t, diags, "Rollout refused", "Nothing was touched")

		// The image is mended, and the user knows it.
		d.world.RemoveImage("ami-bad")
		if err := d.world.AddImage(sandbox.Image{ID: "ami-bad", Name: "web-mended"}); err != nil {
			t.Fatal(err)
		}
		d.apply(release("ami-bad", object{"triggers": object{"retry": "1"}}))
		mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-bad 2/4/8")
		// Under another live revision nothing is held against it.
		d.apply(release("ami-2"))
		d.apply(release("ami-bad"))
	})
}

// A release that failed for no fault of its own is released again as it is.
func TestWhatFailedInTheWeatherIsReleasedAgain(t *testing.T) {
	for name, c := range map[string]struct{ strike, calm func(d *deployment) }{
		"no capacity": {
			func(d *deployment) { d.world.SetMarket(sandbox.Market{}) },
			func(d *deployment) { d.world.SetMarket(sandbox.Market{Available: true}) },
		},
		"a refused call": {
			func(d *deployment) {
				d.world.Fail(sandbox.Fault{Service: "spot", Action: "SetCapacity", Nth: 1, Kind: sandbox.Error, Status: 400, Code: "CANT_SCALE", Message: "Not now."})
			},
			func(d *deployment) { d.world.ClearFaults() },
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				d.apply(release("ami-1"))
				c.strike(d)
				_, diags := d.tryApply(release("ami-2"))
				if !providertest.Failed(diags) {
					t.Fatal("it did not fail")
				}
				c.calm(d)
				d.apply(release("ami-2"))
			})
		})
	}
}

// What an imported group remembers is written beside tags that are not ours, and another import reads it.
func TestAnImportedGroupRemembers(t *testing.T) {
	inBubble(t, webWorld(existing("web__7", "ami-1", 2, 4, 8)), func(t *testing.T, d *deployment) {
		imported(t, d)
		before := release("ami-1")
		d.apply(before)
		d.tryApply(release("ami-bad"))
		mustStand(t, d.world, "web__7 ami-1 2/4/8")
		imported(t, d)
		if p := d.plan(before); !d.empty(p) {
			t.Errorf("what it remembers plans a change of %v", d.changes(p))
		}
		_, diags := d.tryApply(release("ami-bad"))
		mustExplain(t, diags, "failed verification before", "Nothing was touched")
	})
}

// A destroy that is cut short when all stand at zero gives back what it took, with the next apply, though no capacity is written.
func TestADestroyCutShortGivesBack(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		d.apply(release("ami-2"))
		d.world.Fail(sandbox.Fault{Service: "spot", Action: "DeleteGroup", Times: -1, Kind: sandbox.Error, Status: 400, Code: "CANT_DELETE", Message: "No."})
		diags := d.destroy()
		mustExplain(t, diags, "CANT_DELETE", "Apply again")
		d.world.ClearFaults()
		mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 0/0/0")
		p := d.plan(release("ami-2"))
		if said := providertest.Render(p.diags); !strings.Contains(said, "web__2 was being taken down with the whole deployment; it had 4 (minimum 2, maximum 8) and is set to 0") {
			t.Errorf("the plan says\n%s", said)
		}
		if got := d.now()["status"]; got != "interrupted" {
			t.Errorf("the status is %v", got)
		}
		d.apply(release("ami-2"))
		mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8")
	})
}
