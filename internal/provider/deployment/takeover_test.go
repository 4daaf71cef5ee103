package deployment_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// formerRun is what a real Terraform and the provider as it was at a commit left: the configuration that was applied last, the state file with
// its private part, and the groups of the sandbox of that commit. What a version wrote is never written anew. testdata/takeover has a
// directory for each commit:
//
//	a9d7076  strategies are nested attributes (version 0 of the state); groups bear no owner
//	a71bd42  the first with blocks (version 1)
//	9a560f4  groups bear their owner; candidates do not bear the terms of their rollout yet
type formerRun struct {
	Commit string            `json:"recorded_by"`
	Config []string          `json:"main.tf"`
	Groups []json.RawMessage `json:"groups"`
	State  struct {
		Resources []struct {
			Instances []struct {
				SchemaVersion int64           `json:"schema_version"`
				Attributes    json.RawMessage `json:"attributes"`
				Private       string          `json:"private"`
			} `json:"instances"`
		} `json:"resources"`
	} `json:"state"`
}

// The listeners of the world in which the runs were recorded: production shows web, and stage idle, until a release moves them.
const (
	formerProduction = inElb + "listener/app/app/0123456789abcdef/00000000000000c1"
	formerStage      = inElb + "listener/app/app/0123456789abcdef/00000000000000c2"
)

// A deployment that an earlier version released, with the state that it wrote, is taken over: a refresh and a plan of the same change nothing
// and say what is true, and what comes next comes as if no other version had been before.
func TestStatesOfAnEarlierVersionAreTakenOver(t *testing.T) {
	canary := object{"canary": object{"phase": []any{object{"percent": 25, "bake": "1s"}}}}
	holds := object{"canary": canary["canary"], "hold_after_phase": 1}
	switches := func(bake string) object {
		return object{"target_group_arns": nil, "blue_green": object{"route": []any{route(formerProduction, formerStage)}, "settle": "1s", "bake": bake}}
	}
	patient := object{"healthy_timeout": "15s"}
	for name, now := range map[string]struct {
		image  string
		others object
		last   object   // what the next release is beside these
		says   []string // what the plan of the same says
		next   func(t *testing.T, d *deployment)
		stands []string // after the next release
	}{
		"first-deployment": {image: "ami-1", stands: []string{"web__1 ami-1 0/0/0", "web__2 ami-3 2/4/8"}},
		"after-a-release":  {image: "ami-2", stands: []string{"web__1 ami-1 0/0/0", "web__2 ami-2 0/0/0", "web__3 ami-3 2/4/8"}},
		"canary-holding": {image: "ami-2", others: holds, says: []string{"holds"}, next: func(t *testing.T, d *deployment) {
			d.apply(formerRelease("ami-2", canary))
			mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8")
		}, stands: []string{"web__1 ami-1 0/0/0", "web__2 ami-2 0/0/0", "web__3 ami-3 2/4/8"}},
		"failure-remembered": {image: "ami-1", others: patient, next: func(t *testing.T, d *deployment) {
			bad := formerRelease("ami-bad", patient)
			providertest.MustSay(t, d.plan(bad).diags, tfprotov6.DiagnosticSeverityWarning, "triggers", "failed verification before, as web__2")
			_, diags := d.tryApply(bad)
			mustExplain(t, diags, "failed verification before, as web__2", "change triggers")
			mustStand(t, d.world, "web__1 ami-1 2/4/8")
		}, stands: []string{"web__1 ami-1 0/0/0", "web__2 ami-3 2/4/8"}},
		"blue-green-at-rest": {image: "ami-2", others: switches("1s"), last: switches("2m"), stands: []string{"web__1 ami-1 0/0/0", "web__2 ami-2 0/0/0", "web__3 ami-3 2/4/8"}},
		"import":             {image: "ami-1", stands: []string{"web ami-1 0/0/0", "web__1 ami-3 2/4/8"}},
	} {
		files, err := filepath.Glob(filepath.Join("testdata", "takeover", "*", name+".json"))
		if err != nil || len(files) != 3 {
			t.Fatalf("%v: %s is recorded by %d versions", err, name, len(files))
		}
		for _, file := range files {
			run := readFormerRun(t, file)
			t.Run(run.Commit+"/"+name, func(t *testing.T) {
				inBubble(t, run.world(t), func(t *testing.T, d *deployment) {
					d.takesOver(run)
					was := d.now()
					same, calm := formerRelease(now.image, now.others), d.watch()
					p := d.plan(same)
					if !d.empty(p) {
						t.Errorf("%s\nthe same changes %v", providertest.Render(p.diags), d.changes(p))
					}
					if said := providertest.Render(p.diags); (said == "") != (len(now.says) == 0) || slices.ContainsFunc(now.says, func(w string) bool { return !strings.Contains(said, w) }) {
						t.Errorf("the plan says %q, and should say %q", said, now.says)
					}
					for _, name := range []string{"status", "revision", "group_id", "group_name", "groups", "traffic", "image_id", "capacity", "user_data"} {
						if is := d.now()[name]; asJSON(withoutImages(is)) != asJSON(withoutImages(was[name])) {
							t.Errorf("the refresh makes of %s %s %s", name, asJSON(was[name]), asJSON(is))
						}
					}
					d.apply(same)
					calm.mustDo()
					if now.next != nil {
						now.next(t, d)
					}
					last := formerRelease("ami-3", now.others, now.last, object{"hold_after_phase": nil, "healthy_timeout": nil})
					serves := d.watch()
					d.apply(last)
					serves.mustServe(4)
					mustStand(t, d.world, now.stands...)
					if diags := d.destroy(); providertest.Failed(diags) || len(d.world.Groups()) > 0 {
						t.Errorf("%s\nthere stands %s", providertest.Render(diags), standing(d.world))
					}
				})
			})
		}
	}
}

