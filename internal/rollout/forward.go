package rollout

import (
	"slices"
	"time"
)

// forward brings the candidate to its full capacity, phase by phase, and takes the live revision's place.
func forward(d Deployment, w World, c Roles) Step {
	candidate := *c.Candidate
	for _, g := range c.Others {
		if g.Capacity.Target > 0 && d.spares(c, g) {
			return Step{Kind: Resize, Part: Setup, Group: g, Licence: MakeRoom, Why: WhyLeftOver}
		}
	}
	l := d.level(c)
	if s, due := d.due(w, c, l, l); due {
		return s
	}
	if s, there := reach(d, c, l); !there {
		return s
	}
	j := c.journal
	if !l.whole {
		if l.bake > 0 && w.Baked != l.number && j.Judged() {
			return l.step(Step{Kind: Bake, Group: candidate, Time: l.bake})
		}
		j.Passed = l.number
		if j.Holding = d.HoldAfter > 0 && j.Passed >= d.HoldAfter; j.Holding {
			j.HoldingWith = c.sizes()
		}
		return record(l, candidate, j, WhyPassed)
	}
	if !d.hasOwn(c) {
		return l.step(Step{Kind: Resize, Group: candidate, Capacity: d.final(c), Licence: Fit, Why: WhyOwnBounds})
	}
	if s, needed := c.takeLeftOver(); needed {
		return s
	}
	j.Verdict, j.Retain, j.Passed, j.KeepsPrevious, j.Before, j.AlarmsOn = Proven, d.Retain, 0, false, nil, nil
	return Step{Kind: Record, Part: After, Group: candidate, Journal: j, Why: WhyProven}
}

