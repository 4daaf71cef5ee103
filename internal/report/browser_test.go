package report_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline/timelinetest"
)

// browser is a tab of a headless browser. A test that needs one is skipped where there is none.
func browser(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes seconds to start")
	}
	var path string
	for _, name := range []string{os.Getenv("BROWSER_PATH"), "chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil && name != "" {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("there is no chromium or google-chrome on the PATH, and BROWSER_PATH names none: nothing is tested in a browser")
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.WSURLReadTimeout(time.Minute))
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(closeTab)
	ctx, late := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(late)
	return ctx
}

// The page in a real browser: it asks for nothing but itself, says nothing on the console, is dark where that is preferred, its chart has
// the colours of its theme, everything is reached and opened by keyboard, it fits a phone, and it prints whole.
func TestThePageInABrowser(t *testing.T) {
	ctx := browser(t)
	file := filepath.Join(t.TempDir(), "rollout.html")
	events := append(timelinetest.Recorded(t, "failing"), timelinetest.Recorded(t, "bluegreen")...)
	if err := os.WriteFile(file, []byte(pageOf(t, events)), 0o600); err != nil {
		t.Fatal(err)
	}
	address := (&url.URL{Scheme: "file", Path: file}).String()
	var asked, said []string
	var lock sync.Mutex
	listen := func(e any) {
		lock.Lock()
		defer lock.Unlock()
		switch e := e.(type) {
		case *network.EventRequestWillBeSent:
			asked = append(asked, e.Request.URL)
		case *log.EventEntryAdded:
			said = append(said, e.Entry.Text)
		case *runtime.EventConsoleAPICalled, *runtime.EventExceptionThrown:
			said = append(said, fmt.Sprint(e))
		}
	}
	do := func(actions ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(ctx, actions...); err != nil {
			t.Fatal(err)
		}
	}
	value := func(expression string) string {
		t.Helper()
		v, err := chromedp.Run(ctx, chromedp.Evaluate[string]("String("+expression+")"))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	media := func(medium, theme string) {
		t.Helper()
		features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}
		if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: medium, Features: features}); err != nil {
			t.Fatal(err)
		}
	}
	if err := chromedp.Listen(ctx, listen); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	do(chromedp.Navigate(address), chromedp.WaitVisible(chromedp.CSS("h1")))

	t.Run("themes", func(t *testing.T) {
		seen := map[string]bool{}
		for _, theme := range []string{"light", "dark"} {
			media("", theme)
			seen[value(`getComputedStyle(document.body).backgroundColor`)] = true
			seen[value(`getComputedStyle(document.querySelector("svg .line.new")).stroke`)] = true
			seen[value(`getComputedStyle(document.querySelector("svg .line.previous")).stroke`)] = true
			seen[value(`getComputedStyle(document.querySelector("svg text")).fill`)] = true
		}
		if len(seen) != 8 {
			t.Errorf("both themes together have %d of 8 colours: %v", len(seen), seen)
		}
	})
	t.Run("keyboard", func(t *testing.T) {
		var order []string
		for range 60 {
			do(chromedp.KeyEvent(kb.Tab))
			at := value(`document.activeElement === document.body ? "" : document.activeElement.tagName + " " + (document.activeElement.getAttribute("aria-label") || document.activeElement.textContent)`)
			if at == "" {
				break
			}
			order = append(order, at)
			if outline := value(`getComputedStyle(document.activeElement).outlineStyle`); outline == "none" {
				t.Errorf("nothing shows that %q has the focus", at)
			}
		}
		if all := value(`[...document.querySelectorAll("a, summary, .scroll")].filter(e => e.checkVisibility()).length`); fmt.Sprint(len(order)) != all || order[0] != "A Skip to the content" || !strings.HasPrefix(order[1], "A shop") {
			t.Errorf("the keyboard reaches %q", order)
		}
		// A summary opens by a key.
		do(chromedp.Focus(chromedp.CSS("summary")), chromedp.KeyEvent(kb.Enter))
		if value(`document.querySelector("details").open`) != "true" {
			t.Error("Enter does not open the numbers")
		}
		// The link that skips leads to the content.
		do(chromedp.Focus(chromedp.CSS(".skip")), chromedp.KeyEvent(kb.Enter))
		if at := value(`document.activeElement.id`); at != "content" {
			t.Errorf("the link that skips leads to %q", at)
		}
	})
	t.Run("phone", func(t *testing.T) {
		do(chromedp.EmulateViewport(360, 740))
		if wide := value(`document.documentElement.scrollWidth > 360`); wide != "false" {
			t.Errorf("it is %s wide on a phone of 360", value(`document.documentElement.scrollWidth`))
		}
		do(chromedp.EmulateViewport(1100, 900))
	})
	t.Run("accessibility tree", func(t *testing.T) {
		if words := value(`document.querySelector("svg desc").textContent`); !strings.Contains(words, "shop__2 was set to 0, then 4") {
			t.Errorf("the chart says %q", words)
		}
	})
	t.Run("paper", func(t *testing.T) {
		media("print", "dark")
		if back := value(`getComputedStyle(document.body).backgroundColor`); back != "rgb(255, 255, 255)" {
			t.Errorf("it prints on %s", back)
		}
		pdf, err := chromedp.Run(ctx, chromedp.PrintToPDF())
		if err != nil || len(pdf) < 10_000 {
			t.Errorf("its PDF has %d bytes: %v", len(pdf), err)
		}
	})
	lock.Lock()
	defer lock.Unlock()
	if len(asked) != 1 || asked[0] != address {
		t.Errorf("it asks for %q", asked)
	}
	if len(said) > 0 {
		t.Errorf("the console says %q", said)
	}
}
