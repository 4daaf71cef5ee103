package report_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/report"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline/timelinetest"
)

func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// What people get wrong, and what they are told.
func TestWhatCannotBeReported(t *testing.T) {
	good := write(t, "rollout.jsonl", timelinetest.Lines(t, timelinetest.Recorded(t, "first")))
	for name, test := range map[string]struct {
		args []string
		code int
		says string
	}{
		"no file":          {nil, 2, "the FILE with the events is missing"},
		"unknown flag":     {[]string{"-no-such-flag", good}, 2, "no-such-flag"},
		"unknown format":   {[]string{good, "-o", "rollout.pdf"}, 2, `what to make of "rollout.pdf" is not known`},
		"missing":          {[]string{"no-such.jsonl"}, 1, "no-such.jsonl does not exist. The provider writes events where event_log"},
		"empty":            {[]string{write(t, "empty.jsonl", nil)}, 1, "is empty: no rollout has written into it yet"},
		"blank":            {[]string{write(t, "blank.jsonl", []byte("\n \n"))}, 1, "there is no event in"},
		"no JSON":          {[]string{write(t, "notes.txt", []byte("\nhello\n"))}, 1, "is an event; line 2: this is no event: invalid character 'h'"},
		"another JSON":     {[]string{write(t, "state.json", []byte(`{"version": 4}`))}, 1, `line 1: this is no event: it has no "event"`},
		"a folder":         {[]string{t.TempDir()}, 1, "is a directory"},
		"other deployment": {[]string{good, "-deployment", "web"}, 1, `there is no rollout of a deployment "web" in ` + good + "; there is: fresh"},
		"over its input":   {[]string{write(t, "events.md", timelinetest.Lines(t, timelinetest.Recorded(t, "first"))), "-o", "SAME"}, 1, "is the file with the events"},
		"no such folder":   {[]string{good, "-o", filepath.Join(t.TempDir(), "a", "b.html")}, 1, "writing the report: "},
	} {
		t.Run(name, func(t *testing.T) {
			if len(test.args) == 3 && test.args[2] == "SAME" {
				test.args[2] = test.args[0]
			}
			var stdout, stderr bytes.Buffer
			if code := report.Main(test.args, strings.NewReader(""), &stdout, &stderr); code != test.code || !strings.Contains(stderr.String(), test.says) || stdout.Len() > 0 {
				t.Errorf("exit code %d, want %d, and %q on stderr:\n%s%s", code, test.code, test.says, &stdout, &stderr)
			}
		})
	}
}

// One file has the rollouts of many deployments: the last one of each, or all, or one deployment's.
func TestWhichRolloutsAreShown(t *testing.T) {
	file := timelinetest.Lines(t, timelinetest.Recorded(t, "failing"))
	second := bytes.ReplaceAll(timelinetest.Lines(t, timelinetest.Recorded(t, "canary")), []byte("000000000001"), []byte("000000000002"))
	file = append(append(file, second...), "half a li\n"...)
	file = append(file, timelinetest.Lines(t, timelinetest.Recorded(t, "bluegreen"))...)
	all := write(t, "rollout.jsonl", file)
	for name, test := range map[string]struct {
		args []string
		want []string
	}{
		"the last of each":  {nil, []string{"shop: ami-2 succeeded", "web: ami-2 succeeded"}},
		"one deployment's":  {[]string{"-deployment", "web"}, []string{"web: ami-2 succeeded"}},
		"all of a one":      {[]string{"-deployment", "web", "-all"}, []string{"web: ami-2 succeeded", "web: ami-2 rolled back"}},
		"all":               {[]string{"-all"}, []string{"shop: ami-2 succeeded", "web: ami-2 succeeded", "web: ami-2 rolled back"}},
		"of several files":  {[]string{write(t, "older.jsonl", timelinetest.Lines(t, timelinetest.Recorded(t, "first")))}, []string{"fresh: ami-2 succeeded", "shop: ami-2 succeeded", "web: ami-2 succeeded"}},
		"of standard input": {[]string{"-"}, []string{"shop: ami-2 succeeded", "web: ami-2 succeeded"}},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			if code := report.Main(append([]string{all}, test.args...), bytes.NewReader(file), &stdout, &stderr); code != 0 {
				t.Fatalf("exit code %d: %s", code, &stderr)
			}
			var got []string
			for line := range strings.Lines(stdout.String()) {
				if rest, ok := strings.CutPrefix(line, "### "); ok {
					_, title, _ := strings.Cut(strings.TrimSpace(strings.ReplaceAll(rest, `\`, "")), " ")
					got = append(got, title)
				}
			}
			if strings.Join(got, "\n") != strings.Join(test.want, "\n") {
				t.Errorf("it shows %q, want %q", got, test.want)
			}
			if !strings.Contains(stderr.String(), "1 lines of") {
				t.Errorf("what was left out is not said: %s", &stderr)
			}
		})
	}
}

// A report replaces an older one as a whole, and a page is what its name says.
func TestAReportIsWritten(t *testing.T) {
	events := write(t, "rollout.jsonl", timelinetest.Lines(t, timelinetest.Recorded(t, "canary")))
	for name, begins := range map[string]string{"a.html": "<!DOCTYPE html>", "a.HTM": "<!DOCTYPE html>", "a.md": "### ✓ web: ami-2 succeeded"} {
		out := write(t, name, []byte(strings.Repeat("older ", 100_000)))
		var stdout, stderr bytes.Buffer
		if code := report.Main([]string{events, "-o", out}, nil, &stdout, &stderr); code != 0 || stdout.Len() > 0 || stderr.String() != "Wrote "+out+".\n" {
			t.Fatalf("exit code %d: %s%s", code, &stdout, &stderr)
		}
		content, err := os.ReadFile(out)
		if err != nil || !strings.HasPrefix(string(content), begins) || strings.Contains(string(content), "older") {
			t.Errorf("%s is %.60q, %v", name, content, err)
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(out), ".report-*")); len(left) > 0 {
			t.Errorf("it leaves %q", left)
		}
	}
}
