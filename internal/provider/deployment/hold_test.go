package deployment_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// holdingCanary is a canary that holds after a phase.
func holdingCanary(image string, phase int, others ...object) object {
	return canary(image, append([]object{{"hold_after_phase": phase}}, others...)...)
}

// inHoldingCanary is a world in which web__2 of ami-2 holds after the first of two phases, and web__1 of ami-1 serves with it.
func inHoldingCanary(t *testing.T, test func(t *testing.T, d *deployment, run watch)) {
	t.Helper()
	holdingServing(t, 4, test)
}

// holdingServing is inHolding for canary alone, with less instances promised than the 4 where the market takes some.
func holdingServing(t *testing.T, least int, test func(t *testing.T, d *deployment, run watch)) {
	t.Helper()
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		d.apply(canary("ami-1", object{"triggers": object{"release": "1"}}))
		run := d.watch()
		d.apply(second)
		run.mustDo("create web__2", "web__2 0 -> 1", "web__1 4 -> 3")
		d.mustShow("holding", "web__1", "web__2 candidate 1/1/1", "web__1 live 3/3/3")
		d.restart()
		test(t, d, d.watch())
		run.mustServe(least)
		neverTwice(t, d.world)
		neverDeletesInstances(t, d.world)
	})
}

// first is what serves in inHoldingCanary, second what holds there, without the attribute that makes it hold.
var (
	first  = canary("ami-1", object{"triggers": object{"release": "1"}})
	second = holdingCanary("ami-2", 1, object{"triggers": object{"release": "2"}, "user_data": providertest.Boot + "# 2\n"})
)

// withChanges is a configuration with other attributes; nil takes one out.
func withChanges(config object, others ...object) object {
	all := maps.Clone(config)
	for _, other := range others {
		maps.Copy(all, other)
	}
	return all
}

var goOn = object{"hold_after_phase": nil}

// A rollout that holds rests: nothing is planned, whatever time passes and whatever comes and goes meanwhile.
func TestHoldingRests(t *testing.T) {
	for name, change := range map[string]func(w *sandbox.World){
		"nobody":                       func(*sandbox.World) {},
		"an autoscaler has a try":      func(w *sandbox.World) { w.SetTarget("web__1", 8); w.SetTarget("web__2", 8) },
		"the market takes an instance": func(w *sandbox.World) { w.Reclaim(instancesOf(w, "web__2")[0].ID) },
		"the alarm goes off":           func(w *sandbox.World) { w.SetAlarm("web-5xx", "ALARM", "") },
	} {
		t.Run(name, func(t *testing.T) {
			least := 4
			if strings.HasPrefix(name, "the market") {
				least = 3
			}
			holdingServing(t, least, func(t *testing.T, d *deployment, run watch) {
				state := d.now()
				if state["image_id"] != "ami-2" || state["revision"] != 1 {
					t.Errorf("the state has image %v and revision %v", state["image_id"], state["revision"])
				}
				change(d.world)
				stood := standing(d.world)
				time.Sleep(3 * time.Hour)
				d.mustBeSettled(second)
				d.refresh()
				d.mustBeSettled(second)
				run.mustDo()
				mustStand(t, d.world, stood)
				if d.now()["status"] != "holding" {
					t.Errorf("status is %v", d.now()["status"])
				}
				d.world.SetAlarm("web-5xx", "OK", "")
				d.apply(withChanges(second, goOn))
				d.mustShow("stable", "web__2", "web__2 live 2/4/8", "web__1 previous 0/0/0")
			})
		})
	}
}

// What a person moves while a rollout holds is shown by the next plan, and its apply gives both revisions back what they held with.
func TestAHoldThatSomebodyMoved(t *testing.T) {
	for name, test := range map[string]struct {
		change func(w *sandbox.World)
		rows   []string
	}{
		"the candidate grows":  {func(w *sandbox.World) { w.SetCapacity("web__2", 2, 2, 2) }, []string{"new        2 -> 1   moved while it holds"}},
		"the live one grows":   {func(w *sandbox.World) { w.SetCapacity("web__1", 3, 5, 8) }, []string{"previous   5 -> 3   moved while it holds"}},
		"the live one is free": {func(w *sandbox.World) { w.SetCapacity("web__1", 2, 3, 8) }, []string{"previous   stays at 3   moved while it holds"}},
		"both are moved": {func(w *sandbox.World) { w.SetCapacity("web__1", 4, 4, 4); w.SetCapacity("web__2", 0, 3, 3) },
			[]string{"previous   4 -> 3   moved while it holds", "new        3 -> 1   moved while it holds"}},
	} {
		t.Run(name, func(t *testing.T) {
			holdingServing(t, 4, func(t *testing.T, d *deployment, run watch) {
				test.change(d.world)
				time.Sleep(time.Hour)
				p := d.plan(second)
				if providertest.Failed(p.diags) {
					t.Fatal(providertest.Render(p.diags))
				}
				said := providertest.Plain(t, memberOf(t, p.value, "rollout_plan")).(string)
				for _, row := range test.rows {
					if !strings.Contains(said, row) {
						t.Errorf("%q is not in\n%s", row, said)
					}
				}
				if status := providertest.Plain(t, memberOf(t, p.value, "status")); status != "holding" || !strings.Contains(said, "previous back to 4 (minimum 2, maximum 8)") {
					t.Errorf("status goes to %v, and the plan says\n%s", status, said)
				}
				d.apply(second)
				mustStand(t, d.world, "web__1 ami-1 3/3/3", "web__2 ami-2 1/1/1")
				d.apply(withChanges(second, goOn))
				d.mustShow("stable", "web__2", "web__2 live 2/4/8", "web__1 previous 0/0/0")
			})
		})
	}
}

