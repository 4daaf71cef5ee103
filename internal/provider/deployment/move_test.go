package deployment_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// spotinstState is a state that the official provider has written, of a group.
func spotinstState(t testing.TB, id, name string) string {
	t.Helper()
	return strings.NewReplacer("@ID@", id, "@NAME@", name).Replace(inMove(t, "spotinst_elastigroup_aws.json"))
}

// inMove is a file of what the official provider has written.
func inMove(t testing.TB, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "move", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// move is what Terraform asks for a moved block, in a process that is not configured. It takes the state over.
func (d *deployment) move(of, from, state string) []*tfprotov6.Diagnostic {
	d.t.Helper()
	unconfigured := providertest.Serve(d.t)
	resp, err := unconfigured.MoveResourceState(d.t.Context(), &tfprotov6.MoveResourceStateRequest{
		SourceProviderAddress: from, SourceTypeName: of, SourceState: &tfprotov6.RawState{JSON: []byte(state)},
		SourcePrivate: d.private, TargetTypeName: deploymentType,
	})
	if err != nil {
		d.t.Fatal(err)
	}
	mustBeBrief(d.t, resp.Diagnostics)
	if !providertest.Failed(resp.Diagnostics) {
		d.state, d.private = d.decode(resp.TargetState), resp.TargetPrivate
	}
	return resp.Diagnostics
}

const officialProvider = "registry.terraform.io/spotinst/spotinst"

// moved takes over the group of the world from the official provider's state.
func moved(t *testing.T, d *deployment) {
	t.Helper()
	g := d.world.Groups()[0]
	d.private = []byte("null") // what the official provider notes beside each of its states
	providertest.MustSucceed(t, d.move("spotinst_elastigroup_aws", officialProvider, spotinstState(t, g.ID, g.Name)))
	if hidden := providertest.Leaked(d.state.String() + notesOf(d.private)); len(hidden) > 0 {
		t.Errorf("the mover takes over %q", hidden)
	}
}

// The group that the state names is the live revision, untouched, whatever its name: the plan after the move changes nothing, and the first
// release takes over from it.
func TestMoveFromTheOfficialProvider(t *testing.T) {
	for name, want := range map[string]struct{ deployment, next string }{
		"web":    {"web", "web__1"},
		"web__4": {"web", "web__5"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, webWorld(existing(name, "ami-4", 2, 4, 8)), func(t *testing.T, d *deployment) {
				moved(t, d)
				run := d.watch()
				if text := providertest.Render(d.refresh()); !strings.Contains(text, "user data (") {
					t.Errorf("the refresh says\n%s", text)
				}
				if state := d.now(); state["name"] != want.deployment || state["group_name"] != name || state["image_id"] != "ami-4" || state["status"] != "stable" {
					t.Errorf("the state is %v", state)
				}
				d.mustBeSettled(release("ami-4"))
				d.apply(release("ami-4", object{"retain": 5})) // of what releases nothing
				run.mustDo()
				d.restart()
				d.apply(release("ami-5", object{"retain": 5}))
				run.mustDo("create "+want.next, want.next+" 0 -> 4", name+" 4 -> 0")
				run.mustServe(4)
				if diags := d.destroy(); providertest.Failed(diags) {
					t.Error(providertest.Render(diags))
				}
			})
		})
	}
}

