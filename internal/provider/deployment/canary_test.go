package deployment_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// canaryWorld is webWorld with an alarm that is off, and an image whose instances crash a while after they answer.
func canaryWorld(groups ...json.RawMessage) sandbox.Config {
	config := webWorld(groups...)
	config.Images = append(config.Images, sandbox.Image{ID: "ami-crash", Name: "web-crash"})
	config.AWS.Alarms = []sandbox.AlarmConfig{{Name: "web-5xx", State: "OK"}, {Name: "web-latency", State: "OK"}}
	return config
}

// percentPhases are those of a canary: percents with a bake of five minutes each.
func percentPhases(percents ...int) object {
	all := []any{}
	for _, percent := range percents {
		all = append(all, object{"percent": percent, "bake": "5m"})
	}
	return object{"phase": all}
}

// canary is a release in two phases before the whole, watched by an alarm.
func canary(image string, others ...object) object {
	watched := object{"canary": percentPhases(25, 50), "verify": object{"alarms": []any{"web-5xx"}}}
	return release(image, append([]object{watched}, others...)...)
}

// rolesOf is who is who in a state, newest first: "web__2 candidate 1/1/1".
func rolesOf(state object) string {
	var lines []string
	for _, g := range state["groups"].([]any) {
		g := g.(object)
		lines = append(lines, fmt.Sprintf("%s %s %v/%v/%v", g["name"], g["role"], g["minimum"], g["target"], g["maximum"]))
	}
	return strings.Join(lines, "\n")
}

// mustShow fails the test unless the state has the status, the live group and exactly these roles.
func (d *deployment) mustShow(status, live string, roles ...string) {
	d.t.Helper()
	state := d.now()
	if state == nil {
		d.t.Fatal("there is no state")
	}
	if state["status"] != status || state["group_name"] != live {
		d.t.Errorf("the state is %s with %s live, want %s with %s", state["status"], state["group_name"], status, live)
	}
	if g, ok := d.world.Group(live); !ok || state["group_id"] != g.ID || live != fmt.Sprintf("web__%d", state["revision"]) {
		d.t.Errorf("the live group is %v, revision %v", state["group_id"], state["revision"])
	}
	if got := rolesOf(state); got != strings.Join(roles, "\n") {
		d.t.Errorf("the state has\n%s\nwant\n%s", got, strings.Join(roles, "\n"))
	}
}

// planText is the rollout_plan of a plan without errors.
func (d *deployment) planText(p planned) string {
	d.t.Helper()
	if providertest.Failed(p.diags) {
		d.t.Fatal(providertest.Render(p.diags))
	}
	var text string
	if err := memberOf(d.t, p.value, "rollout_plan").As(&text); err != nil {
		d.t.Fatal(err)
	}
	return text
}

// mustRead fails the test unless a plan says exactly this.
func (d *deployment) mustRead(p planned, want string) {
	d.t.Helper()
	if got := d.planText(p); got != want {
		d.t.Errorf("the plan says\n%s\nwant\n%s", got, want)
	}
}

// What a reviewer reads, what apply does, what the state says afterwards, and that there is nothing left to do.
func TestCanaryFromPlanToLastInstance(t *testing.T) {
	inBubble(t, canaryWorld(provenGroup(1, 2, 2, 2), provenGroup(2, 2, 4, 8)), func(t *testing.T, d *deployment) {
		imported(t, d)
		p := d.plan(canary("ami-5", object{"retain": 1}))
		d.mustRead(p, `canary       previous web__2 (ami-3, 4 instances) -> new web__3 (ami-5, 4 instances)
setup        new        created at 0 in target group "web"
             web__1     2 -> 0   left over from an earlier release
25 %         new        0 -> 1   then previous 4 -> 3   bake 5m, alarms web-5xx
50 %         new        1 -> 2   then previous 3 -> 2   bake 5m, alarms web-5xx
100 %        new        2 -> 4   then previous 2 -> 0   new minimum 2, maximum 8   alarms web-5xx
after        web__1     deleted
             previous kept at 0
on failure   previous back to 4 (minimum 2, maximum 8), new deleted
`)
		run, began := d.watch(), time.Now()
		state, diags := d.applyPlan(t.Context(), p, canary("ami-5", object{"retain": 1}))
		providertest.MustSucceed(t, diags)
		run.mustDo("create web__3", "web__1 2 -> 0", "web__3 0 -> 1", "web__2 4 -> 3", "web__3 1 -> 2", "web__2 3 -> 2",
			"web__3 2 -> 4", "web__2 2 -> 0", "delete web__1")
		run.mustServe(4)
		if took := time.Since(began); took < 10*time.Minute || took > 20*time.Minute {
			t.Errorf("two bakes of 5m and four boots took %s", took)
		}
		mustStand(t, d.world, "web__2 ami-3 0/0/0", "web__3 ami-5 2/4/8")
		d.mustShow("stable", "web__3", "web__3 live 2/4/8", "web__2 previous 0/0/0")
		if state["image_id"] != "ami-5" || state["rollout_plan"] != d.planText(p) {
			t.Errorf("the state has the image %v and the plan\n%v", state["image_id"], state["rollout_plan"])
		}
		neverDeletesInstances(t, d.world)

		d.restart()
		run = d.watch()
		time.Sleep(time.Hour)
		d.mustBeSettled(canary("ami-5", object{"retain": 1}))
		run.mustDo()
	})
}

