package deployment_test

import (
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// identityOf is an identity as Terraform sends it.
func identityOf(t testing.TB, account, name any) *tfprotov6.ResourceIdentityData {
	t.Helper()
	value, err := tfprotov6.NewDynamicValue(identityType, providertest.Typed(t, identityType, object{"account": account, "name": name}))
	if err != nil {
		t.Fatal(err)
	}
	return &tfprotov6.ResourceIdentityData{IdentityData: &value}
}

// importBy imports by an identity.
func (d *deployment) importBy(account, name any) []*tfprotov6.Diagnostic {
	d.t.Helper()
	return d.importOnly("", identityOf(d.t, account, name))
}

// What Terraform is told of the identity: the name is asked for, and the account if need be.
func TestIdentitySchema(t *testing.T) {
	s := providertest.Serve(t)
	resp, err := s.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil || len(resp.Diagnostics) > 0 {
		t.Fatal(err, providertest.Render(resp.Diagnostics))
	}
	for _, a := range resp.IdentitySchemas[deploymentType].IdentityAttributes {
		if a.RequiredForImport != (a.Name == "name") || a.OptionalForImport != (a.Name == "account") || a.Description == "" {
			t.Errorf("%+v", a)
		}
	}
}

// By its identity a deployment is imported as it is by its name, with an account or without.
func TestImportByIdentity(t *testing.T) {
	for name, account := range map[string]any{"without an account": nil, "with the account": "act-sandbox"} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, webWorld(existing("web__4", "ami-4", 2, 4, 8)), func(t *testing.T, d *deployment) {
				if diags := d.importBy(account, "web"); providertest.Failed(diags) {
					t.Fatal(providertest.Render(diags))
				}
				run := d.watch()
				d.mustBeSettled(release("ami-4"))
				run.mustDo()
			})
		})
	}
	inBubble(t, webWorld(existing("web__4", "ami-4", 2, 4, 8)), func(t *testing.T, d *deployment) {
		mustRefuse(t, d.importBy("act-other", "web"), "", "Deployment of another account", "act-other", "act-sandbox", "provider = elastigroup.ALIAS")
		mustRefuse(t, d.importBy(nil, "api"), "", "Deployment not found", "Spot was asked in account act-sandbox.", "The deployments there: web.")
		mustRefuse(t, d.importBy(nil, "wbe"), "", "Deployment not found", "Did you mean web?")
		mustRefuse(t, d.importBy(nil, "web__4"), "", "Name of a deployment expected")
	})
}

// A Terraform that keeps no identity, before 1.12, never sends one: neither in a refresh, also of what is gone, nor in any other message. The
// life of a resource is the same for it. The driver holds every other test to what newer ones expect.
func TestWithoutIdentities(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.old = true
		d.apply(release("ami-1"))
		d.restart()
		d.apply(release("ami-2"))
		if _, diags := d.tryApply(release("ami-bad")); !providertest.Failed(diags) {
			t.Error("a bad image is released")
		}
		if d.identity != nil {
			t.Fatal("this is no old Terraform")
		}
		d.old = false // and one that is updated goes on with what it has
		d.mustBeSettled(release("ami-2"))
		if d.identity == nil {
			t.Error("after a refresh there is no identity")
		}
		d.old, d.identity = true, nil
		if diags := d.destroy(); providertest.Failed(diags) {
			t.Error(providertest.Render(diags))
		}
	})
}

// What is gone leaves the state, and the identity is said all the same: without one a refresh would fail for good.
func TestIdentityOfWhatIsGone(t *testing.T) {
	for name, old := range map[string]bool{"before 1.12": true, "since": false} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				d.old = old
				d.apply(release("ami-1"))
				other := deploymentIn(t, d.world)
				imported(t, other)
				if diags := other.destroy(); providertest.Failed(diags) {
					t.Fatal(providertest.Render(diags))
				}
				providertest.MustSucceed(t, d.refresh())
				if !d.state.IsNull() {
					t.Error("it is still in the state")
				}
			})
		})
	}
}

// With the provider configured for another account every group seems to be gone. The deployment stays in the state, whatever Terraform keeps.
func TestTheAccountOfAStateIsRemembered(t *testing.T) {
	for name, old := range map[string]bool{"by its identity": false, "by a note": true} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				d.old = old
				d.apply(release("ami-1"))
				stood, stand := d.now(), standing(d.world)
				d.settings = object{"account": "act-other"}
				d.restart()
				words := []string{"Deployment of another account", `"web" of Spot account act-sandbox`, "account act-other", "nothing was touched"}
				mustRefuse(t, d.refresh(), "name", words...)
				p := d.planOnly(release("ami-2")) // without a refresh
				_, diags := d.applyPlan(t.Context(), p, release("ami-2"))
				mustRefuse(t, diags, "name", words...)
				if !maps.EqualFunc(stood, d.now(), func(a, b any) bool { return asJSON(a) == asJSON(b) }) || standing(d.world) != stand {
					t.Errorf("the state is %v, and there stands\n%s", d.now(), standing(d.world))
				}
			})
		})
	}
}
