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

// TestReadmePlan has the real Terraform plan the second release of the canary example. What it shows is in README; what terraform show -json says of
// it is what the guide on pull requests makes a comment of.
func TestReadmePlan(t *testing.T) {
	if os.Getenv("TF_ACC") == "" || os.Getenv("TF_ACC_TERRAFORM_PATH") == "" {
		t.Skip("TF_ACC and TF_ACC_TERRAFORM_PATH are not set")
	}
	world, err := os.Open("examples/canary/sandbox.json")
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
		text, err := os.ReadFile(filepath.Join("examples/canary", name))
		if err != nil {
			t.Fatal(err)
		}
		s.write(name, string(text))
	}
	s.write("provider.tf", "terraform {\n  required_providers {\n    elastigroup = { source = \"elastigroup/elastigroup\" }\n  }\n}\nprovider \"elastigroup\" {\n  token = \"sandbox-token\"\n}\n")
	s.must("init", "-plugin-dir="+s.mirror)
	s.must("apply", "-auto-approve", "-var=release=2026.11.1")
	s.must("plan", "-var=release=2026.11.2", "-out=plan.tfplan")

	var shown, raw bytes.Buffer
	for out, args := range map[*bytes.Buffer][]string{&shown: {"show", "plan.tfplan"}, &raw: {"show", "-json", "plan.tfplan"}} {
		if err := s.terraform(out, args...).Run(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
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
	written := before + begins + "```console\n$ terraform plan -var release=2026.11.2\n" + planOf(t, shown.String()) + "```\n" + ends + after
	compareWith(t, "README.md", written)
	compareWith(t, "examples/pull-requests/testdata/canary.json", changesOf(t, raw.Bytes()))
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
