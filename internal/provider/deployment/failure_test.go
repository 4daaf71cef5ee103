package deployment_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// inputs are the attributes that a user writes.
func (d *deployment) inputs() object {
	all, written := d.now(), object{}
	for _, a := range d.schema.Block.Attributes {
		if !a.Computed || a.Optional {
			written[a.Name] = all[a.Name]
		}
	}
	for _, b := range d.schema.Block.BlockTypes {
		written[b.TypeName] = all[b.TypeName]
	}
	return written
}

// mustBeAsBefore fails the test unless the state has the inputs that it had, and still shows a change to the wanted ones.
func (d *deployment) mustBeAsBefore(before object, wanted object) {
	d.t.Helper()
	if was, is := asJSON(before), asJSON(d.inputs()); was != is {
		d.t.Errorf("the state has other inputs than those that serve:\n%s\nwant\n%s", is, was)
	}
	p := d.plan(wanted)
	if providertest.Failed(p.diags) || d.empty(p) {
		d.t.Errorf("the next plan does not show the change again:\n%s", providertest.Render(p.diags))
	}
}

func TestUnhealthyImageIsUndone(t *testing.T) {
	for name, image := range map[string]struct {
		id   string
		with object
		says []string
	}{
		"never healthy": {"ami-bad", nil, []string{"Health checks failed with these codes: [503]", "web__2", "web__1"}},
		"too slow":      {"ami-slow", object{"healthy_timeout": "2m"}, []string{"2m", "web__2"}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				d.apply(release("ami-1"))
				before, old := d.inputs(), d.now()
				run := d.watch()
				state, diags := d.tryApply(release(image.id, image.with))
				mustExplain(t, diags, image.says...)
				run.mustDo("create web__2", "web__2 0 -> 4", "web__2 4 -> 0", "delete web__2")
				run.mustServe(4)
				mustStand(t, d.world, "web__1 ami-1 2/4/8")
				for _, name := range []string{"status", "revision", "group_id", "group_name"} {
					if state[name] != old[name] {
						t.Errorf("%s is %v, was %v", name, state[name], old[name])
					}
				}
				d.mustBeAsBefore(before, release(image.id, image.with))
				d.mustBeSettled(release("ami-1"))
				neverDeletesInstances(t, d.world)

				d.apply(release("ami-2"))
				run.mustServe(4)
			})
		})
	}
}

// An image that answers, is taken for good, and stops before it has been healthy for the time that is asked for.
func TestCrashingImageIsUndone(t *testing.T) {
	config := webWorld()
	config.Images = append(config.Images, sandbox.Image{ID: "ami-crash", Name: "web-crash"})
	inBubble(t, config, func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		run := d.watch()
		_, diags := d.tryApply(release("ami-crash", object{"verify": object{"min_healthy_time": "5m"}}))
		mustExplain(t, diags, "web__2")
		run.mustServe(4)
		mustStand(t, d.world, "web__1 ami-1 2/4/8")
	})
}

func TestNoCapacityInTheMarket(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		d.world.SetMarket(sandbox.Market{})
		run := d.watch()
		_, diags := d.tryApply(release("ami-2"))
		mustExplain(t, diags, "Can't Spin")
		run.mustServe(4)
		mustStand(t, d.world, "web__1 ami-1 2/4/8")
	})
}

func TestPreviousFirstIsUndone(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		run := d.watch()
		_, diags := d.tryApply(release("ami-bad", object{"resize_order": "previous_first"}))
		mustExplain(t, diags, "web__2")
		run.mustDo("create web__2", "web__1 4 -> 0", "web__2 0 -> 4", "web__1 0 -> 4", "web__2 4 -> 0", "delete web__2")
		mustStand(t, d.world, "web__1 ami-1 2/4/8")
		d.mustBeSettled(release("ami-1"))
	})
}

// An autoscaler had moved the target before the release: what comes back is what was there, not what was once written.
func TestPreviousCapacityComesBackExactly(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1", object{"capacity": nil}))
		d.world.SetTarget("web__1", 7)
		time.Sleep(10 * time.Minute)
		run := d.watch()
		_, diags := d.tryApply(release("ami-bad", object{"capacity": nil, "resize_order": "previous_first"}))
		mustExplain(t, diags)
		if got := run.did(); len(got) < 3 || got[1] != "web__1 7 -> 0" {
			t.Errorf("the run did %v", got)
		}
		mustStand(t, d.world, "web__1 ami-1 2/7/8")
	})
}

func TestFailedFirstDeploymentLeavesNothing(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		_, diags := d.tryApply(release("ami-bad"))
		mustExplain(t, diags, "Health checks failed with these codes: [503]", "web__1")
		mustStand(t, d.world, "")
		if !d.state.IsNull() {
			t.Errorf("there is a state: %s", d.state)
		}
		neverDeletesInstances(t, d.world)
		d.apply(release("ami-1"))
	})
}

// What Spot refuses is quoted, and nothing is left of the attempt.
func TestRefusedCalls(t *testing.T) {
	for _, action := range []string{"CreateGroup", "SetCapacity"} {
		t.Run(action, func(t *testing.T) {
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				d.apply(release("ami-1"))
				before := d.inputs()
				d.world.Fail(sandbox.Fault{Service: "spot", Action: action, Kind: sandbox.Error, Status: 400,
					Code: "QUOTA", Message: "The quota of this account is used up"})
				run := d.watch()
				_, diags := d.tryApply(release("ami-2"))
				mustExplain(t, diags, "The quota of this account is used up")
				run.mustServe(4)
				mustStand(t, d.world, "web__1 ami-1 2/4/8")
				d.mustBeAsBefore(before, release("ami-2"))
			})
		})
	}
}

