package rollout

import (
	"fmt"
	"strconv"
	"time"
)

// canary has the candidate take over instances, phase by phase, and then all of them. Without phases it is a basic rollout.
//
// Both revisions share the target groups, and traffic follows instances. A first deployment has no phases.
type canary []Phase

func (by canary) name() string {
	if len(by) == 0 {
		return "basic"
	}
	return "canary"
}

// A first deployment has no phases, whatever is written.
func (by canary) first() string {
	if len(by) == 0 {
		return "first deployment"
	}
	return "first deployment, without phases"
}

func (by canary) levels() int { return len(by) }

// level is a phase: the shares of both revisions.
func (by canary) level(x *situation, number int) level {
	target := x.final().Target
	if x.Live == nil || number > len(by) {
		return level{number: len(by) + 1, name: "100 %", candidate: target, whole: true, last: true}
	}
	p, had := by[number-1], 0
	if x.journal.Previous == x.Live.ID {
		had = x.journal.PreviousCapacity.Target
	}
	return level{
		number: number, name: p.name(target), bake: p.Bake,
		// What the candidate has already it keeps, should the phases have been written anew since.
		candidate: max(x.Candidate.Unit.whole(p.New(target), target), min(x.Candidate.Capacity.Target, target)),
		live:      x.Live.Unit.whole(p.Old(had, target), had),
	}
}

// Traffic follows instances.
func (by canary) routes() []RoutePair   { return nil }
func (by canary) movesTraffic() bool    { return false }
func (by canary) settle() time.Duration { return UsualSettle }
func (by canary) follow() time.Duration { return UsualFollow }

// start has the candidate stand in the target groups that are written.
func (by canary) start(x *situation) ([]Route, []string, string) { return nil, x.TargetGroups, "" }

// former is none: a new group is created.
func (by canary) former(*situation, Group) *Group { return nil }

func (by canary) keepsPrevious() bool { return false }

// prepare takes older revisions that still run to zero.
func (by canary) prepare(x *situation) (Step, bool) {
	for _, g := range x.Others {
		if g.Capacity.Target > 0 && by.spares(x, g) {
			return Step{Kind: Resize, Part: Setup, Group: g, Licence: MakeRoom, Why: WhyLeftOver}, true
		}
	}
	return Step{}, false
}

// spares goes by both revisions: they serve together.
func (by canary) spares(x *situation, g Group) bool {
	return x.covered(g, x.Live.InService+x.Candidate.InService)
}

// reach gives both revisions their shares. They are pinned while they share the work, so that no autoscaler moves them. With NewFirst
// the live revision gives up its share only when the candidate's is in service.
func (by canary) reach(x *situation, l level) (Step, bool) {
	candidate, live := *x.Candidate, x.Live
	shrunk := live == nil || live.Capacity == Pin(l.live)
	if x.ResizeOrder == PreviousFirst && live != nil {
		if !shrunk {
			return l.step(Step{Kind: Resize, Group: *live, Capacity: Pin(l.live), Licence: Replace}), false
		}
		if !live.Unit.shed(live.Instances, l.live) && candidate.Capacity.Target < l.candidate {
			// What the previous revision holds (addresses, volumes, licences) is free only when its instances are gone.
			return l.step(Step{Kind: AwaitDrained, Group: *live, Count: l.live}), false
		}
	}

	grown := candidate.Capacity == Pin(l.candidate) || l.whole && shrunk && x.hasOwn()
	if short := x.shortOfCandidate(l); short > 0 {
		return l.step(Step{Kind: AwaitHealthy, Group: candidate, Count: candidate.InService + short, Why: WhyBeforeTaken}), false
	}
	if !grown {
		return l.step(Step{Kind: Resize, Group: candidate, Capacity: Pin(l.candidate), Licence: Fit}), false
	}
	// An autoscaler may have it once it has its own bounds; then what it wants now is what counts.
	if need := x.Required(min(l.candidate, candidate.Capacity.Target)); candidate.Steady < need {
		return l.step(Step{Kind: AwaitHealthy, Group: candidate, Count: need}), false
	}
	if shrunk {
		return Step{}, true
	}
	if short := x.shortOf(l); short > 0 {
		return l.step(Step{Kind: AwaitHealthy, Group: *live, Count: live.InService + short, Why: WhyBeforeTaken}), false
	}
	return l.step(Step{Kind: Resize, Group: *live, Capacity: Pin(l.live), Licence: Replace}), false
}

