package deployment

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// model is the resource as Terraform has it.
type model struct {
	ID                 types.String   `tfsdk:"id"`
	Name               types.String   `tfsdk:"name"`
	Configuration      types.String   `tfsdk:"configuration"`
	ImageID            types.String   `tfsdk:"image_id"`
	UserData           types.String   `tfsdk:"user_data"`
	UserDataBase64     types.String   `tfsdk:"user_data_base64"`
	Capacity           types.Object   `tfsdk:"capacity"`
	StartWith          types.String   `tfsdk:"start_with"`
	TargetGroupARNs    types.List     `tfsdk:"target_group_arns"`
	LoadBalancerNames  types.List     `tfsdk:"load_balancer_names"`
	Triggers           types.Map      `tfsdk:"triggers"`
	Canary             types.Object   `tfsdk:"canary"`
	BlueGreen          types.Object   `tfsdk:"blue_green"`
	ResizeOrder        types.String   `tfsdk:"resize_order"`
	Verify             types.Object   `tfsdk:"verify"`
	HealthyTimeout     types.String   `tfsdk:"healthy_timeout"`
	OnFailure          types.String   `tfsdk:"on_failure"`
	OnInterrupt        types.String   `tfsdk:"on_interrupt"`
	HoldAfterPhase     types.Int64    `tfsdk:"hold_after_phase"`
	Retain             types.Int64    `tfsdk:"retain"`
	DeletionProtection types.Bool     `tfsdk:"deletion_protection"`
	Timeouts           timeouts.Value `tfsdk:"timeouts"`
	Status             types.String   `tfsdk:"status"`
	Revision           types.Int64    `tfsdk:"revision"`
	GroupID            types.String   `tfsdk:"group_id"`
	GroupName          types.String   `tfsdk:"group_name"`
	RolloutPlan        types.String   `tfsdk:"rollout_plan"`
	Groups             types.List     `tfsdk:"groups"`
	Traffic            types.List     `tfsdk:"traffic"`
}

type capacityModel struct {
	Minimum types.Int64 `tfsdk:"minimum"`
	Target  types.Int64 `tfsdk:"target"`
	Maximum types.Int64 `tfsdk:"maximum"`
}

var capacityTypes = map[string]attr.Type{"minimum": types.Int64Type, "target": types.Int64Type, "maximum": types.Int64Type}

func capacityObject(c rollout.Capacity) types.Object {
	return types.ObjectValueMust(capacityTypes, map[string]attr.Value{
		"minimum": types.Int64Value(int64(c.Minimum)), "target": types.Int64Value(int64(c.Target)), "maximum": types.Int64Value(int64(c.Maximum)),
	})
}

type verifyModel struct {
	Alarms         types.List   `tfsdk:"alarms"`
	AlarmsAtStart  types.String `tfsdk:"alarms_at_start"`
	MinHealthyTime types.String `tfsdk:"min_healthy_time"`
	HealthyPercent types.Int64  `tfsdk:"healthy_percent"`
}

var verifyTypes = map[string]attr.Type{
	"alarms": types.ListType{ElemType: types.StringType}, "alarms_at_start": types.StringType, "min_healthy_time": types.StringType, "healthy_percent": types.Int64Type,
}

// whollyKnown tells whether a value and all that is in it is known.
func whollyKnown(v attr.Value) bool {
	if v.IsUnknown() {
		return false
	}
	switch v := v.(type) {
	case basetypes.ListValue:
		for _, e := range v.Elements() {
			if !whollyKnown(e) {
				return false
			}
		}
	case basetypes.MapValue:
		for _, e := range v.Elements() {
			if !whollyKnown(e) {
				return false
			}
		}
	case basetypes.ObjectValue:
		for _, e := range v.Attributes() {
			if !whollyKnown(e) {
				return false
			}
		}
	}
	return true
}

// capacity is what the user wrote; nil if it was left out or is not known yet.
func (m model) capacity(ctx context.Context, diags *diag.Diagnostics) *rollout.Capacity {
	if m.Capacity.IsNull() || !whollyKnown(m.Capacity) {
		return nil
	}
	var c capacityModel
	diags.Append(m.Capacity.As(ctx, &c, basetypes.ObjectAsOptions{})...)
	return &rollout.Capacity{Minimum: int(c.Minimum.ValueInt64()), Target: int(c.Target.ValueInt64()), Maximum: int(c.Maximum.ValueInt64())}
}

