package deployment_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

const (
	promoteType = "elastigroup_promote"
	abortType   = "elastigroup_abort"
	watchType   = "elastigroup_watch"
)

var web = object{"name": "web"}

// invoke invokes an action in a process of its own, and expects success.
func (d *deployment) invoke(action string, config object) []string {
	d.t.Helper()
	said, diags := d.process().Invoke(d.t.Context(), action, config)
	if providertest.Failed(diags) {
		d.t.Fatalf("%s:\n%s\nthe world:\n%s", action, providertest.Render(diags), standing(d.world))
	}
	return said
}

// holding is a strategy whose second release holds after its first phase or weight.
type holding struct {
	world  sandbox.Config
	config func(image string, others ...object) object
	// one is what the last of the phases is called.
	last string
}

func holdingStrategies() map[string]holding {
	return map[string]holding{
		"canary": {canaryWorld(), canary, "50 %"},
		"shift": {blueGreenWorld(productionByWeights), func(image string, others ...object) object {
			return shiftByWeights(image, append([]object{throughRoutes(route(productionARN))}, others...)...)
		}, "50 %"},
		"shift and stage": {blueGreenWorld(), func(image string, others ...object) object { return shiftByWeights(image, others...) }, "50 %"},
	}
}

var (
	release1     = object{"triggers": object{"release": "1"}}
	release2     = object{"triggers": object{"release": "2"}, "user_data": providertest.Boot + "# 2\n"}
	holdsAtFirst = object{"hold_after_phase": 1}
)

// inHolding is a world in which web__2 of ami-2 holds after the first phase or weight, for each strategy.
func inHolding(t *testing.T, test func(t *testing.T, d *deployment, run watch, first, second object)) {
	t.Helper()
	for name, h := range holdingStrategies() {
		t.Run(name, func(t *testing.T) { h.in(t, test) })
	}
}

func (h holding) in(t *testing.T, test func(t *testing.T, d *deployment, run watch, first, second object)) {
	t.Helper()
	inBubble(t, h.world, func(t *testing.T, d *deployment) {
		first, second := h.config("ami-1", release1), h.config("ami-2", release2, holdsAtFirst)
		d.apply(first)
		time.Sleep(10 * time.Minute)
		run := d.watch()
		d.apply(second)
		if status := d.now()["status"]; status != "holding" {
			t.Fatalf("it is %v:\n%s", status, standing(d.world))
		}
		d.restart()
		test(t, d, run, first, second)
		run.mustServe(4)
		neverTwice(t, d.world)
		neverDeletesInstances(t, d.world)
	})
}

// mustSay fails the test unless each of the words is in one of the lines, in this order.
func mustSay(t testing.TB, said []string, words ...string) {
	t.Helper()
	at := 0
	for _, word := range words {
		i := slices.IndexFunc(said[at:], func(line string) bool { return strings.Contains(line, word) })
		if i < 0 {
			t.Errorf("%q is not said (in this order):\n%s", word, strings.Join(said, "\n"))
			return
		}
		at += i
	}
}

// A release that holds goes on to the end, whoever holds its state, and what it does is said meanwhile. The next plan of the configuration that
// still says where to hold is empty.
func TestPromoteToTheEnd(t *testing.T) {
	inHolding(t, func(t *testing.T, d *deployment, run watch, _, second object) {
		diags := d.process().PlanOfAction(promoteType, web)
		if !hasDiagnostic(diags, providertest.Warning, "Deployment web will be promoted", "web__2 (ami-2) holds after phase 1", "100 %", "web__1") || providertest.Failed(diags) {
			t.Errorf("the plan says\n%s", providertest.Render(diags))
		}
		said := d.invoke(promoteType, web)
		mustSay(t, said, "web__2", "bakes at 50 %", "succeeded after")
		for _, line := range said {
			if strings.ContainsAny(line, "\n\x1b") || strings.HasPrefix(line, "next: ") {
				t.Errorf("this is said: %q", line)
			}
		}
		d.mustBeSettled(second)
		d.mustShow("stable", "web__2", "web__2 live 2/4/8", "web__1 previous 0/0/0")
		d.mustBeSettled(second)
		third := withChanges(second, object{"image_id": "ami-3"})
		d.apply(third)
		if status := d.now()["status"]; status != "holding" {
			t.Errorf("the next release is %v", status)
		}
	})
}

