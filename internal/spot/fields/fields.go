// Package fields is the dictionary of an Elastigroup's document: which fields it has, and what Spot's API takes for each. Whoever judges a
// document or makes one (package spot, the data source elastigroup_template, the command convert) has it from here.
//
// It has two halves. fields.json are facts, taken from the API's OpenAPI description by a command:
//
//	go run ./internal/provider/template/generate OPENAPI.json
//
// words.json is written by hand: where the description is wrong or says less than clients know, and what a field is called and said to be for
// where users write it (package template). Facts about names and fields are also from https://github.com/spotinst/spotinst-sdk-go and
// https://github.com/spotinst/terraform-provider-spotinst. LICENSE-openapi is the licence of the API's description.
package fields

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

//go:embed fields.json
var factsJSON []byte

//go:embed words.json
var wordsJSON []byte

// Known is the dictionary.
var Known = sync.OnceValue(func() *Dictionary {
	d, err := Load(factsJSON, wordsJSON)
	if err != nil {
		panic("fields: the dictionary cannot be read: " + err.Error())
	}
	return d
})

// Kind is what a field's value is.
type Kind string

const (
	// String is text.
	String Kind = "string"
	// Integer is a whole number.
	Integer Kind = "integer"
	// Number is any number.
	Number Kind = "number"
	// Boolean is true or false.
	Boolean Kind = "boolean"
	// Strings is a list of texts.
	Strings Kind = "strings"
	// Expression is a number, or text that Spot makes a number of: "MAX(currCapacity / 5, value * 10)".
	Expression Kind = "expression"
	// Object has members.
	Object Kind = "object"
	// List is a list of objects.
	List Kind = "list"
)

// Fact is what the API's description says of one field.
type Fact struct {
	// Path leads to the field, with [] after each list: "scaling.up[].metricName".
	Path string `json:"path"`
	// Type is the field's.
	Type Kind `json:"type"`
	// Required tells whether the object around it must have it.
	Required bool `json:"required,omitempty"`
	// Enum are the only values, Minimum and Maximum the bounds.
	Enum    []any    `json:"enum,omitempty"`
	Minimum *float64 `json:"minimum,omitempty"`
	Maximum *float64 `json:"maximum,omitempty"`
	// Default is what the API takes for it when it is left out.
	Default any `json:"default,omitempty"`
	// Description is the API's own.
	Description string `json:"description,omitempty"`
}

// Description is what fields.json holds.
type Description struct {
	Source string `json:"source"`
	Fields []Fact `json:"fields"`
}

// Word is what words.json says of a field beside the facts, or against them.
type Word struct {
	Name     string   `json:"name"`     // in HCL; the field's own in snake_case
	Spotinst string   `json:"spotinst"` // in spotinst_elastigroup_aws; "-": it has none; the same as here
	Inline   bool     `json:"inline"`   // its members stand where it would
	Prefix   string   `json:"prefix"`   // of the names of an inlined object's members
	Omit     string   `json:"omit"`     // why there is no such argument
	Add      bool     `json:"add"`      // clients send it, though the API's description lacks it
	Type     Kind     `json:"type"`
	Enum     []any    `json:"enum"`
	Also     []any    `json:"also"` // values that the API takes beside the enumerated ones
	Min      *float64 `json:"min"`
	Max      *float64 `json:"max"`
	Required *bool    `json:"required"`
	Default  *string  `json:"default"` // "-": none
	NotWith  []string `json:"not_with"`
	Like     string   `json:"like"` // the path of a field whose members are described in the same words
	Text     string   `json:"text"`
}

// None says in a word that there is nothing where there would be something.
const None = "-"

// Dictionary is facts and words together.
type Dictionary struct {
	facts map[string]Fact
	words map[string]Word
	// members are the fields of objects, and of the elements of lists, by the path without [].
	members map[string][]string
	plain   map[string]string // the path of each field, by that without []
}

