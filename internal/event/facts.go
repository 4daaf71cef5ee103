package event

import (
	"fmt"
	"strings"
	"time"
)

// Begun is a run that has looked at the world for the first time.
type Begun struct {
	// Image is what is to be released; "" where the deployment is destroyed.
	Image string `json:"image_id,omitempty"`
	// Destroys says that all of the deployment is to go.
	Destroys bool `json:"destroys,omitempty"`
	// Groups are those of the deployment, the newest first, and Routes where traffic goes, as they were found.
	Groups []Group `json:"groups"`
	Routes []Route `json:"routes,omitempty"`
	// Plan is what the run will do if every step works, in order, bakes and settles included; the waits on instances that come between are
	// not in it, and a group that is yet to be created has no ID.
	Plan []Step `json:"plan,omitempty"`
}

// StepBegun is a step that is done or waited for from now on.
type StepBegun struct{ Step }

// StepDone is a step that was done, or whose wait has ended well.
type StepDone struct {
	Step
	// Took is how long it took, in seconds.
	Took float64 `json:"took"`
}

// StepFailed is a step that was refused, or whose wait has run out of time: written as a step_done that has an "error". What follows from it
// is said by the next event.
type StepFailed struct {
	Step
	Took  float64 `json:"took"`
	Error string  `json:"error"`
}

// Health is how many instances of a group are in service while they are waited for, or still there while they are waited for to go: said
// when it changes, and every half a minute.
type Health struct {
	Group   string `json:"group"`
	GroupID string `json:"group_id"`
	// Leaving says that instances are waited for to go.
	Leaving bool `json:"leaving,omitempty"`
	// InService is how many are in service, Needed how many are waited for, or may stay, and Instances how many there are.
	InService int    `json:"in_service"`
	Needed    int    `json:"needed"`
	Instances int    `json:"instances"`
	Unit      string `json:"unit,omitempty"`
	// Reasons is what load balancers, or Spot, say of the others, the most frequent first.
	Reasons []Reason `json:"reasons,omitempty"`
}

// Reason is what is said of instances that are not in service, and of how many.
type Reason struct {
	Reason string `json:"reason"`
	Count  int    `json:"count"`
}

// Bake is how long a phase is still watched, or how long traffic still settles: said when it begins, and at a steady pace.
type Bake struct {
	Group   string `json:"group"`
	GroupID string `json:"group_id"`
	// Phase is the number of the phase or weight, from 1, and PhaseName how the plan names it: "25 %".
	Phase     int    `json:"phase"`
	PhaseName string `json:"phase_name"`
	// Settles says that it is no bake, and traffic that settles after a change of a route.
	Settles bool `json:"settles,omitempty"`
	// Left is what is to come of the bake and Of how long it is in all, in seconds.
	Left float64 `json:"left"`
	Of   float64 `json:"of"`
}

// Alarms are the alarms that watch the release, where the state of one has changed since they were said last.
type Alarms struct {
	Alarms []Alarm `json:"alarms"`
}

// Alarm is a CloudWatch alarm.
type Alarm struct {
	Name string `json:"name"`
	// State is CloudWatch's: OK, ALARM or INSUFFICIENT_DATA; Reason its own words on it, and Since when it became so.
	State  string    `json:"state"`
	Reason string    `json:"reason,omitempty"`
	Since  time.Time `json:"since"`
}

// Check is an answer about the candidate: of a check, or of the comparison with the live revision, which is called "compare".
type Check struct {
	Name string `json:"name"`
	// At is the point at which it was asked: "stage", "bake" or "end". Phase is the number of the phase or weight, from 1, and PhaseName how
	// the plan names it.
	At        string `json:"at"`
	Phase     int    `json:"phase,omitempty"`
	PhaseName string `json:"phase_name,omitempty"`
	// Verdict is "good", "bad", "not_known" or "pending", and Words are the values and their limits.
	Verdict string `json:"verdict"`
	Words   string `json:"words,omitempty"`
	// InARow is how many bad answers there were without a break, and Failures how many of them make the release fail.
	InARow   int `json:"in_a_row,omitempty"`
	Failures int `json:"failures,omitempty"`
	// By is "promote" where a person took for good what was not known.
	By string `json:"by,omitempty"`
}

// Weights is where a listener or rule forwards, as it was seen.
type Weights struct{ Route }

