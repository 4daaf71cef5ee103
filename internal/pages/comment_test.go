package pages

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/itchyny/gojq"
)

var update = flag.Bool("update", false, "write the golden files anew")

const reviews = root + "/examples/pull-requests/"

// TestPullRequestComment runs the filter of the guide over plans as terraform show -json writes them.
func TestPullRequestComment(t *testing.T) {
	for name, wants := range map[string][]string{
		"canary":    {"### `elastigroup_deployment.web` changes", "25 %"},
		"several":   {"is created", "is destroyed: nothing serves", "known only while applying", "is replaced", "It holds now", "cut short"},
		"unchanged": {"No deployment is changed by this plan."},
	} {
		text, err := os.ReadFile(filepath.Join(reviews, "testdata", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var plan any
		if err := json.Unmarshal(text, &plan); err != nil {
			t.Fatal(err)
		}
		got := comment(t, plan)
		for _, want := range wants {
			if !strings.Contains(got, want) {
				t.Errorf("%s lacks %q:\n%s", name, want, got)
			}
		}
		if strings.Contains(got, "s3cr3t") {
			t.Errorf("%s tells a secret:\n%s", name, got)
		}
		file := filepath.Join(reviews, "testdata", name+".md")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(file); err != nil || string(want) != got {
			t.Errorf("%s is not what the filter makes (%v): go test ./internal/pages -update\n%s", file, err, got)
		}
	}
}

// comment is what jq -r -f comment.jq prints.
func comment(t *testing.T, plan any) string {
	t.Helper()
	filter, err := os.ReadFile(reviews + "comment.jq")
	if err != nil {
		t.Fatal(err)
	}
	query, err := gojq.Parse(string(filter))
	if err != nil {
		t.Fatal(err)
	}
	all := query.Run(plan)
	answer, ok := all.Next()
	text, isText := answer.(string)
	if !ok || !isText {
		t.Fatalf("the filter answers %v", answer)
	}
	return text + "\n"
}
