package rollout_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// holding is the world in which a release holds after a phase.
func holding(d Deployment, after int) World {
	d.HoldAfter, d.HoldOnStage = after, after == 0
	return Simulate(d, worldBefore(d)).End
}

func worldBefore(d Deployment) World {
	w := candidateOf(d)
	w.Groups = w.Groups[:1]
	return w
}

// stepsOf are the changes and waits of a run, with what they set.
func stepsOf(steps []Step) []string {
	var lines []string
	for _, s := range steps {
		lines = append(lines, fmt.Sprintf("%s %s %d %s %s %s %s", s.Part, s.Kind, s.Phase, s.Group.Name, s.Capacity, s.Time, s.To))
	}
	return lines
}

// Whoever goes on with what is written on the candidate does what an apply without hold_after_phase does, to the end or as far as it
// says, and leaves what that leaves. After it the configuration that still says where to hold wants nothing.
func TestAPromotedReleaseGoesOnAsItsConfigurationDoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := termed(t, 1)
		levels, least := d.Phases(), 1
		if d.BlueGreen != nil {
			least = 0 // on stage
		}
		if levels < least {
			t.Skip("it does not hold")
		}
		after := rapid.IntRange(least, levels).Draw(t, "holds after")
		to := rapid.SampledFrom(append(rangeOf(after+1, levels), 0)).Draw(t, "is promoted to")
		w := holding(d, after)
		if StatusOf(w) != Holding {
			t.Fatalf("it is %s: %s", StatusOf(w), Standing(w))
		}
		promoted, missing := GoOn(name, w)
		if missing != "" {
			t.Fatal(missing)
		}
		promoted.Promotion = &Promotion{To: to, By: "me"}
		written := d
		written.HoldAfter = to
		theirs, ours := Simulate(written, w), Simulate(promoted, w)
		theirSteps, ourSteps := stepsOf(theirs.Steps), stepsOf(ours.Steps)
		if ours.Steps[0].Why != WhyPromoted || !slices.Equal(ourSteps[1:], theirSteps[1:]) {
			t.Fatalf("an apply does\n%s\na promotion does\n%s", strings.Join(theirSteps, "\n"), strings.Join(ourSteps, "\n"))
		}
		if a, b := shape(theirs.End), shape(ours.End); !slices.Equal(a, b) {
			t.Fatalf("an apply leaves\n%s\na promotion leaves\n%s", strings.Join(a, "\n"), strings.Join(b, "\n"))
		}
		still := d
		still.HoldAfter, still.HoldOnStage, still.Given = after, after == 0, d.Capacity
		if next := Simulate(still, ours.End); next.Changes() {
			t.Fatalf("afterwards the configuration wants %v", stepsOf(next.Steps))
		}
	})
}

func rangeOf(from, to int) []int {
	var all []int
	for n := from; n <= to; n++ {
		all = append(all, n)
	}
	return all
}

// A promotion that is killed after any of its steps is gone on with by whoever comes next: another promotion, or an apply whose
// configuration still says where to hold.
func TestAKilledPromotionIsGoneOnWith(t *testing.T) {
	for strategy, d := range heldOnes() {
		if wrong := killedPromotionBreaks(d, Next); wrong != "" {
			t.Errorf("%s: %s", strategy, wrong)
		}
	}
}

// killedPromotionBreaks says where a promotion is lost with its process; "" if it never is.
func killedPromotionBreaks(d Deployment, next decider) string {
	w := holding(d, 1)
	promoted, missing := GoOn(name, w)
	if missing != "" {
		return missing + " is missing"
	}
	promoted.Promotion = &Promotion{By: "me"}
	steps, whole := imagined(next, promoted, w)
	for i, s := range steps {
		if i > 0 {
			apply := d
			apply.HoldAfter = 1
			again, missing := GoOn(name, w)
			if again.Promotion = (&Promotion{By: "another"}); RolesOf(w).Candidate == nil {
				again = apply
			}
			for who, d := range map[string]Deployment{"apply": apply, "promotion": again} {
				if did, end := imagined(next, d, w); missing != "" || !slices.Equal(shape(end), shape(whole)) {
					return fmt.Sprintf("killed before step %d (%s): %s leaves\n%s\nand does %v%s", i, s, who, strings.Join(shape(end), "\n"), stepsOf(did), missing)
				}
			}
		}
		w = Imagine(s, w)
	}
	return ""
}

