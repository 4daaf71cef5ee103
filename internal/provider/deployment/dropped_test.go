package deployment_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// consoleGroup is a group as a person made it, with a little of everything; changes are made to its document and its launch specification.
func consoleGroup(changes ...func(document, launch object)) sandbox.Config {
	var document object
	if err := json.Unmarshal(existing("web__4", "ami-4", 2, 4, 8), &document); err != nil {
		panic(err) // it was made of JSON
	}
	launch := memberAt(document, "compute", "launchSpecification")
	launch["keyPair"] = "ops"
	launch["tags"] = []any{object{"tagKey": "app", "tagValue": "web"}, object{"tagKey": "env", "tagValue": "prod"}}
	document["thirdPartiesIntegration"] = object{"nomad": object{"masterHost": "10.0.0.1", "masterPort": 4646, "aclToken": providertest.Secret}}
	for _, change := range changes {
		change(document, launch)
	}
	return webWorld(json.RawMessage(asJSON(document)))
}

// bareConfiguration says of the console's group only what has to be said.
func bareConfiguration(image string) object {
	return object{"name": "web", "image_id": image, "configuration": asJSON(object{
		"capacity": object{"minimum": 2, "target": 4, "maximum": 8},
		"strategy": object{"risk": 100, "drainingTimeout": 60, "availabilityVsCost": "balanced"},
		"compute": object{
			"product": "Linux/UNIX", "instanceTypes": object{"ondemand": "m5.large", "spot": []any{"m5.large", "c5.large"}},
			"availabilityZones":   []any{object{"name": "us-east-1a", "subnetIds": []any{"subnet-1"}}},
			"launchSpecification": object{"securityGroupIds": []any{"sg-1"}, "healthCheckType": "TARGET_GROUP"},
		},
	})}
}

// All that an imported group has and the configuration does not say is named in every plan, with what to write; the release that drops it
// says so in its rows.
func TestWhatAnImportedGroupHasAndTheConfigurationDoesNotSay(t *testing.T) {
	inBubble(t, consoleGroup(), func(t *testing.T, d *deployment) {
		diags := d.load("web")
		for _, words := range []string{"WARNING at \"user_data\"", "has user data", "user_data = file(", "WARNING at \"configuration\"", "thirdPartiesIntegration.nomad.aclToken"} {
			if !strings.Contains(providertest.Render(diags), words) {
				t.Errorf("the import does not say %q:\n%s", words, providertest.Render(diags))
			}
		}
		says := func(p planned) {
			t.Helper()
			text := providertest.Render(p.diags)
			if providertest.Failed(p.diags) || strings.Count(text, "web__4 has ") != 4 {
				t.Errorf("the plan says\n%s", text)
			}
			for _, words := range []string{
				`WARNING at "user_data"`, "user data (", "user_data = file(", "lifecycle { ignore_changes = [user_data] }",
				`WARNING at "target_group_arns"`, `target groups "web"`, `target_group_arns = ["` + providertest.WebARN + `"]`,
				`WARNING at "configuration"`, "compute.launchSpecification.keyPair", "compute.launchSpecification.tags (app, env)",
				"credentials at thirdPartiesIntegration.nomad.aclToken", "the next release comes up without it",
			} {
				if !strings.Contains(text, words) {
					t.Errorf("the plan does not say %q:\n%s", words, text)
				}
			}
		}
		p := d.plan(bareConfiguration("ami-4"))
		if !d.empty(p) {
			t.Errorf("the plan changes %v", d.changes(p))
		}
		says(p)
		// An apply of something else changes nothing about it.
		d.apply(bothChanges(bareConfiguration("ami-4"), object{"retain": 7}))
		says(d.plan(bothChanges(bareConfiguration("ami-4"), object{"retain": 7})))

		p = d.plan(bareConfiguration("ami-5"))
		says(p)
		if text := strings.Join(strings.Fields(d.planText(p)), " "); !strings.Contains(text, `comes up without what previous has: user data (`) ||
			!strings.Contains(text, `target groups "web"`) || !strings.Contains(text, "tags (app, env)") {
			t.Errorf("the plan is\n%s", d.planText(p))
		}
	})
}

