package deployment_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

const stepsTitle = "How long each part took, and what it waited for:\n\n"

// mustHaveSteps fails the test unless one diagnostic, of that severity, has a table of steps with such rows, each the beginnings of its columns.
func mustHaveSteps(t *testing.T, diags []*tfprotov6.Diagnostic, severity tfprotov6.DiagnosticSeverity, rows ...string) {
	t.Helper()
	tables := 0
	for _, d := range diags {
		_, table, found := strings.Cut(d.Detail, stepsTitle)
		if !found {
			continue
		}
		tables++
		lines := strings.Split(strings.TrimRight(table, "\n"), "\n")
		if d.Severity != severity || len(lines) != len(rows) {
			t.Errorf("there are %d rows in\n%s\nwant %q", len(lines), providertest.Render(diags), rows)
			continue
		}
		for i, row := range rows {
			for _, part := range strings.Split(row, " | ") {
				if !strings.HasPrefix(lines[i], "  ") || !strings.Contains(lines[i], part) {
					t.Errorf("row %d is %q, without %q", i+1, lines[i], part)
				}
			}
		}
	}
	if tables != 1 {
		t.Errorf("there are %d tables of steps:\n%s", tables, providertest.Render(diags))
	}
}

// The error of a rollout that failed says what each part of it took, and what it waited for.
func TestAFailedRolloutSaysWhatItDid(t *testing.T) {
	for name, test := range map[string]struct {
		config object
		rows   []string
	}{
		"unhealthy": {release("ami-bad"), []string{"setup | done", "100 % | failed | 15m  web__2: | initial", "way back | done | web__2: | until its instances were gone"}},
		"held":      {canary("ami-bad", object{"on_failure": "hold"}), []string{"setup | done", "25 % | failed | web__2: | initial"}},
		"out of time": {canary("ami-2", object{"timeouts": object{"update": "3m"}}),
			[]string{"setup | done", "25 % | cut short | 3m  web__2: | initial; bake 1m"}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
				d.apply(canary("ami-1"))
				_, diags := d.tryApply(test.config)
				if !providertest.Failed(diags) {
					t.Fatal("it succeeds")
				}
				mustHaveSteps(t, diags, providertest.Error, test.rows...)
			})
		})
	}
}

// A rollout that is refused before it has begun anything has no table.
func TestWhatBeganNothingHasNoSteps(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		d.apply(canary("ami-1"))
		d.tryApply(canary("ami-bad"))
		_, diags := d.tryApply(canary("ami-bad"))
		if text := providertest.Render(diags); !providertest.Failed(diags) || strings.Contains(text, stepsTitle) {
			t.Errorf("it says\n%s", text)
		}
	})
}

// A success that has something to add, and the apply that makes a deployment hold, say what each part took. A plain success says nothing.
func TestASuccessSaysWhatIsLeft(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		d.apply(canary("ami-1"))
		d.world.SetAlarm("web-5xx", "INSUFFICIENT_DATA", "no datapoints")
		_, diags := d.tryApply(canary("ami-2"))
		if !hasDiagnostic(diags, providertest.Warning, "The rollout of web ended with warnings: ", "INSUFFICIENT_DATA during the bake of 25 %") {
			t.Errorf("it says\n%s", providertest.Render(diags))
		}
		mustHaveSteps(t, diags, providertest.Warning, "setup | done", "25 % | done | bake 5m", "50 % | done | bake 5m", "100 % | done", "after | done | web__1: | until its instances were gone")
		d.world.SetAlarm("web-5xx", "OK", "")
		time.Sleep(time.Hour)
		if _, diags := d.tryApply(canary("ami-3")); len(diags) > 0 {
			t.Errorf("a success says\n%s", providertest.Render(diags))
		}
		// One that has something to add and holds, too, has one table.
		d.world.SetAlarm("web-5xx", "INSUFFICIENT_DATA", "no datapoints")
		_, diags = d.tryApply(withChanges(canary("ami-4"), object{"hold_after_phase": 1}))
		if !hasDiagnostic(diags, providertest.Warning, "The rollout of web ended with warnings: ", "INSUFFICIENT_DATA") || !hasDiagnostic(diags, providertest.Warning, "Deployment web holds: ") {
			t.Errorf("it says\n%s", providertest.Render(diags))
		}
		mustHaveSteps(t, diags, providertest.Warning, "setup | done", "25 % | done | bake 5m")
	})
}

