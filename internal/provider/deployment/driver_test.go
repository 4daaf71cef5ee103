package deployment_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

const deploymentType = "elastigroup_deployment"

// deployment is one resource as Terraform drives it: it carries the state from one run to the next, and holds the provider
// to what Terraform's core insists on.
type deployment struct {
	t      testing.TB
	world  *sandbox.World
	server *providertest.Server
	schema *tfprotov6.Schema
	// through stands between the provider and the world; nil is nothing.
	through http.RoundTripper
	// settings are of the provider block, beside what every test has there, and hooks is what its webhooks are reached through.
	settings object
	hooks    http.RoundTripper

	state    tftypes.Value
	private  []byte
	identity *tfprotov6.ResourceIdentityData // as Terraform 1.12 and newer keep it; older ones never send it
	old      bool                            // Terraform is older
}

// planned is the answer to a plan.
type planned struct {
	config  tftypes.Value
	value   tftypes.Value
	private []byte
	replace []string // attributes that force a replacement
	diags   []*tfprotov6.Diagnostic
}

// inBubble runs a test in virtual time, beside others, and returns when it has ended. A test is in one bubble at most.
func inBubble(t *testing.T, config sandbox.Config, test func(t *testing.T, d *deployment)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { test(t, deploymentIn(t, sandbox.New(config))) })
}

// deploymentIn is a deployment without state in a world.
func deploymentIn(t testing.TB, world *sandbox.World) *deployment {
	t.Helper()
	d := &deployment{t: t, world: world}
	d.restart()
	d.state = tftypes.NewValue(d.schema.ValueType(), nil)
	return d
}

// restart is a new process of the provider. What it does not find in the clouds or in the state is forgotten.
func (d *deployment) restart() {
	d.t.Helper()
	d.server = d.process()
	d.schema = d.server.Schema.ResourceSchemas[deploymentType]
	if d.schema == nil {
		d.t.Fatalf("the provider has no %s", deploymentType)
	}
}

// process is another process of the provider, beside the one that the deployment has.
func (d *deployment) process() *providertest.Server {
	d.t.Helper()
	transport := d.world.Transport()
	if d.through != nil {
		transport = d.through
	}
	server := providertest.Serve(d.t, provider.WithTransport(transport), provider.WithWebhooks(d.hooks))
	config := object{
		"token": providertest.Token, "account": "act-sandbox", "region": "us-east-1",
		"access_key": "AKIASANDBOX", "secret_key": providertest.SecretKey, "session_token": providertest.SessionToken,
	}
	maps.Copy(config, d.settings)
	providertest.MustSucceed(d.t, server.Configure(config))
	return server
}

// now is the state, nil if there is none.
func (d *deployment) now() object {
	if d.state.IsNull() {
		return nil
	}
	return providertest.Plain(d.t, d.state).(object)
}

// validate asks what can be said of a configuration alone, as a Terraform without write-only attributes does where there are none: others
// are told in each plan that the user data of these tests hold a secret.
func (d *deployment) validate(config object) []*tfprotov6.Diagnostic {
	d.t.Helper()
	text := fmt.Sprint(config["verify"])
	return d.validating(config, config["user_data_wo"] != nil || strings.Contains(text, "secret_headers:") || strings.Contains(text, "bearer_token:") || strings.Contains(text, "password:"))
}

// validating is a validation by a Terraform that has write-only attributes, or has not.
func (d *deployment) validating(config object, writeOnly bool) []*tfprotov6.Diagnostic {
	d.t.Helper()
	resp, err := d.server.ValidateResourceConfig(context.Background(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: deploymentType, Config: d.server.Dynamic(d.schema, config),
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: writeOnly},
	})
	if err != nil {
		d.t.Fatalf("ValidateResourceConfig: %v", err)
	}
	mustBeBrief(d.t, resp.Diagnostics)
	return resp.Diagnostics
}

// refresh brings the state in line with the world, as every plan does first.
func (d *deployment) refresh() []*tfprotov6.Diagnostic {
	d.t.Helper()
	if d.state.IsNull() {
		return nil
	}
	resp, err := d.server.ReadResource(context.Background(), &tfprotov6.ReadResourceRequest{
		TypeName: deploymentType, CurrentState: d.encode(d.state), Private: d.private, CurrentIdentity: d.identity,
	})
	if err != nil {
		d.t.Fatalf("ReadResource: %v", err)
	}
	mustBeBrief(d.t, resp.Diagnostics)
	if !providertest.Failed(resp.Diagnostics) {
		d.identified(resp.NewIdentity)
	}
	if !providertest.Failed(resp.Diagnostics) {
		d.state, d.private = d.decode(resp.NewState), resp.Private
	}
	return resp.Diagnostics
}

