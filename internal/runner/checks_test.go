package runner_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/compare"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// asker is a check that answers what it is told to, and remembers what it was asked.
type asker struct {
	sync.Mutex
	answers []runner.Answer // one after another; the last one stays
	takes   time.Duration
	asked   []runner.Moment
	at      []time.Time
}

var (
	isGood     = runner.Answer{Verdict: runner.Good, Words: "status 200"}
	isBad      = runner.Answer{Verdict: runner.Bad, Words: "status 503, and 200 was wanted"}
	isNotKnown = runner.Answer{Words: "connection refused"}
)

func answers(all ...runner.Answer) *asker { return &asker{answers: all} }

// Ask implements runner.Checker.
func (a *asker) Ask(ctx context.Context, m runner.Moment) runner.Answer {
	a.Lock()
	n := len(a.asked)
	a.asked, a.at = append(a.asked, m), append(a.at, time.Now())
	a.Unlock()
	select {
	case <-ctx.Done():
		return runner.Answer{Words: "given up"}
	case <-time.After(a.takes):
	}
	return a.answers[min(n, len(a.answers)-1)]
}

// counts are what balancers count a minute for both revisions, and how that is read.
type counts struct {
	sync.Mutex
	requests, errors, liveErrors float64 // of the candidate: requests at the weight; errors are shares
	lag                          time.Duration
	fails                        error
	reads                        int
}

// Minutes implements runner.Metrics.
func (c *counts) Minutes(_ context.Context, arns []string, since, until time.Time, _ int) (map[string][]compare.Minute, error) {
	c.Lock()
	defer c.Unlock()
	c.reads++
	if c.fails != nil {
		return nil, c.fails
	}
	all := map[string][]compare.Minute{}
	for _, arn := range arns {
		for at := since; at.Before(until) && time.Since(at.Add(time.Minute)) >= c.lag; at = at.Add(time.Minute) {
			m := compare.Minute{Begins: at, Requests: c.requests, Errors: c.requests * c.errors}
			if arn == blueARN {
				m = compare.Minute{Begins: at, Requests: 9 * c.requests, Errors: 9 * c.requests * c.liveErrors}
			}
			all[arn] = append(all[arn], m)
		}
	}
	return all, nil
}

const comparedBake = 8 * time.Minute

// verified is a run that releases an image by a weight of 10 and a switch, with a check at each point and a comparison, of which what
// was not replaced is good.
func (s *scene) verified(image string, replaced map[string]runner.Checker) *runner.Run {
	s.t.Helper()
	run := s.switches(image)
	run.Deployment.BlueGreen.Shift = []rollout.Weight{{Percent: 10, Bake: comparedBake}}
	run.Deployment.Checks = []rollout.Check{
		{Name: "smoke", At: rollout.OnStage, Every: time.Minute, Failures: 1},
		{Name: "errors", At: rollout.InBake, Every: time.Minute, Failures: 2},
		{Name: "audit", At: rollout.AtEnd, Every: time.Minute, Failures: 1},
	}
	run.Deployment.Trial = "trial"
	run.Checkers = map[string]runner.Checker{}
	for _, c := range run.Deployment.Checks {
		run.Checkers[c.Name] = answers(isGood)
		if other, ok := replaced[c.Name]; ok {
			run.Checkers[c.Name] = other
		}
	}
	run.Deployment.Compare = &rollout.Comparison{Errors: 1.5, Percentile: 90, MinRequests: 200}
	run.Metrics = &counts{requests: 203, liveErrors: 0.003, lag: 2 * time.Minute}
	return run
}

// mustHold fails the test unless the run rests, and says these words in its warnings.
func (s *scene) mustHold(got runner.Result, words ...string) {
	s.t.Helper()
	s.mustEnd(got, runner.Succeeded)
	if status := rollout.StatusOf(got.World); status != rollout.Holding {
		s.t.Fatalf("the status is %s", status)
	}
	said := strings.Join(got.Warnings, "\n") + rollout.Standing(got.World)
	for _, word := range words {
		if !strings.Contains(said, word) {
			s.t.Errorf("%q is not said: %s", word, said)
		}
	}
}

// remembered tells whether the live revision keeps that the release has failed.
func (s *scene) remembered(got runner.Result) bool {
	return rollout.FailedBefore(s.run.Deployment, got.World) != ""
}

