package deployment_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// inPhases is a canary of these phases.
func inPhases(phases ...any) object { return object{"canary": object{"phase": phases}} }

// percentPhase is a phase of percent, and whatever else is in it.
func percentPhase(percent int, more ...any) object {
	return withMore(object{"percent": percent}, more)
}

// countPhase is a phase of a count, and whatever else is in it.
func countPhase(n int, more ...any) object {
	return withMore(object{"count": n}, more)
}

// withMore adds names and values.
func withMore(phase object, more []any) object {
	for pair := range slices.Chunk(more, 2) {
		phase[pair[0].(string)] = pair[1]
	}
	return phase
}

// anySize takes away what is known of the capacity.
var anySize = object{"capacity": nil}

// unknownPhase is a phase as it comes of an object that is not known: a block in a list is there, or the whole list is unknown.
var unknownPhase = object{"percent": unknown, "count": unknown, "previous_percent": unknown, "previous_count": unknown, "bake": unknown}

// Everything that is wrong with phases is said while validating, once, at the phase or the attribute, with the values in it.
func TestBadPhasesAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		change object
		at     string
		says   []string
	}{
		"no phase": {object{"canary": object{}}, "canary", []string{"no phase", "phase { percent = 25 }", "leave canary out"}},

		"neither percent nor count": {inPhases(percentPhase(25), object{"bake": "5m"}), "canary.phase.1", []string{"Phase 2", "percent", "count"}},
		"percent and count":         {inPhases(percentPhase(25, "count", 2)), "canary.phase.0", []string{"Phase 1", "percent = 25", "count = 2"}},
		"both, out of order":        {inPhases(percentPhase(50), percentPhase(25, "count", 3)), "canary.phase.1", []string{"Phase 2", "percent = 25", "count = 3"}},
		"previous twice":            {inPhases(percentPhase(25, "previous_percent", 50, "previous_count", 2)), "canary.phase.0", []string{"previous_percent = 50", "previous_count = 2"}},

		"percent of 0":             {inPhases(percentPhase(0)), "canary.phase.0.percent", []string{"between 1 and 99", "0"}},
		"negative percent":         {inPhases(percentPhase(-1)), "canary.phase.0.percent", []string{"-1"}},
		"count of 0":               {inPhases(countPhase(0)), "canary.phase.0.count", []string{"at least 1", "0"}},
		"negative count":           {inPhases(countPhase(-2)), "canary.phase.0.count", []string{"-2"}},
		"previous_percent of 0":    {inPhases(percentPhase(25, "previous_percent", 0)), "canary.phase.0.previous_percent", []string{"between 1 and 99"}},
		"previous_percent of 100":  {inPhases(percentPhase(25, "previous_percent", 100)), "canary.phase.0.previous_percent", []string{"between 1 and 99"}},
		"previous_count of 0":      {inPhases(percentPhase(25, "previous_count", 0)), "canary.phase.0.previous_count", []string{"at least 1"}},
		"no duration":              {inPhases(percentPhase(25, "bake", "5 minutes")), "canary.phase.0.bake", []string{"5 minutes"}},
		"negative bake":            {inPhases(percentPhase(25, "bake", "-5m")), "canary.phase.0.bake", []string{"-5m"}},
		"a bake of more than week": {bothChanges(inPhases(percentPhase(25, "bake", "168h1s")), object{"timeouts": object{"update": "300h"}}), "canary.phase.0.bake", []string{"168h1s", "168h"}},

		"the same percent again":    {inPhases(percentPhase(25), percentPhase(25)), "canary.phase.1.percent", []string{"Phase 2", "25 %", "phase 1"}},
		"the same count again":      {inPhases(countPhase(2), countPhase(2)), "canary.phase.1.count", []string{"Phase 2", "2 of 4", "phase 1"}},
		"less count, no capacity":   {bothChanges(inPhases(countPhase(3), countPhase(2)), anySize), "canary.phase.1.count", []string{"count of 2", "count of 3"}},
		"less, with another kind":   {bothChanges(inPhases(percentPhase(50), countPhase(2), percentPhase(40)), anySize), "canary.phase.2.percent", []string{"40 %", "50 %", "phase 1"}},
		"a count below a percent":   {inPhases(percentPhase(50), countPhase(1)), "canary.phase.1.count", []string{"1 of 4", "50 %"}},
		"a percent below a count":   {inPhases(countPhase(3), percentPhase(70)), "canary.phase.1.percent", []string{"70 %", "3 of 4"}},
		"a count equal to percent":  {inPhases(percentPhase(50), countPhase(2)), "canary.phase.1.count", []string{"2 of 4", "50 %"}},
		"a count of one of one":     {bothChanges(inPhases(countPhase(1)), object{"capacity": capacityOf(1, 1, 1)}), "canary.phase.0.count", []string{"capacity.target is 1", "implied: leave the phase out"}},
		"previous grows by percent": {inPhases(percentPhase(25, "previous_percent", 50), percentPhase(50, "previous_percent", 60)), "canary.phase.1.previous_percent", []string{"Phase 2", "60 %", "50 %", "phase 1"}},
		"previous grows by count":   {inPhases(percentPhase(25, "previous_count", 2), percentPhase(50, "previous_count", 3)), "canary.phase.1.previous_count", []string{"3", "2"}},
		"previous above the default": {inPhases(percentPhase(40), percentPhase(50, "previous_percent", 70)),
			"canary.phase.1.previous_percent", []string{"70 %", "60 %"}},
		"previous grows by a count's default": {inPhases(percentPhase(10, "previous_percent", 20), countPhase(1)), "canary.phase.1", []string{"3 of 4", "20 %"}},
		"previous grows later":                {inPhases(percentPhase(25, "previous_percent", 30), percentPhase(50, "previous_count", 1), percentPhase(60)), "canary.phase.2", []string{"Phase 3", "40 %", "30 %"}},

		"holds after none":        {bothChanges(inPhases(percentPhase(25)), object{"hold_after_phase": 0}), "hold_after_phase", []string{"without blue_green there is no stage"}},
		"an alarm without a name": {object{"verify": object{"alarms": []any{"web-5xx", ""}}}, "verify.alarms.1", []string{"between 1 and 255"}},
		"an alarm of 256":         {object{"verify": object{"alarms": []any{strings.Repeat("a", 256)}}}, "verify.alarms.0", []string{"256"}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				if test.says == nil {
					if diags := d.validate(release("ami-1", test.change)); !providertest.Failed(diags) {
						t.Error("nothing was said")
					}
					return
				}
				providertest.MustSay(t, d.validate(release("ami-1", test.change)), providertest.Error, test.at, test.says...)
			})
		})
	}
}

