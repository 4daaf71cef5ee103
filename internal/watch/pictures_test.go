package watch

import (
	"fmt"
	"html"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/golden"
)

// The pictures of the documentation are what is drawn: make pictures draws them anew.
func TestPictures(t *testing.T) {
	for name, at := range map[string]struct {
		kind, says string
		nth        int
	}{
		"watch-canary":     {"canary", "web__2 1 of 2 in service: 1 initial", 1},
		"watch-blue-green": {"bluegreen", "shop__2 bakes at 50 %", 3},
		"watch-going-back": {"failing", "web__1 2 of 4 in service: 2 initial", 1},
	} {
		t.Run(name, func(t *testing.T) {
			tl, now := until(t, at.kind, at.says, at.nth)
			lines := view{width: 96, style: style{colours: true}}.lines(tl, now.Add(4*time.Second))
			golden.Compare(t, filepath.Join("..", "..", "pictures", name+".svg"), drawn(lines), "make pictures")
		})
	}
}

var codeOf = regexp.MustCompile("\x1b\\[([0-9]*)m([^\x1b]*)")

// drawn is a terminal's window as an SVG, and its text as what it is called.
func drawn(lines []string) string {
	const line, letter = 19, 8.43
	colours := map[string]string{"32": "#7fdc95", "31": "#ff9289", "36": "#6fd3e0", "33": "#f5c860", "1": "#ffffff", "2": "#a6adb5"}
	var b strings.Builder
	width, height := 842, len(lines)*line+24
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" aria-labelledby=\"t\">\n", width, height, width, height)
	fmt.Fprintf(&b, "<title id=\"t\">%s</title>\n", html.EscapeString(escapes.ReplaceAllString(strings.Join(lines, "\n"), "")))
	fmt.Fprintf(&b, "<rect width=\"%d\" height=\"%d\" rx=\"8\" fill=\"#14171a\"/>\n<g font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"14\" fill=\"#e9ebee\" xml:space=\"preserve\">\n", width, height)
	for i, text := range lines {
		column := 0
		for _, m := range codeOf.FindAllStringSubmatch("\x1b[0m"+text, -1) {
			if word := strings.TrimSpace(m[2]); word != "" {
				from := column + columns(m[2][:strings.Index(m[2], word)])
				fill, weight := "", ""
				if c := colours[m[1]]; c != "" {
					fill = ` fill="` + c + `"`
				}
				if m[1] == "1" {
					weight = ` font-weight="bold"`
				}
				fmt.Fprintf(&b, "<text x=\"%.1f\" y=\"%d\" textLength=\"%.1f\"%s%s>%s</text>\n", 16+float64(from)*letter, 26+i*line, float64(columns(word))*letter, fill, weight, html.EscapeString(strings.ReplaceAll(word, " ", "\u00a0")))
			}
			column += columns(m[2])
		}
	}
	b.WriteString("</g>\n</svg>\n")
	return b.String()
}
