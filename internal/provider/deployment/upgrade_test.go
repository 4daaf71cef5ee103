package deployment_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// A state as the first versions wrote it, with strategies as nested attributes.
const formerState = `{
  "id": "web", "name": "web", "configuration": "{}", "image_id": "ami-1", "user_data": null, "user_data_base64": null,
  "capacity": {"minimum": 2, "target": 4, "maximum": 8}, "target_group_arns": null, "load_balancer_names": null, "triggers": null,
  "canary": %s, "blue_green": %s, "resize_order": "new_first",
  "verify": {"alarms": ["web-5xx"], "min_healthy_time": "0s", "healthy_percent": 100},
  "healthy_timeout": "15m", "on_failure": "rollback", "on_interrupt": "hold", "hold_after_phase": null, "retain": 3, "deletion_protection": false,
  "timeouts": {"create": null, "update": "2h", "delete": null},
  "status": "stable", "revision": 1, "group_id": "sig-1", "group_name": "web__1", "rollout_plan": "basic", "traffic": null,
  "groups": [{"id": "sig-1", "name": "web__1", "revision": 1, "image_id": "ami-1", "role": "live", "minimum": 2, "target": 4, "maximum": 8}]
}`

const (
	formerCanary    = `{"phases": [{"percent": 25, "count": null, "previous_percent": null, "previous_count": null, "bake": "5m"}, {"percent": null, "count": 3, "previous_percent": 50, "previous_count": null, "bake": null}]}`
	formerBlueGreen = `{"routes": [{"production_arn": "arn:p", "stage_arn": null}], "shift": null, "settle": "30s", "bake": "10m", "downsize_previous": true}`
	formerShift     = `{"routes": [{"production_arn": "arn:p", "stage_arn": "arn:s"}], "shift": [{"weight": 10, "bake": "5m"}], "settle": "30s", "bake": "0s", "downsize_previous": false}`
)

// States of versions that had nested attributes keep what was written in them.
func TestFormerStatesAreRead(t *testing.T) {
	phases := object{"phase": []any{
		object{"percent": 25, "count": nil, "previous_percent": nil, "previous_count": nil, "bake": "5m"},
		object{"percent": nil, "count": 3, "previous_percent": 50, "previous_count": nil, "bake": nil},
	}}
	for name, test := range map[string]struct {
		canary, blueGreen     string
		wantCanary, wantRoute any
	}{
		"basic":  {"null", "null", nil, nil},
		"canary": {formerCanary, "null", phases, nil},
		"blue/green": {"null", formerBlueGreen, nil, object{"route": []any{object{"production_arn": "arn:p", "stage_arn": nil}},
			"shift": []any{}, "settle": "30s", "bake": "10m", "downsize_previous": true}},
		"shift": {"null", formerShift, nil, object{"route": []any{object{"production_arn": "arn:p", "stage_arn": "arn:s"}},
			"shift": []any{object{"weight": 10, "bake": "5m"}}, "settle": "30s", "bake": "0s", "downsize_previous": false}},
	} {
		t.Run(name, func(t *testing.T) {
			state := upgradedState(t, 0, fmt.Sprintf(formerState, test.canary, test.blueGreen))
			for name, want := range map[string]any{
				"canary": test.wantCanary, "blue_green": test.wantRoute, "name": "web", "image_id": "ami-1", "group_id": "sig-1", "capacity": capacityOf(2, 4, 8),
				"verify": object{"alarms": []any{"web-5xx"}, "alarms_at_start": nil, "min_healthy_time": "0s", "healthy_percent": 100,
					"check": []any{}, "compare": nil, "inconclusive": nil},
				"timeouts": object{"create": nil, "update": "2h", "delete": nil},
			} {
				if got := state[name]; asJSON(got) != asJSON(want) {
					t.Errorf("%s is %s, want %s", name, asJSON(got), asJSON(want))
				}
			}
		})
	}
}

// A state of the present version passes as it is; one from before an attribute came has null there.
func TestPresentStatesAreRead(t *testing.T) {
	text := strings.Replace(fmt.Sprintf(formerState, strings.Replace(formerCanary, "phases", "phase", 1), "null"), `"retain": 3,`, "", 1)
	state := upgradedState(t, 1, text)
	if canary, _ := state["canary"].(object); canary == nil || len(canary["phase"].([]any)) != 2 {
		t.Errorf("canary is %s", asJSON(state["canary"]))
	}
	if state["retain"] != nil {
		t.Errorf("retain is %v", state["retain"])
	}
}

func upgradedState(t *testing.T, version int64, text string) object {
	t.Helper()
	s := providertest.Serve(t)
	resp, err := s.UpgradeResourceState(context.Background(), &tfprotov6.UpgradeResourceStateRequest{
		TypeName: deploymentType, Version: version, RawState: &tfprotov6.RawState{JSON: []byte(text)},
	})
	if err != nil {
		t.Fatal(err)
	}
	providertest.MustSucceed(t, resp.Diagnostics)
	value, err := resp.UpgradedState.Unmarshal(s.Schema.ResourceSchemas[deploymentType].ValueType())
	if err != nil {
		t.Fatal(err)
	}
	return providertest.Plain(t, value).(object)
}

// What is no state at all is said in so many words.
func TestStateThatCannotBeRead(t *testing.T) {
	s := providertest.Serve(t)
	resp, err := s.UpgradeResourceState(context.Background(), &tfprotov6.UpgradeResourceStateRequest{
		TypeName: deploymentType, Version: 0, RawState: &tfprotov6.RawState{JSON: []byte(`{"name": [1]}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	providertest.MustSay(t, resp.Diagnostics, tfprotov6.DiagnosticSeverityError, "", "State of a former version cannot be read", "terraform state rm")
}
