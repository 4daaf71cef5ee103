package deployment_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// What a release ends as is not known before where it may hold because something is not known: Terraform takes an end that is not the planned one for a
// fault of the provider's, and a state that says what was planned would be a lie. Where it cannot hold, or holds anyway, the plan says how it ends.
func TestAPlanLeavesOpenWhetherItHolds(t *testing.T) {
	asked := askHTTP("smoke")
	for name, test := range map[string]struct {
		verify object
		more   object
		open   bool
	}{
		"compared":                       {object{"compare": object{}}, nil, true},
		"checked":                        {object{"check": []any{asked}}, nil, true},
		"checked at the end":             {object{"check": []any{askHTTP("smoke", "at", "end")}}, nil, true},
		"compared, or taken back":        {object{"compare": object{}, "inconclusive": "fail"}, nil, false},
		"checked, or gone on with":       {object{"check": []any{asked}, "inconclusive": "pass"}, nil, false},
		"compared, and holds anyway":     {object{"compare": object{}}, object{"hold_after_phase": 1}, false},
		"neither":                        {object{}, nil, false},
		"compared, without a new image":  {object{"compare": object{}}, object{"image_id": "ami-1", "capacity": capacityOf(2, 5, 8)}, false},
		"compared, and a new image more": {object{"compare": object{}}, object{"capacity": capacityOf(2, 5, 8)}, true},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, blueGreenWorld(productionByWeights), func(t *testing.T, d *deployment) {
				config := func(image string, more object) object {
					shift := object{"route": []any{route(productionARN)}, "shift": []any{object{"weight": 10, "bake": "10m"}}, "bake": "10m"}
					c := between(image, shift, object{"verify": test.verify})
					return withChanges(c, more)
				}
				d.apply(config("ami-1", nil))
				p := d.plan(config("ami-2", test.more))
				var planned map[string]tftypes.Value
				if err := p.value.As(&planned); err != nil {
					t.Fatal(err)
				}
				var open []string
				for _, attribute := range []string{"status", "revision", "group_name"} {
					if !planned[attribute].IsKnown() {
						open = append(open, attribute)
					}
				}
				want := ""
				if test.open {
					want = "status revision group_name"
				}
				if got := strings.Join(open, " "); got != want || !planned["rollout_plan"].IsKnown() {
					t.Errorf("%q are left open, want %q; rollout_plan is known: %v", got, want, planned["rollout_plan"].IsKnown())
				}
			})
		})
	}
}
