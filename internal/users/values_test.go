package users_test

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// attrs is a configuration or a part of it as it is written: strings, bools, ints, []any, attrs, nil for null and unknown for what
// Terraform does not know yet.
type attrs = map[string]any

type unknownValue struct{}

// unknown stands for a value that is known only when it is applied.
var unknown unknownValue

// typed turns what is written into a value of a block's type. What is left out is null, or empty where blocks repeat.
func typed(block *tfprotov6.SchemaBlock, written attrs) tftypes.Value {
	of := block.ValueType().(tftypes.Object)
	members := map[string]tftypes.Value{}
	for name := range written {
		if _, known := of.AttributeTypes[name]; !known {
			panic(fmt.Sprintf("the schema has no %q", name))
		}
	}
	for _, a := range block.Attributes {
		members[a.Name] = typedAs(of.AttributeTypes[a.Name], written[a.Name])
	}
	for _, b := range block.BlockTypes {
		members[b.TypeName] = typedBlock(b, of.AttributeTypes[b.TypeName], written[b.TypeName])
	}
	return tftypes.NewValue(of, members)
}

func typedBlock(b *tfprotov6.SchemaNestedBlock, of tftypes.Type, written any) tftypes.Value {
	if written == unknown {
		return tftypes.NewValue(of, tftypes.UnknownValue)
	}
	if b.Nesting == tfprotov6.SchemaNestedBlockNestingModeSingle || b.Nesting == tfprotov6.SchemaNestedBlockNestingModeGroup {
		if written == nil {
			return tftypes.NewValue(of, nil)
		}
		return typed(b.Block, written.(attrs))
	}
	elements := []tftypes.Value{}
	switch all := written.(type) {
	case nil:
	case attrs:
		elements = append(elements, typed(b.Block, all))
	case []any:
		for _, one := range all {
			elements = append(elements, typed(b.Block, one.(attrs)))
		}
	}
	return tftypes.NewValue(of, elements)
}

func typedAs(of tftypes.Type, written any) tftypes.Value {
	if written == nil {
		return tftypes.NewValue(of, nil)
	}
	if written == unknown {
		return tftypes.NewValue(of, tftypes.UnknownValue)
	}
	switch kind := of.(type) {
	case tftypes.Object:
		members := map[string]tftypes.Value{}
		for name := range written.(attrs) {
			if _, known := kind.AttributeTypes[name]; !known {
				panic(fmt.Sprintf("the schema has no %q", name))
			}
		}
		for name, member := range kind.AttributeTypes {
			members[name] = typedAs(member, written.(attrs)[name])
		}
		return tftypes.NewValue(of, members)
	case tftypes.Map:
		elements := map[string]tftypes.Value{}
		for key, element := range written.(attrs) {
			elements[key] = typedAs(kind.ElementType, element)
		}
		return tftypes.NewValue(of, elements)
	case tftypes.List:
		return tftypes.NewValue(of, typedElements(kind.ElementType, written))
	case tftypes.Set:
		return tftypes.NewValue(of, typedElements(kind.ElementType, written))
	}
	return tftypes.NewValue(of, written)
}

func typedElements(of tftypes.Type, written any) []tftypes.Value {
	values := []tftypes.Value{}
	for _, element := range written.([]any) {
		values = append(values, typedAs(of, element))
	}
	return values
}

func dynamic(schema *tfprotov6.Schema, value tftypes.Value) *tfprotov6.DynamicValue {
	encoded, err := tfprotov6.NewDynamicValue(schema.ValueType(), value)
	if err != nil {
		panic(err)
	}
	return &encoded
}

// members are those of an object.
func members(of tftypes.Value) map[string]tftypes.Value {
	var all map[string]tftypes.Value
	if err := of.As(&all); err != nil {
		panic(err)
	}
	return all
}

func elementsOf(list tftypes.Value) []tftypes.Value {
	var all []tftypes.Value
	if err := list.As(&all); err != nil {
		panic(err)
	}
	return all
}