// What is right is not talked about, nor what cannot be told yet.
func TestGoodPhasesAreTaken(t *testing.T) {
	for name, change := range map[string]object{
		"one":                           inPhases(percentPhase(1)),
		"all the percents":              inPhases(percentPhase(1), percentPhase(2), percentPhase(98), percentPhase(99)),
		"as the documentation has it":   bothChanges(inPhases(percentPhase(25, "bake", "5m"), countPhase(3, "previous_percent", 50)), object{"hold_after_phase": 2}),
		"to the same number":            inPhases(percentPhase(30), countPhase(2), percentPhase(51)),
		"up to the whole":               inPhases(countPhase(1), countPhase(2), countPhase(3)),
		"counts of an unknown whole":    bothChanges(inPhases(percentPhase(50), countPhase(1), percentPhase(60), countPhase(2)), anySize),
		"a target that is not known":    bothChanges(inPhases(percentPhase(50), countPhase(9)), object{"capacity": object{"minimum": 1, "target": unknown, "maximum": 90}}),
		"previous stays":                inPhases(percentPhase(25, "previous_percent", 50), percentPhase(50, "previous_percent", 50)),
		"previous in several kinds":     inPhases(percentPhase(25, "previous_count", 1), percentPhase(50, "previous_percent", 50), countPhase(3, "previous_count", 1)),
		"a previous of any size":        inPhases(percentPhase(25, "previous_count", 1000)),
		"the longest bake":              bothChanges(inPhases(percentPhase(25, "bake", "168h")), object{"timeouts": object{"update": "169h"}}),
		"no bake in so many words":      inPhases(percentPhase(25, "bake", "0s")),
		"many alarms":                   {"verify": object{"alarms": []any{"web-5xx", strings.Repeat("ä", 255)}}},
		"no alarms":                     {"verify": object{"alarms": []any{}}},
		"an unknown canary":             {"canary": unknown, "hold_after_phase": 9},
		"unknown phases":                {"canary": object{"phase": unknown}, "hold_after_phase": 9},
		"an unknown phase":              inPhases(percentPhase(50), unknownPhase, percentPhase(60)),
		"an unknown percent":            inPhases(percentPhase(50), object{"percent": unknown}, object{"percent": unknown, "count": 3}, object{"count": unknown}),
		"an unknown rest":               inPhases(percentPhase(25, "previous_percent", 10), percentPhase(50, "previous_percent", unknown), percentPhase(60, "previous_count", unknown, "previous_percent", 5)),
		"an unknown bake":               inPhases(percentPhase(25, "bake", unknown)),
		"an unknown hold":               bothChanges(inPhases(percentPhase(25)), object{"hold_after_phase": unknown}),
		"an unknown hold of no canary":  {"hold_after_phase": unknown},
		"an unknown alarm":              {"verify": object{"alarms": []any{"web-5xx", unknown}}},
		"unknown alarms":                {"verify": object{"alarms": unknown}},
		"a time-out that is not known":  bothChanges(inPhases(percentPhase(25, "bake", "9h")), object{"timeouts": object{"update": unknown}}),
		"time-outs that are not known":  bothChanges(inPhases(percentPhase(25, "bake", "9h")), object{"timeouts": unknown}),
		"bakes within the default":      inPhases(percentPhase(25, "bake", "30m"), percentPhase(50, "bake", "29m59s")),
		"bakes within the time-out":     bothChanges(inPhases(percentPhase(25, "bake", "2h")), object{"timeouts": object{"update": "2h1s"}}),
		"it holds before the long bake": bothChanges(inPhases(percentPhase(25, "bake", "30m"), percentPhase(50, "bake", "9h")), object{"hold_after_phase": 1}),
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				providertest.MustSucceed(t, d.validate(release("ami-1", change)))
			})
		})
	}
}

