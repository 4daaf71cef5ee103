package deployment_test

import (
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// What a reviewer reads, what apply does and in which order, what the state says afterwards, and that nothing is left to do. Then
// the next release, the other way round.
func TestInstantSwitchFromPlanToRest(t *testing.T) {
	world := blueGreenWorld()
	world.Boot.Jitter = 1 // the instances come one by one
	inBubble(t, world, func(t *testing.T, d *deployment) {
		d.apply(switchAtOnce("ami-1"))
		p := d.plan(switchAtOnce("ami-2"))
		d.mustRead(p, `blue/green   previous web__1 (ami-1, 4 instances) -> new web__2 (ami-2, 4 instances)
now          listener colours/00000000000000c1 -> blue
             stage listener colours/00000000000000c2 -> green
setup        new        created at 0 in target group "green"
deploy       new        0 -> 4   previous kept at 4   alarms web-5xx
100 %        listener colours/00000000000000c1 -> green
             stage listener colours/00000000000000c2 -> blue   settle 30s, bake 2m, alarms web-5xx
after        previous   4 -> 0
             new        minimum 2, maximum 8
             previous kept at 0
on failure   traffic back first   previous back to 4 (minimum 2, maximum 8), new deleted
`)
		run := d.watch()
		d.carryOut(p, switchAtOnce("ami-2"))
		run.mustMove("create web__2", "web__2 0 -> 4", "production -> green", "stage -> blue", "web__1 4 -> 0")
		run.mustServe(4)
		run.mustReachTargets(productionARN)
		run.mustSwitchWhole(productionARN, greenARN)
		run.mustWaitFor(2*time.Minute + 30*time.Second)
		mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8")
		d.mustShow("stable", "web__2", "web__2 live 2/4/8", "web__1 previous 0/0/0")
		d.mustRoute(seen{productionARN, testARN, greenARN, blueARN, 0})
		if text := d.now()["rollout_plan"]; text != d.planText(p) {
			t.Errorf("the state has the plan\n%v", text)
		}
		d.mustBeSettled(switchAtOnce("ami-2"))
		d.restart()
		time.Sleep(time.Hour)
		d.mustBeSettled(switchAtOnce("ami-2"))

		run = d.watch()
		d.apply(switchAtOnce("ami-3"))
		run.mustMove("create web__3", "web__3 0 -> 4", "production -> blue", "stage -> green", "web__2 4 -> 0")
		run.mustServe(4)
		run.mustReachTargets(productionARN)
		run.mustSwitchWhole(productionARN, blueARN)
		d.mustRoute(seen{productionARN, testARN, blueARN, greenARN, 0})
		d.mustForward(productionARN, "blue 1", testARN, "green 1")
		neverDeletesInstances(t, d.world)
	})
}

// seen is a route as the attribute traffic has it.
type seen struct {
	production, stage, live, idle string
	idleWeight                    int
}

// mustRoute fails the test unless the state says exactly this of the routes.
func (d *deployment) mustRoute(want ...seen) {
	d.t.Helper()
	var got []seen
	for _, r := range d.now()["traffic"].([]any) {
		r := r.(object)
		one := seen{production: r["production_arn"].(string), idleWeight: r["idle_weight"].(int)}
		one.stage, _ = r["stage_arn"].(string)
		one.live, _ = r["live_target_group_arn"].(string)
		one.idle, _ = r["idle_target_group_arn"].(string)
		got = append(got, one)
	}
	if len(got) != len(want) {
		d.t.Fatalf("the state has %d routes:\n%s", len(got), asJSON(d.now()["traffic"]))
	}
	for i := range got {
		if got[i] != want[i] {
			d.t.Errorf("the state says of route %d\n%+v, want\n%+v", i, got[i], want[i])
		}
	}
}

// mustSwitchWhole fails the test unless a route's first traffic to a target group met four healthy targets there, and the
// revision that it came from was whole and pinned then.
func (w watch) mustSwitchWhole(routeARN, group string) {
	w.d.t.Helper()
	newest := w.groups[len(w.groups)-1].Name
	for _, m := range w.d.world.Timeline()[w.moments:] {
		if !routeSendsTo(m, routeARN, group) {
			continue
		}
		for _, g := range m.TargetGroups {
			if g.ARN == group && g.Healthy != 4 {
				w.d.t.Errorf("%d targets were healthy when traffic came", g.Healthy)
			}
		}
		for _, g := range m.Groups {
			if g.Name == newest && (g.Minimum != 4 || g.Target != 4 || g.Maximum != 4 || g.Running != 4) {
				w.d.t.Errorf("the previous revision was not whole: %s", asJSON(g))
			}
		}
		return
	}
	w.d.t.Errorf("%s never got traffic", group)
}

// routeSendsTo tells whether a route sends traffic to a target group at a moment.
func routeSendsTo(m sandbox.Moment, routeARN, group string) bool {
	for _, r := range m.Routes {
		for _, share := range r.Weights {
			if r.ARN == routeARN && share.TargetGroup == group && share.Weight > 0 {
				return true
			}
		}
	}
	return false
}

// mustWaitFor fails the test unless nothing was taken from a group for so long after the last change of a route, and then
// soon.
func (w watch) mustWaitFor(least time.Duration) {
	w.d.t.Helper()
	var switched time.Time
	for _, c := range w.d.world.Changes()[w.changes:] {
		switch {
		case isModify(&c):
			switched = c.Time
		case c.Action == "SetCapacity" && sentTarget(w.d.t, c) == 0 && !switched.IsZero():
			if took := c.Time.Sub(switched); took < least || took > least+time.Minute {
				w.d.t.Errorf("%s was taken down %s after the last change of a route, want %s", c.Name, took, least)
			}
			return
		}
	}
	w.d.t.Error("nothing was taken down after a change of a route")
}

func TestFirstBlueGreenDeployment(t *testing.T) {
	for name, test := range map[string]struct {
		world  sandbox.Config
		config object
		plan   string
		routes seen
	}{
		"with stage": {blueGreenWorld(), switchAtOnce("ami-1"), `blue/green   first deployment -> new web__1 (ami-1, 4 instances)
now          listener colours/00000000000000c1 is read by apply
setup        new        created at 0 in the live target group
100 %        new        0 -> 4   new minimum 2, maximum 8
on failure   new deleted
`, seen{productionARN, testARN, blueARN, greenARN, 0}},
		"by weights": {blueGreenWorld(productionByWeights), shiftByWeights("ami-1", throughRoutes(route(productionARN))), "", seen{productionARN, "", blueARN, greenARN, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, test.world, func(t *testing.T, d *deployment) {
				p := d.plan(test.config)
				if text := d.planText(p); test.plan != "" && text != test.plan {
					t.Errorf("the plan says\n%s", text)
				}
				run := d.watch()
				d.apply(test.config)
				run.mustMove("create web__1", "web__1 0 -> 4")
				d.mustShow("stable", "web__1", "web__1 live 2/4/8")
				d.mustRoute(test.routes)
				for _, g := range d.world.TargetGroups() {
					if want := map[string]int{"blue": 4}[g.Name]; g.Healthy != want {
						t.Errorf("%s has %d healthy targets", g.Name, g.Healthy)
					}
				}
			})
		})
	}
}

