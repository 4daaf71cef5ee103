package deployment

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/attrvalue"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/clouds"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// importedKey is the private note that the state's inputs were read off a group, which says more than a configuration
// does. Should it be lost, the next plan shows a new revision that is not needed; nothing else depends on it.
const importedKey = "imported"

type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

func imported(ctx context.Context, private privateState, diags *diag.Diagnostics) bool {
	note, more := private.GetKey(ctx, importedKey)
	diags.Append(more...)
	return string(note) == "true"
}

// ImportState finds the groups of a deployment, whoever made them: NAME__1, NAME__2, …, or, where there are none, the pair
// NAME and NAME__STAGE__Harness that an earlier tool leaves. It changes nothing.
func (r *deploymentResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	ctx = clouds.WithPatience(ctx)
	diags := &resp.Diagnostics
	if r.unknown.Refuse("No deployment can be imported", diags) {
		return
	}
	name, ok := r.importedBy(ctx, req, diags)
	if !ok {
		return
	}
	if err := rollout.CheckName(name); err != nil {
		diags.AddError("Name of a deployment expected", diagtext.Sentence(err))
		return
	}
	w, err := r.adopt(ctx, name)
	if err != nil {
		diags.AddError("Groups cannot be read", diagtext.Sentence(err))
		return
	}
	live := rollout.RolesOf(w).Live
	if live == nil {
		diags.AddError("Deployment not found", fmt.Sprintf("There is no live group %s, nor any other revision of deployment %q, nor a group %s, in the account.",
			rollout.Name(name, 1), name, name)+r.notThere(ctx, name))
		return
	}
	state := r.takeOver(ctx, name, w, *live, resp.Private, diags)
	if diags.HasError() {
		return
	}
	r.identify(ctx, state.Name, resp.Identity, resp.Private, diags)
	diags.Append(resp.State.Set(ctx, &state)...)
}

// notThere says what could be imported instead.
func (r *deploymentResource) notThere(ctx context.Context, name string) string {
	groups, err := r.clouds.Spot.Groups(ctx)
	if err != nil {
		return "" // they were listed a moment ago, and are not worth an error of their own
	}
	var names []string
	for _, l := range lines(groups) {
		names = append(names, l.name)
	}
	return r.clouds.NotAtSpot("deployments", name, names)
}

// takeOver makes the state of what is taken over from others, with the notes beside it and a warning of what is not in it.
func (r *deploymentResource) takeOver(ctx context.Context, name string, w rollout.World, live rollout.Group, private privateStore, diags *diag.Diagnostics) model {
	state, document := r.readOff(ctx, name, w, live, diags)
	if diags.HasError() {
		return state
	}
	note(ctx, private, w, diags)
	diags.Append(private.SetKey(ctx, importedKey, []byte("true"))...)
	if paths, err := json.Marshal(document.Secrets()); err == nil {
		diags.Append(private.SetKey(ctx, withheldKey, paths)...)
	}
	warnOfSecrets(live, document, diags)
	warnOfOwner(live, diags)
	newOwner(w).keep(ctx, private, diags)
	return state
}

// readOff reads a state off the live group, with the group's document.
func (r *deploymentResource) readOff(ctx context.Context, name string, w rollout.World, live rollout.Group, diags *diag.Diagnostics) (model, spot.Document) {
	data, err := r.clouds.Spot.Document(ctx, live.ID)
	document := spot.Document{}
	if err == nil {
		document, err = spot.ParseDocument(data)
	}
	if err != nil {
		diags.AddError("Group cannot be read", diagtext.Sentence(err))
		return model{}, document
	}
	state := importedModel(ctx, name, live, document, diags)
	diags.Append(state.show(ctx, w)...)
	return state, document
}

// adopt finds the groups to import.
func (r *deploymentResource) adopt(ctx context.Context, name string) (rollout.World, error) {
	run := runner.New(runner.Config{Deployment: rollout.Deployment{Name: name}, Spot: r.clouds.Spot})
	w, err := run.Look(ctx)
	if err != nil {
		return w, err
	}
	w.Groups = append(w.Groups, w.Unowned...)
	w.Unowned = nil
	if len(w.Groups) > 0 {
		return w, nil
	}
	for _, name := range []string{name, rollout.StageName(name)} {
		found, err := r.clouds.Spot.Find(ctx, name)
		if err != nil {
			return w, err
		}
		w.Groups = append(w.Groups, found...)
	}
	return w, nil
}

