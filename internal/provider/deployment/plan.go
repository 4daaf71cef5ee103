package deployment

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/clouds"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// ModifyPlan shows what apply will do. Terraform plans a second time within apply and takes any difference for a bug, so
// what it plans comes from the configuration and the refreshed state alone. What it finds by asking the clouds becomes
// warnings and errors.
func (r *deploymentResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	ctx = clouds.WithPatience(ctx)
	diags := &resp.Diagnostics
	defer diagtext.Locate(diags)
	var config, plan, state model
	creating := req.State.Raw.IsNull()
	if !creating {
		diags.Append(req.State.Get(ctx, &state)...)
	}
	if state.moved() {
		state.refuseUnread(diags)
		return
	}
	if !creating && r.clouds != nil {
		r.clouds.StateKnows(state.Name.ValueString(), adopted(state.world(ctx, req.Private, diags)))
	}
	if req.Plan.Raw.IsNull() {
		state.mayGo(ctx, req.Private, diags)
		return
	}
	defer refuseUnreadable(ctx, req, resp)
	if !checked(ctx, req.Config, diags) {
		return
	}
	diags.Append(req.Config.Get(ctx, &config)...)
	diags.Append(req.Plan.Get(ctx, &plan)...)
	if diags.HasError() {
		return
	}

	fromImport := imported(ctx, req.Private, diags)
	planning := r.clouds != nil && r.clouds.ForReader(state.Name.ValueString())
	plan.leaveOut(config)
	untold := false
	if !creating {
		if fromImport && planning {
			plan.warnOfLacks(ctx, state, req.Private, diags)
		}
		plan.keepCosmetic(ctx, config, state, fromImport, withheld(ctx, req.Private, diags), diags)
		untold = plan.untold(ctx, config.UserDataWO, state, fromImport, diags)
	}
	plan.ID = plan.Name
	if diags.HasError() {
		return
	}
	ctx = clouds.ForPlan(ctx, "planning", plan.Name.ValueString())
	if creating && r.clouds != nil && !plan.Name.IsUnknown() {
		defer r.clouds.Duplicates.PlanCreate(ctx, plan.Name.ValueString(), diags)()
	}
	if !creating && !plan.Name.Equal(state.Name) && plan.refuseOtherName(ctx, state, req.Private, diags) {
		return
	}
	if !creating && !plan.Name.Equal(state.Name) {
		// Terraform plans once more without a state, for what is then made.
		state.mayGo(ctx, req.Private, diags)
		plan.renamed(state, state.world(ctx, req.Private, diags), diags)
		plan.open()
		diags.Append(resp.Plan.Set(ctx, &plan)...)
		return
	}
	if !plan.known() || untold {
		r.ownedInAnyCase(ctx, plan, state, creating, req.Private, diags)
		plan.open()
		diags.Append(resp.Plan.Set(ctx, &plan)...)
		return
	}

	var w rollout.World
	if !creating {
		w = state.world(ctx, req.Private, diags)
	}
	spec := plan.specification(ctx, config.UserDataWO, diags)
	spec.takeSecrets(ctx, req.Config, false, diags)
	if !creating && !diags.HasError() {
		spec.remember(ctx, state, w, req.Private, diags)
	}
	if diags.HasError() {
		return
	}
	d := spec.deployment
	preview := rollout.Simulate(d, w)
	plan.setPlanned(preview, state, creating)
	if !creating && plan.ofAnotherState(ctx, d, w, state, req, resp) {
		return
	}
	if standing := rollout.Standing(w); planning && standing != "" && preview.Changes() {
		title := "The rollout of %s was cut short before this plan"
		if rollout.StatusOf(w) == rollout.Holding {
			title = "Deployment %s held when this was planned"
		}
		diags.AddAttributeWarning(path.Root("name"), titled(title, plan.Name), whenPlanned+standing+" Of what apply does about it, rollout_plan says:\n\n"+diagtext.Rows(preview.Text()))
	}
	if rollout.StatusOf(w) == rollout.Holding && !preview.Changes() && (planning || plan.unchanged(ctx, req.State)) {
		warnOfHold(plan.Name, w, "", diags)
	}
	if why := rollout.FailedBefore(d, w); why != "" {
		diags.AddAttributeWarning(path.Root("triggers"), "Release failed before",
			fmt.Sprintf("Apply will refuse this release: %s.", why))
	}
	if aborted := rollout.AbortedBefore(d, w); planning && aborted != "" {
		diags.AddAttributeWarning(path.Root("name"), "Release was aborted before",
			fmt.Sprintf(whenPlanned+"%s was this release, and was aborted on request. Nothing is held against it: apply releases it again. If that is not wanted, change back what makes it.", aborted))
	}
	if misrouted := rollout.Misrouted(d, w); len(misrouted) > 0 && !preview.Refused() {
		diags.AddAttributeWarning(path.Root("blue_green"), "Traffic goes elsewhere",
			fmt.Sprintf("Someone else has moved production's traffic: %s. %s Nothing of the deployment moves it back: make production forward to where the live revision is.",
				strings.Join(misrouted, "; "), commonestMover))
	}
	if planning {
		plan.startsWithEnough(d, preview, diags)
		plan.warnOfShortFollow(ctx, d, preview, diags)
	}
	if mends := preview.Mends(); planning && len(mends) > 0 {
		spec.halfWayTold = true
		diags.AddAttributeWarning(path.Root("blue_green"), halfWay,
			fmt.Sprintf(whenPlanned+"someone else had left %s. Apply puts it back on the live revision first.", strings.Join(mends, ", and ")))
	}
	r.outlast(ctx, spec, preview, creating, diags)
	if planning && preview.NewRevision() {
		sameUnit(d, w, diags)
	}
	if planning && !creating && preview.Changes() {
		r.warnOfRolls(ctx, w, diags)
		plan.warnOfUntold(ctx, state, preview, diags)
		plan.warnOfUnasked(ctx, state, w, preview, diags)
	}
	if creating || preview.NewRevision() {
		warnOfDocument(spec.release.document, diags)
	}
	if r.clouds != nil && (creating || preview.NewRevision() || preview.Refused()) {
		r.lookAhead(ctx, spec, w, creating, diags)
	}
	diags.Append(resp.Plan.Set(ctx, &plan)...)
}