func TestEveryCheckIsAskedAtItsPoint(t *testing.T) {
	inBlueGreen(t, sandbox.AWSConfig{}, func(t *testing.T, s *scene) {
		smoke, errs, audit := answers(isGood), answers(isGood), answers(isGood)
		s.run = s.verified("ami-2", map[string]runner.Checker{"smoke": smoke, "errors": errs, "audit": audit})
		s.mustEnd(s.run.Do(t.Context()), runner.Succeeded)
		s.mustStand("web__1 0/0/0", "web__2 2/4/8")
		turns := s.mustTurn("production", "production")
		if len(smoke.asked) != 1 || smoke.at[0].After(turns[0].at) {
			t.Errorf("stage was asked %d times, first at %v; production moved at %s", len(smoke.asked), smoke.at, turns[0].at)
		}
		// 8 minutes at 10 % and what is waited for late points, and two behind the switch.
		if n := len(errs.asked); n < 10 || n > 16 {
			t.Errorf("the bakes were asked %d times", n)
		}
		for i := 1; i < len(errs.at); i++ {
			if d := errs.at[i].Sub(errs.at[i-1]); errs.asked[i].Phase == errs.asked[i-1].Phase && d < 55*time.Second {
				t.Errorf("it was asked again after %s", d)
			}
		}
		if len(audit.asked) != 1 || audit.at[0].After(s.emptied("web__1")) || audit.at[0].Before(turns[1].at) {
			t.Errorf("the end was asked at %v", audit.at)
		}
		m := errs.asked[3]
		if m.At != rollout.InBake || m.Phase != "10 %" || m.Attempt != 4 || m.ProductionWeight != 10 || m.Revision != 2 || m.ImageID != "ami-2" || m.PreviousImageID != "ami-1" ||
			!slices.Equal(m.Live, []string{blueARN}) || !slices.Equal(m.Candidate, []string{greenARN}) || m.StageARN != stageARN {
			t.Errorf("it is told %+v", m)
		}
		if said := s.sentences("check"); len(said) < 12 || said[0] != "check smoke good: status 200" {
			t.Errorf("it says %q", said)
		}
	})
}

func TestABadCheckTakesTheCandidateBack(t *testing.T) {
	flaky := []runner.Answer{isGood, isBad, isGood, isBad, isNotKnown, isBad}
	for name, test := range map[string]struct {
		check string
		says  *asker
		words []string
		turns int
	}{
		"on stage":   {"smoke", answers(isBad), []string{"on stage: check smoke is bad: status 503, and 200 was wanted"}, 0},
		"in a bake":  {"errors", answers(flaky...), []string{"10 %: check errors is bad: status 503", "(2 times in a row)"}, 2},
		"at the end": {"audit", answers(isBad), []string{"100 %: check audit is bad: status 503"}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			inBlueGreen(t, sandbox.AWSConfig{}, func(t *testing.T, s *scene) {
				s.run = s.verified("ami-2", map[string]runner.Checker{test.check: test.says})
				got := s.run.Do(t.Context())
				s.mustEnd(got, runner.RolledBack, append(test.words, "It was taken back", "serves with 4 (minimum 2, maximum 8) as before")...)
				s.mustStand("web__1 2/4/8")
				if n := len(s.turns()); n != test.turns {
					t.Errorf("the routes were changed %d times: %v", n, s.turns())
				}
				if !s.remembered(got) {
					t.Error("it is not remembered")
				}
			})
		})
	}
}

// A candidate that crashes as one of many does is worse than the live revision, and healthy for every balancer.
func TestAWorseCandidateIsTakenBackAtTheFirstWeight(t *testing.T) {
	inBlueGreen(t, sandbox.AWSConfig{}, func(t *testing.T, s *scene) {
		s.run = s.verified("ami-2", nil)
		s.run.Metrics.(*counts).errors = 0.033
		got := s.run.Do(t.Context())
		s.mustEnd(got, runner.RolledBack, "10 %: errors 3.3 % of", "against 0.3 % of", "limit 1.5 times of web__2 beside web__1, in")
		if n := len(s.turns()); n != 2 || !s.remembered(got) {
			t.Errorf("the routes were changed %d times; remembered: %v", n, s.remembered(got))
		}
	})
}

