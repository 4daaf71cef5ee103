package sweep_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// doubly makes a group again when the answer to the first call is lost, without looking whether it is there.
type doubly struct{ runner.Elastigroups }

func (b doubly) Create(ctx context.Context, document []byte) (rollout.Group, error) {
	g, err := b.Elastigroups.Create(ctx, document)
	if errors.Is(err, runner.ErrUnanswered) {
		return b.Elastigroups.Create(ctx, document)
	}
	return g, err
}

// pinning leaves out the bounds: it sets minimum and maximum to the target.
type pinning struct{ runner.Elastigroups }

func (b pinning) Resize(ctx context.Context, id string, c rollout.Capacity) error {
	return b.Elastigroups.Resize(ctx, id, rollout.Pin(c.Target))
}

// unwritten keeps in memory what belongs on the groups: no note reaches Spot after the create.
type unwritten struct {
	runner.Elastigroups
	kept map[string]map[string]string
}

func (b unwritten) Tag(_ context.Context, id string, tags map[string]string) error {
	b.kept[id] = tags
	return nil
}

func (b unwritten) Groups(ctx context.Context) ([]rollout.Group, error) {
	groups, err := b.Elastigroups.Groups(ctx)
	for i, g := range groups {
		if tags := b.kept[g.ID]; tags != nil {
			groups[i].Tags = g.With(tags)
		}
	}
	return groups, err
}

// careless says of every instance that it is in service as soon as it exists.
type careless struct{ runner.Balancers }

func (b careless) TargetHealth(ctx context.Context, arn string) ([]runner.Target, error) {
	targets, err := b.Balancers.TargetHealth(ctx, arn)
	for i := range targets {
		targets[i].InService = true
	}
	return targets, err
}

// A judge that never condemns proves nothing: each of these runs breaks a promise in the sandbox's timeline or in what it leaves.
func TestBrokenRunsAreNoticed(t *testing.T) {
	for what, v := range map[string]struct {
		promise string
		fault   *sandbox.Fault
		spoil   func(run *runner.Run)
		breaks  string
		flow    flow
	}{
		"a retry that creates twice": {"create once",
			&sandbox.Fault{Service: "spot", Action: "CreateGroup", Nth: 1, Kind: sandbox.DropAfter},
			func(run *runner.Run) { run.Spot = doubly{run.Spot} }, "two groups web__3", flows[1]},
		"an update that leaves the bounds out": {"no pin is left", nil,
			func(run *runner.Run) { run.Spot = pinning{run.Spot} }, "it ends as", flows[1]},
		"progress kept in memory": {"killed anywhere", nil,
			func(run *runner.Run) { run.Spot = unwritten{run.Spot, map[string]map[string]string{}} }, "it ends as", flows[1]},
		"a look that asks no balancer": {"capacity", nil,
			func(run *runner.Run) { run.Balancers = careless{run.Balancers} }, "production reaches", flows[2]}, // of an image that never gets healthy
	} {
		t.Run(what, func(t *testing.T) {
			how, f := strategies[0], v.flow
			want := f.course(t, how).end(t, "same", false)
			f.in(t, how, 1, func(s *scene) {
				judge := s.judge(f.floor)
				run := s.process(f.run)
				v.spoil(run)
				if v.fault != nil {
					s.world.Fail(*v.fault)
				}
				result := run.Do(s.t.Context())
				found := judge.verdict(false)
				if got := s.standing(); found == "" && got != want {
					found = "it ends as\n" + got
				}
				if !strings.Contains(found, v.breaks) {
					t.Errorf("nobody noticed: %q (the run ended %s: %v)", found, result.Outcome, result.Err)
				}
			})
			t.Logf("promise: %s", v.promise)
		})
	}
}
