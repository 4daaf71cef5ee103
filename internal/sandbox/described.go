package sandbox

import (
	"encoding/json"
	"reflect"
)

// Object is an object of the world file, for its schema and its reference.
type Object struct {
	// GoName is the name of the Go type that it is read into.
	GoName  string
	Members []Member
}

// Member is a member of an object.
type Member struct {
	Name string
	// GoName and GoType are the field's name and the type that declares it, where its comment stands.
	GoName, GoType string
	// Type is "string", "boolean", "integer", "number", "duration", "sample" (a number or its text), "strings" (an object of strings), "object" (of
	// anything), "any" (any JSON), "document" (an Elastigroup's), or the GoName of another object. List tells that it is a list of these.
	Type string
	List bool
	// Least and Most bound numbers and durations; "" is no bound. OneOf are all values that there are, nil where they cannot be told.
	Least, Most string
	OneOf       []string
	// Default is the value of what is left out, "" where it is nothing or depends on something.
	Default  string
	Required bool
}

// Objects are the objects of the world file, the whole of it first, each before those that are in it.
func Objects() []Object {
	var all []Object
	seen := map[reflect.Type]bool{}
	var visit func(reflect.Type)
	visit = func(t reflect.Type) {
		if seen[t] {
			return
		}
		seen[t] = true
		o := Object{GoName: t.Name()}
		var within []reflect.Type
		for _, m := range declared(t) {
			described, of := describe(m)
			o.Members = append(o.Members, described)
			if of != nil {
				within = append(within, of)
			}
		}
		all = append(all, o)
		for _, t := range within {
			visit(t)
		}
	}
	visit(reflect.TypeFor[Config]())
	return all
}

// describe answers the struct that the member is, too, nil if it is none.
func describe(m declaredMember) (Member, reflect.Type) {
	b := boundsOf[m.key()]
	d := Member{Name: m.name, GoName: m.goName, GoType: m.by.Name(), Least: b.least, Most: b.most, OneOf: b.oneOf, Default: b.standard, Required: b.required}
	t := m.kind
	if t.Kind() == reflect.Slice && t != reflect.TypeFor[json.RawMessage]() {
		d.List, t = true, t.Elem()
	}
	switch {
	case t == reflect.TypeFor[Duration]():
		d.Type = "duration"
	case t == reflect.TypeFor[Sample]():
		d.Type = "sample"
	case m.by == reflect.TypeFor[FunctionConfig]() && t == reflect.TypeFor[json.RawMessage]():
		d.Type = "any"
	case t == reflect.TypeFor[json.RawMessage]():
		d.Type = "document"
	case t.Kind() == reflect.Struct:
		d.Type = t.Name()
		return d, t
	case t.Kind() == reflect.Map && t.Elem().Kind() == reflect.String:
		d.Type = "strings"
	case t.Kind() == reflect.Map:
		d.Type = "object"
	default:
		d.Type = map[reflect.Kind]string{reflect.Bool: "boolean", reflect.Int: "integer", reflect.Float64: "number"}[t.Kind()]
		if d.Type == "" {
			d.Type = "string"
		}
	}
	return d, nil
}
