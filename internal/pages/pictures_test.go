package pages

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// shown is a picture of ours on a page: by a path on README, by its address where the registry takes it from; or a page of ours that is linked.
var shown = regexp.MustCompile(`\((?:` + regexp.QuoteMeta(raw) + `)?(pictures/[^)\s]+)\)|/blob/main/(pictures/[^)\s]+)\)`)

// TestPictures follows each picture both ways: a page shows it, and a test draws it and compares, so that none shows what is no more.
func TestPictures(t *testing.T) {
	drawing := drawers(t)
	on := map[string]string{}
	for page, text := range pages(t) {
		for _, m := range shown.FindAllStringSubmatch(text, -1) {
			on[m[1]+m[2]] = page
		}
	}
	files, err := filepath.Glob(filepath.Join(root, "pictures", "*"))
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, file := range files {
		name := "pictures/" + filepath.Base(file)
		there[name] = true
		if on[name] == "" {
			t.Errorf("no page shows %s", name)
		}
		if !drawn(drawing, name) {
			t.Errorf("no test draws %s", name)
		}
	}
	for name, page := range on {
		if !there[name] {
			t.Errorf("%s shows %s, and there is none", page, name)
		}
	}
	if len(there) < 10 {
		t.Errorf("there are only %d pictures", len(there))
	}
	if drawn(drawing, "pictures/another.svg") {
		t.Error("a picture that nobody draws is said to be drawn")
	}
}

// drawers are the tests that compare with what is in pictures/, as they are written.
func drawers(t *testing.T) (all []string) {
	files, err := filepath.Glob(filepath.Join(root, "internal", "*", "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	deeper, err := filepath.Glob(filepath.Join(root, "internal", "*", "*", "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, deeper...) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), `"pictures"`) {
			all = append(all, string(text))
		}
	}
	return all
}

// drawn tells whether one of these tests has the picture's name in it, with its ending or without.
func drawn(drawing []string, picture string) bool {
	name := filepath.Base(picture)
	for _, text := range drawing {
		if strings.Contains(text, `"`+name+`"`) || strings.Contains(text, `"`+strings.TrimSuffix(name, filepath.Ext(name))+`"`) {
			return true
		}
	}
	return false
}
