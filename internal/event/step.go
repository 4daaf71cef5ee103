package event

import (
	"fmt"
	"strings"
	"time"
)

// Step is one thing that is done or waited for.
type Step struct {
	// Step is create, resize, shift, record, remember, pause, resume or delete, which change something, or await_healthy, await_drained,
	// settle, bake or await_checks, which wait.
	Step string `json:"step"`
	// Part is the part of the rollout that it belongs to: back, setup, deploy, after, mend, resize or destroy. Phase is the number of a
	// phase or weight, from 1, and PhaseName how the plan names it: "25 %".
	Part      string `json:"part"`
	Phase     int    `json:"phase,omitempty"`
	PhaseName string `json:"phase_name,omitempty"`
	Group     string `json:"group,omitempty"`
	GroupID   string `json:"group_id,omitempty"`
	// From and To are what a resize changes.
	From *Size `json:"from,omitempty"`
	To   *Size `json:"to,omitempty"`
	// Route is the listener or rule that a shift changes, with the weights before it, and Weights those after it.
	Route   *Route   `json:"route,omitempty"`
	Weights []Weight `json:"weights,omitempty"`
	// Switched is "off" or "on" where what moves the group's capacity of its own accord is switched, and Movers what that is.
	Switched string `json:"switched,omitempty"`
	Movers   string `json:"movers,omitempty"`
	// Count is how many are waited for, or to be left, and Lasts how long a bake or a settle lasts at least, in seconds.
	Count *int    `json:"count,omitempty"`
	Lasts float64 `json:"lasts,omitempty"`
	// Checks are the names of the checks that a bake or await_checks asks ("compare" is the comparison), and At the point: "stage", "bake" or
	// "end".
	At     string   `json:"at,omitempty"`
	Checks []string `json:"checks,omitempty"`
	// Reason is what it is for, in a word or two that stay the same (see the constants of package rollout: own_bounds, passed, kept, …), and
	// Why the same for people.
	Reason string `json:"reason,omitempty"`
	Why    string `json:"why,omitempty"`
}

// Group is a group as it stands.
type Group struct {
	Group    string `json:"group"`
	GroupID  string `json:"group_id"`
	Revision int    `json:"revision"`
	Image    string `json:"image_id"`
	// Role is live, candidate or retained.
	Role string `json:"role"`
	Size
	Instances int `json:"instances"`
	InService int `json:"in_service"`
}

// Size is what a group is set to.
type Size struct {
	Minimum int `json:"minimum"`
	Target  int `json:"target"`
	Maximum int `json:"maximum"`
	// Unit is what is counted: "weights" or "vCPUs"; "" is instances.
	Unit string `json:"unit,omitempty"`
}

// String is "4" where nothing else is possible, or "4 (minimum 2, maximum 8)".
func (s Size) String() string {
	text := fmt.Sprint(s.Target)
	if s.Unit != "" {
		text += " " + s.Unit
	}
	if s.Minimum != s.Target || s.Maximum != s.Target {
		text += fmt.Sprintf(" (minimum %d, maximum %d)", s.Minimum, s.Maximum)
	}
	return text
}

// Route is a listener or rule, and where it forwards.
type Route struct {
	ARN string `json:"arn"`
	// Name is how the plan names it: "listener app/0467ef3c8400ae65". Stage is whether it is the one for testers.
	Name    string   `json:"name"`
	Stage   bool     `json:"stage,omitempty"`
	Weights []Weight `json:"weights"`
}

// Weight is a target group's part of the traffic.
type Weight struct {
	TargetGroup string `json:"target_group_arn"`
	Name        string `json:"target_group"`
	// Percent is that of the traffic.
	Percent int `json:"percent"`
}

func weights(all []Weight) string {
	if len(all) == 1 {
		return all[0].Name
	}
	each := make([]string, len(all))
	for i, w := range all {
		each[i] = fmt.Sprintf("%s %d %%", w.Name, w.Percent)
	}
	return strings.Join(each, ", ")
}

// done says what the step has done.
func (s Step) done() string {
	switch s.Step {
	case "create":
		return s.Group + " created at 0" + s.because()
	case "resize":
		text := fmt.Sprintf("%s %s -> %s", s.Group, s.From, s.To)
		if s.Switched != "" {
			text += fmt.Sprintf(", %s switched %s", s.Movers, s.Switched)
		}
		return text + s.because()
	case "shift":
		return fmt.Sprintf("%s %s -> %s%s", s.Route.Name, weights(s.Route.Weights), weights(s.Weights), s.because())
	case "record", "remember":
		return s.Group + " tagged" + s.because()
	case "pause", "resume":
		return fmt.Sprintf("%s of %s switched %s%s", s.Movers, s.Group, s.Switched, s.because())
	case "delete":
		return s.Group + " deleted" + s.because()
	case "await_healthy":
		return fmt.Sprintf("%s has %d in service%s", s.Group, s.count(), s.because())
	case "await_drained":
		return fmt.Sprintf("%s has %d left%s", s.Group, s.count(), s.because())
	case "settle":
		return "traffic has settled"
	case "bake":
		return fmt.Sprintf("%s has baked at %s", s.Group, s.PhaseName)
	case "await_checks":
		return fmt.Sprintf("%s asked of %s", checks(s.Checks), s.Group)
	}
	return s.Step + " of " + s.Group
}

// begun says what the step is to do.
func (s Step) begun() string {
	switch s.Step {
	case "await_healthy":
		return fmt.Sprintf("%s is to have %d in service%s", s.Group, s.count(), s.because())
	case "await_drained":
		if s.count() == 0 {
			return s.Group + " is to have none left" + s.because()
		}
		return fmt.Sprintf("%s is to have no more than %d left%s", s.Group, s.count(), s.because())
	case "settle":
		return fmt.Sprintf("traffic settles for %s%s", brief(s.Lasts), s.because())
	case "bake":
		return fmt.Sprintf("%s bakes at %s for %s", s.Group, s.PhaseName, brief(s.Lasts))
	case "await_checks":
		return fmt.Sprintf("%s of %s is to be good", checks(s.Checks), s.Group)
	}
	return "next: " + s.done()
}

// failed says what the step has not done.
func (s Step) failed() string {
	switch s.Step {
	case "await_healthy", "await_drained":
		return "gave up waiting for " + s.Group
	case "settle":
		return "gave up waiting for traffic to settle"
	case "bake":
		return fmt.Sprintf("gave up the bake of %s at %s", s.Group, s.PhaseName)
	case "await_checks":
		return fmt.Sprintf("%s of %s", checks(s.Checks), s.Group)
	}
	return s.done() + " failed"
}

// checks is "check smoke" or "checks smoke, orders".
func checks(names []string) string {
	if len(names) == 1 {
		return "check " + names[0]
	}
	return "checks " + strings.Join(names, ", ")
}

func (s Step) count() int {
	if s.Count == nil {
		return 0
	}
	return *s.Count
}

func (s Step) because() string {
	if s.Why == "" {
		return ""
	}
	return ", " + s.Why
}

// brief is a duration in seconds as people write it: "12m", "1h30m", "3s".
func brief(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second)).Round(time.Second)
	text := d.String()
	if d >= time.Minute && d%time.Minute == 0 {
		text = strings.TrimSuffix(text, "0s")
	}
	if d >= time.Hour && d%time.Hour == 0 {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
