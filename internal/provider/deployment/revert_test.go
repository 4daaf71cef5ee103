package deployment_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// keeping leaves the previous revision running on stage.
var keeping = inBlueGreen(object{"downsize_previous": false})

// A release turns out bad, its alarm goes off, and what served before is applied again: it comes back, whatever the alarm says, which was
// off because of what it replaces. A warning says which alarm is on.
func TestARevertIsNotJudgedByTheAlarmsOfWhatItReplaces(t *testing.T) {
	for name, c := range map[string]struct {
		world    sandbox.Config
		config   func(image string) object
		between  []string // releases after ami-1
		whenBack string   // what stands in the end
		plan     string
	}{
		"at once":   {blueGreenWorld(), func(image string) object { return switchAtOnce(image, keeping) }, []string{"ami-2"}, "web__1 ami-1 2/4/8\nweb__2 ami-2 2/4/8", "comes back at once"},
		"by weight": {blueGreenWorld(productionByWeights), func(image string) object { return shiftByWeights(image, keeping, throughRoutes(route(productionARN))) }, []string{"ami-2"}, "web__1 ami-1 2/4/8\nweb__2 ami-2 2/4/8", "comes back at once"},
		"warm":      {blueGreenWorld(), func(image string) object { return switchAtOnce(image, inBlueGreen(object{"bake": "5m"})) }, []string{"ami-2"}, "web__1 ami-1 2/4/8\nweb__2 ami-2 0/0/0", "comes back warm"},
		"cold":      {blueGreenWorld(), func(image string) object { return switchAtOnce(image, inBlueGreen(object{"bake": "5m"})) }, []string{"ami-2", "ami-3"}, "web__1 ami-1 0/0/0\nweb__2 ami-2 0/0/0\nweb__3 ami-3 0/0/0\nweb__4 ami-1 2/4/8", "cold: proven before"},
		"canary":    {canaryWorld(), func(image string) object { return canary(image) }, []string{"ami-2"}, "web__1 ami-1 0/0/0\nweb__2 ami-2 0/0/0\nweb__3 ami-1 2/4/8", "cold: proven before"},
		"basic":     {canaryWorld(), func(image string) object { return release(image, watchedBy("web-5xx")) }, []string{"ami-2"}, "web__1 ami-1 0/0/0\nweb__2 ami-2 0/0/0\nweb__3 ami-1 2/4/8", "cold: proven before"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, c.world, func(t *testing.T, d *deployment) {
				d.apply(c.config("ami-1"))
				for _, image := range c.between {
					d.apply(c.config(image))
				}
				d.world.SetAlarm("web-5xx", "ALARM", "5xx are many")
				run := d.watch()
				p := d.plan(c.config("ami-1"))
				mustWarn(t, p.diags, "verify.alarms.0", "5xx are many", "proven before, and no alarm judges it")
				if text := d.planText(p); !strings.Contains(text, c.plan) || strings.Contains(text, "alarms web-5xx") || strings.Contains(text, "bake") && !strings.Contains(text, "neither baked") {
					t.Errorf("the plan says\n%s", text)
				}
				_, diags := d.applyPlan(t.Context(), p, c.config("ami-1"))
				if providertest.Failed(diags) {
					t.Fatalf("apply says\n%s\nthe world:\n%s", providertest.Render(diags), standing(d.world))
				}
				if text := providertest.Render(diags); !strings.Contains(text, "Alarm web-5xx is in ALARM: 5xx are many") {
					t.Errorf("apply does not warn:\n%s", text)
				}
				if got := standing(d.world); got != c.whenBack {
					t.Errorf("there stand\n%s\nwant\n%s", got, c.whenBack)
				}
				run.mustServe(4)
				d.mustBeSettled(c.config("ami-1"))
			})
		})
	}
}

// The alarm goes off while what comes back is on its way: during settle, for one.
func TestAnAlarmThatGoesOffWhileSomethingComesBackChangesNothing(t *testing.T) {
	inBubble(t, blueGreenWorld(), func(t *testing.T, d *deployment) {
		d.apply(switchAtOnce("ami-1", keeping))
		d.apply(switchAtOnce("ami-2", keeping))
		run := d.watch()
		d.afterModify(2, 5*time.Second, func() { d.world.SetAlarm("web-5xx", "ALARM", "the last minute of the bad one") })
		d.apply(switchAtOnce("ami-1", keeping))
		mustStand(t, d.world, "web__1 ami-1 2/4/8", "web__2 ami-2 2/4/8")
		d.mustForward(productionARN, "blue 1", testARN, "green 1")
		run.mustServe(4)
	})
}

// A deleted alarm, or a CloudWatch that does not answer, keeps nobody from what was proven before.
func TestAMissingAlarmDoesNotKeepARevert(t *testing.T) {
	inBubble(t, blueGreenWorld(), func(t *testing.T, d *deployment) {
		d.apply(switchAtOnce("ami-1", keeping))
		d.apply(switchAtOnce("ami-2", keeping))
		d.world.Fail(sandbox.Fault{Service: "cloudwatch", Kind: sandbox.Error, Status: 403, Code: "AccessDenied", Message: "not authorized", Times: -1})
		p := d.plan(switchAtOnce("ami-1", keeping))
		mustWarn(t, p.diags, "verify.alarms", "not authorized", "no alarm judges it")
		d.carryOut(p, switchAtOnce("ami-1", keeping))
		mustStand(t, d.world, "web__1 ami-1 2/4/8", "web__2 ami-2 2/4/8")
		d.mustForward(productionARN, "blue 1", testARN, "green 1")
	})
}

