package sandbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// one is the only group of a world.
func one(t *testing.T, w *World) Group {
	t.Helper()
	all := w.Groups()
	if len(all) != 1 {
		t.Fatalf("there are %d groups", len(all))
	}
	return all[0]
}

func count(g Group, of func(Instance) bool) int {
	n := 0
	for _, i := range g.Instances {
		if of(i) {
			n++
		}
	}
	return n
}

func serving(i Instance) bool { return i.Serving }

func TestInstanceBootsRegistersAndTurnsHealthy(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		create(t, w, document("web", "ami-good", 1, ""))
		for _, step := range []struct {
			at     time.Duration
			status string
			state  string
			health string
			target string // of the one target
		}{
			{2 * time.Second, "pending-evaluation", "", "UNKNOWN", "none"},
			{7 * time.Second, "fulfilled", "pending", "UNKNOWN", "none"},
			{27 * time.Second, "fulfilled", "running", "UNKNOWN", "initial"},
			{46 * time.Second, "fulfilled", "running", "UNKNOWN", "initial"},
			{53 * time.Second, "fulfilled", "running", "UNKNOWN", "healthy"},
			{58 * time.Second, "fulfilled", "running", "HEALTHY", "healthy"},
		} {
			time.Sleep(step.at - w.Now().Sub(w.start))
			i := one(t, w).Instances[0]
			tg := w.TargetGroups()[0]
			target := "none"
			if tg.Initial == 1 {
				target = "initial"
			} else if tg.Healthy == 1 {
				target = "healthy"
			}
			if i.Status != step.status || i.State != step.state || i.Health != step.health || target != step.target {
				t.Errorf("at %v: %s, %q, %s, target %s; want %+v", step.at, i.Status, i.State, i.Health, target, step)
			}
			if (i.ID == "") != (step.state == "") || i.Serving != (target == "healthy") {
				t.Errorf("at %v: %+v", step.at, i)
			}
		}
	})
}

func TestImagesBehave(t *testing.T) {
	for _, test := range []struct {
		image   string
		in      time.Duration
		serving int
	}{
		{"ami-good", 2 * time.Minute, 2},
		{"ami-slow", 2 * time.Minute, 0},
		{"ami-slow", 5 * time.Minute, 2},
		{"ami-never", 6 * time.Minute, 0},
		{"ami-crash", 2 * time.Minute, 2},
		{"ami-crash", 4 * time.Minute, 0},
	} {
		t.Run(fmt.Sprint(test.image, " after ", test.in), func(t *testing.T) {
			inWorld(t, web(), func(t *testing.T, w *World) {
				create(t, w, document("web", test.image, 2, ""))
				time.Sleep(test.in)
				if n := count(one(t, w), serving); n != test.serving {
					t.Errorf("%d serve, want %d", n, test.serving)
				}
			})
		})
	}
}

func TestBehaviourByName(t *testing.T) {
	for name, want := range map[string]Kind{
		"web-1.2": Healthy, "web-slow-1": Slow, "slowness": Healthy, "web_never": Never, "web.BROKEN.3": Never,
		"web-crash-1": Crash, "": Healthy,
	} {
		if got := kindByName(name); got != want {
			t.Errorf("%q is %s, want %s", name, got, want)
		}
	}
}

func TestScaleDownTakesUnhealthyThenOldest(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		id := create(t, w, document("web", "ami-good", 2, ""))
		time.Sleep(2 * time.Minute)
		w.SetCapacity(id, 4, 4, 4)
		time.Sleep(2 * time.Minute)
		before := one(t, w).Instances
		sick := before[3].ID
		w.SetAnswering(sick, false, "Health checks failed with these codes: [500]")
		time.Sleep(30 * time.Second)

		w.SetCapacity(id, 2, 2, 2)
		time.Sleep(3 * time.Second)
		var leaving []string
		for _, i := range one(t, w).Instances {
			if i.Leaving {
				leaving = append(leaving, i.ID)
			}
		}
		if want := []string{before[0].ID, sick}; !slices.Equal(leaving, want) {
			t.Errorf("%v leave, want the oldest and the sick one, %v", leaving, want)
		}
		time.Sleep(time.Minute)
		if n := len(one(t, w).Instances); n != 2 {
			t.Errorf("%d are left after the draining timeout", n)
		}
	})
}

