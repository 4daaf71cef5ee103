package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot/fields"
)

const description = `{
  "paths": {
    "/aws/ec2/group": {"post": {"requestBody": {"$ref": "#/components/requestBodies/create"}}},
    "/aws/ec2/group/{groupId}": {"put": {"requestBody": {"content": {"application/json": {"schema": {"type": "object", "properties": {
      "group": {"type": "object", "properties": {"name": {"type": "integer"}, "onlyUpdated": {"type": "boolean"}, "updatedAt": {"type": "string"}}}
    }}}}}}}
  },
  "components": {
    "requestBodies": {"create": {"content": {"application/json": {"schema": {"allOf": [{"$ref": "#/components/schemas/wrapper~1v1"}]}}}}},
    "schemas": {
      "wrapper/v1": {"type": "object", "properties": {"group": {"$ref": "#/components/schemas/group"}}},
      "group": {"type": "object", "required": ["name", "list"], "properties": {
        "id": {"type": "string"},
        "name": {"type": "string", "required": true, "description": "The\n name"},
        "names": {"type": "array", "items": {"type": "string"}},
        "list": {"type": "array", "items": {"$ref": "#/components/schemas/element"}},
        "joined": {"type": "object", "allOf": [{"type": "object", "properties": {"a": {"type": "number", "minimum": 0.1, "maximum": 10}}}, {"required": ["a"]}]}
      }},
      "element": {"allOf": [{"type": "object", "properties": {"kind": {"type": "string", "enum": ["x", "y"], "default": "x"}}}]}
    }
  }
}`

func TestReduce(t *testing.T) {
	dictionary, err := reduce([]byte(description))
	if err != nil {
		t.Fatal(err)
	}
	low, high := 0.1, 10.0
	want := []fields.Fact{
		{Path: "joined", Type: fields.Object},
		{Path: "joined.a", Type: fields.Number, Minimum: &low, Maximum: &high},
		{Path: "list", Type: fields.List, Required: true},
		{Path: "list[].kind", Type: fields.String, Enum: []any{"x", "y"}, Default: "x"},
		{Path: "name", Type: fields.String, Required: true, Description: "The name"},
		{Path: "names", Type: fields.Strings},
		{Path: "onlyUpdated", Type: fields.Boolean},
	}
	if diff := cmp.Diff(want, dictionary.Fields); diff != "" {
		t.Errorf("want (-), got (+):\n%s", diff)
	}

	// What is written can be read, a field on each line.
	text := write(dictionary)
	var again fields.Description
	if err := json.Unmarshal(text, &again); err != nil || !cmp.Equal(again, dictionary) {
		t.Errorf("%v: %s", err, text)
	}
	if lines := strings.Count(string(text), "\n"); lines != len(want)+5 {
		t.Errorf("%d lines:\n%s", lines, text)
	}
}

func TestReduceSaysWhatIsWrong(t *testing.T) {
	for name, test := range map[string]struct{ old, new, says string }{
		"another file":            {description, `{}`, "post /aws/ec2/group"},
		"reference to nothing":    {`#/components/schemas/group`, `#/components/schemes/group/x`, "leads nowhere"},
		"list of what is unknown": {`"items": {"type": "string"}`, `"items": {"type": "integer"}`, `names is a list of "integer"`},
		"list of nothing":         {`"items": {"type": "string"}`, `"x": {}`, "names is a list of nothing"},
		"no group":                {`"group":`, `"grupp":`, "there is no group in it"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := reduce([]byte(strings.ReplaceAll(description, test.old, test.new)))
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("want %q, got %v", test.says, err)
			}
		})
	}
}
