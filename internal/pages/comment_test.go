package pages

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/itchyny/gojq"
	"gopkg.in/yaml.v3"
)

var update = flag.Bool("update", false, "write the golden files anew")

const reviews = root + "/examples/pull-requests/"

// TestPullRequestComment runs the filter of the guide over plans as terraform show -json writes them.
func TestPullRequestComment(t *testing.T) {
	for name, wants := range map[string][]string{
		"canary":    {"### `elastigroup_deployment.web` changes", "25 %"},
		"several":   {"is created", "is destroyed: nothing serves", "known only while applying", "is replaced", "It holds now", "cut short", "<!-- rollouts -->\n### "},
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

// A forge takes no more than so many characters. What is taken away is told whole, wherever in the plan it stands; the rest is named.
func TestPullRequestCommentOfMany(t *testing.T) {
	var changes []any
	for n := range 400 {
		actions := []any{"update"}
		if n == 399 {
			actions = []any{"delete"}
		}
		changes = append(changes, map[string]any{"type": "elastigroup_deployment", "mode": "managed", "address": fmt.Sprintf("module.service[%q].elastigroup_deployment.this", fmt.Sprint("s", n)),
			"change": map[string]any{"actions": actions, "before": map[string]any{}, "after": map[string]any{"rollout_plan": strings.Repeat("25 %   new 0 -> 1\n", 40)}, "after_unknown": map[string]any{}}})
	}
	got := comment(t, map[string]any{"resource_changes": changes})
	if n := utf8.RuneCountInString(got); n > 60_000 || n < 50_000 {
		t.Errorf("it has %d characters", n)
	}
	gone := strings.Index(got, `["s399"].elastigroup_deployment.this`+"` **is destroyed")
	if first := strings.Index(got, "### "); gone < 0 || gone > first+100 {
		t.Errorf("what is destroyed stands at %d, the first at %d", gone, first)
	}
	shown := strings.Count(got, "### `")
	if !strings.Contains(got, fmt.Sprintf("### Not shown, for want of room: %d more\n\n* `", 400-shown)) || !strings.HasSuffix(got, "…\n") {
		t.Errorf("%d are shown, and it ends with %q", shown, got[len(got)-300:])
	}
}

// TestPullRequestWorkflow runs the last step of the workflow that the guide has, with a gh that answers as GitHub does: it makes a comment where it has
// none, and changes its own, never another's.
func TestPullRequestWorkflow(t *testing.T) {
	text, err := os.ReadFile(reviews + "github-workflow.yml")
	if err != nil {
		t.Fatal(err)
	}
	var workflow struct {
		Jobs struct {
			Plan struct {
				If    string
				Steps []struct{ Name, Run string }
			}
		}
	}
	if err := yaml.Unmarshal(text, &workflow); err != nil {
		t.Fatal(err)
	}
	steps := workflow.Jobs.Plan.Steps
	script := steps[len(steps)-1]
	if script.Name != "Comment" || !strings.Contains(workflow.Jobs.Plan.If, "head.repo.full_name == github.repository") {
		t.Fatalf("%+v", workflow)
	}
	for name, test := range map[string]struct{ bodies, want string }{
		"none yet":             {`[{"id": 7, "body": "a plan of others"}]`, "pr comment 12 --body-file comment.md\n"},
		"one, and others'":     {`[{"id": 7, "body": "x"}, {"id": 8, "body": "<!-- rollouts -->\nold"}, {"id": 9, "body": "y"}]`, "api --silent -X PATCH repos/us/shop/issues/comments/8 -F body=@comment.md\n"},
		"one that quotes ours": {`[{"id": 9, "body": "> <!-- rollouts -->"}]`, "pr comment 12 --body-file comment.md\n"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			plan, err := os.ReadFile(reviews + "testdata/canary.json")
			if err != nil {
				t.Fatal(err)
			}
			var comments any
			if err := json.Unmarshal([]byte(test.bodies), &comments); err != nil {
				t.Fatal(err)
			}
			asked := regexp.MustCompile(`--jq '([^']*)'`).FindStringSubmatch(script.Run)
			if asked == nil {
				t.Fatal(script.Run)
			}
			query, err := gojq.Parse(asked[1])
			if err != nil {
				t.Fatal(err)
			}
			var ids strings.Builder
			for all := query.Run(comments); ; {
				id, more := all.Next()
				if !more {
					break
				}
				fmt.Fprintln(&ids, id)
			}
			for file, text := range map[string]string{
				"plan.json": string(plan),
				"terraform": "#!/bin/sh\ncat plan.json\n",
				"jq":        "#!/bin/sh\ncat >/dev/null; test \"$*\" = '-r -f comment.jq' && echo '<!-- rollouts -->'\n",
				"gh":        "#!/bin/sh\ncase \"$*\" in *--jq*) cat ids ;; *) echo \"$*\" >>calls ;; esac\n",
				"ids":       ids.String(),
			} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			shell := exec.CommandContext(t.Context(), "bash", "-eo", "pipefail", "-c", script.Run)
			shell.Dir, shell.Env = dir, []string{"PATH=" + dir + ":/usr/bin:/bin", "GITHUB_REPOSITORY=us/shop", "PULL_REQUEST=12"}
			if out, err := shell.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if calls, err := os.ReadFile(filepath.Join(dir, "calls")); err != nil || string(calls) != test.want {
				t.Errorf("%v %q, want %q", err, calls, test.want)
			}
			if made, err := os.ReadFile(filepath.Join(dir, "comment.md")); err != nil || !strings.HasPrefix(string(made), "<!-- rollouts -->\n") {
				t.Errorf("%v %q", err, made)
			}
		})
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
