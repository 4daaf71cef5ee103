package report_test

import (
	"bytes"
	"encoding/base64"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/report"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline/timelinetest"
)

func pageOf(t *testing.T, events []event.Event) string {
	t.Helper()
	var b strings.Builder
	if err := report.HTML(&b, picture(events)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// elements are those of a page, in order.
func elements(t *testing.T, page string) []*html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var all []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			all = append(all, n)
		}
	}
	return all
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

// What a page is to somebody who hears it, or has no mouse: headings in order, tables that say what their columns are, a chart in words, and
// everything that scrolls can be reached.
func TestAPageIsAccessible(t *testing.T) {
	for _, kind := range timelinetest.Kinds() {
		t.Run(kind, func(t *testing.T) {
			level, ids, targets := 0, map[string]bool{}, []string{}
			count := map[string]int{}
			for _, n := range elements(t, pageOf(t, timelinetest.Recorded(t, kind))) {
				count[n.Data]++
				if id := attribute(n, "id"); id != "" {
					if ids[id] {
						t.Errorf("the ID %q is there twice", id)
					}
					ids[id] = true
				}
				for _, name := range []string{"aria-labelledby", "href"} {
					if v := attribute(n, name); v != "" {
						targets = append(targets, strings.Fields(strings.TrimPrefix(v, "#"))...)
					}
				}
				switch n.Data {
				case "h1", "h2", "h3":
					is := int(n.Data[1] - '0')
					if is > level+1 || text(n) == "" {
						t.Errorf("heading %d %q follows one of level %d", is, text(n), level)
					}
					level = is
				case "th":
					if attribute(n, "scope") == "" || n.Parent.Parent.Data == "thead" && text(n) == "" {
						t.Errorf("the header %q has no scope, or no words", text(n))
					}
				case "table":
					if n.FirstChild.Data != "caption" || text(n.FirstChild) == "" {
						t.Error("a table has no caption")
					}
				case "svg":
					if attribute(n, "role") != "img" || attribute(n, "aria-labelledby") == "" {
						t.Error("the chart has no words")
					}
				case "desc":
					if words := text(n); !strings.Contains(words, "set to") && !strings.Contains(words, "stayed at") {
						t.Errorf("the chart is described as %q", words)
					}
				case "div":
					if attribute(n, "class") == "scroll" && (attribute(n, "tabindex") != "0" || attribute(n, "role") != "region" || attribute(n, "aria-label") == "") {
						t.Error("what scrolls cannot be reached by keyboard, or has no name")
					}
				case "html":
					if attribute(n, "lang") != "en" {
						t.Error("the page does not say its language")
					}
				}
			}
			for _, id := range targets {
				if !ids[id] {
					t.Errorf("there is no %q", id)
				}
			}
			if count["h1"] != 1 || count["h2"] != 1 || count["main"] != 1 || count["svg"] != 1 || count["title"] != 2 {
				t.Errorf("there are %v", count)
			}
		})
	}
}

// A page asks nobody for anything: what could is not in it, and its policy forbids it.
func TestAPageIsSelfContained(t *testing.T) {
	page := pageOf(t, append(timelinetest.Recorded(t, "canary"), timelinetest.Recorded(t, "bluegreen")...))
	for _, n := range elements(t, page) {
		if slices.Contains([]string{"script", "link", "img", "iframe", "object", "embed", "use", "image", "form", "base"}, n.Data) {
			t.Errorf("there is a %s", n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" || a.Key == "srcset" || a.Key == "href" && !strings.HasPrefix(a.Val, "#") {
				t.Errorf("there is %s=%q", a.Key, a.Val)
			}
		}
	}
	for _, word := range []string{"http:", "https:", "@import", "url(", "@font-face"} {
		if strings.Contains(page, word) {
			t.Errorf("%q is in it", word)
		}
	}
	if !strings.Contains(page, `content="default-src 'none'; style-src 'unsafe-inline'`) {
		t.Error("it has no policy")
	}
	if size := len(page); size > 100_000 {
		t.Errorf("it has %d bytes", size)
	}
}

// hostile is what somebody who names things could write to be taken for the page's own.
const hostile = `</title></style></svg></script><script>alert(1)</script><img src=x onerror=alert(1)>" onload="x' {{.}} [x](javascript:alert(1)) @everyone | ` + "`" + `x` + "`" + ` http://evil.test #1`

