package sandbox

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// element is an XML element: either children or text.
type element struct {
	name     string
	xmlns    string
	text     string
	children []element
}

// leaf is an element with text: a string, a number or a bool.
func leaf(name string, value any) element { return element{name: name, text: fmt.Sprint(value)} }

// parent is an element with children.
func parent(name string, children ...element) element { return element{name: name, children: children} }

// members is a list as the Query protocol has it.
func members(name string, items []element) element { return list(name, "member", items) }

// list is an element with one child for each item, all of one name.
func list(name, each string, items []element) element {
	for i := range items {
		items[i].name = each
	}
	return element{name: name, children: items}
}

// leaves are elements without a name yet, for list.
func leaves(values []string) []element {
	all := make([]element, len(values))
	for i, value := range values {
		all[i].text = value
	}
	return all
}

// optional is the leaf in a slice of one, or none for an empty value.
func optional(name, value string) []element {
	if value == "" {
		return nil
	}
	return []element{leaf(name, value)}
}

func (e element) in(namespace string) element {
	e.xmlns = namespace
	return e
}

func (e element) write(b *strings.Builder) {
	b.WriteString("<" + e.name)
	if e.xmlns != "" {
		b.WriteString(` xmlns="` + e.xmlns + `"`)
	}
	b.WriteString(">")
	xml.EscapeText(b, []byte(e.text))
	for _, child := range e.children {
		child.write(b)
	}
	b.WriteString("</" + e.name + ">")
}

func writeXML(rw http.ResponseWriter, status int, root element) {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	root.write(&b)
	rw.Header().Set("Content-Type", "text/xml")
	rw.WriteHeader(status)
	io.WriteString(rw, b.String())
}
