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
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// killAtChange ends the process at the nth call that changes groups or routes, before its effect or after it. Nothing that it
// sends from there on arrives. It tells whether it came to that, and which call it was.
func (d *deployment) killAtChange(n int, effect bool) (ctx context.Context, dead func() string) {
	ctx, cancel := context.WithCancel(d.t.Context())
	changing := []string{"CreateGroup", "SetCapacity", "UpdateGroup", "DeleteGroup", "ModifyListener", "ModifyRule"}
	var mu sync.Mutex
	calls, last, at := 0, 0, ""
	die := func(c *sandbox.Call) {
		cancel()
		c.Drop()
	}
	d.world.Intercept(func(c *sandbox.Call) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case at != "":
			die(c)
		case slices.Contains(changing, c.Action):
			if calls++; calls == n && effect {
				last = c.Seq
			} else if calls == n {
				at = c.Action + " " + c.Name + routeNames[c.Subject]
				die(c)
			}
		}
	}, func(c *sandbox.Call) {
		mu.Lock()
		defer mu.Unlock()
		if at == "" && c.Seq == last {
			at = c.Action + " " + c.Name + routeNames[c.Subject]
		}
		if at != "" {
			die(c)
		}
	})
	return ctx, func() string {
		mu.Lock()
		defer mu.Unlock()
		return at
	}
}

// blueGreenLine is a line of releases that the kills below cut short.
type blueGreenLine struct {
	world  []func(*sandbox.AWSConfig)
	config func(image string) object
	// changes is how many calls of the second release change the world.
	changes int
	// first and second are where the routes forward when the first or the second release is live, a pair of route and target
	// groups each.
	first, second []string
}

var (
	killedSwitch = blueGreenLine{nil, func(image string) object { return switchAtOnce(image) }, 9,
		[]string{productionARN, "blue 1", testARN, "green 1"}, []string{productionARN, "green 1", testARN, "blue 1"}}
	killedShift = blueGreenLine{[]func(*sandbox.AWSConfig){productionByWeights}, func(image string) object { return shiftByWeights(image, throughRoutes(route(productionARN))) }, 12,
		[]string{productionARN, "blue 100, green 0"}, []string{productionARN, "blue 0, green 100"}}
	killedPair = blueGreenLine{[]func(*sandbox.AWSConfig){withSecond}, func(image string) object {
		return switchAtOnce(image, throughRoutes(route(productionARN, testARN), route(secondARN, secondTestARN)))
	}, 11,
		[]string{productionARN, "blue 1", testARN, "green 1", secondARN, "red 1", secondTestARN, "gray 1"},
		[]string{productionARN, "green 1", testARN, "blue 1", secondARN, "gray 1", secondTestARN, "red 1"}}
)

func (l blueGreenLine) routes() []string {
	return slices.DeleteFunc([]string{productionARN, secondARN}, func(arn string) bool { return !slices.Contains(l.first, arn) })
}

// killedAt kills the second release at a change, has a new process plan and apply what is wanted next, and fails the test unless
// it ends where an undisturbed run ends, and production was served all the while.
func (l blueGreenLine) killedAt(t *testing.T, n int, effect bool, next string) {
	inBubble(t, blueGreenWorld(l.world...), func(t *testing.T, d *deployment) {
		d.apply(l.config("ami-1"))
		prior, private, run := d.state, d.private, d.watch()
		p := d.plan(l.config("ami-2"))
		ctx, dead := d.killAtChange(n, effect)
		d.applyPlan(ctx, p, l.config("ami-2"))
		d.world.Intercept(nil, nil)
		if dead() == "" {
			t.Fatalf("the run makes less than %d changes", n)
		}
		d.state, d.private = prior, private
		d.restart()

		wanted := l.config(next)
		p = d.plan(wanted)
		done := n == l.changes && effect
		created := n > 1 || effect
		if status := d.now()["status"]; created && !done && status != "interrupted" {
			t.Errorf("killed at %s, the status is %v", dead(), status)
		}
		if warned := hasDiagnostic(p.diags, providertest.Warning, "The rollout of web was cut short", "web__2 (ami-2) is being rolled out", "Production's listener"); warned != (created && !done) {
			t.Errorf("killed at %s, the plan says\n%s", dead(), providertest.Render(p.diags))
		}
		_, diags := d.applyPlan(t.Context(), p, wanted)
		if providertest.Failed(diags) {
			t.Fatalf("killed at %s, the next apply says\n%s", dead(), providertest.Render(diags))
		}
		d.mustBeSettled(wanted)
		switch {
		case next == "ami-2":
			mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8")
			d.mustForward(l.second...)
		case done: // what was released is history, and is followed
			if got := standing(d.world); !strings.Contains(got, next+" 2/4/8") || strings.Contains(got, "ami-2 2/4/8") {
				t.Errorf("the world has\n%s", got)
			}
		case next == "ami-1":
			if got := standing(d.world); got != "web__1 ami-1 2/4/8" {
				t.Errorf("killed at %s, the world has\n%s", dead(), got)
			}
			d.mustForward(l.first...)
		default:
			mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-3 2/4/8")
			d.mustForward(l.second...)
		}
		run.mustServe(4)
		run.mustReachTargets(l.routes()...)
		neverTwice(t, d.world)
		neverDeletesInstances(t, d.world)
	})
}

