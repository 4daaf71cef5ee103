package deployment_test

import (
	"maps"
	"strings"
)

// askHTTP is a check that asks over HTTP.
func askHTTP(name string, with ...any) object {
	return askBy(name, "http", object{"url": "https://stage.example.com/healthz"}, with...)
}

// askPrometheus is one that asks Prometheus.
func askPrometheus(edit object, with ...any) object {
	p := object{"url": "https://prometheus.example.com", "query": "up", "below": 0.01}
	maps.Copy(p, edit)
	return askBy("errors", "prometheus", p, with...)
}

func askBy(name, kind string, block object, with ...any) object {
	c := object{"name": name, kind: block}
	for i := 0; i+1 < len(with); i += 2 {
		c[with[i].(string)] = with[i+1]
	}
	return c
}

// verifying is a verify block with checks.
func verifying(checks ...any) object { return object{"verify": object{"check": checks}} }

// comparing is one with a comparison.
func comparing(compare object) object { return object{"verify": object{"compare": compare}} }

func bakedShift(bakes ...any) object {
	var shift []any
	for i, bake := range bakes {
		w := object{"weight": 10 * (i + 1)}
		if bake != nil {
			w["bake"] = bake
		}
		shift = append(shift, w)
	}
	return object{"shift": shift}
}

var bakedCanary = inPhases(percentPhase(25, "bake", "5m"))

