package deployment_test

import (
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// holdingShift is a shift of production alone that holds after its first weight.
func holdingShift(image string, others ...object) object {
	return shiftByWeights(image, append([]object{throughRoutes(route(productionARN)), {"hold_after_phase": 1}}, others...)...)
}

// atWeight is a world in which web__2 of ami-2 holds with a tenth of production.
func atWeight(t *testing.T, test func(t *testing.T, d *deployment, run watch)) {
	t.Helper()
	inBubble(t, blueGreenWorld(productionByWeights), func(t *testing.T, d *deployment) {
		d.apply(holdingShift("ami-1"))
		run := d.watch()
		p := d.plan(holdingShift("ami-2"))
		d.mustRead(p, `blue/green   previous web__1 (ami-1, 4 instances) -> new web__2 (ami-2, 4 instances)
now          listener colours/00000000000000c1 -> blue 100 %, green 0 %
setup        new        created at 0 in target group "green"
deploy       new        0 -> 4   previous kept at 4   alarms web-5xx
10 %         listener colours/00000000000000c1 -> blue 90 %, green 10 %
             settle 30s, bake 1m, alarms web-5xx   holds here
50 %         listener colours/00000000000000c1 -> blue 50 %, green 50 %
             settle 30s, bake 1m, alarms web-5xx
100 %        listener colours/00000000000000c1 -> blue 0 %, green 100 %
             settle 30s, bake 2m, alarms web-5xx
after        previous   4 -> 0
             new        minimum 2, maximum 8
             previous kept at 0
on failure   traffic back first   previous back to 4 (minimum 2, maximum 8), new deleted
`)
		d.carryOut(p, holdingShift("ami-2"))
		run.mustMove("create web__2", "web__2 0 -> 4", "production -> blue 90, green 10")
		d.mustShow("holding", "web__1", "web__2 candidate 4/4/4", "web__1 live 4/4/4")
		d.mustRoute(seen{productionARN, "", blueARN, greenARN, 10})
		d.restart()
		test(t, d, d.watch())
		run.mustServe(4)
		run.mustReachTargets(productionARN)
		neverDeletesInstances(t, d.world)
	})
}

func TestHoldingAtAWeightRests(t *testing.T) {
	atWeight(t, func(t *testing.T, d *deployment, run watch) {
		d.world.SetTarget("web__1", 2) // an autoscaler that takes the fall in traffic for a fall in demand
		time.Sleep(3 * time.Hour)
		d.mustBeSettled(holdingShift("ami-2"))
		run.mustMove()
		d.mustShow("holding", "web__1", "web__2 candidate 4/4/4", "web__1 live 4/4/4")

		p := d.plan(holdingShift("ami-2", goOn))
		d.mustRead(p, `goes on      previous web__1 (ami-1, 4 instances) -> new web__2 (ami-2, 4 instances)
now          listener colours/00000000000000c1 -> blue 90 %, green 10 %
50 %         listener colours/00000000000000c1 -> blue 50 %, green 50 %
             settle 30s, bake 1m, alarms web-5xx
100 %        listener colours/00000000000000c1 -> blue 0 %, green 100 %
             settle 30s, bake 2m, alarms web-5xx
after        previous   4 -> 0
             new        minimum 2, maximum 8
             previous kept at 0
on failure   traffic back first   previous back to 4 (minimum 2, maximum 8), new deleted
`)
		d.carryOut(p, holdingShift("ami-2", goOn))
		run.mustMove("production -> blue 50, green 50", "production -> blue 0, green 100", "web__1 4 -> 0")
		d.mustShow("stable", "web__2", "web__2 live 2/4/8", "web__1 previous 0/0/0")
		d.mustRoute(seen{productionARN, "", greenARN, blueARN, 0})
		d.mustBeSettled(holdingShift("ami-2", goOn))
	})
}

func TestHeldWeightIsRaised(t *testing.T) {
	atWeight(t, func(t *testing.T, d *deployment, run watch) {
		d.apply(holdingShift("ami-2", object{"hold_after_phase": 2}))
		run.mustMove("production -> blue 50, green 50")
		d.mustShow("holding", "web__1", "web__2 candidate 4/4/4", "web__1 live 4/4/4")
		d.mustRoute(seen{productionARN, "", blueARN, greenARN, 50})
	})
}

// What holds is taken back first, and the live revision stays the one to go back to.
func TestHeldWeightIsSuperseded(t *testing.T) {
	atWeight(t, func(t *testing.T, d *deployment, run watch) {
		d.apply(holdingShift("ami-3"))
		run.mustMove("production -> blue 100, green 0", "web__2 4 -> 0", "delete web__2",
			"create web__2", "web__2 0 -> 4", "production -> blue 90, green 10")
		d.mustShow("holding", "web__1", "web__2 candidate 4/4/4", "web__1 live 4/4/4")
		_, diags := d.tryApply(holdingShift("ami-bad", object{"healthy_timeout": "4m"}))
		mustExplain(t, diags, "ami-bad failed", "as before")
		mustStand(t, d.world, "web__1 ami-1 2/4/8")
		d.mustForward(productionARN, "blue 100, green 0")
	})
}

func TestHeldWeightIsTakenBack(t *testing.T) {
	atWeight(t, func(t *testing.T, d *deployment, run watch) {
		p := d.plan(holdingShift("ami-1"))
		d.mustRead(p, `goes back   new web__2 (ami-2, 4 instances) -> previous web__1 (ami-1, 4 instances)
now         listener colours/00000000000000c1 -> blue 90 %, green 10 %
back        listener colours/00000000000000c1 -> blue 100 %, green 0 %
            previous   stays at 4 (minimum 2, maximum 8)
            new        4 -> 0
            new        deleted
`)
		d.carryOut(p, holdingShift("ami-1"))
		run.mustMove("production -> blue 100, green 0", "web__2 4 -> 0", "delete web__2")
		run.mustSettleBack()
		d.mustShow("stable", "web__1", "web__1 live 2/4/8")
		d.mustRoute(seen{productionARN, "", blueARN, greenARN, 0})
		d.mustBeSettled(holdingShift("ami-1"))
	})
}

// A previous revision that stays keeps its own bounds, in the target group that stage shows. The next release takes it down
// before its candidate comes to stand there.
func TestPreviousRevisionKeepsRunning(t *testing.T) {
	for name, test := range map[string]struct {
		config      func(image string, others ...object) object
		there, next []string
	}{
		"after a switch": {switchAtOnce, []string{"production -> green", "stage -> blue"}, []string{"production -> blue", "stage -> green"}},
		"after a shift": {shiftByWeights, append(shiftMoves("production", "blue", "green"), "stage -> blue"),
			append(shiftMoves("production", "green", "blue"), "stage -> green")},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, blueGreenWorld(), func(t *testing.T, d *deployment) {
				kept := func(image string) object { return test.config(image, inBlueGreen(object{"downsize_previous": false})) }
				d.apply(kept("ami-1"))
				run := d.watch()
				d.apply(kept("ami-2"))
				run.mustMove(append([]string{"create web__2", "web__2 0 -> 4"}, test.there...)...)
				mustStand(t, d.world, "web__1 ami-1 2/4/8", "web__2 ami-2 2/4/8")
				d.mustShow("stable", "web__2", "web__2 live 2/4/8", "web__1 previous 2/4/8")
				d.world.SetTarget("web__1", 3) // its autoscaler's business
				time.Sleep(3 * time.Hour)
				d.mustBeSettled(kept("ami-2"))
				run.mustServe(4)

				next := d.watch()
				d.apply(kept("ami-3"))
				next.mustMove(append([]string{"create web__3", "web__1 3 -> 0", "web__3 0 -> 4"}, test.next...)...)
				next.mustComeAlone("web__3", "web__1")
				mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8", "web__3 ami-3 2/4/8")
				run.mustServe(4)
				run.mustReachTargets(productionARN)
				neverDeletesInstances(t, d.world)

				d.apply(switchAtOnce("ami-3"))
				providertest.MustSucceed(t, d.destroy())
				mustStand(t, d.world)
			})
		})
	}
}

// mustComeAlone fails the test if a candidate had instances while a revision that made room for it still had some.
func (w watch) mustComeAlone(candidate, other string) {
	w.d.t.Helper()
	for _, m := range w.d.world.Timeline()[w.moments:] {
		instances := map[string]int{}
		for _, g := range m.Groups {
			instances[g.Name] = g.Instances
		}
		if instances[candidate] > 0 && instances[other] > 0 {
			w.d.t.Errorf("at %s %s came while %s still had instances", m.Time.Format("15:04:05"), candidate, other)
			return
		}
	}
}
