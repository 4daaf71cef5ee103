package runner

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

const minute = time.Minute

// look counts a group with these instances, whose verdicts are by their IDs.
func (h *healthTracker) look(t *testing.T, verdicts map[string]verdict, instances ...Instance) rollout.Group {
	t.Helper()
	g := rollout.Group{ID: "sig-2", Name: "web__2", Capacity: rollout.Pin(4)}
	if err := h.count(&g, instances, minute, func(i Instance) (verdict, error) { return verdicts[i.ID], nil }); err != nil {
		t.Fatal(err)
	}
	return g
}

var (
	serves = verdict{serves: true}
	failed = verdict{unhealthy: true, words: []string{"unhealthy in web: 503"}, state: "unhealthy"}
	boots  = verdict{state: "initial"}
)

func TestAnInstanceIsSteadyOnceItHasServedForLongEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHealthTracker()
		good := map[string]verdict{"i-1": serves, "i-2": serves}
		mustCount := func(when string, g rollout.Group, inService, steady int) {
			t.Helper()
			if g.Instances != 2 || g.InService != inService || g.Steady != steady {
				t.Errorf("%s: %d of %d are in service, %d steadily; want %d and %d", when, g.InService, g.Instances, g.Steady, inService, steady)
			}
		}
		both := []Instance{{ID: "i-1"}, {ID: "i-2"}}
		mustCount("at first", h.look(t, good, both...), 2, 0)
		time.Sleep(minute)
		mustCount("a minute later", h.look(t, good, both...), 2, 2)
		mustCount("when one is checked again", h.look(t, map[string]verdict{"i-1": serves, "i-2": boots}, both...), 1, 1)
		mustCount("when it is back", h.look(t, good, both...), 2, 1)
		time.Sleep(minute)
		mustCount("another minute later", h.look(t, good, both...), 2, 2)
	})
}

func TestFailingIsWhatServedAndIsCalledUnhealthy(t *testing.T) {
	h := newHealthTracker()
	h.look(t, map[string]verdict{"i-1": serves, "i-2": serves, "i-3": boots}, Instance{ID: "i-1"}, Instance{ID: "i-2"}, Instance{ID: "i-3"})
	g := h.look(t, map[string]verdict{"i-1": failed, "i-2": failed, "i-3": failed},
		Instance{ID: "i-1"}, Instance{ID: "i-2", State: "marked-for-termination"}, Instance{ID: "i-3"})
	if g.Failing != 1 {
		t.Errorf("%d are failing; one that never served is not, nor is one that the market takes", g.Failing)
	}
	if h.look(t, nil); h.reclaimed["sig-2"] != 1 {
		t.Errorf("%d were reclaimed, want the one that the market took", h.reclaimed["sig-2"])
	}
	if !h.unhealthy["sig-2"]["unhealthy in web: 503"] {
		t.Error("what was said of what failed is forgotten")
	}
}

func TestWhatTheRunTakesIsNotReclaimed(t *testing.T) {
	h := newHealthTracker()
	good := map[string]verdict{"i-1": serves, "i-2": serves}
	h.look(t, good, Instance{ID: "i-1"}, Instance{ID: "i-2"})
	h.changes("sig-2")
	if h.look(t, good, Instance{ID: "i-1"}); h.reclaimed["sig-2"] != 0 {
		t.Errorf("%d were reclaimed", h.reclaimed["sig-2"])
	}
	if h.look(t, good); h.reclaimed["sig-2"] != 1 {
		t.Errorf("%d were reclaimed after the change, want 1", h.reclaimed["sig-2"])
	}
}

func TestReasonsAreThoseOfTheLastLook(t *testing.T) {
	h := newHealthTracker()
	g := h.look(t, map[string]verdict{"i-1": serves, "i-2": boots, "i-3": boots, "i-4": failed},
		Instance{ID: "i-1"}, Instance{ID: "i-2"}, Instance{ID: "i-3"}, Instance{ID: "i-4"}, Instance{Request: "sir-1"})
	want := []event.Reason{{Reason: "initial", Count: 2}, {Reason: "not launched yet", Count: 1}, {Reason: "unhealthy in web: 503", Count: 1}}
	if got := h.reasons(g.ID); !slices.Equal(got, want) {
		t.Errorf("the reasons are %v, want %v", got, want)
	}
	if h.look(t, map[string]verdict{"i-1": serves}, Instance{ID: "i-1"}); len(h.reasons(g.ID)) > 0 {
		t.Errorf("the reasons are %v", h.reasons(g.ID))
	}
	if got := h.unserved(g.ID); !slices.Equal(got, []string{"i-2", "i-3", "i-4"}) {
		t.Errorf("%v never served", got)
	}
}

func TestWhatCannotBeJudgedIsAnError(t *testing.T) {
	g, refused := rollout.Group{ID: "sig-2"}, errors.New("throttled")
	if err := newHealthTracker().count(&g, []Instance{{ID: "i-1"}}, 0, func(Instance) (verdict, error) { return serves, refused }); !errors.Is(err, refused) {
		t.Errorf("it ends with %v", err)
	}
}
