package deployment_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/fresh"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// dials are the values of a specification, each with others that it may have, good ones mostly, so that most specifications get as far as
// an apply. A path leads through blocks and lists.
var dials = []struct {
	path   []any
	values []any
}{
	{[]any{"image_id"}, []any{"ami-2", "ami-3", "ami-bad", "ami-none", ""}},
	{[]any{"configuration"}, []any{asJSON(webDocument()), asJSON(heavierDocument()), "[]"}},
	{[]any{"user_data"}, []any{providertest.Boot, "#!/bin/sh\n", nil}},
	{[]any{"capacity"}, []any{capacityOf(2, 4, 8), capacityOf(1, 3, 5), capacityOf(0, 0, 0), nil, capacityOf(8, 4, 2)}},
	{[]any{"capacity", "target"}, []any{3, 8, 9, -1}},
	{[]any{"start_with"}, []any{"target", "running", "none"}},
	{[]any{"target_group_arns"}, []any{[]any{providertest.WebARN}, nil, []any{"web"}}},
	{[]any{"retain"}, []any{0, 1, 3, -5, 1001}},
	{[]any{"resize_order"}, []any{"new_first", "previous_first", "both"}},
	{[]any{"healthy_timeout"}, []any{"5m", "20m", "-5m", "soon"}},
	{[]any{"on_failure"}, []any{"rollback", "hold", "explode"}},
	{[]any{"on_interrupt"}, []any{"hold", "rollback", "explode"}},
	{[]any{"hold_after_phase"}, []any{nil, 1, 2, 0, 7}},
	{[]any{"triggers"}, []any{nil, object{"release": "2"}, object{}}},
	{[]any{"deletion_protection"}, []any{true, false}},
	{[]any{"verify"}, []any{nil, object{}, object{"alarms": []any{"web-5xx"}}}},
	{[]any{"verify", "alarms"}, []any{[]any{"web-5xx"}, []any{}, []any{"no-such"}, []any{"web-5xx", "web-5xx"}}},
	{[]any{"verify", "alarms_at_start"}, []any{"refuse", "ignore", "none"}},
	{[]any{"verify", "min_healthy_time"}, []any{"0s", "30s", "-1s"}},
	{[]any{"verify", "healthy_percent"}, []any{50, 100, 0}},
	{[]any{"canary"}, []any{nil, object{}}},
	{[]any{"canary", "phase"}, []any{[]any{}, []any{percentPhase(10), percentPhase(60)}, []any{percentPhase(60), percentPhase(10)}}},
	{[]any{"canary", "phase", 0, "percent"}, []any{10, 25, 0, 100}},
	{[]any{"canary", "phase", 0, "bake"}, []any{"0s", "3m", "-1m", nil}},
	{[]any{"blue_green", "bake"}, []any{"0s", "4m", "-1m", nil}},
	{[]any{"blue_green", "settle"}, []any{"10s", "0s", "-1s"}},
	{[]any{"blue_green", "downsize_previous"}, []any{true, false}},
	{[]any{"blue_green", "shift"}, []any{[]any{}, []any{object{"weight": 30}}}},
	{[]any{"blue_green", "shift", 0, "weight"}, []any{5, 60, 100}},
	{[]any{"timeouts", "update"}, []any{"2h", "3m", "-1h", "an hour"}},
	{[]any{"load_balancer_names"}, []any{nil, []any{}, []any{"no-such"}}},
}

// heavierDocument is a document that is another release.
func heavierDocument() object {
	document := webDocument()
	memberAt(document, "compute", "launchSpecification")["monitoring"] = true
	return document
}

// withValueAt is a configuration with a value at a path; what leads there has to be written already.
func withValueAt(config any, path []any, value any) (any, bool) {
	if len(path) == 0 {
		return value, true
	}
	switch config := config.(type) {
	case object:
		name, ok := path[0].(string)
		if _, there := config[name]; !ok || !there && len(path) > 1 {
			return config, false
		}
		inner, ok := withValueAt(config[name], path[1:], value)
		return withChanges(config, object{name: inner}), ok
	case []any:
		i, ok := path[0].(int)
		if !ok || i >= len(config) {
			return config, false
		}
		inner, ok := withValueAt(config[i], path[1:], value)
		list := append([]any{}, config...)
		list[i] = inner
		return list, ok
	}
	return config, false
}

