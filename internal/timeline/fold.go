package timeline

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
)

// add is what an event changes in the picture.
func (r *Rollout) add(e event.Event) {
	if e.Time.After(r.Updated) {
		r.Updated = e.Time
	}
	if r.CutShort {
		r.CutShort = false // it speaks
		r.resume()
	}
	r.Said = append(r.Said, Sentence{Time: e.Time, Kind: e.Kind(), Text: e.Message()})
	switch f := e.Fact.(type) {
	case event.Begun:
		r.Image, r.Destroys, r.Plan = f.Image, f.Destroys, f.Plan
		r.stand(e.Time, f.Groups, f.Routes)
	case event.StepBegun:
		r.identify(f.Group, f.GroupID)
		r.Steps = append(r.Steps, Step{Step: f.Step, Began: e.Time, State: Open, reason: -1})
	case event.StepDone:
		s := r.end(e.Time, f.Step, f.Took)
		s.State = Done
		r.did(e.Time, f.Step)
	case event.StepFailed:
		s := r.end(e.Time, f.Step, f.Took)
		s.State, s.Error = Failed, f.Error
		if f.Step.Step == "bake" {
			r.Bake = nil
		}
	case event.Health:
		r.healthy(e.Time, f)
	case event.Bake:
		if !f.Settles {
			r.Bake, r.BakeSaid = &f, e.Time
		}
	case event.Alarms:
		r.alarms(f)
	case event.Weights:
		r.forwards(e.Time, f.Route)
	case event.GoingBack:
		r.Back, r.BackAt = &f, e.Time
	case event.Holding:
		r.Holding = &f
	case event.Ended:
		r.ended(e.Time, f)
	}
}

// stand is that these groups and routes stand.
func (r *Rollout) stand(at time.Time, groups []event.Group, routes []event.Route) {
	for _, g := range groups {
		if was := r.group(g.Group); was == nil {
			r.insert(Group{Group: g})
		} else {
			role := was.Role // what it was when the run began is what it is called throughout
			was.Group = g
			if role != "" {
				was.Role = role
			}
		}
		r.counts(at, r.group(g.Group))
	}
	for _, route := range routes {
		r.forwards(at, route)
	}
}

// identify is the ID of a group. The step that creates one does not know it yet.
func (r *Rollout) identify(name, id string) {
	if g := r.group(name); g != nil && g.GroupID == "" {
		g.GroupID = id
	}
}

// insert puts a group where it belongs by its revision, behind others of the same.
func (r *Rollout) insert(g Group) {
	i := 0
	for i < len(r.Groups) && cmp.Compare(r.Groups[i].Revision, g.Revision) >= 0 {
		i++
	}
	r.Groups = slices.Insert(r.Groups, i, g)
}

// end is the step that has begun as this one and is over. One whose beginning was not heard counts all the same.
func (r *Rollout) end(at time.Time, s event.Step, took float64) *Step {
	i := len(r.Steps) - 1
	for ; i >= 0; i-- {
		if open := r.Steps[i]; open.State == Open && same(open.Step, s) {
			break
		}
	}
	if i < 0 {
		r.Steps = append(r.Steps, Step{Step: s, Began: at.Add(-time.Duration(took * float64(time.Second))), reason: -1})
		i = len(r.Steps) - 1
	}
	step := &r.Steps[i]
	step.waitsFor(at, -1)
	step.Step, step.Took = s, took
	if g := r.group(s.Group); g != nil && s.Count != nil {
		g.Needed, g.Reasons = 0, nil
	}
	return step
}

// same tells whether two are the same step. What is waited for may have changed since it began.
func same(a, b event.Step) bool {
	return a.Step == b.Step && a.Part == b.Part && a.Phase == b.Phase && a.Group == b.Group && arn(a) == arn(b)
}

func arn(s event.Step) string {
	if s.Route == nil {
		return ""
	}
	return s.Route.ARN
}

// waitsFor is that a wait was for something from now on.
func (s *Step) waitsFor(at time.Time, reason int) {
	if s.reason >= 0 {
		s.Waited[s.reason].Took += max(at.Sub(s.waitedSince).Seconds(), 0)
	}
	s.waitedSince, s.reason = at, reason
}

