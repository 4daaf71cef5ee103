package template

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot/fields"
)

// Kind is what a field's value is.
type Kind = fields.Kind

// The kinds of values.
const (
	String     = fields.String
	Integer    = fields.Integer
	Number     = fields.Number
	Boolean    = fields.Boolean
	Strings    = fields.Strings
	Expression = fields.Expression
	Object     = fields.Object
	List       = fields.List
)

// Field is a field of an Elastigroup's document: where it stands there, and what it is as an argument. Objects and lists of
// objects are blocks; an object that is inlined has no block, and its members are arguments of the block around it.
type Field struct {
	// Key is its name in the document, Path leads there from the top, with [] after each list: "scaling.up[].metricName".
	Key, Path string
	// Name is the argument's, unless it is inlined or omitted.
	Name string
	// Kind is what its value is.
	Kind Kind
	// Inline tells that its members are arguments of the block around it.
	Inline bool
	// Omit says why it is no argument: "secret", "ignored", "misspelt", "rare".
	Omit string
	// Required tells whether an object that is there must have it. It does not hold where source_json or override_json may
	// have it: see Demanded.
	Required bool
	// Enum are the only values it may have, if there are any; Minimum and Maximum are the bounds of a number.
	Enum             []any
	Minimum, Maximum *float64
	// Default is what Spot takes for it when it is left out, if that is known.
	Default string
	// Text says what it is for.
	Text string
	// Children are its members, by Path.
	Children []*Field

	parent   *Field
	prefix   string
	spotinst string
	notWith  []string
}

// Block tells whether it is a block, and not an attribute.
func (f *Field) Block() bool { return f.Kind == Object || f.Kind == List }

// Arguments calls back with each argument of a block, those of inlined objects included, in the order of their paths.
func (f *Field) Arguments(each func(*Field)) {
	for _, child := range f.Children {
		switch {
		case child.Omit != "":
		case child.Inline:
			child.Arguments(each)
		default:
			each(child)
		}
	}
}

// Demanded tells whether the block it is an argument of must have it.
func (f *Field) Demanded() bool { return f.Required && f.parent.Name != "" }

// Spotinst is what the resource spotinst_elastigroup_aws calls it, dotted, or "".
func (f *Field) Spotinst() string { return f.spotinst }

// FullName is the argument's name with the names of the blocks around it: "scaling_up_policy.metric_name".
func (f *Field) FullName() string {
	if outer := f.parent.container().fullName(); outer != "" {
		return outer + "." + f.Name
	}
	return f.Name
}

func (f *Field) fullName() string {
	if f.parent == nil {
		return ""
	}
	return f.FullName()
}

// NotWith are the members of the same object that it cannot stand beside, whichever of the two says so.
func (f *Field) NotWith() []*Field {
	var others []*Field
	if f.parent == nil {
		return nil
	}
	for _, other := range f.parent.Children {
		if slices.Contains(f.notWith, other.Key) || slices.Contains(other.notWith, f.Key) {
			others = append(others, other)
		}
	}
	return others
}

// container is the block that a field's members are arguments of.
func (f *Field) container() *Field {
	for f.Inline {
		f = f.parent
	}
	return f
}

// Member is the member of an object, or of each element of a list of objects, under a key of the document. It is nil if the dictionary
// has none.
func (f *Field) Member(key string) *Field { return f.child(key) }

func (f *Field) child(key string) *Field {
	for _, child := range f.Children {
		if child.Key == key {
			return child
		}
	}
	return nil
}

// Place leads to a value in a document: keys of objects, and indexes of lists.
type Place []any

// At is the place of a member.
func (p Place) At(steps ...any) Place { return append(slices.Clone(p), steps...) }

// String writes the place as JavaScript would: "scaling.up[0].metricName".
func (p Place) String() string {
	var b strings.Builder
	for _, step := range p {
		if key, ok := step.(string); ok {
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(key)
			continue
		}
		fmt.Fprintf(&b, "[%v]", step)
	}
	return b.String()
}

