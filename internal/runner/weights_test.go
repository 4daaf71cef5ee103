package runner_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// sixteen is the capacity of the groups that count weights here.
var sixteen = rollout.Capacity{Minimum: 8, Target: 16, Maximum: 32}

// byWeight is a document of a group that counts weights. All its types count for so many; 0: none is written, and a xlarge has four
// vCPUs.
func byWeight(t *testing.T, each int, image string, capacity rollout.Capacity, tags map[string]string, name string) []byte {
	t.Helper()
	arns := []string{webARN}
	return edited(t, image, capacity, tags, name, &arns, nil, func(group map[string]any) {
		group["capacity"].(map[string]any)["unit"] = "weight"
		types, names := group["compute"].(map[string]any)["instanceTypes"].(map[string]any), []any{"m5.xlarge", "c5.xlarge"}
		types["ondemand"], types["spot"] = names[0], names
		var weights []any
		for _, kind := range names {
			weights = append(weights, map[string]any{"instanceType": kind, "weightedCapacity": each})
		}
		if each > 0 {
			types["weights"] = weights
		}
	})
}

// weighs has a run release groups that count weights.
func weighs(t *testing.T, run *runner.Run, each int) {
	t.Helper()
	image := run.Deployment.ImageID
	run.Document = func(g rollout.Group, tags map[string]string) ([]byte, error) {
		return byWeight(t, each, image, rollout.Pin(0), tags, g.Name), nil
	}
	parsed, err := spot.ParseDocument(byWeight(t, each, image, sixteen, nil, "web"))
	if err != nil {
		t.Fatal(err)
	}
	run.Deployment.Unit, _ = parsed.Counts()
}

// inWeights runs a test with web__1 at 16 of the unit.
func inWeights(t *testing.T, each int, below bool, test func(t *testing.T, s *scene), change ...func(*sandbox.Config)) {
	t.Helper()
	change = append(change, func(c *sandbox.Config) {
		c.WeightsBelow = below
		c.Groups = []json.RawMessage{byWeight(t, each, "ami-1", sixteen, proven(), "web__1")}
	})
	inCanary(t, func(t *testing.T, s *scene) {
		weighs(t, s.run, each)
		test(t, s)
	}, change...)
}

// mustServeAtLeast fails the test if production ever had less than so much, in the unit, once it had that.
func (s *scene) mustServeAtLeast(least int) {
	s.t.Helper()
	began := false
	for _, m := range s.world.Timeline() {
		n := m.Serving(nil)
		if began = began || n >= least; began && n < least {
			s.t.Errorf("at %s only %d served, of %d", m.Time.Format("15:04:05"), n, least)
			return
		}
	}
	if !began {
		s.t.Errorf("it never served with %d", least)
	}
}

// Without weights an instance counts for its vCPUs, and what whole instances cannot give is not waited for, whether Spot goes above
// the target or stays below: in each strategy, forward and back.
func TestAReleaseCountsAsItsGroupsDo(t *testing.T) {
	for _, each := range []int{0, 3, 5, 20} {
		for _, below := range []bool{false, true} {
			if below && each == 20 {
				continue // no instance at all would be 16 then
			}
			least := 16
			if each > 0 && below {
				least = 16 / each * each
			}
			for name, change := range map[string]func(*runner.Run){
				"basic":          func(r *runner.Run) { r.Deployment.Canary = nil },
				"canary":         func(*runner.Run) {},
				"previous first": func(r *runner.Run) { r.Deployment.ResizeOrder = rollout.PreviousFirst },
			} {
				t.Run(fmt.Sprintf("%s of %d, below: %v", name, each, below), func(t *testing.T) {
					inWeights(t, each, below, func(t *testing.T, s *scene) {
						change(s.run)
						began := time.Now()
						s.mustEnd(s.run.Do(t.Context()), runner.Succeeded)
						s.mustStand("web__1 0/0/0", "web__2 8/16/32")
						if name != "previous first" {
							s.mustServeAtLeast(least)
						}
						if took := time.Since(began); took > 40*time.Minute {
							t.Errorf("it took %s", took)
						}
						bad := s.canary("ami-crash")
						change(bad)
						weighs(t, bad, each)
						if len(bad.Deployment.Canary) == 0 {
							return // it crashes when all is over
						}
						s.mustEnd(bad.Do(t.Context()), runner.RolledBack, "turned unhealthy in the bake", " (minimum 8, maximum 32) as before")
					})
				})
			}
		}
	}
}

