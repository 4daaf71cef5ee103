package deployment_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// officeHours are scheduled tasks: by day 2/4/8, by night 1/1/2. The third one the user has switched off.
var officeHours = []any{
	object{"taskType": "scale", "cronExpression": "0 8 * * *", "scaleMinCapacity": 2, "scaleTargetCapacity": 4, "scaleMaxCapacity": 8},
	object{"taskType": "scale", "cronExpression": "0 20 * * *", "scaleMinCapacity": 1, "scaleTargetCapacity": 1, "scaleMaxCapacity": 2, "isEnabled": true},
	object{"taskType": "scale", "cronExpression": "0 * * * *", "scaleMinCapacity": 7, "scaleTargetCapacity": 7, "scaleMaxCapacity": 7, "isEnabled": false},
	object{"taskType": "backup_ami", "frequency": "weekly"},
}

// movers are the policies that move bounds, beside the tasks.
var movers = object{"up": []any{object{
	"policyName": "rush", "metricName": "CPUUtilization", "namespace": "AWS/EC2", "threshold": 90,
	"action": object{"type": "updateCapacity", "minimum": "5", "maximum": "9", "target": "5"},
}}}

// scheduled is a document with tasks and policies.
func scheduled() string {
	document := webDocument()
	document["scheduling"] = object{"tasks": officeHours}
	document["scaling"] = movers
	return asJSON(document)
}

// inOffice is a release of a document with tasks.
func inOffice(image string, others ...object) object {
	return release(image, append([]object{{"configuration": scheduled()}}, others...)...)
}

// until waits until a time of a day; the clock begins at midnight of 1 January 2000.
func (d *deployment) until(day, hour, minute int) {
	d.t.Helper()
	wait := time.Date(2000, 1, day, hour, minute, 0, 0, time.UTC).Sub(d.world.Now())
	if wait < 0 {
		d.t.Fatalf("it is %s already", d.world.Now())
	}
	time.Sleep(wait)
}

// mustSwitch fails the test unless exactly these groups are moved by their own tasks and policies, as the user has written them, and
// what he has switched off is off everywhere.
func (d *deployment) mustSwitch(on ...string) {
	d.t.Helper()
	for _, g := range d.world.Groups() {
		document, err := spot.ParseDocument(g.Document)
		if err != nil {
			d.t.Fatal(err)
		}
		a := document.Automation()
		if all := (rollout.Movers{Tasks: 2, Policies: 1}); slices.Contains(on, g.Name) && a.On != all || !slices.Contains(on, g.Name) && a.Paused != all {
			d.t.Errorf("%s has %q on and %q off: %s", g.Name, a.On, a.Paused, g.Document)
		}
		if d.world.RunTask(g.Name, 2) {
			d.t.Errorf("the task of %s that the user has switched off was done", g.Name)
		}
	}
}

// For days a deployment goes by its schedule: what is live is moved, what is not is not, and no apply undoes it.
func TestSchedulesMoveWhatIsLive(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.until(1, 9, 0)
		d.apply(inOffice("ami-1"))
		d.apply(inOffice("ami-2"))
		mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8")
		d.mustSwitch("web__2")
		for day := 1; day < 3; day++ {
			d.until(day, 21, 0)
			mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 1/1/2")
			d.apply(inOffice("ami-2"))
			d.until(day+1, 9, 0)
			mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8")
			d.mustBeSettled(inOffice("ami-2"))
		}
		if d.world.RunPolicy("web__1", "up", 0) || !d.world.RunPolicy("web__2", "up", 0) {
			t.Error("a policy moves what is not live, or not what is")
		}
		mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 5/5/9")
		d.apply(inOffice("ami-2"))
		mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 5/5/9")
		// Another capacity is the user's word.
		d.apply(inOffice("ami-2", object{"capacity": capacityOf(3, 5, 6)}))
		mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 3/5/6")
		providertest.MustSucceed(t, d.destroy())
	})
}

