package runner

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// A run stops before its credentials end, where that is known, rather than wherever it is then: with lastCredentials left, and before a
// change of routes with as much again for each of them, so that none is left half way between two.
const lastCredentials = time.Minute

// outlasts stops the run before a step that its credentials would not see to the end: one that begins a phase is not begun if they
// end in its bake, since nobody would watch it then, and it would have to be sat out again. On the way back it goes on for as long as they do.
func (r *Run) outlasts(ctx context.Context, s rollout.Step) *Result {
	if r.CredentialsEnd == nil || s.Ends() || s.Part != rollout.Setup && s.Part != rollout.Deploy {
		return nil
	}
	if s.Kind == rollout.Shift && r.progress.last.Kind == rollout.Shift {
		return nil // the routes are changed one after the other, and this is not the first one
	}
	ends, from := r.CredentialsEnd(ctx)
	if ends.IsZero() {
		return nil
	}
	need, what := lastCredentials, ""
	if s.Changes() {
		if ahead := rollout.Ahead(r.Deployment, s); ahead > 0 {
			need, what = need+ahead, fmt.Sprintf(", and %s takes %s at least", s.PhaseName, strings.TrimSuffix(ahead.String(), "0s"))
		}
	}
	if s.Kind == rollout.Shift {
		need += lastCredentials * time.Duration(1+len(r.seen.Routes))
	}
	left := time.Until(ends)
	if left >= need {
		return nil
	}
	touched := "Nothing was touched."
	if r.progress.begun() || rollout.Standing(*r.seen) != "" {
		touched = r.standing()
	}
	return r.end(ctx, Interrupted, fmt.Errorf("the AWS credentials from %s end at %s, in %s%s: the rollout stops before that. %s "+
		"Nothing of this is held against the release. Give the provider credentials that last longer, and apply again: the next apply goes on from there",
		from, ends.UTC().Format("2006-01-02 15:04 MST"), max(left, 0).Round(time.Second), what, touched))
}

// refusalTracker counts changes in a row that were refused for their credentials.
type refusalTracker struct{ inARow int }

// again counts one more. It tells whether the change may be tried again: a single answer may be wrong.
func (t *refusalTracker) again() bool {
	t.inARow++
	return t.inARow <= mostFailures
}

// over is that a change was taken.
func (t *refusalTracker) over() { t.inARow = 0 }

// credentialsRefused decides what a change means that was refused for its credentials: nothing, for a while; then the run stops. The
// release has not failed, and nothing can be put back either.
func (r *Run) credentialsRefused(ctx context.Context, err error) *Result {
	if r.refusals.again() {
		r.notice(ctx, "credentials_refused", "the credentials were refused; the call is made again", r.refusals.inARow, err)
		pause(ctx, lastLook)
		return nil
	}
	return r.credentialsEnded(ctx, err)
}

// credentialsEnded stops a run whose credentials are not accepted any more.
func (r *Run) credentialsEnded(ctx context.Context, err error) *Result {
	why := ""
	if r.failure != nil {
		why = r.why() + "; and "
	}
	return r.end(ctx, Interrupted, fmt.Errorf("%sthe credentials have ended in the middle of the rollout, or were revoked: %w. The rollout stopped there. %s "+
		"Nothing of this is held against the release. Give the provider credentials that last as long as the rollout, and apply again: the next apply goes on from there",
		why, err, r.standing()))
}

// refusedCredentials tells whether a call failed because of who made it.
func refusedCredentials(err error) bool { return errors.Is(err, ErrCredentials) }