// From stage, where it has no traffic of production yet, it goes on to the end, or back.
func TestActionsOnStage(t *testing.T) {
	for action, ends := range map[string][]string{promoteType: {"web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8"}, abortType: {"web__1 ami-1 2/4/8"}} {
		t.Run(action, func(t *testing.T) {
			inBubble(t, blueGreenWorld(), func(t *testing.T, d *deployment) {
				d.apply(switchAtOnce("ami-1"))
				time.Sleep(10 * time.Minute)
				second := switchAtOnce("ami-2", object{"hold_after_phase": 0})
				run := d.watch()
				d.apply(second)
				if status := d.now()["status"]; status != "holding" {
					t.Fatalf("it is %v", status)
				}
				d.restart()
				d.invoke(action, web)
				mustStand(t, d.world, ends...)
				if action == promoteType {
					d.mustBeSettled(second)
				}
				run.mustServe(4)
			})
		})
	}
}

// It goes on to a phase, and rests there; the next plan wants nothing, and a further promotion goes on from there.
func TestPromoteToAPhase(t *testing.T) {
	inHolding(t, func(t *testing.T, d *deployment, _ watch, _, second object) {
		said := d.invoke(promoteType, object{"name": "web", "phase": 2})
		mustSay(t, said, "web__2 holds after 50 %")
		d.mustBeSettled(second)
		if status := d.now()["status"]; status != "holding" {
			t.Errorf("it is %v:\n%s", status, standing(d.world))
		}
		for phase, words := range map[int]string{1: "to go on to phase 1. web__2 (ami-2) holds after phase 2", 2: "Phase is passed already", 3: "to go on to phase 3, and web__2 (ami-2) has 2 before the whole"} {
			before := d.watch()
			_, diags := d.process().Invoke(t.Context(), promoteType, object{"name": "web", "phase": phase})
			mustRefuse(t, diags, "phase", words, "Nothing was touched")
			before.mustDo()
		}
		d.invoke(promoteType, web)
		d.mustBeSettled(second)
		d.mustShow("stable", "web__2", "web__2 live 2/4/8", "web__1 previous 0/0/0")
	})
}

// What does not hold is not promoted: at rest that is said, and anything else refused.
func TestPromoteWhatDoesNotHold(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		d.apply(canary("ami-1"))
		run := d.watch()
		for _, action := range []string{promoteType, abortType} {
			mustSay(t, d.invoke(action, web), `Nothing of deployment "web" is rolled out: web__1 (ami-1) is live with 4`)
			_, diags := d.process().Invoke(t.Context(), action, object{"name": "wbe"})
			mustRefuse(t, diags, "name", "No such deployment", `"wbe"`, "Spot was asked in account act-sandbox. Did you mean web?")
			_, diags = d.process().Invoke(t.Context(), action, object{"name": "web__1"})
			mustRefuse(t, diags, "name")
		}
		run.mustDo()
		ctx, dead := kill(d, killPoint{true, 4, true})
		d.applyUnder(ctx, canary("ami-2"))
		d.world.Intercept(nil, nil)
		if !dead() {
			t.Fatal("nothing was killed")
		}
		run = d.watch()
		_, diags := d.process().Invoke(t.Context(), promoteType, web)
		mustRefuse(t, diags, "name", "Deployment does not hold", "web__2 (ami-2) is being rolled out", "Nothing was touched")
		run.mustDo()
	})
}