// A release is killed at each call that changes a group or a route, before its effect or after it. Whatever is wanted then, one
// more apply ends where an undisturbed one ends.
func TestKilledBlueGreen(t *testing.T) {
	nexts := []string{"ami-2", "ami-1", "ami-3"}
	for name, line := range map[string]blueGreenLine{"switch": killedSwitch, "shift": killedShift, "two balancers": killedPair} {
		for n := 1; n <= line.changes; n++ {
			for i, next := range nexts {
				moves := name == "switch" && n >= 3 && n <= 5 // the routes, and what is right before them
				if !moves && (n%3 != i || n%2 == 0 && name != "switch") || testing.Short() && (n+i)%3 != 0 {
					continue // all of it takes long; what is left out of one line is there in another
				}
				t.Run(fmt.Sprintf("%s at change %d, then %s", name, n, next), func(t *testing.T) {
					line.killedAt(t, n, (n+i)%2 == 0, next)
				})
			}
		}
	}
}

// Between production and stage the live revision's target group is in no use: its targets are not checked, and are no
// longer called healthy. Traffic that comes back waits until they are again.
func TestKilledBetweenProductionAndStage(t *testing.T) {
	for _, next := range []string{"ami-2", "ami-1", "ami-3"} {
		for _, at := range []struct {
			n      int
			effect bool
		}{{4, true}, {5, false}} { // after production, before stage
			t.Run(fmt.Sprintf("at change %d, then %s", at.n, next), func(t *testing.T) { killedSwitch.killedAt(t, at.n, at.effect, next) })
		}
	}
}

// Killed on the way back from the full switch, at each change of it: the next apply ends the way back, and says what failed.
func TestKilledBlueGreenOnTheWayBack(t *testing.T) {
	for n := 6; n <= 10; n++ { // production, stage, the verdict, web__1 with its bounds, web__2 down; web__2 deleted leaves nothing to end
		effect := n%2 == 0
		t.Run(fmt.Sprintf("change %d, effect %v", n, effect), func(t *testing.T) {
			inBubble(t, blueGreenWorld(), func(t *testing.T, d *deployment) {
				d.apply(switchAtOnce("ami-1"))
				prior, run := d.state, d.watch()
				p := d.plan(switchAtOnce("ami-2"))
				d.world.SetAlarmAfter(3*time.Minute, "web-5xx", "ALARM", "9 errors a minute")
				ctx, dead := d.killAtChange(n, effect)
				d.applyPlan(ctx, p, switchAtOnce("ami-2"))
				d.world.Intercept(nil, nil)
				if dead() == "" {
					t.Fatalf("going back takes less than %d changes: %q", n, run.moves())
				}
				d.state, d.private = prior, nil
				d.restart()
				_, diags := d.tryApply(switchAtOnce("ami-2"))
				mustExplain(t, diags, "9 errors a minute", "as before")
				mustStand(t, d.world, "web__1 ami-1 2/4/8")
				d.mustForward(productionARN, "blue 1", testARN, "green 1")
				run.mustServe(4)
				run.mustReachTargets(productionARN)
				neverDeletesInstances(t, d.world)
			})
		})
	}
}
