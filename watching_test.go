//go:build unix

package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// readings is the way to a world for somebody who watches: it counts his calls, and which of them change something.
type readings struct {
	world   *sandbox.World
	mu      sync.Mutex
	calls   int
	changes []string
}

// reading is an action of AWS that reads.
var reading = regexp.MustCompile(`^(Describe|Get|List)[A-Z]`)

func (r *readings) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	what := req.Method + " " + req.URL.Path
	reads := req.Method == http.MethodGet
	if !reads {
		body, _ := io.ReadAll(req.Body)
		req.Body = io.NopCloser(bytes.NewReader(body))
		action := req.Header.Get("X-Amz-Target")
		action = action[strings.LastIndex(action, ".")+1:]
		if m := regexp.MustCompile(`(?:^|&)Action=(\w+)`).FindSubmatch(body); m != nil {
			action = string(m[1])
		}
		if i := strings.Index(req.URL.Path, "/operation/"); i >= 0 {
			action = req.URL.Path[i+len("/operation/"):]
		}
		what += " " + action
		reads = reading.MatchString(action)
	}
	r.mu.Lock()
	r.calls++
	if !reads {
		r.changes = append(r.changes, what)
	}
	r.mu.Unlock()
	r.world.ServeHTTP(w, req)
}

// Somebody watches from another process, with nothing but the provider's credentials: he is there before the apply begins, sees its phases, ends
// when it ends, with a code that says how, and has changed nothing.
func TestWatchingAnApply(t *testing.T) {
	mirror := withTerraform(t)
	binary := filepath.Join(mirror, "registry.terraform.io", "elastigroup", "elastigroup", "0.1.0", runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-elastigroup_v0.1.0")
	world := lot()
	canary := "canary {\nphase {\npercent = 25\nbake = \"4s\"\n}\nphase {\npercent = 50\nbake = \"4s\"\n}\n}\nhealthy_timeout = \"8s\""
	s := stateIn(t, mirror, world, block(world, "web", "web", "ami-1", canary))
	s.must("apply", "-auto-approve")

	says := []string{"web: no rollout is under way", "web: ami-2 is to serve", "web__2 1 -> 2", "web__1 3 -> 2", "web: succeeded after"}
	watched := &readings{world: world}
	server := httptest.NewServer(watched)
	t.Cleanup(server.Close)
	watch := exec.Command(binary, "watch", "-wait", "-every", "1s", "-timeout", "2m", "web")
	watch.Dir = t.TempDir()
	watch.Env = append(os.Environ(), "SPOTINST_TOKEN="+secrets["token"], "SPOTINST_ACCOUNT=act-sandbox", "SPOTINST_ENDPOINT="+server.URL,
		"AWS_ENDPOINT_URL="+server.URL, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=AKIASANDBOX", "AWS_SECRET_ACCESS_KEY="+secrets["secret key"])
	said := &transcript{}
	watch.Stdout, watch.Stderr = said, said
	if err := watch.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- watch.Wait() }()
	for began := time.Now(); !strings.Contains(said.String(), says[0]); time.Sleep(50 * time.Millisecond) {
		if time.Since(began) > 30*time.Second {
			t.Fatalf("it sees nothing:\n%s", said)
		}
	}
	s.writes(block(world, "web", "web", "ami-2", canary))
	s.must("apply", "-auto-approve")
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("it ends with %v:\n%s", err, said)
		}
	case <-time.After(30 * time.Second):
		_ = watch.Process.Kill()
		t.Errorf("the rollout is over, and it does not end:\n%s", said)
	}
	for _, words := range says {
		if !strings.Contains(said.String(), words) {
			t.Errorf("it does not say %q:\n%s", words, said)
		}
	}
	if hidden := leaked(said.String()); hidden != "" {
		t.Errorf("it tells the %s", hidden)
	}
	if watched.calls < 10 || len(watched.changes) > 0 {
		t.Errorf("of %d calls these change something: %q", watched.calls, watched.changes)
	}
}
