package deployment

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/aws"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/check"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/compare"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// checkCheckers looks whether those who verify the release can be asked. It refuses what will not be otherwise by the time at which they are: a
// function that does not exist, or may not be invoked; a query that cannot be read; a token that is not in the environment of an apply. Of
// everything else it warns, since what cannot be known then is what inconclusive is for.
//
// A plan sends no secret to anybody: it may be one of a branch that nobody has read yet, in which the address is another. The apply does.
func (r *deploymentResource) checkCheckers(ctx context.Context, spec *specification, w watching, diags *diag.Diagnostics) {
	if w.comesBack {
		return // nobody asks about it
	}
	written := spec.written.verify(ctx, diags).writtenChecks(ctx, diags)
	found := make([]diag.Diagnostics, len(written)+1)
	var all sync.WaitGroup
	for i, c := range written {
		if c != nil {
			all.Go(func() { r.checkChecker(ctx, spec, i, *c, &found[i]) })
		}
	}
	if spec.deployment.Compare != nil {
		all.Go(func() { r.checkComparison(ctx, spec.deployment, &found[len(written)]) })
	}
	all.Wait()
	for _, d := range found {
		if !w.watched { // the first deployment, about which nobody asks either: the next release will
			d = d.Errors()
		}
		diags.Append(d...)
	}
}

// checkChecker is about one check.
func (r *deploymentResource) checkChecker(ctx context.Context, spec *specification, i int, c checkModel, diags *diag.Diagnostics) {
	at, secrets := checkPath(i), spec.secrets[i]
	switch {
	case !c.Lambda.IsNull():
		r.checkFunction(ctx, c, at.AtName("lambda"), diags)
	case !c.Prometheus.IsNull():
		p := r.prometheus(ctx, c, secrets, diags)
		r.checkQuery(ctx, p, secrets.written || p.Username != "" || p.BearerTokenEnv != "", spec.applies, at.AtName("prometheus"), c.Name.ValueString(), diags)
	case !c.HTTP.IsNull():
		h := r.http(ctx, c, secrets, diags)
		if c.point() == rollout.OnStage || spec.applies || secrets.written || len(h.Headers) > 0 {
			return // nobody is there yet, or it is asked with what no plan says to anybody
		}
		r.checkAnswer(ctx, h, at.AtName("http"), c.Name.ValueString(), diags)
	}
}

// checkFunction refuses a function that does not exist, or that may not be invoked. It does not run.
func (r *deploymentResource) checkFunction(ctx context.Context, c checkModel, at path.Path, diags *diag.Diagnostics) {
	var l lambdaModel
	diags.Append(c.Lambda.As(ctx, &l, basetypes.ObjectAsOptions{})...)
	name, at := l.FunctionName.ValueString(), at.AtName("function_name")
	if strings.HasPrefix(name, "arn:") && !r.clouds.InRegion(ctx, "Function", name, at, diags) {
		return
	}
	err := r.clouds.AWS.MayInvoke(ctx, name)
	switch {
	case errors.Is(err, runner.ErrGone):
		diags.AddAttributeError(at, "Function not found", diagtext.Sentence(err)+r.clouds.WhereAsked(ctx, err, name))
	case aws.Denied(err):
		diags.AddAttributeError(at, "Function that may not be invoked", diagtext.Sentence(err)+r.clouds.OtherAccount(ctx, err, name))
	case err != nil:
		diags.AddAttributeWarning(at, "Function that could not be asked", whenPlanned+"check "+c.Name.ValueString()+" could not be asked: "+diagtext.Sentence(err)+notKnownThen)
	}
}

// notKnownThen says what becomes of what cannot be asked when it counts.
const notKnownThen = " If that is still so when it is asked, it is not known, and verify.inconclusive says what becomes of the release."

// checkQuery refuses a query that cannot be read, and asks it once where that takes no secret.
func (r *deploymentResource) checkQuery(ctx context.Context, p check.Prometheus, secret, applies bool, at path.Path, name string, diags *diag.Diagnostics) {
	if p.BearerTokenEnv != "" && strings.TrimSpace(os.Getenv(p.BearerTokenEnv)) == "" {
		what := fmt.Sprintf("there is no %s in the environment of the provider, where the token of check %s is expected.", p.BearerTokenEnv, name)
		if applies {
			diags.AddAttributeError(at.AtName("bearer_token_env"), "No token", "T"+what[1:])
		} else {
			diags.AddAttributeWarning(at.AtName("bearer_token_env"), "No token", whenPlanned+what+" An apply without it is refused.")
		}
		return
	}
	if secret && !applies {
		return
	}
	answer, err := check.TryQuery(ctx, p)
	switch {
	case errors.Is(err, check.ErrBadQuery):
		diags.AddAttributeError(at.AtName("query"), "Query that cannot be read", diagtext.Sentence(err))
	case err != nil:
		diags.AddAttributeError(at, "Check that cannot be asked", diagtext.Sentence(err))
	default:
		warnOfAnswer(answer, name, at, diags)
	}
}

