package deployment_test

import (
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// A deployment of Spot's own locks its group. The plan says so, and apply waits for it before it makes anything.
func TestADeploymentOfSpotsOwnIsWaitedFor(t *testing.T) {
	for name, change := range map[string]object{"a release": release("ami-2"), "a resize": release("ami-1", object{"capacity": capacityOf(2, 5, 8)})} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				d.apply(release("ami-1"))
				roll := d.world.SetRoll("web__1", sandbox.Roll{Progress: 25, Ends: sandbox.Duration(10 * time.Minute)})
				g, _ := d.world.Group("web__1")
				p := d.plan(change)
				if !hasDiagnostic(p.diags, providertest.Warning, "deployment "+roll+" of Spot's own is in_progress in web__1 ("+g.ID+"), at 25 %", "Apply waits for it before it touches anything, for healthy_timeout at most",
					"PUT /aws/ec2/group/"+g.ID+"/roll/"+roll, "STOPPED") {
					t.Errorf("the plan says:\n%s", providertest.Render(p.diags))
				}
				began, before := time.Now(), len(d.world.Changes())
				d.apply(change)
				if calls := d.world.Changes()[before:]; calls[0].Time.Sub(began) < 9*time.Minute {
					t.Errorf("the first change came after %s: %s", calls[0].Time.Sub(began), calls[0].Action)
				}
				for _, call := range d.world.Calls() {
					if call.Status == 400 && call.Action != "CreateGroup" {
						t.Errorf("a call was refused: %s %s", call.Action, call.Name)
					}
				}
				if p := d.plan(change); hasDiagnostic(p.diags, providertest.Warning, "Spot's own") {
					t.Errorf("afterwards the plan says:\n%s", providertest.Render(p.diags))
				}
			})
		})
	}
}

// One that does not end, or has failed, refuses the apply before anything is made; so does a destroy.
func TestADeploymentOfSpotsOwnThatDoesNotEnd(t *testing.T) {
	for name, test := range map[string]struct {
		roll  sandbox.Roll
		words []string
	}{
		"is under way": {sandbox.Roll{Progress: 50}, []string{"in_progress", "at 50 %", "it was waited for, for 15m", "Nothing was touched"}},
		"has failed":   {sandbox.Roll{Status: "failed"}, []string{"is failed in web__1", "it ends only when it is stopped", "Nothing was touched"}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				d.apply(release("ami-1"))
				roll := d.world.SetRoll("web__1", test.roll)
				watch := d.watch()
				_, diags := d.tryApply(release("ami-2"))
				mustExplain(t, diags, append(test.words, roll, "To stop it", "apply again")...)
				watch.mustDo()
				mustStand(t, d.world, "web__1 ami-1 2/4/8")
				mustExplain(t, d.destroy(), append(test.words, roll)...)
				watch.mustDo()
				if p := d.plan(release("ami-2")); d.empty(p) {
					t.Error("the release is planned no more")
				}

				d.world.SetRoll("web__1", sandbox.Roll{Status: "stopped"})
				d.apply(release("ami-2"))
				mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8")
			})
		})
	}
}

// One that begins in the middle of a release is waited for where it stands in the way.
func TestADeploymentOfSpotsOwnThatBeginsMeanwhile(t *testing.T) {
	for ends, want := range map[time.Duration]bool{10 * time.Minute: true, 0: false} {
		t.Run(ends.String(), func(t *testing.T) {
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				d.apply(release("ami-1"))
				var roll string
				d.world.Intercept(nil, func(c *sandbox.Call) {
					if roll == "" && c.Action == "SetCapacity" && c.Name == "web__2" {
						roll = d.world.SetRoll("web__1", sandbox.Roll{Ends: sandbox.Duration(ends)})
					}
				})
				watch := d.watch()
				_, diags := d.tryApply(release("ami-2"))
				watch.mustServe(4)
				if providertest.Failed(diags) == want {
					t.Errorf("it ended\n%s", providertest.Render(diags))
				}
				if want {
					mustStand(t, d.world, "web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8")
					return
				}
				mustExplain(t, diags, "while a deployment is in progress", roll, "To stop it", "web__1")
				mustStand(t, d.world, "web__1 ami-1 2/4/8")
			})
		})
	}
}

// That deployments cannot be read stops nothing.
func TestDeploymentsOfSpotsOwnNeedNotBeRead(t *testing.T) {
	for name, fault := range map[string]sandbox.Fault{
		"refused": {Kind: sandbox.Error, Status: 403, Code: "FORBIDDEN", Message: "no"},
		"odd":     {Kind: sandbox.TextItem}, "none": {Kind: sandbox.NoItems}, "another form": {Kind: sandbox.OtherForm},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				d.apply(release("ami-1"))
				d.world.SetRoll("web__1", sandbox.Roll{Status: "finished"})
				fault.Service, fault.Action, fault.Times = "spot", "ListRolls", -1
				d.world.Fail(fault)
				d.apply(release("ami-2"))
				if !strings.Contains(standing(d.world), "web__2 ami-2 2/4/8") {
					t.Errorf("the world has %s", standing(d.world))
				}
			})
		})
	}
}
