package deployment_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// lateResource is a resource of Terraform's own whose output is not known while it is made anew.
func lateResource(value string, n int) string {
	return fmt.Sprintf(`
		resource "terraform_data" "later" {
		  input            = %s
		  triggers_replace = %d
		}`, value, n)
}

// Blocks that are written by a loop over what is not known yet: the whole block, or those in it. The plan is open, and the apply
// ends as if it had been known.
func TestAccBlocksThatComeLate(t *testing.T) {
	const (
		strategy = `
			dynamic "canary" {
			  for_each = terraform_data.later.output
			  content {
			    phase { percent = canary.value }
			  }
			}`
		phases = `
			canary {
			  dynamic "phase" {
			    for_each = terraform_data.later.output
			    content { percent = phase.value }
			  }
			}`
		gate = `
			dynamic "verify" {
			  for_each = terraform_data.later.output
			  content { healthy_percent = verify.value }
			}
			dynamic "timeouts" {
			  for_each = terraform_data.later.output
			  content { update = "${timeouts.value}m" }
			}`
		member = `
			canary {
			  phase {
			    percent = terraform_data.later.output[0]
			  }
			}
			verify { healthy_percent = terraform_data.later.output[0] }`
	)
	for name, test := range map[string]struct {
		block, value string
		attribute    string
		want         knownvalue.Check
	}{
		"a canary":      {strategy, "[25]", "canary", objectWith("phase", knownvalue.ListSizeExact(1))},
		"two phases":    {phases, "[25, 50]", "canary", objectWith("phase", knownvalue.ListSizeExact(2))},
		"verification":  {gate, "[75]", "verify", objectWith("healthy_percent", knownvalue.Int64Exact(75))},
		"known members": {member, "[75]", "verify", objectWith("min_healthy_time", knownvalue.StringExact("0s"))},
	} {
		t.Run(name, func(t *testing.T) {
			world, reach := loopback(t, canaryWorld())
			open := resource.ConfigPlanChecks{
				PreApply:             []plancheck.PlanCheck{plancheck.ExpectUnknownValue(deploymentAddress, tfjsonpath.New("rollout_plan"))},
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			}
			ends := []statecheck.StateCheck{deploymentValue(test.attribute, test.want), deploymentValue("status", knownvalue.StringExact("stable"))}
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: overTheNetwork,
				CheckDestroy:             expectGroups(world),
				Steps: []resource.TestStep{
					{Config: reach + lateResource(test.value, 1) + deploymentBlock("ami-1", test.block), ConfigPlanChecks: open, ConfigStateChecks: ends,
						Check: expectGroups(world, "web__1 ami-1 2/4/8")},
					{Config: reach + lateResource(test.value, 2) + deploymentBlock("ami-2", test.block), ConfigPlanChecks: open, ConfigStateChecks: ends,
						Check: expectGroups(world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8")},
				},
			})
		})
	}
}

// A block that is there once at most and turns out not to be there at all is Terraform's own limit
// (https://github.com/hashicorp/terraform/issues/28340), and no provider can tell such a block from one that is written: the apply stops
// before anything is touched, and the next one goes through. Should this test fail, Terraform has mended it, and the documentation can
// leave it out.
func TestAccBlockThatComesToNothing(t *testing.T) {
	world, reach := loopback(t, canaryWorld())
	block := `
		dynamic "verify" {
		  for_each = terraform_data.later.output
		  content { healthy_percent = verify.value }
		}`
	config := reach + lateResource("[]", 1) + deploymentBlock("ami-1", block)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: overTheNetwork,
		Steps: []resource.TestStep{
			{Config: config, ExpectError: regexp.MustCompile(`(?s)Provider produced inconsistent final plan.*was present, but now\s+absent`)},
			{PreConfig: func() {
				if got := standing(world); got != "" {
					t.Errorf("something was touched: %s", got)
				}
			}, Config: config, ConfigStateChecks: []statecheck.StateCheck{deploymentValue("verify", knownvalue.Null())}},
		},
	})
}

// A strategy, a gate and time-outs that are taken out of the configuration are taken out of the state.
func TestAccBlocksThatAreTakenOut(t *testing.T) {
	world, reach := loopback(t, canaryWorld())
	blocks := "canary {\n phase { percent = 25 }\n}\nverify { healthy_percent = 75 }\ntimeouts { update = \"2h\" }"
	gone := []statecheck.StateCheck{deploymentValue("canary", knownvalue.Null()), deploymentValue("verify", knownvalue.Null()), deploymentValue("timeouts", knownvalue.Null())}
	empty := resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: overTheNetwork,
		CheckDestroy:             expectGroups(world),
		Steps: []resource.TestStep{
			{Config: reach + deploymentBlock("ami-1", blocks), ConfigPlanChecks: empty},
			{Config: reach + deploymentBlock("ami-1"), ConfigPlanChecks: empty, ConfigStateChecks: gone},
			{Config: reach + deploymentBlock("ami-2", blocks), ConfigPlanChecks: empty},
			{Config: reach + deploymentBlock("ami-3"), ConfigPlanChecks: empty, ConfigStateChecks: gone},
		},
	})
}

