package runner_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

func TestAnInterruptInAWaitEndsTheRunAtOnce(t *testing.T) {
	inWorld(t, func(t *testing.T, s *scene) {
		ctx, cancel := context.WithCancel(t.Context())
		var at time.Time
		s.run.MinHealthyTime = 10 * time.Minute
		s.when("GroupStatus", "web__2", 4, func() {
			// By now all are in service, and the run glances every 12 to 18 seconds: a second after a look it sleeps.
			time.AfterFunc(time.Second, func() {
				at = time.Now()
				cancel()
			})
		})
		result := s.run.Do(ctx)
		s.mustEnd(result, runner.Interrupted, "the run was interrupted", "web__2", "web__1", "The next apply goes on from there")
		if took := time.Since(at); took > 5*time.Second {
			t.Errorf("it took %s to stop", took)
		}
		s.mustStand("web__1 2/4/8", "web__2 4/4/4")
		if len(result.World.Groups) != 2 {
			t.Errorf("the result has %d groups", len(result.World.Groups))
		}

		// What was left stands for the next process to go on with.
		s.mustEnd(s.releases("ami-2").Do(t.Context()), runner.Succeeded)
		s.mustStand(released...)
		s.mustServe()
	})
}

func TestAnInterruptTakesTheCandidateBackWhereThatIsWanted(t *testing.T) {
	inWorld(t, func(t *testing.T, s *scene) {
		ctx, cancel := context.WithCancel(t.Context())
		s.run.RollbackOnInterrupt = true
		s.when("GroupStatus", "web__2", 2, cancel)
		s.mustEnd(s.run.Do(ctx), runner.Interrupted, `taken back (on_interrupt = "rollback")`, "web__1", "serves with 4 (minimum 2, maximum 8) as before")
		s.mustStand("web__1 2/4/8")
		s.mustServe()
	})
}

// Calls have timeouts of their own. That one of them ends is the end of a call and not of the request.
func TestATimeoutOfACallIsNoInterrupt(t *testing.T) {
	inWorld(t, func(t *testing.T, s *scene) {
		s.run.RollbackOnInterrupt = true
		s.run.MinHealthyTime = 5 * time.Minute // many polls
		s.world.Fail(sandbox.Fault{Service: "spot", Action: "GroupStatus", Kind: sandbox.Hang, Nth: 3, Times: 2})
		s.mustEnd(s.run.Do(t.Context()), runner.Succeeded)
		s.mustStand(released...)
		if !met(s.world, sandbox.Hang) {
			t.Error("no call ran out of time")
		}
		if s.count("going_back") > 0 {
			t.Error("it went back")
		}
	})
}

func TestTheEndOfTheRequestsTimeIsNoCancellation(t *testing.T) {
	inWorld(t, func(t *testing.T, s *scene) {
		s.run.RollbackOnInterrupt = true
		ctx, cancel := context.WithTimeoutCause(t.Context(), 30*time.Second, errors.New("timeouts.update, 30s, is over"))
		defer cancel()
		s.mustEnd(s.run.Do(ctx), runner.Interrupted, "timeouts.update, 30s, is over", "web__2", "The next apply goes on from there")
		s.mustStand("web__1 2/4/8", "web__2 4/4/4")
	})
}

func TestAConcurrentChangeStopsTheRun(t *testing.T) {
	for name, test := range map[string]struct {
		change func(t *testing.T, s *scene)
		words  string
		stand  []string
	}{
		"a second candidate appears": {
			change: func(t *testing.T, s *scene) {
				j := rollout.Journal{Deployment: "web", Revision: 3, Release: "ami-1", Verdict: rollout.RollingOut, Retain: 1}
				if _, err := s.world.AddGroup(document(t, "ami-1", rollout.Pin(0), j.Tags(), "web__3")); err != nil {
					t.Error(err)
				}
			},
			words: "the revision being rolled out is web__3",
			stand: []string{"web__1 2/4/8", "web__2 4/4/4", "web__3 0/0/0"},
		},
		"the live group is deleted": {
			change: func(_ *testing.T, s *scene) { s.world.DeleteGroup("web__1") },
			words:  "the live revision is none",
			stand:  []string{"web__2 4/4/4"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, s *scene) {
				s.when("GroupStatus", "web__2", 2, func() { test.change(t, s) })
				s.mustEnd(s.run.Do(t.Context()), runner.Interrupted, "someone else is changing deployment \"web\"", test.words, "apply again")
				s.mustStand(test.stand...)
			})
		})
	}
}

