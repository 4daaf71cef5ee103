package deployment_test

import (
	"context"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// interruptMoments are those at which an interrupt meets a canary, each with the next step that is to be named.
func interruptMoments() map[string]struct {
	strike func(d *deployment) context.Context
	next   string
	stands []string
} {
	after := func(later time.Duration) func(d *deployment) context.Context {
		return func(d *deployment) context.Context {
			ctx, _ := interrupt(d, later, "cancel")
			return ctx
		}
	}
	// between is an interrupt while a call is under way: it takes effect, and no other is made.
	between := func(action, name string, target int) func(d *deployment) context.Context {
		return func(d *deployment) context.Context {
			ctx, cancel := context.WithCancel(d.t.Context())
			d.world.Intercept(nil, func(c *sandbox.Call) {
				if c.Action == action && c.Name == name && (action != "SetCapacity" || sentTarget(d.t, *c) == target) {
					cancel()
				}
			})
			return ctx
		}
	}
	return map[string]struct {
		strike func(d *deployment) context.Context
		next   string
		stands []string
	}{
		"in a wait":                 {after(20 * time.Second), "wait for 1 of web__2 in service", []string{"web__1 ami-1 2/4/8", "web__2 ami-2 1/1/1"}},
		"in a bake":                 {after(4 * time.Minute), "bake 25 % for 5m", []string{"web__1 ami-1 3/3/3", "web__2 ami-2 1/1/1"}},
		"in the second bake":        {after(9 * time.Minute), "bake 50 % for 5m", []string{"web__1 ami-1 2/2/2", "web__2 ami-2 2/2/2"}},
		"after the create":          {between("CreateGroup", "web__2", 0), "", []string{"web__1 ami-1 2/4/8", "web__2 ami-2 0/0/0"}},
		"after the candidate grew":  {between("SetCapacity", "web__2", 2), "", []string{"web__1 ami-1 3/3/3", "web__2 ami-2 2/2/2"}},
		"after the live one shrank": {between("SetCapacity", "web__1", 2), "", []string{"web__1 ami-1 2/2/2", "web__2 ami-2 2/2/2"}},
	}
}

// Ctrl-C leaves everything as it is and says where that is and what comes next, and the next apply goes on, or back.
func TestInterruptedCanary(t *testing.T) {
	for name, moment := range interruptMoments() {
		for where, next := range map[string]struct {
			config object
			ends   []string
		}{
			"on":   {canary("ami-2"), []string{"web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8"}},
			"back": {canary("ami-1"), []string{"web__1 ami-1 2/4/8"}},
		} {
			t.Run(name+" and "+where, func(t *testing.T) {
				inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
					d.apply(canary("ami-1"))
					before := d.inputs()
					p := d.plan(canary("ami-2"))
					run := d.watch()
					ctx := moment.strike(d)
					state, diags := d.applyPlan(ctx, p, canary("ami-2"))
					d.world.Intercept(nil, nil)
					mustExplain(t, diags, "Rollout interrupted", "The next step is to "+moment.next, "The next apply goes on from there")
					mustStand(t, d.world, moment.stands...)
					if state["status"] != "interrupted" || state["group_name"] != "web__1" {
						t.Errorf("the state is %v with %v live", state["status"], state["group_name"])
					}
					d.mustBeAsBefore(before, canary("ami-2"))
					d.restart()
					d.apply(next.config)
					mustStand(t, d.world, next.ends...)
					run.mustServe(4)
				})
			})
		}
	}
}

// Ctrl-C takes everything back where the user wants that, and says so.
func TestInterruptedCanaryGoesBack(t *testing.T) {
	for name, moment := range interruptMoments() {
		t.Run(name, func(t *testing.T) {
			inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
				d.apply(canary("ami-1"))
				before := d.inputs()
				back := canary("ami-2", object{"on_interrupt": "rollback"})
				p := d.plan(back)
				run := d.watch()
				ctx := moment.strike(d)
				_, diags := d.applyPlan(ctx, p, back)
				d.world.Intercept(nil, nil)
				mustExplain(t, diags, "interrupted and taken back", "web__1", "serves with 4 (minimum 2, maximum 8) as before")
				mustStand(t, d.world, "web__1 ami-1 2/4/8")
				d.mustShow("stable", "web__1", "web__1 live 2/4/8")
				d.mustBeAsBefore(before, back)
				run.mustServe(4)
			})
		})
	}
}
