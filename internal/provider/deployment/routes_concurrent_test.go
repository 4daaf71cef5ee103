package deployment_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// forwardTo is a forward action to one target group.
func forwardTo(group string) elbtypes.Action {
	return elbtypes.Action{Type: elbtypes.ActionTypeEnumForward, ForwardConfig: &elbtypes.ForwardActionConfig{
		TargetGroups: []elbtypes.TargetGroupTuple{{TargetGroupArn: aws.String(group), Weight: aws.Int32(1)}},
	}}
}

// Someone else moves traffic between plan and apply: what was reviewed is not what would run. Nothing is touched.
func TestTrafficMovesBetweenPlanAndApply(t *testing.T) {
	for name, test := range map[string]struct {
		routeARN string
		action   elbtypes.Action
		says     []string
	}{
		"production by weights": {productionARN, weights(50, 50), []string{"Rollout refused", "omeone else has changed", "forwards to blue 50 %, green 50 %; it was blue", "Nothing was touched"}},
		"production":            {productionARN, forwardTo(greenARN), []string{"forwards to green"}},
		"stage":                 {testARN, forwardTo(blueARN), []string{"forwards to blue"}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, blueGreenWorld(), func(t *testing.T, d *deployment) {
				d.apply(switchAtOnce("ami-1"))
				p := d.plan(switchAtOnce("ami-2"))
				d.setActions(test.routeARN, test.action)
				stood, run := standing(d.world), d.watch()
				_, diags := d.applyPlan(t.Context(), p, switchAtOnce("ami-2"))
				mustExplain(t, diags, test.says...)
				run.mustMove()
				if got := standing(d.world); got != stood {
					t.Errorf("there is\n%s", got)
				}
			})
		})
	}
}

// Someone else in the bake after the switch: the run stops and says so, and undoes nothing that it did not do.
func TestTrafficMovesInABake(t *testing.T) {
	inBubble(t, blueGreenWorld(), func(t *testing.T, d *deployment) {
		d.apply(switchAtOnce("ami-1"))
		run := d.watch()
		d.afterModify(2, time.Minute, func() {
			d.world.Intercept(nil, nil)
			d.setActions(productionARN, forwardTo(blueARN))
		})
		_, diags := d.tryApply(switchAtOnce("ami-2"))
		mustExplain(t, diags, "Rollout interrupted", "omeone else is changing", "forwards to blue", "apply again")
		run.mustMove("create web__2", "web__2 0 -> 4", "production -> green", "stage -> blue", "production -> blue 1")
		mustStand(t, d.world, "web__1 ami-1 4/4/4", "web__2 ami-2 4/4/4")
		if d.now()["status"] != "interrupted" || d.now()["image_id"] != "ami-1" {
			t.Errorf("the state is %v with %v", d.now()["status"], d.now()["image_id"])
		}
		time.Sleep(time.Minute) // traffic has followed
		d.restart()
		run = d.watch()
		p := d.plan(switchAtOnce("ami-2"))
		if !hasDiagnostic(p.diags, providertest.Warning, "The rollout of web was cut short", "forwards to blue") {
			t.Errorf("the plan says\n%s", providertest.Render(p.diags))
		}
		d.carryOut(p, switchAtOnce("ami-2"))
		run.mustMove("stage -> green", "production -> green", "stage -> blue", "web__1 4 -> 0") // green comes back into use first
		d.mustBeSettled(switchAtOnce("ami-2"))
		run.mustServe(4)
		run.mustReachTargets(productionARN)
	})
}

// Weights that another tool left half way, with nothing behind one of them: the plan shows them, and says that they are put
// right before the candidate comes, and they are.
func TestWeightsLeftHalfWay(t *testing.T) {
	inBubble(t, blueGreenWorld(productionByWeights), func(t *testing.T, d *deployment) {
		config := func(image string) object { return shiftByWeights(image, throughRoutes(route(productionARN))) }
		d.apply(config("ami-1"))
		d.setActions(productionARN, weights(60, 40))
		time.Sleep(time.Minute)
		p := d.plan(config("ami-2"))
		text := d.planText(p)
		for _, line := range []string{"now          listener colours/00000000000000c1 -> blue 60 %, green 40 %", "listener colours/00000000000000c1 -> blue 100 %, green 0 %\n             left half way by someone else"} {
			if !strings.Contains(text, line) {
				t.Errorf("the plan does not say %q:\n%s", line, text)
			}
		}
		run := d.watch()
		d.carryOut(p, config("ami-2"))
		run.mustMove(append(append([]string{"create web__2", "production -> blue 100, green 0", "web__2 0 -> 4"}, shiftMoves("production", "blue", "green")...), "web__1 4 -> 0")...)
		run.mustServe(4)
		d.mustBeSettled(config("ami-2"))
	})
}

// Production that goes to where the live revision is not registered: that is somebody else's, and is refused.
func TestProductionElsewhere(t *testing.T) {
	inBubble(t, blueGreenWorld(), func(t *testing.T, d *deployment) {
		d.apply(switchAtOnce("ami-1"))
		d.setActions(productionARN, forwardTo(greenARN))
		d.setActions(testARN, forwardTo(blueARN))
		run := d.watch()
		_, diags := d.tryApply(switchAtOnce("ami-2"))
		mustExplain(t, diags, "forwards to green", "web__1", "blue")
		run.mustMove()
	})
}
