// Package browsertest opens pages in a real headless browser for tests. It is used by tests alone.
//
// The browser is the first of BROWSER_PATH, chromium, chromium-browser, google-chrome and chrome that there is. A test that needs one is
// skipped, with a word on it, where there is none, and with -short.
package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience bounds what a tab may take altogether. A browser takes seconds to start, and more beside other tests.
const patience = 3 * time.Minute

// Tab is a tab of a browser that notes what its page asks for and what it says on the console.
type Tab struct {
	t   *testing.T
	ctx context.Context

	lock        sync.Mutex
	asked, said []string
}

// Open opens an empty tab, or skips the test.
func Open(t *testing.T) *Tab {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes seconds to start")
	}
	path := find()
	if path == "" {
		t.Skip("there is no chromium or google-chrome on the PATH, and BROWSER_PATH names none: nothing is tested in a browser")
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.WSURLReadTimeout(time.Minute))
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(closeTab)
	ctx, late := context.WithTimeout(ctx, patience)
	t.Cleanup(late)

	tab := &Tab{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, tab.hears); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	return tab
}

// browsers are what a browser may be called on the PATH.
var browsers = []string{"chromium", "chromium-browser", "google-chrome", "chrome"}

func find() string {
	for _, name := range append([]string{os.Getenv("BROWSER_PATH")}, browsers...) {
		if name == "" {
			continue
		}
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

func (tab *Tab) hears(e any) {
	tab.lock.Lock()
	defer tab.lock.Unlock()
	switch e := e.(type) {
	case *network.EventRequestWillBeSent:
		tab.asked = append(tab.asked, e.Request.URL)
	case *log.EventEntryAdded:
		tab.said = append(tab.said, e.Entry.Text)
	case *runtime.EventConsoleAPICalled, *runtime.EventExceptionThrown:
		tab.said = append(tab.said, fmt.Sprint(e))
	}
}

// Do does actions in the tab, one after another.
func (tab *Tab) Do(actions ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	if err := chromedp.Do(tab.ctx, actions...); err != nil {
		tab.t.Fatal(err)
	}
}

// Value is what an expression of JavaScript has, as text.
func (tab *Tab) Value(expression string) string {
	tab.t.Helper()
	v, err := chromedp.Run(tab.ctx, chromedp.Evaluate[string]("String("+expression+")"))
	if err != nil {
		tab.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// Until waits for an expression of JavaScript to be true, for half a minute at most.
func (tab *Tab) Until(expression string) {
	tab.t.Helper()
	if _, err := chromedp.Run(tab.ctx, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(30*time.Second))); err != nil {
		tab.t.Fatalf("waiting until %s: %v", expression, err)
	}
}

// Prefers makes a medium ("print", or "" for the screen) and a colour scheme ("light", "dark") those of whoever looks.
func (tab *Tab) Prefers(medium, scheme string) {
	tab.t.Helper()
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}
	if _, err := chromedp.Call(tab.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: medium, Features: features}); err != nil {
		tab.t.Fatal(err)
	}
}

// Context is what actions run in that this package has no word for.
func (tab *Tab) Context() context.Context { return tab.ctx }

// Asked are the addresses that the page has asked for, in order.
func (tab *Tab) Asked() []string {
	tab.lock.Lock()
	defer tab.lock.Unlock()
	return slices.Clone(tab.asked)
}

// Said is what the page and the browser have said on the console.
func (tab *Tab) Said() []string {
	tab.lock.Lock()
	defer tab.lock.Unlock()
	return slices.Clone(tab.said)
}
