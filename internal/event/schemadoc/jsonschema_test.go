package schemadoc_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/event/schemadoc"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/timeline/timelinetest"
)

// compiled is the JSON Schema as a program reads it; with strict, one that lets nothing pass that it does not know.
func compiled(t *testing.T, strict bool) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemadoc.JSONSchema()))
	if err != nil {
		t.Fatal(err)
	}
	if strict {
		document.(map[string]any)["unevaluatedProperties"] = false
		defs := document.(map[string]any)["$defs"].(map[string]any)
		for _, o := range schemadoc.Objects {
			defs[o.Name].(map[string]any)["additionalProperties"] = false
		}
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(schemadoc.ID, document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(schemadoc.ID)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func valid(schema *jsonschema.Schema, line []byte) error {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

// Every event of every rollout, recorded or run now, is as the JSON Schema says, and has nothing that it does not name.
func TestRolloutsAreAsTheJSONSchemaSays(t *testing.T) {
	schema := compiled(t, true)
	seen := map[string]bool{}
	for _, kind := range timelinetest.Kinds() {
		for from, lines := range map[string][]byte{
			"recorded": timelinetest.Lines(t, timelinetest.Recorded(t, kind)), "run": timelinetest.Lines(t, timelinetest.Events(t, kind)),
		} {
			for line := range bytes.Lines(lines) {
				if err := valid(schema, line); err != nil {
					t.Errorf("%s, %s: %s%v", kind, from, line, err)
				}
				e, err := event.Parse(line)
				if err != nil {
					t.Fatal(err)
				}
				seen[e.Kind()] = true
			}
		}
	}
	for _, kind := range event.Kinds() {
		// Nothing gets in the way of these rollouts, and they ask nobody.
		if !seen[kind] && kind != "notice" && kind != "check" {
			t.Errorf("no rollout says %s: %v", kind, seen)
		}
	}
	for kind, fact := range map[string]event.Fact{
		"notice": event.Notice{What: "look_failed", Text: "t", InARow: 2, Error: "e"}, "empty": event.Ended{Groups: []event.Group{}},
		"check": event.Check{Name: "errors", At: "bake", Phase: 1, PhaseName: "10 %", Verdict: "bad", Words: "0.02, above 0.01", InARow: 1, Failures: 2, By: "promote"},
	} {
		if line, err := (event.Event{Fact: fact}).MarshalJSON(); err != nil || valid(schema, line) != nil {
			t.Errorf("%s: %s %v %v", kind, line, err, valid(schema, line))
		}
	}
}

// The JSON Schema notices what is no event of this version, and lets pass what later ones may add.
func TestTheJSONSchemaNotices(t *testing.T) {
	schema := compiled(t, false)
	var e map[string]any
	for line := range bytes.Lines(timelinetest.Lines(t, timelinetest.Recorded(t, "canary"))) {
		if strings.Contains(string(line), `"step":"resize"`) && strings.Contains(string(line), `"step_done"`) {
			if err := json.Unmarshal(line, &e); err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	for name, test := range map[string]struct {
		change map[string]any // nil takes one out
		valid  bool
	}{
		"as it is":               {nil, true},
		"a field more":           {map[string]any{"colour": "blue"}, true},
		"an event more":          {map[string]any{"event": "dances"}, true},
		"a failure":              {map[string]any{"error": "Spot refuses"}, true},
		"another version":        {map[string]any{"schema": 2}, false},
		"no time":                {map[string]any{"time": nil}, false},
		"a time of another kind": {map[string]any{"time": "yesterday"}, false},
		"no run":                 {map[string]any{"run": nil}, false},
		"a text for a number":    {map[string]any{"took": "3s"}, false},
		"no duration":            {map[string]any{"took": nil}, false},
		"half a phase":           {map[string]any{"phase": 1.5}, false},
		"half a size":            {map[string]any{"to": map[string]any{"target": 3}}, false},
		"an error of its own":    {map[string]any{"error": map[string]any{"code": 1}}, false},
	} {
		changed := maps.Clone(e)
		for k, v := range test.change {
			if changed[k] = v; v == nil {
				delete(changed, k)
			}
		}
		line, err := json.Marshal(changed)
		if err != nil {
			t.Fatal(err)
		}
		if err := valid(schema, line); (err == nil) != test.valid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