// instancesOf are the instances of a group.
func instancesOf(w *sandbox.World, name string) []sandbox.Instance {
	g, _ := w.Group(name)
	return g.Instances
}

func TestHoldIsLetGo(t *testing.T) {
	last := []string{"web__2 1 -> 2", "web__1 3 -> 2", "web__2 2 -> 4", "web__1 2 -> 0"}
	for name, test := range map[string]struct {
		next object
		does []string
		ends string
	}{
		"taken out":          {goOn, last, "stable"},
		"raised":             {object{"hold_after_phase": 2}, last[:2], "holding"},
		"no canary any more": {object{"hold_after_phase": nil, "canary": nil}, []string{"web__2 1 -> 4", "web__1 3 -> 0"}, "stable"},
		"other phases":       {object{"hold_after_phase": nil, "canary": percentPhases(10, 75)}, []string{"web__2 1 -> 3", "web__1 3 -> 1", "web__2 3 -> 4", "web__1 1 -> 0"}, "stable"},
	} {
		t.Run(name, func(t *testing.T) {
			inHoldingCanary(t, func(t *testing.T, d *deployment, run watch) {
				next := withChanges(second, test.next)
				p := d.plan(next)
				if text := d.planText(p); !strings.HasPrefix(text, "goes on") || !strings.Contains(providertest.Render(p.diags), "web__2 (ami-2) holds after phase 1") {
					t.Errorf("the plan says\n%s%s", text, providertest.Render(p.diags))
				}
				d.apply(next)
				run.mustDo(test.does...)
				if test.ends == "holding" {
					d.mustShow("holding", "web__1", "web__2 candidate 2/2/2", "web__1 live 2/2/2")
					run = d.watch()
					d.apply(withChanges(second, goOn))
					run.mustDo(last[2:]...)
				}
				d.mustShow("stable", "web__2", "web__2 live 2/4/8", "web__1 previous 0/0/0")
			})
		})
	}
}

// The phase that was passed is passed: a hold after an earlier one holds where the rollout stands.
func TestHoldLowered(t *testing.T) {
	inHoldingCanary(t, func(t *testing.T, d *deployment, _ watch) {
		d.apply(withChanges(second, object{"hold_after_phase": 2}))
		run := d.watch()
		d.apply(second)
		run.mustDo()
		d.mustShow("holding", "web__1", "web__2 candidate 2/2/2", "web__1 live 2/2/2")
	})
}

// A newer release while another holds: the live one gets everything back first, and stays the one to go back to.
func TestHeldReleaseIsSuperseded(t *testing.T) {
	inHoldingCanary(t, func(t *testing.T, d *deployment, run watch) {
		d.apply(holdingCanary("ami-3", 2))
		run.mustDo("web__1 3 -> 4", "web__2 1 -> 0", "delete web__2", "create web__2",
			"web__2 0 -> 1", "web__1 4 -> 3", "web__2 1 -> 2", "web__1 3 -> 2")
		d.mustShow("holding", "web__1", "web__2 candidate 2/2/2", "web__1 live 2/2/2")
		run = d.watch()
		d.apply(first)
		run.mustDo("web__1 2 -> 4", "web__2 2 -> 0", "delete web__2")
		mustStand(t, d.world, "web__1 ami-1 2/4/8")
	})
}

// A newer release that fails: what holds is gone, and what served when it began to hold serves.
func TestHeldReleaseIsSupersededInVain(t *testing.T) {
	inHoldingCanary(t, func(t *testing.T, d *deployment, run watch) {
		_, diags := d.tryApply(holdingCanary("ami-bad", 1))
		mustExplain(t, diags, "ami-bad", "web__1", "as before")
		mustStand(t, d.world, "web__1 ami-1 2/4/8")
		d.mustServeAgain(second)
	})
}

