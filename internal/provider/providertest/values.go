package providertest

import (
	"math/big"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Object is a configuration or a state as tests write and read it: strings, bools, ints, []any, nested objects, nil for
// null and unknown for what Terraform does not know yet.
type Object = map[string]any

// T is told of a value that makes no sense. A test is one.
type T interface {
	Helper()
	Fatalf(format string, args ...any)
}

type unknownValue struct{}

// Unknown stands for a value that is known only after apply.
var Unknown unknownValue

// Configuration is a configuration as Terraform has it. What the test leaves out is null, or an empty list or set where it is a
// block that there may be several of.
func Configuration(t T, schema *tfprotov6.Schema, config Object) tftypes.Value {
	t.Helper()
	return Typed(t, schema.ValueType(), withBlocks(schema.Block, config))
}

func withBlocks(block *tfprotov6.SchemaBlock, config Object) Object {
	filled := Object{}
	for name, value := range config {
		filled[name] = value
	}
	for _, nested := range block.BlockTypes {
		several := nested.Nesting == tfprotov6.SchemaNestedBlockNestingModeSet || nested.Nesting == tfprotov6.SchemaNestedBlockNestingModeList
		switch written := filled[nested.TypeName].(type) {
		case nil:
			if several {
				filled[nested.TypeName] = []any{}
			}
		case Object:
			filled[nested.TypeName] = withBlocks(nested.Block, written)
			if several {
				filled[nested.TypeName] = []any{filled[nested.TypeName]} // the only one
			}
		case []any:
			all := []any{}
			for _, one := range written {
				if members, ok := one.(Object); ok {
					one = withBlocks(nested.Block, members)
				}
				all = append(all, one)
			}
			filled[nested.TypeName] = all
		}
	}
	return filled
}

// Typed turns what a test wrote into a value of a type.
func Typed(t T, of tftypes.Type, value any) tftypes.Value {
	t.Helper()
	if value == nil {
		return tftypes.NewValue(of, nil)
	}
	if value == Unknown {
		return tftypes.NewValue(of, tftypes.UnknownValue)
	}
	switch kind := of.(type) {
	case tftypes.Object:
		members := map[string]tftypes.Value{}
		written := value.(Object)
		for name := range written {
			if _, known := kind.AttributeTypes[name]; !known {
				t.Fatalf("the schema has no %q", name)
			}
		}
		for name, member := range kind.AttributeTypes {
			members[name] = Typed(t, member, written[name])
		}
		return tftypes.NewValue(of, members)
	case tftypes.Map:
		elements := map[string]tftypes.Value{}
		for key, element := range value.(Object) {
			elements[key] = Typed(t, kind.ElementType, element)
		}
		return tftypes.NewValue(of, elements)
	case tftypes.List:
		return tftypes.NewValue(of, elements(t, kind.ElementType, value))
	case tftypes.Set:
		return tftypes.NewValue(of, elements(t, kind.ElementType, value))
	}
	return tftypes.NewValue(of, value)
}

func elements(t T, of tftypes.Type, value any) []tftypes.Value {
	t.Helper()
	values := []tftypes.Value{}
	for _, element := range value.([]any) {
		values = append(values, Typed(t, of, element))
	}
	return values
}

// Plain turns a value into what tests compare with.
func Plain(t T, value tftypes.Value) any {
	t.Helper()
	if !value.IsKnown() {
		return Unknown
	}
	if value.IsNull() {
		return nil
	}
	var err error
	defer func() {
		if err != nil {
			t.Fatalf("%s: %v", value, err)
		}
	}()
	switch {
	case value.Type().Is(tftypes.String):
		var s string
		err = value.As(&s)
		return s
	case value.Type().Is(tftypes.Bool):
		var b bool
		err = value.As(&b)
		return b
	case value.Type().Is(tftypes.Number):
		n := new(big.Float)
		err = value.As(&n)
		i, _ := n.Int64()
		return int(i)
	case value.Type().Is(tftypes.List{}), value.Type().Is(tftypes.Set{}):
		var values []tftypes.Value
		err = value.As(&values)
		list := []any{}
		for _, element := range values {
			list = append(list, Plain(t, element))
		}
		return list
	}
	var members map[string]tftypes.Value
	err = value.As(&members)
	result := Object{}
	for name, member := range members {
		result[name] = Plain(t, member)
	}
	return result
}
