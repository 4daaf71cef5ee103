package deployment

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// checkModel is a check as it is written. Of http, lambda and prometheus one is there.
type checkModel struct {
	Name       types.String `tfsdk:"name"`
	At         types.String `tfsdk:"at"`
	Every      types.String `tfsdk:"every"`
	Failures   types.Int64  `tfsdk:"failures"`
	HTTP       types.Object `tfsdk:"http"`
	Lambda     types.Object `tfsdk:"lambda"`
	Prometheus types.Object `tfsdk:"prometheus"`
}

type httpModel struct {
	URL           types.String `tfsdk:"url"`
	Status        types.Int64  `tfsdk:"status"`
	Contains      types.String `tfsdk:"contains"`
	JSON          types.Map    `tfsdk:"json"`
	Headers       types.Map    `tfsdk:"headers"`
	SecretHeaders types.Map    `tfsdk:"secret_headers"` // in a configuration alone
	Timeout       types.String `tfsdk:"timeout"`
}

type lambdaModel struct {
	FunctionName types.String `tfsdk:"function_name"`
	Payload      types.String `tfsdk:"payload"`
	Timeout      types.String `tfsdk:"timeout"`
}

type prometheusModel struct {
	URL            types.String  `tfsdk:"url"`
	Query          types.String  `tfsdk:"query"`
	Below          types.Float64 `tfsdk:"below"`
	Above          types.Float64 `tfsdk:"above"`
	BearerToken    types.String  `tfsdk:"bearer_token"` // in a configuration alone
	BearerTokenEnv types.String  `tfsdk:"bearer_token_env"`
	Username       types.String  `tfsdk:"username"`
	Password       types.String  `tfsdk:"password"` // in a configuration alone
	Timeout        types.String  `tfsdk:"timeout"`
}

type compareModel struct {
	Errors      types.Float64 `tfsdk:"errors"`
	Latency     types.Float64 `tfsdk:"latency"`
	Percentile  types.Int64   `tfsdk:"percentile"`
	MinRequests types.Int64   `tfsdk:"min_requests"`
}

var (
	textMap   = types.MapType{ElemType: types.StringType}
	httpTypes = map[string]attr.Type{"url": types.StringType, "status": types.Int64Type, "contains": types.StringType, "json": textMap,
		"headers": textMap, "secret_headers": textMap, "timeout": types.StringType}
	lambdaTypes     = map[string]attr.Type{"function_name": types.StringType, "payload": types.StringType, "timeout": types.StringType}
	prometheusTypes = map[string]attr.Type{"url": types.StringType, "query": types.StringType, "below": types.Float64Type, "above": types.Float64Type,
		"bearer_token": types.StringType, "bearer_token_env": types.StringType, "username": types.StringType, "password": types.StringType, "timeout": types.StringType}
	checkType = types.ObjectType{AttrTypes: map[string]attr.Type{"name": types.StringType, "at": types.StringType, "every": types.StringType, "failures": types.Int64Type,
		"http": types.ObjectType{AttrTypes: httpTypes}, "lambda": types.ObjectType{AttrTypes: lambdaTypes}, "prometheus": types.ObjectType{AttrTypes: prometheusTypes}}}
	compareTypes = map[string]attr.Type{"errors": types.Float64Type, "latency": types.Float64Type, "percentile": types.Int64Type, "min_requests": types.Int64Type}
)

// writtenChecks are the checks of a verify block, each nil that is not known yet. Of a configuration they have the secrets, and not the
// defaults; of a plan the defaults, and not the secrets.
func (v verifyModel) writtenChecks(ctx context.Context, diags *diag.Diagnostics) []*checkModel {
	var all []*checkModel
	for _, element := range v.Checks.Elements() {
		object, _ := element.(types.Object)
		if object.IsNull() || object.IsUnknown() {
			all = append(all, nil)
			continue
		}
		var c checkModel
		diags.Append(object.As(ctx, &c, basetypes.ObjectAsOptions{})...)
		all = append(all, &c)
	}
	return all
}

// point is when a check is asked.
func (c checkModel) point() rollout.Point {
	if c.At.IsNull() {
		return rollout.InBake
	}
	return rollout.Point(c.At.ValueString())
}

// checks are those that package rollout knows of.
func (v verifyModel) checks(ctx context.Context, diags *diag.Diagnostics) []rollout.Check {
	var all []rollout.Check
	for _, c := range v.writtenChecks(ctx, diags) {
		if c == nil {
			continue
		}
		all = append(all, rollout.Check{Name: c.Name.ValueString(), At: c.point(), Every: duration(c.Every), Timeout: c.timeout(), Failures: int(c.Failures.ValueInt64())})
	}
	return all
}

// timeout is how long an answer may take.
func (c checkModel) timeout() time.Duration {
	for _, block := range []types.Object{c.HTTP, c.Lambda, c.Prometheus} {
		if text, ok := block.Attributes()["timeout"].(types.String); ok && !text.IsNull() {
			return duration(text)
		}
	}
	return 0
}

// comparison is what is compared; nil if nothing is.
func (v verifyModel) comparison(ctx context.Context, diags *diag.Diagnostics) *rollout.Comparison {
	if v.Compare.IsNull() || v.Compare.IsUnknown() {
		return nil
	}
	var c compareModel
	diags.Append(v.Compare.As(ctx, &c, basetypes.ObjectAsOptions{})...)
	return &rollout.Comparison{
		Errors: c.Errors.ValueFloat64(), Latency: c.Latency.ValueFloat64(),
		Percentile: int(c.Percentile.ValueInt64()), MinRequests: int(c.MinRequests.ValueInt64()),
	}
}
