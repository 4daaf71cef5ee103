package sandbox

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// control makes a call to the control API.
func control(t *testing.T, w *World, method, path, body string) (status int, text string) {
	t.Helper()
	r, err := http.NewRequest(method, "http://sandbox.test/sandbox/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := w.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, _ := io.ReadAll(answer.Body)
	return answer.StatusCode, string(raw)
}

func TestControl(t *testing.T) {
	config := web()
	config.AWS.Alarms = []AlarmConfig{{Name: "web-5xx", State: "OK"}}
	inWorld(t, config, func(t *testing.T, w *World) {
		do := func(method, path, body string, want int) string {
			t.Helper()
			status, text := control(t, w, method, path, body)
			if status != want {
				t.Errorf("%s %s %s: %d %s, want %d", method, path, body, status, text, want)
			}
			return text
		}
		var added struct{ ID string }
		if err := json.Unmarshal([]byte(do("POST", "groups", document("web", "ami-good", 2, `{"capacity":{"maximum":5}}`), 200)), &added); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		overview := do("GET", "", "", 200)
		for _, want := range []string{"web", added.ID, "IN SERVICE", webARN, "ami-never", "web-5xx"} {
			if !strings.Contains(overview, want) {
				t.Errorf("the overview lacks %q:\n%s", want, overview)
			}
		}
		do("POST", "capacity", `{"group":"web","minimum":0,"target":3,"maximum":4}`, 204)
		if g := one(t, w); g.Target != 3 || g.Maximum != 4 {
			t.Errorf("%+v", g)
		}
		do("POST", "capacity", `{"group":"web","minimum":4,"target":3,"maximum":4}`, 400)
		do("POST", "capacity", `{"group":"nobody"}`, 400)
		do("POST", "target", `{"group":"web","target":9,"after":"1m"}`, 204)
		time.Sleep(time.Minute)
		if g := one(t, w); g.Target != 4 {
			t.Errorf("the autoscaler moved it to %d", g.Target)
		}
		taken := one(t, w).Instances[0].ID
		do("POST", "reclaim", `{"instance":"`+taken+`","cause":"price"}`, 204)
		if i := one(t, w).Instances[0]; i.ID != taken || i.Status != "marked-for-termination" {
			t.Errorf("after notice there is %+v", i)
		}
		do("POST", "reclaim", `{"instance":"`+taken+`"}`, 400)
		do("POST", "reclaim", `{"instance":"`+taken+`","cause":"spite"}`, 400)
		do("POST", "reclaim", `{"instance":"`+taken+`","without_notice":true}`, 204)
		do("POST", "rebalance", `{"instance":"`+taken+`"}`, 400)
		do("POST", "rebalance", `{"instance":"`+one(t, w).Instances[0].ID+`"}`, 204)
		do("POST", "reclaim", `{"instance":"i-none"}`, 400)
		do("POST", "edit", `{"group":"web","patch":{"compute":{"launchSpecification":{"tags":["odd"]}}}}`, 204)
		if g := one(t, w); !strings.Contains(string(g.Document), `"tags":["odd"]`) {
			t.Errorf("after an edit: %s", g.Document)
		}
		do("POST", "edit", `{"group":"nobody","patch":{}}`, 400)
		do("POST", "roll", `{"group":"web","progress":25}`, 204)
		do("POST", "roll", `{"group":"web","status":"odd"}`, 400)
		do("POST", "roll", `{"group":"nobody"}`, 400)
		do("POST", "roll", `{"group":"web","status":"stopped"}`, 204)
		do("POST", "propagation", `{"propagation":"3m"}`, 204)
		do("POST", "propagation", `{"propagation":"-3m"}`, 400)
		do("POST", "zones", `{"balancer":"web","zones":["us-east-1a","us-east-1b"]}`, 204)
		do("POST", "zones", `{"balancer":"nobody","zones":["us-east-1a"]}`, 400)
		do("POST", "sessions", `{"access_key":"ASIA1","token":"t","expires":"1h"}`, 204)
		do("POST", "sessions", `{"access_key":"ASIA1"}`, 400)
		do("POST", "tokens", `{"account":"act-sandbox","token":"next"}`, 204)
		do("POST", "tokens", `{"account":"act-none","token":"next"}`, 400)
		do("POST", "tokens", `{"token":"next","revoked":true,"after":"1h"}`, 204)
		do("POST", "images", `{"id":"ami-dies","behaviour":{"kind":"dies"}}`, 204)
		do("POST", "reclaim", `{"fraction_per_hour":0}`, 204)
		do("POST", "images", `{"id":"ami-more"}`, 204)
		do("POST", "images", `{"name":"more"}`, 400)
		if _, ok := w.image("ami-more"); !ok {
			t.Error("the image was not added")
		}
		do("POST", "market", `{"type":"m5.large","available":false}`, 204)
		do("POST", "alarms", `{"name":"web-5xx","state":"ALARM","reason":"too many"}`, 204)
		do("POST", "alarms", `{"name":"web-4xx","state":"ALARM"}`, 400)
		do("POST", "faults", `{"kind":"empty","times":-1}`, 204)
		do("POST", "faults", `{"kind":"emtpy"}`, 400)
		do("POST", "faults", `{"kynd":"empty"}`, 400)
		if e := ask(t, w, "GET", "/group", ""); e.status != 503 {
			t.Errorf("with a fault: %d", e.status)
		}
		do("DELETE", "faults", "", 204)
		if e := ask(t, w, "GET", "/group", ""); e.status != 200 {
			t.Errorf("without it: %d", e.status)
		}
		var calls []Call
		if err := json.Unmarshal([]byte(do("GET", "calls", "", 200)), &calls); err != nil || len(calls) != 2 || calls[0].Fault != "empty" {
			t.Errorf("%v, %+v", err, calls)
		}
		if changes := do("GET", "changes", "", 200); strings.TrimSpace(changes) != "null" && strings.TrimSpace(changes) != "[]" {
			t.Errorf("changes: %s", changes)
		}
		var timeline []Moment
		if err := json.Unmarshal([]byte(do("GET", "timeline", "", 200)), &timeline); err != nil || len(timeline) < 5 {
			t.Errorf("%v, %d moments", err, len(timeline))
		}
		do("DELETE", "groups?group=web", "", 204)
		if got := strings.TrimSpace(do("GET", "groups", "", 200)); got != "[]" {
			t.Errorf("groups: %s", got)
		}
		do("POST", "requests", `{"route":"nowhere:80","requests_per_minute":5}`, 400)
		do("POST", "metrics", `{"status":"Late"}`, 400)
		do("POST", "functions", `{"name":"smoke","takes":"1s"}`, 204)
		do("POST", "functions", `{"name":"smo ke"}`, 400)
		do("DELETE", "functions?name=smoke", "", 204)
		do("DELETE", "functions?name=smoke", "", 400)
		do("POST", "prometheus", `{"query":"up","type":"list"}`, 400)
		do("POST", "behaviour", `{"image":"ami-good","error_ratio":1.5}`, 400)
		do("POST", "behaviour", `{"image":"ami-good","latency":"1s"}`, 204)
		do("GET", "nothing", "", 404)
	})
}

func TestDefaultWorldTakesTheExample(t *testing.T) {
	if err := Default().Check(); err != nil {
		t.Fatal(err)
	}
	inWorld(t, Default(), func(t *testing.T, w *World) {
		if e := ask(t, w, "POST", "/group", string(ExampleGroup())); e.status != 200 {
			t.Errorf("%d %s", e.status, e.text)
		}
		if n := len(w.TargetGroups()); n != 3 {
			t.Errorf("%d target groups", n)
		}
	})
}

func TestCommandLine(t *testing.T) {
	for _, test := range []struct {
		args   string
		status int
		says   string
	}{
		{"--listen 0.0.0.0:0", 2, "not a loopback address"},
		{"--listen :8700", 2, "not a loopback address"},
		{"--listen example.org:1", 2, "not a loopback address"},
		{"--speed 0", 2, "-speed is 0"},
		{"--speed -1", 2, "-speed is -1"},
		{"--world /does/not/exist.json", 2, "opening the world file"},
		{"--wrold x", 2, "not defined"},
		{"serve", 2, `"serve" is not understood`},
		{"--listen 127.0.0.1:99999", 1, "listening on 127.0.0.1:99999"},
		{"-h", 0, "-speed"},
	} {
		var out, errs bytes.Buffer
		if status := Main(strings.Fields(test.args), &out, &errs); status != test.status || !strings.Contains(errs.String(), test.says) {
			t.Errorf("%s: %d, %q; want %d, %q", test.args, status, errs.String(), test.status, test.says)
		}
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	var out, errs bytes.Buffer
	if status := Main([]string{"--listen", taken.Addr().String()}, &out, &errs); status != 1 || !strings.Contains(errs.String(), "say -listen 127.0.0.1:0") {
		t.Errorf("a port that is taken: %d %s", status, &errs)
	}
	if status := Main([]string{"--example"}, &out, &errs); status != 0 || !json.Valid(out.Bytes()) {
		t.Errorf("--example: %d %s%s", status, out.String(), errs.String())
	}
}

func TestLoopback(t *testing.T) {
	for listen, want := range map[string]bool{"127.0.0.1:1": true, "[::1]:1": true, "localhost:1": true, "127.9.9.9:0": true,
		"10.0.0.1:1": false, ":1": false, "nonsense": false} {
		if loopback(listen) != want {
			t.Errorf("%s: %v", listen, !want)
		}
	}
}

func TestServesUntilItIsToldToStop(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := New(Default())
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan int)
	go func() { ended <- serveUntil(ctx, listener, w, io.Discard) }()
	answer, err := http.Get("http://" + listener.Addr().String() + "/sandbox/")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	stop()
	if status := <-ended; status != 0 {
		t.Errorf("it ended with %d", status)
	}
}

// TestTransportInABubble shows that nothing in memory needs a socket: a bubble would never end on one.
func TestTransportInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(web())
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		r, _ := http.NewRequestWithContext(ctx, "GET", "https://spot.test/aws/ec2/group", nil)
		if _, err := w.Transport().RoundTrip(r); err != context.Canceled {
			t.Errorf("a cancelled call: %v", err)
		}
		if n := len(w.Calls()); n != 0 {
			t.Errorf("it was called %d times", n)
		}
		if _, err := w.Transport().RoundTrip(&http.Request{}); err == nil {
			t.Error("a request to nowhere was answered")
		}
	})
}

func TestMainEndsOnSIGTERM(t *testing.T) {
	out, in := io.Pipe()
	ended := make(chan int)
	go func() { ended <- Main([]string{"--listen", "127.0.0.1:0", "--speed", "60"}, in, io.Discard) }()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "# The sandbox is at http://127.0.0.1:") {
		t.Fatalf("%q, %v", line, err)
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if status := <-ended; status != 0 {
		t.Errorf("it ended with %d", status)
	}
}
