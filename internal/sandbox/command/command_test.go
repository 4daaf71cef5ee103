package command

import (
	"bytes"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox/worldschema"
)

func TestCommandLine(t *testing.T) {
	server := httptest.NewServer(sandbox.New(sandbox.Default()))
	defer server.Close()
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
		{"env -format yaml -address " + server.URL, 1, "", `no format "yaml"`},
		{"env -help", 0, "", `eval "$(`},
		{"env x", 2, "", ""},
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
