package runner_test

import (
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// promoted notes on what holds that it is promoted to the end, as elastigroup_promote does where the release has checks.
func (s *scene) promoted(w rollout.World) {
	s.t.Helper()
	if err := s.run.Spot.Tag(s.t.Context(), rollout.RolesOf(w).Candidate.ID, rollout.PromotedTags(w, rollout.Promotion{})); err != nil {
		s.t.Fatal(err)
	}
}

// byPeople are the checks that a person has taken for good.
func (s *scene) byPeople() (names []string) {
	for _, e := range s.events {
		if c, ok := e.Fact.(event.Check); ok && c.By == "promote" {
			names = append(names, c.At+" "+c.Name)
			if c.Verdict != "good" || !strings.Contains(c.Words, "not known: ") {
				s.t.Errorf("it says %q", c)
			}
		}
	}
	return names
}

// What is not known is a person's to decide: who promotes takes it for good, and that is said.
func TestAPersonVouchesForWhatIsNotKnown(t *testing.T) {
	for name, test := range map[string]struct {
		check   map[string]runner.Checker
		metrics *counts
		vouched string
	}{
		"on stage":    {check: map[string]runner.Checker{"smoke": answers(isNotKnown)}, vouched: "stage smoke"},
		"in a bake":   {metrics: &counts{requests: 9}, vouched: "bake compare"},
		"at the end":  {check: map[string]runner.Checker{"audit": answers(isNotKnown)}, vouched: "end audit"},
		"known since": {},
	} {
		t.Run(name, func(t *testing.T) {
			inBlueGreen(t, sandbox.AWSConfig{}, func(t *testing.T, s *scene) {
				first := test.check
				if test.vouched == "" {
					first = map[string]runner.Checker{"smoke": answers(isNotKnown)}
				}
				s.run = s.verified("ami-2", first)
				if test.metrics != nil {
					s.run.Metrics = test.metrics
				}
				held := s.run.Do(t.Context())
				s.mustHold(held, "elastigroup_promote takes it for good")
				s.promoted(held.World)
				got := s.again(t, test.check, test.metrics)
				s.mustEnd(got, runner.Succeeded)
				s.mustStand("web__1 0/0/0", "web__2 2/4/8")
				if by := strings.Join(s.byPeople(), ", "); by != test.vouched {
					t.Errorf("people have taken for good: %s, want %s", by, test.vouched)
				}
				if said := strings.Join(got.Warnings, "\n"); strings.Contains(said, "it was promoted where that was not known") != (test.vouched != "") {
					t.Errorf("it warns %q", said)
				}
			})
		})
	}
}

// Nobody's word makes what is bad good, or what is not known somewhere else.
func TestNobodyVouchesForWhatIsBad(t *testing.T) {
	inBlueGreen(t, sandbox.AWSConfig{}, func(t *testing.T, s *scene) {
		s.run = s.verified("ami-2", map[string]runner.Checker{"smoke": answers(isNotKnown)})
		held := s.run.Do(t.Context())
		s.mustHold(held)
		s.promoted(held.World)
		s.run = s.verified("ami-2", map[string]runner.Checker{"smoke": answers(isNotKnown), "errors": answers(isNotKnown)})
		held = s.run.Do(t.Context())
		s.mustHold(held, "10 %: not known: check errors")
		s.promoted(held.World)
		s.run = s.verified("ami-2", map[string]runner.Checker{"errors": answers(isNotKnown, isBad)})
		s.mustEnd(s.run.Do(t.Context()), runner.RolledBack, "10 %: check errors is bad")
		if by := s.byPeople(); len(by) != 1 {
			t.Errorf("people have taken for good: %v", by)
		}
	})
}
