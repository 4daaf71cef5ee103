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
// there before; an answer that shows the older one is not believed until it has been given for a while, when it is someone else's doing.
const (
	mostStale    = 10              // looks in a row
	staleAfter   = 2 * time.Minute // for how long after a change an older answer may come
	staleStep    = 500 * time.Millisecond
	longestStale = 4 * time.Second
)

// staleness tells whether a look shows what is past. Its zero value is that of a run that has changed nothing.
type staleness struct {
	written map[string]*written // what was done to each group
	looks   int                 // in a row that show what is past
}

// written is what a run did to one group: what it wrote last, and what it saw there before.
type written struct {
	at         time.Time
	capacity   *rollout.Capacity
	capacities []rollout.Capacity
	tags       map[string]string
	journals   []map[string]string
	switches   *switches
	switched   []switches
}

// switches are what of a group's schedules and policies is on, and what is off by a rollout.
type switches struct{ on, paused rollout.Movers }

func switchesOf(a rollout.Automation) switches { return switches{a.On, a.Paused} }

// wrote notes a change that was taken.
func (t *staleness) wrote(s rollout.Step) {
	if s.Kind == rollout.Create || s.Kind == rollout.Delete || s.Kind == rollout.Shift {
		return // the groups that were made and deleted are remembered by their IDs, and routes are read until they show
	}
	w := t.written[s.Group.ID]
	if w == nil {
		if t.written == nil {
			t.written = map[string]*written{}
		}
		w = &written{}
		t.written[s.Group.ID] = w
	}
	w.at = time.Now()
	if after := switchesOf(s.Automation()); after != switchesOf(s.Group.Automation) {
		w.switched = append(w.switched, switchesOf(s.Group.Automation))
		w.switches = &after
	}
	switch s.Kind {
	case rollout.Resize:
		w.capacities = append(w.capacities, s.Group.Capacity)
		w.capacity = &s.Capacity
	case rollout.Record, rollout.Remember:
		w.journals = append(w.journals, journalTags(s.Group.Tags))
		w.tags = journalTags(s.Group.With(s.Tags()))
	}
}

// journalTags are what records and notes write; the tag of what is switched off goes with the switches.
func journalTags(tags map[string]string) map[string]string {
	own := rollout.OwnTags(tags)
	delete(own, rollout.PausedTag)
	return own
}

// behind tells whether a look shows a group as it was before this run changed it.
func (t *staleness) behind(w rollout.World) bool {
	for _, g := range w.Groups {
		wrote := t.written[g.ID]
		if wrote == nil || time.Since(wrote.at) > staleAfter {
			continue
		}
		if c := wrote.capacity; c != nil && !g.Capacity.SameBounds(*c) && slices.Contains(wrote.capacities, g.Capacity) {
			return true
		}
		if is := switchesOf(g.Automation); wrote.switches != nil && is != *wrote.switches && slices.Contains(wrote.switched, is) {
			return true
		}
		tags := journalTags(g.Tags)
		if wrote.tags != nil && !maps.Equal(tags, wrote.tags) &&
			slices.ContainsFunc(wrote.journals, func(was map[string]string) bool { return maps.Equal(was, tags) }) {
			return true
		}
	}
	return false
}

// outdated tells whether a look is not to be believed, and how long to wait for another answer then. What is shown for long enough is
// believed: somebody has put it back.
func (t *staleness) outdated(w rollout.World) (wait time.Duration, outdated bool) {
	if !t.behind(w) {
		t.looks = 0
		return 0, false
	}
	if t.looks++; t.looks > mostStale {
		t.looks = 0
		clear(t.written)
		return 0, false
	}
	return min(time.Duration(t.looks)*staleStep, longestStale), true
}

// outdated waits for another answer where a look shows what is past. It answers false when the look is to be believed.
func (r *Run) outdated(ctx context.Context, w rollout.World) bool {
	wait, outdated := r.stale.outdated(w)
	if outdated {
		r.notice(ctx, "answer_behind", "Spot's list shows groups as they were before they were changed; it is asked again", r.stale.looks, nil)
		pause(ctx, wait)
	}
	return outdated
}
