package runner_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// deletedUnseen releases while Spot lists no instance of web__1 any more, from when it is set to 0 on, and says how it was deleted: "" if that
// was when it had none.
func (s *scene) deletedUnseen() string {
	s.run.Deployment.Retain = 0
	wrong, hides := "", false
	s.world.Intercept(func(c *sandbox.Call) {
		is := slices.IndexFunc(s.world.Groups(), func(g sandbox.Group) bool { return g.Name == "web__1" })
		if is < 0 {
			return
		}
		g := s.world.Groups()[is]
		if g.Maximum == 0 && !hides {
			hides = true
			s.world.Fail(sandbox.Fault{Service: "spot", Action: "GroupStatus", Subject: "web__1", Kind: sandbox.NoItems, Times: -1})
		}
		for _, i := range g.Instances {
			if c.Action == "DeleteGroup" && c.Name == "web__1" {
				wrong = fmt.Sprintf("it was deleted with %+v", i)
			}
		}
	}, nil)
	s.mustEnd(s.run.Do(s.t.Context()), runner.Succeeded)
	s.world.Intercept(nil, nil)
	if !hides {
		return "its instances were never hidden"
	}
	s.mustStand("web__2 2/4/8")
	return wrong
}

// A group whose instances Spot leaves out of its list is not deleted as long as its balancer has some of them drain.
func TestWhatDrainsIsNotDeletedBySpotsSilence(t *testing.T) {
	inWorld(t, func(t *testing.T, s *scene) {
		if wrong := s.deletedUnseen(); wrong != "" {
			t.Error(wrong)
		}
	})
}

// undrained tells nothing of targets that drain.
type undrained struct{ runner.Balancers }

func (b undrained) TargetHealth(ctx context.Context, arn string) ([]runner.Target, error) {
	targets, err := b.Balancers.TargetHealth(ctx, arn)
	return slices.DeleteFunc(targets, func(t runner.Target) bool { return t.State == "draining" }), err
}

func TestDrainBrokenIsNoticed(t *testing.T) {
	t.Run("targets that drain are passed over", func(t *testing.T) {
		t.Log("promise: deletes nothing that runs")
		inWorld(t, func(t *testing.T, s *scene) {
			s.run.Balancers = undrained{s.run.Balancers}
			if s.deletedUnseen() == "" {
				t.Error("nobody noticed")
			}
		})
	})
}
