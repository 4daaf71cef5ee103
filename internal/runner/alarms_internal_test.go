package runner

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// history is what CloudWatch knows of what an alarm was.
type history struct {
	tripped, wasOK bool
	err            error
}

func (h history) Alarms(context.Context, []string) ([]Alarm, error) { return nil, h.err }
func (h history) AlarmTripped(context.Context, string, time.Time) (bool, string, error) {
	return h.tripped, "at noon", h.err
}
func (h history) AlarmWasOK(context.Context, string, time.Time) (bool, error) { return h.wasOK, h.err }

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

func TestWhatAlarmsSay(t *testing.T) {
	bakes := rollout.Step{Kind: rollout.Bake, PhaseName: "25 %"}
	aside := rollout.AlarmsOnAtStart(noon, []string{"web-5xx"})
	unread := errors.New("throttled")
	for name, c := range map[string]struct {
		first, then Alarm
		history     history
		aside       *rollout.AlarmsOn
		step        rollout.Step
		failure     string
		warnings    int
		err         error
	}{
		"all is well": {first: Alarm{State: "OK", Since: noon}, then: Alarm{State: "OK", Since: noon}},
		"on":          {first: Alarm{State: "OK", Since: noon}, then: Alarm{State: "ALARM", Since: noon.Add(time.Hour), Reason: "many errors"}, failure: "alarm web-5xx is in ALARM: many errors"},
		"on and off between two looks": {first: Alarm{State: "OK", Since: noon}, then: Alarm{State: "OK", Since: noon.Add(time.Hour)},
			history: history{tripped: true}, failure: "alarm web-5xx went to ALARM at noon"},
		"no data between two looks":  {first: Alarm{State: "OK", Since: noon}, then: Alarm{State: "OK", Since: noon.Add(time.Hour)}},
		"its history cannot be read": {first: Alarm{State: "OK", Since: noon}, then: Alarm{State: "OK", Since: noon.Add(time.Hour)}, history: history{err: unread}, err: unread},
		"no data in a bake":          {first: Alarm{State: "INSUFFICIENT_DATA", Since: noon}, then: Alarm{State: "INSUFFICIENT_DATA", Since: noon}, step: bakes, warnings: 1},
		"no data in a wait":          {first: Alarm{State: "INSUFFICIENT_DATA", Since: noon}, then: Alarm{State: "INSUFFICIENT_DATA", Since: noon}},
		"on before it began":         {first: Alarm{State: "ALARM", Since: noon}, then: Alarm{State: "ALARM", Since: noon}, aside: aside},
		"off, and on again":          {first: Alarm{State: "OK", Since: noon.Add(time.Hour)}, then: Alarm{State: "ALARM", Since: noon.Add(2 * time.Hour), Reason: "again"}, aside: aside, failure: "alarm web-5xx is in ALARM: again"},
		"off and on between two looks": {first: Alarm{State: "ALARM", Since: noon}, then: Alarm{State: "ALARM", Since: noon.Add(time.Hour), Reason: "again"}, aside: aside,
			history: history{wasOK: true}, failure: "alarm web-5xx is in ALARM: again"},
		"whether it was off cannot be read": {first: Alarm{State: "ALARM", Since: noon}, then: Alarm{State: "ALARM", Since: noon.Add(time.Hour)}, aside: aside, history: history{err: unread}, err: unread},
	} {
		t.Run(name, func(t *testing.T) {
			var a alarmTracker
			c.first.Name, c.then.Name = "web-5xx", "web-5xx"
			failure, warnings, err := a.judge(t.Context(), c.history, []Alarm{c.first}, c.aside, c.step)
			if failure != "" || err != nil {
				t.Fatalf("at first it says %q, %v", failure, err)
			}
			failure, more, err := a.judge(t.Context(), c.history, []Alarm{c.then}, c.aside, c.step)
			if failure != c.failure || !errors.Is(err, c.err) || len(warnings)+len(more) != c.warnings {
				t.Errorf("it says %q, %v with %q; want %q, %v and %d warnings", failure, err, append(warnings, more...), c.failure, c.err, c.warnings)
			}
		})
	}
}

func TestAlarmsThatAreOnBeforeAReleaseAreWarnedOfOnce(t *testing.T) {
	var a alarmTracker
	read := []Alarm{{Name: "web-5xx", State: "ALARM", Since: noon, Reason: "many"}, {Name: "web-slow", State: "OK", Since: noon.Add(time.Hour)}}
	warnings, err := a.setAside(read, "ami-2")
	if err != nil || len(warnings) != 1 || !strings.Contains(warnings[0], "Alarm web-5xx was in ALARM before the release of ami-2 began: many") {
		t.Errorf("it says %q, %v", warnings, err)
	}
	if !a.aside.Has("web-5xx") || a.aside.Has("web-slow") || !a.aside.At.Equal(noon) {
		t.Errorf("set aside is %+v", a.aside)
	}
	if warnings, _ = a.setAside(read, "ami-2"); len(warnings) > 0 {
		t.Errorf("it says again %q", warnings)
	}
	if _, err = a.setAside(read[1:], "ami-2"); err != nil || a.aside != nil {
		t.Errorf("set aside is %+v, %v", a.aside, err)
	}
}

func TestAlarmsAreNewsWhenTheirStateIs(t *testing.T) {
	var a alarmTracker
	ok, on := []Alarm{{Name: "web-5xx", State: "OK"}}, []Alarm{{Name: "web-5xx", State: "ALARM"}}
	for i, c := range []struct {
		read []Alarm
		news bool
	}{{ok, true}, {ok, false}, {on, true}, {on, false}, {ok, true}} {
		if a.news(c.read) != c.news {
			t.Errorf("look %d: news is %t", i, !c.news)
		}
	}
}
