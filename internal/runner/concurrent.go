package runner

import (
	"context"
	"fmt"
	"slices"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// concurrentChange stops the run if someone else has changed what it relies on: since the plan, or since the last look.
func (r *Run) concurrentChange(ctx context.Context, w rollout.World) *Result {
	if w.Begun = r.progress.begun(); rollout.Foreign(r.Deployment, w) != "" {
		return nil // what is next says whose it is by now
	}
	if r.seen == nil {
		if r.Planned == nil {
			return nil
		}
		moved := rollout.Moved(*r.Planned, w)
		if moved == "" {
			return nil
		}
		r.seen = &w
		next := "Plan again"
		if r.Deployment.NothingNew {
			next = "If it is still wanted, do the same once more"
		}
		return r.end(ctx, Refused, fmt.Errorf("someone else has changed deployment %q since it was planned: %s. Nothing was touched. %s", r.Deployment.Name, moved, next))
	}
	moved := rollout.Moved(*r.seen, w)
	if r.moved {
		if moved = r.vanished(w); moved == "" {
			moved = r.overruled(w)
		}
	}
	if moved == "" {
		return nil
	}
	w, moved = r.lookedAtAgain(ctx, w, moved)
	r.seen = &w
	next := "Find out who else releases it, and apply again"
	if r.Deployment.Creates {
		next = fmt.Sprintf("If another state creates it, import it when it is live (terraform import ADDRESS %s), or give this deployment another name", r.Deployment.Name)
	}
	return r.end(ctx, Interrupted, fmt.Errorf("someone else is changing deployment %q at the same time: %s. The rollout stopped there. %s %s",
		r.Deployment.Name, moved, r.standing(), next))
}

// lookedAtAgain is what somebody else has changed, by a look that began after it was seen: groups are read before routes, so that traffic which an
// abort or another run has moved is seen before what it has written on the candidate, which says why.
func (r *Run) lookedAtAgain(ctx context.Context, w rollout.World, moved string) (rollout.World, string) {
	later, err := r.observe(ctx)
	if err != nil {
		return w, moved
	}
	if now := r.overruled(later); now != "" {
		return later, now
	}
	return w, moved
}

// overruled says that somebody else has decided about the candidate since the last look, beside what this run has written itself.
func (r *Run) overruled(w rollout.World) string {
	was, is := rollout.RolesOf(*r.seen).Candidate, rollout.RolesOf(w).Candidate
	if was == nil || is == nil || was.ID != is.ID {
		return ""
	}
	before, _ := was.Journal()
	now, _ := is.Journal()
	if slices.ContainsFunc(append(r.wrote, before), func(known rollout.Journal) bool { return rollout.Overruled(known, now) == "" }) {
		return ""
	}
	return fmt.Sprintf("%s (%s, %s) %s", is.Name, is.ID, is.ImageID, rollout.Overruled(before, now))
}

// vanished says that the live revision or the candidate is gone, which no change of a rollout's own brings about: without the one
// a candidate would be taken for the only one, and without the other it would be made again.
func (r *Run) vanished(w rollout.World) string {
	if r.Deployment.Gone {
		return ""
	}
	roles := rollout.RolesOf(*r.seen)
	gone := func(g *rollout.Group) bool {
		return g != nil && !r.deleted[g.ID] && !slices.ContainsFunc(w.Groups, func(there rollout.Group) bool { return there.ID == g.ID })
	}
	switch {
	case gone(roles.Live):
		return fmt.Sprintf("the live revision %s (%s) is gone", roles.Live.Name, roles.Live.ID)
	case gone(roles.Candidate):
		return fmt.Sprintf("the revision being rolled out, %s (%s), is gone", roles.Candidate.Name, roles.Candidate.ID)
	}
	return ""
}