// did is what stands otherwise once a step was done.
func (r *Rollout) did(at time.Time, s event.Step) {
	switch s.Step {
	case "create":
		r.insert(Group{Created: true, Group: event.Group{
			Group: s.Group, GroupID: s.GroupID, Revision: revision(s.Group), Image: r.Image, Role: "candidate",
		}})
	case "shift":
		if s.Route != nil {
			route := *s.Route
			route.Weights = s.Weights
			r.forwards(at, route)
		}
		return
	case "bake":
		r.Bake = nil
		return
	}
	g := r.group(s.Group)
	if g == nil {
		return
	}
	switch {
	case s.Step == "resize" && s.To != nil:
		g.Size = *s.To
		g.InService = min(g.InService, g.Target) // what is taken away serves no more; how far it has got is said where that is waited for
	case s.Step == "await_healthy" && s.Count != nil:
		g.InService = max(g.InService, *s.Count)
		g.Instances = max(g.Instances, g.InService)
	case s.Step == "await_drained" && s.Count != nil:
		g.InService, g.Instances = min(g.InService, *s.Count), min(g.Instances, *s.Count)
	case s.Step == "delete":
		g.Size, g.Instances, g.InService = event.Size{Unit: g.Unit}, 0, 0
		defer func() { g.Deleted = true }()
	}
	r.counts(at, g)
}

// revision is the number in the name of a revision's group; 0 if there is none.
func revision(name string) int {
	i := strings.LastIndex(name, "__")
	if i < 0 {
		return 0
	}
	n, err := strconv.Atoi(name[i+2:])
	if err != nil {
		return 0
	}
	return n
}

// counts notes what a group has from now on, if that is something else than before.
func (r *Rollout) counts(at time.Time, g *Group) {
	p := CapacityPoint{Time: at, Group: g.Group.Group, Target: g.Target, InService: g.InService}
	for _, was := range slices.Backward(r.Capacity) {
		if was.Group != p.Group {
			continue
		}
		if was.Target == p.Target && was.InService == p.InService {
			return
		}
		break
	}
	r.Capacity = append(r.Capacity, p)
}

// forwards notes where a route forwards from now on.
func (r *Rollout) forwards(at time.Time, route event.Route) {
	i := slices.IndexFunc(r.Routes, func(was event.Route) bool { return was.ARN == route.ARN })
	switch {
	case i < 0:
		r.Routes = append(r.Routes, route)
	case slices.Equal(r.Routes[i].Weights, route.Weights):
		return
	default:
		route.Stage = route.Stage || r.Routes[i].Stage // a step does not say it
		r.Routes[i] = route
	}
	r.Traffic = append(r.Traffic, TrafficPoint{Time: at, Route: route})
}

func (r *Rollout) healthy(at time.Time, f event.Health) {
	g := r.group(f.Group)
	if g == nil {
		return
	}
	g.InService, g.Instances, g.Needed, g.Reasons = f.InService, f.Instances, f.Needed, f.Reasons
	if f.Leaving {
		g.Needed = 0 // none of it is waited for to come
	}
	r.counts(at, g)
	for i := range slices.Backward(r.Steps) {
		s := &r.Steps[i]
		if s.State != Open || s.Count == nil || s.Group != f.Group {
			continue
		}
		if len(f.Reasons) == 0 {
			s.waitsFor(at, -1)
			return
		}
		what := f.Reasons[0].Reason
		i := slices.IndexFunc(s.Waited, func(w Waited) bool { return w.Reason == what })
		if i < 0 {
			s.Waited = append(s.Waited, Waited{Reason: what})
			i = len(s.Waited) - 1
		}
		s.waitsFor(at, i)
		return
	}
}

func (r *Rollout) alarms(f event.Alarms) {
	for _, a := range f.Alarms {
		if i := slices.IndexFunc(r.Alarms, func(was event.Alarm) bool { return was.Name == a.Name }); i >= 0 {
			r.Alarms[i] = a
		} else {
			r.Alarms = append(r.Alarms, a)
		}
	}
}

func (r *Rollout) ended(at time.Time, f event.Ended) {
	r.End, r.Bake, r.CutShort = &f, nil, false
	for i := range r.Steps {
		if s := &r.Steps[i]; s.State == Open {
			s.waitsFor(at, -1)
		}
	}
	r.stop(at)
	r.stand(at, f.Groups, f.Routes)
	for i := range r.Groups {
		r.Groups[i].Needed, r.Groups[i].Reasons = 0, nil
	}
}
