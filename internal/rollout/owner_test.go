package rollout_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

const ours, theirs = "terraform-state-00000000000000aa", "terraform-state-00000000000000bb"

// estate is a world in which some groups are another state's, and what a state wants of it.
type estate struct {
	d Deployment
	w World
}

// estates draws worlds of any kind that stories leave, each group released by this state, by another, or before states had a name.
func estates() *rapid.Generator[estate] {
	return rapid.Custom(func(t *rapid.T) estate {
		s := stories().Draw(t, "story")
		r := s.tell(Next)
		e := estate{d: s.chapters[len(s.chapters)-1].d, w: r.observe()}
		e.w.Unowned = nil
		e.d.Owner, e.d.Imported = ours, map[string]bool{}
		e.d.Creates = rapid.Bool().Draw(t, "creates")
		e.d.Gone = !e.d.Creates && rapid.IntRange(0, 3).Draw(t, "is destroyed") == 0
		if c := RolesOf(e.w).Candidate; c != nil && rapid.IntRange(0, 3).Draw(t, "has a copy") == 0 {
			second := *c
			second.ID, second.Capacity, second.Instances, second.InService, second.Steady = c.ID+"-2", Capacity{}, 0, 0, 0
			e.w.Groups = append(e.w.Groups, second)
		}
		for i, g := range e.w.Groups {
			owner := rapid.SampledFrom([]string{ours, ours, theirs, ""}).Draw(t, "owner")
			if e.d.Creates && owner == ours {
				owner = theirs // its owner was made a moment ago
			}
			if j, ok := g.Journal(); ok {
				j.Owner = owner
				e.w.Groups[i].Tags = g.With(j.Tags())
			}
			if !e.d.Creates && rapid.IntRange(0, 4).Draw(t, "is imported") == 0 {
				e.d.Imported[g.ID] = true
			}
		}
		return e
	})
}

// foreign tells whether a group is not the state's own, counted apart from how Next does it.
func (e estate) foreign(g Group) bool {
	j, ok := g.Journal()
	switch {
	case e.d.Imported[g.ID], j.Owner == ours:
		return false
	case !ok || j.Owner == "":
		return e.d.Creates
	}
	return true
}

// steps runs an estate to its end in a world in which every step works, and says what it does to what is another state's.
func (e estate) steps(next decider) (breach string) {
	begun := RolesOf(e.w)
	for range 200 {
		s := next(e.d, e.w)
		c := RolesOf(e.w)
		_, journal := s.Group.Journal()
		j, _ := s.Group.Journal()
		proven := !journal || j.Verdict == Proven
		switch {
		case s.Kind == Create && c.Live != nil && e.foreign(*c.Live):
			return fmt.Sprintf("%s is created beside %s, which is another state's", s.Group.Name, c.Live.Name)
		case s.Kind == Create:
		case s.Changes() && e.foreign(s.Group) && proven:
			return fmt.Sprintf("%s, though %s is another state's", s, s.Group.Name)
		case s.Changes() && e.foreign(s.Group) && e.d.Gone:
			return fmt.Sprintf("%s, though another state rolls it out", s)
		case s.Changes() && c.Candidate != nil && s.Group.ID == c.Candidate.ID && e.foreign(s.Group) && !(s.Kind == Record && s.Journal.Owner == ours && e.d.Creates && !e.w.Begun):
			return fmt.Sprintf("%s, though another state rolls it out", s)
		case s.Changes() && c.Candidate != nil && e.foreign(*c.Candidate) && e.foreign(s.Group) && s.Group.ID != c.Candidate.ID:
			return fmt.Sprintf("%s, though it is a copy of what another state rolls out", s)
		case s.Kind == Done && !e.d.Gone && (c.Live == nil || e.foreign(*c.Live)):
			return "it is done, and what is live is another state's"
		case e.d.Creates && begun.Live != nil && s.Kind != Refuse && begun.Candidate == nil && len(begun.Leftovers) == 0:
			return fmt.Sprintf("a create does not refuse what is live: %s", s)
		}
		if s.Ends() {
			return ""
		}
		e.w = Imagine(s, e.w)
	}
	return "it does not end"
}

