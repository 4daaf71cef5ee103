package rollout

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// BlueGreen is how production's traffic changes from the live revision to a candidate that stands beside it at full
// capacity, in a target group of its own.
type BlueGreen struct {
	// Routes change as a unit: production of all of them, then stage of all of them.
	Routes []RoutePair
	// Shift are the weights before the last one of 100; none is an instant switch.
	Shift []Weight
	// Settle is how long a change of a route is left alone until it is taken for real: load balancers follow in their own
	// time, by no bound that is documented.
	Settle time.Duration
	// Bake is how long the full switch is watched before anything is taken from the previous revision.
	Bake time.Duration
	// Follow is for how long after a change of the routes whatever had traffic before it keeps its instances at the least, on the way
	// forward and on the way back: what load balancers say of a change says nothing of when all of their nodes follow it. Settle and Bake
	// count towards it.
	Follow time.Duration
	// KeepPrevious leaves the previous revision running afterwards, on stage.
	KeepPrevious bool
}

// Weight is a step of a shift: the percentage (1 to 99) of production that the candidate gets, and how long it is watched.
type Weight struct {
	Percent int
	Bake    time.Duration
}

// RoutePair names a listener or rule of production, and one of stage; StageARN is empty where there is none.
type RoutePair struct {
	ProductionARN string
	StageARN      string
}

// Route is a pair of listeners or rules with where they forward.
type Route struct {
	RoutePair
	Production Forward
	// Stage is nil where there is none.
	Stage Forward
}

// Forward is where a listener or rule sends its traffic, in the order in which it stands there.
type Forward []Share

// Share is a target group's part of the traffic: its weight over the sum of all weights. One of weight 0 gets none, and its
// targets are checked all the same.
type Share struct {
	TargetGroup string
	Weight      int
}

// Same tells whether two forwards send the same share of the traffic to the same target groups.
func (f Forward) Same(o Forward) bool {
	if len(f) != len(o) {
		return false
	}
	for _, s := range f {
		i := slices.IndexFunc(o, func(t Share) bool { return t.TargetGroup == s.TargetGroup })
		if i < 0 || s.Weight*o.sum() != o[i].Weight*f.sum() {
			return false
		}
	}
	return true
}

// Percent is how much of the traffic a target group gets, rounded down, but at least 1 if it gets any.
func (f Forward) Percent(group string) int {
	for _, s := range f {
		if s.TargetGroup == group && s.Weight > 0 {
			return max(1, s.Weight*100/f.sum())
		}
	}
	return 0
}

func (f Forward) sum() int {
	sum := 0
	for _, s := range f {
		sum += s.Weight
	}
	return sum
}

// String is how a forward reads: "blue 90 %, green 10 %", or "green" alone.
func (f Forward) String() string {
	if len(f) == 1 {
		return TargetGroupName(f[0].TargetGroup)
	}
	parts := make([]string, len(f))
	for i, s := range f {
		parts[i] = fmt.Sprintf("%s %d %%", TargetGroupName(s.TargetGroup), f.Percent(s.TargetGroup))
	}
	return strings.Join(parts, ", ")
}

// swapped is the forward with each of two target groups in the other's place.
func (f Forward) swapped(a, b string) Forward {
	g := slices.Clone(f)
	for i := range g {
		switch g[i].TargetGroup {
		case a:
			g[i].TargetGroup = b
		case b:
			g[i].TargetGroup = a
		}
	}
	return g
}

// liveAndIdle are the two target groups of a route: the one that production goes to, and the other.
type liveAndIdle struct{ live, idle string }

// assignTargetGroups reads them off the route. The live one is the one with weight; where both have some, which another tool left
// half way, it is that of the given target groups: those of the live revision.
func assignTargetGroups(r Route, registered []string) (liveAndIdle, error) {
	var groups, weighted []string
	for _, s := range slices.Concat(r.Production, r.Stage) {
		if !slices.Contains(groups, s.TargetGroup) {
			groups = append(groups, s.TargetGroup)
		}
	}
	for _, s := range r.Production {
		if s.Weight > 0 {
			weighted = append(weighted, s.TargetGroup)
		}
	}
	if len(groups) != 2 || len(weighted) == 0 {
		return liveAndIdle{}, fmt.Errorf("%s forwards to %s%s; blue/green needs exactly two target groups between production and stage, one of them with production's traffic",
			RouteName(r.ProductionARN), r.Production, onStage(r))
	}
	live := weighted[0]
	if len(weighted) == 2 && slices.Contains(registered, weighted[1]) && !slices.Contains(registered, live) {
		live = weighted[1]
	}
	if live == groups[0] {
		return liveAndIdle{live, groups[1]}, nil
	}
	return liveAndIdle{live, groups[0]}, nil
}

func onStage(r Route) string {
	if r.StageARN == "" {
		return ", and there is no stage"
	}
	return fmt.Sprintf(", and stage %s to %s", RouteName(r.StageARN), r.Stage)
}

// mended is the route with all of production's traffic on the live target group, where another tool left it half way.
func (r Route) mended(c liveAndIdle) Route {
	if r.Production.Percent(c.idle) == 0 {
		return r
	}
	r.Production = Forward{{c.live, 100}, {c.idle, 0}}
	return r
}

// at is the route with a percentage of production on the idle target group, and the rest on the live one. Both stay in the
// action, so that the targets of both are checked and the way back is one call.
func (r Route) at(c liveAndIdle, percent int) Route {
	r.Production = Forward{{c.live, 100 - percent}, {c.idle, percent}}
	if r.StageARN != "" {
		// Stage shows the candidate all the while.
		r.Stage = Forward{{c.idle, 1}}
	}
	return r
}

// exchanged is the route when its two target groups have changed places.
func (r Route) exchanged(c liveAndIdle) Route {
	r.Production, r.Stage = r.Production.swapped(c.live, c.idle), r.Stage.swapped(c.live, c.idle)
	return r
}

// TargetGroupName is the name in a target group's ARN.
func TargetGroupName(arn string) string {
	if parts := strings.Split(arn, "/"); len(parts) == 3 {
		return parts[1]
	}
	return arn
}

// RouteName is how a listener or rule is named to people: "listener web/f2f7dc8efc522ab2", which the console shows too.
func RouteName(arn string) string {
	parts := strings.Split(arn, "/")
	switch {
	case len(parts) == 5 && strings.HasSuffix(parts[0], ":listener"):
		return "listener " + parts[2] + "/" + parts[4]
	case len(parts) == 6 && strings.HasSuffix(parts[0], ":listener-rule"):
		return "rule " + parts[2] + "/" + parts[5]
	}
	return arn
}
