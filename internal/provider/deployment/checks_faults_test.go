package deployment_test

import (
	"strings"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// What keeps a good release from being judged is neither held against it nor taken for good: it holds where it is, and goes on once it is known; or is
// taken back, and is not remembered as bad; or goes on at once, as inconclusive says.
func TestWhatCannotBeKnownOfAGoodRelease(t *testing.T) {
	t.Setenv("PROM_TOKEN", providertest.Secret)
	late := sandbox.MetricsConfig{Delay: sandbox.Duration(3 * time.Hour)}
	asked := object{"check": []any{askBy("errors", "prometheus", object{"url": "https://sandbox.test/prometheus", "below": 0.01, "bearer_token_env": "PROM_TOKEN",
		"query": `sum(rate(errors_total{target_group="green"}[5m])) / sum(rate(requests_total{target_group="green"}[5m]))`})}}
	function := object{"check": []any{askBy("orders", "lambda", object{"function_name": "smoke"}, "at", "stage")}}
	compared := object{"compare": object{}}
	answered := func(q sandbox.PrometheusQuery) func(*sandbox.World) {
		return func(w *sandbox.World) {
			if err := w.SetPrometheus(q); err != nil {
				panic(err)
			}
		}
	}
	failing := func(f sandbox.Fault) func(*sandbox.World) {
		f.Times = -1
		return func(w *sandbox.World) { w.Fail(f) }
	}
	never := func(w *sandbox.World) {
		if err := w.SetRequests("colours:443", 5); err != nil {
			panic(err)
		}
	}
	mend := func(w *sandbox.World) {
		w.ClearFaults()
		w.SetMetrics(sandbox.MetricsConfig{})
		w.ForgetPrometheus("")
		if err := w.SetRequests("colours:443", 6000); err != nil {
			panic(err)
		}
	}
	for name, test := range map[string]struct {
		verify  object
		weather func(*sandbox.World)
	}{
		"too few requests":                {compared, never},
		"points that come late":           {compared, func(w *sandbox.World) { w.SetMetrics(late) }},
		"CloudWatch forbids it":           {compared, func(w *sandbox.World) { w.SetMetrics(sandbox.MetricsConfig{Status: "Forbidden"}) }},
		"CloudWatch has parts":            {compared, func(w *sandbox.World) { w.SetMetrics(sandbox.MetricsConfig{Status: "PartialData"}) }},
		"CloudWatch throttles":            {compared, failing(sandbox.Fault{Service: "cloudwatch", Action: "GetMetricData", Kind: sandbox.Throttle})},
		"CloudWatch hangs":                {compared, failing(sandbox.Fault{Service: "cloudwatch", Action: "GetMetricData", Kind: sandbox.Hang})},
		"Prometheus hangs":                {asked, failing(sandbox.Fault{Service: "prometheus", Kind: sandbox.Hang})},
		"a page in place of Prometheus":   {asked, failing(sandbox.Fault{Service: "prometheus", Kind: sandbox.HTML})},
		"Prometheus answers nothing":      {asked, answered(sandbox.PrometheusQuery{Empty: true})},
		"Prometheus answers NaN":          {asked, answered(sandbox.PrometheusQuery{Value: "NaN"})},
		"Prometheus has lost a store":     {asked, answered(sandbox.PrometheusQuery{Value: "0.9", Warnings: []string{"a store is gone"}})},
		"Prometheus has many answers":     {asked, answered(sandbox.PrometheusQuery{Value: "0.9", Series: 3})},
		"Prometheus is out of time":       {asked, answered(sandbox.PrometheusQuery{Error: "timeout"})},
		"a function is throttled":         {function, failing(sandbox.Fault{Service: "lambda", Action: "Invoke", Kind: sandbox.Throttle})},
		"a function hangs":                {function, failing(sandbox.Fault{Service: "lambda", Action: "Invoke", Kind: sandbox.Hang})},
		"a function's answers are lost":   {function, failing(sandbox.Fault{Service: "lambda", Action: "Invoke", Kind: sandbox.DropAfter})},
		"a page in place of the function": {function, failing(sandbox.Fault{Service: "lambda", Action: "Invoke", Kind: sandbox.HTML})},
	} {
		for _, inconclusive := range []string{"hold", "fail", "pass"} {
			// Every one of them holds, and either fails or passes.
			if inconclusive != "hold" && (testing.Short() || (len(name)%2 == 0) != (inconclusive == "fail") && !*exhaustive) {
				continue
			}
			t.Run(name+", "+inconclusive, func(t *testing.T) {
				inBubble(t, verifiedWorld(productionByWeights), func(t *testing.T, d *deployment) {
					release := func(image string) object {
						return verifiedBy(image, withChanges(test.verify, object{"inconclusive": inconclusive}), tenPercent, throughRoutes(route(productionARN)), object{"timeouts": object{"update": "5h"}})
					}
					d.apply(release("ami-1"))
					time.Sleep(20 * time.Minute)
					test.weather(d.world)
					state, diags := d.tryApply(release("ami-2"))
					said := providertest.Render(diags)
					switch failed := providertest.Failed(diags); {
					case inconclusive == "hold" && (failed || state["status"] != "holding" || state["revision"] != 1):
						t.Fatalf("it does not hold: %v, revision %v\n%s", state["status"], state["revision"], said)
					case inconclusive == "hold" && (!strings.Contains(said, "until it is applied again, which asks again") || strings.Contains(said, "hold_after_phase")):
						t.Errorf("how to go on is said like this:\n%s", said)
					case inconclusive == "pass" && (failed || state["status"] != "stable" || state["revision"] != 2):
						t.Fatalf("it does not go on: %v, revision %v\n%s", state["status"], state["revision"], said)
					case inconclusive == "fail" && (!failed || state["revision"] != 1 || !strings.Contains(said, "rolled back")):
						t.Fatalf("it is not taken back: %v, revision %v\n%s", state["status"], state["revision"], said)
					}
					mend(d.world)
					time.Sleep(20 * time.Minute)
					state, diags = d.tryApply(release("ami-2"))
					if providertest.Failed(diags) || state["status"] != "stable" || state["revision"] == 1 {
						t.Errorf("once it can be known it is %v, revision %v\n%s", state["status"], state["revision"], providertest.Render(diags))
					}
				})
			})
		}
	}
}
