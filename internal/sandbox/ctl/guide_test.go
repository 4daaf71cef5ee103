package ctl

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

var update = flag.Bool("update", false, "write the guide anew")

const guide = "../../../templates/guides/sandbox-control.md.tmpl"

// TestGuide finds all commands, and all kinds of faults, in the guide, as they are.
func TestGuide(t *testing.T) {
	text, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	var commands, kinds strings.Builder
	commands.WriteString("| `sandbox ctl …` | What happens | By HTTP, below `/sandbox/` |\n|---|---|---|\n")
	for _, c := range Commands {
		fmt.Fprintf(&commands, "| `%s` | %s | `%s` |\n", strings.ReplaceAll(strings.TrimSpace(c.Name+" "+c.Arguments), "|", `\|`), c.Does, strings.TrimSpace(c.Control))
	}
	for n, k := range sandbox.FaultKinds() {
		if n > 0 {
			kinds.WriteString(", ")
		}
		fmt.Fprintf(&kinds, "`%s`", k)
	}
	made := between(t, string(text), "<!-- made of the commands: go test ./internal/sandbox/ctl -update -->\n", "<!-- end of what is made -->", "\n"+commands.String()+"\n")
	made = between(t, made, "<!-- made of the kinds of faults -->\n", "<!-- end of the kinds -->", "\n"+kinds.String()+".\n\n")
	if *update {
		if err := os.WriteFile(guide, []byte(made), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if made != string(text) {
		t.Error("the guide is not what is made of the commands: go test ./internal/sandbox/ctl -update")
	}
}

func between(t *testing.T, text, begins, ends, made string) string {
	t.Helper()
	before, rest, found := strings.Cut(text, begins)
	_, after, closed := strings.Cut(rest, ends)
	if !found || !closed {
		t.Fatalf("the guide lacks %q or %q", begins, ends)
	}
	return before + begins + made + ends + after
}
