package runner_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// sentences are the messages of the events of some kinds.
func (s *scene) sentences(kinds ...string) []string {
	var all []string
	for _, e := range s.events {
		if slices.Contains(kinds, e.Kind()) {
			all = append(all, e.Message())
		}
	}
	return all
}

func mustSay(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("it says\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A canary, as whoever follows it reads it: every change, and how far each wait is.
func TestWhatACanarySays(t *testing.T) {
	inCanary(t, func(t *testing.T, s *scene) {
		s.run.Deployment.HoldAfter = 1
		s.mustEnd(s.run.Do(t.Context()), runner.Succeeded)
		mustSay(t, s.sentences("begun", "step_done", "holding", "alarms"),
			"ami-2 is to serve; web__1 (ami-1) has 4 (minimum 2, maximum 8)",
			"alarms: web-5xx OK, web-all OK",
			"web__2 created at 0",
			"web__2 0 -> 1",
			"web__2 has 1 in service",
			"web__1 4 (minimum 2, maximum 8) -> 3",
			"web__2 has baked at 25 %",
			"web__2 tagged, 25 % is passed",
			"web__2 holds after 25 %")
		mustSay(t, slices.Compact(s.sentences("health")), "web__2 0 of 1 in service",
			"web__2 0 of 1 in service: 1 not registered in web", "web__2 0 of 1 in service: 1 initial")
		if bakes := s.sentences("bake"); len(bakes) < 7 || len(bakes) > 10 || bakes[0] != "web__2 bakes at 25 %, 5m left" {
			t.Errorf("of a bake of 5 minutes it says %q", bakes)
		}
		if last := s.events[len(s.events)-1].Fact.(event.Ended); last.Outcome != "held" || last.Holding != "25 %" || last.Changes != 4 || last.Error != "" || !strings.HasPrefix(last.String(), "holds after 25 %, which took ") {
			t.Errorf("it ended as %+v", last)
		}
	})
}

// The plan that a run says as it begins is what it then does, step by step, while every step works.
func TestTheBeginningSaysThePlan(t *testing.T) {
	inCanary(t, func(t *testing.T, s *scene) {
		s.mustEnd(s.run.Do(t.Context()), runner.Succeeded)
		var done []event.Step
		for _, e := range s.events {
			if f, ok := e.Fact.(event.StepDone); ok && f.Count == nil {
				done = append(done, f.Step)
			}
		}
		name := func(s event.Step) string { return fmt.Sprint(s.Step, s.Part, s.PhaseName, s.Group, s.To, s.Lasts) }
		plan := s.events[0].Fact.(event.Begun).Plan
		var planned, did []string
		for _, step := range plan {
			planned = append(planned, name(step))
			if step.Group == "web__2" && step.GroupID != "" {
				t.Errorf("%s has the ID %q before it is created", step.Group, step.GroupID)
			}
		}
		for _, step := range done {
			did = append(did, name(step))
		}
		mustSay(t, did, planned...)
	})
}

// A failure says that the run goes back and why before the first step of the way back, and that the bake was given up.
func TestGoingBackIsSaidBeforeItIsDone(t *testing.T) {
	inCanary(t, func(t *testing.T, s *scene) {
		s.says(s.run, "begun bake", 1, func() { s.world.SetAlarm("web-5xx", "ALARM", "9 errors a minute") })
		s.mustEnd(s.run.Do(t.Context()), runner.RolledBack)
		all := s.sentences("going_back", "step_done")
		i := slices.Index(all, "goes back: the release of ami-2 failed: alarm web-5xx is in ALARM: 9 errors a minute")
		if i < 1 {
			t.Fatalf("it says %q", all)
		}
		mustSay(t, all[i-1:], "gave up the bake of web__2 at 25 %: alarm web-5xx is in ALARM: 9 errors a minute", all[i],
			"web__2 tagged, failed", "web__1 3 -> 4 (minimum 2, maximum 8)", "web__1 has 4 in service", "web__1 tagged, what failed is remembered",
			"web__2 1 -> 0", "web__2 has 0 left", "web__2 deleted")
		if last := s.events[len(s.events)-1].Fact.(event.Ended); last.Outcome != "rolled_back" || !strings.Contains(last.Error, "9 errors a minute") {
			t.Errorf("it ended as %+v", last)
		}
	})
}

// A wait says where it is when that has changed, and otherwise every half a minute, with what the load balancer says.
func TestAWaitSaysAtASteadyPaceWhereItIs(t *testing.T) {
	inWorld(t, func(t *testing.T, s *scene) {
		s.mustEnd(s.releases("ami-bad").Do(t.Context()), runner.RolledBack)
		var last event.Event
		repeated := 0
		for _, e := range s.events {
			if e.Kind() != "health" {
				continue
			}
			gap := e.Time.Sub(last.Time)
			if again := last.Fact != nil && e.Message() == last.Message(); again {
				if repeated++; gap < 30*time.Second {
					t.Errorf("it says again after %s: %s", gap, e.Message())
				}
			}
			if last.Fact != nil && gap > 50*time.Second {
				t.Errorf("nothing is said for %s", gap)
			}
			last = e
		}
		if repeated == 0 {
			t.Error("nothing is said again")
		}
		want := "web__2 0 of 4 in service: 4 unhealthy in web: Target.ResponseCodeMismatch Health checks failed with these codes: [503]"
		if said := s.sentences("health"); !slices.Contains(said, want) {
			t.Errorf("it says %q, and not %s", said, want)
		}
	})
}

// quiet is the longest time in which a run says nothing at INFO, and what it had said last then.
func quiet(events []event.Event) (longest time.Duration, after string) {
	var last event.Event
	for _, e := range events {
		if event.Level(e.Fact) == "DEBUG" {
			continue
		}
		if gap := e.Time.Sub(last.Time); last.Fact != nil && gap > longest {
			longest, after = gap, last.Message()
		}
		last = e
	}
	return longest, after
}

// Whatever a rollout waits for, whoever follows its log hears of it at a steady pace: every half a minute, and a look later at the most.
func TestNoWaitIsSilent(t *testing.T) {
	t.Log("promise: no wait is silent")
	for name, in := range silentWaits {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, s *scene) {
				s.run.Do(t.Context())
				if longest, after := quiet(s.events); longest > 50*time.Second {
					t.Errorf("nothing is said for %s after %q", longest, after)
				}
			})
		})
	}
}

