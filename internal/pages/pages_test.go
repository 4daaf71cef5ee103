package pages

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// root is the repository.
const root = "../.."

// block is a code block of a page.
type block struct {
	page, language, text string
	line                 int
}

func (b block) String() string { return fmt.Sprintf("%s:%d", b.page, b.line) }

// pages are README and everything in docs/, as it is published.
func pages(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, pattern := range []string{"*.md", ".github/*.md", "docs/*.md", "docs/*/*.md"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			name, err := filepath.Rel(root, file)
			if err != nil {
				t.Fatal(err)
			}
			all[filepath.ToSlash(name)] = string(text)
		}
	}
	if len(all) < 20 {
		t.Fatalf("there are only %d pages", len(all))
	}
	return all
}

// blocks are all code blocks of the pages.
func blocks(t *testing.T) []block {
	t.Helper()
	var all []block
	for page, text := range pages(t) {
		var open *block
		for n, line := range strings.Split(text, "\n") {
			trimmed := strings.TrimSpace(line)
			switch {
			case open == nil && strings.HasPrefix(trimmed, "```"):
				open = &block{page: page, language: strings.TrimPrefix(trimmed, "```"), line: n + 1}
			case open != nil && trimmed == "```":
				all, open = append(all, *open), nil
			case open != nil:
				open.text += line + "\n"
			}
		}
		if open != nil {
			t.Errorf("%s: a code block is not closed", open)
		}
	}
	return all
}
