package runner

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// glanced is what a look saw of instances, which glances are held against.
type glanced struct {
	listed   map[string][]Instance // of each group
	listedAt map[string]time.Time  // and when
	verdicts map[string]verdict    // on each instance
	met      map[string]bool       // instances that balancers know

	// What the last glance was answered. The look that it led to takes it, where it is recent, and whoever looks once more asks anew.
	answeredAt time.Time
	targets    map[string][]Target   // of each balancer
	instances  map[string][]Instance // of each group
}

func newGlanced() glanced {
	return glanced{
		listed: map[string][]Instance{}, listedAt: map[string]time.Time{}, verdicts: map[string]verdict{}, met: map[string]bool{},
	}
}

// lists notes the instances of a group.
func (o *glanced) lists(group string, instances []Instance) {
	o.listed[group], o.listedAt[group] = instances, time.Now()
}

// answers notes what a glance that begins now is answered.
func (o *glanced) answers(targets map[string][]Target) {
	o.answeredAt, o.targets, o.instances = time.Now(), targets, map[string][]Instance{}
}

// take is what the last glance was answered, if that was a moment ago, and when it was asked; else nothing, from now on. It is taken once.
func (o *glanced) take() (targets map[string][]Target, instances map[string][]Instance, at time.Time) {
	targets, instances, at = o.targets, o.instances, o.answeredAt
	o.targets, o.instances = nil, nil
	if targets == nil || time.Since(at) > recent {
		return map[string][]Target{}, nil, time.Now()
	}
	return targets, instances, at
}

// stale tells whether the instances of a group are to be listed anew though no balancer has met others: none of them is known to one, so that
// they may end as they are launched, which only a list shows.
func (o *glanced) stale(group string) bool {
	return time.Since(o.listedAt[group]) >= lastLook &&
		!slices.ContainsFunc(o.listed[group], func(i Instance) bool { return o.met[i.ID] })
}

// meets notes the targets that balancers have answered. It tells whether there are others than before.
func (o *glanced) meets(b balancerWords) (others bool) {
	for _, targets := range b.targets {
		for _, t := range targets {
			others = others || !o.met[t.Instance]
			o.met[t.Instance] = true
		}
	}
	return others
}

// glance asks for what a step waits for alone, by as few calls as there are: the load balancers of the group, who know of new instances as
// well, or Spot where they have no word. It tells whether the world is to be looked at, since what is waited for is there, or what was in
// service is not, or nobody could be asked. Nothing is decided by a glance; else it fills in what the step's group has by now.
func (r *Run) glance(ctx context.Context, s *rollout.Step) (news bool) {
	if s.Kind == rollout.AwaitDrained {
		return r.glanceAtLeaving(ctx, s)
	}
	g, b := s.Group, balancerWords{clouds: r.Balancers, targets: map[string][]Target{}}
	r.glanced.answers(b.targets)
	instances, err := r.glanceAt(ctx, b, g)
	if err != nil {
		return true
	}
	g.Instances, g.InService = 0, 0
	lacking := map[string]int{}
	for _, i := range instances {
		unit := counts(g, i)
		g.Instances += unit
		if i.ID == "" {
			lacking[notLaunched] += unit
			continue
		}
		v, err := b.verdict(ctx, g, i)
		if err != nil || r.glanced.verdicts[i.ID].serves && !v.serves {
			return true
		}
		r.health.launch(g.ID, i.ID)
		if !strings.Contains(i.State, reclaiming) {
			r.health.keep(g.ID, v.words)
		}
		if !v.serves {
			lacking[v.reason()] += unit
			continue
		}
		g.InService += unit
	}
	if n := s.Group.InService; n < s.Count && g.InService >= s.Count || g.Unit.Name != "" && g.InService != n {
		return true
	}
	if r.MinHealthyTime == 0 {
		g.Steady = g.InService
	}
	s.Group, r.health.lacking[g.ID] = g, lacking
	return false
}

// glanceAt are the instances of a group as they were listed last, or anew where a balancer knows of others, or none has a word.
func (r *Run) glanceAt(ctx context.Context, b balancerWords, g rollout.Group) ([]Instance, error) {
	listed := r.glanced.listed[g.ID]
	if !g.Balanced() {
		instances, err := r.Spot.JudgedInstances(ctx, g.ID)
		if err == nil {
			r.glanced.instances[g.ID] = instances
		}
		return instances, err
	}
	if err := b.askAll(ctx, g); err != nil || !r.glanced.meets(b) && !r.glanced.stale(g.ID) {
		return listed, err
	}
	anew, err := r.Spot.Instances(ctx, g.ID)
	if err != nil || len(anew) == 0 {
		r.glanced.listedAt[g.ID] = time.Now()
		return listed, err
	}
	r.glanced.lists(g.ID, anew)
	r.glanced.instances[g.ID] = anew
	return anew, nil
}

// glanceAtLeaving asks Spot how many instances of a group are left, and load balancers whether any of them still serves where that is what
// is waited for.
func (r *Run) glanceAtLeaving(ctx context.Context, s *rollout.Step) (news bool) {
	r.glanced.answers(map[string][]Target{})
	instances, err := r.Spot.Instances(ctx, s.Group.ID)
	if err != nil {
		return true
	}
	r.glanced.instances[s.Group.ID] = instances
	if len(instances) == 0 {
		return true
	}
	n := 0
	for _, i := range instances {
		n += counts(s.Group, i)
	}
	if n <= s.Count || s.Group.Unit.Name != "" && n != s.Group.Instances {
		return true
	}
	s.Group.Instances = n
	return s.Why == rollout.WhyBeforeAsked && !r.anyServes(ctx, s.Group, instances)
}

// anyServes tells whether any instance of a group is in service. Nobody who could not be asked is taken for one that serves.
func (r *Run) anyServes(ctx context.Context, g rollout.Group, instances []Instance) bool {
	b := balancerWords{clouds: r.Balancers, targets: map[string][]Target{}}
	return slices.ContainsFunc(instances, func(i Instance) bool {
		v, err := b.verdict(ctx, g, i)
		return err == nil && v.serves
	})
}

// recent is for how long instances are taken to be as they were counted, right after a change of the run's own: what it has changed is
// looked at, and instances come and go more slowly than that.
const recent = 2 * time.Second

// observe looks at the world, without counting instances anew where that was done a moment ago, before a change of the run's own.
func (r *Run) observe(ctx context.Context) (rollout.World, error) {
	r.counts = !r.changed || r.seen == nil || time.Since(r.counted) > recent
	if r.changed {
		r.glanced.take() // it is older than the change
	}
	r.changed = false
	if r.seen == nil && r.Deployment.Creates {
		ctx = AskedBy(ctx, r.name()) // that the name is free is found out a second time, and anew, before it is taken
	}
	if r.counts {
		w, err := r.Observe(ctx)
		r.counted = r.began
		return w, err
	}
	r.began = time.Now()
	w, err := r.Look(ctx)
	if err != nil {
		return w, err
	}
	w = counted(w, *r.seen)
	for i := range w.Groups {
		if g := &w.Groups[i]; g.TargetGroups == nil {
			g.TargetGroups = []string{} // none, as opposed to not known
		}
	}
	return w, r.LookAtRoutes(ctx, &w)
}
