package rollout_test

import (
	"time"

	"pgregory.net/rapid"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// answer is what was asked: of which candidate, at which point, in which phase.
type answer struct {
	group string
	at    Point
	phase int
}

// checked draws histories of all kinds in which checks have a say: asked, and not known, and bad, at each point, and what becomes of that.
func checked() *rapid.Generator[story] {
	return rapid.Custom(func(t *rapid.T) story {
		s := rapid.OneOf(routed(), routed(), stories(), reverts()).Draw(t, "story")
		for i := range s.chapters {
			drawChecks(t, &s.chapters[i])
		}
		return s
	})
}

func drawChecks(t *rapid.T, ch *chapter) {
	d := &ch.d
	points := []Point{InBake, AtEnd}
	if d.BlueGreen != nil {
		points = append(points, OnStage)
		if rapid.IntRange(0, 3).Draw(t, "holds on stage") == 0 {
			d.HoldOnStage, d.HoldAfter = true, 0
		}
		if len(d.BlueGreen.Shift) > 0 && rapid.Bool().Draw(t, "compares") {
			d.Compare = &Comparison{Errors: 1.5, Percentile: 90, MinRequests: 200}
		}
	}
	for _, at := range points {
		if rapid.IntRange(0, 2).Draw(t, "checks at "+string(at)) > 0 {
			d.Checks = append(d.Checks, Check{Name: string(at), At: at, Every: time.Minute, Failures: 1})
		}
	}
	d.Inconclusive = rapid.SampledFrom([]Inconclusive{"", InconclusiveHold, InconclusiveFail, InconclusivePass}).Draw(t, "inconclusive")
	some := append([]Point{"", "", ""}, points...)
	ch.bad = rapid.SampledFrom(some).Draw(t, "bad at")
	ch.unknown = rapid.SampledFrom(some).Draw(t, "not known at")
}

// asks answers what a step asks.
func (r *run) asks(ch chapter, d Deployment, s Step, failure *Failure) (*Asked, *Failure) {
	phase := 0
	if s.At == InBake {
		phase = s.Phase
	}
	asked := &Asked{At: s.At, Phase: phase}
	if failure != nil {
		return nil, failure
	}
	switch s.At {
	case ch.bad:
		return nil, &Failure{Release: d.Release, Reason: "a check is bad", Cause: Verification}
	case ch.unknown:
		asked.Unknown = "nobody answers"
		if d.Inconclusive == InconclusiveFail {
			failure = &Failure{Release: d.Release, Reason: asked.Unknown, Cause: NotKnown}
		}
	}
	good := asked.Unknown == "" || d.Inconclusive == InconclusivePass
	r.answers[answer{s.Group.ID, s.At, phase}] = good
	if s.At == AtEnd && good {
		r.endGood[s.Group.ID] = true
	}
	return asked, failure
}

// asksFirst holds a step against what has to be asked before it, by the run's own account of what was.
func (m moment) asksFirst() {
	s := m.step
	c := RolesOf(m.before).Candidate
	asks := s.Kind == AwaitChecks || len(s.Checks) > 0 || s.Compare != nil
	if c == nil {
		if asks {
			m.breach("asks of nobody that is not on trial", "%s", s)
		}
		return
	}
	j, _ := c.Journal()
	onTrial := j.Verdict == RollingOut && j.Before == nil && m.live != "" && !m.d.Gone && j.Release == m.d.Release
	if asks && (!onTrial || s.Part != Deploy) {
		m.breach("asks of nobody that is not on trial", "%s", s)
	}
	if !onTrial || s.Part == Back {
		return
	}
	moved := false
	for _, was := range j.Routes {
		moved = moved || !at(m.before, was.RoutePair).Production.Same(was.Production)
	}
	isFirst := s.Kind == Shift && s.Part == Deploy && isProduction(j, s.ARN) && !moved && j.Passed == 0
	if isFirst && m.asksAt(OnStage) && !m.answers[answer{c.ID, OnStage, 0}] {
		m.breach("asks on stage first", "%s", s)
	}
	if isFirst && m.d.HoldOnStage {
		m.breach("goes past no hold", "%s, to hold on stage", s)
	}
	if s.Kind == Record && s.Part == Deploy && s.Journal.Passed == j.Passed+1 {
		compares := m.d.Compare != nil && m.d.BlueGreen != nil && s.Journal.Passed <= len(m.d.BlueGreen.Shift)
		if n := s.Journal.Passed; m.bakes(j, n) && (m.asksAt(InBake) || compares) && !m.answers[answer{c.ID, InBake, n}] {
			m.breach("asks in each bake", "%s", s)
		}
	}
	if s.Kind == Record && s.Journal.Verdict == Proven && m.asksAt(AtEnd) && !m.endGood[c.ID] {
		m.breach("asks at the end", "%s", s)
	}
}

// asksAt tells whether there is a check at a point.
func (m moment) asksAt(at Point) bool { return len(m.d.ChecksAt(at)) > 0 }

// bakes tells whether a phase or weight is baked.
func (m moment) bakes(j Journal, number int) bool {
	if len(j.Routes) == 0 {
		return number <= len(m.d.Canary) && m.d.Canary[number-1].Bake > 0
	}
	if number <= len(m.d.BlueGreen.Shift) {
		return m.d.BlueGreen.Shift[number-1].Bake > 0
	}
	return m.d.BlueGreen.Bake > 0
}
