package deployment_test

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// choices are what a fuzzer decides, a byte each; when they are used up everything is as it was written. Text is one more value that a
// string may have.
type choices struct {
	bytes  []byte
	text   string
	public bool // none of the values is a secret
}

func (c *choices) next() int {
	if len(c.bytes) == 0 {
		return 0
	}
	b := c.bytes[0]
	c.bytes = c.bytes[1:]
	return int(b)
}

// What may stand where a value of a kind belongs.
var (
	oddStrings = []string{"", " ", "-5m", "0s", "5m", "26h", "soon", "web", "web__1", "ami-1", "ami-2", "rollback", "hold", "previous_first", "running", "ignore", "web-5xx",
		providertest.BootBase64, "%", providertest.WebARN, blueARN, greenARN, productionARN, testARN, "arn:aws:elasticloadbalancing", "{}", "[]", "null", `{"group":{}}`, `{"group":{"capacity":7}}`,
		strings.Repeat("x", 70_000), "\x00\ufeff\u202e", "9223372036854775807s", "1e9h", "${var.x}"}
	oddNumbers = []any{-1, 0, 1, 2, 3, 25, 50, 99, 100, 101, 1001, 1_000_001, 1 << 62, big.NewFloat(0.5), big.NewFloat(1e300), big.NewFloat(-1e300)}
)

// block is a configuration of a block in which some values are others than were written: odd ones, none, or such as are not known yet.
func (c *choices) block(block *tfprotov6.SchemaBlock, written object) object {
	config := maps.Clone(written)
	if config == nil {
		config = object{}
	}
	for _, a := range block.Attributes {
		if a.Required || a.Optional {
			config[a.Name] = c.attribute(a, config[a.Name])
		}
	}
	for _, nested := range block.BlockTypes {
		config[nested.TypeName] = c.nested(nested, config[nested.TypeName])
	}
	return config
}

func (c *choices) nested(nested *tfprotov6.SchemaNestedBlock, written any) any {
	several := nested.Nesting != tfprotov6.SchemaNestedBlockNestingModeSingle
	switch n := c.next() % 16; {
	case n == 1 && several:
		return []any{}
	case n == 1:
		return nil
	case n == 2:
		return unknown
	case n > 2 && n < 6 && several:
		blocks := []any{}
		for range n - 2 {
			blocks = append(blocks, c.block(nested.Block, nil))
		}
		return blocks
	case n == 3:
		return c.block(nested.Block, nil)
	}
	switch written := written.(type) {
	case object:
		return c.block(nested.Block, written)
	case []any:
		blocks := []any{}
		for _, one := range written {
			blocks = append(blocks, c.block(nested.Block, one.(object)))
		}
		return blocks
	}
	return written
}

func (c *choices) attribute(a *tfprotov6.SchemaAttribute, written any) any {
	if a.NestedType == nil {
		return c.value(a.Type, written)
	}
	switch c.next() % 8 {
	case 1:
		return nil
	case 2:
		return unknown
	}
	members, ok := written.(object)
	if !ok && c.next()%2 == 0 {
		return written
	}
	members = maps.Clone(members)
	if members == nil {
		members = object{}
	}
	for _, member := range a.NestedType.Attributes {
		members[member.Name] = c.attribute(member, members[member.Name])
	}
	return members
}

func (c *choices) value(of tftypes.Type, written any) any {
	switch c.next() % 8 {
	case 1:
		return nil
	case 2:
		return unknown
	case 3, 4:
		return c.odd(of)
	}
	return written
}

func (c *choices) odd(of tftypes.Type) any {
	switch of := of.(type) {
	case tftypes.List:
		return c.list(of.ElementType)
	case tftypes.Set:
		return c.list(of.ElementType)
	case tftypes.Map:
		return object{"": c.value(of.ElementType, nil), "release": c.value(of.ElementType, nil)}
	case tftypes.Object:
		members := object{}
		for _, name := range slices.Sorted(maps.Keys(of.AttributeTypes)) {
			members[name] = c.value(of.AttributeTypes[name], nil)
		}
		return members
	}
	switch n := c.next(); {
	case of.Is(tftypes.Number):
		return oddNumbers[n%len(oddNumbers)]
	case of.Is(tftypes.Bool):
		return n%2 == 0
	case n%4 == 3:
		return c.text
	case c.public && oddStrings[n%len(oddStrings)] == providertest.BootBase64:
		return "YQ=="
	default:
		return oddStrings[n%len(oddStrings)]
	}
}

func (c *choices) list(of tftypes.Type) any {
	elements := []any{}
	for range c.next() % 4 {
		elements = append(elements, c.odd(of))
	}
	return elements
}

// known is a value in which what was not known is, by now.
func (c *choices) known(t testing.TB, value tftypes.Value) tftypes.Value {
	t.Helper()
	got, err := tftypes.Transform(value, func(at *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		if v.IsKnown() {
			return v, nil
		}
		return providertest.Typed(t, v.Type(), c.late(t, v.Type())), nil
	})
	if err != nil || !got.IsFullyKnown() {
		t.Fatalf("%v: %s", err, got)
	}
	return got
}

