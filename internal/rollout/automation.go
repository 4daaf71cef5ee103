package rollout

import (
	"fmt"
	"slices"
	"strings"
)

// Automation is what moves a group's capacity of its own accord: scheduled tasks, scaling policies, the autoscalers of container
// orchestrators. A rollout pauses it (switches it off) on a group that is pinned or not live, and resumes it (switches on again what it
// had switched off) on the live one.
type Automation struct {
	// On is what is switched on.
	On Movers
	// Paused is what a rollout has switched off. What a user has switched off is in neither.
	Paused Movers
	// Minimums and Maximums are the bounds that tasks and policies set when they act, be they on or paused.
	Minimums, Maximums []int
}

// Movers counts what moves a group's capacity, by kind.
type Movers struct {
	// Tasks are scheduled ones, those that replace instances (rolls) included: a group is locked while one of them runs.
	Tasks int
	// Policies are scaling policies.
	Policies int
	// Autoscalers are those of container orchestrators: ECS, Kubernetes, Nomad, Docker Swarm.
	Autoscalers int
}

// Any tells whether there are any.
func (m Movers) Any() bool { return m != Movers{} }

func (m Movers) plus(o Movers) Movers {
	return Movers{Tasks: m.Tasks + o.Tasks, Policies: m.Policies + o.Policies, Autoscalers: m.Autoscalers + o.Autoscalers}
}

// String is how they read in plans and errors: "2 scheduled tasks and 1 scaling policy".
func (m Movers) String() string {
	var parts []string
	for _, kind := range []struct {
		n         int
		one, more string
	}{{m.Tasks, "scheduled task", "scheduled tasks"}, {m.Policies, "scaling policy", "scaling policies"}, {m.Autoscalers, "autoscaler", "autoscalers"}} {
		switch {
		case kind.n == 1:
			parts = append(parts, "1 "+kind.one)
		case kind.n > 1:
			parts = append(parts, fmt.Sprintf("%d %s", kind.n, kind.more))
		}
	}
	if n := len(parts); n > 1 {
		return strings.Join(parts[:n-1], ", ") + " and " + parts[n-1]
	}
	return strings.Join(parts, "")
}

// paused is the automation of a group with all of it switched off.
func (a Automation) paused() Automation {
	a.On, a.Paused = Movers{}, a.Paused.plus(a.On)
	return a
}

// resumed is the automation of a group with all that was switched off on again.
func (a Automation) resumed() Automation {
	a.On, a.Paused = a.On.plus(a.Paused), Movers{}
	return a
}

// mayHaveSet tells whether a capacity may be what the automation has made of another one. It moves a target within its bounds in any
// case; bounds are moved by a task or a policy that sets them.
func (a Automation) mayHaveSet(is, was Capacity) bool {
	minimum := is.Minimum == was.Minimum || slices.Contains(a.Minimums, is.Minimum)
	maximum := is.Maximum == was.Maximum || slices.Contains(a.Maximums, is.Maximum) ||
		is.Maximum == is.Minimum && slices.Contains(a.Minimums, is.Minimum) // a minimum above the maximum takes it along
	return minimum && maximum
}

// scheduled tells whether a group's own automation has moved its bounds from those of another capacity. Nobody takes over that it was
// set to nothing: what nobody runs, nobody can judge.
func (g Group) scheduled(was Capacity) bool {
	return !g.Automation.Paused.Any() && movedBySchedule(g.Automation, g.Capacity, was)
}

func movedBySchedule(a Automation, is, was Capacity) bool {
	return is.Target > 0 && !is.SameBounds(was) && a.mayHaveSet(is, was)
}

// automate completes a step with what becomes of the automation of its group, in the same call; and puts before others what is not as
// it should be: a group that is pinned or not live and may be moved by its schedule, a live one at rest whose schedule is still off.
func (x *situation) automate(s Step) Step {
	if x.CannotPause {
		return s
	}
	if s.Kind == Resize {
		free := x.frees(s)
		s.Pause, s.Resume = !free && s.Group.Automation.On.Any(), free && s.Group.Automation.Paused.Any()
	}
	if !x.corrects(s) {
		return s
	}
	for _, g := range inOrder(x.Groups) {
		if s.Kind == Resize && s.Group.ID == g.ID || !x.owns(g) {
			continue
		}
		if kind, wrong := x.wrong(g, s); wrong {
			return Step{Kind: kind, Part: Mend, Group: g, Why: x.whySwitched(g)}
		}
	}
	return s
}

// frees tells whether a resize leaves a group to its own automation: the live revision that gets its size, or gets it back, and a
// candidate that gets its own bounds in the end.
func (x *situation) frees(s Step) bool {
	switch s.Group.ID {
	case id(x.Live):
		return !x.Gone && (x.Candidate == nil || s.Part == Back)
	case id(x.Candidate):
		return !x.Gone && s.Part != Back && !s.Capacity.Pinned() && s.Capacity.SameBounds(x.final())
	}
	return false
}

