package rollout_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"pgregory.net/rapid"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// story is a world as it is found and what is done to it: one apply after another, some of them killed.
type story struct {
	origin  []Group
	live    int // index in origin; -1 if there is none
	unowned []Group
	// routes are those of the cloud; none but in stories of blue/green.
	routes   []Route
	chapters []chapter
	fitness  map[string]int
	// calm is a world in which no instance is reclaimed and nothing autoscaled.
	calm bool
	// cruel is a Spot that takes instances that serve before those that boot.
	cruel bool
	seed  uint64
	// tasks are what the scheduled tasks of every group set, and asleep says that they are off already where they should be when the
	// story begins: an earlier version left them on.
	tasks  []Capacity
	asleep bool
	// unjudged is a story of which only the end counts.
	unjudged bool
}

// chapter is one apply.
type chapter struct {
	d Deployment
	// adopts says that a live group without a journal is known to be of the wanted release.
	adopts bool
	// alarm is the number of the phase in whose bake an alarm goes off; 0 is none.
	alarm int
	// bad and unknown are the points at which a check is answered so; "" is none.
	bad, unknown Point
	// trouble is where the release meets its trouble, see goesWrong; 0 is nowhere.
	trouble int
	// cause is what is to blame if the release fails.
	cause Cause
	// kill is after how many looks at the world the process dies; -1 is never.
	kill int
	// twice says that the answer of a create is lost, and the create repeated.
	twice bool
	// late says that the second copy shows only when the apply has ended.
	late bool
	// halfWay says that somebody else has left production's traffic between two target groups, if nothing is rolled out.
	halfWay bool
}

const name = "web"

var releases = []string{"r1", "r2", "r3", "r4"}

// earlierReleases are of sound revisions from before the story; r0 is that of the live one, mostly.
var earlierReleases = []string{"r0", "r0", "p1", "p2"}

func capacities(least int) *rapid.Generator[Capacity] {
	return rapid.Custom(func(t *rapid.T) Capacity {
		target := rapid.IntRange(least, 6).Draw(t, "target")
		return Capacity{
			Minimum: rapid.IntRange(0, target).Draw(t, "minimum"),
			Target:  target,
			Maximum: rapid.IntRange(target, 8).Draw(t, "maximum"),
		}
	})
}

// phases draws those of a canary: shares or counts that grow, some with what remains written out.
func phases() *rapid.Generator[[]Phase] {
	return rapid.Custom(func(t *rapid.T) []Phase {
		var all []Phase
		percent, count, remains := 0, 0, 100
		for range rapid.IntRange(1, 3).Draw(t, "phases") {
			var p Phase
			if rapid.Bool().Draw(t, "counts") {
				count += rapid.IntRange(1, 3).Draw(t, "count")
				p.Count = count
			} else if percent < 99 {
				percent = rapid.IntRange(percent+1, 99).Draw(t, "percent")
				p.Percent = percent
			} else {
				break
			}
			switch rapid.IntRange(0, 7).Draw(t, "remains") {
			case 0:
				remains = rapid.IntRange(1, remains).Draw(t, "percent of the previous")
				left := remains
				p.PreviousPercent = &left
			case 1:
				left := rapid.IntRange(1, 5).Draw(t, "of the previous")
				p.PreviousCount = &left
			}
			p.Bake = time.Duration(rapid.IntRange(0, 2).Draw(t, "bake")) * time.Minute
			all = append(all, p)
		}
		return all
	})
}

// stories draws histories of any kind: imported, gapped, with leftovers, superseded, reverted, killed, failed.
func stories() *rapid.Generator[story] {
	return rapid.Custom(func(t *rapid.T) story {
		s := story{live: -1, fitness: map[string]int{}, seed: rapid.Uint64().Draw(t, "seed"), calm: rapid.Bool().Draw(t, "calm"),
			cruel: rapid.Bool().Draw(t, "cruel")}
		drawOrigin(t, &s)
		healthy := rapid.SampledFrom([]int{100, 100, 50, 75}).Draw(t, "healthy percent")
		for _, r := range releases {
			// Sound, dead, half dead, or just about well enough.
			s.fitness[r] = rapid.SampledFrom([]int{100, 100, 0, 30, healthy}).Draw(t, "fitness of "+r)
		}
		order := rapid.SampledFrom([]ResizeOrder{NewFirst, NewFirst, PreviousFirst}).Draw(t, "order")
		least := s.least()
		n := rapid.IntRange(1, 4).Draw(t, "chapters")
		for i := range n {
			s.chapters = append(s.chapters, drawChapter(t, healthy, order, least, i == n-1))
		}
		drawTasks(t, &s)
		return s
	})
}

// least is the smallest target that keeps it plain who is live: the newest that wants instances, or the newest of all. Where
// another group would be taken for it, the live one is not set to zero.
func (s story) least() int {
	for i, g := range s.origin {
		if i > s.live || i < s.live && g.Capacity.Target > 0 {
			return 1
		}
	}
	return 0
}

