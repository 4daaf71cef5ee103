package rollout

import (
	"fmt"
	"strings"
)

// width is the most columns that a line of a plan takes: Terraform indents it, and a pull request shows about 120.
const width = 99

// Text is the run as a reviewer reads it: an aligned table, a line a step, under 100 columns.
func (p Preview) Text() string {
	var t table
	before, after := CastOf(p.Start), CastOf(p.End)
	last := p.Steps[len(p.Steps)-1]
	switch {
	case p.deployment.Gone:
		t.row("destroy", "", fmt.Sprintf("%s, all of it", p.deployment.Name))
	case last.Kind == Refuse:
		t.row("refused", "", last.Why)
		return t.String()
	case p.NewRevision() && before.Live == nil:
		t.row("basic", "", "first deployment", "-> "+p.promise(after.Live))
	case p.NewRevision():
		t.row("basic", "", p.promise(before.Live), "-> "+p.promise(after.Live))
	case before.Candidate != nil && after.Live != nil && after.Live.ID == before.Candidate.ID:
		t.row("goes on", "", standing(before.Live), "-> "+p.promise(after.Live))
	case before.Candidate != nil && before.Live != nil:
		t.row("goes back", "", standing(before.Candidate), "-> "+p.promise(after.Live))
	}
	p.rows(&t)
	p.keeps(&t, after)
	p.wayBack(&t, before, after)
	return t.String()
}

// promise is a revision as it will be, standing as it is.
func (p Preview) promise(g *Group) string {
	if g == nil {
		return "nothing"
	}
	return fmt.Sprintf("%s (%s, %s)", g.Name, g.ImageID, instances(g.Capacity.Target))
}

func standing(g *Group) string {
	if g == nil {
		return "first deployment"
	}
	return fmt.Sprintf("%s (%s, %s)", g.Name, g.ImageID, instances(g.Capacity.Target))
}

func instances(n int) string {
	if n == 1 {
		return "1 instance"
	}
	return fmt.Sprintf("%d instances", n)
}

// rows writes a row for every change, those of the deploy phase on one line as they depend on each other.
func (p Preview) rows(t *table) {
	for i := 0; i < len(p.Steps); i++ {
		s := p.Steps[i]
		phase := string(s.Phase)
		switch s.Kind {
		case Create:
			where := ""
			if len(s.Group.TargetGroups) > 0 {
				where = " in target group " + strings.Join(s.Group.TargetGroups, ", ")
			}
			t.row(phase, s.Group.Name, "created at 0"+where)
		case Delete:
			t.row(phase, s.Group.Name, "deleted", s.Why)
		case Resize:
			if s.Phase != Deploy {
				t.row(phase, s.Group.Name, resized(s), s.Why)
				break
			}
			cells := []string{resized(s)}
			for i+1 < len(p.Steps) && p.Steps[i+1].Phase == Deploy {
				i++
				next := p.Steps[i]
				switch {
				case next.Kind != Resize:
				case next.Group.Capacity.Target == next.Capacity.Target && !next.Capacity.Pinned():
					cells = append(cells, fmt.Sprintf("%s minimum %d, maximum %d", next.Group.Name, next.Capacity.Minimum, next.Capacity.Maximum))
				default:
					cells = append(cells, fmt.Sprintf("then %s %s", next.Group.Name, resized(next)))
				}
			}
			if p.deployment.ResizeOrder == PreviousFirst && CastOf(p.Start).Live != nil {
				cells = append(cells, "nothing serves in between")
			}
			t.row(phase, s.Group.Name, cells...)
		}
	}
}

func resized(s Step) string {
	from, to := s.Group.Capacity, s.Capacity
	text := fmt.Sprintf("%d -> %d", from.Target, to.Target)
	if from.Target == to.Target {
		text = fmt.Sprintf("stays at %d", to.Target)
	}
	if !to.Pinned() || s.Phase == InPlace {
		text += fmt.Sprintf(" (minimum %d, maximum %d)", to.Minimum, to.Maximum)
	}
	return text
}

// keeps says which revisions stay for a quick return.
func (p Preview) keeps(t *table, after Cast) {
	if !p.NewRevision() && StatusOf(p.Start) == Stable || p.deployment.Gone {
		return
	}
	var names []string
	for i := len(after.Others) - 1; i >= 0; i-- {
		names = append(names, after.Others[i].Name)
	}
	if len(names) > 0 {
		t.row(string(After), "", strings.Join(names, ", ")+" kept at 0")
	}
}

// wayBack says what happens if the release fails.
func (p Preview) wayBack(t *table, before, after Cast) {
	if after.Live == nil || before.Live != nil && after.Live.ID == before.Live.ID {
		return
	}
	switch {
	case p.deployment.OnFailure == Hold:
		t.row("on failure", "", "everything stays as it is then")
	case before.Live == nil:
		t.row("on failure", "", after.Live.Name+" deleted")
	default:
		had := before.Live.Capacity
		if before.Candidate != nil && before.journal.Previous == before.Live.ID && !before.untouched() {
			had = before.journal.PreviousCapacity
		}
		t.row("on failure", "", fmt.Sprintf("%s back to %s, %s deleted", before.Live.Name, had, after.Live.Name))
	}
}

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
func (t *table) String() string {
	first, second := 0, 0
	for _, l := range t.lines {
		first, second = max(first, len(l.phase)), max(second, len(l.group))
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
