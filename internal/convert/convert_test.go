package convert_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/convert"
)

var update = flag.Bool("update", false, "write the golden files anew")

// exports are groups as Spot's SDK and its API have them.
var exports = []string{
	"../spot/testdata/imported-from-asg-response.json", "../spot/testdata/sdk-python-create.json", "../spot/testdata/sdk-python-response.json",
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func converted(t testing.TB, name string, options convert.Options) convert.Output {
	t.Helper()
	out, err := convert.Convert(name, read(t, name), options)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// What is written, for people to read. go test ./internal/convert -update writes the files anew.
func TestGolden(t *testing.T) {
	for _, name := range append([]string{"testdata/harness.json", "testdata/odd.json"}, exports...) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			got := converted(t, name, convert.Options{}).Configuration
			golden := "testdata/" + strings.TrimSuffix(filepath.Base(name), ".json") + ".tf"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(read(t, golden)), got); diff != "" {
				t.Errorf("%s (-) is not what is written (+):\n%s", golden, diff)
			}
		})
	}
}

// group is the group in a document that may be wrapped.
func group(document map[string]any) map[string]any {
	if inner, ok := document["group"].(map[string]any); ok {
		return inner
	}
	if response, ok := document["response"].(map[string]any); ok {
		return response["items"].([]any)[0].(map[string]any)
	}
	return document
}

// The group that the configuration makes is the group that was exported, with the deployment and without.
func TestRoundTrip(t *testing.T) {
	for _, name := range exports {
		for label, options := range map[string]convert.Options{"deployment": {ShowSecrets: true}, "template alone": {TemplateOnly: true}} {
			t.Run(filepath.Base(name)+", "+label, func(t *testing.T) {
				want := group(decoded(string(read(t, name))))
				if options.TemplateOnly {
					withoutSecrets(want)
				}
				got, err := evaluated(t, converted(t, name, options).Configuration, nil)
				if err != nil {
					t.Fatal(err)
				}
				if err := same(want, got); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// withoutSecrets takes out what the exports have of them.
func withoutSecrets(group map[string]any) {
	delete(group["compute"].(map[string]any)["launchSpecification"].(map[string]any), "userData")
	integrations, _ := group["thirdPartiesIntegration"].(map[string]any)
	for _, inner := range integrations {
		for _, key := range []string{"pemKey", "aclToken", "accessKey", "secretKey", "refreshToken"} {
			delete(inner.(map[string]any), key)
		}
	}
}

// A placeholder is a variable, wherever it stands, and of the type that is wanted there.
func TestHarness(t *testing.T) {
	text := cty.StringVal
	got, err := evaluated(t, converted(t, "testdata/harness.json", convert.Options{}).Configuration, map[string]cty.Value{
		"user_data_base64": text("IyEvYmluL3No"), "nomad_token": text("s3cret"), "image_id": text("ami-1"),
		"min": cty.NumberIntVal(1), "target": cty.NumberIntVal(2), "max": cty.NumberIntVal(3),
		"project_identifier": text("shop"), "service_identifier": text("web"), "env_identifier": text("prod"), "env_name": text("Prod"),
		"region": text("us-east-1"), "spot_percentage": cty.NumberIntVal(80), "second_type": text("m5a.large"), "env_name_2": text("old"),
		"subnets": cty.ListVal([]cty.Value{text("subnet-1"), text("subnet-2")}), "security_group": text("sg-1"),
		"monitoring": cty.True, "target_group": text("arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/1"),
	})
	if err != nil {
		t.Fatal(err)
	}
	filled := strings.NewReplacer(
		`"<+startupScript>"`, `"IyEvYmluL3No"`, `"<+secrets.getValue("account.nomad_token")>"`, `"s3cret"`, "<+artifact.image>", "ami-1",
		"<+serviceVariables.min>", "1", "<+serviceVariables.target>", "2", "<+serviceVariables.max>", "3", "<+env.name>", "Prod", "${env.name}", "old",
		"<+infra.variables.region>", "us-east-1", "<+env.variables.spot_percentage>", "80", "<+infra.variables.second_type>", "m5a.large",
		"<+infra.variables.subnets>", `["subnet-1", "subnet-2"]`, "<+infra.variables.security_group>", "sg-1", "<+env.variables.monitoring>", "true",
		"<+infra.variables.target_group>", "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/1",
		"<+project.identifier>", "shop", "<+service.identifier>", "web", "<+env.identifier>", "prod",
	).Replace(string(read(t, "testdata/harness.json")))
	if err := same(group(decoded(filled)), got); err != nil {
		t.Error(err)
	}
}
