package rollout

import (
	"slices"
	"strings"
	"time"
)

// situation is what every decision goes by: what is wanted, what is there, and who is who in it.
type situation struct {
	Deployment
	World
	Roles
}

// strategy is a way in which a candidate takes the place of the live revision. It does so by levels: those that are written (the phases
// of a canary, the weights of a shift), and behind them the whole. advance has the loop; what a strategy says is below.
//
// A new strategy is a file like canary.go or bluegreen.go, and its place in the three functions below that choose one. Whatever else depends
// on the strategy asks it.
type strategy interface {
	// name is how the plan names the strategy, and first a first deployment by it.
	name() string
	first() string
	// words are the strategy as a candidate bears it in a tag, see Terms.
	words() []string
	// levels is how many levels are written before the whole.
	levels() int
	// level is that of a number, from 1. What is beyond those that are written is the whole.
	level(x *situation, number int) level

	// routes are the listeners and rules whose traffic moves from one revision to the other; movesTraffic tells whether it moves at all, or
	// follows instances. Where it does, a candidate is on stage before it has any, and each level below the whole is compared.
	routes() []RoutePair
	movesTraffic() bool
	// settle is for how long a change of a route is left alone, and follow for how long whatever had traffic before it keeps its instances.
	settle() time.Duration
	follow() time.Duration

	// start says where a new candidate is to stand, in which target groups, with which routes in its journal; or why it cannot start.
	start(x *situation) (routes []Route, targetGroups []string, why string)
	// former is the former revision of the wanted release that comes back itself, in place of a group to be created; nil if none does.
	former(x *situation, created Group) *Group
	// prepare is what comes before all levels: who stands in the candidate's way goes. It answers true while there is something to do.
	prepare(x *situation) (Step, bool)
	// reach brings both revisions to what they have in the level, in instances, and answers true when they are there.
	reach(x *situation, l level) (Step, bool)
	// turn brings the routes to where they forward in the level, and answers true when they do and it is taken for real.
	turn(x *situation, l level) (Step, bool)
	// retire is what is left to do when no level is: the previous revision goes, the candidate gets its own bounds. It answers true
	// while there is something to do.
	retire(x *situation, l level) (Step, bool)

	// spares tells whether an older revision that still runs can go: what is promised is served without it.
	spares(x *situation, g Group) bool
	// leaves is how many the user leaves to serve at the level of a number, by his own word; false where he has written none.
	leaves(x *situation, number int) (int, bool)
	// keepsPrevious tells whether the previous revision keeps running afterwards.
	keepsPrevious() bool
	// ahead is how long a step of a level takes at least, see Ahead.
	ahead(s Step) time.Duration
}

// strategy is the one that is written.
func (d Deployment) strategy() strategy {
	if d.BlueGreen != nil {
		return blueGreen{*d.BlueGreen}
	}
	return canary(d.Canary)
}

// strategyUnderWay is the one by which the candidate takes the live revision's place. One that replaces nobody has no traffic to take
// over, and one that was made without routes stands where production goes already, whatever is written by now.
func (x *situation) strategyUnderWay() strategy {
	if x.BlueGreen != nil && x.Live != nil && x.journal.shiftsTraffic() {
		return blueGreen{*x.BlueGreen}
	}
	return canary(x.Canary)
}

// readStrategy reads what the words of a strategy were written as.
func (d *Deployment) readStrategy(text string) bool {
	words, ok := strings.Fields(text), false
	switch {
	case text == basicWord:
		return d.BlueGreen == nil
	case len(words) < 2:
	case words[0] == canaryWord && d.BlueGreen == nil:
		d.Canary, ok = readPhases(words[1:])
	case words[0] == blueGreenWord && d.BlueGreen != nil:
		ok = d.BlueGreen.read(words[1:])
	}
	return ok
}

// MovesTraffic tells whether traffic is moved by listeners or rules; else it follows instances.
func (d Deployment) MovesTraffic() bool { return d.strategy().movesTraffic() }

// RoutePairs are the listeners and rules whose traffic moves.
func (d Deployment) RoutePairs() []RoutePair { return d.strategy().routes() }