// Of a group with policies, tasks, volumes and all that the official provider has set besides, the plan after the move is empty where the
// configuration says the same, and says each thing that it does not say. The first release has all of it.
func TestMoveOfAGroupWithALittleOfEverything(t *testing.T) {
	var document object
	if err := json.Unmarshal([]byte(inMove(t, "full_group.json")), &document); err != nil {
		t.Fatal(err)
	}
	bought := memberAt(document, "compute", "launchSpecification")["userData"]
	config := func(image string, others ...object) object {
		all := object{"name": "web", "image_id": image, "configuration": asJSON(document), "user_data_base64": bought, "target_group_arns": []any{providertest.WebARN}, "capacity": capacityOf(2, 4, 8)}
		for _, other := range others {
			maps.Copy(all, other)
		}
		return all
	}
	inBubble(t, webWorld(json.RawMessage(asJSON(document))), func(t *testing.T, d *deployment) {
		id := d.world.Groups()[0].ID
		d.private = []byte("null")
		providertest.MustSucceed(t, d.move("spotinst_elastigroup_aws", officialProvider, strings.NewReplacer("@ID@", id, "@NAME@", "web").Replace(inMove(t, "spotinst_elastigroup_aws_full.json"))))
		run := d.watch()
		d.mustBeSettled(config("ami-4"))
		without := d.plan(bareConfiguration("ami-4"))
		text := providertest.Render(without.diags)
		for _, what := range []string{"user data (33 bytes)", `target groups "web"`, "keyPair", "blockDeviceMappings", "iamRole", "metadataOptions", "shutdownScript", "tags (app, Name)", "scaling.down", "scaling.up", "scheduling"} {
			if !strings.Contains(text, what) {
				t.Errorf("the plan without it does not say %q:\n%s", what, text)
			}
		}
		run.mustDo()
		d.apply(config("ami-4"))
		d.apply(config("ami-5"))
		run.mustDo("create web__1", "web__1 0 -> 4", "web 4 -> 0")
		run.mustServe(4)
		released, err := spot.ParseDocument(d.world.Groups()[1].Document)
		was, more := spot.ParseDocument([]byte(asJSON(document)))
		if err != nil || more != nil {
			t.Fatal(err, more)
		}
		// The image is another one, and of the tags there are more.
		if lost := spot.Dropped(was, released); len(lost) > 0 {
			t.Errorf("the release comes up without %v", lost)
		}
	})
}

// What the group has and the configuration does not say, the plan after the move says.
func TestThePlanAfterAMoveSaysWhatIsMissing(t *testing.T) {
	inBubble(t, consoleGroup(), func(t *testing.T, d *deployment) {
		moved(t, d)
		p := d.plan(bareConfiguration("ami-4"))
		if text := providertest.Render(p.diags); !d.empty(p) || !strings.Contains(text, "compute.launchSpecification.keyPair") || !strings.Contains(text, "user data (") {
			t.Errorf("the plan changes %v and says\n%s", d.changes(p), text)
		}
	})
}

// By its addresses on other registries, and by the bare one of an OpenTofu, it is the same provider; another one's resource is nobody's.
func TestWhatIsMovedByAddressAndType(t *testing.T) {
	inBubble(t, webWorld(existing("web", "ami-4", 2, 4, 8)), func(t *testing.T, d *deployment) {
		id := d.world.Groups()[0].ID
		for _, address := range []string{officialProvider, "registry.opentofu.org/spotinst/spotinst", "spotinst", "spot.example.com/mirror/spotinst"} {
			providertest.MustSucceed(t, d.move("spotinst_elastigroup_aws", address, spotinstState(t, id, "web")))
		}
		for of, from := range map[string]string{"spotinst_elastigroup_aws_beanstalk": officialProvider, "spotinst_elastigroup_aws": "registry.terraform.io/other/thing", "aws_autoscaling_group": "registry.terraform.io/hashicorp/aws"} {
			mustRefuse(t, d.move(of, from, spotinstState(t, id, "web")), "", "Unable to Move Resource State")
		}
		for what, state := range map[string]string{"no ID": spotinstState(t, "", "web"), "no name": spotinstState(t, id, ""), "no JSON": "{"} {
			if diags := d.move("spotinst_elastigroup_aws", officialProvider, state); !strings.Contains(providertest.Render(diags), "terraform state rm") {
				t.Errorf("%s: %s", what, providertest.Render(diags))
			}
		}
		mustRefuse(t, d.move("spotinst_elastigroup_aws", officialProvider, spotinstState(t, id, "web__0")), "", "State cannot be moved", "web__0", "another name")
	})
}

