package rollout_test

import (
	"testing"

	"pgregory.net/rapid"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// decider is Next, or something that is not quite it.
type decider = func(Deployment, World) Step

// instead is Next, but for the steps that a mistake makes into others.
func instead(mistake func(d Deployment, w World, c Roles, s Step) Step) decider {
	return func(d Deployment, w World) Step { return mistake(d, w, RolesOf(w), Next(d, w)) }
}

// stories that are told at most until a broken variant is found out.
const chances = 3000

// A property that never fails proves nothing: each is broken here on purpose, and has to notice.
func TestBrokenVariants(t *testing.T) {
	findOut(t, map[string]variant{
		"shrinks the previous before the candidate is healthy": {"capacity", instead(func(_ Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == AwaitHealthy && s.Part == Deploy && c.Live != nil && c.Live.Capacity.Target > 0 {
				return Step{Kind: Resize, Part: Deploy, Group: *c.Live}
			}
			return s
		})},
		"takes the candidate before the previous is back": {"capacity", instead(func(_ Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == AwaitHealthy && s.Part == Back {
				return Step{Kind: Resize, Part: Back, Group: *c.Candidate}
			}
			return s
		})},
		"deletes without waiting for empty": {"deletes nothing that runs", instead(func(_ Deployment, _ World, _ Roles, s Step) Step {
			if s.Kind == AwaitDrained && s.Part == Back {
				return Step{Kind: Delete, Part: Back, Group: s.Group}
			}
			return s
		})},
		"prunes before proven": {"prunes only after proven", instead(func(d Deployment, _ World, c Roles, s Step) Step {
			if !d.Gone && c.Candidate != nil && len(c.Others) > 0 && c.Others[0].Capacity.Target == 0 {
				return Step{Kind: Delete, Part: After, Group: c.Others[0]}
			}
			return s
		})},
		"forgets the candidate's own bounds": {"pins never leak", instead(func(d Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == Resize && s.Why == WhyOwnBounds {
				return proven(d, c)
			}
			return s
		})},
		"restores the target and not the bounds": {"failure restores", instead(func(d Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == Resize && s.Part == Back && c.Live != nil && s.Group.ID == c.Live.ID {
				if s.Group.Capacity == Pin(s.Capacity.Target) {
					return Step{Kind: Resize, Part: Back, Group: *c.Candidate}
				}
				s.Capacity = Pin(s.Capacity.Target)
			}
			if c.Candidate != nil && c.Live != nil && c.Candidate.Capacity.Target == 0 && c.Candidate.Instances == 0 && s.Part == Back {
				return Step{Kind: Delete, Part: Back, Group: *c.Candidate}
			}
			return s
		})},
		"supersedes without going back": {"one candidate", instead(func(d Deployment, w World, c Roles, s Step) Step {
			if s.Part == Back && c.Candidate != nil && len(c.Leftovers) == 0 {
				w.Groups = without(w.Groups, c.Candidate.ID)
				return Next(d, w)
			}
			return s
		})},
		"begins with the leftovers": {"journal first", instead(func(_ Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == Create && len(c.Others) > 0 && c.Others[0].Capacity.Target > 0 {
				return Step{Kind: Resize, Part: Setup, Group: c.Others[0]}
			}
			return s
		})},
		"keeps no way back in the journal": {"journal first", instead(func(_ Deployment, _ World, _ Roles, s Step) Step {
			s.Journal.PreviousCapacity = Capacity{}
			return s
		})},
		"notes a shrunken previous as its own": {"the live one stays", instead(func(_ Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == Record && c.Live != nil {
				s.Journal.PreviousCapacity = Pin(0)
			}
			return s
		})},
		"deletes the way back": {"the live one stays", instead(func(d Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == Record && s.Journal.Verdict == Proven && c.Live != nil && c.Live.Instances == 0 {
				return Step{Kind: Delete, Part: Deploy, Group: *c.Live}
			}
			return s
		})},
		"keeps one too many": {"keeps the newest", instead(func(d Deployment, _ World, _ Roles, s Step) Step {
			if s.Kind == Delete && s.Part == After {
				return Step{Kind: Done}
			}
			return s
		})},
		"prunes the newest": {"keeps the newest", instead(func(_ Deployment, _ World, c Roles, s Step) Step {
			if last := len(c.Others) - 1; s.Kind == Delete && s.Part == After {
				s.Group = c.Others[last]
			}
			return s
		})},
		"forgets what failed": {"what failed is remembered", instead(func(_ Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == Remember && s.Part == Back {
				switch {
				case c.Candidate.Capacity != Capacity{}:
					return Step{Kind: Resize, Part: Back, Group: *c.Candidate}
				case c.Candidate.Instances > 0:
					return Step{Kind: AwaitDrained, Part: Back, Group: *c.Candidate}
				}
				return Step{Kind: Delete, Part: Back, Group: *c.Candidate}
			}
			return s
		})},
		"takes down what it had": {"pins never leak", instead(func(_ Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == Remember && s.Part == TakeDown {
				return Step{Kind: Resize, Part: TakeDown, Group: *c.Live}
			}
			return s
		})},
		"takes an unowned group for its own": {"touches nothing foreign", instead(func(_ Deployment, w World, _ Roles, s Step) Step {
			if s.Kind == Refuse && len(w.Unowned) > 0 {
				return Step{Kind: Resize, Part: Setup, Group: w.Unowned[0]}
			}
			return s
		})},
		"leaves a failed first deployment": {"a failed first deployment leaves nothing", instead(func(_ Deployment, w World, c Roles, s Step) Step {
			if s.Kind == Delete && s.Part == Back && c.Live == nil && w.Failure != nil {
				return Step{Kind: GiveUp, Why: WhyReleaseFailed, Detail: w.Failure.Reason}
			}
			return s
		})},
		"destroys all but the last": {"destroy takes all", instead(func(d Deployment, w World, _ Roles, s Step) Step {
			if d.Gone && len(w.Groups) == 1 {
				return Step{Kind: Done}
			}
			return s
		})},
		"never ends": {"ends", instead(func(_ Deployment, _ World, c Roles, s Step) Step {
			if s.Kind == Done && c.Live != nil {
				return Step{Kind: Resize, Part: InPlace, Group: *c.Live, Capacity: c.Live.Capacity}
			}
			return s
		})},
		"goes by the order of the listing": {"same answer", func(d Deployment, w World) Step {
			s := Next(d, w)
			if s.Kind == Delete && len(w.Groups) > 1 {
				s.Detail = w.Groups[0].Name
			}
			return s
		}},
	})
}

// variant is something that is not quite Next, and the rule that finds it out.
type variant struct {
	rule   string
	broken decider
}

// findOut fails for every variant that tells its stories without being noticed.
func findOut(t *testing.T, variants map[string]variant) {
	t.Helper()
	findOutIn(t, stories, variants)
}

func findOutIn(t *testing.T, generator func() *rapid.Generator[story], variants map[string]variant) {
	t.Helper()
	t.Parallel()
	for what, v := range variants {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			told := generator()
			for i := range chances {
				if len(told.Example(i).tell(v.broken).broke(v.rule)) > 0 {
					t.Logf("promise: %s", v.rule)
					return
				}
			}
			t.Errorf("%d stories, and %q never noticed", chances, v.rule)
		})
	}
}

