package deployment

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/clouds"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

var (
	_ resource.Resource                   = (*deploymentResource)(nil)
	_ resource.ResourceWithConfigure      = (*deploymentResource)(nil)
	_ resource.ResourceWithValidateConfig = (*deploymentResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*deploymentResource)(nil)
	_ resource.ResourceWithImportState    = (*deploymentResource)(nil)
	_ resource.ResourceWithIdentity       = (*deploymentResource)(nil)
)

// deploymentTypeName is what the resource is called in configurations.
const deploymentTypeName = "elastigroup_deployment"

// deploymentResource releases machine images onto a line of Elastigroups.
type deploymentResource struct {
	// clouds is nil while Terraform only validates or moves, and where the provider block is not known yet.
	clouds  *clouds.Clients
	unknown *clouds.Unknown
}

// New makes the resource elastigroup_deployment.
func New() resource.Resource { return &deploymentResource{} }

// Metadata returns the type's name.
func (r *deploymentResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = deploymentTypeName
}

// Schema returns what users write and read.
func (r *deploymentResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema(ctx)
}

// Configure takes the clients.
func (r *deploymentResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.clouds, r.unknown = clouds.From(req.ProviderData, &resp.Diagnostics)
}

// errTime is the cause of a context whose time-out in the configuration is over.
var errTime = errors.New("the time-out of the whole apply is over (attribute timeouts)")

