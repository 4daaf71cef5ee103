package timeline

import (
	"hash/maphash"
	"slices"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
)

// Timeline is what is known of all rollouts whose events were added. Its zero value knows of none. It is not safe for concurrent use.
type Timeline struct {
	rollouts []*Rollout
	seen     map[uint64]struct{} // events that were added, so that each counts once
	seed     maphash.Seed
}

// Add takes an event. It tells whether it was new.
func (t *Timeline) Add(e event.Event) bool {
	line, err := e.MarshalJSON()
	if err != nil {
		return false
	}
	if t.seen == nil {
		t.seen, t.seed = map[uint64]struct{}{}, maphash.MakeSeed()
	}
	sum := maphash.Bytes(t.seed, line)
	if _, twice := t.seen[sum]; twice {
		return false
	}
	t.seen[sum] = struct{}{}
	t.of(e).add(e)
	return true
}

// of is the rollout of an event: that of its run, or a new one. Events without a run, of somebody else's making, are taken for one run
// until it ends.
func (t *Timeline) of(e event.Event) *Rollout {
	for _, r := range slices.Backward(t.rollouts) {
		if r.Deployment == e.Deployment && r.Run == e.Run && (e.Run != "" || r.End == nil) {
			return r
		}
	}
	r := &Rollout{Deployment: e.Deployment, Run: e.Run, Began: e.Time}
	for _, earlier := range t.rollouts {
		if earlier.Deployment == r.Deployment && earlier.End == nil {
			earlier.CutShort = true
			earlier.stop(earlier.Updated)
		}
	}
	t.rollouts = append(t.rollouts, r)
	return r
}

// Rollouts are all rollouts, in the order in which they began to be heard of. Nothing of them may be changed.
func (t *Timeline) Rollouts() []*Rollout { return slices.Clone(t.rollouts) }

// Latest is the rollout of each deployment that runs, or else its last one, in the order in which the deployments were first heard of.
func (t *Timeline) Latest() []*Rollout {
	var latest []*Rollout
	for _, r := range t.rollouts {
		i := slices.IndexFunc(latest, func(l *Rollout) bool { return l.Deployment == r.Deployment })
		switch {
		case i < 0:
			latest = append(latest, r)
		case r.Running() || !latest[i].Running(): // a second apply may be refused while the first goes on
			latest[i] = r
		}
	}
	return latest
}

// Over tells whether every rollout has ended or was cut short. It is false where none is known.
func (t *Timeline) Over() bool {
	return len(t.rollouts) > 0 && !slices.ContainsFunc(t.rollouts, func(r *Rollout) bool { return r.Running() })
}

// Forget drops what is over but for the last of each deployment, and at most keep of these, so that whoever follows for weeks does not
// grow without end.
func (t *Timeline) Forget(keep int) {
	latest := t.Latest()
	over := 0
	for _, r := range slices.Backward(latest) {
		if r.Running() {
			continue
		}
		if over++; over > keep {
			latest = slices.DeleteFunc(latest, func(l *Rollout) bool { return l == r })
		}
	}
	if len(latest) < len(t.rollouts) {
		t.rollouts = slices.DeleteFunc(t.rollouts, func(r *Rollout) bool { return !slices.Contains(latest, r) })
	}
	if len(t.seen) > mostSeen {
		clear(t.seen) // what is read again after that much is new
	}
}

// mostSeen is how many events are remembered for telling what comes twice, in a timeline that forgets.
const mostSeen = 200_000
