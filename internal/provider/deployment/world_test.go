package deployment_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// drained are the attributes of target groups whose targets drain for as long as Spot lets them.
var drained = map[string]string{"deregistration_delay.timeout_seconds": "60"}

// webWorld has good images ami-1 to ami-9, bad ones, and a load balancer before the target group web.
func webWorld(groups ...json.RawMessage) sandbox.Config {
	config := sandbox.Config{
		Images: []sandbox.Image{{ID: "ami-bad", Name: "web-broken"}, {ID: "ami-slow", Name: "web-slow"}},
		Groups: groups,
		AWS: sandbox.AWSConfig{
			TargetGroups: []sandbox.TargetGroupConfig{{Name: "web", ARN: providertest.WebARN, Attributes: drained}, {Name: "idle", ARN: providertest.IdleARN, Attributes: drained}},
			LoadBalancers: []sandbox.LoadBalancerConfig{{Name: "app", ARN: providertest.AppARN,
				Listeners: []sandbox.ListenerConfig{{Port: 80, TargetGroup: "web"}}}},
		},
	}
	for n := 1; n <= 9; n++ {
		config.Images = append(config.Images, sandbox.Image{ID: fmt.Sprintf("ami-%d", n), Name: fmt.Sprintf("web-%d", n)})
	}
	return config
}

// webDocument is an Elastigroup as a user exports it, with 4 instances.
func webDocument() object {
	return object{
		"name":     "exported",
		"capacity": object{"minimum": 2, "target": 4, "maximum": 8, "unit": "instance"},
		"strategy": object{"risk": 100, "fallbackToOd": true, "availabilityVsCost": "balanced", "drainingTimeout": 60},
		"compute": object{
			"product":           "Linux/UNIX",
			"instanceTypes":     object{"ondemand": "m5.large", "spot": []any{"m5.large", "c5.large"}},
			"availabilityZones": []any{object{"name": "us-east-1a", "subnetIds": []any{"subnet-1"}}},
			"launchSpecification": object{
				"imageId": "ami-1", "securityGroupIds": []any{"sg-1"}, "monitoring": false,
				"healthCheckType": "TARGET_GROUP", "healthCheckGracePeriod": 120,
				"tags": []any{object{"tagKey": "app", "tagValue": "web"}},
			},
		},
	}
}

// memberAt is the object at a path of a document.
func memberAt(document object, path ...string) object {
	for _, name := range path {
		document = document[name].(object)
	}
	return document
}

func asJSON(v any) string {
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		panic(err) // tests write only what JSON can hold
	}
	return string(raw)
}

// release is a configuration of the deployment web with an image, and other attributes than the usual ones.
func release(image string, others ...object) object {
	config := object{
		"name": "web", "configuration": asJSON(webDocument()), "image_id": image, "user_data": providertest.Boot,
		"target_group_arns": []any{providertest.WebARN}, "capacity": capacityOf(2, 4, 8),
	}
	for _, other := range others {
		maps.Copy(config, other)
	}
	return config
}

func capacityOf(minimum, target, maximum int) object {
	return object{"minimum": minimum, "target": target, "maximum": maximum}
}

// existing is a group that is there when the world begins, without anything that the provider writes.
func existing(name, image string, minimum, target, maximum int) json.RawMessage {
	document := webDocument()
	document["name"] = name
	document["capacity"] = object{"minimum": minimum, "target": target, "maximum": maximum, "unit": "instance"}
	launch := memberAt(document, "compute", "launchSpecification")
	launch["imageId"], launch["userData"] = image, providertest.BootBase64
	launch["loadBalancersConfig"] = object{"loadBalancers": []any{object{"type": "TARGET_GROUP", "name": "web", "arn": providertest.WebARN}}}
	return json.RawMessage(asJSON(document))
}

// provenGroup is a group that an earlier release of the deployment web left behind.
func provenGroup(revision, minimum, target, maximum int) json.RawMessage {
	var document object
	if err := json.Unmarshal(existing(rollout.Name("web", revision), fmt.Sprintf("ami-%d", revision%9+1), minimum, target, maximum), &document); err != nil {
		panic(err) // it was made of JSON
	}
	launch := memberAt(document, "compute", "launchSpecification")
	journal := rollout.Journal{Deployment: "web", Revision: revision, Release: fmt.Sprint("release-", revision), Verdict: rollout.Proven, Retain: 9}
	tags := journal.Tags()
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		launch["tags"] = append(launch["tags"].([]any), object{"tagKey": key, "tagValue": tags[key]})
	}
	return json.RawMessage(asJSON(document))
}

// standing is every group of the world, oldest first: "web__2 ami-2 2/4/8".
func standing(w *sandbox.World) string {
	var lines []string
	for _, g := range w.Groups() {
		lines = append(lines, fmt.Sprintf("%s %s %d/%d/%d", g.Name, imageOf(g), g.Minimum, g.Target, g.Maximum))
	}
	return strings.Join(lines, "\n")
}

