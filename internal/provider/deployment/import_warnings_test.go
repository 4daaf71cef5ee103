package deployment_test

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// What another state has released may still be in that state.
func TestAnImportOfWhatAnotherStateReleasedWarns(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		second := deploymentIn(t, d.world)
		diags := slices.DeleteFunc(second.load("web"), func(d *tfprotov6.Diagnostic) bool { return providertest.Where(d) == "user_data" })
		mustWarn(t, diags, "", "Another state has released this", "web__1", ownerIn(t, d, "web__1"), "terraform state rm")
	})
}

// What no state has released, or an earlier version did, is nobody's.
func TestAnImportOfWhatBearsNoStatesNameSaysNothing(t *testing.T) {
	inBubble(t, webWorld(provenGroup(7, 2, 4, 8)), func(t *testing.T, d *deployment) {
		mustWarn(t, d.load("web"), "user_data", "user data")
	})
}

// A group that an import would take over stands beside what a create makes.
func TestACreateBesideWhatCouldBeImportedWarns(t *testing.T) {
	for name, words := range map[string][]string{
		"web":                    {"A group of this name is there already", "web (sig-", "4 (minimum 2, maximum 8)", "web__1 beside it", "terraform import ADDRESS web"},
		rollout.StageName("web"): {rollout.StageName("web") + " (sig-", "terraform import ADDRESS web"},
		"web-api":                nil,
		"webx":                   nil,
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, webWorld(existing(name, "ami-2", 2, 4, 8)), func(t *testing.T, d *deployment) {
				diags := d.plan(release("ami-1")).diags
				if words == nil {
					if len(diags) > 0 {
						t.Errorf("of a group that no import would take, the plan says:\n%s", providertest.Render(diags))
					}
					return
				}
				mustWarn(t, diags, "name", words...)
			})
		})
	}
}
