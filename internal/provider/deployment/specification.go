package deployment

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// specification is what a wholly known configuration asks for, decoded once in a request and passed down: what the plan shows, what preflight
// looks into and what is posted come from the same values.
type specification struct {
	written    model
	release    release
	deployment rollout.Deployment
	// userData is user_data_wo as the configuration has it; unknown or null where it is not at hand. Nothing that is planned may come of it.
	userData types.String
	// sameUserData is the ID of a live group that has the user data of a configuration in which they have become write-only.
	sameUserData string
	// minHealthyTime is how long instances have to be in service before they count.
	minHealthyTime time.Duration
	// needsAWS says that the rollout cannot do without AWS: its load balancers, routes or alarms are asked all the time.
	needsAWS bool
	// secrets are what checks ask with, by their places; applies says that this is an apply, and not its plan.
	secrets map[int]checkSecrets
	applies bool
	// halfWayTold says that a warning has told already which traffic was left half way, and is put back: it is told once.
	halfWayTold bool
}

// specification decodes a configuration of which all is known that a plan depends on.
func (m model) specification(ctx context.Context, userData types.String, diags *diag.Diagnostics) *specification {
	s := &specification{written: m, release: m.release(ctx, diags), userData: userData}
	if diags.HasError() {
		return s
	}
	verify := m.verify(ctx, diags)
	s.deployment = m.deployment(ctx, s.release, verify, diags)
	s.minHealthyTime = duration(verify.MinHealthyTime)
	balanced := s.release.bad == nil && len(s.release.group.TargetGroups())+len(s.release.group.LoadBalancers()) > 0
	s.needsAWS = s.deployment.MovesTraffic() || len(s.deployment.Alarms) > 0 || balanced || s.asksAWS(ctx, diags)
	return s
}

// release is everything that makes a revision.
type release struct {
	document  spot.Document
	overrides spot.Overrides
	triggers  map[string]string

	// group is the document of a group of this release, as it is sent but for the group's own name, size and tags; bad is why there is none.
	group spot.Document
	bad   error
	// fingerprint tells releases apart.
	fingerprint string
}

// release reads what makes a revision out of the model. All of it has to be known.
func (m model) release(ctx context.Context, diags *diag.Diagnostics) release {
	var r release
	document, err := spot.ParseDocument([]byte(m.Configuration.ValueString()))
	if err != nil {
		diags.AddAttributeError(path.Root("configuration"), "Configuration of a group expected", diagtext.Sentence(err))
		return r
	}
	r.document = document
	r.overrides = spot.Overrides{Name: m.Name.ValueString(), ImageIDs: m.images(ctx, diags)}
	switch {
	case !m.UserDataWOVersion.IsNull():
		r.overrides.UserDataVersion = strconv.FormatInt(m.UserDataWOVersion.ValueInt64(), 10)
	case !m.UserDataBase64.IsNull():
		text := m.UserDataBase64.ValueString()
		r.overrides.UserDataBase64 = &text
	case !m.UserData.IsNull():
		text := base64.StdEncoding.EncodeToString([]byte(m.UserData.ValueString()))
		r.overrides.UserDataBase64 = &text
	}
	r.overrides.TargetGroups = listOf(ctx, m.TargetGroupARNs, diags)
	r.overrides.LoadBalancers = listOf(ctx, m.LoadBalancerNames, diags)
	r.triggers = m.triggers(ctx, diags)
	r.group, r.bad = r.built()
	r.fingerprint = r.document.Fingerprint(r.overrides, r.triggers)
	return r
}

// textsOf are the texts of a list; none where it is left out.
func textsOf(ctx context.Context, list types.List, diags *diag.Diagnostics) []string {
	if texts := listOf(ctx, list, diags); texts != nil {
		return *texts
	}
	return nil
}

func listOf(ctx context.Context, list types.List, diags *diag.Diagnostics) *[]string {
	if list.IsNull() {
		return nil
	}
	texts := textsIn(ctx, list.Elements(), diags)
	return &texts
}

// textsIn are the texts of a list's or set's elements. Null ones are left out: validation refuses them in its own words, and reads them first.
func textsIn(ctx context.Context, elements []attr.Value, diags *diag.Diagnostics) []string {
	texts := []string{}
	for _, element := range elements {
		if element.IsNull() {
			continue
		}
		var text string
		diags.Append(tfsdk.ValueAs(ctx, element, &text)...)
		texts = append(texts, text)
	}
	return texts
}

// triggers are those that have a value; nil if none are written.
func (m model) triggers(ctx context.Context, diags *diag.Diagnostics) map[string]string {
	if m.Triggers.IsNull() {
		return nil
	}
	triggers := map[string]string{}
	for name, element := range m.Triggers.Elements() {
		if element.IsNull() {
			continue
		}
		var text string
		diags.Append(tfsdk.ValueAs(ctx, element, &text)...)
		triggers[name] = text
	}
	return triggers
}

