package rollout_test

import (
	"testing"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Mistakes about what moves a group beside the rollout are found out, with phases and behind routes.
func TestBrokenSchedules(t *testing.T) {
	unswitched := func(d Deployment, w World) Step {
		w.CannotPause = true
		return Next(d, w)
	}
	variants := map[string]variant{
		"leaves schedules on": {"nothing else moves it", unswitched},
		"switches schedules off and not on again": {"the live one has its schedule", func(d Deployment, w World) Step {
			s := Next(d, w)
			if s.Kind == Resume {
				return unswitched(d, w)
			}
			s.Resume = false
			return s
		}},
		"creates with the schedule on, and does not look again": {"nothing else moves it", func(d Deployment, w World) Step {
			s := Next(d, w)
			if s.Kind == Pause && s.Part == Mend {
				return unswitched(d, w)
			}
			return s
		}},
		"lets what was woken run": {"only what is live runs", instead(func(_ Deployment, _ World, _ Roles, s Step) Step {
			if s.Kind == Resize && s.Part == Mend {
				return Step{Kind: Done}
			}
			return s
		})},
		"undoes what a schedule has set": {"a schedule is not undone", func(d Deployment, w World) Step {
			for i := range w.Groups {
				w.Groups[i].Automation.Minimums, w.Groups[i].Automation.Maximums = nil, nil
			}
			return Next(d, w)
		}},
		"gives back what was there before the schedule": {"failure restores", func(d Deployment, w World) Step {
			s := Next(d, w)
			if c := RolesOf(w); s.Kind == Resize && s.Part == Back && c.Live != nil && c.Candidate != nil && s.Group.ID == c.Candidate.ID {
				if j, _ := c.Candidate.Journal(); c.Live.Capacity != j.PreviousCapacity && !c.Live.Automation.Paused.Any() {
					return Step{Kind: Resize, Part: Back, Group: *c.Live, Capacity: j.PreviousCapacity}
				}
			}
			return s
		}},
	}
	t.Run("canary", func(t *testing.T) { findOut(t, variants) })
	t.Run("blue-green", func(t *testing.T) { findOutIn(t, routed, variants) })
}
