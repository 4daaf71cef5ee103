package pages

import (
	"strings"
	"testing"

	"github.com/golangci/misspell"
)

// TestSpelling looks for the commonest misspelt words in all pages.
func TestSpelling(t *testing.T) {
	r := misspell.New()
	r.Compile()
	for page, text := range pages(t) {
		_, found := r.Replace(withoutCode(text))
		for _, d := range found {
			if !strings.Contains(d.FullLine, "http") {
				t.Errorf("%s:%d: %q should be %q", page, d.Line, d.Original, d.Corrected)
			}
		}
	}
	if _, found := r.Replace("it is recieved"); len(found) != 1 {
		t.Error("nothing is found")
	}
}
