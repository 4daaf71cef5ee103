package deployment

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/attrvalue"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// trafficModel is a route in the state. The two maps say all of it, so that a plan knows what apply will find.
type trafficModel struct {
	ProductionARN     types.String `tfsdk:"production_arn"`
	StageARN          types.String `tfsdk:"stage_arn"`
	Live              types.String `tfsdk:"live_target_group_arn"`
	Idle              types.String `tfsdk:"idle_target_group_arn"`
	IdleWeight        types.Int64  `tfsdk:"idle_weight"`
	ProductionWeights types.Map    `tfsdk:"production_weights"`
	StageWeights      types.Map    `tfsdk:"stage_weights"`
}

var trafficTypes = map[string]attr.Type{
	"production_arn": types.StringType, "stage_arn": types.StringType,
	"live_target_group_arn": types.StringType, "idle_target_group_arn": types.StringType, "idle_weight": types.Int64Type,
	"production_weights": types.MapType{ElemType: types.Int64Type}, "stage_weights": types.MapType{ElemType: types.Int64Type},
}

var trafficType = types.ObjectType{AttrTypes: trafficTypes}

func trafficAttribute() schema.Attribute {
	return schema.ListNestedAttribute{
		Computed:            true,
		MarkdownDescription: "Blue/green: where each route sends its traffic, as last seen.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"production_arn":        schema.StringAttribute{Computed: true, MarkdownDescription: "Production's listener or rule."},
			"stage_arn":             schema.StringAttribute{Computed: true, MarkdownDescription: "That of stage, where there is one."},
			"live_target_group_arn": schema.StringAttribute{Computed: true, MarkdownDescription: "The target group that production goes to, or went to before the rollout that is under way."},
			"idle_target_group_arn": schema.StringAttribute{Computed: true, MarkdownDescription: "The other one."},
			"idle_weight":           schema.Int64Attribute{Computed: true, MarkdownDescription: "The percentage of production that the idle one gets; 0 at rest."},
			"production_weights": schema.MapAttribute{Computed: true, ElementType: types.Int64Type,
				MarkdownDescription: "Production's forward action: the weight of each target group."},
			"stage_weights": schema.MapAttribute{Computed: true, ElementType: types.Int64Type,
				MarkdownDescription: "That of stage."},
		}},
	}
}

// showTraffic writes the routes of a world into the model; nothing where there are none.
func (m *model) showTraffic(ctx context.Context, w rollout.World) diag.Diagnostics {
	var diags diag.Diagnostics
	if !m.movesTraffic() {
		m.Traffic = types.ListNull(trafficType)
		return diags
	}
	pairs := map[rollout.RoutePair]bool{}
	if bg := m.blueGreen(ctx, &diags); bg != nil {
		for _, pair := range bg.Routes {
			pairs[pair] = true
		}
	}
	routes := []trafficModel{}
	for _, t := range rollout.TrafficOf(w) {
		if !pairs[t.RoutePair] {
			continue // those of a candidate that was made for others
		}
		production, more := weights(ctx, t.Production)
		diags.Append(more...)
		stage, more := weights(ctx, t.Stage)
		diags.Append(more...)
		routes = append(routes, trafficModel{
			ProductionARN: types.StringValue(t.ProductionARN), StageARN: attrvalue.StringOrNull(t.StageARN),
			Live: attrvalue.StringOrNull(t.Live), Idle: attrvalue.StringOrNull(t.Idle), IdleWeight: types.Int64Value(int64(t.IdleWeight)),
			ProductionWeights: production, StageWeights: stage,
		})
	}
	list, more := types.ListValueFrom(ctx, trafficType, routes)
	diags.Append(more...)
	m.Traffic = list
	return diags
}

func weights(ctx context.Context, f rollout.Forward) (types.Map, diag.Diagnostics) {
	if f == nil {
		return types.MapNull(types.Int64Type), nil
	}
	all := map[string]int64{}
	for _, share := range f {
		all[share.TargetGroup] = int64(share.Weight)
	}
	return types.MapValueFrom(ctx, types.Int64Type, all)
}

// routes are those that the state records. The live target group comes first.
func (m model) routes(ctx context.Context, diags *diag.Diagnostics) []rollout.Route {
	if m.Traffic.IsNull() || m.Traffic.IsUnknown() {
		return nil
	}
	var written []trafficModel
	diags.Append(m.Traffic.ElementsAs(ctx, &written, false)...)
	var routes []rollout.Route
	for _, t := range written {
		r := rollout.Route{RoutePair: rollout.RoutePair{ProductionARN: t.ProductionARN.ValueString(), StageARN: t.StageARN.ValueString()}}
		r.Production = forwardOf(ctx, t.ProductionWeights, t.Live.ValueString(), diags)
		if !t.StageARN.IsNull() {
			r.Stage = forwardOf(ctx, t.StageWeights, t.Live.ValueString(), diags)
		}
		routes = append(routes, r)
	}
	return routes
}

func forwardOf(ctx context.Context, weights types.Map, first string, diags *diag.Diagnostics) rollout.Forward {
	all := map[string]int64{}
	diags.Append(weights.ElementsAs(ctx, &all, false)...)
	var f, rest rollout.Forward
	for _, arn := range slices.Sorted(maps.Keys(all)) {
		share := rollout.Share{TargetGroup: arn, Weight: int(all[arn])}
		if arn == first {
			f = append(f, share)
		} else {
			rest = append(rest, share)
		}
	}
	return append(f, rest...)
}
