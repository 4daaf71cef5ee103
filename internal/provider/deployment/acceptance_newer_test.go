package deployment_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
)

// With a Terraform that has lists and actions, the account's deployments are listed, a release that holds is promoted by what its update triggers, and
// the plan after that is empty though hold_after_phase still stands. make test says that this was left out where Terraform is older.
func TestAccListAndPromote(t *testing.T) {
	world, reach := loopback(t, canaryWorld(existing("api__4", "ami-4", 2, 4, 8)))
	held := reach + `
		action "elastigroup_promote" "web" {
		  config {
		    name = "web"
		  }
		}` + deploymentBlock("ami-2", `
		hold_after_phase = 1
		canary {
		  phase {
		    percent = 25
		  }
		}
		lifecycle {
		  action_trigger {
		    events  = [after_update]
		    actions = [action.elastigroup_promote.web]
		  }
		}`)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: overTheNetwork,
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)},
		CheckDestroy:             expectGroups(world, "api__4 ami-4 2/4/8"),
		Steps: []resource.TestStep{
			{Config: reach + deploymentBlock("ami-1")},
			{
				Query: true,
				Config: `
					list "elastigroup_deployment" "all" {
					  provider = elastigroup
					}
					list "elastigroup_deployment" "new" {
					  provider = elastigroup
					  config {
					    managed = false
					  }
					}`,
				QueryResultChecks: []querycheck.QueryResultCheck{
					querycheck.ExpectLength("elastigroup_deployment.all", 2),
					querycheck.ExpectLength("elastigroup_deployment.new", 1),
					querycheck.ExpectIdentity("elastigroup_deployment.all", map[string]knownvalue.Check{"account": knownvalue.StringExact("act-sandbox"), "name": knownvalue.StringExact("web")}),
					querycheck.ExpectIdentity("elastigroup_deployment.new", map[string]knownvalue.Check{"account": knownvalue.StringExact("act-sandbox"), "name": knownvalue.StringExact("api")}),
				},
			},
			{Config: held, Check: expectGroups(world, "api__4 ami-4 2/4/8", "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8")},
			{
				Config: held, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
				ConfigStateChecks: []statecheck.StateCheck{deploymentValue("status", knownvalue.StringExact("stable"))},
			},
		},
	})
}
