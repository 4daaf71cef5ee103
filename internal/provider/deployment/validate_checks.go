package deployment

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/validators"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// checkURL takes what a check can ask, by the check's own rule. It never quotes the value: a query may have a secret in it.
func checkURL[T any](parse func(string) (T, error)) validator.String {
	return validators.String("value must be an absolute http or https URL", func(value string) error {
		_, err := parse(value)
		return err
	})
}

// writtenBake is a bake, as far as it is known, and where it is written.
type writtenBake struct {
	at    path.Path
	name  string
	lasts types.String
}

// writtenBakes are the bakes of the strategy that is written, those of shifts apart, and whether all of the strategy is known.
func (m model) writtenBakes(ctx context.Context, diags *diag.Diagnostics) (all, shifts []writtenBake, known bool) {
	if m.Canary.IsUnknown() || m.BlueGreen.IsUnknown() {
		return nil, nil, false
	}
	phases, known := m.phaseBakes(ctx, diags)
	shifts, whole, weightsKnown := m.weightBakes(ctx, diags)
	return slices.Concat(phases, shifts, whole), shifts, known && weightsKnown
}

// validateVerify refuses checks that nobody would be asked, or whose answers would mean nothing.
func (m model) validateVerify(ctx context.Context, diags *diag.Diagnostics) {
	if m.Verify.IsNull() || m.Verify.IsUnknown() {
		return
	}
	var v verifyModel
	diags.Append(m.Verify.As(ctx, &v, basetypes.ObjectAsOptions{})...)
	bakes, shifts, known := m.writtenBakes(ctx, diags)
	named := map[string]int{}
	for i, c := range v.writtenChecks(ctx, diags) {
		if c == nil {
			continue
		}
		at := path.Root("verify").AtName("check").AtListIndex(i)
		c.validateKind(ctx, at, diags)
		if name := c.Name.ValueString(); name != "" {
			if first, twice := named[name]; twice {
				diags.AddAttributeError(at.AtName("name"), "Two checks of a name",
					fmt.Sprintf("Check %d is called %q, too. Give each check a name of its own.", first+1, name))
			} else {
				named[name] = i
			}
		}
		m.validatePoint(*c, at, bakes, known, diags)
	}
	m.validateCompare(ctx, v, shifts, known, diags)
}

// validatePoint refuses a check for which its point never comes.
func (m model) validatePoint(c checkModel, at path.Path, bakes []writtenBake, known bool, diags *diag.Diagnostics) {
	if c.At.IsUnknown() {
		return
	}
	switch c.point() {
	case rollout.OnStage:
		if !m.movesTraffic() {
			diags.AddAttributeError(at.AtName("at"), "No stage",
				"at is \"stage\", and without blue_green there is none: in a basic rollout and a canary each instance has production traffic as soon as it is in service. "+
					"Write at = \"bake\" or \"end\", or blue_green.")
		}
	case rollout.InBake:
		shortest := time.Duration(0)
		name := ""
		for _, b := range bakes {
			if b.lasts.IsUnknown() {
				known = false
			}
			if d := duration(b.lasts); d > 0 && (shortest == 0 || d < shortest) {
				shortest, name = d, b.name
			}
		}
		every := duration(c.Every)
		if c.Every.IsNull() {
			every = duration(types.StringValue(defaultCheckEvery))
		}
		switch {
		case known && shortest == 0:
			diags.AddAttributeError(at.AtName("at"), "No bake",
				"The check is asked in each bake, and none is written, so that it would never be asked. Write a bake in a phase of canary or in blue_green, or at = \"end\".")
		case shortest > 0 && every > shortest:
			diags.AddAttributeError(at.AtName("every"), "Asked too seldom",
				fmt.Sprintf("The check is asked every %s, and the shortest bake, %s, lasts %s. Make it at most that.", diagtext.Duration(every), name, diagtext.Duration(shortest)))
		}
	}
}

// validateKind refuses a check that asks nobody, or two, and what of its kind makes no sense.
func (c checkModel) validateKind(ctx context.Context, at path.Path, diags *diag.Diagnostics) {
	kinds := map[string]types.Object{"http": c.HTTP, "lambda": c.Lambda, "prometheus": c.Prometheus}
	var written []string
	unknown := false
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		unknown = unknown || kinds[name].IsUnknown()
		if !kinds[name].IsNull() && !kinds[name].IsUnknown() {
			written = append(written, name)
		}
	}
	switch {
	case len(written) > 1:
		diags.AddAttributeError(at, "Check of two kinds", fmt.Sprintf("The check has both %s. Write one of them, and a check of its own for the other.", strings.Join(written, " and ")))
	case len(written) == 0 && !unknown:
		diags.AddAttributeError(at, "Check that asks nobody", "The check has neither http nor lambda nor prometheus. Write one of these blocks.")
	}
	requiredIn(c.HTTP, at.AtName("http"), diags, "url")
	requiredIn(c.Lambda, at.AtName("lambda"), diags, "function_name")
	requiredIn(c.Prometheus, at.AtName("prometheus"), diags, "url", "query")
	if !c.Prometheus.IsNull() && !c.Prometheus.IsUnknown() {
		var p prometheusModel
		diags.Append(c.Prometheus.As(ctx, &p, basetypes.ObjectAsOptions{})...)
		p.validate(at.AtName("prometheus"), diags)
	}
	if !c.HTTP.IsNull() && !c.HTTP.IsUnknown() {
		var h httpModel
		diags.Append(c.HTTP.As(ctx, &h, basetypes.ObjectAsOptions{})...)
		h.validate(at.AtName("http"), diags)
	}
}

