package deployment_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// withoutWriteOnly is a value in which write-only attributes are null, as they have to be but in a configuration.
func withoutWriteOnly(t testing.TB, schema *tfprotov6.Schema, of tftypes.Value) tftypes.Value {
	t.Helper()
	return blockWithoutWriteOnly(t, schema.Block, of)
}

func blockWithoutWriteOnly(t testing.TB, block *tfprotov6.SchemaBlock, of tftypes.Value) tftypes.Value {
	t.Helper()
	if of.IsNull() || !of.IsKnown() {
		return of
	}
	var members map[string]tftypes.Value
	if err := of.As(&members); err != nil {
		t.Fatal(err)
	}
	members = maps.Clone(members) // what As gives is the value's own
	for _, a := range block.Attributes {
		if a.WriteOnly {
			members[a.Name] = tftypes.NewValue(members[a.Name].Type(), nil)
		}
	}
	for _, nested := range block.BlockTypes {
		value := members[nested.TypeName]
		if nested.Nesting == tfprotov6.SchemaNestedBlockNestingModeSingle {
			members[nested.TypeName] = blockWithoutWriteOnly(t, nested.Block, value)
			continue
		}
		if nested.Nesting != tfprotov6.SchemaNestedBlockNestingModeList || value.IsNull() || !value.IsKnown() {
			continue // sets have none
		}
		var elements, without []tftypes.Value
		if err := value.As(&elements); err != nil {
			t.Fatal(err)
		}
		for _, element := range elements {
			without = append(without, blockWithoutWriteOnly(t, nested.Block, element))
		}
		members[nested.TypeName] = tftypes.NewValue(value.Type(), without)
	}
	return tftypes.NewValue(of.Type(), members)
}

// notesOf are what is kept beside a state, each under its name, and in base64.
func notesOf(private []byte) string {
	var all map[string][]byte
	if json.Unmarshal(private, &all) != nil {
		return string(private)
	}
	text := ""
	for _, name := range slices.Sorted(maps.Keys(all)) {
		text += name + ": " + string(all[name]) + "\n"
	}
	return text
}

// memberOf is a member of an object.
func memberOf(t testing.TB, of tftypes.Value, name string) tftypes.Value {
	t.Helper()
	var members map[string]tftypes.Value
	if err := of.As(&members); err != nil {
		t.Fatal(err)
	}
	member, ok := members[name]
	if !ok {
		t.Fatalf("there is no %q in %s", name, of)
	}
	return member
}
