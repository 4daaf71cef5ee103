package providertest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Failed tells whether there is an error among the diagnostics.
func Failed(diags []*tfprotov6.Diagnostic) bool {
	for _, d := range diags {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return true
		}
	}
	return false
}

// Render is diagnostics as text, one a line: severity, where, what.
func Render(diags []*tfprotov6.Diagnostic) string {
	var b strings.Builder
	for _, d := range diags {
		fmt.Fprintf(&b, "%s at %q: %s: %s\n", d.Severity, Where(d), d.Summary, d.Detail)
	}
	return b.String()
}

// Where is the attribute that a diagnostic points at, as Terraform's language has it: "assume_role.tags".
func Where(d *tfprotov6.Diagnostic) string {
	var names []string
	for _, step := range d.Attribute.Steps() {
		names = append(names, fmt.Sprint(step))
	}
	return strings.Join(names, ".")
}

// MustSucceed fails the test if anything at all was said.
func MustSucceed(t testing.TB, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	if len(diags) > 0 {
		t.Fatalf("unexpected diagnostics:\n%s", Render(diags))
	}
}

// MustSay fails the test unless the only diagnostic is of the severity, at the attribute, and contains the words.
func MustSay(t testing.TB, diags []*tfprotov6.Diagnostic, severity tfprotov6.DiagnosticSeverity, at string, words ...string) {
	t.Helper()
	if len(diags) != 1 {
		t.Fatalf("want one diagnostic, got %d:\n%s", len(diags), Render(diags))
	}
	d := diags[0]
	if d.Severity != severity || Where(d) != at {
		t.Errorf("want %s at %s, got:\n%s", severity, at, Render(diags))
	}
	for _, word := range words {
		if !strings.Contains(d.Summary+": "+d.Detail, word) {
			t.Errorf("want %q in:\n%s", word, Render(diags))
		}
	}
}
