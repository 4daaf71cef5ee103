package timeline

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	// mostRows is how many phases a table shows at the most, and widest how many columns a row of it may have.
	mostRows = 8
	widest   = 110
)

// Table has a row for each phase so far: what has become of it, how long it took, and what it waited for. Each ends with a line break. Of many
// phases those in the middle are left out, those in which tags were written alone are, too, and a row that is too long is cut. It is "" where no step was begun.
func (r *Rollout) Table(now time.Time) string {
	phases := slices.DeleteFunc(r.Phases(now), Phase.notes)
	name, state := 0, 0
	for _, p := range phases {
		name, state = max(name, utf8.RuneCountInString(p.Name)), max(state, len(p.State))
	}
	var b strings.Builder
	for i, p := range phases {
		if left := len(phases) - mostRows + 1; left > 1 && i >= mostRows/3 && i < mostRows/3+left {
			if i == mostRows/3 {
				fmt.Fprintf(&b, "… %d more\n", left)
			}
			continue
		}
		row := fmt.Sprintf("%-*s  %-*s  %6s  %s", name, p.Name, state, p.State, Brief(p.Took), p.WaitedFor(now))
		b.WriteString(cut(strings.TrimRight(row, " "), widest) + "\n")
	}
	return b.String()
}

// notes tells whether nothing but tags was written in a phase.
func (p Phase) notes() bool {
	return p.State == Done && !slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Step.Step != "record" && s.Step.Step != "remember" })
}

// WaitedFor is what a phase waited for, and how long: "web__2: 26s not registered in web, 30s initial; bake 5m". What took no time is left out.
func (p Phase) WaitedFor(now time.Time) string {
	var parts []string
	for _, s := range p.Steps {
		took := Brief(s.took(now))
		switch {
		case s.Step.Step == "bake":
			parts = append(parts, "bake "+took)
		case s.Step.Step == "settle":
			parts = append(parts, "traffic settles "+took)
		case s.Step.Step == "await_checks":
			parts = append(parts, "checks "+took)
		case s.Count == nil, s.took(now) < time.Second && s.State == Done:
		case s.Reasons() != "":
			parts = append(parts, s.Group+": "+s.Reasons())
		case s.Step.Step == "await_drained":
			parts = append(parts, s.Group+": "+took+" until its instances were gone")
		default:
			parts = append(parts, s.Group+": "+took+" until it served")
		}
	}
	return strings.Join(parts, "; ")
}

// Reasons is what a wait was for: "40s not launched yet, 35s initial".
func (s Step) Reasons() string {
	var parts []string
	for _, w := range s.Waited {
		parts = append(parts, Brief(time.Duration(w.Took*float64(time.Second)))+" "+w.Reason)
	}
	return strings.Join(parts, ", ")
}

// took is how long the step took, until now if it is open.
func (s Step) took(now time.Time) time.Duration {
	if s.State == Open {
		return max(now.Sub(s.Began), 0)
	}
	return time.Duration(s.Took * float64(time.Second))
}

// cut cuts a text to so many characters.
func cut(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}
