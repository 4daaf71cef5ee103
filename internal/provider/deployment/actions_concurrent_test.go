package deployment_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// meanwhile runs something beside the test, and returns what waits for it and tells what it said.
func meanwhile(after time.Duration, do func() []*tfprotov6.Diagnostic) (ended func() []*tfprotov6.Diagnostic) {
	done := make(chan []*tfprotov6.Diagnostic, 1)
	go func() {
		time.Sleep(after)
		done <- do()
	}()
	return func() []*tfprotov6.Diagnostic { return <-done }
}

// mustTellOne fails the test unless exactly one of two that were at work at the same time was told so.
func mustTellOne(t *testing.T, one, other []*tfprotov6.Diagnostic) {
	t.Helper()
	if told := toldOf(t, one, other); told != 1 {
		t.Errorf("%d were told:\n%s\n%s", told, providertest.Render(one), providertest.Render(other))
	}
}

// toldOf is how many of two that were at work at the same time were told so.
func toldOf(t *testing.T, one, other []*tfprotov6.Diagnostic) (told int) {
	t.Helper()
	for _, diags := range [][]*tfprotov6.Diagnostic{one, other} {
		if hasDiagnostic(diags, providertest.Error, "Someone else") {
			told++
		} else if providertest.Failed(diags) {
			t.Errorf("it failed otherwise:\n%s", providertest.Render(diags))
		}
	}
	return told
}

// Of two promotions of one release, by whomever and however far apart, one goes on and the other is told. Where both begin in the same instant, each may
// meet what the other has changed by then: both are told and stop, and the next apply goes on.
func TestTwoPromotionsAtOnce(t *testing.T) {
	for name, h := range holdingStrategies() {
		for _, after := range []time.Duration{0, time.Millisecond, time.Second, 10 * time.Second, time.Minute} {
			t.Run(fmt.Sprint(name, " after ", after), func(t *testing.T) {
				h.in(t, func(t *testing.T, d *deployment, _ watch, _, second object) {
					one, other := d.process(), d.process()
					ended := meanwhile(after, func() []*tfprotov6.Diagnostic {
						_, diags := other.InvokeOnly(t.Context(), promoteType, web)
						return diags
					})
					_, diags := one.InvokeOnly(t.Context(), promoteType, web)
					said := ended()
					if after == 0 && toldOf(t, diags, said) == 2 {
						d.apply(second)
					} else {
						mustTellOne(t, diags, said)
					}
					d.mustBeSettled(second)
					d.mustShow("stable", "web__2", "web__2 live 2/4/8", "web__1 previous 0/0/0")
				})
			})
		}
	}
}

// A promotion beside an apply that goes on with the same release: one goes on, the other is told. What waits is planned and begun while the
// other one is at work.
func TestPromotionBesideAnApply(t *testing.T) {
	for name, h := range holdingStrategies() {
		for _, after := range []time.Duration{0, time.Second, 20 * time.Second} {
			for _, first := range []string{"apply", "promotion"} {
				t.Run(fmt.Sprintf("%s, %s first, by %s", name, first, after), func(t *testing.T) {
					h.in(t, func(t *testing.T, d *deployment, _ watch, _, second object) {
						on := withChanges(second, goOn)
						p := d.plan(on)
						process := d.process()
						promote := func() []*tfprotov6.Diagnostic {
							_, diags := process.InvokeOnly(t.Context(), promoteType, web)
							return diags
						}
						apply := func() []*tfprotov6.Diagnostic {
							_, diags := d.applyPlan(t.Context(), p, on)
							return diags
						}
						var one, other []*tfprotov6.Diagnostic
						if first == "apply" {
							ended := meanwhile(after, promote)
							one = apply()
							other = ended()
						} else {
							ended := meanwhile(0, promote)
							time.Sleep(after)
							one = apply()
							other = ended()
						}
						someoneElse := func(diags []*tfprotov6.Diagnostic) bool {
							return hasDiagnostic(diags, providertest.Error, "Someone else")
						}
						switch {
						case hasDiagnostic(other, providertest.Error, "Deployment does not hold"):
							providertest.MustSucceed(t, errorsOf(one)) // it was told before it did anything
						case after == 0 && someoneElse(one) && someoneElse(other):
							// Seldom: the one moved traffic before it saw that the other had taken over, and the other saw the traffic move.
						default:
							mustTellOne(t, one, other)
						}
						d.restart()
						d.apply(on)
						d.mustShow("stable", "web__2", "web__2 live 2/4/8", "web__1 previous 0/0/0")
					})
				})
			}
		}
	}
}

// errorsOf are the errors among diagnostics.
func errorsOf(diags []*tfprotov6.Diagnostic) []*tfprotov6.Diagnostic {
	var errors []*tfprotov6.Diagnostic
	for _, d := range diags {
		if d.Severity == providertest.Error {
			errors = append(errors, d)
		}
	}
	return errors
}

