package providertest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Proposed is what Terraform's core proposes: what is written, and for computed attributes that are left out what was there before.
// See objchange.ProposedNew in https://github.com/hashicorp/terraform.
func Proposed(block *tfprotov6.SchemaBlock, prior, config tftypes.Value) tftypes.Value {
	if config.IsNull() || !config.IsKnown() {
		return config
	}
	wanted, before := Members(config), Members(prior)
	merged := map[string]tftypes.Value{}
	for _, a := range block.Attributes {
		written, was := wanted[a.Name], beforehand(before, a.Name, wanted[a.Name])
		merged[a.Name] = written
		switch {
		case a.Computed && written.IsNull():
			merged[a.Name] = was
		case a.NestedType != nil && a.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeSingle:
			merged[a.Name] = Proposed(&tfprotov6.SchemaBlock{Attributes: a.NestedType.Attributes}, was, written)
		}
	}
	for _, b := range block.BlockTypes {
		written, was := wanted[b.TypeName], beforehand(before, b.TypeName, wanted[b.TypeName])
		switch {
		case !written.IsKnown() || written.IsNull():
			merged[b.TypeName] = written
		case single(b):
			merged[b.TypeName] = Proposed(b.Block, was, written)
		case b.Nesting == tfprotov6.SchemaNestedBlockNestingModeList:
			var elements []tftypes.Value
			were := Elements(was)
			for i, e := range Elements(written) {
				elements = append(elements, Proposed(b.Block, nth(were, i, e), e))
			}
			merged[b.TypeName] = tftypes.NewValue(written.Type(), elements)
		default:
			merged[b.TypeName] = written
		}
	}
	return tftypes.NewValue(config.Type(), merged)
}

// InvalidPlan is where a plan is neither what is written nor what was there before. See objchange.AssertPlanValid.
func InvalidPlan(block *tfprotov6.SchemaBlock, prior, config, planned tftypes.Value) []string {
	if config.IsNull() || planned.IsNull() || !config.IsKnown() || !planned.IsKnown() {
		if config.IsNull() != planned.IsNull() || config.IsKnown() != planned.IsKnown() {
			return []string{"(whole)"}
		}
		return nil
	}
	wanted, is, before := Members(config), Members(planned), Members(prior)
	var paths []string
	within := func(at string, found []string) {
		for _, one := range found {
			paths = append(paths, at+"."+one)
		}
	}
	for _, a := range block.Attributes {
		nested := &tfprotov6.SchemaBlock{}
		if a.NestedType != nil {
			nested.Attributes = a.NestedType.Attributes
		}
		was := beforehand(before, a.Name, wanted[a.Name])
		switch w, p := wanted[a.Name], is[a.Name]; {
		case a.WriteOnly && p.IsNull():
		case p.Equal(w), a.Computed && w.IsNull():
		case !was.IsNull() && !w.IsNull() && p.Equal(was):
		case a.NestedType != nil && a.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeSingle:
			within(a.Name, InvalidPlan(nested, was, w, p))
		case a.NestedType != nil && !w.IsNull() && w.IsKnown() && p.IsKnown() && !p.IsNull() && len(Elements(w)) == len(Elements(p)):
			for i, e := range Elements(w) {
				within(fmt.Sprintf("%s[%d]", a.Name, i), InvalidPlan(nested, tftypes.NewValue(e.Type(), nil), e, Elements(p)[i]))
			}
		default:
			paths = append(paths, a.Name)
		}
	}
	for _, b := range block.BlockTypes {
		w, p, was := wanted[b.TypeName], is[b.TypeName], beforehand(before, b.TypeName, wanted[b.TypeName])
		switch {
		case single(b):
			within(b.TypeName, InvalidPlan(b.Block, was, w, p))
		case !w.IsKnown() || w.IsNull() || !p.IsKnown() || p.IsNull() || len(Elements(w)) != len(Elements(p)):
			if !w.Equal(p) {
				paths = append(paths, b.TypeName)
			}
		case b.Nesting == tfprotov6.SchemaNestedBlockNestingModeList:
			were := Elements(was)
			for i, e := range Elements(w) {
				within(fmt.Sprintf("%s[%d]", b.TypeName, i), InvalidPlan(b.Block, nth(were, i, e), e, Elements(p)[i]))
			}
		}
	}
	return paths
}

// Differences are the paths at which something that was known beforehand became something else. See objchange.AssertObjectCompatible.
func Differences(before, after tftypes.Value) []string {
	var paths []string
	var walk func(path string, a, b tftypes.Value)
	walk = func(path string, a, b tftypes.Value) {
		if !a.IsKnown() || a.Equal(b) {
			return
		}
		if !a.IsNull() && b.IsKnown() && !b.IsNull() {
			switch kind := a.Type(); {
			case kind.Is(tftypes.Object{}), kind.Is(tftypes.Map{}) && sameKeys(Members(a), Members(b)):
				others := Members(b)
				for name, member := range Members(a) {
					walk(strings.TrimPrefix(path+"."+name, "."), member, others[name])
				}
				return
			case kind.Is(tftypes.List{}) && len(Elements(a)) == len(Elements(b)):
				for n, element := range Elements(a) {
					walk(fmt.Sprintf("%s[%d]", path, n), element, Elements(b)[n])
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

// Members are those of an object or a map, none where it is null or not known.
func Members(of tftypes.Value) map[string]tftypes.Value {
	var all map[string]tftypes.Value
	if of.IsKnown() && !of.IsNull() {
		mustBe(of.As(&all))
	}
	return all
}

// Elements are those of a list or a set, none where it is null or not known.
func Elements(of tftypes.Value) []tftypes.Value {
	var all []tftypes.Value
	if of.IsKnown() && !of.IsNull() {
		mustBe(of.As(&all))
	}
	return all
}

// mustBe ends whoever takes a value for what it is not.
func mustBe(err error) {
	if err != nil {
		panic(err)
	}
}

func single(b *tfprotov6.SchemaNestedBlock) bool {
	return b.Nesting == tfprotov6.SchemaNestedBlockNestingModeSingle || b.Nesting == tfprotov6.SchemaNestedBlockNestingModeGroup
}

// beforehand is what a member was; null if there was nothing.
func beforehand(before map[string]tftypes.Value, name string, like tftypes.Value) tftypes.Value {
	if was, there := before[name]; there {
		return was
	}
	return tftypes.NewValue(like.Type(), nil)
}

// nth is one of the elements that there were; null if there were fewer.
func nth(were []tftypes.Value, n int, like tftypes.Value) tftypes.Value {
	if n < len(were) {
		return were[n]
	}
	return tftypes.NewValue(like.Type(), nil)
}

func sameKeys(a, b map[string]tftypes.Value) bool {
	for key := range a {
		if _, there := b[key]; !there {
			return false
		}
	}
	return len(a) == len(b)
}
