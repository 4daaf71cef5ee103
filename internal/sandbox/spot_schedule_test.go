package sandbox

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/spotinst/spotinst-sdk-go/service/elastigroup/providers/aws"
	"github.com/spotinst/spotinst-sdk-go/spotinst"
)

func TestCron(t *testing.T) {
	const form = "2006-01-02 15:04 Mon"
	for _, test := range []struct{ expression, after, want string }{
		{"* * * * *", "2026-03-04 10:00 Wed", "2026-03-04 10:01 Wed"},
		{"30 16 * * 1-5", "2026-03-06 16:29 Fri", "2026-03-06 16:30 Fri"},
		{"30 16 * * 1-5", "2026-03-06 16:30 Fri", "2026-03-09 16:30 Mon"},
		{"*/20 * * * *", "2026-03-04 10:40 Wed", "2026-03-04 11:00 Wed"},
		{"5/20 9-17/4 * * *", "2026-03-04 09:45 Wed", "2026-03-04 13:05 Wed"},
		{"0 1,3 * * *", "2026-03-04 01:00 Wed", "2026-03-04 03:00 Wed"},
		{"0 0 31 * *", "2026-03-31 00:00 Tue", "2026-05-31 00:00 Sun"},
		{"0 0 29 2 *", "2026-03-04 10:00 Wed", "2028-02-29 00:00 Tue"},
		{"0 0 * * 7", "2026-03-04 10:00 Wed", "2026-03-08 00:00 Sun"},
		{"0 0 * * 0", "2026-03-04 10:00 Wed", "2026-03-08 00:00 Sun"},
		{"0 0 13 * 5", "2026-03-04 10:00 Wed", "2026-03-06 00:00 Fri"}, // either day will do
		{"0 0 30 2 *", "2026-03-04 10:00 Wed", "never"},
	} {
		c, err := parseCron(test.expression)
		if err != nil {
			t.Error(err)
			continue
		}
		after, err := time.Parse(form, test.after)
		if err != nil {
			t.Fatal(err)
		}
		got := "never"
		if at, ok := c.next(after); ok {
			got = at.Format(form)
		}
		if got != test.want {
			t.Errorf("%s after %s: %s, want %s", test.expression, test.after, got, test.want)
		}
	}
	for _, broken := range []string{"", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8",
		"* * * * MON", "5-1 * * * *", "*/0 * * * *", "1, * * * *", "-1 * * * *"} {
		if _, err := parseCron(broken); err == nil {
			t.Errorf("%q is taken", broken)
		}
	}
}

// capacityIs fails the test unless the only group has this capacity.
func capacityIs(t *testing.T, w *World, when, want string) {
	t.Helper()
	g := one(t, w)
	if got := fmt.Sprintf("%d/%d/%d", g.Minimum, g.Target, g.Maximum); got != want {
		t.Errorf("%s: %s, want %s", when, got, want)
	}
}

// The bubbles' clocks begin at midnight of 1 January 2000, UTC, a Saturday.
func TestScheduledTasks(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		if at := w.Now().Format(time.DateTime); at != "2000-01-01 00:00:00" {
			t.Fatalf("it is %s", at)
		}
		ctx, spot := context.Background(), sdk(w, "sandbox-token")
		group := sdkGroup("web", 2)
		group.Capacity.SetMinimum(spotinst.Int(1)).SetMaximum(spotinst.Int(10))
		number := spotinst.Int
		group.SetScheduling((&aws.Scheduling{}).SetTasks([]*aws.Task{
			(&aws.Task{}).SetType(spotinst.String("scale")).SetCronExpression(spotinst.String("0 8 * * *")).
				SetScaleTargetCapacity(number(6)).SetScaleMinCapacity(number(4)).SetScaleMaxCapacity(number(12)),
			(&aws.Task{}).SetType(spotinst.String("scaleDown")).SetCronExpression(spotinst.String("0 20 * * *")).SetAdjustment(number(5)),
			(&aws.Task{}).SetType(spotinst.String("percentageScaleUp")).SetStartTime(spotinst.String("2000-01-01T09:00:00Z")).SetAdjustmentPercentage(number(50)),
			(&aws.Task{}).SetType(spotinst.String("scaleUp")).SetFrequency(spotinst.String("daily")).SetStartTime(spotinst.String("2000-01-02T21:00:00Z")).SetAdjustment(number(3)),
			(&aws.Task{}).SetType(spotinst.String("scaleUp")).SetCronExpression(spotinst.String("* * * * *")).SetIsEnabled(spotinst.Bool(false)).SetAdjustment(number(1)),
		}))
		created, err := spot.Create(ctx, &aws.CreateGroupInput{Group: group})
		if err != nil {
			t.Fatal(err)
		}
		id := spotinst.StringValue(created.Group.ID)
		tasks := func() int {
			t.Helper()
			read, err := spot.Read(ctx, &aws.ReadGroupInput{GroupID: &id})
			if err != nil {
				t.Fatal(err)
			}
			return len(read.Group.Scheduling.Tasks)
		}
		until := func(s string) {
			t.Helper()
			at, err := time.Parse(time.DateTime, "2000-01-"+s)
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(at.Sub(w.Now()))
		}
		until("01 07:59:59")
		capacityIs(t, w, "before the first one", "1/2/10")
		until("01 08:05:00")
		capacityIs(t, w, "after scale", "4/6/12")
		if n := count(one(t, w), serving); n != 6 {
			t.Errorf("%d serve", n)
		}
		if n := tasks(); n != 5 {
			t.Errorf("%d tasks", n)
		}
		until("01 09:00:00")
		capacityIs(t, w, "after percentageScaleUp", "4/9/12")
		if n := tasks(); n != 4 {
			t.Errorf("%d tasks after the one that is due but once", n)
		}
		until("01 20:00:00")
		capacityIs(t, w, "after scaleDown, which stops at the minimum", "4/4/12")
		until("01 23:00:00")
		capacityIs(t, w, "before the startTime of the daily one", "4/4/12")
		until("02 08:00:00")
		capacityIs(t, w, "on the second day", "4/6/12")

		ask(t, w, "POST", "/group/"+id+"/suspension", `{"suspensions":[{"name":"SCHEDULING","ttlInMinutes":720}]}`)
		until("02 20:00:00") // the suspension has just ended
		capacityIs(t, w, "after scaleDown again", "4/4/12")
		until("02 21:00:00")
		capacityIs(t, w, "after the daily scaleUp", "4/7/12")
		ask(t, w, "POST", "/group/"+id+"/suspension", `{"suspensions":[{"name":"SCHEDULING"}]}`)
		until("03 23:00:00")
		capacityIs(t, w, "a day later, suspended", "4/7/12")
		ask(t, w, "DELETE", "/group/"+id+"/suspension", `{"processes":["SCHEDULING"]}`)
		capacityIs(t, w, "what was skipped is not made up for", "4/7/12")

		// An update that leaves the tasks alone leaves their times alone; without tasks nothing is due.
		ask(t, w, "PUT", "/group/"+id, `{"group":{"description":"the web"}}`)
		until("04 08:00:00")
		capacityIs(t, w, "on the fourth day", "4/6/12")
		ask(t, w, "PUT", "/group/"+id, `{"group":{"scheduling":null}}`)
		until("06 00:00:00")
		capacityIs(t, w, "without tasks", "4/6/12")
		if said := ask(t, w, "GET", "/group/"+id+"/logs", "").text; strings.Count(said, "Scheduled task scale sets") != 3 || !strings.Contains(said, "is skipped: SCHEDULING is suspended") {
			t.Errorf("the log says %s", said)
		}
	})
}

