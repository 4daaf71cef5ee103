package provider_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// Terraform drops names that it does not know from a nested attribute without a word, so that a gate that is misspelt there is
// one that is left out: https://github.com/hashicorp/terraform/issues/33570. In a block it refuses them. Where all members are
// required a misspelt one is missed, and where none can be written there is nothing to misspell.
func TestNothingOptionalIsInANestedAttribute(t *testing.T) {
	s := providertest.Serve(t)
	blocks := map[string]*tfprotov6.SchemaBlock{"provider": s.Schema.Provider.Block}
	for name, schema := range s.Schema.DataSourceSchemas {
		blocks["data."+name] = schema.Block
	}
	for name, schema := range s.Schema.ResourceSchemas {
		blocks[name] = schema.Block
	}
	seen := 0
	for _, name := range slices.Sorted(maps.Keys(blocks)) {
		for _, at := range lenient(name, blocks[name], &seen) {
			t.Errorf("%s may be left out, in a nested attribute: a name misspelt there is dropped without a word. Make it a block", at)
		}
	}
	if seen == 0 {
		t.Error("there is no nested attribute at all, so that this looks at nothing")
	}
}

// The walk finds what it is there for.
func TestTheWalkNoticesWhatMayBeMisspelt(t *testing.T) {
	t.Log("promise: a typo disarms nothing")
	alarms := &tfprotov6.SchemaAttribute{Name: "alarms", Optional: true}
	size := &tfprotov6.SchemaAttribute{Name: "size", Required: true}
	nested := func(name string, members ...*tfprotov6.SchemaAttribute) *tfprotov6.SchemaAttribute {
		return &tfprotov6.SchemaAttribute{Name: name, Optional: true, NestedType: &tfprotov6.SchemaObject{Attributes: members}}
	}
	for want, block := range map[string]*tfprotov6.SchemaBlock{
		"":                  {Attributes: []*tfprotov6.SchemaAttribute{alarms, nested("capacity", size)}},
		"r.verify.alarms":   {Attributes: []*tfprotov6.SchemaAttribute{nested("verify", size, alarms)}},
		"r.a.verify.alarms": {Attributes: []*tfprotov6.SchemaAttribute{nested("a", &tfprotov6.SchemaAttribute{Name: "verify", Required: true, NestedType: nested("", alarms).NestedType})}},
		"r.b.verify.alarms": {BlockTypes: []*tfprotov6.SchemaNestedBlock{{TypeName: "b", Block: &tfprotov6.SchemaBlock{Attributes: []*tfprotov6.SchemaAttribute{nested("verify", alarms)}}}}},
	} {
		var seen int
		got := ""
		for _, at := range lenient("r", block, &seen) {
			got += at
		}
		if got != want {
			t.Errorf("found %q, want %q", got, want)
		}
	}
}

// lenient are the members of nested attributes that may be written and may be left out.
func lenient(at string, block *tfprotov6.SchemaBlock, seen *int) []string {
	var found []string
	var walk func(at string, attributes []*tfprotov6.SchemaAttribute, nested bool)
	walk = func(at string, attributes []*tfprotov6.SchemaAttribute, nested bool) {
		for _, a := range attributes {
			at := at + "." + a.Name
			if a.NestedType != nil {
				*seen++
				walk(at, a.NestedType.Attributes, true)
			}
			if nested && a.Optional {
				found = append(found, at)
			}
		}
	}
	walk(at, block.Attributes, false)
	for _, b := range block.BlockTypes {
		found = append(found, lenient(at+"."+b.TypeName, b.Block, seen)...)
	}
	return found
}
