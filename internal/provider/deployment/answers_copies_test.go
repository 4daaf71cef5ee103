package deployment_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// A create that took effect twice, because Spot said nothing of either, leaves two copies of a revision. Whatever the state knows of them,
// one calm apply goes on with one copy, deletes the other, and is done.
func TestCopiesThatNobodySawAreOneRevisionAfterOneApply(t *testing.T) {
	for name, situation := range map[string]struct {
		before []string // images that were released before
		times  int      // how many creates are not answered
	}{
		"first deployment, one":  {nil, 1},
		"first deployment, all":  {nil, -1},
		"a release, one":         {[]string{"ami-1"}, 1},
		"a release, all":         {[]string{"ami-1"}, -1},
		"a third release, all":   {[]string{"ami-1", "ami-2"}, -1},
		"first deployment, many": {nil, 2},
	} {
		t.Run(name, func(t *testing.T) {
			withMisbehavingSpot(t, func(t *testing.T, d *deployment, spot *misbehaving) {
				for _, image := range situation.before {
					d.apply(release(image))
				}
				p := d.plan(release("ami-3"))
				providertest.MustSucceed(t, p.diags)
				known := map[string]bool{}
				for _, g := range d.world.Groups() {
					known[g.ID] = true
				}
				run := d.watch()
				spot.strike("create", onlyFirst(situation.times, misbehaviours["no items"]), 1, -1)
				spot.also("list", changedItems(func(items []any) any {
					return slices.DeleteFunc(items, func(it any) bool { return !known[it.(object)["id"].(string)] })
				}))
				_, diags := d.applyPlan(t.Context(), p, release("ami-3"))
				mustBeBrief(t, diags)
				spot.calm()
				if made := run.count("CreateGroup"); made < 2 {
					t.Fatalf("%d groups were made: this shows nothing\n%s", made, providertest.Render(diags))
				}
				before := standing(d.world)
				again := d.plan(release("ami-3"))
				if providertest.Failed(again.diags) {
					t.Fatalf("with a calm Spot the next plan says\n%s", providertest.Render(again.diags))
				}
				if _, diags := d.applyPlan(t.Context(), again, release("ami-3")); providertest.Failed(diags) {
					t.Fatalf("with a calm Spot the next apply says\n%s\nand there is\n%s\nbefore it\n%s", providertest.Render(diags), standing(d.world), before)
				}
				d.mustBeSettled(release("ami-3"))
				names := map[string]int{}
				for _, g := range d.world.Groups() {
					if names[g.Name]++; names[g.Name] > 1 && strings.HasPrefix(g.Name, "web__") {
						t.Errorf("there are %d groups %s", names[g.Name], g.Name)
					}
				}
				if len(situation.before) > 0 {
					run.mustServe(4)
				}
				neverDeletesInstances(t, d.world)
			})
		})
	}
}

// onlyFirst spoils the first few answers that name a group; all if n is below 0.
func onlyFirst(n int, how spoilt) spoilt {
	met := 0
	return func(status int, body []byte) (int, []byte) {
		if !bytes.Contains(body, []byte(`"sig-`)) {
			return how(status, body)
		}
		if met++; n >= 0 && met > n {
			return status, body
		}
		return how(status, body)
	}
}

// Some services answer 200 and no item about what is no more. That proves nothing, so that the state stays; but whoever has deleted the groups
// by hand is told how to go on, by whatever looks first: a refresh, or an apply or a destroy without one.
func TestAnAnswerWithoutItemsSaysWhatToDo(t *testing.T) {
	for name, do := range map[string]func(d *deployment) []*tfprotov6.Diagnostic{
		"refresh": func(d *deployment) []*tfprotov6.Diagnostic { return d.refresh() },
		"apply without refresh": func(d *deployment) []*tfprotov6.Diagnostic {
			p := d.planOnly(release("ami-2"))
			_, diags := d.applyPlan(d.t.Context(), p, release("ami-2"))
			return diags
		},
		"destroy without refresh": func(d *deployment) []*tfprotov6.Diagnostic {
			return d.applyDestroy(d.t.Context(), planned{config: tftypes.NewValue(d.schema.ValueType(), nil), value: tftypes.NewValue(d.schema.ValueType(), nil), private: d.private})
		},
	} {
		t.Run(name, func(t *testing.T) {
			withMisbehavingSpot(t, func(t *testing.T, d *deployment, spot *misbehaving) {
				d.apply(release("ami-1"))
				d.world.DeleteGroup("web__1")
				spot.strike("list", misbehaviours["no items"], 1, -1)
				spot.also("read", answerWith(200, `{"request":{"id":"r-1"},"response":{"status":{"code":200,"message":"OK"},"items":[],"count":0}}`))
				diags := do(d)
				mustExplain(t, diags, "terraform state rm ADDRESS", "Spot's console shows no group of deployment")
				mustBeBrief(t, diags)
				if d.state.IsNull() {
					t.Error("the deployment is forgotten")
				}
			})
		})
	}
}

// An entry of Spot's list that may be one of the deployment's groups, and has no ID by which it can be asked for, is no reason to stop whoever
// changes nothing: the refresh says it, the state stays, and the plan is empty. What would change something is refused.
func TestAnEntryThatMayBeOursStopsNoPlanThatChangesNothing(t *testing.T) {
	withMisbehavingSpot(t, func(t *testing.T, d *deployment, spot *misbehaving) {
		d.apply(release("ami-1"))
		before, run := d.state, d.watch()
		spot.strike("list", changedItems(func(items []any) any {
			return append(items, object{"id": "../../setup/account", "name": "web__2", "capacity": object{"minimum": 0, "target": 0, "maximum": 0}})
		}), 1, -1)
		p := d.plan(release("ami-1"))
		if !d.empty(p) || !d.state.Equal(before) {
			t.Errorf("the plan of no change says\n%s", providertest.Render(p.diags))
		}
		mustContain(t, p.diags, "Group that cannot be read", "web__2", "delete it in Spot's console", "The state keeps what was seen last")
		mustExplain(t, d.plan(release("ami-2")).diags, "Group that cannot be read", "web__2", "Nothing was touched")
		_, diags := d.tryApply(release("ami-1", object{"capacity": capacityOf(1, 3, 5)}))
		mustExplain(t, diags, "Group that cannot be read", "Nothing was touched")
		run.mustDo()
		spot.calm()
		d.apply(release("ami-2"))
	})
}