// Of two that go on with one candidate the one that was first finds the other's name on it.
func TestTwoPromotionsAreToldApart(t *testing.T) {
	w := holding(canary("r1"), 1)
	before := candidateJournal(w)
	one, _ := GoOn(name, w)
	one.Promotion = &Promotion{By: "one"}
	other := one
	other.Promotion = &Promotion{By: "other"}
	first := Imagine(Next(one, w), w)
	second := Imagine(Next(other, first), first)
	apply := canary("r1")
	apply.Run = "apply"
	third := Imagine(Next(apply, first), first)
	for what, test := range map[string]struct {
		was, is Journal
		want    string
	}{
		"nobody":             {before, before, ""},
		"one goes on":        {before, candidateJournal(first), "promoted to the end"},
		"nobody else since":  {candidateJournal(first), candidateJournal(first), ""},
		"the other one does": {candidateJournal(first), candidateJournal(second), "promoted to the end"},
		"an apply does":      {candidateJournal(first), candidateJournal(third), "promoted to the end"},
	} {
		if got := Overruled(test.was, test.is); (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s: %q", what, got)
		}
	}
	if by := candidateJournal(third).Promoted.By; by != "apply" {
		t.Errorf("an apply that takes over leaves the name %q", by)
	}
}

func candidateJournal(w World) Journal {
	j, _ := RolesOf(w).Candidate.Journal()
	return j
}

// imagined are the steps of a run that is decided by somebody, and the world after them, if every step works.
func imagined(next decider, d Deployment, w World) ([]Step, World) {
	var steps []Step
	for range 200 {
		s := next(d, w)
		if steps = append(steps, s); s.Ends() {
			break
		}
		w = Imagine(s, w)
	}
	return steps, w
}

// A candidate that is aborted goes back as one that failed does, is not held against its image, and is released again by whoever wants it,
// who is told.
func TestAnAbortedReleaseIsNotHeldAgainstIt(t *testing.T) {
	for strategy, d := range heldOnes() {
		if wrong := abortBreaks(d, Next, Abort); wrong != "" {
			t.Errorf("%s: %s", strategy, wrong)
		}
	}
}

// heldOnes are releases that can hold after their first phase or weight.
func heldOnes() map[string]Deployment {
	c, s := canary("r1"), shifting("r1")
	s.BlueGreen.Routes = []RoutePair{{listener, stageListener}}
	for _, d := range []*Deployment{&c, &s} {
		d.Capacity, d.Given = &usual, &usual
	}
	return map[string]Deployment{"canary": c, "shift": s}
}

// abortBreaks says how an abort is not what it has to be; "" if it is.
func abortBreaks(d Deployment, next decider, aborts func(release string) *Failure) string {
	before, w := worldBefore(d), holding(d, 1)
	failing := w
	failing.Failure = &Failure{Release: "r1", Reason: "it cannot go on"}
	failed := Simulate(d, failing)
	abort, _ := GoOn(name, w)
	w.Failure = aborts(abort.Release)
	steps, end := imagined(next, abort, w)
	if theirs, ours := stepsOf(failed.Steps), stepsOf(steps); !slices.Equal(theirs, ours) {
		return fmt.Sprintf("a failure does\n%s\nan abort does\n%s", strings.Join(theirs, "\n"), strings.Join(ours, "\n"))
	}
	end.Failure = nil
	live := RolesOf(end).Live
	if len(end.Groups) != 1 || live.Capacity != before.Groups[0].Capacity || len(live.Memory().Failed) > 0 {
		return fmt.Sprintf("it leaves %v, and remembers %v", shape(end), live.Memory())
	}
	again := Simulate(d, end)
	if !again.NewRevision() || !strings.Contains(again.Text(), "web__2 of ami-r1 was this release, and was aborted on request") {
		return "the next plan says\n" + again.Text()
	}
	other := d
	other.Release = "r2"
	if strings.Contains(Simulate(other, end).Text(), "aborted") {
		return "another release is said to have been aborted"
	}
	if s := next(abort, end); s.Kind != Done {
		return fmt.Sprintf("afterwards the abort wants to %s", s)
	}
	return ""
}
