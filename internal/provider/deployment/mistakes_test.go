package deployment_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// moment is when a mistake is noticed first.
type moment string

const (
	byConfigure  moment = "while the provider is configured"
	byValidation moment = "while the configuration is validated"
	byPlan       moment = "by the plan"
	inPlan       moment = "in the plan's text"
	byApply      moment = "by apply, before its first change"
)

// mistake is one that people make: what they write, the world in which it is one, and what they are told. Of what is not
// written the usual is meant: a basic release of ami-9 in target group web, in the world of balancedBy.
type mistake struct {
	noticed moment
	warned  bool // it is a warning, and no error
	live    bool // web__1 is live, in target group web

	// What is wrong in the world: its load balancers, or anything else of it.
	edit  func(c *sandbox.AWSConfig, https, stage *sandbox.ListenerConfig)
	world func(c *sandbox.Config)
	// befalls is what comes over it later on.
	befalls func(w *sandbox.World)
	// block is what the provider block says otherwise.
	block func(t *testing.T, w *sandbox.World) object
	// blueGreen is a strategy, others are attributes.
	blueGreen object
	others    object

	at    string // the attribute that is pointed at; "" if it is none of the resource's
	says  []string
	times int // how often it is said; once, if that is 0
	// onApply is where apply points and what it says, if that is not what a plan does.
	onApply *told
}

// told is the attribute that is pointed at, and words that are said.
type told struct {
	at   string
	says []string
}

func (m mistake) history() []json.RawMessage {
	if !m.live {
		return nil
	}
	return []json.RawMessage{provenGroup(1, 2, 4, 8)}
}

func (m mistake) config() object {
	if m.blueGreen == nil {
		return release("ami-9", m.others)
	}
	return byRoutes("ami-9", m.blueGreen, m.others)
}

// in makes the deployment in the world where it is a mistake, or in the one where it is none.
func (m mistake) in(t *testing.T, wrong bool) (*deployment, []*tfprotov6.Diagnostic) {
	t.Helper()
	edit := m.edit
	if !wrong {
		edit = nil
	}
	config := balancedBy(m.history(), edit)
	config.AWS.Alarms = []sandbox.AlarmConfig{{Name: "web-5xx", State: "OK"}}
	if m.world != nil && wrong {
		m.world(&config)
	}
	d := deploymentIn(t, sandbox.New(config))
	if wrong && m.befalls != nil {
		m.befalls(d.world)
	}
	if !wrong || m.block == nil {
		return d, nil
	}
	block := object{"token": "sandbox-token", "account": "act-sandbox", "region": "us-east-1", "access_key": "AKIASANDBOX", "secret_key": providertest.Secret}
	maps.Copy(block, m.block(t, d.world))
	d.server = providertest.Serve(t, provider.WithTransport(d.world.Transport()))
	return d, d.server.Configure(block)
}

// mustBeTold fails the test unless the mistake, and nothing else, is told of.
func (m mistake) mustBeTold(t *testing.T, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	severity, told := providertest.Error, 0
	if m.warned {
		severity = providertest.Warning
	}
	for _, d := range diags {
		if d.Severity == providertest.Error && m.warned {
			t.Errorf("a warning was wanted:\n%s", providertest.Render(diags))
		}
		if d.Severity != severity {
			continue
		}
		if told++; told == 1 && providertest.Where(d) != m.at {
			t.Errorf("it is told at %q, want %q:\n%s", providertest.Where(d), m.at, providertest.Render(diags))
		}
		if at := inWords(d); severity == providertest.Error && strings.Contains(at, ".") && !strings.Contains(d.Detail, at) {
			t.Errorf("it is in a block, and does not say where, %s:\n%s", at, providertest.Render(diags))
		}
		for _, word := range m.says {
			if told == 1 && !strings.Contains(d.Summary+": "+d.Detail, word) {
				t.Errorf("%q is not said:\n%s", word, providertest.Render(diags))
			}
		}
	}
	if want := max(m.times, 1); told != want {
		t.Errorf("%d %ss for one mistake, want %d:\n%s", told, severity, want, providertest.Render(diags))
	}
}

// inWords is the path of what a diagnostic is about as people write it: canary.phase[1].percent.
func inWords(d *tfprotov6.Diagnostic) string {
	text := ""
	for _, step := range d.Attribute.Steps() {
		switch step := step.(type) {
		case tftypes.ElementKeyInt:
			text += fmt.Sprintf("[%d]", step)
		case tftypes.ElementKeyString:
			text += fmt.Sprintf("[%q]", string(step))
		default:
			text = strings.TrimPrefix(fmt.Sprintf("%s.%v", text, step), ".")
		}
	}
	return text
}

// mustTouchNothing fails the test if a call has changed anything in either cloud.
func (d *deployment) mustTouchNothing() {
	d.t.Helper()
	if changes := d.world.Changes(); len(changes) > 0 {
		d.t.Errorf("%d calls have changed the world, first %s %s", len(changes), changes[0].Action, changes[0].Subject)
	}
}

