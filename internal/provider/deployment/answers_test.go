package deployment_test

import (
	"flag"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// withMisbehavingSpot runs a test with a deployment whose Spot misbehaves when it is told to.
func withMisbehavingSpot(t *testing.T, test func(t *testing.T, d *deployment, spot *misbehaving)) {
	t.Helper()
	inBubble(t, webWorld(foreignGroups()...), func(t *testing.T, d *deployment) {
		spot := &misbehaving{base: d.world.Transport()}
		d.through = spot
		d.restart()
		test(t, d, spot)
	})
}

// longestDiagnostic is how many bytes a diagnostic may have, its title included.
const longestDiagnostic = 4096

// mustBeBrief fails the test if a diagnostic is longer than a person reads, or if one is not shown: of several warnings with the same title
// Terraform shows the first. Every test asks it of everything that is said.
func mustBeBrief(t testing.TB, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	titles := map[string]bool{}
	for _, d := range diags {
		if d.Severity == providertest.Warning && titles[d.Summary] {
			t.Errorf("Terraform shows one of the warnings %q alone:\n%s", d.Summary, providertest.Render(diags))
		}
		titles[d.Summary] = true
		if n := len(d.Summary) + len(d.Detail); n > longestDiagnostic {
			t.Errorf("a diagnostic has %d bytes: %.300s", n, d.Summary+": "+d.Detail)
		}
	}
}

// Whatever Spot answers while a refresh looks, what serves stays in the state, nothing is changed, and it does not take for ever.
func TestARefreshForgetsNothing(t *testing.T) {
	for _, action := range []string{"list", "read"} {
		t.Run(action, func(t *testing.T) {
			withMisbehavingSpot(t, func(t *testing.T, d *deployment, spot *misbehaving) {
				d.apply(release("ami-1"))
				d.apply(release("ami-2"))
				before, private, stands, changes := d.state, d.private, standing(d.world), len(d.world.Changes())
				for _, name := range misbehaviourNames() {
					spot.strike(action, misbehaviours[name], 1, -1)
					if action == "read" {
						spot.also("list", misbehaviours["no items"])
					}
					begun := time.Now()
					diags := d.refresh()
					mustBeBrief(t, diags)
					if name == "no items" && action == "read" {
						mustExplain(t, diags, "The state keeps what was seen last", "terraform state rm ADDRESS")
					}
					if d.state.IsNull() {
						t.Errorf("%s: the deployment is forgotten\n%s", name, providertest.Render(diags))
					} else if !providertest.Failed(diags) && !d.state.Equal(before) {
						t.Errorf("%s: the state changes to\n%s\n%s", name, d.state, providertest.Render(diags))
					}
					if took := time.Since(begun); took > 10*time.Minute {
						t.Errorf("%s: it took %s", name, took)
					}
					d.state, d.private = before, private
				}
				spot.calm()
				if got := standing(d.world); got != stands || len(d.world.Changes()) != changes {
					t.Errorf("a refresh changed the world to\n%s", got)
				}
				d.mustBeSettled(release("ami-2"))
			})
		})
	}
}

// A plan of a first deployment that Spot answers so makes nothing, and neither does one of a release.
func TestAPlanChangesNothingWhateverIsAnswered(t *testing.T) {
	withMisbehavingSpot(t, func(t *testing.T, d *deployment, spot *misbehaving) {
		for _, name := range misbehaviourNames() {
			spot.strike("list", misbehaviours[name], 1, -1)
			mustBeBrief(t, d.planOnly(release("ami-1")).diags)
		}
		spot.calm()
		if n := len(d.world.Changes()); n > 0 {
			t.Errorf("%d changes", n)
		}
	})
}

// course of an apply that Spot disturbs: what it may never do, whatever is answered, and that a calm Spot mends it.
func TestAnApplyAmidStrangeAnswers(t *testing.T) {
	names := misbehaviourNames()
	actions := []string{"list", "read", "create", "update", "capacity", "status", "instanceHealthiness", "delete", "logs"}
	for i, name := range names {
		for j, action := range actions {
			if (i+2*j)%(6*len(actions)+1) != 0 && !*exhaustive {
				continue
			}
			t.Run(name+", "+action, func(t *testing.T) {
				withMisbehavingSpot(t, func(t *testing.T, d *deployment, spot *misbehaving) { mustStandDisturbance(t, d, spot, name, action) })
			})
		}
	}
}

var exhaustive = flag.Bool("exhaustive", false, "try every misbehaviour of Spot with every call, which takes minutes, instead of a sample")

func mustStandDisturbance(t *testing.T, d *deployment, spot *misbehaving, name, action string) {
	config := func(image string) object { return release(image, object{"retain": 1, "healthy_timeout": "5m"}) }
	d.apply(config("ami-1"))
	d.apply(config("ami-2"))
	run := d.watch()
	p := d.plan(config("ami-3"))
	providertest.MustSucceed(t, p.diags)
	spot.strike(action, misbehaviours[name], 1, -1)
	_, diags := d.applyPlan(t.Context(), p, config("ami-3"))
	spot.calm()
	mustBeBrief(t, diags)
	if d.state.IsNull() {
		t.Fatalf("the deployment is forgotten\n%s", providertest.Render(diags))
	}
	if made := run.count("CreateGroup"); made > 3 {
		t.Errorf("%d groups were made", made)
	}
	for _, g := range d.world.Groups() {
		if failed := tagsOf(t, g)["elastigroup:failed-releases"]; failed != "" && failed != "none" {
			t.Errorf("the release is blamed: %s has %q\n%s", g.Name, failed, providertest.Render(diags))
		}
	}
	again := d.plan(config("ami-3"))
	if providertest.Failed(again.diags) {
		t.Fatalf("with a calm Spot the next plan says\n%s", providertest.Render(again.diags))
	}
	if _, diags := d.applyPlan(t.Context(), again, config("ami-3")); providertest.Failed(diags) {
		t.Fatalf("with a calm Spot the next apply says\n%s", providertest.Render(diags))
	}
	d.mustBeSettled(config("ami-3"))
	run.mustServe(4)
	neverDeletesInstances(t, d.world)
	names := map[string]int{}
	for _, g := range d.world.Groups() {
		names[g.Name]++
	}
	for name, n := range names {
		if n > 1 && !strings.HasPrefix(name, "web-") {
			t.Errorf("there are %d groups %s", n, name)
		}
	}
}

// A destroy says that it is done when all is gone, and keeps the state otherwise.
func TestADestroyAmidStrangeAnswers(t *testing.T) {
	names := misbehaviourNames()
	for i, action := range []string{"list", "read", "delete", "capacity", "status"} {
		t.Run(action, func(t *testing.T) {
			for j, name := range names {
				if (2*i+j)%31 != 0 && !*exhaustive {
					continue
				}
				t.Run(name, func(t *testing.T) {
					withMisbehavingSpot(t, func(t *testing.T, d *deployment, spot *misbehaving) {
						foreign := standing(d.world)
						d.apply(release("ami-1"))
						d.apply(release("ami-2"))
						p := d.planDestroy()
						providertest.MustSucceed(t, p.diags)
						spot.strike(action, misbehaviours[name], 1, -1)
						diags := d.applyDestroy(t.Context(), p)
						spot.calm()
						mustBeBrief(t, diags)
						if got := standing(d.world); d.state.IsNull() && got != foreign {
							t.Errorf("it is said to be gone, and there is\n%s\n%s", got, providertest.Render(diags))
						}
						if !d.state.IsNull() {
							providertest.MustSucceed(t, d.destroy())
						}
						mustStand(t, d.world, foreign)
						neverDeletesInstances(t, d.world)
					})
				})
			}
		})
	}
}

// A Spot that says it deleted, and did not, is not believed.
func TestADeleteThatIsNone(t *testing.T) {
	withMisbehavingSpot(t, func(t *testing.T, d *deployment, spot *misbehaving) {
		d.apply(release("ami-1"))
		p := d.planDestroy()
		providertest.MustSucceed(t, p.diags)
		spot.strike("delete", nil, 1, -1)
		spot.lie = true
		diags := d.applyDestroy(t.Context(), p)
		if d.state.IsNull() || !strings.Contains(providertest.Render(diags), "is still there") {
			t.Errorf("%v\n%s", d.state, providertest.Render(diags))
		}
		spot.calm()
		providertest.MustSucceed(t, d.destroy())
	})
}

// count is how many calls of an action had an effect.
func (w watch) count(action string) int {
	n := 0
	for _, c := range w.d.world.Changes()[w.changes:] {
		if c.Action == action {
			n++
		}
	}
	return n
}