// What is told is what somebody else has done, and not what the run has done since its last look.
func TestItsOwnChangeIsNobodyElses(t *testing.T) {
	inWorld(t, func(t *testing.T, s *scene) {
		deleted := false
		s.world.Intercept(nil, func(c *sandbox.Call) {
			if c.Action == "UpdateGroup" && c.Name == "web__2" && !deleted {
				deleted = true
				s.world.DeleteGroup("web__1")
			}
		})
		got := s.run.Do(t.Context())
		s.mustEnd(got, runner.Interrupted, "someone else is changing deployment \"web\"", "the live revision web__1 (", ") is gone")
		if !deleted || strings.Contains(got.Err.Error(), "the live revision is web__2") {
			t.Errorf("it says %v", got.Err)
		}
	})
}

func TestAWorldThatIsNotThePlannedOneIsRefused(t *testing.T) {
	inWorld(t, func(t *testing.T, s *scene) {
		planned, err := s.run.Look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s.run.Planned = &planned
		j := rollout.Journal{Deployment: "web", Revision: 2, Release: "ami-1", Verdict: rollout.Proven, Retain: 1}
		if _, err := s.world.AddGroup(document(t, "ami-1", usual, j.Tags(), "web__2")); err != nil {
			t.Fatal(err)
		}
		before := len(s.world.Changes())
		s.mustEnd(s.run.Do(t.Context()), runner.Refused, "since it was planned", "the live revision is web__2", "it was web__1", "Nothing was touched", "Plan again")
		if made := s.world.Changes()[before:]; len(made) > 0 {
			t.Errorf("it made %d changes", len(made))
		}
	})
}

func TestAFailureGivesBackExactlyWhatWasThere(t *testing.T) {
	for _, order := range []rollout.ResizeOrder{rollout.NewFirst, rollout.PreviousFirst} {
		t.Run(string(order), func(t *testing.T) {
			inWorld(t, func(t *testing.T, s *scene) {
				s.world.SetCapacity("web__1", 1, 3, 9)
				run := s.releases("ami-bad")
				run.Deployment.ResizeOrder = order
				s.mustEnd(run.Do(t.Context()), runner.RolledBack, "0 of 3 needed instances of web__2", "[503]", "serves with 3 (minimum 1, maximum 9) as before")
				s.mustStand("web__1 1/3/9")
				shrunk := slices.ContainsFunc(s.world.Changes(), func(c sandbox.Call) bool { return c.Action == "SetCapacity" && c.Name == "web__1" })
				if shrunk != (order == rollout.PreviousFirst) {
					t.Errorf("web__1 was resized: %t", shrunk)
				}
			})
		})
	}
}

func TestAWayBackThatIsBarredSaysWhatToDoByHand(t *testing.T) {
	inWorld(t, func(t *testing.T, s *scene) {
		run := s.releases("ami-bad")
		run.Deployment.ResizeOrder = rollout.PreviousFirst
		// Once the candidate has its instances there is no capacity left for the live one to return.
		s.when("GroupStatus", "web__2", 12, func() { s.world.SetMarket(sandbox.Market{}) })
		result := run.Do(t.Context())
		s.mustEnd(result, runner.Broken, "the release of ami-bad failed", "Going back is not complete", "of web__1", "Spot has found no capacity for",
			"finish by hand: set web__1", "to 4 (minimum 2, maximum 8), wait until it serves, then set web__2", "to 0 and delete it")
		s.mustStand("web__1 2/4/8", "web__2 4/4/4")
	})
}

// That the failed revision is deleted is said where it is, and not where another one was: a candidate that was half way, and made room.
func TestWhatWasDeletedIsSaidOfTheFailedRevision(t *testing.T) {
	for name, test := range map[string]struct {
		half, image string // what was half way, and what is released then
		refused     int    // which of the creates is refused, and all after it
		said        bool
	}{
		"another candidate was taken back, and the create is refused": {"ami-bad", "ami-2", 1, false},
		"the failed revision is taken back":                           {"ami-2", "ami-bad", 99, true},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, s *scene) {
				ctx, cancel := context.WithCancel(t.Context())
				s.run = s.releases(test.half)
				s.when("GroupStatus", "web__2", 3, cancel)
				s.mustEnd(s.run.Do(ctx), runner.Interrupted)
				s.world.Intercept(nil, nil)

				s.world.Fail(sandbox.Fault{Service: "spot", Action: "CreateGroup", Kind: sandbox.Error, Status: 400, Code: "VALIDATION_ERROR", Nth: test.refused, Times: -1})
				s.run = s.releases(test.image)
				s.run.HealthyTimeout = 10 * time.Minute
				result := s.run.Do(t.Context())
				s.mustEnd(result, runner.RolledBack, "serves with 4")
				if strings.Contains(result.Err.Error(), "the failed revision is deleted") != test.said {
					t.Error(result.Err)
				}
				s.mustStand("web__1 2/4/8")
				s.mustServe()
			})
		})
	}
}