// A release at night has what serves at night, and its own schedule goes on from there.
func TestAReleaseAtNight(t *testing.T) {
	for name, capacity := range map[string]any{"with a capacity": capacityOf(2, 4, 8), "without": nil} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				written := object{"capacity": capacity}
				d.until(1, 9, 0)
				d.apply(inOffice("ami-1", written))
				d.until(1, 21, 0)
				p := d.plan(inOffice("ami-2", written))
				if said := d.planText(p); !strings.Contains(said, "previous web__1 (ami-1, 1 instance) -> new web__2 (ami-2, 1 instance)") ||
					!strings.Contains(said, "2 scheduled tasks and 1 scaling policy off until it is live") {
					t.Errorf("the plan says\n%s", said)
				}
				d.apply(inOffice("ami-2", written))
				mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 1/1/2")
				d.mustSwitch("web__2")
				d.until(2, 9, 0)
				mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8")
				d.mustBeSettled(inOffice("ami-2", written))
			})
		})
	}
}

// What stands at nothing by its schedule is judged with what is written: nobody can tell whether an image is good that nobody runs.
func TestAReleaseWhileNothingRuns(t *testing.T) {
	document := webDocument()
	document["scheduling"] = object{"tasks": []any{
		object{"taskType": "scale", "cronExpression": "0 20 * * *", "scaleMinCapacity": 0, "scaleTargetCapacity": 0, "scaleMaxCapacity": 0},
		object{"taskType": "scale", "cronExpression": "0 8 * * *", "scaleMinCapacity": 2, "scaleTargetCapacity": 4, "scaleMaxCapacity": 8},
	}}
	nightly := func(image string) object { return release(image, object{"configuration": asJSON(document)}) }
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.until(1, 9, 0)
		d.apply(nightly("ami-1"))
		d.until(1, 21, 0)
		mustStand(t, d.world, "web__1 ami-1 0/0/0")
		d.apply(nightly("ami-1"))
		mustStand(t, d.world, "web__1 ami-1 0/0/0")
		d.apply(nightly("ami-2"))
		mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8")
		d.until(2, 21, 0)
		mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 0/0/0")
		d.mustBeSettled(nightly("ami-2"))
		d.until(3, 9, 0)
		mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8")
	})
}

// A canary that holds for days is not moved by its schedule, nor is what serves beside it. After it the schedule goes on.
func TestACanaryThatHoldsThroughTheNight(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		office := object{"configuration": scheduled()}
		d.until(1, 9, 0)
		d.apply(canary("ami-1", office))
		run := d.watch()
		d.apply(holdingCanary("ami-2", 1, office))
		d.restart()
		d.until(3, 12, 0)
		mustStand(t, d.world, "web__1 ami-1 3/3/3", "web__2 ami-2 1/1/1")
		d.mustSwitch()
		d.mustBeSettled(holdingCanary("ami-2", 1, office))
		d.apply(canary("ami-2", office))
		d.mustSwitch("web__2")
		run.mustServe(4)
		d.until(3, 21, 0)
		mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 1/1/2")
		d.mustBeSettled(canary("ami-2", office))
	})
}

// After a failure what served has its schedule again, with its capacity.
func TestAScheduleComesBackWithWhatServed(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		office := object{"configuration": scheduled()}
		d.until(1, 9, 0)
		d.apply(canary("ami-1", office))
		run := d.watch()
		d.apply(holdingCanary("ami-2", 1, office))
		d.mustSwitch()
		d.apply(canary("ami-1", office))
		mustStand(t, d.world, "web__1 ami-1 2/4/8")
		d.mustSwitch("web__1")
		_, diags := d.tryApply(canary("ami-bad", office))
		mustExplain(t, diags, "rolled back")
		mustStand(t, d.world, "web__1 ami-1 2/4/8")
		d.mustSwitch("web__1")
		run.mustServe(4)
		d.until(1, 21, 0)
		mustStand(t, d.world, "web__1 ami-1 1/1/2")
	})
}