// Load makes a dictionary of facts (fields.json) and words (words.json). Errors name the path that is at fault: a word for a field that is
// not there, an addition without a type.
func Load(facts, words []byte) (*Dictionary, error) {
	var described Description
	if err := strict(facts, &described); err != nil {
		return nil, fmt.Errorf("fields.json: %w", err)
	}
	d := &Dictionary{facts: map[string]Fact{}, words: map[string]Word{}, members: map[string][]string{}, plain: map[string]string{}}
	if err := strict(words, &d.words); err != nil {
		return nil, fmt.Errorf("words.json: %w", err)
	}
	for _, fact := range described.Fields {
		fact.Path = d.Corrected(fact.Path)
		d.facts[fact.Path] = fact
	}
	for path, w := range d.words {
		fact, known := d.facts[path]
		switch {
		case known && w.Add:
			return nil, fmt.Errorf("words.json: %s is added, and the API's description has it now", path)
		case !known && !w.Add:
			return nil, fmt.Errorf("words.json: %s is not in fields.json", path)
		case w.Add && w.Type == "":
			return nil, fmt.Errorf("words.json: %s is added without a type", path)
		case w.Add:
			fact = Fact{Path: path}
		}
		if w.Type != "" {
			fact.Type = w.Type
		}
		d.facts[path] = fact
	}
	for _, path := range d.Paths() {
		plain := strings.ReplaceAll(path, "[]", "")
		d.plain[plain] = path
		parent, name := "", plain
		if end := strings.LastIndexByte(plain, '.'); end >= 0 {
			parent, name = plain[:end], plain[end+1:]
		}
		d.members[parent] = append(d.members[parent], name)
	}
	return d, nil
}

func strict(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// Paths are those of all fields, in order.
func (d *Dictionary) Paths() []string { return slices.Sorted(maps.Keys(d.facts)) }

// Members are the names of the fields of an object, or of each element of a list of objects, by its path, [] or not: "scaling.up"; "" is the
// document. There are none where the dictionary knows of none.
func (d *Dictionary) Members(path string) []string {
	return d.members[strings.ReplaceAll(path, "[]", "")]
}

// Objects are the paths, without [], of everything that has members.
func (d *Dictionary) Objects() []string { return slices.Sorted(maps.Keys(d.members)) }

// Of is what is known of the field at a path, [] or not: the facts, as words.json corrects them. It is the zero Fact if there is no such field.
func (d *Dictionary) Of(path string) Fact {
	path, known := d.plain[strings.ReplaceAll(path, "[]", "")]
	if !known {
		return Fact{}
	}
	fact := d.facts[path]
	w, _ := d.Word(path)
	fact.Enum = append(slices.Clone(fact.Enum), w.Also...)
	if w.Type != "" && fact.Type != Object && fact.Type != List {
		fact.Type = w.Type // inherited; a word of its own is in the facts already
	}
	if w.Enum != nil {
		fact.Enum = w.Enum
	}
	if w.Min != nil {
		fact.Minimum = w.Min
	}
	if w.Max != nil {
		fact.Maximum = w.Max
	}
	if w.Required != nil {
		fact.Required = *w.Required
	}
	return fact
}

// Corrected is a path where words.json makes a list of an object or an object of a list.
func (d *Dictionary) Corrected(path string) string {
	keys := strings.Split(path, ".")
	for i, key := range keys[:len(keys)-1] {
		bare := strings.TrimSuffix(key, "[]")
		w := d.words[strings.Join(append(slices.Clone(keys[:i]), bare), ".")]
		switch w.Type {
		case Object:
			keys[i] = bare
		case List:
			keys[i] = bare + "[]"
		}
	}
	return strings.Join(keys, ".")
}

// Word is what words.json says of a path, by itself or by the nearest field above that is like another one. What a name is
// elsewhere is not inherited, but that it has none is.
func (d *Dictionary) Word(path string) (Word, bool) {
	if w, ok := d.words[path]; ok {
		return w, true
	}
	for end := strings.LastIndexByte(path, '.'); end > 0; end = strings.LastIndexByte(path[:end], '.') {
		above := path[:end]
		below := path[end:]
		if list := strings.TrimSuffix(above, "[]"); list != above {
			above, below = list, "[]"+below
		}
		if like := d.words[above].Like; like != "" {
			w, ok := d.Word(like + below)
			if w.Spotinst != None {
				w.Spotinst = ""
			}
			w.Add = false
			return w, ok
		}
	}
	return Word{}, false
}
