package runner

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// healthTracker is what a run knows of instances from one look to the next: since when each has been in service, which were in service
// once, what was said of those that were not, and which are gone.
type healthTracker struct {
	since     map[string]time.Time       // when an instance was first seen in service, and has been ever since
	served    map[string]bool            // instances that were in service once
	serving   map[string]map[string]int  // instances of each group that came into service, and nothing was said against since: what each counts for
	launched  map[string]map[string]bool // instances of each group that were seen
	reclaimed map[string]int             // what is gone of those that served, in the unit of the group, though nobody shrank it
	unhealthy map[string]map[string]bool // what was said of a group's instances that failed their checks
	lacking   map[string]map[string]int  // what was said in the last look of a group's instances that are not in service, and of how many
}

func newHealthTracker() *healthTracker {
	return &healthTracker{
		since: map[string]time.Time{}, served: map[string]bool{}, serving: map[string]map[string]int{},
		launched: map[string]map[string]bool{}, reclaimed: map[string]int{}, unhealthy: map[string]map[string]bool{},
		lacking: map[string]map[string]int{},
	}
}

// verdict is what is said of an instance in one look.
type verdict struct {
	serves    bool     // it is in service
	unhealthy bool     // it has failed its checks
	words     []string // on those
	state     string   // why it is not in service, in a word
}

// count fills in how much of a group exists, is in service, has been so for as long as it has to be, and has turned unhealthy.
func (h *healthTracker) count(g *rollout.Group, instances []Instance, steadyAfter time.Duration, judge func(Instance) (verdict, error)) error {
	now := time.Now()
	serving, gone := map[string]int{}, 0
	lacking := map[string]int{}
	h.lacking[g.ID] = lacking
	for _, counts := range h.serving[g.ID] {
		gone += counts
	}
	for _, i := range instances {
		gone -= h.serving[g.ID][i.ID]
		unit := counts(*g, i)
		g.Instances += unit
		if i.ID == "" {
			lacking[notLaunched] += unit
			continue
		}
		h.launch(g.ID, i.ID)
		v, err := judge(i)
		if err != nil {
			return err
		}
		if !v.serves {
			delete(h.since, i.ID)
			lacking[v.reason()] += unit
			leaves := strings.Contains(i.State, reclaiming)
			if !leaves {
				h.keep(g.ID, v.words)
			}
			switch {
			case !h.served[i.ID]:
			case !leaves && v.unhealthy:
				g.Failing += unit
			case h.serving[g.ID][i.ID] > 0:
				// One that is about to be reclaimed drains, or fails its checks too, and has nothing wrong with it.
				serving[i.ID] = unit
			}
			continue
		}
		g.InService += unit
		h.served[i.ID], serving[i.ID] = true, unit
		if _, ok := h.since[i.ID]; !ok {
			h.since[i.ID] = now
		}
		if now.Sub(h.since[i.ID]) >= steadyAfter {
			g.Steady += unit
		}
	}
	// What was in service, was never called unhealthy and does not exist any more was taken by the market.
	h.reclaimed[g.ID] += gone
	h.serving[g.ID] = serving
	roundUp(g)
	return nil
}

// notLaunched is said of an instance that is only asked for.
const notLaunched = "not launched yet"

// reason is why an instance is not in service: what its failed checks say, or its state.
func (v verdict) reason() string {
	if len(v.words) > 0 {
		return v.words[0]
	}
	return v.state
}

// reasons are those of a group in the last look, the most frequent first.
func (h *healthTracker) reasons(group string) []event.Reason {
	var all []event.Reason
	for reason, n := range h.lacking[group] {
		all = append(all, event.Reason{Reason: reason, Count: n})
	}
	slices.SortFunc(all, func(a, b event.Reason) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reason, b.Reason))
	})
	return all[:min(len(all), mostWords)]
}

// launch notes that an instance of a group was there.
func (h *healthTracker) launch(group, instance string) {
	if h.launched[group] == nil {
		h.launched[group] = map[string]bool{}
	}
	h.launched[group][instance] = true
}

// keep keeps what is said of an instance that failed its checks: by the time that a wait runs out, Spot may have replaced it, and the
// replacement has not been asked yet.
func (h *healthTracker) keep(group string, words []string) {
	for _, word := range words {
		if h.unhealthy[group] == nil {
			h.unhealthy[group] = map[string]bool{}
		}
		h.unhealthy[group][word] = true
	}
}

// changes is that the run changes a group: what goes now is not reclaimed.
func (h *healthTracker) changes(group string) {
	delete(h.serving, group)
	delete(h.reclaimed, group)
}

// unserved are the instances of a group that were launched and were never in service.
func (h *healthTracker) unserved(group string) []string {
	var ids []string
	for id := range h.launched[group] {
		if !h.served[id] {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
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
