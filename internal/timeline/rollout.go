package timeline

import (
	"slices"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
)

// Rollout is the picture of one run: what is known of it after its events so far.
type Rollout struct {
	Deployment string
	Run        string
	// Image is what is released; "" where the deployment is destroyed (Destroys), or where that was not heard.
	Image    string
	Destroys bool
	// Began and Updated are the times of the first and of the last event.
	Began, Updated time.Time
	// Plan is what the run was to do when it began, waits on instances left out.
	Plan []event.Step
	// Groups are all groups of the deployment that were there at any time, the newest revision first.
	Groups []Group
	// Routes are the listeners and rules, and where they forward.
	Routes []event.Route
	// Steps are those that were begun, in that order.
	Steps []Step
	// Bake is the bake that is under way, as it was said last, and BakeSaid when that was; nil if none is.
	Bake     *event.Bake
	BakeSaid time.Time
	// Alarms are those that watch the release.
	Alarms []event.Alarm
	// Back is that the rollout goes back, and why, and BackAt since when; nil if it does not.
	Back   *event.GoingBack
	BackAt time.Time
	// Holding is that it is left as it is.
	Holding *event.Holding
	// Capacity and Traffic are how both went over time, in the order of time.
	Capacity []CapacityPoint
	Traffic  []TrafficPoint
	// Said is every event in a sentence.
	Said []Sentence
	// End is how it ended; nil as long as it has not. Its time is Updated.
	End *event.Ended
	// CutShort is that it has not ended, and that another run of the deployment has begun since: this one was killed.
	CutShort bool
}

// Group is a group as it stands.
type Group struct {
	event.Group
	// Needed is how many in service are waited for; 0 where nothing is. Reasons is what is said of the others.
	Needed  int
	Reasons []event.Reason
	// Created and Deleted are that the run did so.
	Created, Deleted bool
}

// Step is a step that was begun.
type Step struct {
	event.Step
	Began time.Time
	// State is what has become of it.
	State State
	// Took is how long it took, in seconds; 0 while it is open.
	Took float64
	// Error is why it failed.
	Error string
	// Waited is what was waited for, in the order in which it was first said.
	Waited []Waited

	waitedSince time.Time // when the last of Waited was said
	reason      int       // which that was; -1 is none
}

// State is what has become of a step.
type State string

// A step that was begun is one of these. Stopped is one that was under way when the run ended, by an interrupt for instance, or was killed.
const (
	Open    State = "under way"
	Done    State = "done"
	Failed  State = "failed"
	Stopped State = "cut short"
)

// Waited is what a load balancer, or Spot, said of most of the instances that were waited for, and for how many seconds.
type Waited struct {
	Reason string
	Took   float64
}

// CapacityPoint is what one group was set to, and how many of its instances were in service, from a time on. Of what is taken away the
// events do not say when it has left; it counts as gone at once.
type CapacityPoint struct {
	Time      time.Time
	Group     string
	Target    int
	InService int
}

// TrafficPoint is where a listener or rule forwards from a time on.
type TrafficPoint struct {
	Time  time.Time
	Route event.Route
}

// Sentence is an event for people.
type Sentence struct {
	Time time.Time
	Kind string
	Text string
}

// Running tells whether the rollout goes on, as far as is known.
func (r *Rollout) Running() bool { return r.End == nil && !r.CutShort }

// Outcome is how the rollout ended, as the schema has it; "cut_short" where it was killed, and "" while it runs.
func (r *Rollout) Outcome() string {
	switch {
	case r.End != nil:
		return r.End.Outcome
	case r.CutShort:
		return "cut_short"
	}
	return ""
}

// Succeeded tells whether the rollout has done what was wanted of it: also where that was to hold after a phase.
func (r *Rollout) Succeeded() bool {
	return r.Outcome() == "succeeded" || r.Outcome() == "held" && r.End.Holding != ""
}

// Took is how long the rollout has taken: until its end, or until now while it runs.
func (r *Rollout) Took(now time.Time) time.Duration {
	if !r.Running() {
		now = r.Updated
	}
	return max(now.Sub(r.Began), 0)
}

// New is the revision that is released or taken back; nil where there is none.
func (r *Rollout) New() *Group {
	if i := slices.IndexFunc(r.Groups, func(g Group) bool { return g.Created || g.Role == "candidate" }); i >= 0 {
		return &r.Groups[i]
	}
	// A former revision that is released again.
	for _, s := range append(slices.Clone(r.Plan), r.steps()...) {
		if s.Part == "deploy" && s.To != nil && s.To.Target > 0 {
			if g := r.group(s.Group); g != nil && g.Role != "live" {
				return g
			}
		}
	}
	return nil
}

// Previous is the revision that was live when the rollout began; nil at a first deployment.
func (r *Rollout) Previous() *Group {
	if i := slices.IndexFunc(r.Groups, func(g Group) bool { return g.Role == "live" }); i >= 0 {
		return &r.Groups[i]
	}
	return nil
}

// Current is the step that is under way, the bake if there is nothing else; nil between two steps.
func (r *Rollout) Current() *Step {
	var current *Step
	for i := range r.Steps {
		if s := &r.Steps[i]; s.State == Open && (current == nil || current.Step.Step == "bake" || s.Step.Step != "bake") {
			current = s
		}
	}
	return current
}

// BakeLeft is what is left of the bake that is under way.
func (r *Rollout) BakeLeft(now time.Time) time.Duration {
	if r.Bake == nil {
		return 0
	}
	left := time.Duration(r.Bake.Left * float64(time.Second))
	if r.Running() {
		left -= max(now.Sub(r.BakeSaid), 0)
	}
	return max(left, 0)
}

// stop is that nothing is under way any more, and resume that this was not so.
func (r *Rollout) stop(at time.Time) {
	for i := range r.Steps {
		if s := &r.Steps[i]; s.State == Open {
			s.State, s.Took = Stopped, max(at.Sub(s.Began), 0).Seconds()
		}
	}
}

func (r *Rollout) resume() {
	for i := range r.Steps {
		if s := &r.Steps[i]; s.State == Stopped {
			s.State, s.Took = Open, 0
		}
	}
}

func (r *Rollout) steps() []event.Step {
	all := make([]event.Step, len(r.Steps))
	for i, s := range r.Steps {
		all[i] = s.Step
	}
	return all
}

func (r *Rollout) group(name string) *Group {
	if i := slices.IndexFunc(r.Groups, func(g Group) bool { return g.Group.Group == name && !g.Deleted }); i >= 0 {
		return &r.Groups[i]
	}
	return nil
}
