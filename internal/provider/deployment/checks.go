package deployment

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/check"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// checkSecrets are what a check asks with and no plan or state has: they are read from the configuration of each request, and kept nowhere.
type checkSecrets struct {
	headers               map[string]string
	bearerToken, password string
	// written says that there are some, also where their values are not known yet.
	written bool
}

// takeSecrets reads what only a configuration has. Applies says that it is that of an apply.
func (s *specification) takeSecrets(ctx context.Context, config tfsdk.Config, applies bool, diags *diag.Diagnostics) {
	s.applies = applies
	var written types.Object
	diags.Append(config.GetAttribute(ctx, path.Root("verify"), &written)...)
	if written.IsNull() || written.IsUnknown() {
		return
	}
	var verify verifyModel
	diags.Append(written.As(ctx, &verify, basetypes.ObjectAsOptions{})...)
	s.secrets = map[int]checkSecrets{}
	for i, c := range verify.writtenChecks(ctx, diags) {
		if c != nil {
			s.secrets[i] = c.secrets(ctx, diags)
		}
	}
}

// secrets are those of one check, of a configuration.
func (c checkModel) secrets(ctx context.Context, diags *diag.Diagnostics) checkSecrets {
	var s checkSecrets
	if !c.HTTP.IsNull() && !c.HTTP.IsUnknown() {
		var h httpModel
		diags.Append(c.HTTP.As(ctx, &h, basetypes.ObjectAsOptions{})...)
		s.written = !h.SecretHeaders.IsNull()
		s.headers = knownTexts(ctx, h.SecretHeaders, diags)
	}
	if !c.Prometheus.IsNull() && !c.Prometheus.IsUnknown() {
		var p prometheusModel
		diags.Append(c.Prometheus.As(ctx, &p, basetypes.ObjectAsOptions{})...)
		s.written = !p.BearerToken.IsNull() || !p.Password.IsNull()
		s.bearerToken, s.password = p.BearerToken.ValueString(), p.Password.ValueString()
	}
	return s
}

// knownTexts are the texts of a map whose values are known.
func knownTexts(ctx context.Context, m types.Map, diags *diag.Diagnostics) map[string]string {
	texts := map[string]string{}
	for name, element := range m.Elements() {
		var text types.String
		diags.Append(tfsdk.ValueAs(ctx, element, &text)...)
		if !text.IsNull() && !text.IsUnknown() {
			texts[name] = text.ValueString()
		}
	}
	return texts
}

// checkers are those who are asked in a run, by the names of the checks.
func (r *deploymentResource) checkers(ctx context.Context, spec *specification, diags *diag.Diagnostics) map[string]runner.Checker {
	all := map[string]runner.Checker{}
	for i, c := range spec.written.verify(ctx, diags).writtenChecks(ctx, diags) {
		if c == nil {
			continue
		}
		checker, err := r.checker(ctx, *c, spec.secrets[i], diags)
		if err != nil {
			diags.AddAttributeError(checkPath(i), "Check that cannot be asked", diagtext.Sentence(err))
			continue
		}
		all[c.Name.ValueString()] = checker
	}
	return all
}

func checkPath(i int) path.Path { return path.Root("verify").AtName("check").AtListIndex(i) }

// checker is who is asked by one check.
func (r *deploymentResource) checker(ctx context.Context, c checkModel, s checkSecrets, diags *diag.Diagnostics) (runner.Checker, error) {
	switch {
	case !c.HTTP.IsNull():
		return check.NewHTTP(r.http(ctx, c, s, diags))
	case !c.Prometheus.IsNull():
		return check.NewPrometheus(r.prometheus(ctx, c, s, diags))
	}
	var l lambdaModel
	diags.Append(c.Lambda.As(ctx, &l, basetypes.ObjectAsOptions{})...)
	return check.NewLambda(check.Lambda{Function: l.FunctionName.ValueString(), Payload: l.Payload.ValueString(), Timeout: duration(l.Timeout), Invoke: r.clouds.AWS.Invoke})
}

func (r *deploymentResource) http(ctx context.Context, c checkModel, s checkSecrets, diags *diag.Diagnostics) check.HTTP {
	var h httpModel
	diags.Append(c.HTTP.As(ctx, &h, basetypes.ObjectAsOptions{})...)
	headers := knownTexts(ctx, h.Headers, diags)
	maps.Copy(headers, s.headers)
	return check.HTTP{
		URL: h.URL.ValueString(), Status: int(h.Status.ValueInt64()), Contains: h.Contains.ValueString(), JSON: knownTexts(ctx, h.JSON, diags),
		Headers: headers, Timeout: duration(h.Timeout), UserAgent: r.clouds.UserAgent, Transport: r.clouds.Transport,
	}
}

func (r *deploymentResource) prometheus(ctx context.Context, c checkModel, s checkSecrets, diags *diag.Diagnostics) check.Prometheus {
	var p prometheusModel
	diags.Append(c.Prometheus.As(ctx, &p, basetypes.ObjectAsOptions{})...)
	return check.Prometheus{
		URL: p.URL.ValueString(), Query: p.Query.ValueString(), Below: p.Below.ValueFloat64Pointer(), Above: p.Above.ValueFloat64Pointer(),
		BearerToken: s.bearerToken, BearerTokenEnv: p.BearerTokenEnv.ValueString(), Username: p.Username.ValueString(), Password: s.password,
		Timeout: duration(p.Timeout), UserAgent: r.clouds.UserAgent, Transport: r.clouds.Transport,
	}
}

// asksAWS tells whether something of what verifies the release is read from AWS.
func (s *specification) asksAWS(ctx context.Context, diags *diag.Diagnostics) bool {
	if s.deployment.Compare != nil {
		return true
	}
	for _, c := range s.written.verify(ctx, diags).writtenChecks(ctx, diags) {
		if c != nil && !c.Lambda.IsNull() {
			return true
		}
	}
	return false
}
