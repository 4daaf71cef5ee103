package sandbox_test

import (
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/browsertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

var update = flag.Bool("update", false, "draw the pictures of the documentation anew")

// released is what the page is told of a world in which a second revision takes over from a first one, by halves, while an instance is killed.
func released(t *testing.T) (state string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := sandbox.New(sandbox.Default())
		add := func(name string, n int) {
			document := strings.Replace(string(sandbox.ExampleGroup()), `"name": "web"`, `"name": "`+name+`"`, 1)
			if _, err := w.AddGroup([]byte(document)); err != nil {
				t.Fatal(err)
			}
			w.SetCapacity(name, n, n, n)
		}
		add("web__1", 4)
		time.Sleep(6 * time.Minute)
		add("web__2", 0)
		for _, step := range []struct{ new, old int }{{1, 3}, {2, 2}, {4, 0}} {
			w.SetCapacity("web__2", step.new, step.new, step.new)
			time.Sleep(2 * time.Minute)
			w.SetCapacity("web__1", step.old, step.old, step.old)
			time.Sleep(3 * time.Minute)
			if step.new == 2 {
				g, _ := w.Group("web__2")
				w.Reclaim(g.Instances[0].ID)
				time.Sleep(3 * time.Minute)
			}
		}
		answer, err := w.Client().Get("http://sandbox.test/sandbox/state?after=0")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil || strings.Contains(string(text), `"more":true`) {
			t.Fatalf("%v, or there is more: %.200s", err, text)
		}
		state = string(text)
	})
	return state
}

// The picture of the page in the documentation is what a browser draws: make pictures draws it anew.
func TestThePictureOfThePage(t *testing.T) {
	tab := browsertest.Open(t)
	state, page := released(t), sandbox.New(sandbox.Default())
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/sandbox/state" {
			_, _ = io.WriteString(rw, state)
			return
		}
		page.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	tab.Do(chromedp.Navigate(server.URL + "/"))
	tab.Until(`document.querySelector('path[data-group="web__2"]') !== null`)
	css, err := os.ReadFile("page/page.css")
	if err != nil {
		t.Fatal(err)
	}
	chart := tab.Value(`new XMLSerializer().serializeToString(document.getElementById("chart"))`)
	head := strings.Index(chart, "</desc>") + len("</desc>")
	got := chart[:head] + "\n<style>" + string(css) + "\nsvg .paper { fill: var(--back); } svg text { font-family: system-ui, sans-serif; }</style>\n" +
		`<rect width="900" height="100%" class="paper"/>` + chart[head:] + "\n"
	file := filepath.Join("..", "..", "pictures", "sandbox-page.svg")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(file); err != nil || got != string(want) {
		t.Errorf("%s is not what is drawn now (%v); make pictures draws it anew", file, err)
	}
}
