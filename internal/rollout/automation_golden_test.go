package rollout_test

import (
	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// scheduleScripts are runs of deployments whose groups have scheduled tasks.
func scheduleScripts() map[string]func() *script {
	usual, night := Capacity{Minimum: 2, Target: 4, Maximum: 8}, Capacity{Minimum: 1, Target: 1, Maximum: 2}
	return map[string]func() *script{
		"schedule, canary": func() *script {
			s := newScript()
			s.scheduled(usual, night)
			s.has(5, "r5", Capacity{})
			s.has(6, "r6", usual)
			s.say("The groups have two scheduled tasks. They are off wherever a group is pinned, or not live.")
			d := canary("r7")
			d.HoldAfter = 1
			s.apply(d, nil)
			s.say("While it holds somebody resizes both. The next apply gives them back what they had.")
			s.fleets[1].Capacity, s.fleets[1].serving = Pin(5), 5
			s.fleets[2].Capacity, s.fleets[2].booting = Pin(2), 1
			s.apply(d, nil)
			s.say("The user lets it go on.")
			s.apply(canary("r7"), nil)
			return s
		},
		"schedule, failing": func() *script {
			s := newScript()
			s.scheduled(usual, night)
			s.has(6, "r6", usual)
			s.alarm = 1
			s.say("The release fails in the first bake. web__6 gets its capacity and its schedule back in one call.")
			s.apply(canary("r7"), nil)
			return s
		},
		"schedule, an older version left it on": func() *script {
			s := newScript()
			s.scheduled(usual, night)
			s.has(4, "r4", Capacity{})
			s.has(5, "r5", usual)
			s.has(6, "r6", usual)
			s.fleets[0].Automation = s.automation(true)
			s.say("web__5 was woken by its schedule, and web__4 will be. Nothing else is to be done.")
			s.apply(release("r6"), nil)
			return s
		},
		"schedule, at night": func() *script {
			s := newScript()
			s.scheduled(usual, night)
			s.has(6, "r6", night)
			d := release("r6")
			d.Capacity, d.Given = &usual, &usual
			s.say("The evening's task has moved minimum and maximum. There is nothing to do.")
			s.apply(d, nil)
			d = release("r7")
			d.Capacity, d.Given = &usual, &usual
			s.say("A release at night has what web__6 has at night. Its own schedule wakes it in the morning.")
			s.apply(d, nil)
			return s
		},
		"schedule, bounds of a pin": func() *script {
			s := newScript()
			s.scheduled(night)
			s.has(6, "r6", Pin(4))
			s.say("Its own minimum and maximum are both 4: what it has while it is rolled out.")
			s.apply(release("r7"), nil)
			return s
		},
	}
}