// No state touches what another one has released, or rolls out, and none but a create takes over what nobody finished.
func TestNothingOfAnotherStateIsTouched(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		if breach := estates().Draw(t, "estate").steps(Next); breach != "" {
			t.Fatal(breach)
		}
	})
}

// What a state releases bears its name, whatever was there before.
func TestWhatIsReleasedBearsItsOwner(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := estates().Draw(t, "estate")
		for range 200 {
			s := Next(e.d, e.w)
			if (s.Kind == Create || s.Kind == Record) && s.Tags()["elastigroup:owner"] != ours {
				t.Fatalf("%s writes %v", s, s.Tags())
			}
			if s.Ends() {
				return
			}
			e.w = Imagine(s, e.w)
		}
	})
}

// Mistakes about who owns a deployment are found out.
func TestBrokenOwners(t *testing.T) {
	t.Parallel()
	ownerless := func(d Deployment) Deployment {
		d.Owner = ""
		return d
	}
	for what, next := range map[string]decider{
		"a create takes over what is live": func(d Deployment, w World) Step {
			if d.Creates {
				return Next(ownerless(d), w)
			}
			return Next(d, w)
		},
		"a destroy takes what another state released": func(d Deployment, w World) Step {
			if d.Gone {
				return Next(ownerless(d), w)
			}
			return Next(d, w)
		},
		"an update goes on with what another state rolls out": func(d Deployment, w World) Step {
			if c := RolesOf(w); !d.Creates && !d.Gone && c.Candidate != nil {
				d.Imported = map[string]bool{c.Candidate.ID: true}
			}
			return Next(d, w)
		},
		"deletes a copy of what another state rolls out": func(d Deployment, w World) Step {
			if len(RolesOf(w).Leftovers) > 0 {
				return Next(ownerless(d), w)
			}
			return Next(d, w)
		},
		"takes back what was taken from it": func(d Deployment, w World) Step {
			w.Begun = false
			return Next(d, w)
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			drawn := estates()
			for i := range chances {
				e := drawn.Example(i)
				if strings.HasPrefix(what, "takes back") {
					e.w.Begun = true
				}
				if e.steps(next) != "" {
					t.Logf("promise: %s", "one state owns a deployment")
					return
				}
			}
			t.Error("nobody notices")
		})
	}
}

// A first deployment that nobody finished is taken over before anything else, and whoever began it stops at the next look.
func TestAnUnfinishedFirstDeploymentIsTakenOver(t *testing.T) {
	first := Group{ID: "sig-1", Name: "web__1", Revision: 1, ImageID: "ami-1", Capacity: Pin(4), Instances: 4,
		Tags: Journal{Deployment: "web", Revision: 1, Release: "r1", Verdict: RollingOut, Owner: theirs}.Tags()}
	size := Capacity{Minimum: 2, Target: 4, Maximum: 8}
	w := World{Groups: []Group{first}}
	begins := Deployment{Name: "web", Release: "r1", ImageID: "ami-1", Capacity: &size, Owner: theirs, Creates: true}
	takes := begins
	takes.Owner = ours
	for name, d := range map[string]Deployment{"the same release": takes, "another release": func() Deployment { d := takes; d.Release = "r2"; return d }()} {
		if s := Next(d, w); s.Kind != Record || s.Journal.Owner != ours || s.Journal.Verdict != RollingOut {
			t.Errorf("%s: the first step is %s, which writes %v", name, s, s.Tags())
		}
	}
	w = Imagine(Next(takes, w), w)
	s := Next(begins, w)
	if s.Kind != Refuse || !strings.Contains(s.Because(), "web__1 (sig-1, ami-1)") || !strings.Contains(s.Because(), ours) || !strings.Contains(s.Because(), "terraform import") {
		t.Errorf("who began it goes on: %s", s)
	}
	if s := Next(takes, w); s.Kind != AwaitHealthy {
		t.Errorf("who took it over does not go on: %s", s)
	}
	// One that belongs to a history, and lost its live revision, is no first deployment.
	j := Journal{Deployment: "web", Revision: 2, Release: "r1", Verdict: RollingOut, Previous: "sig-0", PreviousCapacity: size, Owner: theirs}
	if s := Next(takes, World{Groups: []Group{{ID: "sig-2", Name: "web__2", Revision: 2, Capacity: Pin(4), Tags: j.Tags()}}}); s.Kind != Refuse {
		t.Errorf("a second release of another state is taken over: %s", s)
	}
}

