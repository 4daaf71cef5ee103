package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// get asks a world for a path, as a browser does.
func get(t *testing.T, w *World, path string) (*http.Response, string) {
	t.Helper()
	answer, err := w.Client().Get("http://sandbox.test" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, _ := io.ReadAll(answer.Body)
	return answer, string(raw)
}

// The page, its style and its script are there, ask nobody else, and stand in nobody's way: AWS's calls go to the same path.
func TestThePageIsServed(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		for path, kind := range map[string]string{"/": "text/html", "/sandbox/page.css": "text/css", "/sandbox/page.js": "text/javascript"} {
			answer, text := get(t, w, path)
			if answer.StatusCode != 200 || !strings.HasPrefix(answer.Header.Get("Content-Type"), kind) {
				t.Errorf("%s: %s, %s", path, answer.Status, answer.Header.Get("Content-Type"))
			}
			if strings.Contains(text, "http://") || strings.Contains(text, "https://") {
				t.Errorf("%s names an address outside", path)
			}
			if policy := answer.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") {
				t.Errorf("%s: the policy is %q", path, policy)
			}
		}
		if answer, _ := get(t, w, "/?Action=DescribeRegions"); strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
			t.Error("a query of AWS is answered with the page")
		}
		if calls := w.Calls(); len(calls) != 1 {
			t.Errorf("the page counts among %d calls", len(calls))
		}
	})
}

// The course comes in pieces, each moment once, and a change is in the next piece.
func TestThePageFollows(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		if _, err := w.AddGroup([]byte(document("web", "ami-good", 2, `{"capacity":{"maximum":5}}`))); err != nil {
			t.Fatal(err)
		}
		seen, after := 0, 0
		ask := func() pageState {
			var s pageState
			for {
				s = pageState{}
				if _, text := get(t, w, fmt.Sprint("/sandbox/state?after=", after)); json.Unmarshal([]byte(text), &s) != nil {
					t.Fatal(text)
				}
				seen, after = seen+len(s.Moments), s.Next
				if !s.More {
					return s
				}
			}
		}
		for n := range 3 * momentsAtOnce {
			w.SetCapacity("web", 0, n%2, 5)
		}
		if s := ask(); seen != len(w.Timeline()) || len(s.Groups) != 1 {
			t.Errorf("%d of %d moments, %d groups", seen, len(w.Timeline()), len(s.Groups))
		}
		before := seen
		if ask(); seen != before {
			t.Errorf("%d moments came although nothing happened", seen-before)
		}
		w.SetCapacity("web", 2, 2, 5)
		time.Sleep(3 * time.Minute)
		s := ask()
		if seen == before || len(s.Moments) == 0 {
			t.Error("what happened does not come")
		}
		if g := s.Groups[0]; g.Image != "ami-good" || len(g.Instances) != 2 || g.InService != 2 {
			t.Errorf("%+v", g)
		}
		if _, text := get(t, w, "/sandbox/state?after=-5"); !strings.Contains(text, `"next"`) {
			t.Error(text)
		}
	})
}

// What the page's buttons ask is done, and shows in its state.
func TestThePageShowsWhatItDid(t *testing.T) {
	config := web()
	config.AWS.Alarms = []AlarmConfig{{Name: "web-5xx", State: "OK"}}
	inWorld(t, config, func(t *testing.T, w *World) {
		for path, body := range map[string]string{
			"alarms":      `{"name":"web-5xx","state":"ALARM","reason":"raised by hand"}`,
			"faults":      `{"kind":"throttle","rate":0.1}`,
			"market":      `{"lifecycle":"spot","available":false}`,
			"propagation": `{"propagation":"3m"}`,
			"behaviour":   `{"image":"ami-good","kind":"crash"}`,
		} {
			if status, text := control(t, w, "POST", path, body); status != 204 {
				t.Errorf("%s: %d %s", path, status, text)
			}
		}
		for _, body := range []string{`{"image":"ami-none","kind":"crash"}`, `{"image":"ami-good","kind":"fine"}`} {
			if status, _ := control(t, w, "POST", "behaviour", body); status != 400 {
				t.Errorf("%s: %d", body, status)
			}
		}
		_, text := get(t, w, "/sandbox/state")
		var s pageState
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			t.Fatal(err)
		}
		image := s.Images[0]
		for _, i := range s.Images {
			if i.ID == "ami-good" {
				image = i
			}
		}
		got := fmt.Sprint(s.Alarms[0].State, s.Faults, s.Shortages, s.Propagation, image.Behaviour)
		if want := "ALARM[throttle] [spot] 180crash"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
}

// A page of another site that is open in somebody's browser changes nothing.
func TestOtherSitesChangeNothing(t *testing.T) {
	inWorld(t, web(), func(t *testing.T, w *World) {
		for origin, want := range map[string]int{"http://sandbox.test": 204, "https://elsewhere.example": 403, "null": 403, "": 204} {
			r, _ := http.NewRequest("POST", "http://sandbox.test/sandbox/faults", strings.NewReader(`{"kind":"error"}`))
			if origin != "" {
				r.Header.Set("Origin", origin)
			}
			answer, err := w.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != want {
				t.Errorf("origin %q: %d, want %d", origin, answer.StatusCode, want)
			}
			w.ClearFaults()
		}
	})
}
