package sandbox

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestSpeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(web(), Speed(60))
		create(t, w, document("web", "ami-good", 1, ""))
		time.Sleep(2 * time.Second) // two minutes there
		if passed := w.Now().Sub(w.start); passed != 2*time.Minute {
			t.Errorf("%v have passed", passed)
		}
		if n := count(one(t, w), serving); n != 1 {
			t.Errorf("%d serve", n)
		}
		w.Fail(Fault{Kind: Latency, Delay: Duration(30 * time.Second)})
		began := time.Now()
		ask(t, w, "GET", "/group", "")
		if took := time.Since(began); took != 500*time.Millisecond {
			t.Errorf("half a minute there took %v", took)
		}
	})
}

func TestSameSeedSameWorld(t *testing.T) {
	course := func(seed uint64) string {
		var said string
		synctest.Test(t, func(t *testing.T) {
			config := web()
			config.Boot.Jitter = 0.5
			w := New(config, Seed(seed))
			create(t, w, document("web", "ami-good", 5, ""))
			w.ReclaimRandom(0.5)
			time.Sleep(2 * time.Hour)
			for _, m := range w.Timeline() {
				for _, g := range m.Groups {
					said += fmt.Sprintln(m.Time.Sub(w.start), *g)
				}
			}
		})
		return said
	}
	if first, second := course(7), course(7); first != second {
		t.Error("the same seed made another world")
	}
	if course(7) == course(8) {
		t.Error("another seed made the same world")
	}
}

func TestEventsHappenInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(Config{})
		var order []string
		note := func(s string) func() { return func() { order = append(order, s) } }
		w.locked(func() {
			w.after(2*time.Second, note("c"))
			w.after(time.Second, func() {
				note("a")()
				w.after(time.Second, note("d")) // due with c, but later asked for
				w.after(0, note("b"))
			})
		})
		time.Sleep(time.Minute)
		w.locked(func() {})
		if got := strings.Join(order, ""); got != "abcd" {
			t.Errorf("%s", got)
		}
	})
}

func TestManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(web())
		var all sync.WaitGroup
		for n := range 20 {
			all.Go(func() {
				id := create(t, w, document(fmt.Sprint("web-", n), "ami-good", 1, ""))
				for range 20 {
					time.Sleep(10 * time.Second)
					ask(t, w, "GET", "/group/"+id+"/status", "")
					w.Timeline()
				}
			})
		}
		all.Wait()
		if n := w.Timeline()[len(w.Timeline())-1].Serving(nil); n != 20 {
			t.Errorf("%d serve", n)
		}
	})
}

func TestOnASocket(t *testing.T) {
	w := New(web(), Speed(1000))
	server := httptest.NewServer(w)
	defer server.Close()
	w.Fail(Fault{Kind: DropAfter, Action: "CreateGroup"})
	send := func(method, path, body string) (*http.Response, error) {
		r, _ := http.NewRequest(method, server.URL+path, strings.NewReader(body))
		r.Header.Set("Authorization", asUser)
		return server.Client().Do(r)
	}
	if answer, err := send("POST", "/aws/ec2/group", document("web", "ami-good", 0, "")); err == nil {
		t.Errorf("a dropped answer: %v", answer.Status)
	}
	if n := len(w.Groups()); n != 1 {
		t.Errorf("%d groups, want the one whose answer was lost", n)
	}
	answer, err := send("GET", "/aws/ec2/group", "")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != 200 || answer.Header.Get("X-RateLimit-Limit") == "" {
		t.Errorf("%s %v", answer.Status, answer.Header)
	}
}

func BenchmarkNew(b *testing.B) {
	config := web()
	b.ReportAllocs()
	for b.Loop() {
		New(config)
	}
}

// BenchmarkHundredGroups is a thousand calls about a hundred groups of four instances, over an hour.
func BenchmarkHundredGroups(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		w := New(web())
		client := w.Client()
		call := func(method, path, body string) {
			r, _ := http.NewRequest(method, "https://spot.test/aws/ec2"+path, strings.NewReader(body))
			r.Header.Set("Authorization", asUser)
			answer, err := client.Do(r)
			if err != nil || answer.StatusCode != 200 {
				b.Fatal(answer, err)
			}
			answer.Body.Close()
		}
		for n := range 100 {
			call("POST", "/group", document(fmt.Sprint("web-", n), "ami-good", 4, ""))
		}
		groups := w.Groups()
		for n := range 900 {
			w.locked(func() { w.begun = w.begun.Add(-4 * time.Second) }) // 4 seconds pass
			switch g := groups[n%100]; n % 3 {
			case 0:
				call("GET", "/group/"+g.ID, "")
			case 1:
				call("GET", "/group/"+g.ID+"/status", "")
			case 2:
				call("PUT", "/group/"+g.ID+"/capacity", fmt.Sprintf(`{"capacity":{"minimum":0,"target":%d,"maximum":8}}`, n%8))
			}
		}
		w.Timeline()
	}
}
