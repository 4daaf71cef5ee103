package users_test

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

const resourceType = "elastigroup_deployment"

// core is Terraform's core as one command has it: a new process of the provider, and what core insists on.
type core struct {
	server tfprotov6.ProviderServer
	schema *tfprotov6.Schema
	broken func(rule rule, format string, args ...any)
}

// schemas are the provider's: the same for every process.
var schemas = func() *tfprotov6.GetProviderSchemaResponse {
	resp, err := newServer(nil).GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || providertest.Failed(resp.Diagnostics) {
		panic(fmt.Sprint(err, providertest.Render(resp.Diagnostics)))
	}
	return resp
}()

func newServer(options []provider.Option) tfprotov6.ProviderServer {
	return providerserver.NewProtocol6(provider.New("test", options...)())()
}

// newCore is a new command: nothing is left of the one before.
func (s *scene) newCore() (*core, []*tfprotov6.Diagnostic) { return s.newCoreWith(s.access(), "") }

// newCoreWith is a new command of somebody who has this access. One that is at work beside another bears a name.
func (s *scene) newCoreWith(access attrs, name string) (*core, []*tfprotov6.Diagnostic) {
	transport := s.world.Transport()
	if name != "" {
		transport = client{name, transport}
	}
	c := &core{server: newServer([]provider.Option{provider.WithTransport(transport)}), schema: schemas.ResourceSchemas[resourceType], broken: s.broken}
	config := dynamic(schemas.Provider, typed(schemas.Provider.Block, access))
	validated, err := c.server.ValidateProviderConfig(context.Background(), &tfprotov6.ValidateProviderConfigRequest{Config: config})
	if err != nil {
		panic(err)
	}
	if providertest.Failed(validated.Diagnostics) {
		return c, validated.Diagnostics
	}
	configured, err := c.server.ConfigureProvider(context.Background(), &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.11.4", Config: config})
	if err != nil {
		panic(err)
	}
	return c, append(validated.Diagnostics, configured.Diagnostics...)
}

// object is a resource's object in a state.
type object struct {
	value   tftypes.Value
	private []byte
	tainted bool
}

// nothing is the object of a resource that is not there.
func (c *core) nothing() tftypes.Value { return tftypes.NewValue(c.schema.ValueType(), nil) }

// valueOf is the value of an object that may not be there.
func (c *core) valueOf(o *object) (tftypes.Value, []byte) {
	if o == nil {
		return c.nothing(), nil
	}
	return o.value, o.private
}

// guarded makes a crash of the provider a breach, as Terraform would print its stack.
func (c *core) guarded(what string, call func() error) {
	defer func() {
		if p := recover(); p != nil {
			if _, stops := p.(stop); stops {
				panic(p)
			}
			c.broken(ruleCrash, "%s: the provider panics: %v\n%s", what, p, ownLines(string(debug.Stack())))
		}
	}()
	if err := call(); err != nil {
		c.broken(ruleCore, "%s: %v", what, err)
	}
}

// ownLines are the lines of a stack that are about the provider.
func ownLines(stack string) string {
	var own []string
	for line := range strings.Lines(stack) {
		if strings.Contains(line, "/internal/") && strings.Contains(line, ".go:") && !strings.Contains(line, "_test.go") && !strings.Contains(line, "/pkg/mod/") {
			own = append(own, strings.TrimSpace(line))
		}
	}
	return strings.Join(own, "\n")
}

// validate is what can be said of a configuration alone. A Terraform that has write-only attributes is one where there are some: others are told in
// each plan that user data may hold a secret.
func (c *core) validate(config tftypes.Value) (diags []*tfprotov6.Diagnostic) {
	c.guarded("validate", func() error {
		resp, err := c.server.ValidateResourceConfig(context.Background(), &tfprotov6.ValidateResourceConfigRequest{TypeName: resourceType, Config: dynamic(c.schema, config),
			ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: !members(config)["user_data_wo"].IsNull() || strings.Contains(config.String(), hiddenHeader)}})
		if err == nil {
			diags = resp.Diagnostics
		}
		return err
	})
	return diags
}

// refresh reads an object; nil if it is gone.
func (c *core) refresh(o *object) (read *object, diags []*tfprotov6.Diagnostic) {
	if o == nil {
		return nil, nil
	}
	read = o
	c.guarded("refresh", func() error {
		resp, err := c.server.ReadResource(context.Background(), &tfprotov6.ReadResourceRequest{TypeName: resourceType, CurrentState: dynamic(c.schema, o.value), Private: o.private})
		if err != nil {
			return err
		}
		diags = resp.Diagnostics
		if providertest.Failed(diags) {
			return nil
		}
		value := c.decode(resp.NewState)
		if read = nil; !value.IsNull() {
			read = &object{value: value, private: resp.Private, tainted: o.tainted}
			if !value.IsFullyKnown() {
				c.broken(ruleCore, "refresh: the state is not fully known: %s", value)
			}
		}
		return nil
	})
	return read, diags
}

