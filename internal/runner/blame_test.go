package runner_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// blamed tells whether anything is remembered against a release.
func (s *scene) blamed() bool {
	w, err := s.releases("ami-1").Look(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, g := range w.Groups {
		if len(g.Memory().Failed) > 0 {
			return true
		}
	}
	return false
}

// What a service did wrong is not held against the release: it is released again when the service answers as it should.
func TestNobodyIsBlamedForAService(t *testing.T) {
	type fault struct{ service, action string }
	for _, at := range []fault{{"spot", "GroupStatus"}, {"spot", "InstanceHealthiness"}, {"spot", "CreateGroup"}, {"spot", "SetCapacity"}, {"spot", "UpdateGroup"}, {"elbv2", "DescribeTargetHealth"}} {
		kinds := []sandbox.FaultKind{sandbox.Error, sandbox.HTML, sandbox.Empty, sandbox.Throttle, sandbox.LongError}
		if at.service == "spot" {
			kinds = append(kinds, spoiling...)
		}
		for _, kind := range kinds {
			t.Run(fmt.Sprint(at.action, " ", kind), func(t *testing.T) {
				inWorld(t, func(t *testing.T, s *scene) {
					s.world.Fail(sandbox.Fault{Service: at.service, Action: at.action, Kind: kind, Nth: 3, Times: -1})
					result := s.run.Do(t.Context())
					s.world.ClearFaults()
					if s.blamed() {
						t.Errorf("the release is blamed; the run ended %s: %v", result.Outcome, result.Err)
					}
					s.mustEnd(s.releases("ami-2").Do(t.Context()), runner.Succeeded)
					s.mustStand(released...)
					s.mustServe()
				})
			})
		}
	}
}

// unknown is Spot that has no word on the health of any instance, or lists none.
type unknown struct {
	runner.Elastigroups
	health string
}

func (b unknown) JudgedInstances(ctx context.Context, id string) ([]runner.Instance, error) {
	instances, err := b.Elastigroups.JudgedInstances(ctx, id)
	if b.health == "none" {
		return nil, err
	}
	for i := range instances {
		instances[i].Health = b.health
	}
	return instances, err
}

// An instance that nobody has judged speaks neither for a release nor against it; one that is called unhealthy does.
func TestWhatIsNotJudgedIsNotHeldAgainstARelease(t *testing.T) {
	for health, held := range map[string]bool{"": false, "INSUFFICIENT_DATA": false, "UNKNOWN": false, "?!": false, "none": false, "UNHEALTHY": true} {
		t.Run(health, func(t *testing.T) {
			inCanary(t, func(t *testing.T, s *scene) {
				run := s.releases("ami-2")
				run.Deployment.TargetGroups = nil
				run.Document = func(g rollout.Group, tags map[string]string) ([]byte, error) {
					return bare(t, "ami-2", rollout.Pin(0), tags, g.Name), nil
				}
				run.Spot = unknown{run.Spot, health}
				words := "nothing speaks against the image, since no health check has judged it"
				if held {
					words = "It is remembered"
				}
				s.mustEnd(run.Do(t.Context()), runner.RolledBack, words, "0 of 4 needed instances of web__2")
				if s.blamed() != held {
					t.Errorf("blamed: %t", !held)
				}
				s.mustStand("web__1 2/4/8")
			}, func(c *sandbox.Config) { c.Groups = append(c.Groups[:0], bare(t, "ami-1", usual, proven(), "web__1")) })
		})
	}
}

// unjudging are balancers to which every instance that is not in service is a new one.
type unjudging struct{ runner.Balancers }

func (b unjudging) TargetHealth(ctx context.Context, arn string) ([]runner.Target, error) {
	targets, err := b.Balancers.TargetHealth(ctx, arn)
	for i := range targets {
		if !targets[i].InService {
			targets[i].State, targets[i].Reason, targets[i].Description = "initial", "Elb.InitialHealthChecking", "Initial health checks in progress"
		}
	}
	return targets, err
}

// What Spot replaces as unhealthy between two looks was judged, though nobody saw it unhealthy and its replacement is new: Spot's log says so.
func TestWhatWasReplacedBetweenLooksWasJudged(t *testing.T) {
	for image, judged := range map[string]bool{"web-never": true, "web-slow": false} {
		t.Run(image, func(t *testing.T) {
			inWorld(t, func(t *testing.T, s *scene) {
				behaviour := sandbox.Behaviour{}
				if !judged {
					behaviour = sandbox.Behaviour{Kind: sandbox.Slow, Later: sandbox.Duration(time.Hour)}
				}
				if err := s.world.AddImage(sandbox.Image{ID: "ami-2", Name: image, Behaviour: behaviour}); err != nil {
					t.Fatal(err)
				}
				s.run.Balancers = unjudging{s.run.Balancers}
				s.run.HealthyTimeout = 30 * time.Minute
				if !judged {
					s.run.HealthyTimeout = 4 * time.Minute
				}
				result := s.run.Do(t.Context())
				if s.mustEnd(result, runner.RolledBack, "initial in web", "Spot's log: "); s.blamed() != judged {
					t.Errorf("blamed: %t: %v", !judged, result.Err)
				}
				s.mustStand("web__1 2/4/8")
				s.mustServe()
			})
		})
	}
}
