package runner_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// spoiling are the faults by which Spot answers what no client expects, and lets calls take effect.
var spoiling = []sandbox.FaultKind{
	sandbox.NoItems, sandbox.CutItems, sandbox.NullItem, sandbox.TextItem, sandbox.NumberItem, sandbox.ItemWithoutID,
	sandbox.ItemOfWrongKinds, sandbox.StrangeID, sandbox.OddTags, sandbox.OtherForm,
}

// forgets looks at web__1, which the state knows, while Spot answers strangely, and says what is wrong with what it sees.
func (s *scene) forgets(kind sandbox.FaultKind) string {
	s.world.ClearFaults()
	for _, action := range []string{"ListGroups", "ReadGroup"} {
		s.world.Fail(sandbox.Fault{Service: "spot", Action: action, Kind: kind, Times: -1})
	}
	w, err := s.run.Look(s.t.Context())
	switch {
	case errors.Is(err, runner.ErrGone):
		return "it is said to be gone: " + err.Error()
	case err == nil && (len(w.Groups) != 1 || w.Groups[0].Name != "web__1" || w.Groups[0].Capacity != usual):
		return "it is not there, and nothing is said"
	}
	return ""
}

// known makes web__1 one that the state knows.
func (s *scene) known() {
	s.run.Adopted = map[string]bool{group(s.t, s.world, "web__1").ID: true}
}

func TestAGroupIsMissingOnlyBySpotsWord(t *testing.T) {
	inWorld(t, func(t *testing.T, s *scene) {
		s.known()
		for _, kind := range append(spoiling, sandbox.HTML, sandbox.Empty, sandbox.LongError, sandbox.GzipBomb) {
			if wrong := s.forgets(kind); wrong != "" {
				t.Errorf("%s: %s", kind, wrong)
			}
		}
		s.world.ClearFaults()
		s.world.DeleteGroup("web__1")
		if w, err := s.run.Look(t.Context()); err != nil || len(w.Groups) > 0 {
			t.Errorf("it is gone, and what is seen is %v, %v", w.Groups, err)
		}
	})
}

// credulous takes every answer that cannot be used for Spot's word that there is no such group.
type credulous struct{ runner.Elastigroups }

func (b credulous) Group(ctx context.Context, id string) (rollout.Group, error) {
	g, err := b.Elastigroups.Group(ctx, id)
	if errors.Is(err, runner.ErrUnusable) {
		err = errors.Join(err, runner.ErrGone)
	}
	return g, err
}

// skipping leaves out of the list what cannot be read.
type skipping struct{ runner.Elastigroups }

func (b skipping) Groups(ctx context.Context) ([]rollout.Group, error) {
	groups, err := b.Elastigroups.Groups(ctx)
	var readable []rollout.Group
	for _, g := range groups {
		if g.Unreadable == "" {
			readable = append(readable, g)
		}
	}
	return readable, err
}

// unchecked takes every answer to a create for a good one.
type unchecked struct{ runner.Elastigroups }

func (b unchecked) Create(ctx context.Context, document []byte) (rollout.Group, error) {
	g, err := b.Elastigroups.Create(ctx, document)
	if errors.Is(err, runner.ErrUnusable) {
		g, err = rollout.Group{}, errors.New("refused")
	}
	return g, err
}

