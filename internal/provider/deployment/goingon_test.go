package deployment_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// A release that held, was let go, and fails then: the state has what serves again, all of it, and the next plan shows the
// change once more.
func TestFailureAfterGoingOn(t *testing.T) {
	// What is to blame for itself is released again on purpose alone.
	once := object{"alarm": object{"triggers": object{"release": "once more"}}}
	for name, mishap := range map[string]func(d *deployment) (says string){
		"alarm": func(d *deployment) string {
			d.world.SetAlarmAfter(3*time.Minute, "web-5xx", "ALARM", "5xx are many")
			return "5xx are many"
		},
		"refused call": func(d *deployment) string {
			d.world.Fail(sandbox.Fault{Service: "spot", Action: "SetCapacity", Kind: sandbox.Error, Status: 400, Code: "QUOTA", Message: "no more of these"})
			return "no more of these"
		},
	} {
		t.Run(name, func(t *testing.T) {
			inHoldingCanary(t, func(t *testing.T, d *deployment, _ watch) {
				p := d.plan(withChanges(second, goOn))
				says := mishap(d)
				_, diags := d.applyPlan(t.Context(), p, withChanges(second, goOn))
				mustExplain(t, diags, says, "as before")
				mustStand(t, d.world, "web__1 ami-1 2/4/8")
				d.world.SetAlarm("web-5xx", "OK", "")
				again := withChanges(second, goOn)
				if more, ok := once[name].(object); ok {
					again = withChanges(again, more)
				}
				d.mustServeAgain(again)
				d.apply(again)
				d.mustShow("stable", "web__2", "web__2 live 2/4/8", "web__1 previous 0/0/0")
			})
		})
	}
}

// The live group was made by others and has no journal: that it is of the configuration that comes back is known from the
// state alone, also when another release held in between.
func TestHoldAfterImport(t *testing.T) {
	config := canaryWorld(existing("web__4", "ami-4", 2, 4, 8))
	candidate := holdingCanary("ami-5", 1, object{"triggers": object{"release": "5"}, "user_data": "other"})
	for name, test := range map[string]func(t *testing.T, d *deployment){
		"back": func(_ *testing.T, d *deployment) { d.apply(canary("ami-4")) },
		"back by a new process": func(_ *testing.T, d *deployment) {
			d.restart()
			d.apply(canary("ami-4"))
		},
		"failure after going on": func(t *testing.T, d *deployment) {
			p := d.plan(withChanges(candidate, goOn))
			d.world.SetAlarmAfter(3*time.Minute, "web-5xx", "ALARM", "5xx are many")
			_, diags := d.applyPlan(t.Context(), p, withChanges(candidate, goOn))
			mustExplain(t, diags, "5xx are many")
			d.world.SetAlarm("web-5xx", "OK", "")
		},
		"superseded in vain": func(t *testing.T, d *deployment) {
			_, diags := d.tryApply(canary("ami-bad"))
			mustExplain(t, diags, "ami-bad")
		},
		"superseded, held, and back": func(_ *testing.T, d *deployment) {
			d.apply(holdingCanary("ami-6", 2))
			d.apply(canary("ami-4"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, config, func(t *testing.T, d *deployment) {
				imported(t, d)
				run := d.watch()
				d.apply(candidate)
				d.mustShow("holding", "web__4", "web__5 candidate 1/1/1", "web__4 live 3/3/3")
				test(t, d)
				d.mustShow("stable", "web__4", "web__4 live 2/4/8")
				if d.now()["image_id"] != "ami-4" || d.now()["user_data"] != providertest.Boot {
					t.Errorf("the state has the inputs of another revision: %v", d.now()["image_id"])
				}
				d.mustBeSettledBut(canary("ami-4"))
				run.mustServe(4)
				p := d.plan(candidate)
				if text := d.planText(p); !strings.Contains(text, "new        created") && !strings.Contains(text, "refused") {
					t.Errorf("the plan does not show the change again:\n%s", d.planText(p))
				}
			})
		})
	}
}

