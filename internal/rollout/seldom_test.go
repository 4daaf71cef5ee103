package rollout_test

import (
	"strings"
	"testing"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Worlds that drawn stories meet once in ten thousand, one of each kind that broke a promise.

// shifted is the world of a rollout by weights whose routes forward as given.
func shifted(f Forward) World {
	w := shiftedWorld()
	w.Routes[0].Production = f
	return w
}

// staged is the world of a rollout behind a listener and one of stage, recorded with blue in production.
func staged(production, stage Forward) World {
	w := shiftedWorld()
	pair := RoutePair{listener, stageListener}
	w.Routes = []Route{{pair, production, stage}}
	j, _ := w.Groups[1].Journal()
	j.Routes = []Route{{pair, Forward{{blue, 1}}, Forward{{green, 1}}}}
	w.Groups[1].Tags = j.Tags()
	return w
}

func sized(w World, group int, c Capacity, inService int) World {
	g := &w.Groups[group]
	g.Capacity, g.Instances, g.InService, g.Steady = c, c.Target, inService, inService
	return w
}

func TestWhatStoriesMeetSeldom(t *testing.T) {
	atRest := func(f Forward) World {
		former, live := revision(5, "r5", Proven, Pin(1)), revision(7, "r7", Proven, Pin(4))
		former.TargetGroups, live.TargetGroups = []string{blue}, []string{green}
		return World{Groups: []Group{former, live}, Routes: []Route{{RoutePair{ProductionARN: listener}, f, nil}}}
	}
	rested := func(w World) World { w.RoutesUnchangedFor = UsualFollow; return w }
	fewer := func(target int) func(*Deployment) {
		return func(d *Deployment) { d.Capacity = &Capacity{Minimum: 1, Target: target, Maximum: 8} }
	}
	takenDown := func() World {
		w := sized(shifted(Forward{{blue, 100}, {green, 0}}), 0, Capacity{}, 0)
		w.Groups[0].Tags = w.Groups[0].With(Memory{TakenDown: &Capacity{Minimum: 2, Target: 6, Maximum: 8}}.Tags())
		return w
	}
	onStage := func() Deployment {
		d := shifting("r7")
		d.BlueGreen.Routes = blueGreen("r7").BlueGreen.Routes
		return d
	}
	for what, c := range map[string]struct {
		d    Deployment
		with func(*Deployment)
		w    World
		want string
	}{
		"at rest, a former revision has production's traffic":   {shifting("r7"), nil, rested(atRest(Forward{{blue, 100}, {green, 0}})), "done"},
		"at rest, it has none":                                  {shifting("r7"), nil, rested(atRest(Forward{{green, 100}, {blue, 0}})), "set web__5 to 0"},
		"at rest, it may have had some a moment ago":            {shifting("r7"), nil, atRest(Forward{{green, 100}, {blue, 0}}), "let the routes settle for 30s"},
		"fewer are written, the candidate's boot, with traffic": {shifting("r7"), fewer(2), sized(shiftedWorld(), 1, Pin(4), 2), "wait for 4 of web__7 in service"},
		"fewer are written, the candidate's boot, without":      {shifting("r7"), fewer(2), sized(shifted(Forward{{blue, 100}, {green, 0}}), 1, Pin(4), 2), "set web__7 to 2"},
		"a destroy that was cut short knows better":             {shifting("r8"), nil, rested(takenDown()), "set web__6 to 6 (minimum 2, maximum 8)"},
		"weights are written when all traffic has moved": {onStage(), nil, staged(Forward{{green, 1}}, Forward{{green, 1}}),
			"make listener web/f2f7dc8efc522ab2 forward to green 100 %, blue 0 %"},
		"and the previous revision is not in service there": {onStage(), nil, sized(staged(Forward{{blue, 0}, {green, 100}}, Forward{{green, 1}}), 0, Pin(4), 0),
			"wait for 4 of web__6 in service"},
		"a way back was cut short before stage": {blueGreen("r7"), nil, sized(staged(Forward{{blue, 1}}, Forward{{blue, 1}}), 1, Pin(4), 0),
			"make listener web/0467ef3c8400ae65 forward to green"},
	} {
		if c.with != nil {
			c.with(&c.d)
		}
		if got := Next(c.d, c.w).String(); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s, want: %s", what, got, c.want)
		}
	}
}

// A route is written whose production forwards to where a candidate of other routes stands: it is not taken away from under it.
func TestACandidateIsNotTakenFromAnotherRoute(t *testing.T) {
	w := sized(shifted(Forward{{blue, 100}, {green, 0}}), 0, usual, 4)
	other := RoutePair{ProductionARN: rule}
	w.Routes = append(w.Routes, Route{other, Forward{{green, 1}}, nil})
	w.RoutesUnchangedFor = UsualFollow
	d := shifting("r7")
	d.BlueGreen.Routes = append(d.BlueGreen.Routes, other)
	s := Next(d, w)
	if s.Kind != Refuse || !strings.Contains(s.Detail, "Make all routes that are written forward to where web__6 is") {
		t.Errorf("%s: %s", s, s.Detail)
	}
}
