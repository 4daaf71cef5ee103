package provider_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// Elements of lists and maps come of variables and of other resources, which may have no value. None of them may end in words of the
// framework about Go types ("Value Conversion Error … report this to the provider developer"): a null is refused where it stands, or means nothing.
func TestNullElementsAreRefusedWhereTheyStand(t *testing.T) {
	t.Log("promise: bad input is refused at its attribute")
	means := []string{"elastigroup_deployment.triggers"} // A null trigger is the same as none.
	s := providertest.Serve(t)
	ctx := context.Background()
	kinds := map[string]struct {
		schema   *tfprotov6.Schema
		validate func(config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic
	}{}
	add := func(name string, schema *tfprotov6.Schema, validate func(config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic) {
		kinds[name] = struct {
			schema   *tfprotov6.Schema
			validate func(config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic
		}{schema, validate}
	}
	add("provider", s.Schema.Provider, func(config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
		resp, err := s.ValidateProviderConfig(ctx, &tfprotov6.ValidateProviderConfigRequest{Config: config})
		if err != nil {
			t.Fatal(err)
		}
		return resp.Diagnostics
	})
	for name, schema := range s.Schema.DataSourceSchemas {
		add("data."+name, schema, func(config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
			resp, err := s.ValidateDataResourceConfig(ctx, &tfprotov6.ValidateDataResourceConfigRequest{TypeName: name, Config: config})
			if err != nil {
				t.Fatal(err)
			}
			return resp.Diagnostics
		})
	}
	for name, schema := range s.Schema.ResourceSchemas {
		add(name, schema, func(config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
			resp, err := s.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: name, Config: config})
			if err != nil {
				t.Fatal(err)
			}
			return resp.Diagnostics
		})
	}

	tried := 0
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		kind := kinds[name]
		for _, at := range collections(kind.schema.Block) {
			full := name + "." + strings.Join(at, ".")
			config, err := tfprotov6.NewDynamicValue(kind.schema.Block.ValueType(), withNullAt(kind.schema.Block, at))
			if err != nil {
				t.Fatal(full, err)
			}
			tried++
			refused := false
			for _, d := range kind.validate(&config) {
				if strings.Contains(d.Summary, "Conversion") {
					t.Errorf("%s: a null element is answered with words about Go types: %s", full, d.Summary)
				}
				refused = refused || strings.Contains(d.Detail, "is null") || strings.Contains(d.Detail, "has a null element") || strings.Contains(d.Detail, "has no value")
			}
			if want := !slices.Contains(means, full); refused != want {
				t.Errorf("%s: a null element is refused: %v, want %v", full, refused, want)
			}
		}
	}
	if tried < 10 {
		t.Errorf("only %d collections were found", tried)
	}
}

// collections are the lists, sets and maps of simple values that may be written in a block and what is in it.
func collections(block *tfprotov6.SchemaBlock) [][]string {
	var found [][]string
	for _, a := range block.Attributes {
		switch {
		case a.Type == nil || !a.Optional && !a.Required:
		case a.Type.Is(tftypes.List{}), a.Type.Is(tftypes.Set{}), a.Type.Is(tftypes.Map{}):
			found = append(found, []string{a.Name})
		}
	}
	for _, nested := range block.BlockTypes {
		for _, at := range collections(nested.Block) {
			found = append(found, append([]string{nested.TypeName}, at...))
		}
	}
	return found
}

// withNullAt is a block in which nothing is written but a collection with one element, which is null.
func withNullAt(block *tfprotov6.SchemaBlock, at []string) tftypes.Value {
	values := map[string]tftypes.Value{}
	for _, a := range block.Attributes {
		kind := a.ValueType()
		values[a.Name] = tftypes.NewValue(kind, nil)
		if a.Name != at[0] || len(at) > 1 {
			continue
		}
		switch kind := kind.(type) {
		case tftypes.List:
			values[a.Name] = tftypes.NewValue(kind, []tftypes.Value{tftypes.NewValue(kind.ElementType, nil)})
		case tftypes.Set:
			values[a.Name] = tftypes.NewValue(kind, []tftypes.Value{tftypes.NewValue(kind.ElementType, nil)})
		case tftypes.Map:
			values[a.Name] = tftypes.NewValue(kind, map[string]tftypes.Value{"a": tftypes.NewValue(kind.ElementType, nil)})
		}
	}
	for _, nested := range block.BlockTypes {
		kind := nested.ValueType()
		member := tftypes.Value{}
		if written := nested.TypeName == at[0]; written {
			member = withNullAt(nested.Block, at[1:])
		}
		switch {
		case nested.Nesting == tfprotov6.SchemaNestedBlockNestingModeSingle && member.Type() == nil:
			values[nested.TypeName] = tftypes.NewValue(kind, nil)
		case nested.Nesting == tfprotov6.SchemaNestedBlockNestingModeSingle:
			values[nested.TypeName] = member
		case member.Type() == nil:
			values[nested.TypeName] = tftypes.NewValue(kind, []tftypes.Value{})
		default:
			values[nested.TypeName] = tftypes.NewValue(kind, []tftypes.Value{member})
		}
	}
	return tftypes.NewValue(block.ValueType(), values)
}
