package watch

import (
	"fmt"
	"slices"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// differs is what is otherwise than in the last look. A rollout begins when a candidate is seen, or goes on after it has held.
func (d *deployment) differs(w rollout.World) []event.Fact {
	roles := rollout.RolesOf(w)
	was := d.last
	d.last = &w
	var candidate rollout.Group
	if roles.Candidate != nil {
		candidate = *roles.Candidate
	}
	if was == nil || d.over && (roles.Candidate != nil && !rests(w) || !sameStand(*was, w)) {
		return d.begins(w, candidate)
	}
	if d.over {
		return nil
	}
	return append(d.changed(*was, w), d.reaches(w)...)
}

// begins says what stands as a rollout is first seen, and where it is.
func (d *deployment) begins(w rollout.World, candidate rollout.Group) []event.Fact {
	d.runs++
	d.run, d.over, d.back, d.waiting, d.health, d.phase, d.alarms = fmt.Sprintf("%s%d", seen, d.runs), false, false, nil, "", "", nil
	d.candidate, d.since = candidate.ID != "", time.Now()
	groups, routes := runner.Picture(w)
	image := candidate.ImageID
	if roles := rollout.RolesOf(w); image == "" && roles.Live != nil {
		image = roles.Live.ImageID
	}
	return append([]event.Fact{event.Begun{Image: image, Groups: groups, Routes: routes}}, d.reaches(w)...)
}

// rests tells whether a candidate stays as it is until somebody goes on with it.
func rests(w rollout.World) bool {
	roles := rollout.RolesOf(w)
	if roles.Candidate == nil {
		return true
	}
	j, _ := roles.Candidate.Journal()
	return j.Holding || j.Failure != "" && (j.Verdict == rollout.RollingOut || j.Verdict == rollout.Reverting)
}

func sameStand(a, b rollout.World) bool {
	return slices.EqualFunc(a.Groups, b.Groups, func(a, b rollout.Group) bool { return a.ID == b.ID && a.Capacity == b.Capacity })
}

// changed says the changes that somebody has made since the last look.
func (d *deployment) changed(was, is rollout.World) []event.Fact {
	part, phase := where(is)
	if rollout.RolesOf(is).Candidate == nil {
		part, phase = where(was)
		if phase != "" {
			part, phase = "after", ""
		}
	}
	groupsWere, routesWere := runner.Picture(was)
	groupsAre, routesAre := runner.Picture(is)
	var facts []event.Fact
	for _, g := range groupsAre {
		i := slices.IndexFunc(groupsWere, func(b event.Group) bool { return b.GroupID == g.GroupID })
		step := event.Step{Part: part, PhaseName: phase, Group: g.Group, GroupID: g.GroupID}
		if i < 0 {
			facts = append(facts, event.StepDone{Step: event.Step{Step: "create", Part: "setup", Group: g.Group, GroupID: g.GroupID}})
			groupsWere = append(groupsWere, event.Group{GroupID: g.GroupID, Size: event.Size{Unit: g.Unit}})
			i = len(groupsWere) - 1
		}
		if from, to := groupsWere[i].Size, g.Size; from != to {
			step.Step, step.From, step.To = "resize", &from, &to
			facts = append(facts, event.StepDone{Step: step})
		}
	}
	for _, g := range groupsWere {
		if !slices.ContainsFunc(groupsAre, func(b event.Group) bool { return b.GroupID == g.GroupID }) {
			facts = append(facts, event.StepDone{Step: event.Step{Step: "delete", Part: part, PhaseName: phase, Group: g.Group, GroupID: g.GroupID}})
		}
	}
	for _, r := range routesAre {
		if !slices.ContainsFunc(routesWere, func(b event.Route) bool { return b.ARN == r.ARN && slices.Equal(b.Weights, r.Weights) }) {
			facts = append(facts, event.Weights{Route: r})
		}
	}
	return facts
}

// where is the part and the phase that a candidate's tags say.
func where(w rollout.World) (part, phase string) {
	roles := rollout.RolesOf(w)
	if roles.Candidate == nil {
		return "after", ""
	}
	j, _ := roles.Candidate.Journal()
	if j.Verdict == rollout.Failed || j.Verdict == rollout.Withdrawn {
		return "back", ""
	}
	return "deploy", fmt.Sprintf("phase %d", j.Passed+1)
}

// heldAt is the phase after which a candidate rests, or at which, if something was not known there.
func heldAt(j rollout.Journal) (phase int, name string) {
	switch {
	case j.Unknown == "" && j.Passed == 0, j.UnknownAt == rollout.OnStage:
		return 0, event.OnStage
	case j.UnknownAt == rollout.InBake:
		return j.Passed + 1, fmt.Sprintf("phase %d", j.Passed+1)
	case j.UnknownAt == rollout.AtEnd:
		return j.Passed, "the end"
	}
	return j.Passed, fmt.Sprintf("phase %d", j.Passed)
}

// reaches says what is waited for, decided, or over.
func (d *deployment) reaches(w rollout.World) []event.Fact {
	roles := rollout.RolesOf(w)
	groups, routes := runner.Picture(w)
	if roles.Candidate == nil {
		return d.ends(w, groups, routes)
	}
	j, _ := roles.Candidate.Journal()
	part, phase := where(w)
	var facts []event.Fact
	if part == "back" && !d.back {
		d.back = true
		facts = append(facts, event.GoingBack{Why: reason(j)})
	}
	awaited := *roles.Candidate
	if part == "back" && roles.Live != nil {
		awaited = *roles.Live
	}
	facts = append(facts, d.awaits(awaited, part, phase)...)
	if !rests(w) {
		return facts
	}
	d.over = true
	end := event.Ended{Outcome: "held", Took: event.Seconds(time.Since(d.since)), Groups: groups, Routes: routes}
	hold := event.Holding{Group: roles.Candidate.Name, GroupID: roles.Candidate.ID}
	if j.Holding {
		hold.Phase, hold.PhaseName = heldAt(j)
		hold.NotKnown, end.Holding, end.NotKnown = j.Unknown, hold.PhaseName, j.Unknown
	} else {
		hold.Failure, end.Error = j.Failure, j.Failure
	}
	return append(facts, hold, end)
}

// ends says how a rollout has ended whose candidate is none any more, or that there was none.
func (d *deployment) ends(w rollout.World, groups []event.Group, routes []event.Route) []event.Fact {
	d.over = true
	end := event.Ended{Outcome: "succeeded", Took: event.Seconds(time.Since(d.since)), Groups: groups, Routes: routes}
	switch {
	case d.back:
		end.Outcome = "rolled_back"
	case !d.candidate:
		end.Outcome, end.Error = atRest, rollout.Where(w)
	case rollout.RolesOf(w).Live == nil:
		end.Outcome = "rolled_back" // a first deployment that is gone
	}
	if d.waiting != nil {
		step := *d.waiting
		d.waiting = nil
		return []event.Fact{event.StepDone{Step: step}, end}
	}
	return []event.Fact{end}
}

// reason is why a candidate is taken back, by its tags.
func reason(j rollout.Journal) string {
	if j.Failure != "" {
		return j.Failure
	}
	return "another release is wanted, or the run was told to go back"
}

// awaits says how far a group is whose instances are waited for.
func (d *deployment) awaits(g rollout.Group, part, phase string) []event.Fact {
	var facts []event.Fact
	step := event.Step{Step: "await_healthy", Part: part, PhaseName: phase, Group: g.Name, GroupID: g.ID, Count: &g.Capacity.Target}
	reached := g.InService >= g.Capacity.Target
	fresh := d.phase != part+phase
	d.phase = part + phase
	switch {
	case reached && d.waiting != nil:
		facts = append(facts, event.StepDone{Step: *d.waiting})
		d.waiting = nil
		return facts
	case reached && fresh && part != "back":
		return append(facts, event.StepDone{Step: step}) // a bake, or what comes after it: tags do not say
	case reached:
		return nil
	}
	if d.waiting == nil || d.waiting.Group != g.Name || d.waiting.Part != part || d.waiting.PhaseName != phase {
		if d.waiting != nil {
			facts = append(facts, event.StepDone{Step: *d.waiting})
		}
		facts = append(facts, event.StepBegun{Step: step})
	}
	d.waiting = &step
	h := event.Health{
		Group: g.Name, GroupID: g.ID, InService: g.InService, Needed: g.Capacity.Target, Instances: g.Instances, Unit: g.Unit.Name,
		Reasons: d.observer.Reasons(g.ID),
	}
	if said := fmt.Sprint(h); said != d.health {
		d.health = said
		facts = append(facts, h)
	}
	return facts
}

// alarmed says the alarms whose state has changed.
func (d *deployment) alarmed(alarms []runner.Alarm) []event.Fact {
	if d.alarms == nil {
		d.alarms = map[string]string{}
	}
	var changed []event.Alarm
	for _, a := range alarms {
		if d.alarms[a.Name] != a.State {
			d.alarms[a.Name] = a.State
			changed = append(changed, event.Alarm{Name: a.Name, State: a.State, Reason: a.Reason, Since: a.Since})
		}
	}
	if len(changed) == 0 {
		return nil
	}
	return []event.Fact{event.Alarms{Alarms: changed}}
}
