package deployment_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// watching watches the deployment web beside the test, and returns what waits for the end and tells what was said.
func watching(t *testing.T, s *providertest.Server, after time.Duration, config object) (ended func() []string) {
	t.Helper()
	var said []string
	wait := meanwhile(after, func() (diags []*tfprotov6.Diagnostic) {
		said, diags = s.InvokeOnly(t.Context(), watchType, config)
		return diags
	})
	return func() []string {
		t.Helper()
		providertest.MustSucceed(t, wait())
		return said
	}
}

// A watch beside the update says all that happens, whenever it begins, and ends with it.
func TestWatchBesideTheUpdate(t *testing.T) {
	for name, after := range map[string]time.Duration{"before it": 0, "a moment after it": time.Second, "in the middle of it": 3 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
				d.apply(canary("ami-1"))
				d.restart()
				p := d.plan(canary("ami-2"))
				run := d.watch()
				ended := watching(t, d.server, after, web)
				if after == 0 {
					time.Sleep(2 * time.Minute) // what the deployment waits for in the same apply takes its time
				}
				_, diags := d.applyPlan(t.Context(), p, canary("ami-2"))
				providertest.MustSucceed(t, errorsOf(diags))
				at := time.Now()
				said := ended()
				if late := time.Since(at); late > 0 {
					t.Errorf("it ends %s after the update", late)
				}
				mustSay(t, said, "ami-2 is to serve; web__1 (ami-1) has 4", "web__2 0 -> 1", "(minimum 2, maximum 8) -> 3", "bakes at 25 %", "succeeded after")
				run.mustServe(4)
			})
		})
	}
}

// A watch of what goes back, and of what holds, ends as well, and is no error: it is the update that fails.
func TestWatchOfWhatFails(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		d.apply(canary("ami-1"))
		d.restart()
		p := d.plan(canary("ami-bad"))
		ended := watching(t, d.server, 0, web)
		_, diags := d.applyPlan(t.Context(), p, canary("ami-bad"))
		if !providertest.Failed(diags) {
			t.Fatal("it did not fail")
		}
		mustSay(t, ended(), "goes back", "rolled back after")
		p = d.plan(holdingCanary("ami-3", 1))
		ended = watching(t, d.server, time.Second, web)
		d.applyPlan(t.Context(), p, holdingCanary("ami-3", 1))
		mustSay(t, ended(), "ami-3 is to serve", "web__2 holds after 25 %", "holds after 25 %")
	})
}

// An update that is refused before it begins ends the watch, and so does one that never comes. Nothing is changed by it.
func TestWatchOfNothing(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		d.apply(canary("ami-1"))
		d.restart()
		run := d.watch()
		began := time.Now()
		said, diags := d.server.Invoke(t.Context(), watchType, web)
		providertest.MustSucceed(t, diags)
		mustSay(t, said, `No rollout of deployment "web" has begun`)
		if took := time.Since(began); took < 5*time.Minute || took > 6*time.Minute {
			t.Errorf("it waits for %s", took)
		}
		began = time.Now()
		d.server.Invoke(t.Context(), watchType, object{"name": "web", "wait": "20s"})
		if took := time.Since(began); took > 35*time.Second {
			t.Errorf("it waits for %s", took)
		}
		mustRefuse(t, d.server.PlanOfAction(watchType, object{"name": "web", "wait": "soon"}), "wait")
		run.mustDo()
	})
}

// What another process rolls out is followed by what is to be seen in the clouds, until it has ended.
func TestWatchFromAnotherProcess(t *testing.T) {
	inBubble(t, canaryWorld(), func(t *testing.T, d *deployment) {
		d.apply(canary("ami-1"))
		d.restart()
		p := d.plan(canary("ami-2"))
		run := d.watch()
		ended := watching(t, d.process(), time.Minute, web)
		_, diags := d.applyPlan(t.Context(), p, canary("ami-2"))
		providertest.MustSucceed(t, errorsOf(diags))
		said := ended()
		mustSay(t, said, "web__2", "(minimum 2, maximum 8) -> 3", "succeeded after")
		if !slices.ContainsFunc(said, func(line string) bool { return strings.Contains(line, "ami-2") }) {
			t.Errorf("it says\n%s", strings.Join(said, "\n"))
		}
		run.mustServe(4)
	})
}