// What is said is in the unit of the group, and want of capacity is told by it, too.
func TestWordsOnAGroupThatCountsWeights(t *testing.T) {
	for name, test := range map[string]struct {
		each  int
		words []string
	}{
		"vCPUs":   {0, []string{"0 of 4 needed vCPUs of web__2", "Spot has found no capacity for 4 vCPUs of them", "serves with 16 vCPUs (minimum 8, maximum 32) as before"}},
		"weights": {3, []string{"0 of 6 needed weights of web__2", "Spot has found no capacity for 6 weights of them", "serves with 16 weights (minimum 8, maximum 32) as before"}},
	} {
		t.Run(name, func(t *testing.T) {
			inWeights(t, test.each, false, func(t *testing.T, s *scene) {
				s.world.SetMarket(sandbox.Market{})
				s.mustEnd(s.run.Do(t.Context()), runner.RolledBack, append(test.words, "nothing speaks against the image")...)
				s.mustStand("web__1 8/16/32")
			})
		})
	}
}

// What the market took back counts as much as it gave.
func TestWhatIsReclaimedCountsInTheUnit(t *testing.T) {
	for _, below := range []bool{false, true} {
		inWeights(t, 3, below, func(t *testing.T, s *scene) {
			s.run.Deployment.Canary = nil
			s.run.MinHealthyTime = 10 * time.Minute
			s.says(s.run, "begun await_healthy", 1, func() {
				time.AfterFunc(5*time.Minute, func() {
					s.world.SetMarket(sandbox.Market{})
					for _, i := range group(t, s.world, "web__2").Instances[:2] {
						s.world.ReclaimAtOnce(i.ID)
					}
				})
			})
			s.mustEnd(s.run.Do(t.Context()), runner.RolledBack, "for want of capacity", "6 weights were in service and were reclaimed meanwhile", "nothing speaks against the image")
		})
	}
}

// A launch that the market takes back before it serves is a shortage, also where whole instances leave something of the target.
func TestAShortageOfOneInstanceIsTheMarkets(t *testing.T) {
	inWeights(t, 3, true, func(t *testing.T, s *scene) {
		s.run.Deployment.Canary = nil
		s.when("SetCapacity", "web__2", 1, func() {
			time.AfterFunc(10*time.Second, func() {
				s.world.SetMarket(sandbox.Market{})
				s.world.ReclaimAtOnce(first(t, s, "web__2"))
			})
		})
		s.mustEnd(s.run.Do(t.Context()), runner.RolledBack, "for want of capacity", "12 of 16 needed weights", "no capacity for 3 weights of them", "nothing speaks against the image")
	})
}

// Where Spot chooses the types by what they are to have, each instance counts for the vCPUs of what it is.
func TestTypesThatSpotChoosesCountForTheirVCPUs(t *testing.T) {
	chosen := func(document []byte) []byte {
		var group map[string]any
		if err := json.Unmarshal(document, &group); err != nil {
			t.Fatal(err)
		}
		types := group["compute"].(map[string]any)["instanceTypes"].(map[string]any)
		delete(types, "spot")
		types["resourceRequirements"] = map[string]any{"requiredVCpu": map[string]any{"minimum": 2, "maximum": 4}, "requiredMemory": map[string]any{"minimum": 4}}
		data, err := json.Marshal(group)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	inWeights(t, 0, false, func(t *testing.T, s *scene) {
		document := s.run.Document
		s.run.Document = func(g rollout.Group, tags map[string]string) ([]byte, error) {
			data, err := document(g, tags)
			return chosen(data), err
		}
		// The sandbox takes m5.large, which has two.
		s.mustEnd(s.run.Do(t.Context()), runner.Succeeded)
		s.mustServeAtLeast(16)
		if n := len(group(t, s.world, "web__2").Instances); n != 8 {
			t.Errorf("there are %d instances", n)
		}
	})
}

// instancesOnly is a Spot client that counts instances whatever the group counts.
type instancesOnly struct{ runner.Elastigroups }

func (c instancesOnly) Groups(ctx context.Context) ([]rollout.Group, error) {
	all, err := c.Elastigroups.Groups(ctx)
	groups := slices.Clone(all)
	for i := range groups {
		groups[i].Unit, groups[i].Weights = rollout.Unit{}, nil
	}
	return groups, err
}

func TestACountOfInstancesNoticesWeights(t *testing.T) {
	t.Log("promise: counts are in the unit")
	inWeights(t, 0, false, func(t *testing.T, s *scene) {
		s.run.Spot = instancesOnly{s.run.Spot}
		if result := s.run.Do(t.Context()); result.Outcome == runner.Succeeded {
			t.Error("a client that counts instances releases a group that counts weights")
		}
	})
}
