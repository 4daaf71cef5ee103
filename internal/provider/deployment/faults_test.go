package deployment_test

import (
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// What the clouds do on a bad day does not keep a good release from getting through.
func TestReleaseInRoughWeather(t *testing.T) {
	for name, fault := range map[string]sandbox.Fault{
		"create's answer is lost":   {Service: "spot", Action: "CreateGroup", Kind: sandbox.DropAfter},
		"create never arrives":      {Service: "spot", Action: "CreateGroup", Kind: sandbox.DropBefore},
		"resize's answers are lost": {Service: "spot", Action: "SetCapacity", Kind: sandbox.DropAfter, Times: 2},
		"tags' answers are lost":    {Service: "spot", Action: "UpdateGroup", Kind: sandbox.DropAfter, Times: 2},
		"every tenth call fails":    {Rate: 0.1, Times: -1, Kind: sandbox.Empty},
		"the edge is down":          {Service: "spot", Nth: 9, Times: 3, Kind: sandbox.HTML},
		"Spot throttles":            {Service: "spot", Action: "GroupStatus", Nth: 2, Kind: sandbox.Throttle},
		"AWS throttles Spot":        {Service: "spot", Action: "CreateGroup", Kind: sandbox.AWSThrottle},
		"ELB throttles":             {Service: "elbv2", Nth: 3, Times: 2, Kind: sandbox.Throttle, Delay: sandbox.Duration(5 * time.Second)},
		"lists are old":             {Service: "spot", Action: "ListGroups", Times: -1, Kind: sandbox.Stale, Delay: sandbox.Duration(8 * time.Second)},
		"a list hangs":              {Service: "spot", Action: "ListGroups", Nth: 3, Kind: sandbox.Hang},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				d.apply(release("ami-1"))
				p := d.plan(release("ami-2"))
				providertest.MustSucceed(t, p.diags)
				run := d.watch()
				d.world.Fail(fault)
				_, diags := d.applyPlan(t.Context(), p, release("ami-2"))
				d.world.ClearFaults()
				if providertest.Failed(diags) {
					t.Fatalf("%s\n%s", providertest.Render(diags), standing(d.world))
				}
				d.mustBeSettled(release("ami-2"))
				mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8")
				run.mustServe(4)
				neverDeletesInstances(t, d.world)
			})
		})
	}
}

// The spot market takes instances of both revisions while the release runs. The promise is about what the provider does, so
// that what the market took is not counted; but the release ends well, and the old revision stays until the new one serves.
func TestReleaseWhileTheMarketReclaims(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		run := d.watch()
		for _, after := range []time.Duration{20 * time.Second, 50 * time.Second} {
			go func() {
				time.Sleep(after)
				for _, g := range d.world.Groups() {
					if len(g.Instances) > 0 {
						d.world.Reclaim(g.Instances[0].ID)
					}
				}
			}()
		}
		d.apply(release("ami-2"))
		for _, m := range d.world.Timeline()[run.moments:] {
			if len(m.Groups) == 2 && m.Groups[0].Target == 0 {
				if m.Groups[1].InService < 4 {
					t.Errorf("web__1 went to zero while %d instances of web__2 were in service", m.Groups[1].InService)
				}
				return
			}
		}
		t.Error("web__1 never went to zero")
	})
}

// A group that counts weights is rolled out by weights.
func TestWeights(t *testing.T) {
	document := webDocument()
	memberAt(document, "capacity")["unit"] = "weight"
	memberAt(document, "compute", "instanceTypes")["weights"] = []any{
		object{"instanceType": "m5.large", "weightedCapacity": 2}, object{"instanceType": "c5.large", "weightedCapacity": 3},
	}
	weighted := object{"configuration": asJSON(document)}
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1", weighted))
		run := d.watch()
		d.apply(release("ami-2", weighted))
		run.mustDo("create web__2", "web__2 0 -> 4", "web__1 4 -> 0")
		run.mustServe(4)
	})
}

// What a configuration no longer says is no longer so.
func TestAttributesTakenOut(t *testing.T) {
	for name, test := range map[string]struct {
		before, after object
		releases      bool
	}{
		"user data":     {nil, object{"user_data": nil}, true},
		"target groups": {nil, object{"target_group_arns": nil}, true},
		"triggers":      {object{"triggers": object{"a": "b"}}, object{"triggers": nil}, true},
		"capacity":      {nil, object{"capacity": nil}, false},
		"verify":        {object{"verify": object{"healthy_percent": 50}}, object{"verify": nil}, false},
		"timeouts":      {object{"timeouts": object{"update": "2h"}}, object{"timeouts": nil}, false},
	} {
		t.Run(name, func(t *testing.T) {
			document := webDocument()
			memberAt(document, "compute", "launchSpecification")["healthCheckType"] = "EC2"
			plain := object{"configuration": asJSON(document)}
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				d.apply(release("ami-1", plain, test.before))
				run := d.watch()
				d.apply(release("ami-1", plain, test.before, test.after))
				if released := len(run.did()) > 0; released != test.releases {
					t.Errorf("the run did %q", run.did())
				}
			})
		})
	}
}
