package template

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Problem is something that is wrong with a document.
type Problem struct {
	// At is where, With what else has to do with it.
	At   Place
	With []Place
	// Summary and Detail say it, in the names of the arguments.
	Summary, Detail string
}

// Check finds what is wrong with the document that arguments make: values that are none, what is missing, what cannot stand
// together, also beside the source and the override. Partial tells that these may have what the arguments lack. It says
// nothing of what the source and the override say by themselves: a deployment does.
func Check(written, source, override map[string]any, partial bool) []Problem {
	c := &checker{document: written, partial: partial}
	c.object(Root(), written, nil)
	c.beside(Root(), written, source, override, nil)
	for _, rule := range rules {
		rule(c)
	}
	return c.problems
}

// checker collects problems.
type checker struct {
	document map[string]any
	partial  bool
	problems []Problem
}

// say notes a problem at a place. The detail is a sentence without its beginning, which names the argument.
func (c *checker) say(at Place, format string, a ...any) *Problem {
	name := at.name()
	c.problems = append(c.problems, Problem{
		At: at, Summary: "Invalid " + name[strings.LastIndexByte(name, '.')+1:], Detail: name + " " + fmt.Sprintf(format, a...) + ".",
	})
	return &c.problems[len(c.problems)-1]
}

// with names what else has to do with a problem.
func (p *Problem) with(places ...Place) { p.With = append(p.With, places...) }

// name is the argument at a place: "scaling_up_policy.metric_name".
func (p Place) name() string {
	names := strings.Split(p.argument().String(), ".")
	for i, name := range names {
		if bracket := strings.IndexByte(name, '['); bracket >= 0 {
			names[i] = name[:bracket]
		}
	}
	return strings.Join(names, ".")
}

// object judges the members of an object: each by itself, what is missing, and what excludes something else.
func (c *checker) object(f *Field, object map[string]any, at Place) {
	for _, child := range f.Children {
		value, here := object[child.Key], at.At(child.Key)
		if child.Omit != "" {
			continue
		}
		if value == nil {
			if child.Required && !child.Inline && !f.Inline && f.parent != nil {
				c.problems = append(c.problems, Problem{At: at, Summary: "Missing " + child.Name,
					Detail: fmt.Sprintf("%s needs %s.", at.name(), child.Name)})
			}
			continue
		}
		for _, key := range child.notWith {
			if object[key] != nil {
				other := f.child(key)
				c.say(here, "cannot stand beside %s: one of the two", other.Name).with(at.At(key))
			}
		}
		c.value(child, value, here)
	}
}

func (c *checker) value(f *Field, value any, at Place) {
	switch value := value.(type) {
	case unknownValue:
		return
	case map[string]any:
		if f.Kind == Object {
			c.object(f, value, at)
			return
		}
	case []any:
		if f.Kind == List {
			for i, element := range value {
				if object, ok := element.(map[string]any); ok {
					c.object(f, object, at.At(i))
				}
			}
			return
		}
		for i, element := range value {
			if _, unknown := element.(unknownValue); unknown {
				continue
			}
			if element == nil {
				c.say(at.At(i), "has a null element, which is no text")
			} else if wrong := f.Refuse([]any{element}); wrong != "" {
				c.say(at.At(i), "%s", wrong)
			}
		}
		return
	}
	if wrong := f.Refuse(value); wrong != "" {
		c.say(at, "%s", wrong)
	}
}

// beside finds arguments that exclude what the source or the override has.
func (c *checker) beside(f *Field, written, source, override map[string]any, at Place) {
	for _, child := range f.Children {
		value := written[child.Key]
		if value == nil {
			continue
		}
		for _, other := range child.NotWith() {
			name, there := "", false
			switch over, said := override[other.Key]; {
			case written[other.Key] != nil:
			case said:
				name, there = overrideJSON, over != nil
			default:
				name, there = sourceJSON, source[other.Key] != nil
			}
			// The override may take the argument's own value away.
			if own, said := override[child.Key]; there && (!said || own != nil) {
				c.say(at.At(child.Key), "cannot stand beside %s, which %s has: one of the two (null in override_json takes a value away)",
					at.At(other.Key), name)
			}
		}
		if inner, ok := value.(map[string]any); ok && child.Kind == Object {
			below := func(document map[string]any) map[string]any {
				object, _ := document[child.Key].(map[string]any)
				return object
			}
			c.beside(child, inner, below(source), below(override), at.At(child.Key))
		}
	}
}

// get is the value at a place of what is written, nil if there is none or it is not known.
func (c *checker) get(at Place) any {
	var value any = c.document
	for _, step := range at {
		switch step := step.(type) {
		case string:
			object, _ := value.(map[string]any)
			value = object[step]
		case int:
			list, _ := value.([]any)
			if step >= len(list) {
				return nil
			}
			value = list[step]
		}
	}
	if _, unknown := value.(unknownValue); unknown {
		return nil
	}
	return value
}

// has tells whether something is written at a place, known or not.
func (c *checker) has(at Place) bool {
	object, _ := c.get(at[:len(at)-1]).(map[string]any)
	key, _ := at[len(at)-1].(string)
	return object[key] != nil
}

// text is the text at a place, "" if there is none or it is not known.
func (c *checker) text(at Place) string {
	text, _ := c.get(at).(string)
	return text
}

// list is the list at a place. It answers false if it, or an element of it, is not known.
func (c *checker) list(at Place) ([]any, bool) {
	if !c.has(at) {
		return nil, true
	}
	list, ok := c.get(at).([]any)
	return list, ok && !slices.ContainsFunc(list, func(element any) bool { _, unknown := element.(unknownValue); return unknown })
}

// each calls back with the place of every object in a list.
func (c *checker) each(at Place, do func(Place)) {
	list, _ := c.get(at).([]any)
	for i, element := range list {
		if _, ok := element.(map[string]any); ok {
			do(at.At(i))
		}
	}
}

// ordered wants the numbers at places to rise, as far as they are there.
func (c *checker) ordered(places ...Place) {
	for i, low := range places {
		for _, high := range places[i+1:] {
			a, ok := rational(c.get(low))
			b, ok2 := rational(c.get(high))
			if ok && ok2 && a.Cmp(b) > 0 {
				c.say(low, "is %s, more than %s, which is %s", c.get(low).(json.Number), high.name(), c.get(high).(json.Number)).with(high)
				return
			}
		}
	}
}
