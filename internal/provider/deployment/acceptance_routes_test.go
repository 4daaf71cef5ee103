package deployment_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// routedBlock is deploymentBlock with routes in place of target groups.
func routedBlock(image, blueGreen string, more ...string) string {
	block := deploymentBlock(image, append(more, `verify { alarms = ["web-5xx"] }`, "blue_green {"+blueGreen+"\n}")...)
	return strings.Replace(block, fmt.Sprintf("target_group_arns = [%q]", providertest.WebARN), "", 1)
}

// expectForwards checks where production and stage send traffic: "production green 1".
func expectForwards(world *sandbox.World, want ...string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		var got []string
		for _, r := range world.Routes() {
			if name := routeNames[r.ARN]; name == "production" || name == "stage" {
				shares := name
				for _, share := range r.Weights {
					shares += fmt.Sprintf(" %s %d", strings.Split(share.TargetGroup, "/")[1], share.Weight)
				}
				got = append(got, shares)
			}
		}
		if strings.Join(got, ", ") != strings.Join(want, ", ") {
			return fmt.Errorf("the routes are %q, want %q", got, want)
		}
		return nil
	}
}

// Production and stage exchange their target groups, and the next release finds them the other way round.
func TestAccInstantSwitch(t *testing.T) {
	world, reach := loopback(t, blueGreenWorld())
	switched := func(image string) string {
		return reach + routedBlock(image, fmt.Sprintf(`
			route {
			  production_arn = %q
			  stage_arn      = %q
			}
			settle = "1s"
			bake   = "1s"`, productionARN, testARN))
	}
	traffic := func(live, idle string) []statecheck.StateCheck {
		return []statecheck.StateCheck{
			deploymentValue("status", knownvalue.StringExact("stable")),
			deploymentValue("traffic", knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectPartial(map[string]knownvalue.Check{
				"production_arn": knownvalue.StringExact(productionARN), "stage_arn": knownvalue.StringExact(testARN),
				"live_target_group_arn": knownvalue.StringExact(live), "idle_target_group_arn": knownvalue.StringExact(idle), "idle_weight": knownvalue.Int64Exact(0),
			})})),
		}
	}
	empty := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: overTheNetwork,
		CheckDestroy:             expectGroups(world),
		Steps: []resource.TestStep{
			{Config: switched("ami-1"), Check: expectGroups(world, "web__1 ami-1 2/4/8"), ConfigStateChecks: traffic(blueARN, greenARN)},
			{
				Config: switched("ami-2"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(deploymentAddress, plancheck.ResourceActionUpdate),
					plancheck.ExpectKnownValue(deploymentAddress, tfjsonpath.New("rollout_plan"),
						knownvalue.StringRegexp(regexp.MustCompile(`(?s)100 %\s+listener colours/00000000000000c1 -> green\s+stage\s+listener colours/00000000000000c2 -> blue\s+settle 1s, bake 1s`))),
				}},
				Check:             resource.ComposeTestCheckFunc(expectGroups(world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8"), expectForwards(world, "production green 1", "stage blue 1")),
				ConfigStateChecks: traffic(greenARN, blueARN),
			},
			{Config: switched("ami-2"), ConfigPlanChecks: empty},
			{Config: switched("ami-3"), Check: expectForwards(world, "production blue 1", "stage green 1"), ConfigStateChecks: traffic(blueARN, greenARN)},
		},
	})
}

// A shift that an alarm stops: traffic is back, and so is everything else.
func TestAccShiftGoesBack(t *testing.T) {
	world, reach := loopback(t, blueGreenWorld(productionByWeights))
	shifting := func(image string) string {
		return reach + routedBlock(image, fmt.Sprintf(`
			route { production_arn = %q }
			shift {
			  weight = 10
			  bake   = "1s"
			}
			shift {
			  weight = 50
			  bake   = "1s"
			}
			settle = "1s"
			bake   = "0s"`, productionARN))
	}
	back := []statecheck.StateCheck{
		deploymentValue("status", knownvalue.StringExact("stable")), deploymentValue("image_id", knownvalue.StringExact("ami-1")),
		deploymentValue("traffic", knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectPartial(map[string]knownvalue.Check{
			"live_target_group_arn": knownvalue.StringExact(blueARN), "idle_weight": knownvalue.Int64Exact(0),
		})})),
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: overTheNetwork,
		CheckDestroy:             expectGroups(world),
		Steps: []resource.TestStep{
			{Config: shifting("ami-1"), Check: expectGroups(world, "web__1 ami-1 2/4/8"), ConfigStateChecks: back},
			{
				PreConfig: func() {
					modified := 0
					world.Intercept(nil, func(c *sandbox.Call) {
						if c.Action == "ModifyListener" {
							if modified++; modified == 2 { // the weight of 50
								world.SetAlarm("web-5xx", "ALARM", "9 errors a minute")
							}
						}
					})
				},
				Config:      shifting("ami-2"),
				ExpectError: regexp.MustCompile(`(?s)rolled\s+back.*9\s+errors\s+a\s+minute.*serves\s+with`),
			},
			{
				PreConfig:         func() { world.Intercept(nil, nil); world.SetAlarm("web-5xx", "OK", "over") },
				Config:            shifting("ami-1"),
				ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
				Check:             resource.ComposeTestCheckFunc(expectGroups(world, "web__1 ami-1 2/4/8"), expectForwards(world, "production blue 100 green 0")),
				ConfigStateChecks: back,
			},
			{Config: shifting("ami-2"), ExpectError: regexp.MustCompile(`(?s)failed\s+verification\s+before.*9\s+errors\s+a\s+minute.*change\s+triggers.*Nothing\s+was\s+touched`)},
			{Config: shifting("ami-3"), Check: expectForwards(world, "production blue 0 green 100")},
		},
	})
}
