package commandline

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, test := range []struct {
		line      string
		arguments string
		all       bool
		status    int
		ok        bool
		says      string
	}{
		{"", "", false, 0, true, ""},
		{"a", "a", false, 0, true, ""},
		{"-all a b", "a b", true, 0, true, ""},
		{"a -all b", "a b", true, 0, true, ""},
		{"a b -all", "a b", true, 0, true, ""},
		{"- -all", "-", true, 0, true, ""},
		{"a -none", "", false, 2, false, "Usage: it"},
		{"a -help", "", false, 0, false, "Usage: it"},
	} {
		var stderr bytes.Buffer
		flags := Flags("it", "Usage: it\n", &stderr)
		all := flags.Bool("all", false, "all of them")
		arguments, status, ok := Parse(flags, strings.Fields(test.line))
		if !slices.Equal(arguments, strings.Fields(test.arguments)) || status != test.status || ok != test.ok || ok && *all != test.all || !strings.Contains(stderr.String(), test.says) {
			t.Errorf("%q: %q, -all %v, exit code %d, %v\n%s", test.line, arguments, *all, status, ok, &stderr)
		}
	}
}

func TestWrong(t *testing.T) {
	var stderr bytes.Buffer
	if status := Wrong(Flags("it", "Usage: it\n", &stderr), "it", "it is wrong"); status != Usage || !strings.HasPrefix(stderr.String(), "it: it is wrong\nUsage: it\n") {
		t.Errorf("exit code %d\n%s", status, &stderr)
	}
}
