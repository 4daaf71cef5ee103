package provider_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// end is a way in which an operation can end, and what is true afterwards.
type end struct {
	// run brings it about, from a world in which web__1 serves ami-1 (create: from an empty one), and returns what was said.
	run func(d *deployment) []*tfprotov6.Diagnostic
	// fails is whether apply exits with an error.
	fails bool
	// state is what the state says: "status image live group", or "none".
	state string
	// next is the configuration of the next plan, and plans what it shows: "nothing", "a change", "a creation".
	next  object
	plans string
	// says are words of what was said.
	says []string
}

// ends are all the ways, by operation.
func ends() map[string]map[string]end {
	two, bad := release("ami-2"), release("ami-bad")
	inTwo := func(others ...object) object {
		return release("ami-2", append([]object{{"canary": phases(25)}}, others...)...)
	}
	return map[string]map[string]end{
		"update": {
			"succeeded": {func(d *deployment) []*tfprotov6.Diagnostic { return said(d.tryApply(two)) }, false,
				"stable ami-2 web__2", two, "nothing", nil},
			"holding": {func(d *deployment) []*tfprotov6.Diagnostic {
				return said(d.tryApply(inTwo(object{"hold_after_phase": 1})))
			}, false, "holding ami-2 web__1", inTwo(object{"hold_after_phase": 1}), "nothing", nil},
			"rolled back": {func(d *deployment) []*tfprotov6.Diagnostic { return said(d.tryApply(bad)) }, true,
				"stable ami-1 web__1", bad, "a change", []string{"The release of ami-bad failed", "[503]", "web__1", "as before", "the failed revision is deleted"}},
			"for want of capacity": {func(d *deployment) []*tfprotov6.Diagnostic {
				d.world.SetMarket(sandbox.Market{})
				return said(d.tryApply(two))
			}, true, "stable ami-1 web__1", two, "a change", []string{"nothing speaks against the image", "Can't Spin Spot Instances"}},
			"the way back fails, too": {func(d *deployment) []*tfprotov6.Diagnostic {
				d.world.Intercept(nil, func(c *sandbox.Call) {
					if g, ok := d.world.Group("web__2"); ok && g.Target == 4 {
						d.world.SetMarket(sandbox.Market{}) // when web__1 is at zero already
					}
				})
				return said(d.tryApply(release("ami-bad", object{"resize_order": "previous_first", "healthy_timeout": "5m"})))
			}, true, "interrupted ami-1 web__1", bad, "a change",
				[]string{"Going back is not complete", "finish by hand", "set web__1 (", "to 4 (minimum 2, maximum 8)", "then set web__2 (", "to 0 and delete it", "Apply again"}},
			"held by its failure": {func(d *deployment) []*tfprotov6.Diagnostic {
				return said(d.tryApply(release("ami-bad", object{"on_failure": "hold"})))
			}, true, "interrupted ami-1 web__1", release("ami-bad", object{"on_failure": "hold"}), "a change",
				[]string{"Everything is left as it is", "Apply again to go on", "apply the previous configuration to go back"}},
			"interrupted": {func(d *deployment) []*tfprotov6.Diagnostic {
				ctx, _ := interrupt(d, 30*time.Second, "cancel")
				return said(d.applyUnder(ctx, two))
			}, true, "interrupted ami-1 web__1", two, "a change",
				[]string{"The run was interrupted", "web__2 (ami-2) is being rolled out", "The next step is to wait for 4 of web__2 in service", "The next apply goes on"}},
			"interrupted and taken back": {func(d *deployment) []*tfprotov6.Diagnostic {
				ctx, _ := interrupt(d, 30*time.Second, "cancel")
				return said(d.applyUnder(ctx, release("ami-2", object{"on_interrupt": "rollback"})))
			}, true, "stable ami-1 web__1", two, "a change", []string{"taken back", "web__1"}},
			"killed": {func(d *deployment) []*tfprotov6.Diagnostic {
				before := d.state
				ctx, _ := kill(d, killPoint{true, 2, true})
				_, diags := d.applyUnder(ctx, two)
				d.world.Intercept(nil, nil)
				d.state = before
				d.restart()
				return diags
			}, true, "interrupted ami-1 web__1", two, "a change", nil},
			"out of time": {func(d *deployment) []*tfprotov6.Diagnostic {
				return said(d.tryApply(release("ami-slow", object{"timeouts": object{"update": "90s"}})))
			}, true, "interrupted ami-1 web__1", release("ami-slow"), "a change", []string{"attribute timeouts", "web__2", "The next apply goes on"}},
			"superseded": {func(d *deployment) []*tfprotov6.Diagnostic {
				ctx, _ := interrupt(d, 30*time.Second, "cancel")
				d.applyUnder(ctx, two)
				return said(d.tryApply(release("ami-3")))
			}, false, "stable ami-3 web__2", release("ami-3"), "nothing", []string{"web__2 (ami-2) is being rolled out"}},
			"refused by preflight": {func(d *deployment) []*tfprotov6.Diagnostic { return said(d.tryApply(release("ami-none"))) }, true,
				"stable ami-1 web__1", release("ami-1"), "nothing", []string{"Image not found", "ami-none"}},
			"the world has changed": {func(d *deployment) []*tfprotov6.Diagnostic {
				old, stale := d.state, d.plan(release("ami-3"))
				d.apply(two)
				d.state = old
				return said(d.applyPlan(d.t.Context(), stale, release("ami-3")))
			}, true, "stable ami-2 web__2", two, "nothing", []string{"Another hand has changed", "Nothing was touched", "Plan again"}},
			"a cloud out of reach": {func(d *deployment) []*tfprotov6.Diagnostic {
				p := d.plan(two)
				d.world.Fail(sandbox.Fault{Service: "spot", Action: "SetCapacity", Times: -1, Kind: sandbox.DropBefore})
				return said(d.applyPlan(d.t.Context(), p, two))
			}, true, "stable ami-1 web__1", two, "a change", []string{"web__1"}},
		},
		"create": {
			"succeeded":   {func(d *deployment) []*tfprotov6.Diagnostic { return said(d.tryApply(two)) }, false, "stable ami-2 web__1", two, "nothing", nil},
			"rolled back": {func(d *deployment) []*tfprotov6.Diagnostic { return said(d.tryApply(bad)) }, true, "none", bad, "a creation", []string{"nothing was left of it"}},
			"for want of capacity": {func(d *deployment) []*tfprotov6.Diagnostic {
				d.world.SetMarket(sandbox.Market{})
				return said(d.tryApply(two))
			}, true, "none", two, "a creation", []string{"nothing speaks against the image", "nothing was left of it"}},
			"interrupted": {func(d *deployment) []*tfprotov6.Diagnostic {
				ctx, _ := interrupt(d, 30*time.Second, "cancel")
				return said(d.applyUnder(ctx, two))
			}, true, "none", two, "a creation", []string{"The first deployment, web__1 (ami-2), was begun", "The next apply goes on"}},
			"out of time": {func(d *deployment) []*tfprotov6.Diagnostic {
				return said(d.tryApply(release("ami-slow", object{"timeouts": object{"create": "90s"}})))
			}, true, "none", release("ami-slow"), "a creation", []string{"attribute timeouts", "The next apply goes on"}},
			"refused by preflight": {func(d *deployment) []*tfprotov6.Diagnostic { return said(d.tryApply(release("ami-none"))) }, true,
				"none", two, "a creation", []string{"Image not found"}},
			"a cloud out of reach": {func(d *deployment) []*tfprotov6.Diagnostic {
				d.world.Fail(sandbox.Fault{Service: "spot", Times: -1, Kind: sandbox.DropBefore})
				return said(d.tryApply(two))
			}, true, "none", two, "a creation", nil},
		},
		"delete": {
			"succeeded": {func(d *deployment) []*tfprotov6.Diagnostic { return d.destroy() }, false, "none", two, "a creation", nil},
			"protected": {func(d *deployment) []*tfprotov6.Diagnostic {
				d.apply(release("ami-1", object{"deletion_protection": true}))
				return d.destroy()
			}, true, "stable ami-1 web__1", release("ami-1", object{"deletion_protection": true}), "nothing", []string{"deletion_protection is true"}},
			"out of time": {func(d *deployment) []*tfprotov6.Diagnostic {
				d.apply(release("ami-1", object{"timeouts": object{"delete": "1s"}}))
				return d.destroy()
			}, true, "interrupted ami-1 web__1", release("ami-1", object{"timeouts": object{"delete": "1s"}}), "", []string{"attribute timeouts", "The next apply goes on"}},
			"a cloud out of reach": {func(d *deployment) []*tfprotov6.Diagnostic {
				d.world.Fail(sandbox.Fault{Service: "spot", Action: "DeleteGroup", Times: -1, Kind: sandbox.DropBefore})
				return d.destroy()
			}, true, "stable ami-1 web__1", release("ami-1"), "", []string{"web__1", "Apply again to go on"}},
		},
	}
}

