package actions

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

var (
	_ action.ActionWithConfigure  = (*abortAction)(nil)
	_ action.ActionWithModifyPlan = (*abortAction)(nil)
)

// abortAction takes a release back.
type abortAction struct{ configured }

// NewAbort makes the action elastigroup_abort.
func NewAbort() action.Action { return &abortAction{} }

type abortModel struct {
	Name types.String `tfsdk:"name"`
}

// Metadata returns the action's name.
func (a *abortAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_abort"
}

// Schema returns what users write.
func (a *abortAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Takes back a release that is rolled out, as if it had failed: production's traffic first, then the previous revision whole, then the new one to zero and deleted. " +
			"Nothing is held against its image.",
		Attributes: map[string]schema.Attribute{"name": nameAttribute()},
	}
}

// ModifyPlan says what will be done, if something is rolled out already.
func (a *abortAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var m abortModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || a.clouds == nil || m.Name.IsUnknown() {
		return
	}
	var unsaid diag.Diagnostics
	f, ok := a.look(ctx, m.Name.ValueString(), &unsaid)
	if !ok || rollout.RolesOf(f.world).Candidate == nil || !f.replacesWhatIsThere(m.Name.ValueString(), &unsaid) {
		return
	}
	w := f.imagined()
	w.Failure = rollout.Abort(f.wants.Release)
	f.wants.OnFailure = rollout.Rollback
	resp.Diagnostics.AddAttributeWarning(path.Root("name"), fmt.Sprintf("Release of deployment %s will be aborted", m.Name.ValueString()),
		"When this was planned: "+rollout.Standing(f.world)+" Aborting it does this:\n\n"+diagtext.Rows(rollout.Simulate(f.wants, w).Text()))
}

var abortTitles = map[runner.Outcome]string{
	runner.Interrupted: "Abort interrupted",
	runner.Refused:     "Abort refused",
	runner.Broken:      "Abort could not be completed",
	runner.RolledBack:  "Abort could not be completed",
	runner.Held:        "Abort could not be completed",
}

// Invoke takes the candidate back. An apply that is at work on it finds that out by its next look, and stops.
func (a *abortAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var m abortModel
	diags := &resp.Diagnostics
	diags.Append(req.Config.Get(ctx, &m)...)
	if diags.HasError() || a.unknown.Refuse("Deployment "+m.Name.ValueString()+" cannot be looked at", diags) {
		return
	}
	name, says := m.Name.ValueString(), progressOf(ctx, resp)
	a.alone(ctx, name, "aborted", diags, func(f found) {
		if rollout.RolesOf(f.world).Candidate == nil {
			says.say(rests(name, f.world) + " There is nothing to abort.")
			return
		}
		if !f.replacesWhatIsThere(name, diags) || !f.ownedOrRefused(diags) {
			return
		}
		if f.wants.HealthyTimeout == 0 {
			f.wants.HealthyTimeout = usualTimeout
		}
		run := a.run(f, says)
		run.Aborts = true
		reported(run.Do(ctx), abortTitles, diags)
	})
}

// usualTimeout is how long instances are waited for where nothing else is known, as the resource has it.
const usualTimeout = 15 * time.Minute