func (m mistake) check(t *testing.T) {
	d, diags := m.in(t, true)
	defer d.mustTouchNothing()
	if m.noticed == byConfigure {
		m.mustBeTold(t, diags)
		mustAskNobody(t, d)
		return
	}
	providertest.MustSucceed(t, diags)
	diags = d.validate(m.config())
	if m.noticed == byValidation {
		m.mustBeTold(t, diags)
		mustAskNobody(t, d)
		d.keepsSecrets(diags)
		return
	}
	providertest.MustSucceed(t, diags)
	if m.live {
		imported(t, d)
	}
	p := d.plan(m.config())
	switch m.noticed {
	case inPlan:
		providertest.MustSucceed(t, p.diags)
		for _, line := range m.says {
			if text := d.planText(p); !strings.Contains(text, line) {
				t.Errorf("the plan does not say %q:\n%s", line, text)
			}
		}
	case byApply:
		if providertest.Failed(p.diags) {
			t.Fatal(providertest.Render(p.diags))
		}
		_, diags := d.applyPlan(t.Context(), p, m.config())
		m.mustBeTold(t, diags)
	default:
		m.mustBeTold(t, p.diags)
		m.checkApply(t, d, p)
	}
}

// mustAskNobody fails the test if either cloud was called.
func mustAskNobody(t *testing.T, d *deployment) {
	t.Helper()
	if calls := d.world.Calls(); len(calls) > 0 {
		t.Errorf("%d calls were made, first %s", len(calls), calls[0].Action)
	}
}

// checkApply has a plan made where all is well, and applied where the mistake is: apply refuses what a plan refuses. And a
// warning changes nothing of what is planned, since Terraform plans twice.
func (m mistake) checkApply(t *testing.T, d *deployment, p planned) {
	t.Helper()
	good, _ := m.in(t, false)
	if m.live {
		imported(t, good)
	}
	config := providertest.Typed(t, d.schema.ValueType(), m.config())
	usual := good.plan(m.config())
	value := usual.value
	if providertest.Failed(usual.diags) { // the configuration is wrong in any world: it takes the place of one that is not
		usual = good.plan(mistake{blueGreen: m.usualBlueGreen()}.config())
		value = usual.value
		for _, name := range []string{"blue_green", "target_group_arns", "load_balancer_names", "configuration", "image_id", "image_ids", "verify", "name"} {
			if !providertest.Failed(usual.diags) {
				value = withMember(t, value, name, memberOf(t, config, name))
			}
		}
	} else if m.warned && !m.live && !p.value.Equal(usual.value) {
		t.Errorf("it is planned otherwise:\n%s\n%s", p.value, usual.value)
	}
	if m.warned {
		return
	}
	if providertest.Failed(usual.diags) {
		t.Fatalf("nothing can be planned where all is well:\n%s", providertest.Render(usual.diags))
	}
	after, diags := d.applyValue(context.Background(), planned{config: config, value: value, private: usual.private})
	if d.state.IsNull() && !after.Value.IsNull() {
		t.Error("a refused create has left a state")
	}
	if m.onApply != nil {
		m.at, m.says = m.onApply.at, m.onApply.says
	}
	m.mustBeTold(t, diags)
	d.keepsSecrets(diags)
}

func (m mistake) usualBlueGreen() object {
	if m.blueGreen == nil {
		return nil
	}
	return pair
}

// withMember is a value with another member.
func withMember(t *testing.T, of tftypes.Value, name string, member tftypes.Value) tftypes.Value {
	t.Helper()
	var members map[string]tftypes.Value
	if err := of.As(&members); err != nil {
		t.Fatal(err)
	}
	members = maps.Clone(members)
	members[name] = member
	return tftypes.NewValue(of.Type(), members)
}

// TestCommonMistakes is the table of what people get wrong, and what is said: each once, where it is written, before anything
// is changed.
func TestCommonMistakes(t *testing.T) {
	total := 0
	for subject, mistakes := range map[string]map[string]mistake{
		"access":         accessMistakes,
		"images":         imageMistakes,
		"configuration":  configurationMistakes,
		"several images": severalImagesMistakes,
		"refused":        refusedMistakes,
		"sharing":        sharingMistakes,
		"attributes":     attributeMistakes,
		"strategies":     strategyMistakes,
		"balancers":      balancerMistakes,
		"routes":         routeMistakes,
		"alarms":         alarmMistakes,
		"checks":         checkMistakes,
		"checkers":       checkerMistakes,
	} {
		total += len(mistakes)
		for name, m := range mistakes {
			t.Run(subject+"/"+name, func(t *testing.T) { synctest.Test(t, m.check) })
		}
	}
	if total < 35 {
		t.Errorf("the table has only %d mistakes", total)
	}
}
