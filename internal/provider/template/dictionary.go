package template

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
)

//go:embed fields.json
var fieldsJSON []byte

//go:embed words.json
var wordsJSON []byte

// Root is the whole document of an Elastigroup, with every field that the dictionary has.
var Root = sync.OnceValue(func() *Field {
	root, err := Load(fieldsJSON, wordsJSON)
	if err != nil {
		panic("template: the dictionary of fields cannot be read: " + err.Error())
	}
	return root
})

// Fact is what the API's description says of one field. fields.json is a list of them.
type Fact struct {
	// Path leads to the field, "scaling.up[].metricName".
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

// Dictionary is what fields.json holds.
type Dictionary struct {
	Source string `json:"source"`
	Fields []Fact `json:"fields"`
}

// word is what words.json says of a field beside the facts, or against them.
type word struct {
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

const none = "-"

// Load makes the tree of fields of the facts (fields.json) and the words (words.json). Errors name the path that is at fault:
// a word for a field that is not there, an addition without a type, two fields of one name.
func Load(fields, words []byte) (*Field, error) {
	var dictionary Dictionary
	if err := strict(fields, &dictionary); err != nil {
		return nil, fmt.Errorf("fields.json: %w", err)
	}
	l := loader{words: map[string]word{}, facts: map[string]Fact{}}
	if err := strict(words, &l.words); err != nil {
		return nil, fmt.Errorf("words.json: %w", err)
	}
	for _, fact := range dictionary.Fields {
		fact.Path = l.corrected(fact.Path)
		l.facts[fact.Path] = fact
	}
	for path, w := range l.words {
		fact, known := l.facts[path]
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
		l.facts[path] = fact
	}
	return l.tree()
}

func strict(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

type loader struct {
	facts map[string]Fact
	words map[string]word
}

func (l loader) tree() (*Field, error) {
	root := &Field{Kind: Object}
	paths := make([]string, 0, len(l.facts))
	for path := range l.facts {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	for _, path := range paths {
		parent := root
		keys := strings.Split(path, ".")
		for _, key := range keys[:len(keys)-1] {
			parent = parent.child(strings.TrimSuffix(key, "[]"))
			if parent == nil || (parent.Kind == List) != strings.HasSuffix(key, "[]") {
				return nil, fmt.Errorf("%s is below nothing", path)
			}
		}
		f := l.field(parent, path, keys[len(keys)-1])
		parent.Children = append(parent.Children, f)
	}
	return root, named(root)
}

// corrected is a path where words.json makes a list of an object or an object of a list.
func (l loader) corrected(path string) string {
	keys := strings.Split(path, ".")
	for i, key := range keys[:len(keys)-1] {
		bare := strings.TrimSuffix(key, "[]")
		w := l.words[strings.Join(append(slices.Clone(keys[:i]), bare), ".")]
		switch w.Type {
		case Object:
			keys[i] = bare
		case List:
			keys[i] = bare + "[]"
		}
	}
	return strings.Join(keys, ".")
}

// field is the field at a path. Fields come in the order of their paths, so that its parent is complete but for its children.
func (l loader) field(parent *Field, path, key string) *Field {
	fact := l.facts[path]
	w, known := l.word(path)
	f := &Field{
		Key: key, Path: path, Kind: fact.Type, parent: parent,
		Inline: w.Inline, Omit: w.Omit, prefix: w.Prefix,
		Required: fact.Required, Enum: append(slices.Clone(fact.Enum), w.Also...),
		Minimum: fact.Minimum, Maximum: fact.Maximum,
		Text: w.Text, notWith: w.NotWith,
	}
	if parent.Inline {
		f.prefix = parent.prefix + f.prefix
	}
	if w.Type != "" && !f.Block() {
		f.Kind = w.Type // inherited; a word of its own is in the facts already
	}
	if w.Enum != nil {
		f.Enum = w.Enum
	}
	if w.Min != nil {
		f.Minimum = w.Min
	}
	if w.Max != nil {
		f.Maximum = w.Max
	}
	if w.Required != nil {
		f.Required = *w.Required
	}
	if fact.Default != nil && !f.Required {
		f.Default = fmt.Sprint(fact.Default)
	}
	if w.Default != nil {
		f.Default = strings.TrimPrefix(*w.Default, none)
	}
	if f.Text == "" {
		f.Text = sentences(fact.Description)
	}
	if f.Omit == "" && parent.Omit != "" {
		f.Omit = parent.Omit
	}
	if f.Inline || f.Omit != "" {
		f.spotinst = parent.container().spotinst
		return f
	}
	f.Name = w.Name
	if f.Name == "" {
		f.Name = snake(key)
		if f.Kind == List {
			f.Name = singular(f.Name)
		}
	}
	if parent.Inline {
		f.Name = parent.prefix + f.Name
	}
	f.spotinst = l.spotinst(parent.container(), f.Name, w, known)
	return f
}

// word is what words.json says of a path, by itself or by the nearest field above that is like another one. What a name is
// elsewhere is not inherited, but that it has none is.
func (l loader) word(path string) (word, bool) {
	if w, ok := l.words[path]; ok {
		return w, true
	}
	for end := strings.LastIndexByte(path, '.'); end > 0; end = strings.LastIndexByte(path[:end], '.') {
		above := path[:end]
		below := path[end:]
		if list := strings.TrimSuffix(above, "[]"); list != above {
			above, below = list, "[]"+below
		}
		if like := l.words[above].Like; like != "" {
			w, ok := l.word(like + below)
			if w.Spotinst != none {
				w.Spotinst = ""
			}
			w.Add = false
			return w, ok
		}
	}
	return word{}, false
}

func (l loader) spotinst(container *Field, name string, w word, known bool) string {
	switch {
	case w.Spotinst != "":
		return strings.TrimPrefix(w.Spotinst, none)
	case !known, container.parent != nil && container.spotinst == "", strings.Contains(container.spotinst, ","):
		return ""
	case container.spotinst != "":
		return container.spotinst + "." + name
	}
	return name
}

// named checks that no two arguments of a block have one name.
func named(block *Field) error {
	seen := map[string]string{}
	var err error
	block.Arguments(func(f *Field) {
		if other, ok := seen[f.Name]; ok && err == nil {
			err = fmt.Errorf("%s and %s are both named %s", other, f.Path, f.Name)
		}
		seen[f.Name] = f.Path
		if f.Block() && err == nil {
			err = named(f)
		}
	})
	return err
}

// snake turns "kmsKeyId" into "kms_key_id" and "masterIP" into "master_ip".
func snake(key string) string {
	var b strings.Builder
	letters := []rune(key)
	for i, r := range letters {
		before := i > 0 && !unicode.IsUpper(letters[i-1])
		after := i > 0 && i+1 < len(letters) && unicode.IsLower(letters[i+1])
		if unicode.IsUpper(r) && (before || after) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

func singular(name string) string {
	if cut, ok := strings.CutSuffix(name, "ies"); ok {
		return cut + "y"
	}
	return strings.TrimSuffix(name, "s")
}

// sentences makes the API's description one paragraph that ends like one.
func sentences(description string) string {
	text := strings.Join(strings.Fields(strings.ReplaceAll(description, "<br>", " ")), " ")
	if text == "" {
		return "The API's description says nothing of it."
	}
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return string(unicode.ToUpper([]rune(text)[0])) + string([]rune(text)[1:])
}
