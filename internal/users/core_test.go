package users_test

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

const resourceType = "elastigroup_deployment"

// core is Terraform's core as one command has it: the resource in a new process of the provider, and what core insists on.
type core struct {
	providertest.Resource
	broken func(rule rule, format string, args ...any)
}

// schemas are the provider's: the same for every process.
var schemas = func() *tfprotov6.GetProviderSchemaResponse {
	resp, err := providertest.New().GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || providertest.Failed(resp.Diagnostics) {
		panic(fmt.Sprint(err, providertest.Render(resp.Diagnostics)))
	}
	return resp
}()

// newCore is a new command: nothing is left of the one before.
func (s *scene) newCore() (*core, []*tfprotov6.Diagnostic) { return s.newCoreWith(s.access(), "") }

// newCoreWith is a new command of somebody who has this access. One that is at work beside another bears a name.
func (s *scene) newCoreWith(access attrs, name string) (*core, []*tfprotov6.Diagnostic) {
	transport := s.world.Transport()
	if name != "" {
		transport = client{name, transport}
	}
	server := providertest.New(provider.WithTransport(transport))
	c := &core{providertest.Resource{Server: server, Type: resourceType, Schema: schemas.ResourceSchemas[resourceType]}, s.broken}
	config, err := tfprotov6.NewDynamicValue(schemas.Provider.ValueType(), typed(schemas.Provider, access))
	if err != nil {
		panic(err)
	}
	diags, err := providertest.Configure(context.Background(), server, &config)
	if err != nil {
		panic(err)
	}
	return c, diags
}

// object is a resource's object in a state.
type object struct {
	value   tftypes.Value
	private []byte
	tainted bool
}

// kept is what Terraform keeps of an object that may not be there. It has no identity, as before Terraform 1.12.
func (c *core) kept(o *object) providertest.Kept {
	if o == nil {
		return providertest.Kept{Value: c.Nothing()}
	}
	return providertest.Kept{Value: o.value, Private: o.private}
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
	c.guarded("validate", func() (err error) {
		writeOnly := !members(config)["user_data_wo"].IsNull() || strings.Contains(config.String(), hiddenHeader)
		diags, err = c.Validate(context.Background(), config, writeOnly)
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
		is, said, err := c.Read(context.Background(), c.kept(o))
		diags = said
		if err != nil || providertest.Failed(diags) {
			return err
		}
		if read = nil; !is.Value.IsNull() {
			read = &object{value: is.Value, private: is.Private, tainted: o.tainted}
			if !is.Value.IsFullyKnown() {
				c.broken(ruleCore, "refresh: the state is not fully known: %s", is.Value)
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
func (c *core) propose(o *object, config tftypes.Value) proposal {
	p := c.planned("plan", o, config)
	if providertest.Failed(p.diags) {
		return p
	}
	for _, at := range providertest.InvalidPlan(c.Schema.Block, c.kept(o).Value, config, p.value) {
		c.broken(ruleCore, "invalid plan: it is not what is written at %s:\nwritten %s\nplanned %s", at, config, p.value)
	}
	return p
}

// proposeGone plans the end of an object.
func (c *core) proposeGone(o *object) proposal {
	return c.planned("plan to destroy", o, c.Nothing())
}

func (c *core) planned(what string, o *object, config tftypes.Value) (p proposal) {
	c.guarded(what, func() error {
		planned, err := c.Plan(context.Background(), c.kept(o), config)
		p = proposal{value: planned.Value, private: planned.Private, replaces: planned.Replaces, diags: planned.Diags}
		return err
	})
	return p
}

// change applies a proposal for one resource. The object is what the state has afterwards.
func (c *core) change(ctx context.Context, o *object, config tftypes.Value, p proposal) (after *object, diags []*tfprotov6.Diagnostic) {
	after = o
	c.guarded("apply", func() error {
		left, said, err := c.Apply(ctx, c.kept(o), providertest.Planned{Config: config, Value: p.value, Private: p.private})
		if err != nil {
			return err
		}
		diags = said
		value := left.Value
		if after = nil; !value.IsNull() {
			after = &object{value: value, private: left.Private}
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
			for _, at := range providertest.Differences(p.value, value) {
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
		imported, said, err := c.Import(context.Background(), id, nil)
		diags = said
		if err == nil && !providertest.Failed(diags) {
			o = &object{value: imported.Value, private: imported.Private}
		}
		return err
	})
	if providertest.Failed(diags) || o == nil {
		return nil, diags
	}
	o, more := c.refresh(o)
	return o, append(diags, more...)
}
