package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// alarmCalled finds an alarm by its name or ARN, as rules name them, nil if there is none.
func (w *awsHalf) alarmCalled(nameOrARN string) *alarm {
	for _, a := range w.alarms {
		if a.name == nameOrARN || a.arn == nameOrARN {
			return a
		}
	}
	return nil
}

// follows tells whether the rule of a composite alarm names another one.
func (a *alarm) follows(other *alarm) bool {
	return a.composite && (slices.Contains(a.condition.names, other.name) || slices.Contains(a.condition.names, other.arn))
}

// byRule is the state of a composite alarm as its rule has it. An alarm that there is not is in no state: AWS takes no rule
// that names one, and lets none be deleted that a rule names; a world file may name one all the same.
func (w *awsHalf) byRule(a *alarm) string {
	state := func(nameOrARN string) string {
		if member := w.alarmCalled(nameOrARN); member != nil {
			return member.state
		}
		return ""
	}
	if a.condition.holds(state) {
		return "ALARM"
	}
	return "OK"
}

// inCycle tells whether a composite alarm follows itself by way of others, or follows one that does. "The evaluation of
// composite alarms stops if CloudWatch detects a cycle in the evaluation path", says
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html.
func (w *awsHalf) inCycle(a *alarm, path ...*alarm) bool {
	if slices.Contains(path, a) {
		return true
	}
	path = append(slices.Clip(path), a)
	return a.composite && slices.ContainsFunc(a.condition.names, func(name string) bool {
		member := w.alarmCalled(name)
		return member != nil && w.inCycle(member, path...)
	})
}

// compose gives the composite alarms that the world begins with the states that their rules have, unless they were given
// one. Those that follow others come after them.
func (w *awsHalf) compose(configured []AlarmConfig) {
	for range configured {
		for _, c := range configured {
			a := w.alarm(c.Name)
			if !a.composite || c.State != "" || len(c.Changes) > 0 || w.inCycle(a) {
				continue
			}
			a.state = w.byRule(a)
			if c.Reason == "" {
				a.reason = fmt.Sprintf("%s was created and its alarm rule evaluates to %s", a.arn, a.state)
			}
			a.data = w.triggering(a, nil)
		}
	}
}

// changeAlarm sets the state of an alarm, and lets the composite ones follow whose rules name it: at once, though AWS takes
// its time. One whose state was set stays so until an alarm changes that its rule names
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html).
func (w *awsHalf) changeAlarm(a *alarm, state, reason, data string) {
	before := a.state
	a.set(w.now, state, reason, data)
	if a.state == before {
		return
	}
	for _, parent := range w.alarms {
		if !parent.follows(a) || w.inCycle(parent) {
			continue
		}
		if state := w.byRule(parent); state != parent.state {
			w.changeAlarm(parent, state, fmt.Sprintf("%s transitioned to %s at %s", a.arn, a.state,
				a.transitioned.UTC().Format("Monday 02 January, 2006 15:04:05 MST")), w.triggering(parent, a))
		}
	}
}

// triggering is the reason of a composite alarm's state for programs: the alarm that has changed; without one, all that its
// rule names. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html has examples.
func (w *awsHalf) triggering(a, changed *alarm) string {
	members := []any{}
	for _, name := range a.condition.names {
		member := w.alarmCalled(name)
		if member == nil || changed != nil && member != changed {
			continue
		}
		members = append(members, map[string]any{"arn": member.arn, "state": map[string]string{
			"value": member.state, "timestamp": member.transitioned.UTC().Format(documented)}})
	}
	data, err := json.Marshal(map[string]any{"triggeringAlarms": members})
	if err != nil {
		panic(err) // texts always marshal
	}
	return string(data)
}

// DeleteAlarm deletes an alarm, as a person would. Its history stays. It answers false if there is no such alarm, or if the
// rule of a composite one names it: CloudWatch refuses that.
func (w *awsHalf) DeleteAlarm(name string) bool {
	var err error
	w.locked(func() { err = w.deleteAlarm(name) })
	return err == nil
}

// errRefused is that CloudWatch would not take a change. What follows are its words.
var errRefused = errors.New("CloudWatch refuses this")

func (w *awsHalf) deleteAlarm(name string) error {
	a := w.alarm(name)
	if a == nil {
		return fmt.Errorf("there is no alarm %q", name)
	}
	if slices.ContainsFunc(w.alarms, func(other *alarm) bool { return other.follows(a) }) {
		return fmt.Errorf("%w: Cannot delete %s as there are composite alarm(s) depending on it", errRefused, name)
	}
	w.alarms = slices.DeleteFunc(w.alarms, func(other *alarm) bool { return other == a })
	w.deleted = append(w.deleted, a)
	return nil
}