// GoingBack is that the candidate is taken back from now on.
type GoingBack struct {
	// Why is the reason in the clouds' own words, and Cause whose fault it is: "release", "capacity", "launch", "not_judged", "not_known", "refused",
	// "aborted" where somebody wanted it, or "superseded" where nothing has failed and another release is wanted.
	Why   string `json:"why"`
	Cause string `json:"cause"`
}

// Holding is a rollout that is left as it is until somebody goes on with it, or back.
type Holding struct {
	Group   string `json:"group"`
	GroupID string `json:"group_id"`
	// Phase is the phase or weight after which it holds, as the user wants it; PhaseName is "" where it holds because it has failed.
	Phase     int    `json:"phase,omitempty"`
	PhaseName string `json:"phase_name,omitempty"`
	// Failure is what has failed.
	Failure string `json:"failure,omitempty"`
	// NotKnown is what could not be known, where it holds because of that.
	NotKnown string `json:"not_known,omitempty"`
}

// Notice is something that got in the way of a rollout.
type Notice struct {
	// What is one of look_failed, alarms_unread, credentials_refused (these three are tried again), answer_behind, create_unanswered,
	// foreign_deployment (these are waited for), foreign_deployments_unread, instances_unread, entry_left_out (the run goes on without these).
	What string `json:"what"`
	// Text is the notice itself.
	Text  string `json:"text"`
	Group string `json:"group,omitempty"`
	// InARow is how often it has come without a break.
	InARow int    `json:"in_a_row,omitempty"`
	Error  string `json:"error,omitempty"`
}