func TestScaleDownTakesRequestsFirst(t *testing.T) {
	config := web()
	inWorld(t, config, func(t *testing.T, w *World) {
		id := create(t, w, document("web", "ami-good", 2, ""))
		time.Sleep(2 * time.Minute)
		w.SetMarket(Market{Available: false})
		w.SetCapacity(id, 4, 4, 4)
		time.Sleep(time.Minute)
		w.SetCapacity(id, 2, 2, 2)
		time.Sleep(3 * time.Second)
		if g := one(t, w); len(g.Instances) != 2 || count(g, serving) != 2 {
			t.Errorf("%d instances, %d serve", len(g.Instances), count(g, serving))
		}
	})
}

func TestToZeroAndBack(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		id := create(t, w, document("web", "ami-good", 3, ""))
		time.Sleep(2 * time.Minute)
		w.SetCapacity(id, 0, 0, 0)
		time.Sleep(2 * time.Minute)
		if e := ask(t, w, "GET", "/group/"+id+"/status", ""); len(e.Response.Items) != 0 {
			t.Errorf("at zero there are %d instances", len(e.Response.Items))
		}
		w.SetCapacity(id, 3, 3, 3)
		time.Sleep(2 * time.Minute)
		if n := count(one(t, w), serving); n != 3 {
			t.Errorf("%d serve again", n)
		}
	})
}

func TestUnhealthyInstancesAreReplaced(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		id := create(t, w, document("web", "ami-good", 2, ""))
		time.Sleep(10 * time.Minute)
		ask(t, w, "POST", "/group/"+id+"/suspension", `{"suspensions":[{"name":"AUTO_HEALING","ttlInMinutes":10}]}`)
		sick := one(t, w).Instances[0].ID
		w.SetAnswering(sick, false, "")
		there := func() bool {
			return slices.ContainsFunc(one(t, w).Instances, func(i Instance) bool { return i.ID == sick && !i.Leaving })
		}
		time.Sleep(9 * time.Minute)
		if !there() {
			t.Error("it was replaced while healing was suspended")
		}
		time.Sleep(3 * time.Minute)
		if there() {
			t.Error("it was not replaced")
		}
		time.Sleep(2 * time.Minute)
		if n := count(one(t, w), serving); n != 2 {
			t.Errorf("%d serve", n)
		}
	})
}

func TestHealthWithoutBalancers(t *testing.T) {
	for check, want := range map[string]string{"EC2": "HEALTHY", "": "UNKNOWN"} {
		t.Run("check "+check, func(t *testing.T) {
			inWorld(t, web(), func(t *testing.T, w *World) {
				members := `{"compute":{"launchSpecification":{"loadBalancersConfig":null,"healthCheckType":null}}}`
				if check != "" {
					members = strings.Replace(members, `"healthCheckType":null`, `"healthCheckType":"`+check+`"`, 1)
				}
				create(t, w, document("web", "ami-good", 1, members))
				time.Sleep(time.Minute)
				if i := one(t, w).Instances[0]; i.Health != want || !i.InService || !i.Serving {
					t.Errorf("%+v, want %s", i, want)
				}
			})
		})
	}
}

func TestWeights(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		id := create(t, w, document("web", "ami-good", 8, `{"capacity":{"unit":"weight"},
			"compute":{"instanceTypes":{"spot":["m5.xlarge","m5.2xlarge"],"ondemand":"m5.xlarge",
			"weights":[{"instanceType":"m5.xlarge","weightedCapacity":2},{"instanceType":"m5.2xlarge","weightedCapacity":4}]}}}`))
		time.Sleep(2 * time.Minute)
		size := func() int {
			sum := 0
			for _, i := range one(t, w).Instances {
				if !i.Leaving {
					sum += i.Weight
				}
			}
			return sum
		}
		if size() < 8 || size() >= 12 || len(one(t, w).Instances) >= 8 {
			t.Errorf("%d instances weigh %d, want 8 or little more", len(one(t, w).Instances), size())
		}
		last := w.Timeline()
		if serving := last[len(last)-1].Serving(nil); serving != size() {
			t.Errorf("the timeline counts %d, the weights are %d", serving, size())
		}
		w.SetCapacity(id, 5, 5, 5)
		time.Sleep(2 * time.Minute)
		if size() < 5 || size() > 8 {
			t.Errorf("scaled to 5 it weighs %d", size())
		}
	})
}

