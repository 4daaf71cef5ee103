package deployment

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// model is the resource as Terraform has it.
type model struct {
	ID                 types.String   `tfsdk:"id"`
	Name               types.String   `tfsdk:"name"`
	Configuration      types.String   `tfsdk:"configuration"`
	ImageID            types.String   `tfsdk:"image_id"`
	ImageIDs           types.Set      `tfsdk:"image_ids"`
	UserData           types.String   `tfsdk:"user_data"`
	UserDataBase64     types.String   `tfsdk:"user_data_base64"`
	UserDataWO         types.String   `tfsdk:"user_data_wo"` // null but in a configuration
	UserDataWOVersion  types.Int64    `tfsdk:"user_data_wo_version"`
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
	Inconclusive   types.String `tfsdk:"inconclusive"`
	Checks         types.List   `tfsdk:"check"`
	Compare        types.Object `tfsdk:"compare"`
}

var verifyTypes = map[string]attr.Type{
	"alarms": types.ListType{ElemType: types.StringType}, "alarms_at_start": types.StringType, "min_healthy_time": types.StringType, "healthy_percent": types.Int64Type,
	"inconclusive": types.StringType, "check": types.ListType{ElemType: checkType}, "compare": types.ObjectType{AttrTypes: compareTypes},
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
	case basetypes.SetValue:
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

// duration reads a validated duration.
func duration(s types.String) time.Duration {
	d, _ := time.ParseDuration(s.ValueString())
	return d
}
