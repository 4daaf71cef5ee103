package convert

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/template"
)

func mapKeys(object map[string]any) iter.Seq[string] { return maps.Keys(object) }

// split tells what arguments can say of an object from what only JSON can, and makes values of the kinds that the arguments have.
func (c *conversion) split(f *template.Field, object map[string]any, at template.Place) (known, unknown map[string]any, err error) {
	known, unknown = map[string]any{}, map[string]any{}
	for _, key := range slices.Sorted(mapKeys(object)) {
		value, here, child := object[key], at.At(key), f.Member(key)
		switch {
		case child == nil || child.Omit != "":
			unknown[key] = value
			c.because(here, "elastigroup_template has no argument for it")
			continue
		case isBare(value):
			if child.Block() {
				unknown[key] = value
				c.because(here, "Harness puts all of it in")
				continue
			}
		case child.Kind == template.Object:
			inner, ok := value.(map[string]any)
			if !ok {
				return nil, nil, c.source.errorAt(here, "is %s; it has to be an object", kindOf(value))
			}
			arguments, others, err := c.split(child, inner, here)
			if err != nil {
				return nil, nil, err
			}
			if len(others) > 0 {
				unknown[key] = others
			}
			switch {
			case len(arguments) > 0 || !child.Inline && len(others) == 0:
				known[key] = arguments
			case len(inner) == 0:
				c.leave(here, "empty")
			}
			continue
		case child.Kind == template.List:
			list, ok := value.([]any)
			if !ok {
				return nil, nil, c.source.errorAt(here, "is %s; it has to be a list of objects", kindOf(value))
			}
			whole, err := c.splitList(child, list, here)
			if err != nil {
				return nil, nil, err
			}
			switch {
			case whole == nil:
				unknown[key] = value
			case len(list) == 0:
				c.leave(here, "empty")
			default:
				known[key] = whole
			}
			continue
		}
		if fitted := fit(child.Kind, value); fitted != nil {
			known[key] = fitted
			continue
		}
		if composite(value) != (child.Kind == template.Strings) {
			return nil, nil, c.source.errorAt(here, "is %s; it has to be %s", kindOf(value), wants(child.Kind))
		}
		unknown[key] = value
		c.because(here, "it is %s, and the argument takes %s", kindOf(value), wants(child.Kind))
	}
	return known, unknown, nil
}

// splitList is a list of objects as arguments, or nil if an element has what no argument says: override_json has lists as a whole.
func (c *conversion) splitList(f *template.Field, list []any, at template.Place) ([]any, error) {
	whole := make([]any, len(list))
	left := len(c.left)
	for i, element := range list {
		object, ok := element.(map[string]any)
		if !ok {
			if isBare(element) {
				c.because(at.At(i), "Harness puts all of it in")
				return nil, nil
			}
			return nil, c.source.errorAt(at.At(i), "is %s; it has to be an object", kindOf(element))
		}
		known, unknown, err := c.split(f, object, at.At(i))
		if err != nil {
			return nil, err
		}
		if len(unknown) > 0 {
			c.left = c.left[:left] // nothing is left out of it then
			return nil, nil
		}
		whole[i] = known
	}
	return whole, nil
}

func isBare(value any) bool {
	p, ok := value.(*placeholder)
	return ok && p.bare
}

func composite(value any) bool {
	switch value.(type) {
	case []any, map[string]any:
		return true
	}
	return false
}

func wants(kind template.Kind) string {
	switch kind {
	case template.Integer:
		return "a whole number"
	case template.Number:
		return "a number"
	case template.Boolean:
		return "true or false"
	case template.Strings:
		return "a list of texts"
	case template.Expression:
		return "a number or an expression"
	}
	return "text"
}

var numeral = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,20})?$`) })

// fit makes a value of the kind that an argument has, nil if it cannot be one. Spot itself answers numbers and booleans as text.
func fit(kind template.Kind, value any) any {
	if _, ok := value.(*placeholder); ok {
		return value
	}
	text, isText := value.(string)
	number, isNumber := value.(json.Number)
	_, isBool := value.(bool)
	switch kind {
	case template.String:
		if isText || isNumber || isBool {
			return fmt.Sprint(value)
		}
	case template.Boolean:
		if isBool {
			return value
		}
		if text == "true" || text == "false" {
			return text == "true"
		}
	case template.Integer, template.Number:
		if isText && numeral().MatchString(text) {
			number, isNumber = json.Number(text), true
		}
		if isNumber {
			return shortest(number)
		}
	case template.Expression:
		if isText && !numeral().MatchString(text) {
			return text
		}
		if isText || isNumber {
			return shortest(json.Number(fmt.Sprint(value)))
		}
	case template.Strings:
		list, ok := value.([]any)
		if !ok {
			return nil
		}
		texts := make([]any, len(list))
		for i, element := range list {
			if texts[i] = fit(template.String, element); texts[i] == nil {
				return nil
			}
		}
		return texts
	}
	return nil
}

// shortest spells a whole number without what tools add, 120.0 and 1.2e2.
func shortest(number json.Number) json.Number {
	if exact, ok := new(big.Rat).SetString(number.String()); ok && exact.IsInt() {
		return json.Number(exact.Num().String())
	}
	return number
}

// settle moves into the override whatever the data source would refuse, until nothing is left that it would.
func (c *conversion) settle(known, unknown map[string]any) {
	for {
		problems := template.Check(unknownOf(known).(map[string]any), nil, unknownOf(unknown).(map[string]any), len(unknown) > 0)
		if len(problems) == 0 {
			return
		}
		moved := false
		for _, problem := range problems {
			moved = c.move(known, unknown, problem) || moved
		}
		if !moved {
			return // what is missing is nowhere; Terraform will say it
		}
	}
}

// move takes the value that a problem is about out of the arguments, with the whole list around it.
func (c *conversion) move(known, unknown map[string]any, problem template.Problem) bool {
	from, to := known, unknown
	for i, step := range problem.At {
		key := step.(string)
		value, there := from[key]
		if !there {
			return false // it went with another problem
		}
		inner, object := value.(map[string]any)
		if i+1 == len(problem.At) || inList(problem.At, i) || !object {
			delete(from, key)
			if under, ok := to[key].(map[string]any); ok && object {
				value = template.Merge(inner, under)
			}
			to[key] = value
			c.because(problem.At, "%s", strings.TrimSuffix(problem.Detail, "."))
			return true
		}
		under, ok := to[key].(map[string]any)
		if !ok {
			under = map[string]any{}
			to[key] = under
		}
		from, to = inner, under
	}
	return false
}

// inList tells whether the step behind one is into a list.
func inList(at template.Place, i int) bool {
	if i+1 >= len(at) {
		return false
	}
	_, index := at[i+1].(int)
	return index
}

// unknownOf is a value with what is not known yet in place of placeholders and references.
func unknownOf(value any) any {
	switch v := value.(type) {
	case *placeholder, reference:
		return template.Unknown
	case map[string]any:
		copied := map[string]any{}
		for key, inner := range v {
			copied[key] = unknownOf(inner)
		}
		return copied
	case []any:
		copied := make([]any, len(v))
		for i, inner := range v {
			copied[i] = unknownOf(inner)
		}
		return copied
	}
	return value
}
