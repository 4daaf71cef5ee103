package rollout

import (
	"fmt"
	"slices"
	"time"
)

// Kind is what a step does.
type Kind string

// The steps that change the world, those that wait for it, and those that end a run.
const (
	// Create makes the group named in the step at zero, with its journal.
	Create Kind = "create"
	// Resize sets the group to the step's capacity.
	Resize Kind = "resize"
	// Shift makes the listener or rule of the step's ARN forward otherwise.
	Shift Kind = "shift"
	// Record writes the step's journal on the group.
	Record Kind = "record"
	// Remember writes the step's memory on the group.
	Remember Kind = "remember"
	// Pause switches off what moves the group's capacity of its own accord (see Automation), and Resume switches on again what
	// was switched off so.
	Pause  Kind = "pause"
	Resume Kind = "resume"
	// Delete deletes the group, which is empty.
	Delete Kind = "delete"

	// AwaitHealthy waits until at least Count instances of the group are steadily in service.
	AwaitHealthy Kind = "await healthy"
	// AwaitDrained waits until the group has no more than Count instances left.
	AwaitDrained Kind = "await drained"
	// Settle leaves the routes alone until their last change is taken for real everywhere.
	Settle Kind = "settle"
	// Bake watches both revisions in the phase for the step's time, and until everything that judges it has been asked.
	Bake Kind = "bake"
	// AwaitChecks waits until the step's checks are good, or what is not known of them will not be.
	AwaitChecks Kind = "await checks"

	// Done ends a run: what is wanted is there.
	Done Kind = "done"
	// GiveUp ends a run whose release failed and was undone.
	GiveUp Kind = "give up"
	// HoldHere ends a run at the phase after which the user wants it to hold.
	HoldHere Kind = "hold here"
	// Stay ends a run whose release failed and is left as it is.
	Stay Kind = "stay"
	// Refuse ends a run before it touches anything that is not its own.
	Refuse Kind = "refuse"
)

// Part is the part of a rollout that a step belongs to, as the plan names it.
type Part string

// The parts, in the order in which they may come. Deploy goes through the phases, and the plan names those.
const (
	Back     Part = "back"
	Setup    Part = "setup"
	Deploy   Part = "deploy"
	After    Part = "after"
	Mend     Part = "mend"
	InPlace  Part = "resize"
	TakeDown Part = "destroy"
)

// Step is one thing to do.
type Step struct {
	Kind Kind
	Part Part
	// Phase is the number, from 1, of the phase that a step of the deploy part belongs to, and PhaseName how the plan names
	// it: "25 %". The last one is "100 %".
	Phase     int
	PhaseName string
	// Group is the one that the step is about, as it was observed; of one to be created, its name, revision and image.
	Group Group
	// Licence is what entitles the step to take from its group. Guard refuses a step that takes without one.
	Licence Licence
	// Capacity is what Resize sets.
	Capacity Capacity
	// Pause and Resume are what Resize does to the group's automation in the same call.
	Pause, Resume bool
	// Journal is what Create and Record write.
	Journal Journal
	// Memory is what Remember writes.
	Memory Memory
	// Count is what AwaitHealthy and AwaitDrained wait for, in the unit of the group.
	Count int
	// ARN is the listener or rule that Shift changes, From where it forwards and To where it is to.
	ARN      string
	From, To Forward
	// Time is how long Bake watches and Settle waits.
	Time time.Duration
	// At is the point at which AwaitChecks and Bake ask, and Checks and Compare are what they ask.
	At      Point
	Checks  []Check
	Compare *Comparison
	// Lenient says that a wait which is not met in time is no failure of the release: it has succeeded already.
	Lenient bool
	// Why is what the step is for, or why a run ends; "" goes without saying. Detail is what varies in it: why a run ends, in the
	// words of whoever said so.
	Why    Reason
	Detail string
}

// Tags are what Create, Record and Remember write on the group.
func (s Step) Tags() map[string]string {
	if s.Kind == Remember {
		return s.Memory.Tags()
	}
	return s.Journal.Tags()
}

// Changes tells whether the step changes the world.
func (s Step) Changes() bool {
	switch s.Kind {
	case Create, Resize, Shift, Record, Remember, Pause, Resume, Delete:
		return true
	}
	return false
}

// Begins tells whether the step begins a rollout: it creates the candidate, or makes a former revision one.
func (s Step) Begins() bool {
	return s.Kind == Create || s.Kind == Record && s.Part == Setup && s.Journal.Before != nil
}

// Waits tells whether the step waits for the world.
func (s Step) Waits() bool {
	return s.Kind == AwaitHealthy || s.Kind == AwaitDrained || s.Kind == Settle || s.Kind == Bake || s.Kind == AwaitChecks
}

// Ends tells whether the step ends the run.
func (s Step) Ends() bool { return !s.Changes() && !s.Waits() }

