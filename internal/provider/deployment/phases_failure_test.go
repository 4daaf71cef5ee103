package deployment_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// beforeResize does something just before a group is set to a target by a run.
func (d *deployment) beforeResize(name string, target int, do func()) {
	done := false
	d.world.Intercept(func(c *sandbox.Call) {
		if c.Action == "SetCapacity" && c.Name == name && sentTarget(d.t, *c) == target && !done {
			done = true
			do()
		}
	}, nil)
}

// afterResize does something a while after a group was set to a target by a run.
func (d *deployment) afterResize(name string, target int, later time.Duration, do func()) {
	done := false
	d.world.Intercept(nil, func(c *sandbox.Call) {
		if c.Action != "SetCapacity" || c.Name != name || sentTarget(d.t, *c) != target || done {
			return
		}
		done = true
		go func() {
			time.Sleep(later)
			do()
		}()
	})
}

// Whatever goes wrong in whichever phase: apply fails and quotes it, the clouds and the state are as before, and the next
// plan shows the change again.
func TestCanaryFailsInAPhase(t *testing.T) {
	// What the candidate is set to in each phase.
	for phase, target := range map[string]int{"25 %": 1, "50 %": 2, "100 %": 4} {
		for name, mishap := range map[string]struct {
			with object
			set  func(d *deployment)
			says []string
		}{
			"alarm in the wait": {nil, func(d *deployment) {
				d.afterResize("web__2", target, 5*time.Second, func() { d.world.SetAlarm("web-5xx", "ALARM", "5xx are many") })
			}, []string{"alarm web-5xx is in ALARM: 5xx are many"}},
			"alarm in the bake": {object{"canary": percentPhases(25, 50, 99)}, func(d *deployment) {
				d.afterResize("web__2", target, 4*time.Minute, func() { d.world.SetAlarm("web-5xx", "ALARM", "5xx are many") })
			}, []string{"alarm web-5xx is in ALARM: 5xx are many"}},
			"instances stop answering in the bake": {object{"canary": percentPhases(25, 50, 99)}, func(d *deployment) {
				d.afterResize("web__2", target, 3*time.Minute, func() {
					for _, i := range instancesOf(d.world, "web__2") {
						d.world.SetAnswering(i.ID, false, "Request timed out")
					}
				})
			}, []string{"were in service and turned unhealthy in the bake", "Request timed out"}},
			"instances never get healthy": {object{"healthy_timeout": "5m"}, func(d *deployment) {
				d.beforeResize("web__2", target, func() {
					d.world.AddImage(sandbox.Image{ID: "ami-2", Name: "web-2", Behaviour: sandbox.Behaviour{Kind: sandbox.Never}})
				})
			}, []string{"needed instances of web__2", "after 5m", "Health checks failed with these codes: [503]"}},
			"refused resize": {nil, func(d *deployment) {
				d.beforeResize("web__2", target, func() {
					d.world.Fail(sandbox.Fault{Service: "spot", Action: "SetCapacity", Kind: sandbox.Error, Status: 400, Code: "QUOTA", Message: "The quota is used up"})
				})
			}, []string{"The quota is used up"}},
			"refused resize of the previous one": {nil, func(d *deployment) {
				d.afterResize("web__2", target, 0, func() {
					d.world.Fail(sandbox.Fault{Service: "spot", Action: "SetCapacity", Subject: "web__1", Kind: sandbox.Error, Status: 400, Code: "QUOTA", Message: "The quota is used up"})
				})
			}, []string{"The quota is used up"}},
		} {
			t.Run(phase+" "+name, func(t *testing.T) {
				inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
					d.apply(canary("ami-1"))
					before, computed := d.inputs(), d.now()
					wanted := canary("ami-2", mishap.with)
					p := d.plan(wanted)
					providertest.MustSucceed(t, p.diags)
					run := d.watch()
					mishap.set(d)
					state, diags := d.applyPlan(t.Context(), p, wanted)
					d.world.Intercept(nil, nil)
					d.world.ClearFaults()
					mustExplain(t, diags, append(mishap.says, "web__1", "ami-1")...)
					if !strings.Contains(providertest.Render(diags), "serves with 4 (minimum 2, maximum 8) as before") {
						t.Errorf("what was restored is not said:\n%s", providertest.Render(diags))
					}
					mustStand(t, d.world, "web__1 ami-1 2/4/8")
					d.mustShow("stable", "web__1", "web__1 live 2/4/8")
					if state["group_id"] != computed["group_id"] {
						t.Errorf("the live group is %v, was %v", state["group_id"], computed["group_id"])
					}
					did := strings.Join(run.did(), ", ")
					if resized := fmt.Sprintf("web__2 %d -> 0", target); !strings.Contains(did, resized) && !strings.Contains(name, "refused resize") {
						t.Errorf("it failed in another phase: %s", did)
					}
					least := 4
					if strings.HasPrefix(name, "instances stop") {
						least -= target // that is not of our doing
					}
					run.mustServe(least)
					d.world.SetAlarm("web-5xx", "OK", "")
					d.mustBeAsBefore(before, wanted)
					d.mustBeSettled(canary("ami-1"))
					neverDeletesInstances(t, d.world)
				})
			})
		}
	}
}

