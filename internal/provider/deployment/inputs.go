package deployment

import (
	"context"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
)

// part is what an attribute or block that users write has to do with a rollout. Each is declared once, in deploymentInputs; what follows
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
type imports string

// What an import makes of an attribute: what the live group has, the attribute's default, or nothing, as if it were not written.
const (
	byGroup   imports = "as the live group has it"
	byDefault imports = "the default"
	asNothing imports = "left out"
)

// inputs are the attributes and blocks that users write.
var inputs = map[string]part{
	"name":                {plans: true, imports: byGroup},
	"configuration":       {plans: true, releases: true, imports: byGroup},
	"image_id":            {plans: true, releases: true, settles: true, imports: byGroup},
	"image_ids":           {plans: true, releases: true, settles: true, imports: byGroup},
	"user_data":           {plans: true, releases: true, settles: true, imports: byGroup},
	"user_data_base64":    {plans: true, releases: true, settles: true, imports: byGroup},
	"target_group_arns":   {plans: true, releases: true, settles: true, imports: byGroup},
	"load_balancer_names": {plans: true, releases: true, settles: true, imports: byGroup},
	"triggers":            {plans: true, releases: true, imports: asNothing},
	"capacity":            {plans: true, tries: true, settles: true, imports: byGroup},
	"start_with":          {plans: true, tries: true, imports: byDefault},
	"canary":              {plans: true, tries: true, imports: asNothing},
	"blue_green":          {plans: true, tries: true, imports: asNothing},
	"verify":              {plans: true, tries: true, imports: asNothing},
	"resize_order":        {plans: true, tries: true, imports: byDefault},
	"healthy_timeout":     {plans: true, tries: true, imports: byDefault}, // a release that failed is refused under the same
	"on_failure":          {plans: true, imports: byDefault},
	"hold_after_phase":    {plans: true, imports: asNothing},
	"retain":              {plans: true, imports: byDefault},
	"on_interrupt":        {imports: byDefault},
	"deletion_protection": {imports: byDefault},
	"timeouts":            {imports: asNothing},
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
	unknown, err := kind.ValueFromTerraform(ctx, tftypes.NewValue(kind.TerraformType(ctx), tftypes.UnknownValue))
	if err != nil {
		diags.AddAttributeError(path.Root(name), "Value cannot be left open", diagtext.Sentence(err))
		return
	}
	reflect.ValueOf(m).Elem().Field(fields[name]).Set(reflect.ValueOf(unknown))
}
