package sweep_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// weather is what the market and autoscalers do while a run is under way.
type weather struct {
	begin func(s *scene, random *rand.Rand)
	end   func(s *scene)
	waits time.Duration // each wait's deadline
	floor func(f flow) int
	// words are said where it does not end well; none if it has to.
	words string
	// pulls is true where targets are moved.
	pulls bool
}

const shortage = 10 * time.Minute

var weathers = map[string]weather{
	"a fifth is reclaimed an hour": {begin: reclaims(0.2), end: calmMarket, waits: 20 * time.Minute},
	"a tenth is reclaimed a minute": {
		begin: reclaims(6), end: calmMarket, waits: 20 * time.Minute, words: "in the bake",
	},
	"no capacity, and patience":    {begin: noCapacity, end: calmMarket, waits: 2 * shortage},
	"no capacity, and no patience": {begin: noCapacity, end: calmMarket, waits: healthyTimeout, words: "capacity"},
	"autoscalers": {begin: autoscalers, end: func(*scene) {}, waits: 20 * time.Minute, pulls: true, floor: func(f flow) int {
		return min(f.floor, usual.Minimum)
	}},
}

func reclaims(fraction float64) func(*scene, *rand.Rand) {
	return func(s *scene, _ *rand.Rand) { s.world.ReclaimRandom(fraction) }
}

func noCapacity(s *scene, _ *rand.Rand) {
	s.world.SetMarket(sandbox.Market{})
	time.AfterFunc(shortage, func() { s.world.SetMarket(sandbox.Market{Available: true}) })
}

func calmMarket(s *scene) {
	s.world.ReclaimRandom(0)
	s.world.SetMarket(sandbox.Market{Available: true})
}

// autoscalers pull at all groups for as long as a run may take.
func autoscalers(s *scene, random *rand.Rand) {
	for at := time.Duration(0); at < 5*time.Minute; at += time.Duration(1+random.IntN(20)) * time.Second {
		s.world.AutoscaleAfter(at, fmt.Sprintf("web__%d", 2+random.IntN(2)), random.IntN(10))
	}
}

// TestBadWeather runs flows while the market and autoscalers have their way, and once more when they are done. Nothing is taken
// by the run that is needed, and nothing is lost.
func TestBadWeather(t *testing.T) {
	eachFlow(t, []string{"update", "failing", "way back", "hold"}, func(t *testing.T, how strategy, f flow) {
		c := f.course(t, how)
		b := &breaches{t: t}
		defer b.end()
		seeds := 1
		if *exhaustive {
			seeds = 20
		}
		for seed := range uint64(seeds) {
			for _, name := range sorted(weathers) {
				place := fmt.Sprintf("%s %s, %s, seed %d", how.name, f.name, name, seed)
				if *only == "" || strings.Contains(place, *only) {
					b.add(place, f.under(t, how, c, seed, weathers[name]))
					count(&counted.storms, how)
				}
			}
		}
	})
}

// under runs the flow in the weather, and says what promise is broken.
func (f flow) under(t *testing.T, how strategy, c *course, seed uint64, w weather) (breach string) {
	want := c.end(t, "same", false)
	f.in(t, how, seed, func(s *scene) {
		floor := f.floor
		if w.floor != nil {
			floor = w.floor(f)
		}
		judge := s.judge(floor)
		s.waits = w.waits
		run := s.process(f.run)
		w.begin(s, rand.New(rand.NewPCG(seed, 7)))
		result := run.Do(s.t.Context())
		s.applied(f.run, result)
		if breach = f.excuse(result, w); breach != "" {
			return
		}
		w.end(s)
		time.Sleep(shortage)
		if breach = judge.takings(); breach != "" {
			breach += fmt.Sprintf("\n(the run ended %s: %v)", result.Outcome, result.Err)
			return
		}
		again := s.apply(f.run)
		if result.Outcome == runner.Broken && again.Outcome == runner.RolledBack {
			again = s.apply(f.run) // the first one failed, the second one finished its way back
		}
		if (again.Outcome != runner.Succeeded) != f.fails {
			breach = fmt.Sprintf("the run ended %s: %v\nthe next one in fair weather %s: %v", result.Outcome, result.Err, again.Outcome, again.Err)
			return
		}
		if breach = judge.verdict(true); breach != "" {
			return
		}
		got, want := s.standing(), want
		if w.pulls {
			got, want = untargeted(got), untargeted(want)
		}
		if got != want {
			breach = fmt.Sprintf("the run ended %s: %v\nit ends as\n%s\nwant\n%s", result.Outcome, result.Err, got, want)
		}
	})
	return breach
}

// excuse says what is wrong with how a run in bad weather ended.
func (f flow) excuse(result runner.Result, w weather) string {
	switch {
	case result.Outcome == runner.Succeeded && !f.fails, f.fails && result.Outcome == runner.RolledBack:
		return ""
	case w.words == "", result.Err == nil, !f.fails && !strings.Contains(result.Err.Error(), w.words):
		return fmt.Sprintf("it ended %s: %v", result.Outcome, result.Err)
	}
	return ""
}

// untargeted leaves out of what stands where the targets are: that is an autoscaler's business.
func untargeted(standing string) string {
	lines := strings.Split(standing, "\n")
	for i, line := range lines {
		var name, image string
		var minimum, target, maximum int
		if n, _ := fmt.Sscanf(line, "%s %s %d/%d/%d", &name, &image, &minimum, &target, &maximum); n == 5 && strings.HasPrefix(name, "web__") {
			_, rest, _ := strings.Cut(line, fmt.Sprintf("%d/%d/%d ", minimum, target, maximum))
			rest, _, _ = strings.Cut(rest, ",")
			bounds := fmt.Sprintf("%d to %d", minimum, maximum)
			if minimum == maximum && minimum > 0 {
				bounds = "pinned" // to its share of what autoscalers had made of the live one
			}
			lines[i] = fmt.Sprintf("%s %s %s %s", name, image, bounds, rest)
		}
	}
	return strings.Join(lines, "\n")
}

// takings: nothing is taken that is needed. When the run shrinks a group, what is left of all in service is no less than was
// promised, or than there was. What the market and autoscalers take is their own doing.
func (j judge) takings() string {
	resized := map[string]bool{}
	for _, c := range j.scene.world.Changes() {
		if c.Action == "SetCapacity" {
			resized[c.Time.String()+c.Name] = true
		}
	}
	moments := j.scene.world.Timeline()[j.from:]
	counted.instants.Add(int64(len(moments)))
	for i, m := range moments[1:] {
		was := moments[i]
		before, left, shrunk := 0, 0, false
		for _, g := range was.Groups {
			before += g.InService
			n := slices.IndexFunc(m.Groups, func(o *sandbox.GroupMoment) bool { return o.ID == g.ID })
			if n < 0 {
				continue
			}
			shrunk = shrunk || m.Groups[n].Target < g.Target && resized[m.Time.String()+g.Name]
			left += min(g.InService, m.Groups[n].Target)
		}
		if shrunk && left < min(j.floor, before) {
			return at(m, fmt.Sprintf("%d of %d in service are left, %d are promised", left, before, j.floor))
		}
	}
	return j.verdict(true)
}