// corrects tells whether there is time, at a step, to put right what is not about it: not before a release is begun or refused, since
// its journal comes first; and users come before schedules.
func (x *situation) corrects(s Step) bool {
	switch {
	case x.Gone:
		return s.Waits()
	case s.Kind == Shift, s.Kind == Create, s.Kind == Refuse:
		return false
	case x.Candidate == nil && !x.released():
		return s.Kind == GiveUp
	case s.Part == Back:
		return s.Kind != Record && s.Kind != Remember && !(s.Kind == Resize && s.Group.ID == id(x.Live))
	}
	return true
}

// wrong tells whether the automation of a group is not as it should be, and what puts it right.
func (x *situation) wrong(g Group, s Step) (Kind, bool) {
	a := g.Automation
	if x.Gone {
		return Pause, a.On.Any()
	}
	switch g.ID {
	case id(x.Live):
		goesBack := x.Candidate != nil && s.Part == Back && len(x.Leftovers) == 0
		switch {
		case x.Candidate != nil && !goesBack:
			return Pause, a.On.Any() && g.Capacity.Pinned() && s.Part != After
		case goesBack && !(x.journal.Previous == g.ID && g.Capacity.SameBounds(x.journal.PreviousCapacity)):
			return "", false
		}
		// One that stands at nothing was taken down, or was never meant to be live: nothing of ours wakes it.
		return Resume, a.Paused.Any() && g.Capacity != Capacity{}
	case id(x.Candidate):
		return Pause, a.On.Any() && g.Capacity.Pinned()
	}
	return Pause, a.On.Any()
}

func (c Roles) whySwitched(g Group) Reason {
	switch {
	case g.ID == id(c.Live) && c.Candidate == nil:
		return WhyLive
	case g.ID == id(c.Live) || g.ID == id(c.Candidate):
		return WhyReleasing
	}
	return WhyNotLive
}

// takesOver tells whether a candidate is to have what the live revision has, and not the capacity that is written, because the schedule
// has moved the bounds that were given, as the candidate's own could have.
func (d Deployment) takesOver(has Capacity) bool {
	return d.Given != nil && *d.Given == *d.Capacity && movedBySchedule(d.Automation, has, *d.Given)
}

// hasOwn tells whether a candidate has the bounds that it is to have in the end, or what its own automation has made of them since.
func (x *situation) hasOwn() bool {
	final := x.final()
	return x.Candidate.Capacity.SameBounds(final) || x.Candidate.scheduled(final)
}

// keepsRunning tells whether a former revision is meant to run: the one that the live revision replaced, if it was to keep its instances.
// Beside a live revision that others made nothing of ours says what is to run.
func (x *situation) keepsRunning(g Group) bool {
	j, ours := x.Live.Journal()
	return !ours || g.ID == j.Previous && (j.KeepsPrevious || x.strategy().keepsPrevious())
}

// leaves tells whether the live revision's size is left as it is, because its own schedule has made it so of what was given.
func (d Deployment) leaves(live Group) bool {
	a := live.Automation
	return live.Memory().TakenDown == nil && !a.Paused.Any() && !live.Capacity.SameBounds(*d.Given) && a.mayHaveSet(live.Capacity, *d.Given)
}

// rests takes a former revision to nothing that was given capacity at rest, as soon as the live one is whole without it. One that
// production's traffic goes to past the live one is left: whoever has moved the traffic there has decided so, see mend.
func (x *situation) rests() (Step, bool) {
	live := *x.Live
	for _, g := range x.Others {
		if g.Capacity == (Capacity{}) || x.keepsRunning(g) || x.servesPast(g, live) {
			continue
		}
		if need := x.Required(live.Capacity.Target); g.InService > 0 && live.InService < need {
			return Step{Kind: AwaitHealthy, Part: Mend, Group: live, Count: need, Lenient: true, Why: WhyBeforeFormerGoes}, true
		}
		if g.InService > 0 && len(x.production()) > 0 && x.RoutesUnchangedFor < x.Follow() {
			return Step{Kind: Settle, Part: Mend, Group: g, Time: x.Follow(), Why: WhyFollowed}, true // it may have had traffic a moment ago
		}
		return Step{Kind: Resize, Part: Mend, Group: g, Licence: MakeRoom, Why: WhyLeftOver}, true
	}
	return Step{}, false
}

// servesPast tells whether production's traffic goes to a group where another one does not stand.
func (x *situation) servesPast(g, other Group) bool {
	return slices.ContainsFunc(x.production(), func(r Route) bool {
		return slices.ContainsFunc(r.Production, func(s Share) bool {
			return s.Weight > 0 && slices.Contains(g.TargetGroups, s.TargetGroup) && !slices.Contains(other.TargetGroups, s.TargetGroup)
		})
	})
}
