package moduleworld

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// placeholder is a value for a variable that has none: of its type, and such as what it is used for takes.
func (e *evaluation) placeholder(name string, b *hclsyntax.Block) cty.Value {
	return stands(typeOf(b), name, e.uses(), "var."+name)
}

// typeOf is the type of a variable, any if it has none.
func typeOf(b *hclsyntax.Block) cty.Type {
	if a := b.Body.Attributes["type"]; a != nil {
		if t, _, diags := typeexpr.TypeConstraintWithDefaults(a.Expr); !diags.HasErrors() {
			return t
		}
	}
	return cty.DynamicPseudoType
}

// typed is a value as a variable of its type has it: what is written as a list becomes a set.
func typed(v cty.Value, b *hclsyntax.Block) cty.Value {
	if converted, err := convert.Convert(v, typeOf(b)); err == nil {
		return converted
	}
	return v
}

// stands makes the value.
func stands(kind cty.Type, name string, uses map[string]string, path string) cty.Value {
	switch {
	case kind == cty.Number:
		return cty.NumberIntVal(1)
	case kind == cty.Bool:
		return cty.False
	case kind.IsObjectType():
		members := map[string]cty.Value{}
		for member, t := range kind.AttributeTypes() {
			if kind.AttributeOptional(member) {
				members[member] = cty.NullVal(t)
				continue
			}
			members[member] = stands(t, name+"-"+member, uses, path+"."+member)
		}
		return cty.ObjectVal(members)
	case kind.IsMapType():
		return cty.MapValEmpty(kind.ElementType())
	case kind.IsListType() || kind.IsSetType():
		if use := uses[path]; use == "target_group_arns" || use == "alarms" || use == "load_balancer_names" {
			return cty.ListVal([]cty.Value{forUse(use, name)})
		}
		if kind.IsSetType() {
			return cty.SetValEmpty(kind.ElementType())
		}
		return cty.ListValEmpty(kind.ElementType())
	}
	return forUse(uses[path], name)
}

// forUse is a string that an argument of a deployment takes.
func forUse(use, name string) cty.Value {
	plain := strings.ReplaceAll(name, "_", "-")
	switch use {
	case "production_arn", "stage_arn":
		if strings.Contains(name, "rule") {
			return cty.StringVal(ruleARN(plain, plain))
		}
		return cty.StringVal(listenerARN(plain, plain))
	case "target_group_arns":
		return cty.StringVal(targetGroupARN(strings.TrimSuffix(strings.TrimSuffix(plain, "-arn"), "-arns")))
	case "alarms", "load_balancer_names", "name":
		return cty.StringVal(plain)
	case "image_id":
		return cty.StringVal(imageID(plain))
	case "bake", "settle", "min_healthy_time", "healthy_timeout", "every":
		return cty.StringVal("1s")
	case "configuration":
		return cty.UnknownVal(cty.String)
	}
	return cty.StringVal("1")
}

// uses are the arguments of deployments that variables, or members of them, are: production_arn by "var.rules.production".
func (e *evaluation) uses() map[string]string {
	all := map[string]string{}
	var visit func(b *hclsyntax.Body)
	visit = func(b *hclsyntax.Body) {
		for name, a := range b.Attributes {
			for _, traversal := range a.Expr.Variables() {
				if path := pathOf(traversal); strings.HasPrefix(path, "var.") && all[path] == "" {
					all[path] = name
				}
			}
		}
		for _, inner := range b.Blocks {
			visit(inner.Body)
		}
	}
	for _, b := range e.module.blocks("resource") {
		if len(b.Labels) == 2 && b.Labels[0] == "elastigroup_deployment" {
			visit(b.Body)
		}
	}
	return all
}

func pathOf(t hcl.Traversal) string {
	var parts []string
	for _, step := range t {
		switch s := step.(type) {
		case hcl.TraverseRoot:
			parts = append(parts, s.Name)
		case hcl.TraverseAttr:
			parts = append(parts, s.Name)
		}
	}
	return strings.Join(parts, ".")
}

// written is a value in Terraform's language.
func written(v cty.Value) string {
	if !v.IsWhollyKnown() {
		return "null"
	}
	return string(hclwrite.TokensForValue(v).Bytes())
}
