package spot

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// busy is a group that its schedule, its policies and a cluster's autoscaler move; some of it the user has switched off.
const busy = `{"id":"sig-1","name":"web__7","capacity":{"minimum":2,"target":4,"maximum":8,"unit":"instance"},
	"scheduling":{"tasks":[
		{"taskType":"scale","cronExpression":"0 8 * * *","scaleMinCapacity":2,"scaleTargetCapacity":4,"scaleMaxCapacity":8,"unknown":{"n":1.50}},
		{"taskType":"backup_ami","frequency":"weekly"},
		{"taskType":"scale","cronExpression":"0 20 * * *","scaleMinCapacity":0,"scaleTargetCapacity":0,"scaleMaxCapacity":3,"isEnabled":true},
		{"taskType":"scaleUp","cronExpression":"0 1 * * *","adjustment":1,"isEnabled":false},
		{"taskType":"roll","cronExpression":"0 2 * * 0","batchSizePercentage":30}]},
	"scaling":{"up":[{"policyName":"more","isEnabled":true,"action":{"type":"updateCapacity","minimum":"5","maximum":"9"}},
			{"policyName":"steps","stepAdjustments":[{"threshold":50,"action":{"type":"updateCapacity","maximum":10}}]}],
		"down":[{"policyName":"less","isEnabled":false}],
		"target":[{"policyName":"tracks","target":60}],
		"multipleMetrics":{"metrics":[{"name":"m"}]}},
	"thirdPartiesIntegration":{"ecs":{"clusterName":"c","autoScale":{"isEnabled":true,"cooldown":60}},"kubernetes":{"autoScale":{"isEnabled":false}},"nomad":{"autoScale":{}}},
	"compute":{"launchSpecification":{"imageId":"ami-1","tags":[{"tagKey":"team","tagValue":"web"},{"tagKey":"elastigroup:deployment","tagValue":"web"}]}}}`

// switchedOff is what a call sends to switch all of it off.
const switchedOff = `"scheduling":{"tasks":[
		{"taskType":"scale","cronExpression":"0 8 * * *","scaleMinCapacity":2,"scaleTargetCapacity":4,"scaleMaxCapacity":8,"unknown":{"n":1.50},"isEnabled":false},
		{"taskType":"backup_ami","frequency":"weekly"},
		{"taskType":"scale","cronExpression":"0 20 * * *","scaleMinCapacity":0,"scaleTargetCapacity":0,"scaleMaxCapacity":3,"isEnabled":false},
		{"taskType":"scaleUp","cronExpression":"0 1 * * *","adjustment":1,"isEnabled":false},
		{"taskType":"roll","cronExpression":"0 2 * * 0","batchSizePercentage":30,"isEnabled":false}]},
	"scaling":{"up":[{"policyName":"more","isEnabled":false,"action":{"type":"updateCapacity","minimum":"5","maximum":"9"}},
			{"policyName":"steps","isEnabled":false,"stepAdjustments":[{"threshold":50,"action":{"type":"updateCapacity","maximum":10}}]}]},
	"thirdPartiesIntegration":{"ecs":{"autoScale":{"isEnabled":false}}},
	"compute":{"launchSpecification":{"tags":[{"tagKey":"team","tagValue":"web"},{"tagKey":"elastigroup:deployment","tagValue":"web"},
		{"tagKey":"elastigroup:paused-tasks","tagValue":"scheduling.tasks 0 2=true 4 - scaling.up 0=true 1 - ecs.autoScale 0=true"}]}}`

func TestWhatMovesAGroup(t *testing.T) {
	want := rollout.Automation{
		On:       rollout.Movers{Tasks: 3, Policies: 2, Autoscalers: 1},
		Minimums: []int{2, 0, 5}, Maximums: []int{8, 3, 9, 10},
	}
	if diff := cmp.Diff(want, parse(t, busy).Automation()); diff != "" {
		t.Error(diff)
	}
	want.On, want.Paused = want.Paused, want.On
	if diff := cmp.Diff(want, build(t, parse(t, busy), Overrides{Paused: true}).Automation()); diff != "" {
		t.Errorf("paused: %s", diff)
	}
	if a := parse(t, `{"capacity":{},"compute":{},"scheduling":{"tasks":[7,{"taskType":"backup_ami"}]},"scaling":{"up":null,"target":[{"target":5}]}}`).Automation(); a.On.Any() {
		t.Errorf("%+v", a)
	}
}