// Clients that are too good-natured are found out by the tests of this file.
func TestBrokenClientsAreNoticed(t *testing.T) {
	for what, test := range map[string]struct {
		promise string
		notices func(s *scene) bool
	}{
		"an empty answer means gone": {"forgets nothing", func(s *scene) bool {
			s.known()
			s.run.Spot = credulous{s.run.Spot}
			return s.forgets(sandbox.NoItems) != ""
		}},
		"a list without what cannot be read": {"passes over nothing", func(s *scene) bool {
			s.run.Spot = skipping{s.run.Spot}
			s.world.Fail(sandbox.Fault{Service: "spot", Action: "ListGroups", Kind: sandbox.StrangeID, Times: -1})
			_, err := s.run.Look(s.t.Context())
			return err == nil
		}},
		"an unusable answer means refused": {"adopts what was made", func(s *scene) bool {
			s.run.Spot = unchecked{s.run.Spot}
			s.world.Fail(sandbox.Fault{Service: "spot", Action: "CreateGroup", Kind: sandbox.NoItems, Times: -1})
			return s.run.Do(s.t.Context()).Outcome != runner.Succeeded
		}},
	} {
		t.Run(what, func(t *testing.T) {
			inWorld(t, func(t *testing.T, s *scene) {
				if !test.notices(s) {
					t.Error("nobody noticed")
				}
			})
			t.Logf("promise: %s", test.promise)
		})
	}
}

// named adds a group that somebody else made.
func (s *scene) named(name string) {
	s.t.Helper()
	if _, err := s.world.AddGroup(document(s.t, "ami-1", rollout.Pin(0), nil, name)); err != nil {
		s.t.Fatal(err)
	}
}

// What cannot be read is excluded where it is certainly not one of the deployment's, and is said once; otherwise nothing is
// concluded from such a list.
func TestAnEntryThatCannotBeRead(t *testing.T) {
	for name, test := range map[string]struct {
		group    string
		kind     sandbox.FaultKind
		value    string
		says     string // "" where the look succeeds
		excluded int
	}{
		"an ID that is none, of another deployment":  {"api__1", sandbox.StrangeID, "../../setup/account", "", 1},
		"a number for an ID, of another deployment":  {"api__1", sandbox.StrangeID, "12345", "", 1},
		"an ID with a blank, of another deployment":  {"web-2", sandbox.StrangeID, "sig-1 2", "", 1},
		"no ID, of another deployment":               {"api__1", sandbox.ItemWithoutID, "", "", 1},
		"tags that are none, of another deployment":  {"api__1", sandbox.OddTags, "", "", 0},
		"an ID that is none, of a revision":          {"web__7", sandbox.StrangeID, "12345", "may be a group of deployment \"web\" and cannot be read: group web__7", 0},
		"no ID, of a revision":                       {"web__7", sandbox.ItemWithoutID, "", "cannot be read", 0},
		"null":                                       {"api__1", sandbox.NullItem, "", "an entry that is no group but null", 0},
		"a text":                                     {"api__1", sandbox.TextItem, "", "an entry that is no group but a string", 0},
		"tags that are none, of a revision":          {"web__7", sandbox.OddTags, "", "", 0}, // read by its ID
		"wrong kinds, of whatever deployment it was": {"api__1", sandbox.ItemOfWrongKinds, "", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, s *scene) {
				s.known()
				s.named(test.group)
				s.world.Fail(sandbox.Fault{Service: "spot", Action: "ListGroups", Kind: test.kind, Value: test.value, Item: 2, Times: -1})
				for range 3 {
					w, err := s.run.Look(t.Context())
					switch {
					case test.says == "" && (err != nil || len(w.Groups) != 1):
						t.Fatalf("%v %v", w.Groups, err)
					case test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)):
						t.Fatalf("%q is not said: %v", test.says, err)
					}
				}
				if said := s.run.Excluded(); len(said) != test.excluded {
					t.Errorf("it is said %d times: %q", len(said), said)
				}
			})
		})
	}
}

// calls counts those of an action.
func calls(w *sandbox.World, action string) int {
	n := 0
	for _, c := range w.Calls() {
		if c.Action == action {
			n++
		}
	}
	return n
}

