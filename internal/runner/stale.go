package runner

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Spot's list may be a while behind: it shows a group as it was before the last change, and then it may not. A run that took that for
// the world would do again what it did before, to a group that is long past it. So a run remembers what it wrote and what stood
// there before; an answer that shows the older one is not believed until it has been given for a while, when it is another hand's.
const (
	mostStale    = 10              // looks in a row
	staleAfter   = 2 * time.Minute // for how long after a change an older answer may come
	staleStep    = 500 * time.Millisecond
	longestStale = 4 * time.Second
)

// written is what a run did to one group: what it wrote last, and what it saw there before.
type written struct {
	at         time.Time
	capacity   *rollout.Capacity
	capacities []rollout.Capacity
	tags       map[string]string
	journals   []map[string]string
}

// wrote notes a change that was taken.
func (r *Run) wrote(s rollout.Step) {
	if s.Kind == rollout.Create || s.Kind == rollout.Delete || s.Kind == rollout.Shift {
		return // the groups that were made and deleted are remembered by their IDs, and routes are read until they show
	}
	w := r.written[s.Group.ID]
	if w == nil {
		w = &written{}
		r.written[s.Group.ID] = w
	}
	w.at = time.Now()
	switch s.Kind {
	case rollout.Resize:
		w.capacities = append(w.capacities, s.Group.Capacity)
		w.capacity = &s.Capacity
	case rollout.Record, rollout.Remember:
		w.journals = append(w.journals, rollout.OwnTags(s.Group.Tags))
		w.tags = rollout.OwnTags(s.Group.With(s.Tags()))
	}
}

// stale tells whether a look shows a group as it was before this run changed it.
func (r *Run) stale(w rollout.World) bool {
	for _, g := range w.Groups {
		wrote := r.written[g.ID]
		if wrote == nil || time.Since(wrote.at) > staleAfter {
			continue
		}
		if c := wrote.capacity; c != nil && !g.Capacity.SameBounds(*c) && slices.Contains(wrote.capacities, g.Capacity) {
			return true
		}
		tags := rollout.OwnTags(g.Tags)
		if wrote.tags != nil && !maps.Equal(tags, wrote.tags) &&
			slices.ContainsFunc(wrote.journals, func(was map[string]string) bool { return maps.Equal(was, tags) }) {
			return true
		}
	}
	return false
}

// doubts waits for another answer where a look shows what is past. It answers false when the look is to be believed.
func (r *Run) doubts(ctx context.Context, w rollout.World) bool {
	if !r.stale(w) {
		r.doubted = 0
		return false
	}
	if r.doubted++; r.doubted > mostStale {
		r.doubted = 0
		clear(r.written) // it stays so: somebody has put it back
		return false
	}
	r.Log(ctx, "an answer is behind", map[string]any{"times": r.doubted})
	pause(ctx, min(time.Duration(r.doubted)*staleStep, longestStale))
	return true
}
