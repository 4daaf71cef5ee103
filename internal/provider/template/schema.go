package template

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// arguments are the attributes and blocks of a block.
func arguments(block *Field) (map[string]schema.Attribute, map[string]schema.Block) {
	attributes, blocks := map[string]schema.Attribute{}, map[string]schema.Block{}
	block.Arguments(func(f *Field) {
		if !f.Block() {
			attributes[f.Name] = f.attribute()
			return
		}
		members, nested := arguments(f)
		if f.Kind == Object {
			blocks[f.Name] = schema.SingleNestedBlock{MarkdownDescription: f.Markdown(), Attributes: members, Blocks: nested}
			return
		}
		blocks[f.Name] = schema.ListNestedBlock{
			MarkdownDescription: f.Markdown(),
			NestedObject:        schema.NestedBlockObject{Attributes: members, Blocks: nested},
		}
	})
	return attributes, blocks
}

func (f *Field) attribute() schema.Attribute {
	// The framework demands what a single block requires even where there is no such block, so that Check does it there.
	description, required := f.Markdown(), f.Demanded() && f.parent.Kind == List
	switch f.Kind {
	case Integer, Number:
		return schema.NumberAttribute{Required: required, Optional: !required, MarkdownDescription: description}
	case Boolean:
		return schema.BoolAttribute{Required: required, Optional: !required, MarkdownDescription: description}
	case Strings:
		return schema.ListAttribute{Required: required, Optional: !required, ElementType: types.StringType, MarkdownDescription: description}
	}
	return schema.StringAttribute{Required: required, Optional: !required, MarkdownDescription: description}
}

// Markdown is what the documentation says of the argument: what it is for, what it may be, and what it is otherwise.
func (f *Field) Markdown() string {
	parts := []string{f.Text}
	if f.Demanded() && (f.Block() || f.parent.Kind == Object) {
		parts = append(parts, "Required.")
	}
	if len(f.Enum) > 0 {
		values := make([]string, len(f.Enum))
		for i, value := range f.Enum {
			values[i] = fmt.Sprintf("`%v`", value)
		}
		parts = append(parts, "One of "+strings.Join(values, ", ")+".")
	}
	if f.Minimum != nil || f.Maximum != nil {
		bounds := f.bounds()
		parts = append(parts, strings.ToUpper(bounds[:1])+bounds[1:]+".")
	}
	if f.Default != "" {
		parts = append(parts, "Left out, it is `"+f.Default+"`.")
	}
	if others := f.NotWith(); len(others) > 0 {
		names := make([]string, len(others))
		for i, other := range others {
			names[i] = "`" + other.Name + "`"
		}
		parts = append(parts, "Not with "+strings.Join(names, " or ")+".")
	}
	if f.Kind == List {
		parts = append(parts, "Any number of blocks, in their order.")
	}
	return strings.Join(parts, " ")
}
