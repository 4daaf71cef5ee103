package runner_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// Cancelled at each of its changing calls, before the effect or after it, a canary stops at once, undoes nothing, and is
// gone on with by the next run.
func TestACanaryInterruptedAtAnyChangeIsGoneOnWith(t *testing.T) {
	for _, after := range []bool{false, true} {
		nth, ended := 1, false
		for ; !ended && nth < 40; nth++ {
			t.Run(fmt.Sprintf("change %d, after its effect: %t", nth, after), func(t *testing.T) {
				inCanary(t, func(t *testing.T, s *scene) {
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					met := 0
					var at time.Time
					hook := func(c *sandbox.Call) {
						switch c.Action {
						case "CreateGroup", "SetCapacity", "UpdateGroup", "DeleteGroup":
							if met++; met == nth {
								at = time.Now()
								cancel()
							}
						}
					}
					if after {
						s.world.Intercept(nil, hook)
					} else {
						s.world.Intercept(hook, nil)
					}
					result := s.run.Do(ctx)
					took := time.Since(at)
					s.world.Intercept(nil, nil)
					if at.IsZero() {
						ended = true
						s.mustEnd(result, runner.Succeeded)
						return
					}
					if took > 5*time.Second {
						t.Errorf("it took %s to stop", took)
					}
					if result.Outcome != runner.Succeeded { // the last call may have been the last thing to do
						s.mustEnd(result, runner.Interrupted, "the run was interrupted", "The next step is to ", "The next apply goes on from there")
					}
					for _, c := range s.world.Calls() {
						if c.Action == "DeleteGroup" {
							t.Error("a group was deleted")
						}
					}
					s.mustEnd(s.canary("ami-2").Do(t.Context()), runner.Succeeded)
					s.mustStand(released...)
					s.mustServe()
					s.mustBeSingle()
				})
			})
		}
		if nth < 9 || !ended {
			t.Errorf("there were %d changes to interrupt", nth-1)
		}
	}
}

func TestAnInterruptInABakeEndsTheRunAtOnce(t *testing.T) {
	inCanary(t, func(t *testing.T, s *scene) {
		ctx, cancel := context.WithCancel(t.Context())
		var at time.Time
		s.says(s.run, "begun bake", 2, func() {
			time.AfterFunc(3*time.Minute+time.Second, func() {
				at = time.Now()
				cancel()
			})
		})
		s.mustEnd(s.run.Do(ctx), runner.Interrupted, "the run was interrupted", "web__2", "The next step is to bake", "50 %", "The next apply goes on from there")
		if took := time.Since(at); took > 5*time.Second {
			t.Errorf("it took %s to stop", took)
		}
		s.mustStand(halfway...)

		// A bake has to be without a break: the next run sits out all of it.
		began := time.Now()
		s.mustEnd(s.canary("ami-2").Do(t.Context()), runner.Succeeded)
		if took := time.Since(began); took < secondBake {
			t.Errorf("going on took but %s", took)
		}
		s.mustStand(released...)
		s.mustServe()
	})
}

func TestAnInterruptInABakeTakesTheCandidateBackWhereThatIsWanted(t *testing.T) {
	inCanary(t, func(t *testing.T, s *scene) {
		ctx, cancel := context.WithCancel(t.Context())
		s.run.RollbackOnInterrupt = true
		s.says(s.run, "begun bake", 2, cancel)
		s.mustEnd(s.run.Do(ctx), runner.Interrupted, `taken back (on_interrupt = "rollback")`, "serves with 4 (minimum 2, maximum 8) as before")
		s.mustStand("web__1 2/4/8")
		s.mustServe()
	})
}

func TestTheEndOfTheRequestsTimeInABakeTakesNothingBack(t *testing.T) {
	inCanary(t, func(t *testing.T, s *scene) {
		s.run.RollbackOnInterrupt = true
		ctx, cancel := context.WithTimeoutCause(t.Context(), 12*time.Minute, errors.New("timeouts.update, 12m0s, is over"))
		defer cancel()
		s.mustEnd(s.run.Do(ctx), runner.Interrupted, "timeouts.update, 12m0s, is over", "The next apply goes on from there")
		s.mustStand(halfway...)
	})
}

// A poll that hangs until its client gives up is no interrupt, whichever poll it is.
func TestATimeoutOfAPollInABakeIsNoInterrupt(t *testing.T) {
	for _, action := range []string{"GroupStatus", "ListGroups", "DescribeTargetHealth", "DescribeAlarms"} {
		t.Run(action, func(t *testing.T) {
			inCanary(t, func(t *testing.T, s *scene) {
				s.run.RollbackOnInterrupt = true
				s.says(s.run, "begun bake", 1, func() {
					s.world.Fail(sandbox.Fault{Action: action, Kind: sandbox.Hang, Times: 2})
				})
				s.mustEnd(s.run.Do(t.Context()), runner.Succeeded)
				s.mustStand(released...)
				s.mustServe()
				if !met(s.world, sandbox.Hang) {
					t.Error("no call ran out of time")
				}
				if s.count("going_back") > 0 {
					t.Error("it went back")
				}
			})
		})
	}
}
