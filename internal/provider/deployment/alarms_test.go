package deployment_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

func watchedBy(alarms ...any) object { return object{"verify": object{"alarms": alarms}} }

// An alarm that does not exist is found before anything is touched, by the plan already; and apply asks again, so that one
// that cannot be asked by then stops it as well.
func TestMissingAlarm(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		p := d.plan(canary("ami-1", watchedBy("web-5xx", "no-such")))
		mustRefuse(t, p.diags, "verify.alarms", "no-such")
		d.apply(canary("ami-1"))

		run := d.watch()
		for _, config := range []object{canary("ami-2", watchedBy("no-such")), release("ami-2", watchedBy("web-5xx", "no-such"))} {
			p := d.plan(config)
			mustRefuse(t, p.diags, "verify.alarms", "no-such")
			if strings.Contains(providertest.Render(p.diags), "alarm web-5xx") { // among those that are there it may be named
				t.Errorf("an alarm that exists is missed too:\n%s", providertest.Render(p.diags))
			}
		}
		p = d.plan(canary("ami-2"))
		providertest.MustSucceed(t, p.diags)
		before := d.inputs()
		d.world.Intercept(func(c *sandbox.Call) {
			if c.Action == "DescribeAlarms" {
				c.Drop()
			}
		}, nil)
		_, diags := d.applyPlan(t.Context(), p, canary("ami-2"))
		d.world.Intercept(nil, nil)
		mustRefuse(t, diags, "verify.alarms")
		run.mustDo()
		mustStand(t, d.world, "web__1 ami-1 2/4/8")
		d.mustBeAsBefore(before, canary("ami-2"))
	})
}

// An alarm that is off already could not tell this release from what is wrong already: the plan warns, since it may be over
// by the time of apply, and apply touches nothing.
func TestAlarmThatIsOffAlready(t *testing.T) {
	for name, config := range map[string]object{
		"canary": canary("ami-2"), "basic": release("ami-2", watchedBy("web-latency", "web-5xx")),
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
				d.apply(canary("ami-1"))
				before := d.inputs()
				d.world.SetAlarm("web-5xx", "ALARM", "5xx are many")
				run := d.watch()
				p := d.plan(config)
				if providertest.Failed(p.diags) {
					t.Fatalf("the plan fails:\n%s", providertest.Render(p.diags))
				}
				if len(p.diags) == 0 || !strings.HasPrefix(providertest.Where(p.diags[0]), "verify.alarms") || p.diags[0].Severity != tfprotov6.DiagnosticSeverityWarning ||
					!strings.Contains(providertest.Render(p.diags), "5xx are many") {
					t.Errorf("the plan does not warn:\n%s", providertest.Render(p.diags))
				}
				_, diags := d.applyPlan(t.Context(), p, config)
				mustExplain(t, diags, "web-5xx is in ALARM", "5xx are many", "Nothing was touched", "Apply again when the alarm is off")
				run.mustDo()
				d.mustShow("stable", "web__1", "web__1 live 2/4/8")
				d.mustBeAsBefore(before, config)

				d.world.SetAlarm("web-5xx", "OK", "")
				d.apply(config)
				run.mustServe(4)
			})
		})
	}
}

// The plan found the alarm quiet, and it went off before apply.
func TestAlarmThatGoesOffBetweenPlanAndApply(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		d.apply(canary("ami-1"))
		p := d.plan(canary("ami-2"))
		providertest.MustSucceed(t, p.diags)
		d.world.SetAlarm("web-5xx", "ALARM", "")
		run := d.watch()
		_, diags := d.applyPlan(t.Context(), p, canary("ami-2"))
		mustExplain(t, diags, "web-5xx is in ALARM", "Nothing was touched")
		run.mustDo()
	})
}

// A release that is to be replaced is what the alarm may well be about: it is taken back, and the new one waits for the
// alarm to be over. What is said is what was done.
func TestAlarmKeepsANewerReleaseBack(t *testing.T) {
	inHoldingCanary(t, func(t *testing.T, d *deployment, run watch) {
		d.world.SetAlarm("web-5xx", "ALARM", "5xx are many")
		_, diags := d.tryApply(canary("ami-3"))
		mustExplain(t, diags, "5xx are many")
		if did := run.did(); len(did) > 0 && strings.Contains(providertest.Render(diags), "Nothing was touched") {
			t.Errorf("nothing was touched, it says, and did %v:\n%s", did, providertest.Render(diags))
		}
		mustStand(t, d.world, "web__1 ami-1 2/4/8")
		d.mustServeAgain(second)
		d.world.SetAlarm("web-5xx", "OK", "")
		d.apply(canary("ami-3"))
	})
}

// An alarm without data says nothing for or against a release, and the user is told that nobody watched.
func TestAlarmWithoutData(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		d.apply(canary("ami-1"))
		d.world.SetAlarm("web-5xx", "INSUFFICIENT_DATA", "no datapoints")
		_, diags := d.tryApply(canary("ami-2"))
		if providertest.Failed(diags) || !strings.Contains(providertest.Render(diags), "Alarm web-5xx was INSUFFICIENT_DATA during the bake of 25 %") {
			t.Errorf("apply says\n%s", providertest.Render(diags))
		}
		d.mustShow("stable", "web__2", "web__2 live 2/4/8", "web__1 previous 0/0/0")
	})
}

// Off and over between two looks: its history tells.
func TestAlarmThatIsShort(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		d.apply(canary("ami-1"))
		run := d.watch()
		d.world.SetAlarmAfter(3*time.Minute, "web-5xx", "ALARM", "a short one")
		d.world.SetAlarmAfter(3*time.Minute+time.Second, "web-5xx", "OK", "over")
		_, diags := d.tryApply(canary("ami-2"))
		mustExplain(t, diags, "web-5xx", "a short one")
		mustStand(t, d.world, "web__1 ami-1 2/4/8")
		run.mustServe(4)
	})
}
