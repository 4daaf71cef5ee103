package deployment_test

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// These tests run the real Terraform (TF_ACC=1) over real sockets against a world whose clock runs a hundred times as fast. They wait for
// most of their time, each for its own world, and do so side by side.

const deploymentAddress = "elastigroup_deployment.web"

// loopback is a world on a port, and what the provider block has to say to reach it. The test goes on beside others from here on.
func loopback(t *testing.T, config sandbox.Config) (world *sandbox.World, providerBlock string) {
	t.Helper()
	t.Parallel()
	scanLog(t)
	world = sandbox.New(config, sandbox.Speed(100))
	server := httptest.NewServer(world)
	t.Cleanup(server.Close)
	return world, fmt.Sprintf(`
		provider "elastigroup" {
		  token      = "sandbox-token"
		  account    = "act-sandbox"
		  region     = "us-east-1"
		  access_key = "AKIASANDBOX"
		  secret_key = "%[2]s"
		  endpoints {
		    spot       = "%[1]s"
		    ec2        = "%[1]s"
		    elb        = "%[1]s"
		    elbv2      = "%[1]s"
		    cloudwatch = "%[1]s"
		    sts        = "%[1]s"
		  }
		}`, server.URL, providertest.SecretKey)
}

// traces is where Terraform and the provider write what they log while these tests run, at TRACE, a file for each test.
func traces() string { return filepath.Dir(os.Getenv("TF_LOG_PATH_MASK")) }

// logAtTrace has everything logged at TRACE; it is of the whole process.
func logAtTrace() error {
	dir, err := os.MkdirTemp("", "traces")
	return errors.Join(err, os.Setenv("TF_LOG", "TRACE"), os.Setenv("TF_LOG_PATH_MASK", filepath.Join(dir, "%s.log")))
}

// scanLog fails the test if its log tells a secret. In these tests the provider runs in this process, and writes to the same file as Terraform
// itself: what it says, what the framework and the protocol under it say, and what Terraform's core says, which logs names of attributes and no
// values. All of it is scanned but the entries of sdk.helper_resource: that is the testing library, which logs each step's configuration, over
// indented lines.
func scanLog(t *testing.T) {
	t.Helper()
	t.Cleanup(func() {
		if os.Getenv("TF_ACC") == "" || t.Skipped() {
			return
		}
		text, err := os.ReadFile(filepath.Join(traces(), strings.ReplaceAll(t.Name(), "/", "__")+".log"))
		if err != nil {
			t.Error(err)
		}
		all := string(text)
		for _, module := range []string{"elastigroup", "sdk.framework", "sdk.proto"} {
			if !strings.Contains(all, module+": ") {
				t.Errorf("the log has no line of module %s", module)
			}
		}
		library := false
		for line := range strings.Lines(all) {
			if !strings.HasPrefix(line, "  ") {
				library = strings.Contains(line, " sdk.helper_resource: ")
			}
			if library {
				continue
			}
			if hidden := providertest.Leaked(line); len(hidden) > 0 {
				t.Errorf("the log tells %q: %s", hidden, line)
			}
		}
	})
}

var overTheNetwork = map[string]func() (tfprotov6.ProviderServer, error){
	"elastigroup": providerserver.NewProtocol6WithError(provider.New("test")()),
}

// deploymentBlock is the resource as a user writes it.
func deploymentBlock(image string, more ...string) string {
	return fmt.Sprintf(`
		resource "elastigroup_deployment" "web" {
		  name              = "web"
		  configuration     = <<-EOT
			%s
		  EOT
		  image_id          = %q
		  user_data         = %q
		  target_group_arns = [%q]
		  %s
		}`, asJSON(webDocument()), image, providertest.Boot, providertest.WebARN, strings.Join(more, "\n"))
}

func expectGroups(world *sandbox.World, want ...string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		if got := standing(world); got != strings.Join(want, "\n") {
			return fmt.Errorf("the world has\n%s\nwant\n%s", got, strings.Join(want, "\n"))
		}
		return nil
	}
}

func deploymentValue(name string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(deploymentAddress, tfjsonpath.New(name), want)
}

func expectAction(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(deploymentAddress, action)}}
}

func TestAccDeployment(t *testing.T) {
	world, reach := loopback(t, webWorld(foreignGroups()...))
	others := strings.Split(standing(world), "\n")
	quiet := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: overTheNetwork,
		CheckDestroy:             expectGroups(world, others...),
		Steps: []resource.TestStep{
			{
				Config:           reach + deploymentBlock("ami-1"),
				ConfigPlanChecks: expectAction(plancheck.ResourceActionCreate),
				Check:            expectGroups(world, append(others[:len(others):len(others)], "web__1 ami-1 2/4/8")...),
				ConfigStateChecks: []statecheck.StateCheck{
					deploymentValue("status", knownvalue.StringExact("stable")),
					deploymentValue("revision", knownvalue.Int64Exact(1)),
				},
			},
			{Config: reach + deploymentBlock("ami-1", "capacity = { minimum = 2, target = 4, maximum = 8 }"),
				ConfigPlanChecks: expectAction(plancheck.ResourceActionUpdate)},
			{Config: reach + deploymentBlock("ami-1", "capacity = { minimum = 2, target = 4, maximum = 8 }"), ConfigPlanChecks: quiet},
			{
				Config: reach + deploymentBlock("ami-2"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(deploymentAddress, plancheck.ResourceActionUpdate),
					plancheck.ExpectKnownValue(deploymentAddress, tfjsonpath.New("rollout_plan"),
						knownvalue.StringRegexp(regexp.MustCompile(`(?s)new\s+created at 0.*new\s+0 -> 4.*previous 4 -> 0`))),
				}},
				Check: expectGroups(world, append(others[:len(others):len(others)], "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8")...),
				ConfigStateChecks: []statecheck.StateCheck{
					deploymentValue("group_name", knownvalue.StringExact("web__2")),
					deploymentValue("groups", knownvalue.ListSizeExact(2)),
				},
			},
			{
				ResourceName: deploymentAddress, ImportState: true, ImportStateId: "web", ImportStateVerify: true,
				// How the configuration was written, and what only Terraform knows, cannot be read off the clouds.
				ImportStateVerifyIgnore: []string{"configuration", "user_data", "user_data_base64", "rollout_plan", "capacity",
					"target_group_arns", "load_balancer_names", "timeouts", "triggers", "verify"},
			},
		},
	})
}

