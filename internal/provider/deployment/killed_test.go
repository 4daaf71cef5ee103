package deployment_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// killPoint is a call at which a process ends: the nth of those that change the world, or the nth of all.
type killPoint struct {
	changing bool
	n        int
	effect   bool // the call takes effect, and its answer is lost
}

func (p killPoint) String() string {
	what := "call"
	if p.changing {
		what = "change"
	}
	return fmt.Sprintf("%s %d, effect %v", what, p.n, p.effect)
}

// counts tells whether a call is of the kind that is counted.
func (p killPoint) counts(c *sandbox.Call) bool {
	return !p.changing || slices.Contains([]string{"CreateGroup", "SetCapacity", "UpdateGroup", "DeleteGroup"}, c.Action)
}

// kill ends the process at a call: nothing that it sends from there on arrives. The context is that of the request, which
// ends with it; dead tells whether it came to that.
func kill(d *deployment, at killPoint) (ctx context.Context, dead func() bool) {
	ctx, cancel := context.WithCancel(d.t.Context())
	var mu sync.Mutex
	calls, last, over := 0, 0, false
	die := func(c *sandbox.Call) {
		over = true
		cancel()
		c.Drop()
	}
	d.world.Intercept(func(c *sandbox.Call) {
		mu.Lock()
		defer mu.Unlock()
		if over {
			die(c)
			return
		}
		if !at.counts(c) {
			return
		}
		if calls++; calls < at.n {
			return
		}
		if !at.effect {
			die(c)
			return
		}
		last = c.Seq
	}, func(c *sandbox.Call) {
		mu.Lock()
		defer mu.Unlock()
		if over || c.Seq == last {
			die(c)
		}
	})
	return ctx, func() bool {
		mu.Lock()
		defer mu.Unlock()
		return over
	}
}

// killedRun is a run to be cut short: what comes before it, and the configuration that it applies.
type killedRun struct {
	before []object
	apply  object
}

// course is what an undisturbed run does: how many calls it makes, how many of them change the world, and how it ends.
func (k killedRun) course(t *testing.T) (calls, changes int, end string) {
	t.Helper()
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		for _, config := range k.before {
			d.apply(config)
		}
		p := d.plan(k.apply)
		start, before := len(d.world.Calls()), len(d.world.Changes())
		if _, diags := d.applyPlan(t.Context(), p, k.apply); providertest.Failed(diags) != k.broken() {
			t.Fatal(providertest.Render(diags))
		}
		calls, changes, end = len(d.world.Calls())-start, len(d.world.Changes())-before, standing(d.world)
	})
	return calls, changes, end
}

func (k killedRun) broken() bool { return k.apply["image_id"] == "ami-bad" }

// sweep kills the run at every call that changes the world, and at a sample of all, once before the effect and once after,
// and has a new process apply again.
func (k killedRun) sweep(t *testing.T, every int) {
	calls, changes, end := k.course(t)
	if changes < 1 || calls < 10 {
		t.Fatalf("the run makes only %d calls, %d changes", calls, changes)
	}
	var points []killPoint
	for n := 1; n <= changes; n++ {
		points = append(points, killPoint{true, n, false}, killPoint{true, n, true})
	}
	for n := 1; n <= calls; n += every {
		points = append(points, killPoint{false, n, n%2 == 0})
	}
	for _, point := range points {
		t.Run(point.String(), func(t *testing.T) {
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) { k.killAt(t, d, point, end) })
		})
	}
}

func (k killedRun) killAt(t *testing.T, d *deployment, point killPoint, end string) {
	for _, config := range k.before {
		d.apply(config)
	}
	p := d.plan(k.apply)
	providertest.MustSucceed(t, p.diags)
	run := d.watch()
	prior := d.state

	ctx, dead := kill(d, point)
	d.applyPlan(ctx, p, k.apply)
	d.world.Intercept(nil, nil)
	if !dead() {
		if point.changing {
			t.Errorf("the run did not get as far as %s", point)
		}
		return // how often a wait looks is a matter of chance
	}
	d.state, d.private = prior, nil // the process died before it could answer, and private data dies with it

	d.restart()
	if prior.IsNull() && d.isLive("web__1") {
		// All was done, and Terraform does not know: a create never takes over what is live.
		_, diags := d.tryApply(k.apply)
		mustRefuse(t, diags, "name", "web__1", "cut short before Terraform could note it", "terraform import ADDRESS web")
		imported(t, d)
		d.mustBeSettled(k.apply)
	}
	state, diags := d.tryApply(k.apply)
	switch {
	case providertest.Failed(diags) != k.broken():
		t.Fatalf("the next apply: %v\n%s", state, providertest.Render(diags))
	case !k.broken():
		d.mustBeSettled(k.apply)
	}
	if got := standing(d.world); got != end {
		t.Errorf("the world ends as\n%s\nwant\n%s", got, end)
	}
	if len(k.before) > 0 {
		run.mustServe(4)
	}
	neverTwice(t, d.world)
	neverDeletesInstances(t, d.world)
}

