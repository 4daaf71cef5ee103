package template

import (
	"fmt"
	"strings"
	"sync"
	"unicode"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot/fields"
)

// Root is the whole document of an Elastigroup, with every field that the dictionary has.
var Root = sync.OnceValue(func() *Field {
	root, err := Tree(fields.Known())
	if err != nil {
		panic("template: the dictionary of fields makes no schema: " + err.Error())
	}
	return root
})

// Tree makes the tree of fields of a dictionary. Errors name the path that is at fault: one below nothing, two fields of one name.
func Tree(dictionary *fields.Dictionary) (*Field, error) { return loader{dictionary}.tree() }

type loader struct{ *fields.Dictionary }

func (l loader) tree() (*Field, error) {
	root := &Field{Kind: Object}
	for _, path := range l.Paths() {
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

// field is the field at a path. Fields come in the order of their paths, so that its parent is complete but for its children.
func (l loader) field(parent *Field, path, key string) *Field {
	fact := l.Of(path)
	w, known := l.Word(path)
	f := &Field{
		Key: key, Path: path, Kind: fact.Type, parent: parent,
		Inline: w.Inline, Omit: w.Omit, prefix: w.Prefix,
		Required: fact.Required, Enum: fact.Enum,
		Minimum: fact.Minimum, Maximum: fact.Maximum,
		Text: w.Text, notWith: w.NotWith,
	}
	if parent.Inline {
		f.prefix = parent.prefix + f.prefix
	}
	if fact.Default != nil && !f.Required {
		f.Default = fmt.Sprint(fact.Default)
	}
	if w.Default != nil {
		f.Default = strings.TrimPrefix(*w.Default, fields.None)
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

func (l loader) spotinst(container *Field, name string, w fields.Word, known bool) string {
	switch {
	case w.Spotinst != "":
		return strings.TrimPrefix(w.Spotinst, fields.None)
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
