package runner

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// mostBlind is how many looks in a row may go without the alarms' word before the run stops: nothing is taken for well that
// could not be asked.
const mostBlind = 4

// verifying is what a run remembers of the alarms and of the bake in hand.
type verifying struct {
	since  map[string]time.Time // since when each alarm was in its state, when it was last read
	silent map[string]bool      // alarms that had nothing to go by during a bake
	blind  int                  // looks in a row at which the alarms could not be read
	aside  *rollout.AlarmsOn    // alarms that were on before the release began
	wasOK  map[string]bool      // those of them that have been OK since
	told   bool                 // which alarms are on was said of a release that they do not judge

	bake  string    // which phase of which candidate is baking, or was baked last
	began time.Time // when that bake began
	baked int       // the number of the phase whose bake is over
}

// verify asks the alarms about a step that is about to be taken or waited for. It notes a failure of the release, or answers with the
// end of the run. It answers false if it could not ask, and the step has to wait.
func (r *Run) verify(ctx context.Context, s rollout.Step, w rollout.World) (bool, *Result) {
	names := r.Deployment.Alarms
	live := rollout.CastOf(w).Live
	starts := s.Kind == rollout.Create || s.Kind == rollout.Record && s.Part == rollout.Setup
	if len(names) == 0 || live == nil || r.failure != nil || !starts && s.Part != rollout.Deploy || s.Ends() {
		return true, nil
	}
	if rollout.ComesBack(r.Deployment, w) {
		if starts {
			r.tellAlarms(ctx)
		}
		return true, nil
	}
	alarms, err := r.Alarms.Alarms(ctx, names)
	if err == nil {
		if starts && r.Deployment.IgnoreAtStart {
			err = r.setAside(alarms)
		}
		j, _ := rollout.Journal{}, false
		if c := rollout.CastOf(w).Candidate; c != nil && !starts {
			j, _ = c.Journal()
		}
		if starts {
			j.AlarmsOn = r.verifying.aside
		}
		if err == nil {
			err = r.hear(ctx, s, alarms, j.AlarmsOn)
		}
	}
	switch {
	case err == nil:
		r.verifying.blind = 0
	case ctx.Err() != nil:
		return false, nil
	case starts || errors.Is(err, ErrGone):
		result := r.end(ctx, Refused, fmt.Errorf("the alarms cannot be watched: %w. %s", err, r.standing()))
		if !starts {
			result.Outcome = Broken
			result.Err = fmt.Errorf("%w Mend verify.alarms or the alarm, and apply again to go on", result.Err)
		}
		return false, &result
	case r.verifying.blind >= mostBlind && refusedCredentials(err):
		return false, r.ended(ctx, err)
	case r.verifying.blind >= mostBlind:
		result := r.end(ctx, Broken, fmt.Errorf("the alarms could not be read %d times in a row, and nothing is taken for well that cannot be asked: %w. %s Apply again to go on",
			r.verifying.blind+1, err, r.standing()))
		return false, &result
	default:
		r.verifying.blind++
		r.Log(ctx, "alarms could not be read", map[string]any{"error": err.Error()})
		pause(ctx, lastLook)
		return false, nil
	}
	if r.failure != nil && starts {
		reason, touched := r.failure.Reason, "Nothing was touched."
		if r.last.Kind != "" {
			touched = r.standing() // an older candidate was taken back
		}
		r.failure = nil
		result := r.end(ctx, Refused, fmt.Errorf("%s. A release that begins now could not be told from what is wrong already. %s "+
			"Apply again when the alarm is off, or take it out of verify.alarms", reason, touched))
		return false, &result
	}
	return true, nil
}

// tellAlarms warns, once, of the alarms that are on when what was proven before comes back: they may well be on because of what it
// replaces, and judge nothing.
func (r *Run) tellAlarms(ctx context.Context) {
	if r.verifying.told {
		return
	}
	r.verifying.told = true
	alarms, err := r.Alarms.Alarms(ctx, r.Deployment.Alarms)
	if err != nil {
		r.Log(ctx, "alarms could not be read", map[string]any{"error": err.Error()})
		r.warnings = append(r.warnings, fmt.Sprintf("The alarms could not be read: %v. What is released was proven before, so that no alarm judges it.", err))
		return
	}
	for _, a := range alarms {
		if a.Tripped() {
			r.warnings = append(r.warnings, fmt.Sprintf("Alarm %s is in ALARM: %s. %s was released all the same: it was proven before, and no alarm judges it.",
				a.Name, a.Reason, r.Deployment.ImageID))
		}
	}
}

