package pages

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	links    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	headings = regexp.MustCompile(`(?m)^#+ (.*)$`)
	anchors  = regexp.MustCompile(`<a id="([^"]+)"`)
)

const home = "https://github.com/elastigroup/terraform-provider-elastigroup/"

// TestLinks follows each link from page to page, and to files of this repository: there is a page, and a heading.
func TestLinks(t *testing.T) {
	all := pages(t)
	followed := 0
	for page, text := range all {
		for _, m := range links.FindAllStringSubmatch(withoutCode(text), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if rest, ok := strings.CutPrefix(target, home); ok {
				parts := strings.SplitN(rest, "/", 3)
				if len(parts) < 3 || parts[0] != "tree" && parts[0] != "blob" {
					continue // issues, discussions
				}
				target = "/" + parts[2]
			} else if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			followed++
			file := path.Join(path.Dir(page), target)
			if strings.HasPrefix(target, "/") {
				file = target[1:]
			}
			if target == "" {
				file = page
			}
			there, isPage := all[file]
			if !isPage {
				there, isPage = all[file+".md"] // the registry leaves the ending out
			}
			if !isPage {
				if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(file))); err != nil {
					t.Errorf("%s: %s leads nowhere", page, m[1])
				}
				continue
			}
			if anchor != "" && !hasAnchor(there, anchor) {
				t.Errorf("%s: %s has no heading %q", page, file, anchor)
			}
		}
	}
	if followed < 100 {
		t.Errorf("only %d links were followed", followed)
	}
}

// withoutCode leaves out code blocks.
func withoutCode(text string) string {
	parts := strings.Split(text, "```")
	var kept strings.Builder
	for n, part := range parts {
		if n%2 == 0 {
			kept.WriteString(part)
		}
	}
	return kept.String()
}

func hasAnchor(text, anchor string) bool {
	for _, m := range headings.FindAllStringSubmatch(text, -1) {
		if slug(m[1]) == anchor {
			return true
		}
	}
	for _, m := range anchors.FindAllStringSubmatch(text, -1) {
		if m[1] == anchor {
			return true
		}
	}
	return false
}

var slugged = regexp.MustCompile(`[^\pL\pN _-]`)

// slug is a heading's anchor.
func slug(heading string) string {
	return strings.ReplaceAll(slugged.ReplaceAllString(strings.ToLower(strings.TrimSpace(heading)), ""), " ", "-")
}
