package rollout

import (
	"fmt"
	"strings"
)

// width is the most columns that a line of a plan takes: Terraform indents it, and a pull request shows about 120.
const width = 99

// Text is the run as a reviewer reads it: an aligned table, a line a step, under 100 columns.
func (p Preview) Text() string {
	var t table
	before, after := RolesOf(p.Start), RolesOf(p.Whole)
	last := p.Steps[len(p.Steps)-1]
	switch {
	case p.deployment.Gone:
		t.row("destroy", "", fmt.Sprintf("%s, all of it", p.deployment.Name))
	case last.Kind == Refuse && !p.Changes():
		t.row("refused", "", last.Because())
		return t.String()
	case p.NewRevision() && before.Live == nil:
		t.row(p.deployment.strategy().name(), "", p.deployment.strategy().first(), "-> "+p.title(after.Live, target(after.Live)))
	case p.NewRevision():
		t.row(p.deployment.strategy().name(), "", p.title(before.Live, before.own().Target), "-> "+p.title(after.Live, target(after.Live)))
	case p.goesOn() && before.Live == nil:
		t.row("goes on", "", "first deployment", "-> "+p.title(after.Live, target(after.Live)))
	case p.goesOn():
		t.row("goes on", "", p.title(before.Live, target(before.Live)), "-> "+p.title(after.Live, target(after.Live)))
	case before.Candidate != nil && before.Live != nil:
		t.row("goes back", "", p.title(before.Candidate, target(before.Candidate)), "-> "+p.title(after.Live, target(after.Live)))
	}
	if aborted := AbortedBefore(p.deployment, p.Start); aborted != "" {
		t.row("aborted", "", aborted+" was this release, and was aborted on request")
	}
	p.routes(&t)
	p.rows(&t)
	p.keeps(&t, after)
	p.notKnown(&t)
	p.wayBack(&t, before, after)
	if last.Kind == Refuse {
		t.row("refused", "", last.Because())
	}
	return t.String()
}

// goesOn tells whether the run takes an earlier rollout to its end.
func (p Preview) goesOn() bool {
	before, after := RolesOf(p.Start), RolesOf(p.Whole)
	return before.Candidate != nil && after.Live != nil && after.Live.ID == before.Candidate.ID
}

// What the plan's steps call the two groups that a rollout is about.
const (
	calledNew      = "new"
	calledPrevious = "previous"
)

// called is what the plan's steps call a group. The head names the two that a rollout is about, and its steps say "new" and "previous", so
// that the plans of two releases differ in what is different: a reviewer reads them as a diff. Every other group goes by its name.
func (p Preview) called(g Group) string {
	before, after := RolesOf(p.Start), RolesOf(p.Whole)
	released := after.Live
	if !p.NewRevision() && !p.goesOn() {
		released = before.Candidate // which goes back
	}
	switch {
	case p.deployment.Gone || released == nil:
	case g.ID == released.ID, g.ID == "" && "(new) "+g.Name == released.ID:
		return calledNew
	case before.Live != nil && g.ID == before.Live.ID:
		return calledPrevious
	}
	return g.Name
}

// title is a revision as the head has it, with its size in its unit: what it has, or what it will have.
func (p Preview) title(g *Group, n int) string {
	if g == nil {
		return "nothing"
	}
	name := g.Name
	if called := p.called(*g); called != name {
		name = called + " " + name
	}
	return fmt.Sprintf("%s (%s, %s)", name, g.ImageID, g.Unit.Count(n))
}

func target(g *Group) int {
	if g == nil {
		return 0
	}
	return g.Capacity.Target
}

// rows writes a row for every change, and one for every phase.
func (p Preview) rows(t *table) {
	steps, w := append(append([]Step(nil), p.Steps...), p.Later...), p.Start
	for i := 0; i < len(steps); i++ {
		s, before := steps[i], w
		w = Imagine(s, w)
		switch {
		case s.Part == Deploy:
			first := i
			for i+1 < len(steps) && steps[i+1].Part == Deploy && steps[i+1].Phase == s.Phase && steps[i+1].PhaseName == s.PhaseName {
				i++
				w = Imagine(steps[i], w)
			}
			p.phase(t, steps[first:i+1], before)
		case s.Kind == Create:
			t.row(string(s.Part), p.called(s.Group), "created at 0"+registersIn(s.Group.TargetGroups), s.Because(), p.startsWith(before), offUntilLive(s))
			if live := RolesOf(before).Live; live != nil && len(p.deployment.Drops) > 0 {
				t.row(string(s.Part), p.called(s.Group), fmt.Sprintf("comes up without what %s has: %s", p.called(*live), strings.Join(p.deployment.Drops, ", ")))
			}
		case s.Kind == Record && s.Part == Setup, s.Kind == Record && s.Why == WhyStandsAsBefore:
			t.row(string(s.Part), p.called(s.Group), s.Because())
		case s.Kind == Remember && s.Part == Mend:
			t.row(string(s.Part), p.called(s.Group), s.Because())
		case s.Kind == Pause:
			t.row(p.part(s, Setup), p.called(s.Group), fmt.Sprintf("%s switched off", s.Group.Automation.On), s.Because())
		case s.Kind == Resume:
			t.row(p.part(s, After), p.called(s.Group), fmt.Sprintf("%s switched on again", s.Group.Automation.Paused), s.Because())
		case s.Kind == Delete:
			t.row(string(s.Part), p.called(s.Group), "deleted", s.Because())
		case s.Kind == Resize && s.Why == WhyOwnBounds:
			t.row(string(s.Part), p.called(s.Group), fmt.Sprintf("minimum %d, maximum %d", s.Capacity.Minimum, s.Capacity.Maximum))
		case s.Kind == Resize:
			t.row(string(s.Part), p.called(s.Group), resized(s), s.Because())
		case s.Kind == Shift:
			t.row(string(s.Part), "", forwarded(s), s.Because())
		}
	}
}

