package sweep_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/aws"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// config is what a user applies.
type config struct {
	image    string
	hold     int
	capacity *rollout.Capacity // nil is usual, or what the previous one has
	gone     bool
	alarms   bool
	checks   bool
}

func (c config) size() rollout.Capacity {
	if c.capacity != nil {
		return *c.capacity
	}
	return usual
}

// process is a run by a new process: nothing is left in it of the one before but the state, which is what was last applied
// with success. It is planned already. A create of what is live is refused: that is tried, and then it is imported, as the refusal
// says. So is what nobody finished, where it is to be destroyed.
func (s *scene) process(c config) *runner.Run {
	if s.owner != "" {
		return s.begin(c, s.owner, nil)
	}
	everything, live := map[string]bool{}, false
	for _, g := range s.world.Groups() {
		j, _ := verdict(g)
		everything[g.ID] = true
		live = live || j.Deployment == "web" && j.Verdict == rollout.Proven && strings.HasPrefix(g.Name, "web__")
	}
	s.created++
	owner := fmt.Sprintf("terraform-state-of-create-%d", s.created)
	run := s.begin(c, owner, everything)
	run.Deployment.Imported, run.Deployment.Creates, run.Planned = nil, true, nil
	switch {
	case !c.gone && !live:
		return run
	case !c.gone:
		before := len(s.world.Changes())
		if result := run.Do(s.t.Context()); result.Outcome != runner.Refused || !strings.Contains(result.Err.Error(), "terraform import ADDRESS web") || len(s.world.Changes()) > before {
			s.t.Errorf("a create of what is live ended %s: %v", result.Outcome, result.Err)
		}
	}
	s.owner = owner
	return s.begin(c, owner, everything)
}

// begin is the run of a process whose state has that owner, and has imported some groups.
func (s *scene) begin(c config, owner string, imported map[string]bool) *runner.Run {
	elastigroups, err := spot.New(spot.Config{Token: "sandbox-token", Account: "act-sandbox", Endpoint: "http://spot.test", MaxRetries: s.retries, Transport: s.world.Transport()})
	if err != nil {
		panic(err)
	}
	balancers, err := aws.New(aws.Config{Region: "us-east-1", AccessKey: "AKIATEST", SecretKey: "secret-of-the-test", MaxRetries: s.retries, Transport: s.world.Transport()})
	if err != nil {
		panic(err)
	}
	size := c.size()
	d := rollout.Deployment{
		Name: "web", Release: c.image, ImageID: c.image, Capacity: &size, Given: s.given, OwnCapacity: usual, HoldAfter: c.hold,
		ResizeOrder: rollout.NewFirst, OnFailure: rollout.Rollback, HealthyPercent: 100, Retain: 1, Gone: c.gone,
		Owner: owner, Imported: imported,
	}
	if !s.how.blueGreen() {
		d.TargetGroups = []string{s.how.live}
	}
	if c.alarms {
		d.Alarms = []string{alarm}
	}
	if c.capacity == nil && !s.how.sized {
		d.Capacity = nil
	}
	s.how.deploy(&d)
	checkers := map[string]runner.Checker{}
	if c.checks {
		d.Checks = []rollout.Check{{Name: "bake", At: rollout.InBake, Every: time.Second, Failures: 1}, {Name: "end", At: rollout.AtEnd, Every: time.Second, Failures: 1}}
		if s.how.blueGreen() {
			d.Checks = append(d.Checks, rollout.Check{Name: "stage", At: rollout.OnStage, Every: time.Second, Failures: 1})
		}
		for _, check := range d.Checks {
			checkers[check.Name] = good{}
		}
	}
	run := runner.New(runner.Config{
		Checkers:   checkers,
		Deployment: d, Spot: elastigroups, Balancers: balancers, Alarms: balancers, HealthyTimeout: s.waits,
		Document: func(g rollout.Group, tags map[string]string) ([]byte, error) {
			return document(g.Name, c.image, rollout.Pin(0), g.TargetGroups, tags), nil
		},
		Events: func(_ context.Context, e event.Event) { s.cursor.Load().happened(e) },
	})
	planned, err := run.Look(s.t.Context())
	if err == nil {
		err = run.LookAtRoutes(s.t.Context(), &planned)
	}
	if err != nil {
		panic(err)
	}
	run.Adopted = map[string]bool{}
	for _, g := range planned.Groups {
		run.Adopted[g.ID] = true
	}
	if !c.gone {
		run.Planned = &planned
	}
	return run
}

// good is a check that finds nothing wrong, in its own time.
type good struct{}

// Ask implements runner.Checker.
func (good) Ask(ctx context.Context, _ runner.Moment) runner.Answer {
	select {
	case <-ctx.Done():
		return runner.Answer{}
	case <-time.After(300 * time.Millisecond):
		return runner.Answer{Verdict: runner.Good}
	}
}

// apply runs a new process to its end. What it applied is the state from then on, if it succeeded.
func (s *scene) apply(c config) runner.Result {
	result := s.process(c).Do(s.t.Context())
	s.applied(c, result)
	return result
}

// applied notes what a run leaves in the state.
func (s *scene) applied(c config, result runner.Result) {
	counted.runs.Add(1)
	if result.Outcome != runner.Succeeded {
		return
	}
	if s.owner = fmt.Sprintf("terraform-state-of-create-%d", s.created); s.created == 0 {
		s.owner = "terraform-state-of-the-sweep"
	}
	if c.gone {
		s.owner = ""
	}
	size := c.size()
	if s.given = &size; c.gone || c.capacity == nil && !s.how.sized {
		s.given = nil
	}
}
