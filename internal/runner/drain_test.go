package runner_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

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

// A group whose instances Spot leaves out of its list is not deleted as long as its balancer has some of them drain, and EC2 calls them running.
func TestWhatDrainsIsNotDeletedBySpotsSilence(t *testing.T) {
	inWorld(t, func(t *testing.T, s *scene) {
		s.run.Machines = s.run.Balancers.(runner.Machines)
		if wrong := s.deletedUnseen(); wrong != "" {
			t.Error(wrong)
		}
	})
}

// What has ended is not waited for, though a target drains for its deregistration delay, be its instance gone or not.
func TestATargetThatDrainsIsNoInstance(t *testing.T) {
	for name, change := range map[string]func(*scene){
		"EC2 is asked":       func(s *scene) { s.run.Machines = s.run.Balancers.(runner.Machines) },
		"nobody can ask EC2": func(s *scene) {},
		"EC2 may not be asked": func(s *scene) {
			s.run.Machines = s.run.Balancers.(runner.Machines)
			s.world.Fail(sandbox.Fault{Service: "ec2", Times: -1, Kind: sandbox.Error, Status: 403, Code: "UnauthorizedOperation", Message: "not you"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, s *scene) {
				change(s)
				s.run.Deployment.Retain = 0
				var shrunk, deleted time.Time
				s.world.Intercept(func(c *sandbox.Call) {
					if g, there := s.world.Group("web__1"); there && g.Maximum == 0 && shrunk.IsZero() {
						shrunk = s.world.Now()
					}
					if c.Action == "DeleteGroup" && c.Name == "web__1" {
						deleted = s.world.Now()
					}
				}, nil)
				s.mustEnd(s.run.Do(t.Context()), runner.Succeeded)
				s.mustStand("web__2 2/4/8")
				if took := deleted.Sub(shrunk); took > 3*time.Minute {
					t.Errorf("web__1 was deleted %s after it had been set to 0, and drains for 2 minutes; its target group says 5", took)
				}
			})
		})
	}
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
			s.run.Machines = s.run.Balancers.(runner.Machines)
			s.run.Balancers = undrained{s.run.Balancers}
			if s.deletedUnseen() == "" {
				t.Error("nobody noticed")
			}
		})
	})
	t.Run("EC2 is not asked", func(t *testing.T) {
		t.Log("promise: deletes nothing that runs")
		inWorld(t, func(t *testing.T, s *scene) {
			if s.deletedUnseen() == "" {
				t.Error("nobody noticed")
			}
		})
	})
}
