package deployment_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// hole is a place in a configuration whose value may not be known in the plan: "canary.phase.0.bake".
type hole struct {
	at   string
	make func(config any) any // the configuration with that hole
}

// unknownPlaces are all of a block: each attribute that may be written, its members and elements, and each block in it, whole and in part. What
// is not written in the configuration may be unknown all the same, and turn out to be null.
func unknownPlaces(block *tfprotov6.SchemaBlock, written object) []hole {
	var all []hole
	add := func(name string, inner []hole) {
		all = append(all, hole{name, func(config any) any { return withChanges(config.(object), object{name: unknown}) }})
		for _, h := range inner {
			all = append(all, hole{name + "." + h.at, func(config any) any {
				return withChanges(config.(object), object{name: h.make(config.(object)[name])})
			}})
		}
	}
	for _, a := range block.Attributes {
		if !a.Required && !a.Optional {
			continue
		}
		var inner []hole
		switch value := written[a.Name].(type) {
		case object: // an object, or a map, of which one value is not known
			for _, name := range slices.Sorted(maps.Keys(value)) {
				inner = append(inner, hole{name, func(v any) any { return withChanges(v.(object), object{name: unknown}) }})
			}
		case []any:
			inner = elementHoles(value, nil)
		}
		add(a.Name, inner)
	}
	for _, nested := range block.BlockTypes {
		var inner []hole
		switch value := written[nested.TypeName].(type) {
		case object:
			inner = unknownPlaces(nested.Block, value)
		case []any:
			inner = elementHoles(value, nested.Block)
		}
		add(nested.TypeName, inner)
	}
	return all
}

// elementHoles are those in the elements of a list; of blocks, in their members, since a block in a list is there or not.
func elementHoles(list []any, block *tfprotov6.SchemaBlock) []hole {
	var all []hole
	for i, element := range list {
		inner := []hole{{"", func(any) any { return unknown }}}
		if block != nil {
			inner = unknownPlaces(block, element.(object))
		}
		for _, h := range inner {
			all = append(all, hole{strings.TrimSuffix(fmt.Sprintf("%d.%s", i, h.at), "."), func(v any) any {
				elements := slices.Clone(v.([]any))
				elements[i] = h.make(elements[i])
				return elements
			}})
		}
	}
	return all
}

// everything is a configuration with as much written as goes together.
var everything = object{
	"triggers": object{"release": "1"}, "load_balancer_names": nil, "resize_order": "new_first", "healthy_timeout": "14m", "on_failure": "rollback",
	"on_interrupt": "hold", "retain": 2, "deletion_protection": false, "timeouts": object{"create": "2h", "update": "3h", "delete": "1h"},
	"verify": object{"alarms": []any{"web-5xx"}, "min_healthy_time": "10s", "healthy_percent": 100},
}

// situations are those in which a plan is made: each leads there, and says what is wanted then.
var situations = map[string]struct {
	config sandbox.Config
	lead   func(d *deployment) object
	// fails tells that the apply is refused, and compares that a plan with holes may be refused because an imported group cannot be compared.
	fails, compares bool
}{
	"first deployment": {config: canaryWorld(), lead: func(*deployment) object { return canary("ami-1", everything) }},
	"release": {config: canaryWorld(), lead: func(d *deployment) object {
		d.apply(canary("ami-1", everything))
		return canary("ami-2", everything)
	}},
	"nothing new": {config: canaryWorld(), lead: func(d *deployment) object {
		d.apply(canary("ami-1", everything))
		return canary("ami-1", everything)
	}},
	"the same in other words": {config: canaryWorld(), lead: func(d *deployment) object {
		d.apply(canary("ami-1", everything))
		return canary("ami-1", everything, object{"configuration": " " + asJSON(object{"group": webDocument()})})
	}},
	"remembered failure": {config: canaryWorld(), fails: true, lead: func(d *deployment) object {
		d.apply(canary("ami-1", everything))
		d.tryApply(canary("ami-bad", everything))
		return canary("ami-bad", everything)
	}},
	"held failure": {config: canaryWorld(), lead: func(d *deployment) object {
		d.apply(canary("ami-1", everything))
		d.tryApply(canary("ami-bad", everything, object{"on_failure": "hold"}))
		return canary("ami-3", everything)
	}},
	"hold": {config: canaryWorld(), lead: func(d *deployment) object {
		d.apply(canary("ami-1", everything))
		d.apply(canary("ami-2", everything, object{"hold_after_phase": 1}))
		return canary("ami-2", everything, object{"hold_after_phase": 2})
	}},
	"import": {config: canaryWorld(existing("web__4", "ami-4", 2, 4, 8)), compares: true, lead: func(d *deployment) object {
		d.mustLoad("web")
		return canary("ami-4", everything)
	}},
	"import with as little as possible": {config: canaryWorld(existing("web__4", "ami-4", 2, 4, 8)), compares: true, lead: func(d *deployment) object {
		d.mustLoad("web")
		return canary("ami-4", object{"capacity": nil, "verify": nil, "canary": nil})
	}},
	"import and release": {config: canaryWorld(existing("web__4", "ami-4", 2, 4, 8)), compares: true, lead: func(d *deployment) object {
		d.mustLoad("web")
		return canary("ami-5", everything)
	}},
	"first blue/green": {config: blueGreenWorld(), lead: func(*deployment) object { return shiftByWeights("ami-1", everything) }},
	"blue/green": {config: blueGreenWorld(), lead: func(d *deployment) object {
		d.apply(shiftByWeights("ami-1", everything))
		return shiftByWeights("ami-2", everything)
	}},
	"checks": {config: verifiedWorld(productionByWeights), lead: func(d *deployment) object {
		d.apply(checked("ami-1"))
		return checked("ami-2")
	}},
	"blue/green hold": {config: blueGreenWorld(), lead: func(d *deployment) object {
		d.apply(shiftByWeights("ami-1", everything))
		d.apply(shiftByWeights("ami-2", everything, object{"hold_after_phase": 1}))
		return shiftByWeights("ami-2", everything)
	}},
}

