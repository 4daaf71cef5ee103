package watch

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/golden"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline/timelinetest"
)

// until is the timeline of a recorded rollout up to the nth event that says so, and the time of that.
func until(t *testing.T, kind, says string, nth int) (*timeline.Timeline, time.Time) {
	t.Helper()
	var tl timeline.Timeline
	for _, e := range timelinetest.Recorded(t, kind) {
		tl.Add(e)
		if strings.Contains(e.Message(), says) {
			if nth--; nth == 0 {
				return &tl, e.Time
			}
		}
	}
	t.Fatalf("%s does not say %q so often", kind, says)
	return nil, time.Time{}
}

func compareWith(t *testing.T, name, got string) {
	t.Helper()
	golden.Compare(t, filepath.Join("testdata", name), got, "-update")
}

// What people see, at moments that they ask about.
func TestView(t *testing.T) {
	for name, at := range map[string]struct {
		kind, says string
		nth        int
		later      time.Duration
		view       view
	}{
		"waiting":    {"canary", "web__2 0 of 1 in service: 1 initial", 1, 4 * time.Second, view{width: 100}},
		"baking":     {"canary", "web__2 bakes at 50 %", 3, 20 * time.Second, view{width: 100}},
		"narrow":     {"canary", "web__2 bakes at 50 %", 3, 20 * time.Second, view{width: 44}},
		"ascii":      {"canary", "web__2 bakes at 50 %", 3, 20 * time.Second, view{width: 100, style: style{ascii: true}}},
		"going back": {"failing", "web__1 2 of 4 in service", 1, time.Second, view{width: 100}},
		"weights":    {"bluegreen", "shop__2 bakes at 50 %", 2, time.Second, view{width: 100}},
		"held":       {"holding", "holds after", 2, time.Hour, view{width: 100}},
		"ended":      {"failing", "rolled back", 1, time.Hour, view{width: 100}},
		"silent":     {"canary", "web__2 bakes at 50 %", 3, 20 * time.Minute, view{width: 100}},
		"first":      {"first", "0 of 2 in service: 2 initial", 1, 0, view{width: 100}},
	} {
		t.Run(name, func(t *testing.T) {
			tl, now := until(t, at.kind, at.says, at.nth)
			compareWith(t, strings.ReplaceAll(name, " ", "_")+".txt", strings.Join(at.view.lines(tl, now.Add(at.later)), "\n")+"\n")
		})
	}
}

var escapes = regexp.MustCompile("\x1b\\[[0-9]*m")

// No line is wider and no picture is higher than the window, whatever its size; what does not fit is missing at the bottom. Colours
// change no letter, and end with each line.
func TestTheViewFitsTheWindow(t *testing.T) {
	for _, kind := range timelinetest.Kinds() {
		events := timelinetest.Recorded(t, kind)
		var tl timeline.Timeline
		for i, e := range events {
			tl.Add(e)
			if i%7 != 0 && i != len(events)-1 {
				continue
			}
			for _, width := range []int{20, 33, 80, 250} {
				for _, height := range []int{1, 5, 12, 60} {
					plain := view{width: width, height: height, note: "Ctrl-C ends it."}.lines(&tl, e.Time)
					coloured := view{width: width, height: height, note: "Ctrl-C ends it.", style: style{colours: true}}.lines(&tl, e.Time)
					if len(plain) > height || len(coloured) != len(plain) {
						t.Fatalf("%s in %dx%d has %d lines, and with colours %d", kind, width, height, len(plain), len(coloured))
					}
					if height > 2 && !strings.HasPrefix(plain[0], tl.Latest()[0].Deployment) {
						t.Fatalf("%s in %dx%d begins with %q", kind, width, height, plain[0])
					}
					for j, line := range plain {
						if columns(line) > width {
							t.Fatalf("%s in %dx%d has a line of %d columns: %s", kind, width, height, columns(line), line)
						}
						if got := escapes.ReplaceAllString(coloured[j], ""); got != line {
							t.Fatalf("with colours %q is %q", line, got)
						}
						if all := escapes.FindAllString(coloured[j], -1); len(all) > 0 && all[len(all)-1] != "\x1b[0m" {
							t.Fatalf("a colour does not end: %q", coloured[j])
						}
					}
				}
			}
		}
	}
}

// Two hundred groups, or deployments, push what matters out of no window (argo-rollouts has an issue of that).
func TestManyRollouts(t *testing.T) {
	var tl timeline.Timeline
	at := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	for i := range 200 {
		name := fmt.Sprintf("web-%03d", i)
		tl.Add(event.Event{Time: at, Deployment: name, Run: name, Fact: event.Begun{Image: "ami-2"}})
		if i < 150 {
			tl.Add(event.Event{Time: at, Deployment: name, Run: name, Fact: event.Ended{Outcome: "succeeded"}})
		}
	}
	lines := view{width: 80, height: 24}.lines(&tl, at)
	if len(lines) != 24 || !strings.HasPrefix(lines[0], "web-150") || !strings.Contains(lines[23], "too small") {
		t.Errorf("it shows\n%s", strings.Join(lines, "\n"))
	}
}