func said(_ object, diags []*tfprotov6.Diagnostic) []*tfprotov6.Diagnostic { return diags }

// Every way in which an operation can end leaves a state that tells the truth, a next plan that shows what is left to do, and words that
// say what stands.
func TestEveryEndTellsTheTruth(t *testing.T) {
	for operation, ways := range ends() {
		for way, e := range ways {
			t.Run(operation+" "+way, func(t *testing.T) {
				bubble(t, webWorld(), func(t *testing.T, d *deployment) {
					if operation != "create" {
						d.apply(release("ami-1"))
					}
					diags := e.run(d)
					d.world.Intercept(nil, nil)
					if failed(diags) != e.fails {
						t.Errorf("it failed: %v, want: %v\n%s", failed(diags), e.fails, render(diags))
					}
					for _, word := range e.says {
						if !strings.Contains(render(diags), word) {
							t.Errorf("%q is not said:\n%s", word, render(diags))
						}
					}
					if way == "a cloud out of reach" {
						return // there is nobody to ask
					}
					p := d.plan(e.next)
					if got := d.truth(); got != e.state {
						t.Errorf("the state says %q, want: %q\nthe world:\n%s", got, e.state, standing(d.world))
					}
					if got := d.shows(p); e.plans != "" && got != e.plans {
						t.Errorf("the next plan shows %s, want: %s\n%s", got, e.plans, render(p.diags))
					}
				})
			})
		}
	}
}

// truth is what the state says.
func (d *deployment) truth() string {
	state := d.now()
	if state == nil {
		return "none"
	}
	return strings.Join([]string{state["status"].(string), state["image_id"].(string), state["group_name"].(string)}, " ")
}

// shows is what a plan shows.
func (d *deployment) shows(p planned) string {
	switch {
	case failed(p.diags):
		return "an error"
	case d.state.IsNull():
		return "a creation"
	case d.empty(p):
		return "nothing"
	}
	return "a change"
}
