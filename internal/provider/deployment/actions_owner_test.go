package deployment_test

import (
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// What was imported and never released has no tags. An action finds it by the candidate's, and goes on and back with it as an apply does.
func TestActionsOnAnImportedDeployment(t *testing.T) {
	for _, action := range []string{promoteType, abortType} {
		t.Run(action, func(t *testing.T) {
			inBubble(t, canaryWorld(existing("web__4", "ami-4", 2, 4, 8)), func(t *testing.T, d *deployment) {
				providertest.MustSucceed(t, errorsOf(d.load("web")))
				second := holdingCanary("ami-5", 1)
				run := d.watch()
				d.apply(second)
				d.mustShow("holding", "web__4", "web__5 candidate 1/1/1", "web__4 live 3/3/3")
				d.invoke(action, web)
				run.mustServe(4)
				if action == promoteType {
					d.mustBeSettled(second)
					d.mustShow("stable", "web__5", "web__5 live 2/4/8", "web__4 previous 0/0/0")
					return
				}
				mustStand(t, d.world, "web__4 ami-4 2/4/8")
				if text := d.planText(d.plan(second)); !strings.Contains(text, "web__5 of ami-5 was this release") {
					t.Errorf("the next plan says\n%s", text)
				}
			})
		})
	}
}

// A candidate whose previous revision somebody has deleted, or that does not say which one it replaces, is neither promoted nor aborted: nothing
// says what is to serve.
func TestActionsOnWhatReplacesNothing(t *testing.T) {
	for name, test := range map[string]struct {
		do   func(d *deployment)
		says string
	}{
		"deleted": {func(d *deployment) { d.world.DeleteGroup("web__1") }, "which does not exist any more"},
		"unsaid":  {func(d *deployment) { d.editTags("web__2", map[string]string{"elastigroup:previous": "none"}) }, "its tags do not say so"},
	} {
		for strategy, h := range holdingStrategies() {
			t.Run(name+", "+strategy, func(t *testing.T) {
				inBubble(t, h.world, func(t *testing.T, d *deployment) {
					d.apply(h.config("ami-1", release1))
					d.apply(h.config("ami-2", release2, holdsAtFirst))
					test.do(d)
					run := d.watch()
					for _, action := range []string{promoteType, abortType} {
						_, diags := d.process().Invoke(t.Context(), action, web)
						mustRefuse(t, diags, "name", "What it replaces is not there", test.says, "Nothing was touched")
					}
					run.mustDo()
				})
			})
		}
	}
}

// Groups that merely look like a deployment's are none.
func TestActionsOnGroupsThatNoRolloutMade(t *testing.T) {
	inBubble(t, canaryWorld(existing("web__4", "ami-4", 2, 4, 8)), func(t *testing.T, d *deployment) {
		run := d.watch()
		for _, action := range []string{promoteType, abortType} {
			_, diags := d.process().Invoke(t.Context(), action, web)
			mustRefuse(t, diags, "name", "No such deployment", "web__4 (sig-", "which no rollout made")
		}
		run.mustDo()
	})
}

// Where a candidate's tags do not say how its rollout goes on, the promotion is noted, and the next apply goes on although its configuration
// still says where to hold.
func TestPromotionThatIsLeftToTheNextApply(t *testing.T) {
	for name, h := range holdingStrategies() {
		for what, edit := range map[string]map[string]string{
			"no terms":         {"elastigroup:terms": "none"},
			"too many phases":  {"elastigroup:strategy": "too long for a tag"},
			"an alarm too few": {"elastigroup:alarms": "none"},
		} {
			t.Run(name+", "+what, func(t *testing.T) {
				h.in(t, func(t *testing.T, d *deployment, _ watch, _, second object) {
					d.editTags("web__2", edit)
					run := d.watch()
					said, diags := d.process().Invoke(t.Context(), promoteType, web)
					mustSay(t, said, "web__2 is noted as promoted to the end; the next apply goes on with it")
					if !hasDiagnostic(diags, providertest.Warning, "Promotion is left to the next apply", "Its tags do not say") || providertest.Failed(diags) {
						t.Errorf("it says\n%s", providertest.Render(diags))
					}
					run.mustDo()
					d.apply(second)
					d.mustShow("stable", "web__2", "web__2 live 2/4/8", "web__1 previous 0/0/0")
				})
			})
		}
	}
}