func TestOnFailureHold(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		before := d.inputs()
		run := d.watch()
		hold := release("ami-bad", object{"on_failure": "hold"})
		state, diags := d.tryApply(hold)
		mustExplain(t, diags, "web__2")
		mustStand(t, d.world, "web__1 ami-1 2/4/8", "web__2 ami-bad 4/4/4")
		if state["status"] != "interrupted" || state["group_name"] != "web__1" {
			t.Errorf("the state is %v", state)
		}
		d.mustBeAsBefore(before, hold)
		run.mustServe(4)

		// Back to the old configuration: the candidate goes.
		d.apply(release("ami-1", object{"on_failure": "hold"}))
		mustStand(t, d.world, "web__1 ami-1 2/4/8")
		run.mustServe(4)
	})
}

func TestTimeout(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		before := d.inputs()
		run := d.watch()
		short := release("ami-slow", object{"timeouts": object{"update": "90s"}, "healthy_timeout": "10m"})
		_, diags := d.tryApply(short)
		mustExplain(t, diags)
		run.mustServe(4)
		d.mustBeAsBefore(before, short)
		d.apply(release("ami-2"))
		run.mustServe(4)
		if got := d.world.Groups(); got[len(got)-1].Target != 4 || imageOf(got[len(got)-1]) != "ami-2" {
			t.Errorf("the world has\n%s", standing(d.world))
		}
	})
}

// interrupt is what a Ctrl-C is to the provider.
func interrupt(d *deployment, after time.Duration, how string) (ctx context.Context, when *time.Time) {
	ctx, cancel := context.WithCancel(d.t.Context())
	when = new(time.Time)
	go func() {
		time.Sleep(after)
		*when = time.Now()
		if how == "stop" {
			d.server.StopProvider(context.Background(), &tfprotov6.StopProviderRequest{})
		}
		cancel()
	}()
	return ctx, when
}

func TestInterruptInAWait(t *testing.T) {
	for _, how := range []string{"stop", "cancel"} {
		for name, after := range map[string]time.Duration{"early": time.Second, "booting": 25 * time.Second, "about healthy": 46 * time.Second} {
			t.Run(how+" "+name, func(t *testing.T) {
				inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
					d.apply(release("ami-1"))
					before := d.inputs()
					run := d.watch()
					ctx, when := interrupt(d, after, how)
					state, diags := d.applyUnder(ctx, release("ami-2"))
					if took := time.Since(*when); when.IsZero() || took > 5*time.Second {
						t.Errorf("the provider went on for %s", took)
					}
					mustExplain(t, diags, "web__2")
					if state["status"] != "interrupted" || state["group_name"] != "web__1" {
						t.Errorf("the state is %v", state)
					}
					d.mustBeAsBefore(before, release("ami-2"))

					d.restart()
					p := d.plan(release("ami-2"))
					if !strings.Contains(providertest.Render(p.diags), "web__2") {
						t.Errorf("the plan does not say where the rollout stands:\n%s", providertest.Render(p.diags))
					}
					d.apply(release("ami-2"))
					mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8")
					run.mustDo("create web__2", "web__2 0 -> 4", "web__1 4 -> 0")
					run.mustServe(4)
				})
			})
		}
	}
}

func TestInterruptAndGoBack(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		run := d.watch()
		ctx, _ := interrupt(d, 30*time.Second, "cancel")
		if _, diags := d.applyUnder(ctx, release("ami-2")); !providertest.Failed(diags) {
			t.Fatal("the interrupted run succeeded")
		}
		d.apply(release("ami-1"))
		mustStand(t, d.world, "web__1 ami-1 2/4/8")
		run.mustServe(4)
	})
}

func TestSupersededRelease(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		run := d.watch()
		ctx, _ := interrupt(d, 30*time.Second, "cancel")
		if _, diags := d.applyUnder(ctx, release("ami-2")); !providertest.Failed(diags) {
			t.Fatal("the interrupted run succeeded")
		}
		d.apply(release("ami-3"))
		run.mustServe(4)
		if got := standing(d.world); strings.Contains(got, "ami-2") || !strings.Contains(got, "ami-3 2/4/8") {
			t.Errorf("the world has\n%s", got)
		}
	})
}

func TestInterruptRollsBackIfAsked(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		before := d.inputs()
		run := d.watch()
		ctx, _ := interrupt(d, 30*time.Second, "cancel")
		back := release("ami-2", object{"on_interrupt": "rollback"})
		_, diags := d.applyUnder(ctx, back)
		mustExplain(t, diags)
		d.mustBeAsBefore(before, back)
		d.apply(release("ami-1"))
		mustStand(t, d.world, "web__1 ami-1 2/4/8")
		run.mustServe(4)
	})
}

// A first deployment that is interrupted has no state, and the next apply goes on with what stands.
func TestInterruptOfTheFirstDeployment(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		run := d.watch()
		ctx, _ := interrupt(d, 30*time.Second, "cancel")
		if _, diags := d.applyUnder(ctx, release("ami-1")); !providertest.Failed(diags) {
			t.Fatal("the interrupted run succeeded")
		}
		d.restart()
		d.apply(release("ami-1"))
		mustStand(t, d.world, "web__1 ami-1 2/4/8")
		run.mustDo("create web__1", "web__1 0 -> 4")
	})
}
