package rollout_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/fresh"
	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

func init() { fresh.Properties() }

// everything is what the stories broke, of all rules. Each rule would be told the same ones, so they are told once.
type everything struct {
	sync.Once
	stories func() *rapid.Generator[story]
	told    bool
	broken  map[string]bool
}

var plain, behindRoutes, comingBack = everything{stories: stories}, everything{stories: routed}, everything{stories: reverts}

// holds fails if one of the stories breaks the rule. Then it tells them again, for the shortest one that does.
func holds(t *testing.T, rule string) {
	t.Helper()
	t.Parallel()
	t.Run("canary", func(t *testing.T) { plain.holds(t, rule) })
	t.Run("blue-green", func(t *testing.T) { behindRoutes.holds(t, rule) })
	t.Run("reverts", func(t *testing.T) { comingBack.holds(t, rule) })
}

func (e *everything) holds(t *testing.T, rule string) {
	t.Helper()
	e.Do(func() {
		e.broken = map[string]bool{}
		rapid.Check(t, func(t *rapid.T) {
			for _, b := range e.stories().Draw(t, "story").tell(Next).breaches {
				e.broken[b.rule] = true
			}
		})
		e.told = true
	})
	if e.told && !e.broken[rule] {
		return
	}
	rapid.Check(t, func(t *rapid.T) {
		r := e.stories().Draw(t, "story").tell(Next)
		if broken := r.broke(rule); len(broken) > 0 {
			t.Fatalf("%s\nsteps: %q", broken[0].how, told(r.steps))
		}
	})
}

// Healthy instances that serve never fall below min(O, T) by our doing, failure, rollback, kill and resume included.
func TestCapacityNeverFallsByOurDoing(t *testing.T) { holds(t, "capacity") }

// At the end of every run that ends, and before a release that supersedes another begins, the serving revision has its own
// minimum and maximum.
func TestPinsNeverLeak(t *testing.T) { holds(t, "pins never leak") }

// Both revisions are pinned while they share the work.
func TestBothArePinnedWhileTheyShare(t *testing.T) { holds(t, "pinned while they share") }

// Each phase is reached, healthy and baked before the next one begins.
func TestPhaseByPhase(t *testing.T) { holds(t, "phase by phase") }

// In each phase either revision is set to its share: the least whole number that is not below it, of its own target.
func TestEachGetsItsShare(t *testing.T) { holds(t, "its share") }

// With previous first the candidate grows only when what the previous revision gave up is gone.
func TestPreviousFirstWaitsForDrained(t *testing.T) { holds(t, "drained first") }

// A rollout goes no further than the user lets it.
func TestNoHoldIsPassed(t *testing.T) { holds(t, "goes past no hold") }

// A candidate that failed or was superseded gets nothing any more, and what was before comes back.
func TestNoWayForwardForWhatIsNotWanted(t *testing.T) { holds(t, "no way forward") }

// A rollout that rests is called holding, and nothing else is.
func TestHolding(t *testing.T) { holds(t, "holds") }

// Nothing that has instances is ever deleted.
func TestNothingThatRunsIsDeleted(t *testing.T) { holds(t, "deletes nothing that runs") }

// A name that merely looks alike is never touched.
func TestNothingForeignIsTouched(t *testing.T) { holds(t, "touches nothing foreign") }

// A new release while a candidate is half way goes back first, then on.
func TestAtMostOneCandidate(t *testing.T) { holds(t, "one candidate") }

// The candidate is created at zero with the journal in its tags before anything else changes.
func TestJournalComesFirst(t *testing.T) { holds(t, "journal first") }

// Only a revision that was proven lets go of history.
func TestHistoryIsPrunedOnlyAfterProven(t *testing.T) { holds(t, "prunes only after proven") }

// The newest that are retained stay, the rest go, oldest first.
func TestTheNewestAreKept(t *testing.T) { holds(t, "keeps the newest") }

// The live revision stays the way back until a candidate is proven.
func TestTheLiveOneStays(t *testing.T) { holds(t, "the live one stays") }

// What failed is gone, and what served is as it was. The same before a release that supersedes another begins.
func TestFailureRestoresWhatWas(t *testing.T) { holds(t, "failure restores") }

// If the first deployment fails, what it made is deleted.
func TestAFailedFirstDeploymentLeavesNothing(t *testing.T) {
	holds(t, "a failed first deployment leaves nothing")
}

// A release that failed verification is remembered by what serves, and not released again unchanged.
func TestWhatFailedIsRemembered(t *testing.T) { holds(t, "what failed is remembered") }

// What was there before a rollout is never deleted on the way back from it, nor left with less than it had, nor held against its release,
// whatever has failed: it is again what it was.
func TestWhatWasThereBeforeStays(t *testing.T) { holds(t, "what was there before stays") }

// The guard stops no run that keeps the promise.
func TestTheGuardAgrees(t *testing.T) { holds(t, "the guard agrees") }

// Destroy takes every group of the deployment.
func TestDestroyTakesAll(t *testing.T) { holds(t, "destroy takes all") }

// Every run ends, and waits for nothing that cannot come but what a release owes.
func TestEveryRunEnds(t *testing.T) { holds(t, "ends") }

// Next is pure, and the order of a listing is no matter.
func TestNextIsAFunction(t *testing.T) { holds(t, "same answer") }

