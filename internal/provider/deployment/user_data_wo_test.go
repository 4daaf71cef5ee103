package deployment_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// writeOnlyRelease is a release with write-only user data of a version.
func writeOnlyRelease(image string, version int, value any, others ...object) object {
	return release(image, append([]object{{"user_data": nil, "user_data_wo": value, "user_data_wo_version": version}}, others...)...)
}

// boot is user data with a secret, another one for each name.
func boot(name string) string { return providertest.Boot + "# " + name + "\n" }

// mustBoot fails the test unless the instances of a group get these user data.
func mustBoot(t *testing.T, d *deployment, name, text string) {
	t.Helper()
	for _, g := range d.world.Groups() {
		if g.Name == name {
			if got := documentOf(g).Compute.LaunchSpecification.UserData; got != base64.StdEncoding.EncodeToString([]byte(text)) {
				plain, _ := base64.StdEncoding.DecodeString(got)
				t.Errorf("%s has user data\n%s\nwant\n%s", name, plain, text)
			}
			return
		}
	}
	t.Errorf("there is no group %s:\n%s", name, standing(d.world))
}

// The driver of these tests fails each of them in which a write-only value shows in a plan, a state, a private state, a tag, a diagnostic, or
// (see providertest) a line of the log.

// The version alone decides: another value of the same version is nothing, another version of the same value is a release.
func TestTheVersionOfWriteOnlyUserDataDecides(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		state := d.apply(writeOnlyRelease("ami-1", 7, boot("one")))
		if state["user_data_wo"] != nil || state["user_data"] != nil || state["user_data_base64"] != nil || state["user_data_wo_version"] != 7 {
			t.Errorf("the state has %v, %v, %v and version %v", state["user_data_wo"], state["user_data"], state["user_data_base64"], state["user_data_wo_version"])
		}
		mustBoot(t, d, "web__1", boot("one"))
		if tag := d.tagsOf("web__1")["elastigroup:user-data-version"]; tag != "7" {
			t.Errorf("the tag of the version is %q", tag)
		}

		d.restart()
		d.mustBeSettled(writeOnlyRelease("ami-1", 7, boot("another")))
		p := d.plan(writeOnlyRelease("ami-1", 8, boot("one")))
		if text := d.planText(p); !strings.Contains(text, "web__2") {
			t.Errorf("another version releases nothing:\n%s", text)
		}
		d.apply(writeOnlyRelease("ami-1", 8, boot("one")))
		mustBoot(t, d, "web__2", boot("one"))

		// Another image takes the value as the configuration has it then.
		d.apply(writeOnlyRelease("ami-2", 8, boot("three")))
		mustBoot(t, d, "web__3", boot("three"))
	})
}

// An ephemeral value may come only while applying. Nothing of the plan depends on it.
func TestWriteOnlyUserDataThatComeLate(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		for n, image := range []string{"ami-1", "ami-2"} {
			p := d.plan(writeOnlyRelease(image, 1, unknown))
			providertest.MustSucceed(t, p.diags)
			if text := d.planText(p); !strings.Contains(text, []string{"web__1", "web__2"}[n]) {
				t.Errorf("the plan is not known: %s", text)
			}
			if _, diags := d.applyPlan(t.Context(), p, writeOnlyRelease(image, 1, boot(image))); providertest.Failed(diags) {
				t.Fatal(providertest.Render(diags))
			}
			mustBoot(t, d, []string{"web__1", "web__2"}[n], boot(image))
		}
	})
}

