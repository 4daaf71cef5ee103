package deployment

import (
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// What each attribute has to do with a rollout is declared, and declared right: one that is new in the schema fails here until somebody
// has thought of it. The model has all of them.
func TestEveryInputHasItsPart(t *testing.T) {
	ctx := context.Background()
	of := resourceSchema(ctx)
	for name := range inputTypes(ctx) {
		if _, ok := fields[name]; !ok {
			t.Fatalf("%s is not in the model", name)
		}
	}
	for name := range fields {
		if _, ok := inputTypes(ctx)[name]; !ok {
			t.Fatalf("%s is in the model, and not in the schema", name)
		}
	}
	var diags diag.Diagnostics
	document, err := spot.ParseDocument([]byte(`{"group": {"capacity": {"minimum": 1, "target": 2, "maximum": 3}, "strategy": {}, "compute": {"launchSpecification": {"userData": "IyEvYmluL3NoCg=="}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	made := importedModel(ctx, "web", rollout.Group{Name: "web__1", ImageID: "ami-1", Capacity: rollout.Capacity{Minimum: 1, Target: 2, Maximum: 3}}, document, &diags)

	names, preset := map[string]bool{}, presets(ctx)
	for name, a := range of.Attributes {
		if a.IsRequired() || a.IsOptional() {
			names[name] = true
			p := inputs[name]
			preset, value := preset[name], made.input(name)
			if p.settles != (a.IsOptional() && a.IsComputed() && preset == nil) {
				t.Errorf("%s: settles is %v; it is for what may be left out, is computed and has no default", name, p.settles)
			}
			switch a.(type) {
			case schema.StringAttribute, schema.Int64Attribute, schema.BoolAttribute:
			case schema.ListAttribute, schema.SetAttribute, schema.MapAttribute, schema.SingleNestedAttribute:
			default:
				t.Errorf("%s: whether a %T has a default is not known to presets", name, a)
			}
			if (p.imports.how == byDefault.how) != (preset != nil) {
				t.Errorf("%s: an import makes it %s, and its default is %v", name, p.imports.how, preset)
			}
			if preset != nil && !value.Equal(preset) {
				t.Errorf("%s: an import makes it %s, and its default is %s", name, value, preset)
			}
		}
	}
	for name := range of.Blocks {
		names[name] = true
	}
	for name := range names {
		p, declared := inputs[name]
		if !declared {
			t.Errorf("%s is not in inputs: declare what it has to do with a rollout", name)
			continue
		}
		if p.imports.value == nil {
			t.Errorf("%s: what an import makes of it is not declared", name)
		}
		if p.imports.how == asNothing.how && !made.input(name).IsNull() {
			t.Errorf("%s: an import makes it %s, and it is declared to be left out", name, made.input(name))
		}
		if (p.releases || p.tries || p.settles) && !p.plans {
			t.Errorf("%s decides what is released, and the plan is declared not to depend on it", name)
		}
	}
	for name := range inputs {
		if !names[name] {
			t.Errorf("%s is in inputs, and nobody can write it", name)
		}
	}
	if diags.HasError() {
		t.Error(diags)
	}
}

// memory is a private state.
type memory map[string][]byte

func (m memory) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) { return m[key], nil }

func (m memory) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	m[key] = value
	return nil
}

// All that makes a revision is noted while another one holds, and comes back from the note as it was.
func TestWhatServesIsNotedWhole(t *testing.T) {
	ctx := context.Background()
	full := model{
		Configuration: types.StringValue("{}"), ImageID: types.StringValue("ami-1"), ImageIDs: imageSet([]string{"ami-1"}), UserData: types.StringValue("a"), UserDataBase64: types.StringValue("YQ=="), UserDataWOVersion: types.Int64Value(9007199254740993),
		TargetGroupARNs: types.ListValueMust(types.StringType, []attr.Value{types.StringValue("arn")}), LoadBalancerNames: types.ListValueMust(types.StringType, []attr.Value{}),
		Triggers: types.MapValueMust(types.StringType, map[string]attr.Value{"a": types.StringValue("b")}),
	}
	holds := rollout.World{Groups: []rollout.Group{{ID: "sig-1", Name: "web__1", Revision: 1, Capacity: rollout.Capacity{Minimum: 3, Target: 3, Maximum: 3}, Instances: 3}}}
	live := rollout.RolesOf(holds).Live
	if live == nil {
		t.Fatal("nothing is live")
	}
	var diags diag.Diagnostics
	private, none := memory{}, model{}
	full.noteServing(ctx, private, live.ID, &diags)
	restored := none
	note := servingNote(ctx, private, &diags)
	note.restore(ctx, &restored, holds, &diags)
	for name, p := range inputs {
		if _, noted := note[name]; p.releases != noted {
			t.Errorf("%s makes a revision: %v; it is noted: %v", name, p.releases, noted)
		}
		if !p.releases {
			continue
		}
		if full.input(name).IsNull() {
			t.Errorf("%s is not written in this test", name)
		}
		if !restored.input(name).Equal(full.input(name)) {
			t.Errorf("%s comes back as %s, and was %s", name, restored.input(name), full.input(name))
		}
	}
	if diags.HasError() {
		t.Error(diags)
	}
}

// What decides whether a release stands is what a failure is remembered under; defaults count as if they were written.
func TestTrialGoesByWhatDecides(t *testing.T) {
	ctx := context.Background()
	var diags diag.Diagnostics
	document, _ := spot.ParseDocument([]byte(`{"group": {"capacity": {"minimum": 1, "target": 2, "maximum": 3}}}`))
	m := importedModel(ctx, "web", rollout.Group{Capacity: rollout.Capacity{Minimum: 1, Target: 2, Maximum: 3}}, document, &diags)
	for name, p := range inputs {
		other := m
		other.leaveOpen(ctx, name, &diags)
		if name == "verify" {
			other.Verify = types.ObjectValueMust(verifyTypes, map[string]attr.Value{
				"alarms": types.ListNull(types.StringType), "alarms_at_start": types.StringValue(alarmsRefuse), "min_healthy_time": types.StringValue("0s"), "healthy_percent": types.Int64Value(99),
				"inconclusive": types.StringValue(defaultInconclusive), "check": types.ListValueMust(checkType, nil), "compare": types.ObjectNull(compareTypes)})
		}
		if changes := other.trial(ctx, other.verify(ctx, &diags), &diags) != m.trial(ctx, m.verify(ctx, &diags), &diags); changes != p.tries {
			t.Errorf("another %s is another trial: %v", name, changes)
		}
	}
	written := m
	written.Verify = types.ObjectValueMust(verifyTypes, map[string]attr.Value{
		"alarms": types.ListNull(types.StringType), "alarms_at_start": types.StringValue(alarmsRefuse), "min_healthy_time": types.StringValue("0s"), "healthy_percent": types.Int64Value(100),
		"inconclusive": types.StringValue(defaultInconclusive), "check": types.ListValueMust(checkType, nil), "compare": types.ObjectNull(compareTypes)})
	if written.trial(ctx, written.verify(ctx, &diags), &diags) != m.trial(ctx, m.verify(ctx, &diags), &diags) {
		t.Error("a default that is written is another trial than one that is left out")
	}
	if diags.HasError() || strings.TrimSpace(m.trial(ctx, m.verify(ctx, &diags), &diags)) == "" {
		t.Error(diags)
	}
}
