package sandbox_test

import (
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/browsertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// The page in a real browser: it draws a group that comes up, its buttons do what they say and tell so, it keeps the focus where it was
// while it redraws, both themes have colours of their own, and nobody outside is asked.
func TestThePageInABrowser(t *testing.T) {
	tab := browsertest.Open(t)
	w := sandbox.New(sandbox.Default(), sandbox.Speed(600))
	if _, err := w.AddGroup(sandbox.ExampleGroup()); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	group := func() sandbox.Group {
		g, ok := w.Group("web")
		if !ok {
			t.Fatal("there is no group web")
		}
		return g
	}
	appears := func(selector string) {
		t.Helper()
		tab.Until("document.querySelector(" + strconv.Quote(selector) + ") !== null")
	}
	// In one go, for what is found may be drawn anew before it is pressed.
	press := func(selector string) {
		t.Helper()
		appears(selector)
		tab.Value("document.querySelector(" + strconv.Quote(selector) + ").click()")
	}
	tab.Do(chromedp.Navigate(server.URL + "/"))
	appears(`path[data-group="web"]`)

	t.Run("buttons", func(t *testing.T) {
		target := group().Target
		press(`button[aria-label="One more: web"]`)
		tab.Until(`document.getElementById("said").textContent === "Done: One more: web"`)
		if is := group().Target; is != target+1 {
			t.Errorf("the target is %d, want %d", is, target+1)
		}
		press(`button[aria-label="Raise the alarm: web-5xx"]`)
		appears(`button[aria-label="Clear the alarm: web-5xx"]`)
		press(`button[aria-label="Throttle a tenth of all calls"]`)
		appears(`button[aria-label="Throttle a tenth of all calls"][aria-pressed="true"]`)
		killed := group().Instances[0].ID
		press(`button[aria-label="Kill an instance: web"]`)
		tab.Until(`document.getElementById("said").textContent === "Done: Kill an instance: web"`)
		for _, i := range group().Instances {
			if i.ID == killed && i.State == "running" && !i.Leaving {
				t.Errorf("instance %s runs on", killed)
			}
		}
	})
	t.Run("an image goes bad", func(t *testing.T) {
		tab.Value(`(s => { s.value = "crash"; s.dispatchEvent(new Event("change", {bubbles: true})); })(document.querySelector('select[data-image="ami-0a10000000000001"]'))`)
		tab.Until(`document.getElementById("said").textContent === "Done: ami-0a10000000000001 behaves crash"`)
	})
	t.Run("a refusal is said", func(t *testing.T) {
		tab.Value(`call("POST", "alarms", '{"name":"none","state":"OK"}', "An alarm")`)
		tab.Until(`document.getElementById("said").className === "wrong" && document.getElementById("said").textContent.includes('there is no alarm "none"')`)
	})
	t.Run("the focus stays", func(t *testing.T) {
		tab.Value(`document.querySelector('button[aria-label="One more: web"]').focus()`)
		tab.Do(chromedp.KeyEvent(kb.Enter))
		tab.Until(`document.getElementById("said").textContent === "Done: One more: web"`)
		tab.Until(`document.activeElement.getAttribute("aria-label") === "One more: web"`)
	})
	t.Run("themes", func(t *testing.T) {
		seen := map[string]bool{}
		for _, theme := range []string{"light", "dark"} {
			tab.Prefers("", theme)
			seen[tab.Value(`getComputedStyle(document.body).backgroundColor`)] = true
			seen[tab.Value(`getComputedStyle(document.querySelector("path.line")).stroke`)] = true
		}
		if len(seen) != 4 {
			t.Errorf("both themes together have %d of 4 colours: %v", len(seen), seen)
		}
	})
	t.Run("words for the chart", func(t *testing.T) {
		if words := tab.Value(`document.getElementById("chart-words").textContent`); !strings.Contains(words, "web: ") {
			t.Errorf("the chart says %q", words)
		}
	})
	t.Run("the sandbox ends", func(t *testing.T) {
		server.Close()
		tab.Until(`document.getElementById("said").textContent.startsWith("The sandbox does not answer")`)
	})
	for _, address := range tab.Asked() {
		if !strings.HasPrefix(address, server.URL+"/") {
			t.Errorf("it asks %s", address)
		}
	}
}
