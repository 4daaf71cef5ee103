package deployment

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// ownerKey is the private note of who a state is. Every group that its runs release bears the name as a tag, so that another state of
// the same deployment is found out before anything is touched.
const ownerKey = "owner"

// stateOwner is a state's name, and what it has imported.
type stateOwner struct {
	// ID is "terraform-state-0123456789abcdef": random, so that no two states have the same one unless one is a copy of the other.
	ID string `json:"id"`
	// Imported are the IDs of the groups that were there when the deployment was imported, whoever released them.
	Imported []string `json:"imported,omitempty"`
}

// ownerOf makes the name of a state of eight bytes.
func ownerOf(bytes []byte) string { return "terraform-state-" + hex.EncodeToString(bytes[:8]) }

// newOwner is a state that has just come to be, with the groups that it imported.
func newOwner(imported rollout.World) stateOwner {
	bytes := make([]byte, 8)
	_, _ = rand.Read(bytes) // never fails
	o := stateOwner{ID: ownerOf(bytes)}
	for _, g := range imported.Groups {
		o.Imported = append(o.Imported, g.ID)
	}
	slices.Sort(o.Imported)
	return o
}

// owner is who the state is. One whose note is lost, or was never written, is who released its live group; if nobody knows that, a name
// is made of the group's ID, which is the same every time, also for a process that goes on after a kill.
func (m model) owner(ctx context.Context, private privateState, w rollout.World, diags *diag.Diagnostics) stateOwner {
	var o stateOwner
	data, more := private.GetKey(ctx, ownerKey)
	diags.Append(more...)
	if len(data) > 0 && json.Unmarshal(data, &o) == nil && o.ID != "" {
		return o
	}
	live := m.GroupID.ValueString()
	for _, g := range w.Groups {
		if g.ID == live && g.Owner() != "" {
			return stateOwner{ID: g.Owner()}
		}
	}
	sum := sha256.Sum256([]byte(m.Name.ValueString() + " " + live))
	return stateOwner{ID: ownerOf(sum[:])}
}

// keep writes the note.
func (o stateOwner) keep(ctx context.Context, private privateStore, diags *diag.Diagnostics) {
	data, err := json.Marshal(o)
	if err != nil {
		diags.AddError("The state's owner cannot be noted", diagtext.Sentence(err))
		return
	}
	diags.Append(private.SetKey(ctx, ownerKey, data)...)
}

// of makes a deployment the state's.
func (o stateOwner) of(d *rollout.Deployment) {
	d.Owner, d.Imported = o.ID, map[string]bool{}
	for _, id := range o.Imported {
		d.Imported[id] = true
	}
}

// mayGo tells whether the state may take the deployment down, and says why not.
func (m model) mayGo(ctx context.Context, private privateState, diags *diag.Diagnostics) bool {
	w := m.world(ctx, private, diags)
	d := rollout.Deployment{Name: m.Name.ValueString(), Gone: true}
	m.owner(ctx, private, w, diags).of(&d)
	if why := rollout.Foreign(d, w); why != "" {
		diags.AddAttributeError(path.Root("name"), anotherState, why+". Nothing was touched.")
	}
	return !m.protected(diags) && !diags.HasError()
}

const anotherState = "Deployment belongs to another state"

// ofAnotherState tells whether what is live, or is being rolled out, belongs to another state, and refuses any change of it. A plan that
// changes nothing is only warned.
func (m model) ofAnotherState(ctx context.Context, d rollout.Deployment, w rollout.World, state model, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) bool {
	diags := &resp.Diagnostics
	state.owner(ctx, req.Private, w, diags).of(&d)
	why := rollout.Foreign(d, w)
	if why == "" {
		return false
	}
	diags.Append(resp.Plan.Set(ctx, &m)...)
	if resp.Plan.Raw.Equal(req.State.Raw) {
		diags.AddAttributeWarning(path.Root("name"), anotherState, why+".")
	} else {
		diags.AddAttributeError(path.Root("name"), anotherState, why+". Nothing was touched.")
	}
	return true
}

// ownedInAnyCase refuses what is live already, or is another state's, while other values of the plan are not known yet: whatever they come
// to be, apply would refuse it.
func (r *deploymentResource) ownedInAnyCase(ctx context.Context, plan, state model, creating bool, private privateState, diags *diag.Diagnostics) {
	switch {
	case !creating:
		state.mayChange(ctx, private, diags)
	case r.clouds != nil && !plan.Name.IsUnknown():
		run := runner.New(runner.Config{Deployment: rollout.Deployment{Name: plan.Name.ValueString()}, Spot: r.clouds.Spot,
			Adopted: r.clouds.KnownOf(plan.Name.ValueString())})
		found, err := run.Look(ctx)
		switch {
		case err == nil:
			plan.taken(found, diags)
		case len(run.Adopted) > 0: // a replacement; of another create, apply says what keeps it from being read
			refuseUnseen(err, diags)
		}
	}
}

// mayChange refuses to change what is another state's.
func (m model) mayChange(ctx context.Context, private privateState, diags *diag.Diagnostics) {
	w := m.world(ctx, private, diags)
	d := rollout.Deployment{Name: m.Name.ValueString()}
	m.owner(ctx, private, w, diags).of(&d)
	if why := rollout.Foreign(d, w); why != "" {
		diags.AddAttributeError(path.Root("name"), anotherState, why+". Nothing was touched.")
	}
}