// Ended is how a run ended.
type Ended struct {
	// Outcome is succeeded, rolled_back, held, interrupted, broken or refused. Held is a rollout that stays as it is until somebody goes on
	// with it or back: without an error where the user wants it to hold after a phase, with one where it has failed.
	Outcome string  `json:"outcome"`
	Took    float64 `json:"took"`
	// Changes is how many changes it made.
	Changes int `json:"changes"`
	// Holding is the phase after which a rollout holds that has not failed.
	Holding string `json:"holding,omitempty"`
	// NotKnown is what could not be known there, where it holds because of that: Holding is then not passed yet.
	NotKnown string `json:"not_known,omitempty"`
	// Error is what the user is told, and Warnings what did not keep the run from succeeding.
	Error    string   `json:"error,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
	// Groups and Routes are what stands.
	Groups []Group `json:"groups"`
	Routes []Route `json:"routes,omitempty"`
}

// Kind implements Fact.
func (Begun) Kind() string { return "begun" }

// Kind implements Fact.
func (StepBegun) Kind() string { return "step_begun" }

// Kind implements Fact.
func (StepDone) Kind() string { return "step_done" }

// Kind implements Fact.
func (StepFailed) Kind() string { return "step_done" }

// Kind implements Fact.
func (Health) Kind() string { return "health" }

// Kind implements Fact.
func (Bake) Kind() string { return "bake" }

// Kind implements Fact.
func (Alarms) Kind() string { return "alarms" }

// Kind implements Fact.
func (Check) Kind() string { return "check" }

// Kind implements Fact.
func (Weights) Kind() string { return "weights" }

// Kind implements Fact.
func (GoingBack) Kind() string { return "going_back" }

// Kind implements Fact.
func (Holding) Kind() string { return "holding" }

// Kind implements Fact.
func (Notice) Kind() string { return "notice" }

// Kind implements Fact.
func (Ended) Kind() string { return "ended" }

// String implements Fact: "ami-2 is to serve; web__1 (ami-1) has 4".
func (f Begun) String() string {
	what := f.Image + " is to serve"
	if f.Destroys {
		what = "all is to go"
	}
	stand := make([]string, 0, len(f.Groups))
	for _, g := range f.Groups {
		if g.Target > 0 || g.Maximum > 0 || g.Instances > 0 {
			stand = append(stand, fmt.Sprintf("%s (%s) has %s", g.Group, g.Image, g.Size))
		}
	}
	if len(stand) == 0 {
		return what + "; nothing runs"
	}
	return what + "; " + strings.Join(stand, ", ")
}

// String implements Fact: "web__1 is to have none left".
func (f StepBegun) String() string { return f.begun() }

// String implements Fact: "web__2 0 -> 4".
func (f StepDone) String() string { return f.done() }

// String implements Fact: "web__2 0 -> 4 failed: …".
func (f StepFailed) String() string { return f.failed() + ": " + f.Error }

// String implements Fact: "web__2 2 of 4 in service: 2 initial".
func (f Health) String() string {
	text := fmt.Sprintf("%s %d of %d in service", f.Group, f.InService, f.Needed)
	switch {
	case f.Leaving && f.Needed == 0:
		text = fmt.Sprintf("%s has %s left, and is to have none", f.Group, f.instances())
	case f.Leaving:
		text = fmt.Sprintf("%s has %s left, and is to have %d", f.Group, f.instances(), f.Needed)
	case f.Unit != "":
		text = fmt.Sprintf("%s %d of %d %s in service", f.Group, f.InService, f.Needed, f.Unit)
	}
	reasons := make([]string, len(f.Reasons))
	for i, r := range f.Reasons {
		reasons[i] = fmt.Sprintf("%d %s", r.Count, r.Reason)
	}
	if len(reasons) == 0 {
		return text
	}
	return text + ": " + strings.Join(reasons, ", ")
}

func (f Health) instances() string {
	if f.Unit != "" {
		return fmt.Sprintf("%d %s", f.Instances, f.Unit)
	}
	return fmt.Sprint(f.Instances)
}

// String implements Fact: "web__2 bakes at 10 %, 12m left".
func (f Bake) String() string {
	if f.Settles {
		return fmt.Sprintf("traffic settles, %s left", brief(f.Left))
	}
	return fmt.Sprintf("%s bakes at %s, %s left", f.Group, f.PhaseName, brief(f.Left))
}

// String implements Fact: "alarms: web-5xx OK, web-latency ALARM (9 errors a minute)".
func (f Alarms) String() string {
	each := make([]string, len(f.Alarms))
	for i, a := range f.Alarms {
		each[i] = a.Name + " " + a.State
		if a.State != "OK" && a.Reason != "" {
			each[i] += " (" + a.Reason + ")"
		}
	}
	return "alarms: " + strings.Join(each, ", ")
}

// String implements Fact: "check errors good: 0.004, below 0.01".
func (f Check) String() string {
	text := fmt.Sprintf("check %s %s", f.Name, strings.ReplaceAll(f.Verdict, "_", " "))
	if f.By != "" {
		text += " by " + f.By
	}
	if f.InARow > 0 && f.Failures > 1 {
		text += fmt.Sprintf(" (%d of %d in a row)", f.InARow, f.Failures)
	}
	if f.Words != "" {
		text += ": " + f.Words
	}
	return text
}

// String implements Fact: "listener app/0467ef3c8400ae65 forwards to blue 90 %, green 10 %".
func (f Weights) String() string { return f.Name + " forwards to " + weights(f.Route.Weights) }

// String implements Fact: "goes back: …".
func (f GoingBack) String() string { return "goes back: " + f.Why }

// String implements Fact: "web__2 holds after 25 %".
func (f Holding) String() string {
	if f.Failure != "" {
		return fmt.Sprintf("%s is left as it is: %s", f.Group, f.Failure)
	}
	if f.NotKnown != "" {
		return fmt.Sprintf("%s %s, not known: %s", f.Group, holdsAt(f.PhaseName, true), f.NotKnown)
	}
	return fmt.Sprintf("%s %s", f.Group, holdsAt(f.PhaseName, false))
}

// OnStage is how PhaseName is where a rollout stands before any of production's traffic has moved.
const OnStage = "on stage"

// holdsAt is "holds on stage", "holds after 25 %", or where the phase is not passed "holds at 25 %".
func holdsAt(phase string, notKnown bool) string {
	switch {
	case phase == OnStage:
		return "holds " + phase
	case notKnown:
		return "holds at " + phase
	}
	return "holds after " + phase
}

// Holds says where a rollout holds that has not failed: "holds after 25 %", "holds on stage, where something is not known"; "" if it does not.
func (f Ended) Holds() string {
	switch {
	case f.Holding == "":
		return ""
	case f.NotKnown != "":
		return holdsAt(f.Holding, true) + ", where something is not known"
	}
	return holdsAt(f.Holding, false)
}

// String implements Fact.
func (f Notice) String() string {
	if f.Error != "" {
		return f.Text + ": " + f.Error
	}
	return f.Text
}

// String implements Fact: "rolled back after 3m20s".
func (f Ended) String() string {
	if holds := f.Holds(); holds != "" {
		if brief(f.Took) == brief(0) {
			return holds // as whoever begins to watch finds it
		}
		return fmt.Sprintf("%s, which took %s", holds, brief(f.Took))
	}
	return fmt.Sprintf("%s after %s", strings.ReplaceAll(f.Outcome, "_", " "), brief(f.Took))
}