// plan validates, refreshes and plans.
func (d *deployment) plan(config object) planned {
	d.t.Helper()
	diags := d.validate(config)
	if !providertest.Failed(diags) {
		diags = append(diags, d.refresh()...)
	}
	if providertest.Failed(diags) {
		return planned{diags: diags}
	}
	p := d.planOnly(config)
	p.diags = append(diags, p.diags...)
	d.keepsSecrets(p.diags)
	return p
}

// planOnly plans against the state as it is kept, as Terraform does for the second time within apply.
func (d *deployment) planOnly(config object) planned {
	d.t.Helper()
	value := providertest.Configuration(d.t, d.schema, config)
	resp, err := d.server.PlanResourceChange(context.Background(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: deploymentType, PriorState: d.encode(d.state), PriorPrivate: d.private,
		Config: d.encode(value), ProposedNewState: d.encode(proposed(d.t, d.schema, d.state, value)), PriorIdentity: d.identity,
	})
	if err != nil {
		d.t.Fatalf("PlanResourceChange: %v", err)
	}
	p := planned{config: value, private: resp.PlannedPrivate, diags: resp.Diagnostics}
	for _, path := range resp.RequiresReplace {
		p.replace = append(p.replace, providertest.Where(&tfprotov6.Diagnostic{Attribute: path}))
	}
	if providertest.Failed(p.diags) {
		return p
	}
	p.value = d.decode(resp.PlannedState)
	d.keepsWriteOnly(value, p.value, p.private)
	for _, at := range contradictions(d.t, withoutWriteOnly(d.t, d.schema, value), p.value) {
		// What is written otherwise but means the same may stay as it was.
		if name, _, _ := strings.Cut(at, "."); d.state.IsNull() || !memberOf(d.t, p.value, name).Equal(memberOf(d.t, d.state, name)) {
			d.t.Errorf("the plan differs from the configuration at %s:\n%s\n%s", at, memberOf(d.t, value, name), memberOf(d.t, p.value, name))
		}
	}
	return p
}

// empty tells whether a plan changes nothing.
func (d *deployment) empty(p planned) bool {
	return !providertest.Failed(p.diags) && p.value.Equal(d.state)
}