// requiredIn refuses a block in which something is missing that it cannot do without. The schema cannot say so: of a single block in a list the
// framework asks for what is required even where the block itself is left out.
func requiredIn(block types.Object, at path.Path, diags *diag.Diagnostics, names ...string) {
	for _, name := range names {
		if v, ok := block.Attributes()[name]; ok && v.IsNull() {
			diags.AddAttributeError(at.AtName(name), "Missing "+name, fmt.Sprintf("The block has no %s, and cannot do without. Write one.", name))
		}
	}
}

func (h httpModel) validate(at path.Path, diags *diag.Diagnostics) {
	for _, name := range slices.Sorted(maps.Keys(h.SecretHeaders.Elements())) {
		for other := range h.Headers.Elements() {
			if strings.EqualFold(name, other) {
				diags.AddAttributeError(at.AtName("secret_headers").AtMapKey(name), "Header written twice", fmt.Sprintf("headers has %s, too. Write it once.", other))
			}
		}
	}
}

func (p prometheusModel) validate(at path.Path, diags *diag.Diagnostics) {
	is := func(v attr.Value) bool { return !v.IsNull() }
	switch {
	case is(p.Below) && is(p.Above) && !p.Below.IsUnknown() && !p.Above.IsUnknown():
		diags.AddAttributeError(at.AtName("above"), "Two limits", "The check has both below and above. Write one of them, and a check of its own for the other.")
	case !is(p.Below) && !is(p.Above):
		diags.AddAttributeError(at, "No limit", "The check has neither below nor above, so that any number would be good. Write one of them.")
	}
	// What is not known yet may turn out not to be there.
	written := func(v attr.Value) bool { return !v.IsNull() && !v.IsUnknown() }
	switch {
	case written(p.BearerToken) && written(p.BearerTokenEnv):
		diags.AddAttributeError(at.AtName("bearer_token_env"), "Two tokens", "Both bearer_token and bearer_token_env are written. Write one of them.")
	case written(p.Username) && (written(p.BearerToken) || written(p.BearerTokenEnv)):
		diags.AddAttributeError(at.AtName("username"), "Two ways to sign in", "Both a user name and a bearer token are written. Write one of them.")
	case written(p.Password) && !is(p.Username):
		diags.AddAttributeError(at.AtName("password"), "Password without a user name", "There is a password and no username. Write both, or neither.")
	}
}

// What a bake has to last at least for a comparison: three whole minutes (five for latency), with what is lost before the first.
const (
	shortestCompared        = 5 * time.Minute
	shortestComparedLatency = 7 * time.Minute
)

// validateCompare refuses a comparison without minutes in which both serve, or of what nobody counts.
func (m model) validateCompare(ctx context.Context, v verifyModel, shifts []writtenBake, known bool, diags *diag.Diagnostics) {
	if v.Compare.IsNull() || v.Compare.IsUnknown() {
		return
	}
	at := path.Root("verify").AtName("compare")
	if known && len(shifts) == 0 {
		diags.AddAttributeError(at, "Nothing to compare with",
			"compare needs minutes in which both revisions serve, each in a target group of its own, and there is no shift in blue_green. Write shift { weight = 10, bake = \"10m\" }, or use an alarm or a check.")
		return
	}
	var c compareModel
	diags.Append(v.Compare.As(ctx, &c, basetypes.ObjectAsOptions{})...)
	least, what := shortestCompared, "compare needs at least 5m, for three whole minutes of both"
	if c.Latency.ValueFloat64() > 0 {
		least, what = shortestComparedLatency, "compare with latency needs at least 7m, for five whole minutes of both"
	}
	for _, b := range shifts {
		if !b.lasts.IsUnknown() && duration(b.lasts) < least {
			lasts := "has no bake"
			if !b.lasts.IsNull() {
				lasts = "bakes for " + b.lasts.ValueString()
			}
			diags.AddAttributeError(b.at, "Bake too short to compare",
				fmt.Sprintf("The weight %s, and %s. Make the bake longer, or leave compare out.", lasts, what))
		}
	}
	m.refuseNetworkBalancers(ctx, diags)
}