// leaveAsOlderVersion makes a group as an earlier version left it: its tasks on, and no note of what is off.
func leaveAsOlderVersion(t *testing.T, w *sandbox.World, name string) {
	t.Helper()
	g, _ := w.Group(name)
	var document struct {
		Compute struct {
			LaunchSpecification struct {
				Tags []struct{ TagKey, TagValue string }
			}
		}
	}
	if err := json.Unmarshal(g.Document, &document); err != nil {
		t.Fatal(err)
	}
	var tags []any
	for _, tag := range document.Compute.LaunchSpecification.Tags {
		if tag.TagKey != rollout.PausedTag {
			tags = append(tags, object{"tagKey": tag.TagKey, "tagValue": tag.TagValue})
		}
	}
	patch := asJSON(object{"scheduling": object{"tasks": officeHours}, "scaling": movers, "compute": object{"launchSpecification": object{"tags": tags}}})
	if err := w.EditGroup(name, []byte(patch)); err != nil {
		t.Fatal(err)
	}
}

// What an earlier version left on is drift: the plan shows it, though nothing else is to be done, and apply mends it.
func TestTasksThatAnEarlierVersionLeftOn(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.until(1, 9, 0)
		for _, image := range []string{"ami-1", "ami-2", "ami-3"} {
			d.apply(inOffice(image))
		}
		leaveAsOlderVersion(t, d.world, "web__1")
		leaveAsOlderVersion(t, d.world, "web__2")
		d.world.RunTask("web__2", 0)
		time.Sleep(5 * time.Minute)
		d.restart()
		p := d.plan(inOffice("ami-3"))
		said := d.planText(p)
		for _, row := range []string{"web__1   2 scheduled tasks and 1 scaling policy switched off   it is not live", "web__2   4 -> 0   left over from an earlier release"} {
			if !strings.Contains(said, row) {
				t.Errorf("%q is not in\n%s", row, said)
			}
		}
		if changes := d.changes(p); !slices.Contains(changes, "rollout_plan") || slices.Contains(changes, "image_id") {
			t.Errorf("the plan changes %q", changes)
		}
		run := d.watch()
		d.apply(inOffice("ami-3"))
		mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 0/0/0", "web__3 ami-3 2/4/8")
		d.mustSwitch("web__3")
		run.mustServe(4)
		d.until(2, 9, 0)
		mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 0/0/0", "web__3 ami-3 2/4/8")
	})
}

// A former revision that a person woke goes back to sleep with the next apply.
func TestAFormerRevisionThatSomebodyWoke(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		d.apply(release("ami-2"))
		for _, woken := range [][3]int{{2, 2, 2}, {0, 1, 3}, {0, 0, 3}} {
			d.world.SetCapacity("web__1", woken[0], woken[1], woken[2])
			time.Sleep(5 * time.Minute)
			p := d.plan(release("ami-2"))
			if said := d.planText(p); !strings.Contains(said, "mend   web__1 ") || !strings.Contains(said, "left over from an earlier release") {
				t.Errorf("%v: the plan says\n%s", woken, said)
			}
			d.apply(release("ami-2"))
			mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8")
		}
	})
}

