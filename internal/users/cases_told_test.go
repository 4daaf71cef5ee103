package users_test

import (
	"flag"
	"strings"
	"testing"
)

var wanted = flag.String("story", "", "tell this story, its lines separated by semicolons, of the strategy that is its first line")

// TestStory tells a story that somebody wants to know the end of.
func TestStory(t *testing.T) {
	if *wanted == "" {
		t.Skip("no story is wanted")
	}
	lines := strings.Split(*wanted, ";")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	s := tell(t, story{strategy: lines[0], seed: 1, lines: lines[1:]})
	t.Log(strings.Join(s.details, "\n"))
	if s.breach != nil {
		t.Errorf("breaks %q: %s", s.breach.rule, s.breach.what)
	}
}

// linesOf are the lines of a story as it is written above.
func linesOf(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// open are the cases that still end badly, because what they found is not mended yet.
// TestCases fails for one that ends well, so that it leaves this list with the change that mends it.
var open = map[string]bool{}

// TestCases tells the stories that once ended badly. None does any more, but those that are open.
func TestCases(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			told := story{climate: c.climate, strategy: c.strategy, seed: 1, lines: linesOf(c.lines)}
			s := tell(t, told)
			if *details {
				t.Logf("%s\n%s", told, strings.Join(s.details, "\n"))
			}
			switch {
			case open[c.name] && s.breach == nil:
				t.Error("this ends well: it is not open any more")
			case s.breach != nil && !open[c.name]:
				t.Errorf("%sbreaks %q: %s\n\n%s", told, s.breach.rule, s.breach.what, strings.Join(s.details, "\n"))
			}
		})
	}
}
