package deployment_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

func TestFirstDeployment(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		run := d.watch()
		state := d.apply(release("ami-1"))
		run.mustDo("create web__1", "web__1 0 -> 4")
		mustStand(t, d.world, "web__1 ami-1 2/4/8")

		for name, want := range map[string]any{
			"id": "web", "status": "stable", "revision": 1, "group_name": "web__1", "group_id": d.world.Groups()[0].ID,
		} {
			if state[name] != want {
				t.Errorf("%s is %v, want %v", name, state[name], want)
			}
		}
		groups := state["groups"].([]any)
		if len(groups) != 1 || groups[0].(object)["role"] != "live" || groups[0].(object)["image_id"] != "ami-1" {
			t.Errorf("groups are %v", groups)
		}
		serving := 0
		for _, i := range d.world.Groups()[0].Instances {
			if i.Serving {
				serving++
			}
		}
		if serving != 4 {
			t.Errorf("apply returned while %d of 4 instances served", serving)
		}
	})
}

func TestSecondApplyPlansNothing(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		d.restart()
		run := d.watch()
		time.Sleep(48 * time.Hour)
		d.mustBeSettled(release("ami-1"))
		run.mustDo()
	})
}

// Every kind of release: what changes, and that it makes a revision by way of a full one beside the old one.
func TestReleases(t *testing.T) {
	document := webDocument()
	memberAt(document, "strategy")["drainingTimeout"] = 90
	for name, change := range map[string]object{
		"image":         {"image_id": "ami-2"},
		"user data":     {"user_data": providertest.Boot + "# more\n"},
		"target groups": {"target_group_arns": []any{providertest.WebARN, providertest.IdleARN}},
		"triggers":      {"triggers": object{"release": "2"}},
		"configuration": {"configuration": asJSON(document)},
	} {
		t.Run(name, func(t *testing.T) {
			config := webWorld()
			config.AWS.LoadBalancers[0].Listeners = append(config.AWS.LoadBalancers[0].Listeners, config.AWS.LoadBalancers[0].Listeners[0])
			config.AWS.LoadBalancers[0].Listeners[1].Port, config.AWS.LoadBalancers[0].Listeners[1].TargetGroup = 81, "idle"
			inBubble(t, config, func(t *testing.T, d *deployment) {
				d.apply(release("ami-1"))
				run := d.watch()
				state := d.apply(release("ami-1", change))
				run.mustDo("create web__2", "web__2 0 -> 4", "web__1 4 -> 0")
				run.mustServe(4)
				if state["revision"] != 2 || state["group_name"] != "web__2" || state["status"] != "stable" {
					t.Errorf("the state is %v", state)
				}
			})
		})
	}
}

func TestNewImage(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		d.restart()
		run := d.watch()
		d.apply(release("ami-2"))
		mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8")

		// The old one shrinks only once all of the new one is in service.
		for _, m := range d.world.Timeline()[run.moments:] {
			if len(m.Groups) == 2 && m.Groups[0].Target == 0 && m.Groups[1].InService < 4 {
				t.Fatalf("web__1 went to 0 while %d instances of web__2 were in service", m.Groups[1].InService)
			}
			if len(m.Groups) == 2 && m.Groups[0].Target > 0 && (m.Groups[1].Maximum > 4 || m.Groups[1].Minimum != m.Groups[1].Target) {
				t.Fatalf("web__2 had room for an autoscaler while it shared the work: %+v", *m.Groups[1])
			}
		}
	})
}

func TestPreviousFirst(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		run := d.watch()
		d.apply(release("ami-2", object{"resize_order": "previous_first"}))
		run.mustDo("create web__2", "web__1 4 -> 0", "web__2 0 -> 4")
		mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8")
	})
}

func TestWithoutTargetGroups(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		document := webDocument()
		memberAt(document, "compute", "launchSpecification")["healthCheckType"] = "EC2"
		plain := object{"target_group_arns": nil, "configuration": asJSON(document)}
		d.apply(release("ami-1", plain))
		run := d.watch()
		d.apply(release("ami-2", plain))
		run.mustDo("create web__2", "web__2 0 -> 4", "web__1 4 -> 0")
	})
}

func TestUserDataReachesTheGroup(t *testing.T) {
	for name, test := range map[string]struct {
		config object
		want   string
	}{
		"plain":             {object{"user_data": providertest.Boot}, providertest.BootBase64},
		"base64":            {object{"user_data": nil, "user_data_base64": providertest.BootBase64}, providertest.BootBase64},
		"the configuration": {object{"user_data": nil}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				d.apply(release("ami-1", test.config))
				if got := documentOf(d.world.Groups()[0]).Compute.LaunchSpecification.UserData; got != test.want {
					t.Errorf("the group has the user data %q, want %q", got, test.want)
				}
			})
		})
	}
}

// The same user data, written otherwise, is no release.
func TestUserDataWrittenOtherwise(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		run := d.watch()
		d.apply(release("ami-1", object{"user_data": nil, "user_data_base64": providertest.BootBase64}))
		run.mustDo()
	})
}

