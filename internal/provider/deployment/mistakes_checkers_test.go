package deployment_test

import (
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// function is a check by a function.
func function(name string) object {
	return askBy("orders", "lambda", object{"function_name": name}, "at", "end")
}

// query is a check by the sandbox's Prometheus.
func query(text string, more object) object {
	return askBy("errors", "prometheus", bothChanges(object{"url": "https://sandbox.test/prometheus", "query": text, "below": 0.5}, more), "at", "end")
}

func functions(all ...sandbox.FunctionConfig) func(*sandbox.Config) {
	return func(c *sandbox.Config) { c.AWS.Functions = all }
}

func answers(all ...sandbox.PrometheusQuery) func(*sandbox.Config) {
	return func(c *sandbox.Config) { c.Prometheus.Queries = all }
}

// checkerMistakes are about those who are to be asked: what a plan finds out of them.
var checkerMistakes = map[string]mistake{
	"a function that is not there": {noticed: byPlan, live: true, others: verifying(function("orders")),
		at: "verify.check.0.lambda.function_name", says: []string{"Function not found", "function orders", "ResourceNotFoundException", "asked in region us-east-1, account 123456789012."}},
	"a function that may not be invoked": {noticed: byPlan, live: true, world: functions(sandbox.FunctionConfig{Name: "orders", Denied: true}), others: verifying(function("orders")),
		at: "verify.check.0.lambda.function_name", says: []string{"may not be invoked", "lambda:InvokeFunction"}},
	"a function of another region": {noticed: byPlan, live: true, others: verifying(function("arn:aws:lambda:eu-west-1:123456789012:function:orders")),
		at: "verify.check.0.lambda.function_name", says: []string{"Function of another region", "eu-west-1"}},
	"a query that is none": {noticed: byPlan, live: true, others: verifying(query("up{", nil)),
		at: "verify.check.0.prometheus.query", says: []string{"Query that cannot be read", "parse error"}},
	"a query without data": {noticed: byPlan, live: true, warned: true, world: answers(sandbox.PrometheusQuery{Query: "upp", Empty: true}), others: verifying(query("upp", nil)),
		at: "verify.check.0.prometheus", says: []string{"check errors was not known", "no series", "verify.inconclusive"}},
	"a number that is beyond its limit already": {noticed: byPlan, live: true, warned: true, world: answers(sandbox.PrometheusQuery{Query: "up", Value: "0.7"}), others: verifying(query("up", nil)),
		at: "verify.check.0.prometheus", says: []string{"bad already", "0.7; limit below 0.5", "taken back"}},
	"a token that is not there": {noticed: byPlan, live: true, warned: true, others: verifying(query("up", object{"bearer_token_env": "NO_SUCH_TOKEN"})),
		at: "verify.check.0.prometheus.bearer_token_env", says: []string{"there is no NO_SUCH_TOKEN in the environment", "refused"}},
	"an apply without its token": {noticed: byApply, live: true, others: verifying(query("up", object{"bearer_token_env": "NO_SUCH_TOKEN"})),
		at: "verify.check.0.prometheus.bearer_token_env", says: []string{"There is no NO_SUCH_TOKEN in the environment"}},
	"an answer that is bad already": {noticed: byPlan, live: true, warned: true, others: verifying(askBy("front", "http", object{"url": "https://sandbox.test/app/idle/"}, "at", "end")),
		at: "verify.check.0.http", says: []string{"check front was bad already", "instead of 200"}},
	"CloudWatch that may not be asked": {noticed: byPlan, live: true, warned: true, world: func(c *sandbox.Config) { c.AWS.Metrics.Status = "Forbidden" },
		blueGreen: bothChanges(pair, bakedShift("10m")), others: comparing(object{}),
		at: "verify.compare", says: []string{"could not be read", "cloudwatch:GetMetricData"}},
	"too few requests to compare": {noticed: byPlan, live: true, warned: true,
		blueGreen: bothChanges(pair, bakedShift("10m")), others: comparing(object{}),
		at: "verify.compare.min_requests", says: []string{"0 requests a minute were counted in the last 15m", "10 %", "next to none"}},
}