// unchanged tells whether a plan is the state, so that there will be no apply that says once more what is said now.
func (m model) unchanged(ctx context.Context, state tfsdk.State) bool {
	planned := tfsdk.State{Schema: state.Schema, Raw: state.Raw.Copy()}
	return !planned.Set(ctx, &m).HasError() && planned.Raw.Equal(state.Raw)
}

// whenPlanned begins a warning of what an apply changes. Terraform shows warnings of a plan once more when its apply has succeeded
// (-auto-approve), and a reader should not take them for what is so then.
const whenPlanned = "When this was planned: "

// remember adds what the state tells of the deployment: its capacity, what the live revision was made of, and whether that is the same.
func (s *specification) remember(ctx context.Context, state model, w rollout.World, private privateState, diags *diag.Diagnostics) {
	d := &s.deployment
	fromImport := imported(ctx, private, diags)
	d.Given = state.capacity(ctx, diags)
	live := rollout.RolesOf(w).Live
	if live == nil || diags.HasError() {
		return
	}
	servingNote(ctx, private, diags).restore(ctx, &state, w, diags)
	was, is := state.release(ctx, diags), s.release
	if diags.HasError() {
		return
	}
	hidden := withheld(ctx, private, diags)
	d.Drops = drops(was, is, d.MovesTraffic(), fromImport, hidden)
	same := was.fingerprint == is.fingerprint || fromImport && covered(was, is, s.userData, hidden)
	same = same || becomesWriteOnly(was, is) && was.userDataAs(is, s.userData) == sameUserData
	if !same {
		return
	}
	if was.overrides.UserDataVersion == "" && is.overrides.UserDataVersion != "" {
		s.sameUserData = live.ID
	}
	if j, ok := live.Journal(); !ok {
		d.Adopted = live.ID
	} else if fromImport || s.sameUserData != "" || notedSameUserData(ctx, private, diags) == live.ID {
		d.Release = j.Release
	}
}