// proposal is the answer to a plan for one resource.
type proposal struct {
	value    tftypes.Value
	private  []byte
	replaces []string // the attributes that force a replacement
	diags    []*tfprotov6.Diagnostic
}

// propose plans one resource: what it is to be after the apply.
func (c *core) propose(o *object, config tftypes.Value) (p proposal) {
	prior, private := c.valueOf(o)
	c.guarded("plan", func() error {
		resp, err := c.server.PlanResourceChange(context.Background(), &tfprotov6.PlanResourceChangeRequest{
			TypeName: resourceType, PriorState: dynamic(c.schema, prior), PriorPrivate: private,
			Config: dynamic(c.schema, config), ProposedNewState: dynamic(c.schema, proposed(c.schema.Block, prior, config)),
		})
		if err != nil {
			return err
		}
		p.private, p.diags = resp.PlannedPrivate, resp.Diagnostics
		for _, path := range resp.RequiresReplace {
			p.replaces = append(p.replaces, providertest.Where(&tfprotov6.Diagnostic{Attribute: path}))
		}
		if providertest.Failed(p.diags) {
			return nil
		}
		p.value = c.decode(resp.PlannedState)
		for _, at := range invalidPlan(c.schema.Block, prior, config, p.value) {
			c.broken(ruleCore, "invalid plan: it is not what is written at %s:\nwritten %s\nplanned %s", at, config, p.value)
		}
		return nil
	})
	return p
}

// proposeGone plans the end of an object.
func (c *core) proposeGone(o *object) (p proposal) {
	c.guarded("plan to destroy", func() error {
		resp, err := c.server.PlanResourceChange(context.Background(), &tfprotov6.PlanResourceChangeRequest{
			TypeName: resourceType, PriorState: dynamic(c.schema, o.value), PriorPrivate: o.private,
			Config: dynamic(c.schema, c.nothing()), ProposedNewState: dynamic(c.schema, c.nothing()),
		})
		if err != nil {
			return err
		}
		p.private, p.diags = resp.PlannedPrivate, resp.Diagnostics
		if !providertest.Failed(p.diags) {
			p.value = c.decode(resp.PlannedState)
		}
		return nil
	})
	return p
}

// change applies a proposal for one resource. The object is what the state has afterwards.
func (c *core) change(ctx context.Context, o *object, config tftypes.Value, p proposal) (after *object, diags []*tfprotov6.Diagnostic) {
	prior, _ := c.valueOf(o)
	after = o
	c.guarded("apply", func() error {
		resp, err := c.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
			TypeName: resourceType, PriorState: dynamic(c.schema, prior), PlannedState: dynamic(c.schema, p.value),
			Config: dynamic(c.schema, config), PlannedPrivate: p.private,
		})
		if err != nil {
			return err
		}
		diags = resp.Diagnostics
		value := c.decode(resp.NewState)
		if after = nil; !value.IsNull() {
			after = &object{value: value, private: resp.Private}
		}
		switch {
		case after != nil && !value.IsFullyKnown():
			c.broken(ruleCore, "the state after apply is not fully known: %s", value)
		case providertest.Failed(diags) && o == nil && after != nil:
			c.broken(ruleTainted, "a failed create left a state, so that the next apply destroys first:\n%s", providertest.Render(diags))
		case providertest.Failed(diags):
		case p.value.IsNull() != (after == nil):
			c.broken(ruleCore, "planned %s, applied %s", p.value, value)
		default:
			for _, at := range differences(p.value, value) {
				c.broken(ruleCore, "inconsistent result after apply at %s:\nplanned %s\napplied %s", at, p.value, value)
			}
		}
		return nil
	})
	return after, diags
}

// load imports what there is.
func (c *core) load(id string) (o *object, diags []*tfprotov6.Diagnostic) {
	c.guarded("import", func() error {
		resp, err := c.server.ImportResourceState(context.Background(), &tfprotov6.ImportResourceStateRequest{TypeName: resourceType, ID: id})
		if err != nil {
			return err
		}
		diags = resp.Diagnostics
		if !providertest.Failed(diags) {
			o = &object{value: c.decode(resp.ImportedResources[0].State), private: resp.ImportedResources[0].Private}
		}
		return nil
	})
	if providertest.Failed(diags) || o == nil {
		return nil, diags
	}
	o, more := c.refresh(o)
	return o, append(diags, more...)
}

func (c *core) decode(value *tfprotov6.DynamicValue) tftypes.Value {
	decoded, err := value.Unmarshal(c.schema.ValueType())
	if err != nil {
		panic(err)
	}
	return decoded
}
