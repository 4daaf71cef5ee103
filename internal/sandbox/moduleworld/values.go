package moduleworld

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// value is an expression's value, unknown where it cannot be told.
func value(expr hcl.Expression, ctx *hcl.EvalContext) cty.Value {
	v, diags := expr.Value(ctx)
	if diags.HasErrors() || v == cty.NilVal {
		return cty.DynamicVal
	}
	v, _ = v.UnmarkDeep()
	return v
}

// body is what a block says, as plain values; and the arguments that are not known.
func body(b *hclsyntax.Body, ctx *hcl.EvalContext) (values map[string]any, unknown []string) {
	values = map[string]any{}
	for name, a := range b.Attributes {
		if plain, ok := plainOf(value(a.Expr, ctx)); ok {
			values[name] = plain
		} else {
			unknown = append(unknown, name)
		}
	}
	for _, inner := range b.Blocks {
		if inner.Type == "dynamic" && len(inner.Labels) == 1 {
			for _, m := range dynamic(inner, ctx) {
				values[inner.Labels[0]] = append(listOf(values[inner.Labels[0]]), m)
			}
			continue
		}
		m, missing := body(inner.Body, ctx)
		values[inner.Type] = append(listOf(values[inner.Type]), m)
		for _, name := range missing {
			unknown = append(unknown, inner.Type+"."+name)
		}
	}
	slices.Sort(unknown)
	return values, unknown
}

// dynamic are the blocks that a dynamic block makes.
func dynamic(b *hclsyntax.Block, ctx *hcl.EvalContext) []any {
	each := b.Body.Attributes["for_each"]
	if each == nil {
		return nil
	}
	iterator := b.Labels[0]
	if a := b.Body.Attributes["iterator"]; a != nil {
		iterator = traversed(a.Expr)
	}
	var all []any
	for _, m := range elements(value(each.Expr, ctx)) {
		inner := ctx.NewChild()
		inner.Variables = map[string]cty.Value{iterator: cty.ObjectVal(map[string]cty.Value{"key": m.key, "value": m.value})}
		for _, content := range b.Body.Blocks {
			if content.Type == "content" {
				values, _ := body(content.Body, inner)
				all = append(all, values)
			}
		}
	}
	return all
}

type element struct{ key, value cty.Value }

// elements are the members of a list, a set or a map; nil if they are not known.
func elements(v cty.Value) []element {
	if v == cty.NilVal || !v.IsKnown() || v.IsNull() || !v.CanIterateElements() {
		return nil
	}
	all := []element{}
	for it := v.ElementIterator(); it.Next(); {
		key, one := it.Element()
		if v.Type().IsSetType() {
			key = one
		}
		all = append(all, element{key, one})
	}
	return all
}

func text(v cty.Value) string {
	if v.Type() == cty.String && v.IsKnown() && !v.IsNull() {
		return v.AsString()
	}
	if v.Type() == cty.Number && v.IsKnown() {
		return v.AsBigFloat().Text('f', -1)
	}
	return ""
}

func number(v cty.Value) (int, bool) {
	if v == cty.NilVal || !v.IsKnown() || v.IsNull() || v.Type() != cty.Number {
		return 0, false
	}
	n, _ := v.AsBigFloat().Int64()
	return int(n), n >= 0 && n < 1000
}

// plainOf is a value as encoding/json has it. Unknown members of lists and objects are left out.
func plainOf(v cty.Value) (any, bool) {
	switch {
	case !v.IsKnown():
		return nil, false
	case v.IsNull():
		return nil, true
	case v.Type().IsObjectType() || v.Type().IsMapType():
		all := map[string]any{}
		for key, member := range v.AsValueMap() {
			if plain, ok := plainOf(member); ok {
				all[key] = plain
			}
		}
		return all, true
	case v.CanIterateElements():
		all := []any{}
		for _, m := range elements(v) {
			if plain, ok := plainOf(m.value); ok {
				all = append(all, plain)
			}
		}
		return all, len(all) > 0 || v.LengthInt() == 0
	}
	raw, err := ctyjson.Marshal(v, v.Type())
	var plain any
	if err != nil || json.Unmarshal(raw, &plain) != nil {
		return nil, false
	}
	return plain, true
}

// object is a resource as others refer to it. What is not known of it is unknown, so that no reference to it is an error.
func object(r resource) cty.Value {
	members := map[string]cty.Value{}
	for name, v := range r.values {
		raw, err := json.Marshal(v)
		if err != nil {
			continue
		}
		kind, err := ctyjson.ImpliedType(raw)
		if err != nil {
			continue
		}
		if value, err := ctyjson.Unmarshal(raw, kind); err == nil {
			members[name] = value
		}
	}
	for _, name := range append(r.unknown, usual...) {
		if _, known := members[name]; !known && !strings.Contains(name, ".") {
			members[name] = cty.DynamicVal
		}
	}
	return cty.ObjectVal(members)
}

// usual are attributes that others refer to, which are unknown rather than an error where nothing is said of them.
var usual = []string{"id", "arn", "name", "json", "configuration", "ids", "arns", "arn_suffix", "dns_name", "zone_id", "tags", "tags_all", "architecture", "vpc_id",
	"image_id", "root_device_name", "creation_date", "owner_id", "health", "status", "revision", "group_id", "group_name", "groups", "traffic", "rollout_plan", "port", "protocol"}

// traversed is a reference as it is written: elastigroup_deployment.web.
func traversed(expr hcl.Expression) string {
	traversal, diags := hcl.AbsTraversalForExpr(expr)
	if diags.HasErrors() {
		return ""
	}
	return pathOf(traversal)
}

func listOf(v any) []any {
	list, _ := v.([]any)
	return list
}
