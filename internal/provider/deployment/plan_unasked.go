package deployment

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// warnOfUnasked warns of what has come to be written, or is written otherwise, while a release is under way that is past the point at which
// it would have a say. Whoever adds a check to a release that holds would take it for asked.
func (m model) warnOfUnasked(ctx context.Context, state model, w rollout.World, preview rollout.Preview, diags *diag.Diagnostics) {
	unasked := preview.Unasked()
	if len(unasked) == 0 || preview.Refused() {
		return
	}
	candidate := rollout.RolesOf(w).Candidate
	was := map[string]*checkModel{}
	before := state.verify(ctx, diags)
	for _, c := range before.writtenChecks(ctx, diags) {
		if c != nil {
			was[c.Name.ValueString()] = c
		}
	}
	now := m.verify(ctx, diags)
	for i, c := range now.writtenChecks(ctx, diags) {
		if c == nil || !unasked[c.Name.ValueString()] || c.same(was[c.Name.ValueString()]) {
			continue
		}
		diags.AddAttributeWarning(checkPath(i), "Check that is not asked any more", fmt.Sprintf(whenPlanned+"%s (%s) was under way, and is past the point at which check %s would be asked (at = %q). "+
			"It goes on without that check; the next release is asked about. To have this one asked about, too, apply the previous configuration first, and this one after it.",
			candidate.Name, candidate.ImageID, c.Name.ValueString(), c.point()))
	}
	if unasked[rollout.Comparing] && !now.Compare.Equal(before.Compare) {
		diags.AddAttributeWarning(path.Root("verify").AtName("compare"), "Check that is not asked any more", fmt.Sprintf(whenPlanned+"%s (%s) was under way, and no minutes are to come in which it serves beside the live revision by weights. "+
			"It goes on without the comparison; the next release is compared.", candidate.Name, candidate.ImageID))
	}
}

// same tells whether a check asks the same at the same point.
func (c checkModel) same(o *checkModel) bool {
	return o != nil && c.At.Equal(o.At) && c.HTTP.Equal(o.HTTP) && c.Lambda.Equal(o.Lambda) && c.Prometheus.Equal(o.Prometheus)
}