// Whatever a create is answered, there is one group of it: what it made is looked for by its name and journal, and gone on with.
func TestOneGroupOutOfOneCreate(t *testing.T) {
	for _, kind := range append(spoiling, sandbox.HTML, sandbox.Empty, sandbox.DropAfter) {
		t.Run(string(kind), func(t *testing.T) {
			inWorld(t, func(t *testing.T, s *scene) {
				s.world.Fail(sandbox.Fault{Service: "spot", Action: "CreateGroup", Kind: kind, Times: -1})
				result := s.run.Do(t.Context())
				made := kind != sandbox.HTML && kind != sandbox.Empty
				if !made {
					s.mustEnd(result, runner.Broken, "It was asked for 3 times", "no group web__2 has shown")
					s.mustStand("web__1 2/4/8")
				} else {
					s.mustEnd(result, runner.Succeeded)
					s.mustStand(released...)
					if n := calls(s.world, "CreateGroup"); n != 1 {
						t.Errorf("it was made %d times", n)
					}
				}
				s.mustServe()
				s.mustBeSingle()
			})
		})
	}
}

// An answer that cannot be used, to a create whose group never shows, is taken twice.
func TestASecondUnusableAnswerEndsTheRun(t *testing.T) {
	inWorld(t, func(t *testing.T, s *scene) {
		begun := time.Now()
		s.run.Spot = swallowing{s.run.Spot}
		s.mustEnd(s.run.Do(t.Context()), runner.Broken, "It was asked for 2 times", "web__1", "serves with 4", "Apply again")
		s.mustStand("web__1 2/4/8")
		if took := time.Since(begun); took < 30*time.Second {
			t.Errorf("what the first may have made was looked for only %s", took)
		}
	})
}

// swallowing makes nothing, and answers what cannot be used.
type swallowing struct{ runner.Elastigroups }

func (swallowing) Create(context.Context, []byte) (rollout.Group, error) {
	return rollout.Group{}, errors.Join(runner.ErrUnusable, runner.ErrUnanswered)
}

// A list that leaves out what is there does not say that a name is free.
func TestNothingIsMadeByAListThatLeavesOut(t *testing.T) {
	for name, times := range map[string]int{"for a while": 8, "for good": -1} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, s *scene) {
				s.known()
				// Another process was killed when it had made web__2.
				j := rollout.Journal{Deployment: "web", Revision: 2, Release: "ami-2", Verdict: rollout.RollingOut, Retain: 1, Previous: group(t, s.world, "web__1").ID, PreviousCapacity: usual}
				if _, err := s.world.AddGroup(document(t, "ami-2", rollout.Pin(0), j.Tags(), "web__2")); err != nil {
					t.Fatal(err)
				}
				s.world.Fail(sandbox.Fault{Service: "spot", Action: "ListGroups", Kind: sandbox.NoItems, Times: times})
				result := s.run.Do(t.Context())
				if calls(s.world, "CreateGroup") > 0 {
					t.Error("a second web__2 was made")
				}
				if times < 0 {
					s.mustEnd(result, runner.Broken, "leaves out web__1", "whether there is a group web__2 already cannot be told", "none was created")
					s.mustStand("web__1 2/4/8", "web__2 0/0/0")
				}
				s.mustServe()
				s.mustBeSingle()
			})
		})
	}
}

// A group that somebody has resized between the look and the delete is not deleted.
func TestWhatIsWantedAgainIsNotDeleted(t *testing.T) {
	inWorld(t, func(t *testing.T, s *scene) {
		s.run = s.releases("ami-bad")
		s.run.HealthyTimeout = 3 * time.Minute
		s.world.Intercept(func(c *sandbox.Call) {
			if c.Action == "ReadGroup" && c.Name == "web__2" && group(t, s.world, "web__2").Target == 0 && group(t, s.world, "web__2").Maximum == 0 {
				s.world.SetCapacity("web__2", 0, 1, 1)
			}
		}, nil)
		s.mustEnd(s.run.Do(t.Context()), runner.Broken, "web__2")
		s.world.Intercept(nil, nil)
		for _, c := range s.world.Changes() {
			if c.Action == "DeleteGroup" {
				t.Errorf("%s was deleted", c.Name)
			}
		}
		s.mustServe()
	})
}