// shortOf is how many instances of the live revision have to come into service before it may shrink to the level, because
// while some of them boot Spot may take those that serve. 0 if the promise holds whichever it takes.
func (x *situation) shortOf(l level) int {
	taken := x.Live.Capacity.Target - l.live
	if l.live == 0 || taken <= 0 || x.Live.InService == 0 {
		return 0
	}
	promised := x.Required(min(x.journal.PreviousCapacity.Target, x.final().Target, l.candidate+l.live))
	left := x.Candidate.InService + x.Live.InService - taken
	return max(0, min(promised-left, x.Live.Capacity.Target-x.Live.InService))
}

// shortOfCandidate is the same of the candidate, which shrinks only if a lower capacity is written while the rollout holds.
func (x *situation) shortOfCandidate(l level) int {
	taken := x.Candidate.Capacity.Target - l.candidate
	if taken <= 0 || x.Live == nil || x.Candidate.InService == 0 {
		return 0
	}
	promised := x.Required(min(x.journal.PreviousCapacity.Target, x.final().Target))
	left := x.Candidate.InService - taken + x.Live.InService
	return max(0, min(promised-left, x.Candidate.Capacity.Target-x.Candidate.InService))
}

// turn has nothing to do: traffic follows instances.
func (by canary) turn(*situation, level) (Step, bool) { return Step{}, true }

// retire gives the candidate its own bounds. The previous revision is at zero by now.
func (by canary) retire(x *situation, l level) (Step, bool) {
	if x.hasOwn() {
		return Step{}, false
	}
	return l.step(Step{Kind: Resize, Group: *x.Candidate, Capacity: x.final(), Licence: Fit, Why: WhyOwnBounds}), true
}

// ahead is the bake that a change of size leads to.
func (by canary) ahead(s Step) time.Duration {
	if s.Kind != Resize || s.Phase < 1 || s.Phase > len(by) {
		return 0
	}
	return by[s.Phase-1].Bake
}

// leaves is what both revisions have in a phase that says what remains of the previous one.
func (by canary) leaves(x *situation, number int) (int, bool) {
	if number < 1 || number > len(by) || by[number-1].PreviousCount == nil && by[number-1].PreviousPercent == nil {
		return 0, false
	}
	l := by.level(x, number)
	return l.candidate + l.live, true
}

// The words that the tag of a strategy begins with.
const (
	basicWord  = "basic"
	canaryWord = "canary"
)

// words are "basic", or "canary 25pct bake=5m 3 previous=50pct".
func (by canary) words() []string {
	if len(by) == 0 {
		return []string{basicWord}
	}
	words := []string{canaryWord}
	for _, p := range by {
		level := strconv.Itoa(p.Count)
		if p.Count == 0 {
			level = percentTag(p.Percent)
		}
		switch {
		case p.PreviousCount != nil:
			level += fmt.Sprintf(" previous=%d", *p.PreviousCount)
		case p.PreviousPercent != nil:
			level += " previous=" + percentTag(*p.PreviousPercent)
		}
		words = append(words, leveled(level, p.Bake)...)
	}
	return words
}

// readPhases reads the words of phases.
func readPhases(words []string) (phases []Phase, ok bool) {
	for _, word := range words {
		if n, ok := cutNumber(word, "", "pct"); ok && n >= 1 && n <= 99 {
			phases = append(phases, Phase{Percent: n})
			continue
		}
		if n, ok := cutNumber(word, "", ""); ok && n >= 1 {
			phases = append(phases, Phase{Count: n})
			continue
		}
		if len(phases) == 0 {
			return nil, false
		}
		p := &phases[len(phases)-1]
		if n, ok := cutNumber(word, "previous=", "pct"); ok && n <= 100 {
			p.PreviousPercent = &n
		} else if n, ok := cutNumber(word, "previous=", ""); ok {
			p.PreviousCount = &n
		} else if bake, ok := cutDuration(word, "bake="); ok {
			p.Bake = bake
		} else {
			return nil, false
		}
	}
	return phases, true
}