// What is said is not warned of, wherever it is written.
func TestWhatTheConfigurationSays(t *testing.T) {
	whole := func(others ...object) object {
		document := webDocument()
		launch := memberAt(document, "compute", "launchSpecification")
		launch["keyPair"] = "ops"
		launch["tags"] = []any{object{"tagKey": "env", "tagValue": "prod"}, object{"tagKey": "app", "tagValue": "web"}}
		document["thirdPartiesIntegration"] = object{"nomad": object{"masterHost": "10.0.0.1", "masterPort": 4646, "aclToken": providertest.Secret}}
		return release("ami-4", append([]object{{"configuration": asJSON(document)}}, others...)...)
	}
	for name, config := range map[string]object{
		"plain":            whole(),
		"base64":           whole(object{"user_data": nil, "user_data_base64": providertest.BootBase64}),
		"without capacity": whole(object{"capacity": nil}),
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, consoleGroup(), func(t *testing.T, d *deployment) {
				imported(t, d)
				p := d.plan(config)
				providertest.MustSucceed(t, p.diags)
				if !d.empty(p) {
					t.Errorf("the plan changes %v", d.changes(p))
				}
				config = bothChanges(config, object{"image_id": "ami-5"})
				if text := d.planText(d.plan(config)); strings.Contains(text, "without what") {
					t.Errorf("the plan is\n%s", text)
				}
				d.apply(config)
				if g := documentOf(d.world.Groups()[1]); g.Compute.LaunchSpecification.UserData != providertest.BootBase64 {
					t.Error("the new revision has other user data")
				}
			})
		})
	}
}

// With ignore_changes Terraform hands back what is in the state: every release has it then.
func TestUserDataThatTerraformIgnores(t *testing.T) {
	inBubble(t, consoleGroup(), func(t *testing.T, d *deployment) {
		imported(t, d)
		config := bothChanges(bareConfiguration("ami-5"), object{"user_data": d.now()["user_data"], "target_group_arns": []any{providertest.WebARN}})
		if text := providertest.Render(d.plan(config).diags); strings.Contains(text, "user data (") {
			t.Errorf("the plan says\n%s", text)
		}
		d.apply(config)
		if g := documentOf(d.world.Groups()[1]); g.Compute.LaunchSpecification.UserData != providertest.BootBase64 {
			t.Error("the new revision has other user data")
		}
	})
}

// User data that is no text is to be written in base64.
func TestUserDataThatIsNoText(t *testing.T) {
	inBubble(t, consoleGroup(func(_, launch object) { launch["userData"] = base64.StdEncoding.EncodeToString([]byte("\x1f\x8b\xff")) }), func(t *testing.T, d *deployment) {
		for what, said := range map[string]string{"import": providertest.Render(d.load("web")), "plan": providertest.Render(d.plan(bareConfiguration("ami-4")).diags)} {
			if !strings.Contains(said, `WARNING at "user_data_base64"`) || !strings.Contains(said, "user data (3 bytes)") || !strings.Contains(said, "user_data_base64 = filebase64(") {
				t.Errorf("the %s says\n%s", what, said)
			}
		}
	})
}

// Where routes say where instances register, target groups of the document are not missed.
func TestTargetGroupsThatRoutesName(t *testing.T) {
	inBubble(t, consoleGroup(), func(t *testing.T, d *deployment) {
		imported(t, d)
		config := bothChanges(bareConfiguration("ami-4"), object{"user_data": providertest.Boot, "blue_green": object{"route": []any{object{"production_arn": productionARN, "stage_arn": testARN}}}})
		if text := providertest.Render(d.plan(config).diags); strings.Contains(text, "target groups") || !strings.Contains(text, "keyPair") {
			t.Errorf("the plan says\n%s", text)
		}
	})
}

// User data that a later configuration leaves out is a row of the release, too: a diff shows no more than that something secret goes.
func TestUserDataThatIsTakenOut(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		p := d.plan(release("ami-2", object{"user_data": nil}))
		if text := strings.Join(strings.Fields(d.planText(p)), " "); !strings.Contains(text, "comes up without what previous has: user data (") {
			t.Errorf("the plan is\n%s", d.planText(p))
		}
		d.apply(release("ami-2", object{"user_data": nil}))
		if text := d.planText(d.plan(release("ami-3", object{"user_data": nil}))); strings.Contains(text, "without what") {
			t.Errorf("the plan is\n%s", text)
		}
	})
}
