package deployment_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// costTable is what something costs, as it is measured and as it was when it was committed: a row a line, its name first. The guide
// what-it-costs shows these tables as they are committed.
type costTable struct {
	t         *testing.T
	file      string
	committed string
	text      strings.Builder
}

func newCosts(t *testing.T, file string) *costTable {
	t.Helper()
	table := &costTable{t: t, file: filepath.Join("testdata", file)}
	committed, err := os.ReadFile(table.file)
	if err != nil && !*updateCosts {
		t.Fatal(err)
	}
	table.committed = string(committed)
	return table
}

func (c *costTable) line(format string, args ...any) { fmt.Fprintf(&c.text, format+"\n", args...) }

// holds fails the test if a figure is beyond its limit, or well beyond what it was: the field of that number, behind the row's name, times
// slack. Without slack it may be anything within its limit.
func (c *costTable) holds(row, what string, is, limit float64, field int, slack float64) {
	c.t.Helper()
	was, known := c.was(row, field)
	switch {
	case is > limit:
		c.t.Errorf("%s: %.3f %s, and %.2f is the limit", row, is, what, limit)
	case *updateCosts || slack == 0:
	case !known:
		c.t.Errorf("%s: there is no such row in %s. Write it: -update-costs", row, c.file)
	case is > was*slack:
		c.t.Errorf("%s: %.3f %s; it was %.3f. If that is meant: -update-costs", row, is, what, was)
	}
}

// was is a figure as it was committed.
func (c *costTable) was(row string, field int) (float64, bool) {
	for line := range strings.Lines(c.committed) {
		rest, found := strings.CutPrefix(line, row+" ")
		fields := strings.Fields(rest)
		if !found || len(fields) < field {
			continue
		}
		if figure, err := strconv.ParseFloat(strings.TrimSuffix(fields[field-1], "s"), 64); err == nil {
			return figure, true
		}
	}
	return 0, false
}

// done says what was measured, beside what was committed, or commits it.
func (c *costTable) done() {
	c.t.Helper()
	c.t.Logf("\n%s", c.text.String())
	if *updateCosts {
		if err := os.WriteFile(c.file, []byte(strings.TrimRight(c.text.String(), "\n")+"\n"), 0o644); err != nil {
			c.t.Fatal(err)
		}
		return
	}
	head, _, _ := strings.Cut(c.committed, "\n\n")
	c.t.Logf("and as it was committed:\n%s", head)
}

// wrapped breaks a text into lines of a page.
func wrapped(text string) string {
	var b strings.Builder
	width := 20
	for _, word := range strings.Fields(text) {
		if width += len(word) + 1; width > 96 {
			b.WriteString("\n  ")
			width = 2 + len(word)
		} else if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	return b.String()
}
