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

// goneWithin is how long a group that was deleted may be shown before a destroy says that it is not gone.
const goneWithin = time.Minute

// errOtherwise is that a group is not what a look had shown: what is there decides what is next.
var errOtherwise = errors.New("it is not as it was seen")

// delete deletes a group, which is asked for by its ID right before: it has the name that was seen, and wants nothing.
func (r *Run) delete(ctx context.Context, seen rollout.Group) error {
	is, err := r.Spot.Group(ctx, seen.ID)
	switch {
	case errors.Is(err, ErrGone):
		return nil
	case err != nil:
		return fmt.Errorf("%s (%s) is not deleted, since it cannot be read: %w", seen.Name, seen.ID, err)
	case is.Name != seen.Name, is.Capacity != rollout.Capacity{}:
		return fmt.Errorf("%s is not deleted: %w, but %s with %s", seen.ID, errOtherwise, is.Name, is.Size())
	}
	return r.Spot.Delete(ctx, seen.ID)
}

// allGone is nil when a whole deployment was to go and each of its groups is known to be gone, one by one: by Spot's word that there
// is none of that ID; or by its word that it was deleted, when nothing shows it any more. That there is nothing to be seen is not enough.
func (r *Run) allGone(ctx context.Context) error {
	if !r.Deployment.Gone {
		return nil
	}
	ids := map[string]bool{}
	for _, some := range []map[string]bool{r.Adopted, r.deleted, r.unconfirmed} {
		maps.Copy(ids, some)
	}
	for id := range r.made {
		ids[id] = true
	}
	for _, g := range r.seen.Groups {
		delete(ids, g.ID) // what a destroy leaves alone
	}
	var left []string
	for begun, interval := time.Now(), firstLook; ; interval = min(interval*3/2, lastLook) {
		if left = r.left(ctx, ids); len(left) == 0 || time.Since(begun) > goneWithin || ctx.Err() != nil {
			break
		}
		pause(ctx, jittered(interval))
	}
	if len(left) == 0 {
		return nil
	}
	return fmt.Errorf("deployment %q is not known to be gone: %s. The state keeps it; destroy again, or, if you know better, take it out of the state (terraform state rm)",
		r.Deployment.Name, strings.Join(left, "; "))
}

// left says of each group that is not known to be gone why not.
func (r *Run) left(ctx context.Context, ids map[string]bool) []string {
	listed := map[string]bool{}
	groups, unlisted := r.Spot.Groups(ctx)
	for _, g := range groups {
		listed[g.ID] = true
	}
	var left []string
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		g, err := r.Spot.Group(ctx, id)
		switch {
		case errors.Is(err, ErrGone):
		case errors.Is(err, ErrUnusable) && r.deleted[id] && unlisted == nil && !listed[id]:
		case err != nil:
			left = append(left, err.Error())
		default:
			left = append(left, fmt.Sprintf("%s (%s) is still there, with %s", g.Name, g.ID, g.Size()))
		}
	}
	return left
}
