package runner

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

func world(groups ...rollout.Group) rollout.World { return rollout.World{Groups: groups} }

func TestWhatIsPastIsNotBelievedForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s staleness
		is := rollout.Group{ID: "sig-2", Capacity: rollout.Pin(0)}
		was := world(is)
		if _, outdated := s.outdated(was); outdated {
			t.Error("a run that has changed nothing doubts what it sees")
		}
		s.wrote(rollout.Step{Kind: rollout.Resize, Group: is, Capacity: rollout.Pin(4)})
		for n := 1; n <= mostStale; n++ {
			if wait, outdated := s.outdated(was); !outdated || wait != min(time.Duration(n)*staleStep, longestStale) {
				t.Errorf("the %d. look that shows what is past is outdated: %t, for %s", n, outdated, wait)
			}
		}
		if _, outdated := s.outdated(was); outdated {
			t.Error("what is shown for long enough is not believed")
		}
		if _, outdated := s.outdated(was); outdated {
			t.Error("what was believed once is outdated again")
		}
	})
}

func TestOnlyWhatStoodBeforeIsPast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		is := rollout.Group{ID: "sig-2", Capacity: rollout.Pin(0), Tags: map[string]string{"elastigroup:verdict": "new"}}
		resized := is
		resized.Capacity = rollout.Pin(4)
		elsewhere := is
		elsewhere.Capacity = rollout.Pin(3)
		var s staleness
		s.wrote(rollout.Step{Kind: rollout.Resize, Group: is, Capacity: rollout.Pin(4)})
		for what, c := range map[string]struct {
			group  rollout.Group
			behind bool
		}{
			"before": {is, true}, "after": {resized, false}, "someone else's": {elsewhere, false},
			"another group": {rollout.Group{ID: "sig-3"}, false},
		} {
			if got := s.behind(world(c.group)); got != c.behind {
				t.Errorf("%s: it is behind: %t", what, got)
			}
		}
		time.Sleep(staleAfter + time.Second)
		if s.behind(world(is)) {
			t.Errorf("it is behind still after %s", staleAfter)
		}
		s = staleness{}
		s.wrote(rollout.Step{Kind: rollout.Record, Group: is, Journal: rollout.Journal{Deployment: "web", Revision: 2}})
		if !s.behind(world(is)) {
			t.Error("tags as they were before are not behind")
		}
		after := is
		after.Tags = is.With(rollout.Journal{Deployment: "web", Revision: 2}.Tags())
		if s.behind(world(after)) {
			t.Error("tags as they were written are behind")
		}
	})
}

func TestNothingIsPastOfWhatIsMadeOrDeleted(t *testing.T) {
	var s staleness
	g := rollout.Group{ID: "sig-2"}
	for _, kind := range []rollout.Kind{rollout.Create, rollout.Delete, rollout.Shift} {
		s.wrote(rollout.Step{Kind: kind, Group: g, Capacity: rollout.Pin(4)})
	}
	if s.behind(world(g)) {
		t.Error("groups that are made and deleted are told by their IDs")
	}
}
