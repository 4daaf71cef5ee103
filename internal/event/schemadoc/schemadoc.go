// Package schemadoc describes the schema of events for people: each event and object with its fields, what they mean and of which type they
// are. The guide "Events of a rollout" is made of it, and so is the JSON Schema ([File]).
package schemadoc

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
)

// Object is an event, or an object in one.
type Object struct {
	// Name is the event's own ("begun"), or the type's ("Step").
	Name string
	// Of is the Go type, and Means what it is, in a sentence without a full stop.
	Of    any
	Means string
	// Fields are in the order in which they are written.
	Fields []Field
}

// Field is one member of an object.
type Field struct {
	Name  string
	Means string
}

// Member is what the Go type says of a field.
type Member struct {
	Name     string
	Type     string // "string", "number", "list of [Group](#group)" …
	Optional bool   // it is left out where it says nothing
}

// Members are the fields of an object by its Go type, in order.
func (o Object) Members() []Member {
	var all []Member
	for _, f := range fieldsOf(reflect.TypeOf(o.Of)) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		m := Member{Name: name, Type: typeOf(f.Type), Optional: strings.Contains(options, "omitempty")}
		if _, failed := o.Of.(event.StepFailed); failed && name == "error" {
			m.Optional = true // a step_done that is no failure has none
		}
		all = append(all, m)
	}
	return all
}

// fieldsOf are the fields of a type, those of types in it included, in the order in which they are written.
func fieldsOf(t reflect.Type) []reflect.StructField {
	var all []reflect.StructField
	for f := range t.Fields() {
		if f.Anonymous {
			all = append(all, fieldsOf(f.Type)...)
			continue
		}
		all = append(all, f)
	}
	return all
}

func typeOf(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return "time"
	case t.Kind() == reflect.Pointer:
		return typeOf(t.Elem())
	case t.Kind() == reflect.Slice:
		return "list of " + typeOf(t.Elem())
	case t.Kind() == reflect.Struct:
		return fmt.Sprintf("[%s](#%s)", t.Name(), strings.ToLower(t.Name()))
	case t.Kind() == reflect.String:
		return "string"
	case t.Kind() == reflect.Bool:
		return "boolean"
	}
	return "number"
}

// Markdown is the part of the guide that is made of this: a heading and a table for each event, and then for each object.
func Markdown() string {
	var b strings.Builder
	b.WriteString("### Every event\n\n| Field | Type | Meaning |\n|---|---|---|\n")
	for _, f := range Head {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f[0], f[1], f[2])
	}
	for _, o := range Events {
		fmt.Fprintf(&b, "\n### `%s`\n\n%s.\n", o.Name, o.Means)
		o.table(&b)
	}
	b.WriteString("\n## Objects\n")
	for _, o := range Objects {
		fmt.Fprintf(&b, "\n### %s\n\n%s.\n", o.Name, o.Means)
		o.table(&b)
	}
	return b.String()
}

func (o Object) table(b *strings.Builder) {
	types := map[string]Member{}
	for _, m := range o.Members() {
		types[m.Name] = m
	}
	b.WriteString("\n| Field | Type | Meaning |\n|---|---|---|\n")
	for _, f := range o.Fields {
		m := types[f.Name]
		text := m.Type
		if m.Optional {
			text += ", optional"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", f.Name, text, f.Means)
	}
}

// Begin and End are around what is made of this in the guide's template.
const (
	Begin = "<!-- schema, made by go run ./internal/event/schemadoc/generate -->\n\n"
	End   = "\n<!-- end of schema -->"
)

// Into puts what is made of this into the guide's template.
func Into(template string) (string, error) {
	before, rest, found := strings.Cut(template, Begin)
	_, after, ended := strings.Cut(rest, End)
	if !found || !ended {
		return "", fmt.Errorf("the template has no %q and %q", strings.TrimSpace(Begin), strings.TrimSpace(End))
	}
	return before + Begin + Markdown() + End + after, nil
}
