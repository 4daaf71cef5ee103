package deployment

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/validators"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// defaultSettle is how long a change of a route is left alone.
var defaultSettle = rollout.UsualSettle.String()

const (
	// longestSettle is the most that a change of a route may be left alone.
	longestSettle = time.Hour
	// mostRoutes keeps the journal within the tags that EC2 allows.
	mostRoutes = 8
)

// routeARN takes ARNs of listeners and rules.
func routeARN() validator.String { return validators.BalancingARN("listener", "listener-rule") }

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

// blueGreenBlock is what makes a rollout one by target groups and traffic.
func blueGreenBlock() schema.Block {
	bake := []validator.String{validators.DurationBetween(0, longestBake)}
	return schema.SingleNestedBlock{
		MarkdownDescription: "Makes the rollout one by traffic: the new revision comes to stand beside the live one, in the target group that has no production traffic, " +
			"and production's traffic moves over to it.",
		Attributes: map[string]schema.Attribute{
			"settle": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(defaultSettle), Validators: []validator.String{validators.DurationBetween(0, longestSettle)},
				MarkdownDescription: "How long each change of the routes is left alone until it is taken for real, `30s` if left out: load balancers take their time to follow.",
			},
			"bake": schema.StringAttribute{
				Optional: true, Validators: bake,
				MarkdownDescription: "How long the new revision and the alarms are watched after the full switch, before anything is taken from the previous one. Left out, " +
					"the previous one keeps its instances for 5 minutes after the switch, `settle` included, so that load balancers have followed. A bake that is written, " +
					"also `0s`, is obeyed.",
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
						Required: true, Validators: []validator.Int64{validators.ShareBelow("weight")},
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

// shortFollow is what settle and bake have to be together, or the plan warns.
const shortFollow = 3 * time.Minute

// follow is for how long the previous revision keeps its instances after the full switch, at the least. Where no bake is written that is a
// safe time; else the bake is the user's word on it, also one of 0s.
func (b blueGreenModel) follow() time.Duration {
	if b.Bake.IsNull() {
		return rollout.UsualFollow
	}
	return min(rollout.UsualFollow, duration(b.Settle)+duration(b.Bake))
}

// warnOfShortFollow warns of a plan that switches traffic and takes the previous revision away soon after.
func (m model) warnOfShortFollow(ctx context.Context, d rollout.Deployment, p rollout.Preview, diags *diag.Diagnostics) {
	if d.BlueGreen == nil || d.BlueGreen.KeepPrevious || d.Follow() >= shortFollow || !p.Switches() {
		return
	}
	var written blueGreenModel
	diags.Append(m.BlueGreen.As(ctx, &written, basetypes.ObjectAsOptions{})...)
	diags.AddAttributeWarning(path.Root("blue_green").AtName("bake"), "Little time for load balancers to follow",
		fmt.Sprintf("With settle = %q and bake = %q the previous revision loses its instances %s after the full switch. Load balancers follow a change of a "+
			"listener or rule in their own time, for which AWS names no bound; minutes have been seen, and what they still send to the previous "+
			"target group fails (503) when nobody is there. Leave bake out, and the previous revision keeps its instances for %s, or write a longer one.",
			written.Settle.ValueString(), written.Bake.ValueString(), diagtext.Duration(d.Follow()), diagtext.Duration(rollout.UsualFollow)))
}

// movesTraffic tells whether the strategy that is written moves traffic, which may not be known in full yet: only then there is a stage, and
// traffic has something to say.
func (m model) movesTraffic() bool { return !m.BlueGreen.IsNull() }

// blueGreen is the strategy as package rollout has it; nil if it is another one. All of it has to be known.
func (m model) blueGreen(ctx context.Context, diags *diag.Diagnostics) *rollout.BlueGreen {
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
		Settle: duration(written.Settle), Bake: duration(written.Bake), Follow: written.follow(),
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
