package rollout_test

import (
	"slices"
	"testing"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Each promise of the phases is broken here on purpose, and has to notice.
func TestBrokenCanaries(t *testing.T) {
	findOut(t, map[string]variant{
		"skips a phase": {"phase by phase", func(d Deployment, w World) Step {
			return Next(d, pretending(w, func(j *Journal) {
				if j.Passed == 0 && len(d.Canary) > 1 {
					j.Passed = 1
				}
			}))
		}},
		"starts with the target instead of what runs": {"its share", func(d Deployment, w World) Step {
			d.Running = false
			return Next(d, w)
		}},
		"passes a phase without its bake": {"phase by phase", instead(func(d Deployment, w World, _ Roles, s Step) Step {
			if s.Kind == Bake {
				w.Baked = s.Phase
				return Next(d, w)
			}
			return s
		})},
		"notes a phase before it is reached": {"phase by phase", instead(func(d Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == AwaitHealthy && inPhase(d, s) && s.Group.ID == c.Candidate.ID {
				return passed(c, s)
			}
			return s
		})},
		"notes a phase before the previous gives its share": {"phase by phase", instead(func(d Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == Resize && inPhase(d, s) && s.Group.ID == c.Live.ID {
				return passed(c, s)
			}
			return s
		})},

		"shrinks the previous before the candidate's share serves": {"capacity", instead(func(d Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == AwaitHealthy && inPhase(d, s) && s.Group.ID == c.Candidate.ID {
				if _, leave := sharesOf(d, c, s.Phase); c.Live.Capacity != Pin(leave) {
					s.Kind, s.Group, s.Capacity = Resize, *c.Live, Pin(leave)
				}
			}
			return s
		})},
		"shrinks the previous while instances of it boot": {"capacity", instead(func(d Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == AwaitHealthy && inPhase(d, s) && s.Group.ID == c.Live.ID {
				_, leave := sharesOf(d, c, s.Phase)
				s.Kind, s.Capacity = Resize, Pin(leave)
			}
			return s
		})},
		"takes one too many from the previous": {"capacity", instead(oneTooMany)},
		"takes more than the share":            {"its share", instead(oneTooMany)},
		"takes the candidate's target for the previous one's": {"its share", instead(func(d Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == Resize && inPhase(d, s) && s.Group.ID == c.Live.ID {
				s.Capacity = Pin(d.Canary[s.Phase-1].Old(finalOf(d, c), finalOf(d, c)))
			}
			return s
		})},
		"takes the previous one's target for the candidate's": {"its share", instead(func(d Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == Resize && inPhase(d, s) && s.Group.ID == c.Candidate.ID {
				s.Capacity = Pin(d.Canary[s.Phase-1].New(journal(c).PreviousCapacity.Target))
			}
			return s
		})},
		"rounds the candidate's share down": {"its share", instead(func(d Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == Resize && inPhase(d, s) && s.Group.ID == c.Candidate.ID && d.Canary[s.Phase-1].Percent > 0 {
				s.Capacity = Pin(finalOf(d, c) * d.Canary[s.Phase-1].Percent / 100)
			}
			return s
		})},
		"rounds down what remains": {"its share", instead(func(d Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == Resize && inPhase(d, s) && s.Group.ID == c.Live.ID && d.Canary[s.Phase-1].Percent > 0 {
				s.Capacity = Pin(journal(c).PreviousCapacity.Target * (100 - d.Canary[s.Phase-1].Percent) / 100)
			}
			return s
		})},
		"grows to the whole in the first phase": {"its share", instead(func(d Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == Resize && inPhase(d, s) && s.Phase == 1 && s.Group.ID == c.Candidate.ID {
				s.Capacity = Pin(finalOf(d, c))
			}
			return s
		})},
		"grows before what was given up is gone": {"drained first", instead(func(d Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == AwaitDrained && inPhase(d, s) {
				take, _ := sharesOf(d, c, s.Phase)
				s.Kind, s.Group, s.Capacity = Resize, *c.Candidate, Pin(take)
			}
			return s
		})},

		"leaves the previous its bounds in a phase": {"pinned while they share", instead(func(d Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == Resize && inPhase(d, s) && s.Group.ID == c.Live.ID {
				s.Capacity.Minimum, s.Capacity.Maximum = 0, journal(c).PreviousCapacity.Maximum
			}
			return s
		})},
		"never pins the previous in a phase": {"pinned while they share", instead(func(d Deployment, w World, c Roles, s Step) Step {
			if s.Kind == Resize && inPhase(d, s) && s.Group.ID == c.Live.ID && s.Capacity.Target == s.Group.Capacity.Target {
				return passed(c, s) // there is nothing to take in this phase, and what pins it is forgotten with it
			}
			return s
		})},
		"gives the candidate its bounds in a phase": {"pinned while they share", instead(func(d Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == Resize && inPhase(d, s) && s.Group.ID == c.Candidate.ID {
				s.Capacity.Minimum, s.Capacity.Maximum = 0, finalOf(d, c)
			}
			return s
		})},
		"leaves the candidate pinned when it is done": {"pins never leak", instead(func(d Deployment, _ World, c Roles, s Step) Step {
			if len(d.Canary) > 0 && c.Live != nil && s.Kind == Resize && s.Why == WhyOwnBounds {
				return proven(d, c)
			}
			return s
		})},
		"leaves the previous pinned when it gives up": {"pins never leak", forgettingBounds(func(d Deployment, j Journal) bool {
			return j.Verdict == Failed && j.Release == d.Release
		})},
		"leaves the previous pinned when it is superseded": {"pins never leak", forgettingBounds(func(d Deployment, j Journal) bool {
			return j.Verdict == RollingOut && j.Release != d.Release
		})},

		"goes past the hold": {"goes past no hold", func(d Deployment, w World) Step {
			d.HoldAfter = 0
			return Next(d, w)
		}},
		"proves what is to hold": {"goes past no hold", instead(func(d Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == HoldHere {
				return proven(d, c)
			}
			return s
		})},
		"still holds when it goes on": {"holds", instead(func(d Deployment, w World, _ Roles, s Step) Step {
			if s.Kind == Record && s.Why == WhyGoesOn {
				return Next(d, pretending(w, func(j *Journal) { j.Holding = false }))
			}
			return s
		})},
		"still holds when it goes back": {"holds", instead(func(d Deployment, w World, _ Roles, s Step) Step {
			if s.Kind == Record && s.Why == WhyGoesBack {
				return Next(d, pretending(w, func(j *Journal) { j.Passed, j.Holding = 0, false }))
			}
			return s
		})},
		"rests and does not say so": {"holds", instead(func(_ Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == Record && s.Why == WhyHolds {
				return Step{Kind: HoldHere, Part: Deploy, Group: *c.Candidate}
			}
			s.Journal.Holding = false
			return s
		})},

		"goes on with what was superseded": {"no way forward", func(d Deployment, w World) Step {
			if c := RolesOf(w); c.Candidate != nil && journal(c).Verdict == RollingOut {
				d.Release = journal(c).Release
			}
			return Next(d, w)
		}},
		"goes on with what failed": {"no way forward", func(d Deployment, w World) Step {
			if c := RolesOf(w); c.Candidate != nil && journal(c).Verdict == Failed {
				w.Failure = nil
			}
			return Next(d, pretending(w, func(j *Journal) { j.Verdict = RollingOut }))
		}},
	})
}

// A process that keeps the phases it has passed in its memory is found out by killing it.
func TestResumeNoticesPhasesInMemory(t *testing.T) {
	t.Log("promise: killed anywhere")
	t.Parallel()
	inMemory := func() decider {
		passed := map[string]int{}
		return func(d Deployment, w World) Step {
			s := Next(d, pretending(w, func(j *Journal) { j.Passed = passed[Name(j.Deployment, j.Revision)] }))
			if s.Kind == Record && s.Journal.Verdict == RollingOut {
				passed[s.Group.Name] = s.Journal.Passed
				s.Journal.Passed = 0
			}
			return s
		}
	}
	noticed(t, stories(), func(s story) bool { return resumes(s, inMemory) != "" })
}

// oneTooMany takes one instance more from the live revision than is its share.
func oneTooMany(d Deployment, _ World, c Roles, s Step) Step {
	if s.Kind == Resize && inPhase(d, s) && s.Group.ID == c.Live.ID {
		s.Capacity = Pin(max(0, s.Capacity.Target-1))
	}
	return s
}

// forgettingBounds goes back from some candidates as if the live revision had its own bounds.
func forgettingBounds(from func(Deployment, Journal) bool) decider {
	return func(d Deployment, w World) Step {
		c := RolesOf(w)
		if c.Candidate == nil || c.Live == nil || !from(d, journal(c)) {
			return Next(d, w)
		}
		w.Groups = slices.Clone(w.Groups)
		for i := range w.Groups {
			if had := journal(c).PreviousCapacity; w.Groups[i].ID == c.Live.ID {
				w.Groups[i].Capacity.Minimum, w.Groups[i].Capacity.Maximum = had.Minimum, had.Maximum
			}
		}
		return Next(d, w)
	}
}

// inPhase tells whether a step is of a phase before the last one.
func inPhase(d Deployment, s Step) bool {
	return s.Part == Deploy && s.Phase > 0 && s.Phase <= len(d.Canary)
}

// pretending is the world as it would be if the candidate's journal said something else.
func pretending(w World, otherwise func(*Journal)) World {
	c := RolesOf(w)
	if c.Candidate == nil {
		return w
	}
	j := journal(c)
	otherwise(&j)
	w.Groups = slices.Clone(w.Groups)
	for i := range w.Groups {
		if w.Groups[i].ID == c.Candidate.ID {
			w.Groups[i].Tags = j.Tags()
		}
	}
	return w
}

// passed notes the phase of a step as passed.
func passed(c Roles, s Step) Step {
	j := journal(c)
	j.Passed = s.Phase
	s.Kind, s.Group, s.Journal = Record, *c.Candidate, j
	return s
}

func journal(c Roles) Journal {
	j, _ := c.Candidate.Journal()
	return j
}

// finalOf is the target that the candidate is to have in the end.
func finalOf(d Deployment, c Roles) int {
	if d.Capacity != nil {
		return d.Capacity.Target
	}
	return journal(c).PreviousCapacity.Target
}

// sharesOf are the targets of both revisions in a phase.
func sharesOf(d Deployment, c Roles, number int) (take, leave int) {
	p, target := d.Canary[number-1], finalOf(d, c)
	return p.New(target), p.Old(journal(c).PreviousCapacity.Target, target)
}