// silentWaits are runs with long waits of each kind.
var silentWaits = map[string]func(t *testing.T, test func(t *testing.T, s *scene)){
	"a canary that bakes": func(t *testing.T, test func(t *testing.T, s *scene)) {
		inCanary(t, func(t *testing.T, s *scene) { test(t, s) })
	},
	"instances that never serve": func(t *testing.T, test func(t *testing.T, s *scene)) {
		inWorld(t, func(t *testing.T, s *scene) {
			s.run = s.releases("ami-bad")
			test(t, s)
		})
	},
	"instances that drain": func(t *testing.T, test func(t *testing.T, s *scene)) {
		inWorld(t, func(t *testing.T, s *scene) {
			s.run = s.releases("ami-2") // Spot lets instances drain for two minutes
			test(t, s)
		})
	},
	"traffic that settles for long": func(t *testing.T, test func(t *testing.T, s *scene)) {
		inBlueGreen(t, sandbox.AWSConfig{}, func(t *testing.T, s *scene) {
			s.run = s.switches("ami-2")
			s.run.Deployment.BlueGreen.Settle = 10 * time.Minute
			test(t, s)
		})
	},
}

// A run that says nothing while instances drain or traffic settles is noticed.
func TestTheEarNoticesSilence(t *testing.T) {
	t.Log("promise: no wait is silent")
	for _, name := range []string{"instances that drain", "traffic that settles for long"} {
		silentWaits[name](t, func(t *testing.T, s *scene) {
			s.run.Do(t.Context())
			heard := slices.DeleteFunc(s.events, func(e event.Event) bool {
				health, isHealth := e.Fact.(event.Health)
				bake, isBake := e.Fact.(event.Bake)
				return isHealth && health.Leaving || isBake && bake.Settles
			})
			if longest, _ := quiet(heard); longest <= 50*time.Second {
				t.Errorf("%s: without what it says of that, nothing is said for %s only", name, longest)
			}
		})
	}
}

// A long bake says twenty times how much of it is left, and a short one every half a minute.
func TestABakeSaysHowMuchIsLeft(t *testing.T) {
	for bake, most := range map[time.Duration]int{5 * time.Minute: 10, 10 * time.Hour: 20} {
		inCanary(t, func(t *testing.T, s *scene) {
			s.run.Deployment.Canary[0].Bake, s.run.Deployment.HoldAfter = bake, 1
			s.mustEnd(s.run.Do(t.Context()), runner.Succeeded)
			if n := len(s.sentences("bake")); n > most || n < most/2 {
				t.Errorf("of a bake of %s it is said %d times how much is left", bake, n)
			}
		})
	}
}

// Events are enough to tell what stands: what was found, and the changes since. So whoever reads them can draw it.
func TestEventsReplayToWhatStands(t *testing.T) {
	for name, in := range map[string]func(t *testing.T, test func(t *testing.T, s *scene)){
		"canary": func(t *testing.T, test func(t *testing.T, s *scene)) { inCanary(t, test) },
		"blue/green": func(t *testing.T, test func(t *testing.T, s *scene)) {
			inBlueGreen(t, sandbox.AWSConfig{}, func(t *testing.T, s *scene) {
				s.run = s.switches("ami-2")
				test(t, s)
			})
		},
		"failing": func(t *testing.T, test func(t *testing.T, s *scene)) {
			inCanary(t, func(t *testing.T, s *scene) {
				s.says(s.run, "begun bake", 2, func() { s.world.SetAlarm("web-5xx", "ALARM", "9 errors a minute") })
				test(t, s)
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, s *scene) {
				s.run.Do(t.Context())
				if got, want := replayed(t, s.events), s.drawn(); !maps.Equal(got, want) {
					t.Errorf("they replay to %v, and there stands %v", got, want)
				}
				t.Log("promise: events are complete")
			})
		})
	}
}

