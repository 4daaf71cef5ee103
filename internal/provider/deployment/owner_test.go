package deployment_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// A create never takes over what is live: neither what was there when it was planned, nor what came to be since, at the first revision
// as little as later.
func TestACreateNeverTakesOverWhatIsLive(t *testing.T) {
	for name, config := range map[string]object{"another release": release("ami-2"), "the same release": release("ami-1")} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				second := deploymentIn(t, d.world)
				early := second.plan(config)
				providertest.MustSucceed(t, early.diags)
				d.apply(release("ami-1"))

				run := d.watch()
				mustRefuse(t, second.plan(config).diags, "name", "web__1", "terraform import ADDRESS web", "-replace", "create_before_destroy", "change of triggers", "moved block")
				resp := second.createAs(early)
				mustRefuse(t, resp, "name", "web__1", "Nothing was touched", "terraform import ADDRESS web")
				run.mustDo()
				if !second.state.IsNull() {
					t.Errorf("there is a state: %s", second.state)
				}
				d.mustBeSettled(release("ami-1"))
			})
		})
	}
}

// createAs applies the plan of a create that was made earlier, without the plan that Terraform makes within apply: what it would notice
// may come to be a moment later, too.
func (d *deployment) createAs(p planned) said {
	d.t.Helper()
	after, diags, err := d.resource().Apply(d.t.Context(), d.kept(), providertest.Planned{Config: p.config, Value: p.value, Private: p.private})
	if err != nil {
		d.t.Error(err)
		return nil
	}
	d.state, d.private = after.Value, after.Private
	d.checkApplied(p, diags, true)
	return diags
}

// Of two states that create the same deployment at the same time one has it in the end. The other one stops with an error, has no state,
// and takes nothing down.
func TestTwoFirstDeploymentsAtTheSameTime(t *testing.T) {
	for _, other := range []string{"ami-1", "ami-2"} {
		for _, later := range []time.Duration{0, 500 * time.Millisecond, time.Second, 5 * time.Second, 30 * time.Second, time.Minute, 90 * time.Second} {
			t.Run(fmt.Sprintf("%s %s later", other, later), func(t *testing.T) {
				inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
					second := deploymentIn(t, d.world)
					first, p := d.plan(release("ami-1")), second.plan(release(other))
					providertest.MustSucceed(t, append(first.diags, p.diags...))
					done := make(chan said)
					go func() { done <- d.createAs(first) }()
					time.Sleep(later)
					theirs := second.createAs(p)
					ours := <-done
					if providertest.Failed(theirs) == providertest.Failed(ours) {
						t.Fatalf("the first says\n%s\nthe second says\n%s\nthe world:\n%s", providertest.Render(ours), providertest.Render(theirs), standing(d.world))
					}
					winner, loser, config, said := d, second, release("ami-1"), theirs
					if providertest.Failed(ours) {
						winner, loser, config, said = second, d, release(other), ours
					}
					mustExplain(t, said, "web__1", "terraform import ADDRESS web")
					winner.mustBeSettled(config)
					mustStand(t, d.world, fmt.Sprintf("web__1 %s 2/4/8", config["image_id"]))

					run := winner.watch()
					if !loser.state.IsNull() {
						t.Errorf("there is a state: %s", loser.state)
					}
					run.mustDo()
					providertest.MustSucceed(t, winner.destroy())
					mustStand(t, d.world, "")
				})
			})
		}
	}
}

// What another state has released since is neither changed nor destroyed, and the plan says whose it is and what to do.
func TestWhatAnotherStateReleasedIsLeftAlone(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		update, destroy := d.plan(release("ami-3")), d.planDestroy()
		second := deploymentIn(t, d.world)
		imported(t, second)
		second.apply(release("ami-2"))

		run := d.watch()
		p := d.plan(release("ami-3"))
		mustRefuse(t, p.diags, "name", "another state released web__2", "which is live", "elastigroup:owner", "terraform state rm ADDRESS", "terraform import ADDRESS web")
		mustRefuse(t, d.planDestroy().diags, "name", "nother state released web__2", "terraform state rm ADDRESS", "Nothing was touched")
		// Planned before that, too.
		mustExplain(t, d.carriesAsItIs(destroy), "nother state released web__2", "Nothing was touched")
		mustExplain(t, d.carriesAsItIs(update), "Nothing was touched")
		run.mustDo()

		// A plan that changes nothing only says so.
		p = d.plan(release("ami-2"))
		if providertest.Failed(p.diags) || !d.empty(p) || !strings.Contains(providertest.Render(p.diags), "another state released web__2") {
			t.Errorf("a plan that changes nothing:\n%s\n%v", providertest.Render(p.diags), d.changes(p))
		}
		second.mustBeSettled(release("ami-2"))
		providertest.MustSucceed(t, second.destroy())
		mustStand(t, d.world, "")
	})
}

// carriesAsItIs applies a plan as it was made, without making it anew.
func (d *deployment) carriesAsItIs(p planned) said {
	d.t.Helper()
	after, diags := d.applyValue(d.t.Context(), p)
	d.state, d.private = after.Value, after.Private
	d.keepsSecrets(diags)
	return diags
}