// Create runs a first deployment, or goes on with one that was cut short. If it fails it leaves no state: state beside an
// error would be "tainted", and the next apply would destroy what serves.
func (r *deploymentResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer diagtext.Locate(&resp.Diagnostics)
	if r.unknown.Refuse("Nothing can be released", &resp.Diagnostics) {
		return
	}
	defer r.clouds.Events.Flush(ctx, &resp.Diagnostics)
	var plan model
	if !checked(ctx, req.Config, &resp.Diagnostics) {
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	limit, more := plan.Timeouts.Create(ctx, time.Hour)
	resp.Diagnostics.Append(more...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errTime)
	defer cancel()

	end, ok := r.clouds.Duplicates.BeginChange(plan.Name.ValueString(), "created", &resp.Diagnostics)
	if !ok {
		return
	}
	defer end()
	spec := plan.specification(ctx, writeOnlyUserData(ctx, req.Config, &resp.Diagnostics), &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	spec.takeSecrets(ctx, req.Config, true, &resp.Diagnostics)
	run := r.run(spec, rollout.World{})
	run.Checkers = r.checkers(ctx, spec, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	owner := newOwner(rollout.World{})
	owner.of(&run.Deployment)
	run.Deployment.Creates = true
	found, err := run.Look(runner.AskedBy(ctx, "creating "+plan.Name.ValueString()))
	if err != nil {
		resp.Diagnostics.AddError("Groups cannot be read", diagtext.Sentence(err))
		return
	}
	if plan.taken(found, &resp.Diagnostics) || !r.preflightAgain(ctx, spec, rollout.World{}, true, &resp.Diagnostics) {
		return
	}
	result := run.Do(ctx)
	if !run.reported(result, &resp.Diagnostics) {
		return
	}
	plan.concluded(ctx, run, result, &resp.Diagnostics)
	keepTimings(ctx, run.Learnt(), resp.Private, &resp.Diagnostics)
	note(ctx, resp.Private, result.World, &resp.Diagnostics)
	owner.keep(ctx, resp.Private, &resp.Diagnostics)
	r.identify(ctx, plan.Name, resp.Identity, resp.Private, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Read refreshes what stands. The deployment leaves the state when Spot says of each group that the state knows, by its ID, that it
// does not exist; whatever else is answered is an error or a warning, and the state stays.
func (r *deploymentResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if r.unknown != nil {
		r.leaveUnread(ctx, state, req, resp)
		return
	}
	// First of all: a Terraform that knows of identities wants one also where the deployment turns out to be gone.
	if !r.ofThisAccount(ctx, state, req.Identity, req.Private, &resp.Diagnostics) {
		return
	}
	r.identify(ctx, state.Name, resp.Identity, resp.Private, &resp.Diagnostics)
	ctx = clouds.ForPlan(ctx, "reading", state.Name.ValueString())
	if state.moved() {
		r.readMoved(ctx, state, resp)
		return
	}
	before := state.world(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	r.clouds.Refreshed(state.Name.ValueString())
	r.clouds.StateKnows(state.Name.ValueString(), adopted(before))
	run := runner.New(runner.Config{Deployment: rollout.Deployment{Name: state.Name.ValueString()}, Spot: r.clouds.Spot, Balancers: r.clouds.AWS, Adopted: adopted(before), Journaled: journaled(before)})
	w, err := run.Look(ctx)
	if keptUnreadable(ctx, err, resp.Private, &resp.Diagnostics) {
		return
	}
	if err != nil {
		resp.Diagnostics.AddError("Groups cannot be read", diagtext.Sentence(err)+" The state keeps what was seen last.")
		return
	}
	warnOfExcluded(run, &resp.Diagnostics)
	if len(w.Groups) == 0 {
		if len(before.Groups) > 0 && len(run.Unconfirmed()) == 0 {
			resp.State.RemoveResource(ctx)
			return
		}
		resp.Diagnostics.AddWarning("Deployment not found", fmt.Sprintf("Spot lists no group of deployment %q, and whether there is one cannot be asked: the state knows no ID of its groups that is one. "+
			"It stays in the state. If it is gone, take it out: terraform state rm ADDRESS.", state.Name.ValueString()))
		return
	}
	run.Deployment.BlueGreen = state.blueGreen(ctx, &resp.Diagnostics)
	if err := run.LookAtRoutes(ctx, &w); err != nil {
		// A listener that is gone keeps nobody from destroying what was behind it.
		resp.Diagnostics.AddAttributeWarning(path.Root("blue_green"), "Traffic cannot be read", diagtext.Sentence(err)+" The state keeps what was seen last.")
		w.Routes = before.Routes
	}
	state.owner(ctx, req.Private, w, &resp.Diagnostics).keep(ctx, resp.Private, &resp.Diagnostics)
	resp.Diagnostics.Append(state.show(ctx, w)...)
	note(ctx, resp.Private, w, &resp.Diagnostics)
	if rollout.StatusOf(w) != rollout.Holding {
		// What held was taken back meanwhile, by an action for instance.
		servingNote(ctx, req.Private, &resp.Diagnostics).restore(ctx, &state, w, &resp.Diagnostics)
	}
	state.serves(w)
	state.takePresets(ctx)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// Update runs a rollout, or goes on or back with one. If it fails the state holds the inputs that serve and what stands, so
// that the next plan shows the change again.
func (r *deploymentResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	defer diagtext.Locate(&resp.Diagnostics)
	if r.unknown.Refuse("Nothing can be released", &resp.Diagnostics) {
		return
	}
	defer r.clouds.Events.Flush(ctx, &resp.Diagnostics)
	var plan, state model
	if !checked(ctx, req.Config, &resp.Diagnostics) {
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	limit, more := plan.Timeouts.Update(ctx, time.Hour)
	resp.Diagnostics.Append(more...)
	if resp.Diagnostics.HasError() || !r.ofThisAccount(ctx, state, req.Identity, req.Private, &resp.Diagnostics) {
		return
	}
	r.identify(ctx, plan.Name, resp.Identity, resp.Private, &resp.Diagnostics)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errTime)
	defer cancel()

	end, ok := r.clouds.Duplicates.BeginChange(plan.Name.ValueString(), "updated", &resp.Diagnostics)
	if !ok {
		return
	}
	defer end()
	before := state.world(ctx, req.Private, &resp.Diagnostics)
	spec := plan.specification(ctx, writeOnlyUserData(ctx, req.Config, &resp.Diagnostics), &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	spec.remember(ctx, state, before, req.Private, &resp.Diagnostics)
	spec.takeSecrets(ctx, req.Config, true, &resp.Diagnostics)
	run := r.run(spec, before)
	run.Checkers = r.checkers(ctx, spec, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	run.Planned, run.Took = &before, orWritten(timings(ctx, req.Private, &resp.Diagnostics), spec.release.group)
	owner := state.owner(ctx, req.Private, before, &resp.Diagnostics)
	owner.of(&run.Deployment)
	owner.keep(ctx, resp.Private, &resp.Diagnostics)
	preview := rollout.Simulate(run.Deployment, before)
	if !r.preflightAgain(ctx, spec, before, preview.NewRevision() || preview.Refused(), &resp.Diagnostics) {
		return
	}
	if preview.NewRevision() && !r.userDataOf(ctx, spec, before, &resp.Diagnostics) {
		return
	}
	result := run.Do(ctx)
	keepTimings(ctx, run.Learnt(), resp.Private, &resp.Diagnostics)
	if !run.reported(result, &resp.Diagnostics) {
		if len(result.World.Groups) == 0 {
			return // nothing was seen: what the state says stays until a refresh knows better
		}
		resp.Diagnostics.Append(state.show(ctx, result.World)...)
		note(ctx, resp.Private, result.World, &resp.Diagnostics)
		servingNote(ctx, req.Private, &resp.Diagnostics).restore(ctx, &state, result.World, &resp.Diagnostics)
		state.serves(result.World)
		resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
		return
	}
	if preview.NewRevision() {
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, importedKey, []byte("false"))...)
	}
	r.nameVersion(ctx, spec, result.World, resp.Private, &resp.Diagnostics)
	state.keepServing(ctx, resp.Private, result.World, &resp.Diagnostics)
	plan.concluded(ctx, run, result, &resp.Diagnostics)
	note(ctx, resp.Private, result.World, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Delete takes the deployment's own groups down and deletes them.
func (r *deploymentResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	if r.unknown.Refuse("Nothing can be destroyed", &resp.Diagnostics) {
		return
	}
	defer r.clouds.Events.Flush(ctx, &resp.Diagnostics)
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	limit, more := state.Timeouts.Delete(ctx, 30*time.Minute)
	resp.Diagnostics.Append(more...)
	before := state.world(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || state.protected(&resp.Diagnostics) || !r.ofThisAccount(ctx, state, req.Identity, req.Private, &resp.Diagnostics) {
		return
	}
	end, ok := r.clouds.Duplicates.BeginChange(state.Name.ValueString(), "destroyed", &resp.Diagnostics)
	if !ok {
		return
	}
	defer end()
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errTime)
	defer cancel()

	run := r.runs(state)
	run.Deployment = rollout.Deployment{Name: state.Name.ValueString(), Gone: true}
	state.owner(ctx, req.Private, before, &resp.Diagnostics).of(&run.Deployment)
	run.Adopted, run.Journaled = adopted(before), journaled(before)
	run.Took = timings(ctx, req.Private, &resp.Diagnostics)
	run.RollbackOnInterrupt = false // there is no way back from here: a Ctrl-C stops it where it is, as it stops anything else
	result := run.Do(ctx)
	warnOfExcluded(run.Run, &resp.Diagnostics)
	if run.reported(result, &resp.Diagnostics) || len(result.World.Groups) == 0 {
		return
	}
	resp.Diagnostics.Append(state.show(ctx, result.World)...)
	note(ctx, resp.Private, result.World, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// mostExcluded is how many groups that cannot be read are told of one by one.
const mostExcluded = 5

// warnOfExcluded says once which groups are left out of everything because they cannot be read.
func warnOfExcluded(run *runner.Run, diags *diag.Diagnostics) {
	// One warning for all: of several with the same title Terraform shows the first.
	if excluded := run.Excluded(); len(excluded) > 0 {
		more := ""
		if len(excluded) > mostExcluded {
			more = fmt.Sprintf("\n\nand %d more.", len(excluded)-mostExcluded)
			excluded = excluded[:mostExcluded]
		}
		said := make([]string, len(excluded))
		for i, what := range excluded {
			said[i] = diagtext.Sentence(errors.New(what))
		}
		diags.AddWarning("Group that cannot be read", strings.Join(said, "\n\n")+more)
	}
	for _, id := range run.Unconfirmed() {
		diags.AddWarning("ID that is none in the state", fmt.Sprintf("The state has a group with the ID %q, which no group can have, so that Spot cannot be asked about it. It is left out.", rollout.QuoteUpTo(id, 80)))
	}
}

// protected refuses to destroy a deployment that its state protects.
func (m model) protected(diags *diag.Diagnostics) bool {
	if !m.DeletionProtection.ValueBool() {
		return false
	}
	diags.AddAttributeError(path.Root("deletion_protection"), "Deployment is protected",
		fmt.Sprintf("Destroying deployment %q is refused: deletion_protection is true. Set it to false, apply, and destroy then.", m.Name.ValueString()))
	return true
}

// runs is a run without a deployment to bring about.
func (r *deploymentResource) runs(m model) *observedRun {
	return observed(runner.Config{
		Spot:                r.clouds.Spot,
		Balancers:           r.clouds.AWS,
		Alarms:              r.clouds.AWS,
		Machines:            r.clouds.AWS,
		Metrics:             r.clouds.AWS,
		HealthyTimeout:      duration(m.HealthyTimeout),
		RollbackOnInterrupt: m.OnInterrupt.ValueString() == "rollback",
	}, r.clouds.Events.Take)
}

// run is a run that brings about what is planned.
func (r *deploymentResource) run(spec *specification, before rollout.World) *observedRun {
	run := r.runs(spec.written)
	release := spec.release
	run.Deployment, run.MinHealthyTime = spec.deployment, spec.minHealthyTime
	run.Adopted, run.Journaled = adopted(before), journaled(before)
	if spec.needsAWS {
		run.CredentialsEnd = r.clouds.CredentialsEnd
	}
	run.Document = func(g rollout.Group, tags map[string]string) ([]byte, error) {
		overrides := release.overrides
		if overrides.UserDataVersion != "" {
			overrides.UserDataBase64 = spec.userDataBase64()
		}
		overrides.Name, overrides.Tags, overrides.Paused = g.Name, tags, true
		if run.Deployment.MovesTraffic() {
			overrides.TargetGroups = &g.TargetGroups
		}
		return release.document.Build(overrides)
	}
	return run
}

// concluded fills in what the plan left open, and says what is left.
func (m *model) concluded(ctx context.Context, run *observedRun, result runner.Result, diags *diag.Diagnostics) {
	run.holds(m.Name, result.World, diags)
	planned := *m
	diags.Append(m.show(ctx, result.World)...)
	m.keepPlanned(planned)
	if m.RolloutPlan.IsUnknown() {
		var before rollout.World
		if run.Planned != nil {
			before = *run.Planned
		}
		m.RolloutPlan = types.StringValue(rollout.Simulate(run.Deployment, before).Text())
	}
}

// keepPlanned leaves what was planned as known as it was planned, which Terraform holds a provider to. Where nothing was to
// change, what an autoscaler has moved since is for the next refresh.
func (m *model) keepPlanned(planned model) {
	if !planned.Status.IsUnknown() {
		m.Status = planned.Status
	}
	if !planned.Groups.IsUnknown() {
		m.Revision, m.GroupID, m.GroupName, m.Groups = planned.Revision, planned.GroupID, planned.GroupName, planned.Groups
	}
	if !planned.Traffic.IsUnknown() {
		m.Traffic = planned.Traffic
	}
}