// An apply that is refused while a release holds, because someone else was at work since the plan, changes neither that it
// holds nor where it can go.
func TestRefusedWhileHolding(t *testing.T) {
	inHoldingCanary(t, func(t *testing.T, d *deployment, run watch) {
		p := d.plan(canary("ami-3"))
		if _, err := d.world.AddGroup(provenGroup(7, 0, 0, 0)); err != nil {
			t.Fatal(err)
		}
		_, diags := d.applyPlan(t.Context(), p, canary("ami-3"))
		mustExplain(t, diags, "Someone else", "Nothing was touched")
		run.mustDo()
		d.world.DeleteGroup("web__7")
		if d.refresh(); d.now()["status"] != "holding" {
			t.Errorf("status is %v", d.now()["status"])
		}
		d.apply(second)
		run.mustDo()
		d.apply(first)
		d.mustShow("stable", "web__1", "web__1 live 2/4/8")
	})
}

// An interrupt after going on: it no longer holds, and says so.
func TestInterruptAfterGoingOn(t *testing.T) {
	for name, next := range map[string]object{"on": withChanges(second, goOn), "back": first} {
		t.Run(name, func(t *testing.T) {
			inHoldingCanary(t, func(t *testing.T, d *deployment, _ watch) {
				ctx, _ := interrupt(d, 2*time.Minute, "cancel")
				_, diags := d.applyUnder(ctx, withChanges(second, goOn))
				mustExplain(t, diags, "interrupted", "The next step is to bake 50 % for 5m")
				d.mustShow("interrupted", "web__1", "web__2 candidate 2/2/2", "web__1 live 2/2/2")
				if d.now()["image_id"] != "ami-1" || d.now()["user_data"] != providertest.Boot {
					t.Error("the state has not the inputs that serve")
				}
				d.restart()
				d.apply(next)
				if name == "on" {
					d.mustShow("stable", "web__2", "web__2 live 2/4/8", "web__1 previous 0/0/0")
				} else {
					d.mustShow("stable", "web__1", "web__1 live 2/4/8")
				}
			})
		})
	}
}

// Killed at each change after going on, or after going back, the rollout is not taken for one that still holds; one more
// apply ends where an undisturbed one ends.
func TestKilledOnTheWayFromAHold(t *testing.T) {
	for name, test := range map[string]struct {
		apply   object
		ends    string
		changes int // how many there are, of "new" until the newer one is there
	}{
		"on":   {withChanges(second, goOn), "web__1 ami-1 0/0/0\nweb__2 ami-2 2/4/8", 8},
		"back": {first, "web__1 ami-1 2/4/8", 4},
		"new":  {canary("ami-3"), "web__1 ami-1 0/0/0\nweb__2 ami-3 2/4/8", 5},
	} {
		for n := 1; n <= test.changes; n++ {
			t.Run(fmt.Sprintf("%s at change %d", name, n), func(t *testing.T) {
				inHoldingCanary(t, func(t *testing.T, d *deployment, _ watch) {
					prior := d.state
					p := d.plan(test.apply)
					ctx, dead := kill(d, killPoint{true, n, n%2 == 0})
					d.applyPlan(ctx, p, test.apply)
					d.world.Intercept(nil, nil)
					if !dead() {
						t.Fatalf("it makes less than %d changes", n)
					}
					moved := standing(d.world) != "web__1 ami-1 3/3/3\nweb__2 ami-2 1/1/1"
					d.state = prior
					d.restart()
					d.plan(test.apply)
					if status := d.now()["status"]; moved && status == "holding" {
						t.Errorf("status is %v where\n%s", status, standing(d.world))
					}
					d.apply(test.apply)
					mustStand(t, d.world, test.ends)
				})
			})
		}
	}
}