// A deployment that holds says so at the end of the apply that makes it hold, and in every plan from then on, and how to go on: in one that
// changes nothing, in one that changes something else, and in one that does not refresh.
func TestWhatHoldsSaysSo(t *testing.T) {
	holds := []string{"Deployment web holds: ", "web__2 (ami-2) holds after phase 1", "until hold_after_phase is raised or removed", "apply the previous configuration"}
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		mustHold := func(when string, diags []*tfprotov6.Diagnostic, times int) {
			t.Helper()
			n := 0
			for _, one := range diags {
				if hasDiagnostic([]*tfprotov6.Diagnostic{one}, providertest.Warning, holds...) {
					n++
				}
			}
			if n != times || len(diags) != times {
				t.Errorf("%s: it is said %d times, want %d:\n%s", when, n, times, providertest.Render(diags))
			}
		}
		d.apply(canary("ami-1"))
		p := d.plan(second)
		mustHold("before", p.diags, 0)
		d.restart()
		_, diags := d.applyPlan(t.Context(), planned{value: p.value}, second)
		mustHold("the apply that makes it hold", diags, 1)
		mustHaveSteps(t, diags, providertest.Warning, "setup | done", "25 % | done | initial; bake 5m")

		d.restart()
		mustHold("a plan of no changes", d.plan(second).diags, 1)
		d.restart()
		mustHold("a plan of no changes without a refresh", d.planOnly(second).diags, 1)
		more := withChanges(second, object{"healthy_timeout": "20m"})
		d.restart()
		mustHold("a plan of something else", d.plan(more).diags, 1)
		d.restart()
		p = planned{value: d.planOnly(more).value}
		_, diags = d.applyPlan(t.Context(), p, more)
		mustHold("the apply of it, whose plan said so", diags, 0)

		raised := withChanges(more, object{"hold_after_phase": 2})
		d.restart()
		_, diags = d.applyPlan(t.Context(), planned{value: d.plan(raised).value}, raised)
		if !hasDiagnostic(diags, providertest.Warning, "Deployment web holds: ", "holds after phase 2") {
			t.Errorf("it holds later:\n%s", providertest.Render(diags))
		}
		mustHaveSteps(t, diags, providertest.Warning, "50 % | done | bake 5m")
		d.restart()
		_, diags = d.applyPlan(t.Context(), planned{value: d.plan(withChanges(more, goOn)).value}, withChanges(more, goOn))
		mustHold("when it went on", diags, 0)
		d.restart()
		mustHold("afterwards", d.plan(withChanges(more, goOn)).diags, 0)
	})
}

// However much there is to say, a diagnostic is no longer than a person reads.
func TestAnErrorWithStepsIsBrief(t *testing.T) {
	world := canaryWorld()
	for i := range world.Images {
		if world.Images[i].ID == "ami-bad" {
			world.Images[i].Behaviour.Reason = strings.Repeat("Health checks failed with these codes: [503]. ", 200)
		}
	}
	inBubble(t, world, func(t *testing.T, d *deployment) {
		d.apply(canary("ami-1"))
		_, diags := d.tryApply(canary("ami-bad"))
		mustBeBrief(t, diags)
		mustHaveSteps(t, diags, providertest.Error, "setup | done", "25 % | failed", "way back | done")
	})
}

// An interrupt says how far the rollout came.
func TestAnInterruptSaysWhatItDid(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		d.apply(canary("ami-1"))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(4*time.Minute, cancel)
		_, diags := d.applyUnder(ctx, canary("ami-2"))
		mustHaveSteps(t, diags, providertest.Error, "setup | done", "25 % | cut short | 4m | initial; bake")
	})
}