// A state of this resource that another address of the provider wrote passes through as it is, with what is noted beside it.
func TestMoveFromTheSameResourceElsewhere(t *testing.T) {
	for name, test := range map[string]struct {
		world  sandbox.Config
		config object
	}{
		"basic":      {webWorld(), release("ami-1")},
		"canary":     {canaryWorld(), canary("ami-1")},
		"blue/green": {blueGreenWorld(), shiftByWeights("ami-1")},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, test.world, func(t *testing.T, d *deployment) {
				d.apply(test.config)
				was, identity := d.now(), d.identity
				state := asJSON(withChanges(was, object{"a_member_of_tomorrow": true}))
				providertest.MustSucceed(t, d.move(deploymentType, "registry.example.com/us/elastigroup", state))
				if asJSON(d.now()) != asJSON(was) {
					t.Errorf("it has become %s", asJSON(d.now()))
				}
				d.identity = identity
				d.mustBeSettled(test.config)
			})
		})
	}
}

// What was moved and cannot be read stays what it is, with an error: a plan without it would create another group beside it. Nothing is planned
// without a refresh, and no other name.
func TestWhatWasMovedIsReadOrRefused(t *testing.T) {
	t.Run("gone", func(t *testing.T) {
		inBubble(t, webWorld(existing("web", "ami-4", 2, 4, 8)), func(t *testing.T, d *deployment) {
			providertest.MustSucceed(t, d.move("spotinst_elastigroup_aws", officialProvider, spotinstState(t, "sig-00000000", "web")))
			mustRefuse(t, d.refresh(), "group_id", "sig-00000000", "Nothing was touched", "terraform state rm")
		})
	})
	t.Run("renamed", func(t *testing.T) {
		inBubble(t, webWorld(existing("shop", "ami-4", 2, 4, 8)), func(t *testing.T, d *deployment) {
			providertest.MustSucceed(t, d.move("spotinst_elastigroup_aws", officialProvider, spotinstState(t, d.world.Groups()[0].ID, "web")))
			mustRefuse(t, d.refresh(), "name", "it is called shop now", "Nothing was touched")
		})
	})
	t.Run("refused", func(t *testing.T) {
		inBubble(t, webWorld(existing("web", "ami-4", 2, 4, 8)), func(t *testing.T, d *deployment) {
			moved(t, d)
			d.world.Fail(sandbox.Fault{Service: "spot", Action: "ReadGroup", Kind: sandbox.Error, Status: 403, Code: "FORBIDDEN", Message: "not you", Times: -1})
			mustRefuse(t, d.refresh(), "group_id", "not you")
		})
	})
	t.Run("not refreshed", func(t *testing.T) {
		inBubble(t, webWorld(existing("web", "ami-4", 2, 4, 8)), func(t *testing.T, d *deployment) {
			moved(t, d)
			mustRefuse(t, d.planOnly(release("ami-4")).diags, "name", "without -refresh=false")
		})
	})
	t.Run("another name", func(t *testing.T) {
		inBubble(t, webWorld(existing("web", "ami-4", 2, 4, 8)), func(t *testing.T, d *deployment) {
			moved(t, d)
			mustRefuse(t, d.plan(release("ami-4", object{"name": "shop"})).diags, "name", `Write name = "web"`, "Nothing was touched")
		})
	})
}

// Other groups of that name are not taken along.
func TestAMoveTakesOneGroup(t *testing.T) {
	inBubble(t, webWorld(existing("web__4", "ami-4", 2, 4, 8), existing("web__2", "ami-2", 1, 1, 2), existing("web", "ami-1", 1, 1, 2)), func(t *testing.T, d *deployment) {
		moved(t, d)
		d.apply(release("ami-5"))
		mustStand(t, d.world, "web__4 ami-4 0/0/0", "web__2 ami-2 1/1/2", "web ami-1 1/1/2", "web__5 ami-5 2/4/8")
		if groups := memberOf(t, d.state, "groups"); len(providertest.Plain(t, groups).([]any)) != 2 || groups.Type().Is(tftypes.String) {
			t.Errorf("the state has %s", groups)
		}
	})
}
