package runner

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Observer looks at the clouds for a run: which groups are the deployment's, how many of their instances are in service, and where
// traffic goes. It holds apart what cannot be read, asks again where an answer says less than is known, and remembers for that what
// the run has seen, made and deleted.
type Observer struct {
	config *Config
	health *healthTracker

	seen        *rollout.World       // by the last look
	began       time.Time            // when the last observation was begun
	glanced     glanced              // what it saw of instances
	failedLooks int                  // in a row
	made        map[string]time.Time // groups that the run has made, which a list may not show yet, and when
	deleted     map[string]bool      // groups that the run has deleted, which a list may still show
	empty       map[string]bool      // groups at zero that were seen without instances
	lacking     string               // a group that is there, and that the last list left out
	nothing     bool                 // the last list was empty
	excluded    []string             // entries of Spot's list that were excluded
	unconfirmed map[string]bool      // IDs of the state that nobody can be asked about
}

func newObserver(c *Config) *Observer {
	return &Observer{
		config: c, health: newHealthTracker(), glanced: newGlanced(),
		made: map[string]time.Time{}, deleted: map[string]bool{}, empty: map[string]bool{}, unconfirmed: map[string]bool{},
	}
}

// Observe is Look with the instances of every group that has or may have some, and how many are in service.
func (o *Observer) Observe(ctx context.Context) (rollout.World, error) {
	targets, glanced, at := o.glanced.take()
	o.began = at
	w, err := o.Look(ctx)
	if err != nil {
		return w, err
	}
	if err := o.LookAtRoutes(ctx, &w); err != nil {
		return w, err
	}
	balancers := balancerWords{clouds: o.config.Balancers, targets: targets}
	o.glanced.verdicts = map[string]verdict{}
	defer func() { o.glanced.meets(balancers) }()
	for i := range w.Groups {
		g := &w.Groups[i]
		if g.TargetGroups == nil {
			g.TargetGroups = []string{} // none, as opposed to not known
		}
		zero := g.Capacity == rollout.Capacity{}
		if zero && o.empty[g.ID] {
			continue
		}
		instances, err := o.instances(ctx, *g, glanced)
		if errors.Is(err, ErrGone) {
			continue
		}
		if err != nil {
			return w, fmt.Errorf("%s (%s): %w", g.Name, g.ID, err)
		}
		o.glanced.lists(g.ID, instances)
		judge := func(i Instance) (verdict, error) {
			v, err := balancers.verdict(ctx, *g, i)
			o.glanced.verdicts[i.ID] = v
			return v, err
		}
		if err := o.health.count(g, instances, o.config.MinHealthyTime, judge); err != nil {
			return w, fmt.Errorf("%s (%s): %w", g.Name, g.ID, err)
		}
		if zero && len(instances) == 0 {
			// What this run has seen running is not gone as long as it serves, or drains and EC2 calls it running.
			if g.Instances, err = o.leaving(ctx, balancers, *g); err != nil {
				return w, fmt.Errorf("%s (%s): %w", g.Name, g.ID, err)
			}
			o.empty[g.ID] = g.Instances == 0
		}
	}
	return w, nil
}

// instances lists those of a group. That there are none is believed when it is said twice: Spot answers without items now and
// then, and what is empty may be deleted, and what does not serve is no loss. What a glance has just been answered is said once.
func (o *Observer) instances(ctx context.Context, g rollout.Group, glanced map[string][]Instance) ([]Instance, error) {
	instances, known := glanced[g.ID]
	var err error
	if !known {
		instances, err = instancesOf(ctx, o.config.Spot, g)
	}
	_, made := o.made[g.ID]
	if err != nil || len(instances) > 0 || made && len(o.health.launched[g.ID]) == 0 {
		return instances, err
	}
	return instancesOf(ctx, o.config.Spot, g)
}

// instancesOf lists the instances of a group, with Spot's word on them where it counts.
func instancesOf(ctx context.Context, spot Elastigroups, g rollout.Group) ([]Instance, error) {
	if g.Balanced() {
		return spot.Instances(ctx, g.ID)
	}
	return spot.JudgedInstances(ctx, g.ID)
}

// balancerWords asks every balancer once an observation, however many groups register with it.
type balancerWords struct {
	clouds  Balancers
	targets map[string][]Target
}