// pace is how far the revision web__2 was at a time: its target, and how many were in service.
type pace struct {
	at                time.Time
	target, inService int
	previous          int
}

// paces are those of a canary from web__1 to web__2, a moment each.
func (w watch) paces() []pace {
	var all []pace
	for _, m := range w.d.world.Timeline()[max(w.moments-1, 0):] {
		p := pace{at: m.Time}
		for _, g := range m.Groups {
			switch g.Name {
			case "web__1":
				p.previous = g.Target
			case "web__2":
				p.target, p.inService = g.Target, g.InService
			}
		}
		all = append(all, p)
	}
	return all
}

// A phase is reached when its instances are in service, then the previous revision gives up its share, and then it bakes
// in full. Nobody else has room to move either of them.
func TestCanaryGoesAtThePaceOfItsPhases(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		d.apply(canary("ami-1"))
		p := d.plan(canary("ami-2"))
		d.world.Intercept(nil, func(c *sandbox.Call) {
			if c.Action == "SetCapacity" && c.Name == "web__1" {
				d.world.AutoscaleAfter(time.Second, "web__1", 8)
				d.world.AutoscaleAfter(time.Minute, "web__2", 7)
			}
		})
		run := d.watch()
		_, diags := d.applyPlan(t.Context(), p, canary("ami-2"))
		providertest.MustSucceed(t, diags)
		previous := 4
		var shrunk time.Time
		for _, p := range run.paces() {
			if p.previous == previous || p.target == 0 {
				continue
			}
			if p.previous > previous {
				t.Errorf("web__1 grew from %d to %d", previous, p.previous)
			}
			if p.inService < p.target || p.target+p.previous < 4 {
				t.Errorf("web__1 went to %d while %d of %d instances of web__2 were in service", p.previous, p.inService, p.target)
			}
			if !shrunk.IsZero() && p.at.Sub(shrunk) < 5*time.Minute {
				t.Errorf("the phase before web__1 went to %d baked for %s", p.previous, p.at.Sub(shrunk))
			}
			previous, shrunk = p.previous, p.at
		}
		if previous != 0 {
			t.Errorf("web__1 ended with %d", previous)
		}
		run.mustServe(4)
	})
}

// Phases by count, what remains by count or percent, and another capacity at the same time.
func TestCanaryByCount(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		d.apply(canary("ami-1"))
		config := release("ami-2", object{
			"capacity": capacityOf(3, 6, 9), "retain": 0, "verify": nil,
			"canary": object{"phase": []any{
				object{"count": 1, "previous_count": 4}, object{"count": 3, "previous_percent": 50, "bake": "90s"}, object{"percent": 60},
			}},
		})
		p := d.plan(config)
		d.mustRead(p, `canary       previous web__1 (ami-1, 4 instances) -> new web__2 (ami-2, 6 instances)
setup        new        created at 0 in target group "web"
1 of 6       new        0 -> 1   then previous stays at 4
3 of 6       new        1 -> 3   then previous 4 -> 2   bake 1m30s
60 %         new        3 -> 4
100 %        new        4 -> 6   then previous 2 -> 0   new minimum 3, maximum 9
after        previous   deleted
on failure   previous back to 4 (minimum 2, maximum 8), new deleted
`)
		run := d.watch()
		d.applyPlan(t.Context(), p, config)
		run.mustDo("create web__2", "web__2 0 -> 1", "web__2 1 -> 3", "web__1 4 -> 2", "web__2 3 -> 4", "web__2 4 -> 6", "web__1 2 -> 0", "delete web__1")
		run.mustServe(4)
		mustStand(t, d.world, "web__2 ami-2 3/6/9")
		d.mustBeSettled(config)
	})
}

// A first deployment has nothing beside which it could go in phases: the alarm and hold_after_phase wait for the next one.
func TestFirstDeploymentHasNoPhases(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		d.world.SetAlarm("web-5xx", "ALARM", "")
		config := canary("ami-1", object{"hold_after_phase": 1})
		p := d.plan(config)
		d.mustRead(p, `canary       first deployment, without phases -> new web__1 (ami-1, 4 instances)
setup        new        created at 0 in target group "web"
100 %        new        0 -> 4   new minimum 2, maximum 8
on failure   new deleted
`)
		run := d.watch()
		d.apply(config)
		run.mustDo("create web__1", "web__1 0 -> 4")
		d.mustShow("stable", "web__1", "web__1 live 2/4/8")
	})
}
