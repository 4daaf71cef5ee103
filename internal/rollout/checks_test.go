package rollout_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

var withChecks = everything{stories: checked}

// judged fails if one of the stories with checks breaks the rule.
func judged(t *testing.T, rule string) {
	t.Helper()
	t.Parallel()
	withChecks.holds(t, rule)
}

// None of production's traffic moves to a candidate before the checks of stage are good.
func TestAsksOnStageFirst(t *testing.T) { judged(t, "asks on stage first") }

// No bake is passed in which what judges it was not asked, or was not known.
func TestAsksInEachBake(t *testing.T) { judged(t, "asks in each bake") }

// Nothing is proven before the checks of the end are good.
func TestAsksAtTheEnd(t *testing.T) { judged(t, "asks at the end") }

// Where both revisions stand in the same target groups, the checks of the end are asked when the former one serves no more.
func TestTheFormerRevisionAnswersNoCheckOfTheEnd(t *testing.T) {
	t.Parallel()
	asked := 0
	rapid.Check(t, func(t *rapid.T) {
		checked().Draw(t, "story").tell(func(d Deployment, w World) Step {
			s := Next(d, w)
			if s.Kind != AwaitChecks || s.At != AtEnd || d.MovesTraffic() {
				return s
			}
			asked++
			live := RolesOf(w).Live
			groups := slices.Clone(w.Groups)
			i := slices.IndexFunc(groups, func(g Group) bool { return g.ID == live.ID })
			groups[i].Instances, groups[i].InService = 2, 1
			serves := w
			serves.Groups = groups
			if next := Next(d, serves); next.Kind != AwaitDrained || next.Group.ID != live.ID {
				t.Errorf("an instance of %s serves, and what comes next is to %s", live.Name, next)
			}
			return s
		})
	})
	if asked == 0 {
		t.Error("no story asked anything at the end")
	}
}

// Nobody is asked on the way back, about a first deployment, or about what was proven before.
func TestAsksOfNobodyThatIsNotOnTrial(t *testing.T) { judged(t, "asks of nobody that is not on trial") }

// Whatever checks do, no other promise is broken.
func TestChecksBreakNoOtherPromise(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		for _, b := range checked().Draw(t, "story").tell(Next).breaches {
			t.Errorf("%s: %s", b.rule, b.how)
		}
	})
}

// Each promise of checks is broken here on purpose, and has to notice.
func TestBrokenChecks(t *testing.T) {
	saying := func(asked Asked) decider {
		return func(d Deployment, w World) Step {
			s := Next(d, w)
			if (s.Kind == AwaitChecks || s.Kind == Bake) && s.At == asked.At && w.Asked == nil {
				w.Asked = &Asked{At: s.At, Phase: map[bool]int{true: s.Phase}[s.At == InBake]}
				if s.At == InBake {
					w.Baked = s.Phase
				}
				return Next(d, w)
			}
			return s
		}
	}
	findOutIn(t, checked, map[string]variant{
		"never asks on stage":   {"asks on stage first", saying(Asked{At: OnStage})},
		"never asks in a bake":  {"asks in each bake", saying(Asked{At: InBake})},
		"never asks at the end": {"asks at the end", saying(Asked{At: AtEnd})},
		"takes what is not known for good": {"asks on stage first", func(d Deployment, w World) Step {
			if w.Asked != nil {
				w.Asked = &Asked{At: w.Asked.At, Phase: w.Asked.Phase}
			}
			w.Failure = known(w.Failure)
			return Next(d, w)
		}},
		"takes a bake of which nothing is known for good": {"asks in each bake", func(d Deployment, w World) Step {
			if w.Asked != nil && w.Asked.At == InBake {
				w.Asked = &Asked{At: InBake, Phase: w.Asked.Phase}
			}
			return Next(d, w)
		}},
		"goes past the hold on stage": {"goes past no hold", func(d Deployment, w World) Step {
			d.HoldOnStage = false
			return Next(d, w)
		}},
		"asks about what was proven before": {"asks of nobody that is not on trial", instead(func(d Deployment, _ World, c Roles, s Step) Step {
			if s.Part == Deploy && c.Candidate != nil && journal(c).Verdict == Reverting && len(d.Checks) > 0 {
				return Step{Kind: AwaitChecks, Part: Deploy, Group: *c.Candidate, At: AtEnd, Checks: d.Checks}
			}
			return s
		})},
	})
}

// known is a failure, but for one that is not known.
func known(f *Failure) *Failure {
	if f != nil && f.Cause == NotKnown {
		return nil
	}
	return f
}

// verified is a release by weights with everything that can judge it.
func verified(r string) Deployment {
	d := shifting(r)
	d.BlueGreen.Shift = []Weight{{10, 10 * time.Minute}}
	d.Checks = []Check{
		{Name: "smoke", At: OnStage, Every: time.Minute, Failures: 1}, {Name: "orders", At: OnStage, Every: time.Minute, Failures: 1},
		{Name: "errors", At: InBake, Every: time.Minute, Failures: 2}, {Name: "audit", At: AtEnd, Every: time.Minute, Failures: 1},
	}
	d.Compare = &Comparison{Errors: 1.5, Latency: 1.3, Percentile: 90, MinRequests: 200}
	return d
}

// checkScripts are runs with checks.
func checkScripts() map[string]func() *script {
	tale := func(unknown, bad Point, edit func(*Deployment), say string) func() *script {
		return func() *script {
			s := newScript()
			s.weighted()
			s.unknown, s.bad = unknown, bad
			d := verified("r7")
			if edit != nil {
				edit(&d)
			}
			s.say(say)
			s.apply(d, nil)
			if unknown == "" && bad == "" && !d.HoldOnStage {
				return s
			}
			s.unknown, s.bad = "", ""
			d = verified("r7")
			if bad != "" {
				return s
			}
			s.say("The next apply, without the hold and with everybody answering.")
			s.apply(d, nil)
			return s
		}
	}
	return map[string]func() *script{
		"checks":                    tale("", "", nil, "Two checks on stage, one in the bakes, one at the end, and at 10 % both revisions are compared."),
		"checks, bad on stage":      tale("", OnStage, nil, "A check on stage is bad. Nobody has seen r7."),
		"checks, bad at the end":    tale("", AtEnd, nil, "The check at the end is bad. web__6 is still whole."),
		"checks, held on stage":     tale("", "", func(d *Deployment) { d.HoldOnStage = true }, "The rollout is to rest on stage, for people to look."),
		"checks, not known, holds":  tale(InBake, "", nil, "Something is not known in the bake at 10 %: it rests there."),
		"checks, not known, fails":  tale(InBake, "", func(d *Deployment) { d.Inconclusive = InconclusiveFail }, "The same, where what is not known is to go back."),
		"checks, not known, passes": tale(OnStage, "", func(d *Deployment) { d.Inconclusive = InconclusivePass }, "Something is not known on stage, and that is to be gone past."),
		"checks in a canary": func() *script {
			s := newScript()
			s.has(6, "r6", usual)
			d := canary("r7")
			d.Checks = []Check{{Name: "errors", At: InBake, Every: time.Minute, Failures: 1}, {Name: "audit", At: AtEnd, Every: time.Minute, Failures: 1}}
			s.say("A canary is asked about in its bakes and at the end.")
			s.apply(d, nil)
			return s
		},
	}
}
