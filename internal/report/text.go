package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline"
)

// outcomes are how rollouts end, for people.
var outcomes = map[string]string{
	"succeeded": "succeeded", "rolled_back": "rolled back", "held": "left as it is after a failure", "interrupted": "interrupted",
	"broken": "stopped by an error", "refused": "refused", "cut_short": "cut short", "": "running",
}

// outcome is how a rollout ended, or that it has not.
func outcome(r *timeline.Rollout) string {
	text := outcomes[r.Outcome()]
	if text == "" {
		text = strings.ReplaceAll(r.Outcome(), "_", " ")
	}
	switch {
	case r.End != nil && r.End.Holds() != "":
		text = r.End.Holds()
	case r.Running() && r.Back != nil:
		text = "going back"
	}
	return text
}

// sign is the same as a sign, which tells it without colour; kind is the class that goes with it.
func sign(r *timeline.Rollout) (mark, kind string) {
	switch {
	case r.Running():
		return "…", "open"
	case r.Succeeded():
		return "✓", "good"
	}
	return "✗", "bad"
}

// heading is what a rollout is called.
func heading(r *timeline.Rollout) string {
	switch {
	case r.Destroys:
		return r.Deployment + ": destroyed"
	case r.Image != "":
		return r.Deployment + ": " + r.Image
	}
	return r.Deployment
}

func seconds(s float64) string { return timeline.Brief(time.Duration(s * float64(time.Second))) }

// clock is a time for people. All times are in UTC.
func clock(at time.Time) string { return at.UTC().Format("15:04:05") }

// intent is what a step of the plan is to do.
func intent(s event.Step) string {
	if s.Lasts > 0 || s.Count != nil {
		return event.StepBegun{Step: s}.String()
	}
	return event.StepDone{Step: s}.String()
}

// before says what the live revision was, and after which one is released.
func before(r *timeline.Rollout) string {
	if g := r.Previous(); g != nil {
		return named(g)
	}
	return ""
}

func after(r *timeline.Rollout) string {
	if g := r.New(); g != nil {
		return named(g)
	}
	return ""
}

func named(g *timeline.Group) string {
	text := g.Group.Group
	if g.Image != "" {
		text += " (" + g.Image + ")"
	}
	if g.Deleted {
		text += ", deleted"
	}
	return text
}

// failure is why a rollout did not do what was wanted; "" where it did.
func failure(r *timeline.Rollout) string {
	switch {
	case r.End != nil && r.End.Error != "":
		return r.End.Error
	case r.Back != nil:
		return r.Back.Why
	case r.CutShort:
		return fmt.Sprintf("The run said nothing more after %s UTC: it was killed, and a later one has gone on with what stands.", clock(r.Updated))
	}
	return ""
}
