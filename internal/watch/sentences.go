package watch

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline"
)

// sentences prints a line an event.
type sentences struct {
	out, notes io.Writer
	said       string
}

// begin implements display: of rollouts under way all that has happened, and of others how they ended.
func (s *sentences) begin(t *timeline.Timeline) {
	for _, r := range t.Latest() {
		from := len(r.Said) - 1
		if r.Running() {
			from = 0
		}
		for _, said := range r.Said[from:] {
			s.print(r.Deployment, said)
		}
	}
}

// happened implements display.
func (s *sentences) happened(e event.Event) {
	s.print(e.Deployment, timeline.Sentence{Time: e.Time, Kind: e.Kind(), Text: e.Message()})
}

func (s *sentences) print(deployment string, said timeline.Sentence) {
	if announces(said) {
		return
	}
	if said.Kind == "ended" && strings.HasPrefix(said.Text, "at rest") {
		said.Text = "no rollout is under way"
	}
	fmt.Fprintf(s.out, "%s %s: %s\n", said.Time.UTC().Format("15:04:05"), clean(deployment), clean(said.Text))
}

// announces tells whether a sentence says that a change is about to be made: the next one says that it was.
func announces(said timeline.Sentence) bool {
	return said.Kind == "step_begun" && strings.HasPrefix(said.Text, "next: ")
}

// note implements display.
func (s *sentences) note(text string) {
	if text != "" && text != s.said {
		fmt.Fprintf(s.notes, "watch: %s\n", clean(text))
	}
	s.said = text
}

// refresh implements display.
func (s *sentences) refresh(*timeline.Timeline, time.Time) {}

// end implements display.
func (s *sentences) end(*timeline.Timeline, time.Time) {}

// clean is a text in one line without anything that a terminal would take for a command: what others have named may hold it.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, text)
}
