package deployment_test

import (
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// verifiedWorld is one whose production gets 6,000 requests a minute, in which ami-3 answers 3 % of them with 5XX, ami-4 dies of
// as many, and ami-5 answers half of them with 5XX.
func verifiedWorld(change ...func(*sandbox.AWSConfig)) sandbox.Config {
	requests := func(in *sandbox.AWSConfig) {
		listenersOf(in)[0].RequestsPerMinute = 6000
		in.Functions = []sandbox.FunctionConfig{{Name: "smoke"}}
	}
	config := blueGreenWorld(append([]func(*sandbox.AWSConfig){requests}, change...)...)
	for i, image := range config.Images {
		switch image.ID {
		case "ami-3":
			config.Images[i].Behaviour.ErrorRatio = 0.03
		case "ami-4":
			config.Images[i].Behaviour.CrashRatio = 0.03
		case "ami-5":
			config.Images[i].Behaviour.ErrorRatio = 0.5
		}
	}
	config.Prometheus.BearerToken = providertest.Secret
	return config
}

// The tests run side by side, and share the environment.
func init() { os.Setenv("PROM_TOKEN", providertest.Secret) }

const onStage = "https://sandbox.test/app/colours:8443/healthz"

// tenPercent is a shift by one weight that bakes long enough to compare.
var tenPercent = inBlueGreen(object{"shift": []any{object{"weight": 10, "bake": "10m"}}, "bake": nil})

// verifiedBy is a release by this verify block.
func verifiedBy(image string, verify object, others ...object) object {
	return between(image, nil, append(others, object{"verify": verify})...)
}

// Each kind of check, asked by a whole provider of a whole pretend service: it is told what it has to know, and what it answers decides.
func TestChecksOfARelease(t *testing.T) {
	byWeights := []object{tenPercent, throughRoutes(route(productionARN))}
	query := func(group string) string {
		return `sum(rate(errors_total{target_group="` + group + `"}[5m])) / sum(rate(requests_total{target_group="` + group + `"}[5m]))`
	}
	ask := func(group string, more ...any) object {
		return askBy("errors", "prometheus", object{"url": "https://sandbox.test/prometheus", "query": query(group), "below": 0.01, "bearer_token_env": "PROM_TOKEN"}, more...)
	}
	stage := func(image string) object {
		return askBy("smoke", "http", object{"url": onStage, "contains": "ok", "json": object{"/image_id": image}}, "at", "stage")
	}
	function := askBy("orders", "lambda", object{"function_name": "smoke", "payload": `{"path": "/orders"}`}, "at", "stage")
	for name, test := range map[string]struct {
		image   string
		world   func(*sandbox.AWSConfig)
		how     []object
		verify  object
		fails   []string
		ends    string // the status after it, where it succeeds
		untried bool   // production has never moved
	}{
		"the answer on stage":         {image: "ami-2", verify: object{"check": []any{stage("ami-2")}}},
		"another image on stage":      {image: "ami-2", verify: object{"check": []any{stage("ami-9")}}, fails: []string{"check smoke", `/image_id "ami-2" instead of "ami-9"`}, untried: true},
		"a function on stage":         {image: "ami-2", verify: object{"check": []any{function}}},
		"a function that finds fault": {image: "ami-5", verify: object{"check": []any{function}}, fails: []string{"function smoke answered failed"}, untried: true},
		"a number":                    {image: "ami-2", world: productionByWeights, how: byWeights, verify: object{"check": []any{ask("green")}}},
		"a number beyond its limit":   {image: "ami-3", world: productionByWeights, how: byWeights, verify: object{"check": []any{ask("green")}}, fails: []string{"check errors", "limit below 0.01"}},
		"no number":                   {image: "ami-2", world: productionByWeights, how: byWeights, verify: object{"check": []any{ask("nobody")}}, ends: "holding"},
		"compared":                    {image: "ami-2", world: productionByWeights, how: byWeights, verify: object{"compare": object{}}},
		"worse":                       {image: "ami-3", world: productionByWeights, how: byWeights, verify: object{"compare": object{}}, fails: []string{"errors", "against 0.0 %", "limit 1.5 times", "web__2"}},
		"dying":                       {image: "ami-4", world: productionByWeights, how: byWeights, verify: object{"compare": object{}}, fails: []string{"errors", "against 0.0 %", "limit 1.5 times", "web__2"}},
	} {
		t.Run(name, func(t *testing.T) {
			world := test.world
			if world == nil {
				world = func(*sandbox.AWSConfig) {}
			}
			inBubble(t, verifiedWorld(world), func(t *testing.T, d *deployment) {
				d.apply(verifiedBy("ami-1", test.verify, test.how...))
				time.Sleep(20 * time.Minute)
				run := d.watch()
				state, diags := d.tryApply(verifiedBy(test.image, test.verify, test.how...))
				d.keepsSecrets(diags)
				if test.fails == nil {
					if providertest.Failed(diags) {
						t.Error(providertest.Render(diags))
					}
					if want := test.ends; want != "" && state["status"] != want || want == "" && state["revision"] != 2 {
						t.Errorf("it ends as %v, revision %v:\n%s", state["status"], state["revision"], providertest.Render(diags))
					}
					if said := providertest.Render(diags); state["status"] == "holding" && (!strings.Contains(said, "which asks again. To go on without knowing, promote it") || strings.Contains(said, "until hold_after_phase")) {
						t.Errorf("it says how to go on:\n%s", said)
					}
					return
				}
				if !providertest.Failed(diags) || state["revision"] != 1 {
					t.Fatalf("revision %v, %v:\n%s", state["revision"], state["status"], providertest.Render(diags))
				}
				for _, words := range test.fails {
					if !strings.Contains(providertest.Render(diags), words) {
						t.Errorf("%q is not in:\n%s", words, providertest.Render(diags))
					}
				}
				for _, move := range run.moves() {
					if test.untried && strings.Contains(move, "production ->") {
						t.Errorf("production has moved: %s", move)
					}
				}
			})
		})
	}
}

// askedOf is what was asked of a host, and with which headers.
type askedOf struct {
	next http.RoundTripper
	mu   sync.Mutex
	with map[string]http.Header
}

func (a *askedOf) RoundTrip(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	a.with[r.URL.Host] = r.Header.Clone()
	a.mu.Unlock()
	return a.next.RoundTrip(r)
}

// Secrets that are write-only reach those who are asked, by apply and by nothing before it, and are nowhere else.
func TestSecretsOfChecks(t *testing.T) {
	inBubble(t, verifiedWorld(productionByWeights), func(t *testing.T, d *deployment) {
		asked := &askedOf{next: d.world.Transport(), with: map[string]http.Header{}}
		d.through = asked
		d.restart()
		verify := object{"check": []any{
			askBy("smoke", "http", object{"url": "https://front.test/app/colours:443/", "headers": object{"X-Team": "web"}, "secret_headers": object{"X-Api-Key": providertest.Secret}}, "at", "stage"),
			askBy("errors", "prometheus", object{"url": "https://prometheus.test/prometheus", "query": "up", "above": -1, "bearer_token": providertest.Secret}),
		}}
		others := []object{tenPercent, throughRoutes(route(productionARN)), {"user_data": nil}}
		d.apply(verifiedBy("ami-1", verify, others...))
		asked.with = map[string]http.Header{}
		config := verifiedBy("ami-2", verify, others...)
		p := d.plan(config)
		providertest.MustSucceed(t, p.diags)
		for _, host := range []string{"front.test", "prometheus.test"} {
			if asked.with[host] != nil {
				t.Errorf("the plan asks %s", host)
			}
		}
		state, diags := d.applyPlan(t.Context(), p, config)
		providertest.MustSucceed(t, diags)
		if state["revision"] != 2 {
			t.Errorf("it ends as %v, revision %v:\n%s", state["status"], state["revision"], providertest.Render(diags))
		}
		if got := asked.with["front.test"]; got.Get("X-Api-Key") != providertest.Secret || got.Get("X-Team") != "web" || !strings.Contains(got.Get("User-Agent"), "terraform-provider-elastigroup/") {
			t.Errorf("the service is asked with %d headers, %q", len(got), got.Get("User-Agent"))
		}
		if got := asked.with["prometheus.test"].Get("Authorization"); got != "Bearer "+providertest.Secret {
			t.Error("Prometheus is asked by nobody")
		}
		if text := d.state.String() + notesOf(d.private); strings.Contains(text, providertest.Secret) {
			t.Error("the state has a secret")
		}
	})
}
