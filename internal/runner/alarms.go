package runner

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// alarmTracker is what a run remembers of the alarms. Its zero value is that of a run that has read none.
type alarmTracker struct {
	since       map[string]time.Time // since when each alarm was in its state, when it was last read
	silent      map[string]bool      // alarms that had nothing to go by during a bake
	failedReads int                  // looks in a row at which the alarms could not be read
	aside       *rollout.AlarmsOn    // alarms that were on before the release began
	wasOK       map[string]bool      // those of them that have been OK since
	said        string               // how the alarms stood when that was said last
	told        bool                 // which alarms are on was said of a release that they do not judge
}

// news tells whether how the alarms stand has changed since it was said last.
func (t *alarmTracker) news(read []Alarm) bool {
	stand := ""
	for _, a := range read {
		stand += a.Name + " " + a.State + "\n"
	}
	was := t.said
	t.said = stand
	return was != stand
}

// alarmsEvent is how alarms stand.
func alarmsEvent(read []Alarm) event.Alarms {
	var e event.Alarms
	for _, a := range read {
		e.Alarms = append(e.Alarms, event.Alarm{Name: a.Name, State: a.State, Reason: a.Reason, Since: a.Since})
	}
	return e
}

// setAside notes the alarms that are on before the release begins, and warns of them.
func (t *alarmTracker) setAside(alarms []Alarm, image string) (warnings []string, err error) {
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
		if !t.told {
			warnings = append(warnings, fmt.Sprintf("Alarm %s was in ALARM before the release of %s began: %s. It counts only once it has been OK (alarms_at_start = \"ignore\").",
				a.Name, image, a.Reason))
		}
	}
	t.told, t.aside = true, nil
	if len(names) > rollout.MostAlarmsOn {
		return warnings, fmt.Errorf("%d alarms are in ALARM, and no more than %d can be noted as such: %s", len(names), rollout.MostAlarmsOn, strings.Join(names, ", "))
	}
	if len(names) > 0 {
		t.aside = rollout.AlarmsOnAtStart(at, names)
	}
	return warnings, nil
}

// ignores tells whether an alarm says nothing yet, because it was on before the release began and has not been OK since. What another
// process may have missed is in its history.
func (t *alarmTracker) ignores(ctx context.Context, clouds Alarms, a Alarm, aside *rollout.AlarmsOn) (bool, error) {
	switch {
	case !aside.Has(a.Name) || t.wasOK[a.Name]:
		return false, nil
	case a.State == "OK":
		t.wasOK = note(t.wasOK, a.Name)
		return true, nil
	case !a.Since.After(aside.At.Add(time.Millisecond)):
		return true, nil
	}
	ok, err := clouds.AlarmWasOK(ctx, a.Name, aside.At)
	if err == nil && ok {
		t.wasOK = note(t.wasOK, a.Name)
		return false, nil
	}
	return true, err
}

// judge holds what the alarms say against the release: failure says what failed, if anything. One that went off and was off again between
// two looks counts as well: the time of its last change tells that there is something to ask its history for. Times are CloudWatch's own,
// and clocks that differ do no harm.
func (t *alarmTracker) judge(ctx context.Context, clouds Alarms, alarms []Alarm, aside *rollout.AlarmsOn, s rollout.Step) (failure string, warnings []string, err error) {
	if t.since == nil {
		t.since = map[string]time.Time{}
	}
	for _, a := range alarms {
		before, known := t.since[a.Name]
		t.since[a.Name] = a.Since
		if ignored, err := t.ignores(ctx, clouds, a, aside); err != nil || ignored {
			if err != nil {
				delete(t.since, a.Name)
				return "", warnings, err
			}
			continue
		}
		if a.Tripped() {
			return fmt.Sprintf("alarm %s is in ALARM: %s", a.Name, a.Reason), warnings, nil
		}
		if known && a.Since.After(before) {
			tripped, words, err := clouds.AlarmTripped(ctx, a.Name, before.Add(time.Millisecond))
			if err != nil {
				t.since[a.Name] = before // ask again
				return "", warnings, err
			}
			if tripped {
				return fmt.Sprintf("alarm %s went to ALARM %s", a.Name, words), warnings, nil
			}
		}
		if s.Kind == rollout.Bake && !t.silent[a.Name] && (a.State == "INSUFFICIENT_DATA" || a.Evaluation != "") {
			t.silent = note(t.silent, a.Name)
			warnings = append(warnings, fmt.Sprintf("Alarm %s was %s during the bake of %s (%s): it says nothing for or against the release.",
				a.Name, strings.TrimSpace(a.State+" "+a.Evaluation), s.PhaseName, a.Reason))
		}
	}
	return "", warnings, nil
}

func note(names map[string]bool, name string) map[string]bool {
	if names == nil {
		names = map[string]bool{}
	}
	names[name] = true
	return names
}
