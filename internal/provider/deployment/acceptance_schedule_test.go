package deployment_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// onceAYear are tasks that fire when a test says so.
var onceAYear = []any{
	object{"taskType": "scale", "cronExpression": "0 0 1 1 *", "scaleMinCapacity": 2, "scaleTargetCapacity": 4, "scaleMaxCapacity": 8},
	object{"taskType": "scale", "cronExpression": "0 0 2 1 *", "scaleMinCapacity": 1, "scaleTargetCapacity": 1, "scaleMaxCapacity": 2},
}

// scheduledBlock is deploymentBlock with those tasks.
func scheduledBlock(image string, more string) string {
	document := webDocument()
	document["scheduling"] = object{"tasks": onceAYear}
	return fmt.Sprintf(`
		resource "elastigroup_deployment" "web" {
		  name              = "web"
		  configuration     = <<-EOT
			%s
		  EOT
		  image_id          = %q
		  target_group_arns = [%q]
		  capacity          = { minimum = 2, target = 4, maximum = 8 }
		  %s
		}`, asJSON(document), image, providertest.WebARN, more)
}

// expectTasks checks which groups are moved by their own tasks.
func expectTasks(world *sandbox.World, on map[string]bool) resource.TestCheckFunc {
	return func(*terraform.State) error {
		for _, g := range world.Groups() {
			document, err := spot.ParseDocument(g.Document)
			if err != nil {
				return err
			}
			if a := document.Automation(); a.On.Any() != on[g.Name] || a.Paused.Any() == on[g.Name] {
				return fmt.Errorf("%s has %q on and %q off", g.Name, a.On, a.Paused)
			}
		}
		return nil
	}
}

// With the real Terraform: a schedule moves what is live and nothing else, a plan shows what was woken, and no apply undoes what is the
// schedule's to do.
func TestAccSchedule(t *testing.T) {
	world, reach := loopback(t, webWorld())
	quiet := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	fires := func(name string, task int) {
		if !world.RunTask(name, task) {
			t.Errorf("task %d of %s was not done", task, name)
		}
	}
	held := `
		canary {
		  phase {
		    percent = 25
		  }
		}
		hold_after_phase = 1`
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: overTheNetwork,
		Steps: []resource.TestStep{
			{
				Config: reach + scheduledBlock("ami-1", ""),
				Check:  resource.ComposeTestCheckFunc(expectGroups(world, "web__1 ami-1 2/4/8"), expectTasks(world, map[string]bool{"web__1": true})),
			},
			{
				Config: reach + scheduledBlock("ami-2", held),
				Check: resource.ComposeTestCheckFunc(expectGroups(world, "web__1 ami-1 3/3/3", "web__2 ami-2 1/1/1"),
					expectTasks(world, map[string]bool{})),
			},
			{
				// Neither of the two is moved by a task while it holds; somebody moves one by hand.
				PreConfig: func() {
					if world.RunTask("web__1", 0) || world.RunTask("web__2", 1) {
						t.Error("a task of a pinned group was done")
					}
					world.SetCapacity("web__2", 2, 2, 2)
				},
				Config: reach + scheduledBlock("ami-2", held),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(deploymentAddress, plancheck.ResourceActionUpdate),
				}},
				Check: expectGroups(world, "web__1 ami-1 3/3/3", "web__2 ami-2 1/1/1"),
			},
			{
				Config: reach + scheduledBlock("ami-2", ""),
				Check: resource.ComposeTestCheckFunc(expectGroups(world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8"),
					expectTasks(world, map[string]bool{"web__2": true})),
			},
			{
				PreConfig: func() { fires("web__2", 1) },
				Config:    reach + scheduledBlock("ami-2", ""), ConfigPlanChecks: quiet,
				Check: expectGroups(world, "web__1 ami-1 0/0/0", "web__2 ami-2 1/1/2"),
			},
			{
				// As an earlier version left it.
				PreConfig: func() {
					g, _ := world.Group("web__1")
					document, err := spot.ParseDocument(g.Document)
					if err != nil {
						t.Fatal(err)
					}
					if err := world.EditGroup("web__1", []byte(asJSON(object{"scheduling": object{"tasks": onceAYear}}))); err != nil || document.Automation().On.Any() {
						t.Fatal(err, "its tasks were on")
					}
					fires("web__1", 0)
				},
				Config: reach + scheduledBlock("ami-2", ""),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(deploymentAddress, plancheck.ResourceActionUpdate),
				}},
				ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(deploymentAddress, tfjsonpath.New("rollout_plan"),
					knownvalue.StringExact("mend   web__1   4 -> 0   left over from an earlier release\n"))},
				Check: resource.ComposeTestCheckFunc(expectGroups(world, "web__1 ami-1 0/0/0", "web__2 ami-2 1/1/2"),
					expectTasks(world, map[string]bool{"web__2": true})),
			},
			{Config: reach + scheduledBlock("ami-2", ""), ConfigPlanChecks: quiet},
		},
	})
}
