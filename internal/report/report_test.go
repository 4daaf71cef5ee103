package report_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/golden"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/report"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline/timelinetest"
)

func picture(events []event.Event) []*timeline.Rollout {
	var t timeline.Timeline
	for _, e := range events {
		t.Add(e)
	}
	return t.Rollouts()
}

func compareWith(t *testing.T, name, got string) {
	t.Helper()
	golden.Compare(t, filepath.Join("testdata", name), got, "-update")
}

// The short version of each kind of rollout, and of one that runs, as a reviewer reads it.
func TestMarkdown(t *testing.T) {
	for _, kind := range timelinetest.Kinds() {
		t.Run(kind, func(t *testing.T) {
			var b bytes.Buffer
			if err := report.Markdown(&b, picture(timelinetest.Recorded(t, kind))); err != nil {
				t.Fatal(err)
			}
			compareWith(t, kind+".md", b.String())
		})
	}
	t.Run("running", func(t *testing.T) {
		events := timelinetest.Recorded(t, "canary")
		for i, e := range events {
			if f, ok := e.Fact.(event.Bake); ok && f.Phase == 2 {
				events = events[:i+3]
				break
			}
		}
		var b bytes.Buffer
		if err := report.Markdown(&b, picture(events)); err != nil {
			t.Fatal(err)
		}
		compareWith(t, "running.md", b.String())
	})
}

// The pages are written for whoever looks at them; what is in them is tested below.
func TestPagesToLookAt(t *testing.T) {
	dir := os.Getenv("REPORT_PAGES")
	if dir == "" {
		t.Skip("REPORT_PAGES names no folder to write the pages to")
	}
	for _, kind := range timelinetest.Kinds() {
		var b strings.Builder
		if err := report.HTML(&b, picture(timelinetest.Recorded(t, kind))); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, kind+".html"), []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