// text, number and list read a member of an object; the zero value of what is null or unknown.
func text(of tftypes.Value, name string) string {
	var s string
	if v := members(of)[name]; v.IsKnown() && !v.IsNull() {
		if err := v.As(&s); err != nil {
			panic(err)
		}
	}
	return s
}

func number(of tftypes.Value, name string) int {
	v := members(of)[name]
	if !v.IsKnown() || v.IsNull() {
		return 0
	}
	n := new(big.Float)
	if err := v.As(&n); err != nil {
		panic(err)
	}
	i, _ := n.Int64()
	return int(i)
}

func list(of tftypes.Value, name string) []tftypes.Value {
	if v := members(of)[name]; v.IsKnown() && !v.IsNull() {
		return elementsOf(v)
	}
	return nil
}

// proposed is what core proposes: what is written, and for computed attributes that are left out what was there before.
// See objchange.ProposedNew in https://github.com/hashicorp/terraform.
func proposed(block *tfprotov6.SchemaBlock, prior, config tftypes.Value) tftypes.Value {
	if config.IsNull() || !config.IsKnown() {
		return config
	}
	wanted, before := members(config), map[string]tftypes.Value{}
	if prior.IsKnown() && !prior.IsNull() {
		before = members(prior)
	}
	merged := map[string]tftypes.Value{}
	for _, a := range block.Attributes {
		merged[a.Name] = wanted[a.Name]
		was, there := before[a.Name]
		if !there {
			was = tftypes.NewValue(wanted[a.Name].Type(), nil)
		}
		switch {
		case a.Computed && wanted[a.Name].IsNull():
			merged[a.Name] = was
		case a.NestedType != nil && a.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeSingle:
			merged[a.Name] = proposed(&tfprotov6.SchemaBlock{Attributes: a.NestedType.Attributes}, was, wanted[a.Name])
		}
	}
	for _, b := range block.BlockTypes {
		w := wanted[b.TypeName]
		was, there := before[b.TypeName]
		if !there {
			was = tftypes.NewValue(w.Type(), nil)
		}
		switch {
		case !w.IsKnown() || w.IsNull():
			merged[b.TypeName] = w
		case b.Nesting == tfprotov6.SchemaNestedBlockNestingModeSingle || b.Nesting == tfprotov6.SchemaNestedBlockNestingModeGroup:
			merged[b.TypeName] = proposed(b.Block, was, w)
		case b.Nesting == tfprotov6.SchemaNestedBlockNestingModeList:
			var elements, were []tftypes.Value
			if was.IsKnown() && !was.IsNull() {
				were = elementsOf(was)
			}
			for i, e := range elementsOf(w) {
				one := tftypes.NewValue(e.Type(), nil)
				if i < len(were) {
					one = were[i]
				}
				elements = append(elements, proposed(b.Block, one, e))
			}
			merged[b.TypeName] = tftypes.NewValue(w.Type(), elements)
		default:
			merged[b.TypeName] = w
		}
	}
	return tftypes.NewValue(block.ValueType(), merged)
}