// A first deployment that nobody finished may have left second copies. They are of the same run: who takes over the one takes over all, and
// is done with one apply.
func TestCopiesOfAnUnfinishedFirstDeploymentAreTakenOver(t *testing.T) {
	size := Capacity{Minimum: 2, Target: 4, Maximum: 8}
	takes := Deployment{Name: "web", Release: "r1", ImageID: "ami-1", Capacity: &size, HealthyPercent: 100, Owner: ours, Creates: true}
	for copies := 1; copies <= 3; copies++ {
		var w World
		for n := range copies {
			w.Groups = append(w.Groups, Group{ID: fmt.Sprint("sig-", n), Name: "web__1", Revision: 1, ImageID: "ami-1",
				Tags: Journal{Deployment: "web", Revision: 1, Release: "r1", Verdict: RollingOut, Owner: theirs}.Tags()})
		}
		p := Simulate(takes, w)
		if p.Refused() || len(p.End.Groups) != 1 || p.End.Groups[0].Owner() != ours || p.End.Groups[0].Capacity != size {
			t.Errorf("%d copies: it ends with %v and %v", copies, p.Steps[len(p.Steps)-1], p.End.Groups)
		}
		// Whoever began them, and is still at work, finds none of its own and stops.
		w = Imagine(Next(takes, w), w)
		if begins := takes; copies == 1 {
			begins.Owner = theirs
			if s := Next(begins, w); s.Kind != Refuse {
				t.Errorf("who began it goes on: %s", s)
			}
		}
	}
}

// A destroy leaves alone what another state released, and takes what this one imported.
func TestADestroyTakesItsOwn(t *testing.T) {
	group := func(revision int, owner string, c Capacity) Group {
		return Group{ID: fmt.Sprint("sig-", revision), Name: Name("web", revision), Revision: revision, Capacity: c, Instances: c.Target,
			Tags: Journal{Deployment: "web", Revision: revision, Release: "r", Verdict: Proven, Owner: owner}.Tags()}
	}
	size := Capacity{Minimum: 2, Target: 4, Maximum: 8}
	for name, c := range map[string]struct {
		groups   []Group
		imported string
		refuses  bool
		leaves   []string
	}{
		"its own":                       {groups: []Group{group(1, ours, Capacity{}), group(2, ours, size)}},
		"made before there were owners": {groups: []Group{group(1, "", Capacity{}), group(2, ours, size)}},
		"imported":                      {groups: []Group{group(2, theirs, size)}, imported: "sig-2"},
		"another state's":               {groups: []Group{group(1, ours, Capacity{}), group(2, theirs, size)}, refuses: true, leaves: []string{"web__1", "web__2"}},
		"another state's, which runs":   {groups: []Group{group(2, ours, size), group(1, theirs, Pin(1))}, leaves: []string{"web__1"}},
		"another state's leftover":      {groups: []Group{group(1, theirs, Capacity{}), group(2, ours, size)}, leaves: []string{"web__1"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := Deployment{Name: "web", Owner: ours, Gone: true, Imported: map[string]bool{c.imported: true}}
			p := Simulate(d, World{Groups: c.groups})
			if p.Refused() != c.refuses {
				t.Errorf("it ends with %v", p.Steps[len(p.Steps)-1])
			}
			var left []string
			for _, g := range p.End.Groups {
				left = append(left, g.Name)
			}
			if !slices.Equal(left, c.leaves) {
				t.Errorf("it leaves %v, want %v", left, c.leaves)
			}
		})
	}
}
