//go:build unix

package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline"
)

// shown is a line of the demo in which "watch" says what happens.
var shown = regexp.MustCompile(`^\d\d:\d\d:\d\d web: (.*)$`)

// The demo runs through, and what it shows of rollouts are the sentences that everybody gets: those of the provider's events, and no others.
func TestTheDemo(t *testing.T) {
	mirror := withTerraform(t)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "scripts/demo.sh", "canary")
	kept := t.TempDir()
	cmd.Env = append(os.Environ(), "TERRAFORM="+os.Getenv("TF_ACC_TERRAFORM_PATH"), "DEMO_EVENTS="+kept, "PROVIDER="+filepath.Join(
		mirror, "registry.terraform.io", "elastigroup", "elastigroup", "0.1.0", runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-elastigroup_v0.1.0"))
	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	var says, wants []string
	for line := range strings.Lines(string(output)) {
		if m := shown.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			says = append(says, m[1])
		}
	}
	var happened timeline.Timeline
	files, _ := filepath.Glob(filepath.Join(kept, "rollout-*.jsonl"))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := timeline.Lines{Take: func(e event.Event) { happened.Add(e) }}
		_, _ = lines.Write(text)
	}
	for _, r := range happened.Rollouts() {
		for _, e := range r.Said {
			if !strings.HasPrefix(e.Text, "next: ") { // the next sentence says that it was done
				wants = append(wants, e.Text)
			}
		}
	}
	if len(files) != 4 || len(says) < 60 || strings.Join(says, "\n") != strings.Join(wants, "\n") {
		t.Errorf("it shows %d lines of %d rollouts:\n%s\nwant %d\n%s", len(says), len(files), strings.Join(says, "\n"), len(wants), strings.Join(wants, "\n"))
	}
	for _, ends := range []string{"succeeded after", "holds after 25 %, which took", "rolled back after"} {
		if !strings.Contains(strings.Join(says, "\n"), ends) {
			t.Errorf("no rollout says %q:\n%s", ends, output)
		}
	}
}
