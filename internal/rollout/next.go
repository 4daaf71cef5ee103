package rollout

import (
	"fmt"
	"strings"
)

// Next is the next step from a world towards what is wanted. It is pure: the same deployment and world always give the
// same step, so that a run which was killed goes on where the world stands.
func Next(d Deployment, w World) Step {
	c := CastOf(w)
	switch {
	case d.Gone:
		return destroy(c)
	case len(c.Strays) > 0:
		// A create whose answer was lost and that was made again. The copy that got further is the candidate.
		return remove(c.Strays[0], Back, "a second copy")
	case c.Candidate == nil && d.released(c):
		return settle(d, c)
	case c.Candidate == nil:
		return begin(d, w, c)
	case w.Failure != nil && w.Failure.Release == d.Release && c.journal.Verdict == RollingOut && c.journal.Release == d.Release:
		return fail(d, w, c)
	case c.journal.Verdict == Failed || c.journal.Release != d.Release:
		return back(d, c)
	}
	return forward(d, c)
}

// released tells whether the live revision is of the wanted release.
func (d Deployment) released(c Cast) bool {
	if c.Live == nil {
		return false
	}
	if j, ok := c.Live.Journal(); ok {
		return j.Release == d.Release
	}
	return d.Adopted != "" && d.Adopted == c.Live.ID
}

// begin creates the candidate at zero, with everything in its journal that a later process has to know.
func begin(d Deployment, w World, c Cast) Step {
	if w.Failure != nil && w.Failure.Release == d.Release {
		return Step{Kind: GiveUp, Why: w.Failure.Reason}
	}
	g := Group{Revision: w.next(), ImageID: d.ImageID, TargetGroups: d.TargetGroups}
	g.Name = Name(d.Name, g.Revision)
	if s, refused := inTheWay(d, w, g.Name); refused {
		return s
	}
	j := Journal{Deployment: d.Name, Revision: g.Revision, Release: d.Release, Verdict: RollingOut, Retain: d.Retain}
	if c.Live != nil {
		j.Previous, j.PreviousCapacity = c.Live.ID, c.Live.Capacity
	}
	return Step{Kind: Create, Phase: Setup, Group: g, Journal: j}
}

// inTheWay refuses to start a history beside one that others made, and to make a second group of a name.
func inTheWay(d Deployment, w World, name string) (Step, bool) {
	var names []string
	for _, g := range w.Strangers {
		if len(w.Groups) == 0 || g.Name == name {
			names = append(names, fmt.Sprintf("%s (%s)", g.Name, g.ID))
		}
	}
	if len(names) == 0 {
		return Step{}, false
	}
	return Step{Kind: Refuse, Why: fmt.Sprintf("there is %s already, which deployment %q did not make. "+
		"If it belongs to the deployment, import it (terraform import ADDRESS %s); otherwise rename it, or name the deployment otherwise",
		strings.Join(names, ", "), d.Name, d.Name)}, true
}

// forward brings the candidate to its full capacity and takes the live revision's place.
func forward(d Deployment, c Cast) Step {
	candidate, live := *c.Candidate, c.Live
	for _, g := range c.Others {
		if g.Capacity.Target > 0 {
			return Step{Kind: Resize, Phase: Setup, Group: g, Why: "left over from an earlier release"}
		}
	}
	if live != nil && c.untouched() && live.Capacity != c.journal.PreviousCapacity {
		// An autoscaler has moved it since the candidate was created, and nothing was taken from it yet: what it has now
		// is what has to be matched, and what it gets back.
		j := c.journal
		j.PreviousCapacity = live.Capacity
		return Step{Kind: Record, Phase: Deploy, Group: candidate, Journal: j, Why: "the previous revision's capacity has moved"}
	}

	final := d.final(c)
	replaced := live == nil || live.Capacity == Capacity{}
	if d.ResizeOrder == PreviousFirst && live != nil {
		if !replaced {
			return Step{Kind: Resize, Phase: Deploy, Group: *live}
		}
		if live.Instances > 0 && candidate.Capacity.Target == 0 {
			// What the previous revision holds (addresses, volumes, licences) is free only when its instances are gone.
			return Step{Kind: AwaitEmpty, Phase: Deploy, Group: *live}
		}
	}

	grown := candidate.Capacity == Pin(final.Target) || replaced && candidate.Capacity.SameBounds(final)
	if !grown {
		return Step{Kind: Resize, Phase: Deploy, Group: candidate, Capacity: Pin(final.Target)}
	}
	// An autoscaler may have it once it has its own bounds; then what it wants now is what counts.
	if need := d.required(min(final.Target, candidate.Capacity.Target)); candidate.Steady < need {
		return Step{Kind: AwaitHealthy, Phase: Deploy, Group: candidate, Count: need}
	}
	if !replaced {
		return Step{Kind: Resize, Phase: Deploy, Group: *live}
	}
	if !candidate.Capacity.SameBounds(final) {
		return Step{Kind: Resize, Phase: Deploy, Group: candidate, Capacity: final, Why: "its own minimum and maximum"}
	}
	j := c.journal
	j.Verdict, j.Retain = Proven, d.Retain
	return Step{Kind: Record, Phase: After, Group: candidate, Journal: j, Why: "proven"}
}

// final is the capacity that the candidate is to have in the end.
func (d Deployment) final(c Cast) Capacity {
	switch {
	case d.Capacity != nil:
		return *d.Capacity
	case c.Live != nil && c.Candidate != nil && c.journal.Previous == c.Live.ID:
		return c.journal.PreviousCapacity
	case c.Live != nil:
		return c.Live.Capacity
	}
	return d.OwnCapacity
}

// untouched tells whether the live revision still has the room that it had before the rollout. Whatever a rollout does to
// it changes its bounds too, so where these are the same only an autoscaler has moved it.
func (c Cast) untouched() bool {
	return c.journal.Previous == c.Live.ID && c.Live.Capacity.SameBounds(c.journal.PreviousCapacity)
}

// settle does what is left to do around a live revision that is the wanted one.
func settle(d Deployment, c Cast) Step {
	live := *c.Live
	if j, ok := live.Journal(); ok {
		// What its own rollout meant to keep: a lower retain in the configuration is for the next rollout.
		if surplus := c.surplus(j.Retain); len(surplus) > 0 {
			s := remove(surplus[0], After, "")
			s.Lenient = s.Waits()
			return s
		}
	}
	for _, g := range c.Others {
		if g.Capacity.Target == 0 && g.Instances > 0 {
			return Step{Kind: AwaitEmpty, Phase: After, Group: g, Lenient: true}
		}
	}
	if d.Capacity == nil {
		return Step{Kind: Done}
	}
	wanted := *d.Capacity
	asked := d.Given == nil || *d.Given != wanted
	if !asked {
		// Where the target stands between the bounds is the autoscaler's business.
		wanted.Target = min(max(live.Capacity.Target, wanted.Minimum), wanted.Maximum)
	}
	if live.Capacity != wanted {
		return Step{Kind: Resize, Phase: InPlace, Group: live, Capacity: wanted}
	}
	if need := d.required(wanted.Target); asked && live.Steady < need {
		return Step{Kind: AwaitHealthy, Phase: InPlace, Group: live, Count: need}
	}
	return Step{Kind: Done}
}
