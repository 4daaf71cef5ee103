package deployment_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// running is start_with = "running".
var running = object{"start_with": "running"}

// An autoscaler has made 8 of 4 instances. A release with start_with = "running" comes up with 8, in every strategy, and never fewer serve.
func TestAReleaseStartsWithWhatRuns(t *testing.T) {
	for name, config := range map[string]func(image string, others ...object) object{
		"basic": release, "canary": canary, "a switch": switchAtOnce,
	} {
		t.Run(name, func(t *testing.T) {
			world := canaryWorld()
			if name == "a switch" {
				world = blueGreenWorld()
			}
			inBubble(t, world, func(t *testing.T, d *deployment) {
				d.apply(config("ami-1", running))
				d.world.SetTarget("web__1", 8)
				time.Sleep(10 * time.Minute)
				run := d.watch()
				p := d.plan(config("ami-2", running))
				if text := d.planText(p); !strings.Contains(text, "starts with what runs: 8") || strings.Contains(providertest.Render(p.diags), "less than what serves") {
					t.Errorf("the plan says\n%s\n%s", text, providertest.Render(p.diags))
				}
				d.carryOut(p, config("ami-2", running))
				mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/8/8")
				run.mustServe(8)
				d.mustBeSettled(config("ami-2", running))
			})
		})
	}
}

// The same with the default: it comes up with 4, and the plan says both numbers and what to write.
func TestAReleaseThatStartsWithLessIsWarnedOf(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		d.apply(canary("ami-1"))
		d.world.SetTarget("web__1", 8)
		time.Sleep(10 * time.Minute)
		mustWarn(t, d.plan(canary("ami-2")).diags, "capacity", "is set to 8 now", "starts with 4", `start_with = "running"`)
		d.world.SetTarget("web__1", 4)
		providertest.MustSucceed(t, d.plan(canary("ami-2")).diags)
	})
}

// A run that goes on takes what the live revision had when the candidate was made, not what it has been left.
func TestAReleaseThatStartsWithWhatRunsGoesOn(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		d.apply(canary("ami-1", running))
		d.world.SetTarget("web__1", 8)
		time.Sleep(10 * time.Minute)
		ctx, cancel := context.WithCancel(t.Context())
		run := d.watch()
		time.AfterFunc(12*time.Minute, cancel)
		if _, diags := d.applyUnder(ctx, canary("ami-2", running)); !providertest.Failed(diags) {
			t.Fatal("it was not interrupted")
		}
		if strings.Contains(standing(d.world), "web__1 ami-1 2/8/8") {
			t.Fatalf("nothing was taken from web__1 yet:\n%s", standing(d.world))
		}
		d.restart()
		d.apply(canary("ami-2", running))
		mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/8/8")
		run.mustServe(8)
	})
}

// In place the bounds are what is changed: the number of instances moves only where it is out of them. And the attribute alone is no release.
func TestStartWithInPlace(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		d.world.SetTarget("web__1", 6)
		run := d.watch()
		d.apply(release("ami-1", running))
		run.mustDo()
		d.apply(release("ami-1", running, object{"capacity": capacityOf(3, 4, 10)}))
		mustStand(t, d.world, "web__1 ami-1 3/6/10")
		d.apply(release("ami-1", running, object{"capacity": capacityOf(2, 4, 5)}))
		mustStand(t, d.world, "web__1 ami-1 2/5/5")
		d.apply(release("ami-1", running, object{"capacity": capacityOf(2, 3, 5)}))
		mustStand(t, d.world, "web__1 ami-1 2/5/5")
	})
}

func TestAccStartWithRunning(t *testing.T) {
	world, reach := loopback(t, webWorld())
	config := func(image string) string {
		return reach + deploymentBlock(image, "capacity = { minimum = 2, target = 4, maximum = 8 }", `start_with = "running"`)
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: overTheNetwork,
		CheckDestroy:             expectGroups(world),
		Steps: []resource.TestStep{
			{Config: config("ami-1"), Check: expectGroups(world, "web__1 ami-1 2/4/8")},
			{
				PreConfig: func() { world.SetTarget("web__1", 8) },
				Config:    config("ami-2"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectKnownValue(deploymentAddress, tfjsonpath.New("rollout_plan"),
						knownvalue.StringRegexp(regexp.MustCompile(`(?s)starts with what runs: 8.*new\s+0 -> 8.*previous 8 -> 0`))),
				}},
				Check: expectGroups(world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/8/8"),
			},
			{Config: config("ami-2"), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
		},
	})
}
