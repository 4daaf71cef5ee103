package deployment_test

import (
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

func TestCapacityAloneIsChangedInPlace(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		run := d.watch()
		state := d.apply(release("ami-1", object{"capacity": capacityOf(3, 6, 9)}))
		run.mustDo("web__1 4 -> 6")
		run.mustServe(4)
		mustStand(t, d.world, "web__1 ami-1 3/6/9")
		if state["revision"] != 1 {
			t.Errorf("revision is %v", state["revision"])
		}

		run = d.watch()
		d.apply(release("ami-1", object{"capacity": capacityOf(1, 2, 9)}))
		run.mustDo("web__1 6 -> 2")
		mustStand(t, d.world, "web__1 ami-1 1/2/9")
	})
}

func TestReleaseWithAnotherCapacity(t *testing.T) {
	for name, wanted := range map[string][3]int{"larger": {4, 7, 9}, "smaller": {1, 2, 3}} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				d.apply(release("ami-1"))
				run := d.watch()
				d.apply(release("ami-2", object{"capacity": capacityOf(wanted[0], wanted[1], wanted[2])}))
				run.mustServe(min(4, wanted[1]))
				live := d.world.Groups()[1]
				if [3]int{live.Minimum, live.Target, live.Maximum} != wanted {
					t.Errorf("the live group has %d/%d/%d, want %v", live.Minimum, live.Target, live.Maximum, wanted)
				}
			})
		})
	}
}

func TestCapacityLeftOut(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		left := object{"capacity": nil}
		d.apply(release("ami-1", left))
		mustStand(t, d.world, "web__1 ami-1 2/4/8")

		d.world.SetTarget("web__1", 6)
		time.Sleep(10 * time.Minute)
		d.mustBeSettled(release("ami-1", left))
		mustStand(t, d.world, "web__1 ami-1 2/6/8")

		run := d.watch()
		d.apply(release("ami-2", left))
		run.mustDo("create web__2", "web__2 0 -> 6", "web__1 6 -> 0")
		run.mustServe(6)
		mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/6/8")
	})
}

// The autoscaler is at work between plan and apply, and while the release runs.
func TestAutoscalerDuringARelease(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		config := release("ami-2", object{"capacity": nil})
		d.apply(release("ami-1", object{"capacity": nil}))
		p := d.plan(config)
		providertest.MustSucceed(t, p.diags)
		d.world.SetTarget("web__1", 5)
		d.world.AutoscaleAfter(20*time.Second, "web__1", 7)
		run := d.watch()
		if _, diags := d.applyPlan(t.Context(), p, config); providertest.Failed(diags) {
			t.Fatal(providertest.Render(diags))
		}
		run.mustServe(4)
		d.mustBeSettled(config)
		if got := d.world.Groups()[1].Target; got < 5 {
			t.Errorf("the new revision has %d instances; the old one had 5 when apply began", got)
		}
	})
}

// Where the target stands between the bounds is not the configuration's business once it was given.
func TestAutoscalerMovesAGivenTarget(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		d.world.SetTarget("web__1", 7)
		time.Sleep(10 * time.Minute)
		run := d.watch()
		d.mustBeSettled(release("ami-1"))
		run.mustDo()
	})
}