// warnOfOwner warns of what bears the name of a state. Nobody can tell here whether that state is still there; while it is, both may change
// and destroy the deployment.
func warnOfOwner(live rollout.Group, diags *diag.Diagnostics) {
	if live.Owner() == "" {
		return
	}
	diags.AddWarning("Another state has released this", fmt.Sprintf("%s (%s) was released from another Terraform state, %s. If that one still has the deployment, take it out there "+
		"(terraform state rm) before anything is applied from here: until the first release from here, each of the two can change it, and destroy it.", live.Name, live.ID, live.Owner()))
}

// notImported warns a create of the groups that an import would take over: those that bear the deployment's name without a revision. A create
// goes beside them, and who has forgotten to import them has twice the instances, in the same target groups.
func (r *deploymentResource) notImported(ctx context.Context, name string, diags *diag.Diagnostics) {
	var found []rollout.Group
	for _, bare := range []string{name, rollout.StageName(name)} {
		groups, err := r.clouds.Spot.Find(clouds.ForPlan(ctx, "looking for", bare), bare)
		if err != nil {
			return // apply says what keeps groups from being read
		}
		found = append(found, groups...)
	}
	for _, g := range found {
		diags.AddAttributeWarning(path.Root("name"), "A group of this name is there already", fmt.Sprintf("%s (%s), set to %s, has the deployment's name and is none of its revisions. "+
			"Apply makes %s beside it and leaves it as it is. If the deployment is to take its place, import it first: terraform import ADDRESS %s; then the first release takes over from it.",
			g.Name, g.ID, g.Capacity, rollout.Name(name, 1), name))
	}
}

// importedModel is a state whose inputs are what the live group has, and whose settings are the defaults (see inputs).
func importedModel(ctx context.Context, name string, live rollout.Group, document spot.Document, diags *diag.Diagnostics) model {
	var m model
	preset := presets(ctx)
	for attribute, kind := range inputTypes(ctx) {
		makes := inputs[attribute].imports.value
		if makes == nil {
			makes = nullOf // it is computed, and shown later
		}
		value := makes(ctx, toImport{name: name, live: live, document: document, preset: preset[attribute], kind: kind, diags: diags})
		if value != nil {
			m.put(attribute, value)
		}
	}
	return m
}

func importedName(_ context.Context, in toImport) attr.Value { return types.StringValue(in.name) }

func importedConfiguration(_ context.Context, in toImport) attr.Value {
	return types.StringValue(string(in.document.Export()))
}

func importedImage(_ context.Context, in toImport) attr.Value {
	return attrvalue.OnlyImage(in.live.ImageID)
}

// importedImages are the images of a group that has several; one alone is image_id.
func importedImages(_ context.Context, in toImport) attr.Value {
	if ids := rollout.SplitImages(in.live.ImageID); len(ids) > 1 {
		return imageSet(ids)
	}
	return imageSet(nil)
}

func importedCapacity(_ context.Context, in toImport) attr.Value {
	return capacityObject(in.live.Capacity)
}

// importedUserDataVersion is the version of write-only user data, which the group's tag says. The data themselves stay where they are.
func importedUserDataVersion(_ context.Context, in toImport) attr.Value {
	version, err := strconv.ParseInt(rollout.UserDataVersion(in.live.Tags), 10, 64)
	if err != nil {
		return types.Int64Null()
	}
	return types.Int64Value(version)
}

func importedUserDataBase64(_ context.Context, in toImport) attr.Value {
	if rollout.UserDataVersion(in.live.Tags) != "" {
		return types.StringNull()
	}
	return attrvalue.StringOrNull(in.document.UserData())
}

// importedUserData is the user data as text, if it is text.
func importedUserData(_ context.Context, in toImport) attr.Value {
	plain, err := base64.StdEncoding.DecodeString(in.document.UserData())
	if err != nil || !utf8.Valid(plain) || rollout.UserDataVersion(in.live.Tags) != "" {
		return types.StringNull()
	}
	return attrvalue.StringOrNull(string(plain))
}

func importedTargetGroups(ctx context.Context, in toImport) attr.Value {
	return listFrom(ctx, in.document.TargetGroups(), in.diags)
}

func importedLoadBalancers(ctx context.Context, in toImport) attr.Value {
	return listFrom(ctx, in.document.LoadBalancers(), in.diags)
}

func listFrom(ctx context.Context, texts []string, diags *diag.Diagnostics) types.List {
	list, more := types.ListValueFrom(ctx, types.StringType, texts)
	diags.Append(more...)
	return list
}
