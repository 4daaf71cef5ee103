package deployment

import (
	"context"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/defaults"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// part is what an attribute or block that users write has to do with a rollout. Each is declared once, in inputs; what follows
// from it (whether a plan can be made, whether a release is the same that failed, what is kept of what serves) goes by this table.
type part struct {
	// plans: what the plan shows, or refuses, depends on it. While it is not known the plan is open.
	plans bool
	// releases: it is what makes a revision. While another revision serves, its value is noted (servingInputs).
	releases bool
	// tries: it decides, beside the release, whether a release stands. One that failed is another one under another value.
	tries bool
	// settles: it may be left out and is computed then, because an import fills it in; a plan settles it (leaveOut).
	settles bool
	// imports is what an import makes of it.
	imports imports
}

// imports is what an import makes of an attribute.
type imports struct {
	how   string
	value func(ctx context.Context, in toImport) attr.Value
}

// What an import makes of an attribute: what the live group has, the attribute's default, or nothing, as if it were not written.
var (
	byDefault = imports{"the default", func(_ context.Context, in toImport) attr.Value { return in.preset }}
	asNothing = imports{"left out", nullOf}
)

const asTheGroup = "as the live group has it"

func byGroup(value func(ctx context.Context, in toImport) attr.Value) imports {
	return imports{asTheGroup, value}
}

// toImport is what an import finds.
type toImport struct {
	name     string
	live     rollout.Group
	document spot.Document
	preset   attr.Value // the attribute's default; nil if it has none
	kind     attr.Type
	diags    *diag.Diagnostics
}

func nullOf(ctx context.Context, in toImport) attr.Value {
	null, err := in.kind.ValueFromTerraform(ctx, tftypes.NewValue(in.kind.TerraformType(ctx), nil))
	if err != nil {
		in.diags.AddError("Group cannot be imported", diagtext.Sentence(err))
	}
	return null
}

// inputs are the attributes and blocks that users write.
var inputs = map[string]part{
	"name":                 {plans: true, imports: byGroup(importedName)},
	"configuration":        {plans: true, releases: true, imports: byGroup(importedConfiguration)},
	"image_id":             {plans: true, releases: true, settles: true, imports: byGroup(importedImage)},
	"image_ids":            {plans: true, releases: true, settles: true, imports: byGroup(importedImages)},
	"user_data":            {plans: true, releases: true, settles: true, imports: byGroup(importedUserData)},
	"user_data_base64":     {plans: true, releases: true, settles: true, imports: byGroup(importedUserDataBase64)},
	"user_data_wo":         {imports: asNothing}, // nothing that is planned or kept may come of it
	"user_data_wo_version": {plans: true, releases: true, settles: true, imports: byGroup(importedUserDataVersion)},
	"target_group_arns":    {plans: true, releases: true, settles: true, imports: byGroup(importedTargetGroups)},
	"load_balancer_names":  {plans: true, releases: true, settles: true, imports: byGroup(importedLoadBalancers)},
	"triggers":             {plans: true, releases: true, imports: asNothing},
	"capacity":             {plans: true, tries: true, settles: true, imports: byGroup(importedCapacity)},
	"start_with":           {plans: true, tries: true, imports: byDefault},
	"canary":               {plans: true, tries: true, imports: asNothing},
	"blue_green":           {plans: true, tries: true, imports: asNothing},
	"verify":               {plans: true, tries: true, imports: asNothing},
	"resize_order":         {plans: true, tries: true, imports: byDefault},
	"healthy_timeout":      {plans: true, tries: true, imports: byDefault}, // a release that failed is refused under the same
	"on_failure":           {plans: true, imports: byDefault},
	"hold_after_phase":     {plans: true, imports: asNothing},
	"retain":               {plans: true, imports: byDefault},
	"on_interrupt":         {imports: byDefault},
	"deletion_protection":  {imports: byDefault},
	"timeouts":             {imports: asNothing},
}

// fields are where the model has each attribute and block, by name.
var fields = func() map[string]int {
	all := map[string]int{}
	kind := reflect.TypeFor[model]()
	for i := range kind.NumField() {
		all[kind.Field(i).Tag.Get("tfsdk")] = i
	}
	return all
}()

// input is the value of an attribute or block.
func (m model) input(name string) attr.Value {
	value, _ := reflect.ValueOf(m).Field(fields[name]).Interface().(attr.Value)
	return value
}

// take makes an attribute what it is in another model.
func (m *model) take(name string, from model) {
	reflect.ValueOf(m).Elem().Field(fields[name]).Set(reflect.ValueOf(from).Field(fields[name]))
}

// known tells whether everything is known that a plan depends on.
func (m model) known() bool {
	for name, p := range inputs {
		if p.plans && !whollyKnown(m.input(name)) {
			return false
		}
	}
	return true
}

// leaveOut settles the attributes that may be left out. Terraform takes them for unknown because an import fills them in.
func (m *model) leaveOut(config model) {
	for name, p := range inputs {
		if p.settles && config.input(name).IsNull() {
			m.take(name, config)
		}
	}
}

// leaveOpen makes an attribute one that is known only while applying.
func (m *model) leaveOpen(ctx context.Context, name string, diags *diag.Diagnostics) {
	kind := m.input(name).Type(ctx)
	m.set(ctx, name, kind, tftypes.NewValue(kind.TerraformType(ctx), tftypes.UnknownValue), diags)
}

// set makes an attribute a value of a kind.
func (m *model) set(ctx context.Context, name string, kind attr.Type, value tftypes.Value, diags *diag.Diagnostics) {
	made, err := kind.ValueFromTerraform(ctx, value)
	if err != nil {
		diags.AddAttributeError(path.Root(name), "Value cannot be set", diagtext.Sentence(err))
		return
	}
	m.put(name, made)
}

func (m *model) put(name string, value attr.Value) {
	reflect.ValueOf(m).Elem().Field(fields[name]).Set(reflect.ValueOf(value))
}

// takePresets gives attributes that a state of an earlier version does not have the defaults that the next plan would give them, so that it
// shows nothing that nobody has written.
func (m *model) takePresets(ctx context.Context) {
	for name, preset := range presets(ctx) {
		if _, written := inputs[name]; written && m.input(name).IsNull() {
			m.put(name, preset)
		}
	}
}

// inputTypes are the types of the attributes and blocks of the schema, by name.
func inputTypes(ctx context.Context) map[string]attr.Type {
	kinds := map[string]attr.Type{}
	of := resourceSchema(ctx)
	for name, a := range of.Attributes {
		kinds[name] = a.GetType()
	}
	for name, b := range of.Blocks {
		kinds[name] = b.Type()
	}
	return kinds
}

// presets are the defaults of the attributes that have one, by name.
func presets(ctx context.Context) map[string]attr.Value {
	all := map[string]attr.Value{}
	for name, a := range resourceSchema(ctx).Attributes {
		switch a := a.(type) {
		case schema.StringAttribute:
			if a.Default != nil {
				var resp defaults.StringResponse
				a.Default.DefaultString(ctx, defaults.StringRequest{}, &resp)
				all[name] = resp.PlanValue
			}
		case schema.Int64Attribute:
			if a.Default != nil {
				var resp defaults.Int64Response
				a.Default.DefaultInt64(ctx, defaults.Int64Request{}, &resp)
				all[name] = resp.PlanValue
			}
		case schema.BoolAttribute:
			if a.Default != nil {
				var resp defaults.BoolResponse
				a.Default.DefaultBool(ctx, defaults.BoolRequest{}, &resp)
				all[name] = resp.PlanValue
			}
		}
	}
	return all
}
