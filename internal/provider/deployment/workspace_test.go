package deployment_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// A plan asks Spot for one list of its groups, however many deployments the workspace has; and the next plan, which is another process, asks
// anew, so that it shows what has happened meanwhile.
func TestAWorkspaceIsPlannedByOneList(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		const size = 12
		lists := func() (n int) {
			for _, c := range d.world.Calls() {
				if c.Action == "ListGroups" {
					n++
				}
			}
			return n
		}
		all := make([]*deployment, size)
		for i := range all {
			all[i] = d.secondResource()
			_, diags := all[i].tryApply(release("ami-1", object{"name": fmt.Sprint("web-", i)}))
			providertest.MustSucceed(t, diags)
		}
		planAll := func(image string) (said, int) {
			d.restart()
			had := lists()
			var wait sync.WaitGroup
			diags := make([]said, size)
			for i, one := range all {
				one.server = d.server
				wait.Go(func() {
					time.Sleep(time.Duration(i/4) * time.Second) // not all at the same time
					diags[i] = one.plan(release(image, object{"name": fmt.Sprint("web-", i)})).diags
				})
			}
			wait.Wait()
			var together said
			for _, some := range diags {
				together = append(together, some...)
			}
			return together, lists() - had
		}
		diags, n := planAll("ami-2")
		if providertest.MustSucceed(t, diags); n != 1 {
			t.Errorf("a plan of %d deployments took %d lists", size, n)
		}
		d.world.SetCapacity("web-7__1", 0, 0, 0)
		if _, n := planAll("ami-2"); n != 1 {
			t.Errorf("the next plan took %d lists", n)
		}
		if got := all[7].now()["groups"].([]any)[0].(object)["target"]; fmt.Sprint(got) != "0" {
			t.Errorf("the next plan shows the target %v of a group that was set to 0 meanwhile", got)
		}
	})
}
