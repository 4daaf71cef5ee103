package sandbox

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestGreetingIsEvaluated has a shell evaluate all that the command prints, the line for people included, and finds each variable
// exported, also where a token has what a shell would take apart.
func TestGreetingIsEvaluated(t *testing.T) {
	const token = `it's $HOME; "quoted" \ and	spaced`
	w := New(Config{Accounts: []Account{{ID: "act-1", Tokens: []string{token}}}, Region: "eu-west-1"})
	env := w.environment("http://127.0.0.1:8700")
	greeting := env.greeting(formatShell)
	if !strings.HasPrefix(greeting, "# The sandbox is at http://127.0.0.1:8700/ ") {
		t.Errorf("it begins with %q", greeting)
	}
	shell := exec.CommandContext(t.Context(), "sh", "-c", `eval "$GREETING"; env`)
	shell.Env = []string{"GREETING=" + greeting, "PATH=" + os.Getenv("PATH")}
	out, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"SPOTINST_ENDPOINT=http://127.0.0.1:8700\n", "AWS_ENDPOINT_URL=http://127.0.0.1:8700\n", "SPOTINST_ACCOUNT=act-1\n",
		"SPOTINST_TOKEN=" + token + "\n", "AWS_REGION=eu-west-1\n", "AWS_ACCESS_KEY_ID=AKIASANDBOX\n", "AWS_SECRET_ACCESS_KEY=sandbox\n"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%q is not exported:\n%s", want, out)
		}
	}
}

func TestEnvironmentFormats(t *testing.T) {
	w := New(Config{})
	env := w.environment("http://127.0.0.1:1")
	dotenv := env.greeting(formatDotenv)
	for n, line := range strings.Split(strings.TrimSpace(dotenv), "\n") {
		if n == 0 && !strings.HasPrefix(line, "# ") || n > 0 && !strings.HasPrefix(line, env[n-1].Name+"=") {
			t.Errorf("line %d is %q", n, line)
		}
	}
	var object map[string]string
	if err := json.Unmarshal([]byte(env.greeting(formatJSON)), &object); err != nil || len(object) != len(env) || object["SPOTINST_TOKEN"] != "sandbox-token" {
		t.Errorf("%v, %v", object, err)
	}
	var stderr bytes.Buffer
	if status := Main([]string{"--format", "yaml"}, &stderr, &stderr); status != 2 || !strings.Contains(stderr.String(), `-format is "yaml"; it is one of shell, dotenv, json`) {
		t.Errorf("%d, %s", status, &stderr)
	}
	for query, want := range map[string]string{"": "export SPOTINST_ENDPOINT=http://spot.test\n", "?format=dotenv": "\nSPOTINST_TOKEN=sandbox-token\n", "?format=yaml": `no format "yaml"`} {
		answer, err := w.Client().Do(mustRequest(t, "GET", "http://spot.test/sandbox/env"+query))
		if err != nil {
			t.Fatal(err)
		}
		var body bytes.Buffer
		_, _ = body.ReadFrom(answer.Body)
		answer.Body.Close()
		if !strings.Contains(body.String(), want) {
			t.Errorf("%q answers %s", query, &body)
		}
	}
}

func mustRequest(t *testing.T, method, url string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestCommandInTheSandbox runs programs in the environment of a sandbox: it is their exit status that counts, and the sandbox is there while they run.
func TestCommandInTheSandbox(t *testing.T) {
	for _, test := range []struct {
		script      string
		status      int
		out, stderr string
	}{
		{`echo "$SPOTINST_ENDPOINT $SPOTINST_ACCOUNT"`, 0, "http://127.0.0.1:", "sandbox: it is at http://127.0.0.1:"},
		{`exit 3`, 3, "", ""},
		{`kill -KILL $$`, 1, "", "sh ended: signal: killed"},
	} {
		var out, stderr bytes.Buffer
		if status := Main([]string{"--speed", "60", "--", "sh", "-c", test.script}, &out, &stderr); status != test.status ||
			!strings.Contains(out.String(), test.out) || !strings.Contains(stderr.String(), test.stderr) {
			t.Errorf("%s: %d\n%s%s", test.script, status, &out, &stderr)
		}
	}
	var stderr bytes.Buffer
	if status := Main([]string{"--", "no-such-program"}, &stderr, &stderr); status != 127 || !strings.Contains(stderr.String(), "running no-such-program") {
		t.Errorf("%d, %s", status, &stderr)
	}
	stderr.Reset()
	if status := Main([]string{"terraform", "test"}, &stderr, &stderr); status != 2 || !strings.Contains(stderr.String(), "stands behind --") {
		t.Errorf("%d, %s", status, &stderr)
	}
}

// TestCommandIsInterruptedByTERM shows that a supervisor's SIGTERM becomes the interrupt that Terraform winds up at.
func TestCommandIsInterruptedByTERM(t *testing.T) {
	ready, told := make(chan struct{}), &notified{}
	told.ready = ready
	ended := make(chan int)
	go func() {
		ended <- Main([]string{"--", "sh", "-c", `trap 'echo wound up; exit 7' INT; echo ready; while :; do sleep 0.02; done`}, told, &bytes.Buffer{})
	}()
	select {
	case <-ready:
	case <-time.After(20 * time.Second):
		t.Fatal("it is not ready")
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if status := <-ended; status != 7 || !strings.Contains(told.text.String(), "wound up") {
		t.Errorf("it ended with %d: %s", status, &told.text)
	}
}

// notified closes a channel at the first thing that is written.
type notified struct {
	text  bytes.Buffer
	ready chan struct{}
}

func (n *notified) Write(p []byte) (int, error) {
	if n.text.Len() == 0 {
		defer close(n.ready)
	}
	return n.text.Write(p)
}
