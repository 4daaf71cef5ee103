package deployment_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// imagesBlock is the resource with images written in some way, or in none.
func imagesBlock(document object, images string) string {
	block := deploymentBlock("ami-1")
	block = strings.Replace(block, asJSON(webDocument()), asJSON(document), 1)
	return strings.Replace(block, `image_id          = "ami-1"`, images, 1)
}

func newestLaunches(world *sandbox.World, want string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		groups := world.Groups()
		if got := imagesLaunched(groups[len(groups)-1]); got != want {
			return fmt.Errorf("the newest group launches %s, want %s", got, want)
		}
		return nil
	}
}

// Images for two architectures, in whatever order, then the document's own, then one again, with the real Terraform.
func TestAccImagesForTwoArchitectures(t *testing.T) {
	world, reach := loopback(t, twoArchitecturesWorld())
	empty := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: overTheNetwork,
		CheckDestroy:             expectGroups(world),
		Steps: []resource.TestStep{
			{Config: reach + imagesBlock(twoArchitectures(), `image_ids = ["arm-1", "ami-1"]`), Check: newestLaunches(world, "images ami-1 arm-1")},
			{Config: reach + imagesBlock(twoArchitectures(), `image_ids = ["ami-1", "arm-1"]`), ConfigPlanChecks: empty},
			{
				Config: reach + imagesBlock(twoArchitectures(), `image_ids = toset(["ami-2", "arm-2"])`), Check: newestLaunches(world, "images ami-2 arm-2"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectKnownValue(deploymentAddress, tfjsonpath.New("rollout_plan"), knownvalue.StringRegexp(regexp.MustCompile(`web__1 \(ami-1\+arm-1, 4 instances\)\s+-> new web__2 \(ami-2\+arm-2`))),
				}},
			},
			{ResourceName: deploymentAddress, ImportState: true, ImportStateId: "web", ImportStateVerify: true,
				ImportStateVerifyIgnore: []string{"configuration", "user_data", "user_data_base64", "rollout_plan", "capacity", "load_balancer_names", "image_id", "timeouts"}},
			{Config: reach + imagesBlock(twoArchitectures("arm-2", "ami-2"), ""), Check: newestLaunches(world, "images ami-2 arm-2")},
			{Config: reach + imagesBlock(twoArchitectures("arm-2", "ami-2"), ""), ConfigPlanChecks: empty},
			{Config: reach + imagesBlock(twoArchitectures("arm-2", "ami-3"), ""), Check: newestLaunches(world, "images arm-2 ami-3")},
			{Config: reach + imagesBlock(webDocument(), `image_id = "ami-4"`), Check: newestLaunches(world, "imageId ami-4")},
			{Config: reach + imagesBlock(webDocument(), `image_id = "ami-4"
				image_ids = ["ami-5"]`), ExpectError: regexp.MustCompile(`(?s)image_ids.*cannot\s+be\s+specified`)},
			{Config: reach + imagesBlock(webDocument(), `image_id = "ami-4"`), ConfigPlanChecks: empty},
		},
	})
}

// The one image of a group that is imported may be written as image_ids: what is written is planned, as Terraform wants it.
func TestAccImportWithOneOfSeveralImages(t *testing.T) {
	world, reach := loopback(t, twoArchitecturesWorld(existing("web__4", "ami-4", 2, 4, 8)))
	config := reach + imagesBlock(webDocument(), `image_ids = ["ami-4"]`)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: overTheNetwork,
		Steps: []resource.TestStep{
			{Config: config, ResourceName: deploymentAddress, ImportState: true, ImportStateId: "web", ImportStatePersist: true},
			{Config: config, Check: expectGroups(world, "web__4 ami-4 2/4/8")},
			{Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
		},
	})
}

// A document as the console exports it, with nulls, releases as it is; one that Spot refuses, or that two revisions cannot share, is refused
// by the plan, and one that surprises is warned of.
func TestAccDocumentsAsTheyAreExported(t *testing.T) {
	world, reach := loopback(t, webWorld())
	exported := bothChanges(webDocument(), object{"id": "sig-0000beef", "createdAt": "2026-01-01T00:00:00.000Z", "multai": nil,
		"scaling": object{"up": nil, "down": nil}, "scheduling": nil, "thirdPartiesIntegration": object{"route53": nil}})
	memberAt(exported, "strategy")["onDemandCount"] = nil
	refused := func(why string, change func(d object)) resource.TestStep {
		document := webDocument()
		change(document)
		return resource.TestStep{Config: reach + imagesBlock(document, ""), ExpectError: regexp.MustCompile(`(?s)` + strings.ReplaceAll(why, " ", `\s+`))}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: overTheNetwork,
		CheckDestroy:             expectGroups(world),
		Steps: []resource.TestStep{
			{Config: reach + imagesBlock(exported, `image_id = "ami-1"`), Check: expectGroups(world, "web__1 ami-1 2/4/8")},
			{Config: reach + imagesBlock(webDocument(), `image_id = "ami-1"`), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
			refused("strategy: risk and onDemandCount are both set", func(d object) { memberAt(d, "strategy")["onDemandCount"] = 1 }),
			refused("eni-1 is attached to one instance at a time", func(d object) {
				memberAt(d, "compute", "launchSpecification")["networkInterfaces"] = []any{object{"deviceIndex": 0, "networkInterfaceId": "eni-1"}}
			}),
			{Config: reach + imagesBlock(exported, `image_id = "ami-2"`), Check: expectGroups(world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8")},
		},
	})
}
