package rollout_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	. "github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Each reason has words of its own, or says what its step says in detail; and none of those is taken for another one.
func TestEachReasonHasWords(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "reason.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	names, values := map[string]string{}, map[Reason]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); !ok || kind.Name != "Reason" {
			return true
		}
		value, _ := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		name, why := spec.Names[0].Name, Reason(value)
		words := Step{Why: why, PhaseName: "25 %", Detail: "what " + name + " says"}.Because()
		if words == "" || names[words] != "" || values[why] {
			t.Errorf("%s (%q) has the words %q, and so has %q", name, why, words, names[words])
		}
		names[words], values[why] = name, true
		return true
	})
	if len(names) < 30 {
		t.Errorf("only %d reasons were found", len(names))
	}
	for words, step := range map[string]Step{
		"25 % is passed": {Why: WhyPassed, PhaseName: "25 %"},
		"comes back at once: it still runs with 4, proven before, neither baked nor judged by alarms": {Why: WhyRevertsAtOnce, Group: Group{Capacity: Pin(4)}},
		"target {phase} timed out": {Why: WhyReleaseFailed, Detail: "target {phase} timed out", PhaseName: "25 %"},
		"":                         {},
	} {
		if got := step.Because(); got != words {
			t.Errorf("%q, want %q", got, words)
		}
	}
}