// What is wrong with it is refused at its attribute, also where it is known only in the plan or while applying.
func TestWriteOnlyUserDataThatAreWrong(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 20000)
	for name, c := range map[string]struct {
		config object
		at     string
		says   []string
	}{
		"a value without a version":       {object{"user_data_wo": boot("1")}, "user_data_wo", []string{"without a version", "user_data_wo_version = 1"}},
		"a version without a value":       {object{"user_data_wo_version": 3}, "user_data_wo_version", []string{"Version without user data", "is 3"}},
		"an empty value":                  {object{"user_data_wo": "", "user_data_wo_version": 3}, "user_data_wo", []string{"Empty user data", "variable"}},
		"a negative version":              {object{"user_data_wo": boot("1"), "user_data_wo_version": -1}, "user_data_wo_version", []string{"at least 0"}},
		"more than an instance takes":     {object{"user_data_wo": long, "user_data_wo_version": 3}, "user_data_wo", []string{"User data too large"}},
		"plain text beside it":            {object{"user_data_wo": boot("1"), "user_data_wo_version": 3, "user_data": boot("2")}, "user_data_wo_version", []string{"user_data"}},
		"base64 beside it":                {object{"user_data_wo": boot("1"), "user_data_wo_version": 3, "user_data_base64": providertest.BootBase64}, "user_data_wo_version", []string{"user_data_base64"}},
		"a late value beside plain text":  {object{"user_data_wo": unknown, "user_data_wo_version": 3, "user_data": boot("2")}, "user_data_wo_version", []string{"user_data"}},
		"all three kinds of them at once": {object{"user_data_wo": boot("1"), "user_data_wo_version": 3, "user_data": boot("2"), "user_data_base64": providertest.BootBase64}, "user_data_wo_version", []string{"user_data"}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				config := release("ami-1", object{"user_data": nil}, c.config)
				mustRefuse(t, d.validating(config, true), c.at, c.says...)
				mustRefuse(t, d.planOnly(config).diags, c.at, c.says...)
				if len(d.world.Changes()) > 0 {
					t.Error("something was touched")
				}
			})
		})
	}
}

// A Terraform that would store the value is told so; without it the resource is the same for all.
func TestWriteOnlyUserDataNeedATerraformThatHasThem(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		providertest.MustSucceed(t, d.validating(writeOnlyRelease("ami-1", 1, boot("1")), true))
		mustRefuse(t, d.validating(writeOnlyRelease("ami-1", 1, boot("1")), false), "user_data_wo", "1.11")
		providertest.MustSucceed(t, d.validating(release("ami-1"), false))
	})
}

// Going back, refreshing and destroying do without the value, and so does a former revision that comes back: a group that is made anew for it
// has its user data, whatever the configuration has by now.
func TestWriteOnlyUserDataOfAFormerRevision(t *testing.T) {
	for name, c := range map[string]struct {
		world  sandbox.Config
		config func(image string, version int, value any) object
		comes  string
	}{
		"basic": {webWorld(), func(image string, version int, value any) object { return writeOnlyRelease(image, version, value) }, "web__3"},
		"canary": {canaryWorld(), func(image string, version int, value any) object {
			return canary(image, writeOnlyRelease(image, version, value))
		}, "web__3"},
		"blue/green, which comes back itself": {blueGreenWorld(), func(image string, version int, value any) object {
			return switchAtOnce(image, object{"user_data": nil, "user_data_wo": value, "user_data_wo_version": version})
		}, "web__1"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, c.world, func(t *testing.T, d *deployment) {
				d.apply(c.config("ami-1", 1, boot("one")))
				d.apply(c.config("ami-2", 2, boot("two")))
				d.restart()
				d.apply(c.config("ami-1", 1, boot("two")))
				mustBoot(t, d, c.comes, boot("one"))
				d.mustBeSettled(c.config("ami-1", 1, boot("two")))
				if tag := d.tagsOf(c.comes)["elastigroup:user-data-version"]; tag != "1" {
					t.Errorf("the tag of the version is %q", tag)
				}
				if diags := d.destroy(); providertest.Failed(diags) {
					t.Error(providertest.Render(diags))
				}
			})
		})
	}
}

// A former revision that was deleted since is a release like any other, with the value that the configuration has.
func TestWriteOnlyUserDataOfARevisionThatIsGone(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		none := object{"retain": 0}
		d.apply(writeOnlyRelease("ami-1", 1, boot("one"), none))
		d.apply(writeOnlyRelease("ami-2", 2, boot("two"), none))
		d.apply(writeOnlyRelease("ami-1", 1, boot("one again"), none))
		mustBoot(t, d, "web__3", boot("one again"))
	})
}