// What Terraform learns only while it applies is held to the same as what it knew, and what failed is refused in the provider's own words.
func TestAccValuesThatComeLate(t *testing.T) {
	world, reach := loopback(t, canaryWorld())
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: overTheNetwork,
		CheckDestroy:             expectGroups(world),
		Steps: []resource.TestStep{
			{Config: reach + lateResource("-5", 1) + deploymentBlock("ami-1", "retain = terraform_data.later.output"),
				ExpectError: regexp.MustCompile(`(?s)Invalid Attribute Value.*retain\s+=\s+terraform_data.later.output.*between\s+0\s+and\s+1000`)},
			{PreConfig: func() {
				if got := standing(world); got != "" {
					t.Errorf("something was touched: %s", got)
				}
			}, Config: reach + lateResource("2", 2) + deploymentBlock("ami-1", "retain = terraform_data.later.output")},
			{Config: reach + lateResource(`"5s"`, 3) + deploymentBlock("ami-bad", "healthy_timeout = terraform_data.later.output"),
				ExpectError: regexp.MustCompile(`(?s)rolled\s+back.*It\s+is\s+remembered`)},
			{Config: reach + lateResource(`"5s"`, 4) + deploymentBlock("ami-bad", "healthy_timeout = terraform_data.later.output"),
				ExpectError: regexp.MustCompile(`(?s)failed\s+verification\s+before.*Nothing\s+was\s+touched`)},
			{Config: reach + lateResource(`"5m"`, 5) + deploymentBlock("ami-2", "healthy_timeout = terraform_data.later.output"),
				Check: expectGroups(world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8")},
		},
	})
}

func objectWith(name string, check knownvalue.Check) knownvalue.Check {
	return knownvalue.ObjectPartial(map[string]knownvalue.Check{name: check})
}

// The routes of a deployment may come of a loop over listeners that are made in the same apply.
func TestAccRoutesThatComeLate(t *testing.T) {
	world, reach := loopback(t, blueGreenWorld())
	block := `
		dynamic "route" {
		  for_each = terraform_data.later.output
		  content {
		    production_arn = route.value[0]
		    stage_arn      = route.value[1]
		  }
		}
		settle = "1s"
		bake   = "0s"`
	listeners := fmt.Sprintf("[[%q, %q]]", productionARN, testARN)
	open := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectUnknownValue(deploymentAddress, tfjsonpath.New("rollout_plan"))}}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: overTheNetwork,
		CheckDestroy:             expectGroups(world),
		Steps: []resource.TestStep{
			{Config: reach + lateResource(listeners, 1) + routedBlock("ami-1", block), ConfigPlanChecks: open},
			{Config: reach + lateResource(listeners, 2) + routedBlock("ami-2", block), ConfigPlanChecks: open,
				Check: expectForwards(world, "production green 1", "stage blue 1")},
			{Config: reach + lateResource(listeners, 2) + routedBlock("ami-2", block),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
		},
	})
}

// Blocks without what they are for, and a second one where one can be, are refused where they stand.
func TestAccBlocksThatSayNothing(t *testing.T) {
	_, reach := loopback(t, webWorld())
	var steps []resource.TestStep
	for _, test := range []struct{ block, says string }{
		{"canary {}", `(?s)Canary without a phase.*line \d+, in resource "elastigroup_deployment" "web":`},
		{"canary {\n phase {}\n}", `(?s)Phase without a size.*phase \{\}`},
		{"verify {}\nverify {}", `(?s)Duplicate verify block.*line \d+`},
		{"canary {\n phase { percent = 25 }\n}\ncanary {\n phase { percent = 50 }\n}", `(?s)Duplicate canary block.*line \d+`},
		{"canary {\n phase {\n percent = 25\n shift = 3\n}\n}", `(?s)Unsupported argument.*shift = 3`},
	} {
		steps = append(steps, resource.TestStep{Config: reach + deploymentBlock("ami-1", test.block), ExpectError: regexp.MustCompile(test.says)})
	}
	// A block of nothing but defaults is as good as none.
	steps = append(steps, resource.TestStep{Config: reach + deploymentBlock("ami-1", "verify {}\ntimeouts {}"),
		ConfigStateChecks: []statecheck.StateCheck{deploymentValue("verify", objectWith("healthy_percent", knownvalue.Int64Exact(100)))}})
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: overTheNetwork, Steps: steps})
}
