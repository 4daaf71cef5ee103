package actions

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

var (
	_ action.ActionWithConfigure  = (*promoteAction)(nil)
	_ action.ActionWithModifyPlan = (*promoteAction)(nil)
)

// promoteAction lets a release that holds go on.
type promoteAction struct{ configured }

// NewPromote makes the action elastigroup_promote.
func NewPromote() action.Action { return &promoteAction{} }

type promoteModel struct {
	Name  types.String `tfsdk:"name"`
	Phase types.Int64  `tfsdk:"phase"`
}

// Metadata returns the action's name.
func (a *promoteAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_promote"
}

// Schema returns what users write.
func (a *promoteAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lets a release that holds go on, to a further phase or weight or to the end, without a change of the configuration, and says what happens meanwhile.",
		Attributes: map[string]schema.Attribute{
			"name": nameAttribute(),
			"phase": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "The number, from 1, of the phase (canary) or weight (traffic shift) after which the release holds again. Left out, it goes on to the end.",
				Validators:          []validator.Int64{int64validator.AtLeast(1)},
			},
		},
	}
}

// ModifyPlan says what will be done, if something holds already. It never fails: an action that is triggered is planned before there is
// anything to promote.
func (a *promoteAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var m promoteModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || a.clouds == nil || m.Name.IsUnknown() || m.Phase.IsUnknown() {
		return
	}
	var unsaid diag.Diagnostics
	f, ok := a.look(ctx, m.Name.ValueString(), &unsaid)
	if !ok || !f.waits() || f.missing != "" || !m.fits(f, &unsaid) {
		return
	}
	f.wants.Promotion = &rollout.Promotion{To: int(m.Phase.ValueInt64())}
	preview := rollout.Simulate(f.wants, f.imagined())
	resp.Diagnostics.AddAttributeWarning(path.Root("name"), fmt.Sprintf("Deployment %s will be promoted", m.Name.ValueString()),
		"When this was planned: "+rollout.Standing(f.world)+" Promoting it does this:\n\n"+diagtext.Rows(preview.Text()))
}

// waits tells whether the release rests, or was promoted by a run that was cut short: neither an apply nor another action is at work then, as
// far as its tags say.
func (f found) waits() bool {
	candidate := rollout.RolesOf(f.world).Candidate
	if candidate == nil {
		return false
	}
	j, _ := candidate.Journal()
	underway := j.Verdict == rollout.RollingOut || j.Verdict == rollout.Reverting
	return underway && (j.Holding || j.Promoted != nil || j.Failure != "")
}

// fits tells whether the phase is one that the release can go on to.
func (m promoteModel) fits(f found, diags *diag.Diagnostics) bool {
	to := int(m.Phase.ValueInt64())
	if m.Phase.IsNull() {
		return true
	}
	candidate := rollout.RolesOf(f.world).Candidate
	j, _ := candidate.Journal()
	switch phases := f.wants.Phases(); {
	case to <= j.Passed:
		diags.AddAttributeError(path.Root("phase"), "Phase is passed already",
			fmt.Sprintf("The release was to go on to phase %d. %s Nothing was touched. Name a later phase, or none to go on to the end.", to, rollout.Standing(f.world)))
	case f.missing == "" && to > phases:
		diags.AddAttributeError(path.Root("phase"), "No such phase",
			fmt.Sprintf("The release was to go on to phase %d, and %s (%s) has %d before the whole. Nothing was touched. Leave phase out to go on to the end.", to, candidate.Name, candidate.ImageID, phases))
	default:
		return true
	}
	return false
}

var promoteTitles = map[runner.Outcome]string{
	runner.RolledBack:  "Promoted release failed and was rolled back",
	runner.Held:        "Promoted release failed and is held",
	runner.Interrupted: "Promotion interrupted",
	runner.Refused:     "Promotion refused",
	runner.Broken:      "Promotion could not be completed",
}

// Invoke goes on with the rollout.
func (a *promoteAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var m promoteModel
	diags := &resp.Diagnostics
	diags.Append(req.Config.Get(ctx, &m)...)
	if diags.HasError() || a.unknown.Refuse("Deployment "+m.Name.ValueString()+" cannot be looked at", diags) {
		return
	}
	name, says := m.Name.ValueString(), progressOf(ctx, resp)
	a.alone(ctx, name, "promoted", diags, func(f found) { a.promote(ctx, m, f, says, diags) })
}

// promote goes on with what was found.
func (a *promoteAction) promote(ctx context.Context, m promoteModel, f found, says progress, diags *diag.Diagnostics) {
	name, candidate := m.Name.ValueString(), rollout.RolesOf(f.world).Candidate
	switch {
	case candidate == nil:
		says.say(rests(name, f.world) + " There is nothing to promote.")
		return
	case !f.waits():
		diags.AddAttributeError(path.Root("name"), "Deployment does not hold",
			rollout.Standing(f.world)+" An apply is at work on it, or was cut short: only what holds can be promoted. Nothing was touched. Apply the deployment to go on with it.")
		return
	case !f.replacesWhatIsThere(name, diags), !f.ownedOrRefused(diags), !m.fits(f, diags):
		return
	}
	promotion := rollout.Promotion{To: int(m.Phase.ValueInt64())}
	if f.missing != "" {
		a.note(ctx, f, promotion, says, diags)
		return
	}
	f.wants.Promotion = &promotion
	reported(a.run(f, says).Do(ctx), promoteTitles, diags)
}

// note writes on the candidate that it is to go on, where what it goes on by is not known here: an apply, which has the configuration, does
// the rest.
func (a *promoteAction) note(ctx context.Context, f found, promotion rollout.Promotion, says progress, diags *diag.Diagnostics) {
	candidate := rollout.RolesOf(f.world).Candidate
	j, _ := candidate.Journal()
	accepted := ""
	if j.Unknown != "" {
		accepted = fmt.Sprintf(" What was not known is taken for good where it holds, unless it turns out to be bad: %s.", j.Unknown)
	}
	if err := a.clouds.Spot.Tag(ctx, candidate.ID, rollout.PromotedTags(f.world, promotion)); err != nil {
		diags.AddError("Promotion could not be noted", fmt.Sprintf("%s (%s) was to be noted as promoted %s: %s %s", candidate.Name, candidate.ID, promotion.Where(), diagtext.Sentence(err), rollout.Standing(f.world)))
		return
	}
	says.say(fmt.Sprintf("%s is noted as promoted %s; the next apply goes on with it", candidate.Name, promotion.Where()))
	diags.AddAttributeWarning(path.Root("name"), "Promotion is left to the next apply",
		fmt.Sprintf("%s (%s) is noted as promoted %s, and nothing else was touched. Its tags do not say %s. Apply the deployment: it goes on %s, although hold_after_phase still stands.%s",
			candidate.Name, candidate.ImageID, promotion.Where(), f.missing, promotion.Where(), accepted))
}