// keepCosmetic keeps the state's spelling of what is the same, so that nothing is planned for it. What it keeps of an attribute that is
// known may not depend on another one that is not: within apply, where all is known, the same has to come out.
func (m *model) keepCosmetic(ctx context.Context, config, state model, fromImport bool, withheld []string, diags *diag.Diagnostics) {
	if state.Configuration.IsNull() {
		return
	}
	if !m.Configuration.IsUnknown() && sameDocument(state.Configuration.ValueString(), m.Configuration.ValueString()) {
		m.Configuration = state.Configuration
	}
	if !fromImport {
		return
	}
	likely, open := m.likely(state)
	was, is := state.release(ctx, diags), likely.release(ctx, diags)
	switch {
	case diags.HasError() || !covered(was, is, config.UserDataWO, withheld): // whatever comes, it is another release
	case was.userDataAs(is, config.UserDataWO) == untoldUserData:
		m.undecided(ctx, config, state, append(open, "user_data_wo"), diags)
	case len(open) > 0:
		m.undecided(ctx, config, state, open, diags)
	default:
		for name, p := range inputs {
			if p.keptFromImport(config.input(name), state.input(name)) && !config.writesOnly(name) {
				m.take(name, state)
			}
		}
	}
}

// keptFromImport tells whether an attribute is planned as an import has read it off the group, if the group has all that the configuration
// says: what makes a revision, and what is left out. What is written and was read as null, because the import has it in another attribute, is
// planned as it is written: Terraform takes no null in its place.
func (p part) keptFromImport(written, read attr.Value) bool {
	if read.IsNull() && !written.IsNull() {
		return false
	}
	return p.imports.how == asTheGroup && (p.releases || p.settles && written.IsNull())
}

// likely is the model in which everything that makes a revision and is not known is as it was, and what of that a group has.
func (m model) likely(state model) (likely model, open []string) {
	for _, name := range slices.Sorted(maps.Keys(inputs)) {
		p := inputs[name]
		if !p.releases || whollyKnown(m.input(name)) {
			continue
		}
		m.take(name, state)
		if p.imports.how == asTheGroup {
			open = append(open, name)
		}
	}
	return m, open
}

// undecided plans for an imported group of which it cannot be told yet whether it has what the configuration says: something that makes
// a revision is not known. What is left out stays open. What is written otherwise than the group has it would be kept as it was, or not,
// only when all is known, which Terraform does not let a provider do.
func (m *model) undecided(ctx context.Context, config, state model, open []string, diags *diag.Diagnostics) {
	for _, name := range slices.Sorted(maps.Keys(inputs)) {
		switch p := inputs[name]; {
		case !p.keptFromImport(config.input(name), state.input(name)) || slices.Contains(open, name) || config.writesOnly(name):
		case p.settles && config.input(name).IsNull():
			m.leaveOpen(ctx, name, diags)
		case !m.input(name).Equal(state.input(name)):
			diags.AddAttributeError(path.Root(name), "Imported group cannot be compared yet",
				fmt.Sprintf("The deployment has just been imported, and whether its live group has what the configuration says depends on %s, known only while applying. "+
					"Apply what that comes of first (terraform apply -target=…), or write the value out until the import is done. Nothing was touched.", strings.Join(open, ", ")))
			return
		}
	}
}

// sameDocument tells whether two configurations differ in nothing that means something.
func sameDocument(one, other string) bool {
	a, err := spot.ParseDocument([]byte(one))
	if err != nil {
		return false
	}
	b, err := spot.ParseDocument([]byte(other))
	return err == nil && spot.Same(a, b)
}

