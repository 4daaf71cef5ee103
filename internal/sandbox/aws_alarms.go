package sandbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

var alarmStates = []string{"OK", "ALARM", "INSUFFICIENT_DATA"}

func isAlarmState(s string) bool { return slices.Contains(alarmStates, s) }

// alarm is a CloudWatch alarm.
type alarm struct {
	name, arn, description, rule string
	composite                    bool
	condition                    alarmRule // of a composite one: its rule, read

	state, reason string
	data          string // the reason for programs, or ""
	// updated is when the state was last set, transitioned when it last became another one.
	created, updated, transitioned time.Time

	history []alarmTransition // oldest first
}

// alarmTransition is a change from one state to another.
type alarmTransition struct {
	at                   time.Time
	from, fromReason     string
	to, toReason, change string
	fromData, toData     string
}

func (a *alarm) kind() string {
	if a.composite {
		return "CompositeAlarm"
	}
	return "MetricAlarm"
}

// SetAlarm sets the state of an alarm: "OK", "ALARM" or "INSUFFICIENT_DATA". It answers false if there is no such alarm or
// no such state.
func (w *awsHalf) SetAlarm(name, state, reason string) bool {
	var ok bool
	w.locked(func() { ok = w.setAlarm(name, state, reason) })
	return ok
}

// SetAlarmAfter sets the state of an alarm a while from now.
func (w *awsHalf) SetAlarmAfter(d time.Duration, name, state, reason string) {
	w.locked(func() { w.after(d, func() { w.setAlarm(name, state, reason) }) })
}

// setAlarm sets the state of an alarm.
func (w *awsHalf) setAlarm(name, state, reason string) bool {
	a := w.alarm(name)
	if a == nil || !isAlarmState(state) {
		return false
	}
	w.changeAlarm(a, state, reason, "")
	return true
}

func (a *alarm) set(at time.Time, state, reason, data string) {
	if reason == "" {
		reason = defaultReason(state)
	}
	if a.state != state {
		a.history = append(a.history, alarmTransition{
			at: at, from: a.state, fromReason: a.reason, to: state, toReason: reason,
			change: fmt.Sprintf("Alarm updated from %s to %s", a.state, state), fromData: a.data, toData: data,
		})
		a.transitioned = at
	}
	a.state, a.reason, a.data, a.updated = state, reason, data, at
}

func defaultReason(state string) string {
	switch state {
	case "OK":
		return "Threshold Crossed: 1 out of the last 1 datapoints [0.0] was not greater than the threshold (1.0) (minimum 1 datapoint for ALARM -> OK transition)."
	case "ALARM":
		return "Threshold Crossed: 1 out of the last 1 datapoints [5.0] was greater than the threshold (1.0) (minimum 1 datapoint for OK -> ALARM transition)."
	}
	return "Unchecked: Initial alarm creation"
}

func (w *awsHalf) alarm(name string) *alarm {
	for _, a := range w.alarms {
		if a.name == name {
			return a
		}
	}
	return nil
}

// longAgo is how long before the world began its alarms were made, if they have no older history.
const longAgo = 24 * time.Hour

func (w *awsHalf) addAlarm(c AlarmConfig) {
	composite := c.Type == "composite"
	if composite {
		orText(&c.State, "OK")
		orText(&c.Rule, "FALSE")
	}
	orText(&c.State, "INSUFFICIENT_DATA")
	orText(&c.Reason, defaultReason(c.State))
	created := w.start.Add(-longAgo)
	if len(c.Changes) > 0 {
		if first := w.start.Add(time.Duration(c.Changes[0].At) - time.Hour); first.Before(created) {
			created = first
		}
	}
	condition, err := parseRule(c.Rule)
	if composite && err != nil {
		panic("sandbox: " + err.Error()) // AWSConfig.Check has read it
	}
	a := &alarm{
		name: c.Name, description: c.Description, rule: c.Rule, composite: composite, condition: condition,
		arn:   fmt.Sprintf("arn:aws:cloudwatch:%s:%s:alarm:%s", w.config.Region, w.config.AWSAccount, c.Name),
		state: c.State, reason: c.Reason, created: created, updated: created, transitioned: created,
	}
	w.alarms = append(w.alarms, a)
	for _, change := range c.Changes {
		at := w.start.Add(time.Duration(change.At))
		if !at.After(w.now) {
			a.set(at, change.State, change.Reason, "")
			continue
		}
		w.after(at.Sub(w.now), func() { w.changeAlarm(a, change.State, change.Reason, "") })
	}
}

// historyData is what DescribeAlarmHistory tells of a transition beyond its summary.
func (t alarmTransition) historyData() string {
	state := func(value, reason, data string) map[string]any {
		m := map[string]any{"stateValue": value, "stateReason": reason}
		if data != "" {
			m["stateReasonData"] = json.RawMessage(data)
		}
		return m
	}
	data, err := json.Marshal(map[string]any{
		"version": "1.0", "oldState": state(t.from, t.fromReason, t.fromData), "newState": state(t.to, t.toReason, t.toData),
	})
	if err != nil {
		panic(err) // texts always marshal
	}
	return string(data)
}
