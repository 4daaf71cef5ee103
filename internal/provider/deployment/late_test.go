package deployment_test

import (
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// lateValues are values that are refused wherever they come from: by validation if they are known in time, and by the apply, before
// anything is touched, if they come late. The first of each is what the plan knew.
var lateValues = map[string]struct {
	known, late object
	at          string
	says        []string
}{
	"retain":                  {object{"retain": unknown}, object{"retain": -5}, "retain", []string{"between 0 and 1000", "-5"}},
	"hold_after_phase":        {object{"hold_after_phase": unknown, "canary": percentPhases(25)}, object{"hold_after_phase": 0, "canary": percentPhases(25)}, "hold_after_phase", []string{"without blue_green there is no stage"}},
	"hold beyond":             {object{"hold_after_phase": unknown, "canary": percentPhases(25)}, object{"hold_after_phase": 2, "canary": percentPhases(25)}, "hold_after_phase", []string{"hold_after_phase is 2"}},
	"hold of nothing":         {object{"hold_after_phase": unknown}, object{"hold_after_phase": 1}, "hold_after_phase", []string{"no canary"}},
	"negative wait":           {object{"healthy_timeout": unknown}, object{"healthy_timeout": "-5m"}, "healthy_timeout", []string{"-5m"}},
	"no duration":             {object{"healthy_timeout": unknown}, object{"healthy_timeout": "soon"}, "healthy_timeout", []string{"soon"}},
	"negative bake":           {inPhases(percentPhase(25, "bake", unknown)), inPhases(percentPhase(25, "bake", "-1m")), "canary.phase.0.bake", []string{"-1m"}},
	"percent":                 {inPhases(object{"percent": unknown}), inPhases(percentPhase(100)), "canary.phase.0.percent", []string{"between 1 and 99"}},
	"no percent":              {inPhases(object{"percent": unknown}), inPhases(object{}), "canary.phase.0", []string{"Phase without a size"}},
	"phases out of order":     {object{"canary": object{"phase": unknown}}, inPhases(percentPhase(50), percentPhase(25)), "canary.phase.1.percent", []string{"Phases out of order"}},
	"no phase":                {object{"canary": object{"phase": unknown}}, object{"canary": object{}}, "canary", []string{"Canary without a phase"}},
	"healthy_percent":         {object{"verify": object{"healthy_percent": unknown}}, object{"verify": object{"healthy_percent": 0}}, "verify.healthy_percent", []string{"between 1 and 100"}},
	"min_healthy_time":        {object{"verify": object{"min_healthy_time": unknown}}, object{"verify": object{"min_healthy_time": "-1s"}}, "verify.min_healthy_time", []string{"-1s"}},
	"a check that comes late": {object{"verify": object{"check": unknown}}, object{"verify": object{"check": []any{askHTTP("smoke")}}}, "verify.check.0.at", []string{"it would never be asked"}},
	"a point that does":       {object{"verify": object{"check": []any{askHTTP("smoke", "at", unknown)}}}, object{"verify": object{"check": []any{askHTTP("smoke", "at", "stage")}}}, "verify.check.0.at", []string{"without blue_green"}},
	"an alarm twice":          {object{"verify": object{"alarms": unknown}}, object{"verify": object{"alarms": []any{"a", "a"}}}, "verify.alarms", []string{"duplicate"}},
	"on_failure":              {object{"on_failure": unknown}, object{"on_failure": "explode"}, "on_failure", []string{"explode"}},
	"on_interrupt":            {object{"on_interrupt": unknown}, object{"on_interrupt": "explode"}, "on_interrupt", []string{"explode"}},
	"resize_order":            {object{"resize_order": unknown}, object{"resize_order": "both"}, "resize_order", []string{"both"}},
	"capacity out of order":   {object{"capacity": unknown}, object{"capacity": capacityOf(8, 4, 2)}, "capacity", []string{"minimum"}},
	"negative capacity":       {object{"capacity": object{"minimum": unknown, "target": 4, "maximum": 8}}, object{"capacity": capacityOf(-1, 4, 8)}, "capacity.minimum", []string{"-1"}},
	"capacity beyond all":     {object{"capacity": object{"minimum": 2, "target": 4, "maximum": unknown}}, object{"capacity": capacityOf(2, 4, 1<<62)}, "capacity.maximum", []string{"1000000"}},
	"both user data":          {object{"user_data_base64": unknown}, object{"user_data_base64": providertest.BootBase64}, "user_data", []string{"user_data_base64"}},
	"user data":               {object{"user_data": nil, "user_data_base64": unknown}, object{"user_data": nil, "user_data_base64": "%"}, "user_data_base64", []string{"base64"}},
	"too much user data":      {object{"user_data": unknown}, object{"user_data": strings.Repeat("#", 20000)}, "user_data", []string{"16"}},
	"no image": {object{"image_id": unknown}, bothChanges(documented(func(d object) { delete(memberAt(d, "compute", "launchSpecification"), "imageId") }), object{"image_id": nil}),
		"configuration", []string{"compute.launchSpecification.imageId", "image_ids"}},
	"no images":           {object{"image_id": nil, "image_ids": unknown}, object{"image_id": nil, "image_ids": []any{}}, "image_ids", []string{"at least 1"}},
	"an empty image":      {object{"image_id": unknown}, object{"image_id": ""}, "image_id", []string{"at least 1"}},
	"no configuration":    {object{"configuration": unknown}, object{"configuration": "[]"}, "configuration", nil},
	"a target group":      {object{"target_group_arns": unknown}, object{"target_group_arns": []any{"web"}}, "target_group_arns.0", []string{"web"}},
	"a time-out":          {object{"timeouts": object{"update": unknown, "create": unknown}}, object{"timeouts": object{"update": "-1h", "create": "0s"}}, "timeouts.update", []string{"no time at all"}},
	"a time-out in words": {object{"timeouts": object{"update": unknown}}, object{"timeouts": object{"update": "an hour"}}, "timeouts.update", []string{"an hour"}},
	"two strategies": {object{"blue_green": unknown, "canary": percentPhases(25)}, object{"blue_green": oneRoute(httpsARN, testingARN), "canary": percentPhases(25)},
		"blue_green", []string{"Both canary and blue_green"}},
	"a route": {object{"target_group_arns": nil, "blue_green": object{"route": unknown}}, object{"target_group_arns": nil, "blue_green": oneRoute("web", testingARN)},
		productionPath, []string{`"web"`}},
	"no route": {object{"target_group_arns": nil, "blue_green": object{"route": unknown}}, object{"target_group_arns": nil, "blue_green": object{}},
		"blue_green", []string{"no route"}},
	"a weight": {object{"target_group_arns": nil, "blue_green": oneRoute(httpsARN, testingARN, shiftSteps(unknown))}, object{"target_group_arns": nil, "blue_green": oneRoute(httpsARN, testingARN, shiftSteps(100))},
		"blue_green.shift.0.weight", []string{"between 1 and 99"}},
	"settle": {object{"target_group_arns": nil, "blue_green": oneRoute(httpsARN, testingARN, object{"settle": unknown})}, object{"target_group_arns": nil, "blue_green": oneRoute(httpsARN, testingARN, object{"settle": "-1s"})},
		"blue_green.settle", []string{"-1s"}},
}

// A value that comes late is held to the same as one that is known in time, in the same words and at the same path: by validation, by the
// plan within the apply, and by the apply itself, each on its own.
func TestLateValuesAreRefused(t *testing.T) {
	for name, test := range lateValues {
		t.Run(name, func(t *testing.T) {
			inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
				mustRefuse(t, d.validate(release("ami-1", test.late)), test.at, test.says...)

				for _, situation := range []string{"first deployment", "release"} {
					image := "ami-1"
					if situation == "release" {
						d.apply(release("ami-1"))
						image = "ami-2"
					}
					before, run := d.now(), d.watch()
					p := d.plan(release(image, test.known))
					if providertest.Failed(p.diags) {
						t.Fatalf("%s, planning:\n%s", situation, providertest.Render(p.diags))
					}
					_, diags := d.applyPlan(context.Background(), p, release(image, test.late))
					mustRefuse(t, diags, test.at, test.says...)
					mustRefuse(t, d.applyUnplanned(release(image), release(image, test.late)), test.at, test.says...)
					run.mustDo()
					if asJSON(d.now()) != asJSON(before) {
						t.Errorf("%s: the state has changed: %s", situation, asJSON(d.now()))
					}
				}
			})
		})
	}
}

// applyUnplanned applies a configuration that was not planned, on the plan of another one. The state stays as it is.
func (d *deployment) applyUnplanned(other, config object) []*tfprotov6.Diagnostic {
	d.t.Helper()
	p := d.planOnly(other)
	if providertest.Failed(p.diags) {
		d.t.Fatal(providertest.Render(p.diags))
	}
	p.config = providertest.Configuration(d.t, d.schema, config)
	after, diags := d.applyValue(context.Background(), p)
	if !after.Value.Equal(d.state) {
		d.t.Errorf("the state became %s", after.Value)
	}
	return diags
}
