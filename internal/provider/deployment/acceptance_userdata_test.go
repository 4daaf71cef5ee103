package deployment_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// writeOnlyBlock is the resource with write-only user data from an ephemeral variable.
func writeOnlyBlock(image string, version int) string {
	text := regexp.MustCompile(`user_data +=.*`).ReplaceAllLiteralString(deploymentBlock(image), fmt.Sprintf("user_data_wo = var.boot\nuser_data_wo_version = %d", version))
	return "\nvariable \"boot\" {\n  type      = string\n  ephemeral = true\n}\n" + text
}

// With the real Terraform, too, the version alone decides, and the state has nothing of the value. User data that were plain before become
// write-only without a release.
func TestAccWriteOnlyUserData(t *testing.T) {
	world, reach := loopback(t, webWorld())
	given := func(value string) config.Variables { return config.Variables{"boot": config.StringVariable(value)} }
	stateless := func(s *terraform.State) error {
		if hidden := providertest.Leaked(s.String()); len(hidden) > 0 {
			return fmt.Errorf("the state has %q", hidden)
		}
		return nil
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: overTheNetwork,
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_11_0)},
		CheckDestroy:             expectGroups(world),
		Steps: []resource.TestStep{
			{Config: reach + deploymentBlock("ami-1")},
			{
				Config: reach + writeOnlyBlock("ami-1", 1), ConfigVariables: given(providertest.Boot),
				Check: resource.ComposeTestCheckFunc(expectGroups(world, "web__1 ami-1 2/4/8"), stateless),
				ConfigStateChecks: []statecheck.StateCheck{
					deploymentValue("user_data_wo", knownvalue.Null()), deploymentValue("user_data", knownvalue.Null()), deploymentValue("user_data_wo_version", knownvalue.Int64Exact(1)),
				},
			},
			{
				Config: reach + writeOnlyBlock("ami-1", 1), ConfigVariables: given(boot("another")),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			},
			{
				Config: reach + writeOnlyBlock("ami-1", 2), ConfigVariables: given(boot("two")),
				ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate),
				Check:            resource.ComposeTestCheckFunc(expectGroups(world, "web__1 ami-1 0/0/0", "web__2 ami-1 2/4/8"), stateless),
			},
			{
				Config:      reach + strings.Replace(writeOnlyBlock("ami-1", 1), "user_data_wo_version = 1", "", 1),
				ExpectError: regexp.MustCompile(`without a version`), ConfigVariables: given(providertest.Boot),
			},
			{
				Config:      reach + strings.Replace(writeOnlyBlock("ami-1", 1), "user_data_wo_version = 1", "user_data_wo_version = 1\nuser_data = \"a\"", 1),
				ExpectError: regexp.MustCompile(`user_data`), ConfigVariables: given(providertest.Boot),
			},
			{
				Config: reach + writeOnlyBlock("ami-1", 1), ConfigVariables: given(boot("two")), // a former revision, without its value
				Check: resource.ComposeTestCheckFunc(stateless, func(*terraform.State) error {
					if g := world.Groups()[2]; documentOf(g).Compute.LaunchSpecification.UserData != providertest.BootBase64 {
						return fmt.Errorf("%s has other user data than web__1", g.Name)
					}
					return nil
				}),
			},
		},
	})
}