// A release that fails goes back, and one that was cut short is gone on with, whatever the value is by then.
func TestWriteOnlyUserDataOfAReleaseThatFails(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(writeOnlyRelease("ami-1", 1, boot("one")))
		_, diags := d.tryApply(writeOnlyRelease("ami-bad", 2, boot("two")))
		mustExplain(t, diags, "rolled back")
		if state := d.now(); state["user_data_wo_version"] != 1 {
			t.Errorf("the state has version %v", state["user_data_wo_version"])
		}
		mustBoot(t, d, "web__1", boot("one"))
		d.mustBeSettled(writeOnlyRelease("ami-1", 1, boot("three")))
	})
}

// While a rollout holds, the version that serves is noted: going back plans no release of it.
func TestAHoldKeepsTheVersionThatServes(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		d.apply(canary("ami-1", writeOnlyRelease("ami-1", 1, boot("one"))))
		d.apply(holdingCanary("ami-2", 1, writeOnlyRelease("ami-2", 2, boot("two"))))
		d.restart()
		run := d.watch()
		d.apply(holdingCanary("ami-1", 1, writeOnlyRelease("ami-1", 1, boot("three"))))
		run.mustDo("web__1 3 -> 4", "web__2 1 -> 0", "delete web__2")
		mustBoot(t, d, "web__1", boot("one"))
	})
}

// User data that become write-only are not released once more if they are the same; afterwards the state has them no more.
func TestUserDataThatBecomeWriteOnly(t *testing.T) {
	for name, was := range map[string]object{
		"of plain text": {"user_data": boot("one")},
		"of base64":     {"user_data": nil, "user_data_base64": base64.StdEncoding.EncodeToString([]byte(boot("one")))},
		"of the configuration's": {"user_data": nil, "configuration": documented(func(o object) {
			memberAt(o, "compute", "launchSpecification")["userData"] = base64.StdEncoding.EncodeToString([]byte(boot("one")))
		})["configuration"]},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				d.apply(release("ami-1", was))
				run := d.watch()
				d.apply(writeOnlyRelease("ami-1", 1, boot("one")))
				run.mustDo()
				if text := d.state.String() + notesOf(d.private); len(providertest.Leaked(text)) > 0 {
					t.Errorf("the state still has them:\n%s", text)
				}
				if tag := d.tagsOf("web__1")["elastigroup:user-data-version"]; tag != "1" {
					t.Errorf("the tag of the version is %q", tag)
				}
				// From now on the version decides, for whoever asks.
				d.restart()
				d.mustBeSettled(writeOnlyRelease("ami-1", 1, boot("other")))
				run.mustDo()
				d.apply(writeOnlyRelease("ami-1", 2, boot("two")))
				run.mustDo("create web__2", "web__2 0 -> 4", "web__1 4 -> 0")
				d.mustBeSettled(writeOnlyRelease("ami-1", 2, boot("two")))
				d.apply(writeOnlyRelease("ami-1", 1, boot("two")))
				mustBoot(t, d, "web__3", boot("one"))
			})
		})
	}
}

// Where Spot does not take the version, nothing else comes of that: the state knows it.
func TestUserDataThatBecomeWriteOnlyWhereSpotTakesNoTags(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1", object{"user_data": boot("one")}))
		run := d.watch()
		d.world.Fail(sandbox.Fault{Service: "spot", Action: "UpdateGroup", Times: -1, Kind: sandbox.Error, Status: 400, Code: "LOCKED", Message: "the group is locked"})
		_, diags := d.tryApply(writeOnlyRelease("ami-1", 1, boot("one")))
		mustWarn(t, diags, "user_data_wo_version", "not on the group", "web__1", "serves on")
		d.restart()
		d.mustBeSettled(writeOnlyRelease("ami-1", 1, boot("two")))
		run.mustDo()
	})
}

