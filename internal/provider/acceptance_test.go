package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// Real Terraform reads a data source only once its arguments are known: here one comes out of a resource that is about to
// be created, so that the plan has to leave the reading to apply.
func TestAccDataSourcesOfValuesToCome(t *testing.T) {
	config := providertest.BalancedWorld(t)
	config.Images = providertest.ImagesWorld.Images
	world := sandbox.New(config)

	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"elastigroup": providerserver.NewProtocol6WithError(provider.New("test", provider.WithTransport(world.Transport()))()),
		},
		Steps: []resource.TestStep{{
			Config: `
				provider "elastigroup" {
				  token      = "sandbox-token"
				  account    = "act-sandbox"
				  region     = "us-east-1"
				  access_key = "AKIASANDBOX"
				  secret_key = "sandbox"
				}
				resource "terraform_data" "later" {
				  input = { image = "web-2", group = "web__1", target_group = "web", owner = "self" }
				}
				data "elastigroup_ami" "one" {
				  owners      = [terraform_data.later.output.owner]
				  most_recent = true
				  filter {
				    name   = "name"
				    values = [terraform_data.later.output.image]
				  }
				}
				data "elastigroup_amis" "all" {
				  owners = [terraform_data.later.output.owner]
				}
				data "elastigroup_group" "web" {
				  name = terraform_data.later.output.group
				}
				data "elastigroup_target_group" "web" {
				  name = terraform_data.later.output.target_group
				}
				data "elastigroup_target_groups" "web" {
				  tags = { app = terraform_data.later.output.target_group }
				}`,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("data.elastigroup_ami.one", plancheck.ResourceActionRead),
				plancheck.ExpectResourceAction("data.elastigroup_group.web", plancheck.ResourceActionRead),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("data.elastigroup_ami.one", tfjsonpath.New("id"), knownvalue.StringExact("ami-0a2")),
				statecheck.ExpectKnownValue("data.elastigroup_amis.all", tfjsonpath.New("ids").AtSliceIndex(0), knownvalue.StringExact("ami-0b1")),
				statecheck.ExpectKnownValue("data.elastigroup_group.web", tfjsonpath.New("id"), knownvalue.StringExact("sig-00000001")),
				statecheck.ExpectSensitiveValue("data.elastigroup_group.web", tfjsonpath.New("user_data_base64")),
				statecheck.ExpectKnownValue("data.elastigroup_target_group.web", tfjsonpath.New("health").AtMapKey("healthy"), knownvalue.Int64Exact(2)),
				statecheck.ExpectKnownValue("data.elastigroup_target_groups.web", tfjsonpath.New("arns"), knownvalue.ListSizeExact(2)),
			},
		}},
	})
}
