package template

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// unknownValue stands in a document for what Terraform does not know yet.
type unknownValue struct{}

// Unknown stands in a document that Check is given for what is not known yet. Nothing is wrong with it.
var Unknown any = unknownValue{}

// ignored are the members of a group that a deployment takes no notice of: Spot alone sets them, or the deployment does.
var ignored = []string{"id", "name", "createdAt", "updatedAt"}

// written is the document that the arguments of a block make: what is null is left out.
func written(block *Field, arguments map[string]tftypes.Value) (map[string]any, error) {
	document := map[string]any{}
	for _, f := range block.Children {
		if f.Omit != "" {
			continue
		}
		if f.Inline {
			inner, err := written(f, arguments)
			if err != nil {
				return nil, err
			}
			if len(inner) > 0 {
				document[f.Key] = inner
			}
			continue
		}
		value, err := f.value(arguments[f.Name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.FullName(), err)
		}
		// A list block that is not there is an empty list.
		if list, ok := value.([]any); value == nil || ok && f.Kind == List && len(list) == 0 {
			continue
		}
		document[f.Key] = value
	}
	return document, nil
}

// value is a value of the configuration as one of the document, nil if it is null.
func (f *Field) value(v tftypes.Value) (any, error) {
	switch {
	case v.IsNull():
		return nil, nil
	case !v.IsKnown():
		return unknownValue{}, nil
	}
	switch f.Kind {
	case Boolean:
		var b bool
		err := v.As(&b)
		return b, err
	case Integer, Number:
		n := new(big.Float)
		err := v.As(&n)
		return json.Number(n.Text('f', -1)), err
	case Object:
		var members map[string]tftypes.Value
		if err := v.As(&members); err != nil {
			return nil, err
		}
		return written(f, members)
	case List, Strings:
		var elements []tftypes.Value
		if err := v.As(&elements); err != nil {
			return nil, err
		}
		element := &Field{Kind: Object, Children: f.Children, Name: f.Name, parent: f.parent}
		if f.Kind == Strings {
			element = &Field{Kind: String, Name: f.Name, parent: f.parent}
		}
		list := make([]any, len(elements))
		for i, e := range elements {
			var err error
			if list[i], err = element.value(e); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	var text string
	err := v.As(&text)
	if f.Kind == Expression && numeral.MatchString(text) {
		return json.Number(text), err
	}
	return text, err
}

// Parse reads the JSON of an Elastigroup or of a part of it, bare or as {"group": {…}}. Errors say where it breaks off, and
// quote nothing of it, since it may hold secrets.
func Parse(data []byte) (map[string]any, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, errors.New("is empty; it has to be the JSON of an Elastigroup")
	}
	var value any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	err := d.Decode(&value)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("there is more after the end")
			if wrong := json.Unmarshal(data, new(json.RawMessage)); wrong != nil {
				err = wrong
			}
		}
	}
	if err != nil {
		return nil, fmt.Errorf("is not JSON: %w", spot.Place(data, err))
	}
	document, ok := value.(map[string]any)
	if !ok {
		return nil, errors.New("is JSON, but not an object; it has to be the JSON of an Elastigroup")
	}
	return unwrap(document)
}

// unwrap takes the group out of {"group": {…}}.
func unwrap(document map[string]any) (map[string]any, error) {
	if document["capacity"] != nil || document["compute"] != nil {
		return document, nil
	}
	if inner, wrapped := document["group"]; wrapped {
		group, ok := inner.(map[string]any)
		if !ok {
			return nil, errors.New("has a \"group\" that is not an object; it has to be the JSON of an Elastigroup")
		}
		if len(document) > 1 {
			others := slices.DeleteFunc(slices.Sorted(maps.Keys(document)), func(key string) bool { return key == "group" })
			return nil, fmt.Errorf("has %s beside \"group\"; an Elastigroup has nothing there", strings.Join(others, ", "))
		}
		return group, nil
	}
	if document["response"] != nil {
		return nil, errors.New("is a whole answer of Spot's API; take the group out of it: response.items[0]")
	}
	return document, nil
}

// Merge lays one document over another: objects are merged member by member, everything else is replaced. Neither is changed.
func Merge(under, over map[string]any) map[string]any {
	merged := map[string]any{}
	for key, value := range under {
		merged[key] = value
	}
	for key, value := range over {
		above, object := value.(map[string]any)
		below, there := merged[key].(map[string]any)
		if object && there {
			merged[key] = Merge(below, above)
			continue
		}
		merged[key] = value
	}
	return merged
}

// Compose is the document that the data source answers with: the source, what is written over it, the override over both,
// and without what a deployment takes no notice of.
func Compose(source, written, override map[string]any) map[string]any {
	document := Merge(Merge(source, written), override)
	for key := range document {
		if slices.Contains(ignored, key) {
			delete(document, key)
		}
	}
	return document
}

// Render writes a document: keys in order, indented, so that a change of it reads as a change of lines.
func Render(document map[string]any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(document); err != nil {
		return "", err
	}
	return string(bytes.TrimRight(b.Bytes(), "\n")), nil
}
