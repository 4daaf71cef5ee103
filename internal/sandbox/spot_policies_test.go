package sandbox

import (
	"strings"
	"testing"
)

func TestPolicies(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		create(t, w, document("web", "ami-good", 2, `{"capacity":{"minimum":1,"maximum":8},"scaling":{
			"up":[{"policyName":"one","action":{"type":"adjustment","adjustment":"1"}},
				{"policyName":"half","action":{"type":"percentageAdjustment","adjustment":50}},
				{"policyName":"five","action":{"type":"setMinTarget","minTargetCapacity":5}},
				{"policyName":"all","action":{"type":"updateCapacity","minimum":"4","maximum":"12","target":"10"}},
				{"policyName":"off","isEnabled":false,"action":{"type":"adjustment","adjustment":1}}],
			"down":[{"policyName":"less","adjustment":2},{"policyName":"most","action":{"type":"setMaxTarget","maxTargetCapacity":5}},
				{"policyName":"back","action":{"type":"updateCapacity","minimum":"1","maximum":"8"}}]}}`))
		for _, step := range []struct {
			direction string
			policy    int
			want      string
		}{
			{"up", 0, "1/3/8"}, {"up", 1, "1/4/8"}, {"up", 2, "1/5/8"}, {"up", 3, "4/10/12"}, {"down", 0, "4/8/12"}, {"down", 1, "4/5/12"}, {"down", 2, "1/5/8"},
		} {
			if !w.RunPolicy("web", step.direction, step.policy) {
				t.Errorf("%s %d was not done", step.direction, step.policy)
			}
			capacityIs(t, w, step.direction, step.want)
		}
		w.SetCapacity("web", 3, 3, 3)
		for _, idle := range []struct {
			direction string
			policy    int
		}{{"up", 0}, {"down", 0}, {"up", 4}, {"up", 5}, {"up", -1}, {"sideways", 0}} {
			if w.RunPolicy("web", idle.direction, idle.policy) {
				t.Errorf("%s %d was done", idle.direction, idle.policy)
			}
		}
		capacityIs(t, w, "pinned", "3/3/3")
		if status, text := control(t, w, "POST", "policy", `{"group":"web","direction":"up","policy":3}`); status != 204 {
			t.Errorf("%d %s", status, text)
		}
		capacityIs(t, w, "a pin is no pin for who moves bounds", "4/10/12")
		for _, body := range []string{`{"group":"web","direction":"up","policy":4}`, `{"group":"nobody","direction":"up"}`} {
			if status, said := control(t, w, "POST", "policy", body); status != 400 || !strings.Contains(said, "group") {
				t.Errorf("%s: %d %s", body, status, said)
			}
		}
	})
}
