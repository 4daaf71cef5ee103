package report_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/browsertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline/timelinetest"
)

// The page in a real browser: it asks for nothing but itself, says nothing on the console, is dark where that is preferred, its chart has
// the colours of its theme, everything is reached and opened by keyboard, it fits a phone, and it prints whole.
func TestThePageInABrowser(t *testing.T) {
	tab := browsertest.Open(t)
	file := filepath.Join(t.TempDir(), "rollout.html")
	events := append(timelinetest.Recorded(t, "failing"), timelinetest.Recorded(t, "bluegreen")...)
	if err := os.WriteFile(file, []byte(pageOf(t, events)), 0o600); err != nil {
		t.Fatal(err)
	}
	address := (&url.URL{Scheme: "file", Path: file}).String()
	tab.Do(chromedp.Navigate(address), chromedp.WaitVisible(chromedp.CSS("h1")))

	t.Run("themes", func(t *testing.T) {
		seen := map[string]bool{}
		for _, theme := range []string{"light", "dark"} {
			tab.Prefers("", theme)
			seen[tab.Value(`getComputedStyle(document.body).backgroundColor`)] = true
			seen[tab.Value(`getComputedStyle(document.querySelector("svg .line.new")).stroke`)] = true
			seen[tab.Value(`getComputedStyle(document.querySelector("svg .line.previous")).stroke`)] = true
			seen[tab.Value(`getComputedStyle(document.querySelector("svg text")).fill`)] = true
		}
		if len(seen) != 8 {
			t.Errorf("both themes together have %d of 8 colours: %v", len(seen), seen)
		}
	})
	t.Run("keyboard", func(t *testing.T) {
		var order []string
		for range 60 {
			tab.Do(chromedp.KeyEvent(kb.Tab))
			at := tab.Value(`document.activeElement === document.body ? "" : document.activeElement.tagName + " " + (document.activeElement.getAttribute("aria-label") || document.activeElement.textContent)`)
			if at == "" {
				break
			}
			order = append(order, at)
			if outline := tab.Value(`getComputedStyle(document.activeElement).outlineStyle`); outline == "none" {
				t.Errorf("nothing shows that %q has the focus", at)
			}
		}
		if all := tab.Value(`[...document.querySelectorAll("a, summary, .scroll")].filter(e => e.checkVisibility()).length`); fmt.Sprint(len(order)) != all || order[0] != "A Skip to the content" || !strings.HasPrefix(order[1], "A shop") {
			t.Errorf("the keyboard reaches %q", order)
		}
		// A summary opens by a key.
		tab.Do(chromedp.Focus(chromedp.CSS("summary")), chromedp.KeyEvent(kb.Enter))
		if tab.Value(`document.querySelector("details").open`) != "true" {
			t.Error("Enter does not open the numbers")
		}
		// The link that skips leads to the content.
		tab.Do(chromedp.Focus(chromedp.CSS(".skip")), chromedp.KeyEvent(kb.Enter))
		if at := tab.Value(`document.activeElement.id`); at != "content" {
			t.Errorf("the link that skips leads to %q", at)
		}
	})
	t.Run("phone", func(t *testing.T) {
		tab.Do(chromedp.EmulateViewport(360, 740))
		if wide := tab.Value(`document.documentElement.scrollWidth > 360`); wide != "false" {
			t.Errorf("it is %s wide on a phone of 360", tab.Value(`document.documentElement.scrollWidth`))
		}
		tab.Do(chromedp.EmulateViewport(1100, 900))
	})
	t.Run("accessibility tree", func(t *testing.T) {
		if words := tab.Value(`document.querySelector("svg desc").textContent`); !strings.Contains(words, "shop__2 was set to 0, then 4") {
			t.Errorf("the chart says %q", words)
		}
	})
	t.Run("paper", func(t *testing.T) {
		tab.Prefers("print", "dark")
		if back := tab.Value(`getComputedStyle(document.body).backgroundColor`); back != "rgb(255, 255, 255)" {
			t.Errorf("it prints on %s", back)
		}
		pdf, err := chromedp.Run(tab.Context(), chromedp.PrintToPDF())
		if err != nil || len(pdf) < 10_000 {
			t.Errorf("its PDF has %d bytes: %v", len(pdf), err)
		}
	})
	if asked := tab.Asked(); len(asked) != 1 || asked[0] != address {
		t.Errorf("it asks for %q", asked)
	}
	if said := tab.Said(); len(said) > 0 {
		t.Errorf("the console says %q", said)
	}
}
