package sweep_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// concurrentChange is what somebody else does in the middle of a run.
type concurrentChange struct {
	do func(s *scene)
	// takes is true where somebody else takes what is promised.
	takes bool
	// of tells which strategies it can happen to.
	of func(how strategy) bool
}

func every(strategy) bool { return true }

var concurrentChanges = map[string]concurrentChange{
	"resizes the live one":     {do: func(s *scene) { s.world.SetCapacity("web__2", 3, 5, 9) }, of: every},
	"shrinks the live one":     {do: func(s *scene) { s.world.SetCapacity("web__2", 1, 1, 1) }, of: every, takes: true},
	"shrinks the candidate":    {do: func(s *scene) { s.world.SetCapacity("web__3", 1, 1, 1) }, of: every, takes: true},
	"deletes the live one":     {do: func(s *scene) { s.world.DeleteGroup("web__2") }, of: every, takes: true},
	"deletes the candidate":    {do: func(s *scene) { s.world.DeleteGroup("web__3") }, of: every, takes: true},
	"deletes the retained one": {do: func(s *scene) { s.world.DeleteGroup("web__1") }, of: every},
	"moves traffic to green":   {do: moves(0, 100), of: strategy.blueGreen, takes: true},
	"moves traffic to blue":    {do: moves(100, 0), of: strategy.blueGreen, takes: true},
	"splits traffic":           {do: moves(70, 30), of: strategy.blueGreen, takes: true},
}

// moves makes production forward to blue and green by those weights.
func moves(toBlue, toGreen int) func(*scene) {
	return func(s *scene) {
		routes := s.process(config{image: "ami-1"}).Balancers
		seen, err := routes.Traffic(s.t.Context(), production)
		if err == nil {
			err = routes.SetTraffic(s.t.Context(), production, seen, rollout.Forward{{TargetGroup: blue, Weight: toBlue}, {TargetGroup: green, Weight: toGreen}})
		}
		if err != nil {
			panic(err)
		}
	}
}

// TestConcurrentChanges lets somebody change what the run relies on, after each of its changes. The run ends well or stops and says
// so; two more, and what is wanted stands alone, wholly in traffic.
func TestConcurrentChanges(t *testing.T) {
	eachFlow(t, []string{"update", "way back"}, func(t *testing.T, how strategy, f flow) {
		c := f.course(t, how)
		b := &breaches{t: t}
		defer b.end()
		n := 0
		for _, at := range c.steps {
			if !at.changes {
				continue
			}
			for _, name := range sorted(concurrentChanges) {
				if n++; !concurrentChanges[name].of(how) {
					continue
				}
				place := fmt.Sprintf("%s %s, after %s somebody %s", how.name, f.name, at, name)
				if chosen(place, n, true, 2, 2) {
					b.add(place, f.changedByOthers(t, how, at, concurrentChanges[name]))
					count(&counted.concurrent, how)
				}
			}
		}
	})
}

// changedByOthers has somebody make a change after one of the run, and says what promise is broken.
func (f flow) changedByOthers(t *testing.T, how strategy, at step, other concurrentChange) (breach string) {
	f.in(t, how, 1, func(s *scene) {
		judge := s.judge(f.floor)
		run := s.process(f.run)
		met, rests := 0, false
		s.after = func(*sandbox.Call) {
			if met++; met == at.at.change+1 {
				s.changesByOthers.Store(true)
				rests = s.rests(f.run)
				other.do(s)
				s.changesByOthers.Store(false)
			}
		}
		result := run.Do(s.t.Context())
		s.after = nil
		s.applied(f.run, result)
		if result.Outcome != runner.Succeeded && (result.Err == nil || len(result.Err.Error()) < 40) {
			breach = fmt.Sprintf("the run ended %s and does not say why: %v", result.Outcome, result.Err)
			return
		}
		if !other.takes {
			breach = judge.verdict(false)
		}
		switch {
		case breach != "":
		case rests:
			breach = s.heeds(f.next["newer"], result)
		default:
			breach = s.recovers(f.run, result, other.takes)
		}
	})
	return breach
}

// rests tells whether the run has got where it was to go, and is only clearing up: what a person does to the groups and routes then is
// a decision about what is at rest, and stays.
func (s *scene) rests(wanted config) bool {
	for _, g := range s.world.Groups() {
		if j, _ := verdict(g); j.Deployment == "web" && strings.HasPrefix(g.Name, "web__") && j.Verdict != rollout.Proven {
			return false
		}
	}
	return s.released(wanted) || wanted.image == "ami-1"
}

