package deployment_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// later is a process of the provider whose block is not known yet, in part, as while Terraform plans what makes the rest. It has no way to the
// world: whoever asks it is noticed.
func (d *deployment) later(settings object) {
	d.t.Helper()
	d.server = providertest.Serve(d.t, provider.WithTransport(unreachable{d.t}))
	diags, at := d.server.Configure(bothChanges(object{"token": unknown, "account": "act-sandbox"}, settings)), "token"
	if settings["account"] == unknown {
		at = "account"
	}
	providertest.MustSay(d.t, diags, tfprotov6.DiagnosticSeverityWarning, at, "known only after apply", "Nothing can be imported", "before it changes anything")
}

// unreachable is a way to nowhere. That it is taken fails the test.
type unreachable struct{ t testing.TB }

// RoundTrip implements http.RoundTripper.
func (u unreachable) RoundTrip(req *http.Request) (*http.Response, error) {
	u.t.Errorf("somebody is asked: %s %s", req.Method, req.URL)
	return nil, http.ErrAbortHandler
}

// A first deployment is planned whole while the token is not known, and applied in a process that knows it.
func TestFirstDeploymentByATokenThatIsMadeWithIt(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.later(nil)
		p := d.plan(release("ami-1"))
		providertest.MustSucceed(t, p.diags)
		if text := d.planText(p); !strings.Contains(text, "0 -> 4") {
			t.Errorf("the plan says\n%s", text)
		}
		d.restart()
		run := d.watch()
		if _, diags := d.applyPlan(t.Context(), p, release("ami-1")); providertest.Failed(diags) {
			t.Fatal(providertest.Render(diags))
		}
		run.mustDo("create web__1", "web__1 0 -> 4")
		d.mustBeSettled(release("ami-1"))
	})
}

// What is there is planned from its state, and neither read nor changed: nothing where nothing is new, a release where one is wanted, and its end.
func TestAPlanByATokenThatIsMadeAnew(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		for _, keeps := range []bool{true, false} { // whether this Terraform keeps identities
			d.old = !keeps
			for _, account := range []any{"act-sandbox", unknown} {
				identity := d.identity
				if d.old {
					d.identity = nil
				}
				d.later(object{"account": account})
				d.mustBeSettled(release("ami-1"))
				if keeps && asJSON(d.identity) != asJSON(identity) {
					t.Errorf("the identity becomes %v", d.identity)
				}
			}
		}
		d.later(nil)
		p := d.plan(release("ami-2"))
		providertest.MustSucceed(t, p.diags)
		d.restart()
		run := d.watch()
		if _, diags := d.applyPlan(t.Context(), p, release("ami-2")); providertest.Failed(diags) {
			t.Fatal(providertest.Render(diags))
		}
		run.mustDo("create web__2", "web__2 0 -> 4", "web__1 4 -> 0")
		d.mustBeSettled(release("ami-2"))
		d.later(nil)
		p = d.planDestroy()
		providertest.MustSucceed(t, p.diags)
		d.restart()
		providertest.MustSucceed(t, d.applyDestroy(t.Context(), p))
		mustStand(t, d.world)
	})
}

// What has changed since the state was written, and what is wrong with what is wanted, the apply finds before it changes anything.
func TestWhatAPlanCouldNotCheckTheApplyChecks(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		for _, test := range []struct {
			image     string
			meanwhile func()
			says      string
		}{
			{"ami-none", func() {}, "ami-none"},
			{"ami-2", func() { other := deploymentIn(t, d.world); imported(t, other); other.apply(release("ami-3")) }, "web__2"},
		} {
			d.later(nil)
			p := d.plan(release(test.image))
			providertest.MustSucceed(t, p.diags)
			test.meanwhile()
			d.restart()
			run := d.watch()
			if _, diags := d.applyPlan(t.Context(), p, release(test.image)); !providertest.Failed(diags) || !strings.Contains(providertest.Render(diags), test.says) {
				t.Errorf("%s: apply says\n%s", test.image, providertest.Render(diags))
			}
			run.mustDo()
		}
	})
}

// What needs an answer at once is refused with what to do instead.
func TestWhatNeedsAnAnswerWaitsForTheProviderBlock(t *testing.T) {
	refuses := func(t *testing.T, what string, diags []*tfprotov6.Diagnostic) {
		t.Helper()
		if text := providertest.Render(diags); !providertest.Failed(diags) || !strings.Contains(text, "token is known only after apply") || !strings.Contains(text, "terraform apply -target") {
			t.Errorf("%s: what is said is\n%s", what, text)
		}
	}
	t.Run("import and move", func(t *testing.T) {
		inBubble(t, webWorld(existing("web", "ami-4", 2, 4, 8)), func(t *testing.T, d *deployment) {
			d.later(nil)
			refuses(t, "import", d.load("web"))
			moved(t, d)
			refuses(t, "moved", d.refresh())
		})
	})
	t.Run("list and actions", func(t *testing.T) {
		inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
			d.later(nil)
			for _, result := range d.server.List(deploymentType, nil, false, 100) {
				refuses(t, "list", result.Diagnostics)
			}
			for _, name := range []string{"elastigroup_promote", "elastigroup_abort", "elastigroup_watch"} {
				providertest.MustSucceed(t, d.server.PlanOfAction(name, object{"name": "web"}))
				_, diags := d.server.InvokeOnly(t.Context(), name, object{"name": "web"})
				refuses(t, name, diags)
			}
		})
	})
	t.Run("state of another account", func(t *testing.T) {
		inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
			d.apply(release("ami-1"))
			d.later(object{"account": "act-other"})
			mustRefuse(t, d.refresh(), "name", "act-other", "Nothing was looked for")
		})
	})
	t.Run("state without an account", func(t *testing.T) {
		inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
			d.apply(release("ami-1"))
			d.identity, d.private = nil, nil
			d.later(object{"account": unknown})
			mustRefuse(t, d.refresh(), "", "account and token are known only after apply", "in which account it is")
		})
	})
}