// undone is what a failed release says. At this speed an instance may be replaced between two looks, so the reason is the
// balancer's word or Spot's log's; what the balancer says is asserted in virtual time.
var undone = regexp.MustCompile(`(?s)rolled\s+back.*of\s+4\s+needed\s+instances.*(Health\s+checks\s+failed|unhealthy\s+and\s+is)`)

func TestAccFailingRelease(t *testing.T) {
	world, reach := loopback(t, webWorld())
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: overTheNetwork,
		CheckDestroy:             expectGroups(world),
		Steps: []resource.TestStep{
			{
				Config:      reach + deploymentBlock("ami-bad", `healthy_timeout = "5s"`),
				ExpectError: undone,
			},
			{Config: reach + deploymentBlock("ami-1"), Check: expectGroups(world, "web__1 ami-1 2/4/8"),
				ConfigPlanChecks: expectAction(plancheck.ResourceActionCreate)},
			{
				Config:      reach + deploymentBlock("ami-bad", `healthy_timeout = "5s"`),
				ExpectError: undone,
			},
			{
				Config:           reach + deploymentBlock("ami-1"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
				Check:            expectGroups(world, "web__1 ami-1 2/4/8"),
			},
		},
	})
}

// A history of others is imported by an import block, and goes on from there.
func TestAccImportAndGoOn(t *testing.T) {
	world, reach := loopback(t, webWorld(existing("web__3", "ami-3", 0, 0, 0), existing("web__4", "ami-4", 2, 4, 8)))
	take := fmt.Sprintf(`
		import {
		  to = %s
		  id = "web"
		}`, deploymentAddress)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: overTheNetwork,
		Steps: []resource.TestStep{
			{
				Config:           reach + take + deploymentBlock("ami-4"),
				ConfigPlanChecks: expectAction(plancheck.ResourceActionNoop),
				Check:            expectGroups(world, "web__3 ami-3 0/0/0", "web__4 ami-4 2/4/8"),
			},
			{
				Config: reach + deploymentBlock("ami-5"),
				Check:  expectGroups(world, "web__3 ami-3 0/0/0", "web__4 ami-4 0/0/0", "web__5 ami-5 2/4/8"),
			},
		},
	})
}

func TestAccDeletionProtection(t *testing.T) {
	_, reach := loopback(t, webWorld())
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: overTheNetwork,
		Steps: []resource.TestStep{
			{Config: reach + deploymentBlock("ami-1", "deletion_protection = true")},
			{Config: reach, ExpectError: regexp.MustCompile(`deletion_protection`)},
			{Config: reach + deploymentBlock("ami-1")},
		},
	})
}

// A canary holds, rests, goes on, and ends; and one that is left alone fails and is taken back.
func TestAccCanary(t *testing.T) {
	world, reach := loopback(t, canaryWorld())
	watched := func(image string, more ...string) string {
		return reach + deploymentBlock(image, append(more, `
			canary {
			  phase {
			    percent = 25
			    bake    = "1s"
			  }
			  phase {
			    count = 2
			    bake  = "1s"
			  }
			}
			verify { alarms = ["web-5xx"] }`)...)
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: overTheNetwork,
		CheckDestroy:             expectGroups(world),
		Steps: []resource.TestStep{
			{Config: watched("ami-1"), Check: expectGroups(world, "web__1 ami-1 2/4/8")},
			{
				Config: watched("ami-2", "hold_after_phase = 1"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(deploymentAddress, plancheck.ResourceActionUpdate),
					plancheck.ExpectKnownValue(deploymentAddress, tfjsonpath.New("rollout_plan"),
						knownvalue.StringRegexp(regexp.MustCompile(`(?s)25 %\s+new\s+0 -> 1\s+then previous 4 -> 3\s+bake 1s, alarms web-5xx\s+holds here\n2 of 4`))),
				}},
				Check: expectGroups(world, "web__1 ami-1 3/3/3", "web__2 ami-2 1/1/1"),
				ConfigStateChecks: []statecheck.StateCheck{
					deploymentValue("status", knownvalue.StringExact("holding")), deploymentValue("group_name", knownvalue.StringExact("web__1")),
				},
			},
			{Config: watched("ami-2", "hold_after_phase = 1"), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
			{
				Config: watched("ami-2"),
				Check:  expectGroups(world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8"),
				ConfigStateChecks: []statecheck.StateCheck{
					deploymentValue("status", knownvalue.StringExact("stable")), deploymentValue("group_name", knownvalue.StringExact("web__2")),
				},
			},
			{Config: watched("ami-bad", `healthy_timeout = "5s"`), ExpectError: regexp.MustCompile(`(?s)rolled\s+back.*of\s+1\s+needed\s+instances`)},
			{
				Config:           watched("ami-2"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
				Check:            expectGroups(world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8"),
			},
		},
	})
}
