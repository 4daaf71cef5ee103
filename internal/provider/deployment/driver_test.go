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
	unlogged bool // nobody reads the provider's log

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
	d.schema = d.resource().Schema
}

// process is another process of the provider, beside the one that the deployment has.
func (d *deployment) process() *providertest.Server {
	d.t.Helper()
	transport := d.world.Transport()
	if d.through != nil {
		transport = d.through
	}
	serve := providertest.Serve
	if d.unlogged {
		serve = providertest.ServeUnlogged
	}
	server := serve(d.t, provider.WithTransport(transport), provider.WithWebhooks(d.hooks))
	config := object{
		"token": providertest.Token, "account": "act-sandbox", "region": "us-east-1",
		"access_key": "AKIASANDBOX", "secret_key": providertest.SecretKey, "session_token": providertest.SessionToken,
	}
	maps.Copy(config, d.settings)
	providertest.MustSucceed(d.t, server.Configure(config))
	return server
}

// resource is how Terraform speaks of it to its process of the provider.
func (d *deployment) resource() providertest.Resource {
	d.t.Helper()
	return d.server.Resource(deploymentType)
}

// kept is what Terraform keeps of it.
func (d *deployment) kept() providertest.Kept {
	return providertest.Kept{Value: d.state, Private: d.private, Identity: d.identity}
}

// keep keeps what a provider has left, whose identity has to be whole unless something failed: then the one that was stays.
func (d *deployment) keep(kept providertest.Kept, failed bool) {
	d.t.Helper()
	d.state, d.private = kept.Value, kept.Private
	if !failed && !d.state.IsNull() {
		d.identified(kept.Identity)
	}
}

// must fails the test at an error of the protocol.
func (d *deployment) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
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
	diags, err := d.resource().Validate(context.Background(), providertest.Configuration(d.t, d.schema, config), writeOnly)
	d.must(err)
	mustBeBrief(d.t, diags)
	return diags
}

// refresh brings the state in line with the world, as every plan does first.
func (d *deployment) refresh() []*tfprotov6.Diagnostic {
	d.t.Helper()
	if d.state.IsNull() {
		return nil
	}
	read, diags, err := d.resource().Read(context.Background(), d.kept())
	d.must(err)
	mustBeBrief(d.t, diags)
	if !providertest.Failed(diags) {
		d.identified(read.Identity)
		d.state, d.private = read.Value, read.Private
	}
	return diags
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
	p := d.planValue(providertest.Configuration(d.t, d.schema, config))
	if providertest.Failed(p.diags) {
		return p
	}
	d.keepsWriteOnly(p.config, p.value, p.private)
	for _, at := range providertest.InvalidPlan(d.schema.Block, d.state, p.config, p.value) {
		d.t.Errorf("the plan differs from the configuration at %s:\n%s\n%s", at, p.config, p.value)
	}
	return p
}

// planValue is planOnly of a value, in which nothing has to make sense.
func (d *deployment) planValue(config tftypes.Value) planned {
	d.t.Helper()
	p, err := d.resource().Plan(context.Background(), d.kept(), config)
	d.must(err)
	return planned{p.Config, p.Value, p.Private, p.Replaces, p.Diags}
}

// applyValue applies a plan as it was made, without making it anew. What comes of it is not kept yet.
func (d *deployment) applyValue(ctx context.Context, p planned) (providertest.Kept, []*tfprotov6.Diagnostic) {
	d.t.Helper()
	after, diags, err := d.resource().Apply(ctx, d.kept(), providertest.Planned{Config: p.config, Value: p.value, Private: p.private})
	d.must(err)
	return after, diags
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
	for _, at := range providertest.Differences(p.value, again.value) {
		d.t.Errorf("inconsistent final plan at %s:\n%s\n%s", at, p.value, again.value)
	}
	if again.value.Equal(d.state) {
		return d.now(), append(p.diags, again.diags...)
	}
	creating := d.state.IsNull()
	after, diags := d.applyValue(ctx, again)
	d.keep(after, providertest.Failed(diags))
	d.keepsWriteOnly(again.config, d.state, d.private)
	d.checkApplied(again, diags, creating)
	return d.now(), append(p.diags, diags...)
}

// load imports and refreshes.
func (d *deployment) load(id string) []*tfprotov6.Diagnostic {
	d.t.Helper()
	diags := d.importOnly(id, nil)
	mustBeBrief(d.t, diags)
	if providertest.Failed(diags) {
		return diags
	}
	diags = append(diags, d.refresh()...)
	if !providertest.Failed(diags) && d.state.IsNull() {
		d.t.Fatal("nothing was imported, and nothing said")
	}
	return diags
}

// importOnly imports by an ID or an identity.
func (d *deployment) importOnly(id string, identity *tfprotov6.ResourceIdentityData) []*tfprotov6.Diagnostic {
	d.t.Helper()
	imported, diags, err := d.resource().Import(context.Background(), id, identity)
	d.must(err)
	if !providertest.Failed(diags) {
		d.keep(imported, false)
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
	p := d.planValue(d.resource().Nothing())
	d.keepsSecrets(p.diags)
	return p
}

func (d *deployment) applyDestroy(ctx context.Context, p planned) []*tfprotov6.Diagnostic {
	d.t.Helper()
	after, diags := d.applyValue(ctx, p)
	if d.keep(after, true); d.state.IsNull() {
		d.identity = nil
	}
	if providertest.Failed(diags) == d.state.IsNull() {
		d.t.Errorf("destroy says\n%s\nand leaves %s", providertest.Render(diags), d.state)
	}
	d.keepsSecrets(diags)
	return append(p.diags, diags...)
}

func (d *deployment) encode(value tftypes.Value) *tfprotov6.DynamicValue {
	d.t.Helper()
	encoded, err := d.resource().Encode(value)
	d.must(err)
	return encoded
}

func (d *deployment) decode(value *tfprotov6.DynamicValue) tftypes.Value {
	d.t.Helper()
	decoded, err := d.resource().Decode(value)
	d.must(err)
	return decoded
}