// setAside notes the alarms that are on before the release begins, and warns of them.
func (r *Run) setAside(alarms []Alarm) error {
	var names []string
	var at time.Time
	for _, a := range alarms {
		if !a.Tripped() {
			continue
		}
		names = append(names, a.Name)
		if a.Since.After(at) {
			at = a.Since
		}
		if !r.verifying.told {
			r.warnings = append(r.warnings, fmt.Sprintf("Alarm %s was in ALARM before the release of %s began: %s. It counts only once it has been OK (alarms_at_start = \"ignore\").",
				a.Name, r.Deployment.ImageID, a.Reason))
		}
	}
	r.verifying.told, r.verifying.aside = true, nil
	if len(names) > rollout.MostAlarmsOn {
		return fmt.Errorf("%d alarms are in ALARM, and no more than %d can be noted as such: %s", len(names), rollout.MostAlarmsOn, strings.Join(names, ", "))
	}
	if len(names) > 0 {
		r.verifying.aside = rollout.AlarmsOnAtStart(at, names)
	}
	return nil
}

// ignores tells whether an alarm says nothing yet, because it was on before the release began and has not been OK since. What another
// process may have missed is in its history.
func (r *Run) ignores(ctx context.Context, a Alarm, aside *rollout.AlarmsOn) (bool, error) {
	v := &r.verifying
	switch {
	case !aside.Has(a.Name) || v.wasOK[a.Name]:
		return false, nil
	case a.State == "OK":
		v.wasOK[a.Name] = true
		return true, nil
	case !a.Since.After(aside.At.Add(time.Millisecond)):
		return true, nil
	}
	ok, err := r.Alarms.AlarmWasOK(ctx, a.Name, aside.At)
	if err == nil && ok {
		v.wasOK[a.Name] = true
		return false, nil
	}
	return true, err
}

// hear holds what the alarms say against the release. One that went off and was off again between two looks counts as well:
// the time of its last change tells that there is something to ask its history for. Times are CloudWatch's own, and clocks
// that differ do no harm.
func (r *Run) hear(ctx context.Context, s rollout.Step, alarms []Alarm, aside *rollout.AlarmsOn) error {
	v := &r.verifying
	for _, a := range alarms {
		before, known := v.since[a.Name]
		v.since[a.Name] = a.Since
		if ignored, err := r.ignores(ctx, a, aside); err != nil || ignored {
			if err != nil {
				delete(v.since, a.Name)
				return err
			}
			continue
		}
		if a.Tripped() {
			r.fails(fmt.Sprintf("alarm %s is in ALARM: %s", a.Name, a.Reason))
			return nil
		}
		if known && a.Since.After(before) {
			tripped, words, err := r.Alarms.AlarmTripped(ctx, a.Name, before.Add(time.Millisecond))
			if err != nil {
				v.since[a.Name] = before // ask again
				return err
			}
			if tripped {
				r.fails(fmt.Sprintf("alarm %s went to ALARM %s", a.Name, words))
				return nil
			}
		}
		if s.Kind == rollout.Bake && !v.silent[a.Name] && (a.State == "INSUFFICIENT_DATA" || a.Evaluation != "") {
			v.silent[a.Name] = true
			r.warnings = append(r.warnings, fmt.Sprintf("Alarm %s was %s during the bake of %s (%s): it says nothing for or against the release.",
				a.Name, strings.TrimSpace(a.State+" "+a.Evaluation), s.PhaseName, a.Reason))
		}
	}
	return nil
}

func (r *Run) fails(reason string) {
	r.failure = &rollout.Failure{Release: r.Deployment.Release, Reason: reason}
}

// bake watches both revisions for the step's time. An instance that is reclaimed and replaced in it does not stop the clock:
// the bake is over when its time is, and the candidate's instances are all in service then.
func (r *Run) bake(ctx context.Context, s rollout.Step) {
	v := &r.verifying
	what := fmt.Sprintf("%s %d", s.Group.ID, s.Phase)
	if v.bake != what {
		v.bake, v.began, v.baked = what, time.Now(), 0
		r.Log(ctx, "baking", map[string]any{"phase": s.PhaseName, "group": s.Group.Name, "seconds": int(s.Time.Seconds())})
	}
	left := s.Time - time.Since(v.began)
	if left <= 0 {
		v.baked = s.Phase
		r.Log(ctx, "baked", map[string]any{"phase": s.PhaseName, "group": s.Group.Name})
		return
	}
	pause(ctx, min(jittered(lastLook), left))
}

// turned notes a failure if, while the candidate bakes, more of its instances have turned unhealthy than may: instances that
// were in service, still run, and are called unhealthy now. One that is reclaimed is the market's doing and no failure.
func (r *Run) turned(ctx context.Context, w rollout.World) {
	c := rollout.CastOf(w).Candidate
	v := r.verifying
	if c == nil || r.failure != nil || v.bake == "" || v.baked > 0 || !strings.HasPrefix(v.bake, c.ID+" ") {
		return
	}
	if need := r.Deployment.Required(c.Capacity.Target); c.Capacity.Target-c.Failing < need {
		reason := fmt.Sprintf("%d of %d %s of %s (%s) were in service and turned unhealthy in the bake", c.Failing, c.Capacity.Target, c.Unit.Noun(), c.Name, c.ID)
		if words, _, _ := r.words(ctx, *c); len(words) > 0 {
			reason += ": " + strings.Join(words, "; ")
		}
		r.fails(reason)
	}
}
