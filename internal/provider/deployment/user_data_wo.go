package deployment

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// User data that are write-only (user_data_wo) are in the configuration alone, while Terraform asks for a plan or an apply. State, plan, private
// state and tags have their version, and so has the fingerprint of a release. They are looked at in two places: when a group is created, and
// when user data that the state has in the clear become write-only, so that the same text is not released once more.

// sameUserDataKey is the private note of the live group that is known to have the user data of the state's version, though it was released
// before they became write-only. Its journal may name a release by another fingerprint, where it could not be written anew. Should the note be
// lost then, the next plan shows a new revision that is not needed; nothing else depends on it.
const sameUserDataKey = "same_user_data"

// userDataAnswer is whether a release has the same user data as another one.
type userDataAnswer int

const (
	sameUserData userDataAnswer = iota
	otherUserData
	// untoldUserData says that the value which they are compared with comes only while applying.
	untoldUserData
)

// writeOnlyUserData is user_data_wo as a configuration has it.
func writeOnlyUserData(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) types.String {
	var value types.String
	diags.Append(config.GetAttribute(ctx, path.Root("user_data_wo"), &value)...)
	return value
}

// userDataAs tells whether what was has the user data of what is wanted, as far as the comparison of their documents cannot: where the user
// data of one of them, or of both, are write-only. The value is that of what is wanted.
func (r release) userDataAs(wanted release, value types.String) userDataAnswer {
	switch was, is := r.overrides.UserDataVersion, wanted.overrides.UserDataVersion; {
	case was == is:
		return sameUserData
	case was != "" && is == "" && wanted.overrides.UserDataBase64 == nil && wanted.group.UserData() == "":
		return sameUserData // nothing is said of them
	case was != "" || r.group.UserData() == "":
		return otherUserData // a version, or text that nobody has to compare a version with
	case value.IsUnknown():
		return untoldUserData
	case r.group.UserData() == base64.StdEncoding.EncodeToString([]byte(value.ValueString())):
		return sameUserData
	}
	return otherUserData
}

// becomesWriteOnly tells whether a release differs from another one in nothing but that its user data have become write-only.
func becomesWriteOnly(was, is release) bool {
	return was.overrides.UserDataVersion == "" && is.overrides.UserDataVersion != "" && was.with(is.overrides.UserDataVersion, nil) == is.fingerprint
}

// with is the fingerprint of a release with other user data.
func (r release) with(version string, userData *string) string {
	overrides := r.overrides
	overrides.UserDataVersion, overrides.UserDataBase64 = version, userData
	return r.document.Fingerprint(overrides, r.triggers)
}

// untold tells whether it is known only while applying if the user data that become write-only are those of the live revision, and with
// that whether there is a new one.
func (m model) untold(ctx context.Context, value types.String, state model, fromImport bool, diags *diag.Diagnostics) bool {
	if !value.IsUnknown() || m.UserDataWOVersion.IsNull() || !m.known() || state.Configuration.IsNull() {
		return false
	}
	was, is := state.release(ctx, diags), m.release(ctx, diags)
	return !diags.HasError() && (fromImport || becomesWriteOnly(was, is)) && was.userDataAs(is, value) == untoldUserData
}

// warnOfUntold says in the plan of a release why it is one where the user data may be the same: what was write-only is nowhere to compare with.
func (m model) warnOfUntold(ctx context.Context, state model, p rollout.Preview, diags *diag.Diagnostics) {
	was, is := state.release(ctx, diags), m.release(ctx, diags)
	version, none := was.overrides.UserDataVersion, ""
	if diags.HasError() || version == "" || is.overrides.UserDataVersion != "" || is.group.UserData() == "" || !p.NewRevision() ||
		was.with("", &none) != is.with("", &none) {
		return
	}
	at := path.Root("configuration")
	switch {
	case !m.UserDataBase64.IsNull():
		at = path.Root("user_data_base64")
	case !m.UserData.IsNull():
		at = path.Root("user_data")
	}
	diags.AddAttributeWarning(at, "Whether the user data have changed cannot be told",
		fmt.Sprintf(whenPlanned+"%s has write-only user data, version %s, which the state does not have. What is written now may be the same, and is released once more.", state.GroupName.ValueString(), version))
}

