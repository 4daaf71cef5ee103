package deployment_test

import (
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// Where a rollout stands is a warning of the plan. The process that applies plans once more, and what it says shows when the rollout
// stands there no longer.
func TestWhereARolloutStandsIsSaidByThePlanAlone(t *testing.T) {
	inHoldingCanary(t, func(t *testing.T, d *deployment, _ watch) {
		config := withChanges(second, goOn)
		p := d.plan(config)
		if !hasDiagnostic(p.diags, providertest.Warning, "Deployment web held when this was planned", "When this was planned: ", "web__2 (ami-2) holds after phase 1") {
			t.Fatalf("the plan does not say where it stands:\n%s", providertest.Render(p.diags))
		}
		d.restart()
		if again := d.planOnly(config); len(again.diags) > 0 {
			t.Errorf("the apply says once more:\n%s", providertest.Render(again.diags))
		}
		if _, diags := d.applyPlan(t.Context(), planned{value: p.value}, config); len(diags) > 0 {
			t.Errorf("the apply says:\n%s", providertest.Render(diags))
		}
		d.mustBeSettled(config)
	})
}

// What an imported group has and a release drops is a warning of the plan as well: after the release it is the former revision's.
func TestWhatAnImportLacksIsSaidByThePlanAlone(t *testing.T) {
	inBubble(t, consoleGroup(), func(t *testing.T, d *deployment) {
		d.load("web")
		p := d.plan(bareConfiguration("ami-5"))
		if !hasDiagnostic(p.diags, providertest.Warning, "the next release comes up without it") {
			t.Fatalf("the plan does not say what is lost:\n%s", providertest.Render(p.diags))
		}
		d.restart()
		if again := d.planOnly(bareConfiguration("ami-5")); hasDiagnostic(again.diags, providertest.Warning, "the next release comes up without it") {
			t.Errorf("the apply says once more:\n%s", providertest.Render(again.diags))
		}
	})
}
