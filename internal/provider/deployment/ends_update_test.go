package deployment_test

import (
	"context"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// endsOfUpdate are the ways in which an update ends, which begins where web__1 serves ami-1.
func endsOfUpdate() map[string]end {
	two, bad := release("ami-2"), release("ami-bad")
	inTwo := func(others ...object) object {
		return release("ami-2", append([]object{{"canary": percentPhases(25)}}, others...)...)
	}
	return map[string]end{
		"succeeded": {func(d *deployment) said { return d.tries(two) }, false,
			"stable ami-2 web__2", two, "nothing", nil},
		"holding": {func(d *deployment) said {
			return d.tries(inTwo(object{"hold_after_phase": 1}))
		}, false, "holding ami-2 web__1", inTwo(object{"hold_after_phase": 1}), "nothing", nil},
		"rolled back": {func(d *deployment) said { return d.tries(bad) }, true,
			"stable ami-1 web__1", bad, "a change", []string{"The release of ami-bad failed", "[503]", "web__1", "as before", "the failed revision is deleted"}},
		"for want of capacity": {func(d *deployment) said {
			d.world.SetMarket(sandbox.Market{})
			return d.tries(two)
		}, true, "stable ami-1 web__1", two, "a change", []string{"nothing speaks against the image", "Can't Spin Spot Instances"}},
		"the way back fails, too": {func(d *deployment) said {
			d.world.Intercept(nil, func(c *sandbox.Call) {
				if g, ok := d.world.Group("web__2"); ok && g.Target == 4 {
					d.world.SetMarket(sandbox.Market{}) // when web__1 is at zero already
				}
			})
			return d.tries(release("ami-bad", object{"resize_order": "previous_first", "healthy_timeout": "5m"}))
		}, true, "interrupted ami-1 web__1", bad, "a change",
			[]string{"Going back is not complete", "finish by hand", "set web__1 (", "to 4 (minimum 2, maximum 8)", "then set web__2 (", "to 0 and delete it", "Apply again"}},
		"held by its failure": {func(d *deployment) said {
			return d.tries(release("ami-bad", object{"on_failure": "hold"}))
		}, true, "interrupted ami-1 web__1", release("ami-bad", object{"on_failure": "hold"}), "a change",
			[]string{"Everything is left as it is", "Apply again to go on", "apply the previous configuration to go back"}},
		"interrupted": {func(d *deployment) said {
			ctx, _ := interrupt(d, 30*time.Second, "cancel")
			return d.triesUnder(ctx, two)
		}, true, "interrupted ami-1 web__1", two, "a change",
			[]string{"The run was interrupted", "web__2 (ami-2) is being rolled out", "The next step is to wait for 4 of web__2 in service", "The next apply goes on"}},
		"interrupted and taken back": {func(d *deployment) said {
			ctx, _ := interrupt(d, 30*time.Second, "cancel")
			return d.triesUnder(ctx, release("ami-2", object{"on_interrupt": "rollback"}))
		}, true, "stable ami-1 web__1", two, "a change", []string{"taken back", "web__1"}},
		"killed": {func(d *deployment) said {
			return d.dies(2, func(ctx context.Context) { d.applyUnder(ctx, two) })
		}, true, "interrupted ami-1 web__1", two, "a change", nil},
		"out of time": {func(d *deployment) said {
			return d.tries(release("ami-slow", object{"timeouts": object{"update": "90s"}}))
		}, true, "interrupted ami-1 web__1", release("ami-slow"), "a change", []string{"attribute timeouts", "web__2", "The next apply goes on"}},
		"superseded": {func(d *deployment) said {
			ctx, _ := interrupt(d, 30*time.Second, "cancel")
			d.applyUnder(ctx, two)
			return d.tries(release("ami-3"))
		}, false, "stable ami-3 web__2", release("ami-3"), "nothing", []string{"web__2 (ami-2) is being rolled out"}},
		"refused by preflight": {func(d *deployment) said { return d.tries(release("ami-none")) }, true,
			"stable ami-1 web__1", release("ami-1"), "nothing", []string{"Image not found", "ami-none"}},
		"the world has changed": {func(d *deployment) said {
			old, stale := d.state, d.plan(release("ami-3"))
			d.apply(two)
			d.state = old
			return d.carries(stale, release("ami-3"))
		}, true, "stable ami-2 web__2", two, "nothing", []string{"Someone else has changed", "Nothing was touched", "Plan again"}},
		"a cloud out of reach": {func(d *deployment) said {
			p := d.plan(two)
			d.world.Fail(sandbox.Fault{Service: "spot", Action: "SetCapacity", Times: -1, Kind: sandbox.DropBefore})
			return d.carries(p, two)
		}, true, "stable ami-1 web__1", two, "a change", []string{"web__1"}},
	}
}