// A previous revision that is to keep running keeps its instances, and no schedule moves it, as it is not live.
func TestAPreviousRevisionThatKeepsRunning(t *testing.T) {
	inBubble(t, blueGreenWorld(), func(t *testing.T, d *deployment) {
		next := func(image string, others ...object) object {
			all := append([]object{inBlueGreen(object{"bake": "1m", "settle": "5s", "downsize_previous": false}), {"configuration": scheduled()}}, others...)
			return switchAtOnce(image, all...)
		}
		d.until(1, 9, 0)
		d.apply(next("ami-1"))
		d.apply(next("ami-2"))
		mustStand(t, d.world, "web__1 ami-1 2/4/8", "web__2 ami-2 2/4/8")
		d.mustSwitch("web__2")
		d.until(1, 21, 0)
		mustStand(t, d.world, "web__1 ami-1 2/4/8", "web__2 ami-2 1/1/2")
		d.mustBeSettled(next("ami-2"))
		// The strategy is for the next rollout: what runs by the word of the last one goes on.
		d.apply(next("ami-2", inBlueGreen(object{"bake": "1m", "settle": "5s", "downsize_previous": true})))
		mustStand(t, d.world, "web__1 ami-1 2/4/8", "web__2 ami-2 1/1/2")
		d.until(2, 9, 0)
		d.apply(next("ami-1"))
		d.mustSwitch("web__1")
		d.mustShow("stable", "web__1", "web__1 live 2/4/8", "web__2 previous 2/4/8")
	})
}

// Who imports what a rollout has switched off sees what the user has written.
func TestImportOfWhatIsSwitchedOff(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.until(1, 9, 0)
		d.apply(inOffice("ami-1"))
		d.apply(inOffice("ami-2"))
		again := deploymentIn(t, d.world)
		if diags := again.load("web"); providertest.Failed(diags) {
			t.Fatal(providertest.Render(diags))
		}
		if p := again.plan(inOffice("ami-2")); providertest.Failed(p.diags) || slices.Contains(again.changes(p), "rollout_plan") {
			t.Errorf("%s\n%q", providertest.Render(p.diags), again.changes(p))
		}
		g, _ := d.world.Group("web__1")
		state, diags := d.server.Read("elastigroup_group", object{"id": g.ID})
		providertest.MustSucceed(t, diags)
		configuration := state["configuration"].(string)
		var read struct {
			Scheduling struct {
				Tasks []map[string]any
			}
		}
		if err := json.Unmarshal([]byte(configuration), &read); err != nil || asJSON(read.Scheduling.Tasks) != asJSON(officeHours) {
			t.Errorf("%v: %s", err, configuration)
		}
	})
}

// Groups that others made are no exception: of an imported pair, the tasks of the one that is not live are shown, and switched off by the
// first apply.
func TestAnImportedPairWithASchedule(t *testing.T) {
	with := func(raw json.RawMessage) json.RawMessage {
		var document object
		if err := json.Unmarshal(raw, &document); err != nil {
			t.Fatal(err)
		}
		document["scheduling"], document["scaling"] = object{"tasks": officeHours}, movers
		return json.RawMessage(asJSON(document))
	}
	world := webWorld(with(existing("web", "ami-1", 2, 4, 8)), with(existing(rollout.StageName("web"), "ami-2", 0, 0, 0)))
	inBubble(t, world, func(t *testing.T, d *deployment) {
		if diags := d.load("web"); providertest.Failed(diags) {
			t.Fatal(providertest.Render(diags))
		}
		config := inOffice("ami-1")
		p := d.plan(config)
		if said := d.planText(p); strings.TrimSpace(said) != "mend   web__STAGE__Harness   2 scheduled tasks and 1 scaling policy switched off   it is not live" {
			t.Errorf("the plan says\n%s", said)
		}
		d.apply(config)
		d.mustSwitch("web")
		d.until(1, 9, 0)
		mustStand(t, d.world, "web ami-1 2/4/8", "web__STAGE__Harness ami-2 0/0/0")
		d.mustBeSettled(config)
	})
}

// A destroy is not disturbed by tasks that are on.
func TestDestroyBesideASchedule(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.until(1, 7, 0)
		d.apply(inOffice("ami-1"))
		d.apply(inOffice("ami-2"))
		leaveAsOlderVersion(t, d.world, "web__1")
		d.until(1, 7, 59)
		providertest.MustSucceed(t, d.destroy())
		mustStand(t, d.world)
		neverDeletesInstances(t, d.world)
	})
}