// A first deployment that fails leaves neither groups nor state, and production as it was.
func TestFirstBlueGreenDeploymentFails(t *testing.T) {
	inBubble(t, blueGreenWorld(), func(t *testing.T, d *deployment) {
		run := d.watch()
		_, diags := d.tryApply(switchAtOnce("ami-bad", object{"healthy_timeout": "4m"}))
		mustExplain(t, diags, "ami-bad failed", "0 of 4", "unhealthy in blue", "nothing was left of it")
		run.mustMove("create web__1", "web__1 0 -> 4", "web__1 4 -> 0", "delete web__1")
		mustStand(t, d.world)
		if d.now() != nil {
			t.Errorf("there is a state: %s", asJSON(d.now()))
		}
		d.mustForward(productionARN, "blue 1", testARN, "green 1")
		d.apply(switchAtOnce("ami-1"))
	})
}

// What is written of traffic alone moves no traffic, and shows in the next rollout.
func TestBlueGreenAloneMovesNothing(t *testing.T) {
	inBubble(t, blueGreenWorld(), func(t *testing.T, d *deployment) {
		d.apply(switchAtOnce("ami-1"))
		run := d.watch()
		next := switchAtOnce("ami-1", inBlueGreen(object{"bake": "1m", "settle": "5s", "downsize_previous": false}))
		d.apply(next)
		run.mustMove()
		if text := d.planText(d.plan(withChanges(next, object{"image_id": "ami-2"}))); !strings.Contains(text, "settle 5s, bake 1m") || !strings.Contains(text, "keeps running") {
			t.Errorf("the plan says\n%s", text)
		}
	})
}

// From a basic rollout to blue/green and back: the live revision registers in production's target group all along.
func TestFromBasicToBlueGreenAndBack(t *testing.T) {
	inBubble(t, blueGreenWorld(), func(t *testing.T, d *deployment) {
		in := func(group string) object { return object{"target_group_arns": []any{group}} }
		d.apply(release("ami-1", in(blueARN)))
		run := d.watch()
		d.apply(switchAtOnce("ami-2"))
		run.mustMove("create web__2", "web__2 0 -> 4", "production -> green", "stage -> blue", "web__1 4 -> 0")
		d.apply(release("ami-3", in(greenARN)))
		run.mustServe(4)
		run.mustReachTargets(productionARN)
		if traffic := d.now()["traffic"]; traffic != nil {
			t.Errorf("a basic rollout has traffic: %s", asJSON(traffic))
		}
		mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 0/0/0", "web__3 ami-3 2/4/8")
	})
}