// withoutImages are groups without image_ids, which no former state has.
func withoutImages(value any) any {
	list, _ := value.([]any)
	for _, element := range list {
		if group, ok := element.(object); ok {
			delete(group, "image_ids")
		}
	}
	return value
}

// formerRelease is the configuration of the recorded runs, as their author writes it today.
func formerRelease(image string, others ...object) object {
	return release(image, append([]object{{"user_data": "#!/bin/sh\nexec web\n"}}, others...)...)
}

func readFormerRun(t *testing.T, file string) formerRun {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var run formerRun
	if err := json.Unmarshal(text, &run); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if len(run.State.Resources) != 1 || len(run.State.Resources[0].Instances) != 1 {
		t.Fatalf("%s: the state has not one deployment", file)
	}
	return run
}

// world is the one that the run left: the groups as they are in Spot's answers, and the listeners as the state has them.
func (f formerRun) world(t *testing.T) sandbox.Config {
	t.Helper()
	var state struct {
		Traffic []struct {
			Live string `json:"live_target_group_arn"`
			Idle string `json:"idle_target_group_arn"`
		} `json:"traffic"`
	}
	if err := json.Unmarshal(f.State.Resources[0].Instances[0].Attributes, &state); err != nil {
		t.Fatal(err)
	}
	var groups []json.RawMessage
	for _, recorded := range f.Groups {
		var group object
		if err := json.Unmarshal(recorded, &group); err != nil {
			t.Fatal(err)
		}
		delete(group, "createdAt") // of another time than the test's
		delete(group, "updatedAt")
		groups = append(groups, json.RawMessage(asJSON(group)))
	}
	config := webWorld(groups...)
	live, idle := providertest.WebARN, providertest.IdleARN
	for _, traffic := range state.Traffic {
		live, idle = traffic.Live, traffic.Idle
	}
	config.AWS.LoadBalancers[0].Listeners = []sandbox.ListenerConfig{
		{ARN: formerProduction, Port: 80, TargetGroup: live}, {ARN: formerStage, Port: 8080, TargetGroup: idle, Stage: true},
	}
	return config
}

// takesOver has the state of a former version, brought up to this one as Terraform does when it reads it.
func (d *deployment) takesOver(f formerRun) {
	d.t.Helper()
	recorded := f.State.Resources[0].Instances[0]
	resp, err := d.server.UpgradeResourceState(d.t.Context(), &tfprotov6.UpgradeResourceStateRequest{
		TypeName: deploymentType, Version: recorded.SchemaVersion, RawState: &tfprotov6.RawState{JSON: recorded.Attributes},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	providertest.MustSucceed(d.t, resp.Diagnostics)
	private, err := base64.StdEncoding.DecodeString(recorded.Private)
	if err != nil || len(private) == 0 {
		d.t.Fatalf("%v: the state has no private part", err)
	}
	d.state, d.private = d.decode(resp.UpgradedState), private
}

// What decides whether a release stands is told by what is written alone: an attribute that a later version brings, or a default that is written,
// leaves a failed release known by its fingerprint. Only a change of what these configurations mean may change it.
func TestTrialsStayWhatTheyAre(t *testing.T) {
	canary := object{"phase": []any{object{"percent": 25, "bake": "1s"}}}
	for name, test := range map[string]struct {
		others object
		want   string
	}{
		"least": {object{}, "2.56d95938"},
		"defaults written": {object{"start_with": "target", "resize_order": "new_first", "healthy_timeout": "15m",
			"verify": object{"healthy_percent": 100, "min_healthy_time": "0s"}}, "2.56d95938"},
		"more": {object{"start_with": "running", "healthy_timeout": "20m", "verify": object{"healthy_percent": 90}}, "2.aab0ea05"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				d.apply(release("ami-1"))
				d.apply(release("ami-2", object{"canary": canary, "hold_after_phase": 1}, test.others))
				terms := ""
				for _, g := range d.world.Groups() {
					terms += tagsOf(t, g)["elastigroup:terms"] + "\n"
				}
				if !strings.Contains(terms, " trial="+test.want+" ") {
					t.Errorf("the terms are\n%s, want the trial %s", terms, test.want)
				}
			})
		})
	}
}