// dialled is a configuration as it is planned and as it is applied, by bytes in pairs: which value is another one, and which; every other of
// these is known late.
func dialled(config object, decided []byte) (planned, applied object) {
	planned, applied = config, config
	for ; len(decided) > 1; decided = decided[2:] {
		dial, choice := dials[int(decided[0])%len(dials)], int(decided[1])
		value := dial.values[choice/2%len(dial.values)]
		known := value
		if choice%2 == 1 {
			known = unknown
		}
		if p, ok := withValueAt(planned, dial.path, known); ok {
			if a, ok := withValueAt(applied, dial.path, value); ok {
				planned, applied = p.(object), a.(object)
			}
		}
	}
	return planned, applied
}

func seedsLateDeployment(f fresh.Adder) {
	for i := range dials {
		f.Add(byte(i), byte(i/3), []byte{byte(i), 1, byte(i + 7), 3, byte(i + 13), 2})
	}
	for base := range byte(3) {
		f.Add(base, byte(3), []byte{0, 2, 7, 1, 9, 1, 10, 1, 18, 3})
		f.Add(base, byte(1), []byte{0, 3, 12, 3, 3, 3, 22, 3, 26, 3, 28, 3})
	}
}

// FuzzLateDeployment has a whole specification, of which some values are known only when it is applied, planned and applied in situations of
// all kinds. The plan holds, what validation refuses an apply refuses before it touches anything, what serves goes on serving, nothing is
// blamed but what is bad, and what was applied is settled.
func FuzzLateDeployment(f *testing.F) {
	seedsLateDeployment(f)
	f.Fuzz(fuzzLateDeployment)
}

func TestFreshDeployments(t *testing.T) {
	fresh.Run(t, 4*time.Second, seedsLateDeployment, fuzzLateDeployment)
}

func fuzzLateDeployment(t *testing.T, base, situation byte, decided []byte) {
	if len(decided) > 24 {
		decided = decided[:24]
	}
	synctest.Test(t, func(t *testing.T) {
		d := deploymentIn(t, sandbox.New(blueGreenWorld()))
		bases := []func(string, ...object) object{release, canary, shiftByWeights}
		written := bases[int(base)%len(bases)]
		switch situation % 4 {
		case 3:
			d.apply(written("ami-1", everything))
			d.tryApply(written("ami-bad", everything)) // it is remembered
		case 2:
			d.apply(written("ami-1", everything))
			d.apply(written("ami-3", everything))
		case 1:
			d.apply(written("ami-1", everything))
		}
		planned, applied := dialled(written("ami-2", everything), decided)
		d.fuzzLate(planned, applied)
	})
}

func (d *deployment) fuzzLate(config, late object) {
	d.t.Helper()
	created := d.state.IsNull()
	p := d.plan(config)
	mustBeBrief(d.t, p.diags)
	if providertest.Failed(p.diags) || len(p.replace) > 0 {
		return
	}
	refused, run, before, begun := d.validate(late), d.watch(), d.state, time.Now()
	ctx, cancel := context.WithTimeout(d.t.Context(), 2*time.Hour)
	defer cancel()
	_, diags := d.applyPlan(ctx, p, late)
	mustBeBrief(d.t, diags)
	if took := time.Since(begun); took > 3*time.Hour {
		d.t.Errorf("it took %s\n%s", took, providertest.Render(diags))
	}
	neverDeletesInstances(d.t, d.world)
	if providertest.Failed(refused) {
		if !providertest.Failed(diags) || len(run.did()) > 0 || !d.state.Equal(before) {
			d.t.Errorf("validation says\n%s\nand apply does %q and says\n%s", providertest.Render(refused), run.did(), providertest.Render(diags))
		}
		return
	}
	if late["image_id"] != "ami-bad" && created {
		mustBlameNobody(d.t, d.world, providertest.Render(diags))
	}
	if serves, promised := promisedOf(late); !created && promised {
		run.mustServe(serves)
	}
	if !providertest.Failed(diags) {
		d.mustBeSettled(late)
	}
}

// promisedOf is how many have to serve while a release runs beside four instances, and whether the user has given that up.
func promisedOf(config object) (int, bool) {
	if config["resize_order"] == "previous_first" {
		return 0, false
	}
	if verify, ok := config["verify"].(object); ok && verify["healthy_percent"] == 50 {
		return 0, false
	}
	capacity, ok := config["capacity"].(object)
	if !ok {
		return 4, true
	}
	target, ok := capacity["target"].(int)
	return min(target, 4), ok
}
