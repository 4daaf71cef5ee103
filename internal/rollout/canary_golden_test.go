package rollout_test

import . "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"

// canaryScripts are runs of canaries.
func canaryScripts() map[string]func() *script {
	history := func(s *script) {
		s.has(4, "r4", Pin(2))
		s.has(5, "r5", Capacity{})
		s.has(6, "r6", usual)
	}
	return map[string]func() *script{
		"canary": func() *script {
			s := newScript()
			history(s)
			s.say("A canary of r7, beside a leftover.")
			s.apply(canary("r7"), nil)
			return s
		},
		"canary, failing in a bake": func() *script {
			s := newScript()
			s.has(6, "r6", usual)
			s.alarm = 2
			s.say("An alarm goes off while the second phase bakes. web__6 gets everything back before web__7 goes.")
			s.apply(canary("r7"), nil)
			return s
		},
		"canary, failing at once": func() *script {
			s := newScript("r7")
			s.has(6, "r6", usual)
			s.say("The first instance of r7 never gets healthy. web__6 has not given up anything.")
			s.apply(canary("r7"), nil)
			return s
		},
		"canary, held": func() *script {
			s := newScript()
			s.has(6, "r6", usual)
			d := canary("r7")
			d.HoldAfter = 1
			s.say("The user wants to look at it after the first phase.")
			s.apply(d, nil)
			s.say("Nothing has changed: there is nothing to do.")
			s.apply(d, nil)
			s.say("The user has seen enough and takes hold_after_phase away.")
			s.apply(canary("r7"), nil)
			return s
		},
		"canary, held and resized": func() *script {
			s := newScript()
			s.has(6, "r6", usual)
			d := canary("r7")
			d.HoldAfter, d.Capacity = 1, &usual
			s.say("It holds after the first phase.")
			s.apply(d, nil)
			d.Given, d.Capacity = d.Capacity, &Capacity{Minimum: 4, Target: 8, Maximum: 16}
			s.say("While it holds twice the capacity is wanted: both revisions get their shares of it.")
			s.apply(d, nil)
			s.say("And r7 turns out to be bad: r6 comes back, with the new capacity.")
			d.Release, d.ImageID, d.Given = "r6", "ami-r6", d.Capacity
			s.apply(d, nil)
			return s
		},
		"canary, superseded while it holds": func() *script {
			s := newScript()
			s.has(6, "r6", usual)
			d := canary("r7")
			d.HoldAfter = 2
			s.apply(d, nil)
			s.say("r8 comes. First back to web__6, the only one that was proven, then on.")
			s.apply(canary("r8"), nil)
			return s
		},
		"canary, killed in the second phase": func() *script {
			s := newScript()
			s.has(6, "r6", usual)
			s.say("The process is killed while the second phase bakes.")
			s.apply(canary("r7"), func(s Step) bool { return s.Kind == Bake && s.Phase == 2 })
			s.say("The next apply goes on with the second phase. Its bake is sat out from the beginning.")
			s.apply(canary("r7"), nil)
			return s
		},
		"canary of one instance": func() *script {
			s := newScript()
			s.has(6, "r6", Capacity{Minimum: 1, Target: 1, Maximum: 2})
			s.say("Of a single instance there are no shares. The plan says so, and the phases are baked all the same.")
			s.apply(canary("r7"), nil)
			return s
		},
		"canary to another capacity": func() *script {
			s := newScript()
			s.has(6, "r6", Capacity{Minimum: 2, Target: 10, Maximum: 12})
			d := canary("r7")
			d.Capacity = &Capacity{Minimum: 1, Target: 3, Maximum: 6}
			d.Canary = []Phase{{Count: 1}, {Count: 2, PreviousPercent: new(10)}}
			s.say("From 10 to 3. The second phase leaves less of web__6 than its share, by the user's word.")
			s.apply(d, nil)
			return s
		},
		"canary, previous first": func() *script {
			s := newScript()
			s.has(6, "r6", usual)
			d := canary("r7")
			d.ResizeOrder = PreviousFirst
			s.say("Each phase gives up its share of the capacity before the candidate takes it.")
			s.apply(d, nil)
			return s
		},
	}
}
