package deployment_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

func TestRetain(t *testing.T) {
	for retain, want := range map[int][]string{
		3: {"web__3 ami-3 0/0/0", "web__4 ami-4 0/0/0", "web__5 ami-5 0/0/0", "web__6 ami-6 2/4/8"},
		0: {"web__6 ami-6 2/4/8"},
	} {
		t.Run(fmt.Sprint(retain), func(t *testing.T) {
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				run := d.watch()
				for n := 1; n <= 6; n++ {
					d.apply(release(fmt.Sprintf("ami-%d", n), object{"retain": retain}))
					if n == 1 {
						run = d.watch()
					}
				}
				mustStand(t, d.world, want...)
				run.mustServe(4)
				neverDeletesInstances(t, d.world)
			})
		})
	}
}

// neverDeletesInstances fails the test if a group was deleted that wanted or had instances.
func neverDeletesInstances(t testing.TB, w *sandbox.World) {
	t.Helper()
	timeline := w.Timeline()
	for n := 1; n < len(timeline); n++ {
		for _, before := range timeline[n-1].Groups {
			gone := !slices.ContainsFunc(timeline[n].Groups, func(g *sandbox.GroupMoment) bool { return g.ID == before.ID })
			if gone && (before.Target > 0 || before.Instances > 0) {
				t.Errorf("%s was deleted with %d instances and a target of %d", before.Name, before.Instances, before.Target)
			}
		}
	}
}

// imported is a deployment whose history was there before.
func imported(t *testing.T, d *deployment) {
	t.Helper()
	if diags := d.load("web"); providertest.Failed(diags) {
		t.Fatalf("import:\n%s", providertest.Render(diags))
	}
}

func TestHistoryWithGaps(t *testing.T) {
	config := webWorld(provenGroup(2, 0, 0, 0), provenGroup(5, 0, 0, 0), provenGroup(7, 2, 4, 8))
	inBubble(t, config, func(t *testing.T, d *deployment) {
		imported(t, d)
		run := d.watch()
		d.apply(release("ami-1", object{"retain": 2}))
		run.mustDo("create web__8", "web__8 0 -> 4", "web__7 4 -> 0", "delete web__2")
		run.mustServe(4)
	})
}

func TestOlderRevisionsWithInstancesGoToZeroInSetup(t *testing.T) {
	config := webWorld(provenGroup(1, 1, 1, 2), provenGroup(2, 0, 0, 0), provenGroup(3, 0, 2, 2), provenGroup(4, 2, 4, 8))
	inBubble(t, config, func(t *testing.T, d *deployment) {
		imported(t, d)
		run := d.watch()
		d.apply(release("ami-1", object{"retain": 2}))
		run.mustDo("create web__5", "web__1 1 -> 0", "web__3 2 -> 0", "web__5 0 -> 4", "web__4 4 -> 0", "delete web__1", "delete web__2")
		run.mustServe(4)
		neverDeletesInstances(t, d.world)
	})
}

func TestNothingIsPrunedBeforeSuccess(t *testing.T) {
	config := webWorld(provenGroup(1, 0, 0, 0), provenGroup(2, 0, 0, 0), provenGroup(3, 2, 4, 8))
	inBubble(t, config, func(t *testing.T, d *deployment) {
		imported(t, d)
		before := standing(d.world)
		run := d.watch()
		if _, diags := d.tryApply(release("ami-bad", object{"retain": 0})); !providertest.Failed(diags) {
			t.Fatal("a broken image was released")
		}
		run.mustDo("create web__4", "web__4 0 -> 4", "web__4 4 -> 0", "delete web__4")
		mustStand(t, d.world, before)

		run = d.watch()
		d.apply(release("ami-9", object{"retain": 0}))
		run.mustDo("create web__4", "web__4 0 -> 4", "web__3 4 -> 0", "delete web__1", "delete web__2", "delete web__3")
	})
}

// foreignGroups are groups of others whose names look alike.
func foreignGroups() []json.RawMessage {
	return []json.RawMessage{
		existing("web-api__1", "ami-1", 1, 1, 1), existing("web__canary__2", "ami-1", 0, 0, 0),
		existing("webx__1", "ami-1", 1, 2, 3), existing("WEB__3", "ami-1", 0, 0, 0), existing("web__07", "ami-1", 0, 0, 0),
	}
}