func TestRunTask(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		id := create(t, w, document("web", "ami-good", 2, `{"capacity":{"minimum":1,"maximum":8},"scheduling":{"tasks":[
			{"taskType":"scale","frequency":"hourly","scaleTargetCapacity":9},
			{"taskType":"percentageScaleDown","cronExpression":"0 0 1 1 *","adjustmentPercentage":25},
			{"taskType":"backup_ami","cronExpression":"* * * * *"},
			{"taskType":"scaleUp","cronExpression":"0 0 1 1 *","adjustment":1,"isEnabled":false},
			{"taskType":"roll","cronExpression":"0 0 1 1 *","batchSizePercentage":50}]}}`))
		time.Sleep(59 * time.Minute)
		capacityIs(t, w, "before the hour", "1/2/8")
		time.Sleep(time.Minute)
		capacityIs(t, w, "an hour after the group was made", "1/8/8")
		if !w.RunTask("web", 1) {
			t.Error("the second task was not done")
		}
		capacityIs(t, w, "after the second task", "1/6/8")
		for _, n := range []int{-1, 2, 3, 5} {
			if w.RunTask("web", n) {
				t.Errorf("task %d was done", n)
			}
		}
		if !w.RunTask("web", 4) || w.RunTask("web", 1) {
			t.Error("there is no roll, or it keeps no other task from being done")
		}
		time.Sleep(scheduledRoll)
		w.SetRoll("web", Roll{})
		if w.RunTask("web", 1) {
			t.Error("a task was done while a deployment ran")
		}
		w.SetRoll("web", Roll{Status: "finished"})
		if status, text := control(t, w, "POST", "task", `{"group":"web","task":0}`); status != 204 {
			t.Errorf("%d %s", status, text)
		}
		capacityIs(t, w, "after the first task", "1/8/8")
		for _, body := range []string{`{"group":"web","task":9}`, `{"group":"nobody"}`} {
			if status, _ := control(t, w, "POST", "task", body); status != 400 {
				t.Errorf("%s: %d", body, status)
			}
		}
		w.DeleteGroup(id)
		time.Sleep(2 * time.Hour) // its tasks are void
	})
}

func TestRefusedTasks(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		for task, want := range map[string]string{
			`{"cronExpression":"* * * * *"}`:                                        "taskType",
			`{"taskType":"scale","cronExpression":"at noon"}`:                       "cronExpression",
			`{"taskType":"scale","frequency":"yearly"}`:                             "frequency",
			`{"taskType":"scale","frequency":"daily","cronExpression":"0 1 * * *"}`: "exclusive peers",
		} {
			e := ask(t, w, "POST", "/group", document("web", "ami-good", 1, `{"scheduling":{"tasks":[`+task+`]}}`))
			if e.status != 400 || !strings.Contains(e.text, want) {
				t.Errorf("%s: %d %s", task, e.status, e.text)
			}
		}
	})
}
