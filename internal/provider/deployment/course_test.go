package deployment_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// least is the smallest size in any course: from the first success on, production never has less.
const least = 2

// course is a deployment's life with random steps.
type course struct {
	t      *testing.T
	d      *deployment
	r      *rand.Rand
	config object
	told   []string // what was done, for whoever reads a failure
	began  watch    // since the first success
	stable bool     // there was one
	others []string // groups that are none of its business
}

// TestAnyCourse lets releases, bad images, resizes, autoscalers, interrupts and kills follow each other as they come, and
// holds every moment to the promises: what served goes on serving, the state tells the truth, nothing is made twice, and a
// good release always gets through in the end.
func TestAnyCourse(t *testing.T) {
	courses := 12
	switch {
	case testing.Short():
		courses = 8
	case *exhaustive:
		courses = 100
	}
	for seed := range courses {
		t.Run(fmt.Sprint("course ", seed), func(t *testing.T) {
			inBubble(t, webWorld(foreignGroups()...), func(t *testing.T, d *deployment) {
				c := &course{t: t, d: d, r: rand.New(rand.NewPCG(uint64(seed), 11)), config: release("ami-1", object{"capacity": capacityOf(2, 3, 6)}),
					others: strings.Split(standing(d.world), "\n")}
				for range 6 {
					c.step()
				}
				c.end()
			})
		})
	}
}

func (c *course) step() {
	c.change()
	before := c.d.state
	ctx, dead := c.mishap()
	_, diags := c.d.applyUnder(ctx, c.config)
	if dead() {
		c.d.state, c.d.private = before, nil
	}
	c.d.world.Intercept(nil, nil)
	c.d.restart()
	c.tell("-> failed: %v", providertest.Failed(diags))
	if !providertest.Failed(diags) && !dead() {
		c.d.mustBeSettled(c.config)
		if !c.stable && !c.d.state.IsNull() {
			c.stable, c.began = true, c.d.watch()
		}
	}
	c.check()
}

func (c *course) tell(format string, values ...any) {
	c.told = append(c.told, fmt.Sprintf(format, values...))
}

// change is what the user, or the world, comes up with next.
func (c *course) change() {
	switch c.r.IntN(15) {
	case 0, 1, 2, 9, 10, 11:
		c.config["image_id"] = fmt.Sprintf("ami-%d", 1+c.r.IntN(9))
	case 3:
		c.config["image_id"] = "ami-bad"
		c.config["healthy_timeout"] = "4m"
	case 4:
		// Spot chooses what goes when a group shrinks, and may choose what serves while something else still boots.
		time.Sleep(5 * time.Minute)
		target := least + c.r.IntN(5)
		c.config["capacity"] = capacityOf(least, target, target+c.r.IntN(4))
	case 5:
		delete(c.config, "capacity")
	case 6:
		for _, g := range c.d.world.Groups() {
			if strings.HasPrefix(g.Name, "web__") && g.Minimum >= least {
				c.d.world.AutoscaleAfter(time.Duration(c.r.IntN(120))*time.Second, g.ID, g.Minimum+c.r.IntN(5))
			}
		}
	case 7:
		c.config["retain"] = c.r.IntN(3)
	case 8:
		c.config["on_failure"] = []string{"rollback", "hold"}[c.r.IntN(2)]
		c.config["on_interrupt"] = []string{"rollback", "hold"}[c.r.IntN(2)]
	case 12, 13:
		first := 1 + c.r.IntN(60)
		c.config["canary"] = percentPhases(first, first+1+c.r.IntN(39))
		c.config["hold_after_phase"] = []any{nil, 1, 2}[c.r.IntN(3)]
	case 14:
		delete(c.config, "canary")
		delete(c.config, "hold_after_phase")
	}
	c.tell("%v %v retain %v on_failure %v on_interrupt %v canary %v hold_after_phase %v", c.config["image_id"], c.config["capacity"],
		c.config["retain"], c.config["on_failure"], c.config["on_interrupt"], c.config["canary"], c.config["hold_after_phase"])
}

// mishap is nothing, an interrupt or a kill.
func (c *course) mishap() (ctx context.Context, dead func() bool) {
	alive := func() bool { return false }
	switch c.r.IntN(4) {
	case 0:
		after := time.Duration(c.r.IntN(75)) * time.Second
		c.tell("interrupted after %s", after)
		ctx, _ := interrupt(c.d, after, "cancel")
		return ctx, alive
	case 1:
		at := killPoint{c.r.IntN(2) == 0, 1 + c.r.IntN(7), c.r.IntN(2) == 0}
		if !at.changing {
			at.n *= 6
		}
		c.tell("killed at %s", at)
		// The kill counts from the apply on; the plan before it makes calls too, and may be where it happens.
		return kill(c.d, at)
	}
	return context.Background(), alive
}

// check holds the promises.
func (c *course) check() {
	c.t.Helper()
	if c.stable {
		c.began.mustServe(least)
	}
	neverTwice(c.t, c.d.world)
	neverDeletesInstances(c.t, c.d.world)
	if diags := c.d.refresh(); providertest.Failed(diags) {
		c.t.Errorf("refresh: %s", providertest.Render(diags))
	}
	c.truthful()
	if c.t.Failed() {
		c.t.Fatalf("after\n  %s\nthe world has\n%s", strings.Join(c.told, "\n  "), standing(c.d.world))
	}
}

// truthful compares the refreshed state with the world.
func (c *course) truthful() {
	c.t.Helper()
	if c.d.state.IsNull() {
		return
	}
	var listed, there []string
	live := ""
	for _, g := range c.d.now()["groups"].([]any) {
		g := g.(object)
		listed = append(listed, fmt.Sprintf("%s %s %d/%d/%d", g["name"], g["image_id"], g["minimum"], g["target"], g["maximum"]))
		if g["role"] == "live" {
			live = g["image_id"].(string)
		}
	}
	for _, line := range strings.Split(standing(c.d.world), "\n") {
		if !slices.Contains(c.others, line) {
			there = append(there, line)
		}
	}
	slices.Reverse(there)
	if !slices.Equal(listed, there) {
		c.t.Errorf("the state lists\n%s\nthe world has\n%s", strings.Join(listed, "\n"), strings.Join(there, "\n"))
	}
	// While a rollout holds, the state has what was applied with success: the candidate's.
	if image := c.d.now()["image_id"]; image != live && c.d.now()["status"] != "holding" {
		c.t.Errorf("the state's image is %v, %s serves", image, live)
	}
}

// end is a good release, and the end of it all.
func (c *course) end() {
	c.t.Helper()
	c.config = release("ami-9", object{"capacity": capacityOf(2, 5, 7), "triggers": object{"the": "end"}})
	c.tell("the last release")
	_, diags := c.d.tryApply(c.config)
	if providertest.Failed(diags) {
		c.t.Errorf("the last release: %s", providertest.Render(diags))
	} else {
		c.d.mustBeSettled(c.config)
	}
	c.check()
	if got := standing(c.d.world); !strings.HasSuffix(got, "ami-9 2/5/7") {
		c.t.Errorf("the world ends as\n%s", got)
	}
	if diags := c.d.destroy(); providertest.Failed(diags) {
		c.t.Errorf("destroy: %s", providertest.Render(diags))
	}
	mustStand(c.t, c.d.world, c.others...)
	if c.t.Failed() {
		c.t.Fatalf("after\n  %s", strings.Join(c.told, "\n  "))
	}
}
