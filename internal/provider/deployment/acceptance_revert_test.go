package deployment_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// A release sets an alarm off, and what served before, which still runs on stage, is applied again: it comes back, and neither the alarm
// nor a call that fails on the way deletes it.
func TestAccRevertWhileTheAlarmIsOn(t *testing.T) {
	world, reach := loopback(t, blueGreenWorld())
	kept := func(image string) string {
		return reach + routedBlock(image, fmt.Sprintf(`
			route {
			  production_arn = %q
			  stage_arn      = %q
			}
			settle            = "1s"
			bake              = "1s"
			downsize_previous = false`, productionARN, testARN))
	}
	both := expectGroups(world, "web__1 ami-1 2/4/8", "web__2 ami-2 2/4/8")
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: overTheNetwork,
		CheckDestroy:             expectGroups(world),
		Steps: []resource.TestStep{
			{Config: kept("ami-1")},
			{Config: kept("ami-2"), Check: resource.ComposeTestCheckFunc(both, expectForwards(world, "production green 1", "stage blue 1"))},
			{
				PreConfig: func() {
					world.SetAlarm("web-5xx", "ALARM", "9 errors a minute")
					world.Fail(sandbox.Fault{Service: "elbv2", Action: "ModifyListener", Kind: sandbox.Error, Status: 400, Code: "OperationNotPermitted", Message: "not now", Times: 1})
				},
				Config:      kept("ami-1"),
				ExpectError: regexp.MustCompile(`(?s)OperationNotPermitted.*web__2.*serves\s+with\s+4.*web__1.*stands\s+at\s+4.*as\s+before`),
			},
			{
				Config: kept("ami-1"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectKnownValue(deploymentAddress, tfjsonpath.New("rollout_plan"),
						knownvalue.StringRegexp(regexp.MustCompile(`(?s)comes back at once: it still runs with 4, proven before, neither\s+baked\s+nor\s+judged\s+by\s+alarms.*new as\s+before, at 4`))),
				}},
				Check: resource.ComposeTestCheckFunc(both, expectForwards(world, "production blue 1", "stage green 1")),
			},
			{Config: kept("ami-1"), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
		},
	})
}
