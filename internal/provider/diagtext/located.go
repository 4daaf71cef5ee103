package diagtext

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// Locate begins the text of each error in a block with the path of what it is about, canary.phase[1].percent, unless the text has it. Terraform shows
// the line, which of several blocks alike does not tell which one is meant, and is not there where the text is read by itself, as in a pull request.
func Locate(diags *diag.Diagnostics) {
	for i, d := range *diags {
		located, ok := d.(diag.DiagnosticWithPath)
		if !ok || d.Severity() != diag.SeverityError || len(located.Path().Steps()) < 2 {
			continue
		}
		if at := located.Path().String(); !strings.Contains(d.Detail(), at) {
			(*diags)[i] = diag.NewAttributeErrorDiagnostic(located.Path(), d.Summary(), at+": "+d.Detail())
		}
	}
}
