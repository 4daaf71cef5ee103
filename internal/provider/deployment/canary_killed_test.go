package deployment_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// canaryChanges is how many calls of a canary in two phases change the world: the create, two resizes and a note for each
// phase, three resizes for the whole (the last one gives the candidate its own bounds), and the verdict.
const canaryChanges = 11

// A canary is killed at a call that changes the world. The plan after it says that it was cut short and where it stands, and
// never that it holds; whatever is wanted then, one more apply ends where an undisturbed one ends.
func TestKilledCanary(t *testing.T) {
	for name, test := range map[string]struct {
		next object
		ends []string
	}{
		"the same": {canary("ami-2"), []string{"web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8"}},
		"reverted": {canary("ami-1"), []string{"web__1 ami-1 2/4/8"}},
		"newer":    {canary("ami-3"), []string{"web__1 ami-1 0/0/0", "web__2 ami-3 2/4/8"}},
	} {
		for n := 2; n <= canaryChanges; n++ {
			if (testing.Short() || !*exhaustive) && n%3 != len(name)%3 && n < canaryChanges {
				continue
			}
			at := killPoint{true, n, (n+len(name))%2 == 0}
			t.Run(fmt.Sprintf("%s after %s", name, at), func(t *testing.T) {
				inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
					d.apply(canary("ami-1"))
					prior, private, run := d.state, d.private, d.watch()
					p := d.plan(canary("ami-2"))
					ctx, dead := kill(d, at)
					d.applyPlan(ctx, p, canary("ami-2"))
					d.world.Intercept(nil, nil)
					if !dead() {
						t.Fatalf("the run makes less than %d changes", n)
					}
					d.state, d.private = prior, private
					d.restart()

					p = d.plan(test.next)
					proven := n == canaryChanges && at.effect
					if status := d.now()["status"]; !proven && status != "interrupted" || proven && status != "stable" {
						t.Errorf("status is %v where\n%s", status, standing(d.world))
					}
					if warned := hasDiagnostic(p.diags, providertest.Warning, "The rollout of web was cut short", "web__2 (ami-2) is being rolled out"); warned == proven {
						t.Errorf("the plan says\n%s", providertest.Render(p.diags))
					}
					said := changesPromised(d.planText(p))
					rest := d.watch()
					_, diags := d.applyPlan(t.Context(), p, test.next)
					if providertest.Failed(diags) {
						t.Fatalf("the next apply:\n%s", providertest.Render(diags))
					}
					if did := rest.did(); !proven && strings.Join(did, ", ") != strings.Join(said, ", ") {
						t.Errorf("the plan says\n%s\nthe run did\n  %s", d.planText(p), strings.Join(did, "\n  "))
					}
					d.mustBeSettled(test.next)
					if !proven || name == "the same" { // what is proven is history, and not undone but followed
						mustStand(t, d.world, test.ends...)
					}
					run.mustServe(4)
					neverTwice(t, d.world)
					neverDeletesInstances(t, d.world)
				})
			})
		}
	}
}

// hasDiagnostic tells whether there is a diagnostic of the severity with all the words.
func hasDiagnostic(diags []*tfprotov6.Diagnostic, severity tfprotov6.DiagnosticSeverity, words ...string) bool {
	for _, d := range diags {
		has := d.Severity == severity
		for _, word := range words {
			has = has && strings.Contains(d.Summary+": "+d.Detail, word)
		}
		if has {
			return true
		}
	}
	return false
}

// Killed on its way back after a failure, at each change of it: the next apply ends the way back, and says once more what
// failed. It does not try again by itself.
func TestKilledCanaryOnTheWayBack(t *testing.T) {
	for n := 1; n <= 5; n++ { // the verdict, web__1 up, what it remembers, web__2 down, web__2 deleted
		t.Run(fmt.Sprint("change ", n), func(t *testing.T) {
			inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
				d.apply(canary("ami-1"))
				prior, run := d.state, d.watch()
				p := d.plan(canary("ami-2"))
				d.world.SetAlarmAfter(4*time.Minute, "web-5xx", "ALARM", "5xx are many")
				ctx, dead := kill(d, killPoint{true, 4 + n - 1, true}) // after the create and the resizes of the first phase
				d.applyPlan(ctx, p, canary("ami-2"))
				d.world.Intercept(nil, nil)
				if !dead() {
					t.Fatalf("going back takes less than %d changes", n)
				}
				d.state, d.private = prior, nil
				d.world.SetAlarm("web-5xx", "OK", "over")
				d.restart()
				p = d.plan(canary("ami-2"))
				if n < 5 && (d.now()["status"] != "interrupted" || !hasDiagnostic(p.diags, providertest.Warning, "web__2 (ami-2) failed and is on its way back", "5xx are many")) {
					t.Errorf("status is %v, the plan says\n%s", d.now()["status"], providertest.Render(p.diags))
				}
				_, diags := d.applyPlan(t.Context(), p, canary("ami-2"))
				if n < 5 {
					mustExplain(t, diags, "5xx are many", "as before")
					mustStand(t, d.world, "web__1 ami-1 2/4/8")
				} else {
					mustExplain(t, diags, "web__2 ami-2: alarm web-5xx", "5xx are many", "change triggers")
				}
				run.mustServe(4)
			})
		})
	}
}
