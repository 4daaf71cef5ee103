package rollout

import (
	"fmt"
	"strings"
)

// table lays out rows of a phase, a group and cells. A phase is named once.
type table struct{ lines []line }

type line struct {
	phase, group string
	cells        []string
}

func (t *table) row(phase, group string, cells ...string) {
	var written []string
	for _, c := range cells {
		if c != "" {
			written = append(written, c)
		}
	}
	t.lines = append(t.lines, line{phase, group, written})
}

// String aligns the columns. A line that would be too long goes on below, under its first cell.
//
// In the table of a release the column of the groups has a width of its own, which a longer name exceeds in its own line alone: or a leftover
// that goes would move every line of the plan, and the diff of two releases would mark them all.
func (t *table) String() string {
	first, second, release := 0, 0, false
	for _, l := range t.lines {
		first, second = max(first, len(l.phase)), max(second, len(l.group))
		release = release || l.group == calledNew || l.group == calledPrevious
	}
	if release {
		second = len(calledPrevious)
	}
	var b strings.Builder
	phase := ""
	for _, l := range t.lines {
		label := l.phase
		if label == phase {
			label = ""
		}
		phase = l.phase
		start := fmt.Sprintf("%-*s", first, label)
		if l.group != "" {
			start += fmt.Sprintf("   %-*s", second, l.group)
		}
		text := start
		for i, c := range l.cells {
			gap := "   "
			if strings.HasPrefix(c, "-> ") {
				gap = " "
			}
			if i > 0 && len(text)+len(gap)+len(c) > width {
				b.WriteString(text + "\n")
				text = strings.Repeat(" ", len(start))
				gap = "   "
			}
			text = fold(&b, text, gap+c, len(start))
		}
		b.WriteString(strings.TrimRight(text, " ") + "\n")
	}
	return b.String()
}

// fold puts a cell behind a text. Where it does not fit, whole lines go out, and what is left stands below the cell's start.
func fold(b *strings.Builder, text, cell string, indent int) string {
	for len(text)+len(cell) > width {
		room := max(width-len(text), 0)
		words := len(cell) - len(strings.TrimLeft(cell, " "))
		cut := strings.LastIndex(cell[:room+1], " ")
		if cut < words {
			// A word that is longer than a line stays whole.
			next := strings.Index(cell[words:], " ")
			if next < 0 {
				break
			}
			cut = words + next
		}
		b.WriteString(text + cell[:cut] + "\n")
		text, cell = strings.Repeat(" ", indent), "   "+cell[cut+1:]
	}
	return text + cell
}