func TestForeignGroupsAreLeftAlone(t *testing.T) {
	inBubble(t, webWorld(foreignGroups()...), func(t *testing.T, d *deployment) {
		before := d.world.Groups()
		d.apply(release("ami-1"))
		nine, err := d.world.AddGroup(existing("web__9", "ami-9", 0, 0, 0))
		if err != nil {
			t.Fatal(err)
		}
		for n := 2; n <= 5; n++ {
			d.apply(release(fmt.Sprintf("ami-%d", n), object{"retain": 0}))
		}
		d.tryApply(release("ami-bad"))
		providertest.MustSucceed(t, d.destroy())

		for _, g := range before {
			now, ok := d.world.Group(g.ID)
			if !ok || string(now.Document) != string(g.Document) {
				t.Errorf("%s was touched: %s", g.Name, now.Document)
			}
		}
		if g, ok := d.world.Group(nine); !ok || strings.Contains(string(g.Document), "elastigroup:") {
			t.Errorf("web__9 was touched: %s", g.Document)
		}
		if got := len(d.world.Groups()); got != len(before)+1 {
			t.Errorf("there are groups left:\n%s", standing(d.world))
		}
	})
}

func TestCreateBesideGroupsOfOthersSaysToImport(t *testing.T) {
	inBubble(t, webWorld(existing("web__9", "ami-1", 2, 4, 8)), func(t *testing.T, d *deployment) {
		run := d.watch()
		_, diags := d.tryApply(release("ami-1"))
		mustExplain(t, diags, "web__9", "import")
		run.mustDo()
		if !d.state.IsNull() {
			t.Errorf("there is a state: %s", d.state)
		}
	})
}

// existingRelease is the configuration of the groups that existing makes.
func existingRelease(image string) object { return release(image) }

func TestImportOfAHistoryMadeByOthers(t *testing.T) {
	config := webWorld(append(foreignGroups(), existing("web__3", "ami-3", 0, 0, 0), existing("web__4", "ami-4", 2, 4, 8))...)
	inBubble(t, config, func(t *testing.T, d *deployment) {
		run := d.watch()
		imported(t, d)
		state := d.now()
		if state["name"] != "web" || state["group_name"] != "web__4" || state["revision"] != 4 || state["status"] != "stable" {
			t.Errorf("imported %v", state)
		}
		if text := state["configuration"].(string); strings.Contains(text, providertest.BootBase64) {
			t.Errorf("the user data is shown in the configuration:\n%s", text)
		}
		d.mustBeSettled(existingRelease("ami-4"))
		run.mustDo()

		d.apply(existingRelease("ami-5"))
		run.mustDo("create web__5", "web__5 0 -> 4", "web__4 4 -> 0")
		run.mustServe(4)
		d.apply(release("ami-6", object{"retain": 1}))
		if got := standing(d.world); strings.Contains(got, "web__3 ") || strings.Contains(got, "web__4 ") || !strings.Contains(got, "web__5 ") {
			t.Errorf("what was imported is not pruned like the rest:\n%s", got)
		}
	})
}

func TestImportOfAPair(t *testing.T) {
	config := webWorld(existing("web", "ami-2", 2, 4, 8), existing(rollout.StageName("web"), "ami-1", 0, 0, 0), existing("web__canary__2", "ami-1", 0, 0, 0))
	inBubble(t, config, func(t *testing.T, d *deployment) {
		run := d.watch()
		imported(t, d)
		if state := d.now(); state["group_name"] != "web" || state["status"] != "stable" || len(state["groups"].([]any)) != 2 {
			t.Errorf("imported %v", state)
		}
		d.mustBeSettled(existingRelease("ami-2"))
		run.mustDo()
		d.apply(existingRelease("ami-3"))
		run.mustDo("create web__1", "web__1 0 -> 4", "web 4 -> 0")
		run.mustServe(4)
		d.apply(release("ami-4", object{"retain": 1}))
		mustStand(t, d.world, "web__canary__2 ami-1 0/0/0", "web__1 ami-3 0/0/0", "web__2 ami-4 2/4/8")
	})
}

// A failing release of what was imported ends where it began, and what was imported stays the deployment's.
func TestFailureAfterImport(t *testing.T) {
	inBubble(t, webWorld(existing("web__4", "ami-4", 2, 4, 8)), func(t *testing.T, d *deployment) {
		imported(t, d)
		if _, diags := d.tryApply(existingRelease("ami-bad")); !providertest.Failed(diags) {
			t.Fatal("a broken image was released")
		}
		mustStand(t, d.world, "web__4 ami-4 2/4/8")
		d.mustBeSettled(existingRelease("ami-4"))
	})
}

func TestImportOfWhatIsNotThere(t *testing.T) {
	inBubble(t, webWorld(foreignGroups()...), func(t *testing.T, d *deployment) {
		mustExplain(t, d.load("web"), "web")
	})
}

func TestImportOfABadName(t *testing.T) {
	inBubble(t, webWorld(existing("web__7", "ami-4", 2, 4, 8)), func(t *testing.T, d *deployment) {
		mustExplain(t, d.load("web__7"), "web__7")
	})
}