func TestBalancersOfALiveGroup(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		id := create(t, w, document("web", "ami-good", 1, ""))
		time.Sleep(2 * time.Minute)
		ask(t, w, "POST", "/group/"+id+"/suspension", `{"processes":["LB_REGISTRATION"]}`)
		ask(t, w, "PUT", "/group/"+id, `{"group":{"compute":{"launchSpecification":{"loadBalancersConfig":{"loadBalancers":null}}}}}`)
		time.Sleep(time.Minute)
		if g := w.TargetGroups()[0]; g.Healthy != 1 {
			t.Errorf("while registration is suspended: %+v", g)
		}
		ask(t, w, "DELETE", "/group/"+id+"/suspension", `{"processes":["LB_REGISTRATION"]}`)
		if g := w.TargetGroups()[0]; g.Draining != 1 {
			t.Errorf("after it: %+v", g)
		}
	})
}

func TestAutoApplyTags(t *testing.T) {
	for query, want := range map[string]string{"": "web", "&autoApplyTags=true": "api"} {
		inWorld(t, web(), func(t *testing.T, w *World) {
			id := create(t, w, document("web", "ami-good", 1, ""))
			time.Sleep(time.Minute)
			ask(t, w, "PUT", "/group/"+id+"?accountId=act-sandbox"+query,
				`{"group":{"compute":{"launchSpecification":{"tags":[{"tagKey":"app","tagValue":"api"}]}}}}`)
			w.locked(func() {
				if m := w.machines()[0]; m.Tags["app"] != want || m.Tags["spotinst:aws:ec2:group:id"] != id {
					t.Errorf("%q: tags %v, want app %s", query, m.Tags, want)
				}
			})
		})
	}
}

func TestDeploymentBlocksUpdates(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		id := create(t, w, document("web", "ami-good", 1, ""))
		w.SetRoll("web", Roll{})
		for _, call := range [][3]string{
			{"PUT", "", `{"group":{"description":"x"}}`},
			{"PUT", "/capacity", `{"capacity":{"target":1}}`},
			{"PUT", "/scale/up?adjustment=1", ""},
		} {
			if e := ask(t, w, call[0], "/group/"+id+call[1], call[2]); e.status != 400 {
				t.Errorf("%s%s: %d", call[0], call[1], e.status)
			}
		}
		w.SetRoll("web", Roll{Status: "finished"})
		if e := ask(t, w, "PUT", "/group/"+id, `{"group":{"description":"x"}}`); e.status != 200 {
			t.Errorf("after it: %s", e.text)
		}
	})
}

func TestAutoscaler(t *testing.T) {
	config := web()
	config.Autoscale = []Autoscale{{Group: "web", After: Duration(10 * time.Minute), Target: 3}}
	config.Groups = []json.RawMessage{json.RawMessage(document("web", "ami-good", 2, `{"capacity":{"maximum":5}}`))}
	inWorld(t, config, func(t *testing.T, w *World) {
		time.Sleep(9 * time.Minute)
		if g := one(t, w); g.Target != 2 {
			t.Errorf("before it is due: %d", g.Target)
		}
		time.Sleep(2 * time.Minute)
		if g := one(t, w); g.Target != 3 || len(g.Instances) != 3 {
			t.Errorf("after it: target %d, %d instances", g.Target, len(g.Instances))
		}
		w.AutoscaleAfter(time.Minute, "web", 99)
		time.Sleep(2 * time.Minute)
		if g := one(t, w); g.Target != 5 {
			t.Errorf("beyond the bounds: %d", g.Target)
		}
	})
}

func TestPreloadedGroupsServeFromTheStart(t *testing.T) {
	config := web()
	config.Accounts = []Account{{ID: "act-a", Tokens: []string{"t"}}, {ID: "act-b", Tokens: []string{"t"}}}
	config.Groups = []json.RawMessage{
		json.RawMessage(document("web__1", "ami-good", 2, `{"id":"sig-00000001","account":"act-b","createdAt":"2018-10-19T22:07:46.469Z"}`)),
	}
	inWorld(t, config, func(t *testing.T, w *World) {
		g := one(t, w)
		if g.ID != "sig-00000001" || g.Account != "act-b" || count(g, serving) != 2 {
			t.Errorf("%+v", g)
		}
		timeline := w.Timeline()
		if len(timeline) != 1 || !timeline[0].Time.Equal(w.start) || timeline[0].Serving(nil) != 2 {
			t.Errorf("the timeline begins with %+v", timeline)
		}
		if got := askAs(t, w, "Bearer t", "GET", "/group/sig-00000001?accountId=act-b", "").Response.Items[0]; got["createdAt"] != "2018-10-19T22:07:46.469Z" {
			t.Errorf("createdAt %v", got["createdAt"])
		}
	})
}