// Size and schedule change in one call, of which the user's own switches are no part, nor anything that stays as it is.
func TestAutomateChangesBothInOneCall(t *testing.T) {
	a := says(items(busy))
	if err := newClient(t, a, 0).Automate(background, "sig-1", false, &rollout.Capacity{Minimum: 3, Target: 3, Maximum: 3}); err != nil {
		t.Fatal(err)
	}
	put := a.asked()[1]
	if len(a.asked()) != 2 || put.method != http.MethodPut || put.path != "/aws/ec2/group/sig-1" {
		t.Errorf("%+v", a.asked())
	}
	equalJSON(t, put.body, `{"group":{"capacity":{"minimum":3,"target":3,"maximum":3},`+switchedOff+`}}`)
}

func TestAutomateAloneLeavesTheCapacity(t *testing.T) {
	a := says(items(busy))
	if err := newClient(t, a, 0).Automate(background, "sig-1", false, nil); err != nil {
		t.Fatal(err)
	}
	equalJSON(t, a.asked()[1].body, `{"group":{`+switchedOff+`}}`)
}

// Where there is nothing to switch any more, there is nothing to send but a capacity.
func TestAutomateWithNothingToSwitch(t *testing.T) {
	a := says(items(group("sig-1", "web", "")))
	c := newClient(t, a, 0)
	if err := c.Automate(background, "sig-1", false, nil); err != nil || len(a.asked()) != 1 {
		t.Errorf("%v, %d calls", err, len(a.asked()))
	}
	if err := c.Automate(background, "sig-1", true, &rollout.Capacity{Maximum: 2}); err != nil || len(a.asked()) != 3 {
		t.Fatalf("%v, %d calls", err, len(a.asked()))
	}
	if put := a.asked()[2]; put.path != "/aws/ec2/group/sig-1/capacity" {
		t.Errorf("%+v", put)
	}
}

// What comes back is what the user had written, to the last key, and what he had switched off stays off.
func TestSwitchingOnBringsBackWhatWasWritten(t *testing.T) {
	paused := build(t, parse(t, busy), Overrides{Paused: true, Tags: map[string]string{"elastigroup:deployment": "web"}})
	patch, err := paused.switching(true)
	if err != nil {
		t.Fatal(err)
	}
	equalJSON(t, string(encode(patch)), `{"scheduling":{"tasks":[
		{"taskType":"scale","cronExpression":"0 8 * * *","scaleMinCapacity":2,"scaleTargetCapacity":4,"scaleMaxCapacity":8,"unknown":{"n":1.50}},
		{"taskType":"backup_ami","frequency":"weekly"},
		{"taskType":"scale","cronExpression":"0 20 * * *","scaleMinCapacity":0,"scaleTargetCapacity":0,"scaleMaxCapacity":3,"isEnabled":true},
		{"taskType":"scaleUp","cronExpression":"0 1 * * *","adjustment":1,"isEnabled":false},
		{"taskType":"roll","cronExpression":"0 2 * * 0","batchSizePercentage":30}]},
	"scaling":{"up":[{"policyName":"more","isEnabled":true,"action":{"type":"updateCapacity","minimum":"5","maximum":"9"}},
			{"policyName":"steps","stepAdjustments":[{"threshold":50,"action":{"type":"updateCapacity","maximum":10}}]}]},
	"thirdPartiesIntegration":{"ecs":{"autoScale":{"isEnabled":true}}},
	"compute":{"launchSpecification":{"tags":[{"tagKey":"team","tagValue":"web"},{"tagKey":"elastigroup:deployment","tagValue":"web"}]}}}`)
}

