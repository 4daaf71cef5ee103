package schemadoc

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
)

// File is where the JSON Schema is in the repository, and ID its name, where it can be fetched.
const (
	File = "schema/events.schema.json"
	ID   = "https://raw.githubusercontent.com/elastigroup/terraform-provider-elastigroup/main/" + File
)

// JSONSchema is the schema of one event, in JSON Schema's draft 2020-12. Like the schema itself it lets pass what it does not know: fields, and
// events.
func JSONSchema() []byte {
	head := object{"type": "object", "required": []string{}, "properties": object{}}
	for _, f := range Head {
		of := object{"type": map[string]string{"number": "integer"}[f[1]], "description": sentence(f[2])}
		switch {
		case f[0] == "schema":
			of["const"] = event.Schema
		case f[1] == "time":
			of["type"], of["format"] = "string", "date-time"
		case f[1] == "string":
			of["type"] = "string"
		}
		head["properties"].(object)[f[0]] = of
		head["required"] = append(head["required"].([]string), f[0])
	}
	kinds, defs := []object{}, object{}
	for _, o := range Events {
		defs[o.Name] = o.definition()
		kinds = append(kinds, object{
			"if":   object{"properties": object{"event": object{"const": o.Name}}},
			"then": object{"$ref": "#/$defs/" + o.Name},
		})
	}
	for _, o := range Objects {
		defs[o.Name] = o.definition()
	}
	head["$schema"], head["$id"], head["title"] = "https://json-schema.org/draft/2020-12/schema", ID, "Event of a rollout"
	head["description"] = "One line of an event log of terraform-provider-elastigroup, and what is posted to a webhook."
	head["allOf"], head["$defs"] = kinds, defs

	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(head) // maps of texts are always JSON
	return b.Bytes()
}

type object = map[string]any

// definition is an event or object as JSON Schema has it.
func (o Object) definition() object {
	properties, required := object{}, []string{}
	fields := fieldsOf(reflect.TypeOf(o.Of))
	for i, m := range o.Members() {
		of := typed(fields[i].Type)
		if at := slices.IndexFunc(o.Fields, func(f Field) bool { return f.Name == m.Name }); at >= 0 {
			of["description"] = sentence(o.Fields[at].Means)
		}
		properties[m.Name] = of
		if !m.Optional {
			required = append(required, m.Name)
		}
	}
	return object{"type": "object", "description": sentence(o.Means), "properties": properties, "required": required}
}

// sentence is a meaning as a sentence, without Markdown's marks.
func sentence(means string) string { return strings.ReplaceAll(means, "`", "\"") + "." }

// typed is what a value of a Go type is in JSON.
func typed(t reflect.Type) object {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case t.Kind() == reflect.Pointer:
		return typed(t.Elem())
	case t.Kind() == reflect.Slice:
		return object{"type": "array", "items": typed(t.Elem())}
	case t.Kind() == reflect.Struct:
		return object{"$ref": "#/$defs/" + t.Name()}
	case t.Kind() == reflect.String:
		return object{"type": "string"}
	case t.Kind() == reflect.Bool:
		return object{"type": "boolean"}
	case t.Kind() == reflect.Float64:
		return object{"type": "number"}
	}
	return object{"type": "integer"}
}
