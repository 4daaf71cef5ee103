package deployment_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// ways are all the ways in which a run can end. With each of them create, update and delete have a case, or a reason why there is none.
var ways = []string{
	"succeeded", "holding", "rolled back", "for want of capacity", "the way back fails, too", "held by its failure", "interrupted",
	"interrupted and taken back", "killed", "out of time", "superseded", "refused by preflight", "the world has changed", "a cloud out of reach",
}

// cannotBe says why an operation does not end in a way.
var cannotBe = map[string]map[string]string{
	"create": {
		"holding": "a first deployment has no phases, so that hold_after_phase has nothing to stop after",
	},
	"update": {},
	"delete": {
		"holding":                    "destroying has no phases",
		"rolled back":                "destroying is not taken back: what is half gone would have to be made anew. It stops where it is",
		"for want of capacity":       "destroying asks for no capacity",
		"the way back fails, too":    "destroying has no way back",
		"held by its failure":        "on_failure is about releases: a destroy that fails stops where it is in any case",
		"interrupted and taken back": "destroying has no way back: on_interrupt = \"rollback\" is about releases, and a Ctrl-C stops it where it is",
	},
}

// said are the diagnostics of a run.
type said = []*tfprotov6.Diagnostic

// end is a way in which an operation can end, and what is true afterwards.
type end struct {
	// run brings it about and returns what was said.
	run func(d *deployment) said
	// fails is whether apply exits with an error.
	fails bool
	// state is what the state says: "status image live group", or "none".
	state string
	// next is the configuration of the next plan, nil if it is to destroy, and plans what it shows: "nothing", "a change", "a creation",
	// "a deletion".
	next  object
	plans string
	// says are words of what was said.
	says []string
}

// Every way in which an operation can end leaves a state that tells the truth, a next plan that shows what is left to do, and words that
// say what stands.
func TestEveryEndTellsTheTruth(t *testing.T) {
	for operation, cases := range map[string]map[string]end{"create": endsOfCreate(), "update": endsOfUpdate(), "delete": endsOfDelete()} {
		for _, way := range ways {
			if e, possible := cases[way]; possible {
				t.Run(operation+" "+way, func(t *testing.T) {
					inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
						if operation != "create" {
							d.apply(release("ami-1"))
						}
						e.mustBeTrue(t, d, way)
					})
				})
			}
			if _, possible := cases[way]; possible == (cannotBe[operation][way] != "") {
				t.Errorf("%s %s: there is a case (%v), or a reason why there can be none, not both and not neither", operation, way, possible)
			}
		}
		for way := range cases {
			if !slices.Contains(ways, way) {
				t.Errorf("%s %s: no such way is listed", operation, way)
			}
		}
	}
}

func (e end) mustBeTrue(t *testing.T, d *deployment, way string) {
	diags := e.run(d)
	d.world.Intercept(nil, nil)
	d.world.ClearFaults()
	if providertest.Failed(diags) != e.fails {
		t.Errorf("it failed: %v, want: %v\n%s", providertest.Failed(diags), e.fails, providertest.Render(diags))
	}
	for _, word := range e.says {
		if !strings.Contains(providertest.Render(diags), word) {
			t.Errorf("%q is not said:\n%s", word, providertest.Render(diags))
		}
	}
	if got := d.truth(); got != e.state && way != "killed" { // of a kill the state learns by the next refresh
		t.Errorf("right after the run the state says %q, want: %q", got, e.state)
	}
	var p planned
	if e.next == nil {
		// Who thinks better of it gets everything back.
		if p := d.plan(release("ami-1")); d.shows(p) != "a change" ||
			!strings.Contains(d.planText(p), "0 -> 4") && !strings.Contains(d.planText(p), "it is not taken down any more") {
			t.Errorf("the next plan that does not destroy shows %s:\n%s\n%s", d.shows(p), d.planText(p), providertest.Render(p.diags))
		}
		p = d.planDestroy()
	} else {
		p = d.plan(e.next)
	}
	if got := d.truth(); got != e.state {
		t.Errorf("the state says %q, want: %q\nthe world:\n%s", got, e.state, standing(d.world))
	}
	if got := d.shows(p); got != e.plans {
		t.Errorf("the next plan shows %s, want: %s\n%s", got, e.plans, providertest.Render(p.diags))
	}
}

// tries plans and applies, and returns what was said.
func (d *deployment) tries(config object) said {
	d.t.Helper()
	return d.triesUnder(context.Background(), config)
}

func (d *deployment) triesUnder(ctx context.Context, config object) said {
	d.t.Helper()
	_, diags := d.applyUnder(ctx, config)
	return diags
}

// carries carries out a plan, and returns what was said.
func (d *deployment) carries(p planned, config object) said {
	d.t.Helper()
	_, diags := d.applyPlan(d.t.Context(), p, config)
	return diags
}

// dies lets the process end at a change of a run, after its effect. Nothing is said, as far as anybody hears, and the state is as
// it was before; what it would have said is an error.
func (d *deployment) dies(nth int, run func(ctx context.Context)) said {
	d.t.Helper()
	before, private := d.state, d.private
	ctx, dead := kill(d, killPoint{true, nth, true})
	run(ctx)
	d.world.Intercept(nil, nil)
	if !dead() {
		d.t.Error("the run ended before it was to be killed")
	}
	d.state, d.private = before, private
	d.restart()
	return said{{Severity: tfprotov6.DiagnosticSeverityError, Summary: "Plugin did not respond"}}
}

// truth is what the state says.
func (d *deployment) truth() string {
	state := d.now()
	if state == nil {
		return "none"
	}
	return strings.Join([]string{state["status"].(string), state["image_id"].(string), state["group_name"].(string)}, " ")
}

// shows is what a plan shows.
func (d *deployment) shows(p planned) string {
	switch {
	case providertest.Failed(p.diags):
		return "an error"
	case d.state.IsNull():
		return "a creation"
	case p.value.IsNull():
		return "a deletion"
	case d.empty(p):
		return "nothing"
	}
	return "a change"
}
