package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// defaultSettle is how long a change of a route is left alone.
const defaultSettle = "30s"

const (
	// longestSettle is the most that a change of a route may be left alone.
	longestSettle = time.Hour
	// mostRoutes keeps the journal within the tags that EC2 allows.
	mostRoutes = 8
)

// routeARN takes ARNs of listeners and rules.
func routeARN() validator.String { return balancingARN("listener", "listener-rule") }

// blueGreenModel is a rollout by target groups and traffic.
type blueGreenModel struct {
	Routes           types.List   `tfsdk:"route"`
	Shift            types.List   `tfsdk:"shift"`
	Settle           types.String `tfsdk:"settle"`
	Bake             types.String `tfsdk:"bake"`
	DownsizePrevious types.Bool   `tfsdk:"downsize_previous"`
}

// routeModel is a listener or rule of production, and one of stage.
type routeModel struct {
	ProductionARN types.String `tfsdk:"production_arn"`
	StageARN      types.String `tfsdk:"stage_arn"`
}

// weightModel is a step of a shift.
type weightModel struct {
	Weight types.Int64  `tfsdk:"weight"`
	Bake   types.String `tfsdk:"bake"`
}

var (
	routeTypes     = map[string]attr.Type{"production_arn": types.StringType, "stage_arn": types.StringType}
	weightTypes    = map[string]attr.Type{"weight": types.Int64Type, "bake": types.StringType}
	blueGreenTypes = map[string]attr.Type{
		"route":  types.ListType{ElemType: types.ObjectType{AttrTypes: routeTypes}},
		"shift":  types.ListType{ElemType: types.ObjectType{AttrTypes: weightTypes}},
		"settle": types.StringType, "bake": types.StringType, "downsize_previous": types.BoolType,
	}
)

// blueGreenBlock is what makes a rollout one by target groups and traffic.
func blueGreenBlock() schema.Block {
	bake := []validator.String{durationBetween(0, longestBake)}
	return schema.SingleNestedBlock{
		MarkdownDescription: "Makes the rollout one by traffic: the new revision comes to stand beside the live one, in the target group that has no production traffic, " +
			"and production's traffic moves over to it.",
		Attributes: map[string]schema.Attribute{
			"settle": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(defaultSettle), Validators: []validator.String{durationBetween(0, longestSettle)},
				MarkdownDescription: "How long each change of the routes is left alone until it is taken for real, `30s` if left out: load balancers take their time to follow.",
			},
			"bake": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString("0s"), Validators: bake,
				MarkdownDescription: "How long the new revision and the alarms are watched after the full switch, before anything is taken from the previous one. None if left out.",
			},
			"downsize_previous": schema.BoolAttribute{
				Optional: true, Computed: true, Default: booldefault.StaticBool(true),
				MarkdownDescription: "Whether the previous revision goes to zero in the end, as it does if this is left out. If not it keeps running in its target group, on stage where there is one.",
			},
		},
		Blocks: map[string]schema.Block{
			"route": schema.ListNestedBlock{
				MarkdownDescription: "A listener or listener rule that carries the traffic; one or more, which change as a unit.",
				Validators:          []validator.List{listvalidator.SizeAtMost(mostRoutes)},
				NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
					"production_arn": schema.StringAttribute{
						Required: true, Validators: []validator.String{routeARN()},
						MarkdownDescription: "The ARN of production's listener (its default action is meant) or listener rule.",
					},
					"stage_arn": schema.StringAttribute{
						Optional: true, Validators: []validator.String{routeARN()},
						MarkdownDescription: "The ARN of the listener or rule that shows the new revision before production does. Left out, production's forward action names two target groups, and its weights tell which one is live.",
					},
				}},
			},
			"shift": schema.ListNestedBlock{
				MarkdownDescription: "A weight that production's traffic moves by, each more than the one before it. A last one of 100 is implied. Without any, production switches in one call.",
				NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
					"weight": schema.Int64Attribute{
						Required: true, Validators: []validator.Int64{int64validator.Between(1, 99)},
						MarkdownDescription: "The percentage of production's traffic that the new revision gets.",
					},
					"bake": schema.StringAttribute{
						Optional: true, Validators: bake,
						MarkdownDescription: "How long the new revision and the alarms are watched at this weight. None if left out.",
					},
				}},
			},
		},
	}
}

// blueGreen is the strategy as package rollout has it; nil if it is another one. All of it has to be known.
func (m deploymentModel) blueGreen(ctx context.Context, diags *diag.Diagnostics) *rollout.BlueGreen {
	if m.BlueGreen.IsNull() || m.BlueGreen.IsUnknown() {
		return nil
	}
	var written blueGreenModel
	diags.Append(m.BlueGreen.As(ctx, &written, basetypes.ObjectAsOptions{})...)
	var routes []routeModel
	diags.Append(written.Routes.ElementsAs(ctx, &routes, false)...)
	var shift []weightModel
	diags.Append(written.Shift.ElementsAs(ctx, &shift, false)...)
	bg := &rollout.BlueGreen{
		Settle: duration(written.Settle), Bake: duration(written.Bake),
		KeepPrevious: !written.DownsizePrevious.IsNull() && !written.DownsizePrevious.ValueBool(),
	}
	for _, r := range routes {
		bg.Routes = append(bg.Routes, rollout.RoutePair{ProductionARN: r.ProductionARN.ValueString(), StageARN: r.StageARN.ValueString()})
	}
	for _, w := range shift {
		bg.Shift = append(bg.Shift, rollout.Weight{Percent: int(w.Weight.ValueInt64()), Bake: duration(w.Bake)})
	}
	return bg
}
