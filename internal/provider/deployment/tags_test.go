package deployment_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// editTags sets tags of a group's launch specification as a person does, and removes those without a value.
func (d *deployment) editTags(group string, edits map[string]string) {
	d.t.Helper()
	g, ok := d.world.Group(group)
	if !ok {
		d.t.Fatalf("there is no %s", group)
	}
	var tags []any
	for key, value := range tagsOf(d.t, g) {
		if edited, ok := edits[key]; ok {
			value = edited
		}
		if value != "" {
			tags = append(tags, object{"tagKey": key, "tagValue": value})
		}
	}
	patch := object{"compute": object{"launchSpecification": object{"tags": tags}}}
	if err := d.world.EditGroup(group, []byte(asJSON(patch))); err != nil {
		d.t.Fatal(err)
	}
}

// edited are tags that make no sense, by what somebody may have done to them.
var editedTags = map[string]map[string]string{
	"a negative retain":      {"elastigroup:retain": "-1"},
	"a retain of words":      {"elastigroup:retain": "all"},
	"a huge release number":  {"elastigroup:release-number": "9223372036854775807"},
	"another revision":       {"elastigroup:revision": "7"},
	"no revision":            {"elastigroup:revision": ""},
	"a verdict of words":     {"elastigroup:verdict": "good"},
	"no verdict":             {"elastigroup:verdict": ""},
	"no deployment":          {"elastigroup:deployment": ""},
	"half a capacity":        {"elastigroup:previous": "sig-1", "elastigroup:previous-capacity": "minimum=1"},
	"phases below none":      {"elastigroup:phases": "-1 passed"},
	"routes beyond counting": {"elastigroup:routes": "1000000000000"},
	"taken down from words":  {"elastigroup:taken-down-from": "everything"},
	"nothing that says whose": {
		"elastigroup:deployment": "", "elastigroup:revision": "", "elastigroup:release": "", "elastigroup:verdict": "", "elastigroup:owner": "",
	},
}

// A group whose tags somebody has edited is the deployment's all the same, and nobody can tell what it is: a refresh warns and keeps
// the state, a plan and an apply refuse, and a destroy takes it down, since the state knows it by its ID.
func TestTagsThatSomebodyHasEdited(t *testing.T) {
	for name, edits := range editedTags {
		for i, group := range []string{"web__1", "web__2"} {
			if !*exhaustive && (i+len(name))%2 == 0 {
				continue // they take turns
			}
			t.Run(name+" on "+group, func(t *testing.T) {
				inBubble(t, webWorld(foreignGroups()...), func(t *testing.T, d *deployment) {
					before := standing(d.world)
					d.apply(release("ami-1"))
					d.apply(release("ami-2"))
					early := d.plan(release("ami-3"))
					providertest.MustSucceed(t, early.diags)
					if name == "taken down from words" {
						edits["elastigroup:taken-down-from"] = "everything"
						d.addTag(group, "elastigroup:taken-down-from", "everything")
					}
					d.editTags(group, edits)
					run := d.watch()
					was := d.state

					words := []string{unreadableTitle, group, "elastigroup:", "has to be", "terraform state rm ADDRESS", "terraform import ADDRESS web"}
					diags := d.refresh()
					if len(diags) != 1 || providertest.Failed(diags) || !d.state.Equal(was) {
						t.Errorf("the refresh says\n%sand the state is %s", providertest.Render(diags), d.state)
					}
					mustContain(t, diags, words...)
					if p := d.plan(release("ami-2")); providertest.Failed(p.diags) || !d.empty(p) {
						t.Errorf("a plan without a change says\n%s", providertest.Render(p.diags))
					}
					p := d.plan(release("ami-3"))
					if !providertest.Failed(p.diags) {
						t.Error("a release is planned")
					}
					mustContain(t, p.diags, append(words, "Nothing was touched")...)
					_, diags = d.applyPlan(t.Context(), early, release("ami-3"))
					mustContain(t, diags, append(words[1:], "Nothing was touched")...)
					run.mustDo()

					if diags := d.destroy(); providertest.Failed(diags) {
						t.Errorf("the destroy says\n%s", providertest.Render(diags))
					}
					mustStand(t, d.world, before)
					neverDeletesInstances(t, d.world)
				})
			})
		}
	}
}

const unreadableTitle = "Group whose tags make no sense"

// addTag adds a tag that is not there yet.
func (d *deployment) addTag(group, key, value string) {
	d.t.Helper()
	g, _ := d.world.Group(group)
	tags := []any{object{"tagKey": key, "tagValue": value}}
	for key, value := range tagsOf(d.t, g) {
		tags = append(tags, object{"tagKey": key, "tagValue": value})
	}
	if err := d.world.EditGroup(group, []byte(asJSON(object{"compute": object{"launchSpecification": object{"tags": tags}}}))); err != nil {
		d.t.Fatal(err)
	}
}

func mustContain(t *testing.T, diags []*tfprotov6.Diagnostic, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(providertest.Render(diags), word) {
			t.Errorf("%q is not said:\n%s", word, providertest.Render(diags))
		}
	}
}

// What is set right again is gone on with as if nothing had been.
func TestTagsThatAreSetRightAgain(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		d.editTags("web__1", map[string]string{"elastigroup:retain": "-1"})
		if p := d.plan(release("ami-2")); !providertest.Failed(p.diags) {
			t.Error("a release is planned")
		}
		d.editTags("web__1", map[string]string{"elastigroup:retain": "3"})
		d.apply(release("ami-2"))
		d.mustBeSettled(release("ami-2"))
	})
}

// One that the state does not know, and that says it is the deployment's, stops everything: it may be a candidate that a killed
// run has left.
func TestEditedTagsOfAGroupThatTheStateDoesNotKnow(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		prior := d.state
		ctx, dead := kill(d, killPoint{true, 2, true})
		d.applyUnder(ctx, release("ami-2"))
		d.world.Intercept(nil, nil)
		if !dead() {
			t.Fatal("the run was not killed")
		}
		d.state, d.private = prior, nil
		d.restart()
		d.editTags("web__2", map[string]string{"elastigroup:verdict": "perhaps"})
		run := d.watch()
		mustContain(t, d.refresh(), unreadableTitle, "web__2", `"perhaps"`)
		_, diags := d.tryApply(release("ami-2"))
		mustContain(t, diags, unreadableTitle, "web__2")
		if diags := d.destroy(); !providertest.Failed(diags) {
			t.Error("the destroy passes over it")
		}
		run.mustDo()
		d.editTags("web__2", map[string]string{"elastigroup:verdict": "rolling-out"})
		d.apply(release("ami-2"))
		d.mustBeSettled(release("ami-2"))
	})
}

// Tags of a configuration that are no tags are refused where they are written.
func TestTagsThatAreNone(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		for what, tags := range map[string]any{
			"a text": "web", "texts": []any{"web"}, "null": []any{nil}, "a number": []any{5}, "without a key": []any{object{"tagValue": "x"}}, "an object": object{"tagKey": "a"},
		} {
			document := webDocument()
			memberAt(document, "compute", "launchSpecification")["tags"] = tags
			config := release("ami-1", object{"configuration": asJSON(document)})
			diags := d.validate(config)
			if !providertest.Failed(diags) || !strings.Contains(providertest.Render(diags), "compute.launchSpecification.tags") {
				t.Errorf("%s: %s", what, providertest.Render(diags))
			}
		}
	})
}