// What is not known is neither taken for good nor held against a release: the table of verdicts that would be false.
func TestNothingIsDecidedOfWhatIsNotKnown(t *testing.T) {
	hangs := answers(isGood)
	hangs.takes = 24 * time.Hour
	for name, test := range map[string]struct {
		check   map[string]runner.Checker
		metrics *counts
		words   []string
		turns   int
	}{
		"low traffic":               {metrics: &counts{requests: 9, errors: 1}, turns: 1, words: []string{"10 %: not known: compare: 63 of at least 200 requests in 7 minutes on the new revision"}},
		"no traffic":                {metrics: &counts{lag: 24 * time.Hour}, turns: 1, words: []string{"not known: compare: 0 of at least 3 minutes"}},
		"late points":               {metrics: &counts{requests: 203, errors: 1, lag: 20 * time.Minute}, turns: 1, words: []string{"not known: compare: 0 of at least 3 minutes"}},
		"counts that are not read":  {metrics: &counts{fails: errors.New("not authorized to perform cloudwatch:GetMetricData")}, turns: 1, words: []string{"could not be read: not authorized to perform"}},
		"unreachable on stage":      {check: map[string]runner.Checker{"smoke": answers(isNotKnown)}, words: []string{"on stage: not known: check smoke: connection refused"}},
		"unreachable in a bake":     {check: map[string]runner.Checker{"errors": answers(isGood, isNotKnown)}, turns: 1, words: []string{"10 %: not known: check errors: connection refused"}},
		"unreachable at the end":    {check: map[string]runner.Checker{"audit": answers(isNotKnown)}, turns: 2, words: []string{"100 %: not known: check audit: connection refused"}},
		"never answers on stage":    {check: map[string]runner.Checker{"smoke": hangs}, words: []string{"check smoke has not answered for 20m0s"}},
		"never answers in a bake":   {check: map[string]runner.Checker{"errors": hangs}, turns: 1, words: []string{"check errors has not answered for 28m"}},
		"pending for good":          {check: map[string]runner.Checker{"audit": answers(runner.Answer{Verdict: runner.Pending, Words: "row 5 of 9"})}, turns: 2, words: []string{"check audit: it is still pending: row 5 of 9"}},
		"there is nobody to ask":    {check: map[string]runner.Checker{"audit": nil}, turns: 2, words: []string{"check audit: there is nobody to ask"}},
		"unreachable after one bad": {check: map[string]runner.Checker{"errors": answers(isBad, isNotKnown)}, turns: 1, words: []string{"10 %: not known: check errors: connection refused"}},
	} {
		for _, then := range []rollout.Inconclusive{rollout.InconclusiveHold, rollout.InconclusiveFail, rollout.InconclusivePass} {
			t.Run(name+", "+string(then), func(t *testing.T) {
				inBlueGreen(t, sandbox.AWSConfig{}, func(t *testing.T, s *scene) {
					s.run = s.verified("ami-2", test.check)
					for name, c := range test.check {
						if c == nil {
							delete(s.run.Checkers, name)
						} else {
							c.(*asker).asked = nil
						}
					}
					if test.metrics != nil {
						s.run.Metrics = test.metrics
					}
					s.run.Deployment.Inconclusive = then
					got := s.run.Do(t.Context())
					switch then {
					case rollout.InconclusiveFail:
						s.mustEnd(got, runner.RolledBack, append(test.words, "nothing speaks against the image", "It was taken back")...)
						s.mustStand("web__1 2/4/8")
						if s.remembered(got) {
							t.Error("it is held against the image")
						}
						return
					case rollout.InconclusivePass:
						if name == "unreachable after one bad" {
							s.mustEnd(got, runner.RolledBack, "10 %: check errors is bad: status 503, and 200 was wanted, and nothing is known of it since: check errors: connection refused")
							return
						}
						s.mustEnd(got, runner.Succeeded)
						s.mustStand("web__1 0/0/0", "web__2 2/4/8")
						if said := strings.Join(got.Warnings, "\n"); !strings.Contains(said, test.words[0]) || !strings.Contains(said, "went on all the same") {
							t.Errorf("it warns %q", said)
						}
						return
					}
					s.mustHold(got, test.words...)
					s.mustStand("web__1 4/4/4", "web__2 4/4/4")
					if n := len(s.turns()); n != test.turns {
						t.Errorf("the routes were changed %d times, want %d", n, test.turns)
					}
					s.mustHold(s.again(t, test.check, test.metrics), test.words...)
					if n := len(s.turns()); n != test.turns {
						t.Errorf("the next apply has gone on: %d", n)
					}
					next := s.verified("ami-2", nil)
					s.mustEnd(next.Do(t.Context()), runner.Succeeded)
					s.mustStand("web__1 0/0/0", "web__2 2/4/8")
				})
			})
		}
	}
}

