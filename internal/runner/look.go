package runner

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Look lists the groups of the deployment, without their instances: what a refresh needs. A group that is known (see Adopted) is
// missing only if Spot says of its ID that it does not exist. What may be one of the deployment's and cannot be read is an error.
func (o *Observer) Look(ctx context.Context) (rollout.World, error) {
	var w rollout.World
	groups, err := o.config.Spot.Groups(ctx)
	if err != nil {
		return w, err
	}
	known := o.known()
	asked := maps.Clone(known)
	o.lacking, o.nothing = "", len(groups) == 0
	for _, g := range groups {
		switch {
		case g.Unreadable == "":
			if err := o.sort(g, &w); err != nil {
				return w, err
			}
		case !o.mayBeOurs(g, known):
			o.exclude(g)
		case g.ID == "":
			return w, &EntryError{Deployment: o.config.Deployment.Name, Unreadable: g.Unreadable}
		default:
			asked[g.ID] = true // it may be better answered alone
		}
	}
	// A list may lag behind a create that has been answered, or be stale or empty. What is known to be there is asked for
	// by its ID before it is believed to be gone.
	for _, g := range groups { // of all groups of the account only those few are remembered: each deployment of a workspace looks at all of them
		if g.Unreadable == "" {
			delete(asked, g.ID)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(asked)) {
		g, err := o.config.Spot.Group(ctx, id)
		switch {
		case errors.Is(err, ErrGone) && o.unseen(id):
			return w, fmt.Errorf("%s was created by this run, and is not to be seen yet, or someone else has deleted it: %w", id, err)
		case errors.Is(err, ErrGone):
			continue
		case errors.Is(err, ErrNoID):
			o.unconfirmed[id] = true
			continue
		case errors.Is(err, ErrUnusable) && o.config.Adopted[id]:
			// Some services answer so about what was deleted. A state is never emptied by what says nothing.
			return w, fmt.Errorf("%w; if this stays so, and Spot's console shows no group of deployment %q any more, take it out of the state: terraform state rm ADDRESS", err, o.config.Deployment.Name)
		case err != nil:
			return w, err
		}
		if made, ours := o.made[id]; known[id] && (!ours || time.Since(made) > staleAfter) {
			o.lacking = fmt.Sprintf("%s (%s)", g.Name, g.ID)
		}
		if err := o.sort(g, &w); err != nil {
			return w, err
		}
	}
	return w, nil
}

// known are the IDs of the groups that this run has made or seen, that its plan was made for, or that the state has as the
// deployment's own.
func (o *Observer) known() map[string]bool {
	ids := maps.Clone(o.config.Adopted)
	if ids == nil {
		ids = map[string]bool{}
	}
	for id := range o.made {
		ids[id] = true
	}
	for _, w := range []*rollout.World{o.seen, o.config.Planned} {
		if w == nil {
			continue
		}
		for _, g := range w.Groups {
			ids[g.ID] = true
		}
	}
	for id := range o.deleted {
		delete(ids, id)
	}
	return ids
}

// unseen tells whether this run has made a group and never seen it since: Spot's word that there is none is older than the create.
func (o *Observer) unseen(id string) bool {
	_, made := o.made[id]
	return made && (o.seen == nil || !slices.ContainsFunc(o.seen.Groups, func(g rollout.Group) bool { return g.ID == id }))
}

// mayBeOurs tells whether an entry of the list that cannot be read may be a group of the deployment: it is known, its name is or may
// be that of a revision, or its tags name the deployment.
func (o *Observer) mayBeOurs(g rollout.Group, known map[string]bool) bool {
	_, revision := rollout.RevisionOf(o.config.Deployment.Name, g.Name)
	return known[g.ID] || g.Name == "" || revision || rollout.DeploymentOf(g.Tags) == o.config.Deployment.Name
}

// exclude keeps an entry that cannot be read, and is certainly none of the deployment's, out of everything. That of a group with an
// ID is read by whoever it belongs to; one without is said once.
func (o *Observer) exclude(g rollout.Group) {
	if g.ID != "" {
		return
	}
	o.leaveOut(fmt.Sprintf("Spot's list has an entry that cannot be read, which is not of deployment %q and is left alone: %s. Delete it in Spot's console if nobody needs it, or ask Spot's support.", o.config.Deployment.Name, g.Unreadable))
}

// Unconfirmed are IDs of the state that are none: whether there are such groups cannot be asked.
func (o *Observer) Unconfirmed() []string { return slices.Sorted(maps.Keys(o.unconfirmed)) }

// LeftOut is a group that is there, asked for by its ID, and that the last list left out: "web__2 (sig-0b2c3d4e)"; "" if there was none.
func (o *Observer) LeftOut() string { return o.lacking }

// Excluded says which entries of Spot's list were excluded, each once.
func (o *Observer) Excluded() []string { return o.excluded }

func (o *Observer) leaveOut(what string) {
	if slices.Contains(o.excluded, what) {
		return
	}
	o.excluded = append(o.excluded, what)
}

// TagError is a group that is the deployment's, and whose tags do not say what it is: somebody has edited them. Nothing may be decided
// about a deployment with such a group.
type TagError struct {
	Deployment string
	Group      rollout.Group
	Tag        rollout.BadTag
}

// Error names the group, the tag and its value, and says how to mend it.
func (e *TagError) Error() string {
	return fmt.Sprintf("the tags of group %s (%s) of deployment %q make no sense: %v. Somebody has edited it. Set it right in the tags of the group's launch specification; "+
		"if nobody knows any more what it said, take the deployment out of the state (terraform state rm ADDRESS), remove all tags of the group that begin with elastigroup:, and import it (terraform import ADDRESS %s)",
		rollout.QuoteUpTo(e.Group.Name, 80), e.Group.ID, e.Deployment, &e.Tag, e.Deployment)
}

// EntryError is an entry of Spot's list that may be one of the deployment's groups, and that cannot be read or asked for by an ID. Nothing may
// be decided about a deployment with such an entry.
type EntryError struct {
	Deployment string
	// Unreadable says what is wrong with it.
	Unreadable string
}

// Error says what is wrong with the entry, and what to do.
func (e *EntryError) Error() string {
	return fmt.Sprintf("Spot's list has an entry that may be a group of deployment %q and cannot be read: %s. Nothing is concluded from it. "+
		"If the group is not needed, delete it in Spot's console; otherwise ask Spot's support", e.Deployment, e.Unreadable)
}

// badTag is the first tag of a group's journal or memory that makes no sense; nil if all do, or if there are none.
func (o *Observer) badTag(g rollout.Group) *rollout.BadTag {
	if o.config.Journaled[g.ID] {
		if lost := rollout.Lost(g.Tags); lost != nil {
			return lost
		}
	}
	return rollout.CheckTags(g.Tags)
}

// sort puts a group where it belongs. It is the deployment's own if its tags and its name both say so (tags alone travel
// with a copy that a person makes), or if it was imported. One that merely looks alike is not.
func (o *Observer) sort(g rollout.Group, w *rollout.World) error {
	name := o.config.Deployment.Name
	if n, ok := rollout.RevisionOf(name, g.Name); ok {
		g.Revision = n
	}
	j, ok := g.Journal()
	_, known := o.made[g.ID]
	known = known || o.config.Adopted[g.ID]
	ours := rollout.DeploymentOf(g.Tags) == name
	bad := o.badTag(g)
	if bad == nil && known && ok && ours && g.Name != rollout.Name(name, j.Revision) {
		misnamed := rollout.Misnamed(g)
		bad = &misnamed
	}
	switch {
	case o.deleted[g.ID]:
		// The list is behind. IDs are not given twice.
	case bad != nil && known && o.config.Deployment.Gone:
		// The state knows it by its ID, and all of it is to go: what the tags say decides nothing.
		o.leaveOut(fmt.Sprintf("Group %s (%s) is destroyed with the rest, although %v.", g.Name, g.ID, bad))
		w.Groups = append(w.Groups, g.Clone())
	case bad != nil && (known || ours && g.Revision > 0):
		return &TagError{Deployment: name, Group: g.Clone(), Tag: *bad}
	case ok && ours && g.Name == rollout.Name(name, j.Revision), known:
		w.Groups = append(w.Groups, g.Clone())
	case g.Revision > 0 && g.Name == rollout.Name(name, g.Revision):
		w.Unowned = append(w.Unowned, g.Clone())
	}
	return nil
}