// heeds applies the same until it says that nothing is left to do, which it may refuse with reasons, and then a newer release with a
// capacity of its own. That one stands alone, whatever a person has left, or says why it does not begin: traffic that was moved
// away from what serves is nobody's to move back.
func (s *scene) heeds(newer config, result runner.Result) string {
	said := fmt.Sprintf("%s: %v", result.Outcome, result.Err)
	time.Sleep(5 * time.Minute)
	newer.capacity = &usual
	for range 3 {
		again := s.apply(newer)
		said += fmt.Sprintf("\nthen %s: %v", again.Outcome, again.Err)
		if again.Outcome == runner.Refused && len(again.Err.Error()) > 40 {
			return ""
		}
		if again.Outcome == runner.Succeeded {
			break
		}
	}
	if end := s.standing(); !s.stands(newer) {
		return said + "\nit ends as\n" + end
	}
	return ""
}

// recovers applies until what is wanted stands alone: once if nothing else was wrong, twice if a failed release had to go back
// first, or traffic that somebody moved is looked at again. Where somebody took what served, it may be refused: a person is to say
// where traffic belongs now.
func (s *scene) recovers(wanted config, result runner.Result, taken bool) string {
	said := fmt.Sprintf("%s: %v", result.Outcome, result.Err)
	time.Sleep(5 * time.Minute)
	for range 2 {
		again := s.apply(wanted)
		if taken && again.Outcome == runner.Refused {
			return ""
		}
		said += fmt.Sprintf("\nthen %s: %v", again.Outcome, again.Err)
		if again.Outcome == runner.Succeeded {
			break
		}
	}
	if end := s.standing(); !s.alone(end, wanted) {
		return said + "\nit ends as\n" + end
	}
	return ""
}

// alone tells whether one group of the release serves with instances, and all others rest.
func (s *scene) alone(standing string, c config) bool {
	live := 0
	for _, line := range strings.Split(standing, "\n") {
		switch {
		case strings.HasPrefix(line, "…"):
			if strings.Count(line, "=")-strings.Count(line, "=0") != 1 {
				return false // traffic is split
			}
		case strings.Contains(line, " "+c.image+" ") && strings.Contains(line, " proven, ") && !strings.HasSuffix(line, " 0 instances"):
			live++
		case !strings.HasSuffix(line, ", 0 instances") || strings.Contains(line, "rolling-out") || strings.Contains(line, "failed"):
			return false
		}
	}
	timeline := s.world.Timeline()
	serving := timeline[len(timeline)-1].Serving(nil)
	return live == 1 && serving >= usual.Minimum
}

// TestTwoWriters lets two processes release at once. What serves goes on serving; at least one of them stops and says so, or
// they came after one another; and one more makes what is wanted stand alone.
func TestTwoWriters(t *testing.T) {
	eachFlow(t, []string{"update"}, func(t *testing.T, how strategy, f flow) {
		b := &breaches{t: t}
		defer b.end()
		for n := range 40 {
			later := time.Duration(n*n) * 100 * time.Millisecond
			place := fmt.Sprintf("%s, a second writer %s later", how.name, later)
			if chosen(place, n, true, 8, 8) {
				b.add(place, f.twice(t, how, later))
				count(&counted.concurrent, how)
			}
		}
	})
}

func (f flow) twice(t *testing.T, how strategy, later time.Duration) (breach string) {
	f.in(t, how, 1, func(s *scene) {
		judge := s.judge(f.floor)
		newer := f.next["newer"]
		first, second := s.process(f.run), s.process(newer)
		var results [2]runner.Result
		var both sync.WaitGroup
		both.Go(func() { results[0] = first.Do(s.t.Context()) })
		both.Go(func() {
			time.Sleep(later)
			results[1] = second.Do(s.t.Context())
		})
		both.Wait()
		counted.runs.Add(2)
		if breach = judge.served(); breach != "" {
			breach += fmt.Sprintf("\n(they ended %s: %v\nand %s: %v)", results[0].Outcome, results[0].Err, results[1].Outcome, results[1].Err)
			return
		}
		breach = s.recovers(newer, results[1], false)
	})
	return breach
}

// served is the verdict without that on names: two processes that look at the same moment make the same group, and the next one
// takes the copy away.
func (j judge) served() string {
	moments := j.scene.world.Timeline()[j.from:]
	counted.instants.Add(int64(len(moments)))
	for i, m := range moments {
		if i > 0 {
			if breach := deletes(moments[i-1], m); breach != "" {
				return at(m, breach)
			}
		}
		if n := m.Serving(nil); n < j.floor {
			return at(m, fmt.Sprintf("production reaches %d instances, %d are promised", n, j.floor))
		}
	}
	return ""
}
