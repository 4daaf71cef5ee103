package timeline

import (
	"slices"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
)

// Phase is a part of a rollout: setup, a phase or weight ("25 %"), what comes after, or the way back.
type Phase struct {
	Name  string
	Part  string
	Began time.Time
	// Took is until the next phase began, until the rollout ended, or until now.
	Took time.Duration
	// State is Failed where a step of it failed, Open where the phase is under way, Stopped where it was when the run ended, and Done otherwise.
	State State
	// Steps are those that were begun in it.
	Steps []Step
}

// Phases are the parts of the rollout so far, in order.
func (r *Rollout) Phases(now time.Time) []Phase {
	var all []Phase
	for _, s := range r.Steps {
		if n := len(all); n == 0 || all[n-1].Part != s.Part || all[n-1].Name != name(s.Step) {
			all = append(all, Phase{Name: name(s.Step), Part: s.Part, Began: s.Began})
		}
		last := &all[len(all)-1]
		last.Steps = append(last.Steps, s)
	}
	for i := range all {
		until := now
		if i+1 < len(all) {
			until = all[i+1].Began
		} else if !r.Running() {
			until = r.Updated
		}
		all[i].Took = max(until.Sub(all[i].Began), 0)
		all[i].State = Done
		switch {
		case all[i].has(Failed):
			all[i].State = Failed
		case i == len(all)-1 && r.Running():
			all[i].State = Open
		case all[i].has(Stopped):
			all[i].State = Stopped
		}
	}
	return all
}

// has tells whether one of its steps is in a state.
func (p Phase) has(s State) bool {
	return slices.ContainsFunc(p.Steps, func(step Step) bool { return step.State == s })
}

// name is what a phase is called.
func name(s event.Step) string {
	if s.PhaseName != "" && s.Part != "back" {
		return s.PhaseName
	}
	if s.Part == "back" {
		return "way back"
	}
	return s.Part
}

// Planned is a step of the plan, and what has become of it.
type Planned struct {
	event.Step
	// Phase is the name of its phase.
	Phase string
	// Happened is the step that was begun; nil where it was not reached.
	Happened *Step
}

// PlanAndFact is the plan beside what happened: each step of the plan, and the steps that were made beside it (waits on instances, which no
// plan has, left out).
func (r *Rollout) PlanAndFact() (plan []Planned, beside []Step) {
	used := make([]bool, len(r.Steps))
	for _, p := range r.Plan {
		row := Planned{Step: p, Phase: name(p)}
		for i := range r.Steps {
			if !used[i] && same(r.Steps[i].Step, p) {
				used[i], row.Happened = true, &r.Steps[i]
				break
			}
		}
		plan = append(plan, row)
	}
	for i, s := range r.Steps {
		if !used[i] && s.Count == nil {
			beside = append(beside, s)
		}
	}
	return plan, beside
}
