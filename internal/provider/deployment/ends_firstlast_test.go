package deployment_test

import (
	"context"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// endsOfCreate are the ways in which a create ends, which begins where there is nothing. An error leaves no state: state beside it would be
// destroyed by the next apply.
func endsOfCreate() map[string]end {
	two, bad := release("ami-2"), release("ami-bad")
	return map[string]end{
		"succeeded":   {func(d *deployment) said { return d.tries(two) }, false, "stable ami-2 web__1", two, "nothing", nil},
		"rolled back": {func(d *deployment) said { return d.tries(bad) }, true, "none", bad, "a creation", []string{"[503]", "nothing was left of it"}},
		"for want of capacity": {func(d *deployment) said {
			d.world.SetMarket(sandbox.Market{})
			return d.tries(two)
		}, true, "none", two, "a creation", []string{"nothing speaks against the image", "nothing was left of it"}},
		"the way back fails, too": {func(d *deployment) said {
			d.world.Fail(sandbox.Fault{Service: "spot", Action: "DeleteGroup", Times: -1, Kind: sandbox.Error, Status: 400, Code: "LOCKED", Message: "the group is locked"})
			return d.tries(bad)
		}, true, "none", bad, "a creation", []string{"[503]", "the group is locked", "web__1", "delete it", "Apply again"}},
		"held by its failure": {func(d *deployment) said {
			return d.tries(release("ami-bad", object{"on_failure": "hold"}))
		}, true, "none", bad, "a creation", []string{"Everything is left as it is", "web__1 (ami-bad)", "Apply again to go on"}},
		"interrupted": {func(d *deployment) said {
			ctx, _ := interrupt(d, 30*time.Second, "cancel")
			return d.triesUnder(ctx, two)
		}, true, "none", two, "a creation", []string{"The first deployment, web__1 (ami-2), was begun", "The next apply goes on"}},
		"interrupted and taken back": {func(d *deployment) said {
			ctx, _ := interrupt(d, 30*time.Second, "cancel")
			return d.triesUnder(ctx, release("ami-2", object{"on_interrupt": "rollback"}))
		}, true, "none", two, "a creation", []string{"taken back", "nothing was left of it"}},
		"killed": {func(d *deployment) said {
			return d.dies(2, func(ctx context.Context) { d.applyUnder(ctx, two) })
		}, true, "none", two, "a creation", nil},
		"out of time": {func(d *deployment) said {
			return d.tries(release("ami-slow", object{"timeouts": object{"create": "90s"}}))
		}, true, "none", release("ami-slow"), "a creation", []string{"attribute timeouts", "The next apply goes on"}},
		"superseded": {func(d *deployment) said {
			ctx, _ := interrupt(d, 30*time.Second, "cancel")
			d.applyUnder(ctx, two)
			return d.tries(release("ami-3"))
		}, false, "stable ami-3 web__1", release("ami-3"), "nothing", nil},
		"refused by preflight": {func(d *deployment) said { return d.tries(release("ami-none")) }, true,
			"none", two, "a creation", []string{"Image not found", "ami-none"}},
		"the world has changed": {func(d *deployment) said {
			stale, none := d.plan(two), d.state
			d.apply(release("ami-3"))
			d.state = none
			return d.carries(stale, two)
		}, true, "none", two, "an error", []string{"exists already", "web__1", "Nothing was touched", "terraform import"}},
		"a cloud out of reach": {func(d *deployment) said {
			d.world.Fail(sandbox.Fault{Service: "spot", Times: -1, Kind: sandbox.DropBefore})
			return d.tries(two)
		}, true, "none", two, "a creation", []string{"Groups cannot be read"}},
	}
}

// endsOfDelete are the ways in which a destroy ends, which begins where web__1 serves ami-1. The next plan is one of destroying again, where
// anything is left.
func endsOfDelete() map[string]end {
	two := release("ami-2")
	return map[string]end{
		"succeeded": {func(d *deployment) said { return d.destroy() }, false, "none", two, "a creation", nil},
		"interrupted": {func(d *deployment) said { // there is no way back, even if a release would be taken back
			d.apply(release("ami-1", object{"on_interrupt": "rollback"}))
			ctx, _ := interrupt(d, 5*time.Second, "cancel")
			return d.destroyUnder(ctx)
		}, true, "interrupted ami-1 web__1", nil, "a deletion", []string{"The run was interrupted", "The next apply goes on"}},
		"killed": {func(d *deployment) said {
			return d.dies(1, func(ctx context.Context) { d.destroyUnder(ctx) })
		}, true, "interrupted ami-1 web__1", nil, "a deletion", nil},
		"out of time": {func(d *deployment) said {
			d.apply(release("ami-1", object{"timeouts": object{"delete": "1s"}}))
			return d.destroy()
		}, true, "interrupted ami-1 web__1", nil, "a deletion", []string{"attribute timeouts", "The next apply goes on"}},
		"superseded": {func(d *deployment) said {
			ctx, _ := interrupt(d, 30*time.Second, "cancel")
			d.applyUnder(ctx, two)
			return d.destroy()
		}, false, "none", two, "a creation", nil},
		"refused by preflight": {func(d *deployment) said {
			d.apply(release("ami-1", object{"deletion_protection": true}))
			return d.destroy()
		}, true, "stable ami-1 web__1", release("ami-1", object{"deletion_protection": true}), "nothing", []string{"deletion_protection is true"}},
		"the world has changed": {func(d *deployment) said {
			old, stale := d.state, d.planDestroy()
			d.apply(two)
			d.state = old
			return d.applyDestroy(d.t.Context(), stale)
		}, false, "none", two, "a creation", nil},
		"a cloud out of reach": {func(d *deployment) said {
			d.world.Fail(sandbox.Fault{Service: "spot", Action: "DeleteGroup", Times: -1, Kind: sandbox.DropBefore})
			return d.destroy()
		}, true, "interrupted ami-1 web__1", nil, "a deletion", []string{"web__1", "Apply again to go on"}},
	}
}