// built is the release as a document of a group, to look into or to compare.
func (r release) built() (spot.Document, error) {
	data, err := r.document.Build(r.overrides)
	if err != nil {
		return spot.Document{}, err
	}
	return spot.ParseDocument(data)
}

// deployment is what the user wants, as package rollout has it.
func (m model) deployment(ctx context.Context, r release, verify verifyModel, diags *diag.Diagnostics) rollout.Deployment {
	d := rollout.Deployment{
		Name:    m.Name.ValueString(),
		Release: r.fingerprint,
		ImageID: rollout.JoinImages(r.images()),

		UserDataVersion: r.overrides.UserDataVersion,

		Capacity:       m.capacity(ctx, diags),
		Running:        m.StartWith.ValueString() == startRunning,
		Canary:         m.phases(ctx, diags),
		BlueGreen:      m.blueGreen(ctx, diags),
		HoldAfter:      int(m.HoldAfterPhase.ValueInt64()),
		HoldOnStage:    !m.HoldAfterPhase.IsNull() && m.HoldAfterPhase.ValueInt64() == 0,
		Checks:         verify.checks(ctx, diags),
		Compare:        verify.comparison(ctx, diags),
		Inconclusive:   rollout.Inconclusive(verify.Inconclusive.ValueString()),
		Alarms:         textsOf(ctx, verify.Alarms, diags),
		IgnoreAtStart:  verify.AlarmsAtStart.ValueString() == alarmsIgnore,
		ResizeOrder:    rollout.ResizeOrder(m.ResizeOrder.ValueString()),
		HealthyPercent: int(verify.HealthyPercent.ValueInt64()),
		OnFailure:      rollout.OnFailure(m.OnFailure.ValueString()),
		Retain:         int(m.Retain.ValueInt64()),
	}
	d.MinHealthyTime, d.HealthyTimeout = duration(verify.MinHealthyTime), duration(m.HealthyTimeout)
	d.Trial = m.trial(ctx, verify, diags)
	d.Unit, _ = r.document.Counts()
	d.OwnCapacity, _ = r.document.Capacity()
	if r.bad == nil {
		d.Automation = r.group.Automation()
		for _, arn := range r.group.TargetGroups() {
			d.TargetGroups = append(d.TargetGroups, rollout.TargetGroupName(arn))
		}
		d.TargetGroups = append(d.TargetGroups, r.group.LoadBalancers()...)
	}
	return d
}

// trialKind is how trials are reckoned, see [rollout.Deployment].
const trialKind = "2."

// trial is the fingerprint of what decides, beside the release itself, whether a release stands. To write a default is the same as to
// leave it out, and neither has a part in it: an attribute that a later version brings leaves the trials of those who do not write it.
func (m model) trial(ctx context.Context, effective verifyModel, diags *diag.Diagnostics) string {
	usual := model{}.verify(ctx, diags)
	verify, more := types.ObjectValueFrom(ctx, verifyTypes, effective)
	diags.Append(more...)
	unwritten, more := types.ObjectValueFrom(ctx, verifyTypes, usual)
	diags.Append(more...)
	preset := presets(ctx)
	text := ""
	tell := func(name string, value, usual attr.Value) {
		if !value.IsNull() && !value.Equal(usual) {
			text += name + " " + asWritten(value) + "\n"
		}
	}
	for _, name := range slices.Sorted(maps.Keys(inputs)) {
		if inputs[name].tries && name != "verify" {
			tell(name, m.input(name), preset[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(verifyTypes)) {
		tell("verify."+name, verify.Attributes()[name], unwritten.Attributes()[name])
	}
	sum := sha256.Sum256([]byte(text))
	return trialKind + hex.EncodeToString(sum[:4])
}

// asWritten is a value without the members that are not written.
func asWritten(value attr.Value) string {
	var all []string
	switch value := value.(type) {
	case types.Object:
		members := value.Attributes()
		for _, name := range slices.Sorted(maps.Keys(members)) {
			if !members[name].IsNull() {
				all = append(all, name+"="+asWritten(members[name]))
			}
		}
	case types.List:
		for _, element := range value.Elements() {
			all = append(all, asWritten(element))
		}
	default:
		return value.String()
	}
	return "{" + strings.Join(all, ", ") + "}"
}

func (m model) verify(ctx context.Context, diags *diag.Diagnostics) verifyModel {
	v := verifyModel{Alarms: types.ListNull(types.StringType), AlarmsAtStart: types.StringValue(alarmsRefuse), MinHealthyTime: types.StringValue("0s"), HealthyPercent: types.Int64Value(defaultHealthyPercent),
		Inconclusive: types.StringValue(defaultInconclusive), Checks: types.ListValueMust(checkType, nil), Compare: types.ObjectNull(compareTypes)}
	if !m.Verify.IsNull() && !m.Verify.IsUnknown() {
		diags.Append(m.Verify.As(ctx, &v, basetypes.ObjectAsOptions{})...)
	}
	return v
}