// An image that is taken for good and crashes while it bakes, or while it is watched for the time that is asked for.
func TestCanaryCrashes(t *testing.T) {
	for name, with := range map[string]object{
		"in the bake":  nil,
		"in the watch": {"verify": object{"min_healthy_time": "10m"}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
				d.apply(canary("ami-1"))
				before := d.inputs()
				run := d.watch()
				_, diags := d.tryApply(canary("ami-crash", with))
				mustExplain(t, diags, "web__2", "Health checks failed with these codes: [503]", "as before")
				mustStand(t, d.world, "web__1 ami-1 2/4/8")
				run.mustServe(3)
				d.mustBeAsBefore(before, canary("ami-crash", with))
			})
		})
	}
}

// The market has nothing to give any more, in a later phase: neither for the candidate nor for what the previous revision
// gave up. What is there goes on serving, and the next apply takes the candidate back and releases again: it is not to blame.
func TestNoCapacityInALaterPhase(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		d.apply(canary("ami-1"))
		before := d.inputs()
		config := canary("ami-2", object{"healthy_timeout": "5m"})
		p := d.plan(config)
		run := d.watch()
		d.beforeResize("web__2", 2, func() { d.world.SetMarket(sandbox.Market{}) })
		_, diags := d.applyPlan(t.Context(), p, config)
		d.world.Intercept(nil, nil)
		mustExplain(t, diags, "Spot has found no capacity for 1 of them", "Going back is not complete", "Apply again to go on with it, or finish by hand")
		d.mustShow("interrupted", "web__1", "web__2 candidate 2/2/2", "web__1 live 2/4/8")
		d.mustBeAsBefore(before, config)

		d.world.SetMarket(sandbox.Market{Available: true})
		d.restart()
		if p = d.plan(config); !hasDiagnostic(p.diags, providertest.Warning, "web__2 (ami-2) is on its way back, for no fault of its own", "Spot has found no capacity") {
			t.Errorf("the plan says\n%s", providertest.Render(p.diags))
		}
		d.apply(config)
		mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8")
		run.mustServe(4)
	})
}

// Left as it is after a failure: not for good, and what can be done about it is said.
func TestCanaryOnFailureHold(t *testing.T) {
	hold := canary("ami-2", object{"on_failure": "hold"})
	for name, test := range map[string]struct {
		next object
		ends []string
	}{
		"on":   {hold, []string{"web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8"}},
		"back": {canary("ami-1", object{"on_failure": "hold"}), []string{"web__1 ami-1 2/4/8"}},
		"new":  {canary("ami-3"), []string{"web__1 ami-1 0/0/0", "web__2 ami-3 2/4/8"}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
				d.apply(canary("ami-1"))
				before := d.inputs()
				p := d.plan(hold)
				if !strings.Contains(d.planText(p), "on failure   everything stays as it is then") {
					t.Errorf("the plan says\n%s", d.planText(p))
				}
				run := d.watch()
				d.afterResize("web__2", 2, 4*time.Minute, func() { d.world.SetAlarm("web-5xx", "ALARM", "5xx are many") })
				_, diags := d.applyPlan(t.Context(), p, hold)
				d.world.Intercept(nil, nil)
				mustExplain(t, diags, "5xx are many", `on_failure = "hold"`, "web__2 (ami-2) failed and was left as it is: it is set to 2, web__1 to 2",
					"Apply again to go on, or apply the previous configuration to go back")
				mustStand(t, d.world, "web__1 ami-1 2/2/2", "web__2 ami-2 2/2/2")
				d.mustShow("interrupted", "web__1", "web__2 candidate 2/2/2", "web__1 live 2/2/2")
				d.mustBeAsBefore(before, hold)
				run.mustServe(4)

				d.world.SetAlarm("web-5xx", "OK", "")
				d.restart()
				p = d.plan(test.next)
				if !hasDiagnostic(p.diags, providertest.Warning, "The rollout of web was cut short", "web__2 (ami-2) failed and was left as it is", "The reason: alarm web-5xx") {
					t.Errorf("the plan does not warn:\n%s", providertest.Render(p.diags))
				}
				d.apply(test.next)
				mustStand(t, d.world, test.ends...)
				run.mustServe(4)
			})
		})
	}
}

// Held after a failure, gone on with, and the alarm is still off: it fails again, and stays again.
func TestOnFailureHoldFailsAgain(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		d.apply(canary("ami-1"))
		hold := canary("ami-2", object{"on_failure": "hold"})
		d.world.SetAlarmAfter(4*time.Minute, "web-5xx", "ALARM", "5xx are many")
		for range 2 {
			_, diags := d.tryApply(hold)
			mustExplain(t, diags, "5xx are many", "Apply again to go on")
			d.mustShow("interrupted", "web__1", "web__2 candidate 1/1/1", "web__1 live 3/3/3")
		}
		// With another way out the same release is taken back.
		_, diags := d.tryApply(canary("ami-2"))
		mustExplain(t, diags, "5xx are many", "as before")
		mustStand(t, d.world, "web__1 ami-1 2/4/8")
	})
}
