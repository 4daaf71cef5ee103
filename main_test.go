package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	for name, test := range map[string]struct {
		args   []string
		code   int
		stdout string
		stderr string
	}{
		"version":                {args: []string{"-version"}, stdout: "terraform-provider-elastigroup dev ("},
		"version, the other way": {args: []string{"--version"}, stdout: "terraform-provider-elastigroup dev ("},
		"help":                   {args: []string{"-help"}, stderr: "sandbox"},
		"unknown flag":           {args: []string{"-verbose"}, code: 2, stderr: "-verbose"},
		"unknown command":        {args: []string{"serve"}, code: 2, stderr: `unknown command "serve"`},
		"convert's own flags":    {args: []string{"convert", "-no-such-flag"}, code: 2, stderr: "no-such-flag"},
		"convert's own help":     {args: []string{"convert", "-help"}, stderr: "-show-secrets"},
		"watch's own flags":      {args: []string{"watch", "-no-such-flag"}, code: 2, stderr: "no-such-flag"},
		"watch's own help":       {args: []string{"watch", "-help"}, stderr: "-follow"},
		"report's own flags":     {args: []string{"report", "-no-such-flag"}, code: 2, stderr: "no-such-flag"},
		"report's own help":      {args: []string{"report", "-help"}, stderr: "-deployment"},
		"sandbox's own flags":    {args: []string{"sandbox", "-no-such-flag"}, code: 2, stderr: "no-such-flag"},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			if code := run(test.args, &stdout, &stderr); code != test.code {
				t.Errorf("exit code %d, want %d\n%s%s", code, test.code, &stdout, &stderr)
			}
			if !strings.Contains(stdout.String(), test.stdout) || !strings.Contains(stderr.String(), test.stderr) {
				t.Errorf("want %q on stdout and %q on stderr, got:\n%s\n%s", test.stdout, test.stderr, &stdout, &stderr)
			}
		})
	}
}