// looksThatKill are after how many looks a run of so many is killed: every one in a short run, some in a long one, and always
// the first and the last ones.
func looksThatKill(looks int, seed uint64) []int {
	const most = 8
	all := make([]int, looks+1)
	for i := range all {
		all[i] = i
	}
	if len(all) <= most {
		return all
	}
	chance := rand.New(rand.NewPCG(seed, 2))
	chance.Shuffle(looks-3, func(i, j int) { all[i+1], all[j+1] = all[j+1], all[i+1] })
	return append(all[:most-3:most-3], all[looks-2:]...)
}

// resumes finds how a run that was killed and goes on differs from one that was not: in how it ends, and in what both
// processes together change on the way there.
func resumes(s story, next func() func(Deployment, World) Step) string {
	s.chapters = s.chapters[:1]
	s.chapters[0].kill, s.chapters[0].late = -1, false
	s.calm, s.unjudged = true, true
	whole := s.tell(next())
	for _, kill := range looksThatKill(len(whole.steps), s.seed) {
		cut := s
		dies, goesOn := s.chapters[0], s.chapters[0]
		dies.kill = kill
		cut.chapters = []chapter{dies}
		r := cut.tell(next())
		// An answer is lost only once.
		goesOn.halfWay = false
		goesOn.twice = s.chapters[0].twice && !slices.ContainsFunc(r.steps, func(s Step) bool { return s.Kind == Create })
		r.next = next() // another process, which remembers nothing
		r.apply(goesOn)
		if diff := cmp.Diff(shape(whole.observe()), shape(r.observe())); diff != "" {
			return diff
		}
		// A first deployment that failed and is gone already is tried once more by a process that cannot know of it, and so is
		// what failed for no fault of its own, or was killed when its traffic was on the way back: that comes before any note.
		unknown := whole.ending.Kind == GiveUp && (whole.live == "" || len(s.routes) > 0 || s.chapters[0].cause != Verification || whole.cameBack())
		// What failed and is left as it is goes on with the next process, which makes the same notes again.
		unknown = unknown || whole.ending.Kind == Stay
		if diff := cmp.Diff(told(unpaused(whole.steps)), told(unpaused(r.steps))); diff != "" && !unknown {
			return diff
		}
		if refuses := whole.ending.Kind == GiveUp && r.ending.Kind == Refuse; whole.ending.Kind != r.ending.Kind && !refuses {
			return string(whole.ending.Kind + " became " + r.ending.Kind)
		}
	}
	return ""
}

// unpaused are the steps but for those that pause a group alone: a process that waits before it resizes a group pauses it first, and one
// that need not wait does both in one call.
func unpaused(steps []Step) []Step {
	return slices.DeleteFunc(slices.Clone(steps), func(s Step) bool { return s.Kind == Pause })
}

func stateless() func(Deployment, World) Step { return Next }

// A run that was killed anywhere and goes on ends as if nothing had happened.
func TestResumeEndsTheSame(t *testing.T) {
	t.Parallel()
	for what, told := range map[string]func() *rapid.Generator[story]{"canary": stories, "blue-green": routed, "reverts": reverts} {
		t.Run(what, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				if diff := resumes(told().Draw(t, "story"), stateless); diff != "" {
					t.Fatal(diff)
				}
			})
		})
	}
}

// foresees finds how a run in a world where every step works differs from what the plan said.
func foresees(s story, next func(Deployment, World) Step) string {
	// The world may be any that the earlier chapters left; the last one is planned and run.
	last := s.chapters[len(s.chapters)-1]
	last.kill, last.twice, last.alarm, last.trouble, last.halfWay = -1, false, 0, 0, false
	s.chapters = s.chapters[:len(s.chapters)-1]
	r := s.tell(next)
	r.reclaims, r.moves, r.fires, r.fitness = 0, 0, 0, nil
	for range 100 {
		r.tick()
	}
	d := last.d
	d.Given, d.Automation = r.given, r.automation(true)
	if d.BlueGreen == nil && len(r.routes) > 0 {
		d.TargetGroups = r.standing()
	}
	if last.adopts && r.live == r.origin && !r.proven {
		d.Adopted = r.origin
	}
	w := r.observe()
	w.Failure = failureWritten(nil, d, w)
	plan := Simulate(d, w)
	if last := plan.Steps[len(plan.Steps)-1]; last.Why == WhyEndless {
		return last.Because()
	}
	begun := len(r.steps)
	r.apply(last)
	planned, ran := plan.Steps, r.steps[begun:]
	if d.Gone {
		planned, ran = unpaused(planned), unpaused(ran) // only where groups take their time to drain
	}
	if diff := cmp.Diff(told(planned), told(ran)); diff != "" {
		return diff
	}
	if diff := cmp.Diff(shape(plan.End), shape(r.observe())); diff != "" {
		return diff
	}
	if last := plan.Steps[len(plan.Steps)-1]; last.Kind != r.ending.Kind {
		return string("planned " + last.Kind + ", ended with " + r.ending.Kind)
	}
	return ""
}

// What the plan says is what runs, and the world it foresees is the one that comes.
func TestThePlanIsWhatRuns(t *testing.T) {
	t.Parallel()
	for what, told := range map[string]func() *rapid.Generator[story]{"canary": stories, "blue-green": routed, "reverts": reverts} {
		t.Run(what, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				if diff := foresees(told().Draw(t, "story"), Next); diff != "" {
					t.Fatal(diff)
				}
			})
		})
	}
}