// Where they are others, or something else changes with them, it is a release; and where that is known only while applying, the plan is open.
func TestUserDataThatBecomeWriteOnlyAndOthers(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1", object{"user_data": boot("one")}))
		for name, config := range map[string]object{
			"others": writeOnlyRelease("ami-1", 1, boot("two")), "another image": writeOnlyRelease("ami-2", 1, boot("one")),
			"another image, late": writeOnlyRelease("ami-2", 1, unknown),
		} {
			if text := d.planText(d.plan(config)); !strings.Contains(text, "web__2") {
				t.Errorf("%s: the plan is\n%s", name, text)
			}
		}
	})
	for value, did := range map[string][]string{boot("one"): nil, boot("two"): {"create web__2", "web__2 0 -> 4", "web__1 4 -> 0"}} {
		inNewBubble(t, webWorld(), func(t *testing.T, d *deployment) {
			d.apply(release("ami-1", object{"user_data": boot("one")}))
			p := d.plan(writeOnlyRelease("ami-1", 1, unknown))
			if memberOf(t, p.value, "rollout_plan").IsKnown() || memberOf(t, p.value, "revision").IsKnown() {
				t.Error("the plan is known, and nobody knows the value")
			}
			run := d.watch()
			if _, diags := d.applyPlan(t.Context(), p, writeOnlyRelease("ami-1", 1, value)); providertest.Failed(diags) {
				t.Fatal(providertest.Render(diags))
			}
			run.mustDo(did...)
			d.mustBeSettled(writeOnlyRelease("ami-1", 1, value))
		})
	}
}

// The other way round nobody can tell, and the plan says that.
func TestWriteOnlyUserDataThatBecomePlain(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(writeOnlyRelease("ami-1", 4, boot("one")))
		p := d.plan(release("ami-1", object{"user_data": boot("one")}))
		mustWarn(t, p.diags, "user_data", "cannot be told", "web__1 has write-only user data, version 4", "once more")
		if text := d.planText(p); !strings.Contains(text, "web__2") {
			t.Errorf("the plan is\n%s", text)
		}
		providertest.MustSucceed(t, d.plan(release("ami-2", object{"user_data": boot("one")})).diags) // a release in any case
	})
}

// Write-only user data that are left out are a row of the release, as others are.
func TestWriteOnlyUserDataThatAreTakenOut(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(writeOnlyRelease("ami-1", 4, boot("one")))
		p := d.plan(release("ami-1", object{"user_data": nil}))
		if text := strings.Join(strings.Fields(d.planText(p)), " "); !strings.Contains(text, "comes up without what previous has: write-only user data (version 4)") {
			t.Errorf("the plan is\n%s", d.planText(p))
		}
		d.apply(release("ami-1", object{"user_data": nil}))
		mustBoot(t, d, "web__2", "")
	})
}

// An import knows the version by the group's tag, and leaves the data where they are.
func TestImportOfWriteOnlyUserData(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(writeOnlyRelease("ami-1", 7, boot("one")))
		other := deploymentIn(t, d.world)
		if text := providertest.Render(other.load("web")); !strings.Contains(text, `WARNING at "user_data_wo"`) || !strings.Contains(text, "user_data_wo_version = 7") {
			t.Errorf("the import says\n%s", text)
		}
		if state := other.now(); state["user_data"] != nil || state["user_data_base64"] != nil || state["user_data_wo_version"] != 7 ||
			len(providertest.Leaked(other.state.String()+notesOf(other.private))) > 0 {
			t.Errorf("the import has %v, %v and version %v", state["user_data"], state["user_data_base64"], state["user_data_wo_version"])
		}
		run := other.watch()
		other.mustBeSettled(writeOnlyRelease("ami-1", 7, boot("another")))
		if p := other.plan(release("ami-1", object{"user_data": nil})); !other.empty(p) || !strings.Contains(providertest.Render(p.diags), "write-only user data (version 7)") {
			t.Errorf("the plan changes %v and says\n%s", other.changes(p), providertest.Render(p.diags))
		}
		other.apply(writeOnlyRelease("ami-1", 8, boot("eight")))
		run.mustDo("create web__2", "web__2 0 -> 4", "web__1 4 -> 0")
	})
}

