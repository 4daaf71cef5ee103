package convert_test

import (
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/convert"
)

// What people have reported of other converters.
func TestReports(t *testing.T) {
	with := func(launch string) string {
		return `{"name": "web", "capacity": {"minimum": 1, "target": 1, "maximum": 1}, "compute": {"launchSpecification": {"imageId": "ami-0a1", ` + launch + `}}}`
	}
	tag := func(value string) string { return with(`"tags": [{"tagKey": "a", "tagValue": ` + value + `}]`) }
	for name, test := range map[string]struct {
		document string
		want     []string
		never    []string
	}{
		"https://github.com/jrhouston/tfk8s/issues/61 (nulls are written)": {
			document: with(`"keyPair": null, "iamRole": {"name": null}`), want: []string{"2 members that are null"}, never: []string{"= null", "key_name"},
		},
		"https://github.com/jrhouston/tfk8s/issues/42 (what is empty panics)": {
			document: `{"capacity": {}, "compute": {"launchSpecification": {}, "availabilityZones": []}, "scaling": {"up": []}}`,
			want:     []string{"compute.availabilityZones", "which are empty"},
		},
		"https://github.com/jrhouston/tfk8s/issues/27 (shell variables)": {document: tag(`"${NAME} %{x}"`), want: []string{`"$${NAME} %%{x}"`}},
		"https://github.com/jrhouston/tfk8s/pull/43 (nested ones)": {
			document: tag(`"${A_${B}} ${1:-${C}}"`), want: []string{`"$${A_$${B}} $${1:-$${C}}"`},
		},
		"https://github.com/GoogleCloudPlatform/terraformer/issues/420 (escaped quotes)": {
			document: tag(`"{\"a\": \"it\\'s\"}"`), want: []string{`"{\"a\": \"it\\'s\"}"`},
		},
		"https://github.com/sl1pm4t/k2tf/issues/103 (names with dots)": {
			document: strings.Replace(with(`"keyPair": "a"`), `"web"`, `"v1beta1.metrics.k8s.io"`, 1),
			want:     []string{`"elastigroup_deployment" "v1beta1_metrics_k8s_io"`, `= "v1beta1.metrics.k8s.io"`},
		},
		"https://github.com/sl1pm4t/k2tf/issues/50 (names with colons)": {
			document: strings.Replace(with(`"keyPair": "a"`), `"web"`, `"1 system:speaker"`, 1),
			want:     []string{`"elastigroup_deployment" "group_1_system_speaker"`, `= "1 system:speaker"`},
		},
		"https://github.com/sl1pm4t/k2tf/pull/17 (keys with dots)": {document: with(`"labels": {"a.b/c": 1}`), want: []string{`"a.b/c" = 1`}},
		"https://github.com/hashicorp/terraform/issues/37712 (arguments that conflict)": {
			document: `{"capacity": {}, "strategy": {"risk": 50, "onDemandCount": 2}, "compute": {"launchSpecification": {}}}`,
			want:     []string{"ondemand_count", "override_json"},
		},
		"https://github.com/dtan4/terraforming/issues/313 (user data is left out)": {
			document: with(`"userData": "IyEvYmluL3No"`), want: []string{"user_data_base64 = var.user_data_base64", "9 bytes of user data"}, never: []string{"IyEvYmluL3No"},
		},
		"https://github.com/DontShaveTheYak/cf2tf/issues/50 (a member that is not there)": {document: `{"capacity": {"target": 2}}`, want: []string{"desired_capacity = 2"}},
		"https://github.com/harness/harness-migrate/issues/57 (variables of a pipeline)": {
			document: tag(`"${DRONE_REPO_NAME}-<+env.name>"`), want: []string{`"$${DRONE_REPO_NAME}-${var.env_name}"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := convert.Convert("web.json", []byte(test.document), convert.Options{})
			if err != nil {
				t.Fatal(err)
			}
			text := strings.Join(strings.Fields(strings.ReplaceAll(out.Configuration, "# ", "")), " ")
			for _, want := range test.want {
				if !strings.Contains(text, want) {
					t.Errorf("want %s in:\n%s", want, out.Configuration)
				}
			}
			for _, never := range test.never {
				if strings.Contains(text, never) {
					t.Errorf("there is %s in:\n%s", never, out.Configuration)
				}
			}
			if _, err := convert.Convert("web.json", []byte(test.document), convert.Options{TemplateOnly: true}); err != nil {
				t.Error(err)
			}
		})
	}
}

// What stands beside the group is no part of it, and is named.
func TestBesideTheGroup(t *testing.T) {
	out, err := convert.Convert("web.json", []byte(`{"group": {"capacity": {}, "compute": {"launchSpecification": {}}}, "credentials": {"token": "s3cret"}}`), convert.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.Configuration, "- credentials, which stands beside the group") || strings.Contains(out.Configuration, "s3cret") {
		t.Errorf("want a word on credentials, and none of them:\n%s", out.Configuration)
	}
}

// Schedules and policies that a rollout has switched off are on in what is converted, and the provider's own tags are not in it.
func TestReleasedGroupIsAwake(t *testing.T) {
	const released = `{"id": "sig-1", "name": "web__3", "capacity": {"minimum": 1, "target": 1, "maximum": 1}, "strategy": {"risk": 100},
		"scheduling": {"tasks": [{"taskType": "scale", "frequency": "daily", "scaleTargetCapacity": 0, "isEnabled": false},
			{"taskType": "scale", "frequency": "hourly", "scaleTargetCapacity": 2, "isEnabled": false}]},
		"compute": {"launchSpecification": {"imageId": "ami-0a1", "tags": [{"tagKey": "env", "tagValue": "prod"},
			{"tagKey": "elastigroup:deployment", "tagValue": "web"}, {"tagKey": "elastigroup:paused-tasks", "tagValue": "PAUSED"}]}}}`
	paused := strings.Replace(released, "PAUSED", "scheduling.tasks 0=true 1", 1) // the first said so itself
	out, err := convert.Convert("web.json", []byte(paused), convert.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.Configuration, "\"elastigroup:") || strings.Count(out.Configuration, "is_enabled") != 1 {
		t.Errorf("want one task that says that it is on, and no tag of the provider's own:\n%s", out.Configuration)
	}
	for _, want := range []string{"before a rollout switched it off", `value = "prod"`, `name          = "web"`, "id = \"web\""} {
		if !strings.Contains(out.Configuration, want) {
			t.Errorf("want %s in:\n%s", want, out.Configuration)
		}
	}
}
