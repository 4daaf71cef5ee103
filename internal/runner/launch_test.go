package runner_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// A release whose instances EC2 does not launch, or ends at launch, is taken back with EC2's or Spot's own words. Capacity is not
// what is wanting, and nothing is held against the image: it is released when the reason is mended.
func TestInstancesThatAreNotLaunched(t *testing.T) {
	for name, test := range map[string]struct {
		behaviour sandbox.Behaviour
		words     []string
	}{
		"a key of no use, by Spot's log": {sandbox.Behaviour{Kind: sandbox.Dies},
			[]string{"EC2 ended ", "instances at launch: Client.InvalidKMSKey.InvalidState: The KMS key provided is in an incorrect state",
				"Spot's log: ", "Code: Client.InvalidKMSKey.InvalidState, Message: The KMS key provided is in an incorrect state"}},
		"a key of no use, by EC2 alone": {sandbox.Behaviour{Kind: sandbox.Dies, Silent: true, Code: "Client.InternalError", Message: "Client error on launch"},
			[]string{"instances at launch: Client.InternalError: Client error on launch"}},
		"an image that is not shared": {sandbox.Behaviour{Kind: sandbox.Refused}, []string{"4 of them are not launched", "Code: AuthFailure, Message: Not authorized for images"}},
		"a quota":                     {sandbox.Behaviour{Kind: sandbox.Refused, Code: "MaxSpotInstanceCountExceeded", Message: "Max spot instance count exceeded"}, []string{"Max spot instance count exceeded"}},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, s *scene) {
				if err := s.world.AddImage(sandbox.Image{ID: "ami-2", Behaviour: test.behaviour}); err != nil {
					t.Fatal(err)
				}
				s.run.Machines = s.run.Balancers.(runner.Machines)
				result := s.run.Do(t.Context())
				s.mustEnd(result, runner.RolledBack, append(test.words, "the instances of ami-2 could not be launched", "0 of 4 needed instances",
					"serves with 4 (minimum 2, maximum 8) as before", "Mend what is named there", "apply again")...)
				for _, not := range []string{"want of capacity", "found no capacity", "no health check has judged", "It is remembered"} {
					if strings.Contains(result.Err.Error(), not) {
						t.Errorf("it says %q: %v", not, result.Err)
					}
				}
				if s.blamed() {
					t.Error("the release is blamed")
				}
				s.mustStand("web__1 2/4/8")
				s.mustServe()

				if err := s.world.AddImage(sandbox.Image{ID: "ami-2", Name: "web-2"}); err != nil {
					t.Fatal(err)
				}
				s.mustEnd(s.releases("ami-2").Do(t.Context()), runner.Succeeded)
				s.mustStand(released...)
			})
		})
	}
}

// EC2 is asked for its words only, and a run goes on without them.
func TestEC2NeedNotBeAsked(t *testing.T) {
	for name, change := range map[string]func(*scene){
		"nobody asks": func(s *scene) {},
		"EC2 answers with an error": func(s *scene) {
			s.run.Machines = s.run.Balancers.(runner.Machines)
			s.world.Fail(sandbox.Fault{Service: "ec2", Times: -1, Kind: sandbox.Error, Status: 403, Code: "UnauthorizedOperation", Message: "not you"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, s *scene) {
				if err := s.world.AddImage(sandbox.Image{ID: "ami-2", Behaviour: sandbox.Behaviour{Kind: sandbox.Dies}}); err != nil {
					t.Fatal(err)
				}
				change(s)
				s.mustEnd(s.run.Do(t.Context()), runner.RolledBack, "the instances of ami-2 could not be launched", "Code: Client.InvalidKMSKey.InvalidState")
				if s.blamed() {
					t.Error("the release is blamed")
				}
			})
		})
	}
}

// inZone is a document of a group whose instances start in one zone.
func inZone(t *testing.T, zone, image string, capacity rollout.Capacity, tags map[string]string, name string) []byte {
	t.Helper()
	arns := []string{webARN}
	return edited(t, image, capacity, tags, name, &arns, nil, func(group map[string]any) {
		group["compute"].(map[string]any)["availabilityZones"] = []any{map[string]any{"name": zone, "subnetIds": []any{"subnet-1"}}}
	})
}

// In a zone that no load balancer serves nothing is checked, which is no verdict.
func TestAZoneThatIsNotEnabledIsNoVerdict(t *testing.T) {
	inCanary(t, func(t *testing.T, s *scene) {
		run := s.releases("ami-2")
		run.Document = func(g rollout.Group, tags map[string]string) ([]byte, error) {
			return inZone(t, "us-east-1b", "ami-2", rollout.Pin(0), tags, g.Name), nil
		}
		s.mustEnd(run.Do(t.Context()), runner.RolledBack, "no health check has judged it",
			"4 unused in web: Target.NotInUse Target is in an Availability Zone that is not enabled for the load balancer")
		if s.blamed() {
			t.Error("the release is blamed")
		}
		s.mustStand("web__1 2/4/8")
		s.mustServe()
	}, func(c *sandbox.Config) {
		c.AWS.LoadBalancers[0].Zones = []string{"us-east-1a"}
		c.Groups[0] = inZone(t, "us-east-1a", "ami-1", usual, proven(), "web__1")
	})
}

// A refusal that is over is no reason: what came up after it is judged, or not judged, as ever.
func TestAnOldRefusalIsNoReason(t *testing.T) {
	for name, test := range map[string]struct {
		then  sandbox.Image
		words string
	}{
		"judged":     {sandbox.Image{ID: "ami-2", Name: "web-never"}, "It is remembered"},
		"not judged": {sandbox.Image{ID: "ami-2", Name: "web-2"}, "no health check has judged it"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, s *scene) {
				add := func(image sandbox.Image) {
					if err := s.world.AddImage(image); err != nil {
						t.Error(err)
					}
				}
				add(sandbox.Image{ID: "ami-2", Behaviour: sandbox.Behaviour{Kind: sandbox.Refused, Code: "RequestLimitExceeded", Message: "Request limit exceeded."}})
				s.when("SetCapacity", "web__2", 1, func() {
					time.AfterFunc(time.Minute, func() {
						add(test.then)
						if name == "not judged" {
							s.world.Fail(sandbox.Fault{Service: "elbv2", Action: "DescribeTargetHealth", Times: -1, Kind: sandbox.Stale, Delay: sandbox.Duration(time.Hour)})
						}
					})
				})
				s.mustEnd(s.run.Do(t.Context()), runner.RolledBack, "Request limit exceeded.", test.words)
			})
		})
	}
}

// mute is a Spot client that reads no log.
type mute struct{ runner.Elastigroups }

func (mute) Log(context.Context, string, time.Time, int) ([]string, error) { return nil, nil }

func TestARunThatReadsNoLogNoticesNoLaunch(t *testing.T) {
	t.Log("promise: reasons are the clouds' own")
	inWorld(t, func(t *testing.T, s *scene) {
		if err := s.world.AddImage(sandbox.Image{ID: "ami-2", Behaviour: sandbox.Behaviour{Kind: sandbox.Refused}}); err != nil {
			t.Fatal(err)
		}
		s.run.Spot = mute{s.run.Spot}
		if err := s.run.Do(t.Context()).Err; err == nil || strings.Contains(err.Error(), "could not be launched") {
			t.Errorf("without the log it knows all the same: %v", err)
		}
	})
}