// spares tells whether an older revision that still runs can go: it serves nobody, or what is promised is served without it. Where
// the live one is unwell, it stays until the candidate serves.
func (d Deployment) spares(c Roles, g Group) bool {
	serving := c.Live.InService
	if d.BlueGreen != nil && len(c.journal.Routes) > 0 {
		if !slices.ContainsFunc(g.TargetGroups, func(arn string) bool { return slices.Contains(c.Live.TargetGroups, arn) }) {
			return true // it stands where production does not go
		}
	} else {
		serving += c.Candidate.InService
	}
	return g.InService == 0 || serving >= d.Required(min(c.journal.PreviousCapacity.Target, d.final(c).Target))
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

// reach brings both revisions to a level, and answers true when they are there.
//
// Both are pinned while they share the work, so that no autoscaler moves them. With NewFirst the live revision gives up
// its share only when the candidate's is in service.
func reach(d Deployment, c Roles, l level) (Step, bool) {
	candidate, live := *c.Candidate, c.Live
	shrunk := live == nil || live.Capacity == Pin(l.live)
	if d.ResizeOrder == PreviousFirst && live != nil {
		if !shrunk {
			return l.step(Step{Kind: Resize, Group: *live, Capacity: Pin(l.live), Licence: Replace}), false
		}
		if !live.Unit.shed(live.Instances, l.live) && candidate.Capacity.Target < l.candidate {
			// What the previous revision holds (addresses, volumes, licences) is free only when its instances are gone.
			return l.step(Step{Kind: AwaitDrained, Group: *live, Count: l.live}), false
		}
	}

	grown := candidate.Capacity == Pin(l.candidate) || l.whole && shrunk && d.hasOwn(c)
	if short := d.shortOfCandidate(c, l); short > 0 {
		return l.step(Step{Kind: AwaitHealthy, Group: candidate, Count: candidate.InService + short, Why: WhyBeforeTaken}), false
	}
	if !grown {
		return l.step(Step{Kind: Resize, Group: candidate, Capacity: Pin(l.candidate), Licence: Fit}), false
	}
	// An autoscaler may have it once it has its own bounds; then what it wants now is what counts.
	if need := d.Required(min(l.candidate, candidate.Capacity.Target)); candidate.Steady < need {
		return l.step(Step{Kind: AwaitHealthy, Group: candidate, Count: need}), false
	}
	if shrunk {
		return Step{}, true
	}
	if short := d.shortOf(c, l); short > 0 {
		return l.step(Step{Kind: AwaitHealthy, Group: *live, Count: live.InService + short, Why: WhyBeforeTaken}), false
	}
	return l.step(Step{Kind: Resize, Group: *live, Capacity: Pin(l.live), Licence: Replace}), false
}

// shortOf is how many instances of the live revision have to come into service before it may shrink to the level, because
// while some of them boot Spot may take those that serve. 0 if the promise holds whichever it takes.
func (d Deployment) shortOf(c Roles, l level) int {
	taken := c.Live.Capacity.Target - l.live
	if l.live == 0 || taken <= 0 || c.Live.InService == 0 {
		return 0
	}
	promised := d.Required(min(c.journal.PreviousCapacity.Target, d.final(c).Target, l.candidate+l.live))
	left := c.Candidate.InService + c.Live.InService - taken
	return max(0, min(promised-left, c.Live.Capacity.Target-c.Live.InService))
}

// shortOfCandidate is the same of the candidate, which shrinks only if a lower capacity is written while the rollout holds.
func (d Deployment) shortOfCandidate(c Roles, l level) int {
	taken := c.Candidate.Capacity.Target - l.candidate
	if taken <= 0 || c.Live == nil || c.Candidate.InService == 0 {
		return 0
	}
	promised := d.Required(min(c.journal.PreviousCapacity.Target, d.final(c).Target))
	left := c.Candidate.InService - taken + c.Live.InService
	return max(0, min(promised-left, c.Candidate.Capacity.Target-c.Candidate.InService))
}

// level is what both revisions are to have in a phase.
type level struct {
	number int
	name   string
	// candidate and live are targets.
	candidate, live int
	bake            time.Duration
	// whole is true of the last one.
	whole bool
}

// level is that of the phase that comes next, as the candidate's journal has it.
func (d Deployment) level(c Roles) level { return d.levelOf(c, c.journal.Passed+1) }

// levelOf is that of the phase of a number. A first deployment has no phases.
func (d Deployment) levelOf(c Roles, number int) level {
	target := d.final(c).Target
	if c.Live == nil || number > len(d.Canary) {
		return level{number: len(d.Canary) + 1, name: "100 %", candidate: target, whole: true}
	}
	p, had := d.Canary[number-1], 0
	if c.journal.Previous == c.Live.ID {
		had = c.journal.PreviousCapacity.Target
	}
	return level{
		number: number, name: p.name(target), bake: p.Bake,
		// What the candidate has already it keeps, should the phases have been written anew since.
		candidate: max(c.Candidate.Unit.whole(p.New(target), target), min(c.Candidate.Capacity.Target, target)),
		live:      c.Live.Unit.whole(p.Old(had, target), had),
	}
}

// step makes a step one of the level's phase.
func (l level) step(s Step) Step {
	s.Part, s.Phase, s.PhaseName = Deploy, l.number, l.name
	return s
}

func record(l level, candidate Group, j Journal, why Reason) Step {
	return l.step(Step{Kind: Record, Group: candidate, Journal: j, Why: why})
}

// final is the capacity that the candidate is to have in the end.
func (d Deployment) final(c Roles) Capacity {
	switch {
	case c.Candidate != nil && c.journal.Previous != "":
		// Also where somebody else has deleted the previous one meanwhile: what it had is what is to be replaced. By the journal, so
		// that a run which goes on does not go by what the live one has been left.
		return d.sized(c.journal.PreviousCapacity)
	case c.Live != nil && c.Candidate == nil:
		return d.sized(c.Live.Capacity)
	case d.Capacity != nil:
		return *d.Capacity
	case c.Live != nil:
		return c.Live.Capacity
	}
	return d.OwnCapacity
}

// untouched tells whether the live revision still has the room that it had before the rollout. Whatever a rollout does to
// it changes its bounds too, and pauses its schedule; so where these are the same, or what its schedule sets, nothing else has moved it.
// While a rollout holds it is pinned: where it is not, a person was there.
func (c Roles) untouched() bool {
	return !c.journal.Holding && c.journal.Previous == c.Live.ID &&
		(c.Live.Capacity.SameBounds(c.journal.PreviousCapacity) || c.Live.Automation.On.Any() && c.Live.scheduled(c.journal.PreviousCapacity))
}

// own is what the live revision has when nothing is rolled out.
func (c Roles) own() Capacity {
	switch {
	case c.Live == nil:
		return Capacity{}
	case c.Candidate != nil && c.journal.Previous == c.Live.ID && !c.untouched():
		return c.journal.PreviousCapacity
	case c.Candidate == nil && c.Live.Capacity == (Capacity{}) && c.Live.Memory().TakenDown != nil:
		return *c.Live.Memory().TakenDown
	}
	return c.Live.Capacity
}