// busyDocuments draws groups with movers of all kinds, on, off, and with nothing written.
func busyDocuments() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		enabled := rapid.SampledFrom([]string{"", `,"isEnabled":true`, `,"isEnabled":false`})
		elements := func(kinds ...string) string {
			var all []string
			for range rapid.IntRange(0, 8).Draw(t, "elements") {
				all = append(all, fmt.Sprintf(`{"taskType":%q,"n":%d%s}`, rapid.SampledFrom(kinds).Draw(t, "type"), rapid.IntRange(0, 3).Draw(t, "n"), enabled.Draw(t, "enabled")))
			}
			return strings.Join(all, ",")
		}
		return fmt.Sprintf(`{"name":"web__1","capacity":{"minimum":1,"target":2,"maximum":3,"unit":"instance"},"scheduling":{"tasks":[%s]},"scaling":{"up":[%s],"down":[%s],"target":[%s]},
			"thirdPartiesIntegration":{"kubernetes":{"autoScale":{"cooldown":5%s}}},"compute":{"launchSpecification":{"imageId":"ami-1","tags":[{"tagKey":"a","tagValue":"b"}]}}}`,
			elements("scale", "scaleUp", "roll", "backup_ami", "somethingNew"), elements("up"), elements("down"), elements("target"), enabled.Draw(t, "autoscaler"))
	})
}

// However much is off, and however often it is switched: nothing moves the group then, nobody who compares or exports it sees a
// difference from what the user has written, and in the end it is that again.
func TestPausingIsNoDifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		users, err := ParseDocument([]byte(busyDocuments().Draw(t, "document")))
		if err != nil {
			t.Fatal(err)
		}
		live := Document{group: users.copied()}
		for range rapid.IntRange(1, 4).Draw(t, "times") {
			if _, err := switchIn(live.group, rapid.Bool().Draw(t, "on")); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := switchIn(live.group, false); err != nil {
			t.Fatal(err)
		}
		had, has := users.Automation(), live.Automation()
		if has.On.Any() || has.Paused != had.On {
			t.Fatalf("%+v of %+v", has, had)
		}
		o := Overrides{Name: "web__2"}
		if !Same(live, users) || !Covers(live, users) || !Covers(users, live) || string(live.Export()) != string(users.Export()) ||
			live.Fingerprint(o, nil) != users.Fingerprint(o, nil) {
			t.Fatalf("%s\n%s", live.Export(), users.Export())
		}
		if _, err := switchIn(live.group, true); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(users.group, live.group); diff != "" {
			t.Fatal(diff)
		}
	})
}

// What a person changes while all is off is neither lost nor taken for ours.
func TestSwitchingBesideAPersonsChanges(t *testing.T) {
	live := build(t, parse(t, busy), Overrides{Paused: true})
	tasks := live.group["scheduling"].(map[string]any)["tasks"].([]any)
	tasks[0].(map[string]any)["isEnabled"] = true
	live.group["scheduling"].(map[string]any)["tasks"] = append(tasks, map[string]any{"taskType": "scale"})
	if on := live.Automation().On; on != (rollout.Movers{Tasks: 2}) {
		t.Errorf("on: %+v", on)
	}
	if _, err := switchIn(live.group, false); err != nil {
		t.Fatal(err)
	}
	if a := live.Automation(); a.On.Any() || a.Paused != (rollout.Movers{Tasks: 4, Policies: 2, Autoscalers: 1}) {
		t.Errorf("%+v", a)
	}
	live.group["scheduling"].(map[string]any)["tasks"] = tasks[:2]
	if _, err := switchIn(live.group, true); err != nil {
		t.Fatal(err)
	}
	if a := live.Automation(); a.Paused.Any() || a.On.Tasks != 1 || live.Tags()[rollout.PausedTag] != "" {
		t.Errorf("%+v, %q", a, live.Tags())
	}
}

