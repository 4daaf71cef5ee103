package command

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox/worldschema"
)

func TestCommandLine(t *testing.T) {
	server := httptest.NewServer(sandbox.New(sandbox.Default()))
	defer server.Close()
	t.Setenv("SPOTINST_ENDPOINT", "")
	for _, test := range []struct {
		args        string
		status      int
		out, stderr string
	}{
		{"schema", 0, worldschema.JSON, ""},
		{"schema -help", 0, "", "Usage:"},
		{"schema x", 2, "", "Usage:"},
		{"env -address " + server.URL, 0, "export SPOTINST_ENDPOINT=" + server.URL + "\n", ""},
		{"env -format json -address " + server.URL, 0, `"SPOTINST_ACCOUNT": "act-sandbox"`, ""},
		{"env -format yaml -address " + server.URL, 1, "false\n", `sandbox env: there is no format "yaml"`},
		{"env -help", 0, "", `eval "$(`},
		{"env x", 2, "false\n", ""},
		{"env -address http://127.0.0.1:1", 1, "false\n", "sandbox env: there is no answer from a sandbox at http://127.0.0.1:1"},
		{"ctl -address " + server.URL + " show", 0, "web-5xx", ""},
		{"ctl", 2, "", "Usage:"},
		{"-speed 0", 2, "", "-speed is 0"},
		{"--listen 127.0.0.1:0 -- true", 0, "", "it is at"},
		{"schme", 2, "", "it has the commands ctl, env, init, schema"},
		{"-help", 0, "", "sandbox ctl [-help]"},
	} {
		var out, errs bytes.Buffer
		if status := Main(strings.Fields(test.args), &out, &errs); status != test.status || !strings.Contains(out.String(), test.out) || !strings.Contains(errs.String(), test.stderr) {
			t.Errorf("%s: %d\n%s\n%s", test.args, status, &out, &errs)
		}
	}
}

// A command behind an environment that is not there is not run: it would reach the real clouds.
func TestNothingIsRunWithoutASandbox(t *testing.T) {
	for args, wanted := range map[string]string{
		"env -address http://127.0.0.1:1":                "false\n",
		"env -address http://127.0.0.1:1 -format shell":  "false\n",
		"env -address http://127.0.0.1:1 -format dotenv": "",
		"env -address http://127.0.0.1:1 -format json":   "",
		"env -fromat shell":                              "false\n",
	} {
		var out, errs bytes.Buffer
		if status := Main(strings.Fields(args), &out, &errs); status == 0 || out.String() != wanted || errs.Len() == 0 {
			t.Errorf("%s: %d, and a shell is given %q\n%s", args, status, &out, &errs)
		}
	}
	if runtime.GOOS == "windows" {
		t.Skip("there is no such shell")
	}
	if err := exec.CommandContext(t.Context(), "sh", "-c", `eval "$(echo false)" && exit 0; exit 3`).Run(); err == nil || err.Error() != "exit status 3" {
		t.Errorf("the shell says %v", err)
	}
}

// What answers where a sandbox is looked for may be something else, whose words are not for a shell.
func TestAnotherServerIsNoSandbox(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"nothing":      func(http.ResponseWriter, *http.Request) {},
		"no content":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
		"not modified": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) },
		"a page":       func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "echo evaluated # SPOTINST_ENDPOINT") },
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(answer)
			defer server.Close()
			var out, errs bytes.Buffer
			if status := Main([]string{"env", "-address", server.URL}, &out, &errs); status == 0 || out.String() != "false\n" {
				t.Errorf("%d, and a shell is given %q\n%s", status, &out, &errs)
			}
		})
	}
}