// covered tells whether an imported group is as a release says. Triggers are not written anywhere on it, and of the withheld credentials
// only their paths are known.
func covered(live, wanted release, userData types.String, withheld []string) bool {
	return live.bad == nil && wanted.bad == nil && spot.Covers(live.group, wanted.group, withheld...) && live.userDataAs(wanted, userData) != otherUserData
}

// open leaves everything that the rollout decides to apply, because something that it depends on is not known yet.
func (m *model) open() {
	m.Status, m.GroupID, m.GroupName, m.RolloutPlan = types.StringUnknown(), types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
	m.Revision = types.Int64Unknown()
	m.Groups = types.ListUnknown(types.ObjectType{AttrTypes: groupTypes})
	m.Traffic = types.ListUnknown(trafficType)
	if !m.movesTraffic() {
		m.Traffic = types.ListNull(trafficType)
	}
}

// setPlanned fills in what can be known of the end.
func (m *model) setPlanned(p rollout.Preview, state model, creating bool) {
	if !creating && !p.Changes() {
		m.Status, m.GroupID, m.GroupName, m.RolloutPlan = state.Status, state.GroupID, state.GroupName, state.RolloutPlan
		m.Revision, m.Groups, m.Traffic = state.Revision, state.Groups, state.Traffic
		switch {
		case !m.movesTraffic():
			m.Traffic = types.ListNull(trafficType)
		case !m.BlueGreen.Equal(state.BlueGreen):
			m.Traffic = types.ListUnknown(trafficType)
		}
		if p.Refused() {
			m.RolloutPlan = types.StringValue(p.Text())
		}
		return
	}
	m.open()
	m.RolloutPlan = types.StringValue(p.Text())
	end := rollout.RolesOf(p.End).Live
	// Terraform holds a provider to what it has planned, and a release that holds has another end than one that goes through.
	if end == nil || p.MayHold() {
		return
	}
	m.Status = types.StringValue(string(rollout.StatusOf(p.End)))
	m.Revision = types.Int64Value(int64(end.Revision))
	m.GroupName = types.StringValue(end.Name)
	for _, g := range p.Start.Groups {
		if g.ID == end.ID {
			m.GroupID = types.StringValue(g.ID)
		}
	}
}

// lookAhead asks the clouds for what would stop the rollout, before anything is touched.
func (r *deploymentResource) lookAhead(ctx context.Context, spec *specification, before rollout.World, creating bool, diags *diag.Diagnostics) {
	r.preflight(ctx, spec, before, true, diags)
	if !creating || diags.HasError() {
		return
	}
	run := r.run(spec, rollout.World{})
	run.Adopted = r.clouds.KnownOf(spec.deployment.Name)
	found, err := run.Look(ctx)
	var answer *spot.Error
	switch {
	case errors.As(err, &answer) && (answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden):
		diags.AddError("Spot refuses the credentials", diagtext.Sentence(err)+" Give the provider a token of an organisation that has the account, and the account that the groups are to be in.")
		return
	case err != nil && len(run.Adopted) > 0: // a replacement: what may be live would be taken down first
		refuseUnseen(err, diags)
		return
	case err != nil:
		diags.AddWarning("Groups cannot be read", diagtext.Sentence(err))
		return
	case spec.written.taken(found, diags):
		return
	}
	warnOfExcluded(run.Run, diags)
	if standing := rollout.Standing(found); standing != "" && rollout.RolesOf(found).Live == nil {
		diags.AddAttributeWarning(path.Root("name"), titled("The first deployment of %s was cut short before this plan", spec.written.Name), whenPlanned+standing+" Apply goes on with it, or takes it down first if it is another release. An apply of it that is still at work, from another state, stops then.")
		return
	}
	r.notImported(ctx, spec.deployment.Name, diags)
	if step := rollout.Next(run.Deployment, found); step.Kind == rollout.Refuse {
		diags.AddAttributeError(path.Root("name"), "Name is taken", fmt.Sprintf("For deployment %q %s.", spec.deployment.Name, step.Because()))
	}
}
