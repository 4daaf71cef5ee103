package deployment_test

import (
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// A hotfix goes through while the alarm is on that it is to end; with the default it does not begin.
func TestAHotfixIsReleasedWhileTheAlarmIsOn(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		ignoring := object{"verify": object{"alarms": []any{"web-5xx"}, "alarms_at_start": "ignore"}}
		d.apply(canary("ami-1"))
		d.world.SetAlarm("web-5xx", "ALARM", "5xx are many")
		_, diags := d.tryApply(canary("ami-2"))
		mustExplain(t, diags, "web-5xx is in ALARM", "Nothing was touched")

		run := d.watch()
		p := d.plan(canary("ami-2", ignoring))
		mustWarn(t, p.diags, "verify.alarms.0", "5xx are many", "counts only once it has been OK")
		if text := d.planText(p); !strings.Contains(strings.Join(strings.Fields(text), " "), "one that is on at the start counts once it has been OK") {
			t.Errorf("the plan says\n%s", text)
		}
		_, diags = d.applyPlan(t.Context(), p, canary("ami-2", ignoring))
		if providertest.Failed(diags) || !strings.Contains(providertest.Render(diags), "was in ALARM before the release of ami-2 began: 5xx are many") {
			t.Errorf("apply says\n%s", providertest.Render(diags))
		}
		d.mustShow("stable", "web__2", "web__2 live 2/4/8", "web__1 previous 0/0/0")
		run.mustServe(4)
		if tag := d.tagsOf("web__2")["elastigroup:alarms-on-at-start"]; tag != "none" {
			t.Errorf("the tag is %q at rest", tag)
		}
		d.mustBeSettled(canary("ami-2", ignoring))
	})
}