// An abort wins over an apply, and over a promotion, that is at work on the release: whoever rolls it out stops and is told, and what served
// serves again.
func TestAbortBesideARollout(t *testing.T) {
	for name, h := range holdingStrategies() {
		for _, by := range []string{"apply", "promotion"} {
			for _, after := range []time.Duration{20 * time.Second, 70 * time.Second, 2 * time.Minute} {
				t.Run(fmt.Sprintf("%s, an %s, after %s", name, by, after), func(t *testing.T) {
					h.in(t, func(t *testing.T, d *deployment, _ watch, first, second object) {
						on := withChanges(second, goOn)
						process, aborting := d.process(), d.process()
						p := d.plan(on)
						ended := meanwhile(after, func() []*tfprotov6.Diagnostic {
							_, diags := aborting.InvokeOnly(t.Context(), abortType, web)
							return diags
						})
						var diags []*tfprotov6.Diagnostic
						if by == "apply" {
							_, diags = d.applyPlan(t.Context(), p, on)
						} else {
							_, diags = process.InvokeOnly(t.Context(), promoteType, web)
						}
						if !hasDiagnostic(diags, providertest.Error, "Someone else is changing", "has been taken back: aborted on request") {
							t.Errorf("who rolls out is told\n%s", providertest.Render(diags))
						}
						if aborted := ended(); providertest.Failed(aborted) {
							t.Errorf("the abort ends with\n%s", providertest.Render(aborted))
						}
						mustStand(t, d.world, "web__1 ami-1 2/4/8")
						d.restart()
						d.apply(withChanges(first, holdsAtFirst))
					})
				})
			}
		}
	}
}

// A look reads groups before routes. An abort between the two has moved traffic before the look has read what it has written: who rolls out is told of the
// abort all the same, and not that a listener forwards elsewhere.
func TestAbortBetweenTheReadsOfALook(t *testing.T) {
	for _, name := range []string{"shift", "shift and stage"} {
		t.Run(name, func(t *testing.T) {
			holdingStrategies()[name].in(t, func(t *testing.T, d *deployment, _ watch, first, second object) {
				on := withChanges(second, goOn)
				p, aborting := d.plan(on), d.process()
				begins := time.Now().Add(2 * time.Minute)
				aborted := make(chan []*tfprotov6.Diagnostic, 1)
				var begun, moved atomic.Bool
				d.world.Intercept(nil, func(c *sandbox.Call) {
					switch {
					case c.Action == "ModifyListener" && begun.Load():
						moved.Store(true)
					case c.Action == "ListGroups" && time.Now().After(begins) && begun.CompareAndSwap(false, true):
						go func() {
							_, diags := aborting.InvokeOnly(t.Context(), abortType, web)
							aborted <- diags
						}()
						for n := 0; !moved.Load() && n < 3000; n++ {
							time.Sleep(100 * time.Millisecond)
						}
					}
				})
				_, diags := d.applyPlan(t.Context(), p, on)
				if !moved.Load() {
					t.Fatal("no abort has moved traffic")
				}
				if !hasDiagnostic(diags, providertest.Error, "Someone else is changing", "has been taken back: aborted on request") {
					t.Errorf("who rolls out is told\n%s", providertest.Render(diags))
				}
				if diags := <-aborted; providertest.Failed(diags) {
					t.Errorf("the abort ends with\n%s", providertest.Render(diags))
				}
				mustStand(t, d.world, "web__1 ami-1 2/4/8")
				d.restart()
				d.apply(withChanges(first, holdsAtFirst))
			})
		})
	}
}

// In one run of Terraform an action beside the update of its deployment is refused at once, and so is an update beside an action.
func TestActionBesideItsUpdate(t *testing.T) {
	inHolding(t, func(t *testing.T, d *deployment, _ watch, _, second object) {
		on := withChanges(second, goOn)
		p := d.plan(on)
		ended := meanwhile(10*time.Second, func() []*tfprotov6.Diagnostic {
			var all []*tfprotov6.Diagnostic
			for _, action := range []string{promoteType, abortType} {
				_, diags := d.server.InvokeOnly(t.Context(), action, web)
				all = append(all, diags...)
			}
			return all
		})
		_, diags := d.applyPlan(t.Context(), p, on)
		providertest.MustSucceed(t, errorsOf(diags))
		refused := ended()
		for _, done := range []string{"promoted", "aborted"} {
			if !hasDiagnostic(refused, providertest.Error, "Deployment is being changed", "is being updated in this run of Terraform already, and was to be "+done) {
				t.Errorf("it says\n%s", providertest.Render(refused))
			}
		}
		d.mustShow("stable", "web__2", "web__2 live 2/4/8", "web__1 previous 0/0/0")
	})
}

// A first deployment that is aborted in the second in which its group was made, before its apply has seen it, is gone without a trace. Whoever made it is
// told that somebody else may have deleted it, and not only that it is late.
func TestAbortOfWhatWasJustCreated(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		config := canary("ami-1")
		p, aborting := d.plan(config), d.process()
		aborted := make(chan []*tfprotov6.Diagnostic, 1)
		var once sync.Once
		d.world.Intercept(nil, func(c *sandbox.Call) {
			if c.Action == "CreateGroup" {
				once.Do(func() {
					_, diags := aborting.InvokeOnly(t.Context(), abortType, web)
					aborted <- diags
				})
			}
		})
		_, diags := d.applyPlan(t.Context(), p, config)
		providertest.MustSucceed(t, <-aborted)
		if !hasDiagnostic(diags, providertest.Error, "created by this run, and is not to be seen yet, or someone else has deleted it") {
			t.Errorf("who has created it is told\n%s", providertest.Render(diags))
		}
		mustStand(t, d.world)
	})
}
