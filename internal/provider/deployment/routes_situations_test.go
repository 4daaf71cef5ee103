package deployment_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// routedSituation is a made-up line of blue/green releases: what balances, how traffic moves, how much serves.
type routedSituation struct {
	told       string
	world      []func(*sandbox.AWSConfig)
	production []string
	config     func(image string) object
	least      int // instances that are promised to serve
}

// randomRoutes makes up a situation. The size of the second release may differ from that of the first.
func randomRoutes(r *rand.Rand) routedSituation {
	var s routedSituation
	var routes []any
	switch r.IntN(6) {
	case 0:
		s.told, s.world = "production and stage", nil
		routes, s.production = []any{route(productionARN, testARN)}, []string{productionARN}
	case 1:
		s.told, s.world = "a listener by weights", []func(*sandbox.AWSConfig){productionByWeights}
		routes, s.production = []any{route(productionARN)}, []string{productionARN}
	case 2:
		s.told, s.world = "a rule by weights", []func(*sandbox.AWSConfig){onlyRule}
		routes, s.production = []any{route(ruleARN)}, []string{ruleARN}
	case 3:
		s.told, s.world = "a listener and a rule", []func(*sandbox.AWSConfig){withRules}
		routes, s.production = []any{route(productionARN, testARN), route(ruleARN, testRuleARN)}, []string{productionARN, ruleARN}
	case 4:
		s.told, s.world = "two balancers", []func(*sandbox.AWSConfig){withSecond}
		routes, s.production = []any{route(secondARN, secondTestARN), route(productionARN, testARN)}, []string{productionARN, secondARN}
	case 5:
		s.told, s.world = "two by weights", []func(*sandbox.AWSConfig){productionAndRuleByWeights}
		routes, s.production = []any{route(productionARN), route(ruleARN)}, []string{productionARN, ruleARN}
	}
	how := object{"route": routes, "settle": fmt.Sprintf("%ds", r.IntN(61)+15), "bake": fmt.Sprintf("%ds", r.IntN(120)), "downsize_previous": r.IntN(3) > 0}
	var shift []any
	for weight := 0; len(shift) < 3; {
		if weight += 1 + r.IntN(60); weight > 99 || r.IntN(3) == 0 {
			break
		}
		shift = append(shift, object{"weight": weight, "bake": fmt.Sprintf("%ds", r.IntN(90))})
	}
	if len(shift) > 0 {
		how["shift"] = shift
	}
	sizes := map[string]object{"ami-1": capacityOf(1, 1+r.IntN(5), 8), "ami-2": capacityOf(1, 1+r.IntN(5), 8)}
	s.least = min(sizes["ami-1"]["target"].(int), sizes["ami-2"]["target"].(int))
	s.config = func(image string) object {
		capacity := sizes["ami-2"]
		if image == "ami-1" {
			capacity = sizes["ami-1"]
		}
		return switchAtOnce(image, inBlueGreen(how), object{"capacity": capacity, "retain": 1, "healthy_timeout": "4m"})
	}
	s.told += " " + asJSON(how)
	return s
}

var promisedRoute = regexp.MustCompile(`(?:listener|rule) (\S+) -> (.+?)(?:\s{3,}|\n|$)`)

// promisedMoves is what a rollout_plan says will be done, in the words of moves.
func promisedMoves(text string) []string {
	var steps []string
	for line := range strings.Lines(strings.Split(byName(text), "\non failure")[0]) {
		steps = append(steps, changesPromised(line)...)
		for _, m := range promisedRoute.FindAllStringSubmatch(line, -1) {
			for arn, name := range routeNames {
				parts := strings.Split(arn, "/")
				if m[1] == parts[2]+"/"+parts[len(parts)-1] {
					steps = append(steps, name+" -> "+strings.ReplaceAll(m[2], " %", ""))
				}
			}
		}
	}
	return steps
}