func TestCosmeticJSONPlansNothing(t *testing.T) {
	document := webDocument()
	compact, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	exported := maps.Clone(document)
	maps.Copy(exported, object{"id": "sig-0000beef", "name": "other", "createdAt": "2026-01-01T00:00:00.000Z", "updatedAt": "2026-01-02T00:00:00.000Z"})
	withNull := maps.Clone(document)
	withNull["description"] = nil
	for name, written := range map[string]string{
		"without white space":    string(compact),
		"wrapped":                asJSON(object{"group": document}),
		"with read-only members": asJSON(exported),
		"with a null":            asJSON(withNull),
		"with white space":       "\n" + strings.ReplaceAll(asJSON(document), "  ", "\t") + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				d.apply(release("ami-1"))
				d.mustBeSettled(release("ami-1", object{"configuration": written}))
			})
		})
	}
}

// What changes only the next rollout touches nothing in the clouds.
func TestPolicyAloneChangesNoGroup(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		d.apply(release("ami-2"))
		run := d.watch()
		state := d.apply(release("ami-2", object{
			"resize_order": "previous_first", "retain": 1, "healthy_timeout": "5m", "on_failure": "hold", "on_interrupt": "rollback",
			"deletion_protection": true, "verify": object{"min_healthy_time": "1m", "healthy_percent": 50},
			"timeouts": object{"update": "2h"},
		}))
		run.mustDo()
		if state["retain"] != 1 || state["revision"] != 2 {
			t.Errorf("the state is %v", state)
		}
	})
}

func TestMinHealthyTime(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		steady := object{"verify": object{"min_healthy_time": "3m"}}
		d.apply(release("ami-1", steady))
		run := d.watch()
		d.apply(release("ami-2", steady))
		run.mustServe(4)
		var full time.Time
		for _, m := range d.world.Timeline()[run.moments:] {
			if len(m.Groups) < 2 {
				continue
			}
			if full.IsZero() && m.Groups[1].InService == 4 {
				full = m.Time
			}
			if m.Groups[0].Target == 0 {
				if held := m.Time.Sub(full); full.IsZero() || held < 3*time.Minute-15*time.Second {
					t.Errorf("web__1 went down %s after web__2 was in service", held)
				}
				return
			}
		}
		t.Error("web__1 never went down")
	})
}

func TestImageKnownOnlyAtApply(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		for _, image := range []string{"ami-1", "ami-2"} {
			p := d.plan(release("", object{"image_id": unknown}))
			providertest.MustSucceed(t, p.diags)
			for _, name := range []string{"rollout_plan", "revision", "group_id", "group_name", "groups"} {
				if image == "ami-2" && memberOf(t, p.value, name).IsFullyKnown() {
					t.Errorf("%s is known before the image is: %s", name, memberOf(t, p.value, name))
				}
			}
			if memberOf(t, p.value, "rollout_plan").IsKnown() {
				t.Errorf("there is a plan of a rollout of nobody knows what: %s", memberOf(t, p.value, "rollout_plan"))
			}
			state, diags := d.applyPlan(t.Context(), p, release(image))
			if providertest.Failed(diags) {
				t.Fatal(providertest.Render(diags))
			}
			if text, ok := state["rollout_plan"].(string); !ok || !strings.Contains(text, image) {
				t.Errorf("after apply the plan is %v", state["rollout_plan"])
			}
			d.mustBeSettled(release(image))
		}
	})
}

// Image unknown at plan, and then the very one that serves.
func TestImageKnownOnlyAtApplyIsTheSame(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		p := d.plan(release("", object{"image_id": unknown}))
		run := d.watch()
		if _, diags := d.applyPlan(t.Context(), p, release("ami-1")); providertest.Failed(diags) {
			t.Fatal(providertest.Render(diags))
		}
		run.mustDo()
		d.mustBeSettled(release("ami-1"))
	})
}

func TestAnotherNameReplaces(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		p := d.plan(release("ami-1", object{"name": "api"}))
		if providertest.Failed(p.diags) || strings.Join(p.replace, " ") != "name" {
			t.Errorf("replaced because of %v\n%s", p.replace, providertest.Render(p.diags))
		}
	})
}

// Two applies of the same file by two processes, one after the other from the same old state: the second stops before it
// changes anything, as it was planned for another world.
func TestPlanOfAnotherWorld(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		old := d.state
		stale := d.plan(release("ami-3"))
		providertest.MustSucceed(t, stale.diags)
		d.apply(release("ami-2"))
		d.state = old
		run := d.watch()
		_, diags := d.applyPlan(t.Context(), stale, release("ami-3"))
		mustExplain(t, diags, "web__2")
		run.mustDo()
		d.apply(release("ami-3"))
		mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 0/0/0", "web__3 ami-3 2/4/8")
	})
}

// Many deployments in one provider, at the same time.
func TestManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := deploymentIn(t, sandbox.New(webWorld()))
		names := []string{"a", "b", "c", "d", "e", "f"}
		done := make(chan []string, len(names))
		for _, name := range names {
			one := *d
			go func() {
				_, diags := one.tryApply(release("ami-1", object{"name": name}))
				done <- []string{name, providertest.Render(diags)}
			}()
		}
		for range names {
			if said := <-done; said[1] != "" {
				t.Errorf("%s: %s", said[0], said[1])
			}
		}
		if got := len(d.world.Groups()); got != len(names) {
			t.Errorf("there are %d groups", got)
		}
	})
}
