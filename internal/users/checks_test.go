package users_test

import "slices"

// The checks that a user may have, by what they find: what is written finds no fault, or finds one in everything, or is never answered.
var checks = map[string]attrs{
	"passes":     {"name": "smoke", "http": attrs{"contains": "ok", "headers": attrs{"X-Api-Key": headerSecret}}},
	"fails":      {"name": "smoke", "http": attrs{"contains": "a word that no answer has", "headers": attrs{"X-Api-Key": headerSecret}}},
	"unanswered": {"name": "errors", "prometheus": attrs{"url": "https://sandbox.test/prometheus", "query": `sum(rate(errors_total{target_group="nobody"}[5m]))`, "below": 0.01}},
}

// checking are what people let be asked about a release.
func checking() []deed {
	return []deed{
		{"a check is written that finds no fault", 40, edit(func(m *module) { m.check = "passes" })},
		{"a check is written that finds fault with everything", 40, edit(func(m *module) { m.check = "fails" })},
		{"a check is written that nobody answers", 40, edit(func(m *module) { m.check = "unanswered" })},
		{"no check is written", 30, edit(func(m *module) { m.check = "" })},
		{"compare is written", 30, edit(func(m *module) { m.compare = m.strategy == "blue/green by weights" })},
		{"compare is left out", 10, edit(func(m *module) { m.compare = false })},
		{"inconclusive becomes fail", 20, edit(func(m *module) { m.inconclusive = "fail" })},
		{"inconclusive becomes pass", 20, edit(func(m *module) { m.inconclusive = "pass" })},
		{"inconclusive becomes hold", 10, edit(func(m *module) { m.inconclusive = "hold" })},
		{"the image becomes ami-errs", 25, edit(func(m *module) { m.image = "ami-errs" })},
		{"the bakes become 10m, to compare in", 25, edit(func(m *module) { m.bake = "10m" })},
	}
}

// checked writes what is asked about a release.
func (m module) checked(verify attrs) {
	if m.compare && m.strategy == "blue/green by weights" {
		verify["compare"] = attrs{}
	}
	if m.inconclusive != "" {
		verify["inconclusive"] = m.inconclusive
	}
	if m.check == "" {
		return
	}
	check := attrs{"at": "end"}
	for name, value := range checks[m.check] {
		check[name] = value
	}
	if request, ok := check["http"].(attrs); ok {
		at := "app:80"
		switch m.strategy {
		case "blue/green":
			check["at"], at = "stage", "app:8443"
		case "blue/green by weights":
			at = "app:444"
		}
		asks := attrs{"url": "https://sandbox.test/app/" + at + "/healthz"}
		for name, value := range request {
			asks[name] = value
		}
		if m.secretHeader {
			delete(asks, "headers")
			asks["secret_headers"] = attrs{"X-Api-Key": hiddenHeader}
		}
		check["http"] = asks
	}
	verify["check"] = []any{check}
}

// limits are the time-outs.
func (m module) limits() attrs {
	limits := attrs{}
	for name, limit := range map[string]string{"create": m.create, "update": m.update, "delete": m.delete} {
		if limit != "" {
			limits[name] = limit
		}
	}
	return limits
}

// asksOnce tells whether an image answers now so, now otherwise.
func (m module) fickle() bool {
	return slices.Contains([]string{"ami-errs", "ami-crash", "ami-slow"}, m.image)
}