func TestDestroy(t *testing.T) {
	inBubble(t, webWorld(foreignGroups()...), func(t *testing.T, d *deployment) {
		before := standing(d.world)
		for n := 1; n <= 3; n++ {
			d.apply(release(fmt.Sprintf("ami-%d", n)))
		}
		d.restart()
		providertest.MustSucceed(t, d.destroy())
		mustStand(t, d.world, before)
		neverDeletesInstances(t, d.world)
		time.Sleep(time.Hour)

		d.apply(release("ami-1"))
		if state := d.now(); state["status"] != "stable" {
			t.Errorf("a new beginning after destroy: %v", state)
		}
	})
}

func TestDeletionProtection(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1", object{"deletion_protection": true}))
		run := d.watch()
		mustExplain(t, d.destroy(), "deletion_protection")
		run.mustDo()
		d.apply(release("ami-1"))
		providertest.MustSucceed(t, d.destroy())
		mustStand(t, d.world, "")
	})
}

// Groups that a person deleted are no longer in the state, and all gone is a deployment to be made anew.
func TestGroupsDeletedByHand(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		d.apply(release("ami-2"))
		d.world.DeleteGroup("web__1")
		d.mustBeSettled(release("ami-2"))
		if groups := d.now()["groups"].([]any); len(groups) != 1 {
			t.Errorf("groups are %v", groups)
		}
		d.world.DeleteGroup("web__2")
		d.refresh()
		if !d.state.IsNull() {
			t.Errorf("nothing is left, but for the state %s", d.state)
		}
		d.apply(release("ami-2"))
	})
}

// A person set the live group to zero, or changed its bounds: the next plan shows it and apply puts it right.
func TestBoundsMovedByHand(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		d.world.SetCapacity("web__1", 0, 0, 0)
		p := d.plan(release("ami-1"))
		if providertest.Failed(p.diags) || d.empty(p) {
			t.Fatalf("the plan does not show that the live group stands at 0:\n%s", providertest.Render(p.diags))
		}
		d.apply(release("ami-1"))
		g := d.world.Groups()[0]
		if g.Minimum != 2 || g.Maximum != 8 || g.Target < 2 {
			t.Errorf("the group has %d/%d/%d", g.Minimum, g.Target, g.Maximum)
		}
	})
}

// A second state for the same deployment is a mistake (a copied directory, a lost backend), and is told so.
func TestSecondStateOfADeployment(t *testing.T) {
	for name, config := range map[string]object{"another release": release("ami-2"), "the same release": release("ami-1")} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				d.apply(release("ami-1"))
				d.apply(release("ami-3"))
				second := deploymentIn(t, d.world)
				run := d.watch()
				_, diags := second.tryApply(config)
				mustExplain(t, diags, "import")
				run.mustDo()
				d.mustBeSettled(release("ami-3"))
			})
		})
	}
}

// The user imports with what the group has in another place of the configuration: that is the same group.
func TestImportWrittenOtherwise(t *testing.T) {
	document := webDocument()
	launch := memberAt(document, "compute", "launchSpecification")
	launch["userData"] = providertest.BootBase64
	launch["loadBalancersConfig"] = object{"loadBalancers": []any{object{"type": "TARGET_GROUP", "name": "web", "arn": providertest.WebARN}}}
	for name, other := range map[string]object{
		"all in the configuration": {"configuration": asJSON(document), "user_data": nil, "target_group_arns": nil, "capacity": nil},
		"base64":                   {"user_data": nil, "user_data_base64": providertest.BootBase64},
		"without capacity":         {"capacity": nil},
		"with policy":              {"retain": 5, "verify": object{"healthy_percent": 90}, "deletion_protection": true},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, webWorld(existing("web__4", "ami-4", 2, 4, 8)), func(t *testing.T, d *deployment) {
				imported(t, d)
				run := d.watch()
				config := release("ami-4", other)
				d.apply(config)
				run.mustDo()
				config = bothChanges(config, object{"image_id": "ami-5"})
				d.apply(config)
				run.mustDo("create web__5", "web__5 0 -> 4", "web__4 4 -> 0")
				run.mustServe(4)
			})
		})
	}
}

// Nor does it take back what the first one is rolling out.
func TestSecondStateWhileTheFirstReleases(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		ctx, _ := interrupt(d, 30*time.Second, "cancel")
		if _, diags := d.applyUnder(ctx, release("ami-2")); !providertest.Failed(diags) {
			t.Fatal("the interrupted run succeeded")
		}
		second := deploymentIn(t, d.world)
		run := d.watch()
		_, diags := second.tryApply(release("ami-1"))
		mustExplain(t, diags, "import")
		run.mustDo()
		d.apply(release("ami-2"))
	})
}