// A promoted release is judged as it would have been: by the alarms that its configuration names. It goes back if it fails, and is remembered.
func TestAPromotedReleaseThatFails(t *testing.T) {
	inHolding(t, func(t *testing.T, d *deployment, _ watch, first, second object) {
		go func() {
			time.Sleep(90 * time.Second)
			d.world.SetAlarm("web-5xx", "ALARM", "9 errors a minute")
		}()
		said, diags := d.process().Invoke(t.Context(), promoteType, web)
		mustSay(t, said, "goes back", "rolled back after")
		if !hasDiagnostic(diags, providertest.Error, "Promoted release failed and was rolled back", "9 errors a minute") {
			t.Errorf("it says\n%s", providertest.Render(diags))
		}
		mustStand(t, d.world, "web__1 ami-1 2/4/8")
		p := d.plan(second)
		if !hasDiagnostic(p.diags, providertest.Warning, "Release failed before", "9 errors a minute") {
			t.Errorf("the next plan says\n%s", providertest.Render(p.diags))
		}
		other := d.plan(withChanges(second, object{"healthy_timeout": "20m"}))
		if hasDiagnostic(other.diags, providertest.Warning, "Release failed before") {
			t.Errorf("under other terms it is refused, too:\n%s", providertest.Render(other.diags))
		}
		d.world.SetAlarm("web-5xx", "OK", "")
		d.apply(first)
	})
}

// A promotion is killed at any of its changes. Whoever comes next goes on: another promotion, or an apply of the configuration that still says
// where to hold, whose plan says so.
func TestKilledPromotion(t *testing.T) {
	for name, h := range holdingStrategies() {
		for n := 1; ; n++ {
			at, reached := killPoint{true, n, n%2 == 0}, true
			if (testing.Short() && n%3 != len(name)%3 || !*exhaustive && n%2 != len(name)%2) && n < 12 {
				continue
			}
			for i, next := range []string{"apply", "promote"} {
				if (n/2+i)%2 == 1 && !*exhaustive {
					continue // they take turns
				}
				t.Run(fmt.Sprintf("%s at %s, then %s", name, at, next), func(t *testing.T) {
					h.in(t, func(t *testing.T, d *deployment, _ watch, _, second object) {
						ctx, dead := kill(d, at)
						_, diags := d.process().InvokeOnly(ctx, promoteType, web)
						d.world.Intercept(nil, nil)
						if !dead() {
							providertest.MustSucceed(t, diags)
							return
						}
						switch next {
						case "promote":
							d.invoke(promoteType, web)
							d.mustBeSettled(second)
						default:
							p := d.plan(second)
							if n > 1 && n < 6 && !hasDiagnostic(p.diags, providertest.Warning, "was promoted to the end") {
								t.Errorf("the plan says\n%s", providertest.Render(p.diags))
							}
							if n > 1 || at.effect {
								d.apply(second)
							} else {
								d.invoke(promoteType, web)
							}
						}
						d.mustBeSettled(second)
						d.mustShow("stable", "web__2", "web__2 live 2/4/8", "web__1 previous 0/0/0")
					})
				})
			}
			if n >= 12 {
				reached = false
			}
			if !reached {
				break
			}
		}
	}
}

// An abort takes the candidate back as a failure does: traffic first, the previous one whole. It is held against nothing: the next plan shows
// the change again, says that it was aborted, and its apply releases it.
func TestAbort(t *testing.T) {
	inHolding(t, func(t *testing.T, d *deployment, run watch, first, second object) {
		diags := d.process().PlanOfAction(abortType, web)
		if !hasDiagnostic(diags, providertest.Warning, "Release of deployment web will be aborted", "web__2 (ami-2) holds after phase 1", "goes back", "deleted") {
			t.Errorf("the plan says\n%s", providertest.Render(diags))
		}
		said := d.invoke(abortType, web)
		mustSay(t, said, "goes back: aborted on request", "rolled back after")
		mustStand(t, d.world, "web__1 ami-1 2/4/8")
		p := d.plan(second)
		if changes := strings.Join(d.changes(p), " "); !strings.Contains(changes, "image_id") || !strings.Contains(changes, "user_data") || !strings.Contains(changes, "triggers") {
			t.Errorf("the next plan changes %s", changes)
		}
		if !hasDiagnostic(p.diags, providertest.Warning, "Release was aborted before", "web__2 of ami-2", "Nothing is held against it") || !strings.Contains(d.planText(p), "web__2 of ami-2 was this release, and was aborted on request") {
			t.Errorf("the next plan says\n%s\n%s", providertest.Render(p.diags), d.planText(p))
		}
		if status := d.now()["status"]; status != "stable" {
			t.Errorf("it is %v", status)
		}
		d.mustBeSettled(withChanges(first, holdsAtFirst))
		d.apply(withChanges(second, object{"image_id": "ami-3"}))
		d.invoke(abortType, web) // another release is not kept from coming by one that was aborted
		mustStand(t, d.world, "web__1 ami-1 2/4/8")
		d.apply(second)
		if status := d.now()["status"]; status != "holding" {
			t.Errorf("released again it is %v", status)
		}
	})
}

