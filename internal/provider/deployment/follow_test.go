package deployment_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// slowNodes is a balancer whose nodes take three minutes to follow a change of a listener or rule.
func slowNodes(change ...func(*sandbox.AWSConfig)) sandbox.Config {
	return blueGreenWorld(append(change, func(in *sandbox.AWSConfig) { in.Propagation = sandbox.Duration(3 * time.Minute) })...)
}

// withoutBake is a release by which the user has written no bake after the full switch.
func withoutBake(config object) object {
	bg := withChanges(config["blue_green"].(object))
	delete(bg, "bake")
	return withChanges(config, object{"blue_green": bg})
}

// Where nothing is said of a bake, the previous revision keeps its instances until balancers have followed, slow ones too: at no
// instant does production's traffic go where nobody is, on the way forward, at a revert, and on the way back.
func TestSlowBalancersAreWaitedFor(t *testing.T) {
	atOnce := func(image string) object { return withoutBake(switchAtOnce(image)) }
	byWeight := func(image string) object {
		return withoutBake(shiftByWeights(image, throughRoutes(route(productionARN))))
	}
	alarmAfter := func(nth int) func(d *deployment) {
		return func(d *deployment) {
			d.afterModify(nth, 20*time.Second, func() { d.world.SetAlarm("web-5xx", "ALARM", "9 errors a minute") })
		}
	}
	for name, c := range map[string]struct {
		world   sandbox.Config
		config  func(image string) object
		before  []string // releases before the one that is judged
		image   string
		trouble func(d *deployment)
		fails   bool
		stands  []string
	}{
		"a switch":                  {slowNodes(), atOnce, []string{"ami-1"}, "ami-2", nil, false, []string{"web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8"}},
		"a shift":                   {slowNodes(productionByWeights), byWeight, []string{"ami-1"}, "ami-2", nil, false, []string{"web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8"}},
		"a warm revert":             {slowNodes(), atOnce, []string{"ami-1", "ami-2"}, "ami-1", nil, false, []string{"web__1 ami-1 2/4/8", "web__2 ami-2 0/0/0"}},
		"a cold revert":             {slowNodes(), atOnce, []string{"ami-1", "ami-2", "ami-3"}, "ami-1", nil, false, []string{"web__1 ami-1 0/0/0", "web__2 ami-2 0/0/0", "web__3 ami-3 0/0/0", "web__4 ami-1 2/4/8"}},
		"back from a full switch":   {slowNodes(), atOnce, []string{"ami-1"}, "ami-2", alarmAfter(2), true, []string{"web__1 ami-1 2/4/8"}},
		"back from the last weight": {slowNodes(productionByWeights), byWeight, []string{"ami-1"}, "ami-2", alarmAfter(3), true, []string{"web__1 ami-1 2/4/8"}},
		"back while balancers follow": {slowNodes(), atOnce, []string{"ami-1"}, "ami-2", func(d *deployment) {
			d.afterModify(2, 4*time.Minute, func() { d.world.SetAlarm("web-5xx", "ALARM", "9 errors a minute") })
		}, true, []string{"web__1 ami-1 2/4/8"}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, c.world, func(t *testing.T, d *deployment) {
				for _, image := range c.before {
					d.apply(c.config(image))
				}
				time.Sleep(10 * time.Minute)
				run := d.watch()
				p := d.plan(c.config(c.image))
				if text := d.planText(p); !strings.Contains(text, "kept for 5m") {
					t.Errorf("the plan says\n%s", text)
				}
				if strings.Contains(providertest.Render(p.diags), "Little time") {
					t.Errorf("the plan warns:\n%s", providertest.Render(p.diags))
				}
				if c.trouble != nil {
					c.trouble(d)
				}
				_, diags := d.applyPlan(t.Context(), p, c.config(c.image))
				if providertest.Failed(diags) != c.fails {
					t.Fatalf("apply says\n%s\nthe world:\n%s", providertest.Render(diags), standing(d.world))
				}
				time.Sleep(10 * time.Minute)
				mustStand(t, d.world, c.stands...)
				run.mustServe(4)
				run.mustReachTargets(productionARN)
			})
		})
	}
}

// A run that is cut short while balancers follow is gone on with by one that cannot know when they began to: it waits once more.
func TestSlowBalancersAreWaitedForAfterAKill(t *testing.T) {
	for name, next := range map[string]string{"forward": "ami-2", "back": "ami-1", "superseded": "ami-3"} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, slowNodes(), func(t *testing.T, d *deployment) {
				d.apply(withoutBake(switchAtOnce("ami-1")))
				run := d.watch()
				ctx, cancel := context.WithCancel(t.Context())
				d.afterModify(2, time.Minute, cancel)
				if _, diags := d.applyUnder(ctx, withoutBake(switchAtOnce("ami-2"))); !providertest.Failed(diags) {
					t.Fatal("it was not interrupted")
				}
				d.world.Intercept(nil, nil)
				d.restart()
				d.apply(withoutBake(switchAtOnce(next)))
				time.Sleep(10 * time.Minute)
				run.mustServe(4)
				run.mustReachTargets(productionARN)
			})
		})
	}
}

// A bake that is written is obeyed, and the plan warns of one that is short. What fails then shows on the timeline.
func TestAShortBakeIsObeyed(t *testing.T) {
	inBubble(t, slowNodes(), func(t *testing.T, d *deployment) {
		config := func(image, bake string) object { return switchAtOnce(image, inBlueGreen(object{"bake": bake})) }
		mustNotWarn := func(p planned) {
			if strings.Contains(providertest.Render(p.diags), "Little time") {
				t.Errorf("the plan warns:\n%s", providertest.Render(p.diags))
			}
		}
		mustNotWarn(d.plan(config("ami-1", "0s")))
		d.apply(config("ami-1", "0s"))
		mustNotWarn(d.plan(config("ami-1", "1m")))
		mustNotWarn(d.plan(config("ami-2", "3m")))
		p := d.plan(config("ami-2", "0s"))
		mustWarn(t, p.diags, "blue_green.bake", `settle = "30s" and bake = "0s"`, "30s after the full switch", "5m")
		if text := d.planText(p); strings.Contains(text, "kept for") {
			t.Errorf("the plan says\n%s", text)
		}
		run := d.watch()
		d.carryOut(p, config("ami-2", "0s"))
		run.mustWaitFor(30 * time.Second)
		if !slices.ContainsFunc(d.world.Timeline()[run.moments:], func(m sandbox.Moment) bool { return m.Serving(nil) == 0 }) {
			t.Error("somebody served all the time, so that the slow balancer of these tests is none")
		}
	})
}