// part is where a row belongs that mends something, unless it is a part of a release.
func (p Preview) part(s Step, release Part) string {
	if s.Part == Mend && p.NewRevision() {
		return string(release)
	}
	return string(s.Part)
}

// offUntilLive says what of a new revision's own does not move its capacity while it is rolled out.
func offUntilLive(s Step) string {
	if paused := s.Group.Automation.Paused; paused.Any() {
		return fmt.Sprintf("%s off until it is live", paused)
	}
	return ""
}

func resized(s Step) string {
	from, to := s.Group.Capacity, s.Capacity
	text := fmt.Sprintf("%d -> %d", from.Target, to.Target)
	if from.Target == to.Target {
		text = fmt.Sprintf("stays at %d", to.Target)
	}
	if !to.Pinned() || s.Part == InPlace {
		text += fmt.Sprintf(" (minimum %d, maximum %d)", to.Minimum, to.Maximum)
	}
	return text
}

// keeps says which revisions stay for a quick return.
func (p Preview) keeps(t *table, after Roles) {
	if !p.NewRevision() && StatusOf(p.Start) == Stable || p.deployment.Gone {
		return
	}
	var kept, runs []string
	for i := len(after.Others) - 1; i >= 0; i-- {
		if g := after.Others[i]; g.Capacity.Target > 0 {
			runs = append(runs, fmt.Sprintf("%s keeps running with %d", p.called(g), g.Capacity.Target))
		} else {
			kept = append(kept, p.called(g))
		}
	}
	if len(kept) > 0 {
		runs = append(runs, strings.Join(kept, ", ")+" kept at 0")
	}
	if len(runs) > 0 {
		t.row(string(After), "", runs...)
	}
}

// wayBack says what happens if the release fails.
func (p Preview) wayBack(t *table, before, after Roles) {
	if after.Live == nil || before.Live != nil && after.Live.ID == before.Live.ID {
		return
	}
	switch {
	case p.deployment.OnFailure == Hold:
		t.row("on failure", "", "everything stays as it is then")
	case before.Live == nil:
		t.row("on failure", "", p.called(*after.Live)+" deleted")
	default:
		end := p.called(*after.Live) + " deleted"
		if was := p.before(after.Live.ID); was != nil {
			end = fmt.Sprintf("%s as before, at %s", p.called(*after.Live), after.Live.Unit.Size(was.Capacity))
		}
		t.row("on failure", "", p.trafficBack(), fmt.Sprintf("%s back to %s, %s", p.called(*before.Live), before.Live.Unit.Size(p.had(before)), end))
	}
}

// startsWith says that a release starts with what runs, and not with the target that is written.
func (p Preview) startsWith(w World) string {
	c := RolesOf(w)
	if d := p.deployment; !d.Running || d.Capacity == nil || c.Live == nil || c.own() == (Capacity{}) {
		return ""
	}
	return fmt.Sprintf("starts with what runs: %d", p.deployment.sized(c.own()).Target)
}

// before is what a former revision was that the run brings back; nil of a group that was made for its rollout.
func (p Preview) before(id string) *Earlier {
	for _, g := range p.Start.Groups {
		if j, _ := g.Journal(); g.ID == id && j.Before != nil {
			return j.Before
		}
	}
	for _, s := range p.Steps {
		if s.Group.ID == id && s.Kind == Record && s.Journal.Before != nil {
			return s.Journal.Before
		}
	}
	return nil
}

// had is what the live revision gets back if the release fails: what the candidate's journal says by the end.
func (p Preview) had(before Roles) Capacity {
	had := before.own()
	for _, s := range p.Steps {
		if (s.Kind == Create || s.Kind == Record) && s.Journal.Previous == before.Live.ID {
			had = s.Journal.PreviousCapacity
		}
	}
	return had
}
