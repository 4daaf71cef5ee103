package rollout

import (
	"fmt"
	"strings"
)

// Promotion is that a rollout which held was told to go on. It is written on the candidate before anything else changes, so that a process which
// comes later goes on as well, although hold_after_phase still stands in the configuration.
type Promotion struct {
	// To is the number of the phase or weight after which it holds again; 0 is the end.
	To int
	// By is the run that goes on. Of two that go on at the same time the one is told by it that the other has taken over.
	By string
}

// Where says how far it goes: "to the end", "to phase 2".
func (p Promotion) Where() string {
	if p.To == 0 {
		return "to the end"
	}
	return fmt.Sprintf("to phase %d", p.To)
}

// promoted is what the count of phases says more of a candidate that was told to go on, and promotedBy by whom.
const (
	promoted   = " - promoted to "
	promotedBy = " by run "
	theEnd     = "the end"
)

// tag is " - promoted to the end by run 0123456789ab", or nothing.
func (p *Promotion) tag() string {
	if p == nil {
		return ""
	}
	text := promoted + theEnd
	if p.To > 0 {
		text = fmt.Sprintf("%sphase %d", promoted, p.To)
	}
	if p.By != "" {
		text += promotedBy + p.By
	}
	return text
}

// parsePromotion reads what stands behind promoted; false if it is damaged.
func parsePromotion(text string) (*Promotion, bool) {
	var p Promotion
	to, by, found := strings.Cut(text, promotedBy)
	if p.By = by; found && by == "" {
		return nil, false
	}
	if to == theEnd {
		return &p, true
	}
	n, ok := cutNumber(to, "phase ", "")
	p.To = n
	return &p, ok && n >= 1 && n <= mostPhases
}

// holdAfter is the phase or weight after which the rollout rests; 0 is none. Who was told to go on does not rest where it rested before.
func (x *situation) holdAfter() int {
	was := x.journal.Promoted
	switch {
	case x.Promotion != nil:
		return x.Promotion.To
	case was == nil:
		return x.HoldAfter
	case x.HoldOnStage:
		return was.To
	case was.To == 0, x.HoldAfter == 0:
		return 0
	}
	return max(was.To, x.HoldAfter)
}

// holdsOnStage tells whether the rollout rests on stage. Who was told to go on does not.
func (x *situation) holdsOnStage() bool {
	return x.HoldOnStage && x.Promotion == nil && x.journal.Promoted == nil
}

// promote is the step that notes that the rollout is to go on, and who goes on with it.
func (x *situation) promote(l level) (Step, bool) {
	wanted := x.Promotion
	if was := x.journal.Promoted; wanted == nil && was != nil {
		wanted = &Promotion{To: was.To, By: x.Run}
	}
	if wanted == nil || x.holds() || x.journal.Promoted != nil && *x.journal.Promoted == *wanted {
		return Step{}, false
	}
	j := x.journal
	j.Promoted, j.Holding, j.HoldingWith, j.Failure = wanted, false, nil, ""
	return record(l, *x.Candidate, j, WhyPromoted), true
}

// PromotedTags are the tags of a candidate's journal that says that it was told to go on, by nobody's run.
func PromotedTags(w World, p Promotion) map[string]string {
	j := RolesOf(w).journal
	j.Promoted, j.Holding, j.HoldingWith, j.Failure = &Promotion{To: p.To}, false, nil, ""
	return j.Tags()
}

// Phases is how many phases or weights are written before the whole.
func (d Deployment) Phases() int { return d.strategy().levels() }

// Overruled says what somebody else has decided about a candidate between two looks at its journal, in words that follow its name: "has been
// promoted to the end". "" if nobody has.
func Overruled(was, is Journal) string {
	switch {
	case is.undone() && !was.undone():
		return "has been taken back: " + is.Failure
	case is.Promoted != nil && (was.Promoted == nil || *is.Promoted != *was.Promoted):
		return "has been promoted " + is.Promoted.Where()
	case is.Promoted == nil && was.Promoted != nil && is.Holding:
		return "holds by now"
	case is.Promoted == nil && was.Promoted != nil:
		return "is continued, or taken back, by somebody else"
	}
	return ""
}