// replayed is what stands after events that were written and read again.
func replayed(t *testing.T, events []event.Event) map[string]string {
	t.Helper()
	all := map[string]string{}
	routes := func(rs ...event.Route) {
		for _, r := range rs {
			all[r.ARN] = fmt.Sprint(r.Weights)
		}
	}
	for _, e := range events {
		line, err := e.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if e, err = event.Parse(line); err != nil {
			t.Fatal(err)
		}
		switch f := e.Fact.(type) {
		case event.Begun:
			for _, g := range f.Groups {
				all[g.Group] = fmt.Sprintf("%d/%d/%d", g.Minimum, g.Target, g.Maximum)
			}
			routes(f.Routes...)
		case event.StepDone:
			switch f.Step.Step {
			case "create":
				all[f.Group] = "0/0/0"
			case "resize":
				all[f.Group] = fmt.Sprintf("%d/%d/%d", f.To.Minimum, f.To.Target, f.To.Maximum)
			case "delete":
				delete(all, f.Group)
			case "shift":
				routes(event.Route{ARN: f.Route.ARN, Weights: f.Weights})
			}
		}
	}
	return all
}

// drawn is what stands.
func (s *scene) drawn() map[string]string {
	all := map[string]string{}
	for _, g := range s.world.Groups() {
		all[g.Name] = fmt.Sprintf("%d/%d/%d", g.Minimum, g.Target, g.Maximum)
	}
	last := s.events[len(s.events)-1].Fact.(event.Ended)
	for _, r := range last.Routes {
		all[r.ARN] = fmt.Sprint(r.Weights)
	}
	return all
}

// A run that says less than it does is noticed by whoever replays what it says.
func TestTheReplayNoticesWhatIsNotSaid(t *testing.T) {
	t.Log("promise: events are complete")
	inCanary(t, func(t *testing.T, s *scene) {
		take := s.run.Events
		s.run.Events = func(ctx context.Context, e event.Event) {
			if f, ok := e.Fact.(event.StepDone); ok && f.Step.Step == "resize" && f.To.Target == 0 {
				return
			}
			take(ctx, e)
		}
		s.mustEnd(s.run.Do(t.Context()), runner.Succeeded)
		if maps.Equal(replayed(t, s.events), s.drawn()) {
			t.Error("what is missing is not missed")
		}
	})
}

// Whether anybody takes the events of a run, and what he does with them, changes nothing in it: the same calls change the clouds, at the same pace, and
// it ends in the same way. Whoever takes them may even spoil what he is given.
func TestEventsChangeNoRun(t *testing.T) {
	t.Log("promise: events change no rollout")
	type course struct {
		changes []string
		outcome runner.Outcome
		took    time.Duration
	}
	of := func(t *testing.T, takes func(context.Context, event.Event)) (is course) {
		inCanary(t, func(t *testing.T, s *scene) {
			s.run.Events = takes
			began, before := time.Now(), len(s.world.Changes())
			is.outcome = s.run.Do(t.Context()).Outcome
			is.took = time.Since(began)
			for _, c := range s.world.Changes()[before:] {
				is.changes = append(is.changes, c.Action)
			}
		})
		return is
	}
	var silent course
	t.Run("nobody", func(t *testing.T) { silent = of(t, nil) })
	if len(silent.changes) < 5 {
		t.Fatalf("a run does %q", silent.changes)
	}
	for name, takes := range map[string]func(context.Context, event.Event){
		"somebody": func(context.Context, event.Event) {},
		"somebody who spoils them": func(_ context.Context, e event.Event) {
			switch f := e.Fact.(type) {
			case event.StepBegun:
				if f.Count != nil {
					*f.Count = 99
				}
				if f.To != nil {
					*f.To = event.Size{}
				}
			case event.Begun:
				clear(f.Groups)
				clear(f.Plan)
			case event.Alarms:
				clear(f.Alarms)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			is := of(t, takes)
			if !slices.Equal(is.changes, silent.changes) || is.outcome != silent.outcome {
				t.Errorf("it does %q and has %s, want %q and %s", is.changes, is.outcome, silent.changes, silent.outcome)
			}
			if d := (is.took - silent.took).Abs(); d > time.Minute { // chance in looks
				t.Errorf("it took %s, and %s without", is.took, silent.took)
			}
		})
	}
}