// What another state is rolling out, upon an import of what is live here, is left to it.
func TestWhatAnotherStateRollsOutIsLeftAlone(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		second := deploymentIn(t, d.world)
		imported(t, second)
		ctx, _ := interrupt(second, 30*time.Second, "cancel")
		if _, diags := second.applyUnder(ctx, release("ami-2")); !providertest.Failed(diags) {
			t.Fatal("the interrupted run succeeded")
		}
		d.world.Intercept(nil, nil)
		run := d.watch()
		mustRefuse(t, d.plan(release("ami-3")).diags, "name", "another state is rolling out web__2")
		mustRefuse(t, d.planDestroy().diags, "name", "another state is rolling out web__2")
		run.mustDo()
		second.apply(release("ami-2"))
	})
}

// A state that imported is the owner of what it imported, whoever released that, and of what it releases.
func TestWhatWasImportedIsItsOwn(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		d.apply(release("ami-2"))
		second := deploymentIn(t, d.world)
		imported(t, second)
		second.apply(release("ami-2", object{"capacity": capacityOf(3, 5, 8)}))
		second.apply(release("ami-3"))
		if a, b := ownerIn(t, d, "web__2"), ownerIn(t, d, "web__3"); a == b || !strings.HasPrefix(a, "terraform-state-") || !strings.HasPrefix(b, "terraform-state-") {
			t.Errorf("the owners are %q and %q", a, b)
		}
		providertest.MustSucceed(t, second.destroy())
		mustStand(t, d.world, "")
	})
}

// ownerIn is the owner's tag of a group.
func ownerIn(t *testing.T, d *deployment, name string) string {
	t.Helper()
	for _, g := range d.world.Groups() {
		if g.Name == name {
			return tagsOf(t, g)["elastigroup:owner"]
		}
	}
	t.Errorf("there is no group %s", name)
	return ""
}

// Groups that an earlier version made bear no owner. They are whose state has them, and so is what that releases, also when the process
// is killed and its notes are lost.
func TestGroupsWithoutAnOwner(t *testing.T) {
	inBubble(t, webWorld(provenGroup(3, 2, 4, 8)), func(t *testing.T, d *deployment) {
		imported(t, d)
		d.private = nil // an earlier version made no note either
		providertest.MustSucceed(t, d.refresh())
		d.world.DeleteGroup("nothing of that name")
		prior := d.state
		_, dead := kill(d, killPoint{true, 2, true})
		d.tryApply(release("ami-5"))
		d.world.Intercept(nil, nil)
		if !dead() {
			t.Fatal("the run ended before it was to be killed")
		}
		d.state, d.private = prior, nil
		d.restart()
		d.apply(release("ami-5"))
		if owner := ownerIn(t, d, "web__4"); !strings.HasPrefix(owner, "terraform-state-") {
			t.Errorf("web__4 has the owner %q", owner)
		}
		d.private = nil
		d.apply(release("ami-6"))
		if ownerIn(t, d, "web__4") != ownerIn(t, d, "web__5") {
			t.Errorf("the owners are %q and %q", ownerIn(t, d, "web__4"), ownerIn(t, d, "web__5"))
		}
		providertest.MustSucceed(t, d.destroy())
		mustStand(t, d.world, "")
	})
}

// A first deployment that was cut short is gone on with, whoever began it, and the state that finished it owns it.
func TestAFirstDeploymentIsFinishedByAnotherState(t *testing.T) {
	for _, image := range []string{"ami-1", "ami-2"} {
		t.Run(image, func(t *testing.T) {
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				ctx, _ := interrupt(d, 30*time.Second, "cancel")
				if _, diags := d.applyUnder(ctx, release("ami-1")); !providertest.Failed(diags) {
					t.Fatal("the interrupted run succeeded")
				}
				d.world.Intercept(nil, nil)
				began := ownerIn(t, d, rollout.Name("web", 1))
				second := deploymentIn(t, d.world)
				p := second.plan(release(image))
				if !strings.Contains(providertest.Render(p.diags), "The first deployment of web was cut short") {
					t.Errorf("the plan says\n%s", providertest.Render(p.diags))
				}
				second.apply(release(image))
				if ended := ownerIn(t, d, "web__1"); ended == began {
					t.Errorf("the owner is still %q", ended)
				}
				_, diags := d.tryApply(release("ami-1"))
				mustRefuse(t, diags, "name", "terraform import ADDRESS web")
				providertest.MustSucceed(t, second.destroy())
				mustStand(t, d.world, "")
			})
		})
	}
}

// Values that are not known yet change nothing about whose the deployment is: the plan refuses it.
func TestWhoseItIsWhileValuesAreToCome(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		late := release("ami-2", object{"image_id": unknown})
		providertest.MustSucceed(t, d.plan(late).diags)
		d.apply(release("ami-1"))
		second := deploymentIn(t, d.world)
		mustRefuse(t, second.plan(late).diags, "name", "web__1", "terraform import ADDRESS web")
		imported(t, second)
		second.apply(release("ami-2"))
		mustRefuse(t, d.plan(late).diags, "name", "another state released web__2")
	})
}
