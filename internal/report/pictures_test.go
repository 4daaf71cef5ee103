package report_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/golden"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline/timelinetest"
)

// The pictures of the documentation are what is made: make pictures makes them anew. They are a whole page, and its chart alone.
func TestPictures(t *testing.T) {
	css, err := os.ReadFile("page.css")
	if err != nil {
		t.Fatal(err)
	}
	for name, kind := range map[string]string{"report-going-back": "failing", "report-blue-green": "bluegreen",
		"rollout-basic": "basic", "rollout-canary": "canary", "rollout-switch": "switch", "rollout-holding": "holding", "rollout-unhealthy": "unhealthy"} {
		page := pageOf(t, timelinetest.Recorded(t, kind))
		begin, end := strings.Index(page, "<svg "), strings.Index(page, "</svg>")
		chart := strings.Replace(page[begin:end], "<svg ", `<svg xmlns="http://www.w3.org/2000/svg" `, 1)
		behind := `<rect width="900" height="100%" class="paper"/>`
		head := strings.Index(chart, "</desc>") + len("</desc>")
		chart = chart[:head] + "\n<style>" + string(css) + "\nsvg .paper { fill: var(--back); }</style>\n" + behind + chart[head:] + "</svg>\n"
		pictureOf(t, name+".svg", chart)
	}
	pictureOf(t, "report.html", pageOf(t, timelinetest.Recorded(t, "failing")))
}

func pictureOf(t *testing.T, name, got string) {
	t.Helper()
	golden.Compare(t, filepath.Join("..", "..", "pictures", name), got, "make pictures")
}