// changes is what a plan would change, by attribute.
func (d *deployment) changes(p planned) []string {
	if d.state.IsNull() {
		return []string{"everything"}
	}
	var names []string
	for name := range d.schema.ValueType().(tftypes.Object).AttributeTypes {
		if !memberOf(d.t, p.value, name).Equal(memberOf(d.t, d.state, name)) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// apply plans and applies, and expects success.
func (d *deployment) apply(config object) object {
	d.t.Helper()
	state, diags := d.tryApply(config)
	if providertest.Failed(diags) {
		d.t.Fatalf("apply:\n%s\nthe world:\n%s", providertest.Render(diags), standing(d.world))
	}
	d.mustBeSettled(config)
	return state
}

// tryApply plans and applies.
func (d *deployment) tryApply(config object) (object, []*tfprotov6.Diagnostic) {
	d.t.Helper()
	return d.applyUnder(context.Background(), config)
}

func (d *deployment) applyUnder(ctx context.Context, config object) (object, []*tfprotov6.Diagnostic) {
	d.t.Helper()
	p := d.plan(config)
	if providertest.Failed(p.diags) {
		return d.now(), p.diags
	}
	return d.applyPlan(ctx, p, config)
}

// applyPlan applies what was planned. The configuration may know more by now.
func (d *deployment) applyPlan(ctx context.Context, p planned, config object) (object, []*tfprotov6.Diagnostic) {
	d.t.Helper()
	again := d.planOnly(config)
	if providertest.Failed(again.diags) {
		return d.now(), again.diags
	}
	for _, at := range differences(d.t, p.value, again.value) {
		d.t.Errorf("inconsistent final plan at %s:\n%s\n%s", at, p.value, again.value)
	}
	if again.value.Equal(d.state) {
		return d.now(), append(p.diags, again.diags...)
	}
	resp, err := d.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: deploymentType, PriorState: d.encode(d.state), PlannedState: d.encode(again.value),
		Config: d.encode(again.config), PlannedPrivate: again.private, PlannedIdentity: d.identity,
	})
	if err != nil {
		d.t.Fatalf("ApplyResourceChange: %v", err)
	}
	creating := d.state.IsNull()
	d.state, d.private = d.decode(resp.NewState), resp.Private
	if !d.state.IsNull() && !providertest.Failed(resp.Diagnostics) {
		d.identified(resp.NewIdentity) // after an error the one that was stays
	}
	d.keepsWriteOnly(again.config, d.state, d.private)
	d.checkApplied(again, resp.Diagnostics, creating)
	return d.now(), append(p.diags, resp.Diagnostics...)
}

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
		for _, at := range differences(d.t, p.value, d.state) {
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

// load imports and refreshes.
func (d *deployment) load(id string) []*tfprotov6.Diagnostic {
	d.t.Helper()
	resp, err := d.server.ImportResourceState(context.Background(), &tfprotov6.ImportResourceStateRequest{TypeName: deploymentType, ID: id})
	if err != nil {
		d.t.Fatalf("ImportResourceState: %v", err)
	}
	mustBeBrief(d.t, resp.Diagnostics)
	if providertest.Failed(resp.Diagnostics) {
		return resp.Diagnostics
	}
	if len(resp.ImportedResources) != 1 {
		d.t.Fatalf("imported %d resources", len(resp.ImportedResources))
	}
	d.state, d.private = d.decode(resp.ImportedResources[0].State), resp.ImportedResources[0].Private
	d.identified(resp.ImportedResources[0].Identity)
	diags := append(resp.Diagnostics, d.refresh()...)
	if !providertest.Failed(diags) && d.state.IsNull() {
		d.t.Fatal("nothing was imported, and nothing said")
	}
	return diags
}

// destroy refreshes, plans and applies the end.
func (d *deployment) destroy() []*tfprotov6.Diagnostic {
	d.t.Helper()
	return d.destroyUnder(context.Background())
}

func (d *deployment) destroyUnder(ctx context.Context) []*tfprotov6.Diagnostic {
	d.t.Helper()
	p := d.planDestroy()
	if providertest.Failed(p.diags) {
		return p.diags
	}
	return d.applyDestroy(ctx, p)
}

// planDestroy refreshes and plans the end.
func (d *deployment) planDestroy() planned {
	d.t.Helper()
	if diags := d.refresh(); providertest.Failed(diags) || d.state.IsNull() {
		return planned{diags: diags, value: d.state}
	}
	nothing := tftypes.NewValue(d.schema.ValueType(), nil)
	resp, err := d.server.PlanResourceChange(context.Background(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: deploymentType, PriorState: d.encode(d.state), PriorPrivate: d.private,
		Config: d.encode(nothing), ProposedNewState: d.encode(nothing),
	})
	if err != nil {
		d.t.Fatalf("PlanResourceChange: %v", err)
	}
	p := planned{config: nothing, private: resp.PlannedPrivate, diags: resp.Diagnostics}
	if !providertest.Failed(p.diags) {
		p.value = d.decode(resp.PlannedState)
	}
	d.keepsSecrets(p.diags)
	return p
}

func (d *deployment) applyDestroy(ctx context.Context, p planned) []*tfprotov6.Diagnostic {
	d.t.Helper()
	resp, err := d.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: deploymentType, PriorState: d.encode(d.state), PlannedState: d.encode(p.value),
		Config: d.encode(p.config), PlannedPrivate: p.private, PlannedIdentity: d.identity,
	})
	if err != nil {
		d.t.Fatalf("ApplyResourceChange: %v", err)
	}
	d.state, d.private = d.decode(resp.NewState), resp.Private
	if d.state.IsNull() {
		d.identity = nil
	}
	if providertest.Failed(resp.Diagnostics) == d.state.IsNull() {
		d.t.Errorf("destroy says\n%s\nand leaves %s", providertest.Render(resp.Diagnostics), d.state)
	}
	d.keepsSecrets(resp.Diagnostics)
	return append(p.diags, resp.Diagnostics...)
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

func (d *deployment) encode(value tftypes.Value) *tfprotov6.DynamicValue {
	d.t.Helper()
	encoded, err := tfprotov6.NewDynamicValue(d.schema.ValueType(), value)
	if err != nil {
		d.t.Fatal(err)
	}
	return &encoded
}

func (d *deployment) decode(value *tfprotov6.DynamicValue) tftypes.Value {
	d.t.Helper()
	decoded, err := value.Unmarshal(d.schema.ValueType())
	if err != nil {
		d.t.Fatal(err)
	}
	return decoded
}
