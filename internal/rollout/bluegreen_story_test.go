package rollout_test

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Another balancer, with a pair of target groups of its own.
const (
	otherListener = balancing + "listener/net/tcp/0f1e2d3c4b5a6978/a1b2c3d4e5f60718"
	otherBlue     = balancing + "targetgroup/tcp-blue/0102030405060708"
	otherGreen    = balancing + "targetgroup/tcp-green/1112131415161718"
)

// routed draws histories behind routes: releases that shift or switch at once, hold, fail, supersede one another, come back, are
// killed, and change to another strategy or to other routes.
func routed() *rapid.Generator[story] {
	return rapid.Custom(func(t *rapid.T) story {
		s := story{live: -1, fitness: map[string]int{}, seed: rapid.Uint64().Draw(t, "seed"), calm: rapid.Bool().Draw(t, "calm"),
			cruel: rapid.Bool().Draw(t, "cruel")}
		drawOrigin(t, &s)
		drawRoutes(t, &s)
		for i := range s.origin {
			if s.origin[i].Capacity.Target == 0 && i == s.live {
				// What serves production has something to serve with.
				s.origin[i].Capacity, s.origin[i].Instances = Capacity{Minimum: 0, Target: 1, Maximum: 3}, 1
			}
		}
		healthy := rapid.SampledFrom([]int{100, 100, 50, 75}).Draw(t, "healthy percent")
		for _, r := range releases {
			s.fitness[r] = rapid.SampledFrom([]int{100, 100, 100, 0, 30, healthy}).Draw(t, "fitness of "+r)
		}
		order := rapid.SampledFrom([]ResizeOrder{NewFirst, NewFirst, PreviousFirst}).Draw(t, "order")
		n := rapid.IntRange(1, 4).Draw(t, "chapters")
		for i := range n {
			ch := drawChapter(t, healthy, order, 1, i == n-1)
			ch.d.OwnCapacity = capacities(1).Draw(t, "own capacity behind routes")
			ch.halfWay = rapid.IntRange(0, 5).Draw(t, "is left half way") == 0
			if rapid.IntRange(0, 5).Draw(t, "keeps the strategy") > 0 {
				drawBlueGreen(t, s, &ch)
			}
			s.chapters = append(s.chapters, ch)
		}
		drawTasks(t, &s)
		return s
	})
}

func drawBlueGreen(t *rapid.T, s story, ch *chapter) {
	bg := &BlueGreen{
		Settle:       time.Duration(rapid.IntRange(0, 2).Draw(t, "settle")) * 15 * time.Second,
		Follow:       time.Duration(rapid.IntRange(0, 2).Draw(t, "follow")) * 150 * time.Second,
		Bake:         time.Duration(rapid.IntRange(0, 1).Draw(t, "bake")) * time.Minute,
		KeepPrevious: rapid.IntRange(0, 2).Draw(t, "keeps the previous") == 0,
	}
	for _, r := range s.routes {
		bg.Routes = append(bg.Routes, r.RoutePair)
	}
	if rapid.IntRange(0, 9).Draw(t, "leaves a route out") == 0 {
		bg.Routes = bg.Routes[:1]
	}
	percent := 0
	for range rapid.IntRange(0, 3).Draw(t, "weights") {
		if percent < 99 {
			percent = rapid.IntRange(percent+1, 99).Draw(t, "weight")
			bg.Shift = append(bg.Shift, Weight{percent, time.Duration(rapid.IntRange(0, 1).Draw(t, "bake at it")) * time.Minute})
		}
	}
	ch.d.BlueGreen, ch.d.Canary = bg, nil
	ch.d.HoldAfter = max(0, rapid.IntRange(-2, len(bg.Shift)).Draw(t, "holds after weight"))
	ch.alarm = max(0, rapid.IntRange(-3, len(bg.Shift)+1).Draw(t, "alarm at weight"))
}

