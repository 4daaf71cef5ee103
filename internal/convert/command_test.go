package convert_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/convert"
)

// document is a group with secrets: user data, and a token.
const document = `{"group": {"name": "web", "capacity": {"minimum": 1, "target": 1, "maximum": 1}, "strategy": {"risk": 100},
	"compute": {"launchSpecification": {"imageId": "ami-0a1", "userData": "IyEvYmluL3NoCmVjaG8gczNjcmV0Cg=="}},
	"thirdPartiesIntegration": {"nomad": {"masterHost": "nomad", "aclToken": "t0ken"}}}}`

const script = "#!/bin/sh\necho s3cret\n"

// command runs the command in a directory of its own, in which web.json is the document.
func command(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	if _, err := os.Stat("web.json"); err != nil {
		t.Chdir(t.TempDir())
		if err := os.WriteFile("web.json", []byte(document), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out, errs bytes.Buffer
	code = convert.Main(args, strings.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}

func TestCommandLine(t *testing.T) {
	for name, test := range map[string]struct {
		args           []string
		stdin          string
		code           int
		stdout, stderr string
	}{
		"a file":                  {args: []string{"web.json"}, stdout: `resource "elastigroup_deployment" "web"`},
		"standard input":          {args: []string{"-"}, stdin: document, stdout: "Converted from <stdin>"},
		"flags behind the file":   {args: []string{"web.json", "-name", "shop"}, stdout: `resource "elastigroup_deployment" "shop"`},
		"the template alone":      {args: []string{"-template-only", "web.json"}, stdout: "min_size         = 1"},
		"help":                    {args: []string{"-h"}, stderr: "Usage: terraform-provider-elastigroup convert"},
		"no file":                 {code: 2, stderr: "the FILE to convert is missing"},
		"two files":               {args: []string{"web.json", "web.json"}, code: 2, stderr: "one FILE at a time, not 2"},
		"another flag":            {args: []string{"-yaml", "web.json"}, code: 2, stderr: "-yaml"},
		"secrets in the open":     {args: []string{"-template-only", "-show-secrets", "web.json"}, code: 2, stderr: "does not go with"},
		"user data for nobody":    {args: []string{"-template-only", "-user-data", "x", "web.json"}, code: 2, stderr: "does not go with"},
		"a file that is none":     {args: []string{"api.json"}, code: 1, stderr: "api.json"},
		"a document that is none": {args: []string{"-"}, stdin: "{}", code: 1, stderr: "convert: <stdin>:1:"},
		"no user data to write": {
			args: []string{"-user-data", "boot.sh", "-"}, stdin: `{"capacity": {}, "compute": {"launchSpecification": {}}}`,
			stderr: "<stdin> has no user data, so boot.sh is not written.",
		},
		"what is refused": {
			args: []string{"-"}, code: 0, stderr: "A deployment refuses this: strategy.persistence.shouldPersistRootDevice",
			stdin: strings.Replace(document, `"risk": 100`, `"persistence": {"shouldPersistRootDevice": true}`, 1),
		},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := command(t, test.stdin, test.args...)
			if code != test.code {
				t.Errorf("exit code %d, want %d\n%s", code, test.code, stderr)
			}
			if !strings.Contains(stdout, test.stdout) || !strings.Contains(stderr, test.stderr) {
				t.Errorf("want %q on stdout and %q on stderr, got:\n%s\n%s", test.stdout, test.stderr, stdout, stderr)
			}
			if code != 0 && stdout != "" {
				t.Errorf("it failed, and wrote:\n%s", stdout)
			}
		})
	}
}

// A file that is there is somebody's.
func TestNothingIsOverwritten(t *testing.T) {
	code, stdout, stderr := command(t, "", "-o", "main.tf", "web.json")
	if code != 0 || stdout != "" || !strings.Contains(stderr, "Wrote main.tf.") {
		t.Fatalf("exit code %d\n%s\n%s", code, stdout, stderr)
	}
	if err := os.WriteFile("main.tf", []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := command(t, "", "-o", "main.tf", "web.json"); code != 1 || !strings.Contains(stderr, "main.tf is there already") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
	if got := string(read(t, "main.tf")); got != "mine" {
		t.Errorf("it was overwritten:\n%s", got)
	}
	if code, _, stderr := command(t, "", "-o", "main.tf", "-force", "web.json"); code != 0 {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
	if got := string(read(t, "main.tf")); !strings.Contains(got, "elastigroup_template") {
		t.Errorf("it was not overwritten:\n%s", got)
	}
}

// Where one of two files is there, neither is written.
func TestBothFilesOrNone(t *testing.T) {
	command(t, "") // a directory
	if err := os.WriteFile("main.tf", []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := command(t, "", "-o", "main.tf", "-user-data", "boot.sh", "web.json"); code != 1 || !strings.Contains(stderr, "main.tf is there already") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
	if _, err := os.Stat("boot.sh"); err == nil {
		t.Error("the user data was written all the same")
	}
}

// User data goes to a file that only its owner reads, and the configuration reads it from where it is.
func TestUserDataFile(t *testing.T) {
	command(t, "") // a directory
	if err := os.Mkdir("env", 0o755); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := command(t, "", "web.json", "-o", filepath.Join("env", "main.tf"), "-user-data", filepath.Join("env", "boot.sh"))
	if code != 0 {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	if got := string(read(t, "env/boot.sh")); got != script {
		t.Errorf("the file has %q", got)
	}
	if info, err := os.Stat("env/boot.sh"); err != nil || info.Mode().Perm() != fs.FileMode(0o600) {
		t.Errorf("its mode is %v, %v", info.Mode(), err)
	}
	if got := string(read(t, "env/main.tf")); !strings.Contains(got, `user_data_base64 = filebase64("${path.module}/boot.sh")`) {
		t.Errorf("the configuration does not read it:\n%s", got)
	}
}

// Secrets are printed only to whom asks for them.
func TestSecretsAreNotPrinted(t *testing.T) {
	secrets := []string{"IyEvYmlu", "s3cret", "t0ken"}
	for _, args := range [][]string{{"web.json"}, {"-template-only", "web.json"}, {"-user-data", "boot.sh", "web.json"}} {
		code, stdout, stderr := command(t, "", args...)
		if code != 0 {
			t.Errorf("%q: exit code %d\n%s", args, code, stderr)
		}
		for _, secret := range secrets {
			if strings.Contains(stdout+stderr, secret) {
				t.Errorf("%q prints %q:\n%s\n%s", args, secret, stdout, stderr)
			}
		}
	}
	_, stdout, _ := command(t, "", "-show-secrets", "web.json")
	if !strings.Contains(stdout, "IyEvYmluL3NoCmVjaG8gczNjcmV0Cg==") || !strings.Contains(stdout, "t0ken") {
		t.Errorf("they are not printed to whom asks:\n%s", stdout)
	}
}
