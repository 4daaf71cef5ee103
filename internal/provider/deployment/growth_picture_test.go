package deployment_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/golden"
)

// The picture of how plans grow shows what is committed: make pictures draws it anew. It looks like the charts of the report, whose style it has.
func TestPictureOfGrowth(t *testing.T) {
	css, err := os.ReadFile(filepath.Join("..", "..", "report", "page.css"))
	if err != nil {
		t.Fatal(err)
	}
	table := newCosts(t, "growth.txt")
	figures := func(foreign, field int) (all []float64) {
		for _, deployments := range workspaces {
			figure, known := table.was(growthRow(deployments, foreign), field)
			if !known {
				t.Fatalf("%s has no row of %d deployments among %d", table.file, deployments, foreign)
			}
			all = append(all, figure)
		}
		return all
	}
	live := growthPanel{top: 8, title: "MiB live", lines: []growthLine{
		{"new", "5,000 others", figures(5000, 8)}, {"previous", "1,000 others", figures(1000, 8)}, {"other", "no others", figures(0, 8)},
	}}
	calls := growthPanel{top: 226, title: "calls", lines: []growthLine{{"new", "all calls", figures(5000, 3)}, {"previous", "lists of groups", figures(5000, 1)}}}

	var b strings.Builder
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 444" width="900" height="444" role="img" aria-labelledby="growth-title growth-words" font-family="sans-serif" font-size="12" fill="currentColor">
<title id="growth-title">What a plan takes, by the deployments of the workspace</title>
<desc id="growth-words">` + live.said() + " " + calls.said() + `</desc>
<style>` + string(css) + `
svg .paper { fill: var(--back); }</style>
<rect width="900" height="100%" class="paper"/>
`)
	live.draw(&b)
	calls.draw(&b)
	b.WriteString("<text class=\"panel\" x=\"397\" y=\"438\" text-anchor=\"middle\">deployments of one workspace</text>\n</svg>\n")
	golden.Compare(t, filepath.Join("..", "..", "..", "pictures", "growth.svg"), b.String(), "make pictures")
}

// growthLine is how something grows, a figure for each of the workspaces.
type growthLine struct {
	kind, name string
	figures    []float64
}

// growthPanel is one chart above another, of lines with one scale.
type growthPanel struct {
	top   int
	title string
	lines []growthLine
}

const (
	panelLeft, panelRight, panelHeight = 44, 750, 176
	largest                            = 500 // deployments, at the right edge
)

// said is what the panel shows, in words.
func (p growthPanel) said() string {
	var words []string
	for _, line := range p.lines {
		words = append(words, fmt.Sprintf("%s %g at %d deployments, %g at %d", line.name, line.figures[0], workspaces[0], line.figures[len(line.figures)-1], largest))
	}
	return p.title + ": " + strings.Join(words, "; ") + "."
}

// scale is the upper end of the scale and the step between its lines: the first of 1, 2, 5, 10, … that five steps of are enough.
func (p growthPanel) scale() (end, step float64) {
	most := 0.0
	for _, line := range p.lines {
		for _, figure := range line.figures {
			most = max(most, figure)
		}
	}
	for unit := 1.0; ; unit *= 10 {
		for _, times := range []float64{1, 2, 5} {
			if step = unit * times; step*5 >= most {
				for end < most {
					end += step
				}
				return end, step
			}
		}
	}
}

func (p growthPanel) draw(b *strings.Builder) {
	end, step := p.scale()
	bottom := p.top + panelHeight
	y := func(figure float64) float64 { return float64(bottom) - figure/end*panelHeight*0.95 }
	x := func(deployments int) float64 { return panelLeft + float64(deployments)/largest*(panelRight-panelLeft) }
	fmt.Fprintf(b, "<rect class=\"band shaded\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\"/>\n", panelLeft, p.top, panelRight-panelLeft, panelHeight)
	for at := 0.0; at <= end; at += step {
		fmt.Fprintf(b, "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#bbbbbb\" stroke-width=\"1\"/><text x=\"%d\" y=\"%.1f\" dy=\"4\" text-anchor=\"end\">%g</text>\n",
			panelLeft, panelRight, y(at), y(at), panelLeft-6, y(at), at)
	}
	middle := p.top + panelHeight/2
	fmt.Fprintf(b, "<text class=\"panel\" transform=\"rotate(-90 12 %d)\" x=\"12\" y=\"%d\" text-anchor=\"middle\">%s</text>\n", middle, middle, p.title)
	for _, deployments := range []int{0, 100, 200, 300, 400, 500} {
		fmt.Fprintf(b, "<text x=\"%.1f\" y=\"%d\" dy=\"17\" text-anchor=\"middle\">%d</text>\n", x(deployments), bottom, deployments)
	}
	for _, line := range p.lines {
		var path strings.Builder
		for i, figure := range line.figures {
			fmt.Fprintf(&path, "%c%.1f %.1f", "ML"[min(i, 1)], x(workspaces[i]), y(figure))
			fmt.Fprintf(b, "<circle class=\"area %s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>", line.kind, x(workspaces[i]), y(figure))
		}
		last := line.figures[len(line.figures)-1]
		fmt.Fprintf(b, "\n<path class=\"line %s\" d=\"%s\" fill=\"none\" stroke=\"#333333\" stroke-width=\"2.5\"/><text class=\"name %s\" x=\"%d\" y=\"%.1f\" dy=\"4\">%s</text>\n",
			line.kind, path.String(), line.kind, panelRight+6, y(last), line.name)
	}
}
