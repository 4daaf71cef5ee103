package runner_test

import (
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// Where both revisions stand in one target group, the checks of the end are asked once the former one is in service no more, and not only when
// its instances have drained.
func TestTheEndIsAskedWhenNothingElseServes(t *testing.T) {
	inWorld(t, func(t *testing.T, s *scene) {
		former := s.world.Groups()[0].ID
		if err := s.world.EditGroup(former, []byte(`{"strategy": {"drainingTimeout": 240}}`)); err != nil {
			t.Fatal(err)
		}
		audit := answers(isGood)
		s.run.Deployment.Trial = "trial"
		s.run.Deployment.Checks = []rollout.Check{{Name: "audit", At: rollout.AtEnd, Every: time.Minute, Failures: 1}}
		s.run.Checkers = map[string]runner.Checker{"audit": audit}
		s.mustEnd(s.run.Do(t.Context()), runner.Succeeded)
		s.mustStand("web__1 0/0/0", "web__2 2/4/8")
		if len(audit.at) != 1 {
			t.Fatalf("it was asked at %v", audit.at)
		}
		inService, instances := -1, -1
		for _, m := range s.world.Timeline() {
			for _, g := range m.Groups {
				if g.ID == former && !m.Time.After(audit.at[0]) {
					inService, instances = g.InService, g.Instances
				}
			}
		}
		if late := audit.at[0].Sub(s.emptied("web__1")); late > 30*time.Second {
			t.Errorf("it was asked %s after web__1 was set to 0", late)
		}
		if inService != 0 || instances == 0 {
			t.Errorf("when it was asked, web__1 had %d instances, and %d of them in service", instances, inService)
		}
	})
}