// checkMistakes are about checks, the comparison, and the hold on stage.
var checkMistakes = map[string]mistake{
	"a check on stage of a canary": {noticed: byValidation, others: bothChanges(bakedCanary, verifying(askHTTP("smoke", "at", "stage"))),
		at: "verify.check.0.at", says: []string{`at is "stage"`, "without blue_green there is none", `at = "bake" or "end"`}},
	"a check on stage of a basic release": {noticed: byValidation, others: verifying(askHTTP("smoke", "at", "stage")),
		at: "verify.check.0.at", says: []string{"without blue_green there is none"}},
	"a check in bakes without a bake": {noticed: byValidation, others: verifying(askHTTP("smoke")),
		at: "verify.check.0.at", says: []string{"it would never be asked", `at = "end"`}},
	"a check in bakes of weights without a bake": {noticed: byValidation, blueGreen: bothChanges(pair, shiftSteps(10)), others: verifying(askHTTP("smoke")),
		at: "verify.check.0.at", says: []string{"it would never be asked"}},
	"a check that is asked too seldom": {noticed: byValidation, others: bothChanges(inPhases(percentPhase(25, "bake", "10m"), percentPhase(50, "bake", "2m")), verifying(askHTTP("smoke", "every", "5m"))),
		at: "verify.check.0.every", says: []string{"asked every 5m", "that of phase 2, lasts 2m"}},
	"two checks of a name": {noticed: byValidation, others: verifying(askHTTP("smoke", "at", "end"), askHTTP("smoke", "at", "end")),
		at: "verify.check.1.name", says: []string{`Check 1 is called "smoke", too`}},
	"a check that asks nobody": {noticed: byValidation, others: verifying(object{"name": "smoke", "at": "end"}),
		at: "verify.check.0", says: []string{"neither http nor lambda nor prometheus"}},
	"a check of two kinds": {noticed: byValidation, others: verifying(askHTTP("smoke", "at", "end", "lambda", object{"function_name": "orders"})),
		at: "verify.check.0", says: []string{"both http and lambda"}},
	"a check at no point": {noticed: byValidation, others: verifying(askHTTP("smoke", "at", "before_traffic")),
		at: "verify.check.0.at", says: []string{"stage", "bake", "end"}},
	"a check with blanks in its name": {noticed: byValidation, others: verifying(askHTTP("smoke test", "at", "end")),
		at: "verify.check.0.name", says: []string{`"smoke test"`, "letters, digits"}},
	"a URL with a password": {noticed: byValidation, others: verifying(askBy("smoke", "http", object{"url": "https://me:hunter2@example.com/"}, "at", "end")),
		at: "verify.check.0.http.url", says: []string{"user or password", "secret_headers"}},
	"a URL of the credentials service": {noticed: byValidation, others: verifying(askBy("smoke", "http", object{"url": "http://169.254.169.254/latest/meta-data/"}, "at", "end")),
		at: "verify.check.0.http.url", says: []string{"169.254.169.254 is a link-local address", "checks do not ask there"}},
	"a server of metrics with a password": {noticed: byValidation, others: bothChanges(bakedCanary, verifying(askPrometheus(object{"url": "https://me:hunter2@prometheus.example.com"}))),
		at: "verify.check.0.prometheus.url", says: []string{"user or password", "username and password"}},
	"a server of metrics that is link-local": {noticed: byValidation, others: bothChanges(bakedCanary, verifying(askPrometheus(object{"url": "http://[fe80::1]:9090"}))),
		at: "verify.check.0.prometheus.url", says: []string{"fe80::1 is a link-local address"}},
	"a server of metrics with a query": {noticed: byValidation, others: bothChanges(bakedCanary, verifying(askPrometheus(object{"url": "https://prometheus.example.com?tenant=1"}))),
		at: "verify.check.0.prometheus.url", says: []string{"without a query"}},
	"a path for a URL": {noticed: byValidation, others: verifying(askBy("smoke", "http", object{"url": "/healthz"}, "at", "end")),
		at: "verify.check.0.http.url", says: []string{"absolute http or https URL"}},
	"a JSON path for a pointer": {noticed: byValidation, others: verifying(askBy("smoke", "http", object{"url": "https://example.com", "json": object{"$.version": "2"}}, "at", "end")),
		at: `verify.check.0.http.json.$.version`, says: []string{"no JSON Pointer"}},
	"a payload that is no object": {noticed: byValidation, others: verifying(askBy("orders", "lambda", object{"function_name": "orders", "payload": "[]"}, "at", "end")),
		at: "verify.check.0.lambda.payload", says: []string{"not an object"}},
	"a URL that is missing": {noticed: byValidation, others: verifying(askBy("smoke", "http", object{"contains": "ok"}, "at", "end")),
		at: "verify.check.0.http.url", says: []string{"The block has no url"}},
	"a query that is missing": {noticed: byValidation, others: verifying(askPrometheus(object{"query": nil}, "at", "end")),
		at: "verify.check.0.prometheus.query", says: []string{"The block has no query"}},
	"two limits": {noticed: byValidation, others: verifying(askPrometheus(object{"above": 3}, "at", "end")),
		at: "verify.check.0.prometheus.above", says: []string{"both below and above"}},
	"no limit": {noticed: byValidation, others: verifying(askPrometheus(object{"below": nil}, "at", "end")),
		at: "verify.check.0.prometheus", says: []string{"neither below nor above"}},
	"a user and a token": {noticed: byValidation, others: verifying(askPrometheus(object{"username": "me", "bearer_token_env": "TOKEN"}, "at", "end")),
		at: "verify.check.0.prometheus.username", says: []string{"Both a user name and a bearer token"}},
	"an inconclusive of none": {noticed: byValidation, others: object{"verify": object{"inconclusive": "shrug"}},
		at: "verify.inconclusive", says: []string{"hold", "fail", "pass"}},

	"a comparison in a canary": {noticed: byValidation, others: bothChanges(bakedCanary, comparing(object{})),
		at: "verify.compare", says: []string{"no shift in blue_green", "an alarm or a check"}},
	"a comparison of a switch": {noticed: byValidation, blueGreen: bothChanges(pair, object{"bake": "10m"}), others: comparing(object{}),
		at: "verify.compare", says: []string{"no shift in blue_green"}},
	"a comparison in a short bake": {noticed: byValidation, blueGreen: bothChanges(pair, bakedShift("10m", "4m")), others: comparing(object{}),
		at: "blue_green.shift.1.bake", says: []string{"bakes for 4m", "at least 5m"}},
	"a comparison without a bake": {noticed: byValidation, blueGreen: bothChanges(pair, bakedShift(nil)), others: comparing(object{}),
		at: "blue_green.shift.0.bake", says: []string{"has no bake", "at least 5m"}},
	"a latency in a short bake": {noticed: byValidation, blueGreen: bothChanges(pair, bakedShift("6m")), others: comparing(object{"latency": 1.3}),
		at: "blue_green.shift.0.bake", says: []string{"bakes for 6m", "at least 7m"}},
	"a comparison behind a network balancer": {noticed: byValidation,
		blueGreen: bothChanges(oneRoute(strings.Replace(httpsARN, "listener/app/", "listener/net/", 1), testingARN), bakedShift("10m")), others: comparing(object{}),
		at: "verify.compare", says: []string{"network load balancer", "not for each target group", "an alarm or a check"}},
	"a ratio below 1": {noticed: byValidation, blueGreen: bothChanges(pair, bakedShift("10m")), others: comparing(object{"errors": 0.5}),
		at: "verify.compare.errors", says: []string{"between 1"}},

	"a hold on stage of a canary": {noticed: byValidation, others: bothChanges(bakedCanary, object{"hold_after_phase": 0}),
		at: "hold_after_phase", says: []string{"hold_after_phase is 0", "without blue_green there is no stage"}},
	"a hold on stage of a basic release": {noticed: byValidation, others: object{"hold_after_phase": 0},
		at: "hold_after_phase", says: []string{"without blue_green there is no stage"}},
}
