package deployment_test

import (
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// checkApplied is what Terraform's core checks, and that no secret got out.
func (d *deployment) checkApplied(p planned, diags []*tfprotov6.Diagnostic, creating bool) {
	d.t.Helper()
	if !d.state.IsFullyKnown() {
		d.t.Errorf("the state after apply is not fully known: %s", d.state)
	}
	if providertest.Failed(diags) {
		if creating && !d.state.IsNull() {
			d.t.Errorf("a failed create left a state, so the next apply would destroy first:\n%s", d.state)
		}
	} else {
		for _, at := range providertest.Differences(p.value, d.state) {
			d.t.Errorf("inconsistent result after apply at %s:\nplanned %s\napplied %s", at, p.value, d.state)
		}
	}
	d.keepsSecrets(diags)
}

// keepsWriteOnly fails the test if a write-only value shows in a plan or a state, or in what is kept beside it.
func (d *deployment) keepsWriteOnly(config, value tftypes.Value, private []byte) {
	d.t.Helper()
	if value.IsNull() {
		return
	}
	if config.IsNull() || withoutWriteOnly(d.t, d.schema, config).Equal(config) || !memberOf(d.t, config, "user_data_wo").IsKnown() {
		return // there is none, or not yet
	}
	if !withoutWriteOnly(d.t, d.schema, value).Equal(value) {
		d.t.Errorf("a write-only attribute has a value: %s", value)
	}
	if !memberOf(d.t, config, "user_data").IsNull() {
		return // the write-only ones are of checks, and those that a state has in the clear are looked for
	}
	if hidden := providertest.Leaked(value.String() + notesOf(private)); len(hidden) > 0 {
		d.t.Errorf("%q shows in %s, or in %s", hidden, memberOf(d.t, value, "user_data"), notesOf(private))
	}
}

// keepsSecrets fails the test if a secret shows where people read: in what is said, in computed attributes, in tags.
func (d *deployment) keepsSecrets(diags []*tfprotov6.Diagnostic) {
	d.t.Helper()
	mustBeBrief(d.t, diags)
	read := providertest.Render(diags)
	if state := d.now(); state != nil {
		for _, a := range d.schema.Block.Attributes {
			if a.Computed && !a.Optional {
				read += memberOf(d.t, d.state, a.Name).String()
			}
		}
	}
	for _, g := range d.world.Groups() {
		for key, value := range tagsOf(d.t, g) {
			read += key + "=" + value + "\n"
		}
	}
	if hidden := providertest.Leaked(read); len(hidden) > 0 {
		d.t.Errorf("%q shows in:\n%s", hidden, read)
	}
}

// mustBeSettled fails the test if another plan would change something.
func (d *deployment) mustBeSettled(config object) {
	d.t.Helper()
	if d.state.IsNull() {
		d.t.Fatal("there is no state")
	}
	p := d.plan(config)
	if providertest.Failed(p.diags) {
		d.t.Fatalf("planning again:\n%s", providertest.Render(p.diags))
	}
	if !d.empty(p) {
		for _, name := range d.changes(p) {
			d.t.Errorf("planning again changes %s:\n%s\n%s", name, memberOf(d.t, d.state, name), memberOf(d.t, p.value, name))
		}
	}
}

// identified keeps the identity that goes with a state, which has to be whole.
func (d *deployment) identified(as *tfprotov6.ResourceIdentityData) {
	d.t.Helper()
	if as == nil || as.IdentityData == nil {
		d.t.Error("there is no identity")
		return
	}
	value, err := as.IdentityData.Unmarshal(identityType)
	if err != nil {
		d.t.Fatal(err)
	}
	if got := providertest.Plain(d.t, value).(object); got["account"] != "act-sandbox" || !d.state.IsNull() && got["name"] != d.now()["name"] {
		d.t.Errorf("the identity is %v of the state %v", got, d.now()["name"])
	}
	if !d.old {
		d.identity = as
	}
}

var identityType = tftypes.Object{AttributeTypes: map[string]tftypes.Type{"account": tftypes.String, "name": tftypes.String}}