func drawOrigin(t *rapid.T, s *story) {
	switch rapid.SampledFrom([]string{"history", "history", "history", "empty", "pair"}).Draw(t, "origin") {
	case "pair":
		own := capacities(1).Draw(t, "production")
		s.origin = []Group{
			{Name: StageName(name), ImageID: "ami-stage"},
			{Name: name, ImageID: "ami-live", Capacity: own, Instances: own.Target},
		}
		s.live = 1
	case "history":
		journals := rapid.Bool().Draw(t, "journals")
		retain := rapid.IntRange(0, 4).Draw(t, "retain before")
		revision := 0
		for range rapid.IntRange(1, 6).Draw(t, "revisions") {
			revision += rapid.IntRange(1, 3).Draw(t, "gap")
			g := Group{Name: Name(name, revision), Revision: revision, ImageID: fmt.Sprintf("ami-%d", revision)}
			if rapid.Bool().Draw(t, "serves") {
				g.Capacity = capacities(0).Draw(t, "capacity")
				g.Instances = g.Capacity.Target
			}
			if journals {
				j := Journal{Deployment: name, Revision: revision, Verdict: Proven, Retain: retain,
					Release: rapid.SampledFrom(earlierReleases).Draw(t, "release before")}
				if rapid.Bool().Draw(t, "took another's place") {
					j.Previous, j.PreviousCapacity = "sig-before", Capacity{Minimum: 1, Target: 2, Maximum: 3}
				}
				g.Tags = j.Tags()
			}
			s.origin = append(s.origin, g)
		}
		s.live = len(s.origin) - 1
		for i, g := range s.origin {
			if g.Capacity.Target > 0 {
				s.live = i
			}
		}
		for i := range s.origin {
			if i != s.live && s.origin[i].Capacity.Target == 0 {
				s.origin[i].Capacity = Capacity{}
			}
		}
	}
	if rapid.IntRange(0, 9).Draw(t, "unowned") == 0 {
		n := rapid.IntRange(1, 12).Draw(t, "unowned revision")
		s.unowned = []Group{{ID: "sig-foreign", Name: Name(name, n), Revision: n, Capacity: Pin(3), Instances: 3, InService: 3, Steady: 3}}
	}
}

func drawChapter(t *rapid.T, healthy int, order ResizeOrder, least int, last bool) chapter {
	release := rapid.SampledFrom(append([]string{"r0", "p1", "p2"}, releases...)).Draw(t, "release")
	ch := chapter{kill: -1, d: Deployment{
		Name: name, Release: release, ImageID: "ami-" + release, ResizeOrder: order, HealthyPercent: healthy,
		OwnCapacity: capacities(0).Draw(t, "own capacity"),
		OnFailure:   rapid.SampledFrom([]OnFailure{Rollback, Rollback, Hold}).Draw(t, "on failure"),
		Retain:      rapid.IntRange(0, 4).Draw(t, "retain"),
	}}
	if rapid.Bool().Draw(t, "capacity is written") {
		c := capacities(least).Draw(t, "wanted")
		ch.d.Capacity = &c
		ch.d.Running = rapid.IntRange(0, 2).Draw(t, "starts with what runs") == 0
	}
	if rapid.IntRange(0, 2).Draw(t, "strategy") > 0 {
		ch.d.Canary = phases().Draw(t, "phases")
		ch.d.HoldAfter = max(0, rapid.IntRange(-2, len(ch.d.Canary)).Draw(t, "holds after"))
		ch.alarm = max(0, rapid.IntRange(-4, len(ch.d.Canary)).Draw(t, "alarm in phase"))
	}
	ch.trouble = max(0, rapid.IntRange(-8, 4).Draw(t, "trouble"))
	ch.adopts = rapid.IntRange(0, 3).Draw(t, "adopts") == 0
	ch.twice = rapid.IntRange(0, 5).Draw(t, "create is repeated") == 0
	ch.late = rapid.Bool().Draw(t, "and shows late")
	if !last && rapid.Bool().Draw(t, "is killed") {
		ch.kill = rapid.IntRange(0, 20).Draw(t, "after")
		if rapid.Bool().Draw(t, "is on its way back") {
			ch.kill += patience
		}
	}
	ch.d.Gone = (last || ch.kill >= 0) && rapid.IntRange(0, 9).Draw(t, "is destroyed") == 0
	ch.cause = rapid.SampledFrom([]Cause{Verification, Verification, Market, Refusal}).Draw(t, "cause")
	return ch
}

// begin is the story's world, before anything is done to it.
func (s story) begin(next func(Deployment, World) Step) *run {
	c := &cloud{chance: rand.New(rand.NewPCG(s.seed, 1)), unowned: s.unowned, fitness: s.fitness, cruel: s.cruel,
		routes: slices.Clone(s.routes), checks: len(s.routes) > 0}
	c.sets = s.tasks
	if !s.calm {
		c.reclaims, c.moves, c.fires = 6, 6, 6
	}
	r := &run{cloud: c, next: next, unjudged: s.unjudged, own: map[string]Capacity{}, moved: map[string]bool{}, failed: map[string]bool{},
		proved: map[string]bool{}, former: map[string]Group{}, endGood: map[string]bool{}}
	for i, g := range s.origin {
		id := c.add(g)
		r.own[id], r.proved[id] = g.Capacity, true
		r.fleets[i].Automation = c.automation(i == s.live || i < s.live && !s.asleep)
		if i == s.live {
			r.live = id
			if j, ok := g.Journal(); ok {
				r.retain, r.proven = j.Retain, true
			}
		}
	}
	r.origin = r.live
	c.scheduled = r.rescheduled
	c.scaled = func(id string, target int) {
		if own, ok := r.own[id]; ok && own.SameBounds(r.group(id).Capacity) {
			own.Target = target
			r.own[id] = own
		}
	}
	return r
}

// tell plays all chapters.
func (s story) tell(next func(Deployment, World) Step) *run {
	r := s.begin(next)
	for _, ch := range s.chapters {
		r.apply(ch)
	}
	return r
}
