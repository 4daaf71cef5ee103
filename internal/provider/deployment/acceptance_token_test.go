package deployment_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// With the real Terraform a token that a resource of the same configuration makes, and makes anew, keeps no plan from being made: a create, a
// release and a destroy are planned before it is there, and applied once it is.
func TestAccATokenThatAnotherResourceMakes(t *testing.T) {
	world, reach := loopback(t, webWorld())
	reach = strings.Replace(reach, `"sandbox-token"`, `join("-", terraform_data.token.output)`, 1) + `
		data "elastigroup_target_group" "web" {
		  name       = "web"
		  depends_on = [terraform_data.token]
		}
		output "arn" {
		  value = data.elastigroup_target_group.web.arn
		}`
	token := func(made int) string {
		// In two parts, since Terraform's own resource logs what it has.
		return fmt.Sprintf("\nresource \"terraform_data\" \"token\" {\n  input            = [\"sandbox\", \"token\"]\n  triggers_replace = %d\n}\n", made)
	}
	says := func(action plancheck.ResourceActionType, words string) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectResourceAction(deploymentAddress, action),
			plancheck.ExpectKnownValue(deploymentAddress, tfjsonpath.New("rollout_plan"), knownvalue.StringFunc(func(plan string) error {
				if !strings.Contains(plan, words) {
					return fmt.Errorf("the plan says\n%s", plan)
				}
				return nil
			})),
		}}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: overTheNetwork,
		CheckDestroy:             expectGroups(world),
		Steps: []resource.TestStep{
			{
				Config: reach + token(1) + deploymentBlock("ami-1"), ConfigPlanChecks: says(plancheck.ResourceActionCreate, "0 -> 4"),
				Check: resource.ComposeTestCheckFunc(expectGroups(world, "web__1 ami-1 2/4/8"), resource.TestCheckOutput("arn", providertest.WebARN)),
			},
			{Config: reach + token(2) + deploymentBlock("ami-1"), ConfigPlanChecks: expectAction(plancheck.ResourceActionNoop), Check: expectGroups(world, "web__1 ami-1 2/4/8")},
			{
				Config: reach + token(3) + deploymentBlock("ami-2"), ConfigPlanChecks: says(plancheck.ResourceActionUpdate, "4 -> 0"),
				Check: expectGroups(world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8"),
			},
			{Config: reach + token(4), Check: expectGroups(world)},
		},
	})
}