// checkAnswer asks for what serves, without a secret.
func (r *deploymentResource) checkAnswer(ctx context.Context, h check.HTTP, at path.Path, name string, diags *diag.Diagnostics) {
	checker, err := check.NewHTTP(h)
	if err != nil {
		diags.AddAttributeError(at, "Check that cannot be asked", diagtext.Sentence(err))
		return
	}
	answer := checker.Ask(ctx, runner.Moment{})
	if answer.Verdict == runner.Bad && (len(h.JSON) > 0 || h.Contains != "") {
		return // what is expected may well be of the new revision
	}
	warnOfAnswer(answer, name, at, diags)
}

// warnOfAnswer warns of a check that is not good before anything is released.
func warnOfAnswer(answer runner.Answer, name string, at path.Path, diags *diag.Diagnostics) {
	switch answer.Verdict {
	case runner.NotKnown:
		diags.AddAttributeWarning(at, "Check without an answer", whenPlanned+"check "+name+" was not known: "+answer.Words+"."+notKnownThen)
	case runner.Bad:
		diags.AddAttributeWarning(at, "Check that is bad already",
			whenPlanned+"check "+name+" was bad already, before anything was released: "+answer.Words+". A release that does not change that is taken back.")
	}
}

// looksBack is over how long the requests are counted that a release can expect.
const looksBack = 15 * time.Minute

// checkComparison refuses a comparison for which CloudWatch may not be asked, and warns of one that will have too few requests.
func (r *deploymentResource) checkComparison(ctx context.Context, d rollout.Deployment, diags *diag.Diagnostics) {
	at := path.Root("verify").AtName("compare")
	var groups []string
	for _, route := range d.RoutePairs() {
		forward, err := r.clouds.AWS.Traffic(ctx, route.ProductionARN)
		if err != nil {
			return // the routes say more about it
		}
		for _, share := range forward {
			groups = append(groups, share.TargetGroup)
		}
	}
	until := time.Now().Add(-compare.Settled).Truncate(time.Minute)
	minutes, err := r.clouds.AWS.Minutes(ctx, groups, until.Add(-looksBack), until, 0)
	switch {
	case aws.Denied(err):
		diags.AddAttributeError(at, "Metrics that may not be read", diagtext.Sentence(err))
		return
	case err != nil:
		diags.AddAttributeWarning(at, "Metrics that cannot be read", whenPlanned+"what load balancers count could not be read: "+diagtext.Sentence(err)+notKnownThen)
		return
	}
	requests := 0.0
	for _, all := range minutes {
		for _, m := range all {
			requests += m.Requests
		}
	}
	perMinute := requests / looksBack.Minutes()
	for i, w := range d.BlueGreen.Shift {
		if words := tooFew(perMinute, w, d.Compare.MinRequests); words != "" {
			diags.AddAttributeWarning(at.AtName("min_requests"), "Too few requests to compare", fmt.Sprintf(whenPlanned+"%s requests a minute were counted in the last %s. At weight %d (%d %%) %s "+
				"Bake longer, begin with a larger weight, or lower min_requests: what is not known then is what inconclusive decides about.",
				compare.Count(perMinute), diagtext.Duration(looksBack), i+1, w.Percent, words))
			return
		}
	}
}

// tooFew says how long a weight has to bake until either side has enough requests; "" if it bakes that long.
func tooFew(perMinute float64, w rollout.Weight, least int) string {
	share := float64(min(w.Percent, 100-w.Percent)) / 100
	gets, side := perMinute*share, "the new revision"
	if w.Percent > 50 {
		side = "the previous revision"
	}
	switch {
	case gets*w.Bake.Minutes() >= float64(least):
		return ""
	case gets < 0.1:
		return fmt.Sprintf("%s gets next to none, and %s are needed within %s.", side, compare.Count(float64(least)), diagtext.Duration(w.Bake))
	}
	takes := time.Duration(math.Ceil(float64(least)/gets)) * time.Minute
	return fmt.Sprintf("%s gets about %s of them, so that %s take %s, and the bake lasts %s.", side, compare.Count(math.Max(gets, 1)), compare.Count(float64(least)), diagtext.Duration(takes), diagtext.Duration(w.Bake))
}