// invalidPlan is where a plan is neither what is written nor what was there before. See objchange.AssertPlanValid.
func invalidPlan(block *tfprotov6.SchemaBlock, prior, config, planned tftypes.Value) []string {
	if config.IsNull() || planned.IsNull() || !config.IsKnown() || !planned.IsKnown() {
		if config.IsNull() != planned.IsNull() || config.IsKnown() != planned.IsKnown() {
			return []string{"(whole)"}
		}
		return nil
	}
	wanted, is, before := members(config), members(planned), map[string]tftypes.Value{}
	if prior.IsKnown() && !prior.IsNull() {
		before = members(prior)
	}
	var paths []string
	for _, a := range block.Attributes {
		was, there := before[a.Name]
		switch w, p := wanted[a.Name], is[a.Name]; {
		case a.WriteOnly && p.IsNull():
		case p.Equal(w), a.Computed && w.IsNull():
		case there && !was.IsNull() && !w.IsNull() && p.Equal(was):
		case a.NestedType != nil && a.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeSingle:
			if !there {
				was = tftypes.NewValue(w.Type(), nil)
			}
			for _, at := range invalidPlan(&tfprotov6.SchemaBlock{Attributes: a.NestedType.Attributes}, was, w, p) {
				paths = append(paths, a.Name+"."+at)
			}
		case a.NestedType != nil && !w.IsNull() && w.IsKnown() && p.IsKnown() && !p.IsNull() && len(elementsOf(w)) == len(elementsOf(p)):
			for i, e := range elementsOf(w) {
				for _, at := range invalidPlan(&tfprotov6.SchemaBlock{Attributes: a.NestedType.Attributes}, tftypes.NewValue(e.Type(), nil), e, elementsOf(p)[i]) {
					paths = append(paths, fmt.Sprintf("%s[%d].%s", a.Name, i, at))
				}
			}
		default:
			paths = append(paths, a.Name)
		}
	}
	for _, b := range block.BlockTypes {
		was, there := before[b.TypeName]
		w, p := wanted[b.TypeName], is[b.TypeName]
		if !there {
			was = tftypes.NewValue(w.Type(), nil)
		}
		switch {
		case b.Nesting == tfprotov6.SchemaNestedBlockNestingModeSingle || b.Nesting == tfprotov6.SchemaNestedBlockNestingModeGroup:
			for _, at := range invalidPlan(b.Block, was, w, p) {
				paths = append(paths, b.TypeName+"."+at)
			}
		case !w.IsKnown() || w.IsNull() || !p.IsKnown() || p.IsNull() || len(elementsOf(w)) != len(elementsOf(p)):
			if !w.Equal(p) {
				paths = append(paths, b.TypeName)
			}
		case b.Nesting == tfprotov6.SchemaNestedBlockNestingModeList:
			var were []tftypes.Value
			if was.IsKnown() && !was.IsNull() {
				were = elementsOf(was)
			}
			for i, e := range elementsOf(w) {
				one := tftypes.NewValue(e.Type(), nil)
				if i < len(were) {
					one = were[i]
				}
				for _, at := range invalidPlan(b.Block, one, e, elementsOf(p)[i]) {
					paths = append(paths, fmt.Sprintf("%s[%d].%s", b.TypeName, i, at))
				}
			}
		}
	}
	return paths
}

// differences are the paths at which something that was known beforehand became something else. See objchange.AssertObjectCompatible.
func differences(before, after tftypes.Value) []string {
	var paths []string
	var walk func(path string, a, b tftypes.Value)
	walk = func(path string, a, b tftypes.Value) {
		if !a.IsKnown() || a.Equal(b) {
			return
		}
		if !a.IsNull() && b.IsKnown() && !b.IsNull() {
			switch kind := a.Type(); {
			case kind.Is(tftypes.Object{}):
				others := members(b)
				for name, member := range members(a) {
					walk(strings.TrimPrefix(path+"."+name, "."), member, others[name])
				}
				return
			case kind.Is(tftypes.List{}) && len(elementsOf(a)) == len(elementsOf(b)):
				for n, element := range elementsOf(a) {
					walk(fmt.Sprintf("%s[%d]", path, n), element, elementsOf(b)[n])
				}
				return
			}
		}
		paths = append(paths, path)
	}
	walk("", before, after)
	slices.Sort(paths)
	return slices.Compact(paths)
}

// changed are the names of the attributes of an object that a plan changes.
func changed(before, after tftypes.Value) []string {
	if before.IsNull() || after.IsNull() {
		return []string{"everything"}
	}
	var names []string
	others := members(after)
	for name, member := range members(before) {
		if !member.Equal(others[name]) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
