package rollout

// Kind is what a step does.
type Kind string

// The steps that change the world, those that wait for it, and those that end a run.
const (
	// Create makes the group named in the step at zero, with its journal.
	Create Kind = "create"
	// Resize sets the group to the step's capacity.
	Resize Kind = "resize"
	// Record writes the step's journal on the group.
	Record Kind = "record"
	// Delete deletes the group, which is empty.
	Delete Kind = "delete"

	// AwaitHealthy waits until at least Count instances of the group are steadily in service.
	AwaitHealthy Kind = "await healthy"
	// AwaitEmpty waits until the group has no instances left.
	AwaitEmpty Kind = "await empty"

	// Done ends a run: what is wanted is there.
	Done Kind = "done"
	// GiveUp ends a run whose release failed and was undone.
	GiveUp Kind = "give up"
	// Stay ends a run whose release failed and is left as it is.
	Stay Kind = "stay"
	// Refuse ends a run before it touches anything that is not its own.
	Refuse Kind = "refuse"
)

// Phase is the part of a rollout that a step belongs to, as the plan names it.
type Phase string

// The phases, in the order in which they may come.
const (
	Back     Phase = "back"
	Setup    Phase = "setup"
	Deploy   Phase = "100 %"
	After    Phase = "after"
	InPlace  Phase = "resize"
	TakeDown Phase = "destroy"
)

// Step is one thing to do.
type Step struct {
	Kind  Kind
	Phase Phase
	// Group is the one that the step is about, as it was observed; of one to be created, its name, revision and image.
	Group Group
	// Capacity is what Resize sets.
	Capacity Capacity
	// Journal is what Create and Record write.
	Journal Journal
	// Count is what AwaitHealthy waits for, in the unit of the group.
	Count int
	// Lenient says that a wait which is not met in time is no failure of the release: it has succeeded already.
	Lenient bool
	// Why says in a few words what the step is for, or why a run ends.
	Why string
}

// Changes tells whether the step changes the world.
func (s Step) Changes() bool {
	switch s.Kind {
	case Create, Resize, Record, Delete:
		return true
	}
	return false
}

// Waits tells whether the step waits for the world.
func (s Step) Waits() bool { return s.Kind == AwaitHealthy || s.Kind == AwaitEmpty }

// Ends tells whether the step ends the run.
func (s Step) Ends() bool { return !s.Changes() && !s.Waits() }

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
			case Record:
				g.Tags = s.Journal.Tags()
			case AwaitHealthy:
				g.Instances, g.InService, g.Steady = max(g.Instances, s.Count), max(g.InService, s.Count), max(g.Steady, s.Count)
			case AwaitEmpty:
				g.Instances, g.InService, g.Steady = 0, 0, 0
			}
		}
		groups = append(groups, g)
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