// writesOnly tells whether a configuration gives write-only user data, and an attribute is one of those that say which. None of them is kept
// as an import has read it off a group then: the text that the state has by it is to go.
func (m model) writesOnly(name string) bool {
	return !m.UserDataWOVersion.IsNull() && !m.UserDataWOVersion.IsUnknown() && slices.Contains([]string{"user_data", "user_data_base64", "user_data_wo_version"}, name)
}

// writeOnlyLack says how to keep write-only user data.
func writeOnlyLack(version string) lack {
	return lack{at: path.Root("user_data_wo"), kind: "write-only user data", secret: true, what: fmt.Sprintf("write-only user data (version %s)", version),
		write: fmt.Sprintf("user_data_wo and user_data_wo_version = %s", version)}
}

// userDataOf gives a release the user data that its new group has. A former revision of the same release has them already, and they are taken
// from there: the configuration may have those of a later version by now.
func (r *deploymentResource) userDataOf(ctx context.Context, spec *specification, before rollout.World, diags *diag.Diagnostics) bool {
	former, found := rollout.SameRelease(spec.deployment, before)
	if spec.release.overrides.UserDataVersion == "" || !found {
		return true
	}
	document := spot.Document{}
	data, err := r.clouds.Spot.Document(ctx, former.ID)
	if err == nil {
		document, err = spot.ParseDocument(data)
	}
	if err != nil {
		diags.AddAttributeError(path.Root("user_data_wo"), "User data of a former revision cannot be read",
			fmt.Sprintf("The release is that of %s (%s), whose user data, version %s, it comes up with. %s Nothing was touched.", former.Name, former.ID, spec.release.overrides.UserDataVersion, diagtext.Sentence(err)))
		return false
	}
	if plain, err := base64.StdEncoding.DecodeString(document.UserData()); err == nil && len(plain) > 0 {
		spec.userData = types.StringValue(string(plain))
	}
	return true
}

// userDataBase64 are the write-only user data as they are sent. Validation has seen to it that they are there.
func (s *specification) userDataBase64() *string {
	encoded := base64.StdEncoding.EncodeToString([]byte(s.userData.ValueString()))
	return &encoded
}

// nameVersion writes on the live group, whose user data have become write-only, which version they are, and by what it is known as a release
// from now on: it had a hash of them so far. Imports know it by that, and so does a later release of the same. The world has it as well then.
func (r *deploymentResource) nameVersion(ctx context.Context, spec *specification, w rollout.World, private privateStore, diags *diag.Diagnostics) {
	live := rollout.RolesOf(w).Live
	if spec.sameUserData == "" || live == nil || live.ID != spec.sameUserData {
		return
	}
	diags.Append(private.SetKey(ctx, sameUserDataKey, []byte(fmt.Sprintf("%q", live.ID)))...)
	j, ok := live.Journal()
	if !ok {
		return // others made it, and its tags are theirs
	}
	j.Release, j.UserDataVersion = spec.release.fingerprint, spec.release.overrides.UserDataVersion
	if err := r.clouds.Spot.Tag(ctx, live.ID, j.Tags()); err != nil {
		diags.AddAttributeWarning(path.Root("user_data_wo_version"), "Version of the user data is not on the group",
			fmt.Sprintf("%s (%s) serves on, and the state has version %s. %s Until another revision is released, an import of the deployment does not know the version.", live.Name, live.ID, j.UserDataVersion, diagtext.Sentence(err)))
		return
	}
	for i := range w.Groups {
		if w.Groups[i].ID == live.ID {
			w.Groups[i].Tags = live.With(j.Tags())
		}
	}
}

// notedSameUserData is the ID of the group of the note; "" if there is none.
func notedSameUserData(ctx context.Context, private privateState, diags *diag.Diagnostics) string {
	note, more := private.GetKey(ctx, sameUserDataKey)
	diags.Append(more...)
	id := ""
	if len(note) > 0 {
		_ = json.Unmarshal(note, &id) // one that cannot be read is none
	}
	return id
}