// A note that makes no sense switches nothing on.
func TestNotesThatMakeNoSense(t *testing.T) {
	for _, note := range []string{"", "none", "-", " - ", "scheduling.tasks", "scheduling.tasks x", "scheduling.tasks -1", "scheduling.tasks 9-2",
		"scheduling.tasks 0-99999999999", "scheduling.tasks 0-99999999", "scheduling.tasks 1e9", "tasks 0", strings.Repeat("scaling.up 5 - ", 90)} {
		live := parse(t, `{"capacity":{},"scheduling":{"tasks":[{"taskType":"scale","isEnabled":false}]},"compute":{"launchSpecification":{"tags":[{"tagKey":"elastigroup:paused-tasks","tagValue":`+
			string(encode(note))+`}]}}}`)
		if a := live.Automation(); a.Paused.Any() || a.On.Any() {
			t.Errorf("%q: %+v", note, a)
		}
		if switched, err := switchIn(live.awake(), true); len(switched) > 0 || err != nil {
			t.Errorf("%q: %v %v", note, switched, err)
		}
	}
}

// What does not fit in a tag is refused before anything is sent.
func TestMoreThanANoteHolds(t *testing.T) {
	var tasks []string
	for i := range 200 {
		tasks = append(tasks, `{"taskType":"scale"`+map[bool]string{true: `,"isEnabled":true`}[i%2 == 0]+`}`)
	}
	document := `{"id":"sig-1","name":"web","capacity":{"minimum":0,"target":0,"maximum":0},"scheduling":{"tasks":[` + strings.Join(tasks, ",") + `]},"compute":{"launchSpecification":{}}}`
	if _, err := parse(t, document).Build(Overrides{Name: "web__1", Paused: true}); err == nil || !strings.Contains(err.Error(), "a tag holds 256") {
		t.Error(err)
	}
	a := says(items(document))
	err := newClient(t, a, 0).Automate(background, "sig-1", false, nil)
	if err == nil || !strings.Contains(err.Error(), "200 schedules and policies") || len(a.asked()) != 1 {
		t.Errorf("%v, %d calls", err, len(a.asked()))
	}
}

// In the sandbox a task that is off does not fire, and one that is on again does.
func TestPausedInTheSandbox(t *testing.T) {
	inWorld(t, sandbox.Config{Images: []sandbox.Image{{ID: goodImage, Name: "web"}}}, func(t *testing.T, w *sandbox.World, c *Client) {
		document := parse(t, string(revision(t, 1, goodImage, rollout.Capacity{})))
		document.group["scheduling"] = map[string]any{"tasks": []any{map[string]any{
			"taskType": "scale", "cronExpression": "0 * * * *", "scaleMinCapacity": json.Number("1"), "scaleTargetCapacity": json.Number("2"), "scaleMaxCapacity": json.Number("3"),
		}}}
		built, err := document.Build(Overrides{Name: "web__1", Paused: true})
		if err != nil {
			t.Fatal(err)
		}
		g, err := c.Create(background, built)
		if err != nil || g.Automation.Paused.Tasks != 1 {
			t.Fatalf("%+v %v", g.Automation, err)
		}
		is := func(when string, want rollout.Capacity, paused bool) {
			t.Helper()
			g, err := c.Group(background, g.ID)
			if err != nil || g.Capacity != want || g.Automation.Paused.Any() != paused {
				t.Errorf("%s: %s, paused %v, %v", when, g.Capacity, g.Automation.Paused, err)
			}
		}
		time.Sleep(2 * time.Hour)
		is("hours later", rollout.Capacity{}, true)
		if err := c.Automate(background, g.ID, true, &rollout.Capacity{Target: 1, Maximum: 1}); err != nil {
			t.Fatal(err)
		}
		is("on again", rollout.Capacity{Target: 1, Maximum: 1}, false)
		time.Sleep(time.Hour)
		is("an hour later", rollout.Capacity{Minimum: 1, Target: 2, Maximum: 3}, false)
		if err := c.Automate(background, g.ID, false, &rollout.Capacity{}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Hour)
		is("at nothing", rollout.Capacity{}, true)
		if n := len(w.Calls()); n > 12 {
			t.Errorf("%d calls", n)
		}
	})
}
