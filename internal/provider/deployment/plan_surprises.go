package deployment

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// warnOfDocument warns, in the plan of a release, of what the configuration asks for that works otherwise while two revisions run, and
// of what Spot is not known to take. Neither stops anything: Spot may know more by now than the provider does.
func warnOfDocument(document spot.Document, diags *diag.Diagnostics) {
	for _, s := range document.Surprises() {
		diags.AddAttributeWarning(path.Root("configuration"), "Shared by both revisions", diagtext.Sentence(fmt.Errorf("of the configuration's %s", s)))
	}
	for _, d := range document.Unknowns() {
		diags.AddAttributeWarning(path.Root("configuration"), "Spot is not known to take this",
			diagtext.Sentence(fmt.Errorf("of the configuration's %s It is sent as it stands. If it is misspelt, apply ends when Spot refuses to create the group, before anything else has changed", sentence(d))))
	}
}

// sentence ends what is not known of the configuration, unless it ends in a question.
func sentence(d spot.Unknown) string {
	if text := d.String(); strings.HasSuffix(text, "?") {
		return text
	}
	return d.String() + "."
}