// late is a value that has become known. Blocks that have become known are lists, or there is none.
func (c *choices) late(t testing.TB, of tftypes.Type) any {
	t.Helper()
	if of.Is(tftypes.List{}) || of.Is(tftypes.Set{}) || of.Is(tftypes.Map{}) || !(of.Is(tftypes.Object{}) || c.next()%4 == 0) {
		value := providertest.Typed(t, of, c.odd(of))
		if value.IsFullyKnown() {
			return plainOf(t, value)
		}
	}
	if of.Is(tftypes.List{}) || of.Is(tftypes.Set{}) {
		return []any{}
	}
	return nil
}

// plainOf is plain, with numbers as they are.
func plainOf(t testing.TB, value tftypes.Value) any {
	t.Helper()
	if value.Type().Is(tftypes.Number) && !value.IsNull() {
		n := new(big.Float)
		if err := value.As(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	return providertest.Plain(t, value)
}

// longestApply is how long an apply may take that is told to stop after ten minutes.
const longestApply = 25 * time.Minute

// FuzzDeployment has any configuration of a deployment, with values of all kinds, none, and such as are known only when it is applied:
// nothing crashes, all ends, and what validation refuses an apply refuses, before it touches anything.
func FuzzDeployment(f *testing.F) {
	for base := range byte(3) {
		for shift := range 12 {
			f.Add(base, byte(shift%2), append(make([]byte, shift*3), 2, 0, 3, 1, 2, 4, 2), "30s")
		}
		f.Add(base, byte(0), []byte{}, "")
	}
	f.Fuzz(func(t *testing.T, base, situation byte, decided []byte, text string) {
		synctest.Test(t, func(t *testing.T) {
			d := deploymentIn(t, sandbox.New(blueGreenWorld()))
			bases := []func(string, ...object) object{release, canary, shiftByWeights}
			written := bases[int(base)%len(bases)]
			if situation%2 == 1 {
				d.apply(written("ami-1", everything))
			}
			c := &choices{bytes: decided, text: strings.ToValidUTF8(text, "?")}
			d.fuzz(c, c.block(d.schema.Block, written("ami-2", everything)))
		})
	})
}

// fuzz validates, plans and applies a configuration of which parts may become known late.
func (d *deployment) fuzz(c *choices, config object) {
	d.t.Helper()
	mustBeBrief(d.t, d.validate(config))
	p := d.plan(config)
	mustBeBrief(d.t, p.diags)
	late := c.known(d.t, providertest.Configuration(d.t, d.schema, config))
	refused := providertest.Failed(d.validateValue(late))
	if providertest.Failed(p.diags) {
		return
	}
	run, before, begun := d.watch(), d.state, time.Now()
	again := d.planValue(late)
	mustBeBrief(d.t, again.diags)
	if providertest.Failed(again.diags) {
		again.value = p.value // as if nobody had planned again
	}
	ctx, cancel := context.WithTimeout(d.t.Context(), 10*time.Minute)
	defer cancel()
	kept, said := d.applyValue(ctx, planned{config: late, value: again.value, private: p.private})
	mustBeBrief(d.t, said)
	if took := time.Since(begun); took > longestApply {
		d.t.Errorf("it took %s\n%s", took, providertest.Render(said))
	}
	after := kept.Value
	if refused && (!providertest.Failed(said) || len(run.did()) > 0 || !after.Equal(before)) {
		d.t.Errorf("validation refuses %s\nand apply does %q and says\n%s", late, run.did(), providertest.Render(said))
	}
	if !providertest.Failed(said) && !after.IsFullyKnown() {
		d.t.Errorf("the state after apply is not fully known: %s", after)
	}
	if before.IsNull() && providertest.Failed(said) && !after.IsNull() {
		d.t.Errorf("a failed create left a state: %s", after)
	}
	neverDeletesInstances(d.t, d.world)
}

// validateValue is validate of a value.
func (d *deployment) validateValue(config tftypes.Value) []*tfprotov6.Diagnostic {
	d.t.Helper()
	diags, err := d.resource().Validate(context.Background(), config, false)
	d.must(err)
	return diags
}

// FuzzDataSources has any configuration of any data source, and of the provider.
func FuzzDataSources(f *testing.F) {
	for which := range byte(6) {
		for shift := range 8 {
			f.Add(which, append(make([]byte, shift*2), 3, 7, 3, 4, 1, 2, 3), "web")
		}
		f.Add(which, []byte{}, "")
	}
	f.Fuzz(func(t *testing.T, which byte, decided []byte, text string) {
		synctest.Test(t, func(t *testing.T) {
			d := deploymentIn(t, sandbox.New(blueGreenWorld()))
			names := slices.Sorted(maps.Keys(d.server.Schema.DataSourceSchemas))
			c := &choices{bytes: decided, text: strings.ToValidUTF8(text, "?"), public: true} // nobody looks for images by a user data
			if n := int(which) % (len(names) + 1); n < len(names) {
				config := c.block(d.server.Schema.DataSourceSchemas[names[n]].Block, nil)
				diags := d.server.Validate(names[n], config)
				mustBeBrief(t, diags)
				if !providertest.Failed(diags) && !strings.Contains(fmt.Sprint(config), fmt.Sprint(unknown)) {
					_, diags := d.server.ReadOnly(names[n], config)
					mustBeBrief(t, diags)
				}
				return
			}
			mustBeBrief(t, d.server.Configure(c.block(d.server.Schema.Provider.Block, nil)))
		})
	})
}