// withoutNow is a plan without the lines that say where traffic goes before it.
func withoutNow(text string) string {
	var kept []string
	now := false
	for line := range strings.Lines(text) {
		now = strings.HasPrefix(line, "now") || now && strings.HasPrefix(line, " ")
		if !now {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// What a reviewer reads of a blue/green release is what runs, and production is served at every instant of it.
func TestBlueGreenPlanIsWhatRuns(t *testing.T) {
	for seed := range situationsOf(8) {
		s := randomRoutes(rand.New(rand.NewPCG(uint64(seed), 23)))
		t.Run(fmt.Sprint("situation ", seed), func(t *testing.T) {
			t.Log(s.told)
			inBubble(t, blueGreenWorld(s.world...), func(t *testing.T, d *deployment) {
				d.apply(s.config("ami-1"))
				run := d.watch()
				for _, image := range []string{"ami-2", "ami-3"} {
					p := d.plan(s.config(image))
					step := d.watch()
					d.carryOut(p, s.config(image))
					text := d.planText(p)
					if said, did := promisedMoves(withoutNow(text)), step.moves(); !slices.Equal(said, did) {
						t.Errorf("the plan says\n%s\nread as\n  %s\nthe run did\n  %s", text, strings.Join(said, "\n  "), strings.Join(did, "\n  "))
					}
					for line := range strings.Lines(text) {
						if len([]rune(strings.TrimSuffix(line, "\n"))) >= 100 {
							t.Errorf("a line of the plan is too long: %s", line)
						}
					}
					d.mustBeSettled(s.config(image))
				}
				run.mustServe(s.least)
				run.mustReachTargets(s.production...)
				neverDeletesInstances(t, d.world)
			})
		})
	}
}

func situationsOf(n int) int {
	if testing.Short() {
		return n / 4
	}
	return n
}

// routeMishaps are what can go wrong with a blue/green release: what is released, and what befalls the world.
var routeMishaps = []func(r *rand.Rand) (told, image string, strike func(d *deployment)){
	func(*rand.Rand) (string, string, func(*deployment)) {
		return "a bad image", "ami-bad", func(*deployment) {}
	},
	func(r *rand.Rand) (string, string, func(*deployment)) {
		after := time.Duration(30+r.IntN(400)) * time.Second
		return fmt.Sprintf("an alarm after %s", after), "ami-2", func(d *deployment) { d.world.SetAlarmAfter(after, "web-5xx", "ALARM", "") }
	},
	func(r *rand.Rand) (string, string, func(*deployment)) {
		nth := 1 + r.IntN(5)
		return fmt.Sprintf("change %d of a listener is refused", nth), "ami-2", func(d *deployment) {
			d.world.Fail(sandbox.Fault{Service: "elbv2", Action: "ModifyListener", Nth: nth, Kind: sandbox.Error, Status: 400, Code: "TooManyTargets", Message: "no"})
		}
	},
	func(r *rand.Rand) (string, string, func(*deployment)) {
		nth := 1 + r.IntN(2)
		return fmt.Sprintf("resize %d is refused", nth), "ami-2", func(d *deployment) {
			d.world.Fail(sandbox.Fault{Service: "spot", Action: "SetCapacity", Nth: nth, Kind: sandbox.Error, Status: 400, Code: "QUOTA", Message: "no"})
		}
	},
}

// Whatever goes wrong, with a kill on top or without: production is served at every instant by targets that are healthy, and
// what was not released is as it was before, traffic first.
func TestBlueGreenEndsReleasedOrAsBefore(t *testing.T) {
	failures, kills := atLeast(t, situationsOf(5), "failed"), atLeast(t, situationsOf(2), "were killed")
	for seed := range situationsOf(16) {
		r := rand.New(rand.NewPCG(uint64(seed), 29))
		s := randomRoutes(r)
		told, image, strike := routeMishaps[r.IntN(len(routeMishaps))](r)
		killed, effect := r.IntN(3) == 0, r.IntN(2) == 0
		nth := 2 + r.IntN(12)
		t.Run(fmt.Sprint("situation ", seed), func(t *testing.T) {
			t.Logf("%s, killed %v at %d, effect %v: %s", told, killed, nth, effect, s.told)
			inBubble(t, blueGreenWorld(s.world...), func(t *testing.T, d *deployment) {
				d.apply(s.config("ami-1"))
				before := map[string][]elbtypes.Action{}
				for _, shown := range d.world.Routes() {
					if routeNames[shown.ARN] != "" {
						before[shown.ARN] = d.actions(shown.ARN)
					}
				}
				stood, run, prior := standing(d.world), d.watch(), d.state
				p := d.plan(s.config(image))
				strike(d)
				ctx, dead := t.Context(), func() string { return "" }
				if killed {
					ctx, dead = d.killAtChange(nth, effect)
				}
				_, diags := d.applyPlan(ctx, p, s.config(image))
				if d.world.Intercept(nil, nil); dead() != "" {
					kills.Add(1)
					d.state, d.private = prior, nil
					d.restart()
					_, diags = d.tryApply(s.config(image))
				}
				d.world.ClearFaults()
				if !providertest.Failed(diags) {
					d.mustBeSettled(s.config(image))
				} else {
					failures.Add(1)
					if got := standing(d.world); got != stood {
						t.Errorf("there is\n%s\nand was\n%s\n%s", got, stood, providertest.Render(diags))
					}
					for arn, was := range before {
						if diff := cmp.Diff(was, d.actions(arn), asRead); diff != "" {
							t.Errorf("%s is not as it was:\n%s\n%s", routeNames[arn], diff, providertest.Render(diags))
						}
					}
				}
				run.mustServe(s.least)
				run.mustReachTargets(s.production...)
				neverTwice(t, d.world)
				neverDeletesInstances(t, d.world)
			})
		})
	}
}