// String says what the step does, for a person who asks what comes next.
func (s Step) String() string {
	g := s.Group.Name
	switch s.Kind {
	case Create:
		return fmt.Sprintf("create %s at 0, with its journal", g)
	case Resize:
		switch {
		case s.Pause:
			return fmt.Sprintf("set %s to %s, with %s switched off", g, s.Group.Unit.Size(s.Capacity), s.Group.Automation.On)
		case s.Resume:
			return fmt.Sprintf("set %s to %s, with %s switched on again", g, s.Group.Unit.Size(s.Capacity), s.Group.Automation.Paused)
		}
		return fmt.Sprintf("set %s to %s", g, s.Group.Unit.Size(s.Capacity))
	case Pause:
		return fmt.Sprintf("switch off %s of %s", s.Group.Automation.On, g)
	case Resume:
		return fmt.Sprintf("switch on again %s of %s", s.Group.Automation.Paused, g)
	case Shift:
		return fmt.Sprintf("make %s forward to %s", RouteName(s.ARN), s.To)
	case Settle:
		return fmt.Sprintf("let the routes settle for %s", brief(s.Time))
	case Record, Remember:
		return fmt.Sprintf("note on %s: %s", g, s.Because())
	case Delete:
		return "delete " + g
	case AwaitHealthy:
		return fmt.Sprintf("wait for %s of %s in service", s.Group.Unit.Of(s.Count), g)
	case AwaitDrained:
		if s.Count > 0 {
			return fmt.Sprintf("wait until %s has %s left", g, s.Group.Unit.Of(s.Count))
		}
		return fmt.Sprintf("wait until %s is empty", g)
	case Bake:
		return fmt.Sprintf("bake %s for %s", s.PhaseName, brief(s.Time))
	case AwaitChecks:
		return fmt.Sprintf("wait for %s of %s to be good", naming(s.Checks), g)
	}
	if s.Why != "" {
		return fmt.Sprintf("%s: %s", s.Kind, s.Because())
	}
	return string(s.Kind)
}

// Automation is that of the group after the step.
func (s Step) Automation() Automation {
	switch a := s.Group.Automation; {
	case s.Kind == Pause || s.Pause:
		return a.paused()
	case s.Kind == Resume || s.Resume:
		return a.resumed()
	default:
		return a
	}
}

// brief is a duration as people write it: "5m", and not "5m0s".
func brief(d time.Duration) string {
	text := d.String()
	if d >= time.Minute && d%time.Minute == 0 {
		text = text[:len(text)-len("0s")]
	}
	if d >= time.Hour && d%time.Hour == 0 {
		text = text[:len(text)-len("0m")]
	}
	return text
}

// shifted are the routes of a world after a shift.
func shifted(s Step, w World) []Route {
	routes := slices.Clone(w.Routes)
	for _, r := range s.Group.routes() {
		if !slices.ContainsFunc(routes, func(known Route) bool { return known.RoutePair == r.RoutePair }) {
			routes = append(routes, w.route(r.RoutePair))
		}
	}
	for i := range routes {
		if routes[i].ProductionARN == s.ARN {
			routes[i].Production = s.To
		}
		if routes[i].StageARN == s.ARN {
			routes[i].Stage = s.To
		}
	}
	return routes
}

// routes are those that the group's journal records.
func (g Group) routes() []Route {
	j, _ := g.Journal()
	return j.Routes
}

// Imagine is the world after the step, if it works at once: what a plan goes by.
func Imagine(s Step, w World) World {
	groups := make([]Group, 0, len(w.Groups)+1)
	for _, g := range w.Groups {
		if g.ID == s.Group.ID {
			switch s.Kind {
			case Delete:
				continue
			case Resize:
				n := s.Capacity.Target
				g.Capacity, g.Instances, g.InService, g.Steady = s.Capacity, n, n, n
				g.Automation = s.Automation()
			case Pause, Resume:
				g.Automation = s.Automation()
			case Record, Remember:
				g.Tags = g.With(s.Tags())
			case AwaitHealthy:
				g.Instances, g.InService, g.Steady = max(g.Instances, s.Count), max(g.InService, s.Count), max(g.Steady, s.Count)
			case AwaitDrained:
				g.Instances = min(g.Instances, s.Count)
				g.InService, g.Steady = min(g.InService, g.Instances), min(g.Steady, g.Instances)
			}
		}
		groups = append(groups, g)
	}
	w.Begun = w.Begun || s.Changes()
	switch s.Kind {
	case Bake:
		w.Baked, w.Asked = s.Phase, &Asked{At: InBake, Phase: s.Phase}
		w.RoutesUnchangedFor += s.Time
	case AwaitChecks:
		w.Asked = &Asked{At: s.At}
	case Settle:
		w.RoutesUnchangedFor = s.Time
	case Shift:
		w.RoutesUnchangedFor, w.NoTrafficMoved = 0, false
		w.Routes = shifted(s, w)
	}
	if s.Begins() {
		w.NoTrafficMoved = true
	}
	if s.Kind == Create {
		g := s.Group
		g.ID = "(new) " + g.Name
		g.Tags = s.Journal.Tags()
		groups = append(groups, g)
	}
	w.Groups = groups
	return w
}