// argument is where a place of the document is in the configuration: the argument itself, or the innermost block around it.
func (p Place) argument() path.Path {
	f, at := Root(), path.Empty()
	for _, step := range p {
		switch step := step.(type) {
		case int:
			at = at.AtListIndex(step)
		case string:
			if f = f.child(step); f == nil || f.Omit != "" {
				return at
			}
			if !f.Inline {
				at = at.AtName(f.Name)
			}
		}
	}
	return at
}

// numeral is what an Expression writes a number as. Anything else is an expression.
var numeral = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)

// Refuse says what is wrong with a value of the document for this argument, or "". The value is as encoding/json decodes it
// with UseNumber. Null, objects and lists of objects are not for it to judge.
func (f *Field) Refuse(value any) string {
	if wrong := f.refuseType(value); wrong != "" {
		return wrong
	}
	if values, ok := value.([]any); ok {
		for _, v := range values {
			if wrong := f.refuseValue(v); wrong != "" {
				return wrong
			}
		}
		return ""
	}
	return f.refuseValue(value)
}

func (f *Field) refuseType(value any) string {
	switch f.Kind {
	case String, Expression:
		_, text := value.(string)
		number, isNumber := value.(json.Number)
		switch {
		case text && (f.Kind == String || !numeral.MatchString(value.(string))):
			return ""
		case isNumber && f.Kind == Expression && numeral.MatchString(number.String()):
			return ""
		case f.Kind == Expression:
			return "has to be a number, or an expression as text"
		}
		return "has to be text"
	case Boolean:
		if _, ok := value.(bool); !ok {
			return "has to be true or false"
		}
	case Integer, Number:
		number, ok := rational(value)
		if !ok {
			return "has to be a number"
		}
		if f.Kind == Integer && !number.IsInt() {
			return fmt.Sprintf("is %s; it has to be a whole number", value)
		}
	case Strings:
		values, ok := value.([]any)
		if !ok {
			return "has to be a list of texts"
		}
		for _, v := range values {
			if _, ok := v.(string); !ok {
				return "has to be a list of texts"
			}
		}
	}
	return ""
}

func (f *Field) refuseValue(value any) string {
	if number, ok := rational(value); ok {
		if f.Minimum != nil && number.Cmp(decimal(*f.Minimum)) < 0 ||
			f.Maximum != nil && number.Cmp(decimal(*f.Maximum)) > 0 {
			return fmt.Sprintf("is %s; it has to be %s", value, f.bounds())
		}
	}
	if len(f.Enum) == 0 {
		return ""
	}
	for _, allowed := range f.Enum {
		if fmt.Sprint(allowed) == fmt.Sprint(value) {
			return ""
		}
	}
	return fmt.Sprintf("is %s; it has to be %s", quoted(value), f.choice())
}

// decimal is a bound as it is written: 0.1 is a tenth, and not the nearest binary number.
func decimal(bound float64) *big.Rat {
	exact, _ := new(big.Rat).SetString(strconv.FormatFloat(bound, 'g', -1, 64))
	return exact
}

// bounds says what a number may be: "from 0 to 100".
func (f *Field) bounds() string {
	switch {
	case f.Minimum != nil && f.Maximum != nil:
		return fmt.Sprintf("from %v to %v", *f.Minimum, *f.Maximum)
	case f.Minimum != nil:
		return fmt.Sprintf("at least %v", *f.Minimum)
	}
	return fmt.Sprintf("at most %v", *f.Maximum)
}

// choice says what a value may be: one of a few.
func (f *Field) choice() string {
	values := make([]string, len(f.Enum))
	for i, value := range f.Enum {
		values[i] = quoted(value)
	}
	if len(values) == 1 {
		return values[0]
	}
	return strings.Join(values[:len(values)-1], ", ") + " or " + values[len(values)-1]
}

func quoted(value any) string {
	if text, ok := value.(string); ok {
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprint(value)
}

// rational is a number of a document, exactly. A number of absurd size is none: nothing here is compared with it.
func rational(value any) (*big.Rat, bool) {
	number, ok := value.(json.Number)
	if !ok || len(number) > 64 || strings.ContainsAny(number.String(), "eE") && !shortExponent.MatchString(number.String()) {
		return nil, false
	}
	return new(big.Rat).SetString(number.String())
}

var shortExponent = regexp.MustCompile(`[eE][+-]?[0-9]{1,2}$`)
