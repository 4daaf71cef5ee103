package deployment_test

import (
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// What is written to judge a release that is under way, and comes too late for it, is said in the plan: nobody is to take it for asked.
func TestChecksThatComeTooLate(t *testing.T) {
	healthz := object{"url": "https://sandbox.test/app/green/healthz"}
	stage := verifying(askBy("smoke", "http", healthz, "at", "stage"))
	weights := func(all ...int) object {
		var shift []any
		for _, weight := range all {
			shift = append(shift, object{"weight": weight, "bake": "5m"})
		}
		return object{"blue_green": object{"shift": shift}}
	}
	for name, test := range map[string]struct {
		before, after []object
		says          []string // each warns
	}{
		"none":                   {},
		"of stage, as before":    {before: []object{stage}, after: []object{stage}},
		"of stage, asked seldom": {before: []object{stage}, after: []object{verifying(askBy("smoke", "http", healthz, "at", "stage", "every", "2m"))}},
		"of stage, new":          {after: []object{stage}, says: []string{"web__2 (ami-2) was under way, and is past the point at which check smoke would be asked (at = \"stage\")"}},
		"of stage, of others": {before: []object{stage}, after: []object{verifying(askBy("smoke", "http", object{"url": "https://sandbox.test/app/blue/healthz"}, "at", "stage"))},
			says: []string{"check smoke would be asked"}},
		"of bakes, new":     {after: []object{verifying(askBy("smoke", "http", healthz, "every", "30s"))}},
		"a comparison, new": {after: []object{comparing(object{"errors": 2}), weights(10, 50)}},
		"a comparison, new and too late": {after: []object{comparing(object{"errors": 2}), weights(10)},
			says: []string{"no minutes are to come in which it serves beside the live revision by weights"}},
		"of the end, new": {after: []object{verifying(askBy("smoke", "http", healthz, "at", "end"))}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, blueGreenWorld(productionByWeights), func(t *testing.T, d *deployment) {
				d.apply(holdingShift("ami-1", test.before...))
				d.apply(holdingShift("ami-2", test.before...))
				d.refresh()
				p := d.plan(holdingShift("ami-2", append([]object{goOn}, test.after...)...))
				if providertest.Failed(p.diags) {
					t.Fatal(providertest.Render(p.diags))
				}
				said := providertest.Render(p.diags)
				for _, words := range test.says {
					if !strings.Contains(said, words) {
						t.Errorf("%q is not in\n%s", words, said)
					}
				}
				if warns := strings.Contains(said, "not asked any more"); warns != (len(test.says) > 0) {
					t.Errorf("it warns: %v\n%s", warns, said)
				}
			})
		})
	}
}