// verdict tells whether an instance is in service at every balancer of its group; by Spot's word if the group has none.
func (b balancerWords) verdict(ctx context.Context, g rollout.Group, i Instance) (verdict, error) {
	if !g.Balanced() {
		v := verdict{serves: i.Health == "HEALTHY", unhealthy: i.Health == unhealthyAtSpot, state: spotsWord(i)}
		if v.unhealthy {
			v.words = []string{spotsWord(i)}
		}
		return v, nil
	}
	for _, balancer := range slices.Concat(g.TargetGroups, g.LoadBalancers) {
		where := balancer
		if slices.Contains(g.TargetGroups, balancer) {
			where = rollout.TargetGroupName(balancer)
		}
		targets, err := b.ask(ctx, g, balancer)
		if err != nil {
			return verdict{}, err
		}
		if inService(targets, i.ID) {
			continue
		}
		v := verdict{unhealthy: b.unhealthy(g, i), state: "not registered in " + where}
		for _, t := range targets {
			if t.Instance != i.ID || t.InService {
				continue
			}
			v.state = t.State
			if unhealthy(t) {
				v.words = append(v.words, wordsOf(t, where))
			}
		}
		return v, nil
	}
	return verdict{serves: true}, nil
}

// leaving counts the known instances of a group that Spot lists no more and that are there all the same: a balancer has them in service, or
// has them drain while EC2 calls them running. Draining alone says nothing: a target drains for its deregistration delay, however long its
// instance has been gone. Where EC2 cannot be asked, Spot's word counts.
func (o *Observer) leaving(ctx context.Context, b balancerWords, g rollout.Group) (int, error) {
	serving, draining, err := b.leaving(ctx, g, o.health.launched[g.ID])
	if err != nil || len(draining) == 0 || o.config.Machines == nil {
		return len(serving), err
	}
	for id := range serving {
		delete(draining, id)
	}
	running, err := o.config.Machines.Running(ctx, slices.Sorted(maps.Keys(draining)))
	if err != nil {
		return len(serving), nil //nolint:nilerr // credentials need not be allowed to ask EC2
	}
	return len(serving) + len(running), nil
}

// leaving are the known instances of a group that one of its balancers has in service, and those that it has drain.
func (b balancerWords) leaving(ctx context.Context, g rollout.Group, known map[string]bool) (serving, draining map[string]bool, err error) {
	serving, draining = map[string]bool{}, map[string]bool{}
	if len(known) == 0 {
		return serving, draining, nil
	}
	for _, balancer := range slices.Concat(g.TargetGroups, g.LoadBalancers) {
		targets, err := b.ask(ctx, g, balancer)
		if err != nil && !errors.Is(err, ErrGone) {
			return nil, nil, err
		}
		for _, t := range targets {
			switch {
			case !known[t.Instance]:
			case t.InService:
				serving[t.Instance] = true
			case t.State == "draining":
				draining[t.Instance] = true
			}
		}
	}
	return serving, draining, nil
}

// unhealthy tells whether a balancer that was asked calls an instance unhealthy.
func (b balancerWords) unhealthy(g rollout.Group, i Instance) bool {
	for _, balancer := range slices.Concat(g.TargetGroups, g.LoadBalancers) {
		for _, t := range b.targets[balancer] {
			if t.Instance == i.ID && unhealthy(t) {
				return true
			}
		}
	}
	return false
}

// unhealthy tells whether a target has failed its checks, as opposed to one that is new, leaving or not in use.
func unhealthy(t Target) bool {
	// A classic balancer blames itself (ELB) for an instance that is only being registered.
	return !t.InService && (t.State == "unhealthy" || t.State == "OutOfService" && t.Reason != "ELB")
}

// askAll asks every balancer of a group.
func (b balancerWords) askAll(ctx context.Context, g rollout.Group) error {
	for _, balancer := range slices.Concat(g.TargetGroups, g.LoadBalancers) {
		if _, err := b.ask(ctx, g, balancer); err != nil {
			return err
		}
	}
	return nil
}

// ask asks a balancer of a group, if nobody has asked it yet.
func (b balancerWords) ask(ctx context.Context, g rollout.Group, balancer string) ([]Target, error) {
	if targets, ok := b.targets[balancer]; ok {
		return targets, nil
	}
	call := b.clouds.ClassicHealth
	if slices.Contains(g.TargetGroups, balancer) {
		call = b.clouds.TargetHealth
	}
	targets, err := call(ctx, balancer)
	if err == nil {
		b.targets[balancer] = targets
	}
	return targets, err
}

// unhealthyAtSpot is Spot's word for an instance that has failed its checks. Its others are HEALTHY, INSUFFICIENT_DATA and UNKNOWN.
const unhealthyAtSpot = "UNHEALTHY"

// wordsOf is a balancer's word on a target.
func wordsOf(t Target, where string) string {
	return strings.Join(strings.Fields(fmt.Sprintf("%s in %s: %s %s", t.State, where, t.Reason, t.Description)), " ")
}

// inService tells whether an instance is registered and in service, on every port that it is registered with.
func inService(targets []Target, instance string) bool {
	found := false
	for _, t := range targets {
		if t.Instance == instance {
			if !t.InService {
				return false
			}
			found = true
		}
	}
	return found
}
