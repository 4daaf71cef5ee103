package rollout_test

import (
	"strings"
	"time"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// blueGreenScripts are runs of blue/green.
func blueGreenScripts() map[string]func() *script {
	return map[string]func() *script{
		"blue-green": func() *script {
			s := newScript()
			s.staged()
			s.say("r7 comes to stand beside r6 in the target group that stage shows, and the two change places.")
			s.apply(blueGreen("r7"), nil)
			s.say("The next release finds them the other way round.")
			s.apply(blueGreen("r8"), nil)
			return s
		},
		"blue-green, first deployment": func() *script {
			s := newScript()
			s.routes = []Route{{RoutePair{listener, stageListener}, Forward{{blue, 1}}, Forward{{green, 1}}}}
			s.say("There is nothing yet: production goes to blue, and that is where r1 registers.")
			s.apply(blueGreen("r1"), nil)
			return s
		},
		"blue-green, previous kept on stage": func() *script {
			s := newScript()
			s.staged()
			d := blueGreen("r7")
			d.BlueGreen.KeepPrevious = true
			s.say("web__6 keeps running, on stage.")
			s.apply(d, nil)
			d = blueGreen("r8")
			d.BlueGreen.KeepPrevious = true
			s.say("It leaves the idle target group before the next candidate comes.")
			s.apply(d, nil)
			return s
		},
		"blue-green, failing before the switch": func() *script {
			s := newScript("r7")
			s.staged()
			s.say("r7 never gets healthy in green. No traffic has moved.")
			s.apply(blueGreen("r7"), nil)
			return s
		},
		"blue-green, failing after the switch": func() *script {
			s := newScript()
			s.staged()
			s.alarm = 1
			s.say("An alarm goes off in the bake after the switch. web__6 is still whole: going back is a call for each route.")
			s.apply(blueGreen("r7"), nil)
			return s
		},
		"blue-green, killed between production and stage": func() *script {
			s := newScript()
			s.staged()
			s.say("The process dies when production shows r7 and stage still does, too.")
			s.apply(blueGreen("r7"), func(s Step) bool { return s.Kind == Shift && s.ARN == stageListener })
			s.say("The next run recognises that and finishes.")
			s.apply(blueGreen("r7"), nil)
			return s
		},
		"shift": func() *script {
			s := newScript()
			s.weighted()
			s.say("r7 gets 10 %, 50 % and all of the traffic. Both target groups stay in the listener's action.")
			s.apply(shifting("r7"), nil)
			return s
		},
		"shift, failing at a weight": func() *script {
			s := newScript()
			s.weighted()
			s.alarm = 1
			s.say("An alarm goes off at 10 %.")
			s.apply(shifting("r7"), nil)
			return s
		},
		"shift, held, then reverted": func() *script {
			s := newScript()
			s.weighted()
			d := shifting("r7")
			d.HoldAfter = 1
			s.apply(d, nil)
			s.say("The configuration goes back to r6.")
			s.apply(shifting("r6"), nil)
			return s
		},
		"shift, superseded at a weight": func() *script {
			s := newScript()
			s.weighted()
			s.say("The process is killed at 50 %.")
			s.apply(shifting("r7"), func(s Step) bool { return s.Kind == Shift && s.Phase == 3 })
			s.say("Meanwhile there is r8.")
			s.apply(shifting("r8"), nil)
			return s
		},
		"shift with stage, over a listener and a rule": func() *script {
			s := newScript()
			s.in(blue, 6, "r6", usual)
			s.routes = []Route{
				{RoutePair{listener, stageListener}, Forward{{blue, 1}}, Forward{{green, 1}}},
				{RoutePair{ProductionARN: rule}, Forward{{green, 0}, {blue, 1}}, nil},
			}
			d := shifting("r7")
			d.BlueGreen.Routes = []RoutePair{{listener, stageListener}, {ProductionARN: rule}}
			s.say("Two routes over the same target groups change as a unit.")
			s.apply(d, nil)
			return s
		},
		"shift, left half way by another tool": func() *script {
			s := newScript()
			s.weighted()
			s.routes[0].Production = Forward{{blue, 70}, {green, 30}}
			s.say("Another tool has left 30 % with a target group where nobody is. That is put right first.")
			s.apply(shifting("r7"), nil)
			return s
		},
		"blue-green, back to the one on stage": func() *script {
			s := newScript()
			s.staged()
			d := blueGreen("r7")
			d.BlueGreen.KeepPrevious = true
			s.apply(d, nil)
			d = blueGreen("r6")
			d.BlueGreen.KeepPrevious = true
			s.say("r7 turns out to be bad after all. web__6 still runs, on stage: it comes back at once.")
			s.apply(d, nil)
			d = blueGreen("r8")
			s.say("The next release goes on from there. web__7 makes room.")
			s.apply(d, nil)
			return s
		},
		"blue-green, back to one at zero": func() *script {
			s := newScript()
			s.staged()
			s.apply(blueGreen("r7"), nil)
			s.say("web__6 is retained at zero, in the target group that is idle now: it starts again.")
			s.apply(blueGreen("r6"), func(s Step) bool { return s.Kind == Shift && s.ARN == stageListener })
			s.say("The next run finishes.")
			s.apply(blueGreen("r6"), nil)
			return s
		},
		"blue-green, without a bake": func() *script {
			s := newScript()
			s.weighted()
			d := shifting("r7")
			d.BlueGreen.Bake, d.BlueGreen.Follow = 0, 5*time.Minute
			s.say("No bake is written for the full switch: web__6 keeps its instances until load balancers have followed.")
			s.apply(d, nil)
			s.say("An alarm stops r8 at 10 %. What it got of the traffic may still come, so it keeps its instances as well.")
			d = shifting("r8")
			d.BlueGreen.Bake, d.BlueGreen.Follow = 0, 5*time.Minute
			s.alarm = 1
			s.apply(d, nil)
			return s
		},
		"blue-green, the one on stage cannot come back": func() *script {
			s := newScript()
			s.staged()
			d := blueGreen("r7")
			d.BlueGreen.KeepPrevious, d.Alarms = true, []string{"web-5xx"}
			s.apply(d, nil)
			d = blueGreen("r6")
			d.BlueGreen.KeepPrevious, d.Alarms = true, []string{"web-5xx"}
			s.fitness["r6"] = 0
			s.fleets[0].serving, s.fleets[0].booting = 0, s.fleets[0].serving
			s.say("r7 is to make way for r6 again, and web__6 has become unwell on stage meanwhile. It is neither emptied nor deleted for that.")
			s.apply(d, nil)
			s.say("The next apply may try again: nothing is held against r6.")
			s.fitness["r6"] = 100
			s.apply(d, nil)
			return s
		},
		"blue-green, the one at zero cannot come back": func() *script {
			s := newScript()
			s.staged()
			s.apply(blueGreen("r7"), nil)
			s.fitness["r6"] = 0
			s.say("web__6 is to come back from zero, and none of its instances gets healthy. It stands at zero again, as it did.")
			s.apply(blueGreen("r6"), nil)
			return s
		},
		"blue-green, back to one that stands elsewhere": func() *script {
			s := newScript()
			s.staged()
			s.apply(blueGreen("r7"), nil)
			s.apply(blueGreen("r8"), nil)
			s.say("web__6 would come back into the target group where web__8 is. A new revision of r6 is not baked either.")
			s.apply(blueGreen("r6"), nil)
			return s
		},
		"blue-green, not where it serves": func() *script {
			s := newScript()
			s.staged()
			s.fleets[0].TargetGroups = []string{green}
			s.say("Production goes to blue, and web__6 registers in green.")
			s.apply(blueGreen("r7"), nil)
			return s
		},
	}
}

// traffic is where every route of the script forwards.
func (s *script) traffic() string {
	var all []string
	for _, r := range s.routes {
		text := "-> " + r.Production.String()
		if r.Stage != nil {
			text += " (stage " + r.Stage.String() + ")"
		}
		all = append(all, text)
	}
	return strings.Join(all, "  ")
}