// drawRoutes draws one or two routes, mostly sound, and where the groups of the story register.
func drawRoutes(t *rapid.T, s *story) {
	live, idle := blue, green
	if rapid.Bool().Draw(t, "is green") {
		live, idle = idle, live
	}
	s.routes = []Route{drawRoute(t, RoutePair{listener, stageListener}, live, idle)}
	lives, idles := []string{live}, []string{idle}
	switch rapid.SampledFrom([]string{"one", "one", "rule", "balancer"}).Draw(t, "routes") {
	case "rule":
		s.routes = append(s.routes, drawRoute(t, RoutePair{ProductionARN: rule}, live, idle))
	case "balancer":
		s.routes = append(s.routes, drawRoute(t, RoutePair{ProductionARN: otherListener}, otherBlue, otherGreen))
		lives, idles = append(lives, otherBlue), append(idles, otherGreen)
	}
	for i := range s.origin {
		s.origin[i].TargetGroups = lives
		if i != s.live && rapid.Bool().Draw(t, "stands in the idle one") {
			s.origin[i].TargetGroups = idles
		}
	}
	switch rapid.IntRange(0, 29).Draw(t, "flaw") {
	case 0:
		s.routes[0].Production, s.routes[0].Stage, s.routes[0].StageARN = Forward{{live, 1}}, nil, ""
	case 1:
		s.routes[0].Production = Forward{{live, 1}, {idle, 0}, {balancing + "targetgroup/red/2122232425262728", 0}}
	case 2:
		if s.live >= 0 {
			s.origin[s.live].TargetGroups = idles
		}
	case 3:
		if s.live >= 0 {
			s.origin[s.live].TargetGroups = slices.Concat(lives, idles)
		}
	}
}

// drawRoute draws a route in any of the forms in which people write them.
func drawRoute(t *rapid.T, pair RoutePair, live, idle string) Route {
	r := Route{RoutePair: pair}
	if pair.StageARN == "" || rapid.Bool().Draw(t, "has no stage") {
		r.StageARN = ""
	} else {
		r.Stage = Forward{{idle, rapid.IntRange(1, 2).Draw(t, "weight on stage")}}
		if rapid.Bool().Draw(t, "names one on production") {
			r.Production = Forward{{live, 1}}
			return r
		}
	}
	r.Production = Forward{{live, rapid.SampledFrom([]int{1, 7, 100, 999}).Draw(t, "weight of production")}, {idle, 0}}
	if rapid.Bool().Draw(t, "names the idle one first") {
		slices.Reverse(r.Production)
	}
	return r
}

// leaveTrafficHalfWay leaves traffic half way, as another tool does that is killed, where nothing is rolled out.
func (r *run) leaveTrafficHalfWay() {
	if unproven(r.observe()) > 0 {
		return
	}
	for i, route := range r.routes {
		sides, ok := sidesOf(route, r.group(r.live).TargetGroups)
		if ok {
			r.routes[i].Production = Forward{{sides.live, 70}, {sides.idle, 30}}
			return
		}
	}
}

// sides is which target group of a route has production's traffic.
type sides struct{ live, idle string }

// sidesOf reads it off a route and off where the live revision registers, if there is one; false if it cannot be told.
func sidesOf(r Route, registered []string) (sides, bool) {
	all := map[string]int{}
	for _, s := range r.Stage {
		all[s.TargetGroup] += 0
	}
	for _, s := range r.Production {
		all[s.TargetGroup] += s.Weight
	}
	var p sides
	for g, weight := range all {
		live := weight > 0
		if registered != nil {
			live = live && slices.Contains(registered, g)
			if !live && slices.Contains(registered, g) {
				return sides{}, false
			}
		}
		if live && p.live != "" || !live && p.idle != "" {
			return sides{}, false
		}
		if live {
			p.live = g
		} else {
			p.idle = g
		}
	}
	return p, p.live != "" && p.idle != ""
}