// everyCheck has each member of a check and of the comparison once; what cannot be known counts for good.
func everyCheck() object {
	prometheus := func(members object) object {
		all := object{"url": "https://sandbox.test/prometheus", "query": "vector(0)", "timeout": "9s"}
		maps.Copy(all, members)
		return all
	}
	return object{
		"alarms": []any{"web-5xx"}, "inconclusive": "pass", "compare": object{"errors": 1.6, "latency": 3, "percentile": 80, "min_requests": 100},
		"check": []any{
			askBy("smoke", "http", object{
				"url": "https://sandbox.test/app/green/healthz", "status": 200, "contains": "ok", "timeout": "9s", "json": object{"/image_id": "ami-2"},
				"headers": object{"X-Who": "release"}, "secret_headers": object{"X-Key": "a-key-that-nobody-asks-for"},
			}, "at", "stage", "every", "50s", "failures", 2),
			askBy("orders", "lambda", object{"function_name": "smoke", "payload": "{}", "timeout": "50s"}, "at", "stage"),
			askBy("low", "prometheus", prometheus(object{"below": 1, "bearer_token": "a-token-that-nobody-knows"})),
			askBy("high", "prometheus", prometheus(object{"above": -1, "bearer_token_env": "PROM_TOKEN"})),
			askBy("basic", "prometheus", prometheus(object{"below": 1, "username": "release", "password": "a-password-that-nobody-knows"})),
		},
	}
}

// checked is a release by a weight that all of them have a say in.
func checked(image string) object {
	return verifiedBy(image, everyCheck(), tenPercent, throughRoutes(route(productionARN)))
}

// mustLoad imports, whatever it warns of.
func (d *deployment) mustLoad(id string) {
	d.t.Helper()
	if diags := d.load(id); providertest.Failed(diags) {
		d.t.Fatal(providertest.Render(diags))
	}
}

// Whatever is not known in the plan, alone or together with anything else, and in whatever situation: what the plan says then, the plan
// within apply keeps to when all is known. The schema is walked, so that a new attribute is among them.
func TestEveryUnknownEndsWell(t *testing.T) {
	for name, s := range situations {
		t.Run(name, func(t *testing.T) {
			inBubble(t, s.config, func(t *testing.T, d *deployment) {
				config := s.lead(d)
				all := unknownPlaces(d.schema.Block, config)
				if name != "first deployment" && name != "first blue/green" {
					all = slices.DeleteFunc(all, func(h hole) bool { return h.at == "name" }) // another name is another deployment
				}
				d.refresh()
				within := d.planOnly(config) // as Terraform plans within apply, whatever was not known before
				if providertest.Failed(within.diags) {
					t.Fatalf("with all known the plan says\n%s", providertest.Render(within.diags))
				}
				for _, h := range all {
					for _, at := range d.contradictions(within, h.at, h.make(config).(object), s.compares) {
						t.Errorf("after an unknown %s: %s", h.at, at)
					}
				}
				r := rand.New(rand.NewPCG(uint64(len(name)), 31))
				for range map[bool]int{false: 8, true: 40}[*exhaustive] {
					var at []string
					open := config
					for _, h := range all {
						// A hole within one that is made already cannot be made.
						if inside := slices.ContainsFunc(at, func(other string) bool { return strings.HasPrefix(h.at+".", other+".") }); !inside && r.IntN(6) == 0 {
							open, at = h.make(open).(object), append(at, h.at)
						}
					}
					for _, contradiction := range d.contradictions(within, strings.Join(at, " "), open, s.compares) {
						t.Errorf("after an unknown %s: %s", strings.Join(at, " "), contradiction)
					}
				}

				// All at once, and to the end.
				open := maps.Clone(config)
				for _, h := range all {
					if !strings.Contains(h.at, ".") {
						open[h.at] = unknown
					}
				}
				run := d.watch()
				p := d.plan(open)
				if providertest.Failed(p.diags) {
					t.Fatalf("with nothing known the plan says\n%s", providertest.Render(p.diags))
				}
				_, diags := d.applyPlan(t.Context(), p, config)
				if providertest.Failed(diags) != s.fails {
					t.Fatalf("apply says\n%s", providertest.Render(diags))
				}
				if s.fails {
					run.mustDo()
					return
				}
				d.mustBeSettled(config)
			})
		})
	}
}