// A process that keeps in its memory what belongs in the journal is found out by killing it.
func TestResumeNoticesMemory(t *testing.T) {
	t.Log("promise: killed anywhere")
	t.Parallel()
	inMemory := func() decider {
		begun := false
		return func(d Deployment, w World) Step {
			s := Next(d, w)
			if s.Kind == Resize && s.Part == Deploy && s.Why != "" && !begun {
				return proven(d, RolesOf(w)) // its own bounds are known only to the process that pinned it
			}
			begun = begun || s.Kind == Create
			return s
		}
	}
	noticed(t, stories(), func(s story) bool { return resumes(s, inMemory) != "" })
}

// A run that does what the plan does not say is found out.
func TestThePlanNoticesAnotherRun(t *testing.T) {
	t.Log("promise: the plan is what runs")
	t.Parallel()
	other := instead(func(d Deployment, _ World, c Roles, s Step) Step {
		if s.Kind == Resize && s.Part == Deploy && s.Capacity.Target > 1 && c.Candidate.Capacity.Target == 0 {
			s.Capacity = Pin(s.Capacity.Target - 1)
		}
		return s
	})
	noticed(t, stories(), func(s story) bool { return foresees(s, other) != "" })
}

func noticed(t *testing.T, told *rapid.Generator[story], notices func(story) bool) {
	t.Helper()
	for i := range chances {
		if notices(told.Example(i)) {
			return
		}
	}
	t.Errorf("%d stories, and nobody noticed", chances)
}

func proven(d Deployment, c Roles) Step {
	j, _ := c.Candidate.Journal()
	j.Verdict, j.Retain = Proven, d.Retain
	return Step{Kind: Record, Part: After, Group: *c.Candidate, Journal: j, Why: WhyProven}
}

func without(groups []Group, id string) []Group {
	var rest []Group
	for _, g := range groups {
		if g.ID != id {
			rest = append(rest, g)
		}
	}
	return rest
}