// A group that others made is compared by its user data, which leave the state with the first apply.
func TestImportIntoWriteOnlyUserData(t *testing.T) {
	for value, did := range map[any][]string{providertest.Boot: nil, boot("other"): {"create web__5", "web__5 0 -> 4", "web__4 4 -> 0"}} {
		inNewBubble(t, webWorld(existing("web__4", "ami-4", 2, 4, 8)), func(t *testing.T, d *deployment) {
			imported(t, d)
			run := d.watch()
			config := writeOnlyRelease("ami-4", 1, value)
			// What the group has is written otherwise than it is read off it, so that it cannot be left open whether it is the same.
			mustRefuse(t, d.plan(writeOnlyRelease("ami-4", 1, unknown)).diags, "configuration", "depends on user_data_wo")
			d.apply(config)
			run.mustDo(did...)
			d.restart()
			d.mustBeSettled(config)
			run.mustDo(did...)
		})
	}
}

// Where all else is as the import has read it, a value that comes late leaves the plan open, and apply finds out.
func TestImportIntoWriteOnlyUserDataThatComeLate(t *testing.T) {
	for value, did := range map[any][]string{providertest.Boot: nil, boot("other"): {"create web__5", "web__5 0 -> 4", "web__4 4 -> 0"}} {
		inNewBubble(t, webWorld(existing("web__4", "ami-4", 2, 4, 8)), func(t *testing.T, d *deployment) {
			imported(t, d)
			as := object{"configuration": d.now()["configuration"]}
			run := d.watch()
			p := d.plan(writeOnlyRelease("ami-4", 1, unknown, as))
			if providertest.Failed(p.diags) || memberOf(t, p.value, "rollout_plan").IsKnown() {
				t.Fatalf("the plan is %s:\n%s", p.value, providertest.Render(p.diags))
			}
			if _, diags := d.applyPlan(t.Context(), p, writeOnlyRelease("ami-4", 1, value, as)); providertest.Failed(diags) {
				t.Fatal(providertest.Render(diags))
			}
			run.mustDo(did...)
			d.mustBeSettled(writeOnlyRelease("ami-4", 1, value, as))
		})
	}
}

// inNewBubble is inBubble as a test of its own.
func inNewBubble(t *testing.T, config sandbox.Config, test func(t *testing.T, d *deployment)) {
	t.Helper()
	t.Run("", func(t *testing.T) { inBubble(t, config, test) })
}

// heard takes what a check says, and lets the test go on.
type heard struct {
	testing.TB
	said int
}

func (h *heard) Errorf(string, ...any) { h.said++ }

// The driver's check is worth something only if it fails: a value that shows in its own attribute, in another one, or beside the state.
func TestTheDriverNoticesAWriteOnlyValueThatShows(t *testing.T) {
	t.Log("promise: secrets stay")
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		ear := &heard{TB: t}
		d.t = ear
		given := writeOnlyRelease("ami-1", 1, boot("one"))
		config := providertest.Configuration(t, d.schema, given)
		for what, shows := range map[string]struct {
			value   object
			private string
			notices bool
		}{
			"nowhere":              {withChanges(given, object{"user_data_wo": nil}), "{}", false},
			"in its own attribute": {given, "{}", true},
			"in another one":       {withChanges(given, object{"user_data_wo": nil, "user_data": boot("one")}), "{}", true},
			"beside the state":     {withChanges(given, object{"user_data_wo": nil}), asJSON(map[string][]byte{"note": []byte("1" + boot("one"))}), true},
		} {
			ear.said = 0
			d.keepsWriteOnly(config, providertest.Configuration(t, d.schema, shows.value), []byte(shows.private))
			if (ear.said > 0) != shows.notices {
				t.Errorf("a value that shows %s: %d errors", what, ear.said)
			}
		}
	})
}