// shiftsTraffic tells whether the revision was made to stand beside the live one, with traffic to be moved to it: its journal has the
// routes as they were then.
func (j Journal) shiftsTraffic() bool { return len(j.Routes) > 0 }

// advance brings the candidate forward: level by level, each of them reached, watched and noted, until it takes the live revision's
// place and is proven.
func (x *situation) advance(by strategy) Step {
	if s, needed := by.prepare(x); needed {
		return s
	}
	l := by.level(x, x.journal.Passed+1)
	if s, due := x.due(l); due {
		return s
	}
	if s, there := by.reach(x, l); !there {
		return s
	}
	if s, due := x.onStage(); due {
		return s
	}
	if s, there := by.turn(x, l); !there {
		return s
	}
	if !l.last {
		return x.pass(l)
	}
	if s, due := x.atEnd(l); due {
		return s
	}
	if s, needed := by.retire(x, l); needed {
		return s
	}
	if s, needed := x.takeLeftOver(); needed {
		return s
	}
	return x.prove()
}

// pass watches a level that is reached, and notes that it is passed.
func (x *situation) pass(l level) Step {
	if s, due := x.bake(l); due {
		return s
	}
	j := x.journal
	j.Passed, j.Unknown, j.UnknownAt = l.number, "", ""
	after := x.holdAfter()
	if j.Holding = !l.whole && (x.holdsOnStage() || after > 0 && j.Passed >= after); j.Holding {
		j.HoldingWith, j.Promoted = x.sizes(), nil
	}
	return record(l, *x.Candidate, j, WhyPassed)
}

// prove notes that the candidate has taken the live revision's place.
func (x *situation) prove() Step {
	if x.Candidate.Capacity.Target == 0 && x.Live != nil {
		// Where all stand at zero, one that remembers what it had is taken for the live one: see livesIn.
		if s, needed := standsAgain(x.World, append(slices.Clone(x.Others), *x.Live)...); needed {
			return s
		}
	}
	j := x.journal
	j.KeepsPrevious = x.strategyUnderWay().keepsPrevious()
	j.Verdict, j.Retain, j.Passed, j.Routes, j.Before, j.AlarmsOn = Proven, x.Retain, 0, nil, nil, nil
	j.EndChecked, j.Unknown, j.UnknownAt = false, "", ""
	j.Promoted, j.Terms = nil, Terms{}
	return Step{Kind: Record, Part: After, Group: *x.Candidate, Journal: j, Why: WhyProven}
}

// takeLeftOver takes away, in the end, an older revision that could not be spared at first.
func (c Roles) takeLeftOver() (Step, bool) {
	for _, g := range c.Others {
		if g.Capacity.Target > 0 {
			return Step{Kind: Resize, Part: After, Group: g, Licence: MakeRoom, Why: WhyLeftOver}, true
		}
	}
	return Step{}, false
}

// covered tells whether a group serves nobody, or what is promised is served by so many others. Where the live one is unwell, an older
// one stays until the candidate serves.
func (x *situation) covered(g Group, serving int) bool {
	return g.InService == 0 || serving >= x.Required(min(x.journal.PreviousCapacity.Target, x.final().Target))
}

// level is a point that a rollout goes through.
type level struct {
	number int
	name   string
	// row is the name that the plan has for what happens to instances, if it is not the level's.
	row string
	// candidate and live are targets.
	candidate, live int
	// percent is the candidate's share of production's traffic, where that is what moves.
	percent int
	bake    time.Duration
	// whole is true of the one behind those that are written, and last where nothing is left to be watched.
	whole, last bool
}

// step makes a step one of the level's.
func (l level) step(s Step) Step {
	s.Part, s.Phase, s.PhaseName = Deploy, l.number, l.name
	return s
}

// instances is the level as the plan names what happens to instances.
func (l level) instances() level {
	if l.row != "" {
		return level{name: l.row}
	}
	return l
}

func record(l level, candidate Group, j Journal, why Reason) Step {
	return l.step(Step{Kind: Record, Group: candidate, Journal: j, Why: why})
}
