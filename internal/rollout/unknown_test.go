package rollout_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// watched is a release by a weight with checks at every point.
func watched() Deployment {
	d := heldOnes()["shift"]
	d.Run = "0123456789ab"
	d.BlueGreen.Shift = []Weight{{10, 5 * time.Minute}, {50, 5 * time.Minute}}
	for _, at := range []Point{OnStage, InBake, AtEnd} {
		d.Checks = append(d.Checks, Check{Name: string(at), At: at, Every: time.Minute, Failures: 1})
	}
	return d
}

// rests is where the rollout rests of which nothing is known at any point, or how it ends.
func rests(d Deployment, next decider, w World) (World, string) {
	w.Asked, w.Baked = nil, 0 // it is another run
	for range 60 {
		s := next(d, w)
		if s.Ends() {
			if s.Kind == HoldHere {
				j := journal(RolesOf(w))
				return w, fmt.Sprintf("at %s, %d passed", j.UnknownAt, j.Passed)
			}
			return w, string(s.Kind)
		}
		if w = Imagine(s, w); len(s.Checks) > 0 {
			w.Asked.Unknown = "nobody answers, and that is a long story; " + fmt.Sprintf("%300d", 7)
		}
	}
	return w, "does not end"
}

// vouchBreaks says how promotions of what is not known come to something else than one point after the other; "" if they do not.
func vouchBreaks(d Deployment, next decider) string {
	w, at := rests(d, next, worldBefore(d))
	for _, want := range []string{"at stage, 0 passed", "at bake, 0 passed", "at bake, 1 passed", "at bake, 2 passed", "at end, 3 passed"} {
		if at != want {
			return fmt.Sprintf("it rests %s, and not %s", at, want)
		}
		again, still := rests(d, next, w)
		if still != want {
			return fmt.Sprintf("unpromoted it goes on from %s: %s", want, still)
		}
		w = again
		planned := w
		planned.Asked, planned.Baked = nil, 0
		if text := Simulate(d, planned).Text(); !strings.Contains(text, "traffic back first") {
			return fmt.Sprintf("%s the plan does not say that traffic goes back:\n%s", want, text)
		}
		for i, g := range w.Groups {
			if g.ID == RolesOf(w).Candidate.ID {
				w.Groups[i].Tags = g.With(PromotedTags(w, Promotion{}))
				break
			}
		}
		w, at = rests(d, next, w)
	}
	if at != string(Done) {
		return "it ends as " + at
	}
	return ""
}

// Who promotes what is not known takes it for good, at that point and at no other.
func TestAPromotionVouchesForOnePoint(t *testing.T) {
	for _, then := range []Inconclusive{"", InconclusiveHold} {
		d := watched()
		d.Inconclusive = then
		if how := vouchBreaks(d, Next); how != "" {
			t.Error(how)
		}
	}
	// Whoever changes his mind about what becomes of it meanwhile has vouched all the same.
	d := watched()
	w, _ := rests(d, Next, worldBefore(d))
	w.Groups[len(w.Groups)-1].Tags = w.Groups[len(w.Groups)-1].With(PromotedTags(w, Promotion{}))
	d.Inconclusive = InconclusiveFail
	w.Asked = &Asked{At: OnStage, Unknown: "nobody answers"}
	if !AcceptedUnknown(w, OnStage) || AcceptedUnknown(w, InBake) {
		t.Error("it is not vouched for on stage, or elsewhere, too")
	}
	for s := Next(d, w); s.Kind != Shift; s = Next(d, w) {
		if s.Part == Back {
			t.Fatalf("it is taken back: %s", s)
		}
		asked := w.Asked
		w = Imagine(s, w)
		w.Asked = asked
	}
}

func TestBrokenVouching(t *testing.T) {
	edited := func(edit func(j *Journal)) decider {
		return instead(func(_ Deployment, _ World, _ Roles, s Step) Step {
			if s.Kind == Record {
				edit(&s.Journal)
			}
			return s
		})
	}
	for what, broken := range map[string]decider{
		"a promotion that vouches for all that comes": func(d Deployment, w World) Step {
			if c := RolesOf(w); w.Asked != nil && c.Candidate != nil && journal(c).Promoted != nil {
				w.Asked = &Asked{At: w.Asked.At, Phase: w.Asked.Phase}
			}
			return Next(d, w)
		},
		"a promotion that vouches for nothing": edited(func(j *Journal) {
			if j.Promoted != nil {
				j.Unknown, j.UnknownAt = "", ""
			}
		}),
		"a hold that does not say at which point": edited(func(j *Journal) { j.UnknownAt = "" }),
		"a word that is not forgotten when its point is passed": instead(func(_ Deployment, w World, c Roles, s Step) Step {
			if s.Kind == Record && s.Why == WhyPassed {
				s.Journal.Unknown, s.Journal.UnknownAt = journal(c).Unknown, journal(c).UnknownAt
			}
			return s
		}),
	} {
		t.Run(what, func(t *testing.T) {
			if vouchBreaks(watched(), broken) == "" {
				t.Error("nobody noticed")
			}
			t.Log("promise: a person's verdict is on one point")
		})
	}
}
