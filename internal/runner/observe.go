package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Observe is Look with the instances of every group that has or may have some, and how many are in service.
func (r *Run) Observe(ctx context.Context) (rollout.World, error) {
	w, err := r.Look(ctx)
	if err != nil {
		return w, err
	}
	if err := r.LookAtRoutes(ctx, &w); err != nil {
		return w, err
	}
	balancers := balancerWords{run: r, targets: map[string][]Target{}}
	for i := range w.Groups {
		g := &w.Groups[i]
		if g.TargetGroups == nil {
			g.TargetGroups = []string{} // none, as opposed to not known
		}
		zero := g.Capacity == rollout.Capacity{}
		if zero && r.empty[g.ID] {
			continue
		}
		instances, err := r.instances(ctx, g.ID)
		if errors.Is(err, ErrGone) {
			continue
		}
		if err != nil {
			return w, fmt.Errorf("%s (%s): %w", g.Name, g.ID, err)
		}
		r.empty[g.ID] = zero && len(instances) == 0
		if err := r.count(ctx, g, instances, balancers); err != nil {
			return w, fmt.Errorf("%s (%s): %w", g.Name, g.ID, err)
		}
	}
	return w, nil
}

// instances lists those of a group. That there are none is believed when it is said twice: Spot answers without items now and
// then, and what is empty may be deleted, and what does not serve is no loss.
func (r *Run) instances(ctx context.Context, id string) ([]Instance, error) {
	instances, err := r.Spot.Instances(ctx, id)
	if err != nil || len(instances) > 0 {
		return instances, err
	}
	return r.Spot.Instances(ctx, id)
}

// count fills in how much of a group exists, is in service, and has been so for long enough.
func (r *Run) count(ctx context.Context, g *rollout.Group, instances []Instance, words balancerWords) error {
	now := time.Now()
	serving, gone := map[string]int{}, 0
	for _, counts := range r.serving[g.ID] {
		gone += counts
	}
	for _, i := range instances {
		gone -= r.serving[g.ID][i.ID]
		unit := counts(*g, i)
		g.Instances += unit
		if i.ID == "" {
			continue
		}
		r.sees(g.ID, i.ID)
		serves, err := words.serves(ctx, *g, i)
		if err != nil {
			return err
		}
		if !serves {
			delete(r.since, i.ID)
			switch {
			case !r.served[i.ID]:
			case !strings.Contains(i.State, reclaiming) && words.unwell(*g, i):
				g.Failing += unit
			case r.serving[g.ID][i.ID] > 0:
				// One that is about to be reclaimed drains, or fails its checks too, and has nothing wrong with it.
				serving[i.ID] = unit
			}
			continue
		}
		g.InService += unit
		r.served[i.ID], serving[i.ID] = true, unit
		if _, ok := r.since[i.ID]; !ok {
			r.since[i.ID] = now
		}
		if now.Sub(r.since[i.ID]) >= r.MinHealthyTime {
			g.Steady += unit
		}
	}
	// What was in service, was never called unhealthy and does not exist any more was taken by the market.
	r.reclaimed[g.ID] += gone
	r.serving[g.ID] = serving
	roundUp(g)
	return nil
}

// counts is what an instance counts for in the unit of its group. Spot's documentation: one that has no weight written counts for
// its vCPUs (https://docs.spot.io/elastigroup/, on instance weights).
func counts(g rollout.Group, i Instance) int {
	if g.Unit.Name == "" {
		return 1
	}
	if weight, ok := g.Weights[i.Type]; ok {
		return weight
	}
	return max(i.VCPUs, 1)
}

// roundUp takes a group for full that is as full as whole instances make it: one that is to have 16, of instances that count 3, and
// has 15, waits for nothing. It is in service as a whole if all there is of it is.
func roundUp(g *rollout.Group) {
	target := g.Capacity.Target
	if g.Instances >= target || !g.Unit.Enough(g.Instances, target) {
		return
	}
	for _, n := range []*int{&g.Steady, &g.InService} {
		if *n == g.Instances {
			*n = target
		}
	}
	g.Instances = target
}

// reclaiming is in the state of an instance that the market takes back: "marked-for-termination", or from the notice on, where it is
// for want of capacity, "instance-terminated-no-capacity". That Elastigroup's status shows AWS's own codes is taken from its
// example, "fulfilled", alone.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-request-status.html
const reclaiming = "terminat"

// balancerWords asks every balancer once an observation, however many groups register with it.
type balancerWords struct {
	run     *Run
	targets map[string][]Target
}

// serves tells whether an instance is in service at every balancer of its group; by Spot's word if the group has none.
func (b balancerWords) serves(ctx context.Context, g rollout.Group, i Instance) (bool, error) {
	if len(g.TargetGroups)+len(g.LoadBalancers) == 0 {
		if i.Health == unhealthyAtSpot && !strings.Contains(i.State, reclaiming) {
			b.run.rememberWord(g, spotsWord(i))
		}
		return i.Health == "HEALTHY", nil
	}
	for _, arn := range g.TargetGroups {
		targets, err := b.ask(ctx, arn, b.run.Balancers.TargetHealth)
		if err != nil || !inService(targets, i.ID) {
			b.run.remember(g, i, rollout.TargetGroupName(arn), targets)
			return false, err
		}
	}
	for _, name := range g.LoadBalancers {
		targets, err := b.ask(ctx, name, b.run.Balancers.ClassicHealth)
		if err != nil || !inService(targets, i.ID) {
			b.run.remember(g, i, name, targets)
			return false, err
		}
	}
	return true, nil
}

// unwell tells whether a balancer that was asked calls an instance unhealthy; Spot, if the group has none.
func (b balancerWords) unwell(g rollout.Group, i Instance) bool {
	if len(g.TargetGroups)+len(g.LoadBalancers) == 0 {
		return i.Health == unhealthyAtSpot
	}
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

func (b balancerWords) ask(ctx context.Context, balancer string, call func(context.Context, string) ([]Target, error)) ([]Target, error) {
	if targets, ok := b.targets[balancer]; ok {
		return targets, nil
	}
	targets, err := call(ctx, balancer)
	if err == nil {
		b.targets[balancer] = targets
	}
	return targets, err
}

// remember keeps what a balancer says of an instance that failed its checks: by the time that a wait runs out, Spot may have
// replaced it, and the replacement has not been asked yet.
func (r *Run) remember(g rollout.Group, i Instance, where string, targets []Target) {
	for _, t := range targets {
		if t.Instance != i.ID || !unhealthy(t) || strings.Contains(i.State, reclaiming) {
			continue
		}
		r.rememberWord(g, wordsOf(t, where))
	}
}

func (r *Run) rememberWord(g rollout.Group, word string) {
	if r.unhealthy[g.ID] == nil {
		r.unhealthy[g.ID] = map[string]bool{}
	}
	r.unhealthy[g.ID][word] = true
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