// Former revisions that are kept at zero take no room (argo-rollouts has an issue of that, too).
func TestManyRevisions(t *testing.T) {
	var tl timeline.Timeline
	begun := event.Begun{Image: "ami-31"}
	for n := 30; n > 0; n-- {
		g := event.Group{Group: fmt.Sprintf("web__%d", n), Revision: n, Role: "retained"}
		if n == 30 {
			g.Role, g.Size, g.InService = "live", event.Size{Minimum: 4, Target: 4, Maximum: 4}, 4
		}
		begun.Groups = append(begun.Groups, g)
	}
	at := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	tl.Add(event.Event{Time: at, Deployment: "web", Run: "1", Fact: begun})
	lines := view{width: 80, height: 24}.lines(&tl, at)
	if len(lines) != 4 || !strings.Contains(lines[1], "web__30") {
		t.Errorf("it shows\n%s", strings.Join(lines, "\n"))
	}
}

// What others have named and said cannot command the terminal.
func TestNothingCommandsTheTerminal(t *testing.T) {
	const hostile = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202eevil\r\nnext"
	var tl timeline.Timeline
	at := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	var printed strings.Builder
	show := &sentences{out: &printed, notes: &printed}
	g := event.Group{Group: hostile, Role: "live", Revision: 1, Size: event.Size{Target: 1, Unit: hostile}}
	for i, f := range []event.Fact{
		event.Begun{Image: hostile, Groups: []event.Group{g}, Routes: []event.Route{{ARN: "a", Name: hostile, Weights: []event.Weight{{Name: hostile, Percent: 1}, {Name: "b"}}}}},
		event.StepBegun{Step: event.Step{Step: hostile, Part: hostile, PhaseName: hostile, Group: hostile}},
		event.Health{Group: hostile, Needed: 1, Reasons: []event.Reason{{Reason: hostile, Count: 1}}},
		event.Alarms{Alarms: []event.Alarm{{Name: hostile, State: hostile}}}, event.Bake{PhaseName: hostile, Of: 1},
		event.GoingBack{Why: hostile},
	} {
		e := event.Event{Time: at.Add(time.Duration(i)), Deployment: hostile, Run: hostile, Fact: f}
		tl.Add(e)
		show.happened(e)
	}
	show.note(hostile)
	all := printed.String() + strings.Join(view{width: 300, note: hostile}.lines(&tl, at), "\n")
	for _, r := range all {
		if r < ' ' && r != '\n' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x202e {
			t.Fatalf("%q gets through: %q", r, all)
		}
	}
	if n := strings.Count(printed.String(), "\n"); n != 6 {
		t.Errorf("6 sentences are %d lines", n)
	}
}

// Wide letters count twice, accents not at all, and a line is cut between letters.
func TestColumns(t *testing.T) {
	for text, want := range map[string]int{"web": 3, "日本": 4, "é": 1, "e\u0301": 1, "": 0} {
		if got := columns(text); got != want {
			t.Errorf("%q has %d columns, want %d", text, got, want)
		}
	}
	for _, c := range []struct {
		text string
		most int
		want string
	}{{"abcdef", 6, "abcdef"}, {"abcdef", 4, "abc…"}, {"日本語", 5, "日本…"}, {"日本語", 4, "日…"}, {"\x1b[31mabcdef\x1b[0m", 3, "\x1b[31mab…\x1b[0m"}, {"\x1b[31mab\x1b[0mcdef", 5, "\x1b[31mab\x1b[0mcd…"}} {
		if got := cutTo(c.text, c.most, "…"); got != c.want {
			t.Errorf("%q in %d columns is %q, want %q", c.text, c.most, got, c.want)
		}
	}
}

// NO_COLOR and the locale are heeded.
func TestStyleOf(t *testing.T) {
	for _, c := range []struct {
		environment map[string]string
		want        style
	}{
		{nil, style{colours: true}},
		{map[string]string{"NO_COLOR": "1", "LANG": "en_GB.UTF-8"}, style{}},
		{map[string]string{"LC_ALL": "C", "LANG": "en_GB.UTF-8"}, style{colours: true, ascii: true}},
		{map[string]string{"LC_CTYPE": "de_DE.utf8", "LANG": "C"}, style{colours: true}},
	} {
		if got := styleOf(func(name string) string { return c.environment[name] }); got != c.want {
			t.Errorf("%v makes %+v, want %+v", c.environment, got, c.want)
		}
	}
}