// mustServeAgain fails the test unless the state has the inputs of first, and no others.
func (d *deployment) mustServeAgain(next object) {
	d.t.Helper()
	d.mustShow("stable", "web__1", "web__1 live 2/4/8")
	for _, name := range []string{"configuration", "image_id", "user_data", "target_group_arns", "triggers"} {
		want := first[name]
		if is := d.now()[name]; asJSON(is) != asJSON(want) {
			d.t.Errorf("%s is %v, and %v serves", name, is, want)
		}
	}
	p := d.plan(next)
	changes := d.changes(p)
	for _, name := range []string{"image_id", "triggers", "user_data", "groups"} {
		if !slices.Contains(changes, name) {
			d.t.Errorf("the next plan does not change %s, only %v", name, changes)
		}
	}
	d.mustBeSettledBut(first)
}

// mustBeSettledBut fails the test unless a plan of what serves moves nothing: it may change how the next release goes.
func (d *deployment) mustBeSettledBut(config object) {
	d.t.Helper()
	run := d.watch()
	d.apply(config)
	run.mustDo()
}

// Going back on the user's word, with everything that made the release that holds.
func TestHeldReleaseIsTakenBack(t *testing.T) {
	for name, back := range map[string]object{"as it was": first, "with another strategy": withChanges(first, object{"canary": nil, "verify": nil})} {
		t.Run(name, func(t *testing.T) {
			inHoldingCanary(t, func(t *testing.T, d *deployment, run watch) {
				p := d.plan(back)
				d.mustRead(p, `goes back   new web__2 (ami-2, 1 instance) -> previous web__1 (ami-1, 4 instances)
back        previous   3 -> 4 (minimum 2, maximum 8)
            new        1 -> 0
            new        deleted
`)
				d.apply(back)
				run.mustDo("web__1 3 -> 4", "web__2 1 -> 0", "delete web__2")
				d.mustShow("stable", "web__1", "web__1 live 2/4/8")
			})
		})
	}
}

// Everything but the image counts as much as the image: a change of it while a release holds is another release.
func TestChangedWhileHolding(t *testing.T) {
	document := webDocument()
	memberAt(document, "strategy")["drainingTimeout"] = 90
	for name, change := range map[string]object{
		"configuration": {"configuration": asJSON(document)},
		"user data":     {"user_data": providertest.Boot + "# 3\n"},
		"triggers":      {"triggers": object{"release": "3"}},
		"no triggers":   {"triggers": nil},
	} {
		t.Run(name, func(t *testing.T) {
			inHoldingCanary(t, func(t *testing.T, d *deployment, run watch) {
				d.apply(withChanges(second, change))
				run.mustDo("web__1 3 -> 4", "web__2 1 -> 0", "delete web__2", "create web__2", "web__2 0 -> 1", "web__1 4 -> 3")
				d.mustShow("holding", "web__1", "web__2 candidate 1/1/1", "web__1 live 3/3/3")
				d.apply(first)
				d.mustShow("stable", "web__1", "web__1 live 2/4/8")
			})
		})
	}
}

// The revert of the image alone, with other inputs of the release that holds, is a release of its own.
func TestHalfRevertedWhileHolding(t *testing.T) {
	inHoldingCanary(t, func(t *testing.T, d *deployment, run watch) {
		d.apply(withChanges(second, goOn, object{"image_id": "ami-1"}))
		if did := run.did(); len(did) < 4 || did[3] != "create web__2" {
			t.Errorf("the run did %v", did)
		}
		mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-1 2/4/8")
	})
}

// Capacity that is written anew while a release holds is given to both, in their shares, and is the live one's too if it
// comes to going back.
func TestCapacityWhileHolding(t *testing.T) {
	for name, next := range map[string]object{"on": withChanges(second, goOn), "back": first} {
		t.Run(name, func(t *testing.T) {
			inHoldingCanary(t, func(t *testing.T, d *deployment, run watch) {
				larger := object{"capacity": capacityOf(4, 8, 12)}
				d.apply(withChanges(second, larger))
				d.mustShow("holding", "web__1", "web__2 candidate 2/2/2", "web__1 live 6/6/6")
				run.mustServe(4)
				time.Sleep(10 * time.Minute)
				run = d.watch()
				d.apply(withChanges(next, larger))
				run.mustServe(8)
				if name == "on" {
					d.mustShow("stable", "web__2", "web__2 live 4/8/12", "web__1 previous 0/0/0")
				} else {
					d.mustShow("stable", "web__1", "web__1 live 4/8/12")
				}
			})
		})
	}
}