// Whatever stands in a file is text.
func TestEverythingIsEscaped(t *testing.T) {
	at := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	zero, group := event.Size{}, event.Group{Group: hostile, GroupID: hostile, Image: hostile, Role: "live", Revision: 1, Size: event.Size{Maximum: 2, Target: 2, Minimum: 2, Unit: hostile}}
	weights := []event.Weight{{TargetGroup: hostile, Name: hostile, Percent: 100}}
	route := event.Route{ARN: hostile, Name: hostile, Weights: weights}
	step := event.Step{Step: "resize", Part: hostile, PhaseName: hostile, Group: hostile, GroupID: hostile, From: &zero, To: &group.Size, Why: hostile}
	var events []event.Event
	for i, f := range []event.Fact{
		event.Begun{Image: hostile, Groups: []event.Group{group}, Routes: []event.Route{route}, Plan: []event.Step{step}},
		event.StepBegun{Step: step}, event.StepFailed{Step: step, Took: 1, Error: hostile},
		event.Health{Group: hostile, Needed: 2, Reasons: []event.Reason{{Reason: hostile, Count: 1}}},
		event.Alarms{Alarms: []event.Alarm{{Name: hostile, State: "ALARM", Reason: hostile, Since: at.Add(time.Second)}}},
		event.Bake{Group: hostile, PhaseName: hostile, Left: 4, Of: 5},
		event.GoingBack{Why: hostile, Cause: hostile}, event.Notice{What: hostile, Text: hostile, Error: hostile},
		event.Ended{Outcome: hostile, Error: hostile, Warnings: []string{hostile}, Groups: []event.Group{group}, Routes: []event.Route{route}},
	} {
		events = append(events, event.Event{Time: at.Add(time.Duration(i) * time.Second), Deployment: hostile, Run: hostile, Fact: f})
	}
	page := pageOf(t, events)
	shown := 0
	for _, n := range elements(t, page) {
		switch n.Data {
		case "script", "img":
			t.Errorf("there is a %s", n.Data)
		case "title":
			if strings.Contains(text(n), "<script>alert(1)</script>") {
				shown++
			}
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") {
				t.Errorf("there is %s=%q", a.Key, a.Val)
			}
		}
	}
	if shown != 2 {
		t.Errorf("the titles show it %d times", shown)
	}
	var b strings.Builder
	if err := report.Markdown(&b, picture(events)); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"<", "@everyone", "[x]", "http://", " | `", " #1"} {
		if strings.Contains(strings.ReplaceAll(b.String(), "> ", ""), word) {
			t.Errorf("the comment has %q:\n%s", word, &b)
		}
	}
	for line := range strings.Lines(b.String()) {
		if columns := len(regexp.MustCompile(`(^|[^\\])\|`).FindAllString(line, -1)); strings.HasPrefix(line, "|") && columns != 5 {
			t.Errorf("a row has %d bars: %s", columns, line)
		}
	}
}

// Who reads a report learns no secret: events have none.
func TestNoSecretIsInAReport(t *testing.T) {
	for _, kind := range timelinetest.Kinds() {
		events := timelinetest.Events(t, kind)
		var b bytes.Buffer
		if err := report.Markdown(&b, picture(events)); err != nil {
			t.Fatal(err)
		}
		all := string(timelinetest.Lines(t, events)) + b.String() + pageOf(t, events)
		for _, secret := range []string{timelinetest.Token, timelinetest.SecretKey, timelinetest.UserData, base64.StdEncoding.EncodeToString([]byte(timelinetest.UserData))} {
			if strings.Contains(all, secret) {
				t.Errorf("%s: %q is in it", kind, secret)
			}
		}
	}
}

// Words and lines stand out from what is behind them, in both themes and on paper: WCAG 2.2 asks for 4.5 to 1 for text and 3 to 1 for lines.
func TestContrast(t *testing.T) {
	css, err := os.ReadFile("page.css")
	if err != nil {
		t.Fatal(err)
	}
	themes := regexp.MustCompile(`(?s):root \{(.*?)\}`).FindAllStringSubmatch(string(css), -1)
	if len(themes) != 3 {
		t.Fatalf("there are %d themes", len(themes))
	}
	for i, theme := range themes {
		colours := map[string]string{}
		for _, c := range regexp.MustCompile(`--(\w+): #([0-9a-f]{6})`).FindAllStringSubmatch(theme[1], -1) {
			colours[c[1]] = c[2]
		}
		for _, behind := range []string{"back", "shade"} {
			for _, name := range []string{"text", "quiet", "new", "previous", "other", "good", "bad"} {
				if ratio := contrast(t, colours[name], colours[behind]); ratio < 4.5 {
					t.Errorf("in theme %d %s on %s has a contrast of %.1f", i+1, name, behind, ratio)
				}
			}
		}
	}
}

// contrast is that of two colours, by WCAG 2.2's formula.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	luminance := func(hex string) float64 {
		sum := 0.0
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			n, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
			if err != nil {
				t.Fatal(err)
			}
			c := float64(n) / 255
			if c <= 0.04045 {
				c /= 12.92
			} else {
				c = math.Pow((c+0.055)/1.055, 2.4)
			}
			sum += weight * c
		}
		return sum
	}
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// A chart stays in its frame, however odd the numbers, and a rollout of a single moment has one.
func TestChartsStayInTheirFrame(t *testing.T) {
	at := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	for name, events := range map[string][]event.Event{
		"ended at once": {{Time: at, Deployment: "web", Run: "1", Fact: event.Ended{Outcome: "refused", Error: "no"}}},
		"out of order": {
			{Time: at, Deployment: "web", Run: "1", Fact: event.Begun{Groups: []event.Group{{Group: "web__1", Revision: 1, Role: "live", Size: event.Size{Target: 100_000}}}}},
			{Time: at.Add(-time.Hour), Deployment: "web", Run: "1", Fact: event.Health{Group: "web__1", InService: 200_000}},
		},
		"three weeks": {
			{Time: at, Deployment: "web", Run: "1", Fact: event.Begun{Groups: []event.Group{{Group: "web__1", Revision: 1, Role: "live", Size: event.Size{Target: 1}}}}},
			{Time: at.Add(500 * time.Hour), Deployment: "web", Run: "1", Fact: event.Ended{Outcome: "held"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			page := pageOf(t, events)
			if strings.Contains(page, "NaN") || strings.Contains(page, "Inf") || strings.Contains(page, "ZgotmplZ") {
				t.Error("a number is none")
			}
			numbers := regexp.MustCompile(`[MHV]-?([0-9.]+)| x[12]?="(-?[0-9.]+)"`)
			for _, m := range numbers.FindAllStringSubmatch(page, -1) {
				f, err := strconv.ParseFloat(m[1]+m[2], 64)
				if err != nil || f < 0 || f > 900 || strings.Contains(m[0], "-") {
					t.Errorf("%s stands outside", m[0])
				}
			}
			if n := strings.Count(page, `text-anchor="middle"`); n > 14 {
				t.Errorf("%s: the axis has %d labels", name, n)
			}
		})
	}
}