// What comes back can meet trouble all the same: it is unwell by now, a call is refused, the run is interrupted and goes back. It stands
// where it stood before then, is not held against its release, and the next apply may try again.
func TestWhatCannotComeBackStandsAsBefore(t *testing.T) {
	refusing := func(d *deployment) {
		d.world.Fail(sandbox.Fault{Service: "elbv2", Action: "ModifyListener", Kind: sandbox.Error, Status: 400, Code: "OperationNotPermitted", Message: "no", Times: 1})
	}
	for name, c := range map[string]struct {
		config  object
		trouble func(d *deployment) context.Context
		stands  []string
		says    []string
	}{
		"at once, a refused call": {keeping, func(d *deployment) context.Context { refusing(d); return d.t.Context() },
			[]string{"web__1 ami-1 2/4/8", "web__2 ami-2 2/4/8"}, []string{"OperationNotPermitted", "web__2", "serves with 4", "web__1", "stands at 4 (minimum 2, maximum 8) as before"}},
		"warm, a refused call": {nil, func(d *deployment) context.Context { refusing(d); return d.t.Context() },
			[]string{"web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8"}, []string{"OperationNotPermitted", "stands at 0 as before"}},
		"at once, unwell": {object{"blue_green": keeping["blue_green"], "healthy_timeout": "5m"}, func(d *deployment) context.Context {
			d.sicken("ami-1")
			return d.t.Context()
		}, []string{"web__1 ami-1 2/4/8", "web__2 ami-2 2/4/8"}, []string{"of 4 needed instances of web__1", "stands at 4 (minimum 2, maximum 8) as before", "nothing is held against it"}},
		"warm, unwell": {object{"healthy_timeout": "5m"}, func(d *deployment) context.Context {
			d.sicken("ami-1")
			return d.t.Context()
		}, []string{"web__1 ami-1 0/0/0", "web__2 ami-2 2/4/8"}, []string{"0 of 4 needed instances of web__1", "stands at 0 as before", "nothing is held against it"}},
		"at once, interrupted": {withChanges(keeping, object{"on_interrupt": "rollback"}), func(d *deployment) context.Context {
			ctx, cancel := context.WithCancel(d.t.Context())
			d.afterModify(2, 5*time.Second, cancel)
			return ctx
		}, []string{"web__1 ami-1 2/4/8", "web__2 ami-2 2/4/8"}, []string{"interrupted and taken back", "stands at 4 (minimum 2, maximum 8) as before"}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, blueGreenWorld(), func(t *testing.T, d *deployment) {
				d.apply(switchAtOnce("ami-1", c.config))
				d.apply(switchAtOnce("ami-2", c.config))
				tags := d.tagsOf("web__1")
				before := d.inputs()
				run := d.watch()
				_, diags := d.applyUnder(c.trouble(d), switchAtOnce("ami-1", c.config))
				d.world.Intercept(nil, nil)
				mustExplain(t, diags, c.says...)
				if strings.Contains(providertest.Render(diags), "deleted") {
					t.Errorf("something is said to be deleted:\n%s", providertest.Render(diags))
				}
				mustStand(t, d.world, c.stands...)
				d.mustForward(productionARN, "green 1", testARN, "blue 1")
				run.mustServe(4)
				for key, value := range d.tagsOf("web__1") {
					// A tag that is written once stays; elastigroup:routes says how many of the routes' are meant.
					if tags[key] != value && !strings.HasPrefix(key, "elastigroup:route-") {
						t.Errorf("the tag %s of web__1 is %q, and was %q", key, value, tags[key])
					}
				}
				if memory := d.tagsOf("web__2")["elastigroup:failed-releases"]; memory != "" && memory != "none" {
					t.Errorf("web__2 remembers %q", memory)
				}
				d.mustBeAsBefore(before, switchAtOnce("ami-1", c.config))
				d.mustBeSettled(switchAtOnce("ami-2", c.config))

				d.heal("ami-1")
				d.apply(switchAtOnce("ami-1", c.config))
				d.mustForward(productionARN, "blue 1", testARN, "green 1")
				neverDeletesInstances(t, d.world)
			})
		})
	}
}

// sicken has no instance of an image answer any more, neither those that run nor those to come.
func (d *deployment) sicken(image string) {
	d.t.Helper()
	if err := d.world.AddImage(sandbox.Image{ID: image, Behaviour: sandbox.Behaviour{Kind: sandbox.Never}}); err != nil {
		d.t.Fatal(err)
	}
	d.answer(image, false)
	time.Sleep(3 * time.Minute) // until the balancers have noticed
}

// heal has them answer again.
func (d *deployment) heal(image string) {
	d.t.Helper()
	if err := d.world.AddImage(sandbox.Image{ID: image, Behaviour: sandbox.Behaviour{Kind: sandbox.Healthy}}); err != nil {
		d.t.Fatal(err)
	}
	d.answer(image, true)
	time.Sleep(10 * time.Minute)
}

func (d *deployment) answer(image string, answering bool) {
	for _, g := range d.world.Groups() {
		if imageOf(g) != image {
			continue
		}
		for _, i := range g.Instances {
			d.world.SetAnswering(i.ID, answering, "Health checks failed with these codes: [503]")
		}
	}
}

// tagsOf are those of a group, by name.
func (d *deployment) tagsOf(name string) map[string]string {
	d.t.Helper()
	g, ok := d.world.Group(name)
	if !ok {
		d.t.Fatalf("%s is gone:\n%s", name, standing(d.world))
	}
	return tagsOf(d.t, g)
}
