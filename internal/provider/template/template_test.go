package template_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/template/templatetest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// read is the answer to these arguments. The test fails if anything at all is said.
func read(t *testing.T, arguments string) string {
	t.Helper()
	answer, diags := templatetest.Read(t, arguments)
	if len(diags) > 0 {
		t.Fatalf("unexpected diagnostics:\n%s", templatetest.Render(diags))
	}
	return answer
}

// compact is JSON on one line, keys in order.
func compact(t *testing.T, text string) string {
	t.Helper()
	var value any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(b.String())
}

func TestDocument(t *testing.T) {
	arguments, err := os.ReadFile("testdata/web.hcl")
	if err != nil {
		t.Fatal(err)
	}
	answer := read(t, string(arguments)) + "\n"
	if *update {
		if err := os.WriteFile("testdata/web.json", []byte(answer), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile("testdata/web.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(golden), answer); diff != "" {
		t.Errorf("testdata/web.json (-) is not what web.hcl makes (+):\n%s", diff)
	}
}

// Other providers drop zeros and falses, so that a schedule to nothing schedules nothing.
func TestOnlyWhatIsWritten(t *testing.T) {
	for name, test := range map[string]struct{ arguments, want string }{
		"nothing":         {``, `{}`},
		"zero and false":  {"min_size = 0\nfallback_to_ondemand = false", `{"capacity":{"minimum":0},"strategy":{"fallbackToOd":false}}`},
		"empty text":      {`description = ""`, `{"description":""}`},
		"empty list":      {`instance_types_spot = []`, `{"compute":{"instanceTypes":{"spot":[]}}}`},
		"empty block":     {`scaling_strategy {}`, `{"strategy":{"scalingStrategy":{}}}`},
		"null":            {"min_size = null\nmax_size = 1", `{"capacity":{"maximum":1}}`},
		"numbers":         {"spot_percentage = 33.25\ndraining_timeout = 1e3", `{"strategy":{"drainingTimeout":1000,"risk":33.25}}`},
		"text of numbers": {`description = "007"`, `{"description":"007"}`},
		"task to nothing": {
			"scheduled_task {\n  task_type = \"scale\"\n  frequency = \"daily\"\n  scale_target_capacity = 0\n}",
			`{"scheduling":{"tasks":[{"frequency":"daily","scaleTargetCapacity":0,"taskType":"scale"}]}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := compact(t, read(t, test.arguments)); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestLayers(t *testing.T) {
	for name, test := range map[string]struct{ arguments, want string }{
		"arguments over the source": {
			"source_json = jsonencode({ capacity = { minimum = 1, target = 2 }, strategy = { risk = 50 } })\ndesired_capacity = 3",
			`{"capacity":{"minimum":1,"target":3},"strategy":{"risk":50}}`,
		},
		"the override over both": {
			"source_json = jsonencode({ capacity = { minimum = 1 } })\ndesired_capacity = 3\n" +
				"override_json = jsonencode({ capacity = { minimum = 2, target = 4 } })",
			`{"capacity":{"minimum":2,"target":4}}`,
		},
		"a wrapped group": {`source_json = jsonencode({ group = { capacity = { minimum = 1 } } })`, `{"capacity":{"minimum":1}}`},
		"unknown fields": {
			"max_size = 1\noverride_json = jsonencode({ capacity = { burst = true }, brandNew = [1, 2] })",
			`{"brandNew":[1,2],"capacity":{"burst":true,"maximum":1}}`,
		},
		"lists are replaced": {
			"source_json = jsonencode({ compute = { launchSpecification = { tags = [{ tagKey = \"a\" }, { tagKey = \"b\" }] } } })\n" +
				"tag {\n  key = \"c\"\n}",
			`{"compute":{"launchSpecification":{"tags":[{"tagKey":"c"}]}}}`,
		},
		"null stands for itself": {
			"source_json = jsonencode({ scheduling = { tasks = [] }, capacity = { unit = null } })\noverride_json = jsonencode({ scheduling = null })",
			`{"capacity":{"unit":null},"scheduling":null}`,
		},
		"what a deployment ignores is left out": {
			`source_json = jsonencode({ id = "sig-1", name = "web", createdAt = "x", updatedAt = "y", region = "us-east-1" })`,
			`{"region":"us-east-1"}`,
		},
		"numbers as they are written": {
			`source_json = "{\"a\": 12345678901234567890, \"b\": 1.50}"`, `{"a":12345678901234567890,"b":1.50}`,
		},
		"empty JSON is none": {"source_json = \"\"\nmax_size = 1", `{"capacity":{"maximum":1}}`},
		"another template's JSON": {
			`source_json = ` + quote(read(t, "max_size = 1\ntag {\n  key = \"a\"\n}")),
			`{"capacity":{"maximum":1},"compute":{"launchSpecification":{"tags":[{"tagKey":"a"}]}}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := compact(t, read(t, test.arguments)); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// quote writes text as HCL does.
func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "${", "$${", "%{", "%%{").Replace(text) + `"`
}

func TestSecretsAreWarnedOf(t *testing.T) {
	for name, test := range map[string]struct{ arguments, at, secret string }{
		"user data":          {`override_json = jsonencode({ compute = { launchSpecification = { userData = "c2VjcmV0" } } })`, "override_json", "compute.launchSpecification.userData"},
		"of the source":      {`source_json = jsonencode({ thirdPartiesIntegration = { nomad = { aclToken = "s3cret!" } } })`, "source_json", "thirdPartiesIntegration.nomad.aclToken"},
		"that have no block": {`source_json = jsonencode({ thirdPartiesIntegration = { chef = { pemKey = "s3cret!" } } })`, "source_json", "thirdPartiesIntegration.chef.pemKey"},
	} {
		t.Run(name, func(t *testing.T) {
			answer, diags := templatetest.Read(t, test.arguments)
			if answer == "" || len(diags) != 1 || diags[0].Severity != tfprotov6.DiagnosticSeverityWarning || templatetest.Where(diags[0]) != test.at {
				t.Fatalf("want a warning at %s, got:\n%s", test.at, templatetest.Render(diags))
			}
			if !strings.Contains(diags[0].Detail, test.secret) {
				t.Errorf("want %s in: %s", test.secret, diags[0].Detail)
			}
			if strings.Contains(diags[0].Detail, "s3cret!") || strings.Contains(diags[0].Detail, "c2VjcmV0") {
				t.Errorf("the warning tells the secret: %s", diags[0].Detail)
			}
		})
	}
}

// A value that is not known yet is no mistake. Terraform then reads the data source when it applies.
func TestUnknown(t *testing.T) {
	for _, arguments := range []string{
		"min_size = unknown\nmax_size = 1",
		"instance_types_spot = unknown\ninstance_types_preferred_spot = [\"m5.large\"]",
		"instance_types_spot = [unknown]\ninstance_types_preferred_spot = [\"m5.large\"]",
		"subnet_ids = [unknown, unknown]\nregion = unknown",
		"availability_zone {\n  name = unknown\n  subnet_ids = unknown\n}\npreferred_availability_zones = [\"us-east-1a\"]\nregion = \"us-east-1\"",
		"availability_zone {\n  name = \"us-east-1a\"\n}\npreferred_availability_zones = unknown\nregion = unknown",
		"override_json = unknown\nsubnet_ids = [\"subnet-1\"]",
		"source_json = unknown\nimage_id = \"ami-1\"",
		"image_id = unknown\nshutdown_script = unknown",
		"tag {\n  key = unknown\n}\ntag {\n  key = unknown\n}",
		"load_balancer {\n  type = \"TARGET_GROUP\"\n  arn = unknown\n}",
		"load_balancer {\n  type = unknown\n}",
		"scheduled_task {\n  task_type = unknown\n  frequency = unknown\n}",
		"scheduled_task {\n  task_type = \"roll\"\n  batch_size_percentage = unknown\n  start_time = unknown\n}",
		"metadata_options {\n  http_tokens = unknown\n}",
	} {
		answer, diags := templatetest.Read(t, arguments)
		if answer != "" || len(diags) > 0 {
			t.Errorf("%s\nanswers %q and says:\n%s", arguments, answer, templatetest.Render(diags))
		}
	}
}
