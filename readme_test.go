//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

var update = flag.Bool("update", false, "write README's plan, and that of the guide on pull requests, anew")

// TestReadmePlan has the real Terraform plan the second release of the canary example. What it shows is in README, its steps in the guide on canaries;
// what terraform show -json says of it is what the guide on pull requests makes a comment of.
func TestReadmePlan(t *testing.T) {
	shown, raw := secondRelease(t, "canary")
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	const begins, ends = "<!-- the plan of examples/canary: TF_ACC=1 go test . -run ReadmePlan -update -->\n", "<!-- end of the plan -->"
	before, rest, found := strings.Cut(string(readme), begins)
	_, after, closed := strings.Cut(rest, ends)
	if !found || !closed {
		t.Fatal("README has no place for the plan")
	}
	written := before + begins + "```console\n$ terraform plan -var release=2026.11.2\n" + planOf(t, shown) + "```\n" + ends + after
	compareWith(t, "README.md", written)
	compareWith(t, "examples/pull-requests/testdata/canary.json", changesOf(t, raw))
	compareWith(t, "examples/canary/plan.txt", stepsOf(t, raw))
}

// TestGuidePlan does the same for the steps in the guide on blue/green.
func TestGuidePlan(t *testing.T) {
	const listener = "_listener_arn=arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/web/50dc6c495c0c9188/"
	_, raw := secondRelease(t, "blue-green", "-var=production"+listener+"f2f7dc8efc522ab2", "-var=stage"+listener+"0467ef3c8400ae65")
	compareWith(t, "examples/blue-green/plan.txt", stepsOf(t, raw))
}

// secondRelease has the real Terraform apply the first release of an example and plan the second one, and is what it shows of the plan, as text and as
// JSON.
func secondRelease(t *testing.T, example string, variables ...string) (shown string, raw []byte) {
	t.Helper()
	if os.Getenv("TF_ACC") == "" || os.Getenv("TF_ACC_TERRAFORM_PATH") == "" {
		t.Skip("TF_ACC and TF_ACC_TERRAFORM_PATH are not set")
	}
	world, err := os.Open(filepath.Join("examples", example, "sandbox.json"))
	if err != nil {
		t.Fatal(err)
	}
	config, err := sandbox.ReadConfig(world)
	world.Close()
	if err != nil {
		t.Fatal(err)
	}
	s := siteOf(t, builtMirror(t), sandbox.New(config, sandbox.Speed(100)))
	for _, name := range []string{"resource.tf", "outputs.tf", "elastigroup.json"} {
		text, err := os.ReadFile(filepath.Join("examples", example, name))
		if err != nil {
			t.Fatal(err)
		}
		s.write(name, string(text))
	}
	s.write("provider.tf", "terraform {\n  required_providers {\n    elastigroup = { source = \"elastigroup/elastigroup\" }\n  }\n}\nprovider \"elastigroup\" {\n  token = \"sandbox-token\"\n}\n")
	s.must("init", "-plugin-dir="+s.mirror)
	s.must(append([]string{"apply", "-auto-approve", "-var=release=2026.11.1"}, variables...)...)
	s.must(append([]string{"plan", "-var=release=2026.11.2", "-out=plan.tfplan"}, variables...)...)

	var text, document bytes.Buffer
	for out, args := range map[*bytes.Buffer][]string{&text: {"show", "plan.tfplan"}, &document: {"show", "-json", "plan.tfplan"}} {
		if err := s.terraform(out, args...).Run(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	return text.String(), document.Bytes()
}

// stepsOf is the rollout_plan of a plan's one deployment.
func stepsOf(t *testing.T, raw []byte) string {
	t.Helper()
	var plan struct {
		Changes []struct {
			Type   string
			Change struct {
				After struct {
					RolloutPlan string `json:"rollout_plan"`
				}
			}
		} `json:"resource_changes"`
	}
	if err := json.Unmarshal(raw, &plan); err != nil {
		t.Fatal(err)
	}
	for _, c := range plan.Changes {
		if c.Type == "elastigroup_deployment" {
			return c.Change.After.RolloutPlan
		}
	}
	t.Fatalf("there is no deployment in\n%s", raw)
	return ""
}

func compareWith(t *testing.T, file, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != want {
		t.Errorf("%s is not what Terraform says (%v): TF_ACC=1 go test . -run ReadmePlan -update\n%s", file, err, want)
	}
}

// planOf is what is said of the deployment, without what hides what is the same and without the groups' long list.
func planOf(t *testing.T, shown string) string {
	t.Helper()
	_, rest, found := strings.Cut(shown, "  # elastigroup_deployment.web will be updated in-place\n")
	if !found {
		t.Fatalf("the plan is\n%s", shown)
	}
	var b strings.Builder
	b.WriteString("  # elastigroup_deployment.web will be updated in-place\n")
	in := ""
	for line := range strings.Lines(rest) {
		switch {
		case in != "":
			if strings.HasPrefix(line, in) {
				in = ""
			}
			continue
		case strings.HasPrefix(line, "      ~ groups "):
			in = "        ]"
			continue
		}
		b.WriteString(line)
		if line == "    }\n" {
			return b.String()
		}
	}
	t.Fatalf("the plan does not end:\n%s", shown)
	return ""
}

// changesOf is a plan with what a comment is made of: the changes of deployments, without what it does not read.
func changesOf(t *testing.T, raw []byte) string {
	t.Helper()
	var plan struct {
		FormatVersion string           `json:"format_version"`
		Changes       []map[string]any `json:"resource_changes"`
	}
	if err := json.Unmarshal(raw, &plan); err != nil {
		t.Fatal(err)
	}
	for _, c := range plan.Changes {
		change, _ := c["change"].(map[string]any)
		for _, side := range []string{"before", "after"} {
			values, _ := change[side].(map[string]any)
			for name := range values {
				if !slices.Contains([]string{"name", "image_id", "status", "rollout_plan"}, name) {
					delete(values, name)
				}
			}
		}
		for _, name := range []string{"before_sensitive", "after_sensitive", "before_identity", "after_identity"} {
			delete(change, name)
		}
	}
	text, err := json.MarshalIndent(plan, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}