// An abort is killed at any of its changes. Another one ends it, and so does an apply of what served before.
func TestKilledAbort(t *testing.T) {
	for name, h := range holdingStrategies() {
		for n := 1; n <= 7; n++ {
			at := killPoint{true, n, n%2 == 0}
			if testing.Short() && n%3 != len(name)%3 {
				continue
			}
			for i, next := range []string{"apply", "abort"} {
				if (n/2+i)%2 == 1 && !*exhaustive {
					continue // they take turns
				}
				t.Run(fmt.Sprintf("%s at %s, then %s", name, at, next), func(t *testing.T) {
					h.in(t, func(t *testing.T, d *deployment, _ watch, first, _ object) {
						ctx, dead := kill(d, at)
						_, diags := d.process().InvokeOnly(ctx, abortType, web)
						d.world.Intercept(nil, nil)
						if !dead() {
							providertest.MustSucceed(t, diags)
						}
						if n > 3 && n < 6 {
							if _, refused := d.process().InvokeOnly(t.Context(), promoteType, web); !hasDiagnostic(refused, providertest.Error, "Deployment does not hold") {
								t.Errorf("what goes back is promoted:\n%s\n%s", providertest.Render(refused), standing(d.world))
							}
						}
						if next == "abort" {
							d.invoke(abortType, web)
						}
						d.apply(withChanges(first, holdsAtFirst))
						mustStand(t, d.world, "web__1 ami-1 2/4/8")
					})
				})
			}
		}
	}
}

// A first deployment that was cut short is taken down, and nothing is left of it.
func TestAbortAFirstDeployment(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		ctx, _ := kill(d, killPoint{true, 2, true})
		d.applyUnder(ctx, canary("ami-1"))
		d.world.Intercept(nil, nil)
		_, diags := d.process().Invoke(t.Context(), promoteType, web)
		mustRefuse(t, diags, "name", "Deployment does not hold", "The first deployment, web__1 (ami-1), was begun")
		d.invoke(abortType, web)
		mustStand(t, d.world)
		d.restart()
		d.apply(canary("ami-1"))
	})
}

// After Ctrl-C nothing more is said, or Terraform would end the provider in the middle of a step; the step in hand is finished, and the
// promotion stands on the candidate.
func TestAnActionIsSilentOnceCancelled(t *testing.T) {
	inHolding(t, func(t *testing.T, d *deployment, _ watch, _, second object) {
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			time.Sleep(70 * time.Second)
			cancel()
		}()
		process := d.process()
		providertest.MustSucceed(t, nil)
		said, late, diags := invokeSaying(ctx, t, process, promoteType)
		if len(said) == 0 || len(late) > 0 {
			t.Errorf("before it says %q, and after %q", said, late)
		}
		if !hasDiagnostic(diags, providertest.Error, "Promotion interrupted", "was promoted to the end", "The next apply goes on from there") {
			t.Errorf("it ends with\n%s", providertest.Render(diags))
		}
		d.apply(second)
		d.mustShow("stable", "web__2", "web__2 live 2/4/8", "web__1 previous 0/0/0")
	})
}

// invokeSaying invokes an action, and tells what it said before its context ended from what it said after.
func invokeSaying(ctx context.Context, t *testing.T, s *providertest.Server, action string) (said, late []string, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	diags = s.InvokeTelling(ctx, action, web, func(line string) {
		if ctx.Err() != nil {
			late = append(late, line)
		} else {
			said = append(said, line)
		}
	})
	return said, late, diags
}