// contradictions plans with holes, and lists in what that contradicts the plan with all known.
func (d *deployment) contradictions(within planned, at string, open object, compares bool) []string {
	d.t.Helper()
	p := planned{diags: d.validate(open)}
	if !providertest.Failed(p.diags) {
		p = d.planOnly(open)
	}
	if providertest.Failed(p.diags) {
		if named := regexp.MustCompile(`cannot be compared yet: .* depends on (\w+)`).FindStringSubmatch(providertest.Render(p.diags)); compares && named != nil && strings.Contains(" "+at, " "+named[1]) {
			return nil // what is not known is named
		}
		return []string{"the plan says " + providertest.Render(p.diags)}
	}
	var all []string
	for _, name := range providertest.Differences(p.value, within.value) {
		all = append(all, "inconsistent final plan at "+name)
	}
	return all
}

// guesses is a provider that takes what it does not know for what it was.
type guesses struct {
	tfprotov6.ProviderServer
	d *deployment
}

func (g guesses) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	config := g.d.decode(req.Config)
	if config.IsFullyKnown() || g.d.state.IsNull() {
		return g.ProviderServer.PlanResourceChange(ctx, req)
	}
	resp, err := g.ProviderServer.PlanResourceChange(ctx, req)
	if err == nil && resp.PlannedState != nil {
		value := providertest.Plain(g.d.t, g.d.decode(resp.PlannedState)).(object)
		value["rollout_plan"] = g.d.now()["rollout_plan"]
		resp.PlannedState = g.d.encode(providertest.Typed(g.d.t, g.d.schema.ValueType(), value))
	}
	return resp, err
}

// A plan that guesses is noticed.
func TestTheWalkNoticesAPlanThatGuesses(t *testing.T) {
	t.Log("promise: the plan is what runs")
	inBubble(t, webWorld(), func(t *testing.T, d *deployment) {
		d.apply(release("ami-1"))
		config := release("ami-2")
		within := d.planOnly(config)
		open := withChanges(config, object{"retain": unknown})
		if found := d.contradictions(within, "retain", open, false); len(found) > 0 {
			t.Fatal(found)
		}
		d.server.ProviderServer = guesses{d.server.ProviderServer, d}
		if found := d.contradictions(within, "retain", open, false); len(found) != 1 || !strings.Contains(found[0], "rollout_plan") {
			t.Errorf("what is noticed is %q", found)
		}
	})
}

// The walk goes everywhere: each attribute and block of the schema that may be written is a hole in one of the configurations.
func TestHolesAreEverywhere(t *testing.T) {
	block := providertest.Serve(t).Schema.ResourceSchemas[deploymentType].Block
	made := map[string]bool{}
	for _, config := range []object{canary("ami-1", everything), shiftByWeights("ami-1", everything), checked("ami-1")} {
		for _, h := range unknownPlaces(block, config) {
			made[strings.Join(slices.DeleteFunc(strings.Split(h.at, "."), func(step string) bool { return strings.Trim(step, "0123456789") == "" }), ".")] = true
		}
	}
	var walk func(at string, block *tfprotov6.SchemaBlock)
	need := func(at string) {
		if !made[at] {
			t.Errorf("%s is never unknown: write it in one of the configurations", at)
		}
	}
	walk = func(at string, block *tfprotov6.SchemaBlock) {
		for _, a := range block.Attributes {
			if !a.Required && !a.Optional {
				continue
			}
			need(at + a.Name)
			if a.NestedType != nil {
				for _, member := range a.NestedType.Attributes {
					need(at + a.Name + "." + member.Name)
				}
			}
		}
		for _, b := range block.BlockTypes {
			need(at + b.TypeName)
			walk(at+b.TypeName+".", b.Block)
		}
	}
	walk("", block)
	if len(made) < 30 {
		t.Errorf("only %d holes", len(made))
	}
}