// release is everything that makes a revision.
type release struct {
	document  spot.Document
	overrides spot.Overrides
	triggers  map[string]string
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
	r.overrides = spot.Overrides{Name: m.Name.ValueString(), ImageID: m.image()}
	switch {
	case !m.UserDataBase64.IsNull():
		text := m.UserDataBase64.ValueString()
		r.overrides.UserDataBase64 = &text
	case !m.UserData.IsNull():
		text := base64.StdEncoding.EncodeToString([]byte(m.UserData.ValueString()))
		r.overrides.UserDataBase64 = &text
	}
	r.overrides.TargetGroups = listOf(ctx, m.TargetGroupARNs, diags)
	r.overrides.LoadBalancers = listOf(ctx, m.LoadBalancerNames, diags)
	if !m.Triggers.IsNull() {
		diags.Append(m.Triggers.ElementsAs(ctx, &r.triggers, false)...)
	}
	return r
}

// image is the ID of the image, without the line break that a file ends with.
func (m model) image() string { return strings.TrimSpace(m.ImageID.ValueString()) }

func listOf(ctx context.Context, list types.List, diags *diag.Diagnostics) *[]string {
	if list.IsNull() {
		return nil
	}
	texts := []string{}
	diags.Append(list.ElementsAs(ctx, &texts, false)...)
	return &texts
}

// fingerprint tells releases apart.
func (r release) fingerprint() string { return r.document.Fingerprint(r.overrides, r.triggers) }

// built is the release as a document of a group, to look into or to compare.
func (r release) built() (spot.Document, error) {
	data, err := r.document.Build(r.overrides)
	if err != nil {
		return spot.Document{}, err
	}
	return spot.ParseDocument(data)
}

// deployment is what the user wants, as package rollout has it.
func (m model) deployment(ctx context.Context, r release, diags *diag.Diagnostics) rollout.Deployment {
	d := rollout.Deployment{
		Name:           m.Name.ValueString(),
		Release:        r.fingerprint(),
		ImageID:        m.image(),
		Capacity:       m.capacity(ctx, diags),
		Running:        m.StartWith.ValueString() == startRunning,
		Canary:         m.phases(ctx, diags),
		BlueGreen:      m.blueGreen(ctx, diags),
		HoldAfter:      int(m.HoldAfterPhase.ValueInt64()),
		Alarms:         m.alarms(ctx, diags),
		IgnoreAtStart:  m.verify(ctx, diags).AlarmsAtStart.ValueString() == alarmsIgnore,
		ResizeOrder:    rollout.ResizeOrder(m.ResizeOrder.ValueString()),
		HealthyPercent: int(m.verify(ctx, diags).HealthyPercent.ValueInt64()),
		OnFailure:      rollout.OnFailure(m.OnFailure.ValueString()),
		Retain:         int(m.Retain.ValueInt64()),
	}
	d.Trial = m.trial(ctx, diags)
	d.Unit, _ = r.document.Counts()
	d.OwnCapacity, _ = r.document.Capacity()
	if built, err := r.built(); err == nil {
		d.Automation = built.Automation()
		for _, arn := range built.TargetGroups() {
			d.TargetGroups = append(d.TargetGroups, rollout.TargetGroupName(arn))
		}
		d.TargetGroups = append(d.TargetGroups, built.LoadBalancers()...)
	}
	return d
}

// trial is the fingerprint of what decides, beside the release itself, whether a release stands. To write a default is the same as to
// leave it out.
func (m model) trial(ctx context.Context, diags *diag.Diagnostics) string {
	effective := m.verify(ctx, diags)
	verify, more := types.ObjectValueFrom(ctx, verifyTypes, effective)
	diags.Append(more...)
	m.Verify = verify
	text := ""
	for _, name := range slices.Sorted(maps.Keys(inputs)) {
		if inputs[name].tries {
			text += name + " " + m.input(name).String() + "\n"
		}
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:4])
}

func (m model) verify(ctx context.Context, diags *diag.Diagnostics) verifyModel {
	v := verifyModel{Alarms: types.ListNull(types.StringType), AlarmsAtStart: types.StringValue(alarmsRefuse), MinHealthyTime: types.StringValue("0s"), HealthyPercent: types.Int64Value(defaultHealthyPercent)}
	if !m.Verify.IsNull() && !m.Verify.IsUnknown() {
		diags.Append(m.Verify.As(ctx, &v, basetypes.ObjectAsOptions{})...)
	}
	return v
}

// duration reads a validated duration.
func duration(s types.String) time.Duration {
	d, _ := time.ParseDuration(s.ValueString())
	return d
}
