package runner_test

import (
	"context"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// carefree is a Spot client that never finds a deployment of Spot's own.
type carefree struct{ runner.Elastigroups }

func (carefree) Roll(context.Context, string) (*runner.Roll, error) { return nil, nil }

// A deployment of Spot's own is found before a revision is made, not after; who does not ask makes one.
func TestARunThatAsksForNoRollNotices(t *testing.T) {
	t.Log("promise: nothing is begun in vain")
	for _, asks := range []bool{true, false} {
		inWorld(t, func(t *testing.T, s *scene) {
			if !asks {
				s.run.Spot = carefree{s.run.Spot}
			}
			s.world.SetRoll("web__1", sandbox.Roll{})
			result := s.run.Do(t.Context())
			if made := len(s.world.Changes()) > 0; made == asks {
				t.Errorf("asks: %v, makes something: %v (%v)", asks, made, result.Err)
			}
			if asks {
				s.mustEnd(result, runner.Refused, "Nothing was touched", "To stop it")
			}
		})
	}
}

// A cancelled run waits no longer.
func TestAWaitForARollIsCancelled(t *testing.T) {
	inWorld(t, func(t *testing.T, s *scene) {
		s.world.SetRoll("web__1", sandbox.Roll{})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		began := time.Now()
		s.mustEnd(s.run.Do(ctx), runner.Interrupted)
		if took := time.Since(began); took > 5*time.Minute+10*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}
