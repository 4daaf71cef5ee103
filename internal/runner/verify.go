package runner

import (
	"context"
	"errors"
	"fmt"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// verify asks the alarms about a step that is about to be taken or waited for. It notes a failure of the release, or answers with the
// end of the run. It answers false if it could not ask, and the step has to wait.
func (r *Run) verify(ctx context.Context, s rollout.Step, w rollout.World) (bool, *Result) {
	names := r.Deployment.Alarms
	live := rollout.RolesOf(w).Live
	starts := s.Kind == rollout.Create || s.Kind == rollout.Record && s.Part == rollout.Setup
	if len(names) == 0 || live == nil || r.failure != nil || !starts && s.Part != rollout.Deploy || s.Ends() {
		return true, nil
	}
	if rollout.Reverts(r.Deployment, w) {
		if starts {
			r.tellAlarms(ctx)
		}
		return true, nil
	}
	err := r.watchAlarms(ctx, s, w, starts)
	switch {
	case err == nil:
		r.alarms.failedReads = 0
	case ctx.Err() != nil:
		return false, nil
	case starts || errors.Is(err, ErrGone):
		result := r.end(ctx, Refused, fmt.Errorf("the alarms cannot be watched: %w. %s", err, r.standing()))
		if !starts {
			result.Outcome = Broken
			result.Err = fmt.Errorf("%w Mend verify.alarms or the alarm, and apply again to go on", result.Err)
		}
		return false, result
	case r.alarms.failedReads >= mostFailures && refusedCredentials(err):
		return false, r.credentialsEnded(ctx, err)
	case r.alarms.failedReads >= mostFailures:
		return false, r.end(ctx, Broken, fmt.Errorf("the alarms could not be read %d times in a row, and nothing is taken for well that cannot be asked: %w. %s Apply again to go on",
			r.alarms.failedReads+1, err, r.standing()))
	default:
		r.alarms.failedReads++
		r.notice(ctx, "alarms_unread", "the alarms could not be read; they are asked again", r.alarms.failedReads, err)
		pause(ctx, lastLook)
		return false, nil
	}
	if r.failure != nil && starts {
		reason, touched := r.failure.Reason, "Nothing was touched."
		if r.progress.begun() {
			touched = r.standing() // an older candidate was taken back
		}
		r.failure = nil
		return false, r.end(ctx, Refused, fmt.Errorf("%s. A release that begins now could not be told from what is wrong already. %s "+
			"Apply again when the alarm is off. If this release is what mends it, write alarms_at_start = \"ignore\" in verify", reason, touched))
	}
	return true, nil
}

// watchAlarms reads the alarms and holds against the release what they say; one that starts is told from what is wrong already.
func (r *Run) watchAlarms(ctx context.Context, s rollout.Step, w rollout.World, starts bool) error {
	read, err := r.Alarms.Alarms(ctx, r.Deployment.Alarms)
	if err != nil {
		return err
	}
	if r.alarms.news(read) {
		r.emit(ctx, alarmsEvent(read))
	}
	var aside *rollout.AlarmsOn
	if starts {
		if r.Deployment.IgnoreAtStart {
			warnings, err := r.alarms.setAside(read, r.Deployment.ImageID)
			r.warn(warnings...)
			if err != nil {
				return err
			}
		}
		aside = r.alarms.aside
	} else if c := rollout.RolesOf(w).Candidate; c != nil {
		j, _ := c.Journal()
		aside = j.AlarmsOn
	}
	failure, warnings, err := r.alarms.judge(ctx, r.Alarms, read, aside, s)
	r.warn(warnings...)
	if failure != "" {
		r.fails(failure)
	}
	return err
}

// tellAlarms warns, once, of the alarms that are on when what was proven before comes back: they may well be on because of what it
// replaces, and judge nothing.
func (r *Run) tellAlarms(ctx context.Context) {
	if r.alarms.told {
		return
	}
	r.alarms.told = true
	alarms, err := r.Alarms.Alarms(ctx, r.Deployment.Alarms)
	if err != nil {
		r.notice(ctx, "alarms_unread", "the alarms could not be read", 0, err)
		r.warn(fmt.Sprintf("The alarms could not be read: %v. What is released was proven before, so that no alarm judges it.", err))
		return
	}
	for _, a := range alarms {
		if a.Tripped() {
			r.warn(fmt.Sprintf("Alarm %s is in ALARM: %s. %s was released all the same: it was proven before, and no alarm judges it.",
				a.Name, a.Reason, r.Deployment.ImageID))
		}
	}
}
