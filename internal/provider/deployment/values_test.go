package deployment_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// proposed is what Terraform's core proposes: the configuration, and where it is silent what was computed before.
func proposed(t testing.TB, schema *tfprotov6.Schema, prior, config tftypes.Value) tftypes.Value {
	t.Helper()
	return proposedBlock(t, schema.Block, prior, config)
}

func proposedBlock(t testing.TB, block *tfprotov6.SchemaBlock, prior, config tftypes.Value) tftypes.Value {
	t.Helper()
	if !config.IsKnown() || config.IsNull() {
		return config
	}
	merged := proposedMembers(t, block.Attributes, prior, config)
	for _, nested := range block.BlockTypes {
		wanted := memberOf(t, config, nested.TypeName)
		before := tftypes.NewValue(wanted.Type(), nil)
		if !prior.IsNull() && prior.IsKnown() {
			before = memberOf(t, prior, nested.TypeName)
		}
		if nested.Nesting != tfprotov6.SchemaNestedBlockNestingModeSingle {
			merged[nested.TypeName] = wanted // nothing in those of the provider is computed
			continue
		}
		merged[nested.TypeName] = proposedBlock(t, nested.Block, before, wanted)
	}
	return tftypes.NewValue(config.Type(), merged)
}

func proposedMembers(t testing.TB, attributes []*tfprotov6.SchemaAttribute, prior, config tftypes.Value) map[string]tftypes.Value {
	t.Helper()
	merged := map[string]tftypes.Value{}
	for _, a := range attributes {
		wanted := memberOf(t, config, a.Name)
		before := tftypes.NewValue(wanted.Type(), nil)
		if !prior.IsNull() && prior.IsKnown() {
			before = memberOf(t, prior, a.Name)
		}
		switch {
		case a.Computed && wanted.IsNull():
			merged[a.Name] = before
		case a.NestedType != nil && a.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeSingle && wanted.IsKnown() && !wanted.IsNull():
			merged[a.Name] = tftypes.NewValue(wanted.Type(), proposedMembers(t, a.NestedType.Attributes, before, wanted))
		default:
			merged[a.Name] = wanted
		}
	}
	return merged
}

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

// contradictions are the paths at which a plan is not what the user wrote. What the user left out may have a default.
func contradictions(t testing.TB, config, plan tftypes.Value) []string {
	t.Helper()
	return compare(t, config, plan, func(v tftypes.Value) bool { return !v.IsKnown() || v.IsNull() })
}

// differences are the paths at which something that was known beforehand became something else.
func differences(t testing.TB, before, after tftypes.Value) []string {
	t.Helper()
	return compare(t, before, after, func(v tftypes.Value) bool { return !v.IsKnown() })
}

func compare(t testing.TB, before, after tftypes.Value, open func(tftypes.Value) bool) []string {
	t.Helper()
	var paths []string
	var walk func(path string, a, b tftypes.Value)
	walk = func(path string, a, b tftypes.Value) {
		if open(a) || a.Equal(b) {
			return
		}
		var from, to map[string]tftypes.Value
		if a.Type().Is(tftypes.Object{}) && !a.IsNull() && b.IsKnown() && !b.IsNull() && a.As(&from) == nil && b.As(&to) == nil {
			for name, member := range from {
				walk(strings.TrimPrefix(path+"."+name, "."), member, to[name])
			}
			return
		}
		if a.Type().Is(tftypes.Map{}) && !a.IsNull() && b.IsKnown() && !b.IsNull() && a.As(&from) == nil && b.As(&to) == nil && len(from) == len(to) {
			for key, member := range from {
				if _, ok := to[key]; !ok {
					paths = append(paths, path)
					return
				}
				walk(path, member, to[key])
			}
			return
		}
		var fromList, toList []tftypes.Value
		if a.Type().Is(tftypes.List{}) && !a.IsNull() && b.IsKnown() && !b.IsNull() && a.As(&fromList) == nil && b.As(&toList) == nil && len(fromList) == len(toList) {
			for n := range fromList {
				walk(path, fromList[n], toList[n])
			}
			return
		}
		paths = append(paths, path)
	}
	walk("", before, after)
	slices.Sort(paths)
	return slices.Compact(paths)
}

// TestDifferences keeps the driver honest: what it does not see, no test here would.
func TestDifferences(t *testing.T) {
	of := tftypes.Object{AttributeTypes: map[string]tftypes.Type{
		"name": tftypes.String, "ids": tftypes.List{ElementType: tftypes.String},
		"in": tftypes.Object{AttributeTypes: map[string]tftypes.Type{"n": tftypes.Number}},
	}}
	known := object{"name": "web", "ids": []any{"a"}, "in": object{"n": 1}}
	for at, other := range map[string]object{
		"":     {"name": "web", "ids": []any{"a"}, "in": object{"n": 1}},
		"name": {"name": "api", "ids": []any{"a"}, "in": object{"n": 1}},
		"ids":  {"name": "web", "ids": []any{"a", "b"}, "in": object{"n": 1}},
		"in":   {"name": "web", "ids": []any{"a"}, "in": nil},
		"in.n": {"name": "web", "ids": []any{"a"}, "in": object{"n": 2}},
	} {
		if got := strings.Join(differences(t, providertest.Typed(t, of, known), providertest.Typed(t, of, other)), " "); got != at {
			t.Errorf("got %q, want %q", got, at)
		}
	}
	toCome := object{"name": unknown, "ids": []any{unknown}, "in": nil}
	if got := strings.Join(differences(t, providertest.Typed(t, of, toCome), providertest.Typed(t, of, known)), " "); got != "in" {
		t.Errorf("only what was known to be null can differ, not %q", got)
	}
	if got := contradictions(t, providertest.Typed(t, of, toCome), providertest.Typed(t, of, known)); len(got) > 0 {
		t.Errorf("what was not written cannot be contradicted: %v", got)
	}
}
