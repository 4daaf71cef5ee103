package runner_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// mostMade is how many groups a run makes at most, and mostAsked how many calls it makes for each: one, and as many repetitions as it may
// (MaxRetries) of one that was refused for the rate, or never sent.
const (
	mostMade  = 3
	mostAsked = mostMade * (1 + 10)
)

// answered has each create in turn answered otherwise, as a seed will have it: refused for the rate by Spot or by AWS, lost before or after
// it took effect, or answered with what cannot be used. Lists may be behind, or cut.
func (s *scene) answered(seed uint64) []sandbox.FaultKind {
	kinds := append(spoiling, sandbox.HTML, sandbox.Empty, sandbox.DropBefore, sandbox.DropAfter, sandbox.Throttle, sandbox.AWSThrottle, sandbox.Error, sandbox.LongError, sandbox.Hang)
	chance := rand.New(rand.NewPCG(seed, 12))
	var met []sandbox.FaultKind
	for range 1 + chance.IntN(12) {
		kind := kinds[chance.IntN(len(kinds))]
		times := 1 + chance.IntN(2)*chance.IntN(40)
		met = append(met, kind)
		s.world.Fail(sandbox.Fault{Service: "spot", Action: "CreateGroup", Kind: kind, Times: times})
	}
	if chance.IntN(3) == 0 {
		s.world.Fail(sandbox.Fault{Service: "spot", Action: "ListGroups", Kind: []sandbox.FaultKind{sandbox.Stale, sandbox.NoItems, sandbox.CutItems}[chance.IntN(3)], Rate: 0.5, Times: -1})
	}
	return met
}

// tooMany says how a run has asked for more than it may; "" if it has not.
func (s *scene) tooMany() string {
	made := 0
	for _, c := range s.world.Changes() {
		if c.Action == "CreateGroup" {
			made++
		}
	}
	if asked := calls(s.world, "CreateGroup"); made > mostMade || asked > mostAsked {
		return fmt.Sprintf("%d groups were made by %d calls", made, asked)
	}
	return ""
}

// Whatever its creates are answered, a run makes no more than a few calls, ends, and leaves what serves alone.
func TestCreatesHaveALimit(t *testing.T) {
	seeds := uint64(120)
	if testing.Short() {
		seeds = 30
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			inWorld(t, func(t *testing.T, s *scene) {
				met := s.answered(seed)
				result := s.run.Do(t.Context())
				if wrong := s.tooMany(); wrong != "" {
					t.Errorf("answered %s: %s; the run ended %s: %v", met, wrong, result.Outcome, result.Err)
				}
				s.mustServe()
			})
		})
	}
}

// A create that is refused for the rate has made nothing, and is repeated as often as any call may be, and no oftener: not once more by
// each look at the world.
func TestAThrottledCreateIsRepeatedAsOftenAsAnyCall(t *testing.T) {
	for _, kind := range []sandbox.FaultKind{sandbox.Throttle, sandbox.AWSThrottle} {
		t.Run(string(kind), func(t *testing.T) {
			inWorld(t, func(t *testing.T, s *scene) {
				s.world.Fail(sandbox.Fault{Service: "spot", Action: "CreateGroup", Kind: kind, Times: -1})
				result := s.run.Do(t.Context())
				if result.Outcome == runner.Succeeded || result.Err == nil {
					t.Fatalf("it ended %s: %v", result.Outcome, result.Err)
				}
				if n := calls(s.world, "CreateGroup"); n > 1+10 {
					t.Errorf("it was asked for %d times: %v", n, result.Err)
				}
				s.mustStand("web__1 2/4/8")
				s.mustServe()
			})
		})
	}
}

// insistent asks for a group again as soon as an answer is lost, as a client does that repeats whatever failed.
type insistent struct{ runner.Elastigroups }

func (b insistent) Create(ctx context.Context, document []byte) (rollout.Group, error) {
	g, err := b.Elastigroups.Create(ctx, document)
	for range 4 {
		if !errors.Is(err, runner.ErrUnanswered) {
			break
		}
		g, err = b.Elastigroups.Create(ctx, document)
	}
	return g, err
}

func TestCreatesBrokenIsNoticed(t *testing.T) {
	t.Run("a create that is lost is repeated at once", func(t *testing.T) {
		t.Log("promise: creates have a limit")
		for seed := range uint64(30) {
			noticed := false
			inWorld(t, func(_ *testing.T, s *scene) {
				s.answered(seed)
				s.run.Spot = insistent{s.run.Spot}
				s.run.Do(s.t.Context())
				noticed = s.tooMany() != ""
			})
			if noticed {
				return
			}
		}
		t.Error("nobody noticed")
	})
}