// again is the next apply, which finds nobody the wiser.
func (s *scene) again(t *testing.T, check map[string]runner.Checker, metrics *counts) runner.Result {
	run := s.verified("ami-2", check)
	for name, c := range check {
		if c == nil {
			delete(run.Checkers, name)
		}
	}
	if metrics != nil {
		run.Metrics = metrics
	}
	return run.Do(t.Context())
}

// While an instance of the candidate is waited for in a bake nobody is asked. What was good before that is asked once more when the bake is over.
func TestABakeDoesNotEndOnAnAnswerFromBefore(t *testing.T) {
	const bake = 2*time.Minute + 2*time.Second // they are back after more than a minute
	for name, then := range map[string]runner.Answer{"good": isGood, "bad": isBad, "not known": isNotKnown} {
		t.Run(name, func(t *testing.T) {
			inBlueGreen(t, sandbox.AWSConfig{}, func(t *testing.T, s *scene) {
				errs := answers(isGood, isGood, then)
				s.run = s.verified("ami-2", map[string]runner.Checker{"errors": errs})
				s.run.Deployment.BlueGreen.Shift[0].Bake, s.run.Deployment.Compare = bake, nil
				s.run.Deployment.Checks[1].Failures = 1
				s.says(s.run, "check", 3, func() { // of stage, and the second of the bake
					for _, i := range group(t, s.world, "web__2").Instances {
						s.world.ReclaimAtOnce(i.ID)
					}
				})
				got := s.run.Do(t.Context())
				if last := errs.at[2]; last.Sub(errs.at[0]) < bake {
					t.Fatalf("it was asked at %v: the instances were back before the bake was over", errs.at)
				}
				switch then.Verdict {
				case runner.Good:
					s.mustEnd(got, runner.Succeeded)
				case runner.Bad:
					s.mustEnd(got, runner.RolledBack, "10 %: check errors is bad")
				default:
					s.mustHold(got, "10 %: not known: check errors")
				}
			})
		})
	}
}

// A rollout that is to hold on stage shows nobody anything, and asks again before it goes on.
func TestHoldsOnStage(t *testing.T) {
	inBlueGreen(t, sandbox.AWSConfig{}, func(t *testing.T, s *scene) {
		s.run = s.verified("ami-2", nil)
		s.run.Deployment.HoldOnStage = true
		s.mustHold(s.run.Do(t.Context()), "web__2 (ami-2) holds on stage, with no production traffic")
		s.mustStand("web__1 4/4/4", "web__2 4/4/4")
		s.mustTurn()
		time.Sleep(24 * time.Hour)

		again := s.verified("ami-2", nil)
		again.Deployment.HoldOnStage = true
		before := len(s.world.Changes())
		s.mustHold(again.Do(t.Context()))
		s.mustChangeNothing(before)

		bad := s.verified("ami-2", map[string]runner.Checker{"smoke": answers(isBad)})
		s.mustEnd(bad.Do(t.Context()), runner.RolledBack, "on stage: check smoke is bad")
		s.mustTurn()
		s.mustStand("web__1 2/4/8")
	})
}

// Nobody is asked about a first deployment, or about what was proven before.
func TestNobodyIsAskedOfWhatIsNotOnTrial(t *testing.T) {
	inBlueGreen(t, sandbox.AWSConfig{}, func(t *testing.T, s *scene) {
		run := s.verified("ami-2", nil)
		s.mustEnd(run.Do(t.Context()), runner.Succeeded)
		bad := answers(isBad)
		back := s.verified("ami-1", map[string]runner.Checker{"smoke": bad, "errors": bad, "audit": bad})
		s.mustEnd(back.Do(t.Context()), runner.Succeeded)
		if len(bad.asked) > 0 {
			t.Errorf("it was asked %d times about what was proven before", len(bad.asked))
		}
	})
}