// A rollout that its own bakes do not let finish is no error: the next apply goes on. But it should be meant.
func TestBakesBeyondTheTimeOutAreWarnedOf(t *testing.T) {
	bakes := inPhases(percentPhase(25, "bake", "40m"), percentPhase(50), percentPhase(75, "bake", "30m"))
	for name, test := range map[string]struct {
		change object
		at     string
		says   []string
	}{
		"the default":           {bakes, "canary", []string{"1h10m", "1h, its default"}},
		"one of another update": {bothChanges(bakes, object{"timeouts": object{"create": "9h"}}), "canary", []string{"1h10m", "1h, its default"}},
		"shorter":               {bothChanges(bakes, object{"timeouts": object{"update": "65m"}}), "timeouts.update", []string{"1h10m", "65m"}},
		"no second more":        {bothChanges(bakes, object{"timeouts": object{"update": "70m"}}), "timeouts.update", []string{"1h10m", "70m"}},
		"up to the hold":        {bothChanges(bakes, object{"hold_after_phase": 2, "timeouts": object{"update": "35m"}}), "timeouts.update", []string{"40m", "35m"}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				providertest.MustSay(t, d.validate(release("ami-1", test.change)), providertest.Warning, test.at, test.says...)
			})
		})
	}
}

// A phase or an alarm that is not known yet leaves the plan open; what does not show in it does not.
func TestUnknownPhasesLeaveThePlanOpen(t *testing.T) {
	for name, change := range map[string]object{
		"canary":   {"canary": unknown},
		"phases":   {"canary": object{"phase": unknown}},
		"a phase":  inPhases(percentPhase(25), unknownPhase),
		"percent":  inPhases(object{"percent": unknown}),
		"count":    inPhases(object{"count": unknown}),
		"previous": inPhases(percentPhase(25, "previous_count", unknown)),
		"bake":     inPhases(percentPhase(25, "bake", unknown)),
		"hold":     bothChanges(inPhases(percentPhase(25)), object{"hold_after_phase": unknown}),
		"alarms":   {"verify": object{"alarms": unknown}},
		"an alarm": {"verify": object{"alarms": []any{unknown}}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				p := d.plan(release("ami-1", change))
				if providertest.Failed(p.diags) {
					t.Fatal(providertest.Render(p.diags))
				}
				for _, name := range []string{"rollout_plan", "status", "revision"} {
					if text := memberOf(t, p.value, name); text.IsKnown() {
						t.Errorf("%s is known: %s", name, text)
					}
				}
			})
		})
	}
}

// The strategy is no part of a release: what is changed of it alone counts for the next one.
func TestTheCanaryAloneReleasesNothing(t *testing.T) {
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		run := d.watch()
		for i, change := range []object{
			inPhases(percentPhase(25, "bake", "5m"), countPhase(3, "previous_count", 2)),
			bothChanges(inPhases(percentPhase(50)), object{"hold_after_phase": 1}),
			nil,
		} {
			state := d.apply(release("ami-1", change))
			if fmt.Sprint(state["status"], state["revision"]) != "stable1" {
				t.Errorf("change %d: %v %v", i, state["status"], state["revision"])
			}
		}
		run.mustDo()
	})
}

// Everything that is written of the phases is in the plan: what each side has, in which order, how long it is watched and
// by what, and where it holds.
func TestPhasesReachThePlan(t *testing.T) {
	world := webWorld()
	world.AWS.Alarms = []sandbox.AlarmConfig{{Name: "web-5xx", State: "OK"}, {Name: "web-slow", State: "OK"}}
	inBubble(t, world, func(t *testing.T, d *deployment) {
		ten := object{"capacity": capacityOf(2, 10, 20)}
		d.apply(release("ami-1", ten))
		p := d.plan(release("ami-2", ten, inPhases(
			percentPhase(25, "previous_count", 9, "bake", "90s"),
			countPhase(5, "previous_percent", 61, "bake", "2h"),
			percentPhase(75),
		), object{"hold_after_phase": 2, "verify": object{"alarms": []any{"web-slow", "web-5xx"}}, "timeouts": object{"update": "3h"}}))
		if providertest.Failed(p.diags) { // that a session may end before such bakes do is a warning
			t.Fatal(providertest.Render(p.diags))
		}
		text := providertest.Plain(t, memberOf(t, p.value, "rollout_plan")).(string)
		for _, line := range []string{
			"25 %         new        0 -> 3   then previous 10 -> 9   bake 1m30s, alarms web-slow, web-5xx\n",
			"5 of 10      new        3 -> 5   then previous 9 -> 7   bake 2h, alarms web-slow, web-5xx\n                        holds here\n",
			"75 %         new        5 -> 8   then previous 7 -> 3   alarms web-slow, web-5xx\n",
		} {
			if !strings.Contains(text, line) {
				t.Errorf("the plan lacks %q:\n%s", line, text)
			}
		}
	})
}
