package rollout_test

import (
	"testing"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// What promotes and aborts is broken here on purpose, and has to notice.
func TestBrokenPromotions(t *testing.T) {
	forgets := func(d Deployment, w World) Step {
		s := Next(d, w)
		if s.Kind == Record && s.Why == WhyPromoted {
			s.Journal.Promoted = nil
			return Next(d, Imagine(s, w))
		}
		return s
	}
	for what, test := range map[string]struct {
		promise string
		notices func(d Deployment) string
	}{
		"an abort that blames the image": {"an abort is held against nothing", func(d Deployment) string {
			return abortBreaks(d, Next, func(release string) *Failure {
				return &Failure{Release: release, Reason: "aborted on request", Cause: Verification}
			})
		}},
		"an abort that nobody remembers": {"an abort is told", func(d Deployment) string {
			return abortBreaks(d, instead(func(_ Deployment, w World, _ Roles, s Step) Step {
				if s.Kind == Remember && s.Why == WhyAbortRemembered {
					s.Memory.Aborted = nil
				}
				return s
			}), Abort)
		}},
		"an abort that releases anew": {"an abort releases nothing", func(d Deployment) string {
			return abortBreaks(d, func(d Deployment, w World) Step {
				d.NothingNew = false
				return Next(d, w)
			}, Abort)
		}},
		"an abort that lets go before the previous one serves": {"an abort goes back as a failure does", func(d Deployment) string {
			return abortBreaks(d, instead(func(_ Deployment, _ World, c Roles, s Step) Step {
				if s.Kind == Resize && s.Part == Back && c.Live != nil && s.Group.ID == c.Live.ID {
					return Step{Kind: Resize, Part: Back, Group: *c.Candidate}
				}
				return s
			}), Abort)
		}},
		"a promotion that takes the previous one before the new one serves": {"a promotion is guarded", func(d Deployment) string {
			w := holding(d, 1)
			promoted, _ := GoOn(name, w)
			for i := range w.Groups {
				if w.Groups[i].ID == RolesOf(w).Candidate.ID {
					w.Groups[i].InService, w.Groups[i].Steady = 0, 0
				}
			}
			return Guard(promoted, w, Step{Kind: Resize, Part: Deploy, Group: *RolesOf(w).Live, Capacity: Pin(0), Licence: Replace})
		}},
		"a promotion that lives in its process": {"a promotion that is killed is gone on with", func(d Deployment) string {
			return killedPromotionBreaks(d, forgets)
		}},
	} {
		t.Run(what, func(t *testing.T) {
			for _, d := range heldOnes() {
				if test.notices(d) == "" {
					t.Errorf("nobody noticed")
				}
			}
			t.Logf("promise: %s", test.promise)
		})
	}
}