// isLive tells whether a group was proven.
func (d *deployment) isLive(name string) bool {
	d.t.Helper()
	for _, g := range d.world.Groups() {
		if g.Name == name && tagsOf(d.t, g)["elastigroup:verdict"] == string(rollout.Proven) {
			return true
		}
	}
	return false
}

// neverTwice fails the test if two groups of a name ever had capacity at the same time.
func neverTwice(t testing.TB, w *sandbox.World) {
	t.Helper()
	for _, m := range w.Timeline() {
		seen := map[string]bool{}
		for _, g := range m.Groups {
			if seen[g.Name] {
				t.Errorf("there are two groups %s at %s", g.Name, m.Time.Format("15:04:05"))
				return
			}
			seen[g.Name] = true
		}
	}
}

func TestKilledCreate(t *testing.T) { killedRun{apply: release("ami-1")}.sweep(t, 23) }

func TestKilledUpdate(t *testing.T) {
	killedRun{
		before: []object{release("ami-1", object{"retain": 1}), release("ami-2", object{"retain": 1})},
		apply:  release("ami-3", object{"retain": 1}),
	}.sweep(t, 41)
}

func TestKilledRollback(t *testing.T) {
	killedRun{before: []object{release("ami-1")}, apply: release("ami-bad", object{"healthy_timeout": "3m"})}.sweep(t, 61)
}

func TestKilledResize(t *testing.T) {
	killedRun{before: []object{release("ami-1")}, apply: release("ami-1", object{"capacity": capacityOf(3, 6, 9)})}.sweep(t, 17)
}

func TestKilledDestroy(t *testing.T) {
	inBubble(t, webWorld(foreignGroups()...), func(t *testing.T, d *deployment) {
		before := standing(sandbox.New(webWorld(foreignGroups()...)))
		for n := 1; n <= 3; n++ { // web__2 to zero, and both deleted
			d.apply(release("ami-1"))
			d.apply(release("ami-2"))
			prior := d.state
			_, dead := kill(d, killPoint{true, n, n%2 == 0})
			d.destroy()
			d.world.Intercept(nil, nil)
			if !dead() {
				t.Fatalf("destroy makes less than %d changes", n)
			}
			d.state, d.private = prior, nil
			d.restart()
			providertest.MustSucceed(t, d.destroy())
			mustStand(t, d.world, before)
			neverDeletesInstances(t, d.world)
		}
	})
}

// The candidate serves alone already when the run is killed, and then the user goes back, or on to yet another release: it
// goes only when the revision that comes back serves again.
func TestTurnedRoundAfterTheSwitch(t *testing.T) {
	for name, next := range map[string]object{"back": release("ami-1"), "on": release("ami-3")} {
		for n := 3; n <= 4; n++ { // web__1 to zero, and web__2's own bounds
			t.Run(fmt.Sprintf("%s at change %d", name, n), func(t *testing.T) {
				inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
					d.apply(release("ami-1"))
					prior, run := d.state, d.watch()
					ctx, dead := kill(d, killPoint{true, n, true})
					d.applyUnder(ctx, release("ami-2"))
					d.world.Intercept(nil, nil)
					if got := standing(d.world); !dead() || !strings.HasPrefix(got, "web__1 ami-1 0/0/0") {
						t.Fatalf("killed at the wrong moment:\n%s", got)
					}
					time.Sleep(time.Hour) // its instances are gone
					d.state, d.private = prior, nil
					d.restart()
					d.apply(next)
					run.mustServe(4)
					if got := standing(d.world); strings.Contains(got, "ami-2") {
						t.Errorf("what nobody wants is left:\n%s", got)
					}
				})
			})
		}
	}
}
