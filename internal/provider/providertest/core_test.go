package providertest

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// TestDifferences is here because what is not seen by it no test of the provider would see.
func TestDifferences(t *testing.T) {
	of := tftypes.Object{AttributeTypes: map[string]tftypes.Type{
		"name": tftypes.String, "ids": tftypes.List{ElementType: tftypes.String},
		"in": tftypes.Object{AttributeTypes: map[string]tftypes.Type{"n": tftypes.Number}},
	}}
	known := Object{"name": "web", "ids": []any{"a"}, "in": Object{"n": 1}}
	for at, other := range map[string]Object{
		"":     {"name": "web", "ids": []any{"a"}, "in": Object{"n": 1}},
		"name": {"name": "api", "ids": []any{"a"}, "in": Object{"n": 1}},
		"ids":  {"name": "web", "ids": []any{"a", "b"}, "in": Object{"n": 1}},
		"in":   {"name": "web", "ids": []any{"a"}, "in": nil},
		"in.n": {"name": "web", "ids": []any{"a"}, "in": Object{"n": 2}},
	} {
		if got := strings.Join(Differences(Typed(t, of, known), Typed(t, of, other)), " "); got != at {
			t.Errorf("got %q, want %q", got, at)
		}
	}
	toCome := Object{"name": Unknown, "ids": []any{Unknown}, "in": nil}
	if got := strings.Join(Differences(Typed(t, of, toCome), Typed(t, of, known)), " "); got != "in" {
		t.Errorf("only what was known to be null can differ, not %q", got)
	}
}