// mustStand fails the test unless exactly these groups stand.
func mustStand(t testing.TB, w *sandbox.World, want ...string) {
	t.Helper()
	if got := standing(w); got != strings.Join(want, "\n") {
		t.Errorf("the world has\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

type launched struct {
	Compute struct {
		LaunchSpecification struct {
			ImageID  string `json:"imageId"`
			UserData string `json:"userData"`
			Tags     []struct{ TagKey, TagValue string }
		}
	}
}

func documentOf(g sandbox.Group) launched {
	var document launched
	if err := json.Unmarshal(g.Document, &document); err != nil {
		panic(err) // the sandbox answers JSON
	}
	return document
}

func imageOf(g sandbox.Group) string { return documentOf(g).Compute.LaunchSpecification.ImageID }

func tagsOf(t testing.TB, g sandbox.Group) map[string]string {
	t.Helper()
	tags := map[string]string{}
	for _, tag := range documentOf(g).Compute.LaunchSpecification.Tags {
		tags[tag.TagKey] = tag.TagValue
	}
	return tags
}

// changesMade is what calls did to groups, in order: "create web__2", "web__2 0 -> 4", "delete web__1". What changes neither
// the target nor the number of groups (bounds, tags) is left out.
func changesMade(t testing.TB, before []sandbox.Group, calls []sandbox.Call) []string {
	t.Helper()
	target := map[string]int{}
	for _, g := range before {
		target[g.ID] = g.Target
	}
	var done []string
	for _, call := range calls {
		switch call.Action {
		case "CreateGroup":
			target[call.Subject] = sentTarget(t, call)
			done = append(done, "create "+call.Name)
			if n := target[call.Subject]; n > 0 {
				done = append(done, fmt.Sprintf("%s 0 -> %d", call.Name, n))
			}
		case "DeleteGroup":
			done = append(done, "delete "+call.Name)
		case "SetCapacity", "UpdateGroup":
			if call.Action == "UpdateGroup" && !strings.Contains(call.Body, `"capacity"`) {
				continue
			}
			if call.Action == "UpdateGroup" && !strings.Contains(call.Body, `"scheduling"`) {
				t.Errorf("an update of the document changes the capacity, and no schedule: %s", call.Body)
			}
			if from, to := target[call.Subject], sentTarget(t, call); from != to {
				done = append(done, fmt.Sprintf("%s %d -> %d", call.Name, from, to))
				target[call.Subject] = to
			}
		default:
			done = append(done, call.Action+" "+call.Name)
		}
	}
	return done
}

func sentTarget(t testing.TB, call sandbox.Call) int {
	t.Helper()
	var body struct {
		Group    struct{ Capacity struct{ Target int } }
		Capacity struct{ Target int }
	}
	if err := json.Unmarshal([]byte(call.Body), &body); err != nil {
		t.Fatalf("%s: %v", call.Body, err)
	}
	return body.Group.Capacity.Target + body.Capacity.Target
}

// watch looks at what happens from now on.
type watch struct {
	d       *deployment
	groups  []sandbox.Group
	changes int
	moments int
}

func (d *deployment) watch() watch {
	return watch{d, d.world.Groups(), len(d.world.Changes()), len(d.world.Timeline())}
}

// did is what has happened since, as changed has it.
func (w watch) did() []string { return changesMade(w.d.t, w.groups, w.d.world.Changes()[w.changes:]) }

// mustDo fails the test unless exactly this happened.
func (w watch) mustDo(want ...string) {
	w.d.t.Helper()
	if got := w.did(); !slices.Equal(got, want) {
		w.d.t.Errorf("the run did\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// mustServe fails the test if production traffic reached fewer instances of the deployment at any moment since.
func (w watch) mustServe(least int) {
	w.d.t.Helper()
	timeline := w.d.world.Timeline()
	for _, m := range timeline[max(w.moments-1, 0):] {
		if n := m.Serving(ofWeb); n < least {
			w.d.t.Errorf("at %s only %d instances served, %d were promised:\n%s", m.Time.Format("15:04:05"), n, least, asJSON(m.Groups))
			return
		}
	}
}

// ofWeb tells whether a group is one of the deployment web.
func ofWeb(g *sandbox.GroupMoment) bool {
	_, ours := rollout.RevisionOf("web", g.Name)
	return ours || g.Name == "web" || g.Name == rollout.StageName("web")
}

// mustRefuse fails the test unless there is an error at the attribute, or within it, with the words.
func mustRefuse(t testing.TB, diags []*tfprotov6.Diagnostic, at string, words ...string) {
	t.Helper()
	for _, d := range diags {
		if d.Severity != providertest.Error || providertest.Where(d) != at && !strings.HasPrefix(providertest.Where(d), at+".") {
			continue
		}
		missing := slices.DeleteFunc(slices.Clone(words), func(word string) bool {
			return strings.Contains(d.Summary+": "+d.Detail, word)
		})
		if len(missing) > 0 {
			t.Errorf("the error at %s lacks %q:\n%s", at, missing, providertest.Render(diags))
		}
		return
	}
	t.Errorf("there is no error at %q:\n%s", at, providertest.Render(diags))
}

// mustExplain fails the test unless there is an error, and what is said has all the words.
func mustExplain(t testing.TB, diags []*tfprotov6.Diagnostic, words ...string) {
	t.Helper()
	if !providertest.Failed(diags) {
		t.Fatalf("there was no error:\n%s", providertest.Render(diags))
	}
	for _, word := range words {
		if !strings.Contains(providertest.Render(diags), word) {
			t.Errorf("%q is not said:\n%s", word, providertest.Render(diags))
		}
	}
}
