package template

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/fresh"
)

func init() { fresh.Properties() }

// layered is three documents that are laid over each other.
type layered struct{ source, written, override map[string]any }

type composer = func(source, written, override map[string]any) map[string]any

// documents are objects of few keys, so that they meet.
func documents(depth int) *rapid.Generator[map[string]any] {
	return rapid.Custom(func(t *rapid.T) map[string]any {
		document := map[string]any{}
		for _, key := range []string{"a", "b", "c", "id"} {
			kinds := []string{"none", "text", "zero", "false", "null", "list", "empty"}
			if depth > 0 {
				kinds = append(kinds, "object", "object")
			}
			switch rapid.SampledFrom(kinds).Draw(t, key) {
			case "text":
				document[key] = rapid.StringMatching(`[a-z]{2}`).Draw(t, "text")
			case "zero":
				document[key] = json.Number("0")
			case "false":
				document[key] = false
			case "null":
				document[key] = nil
			case "list":
				document[key] = []any{rapid.StringMatching(`[a-z]`).Draw(t, "element")}
			case "empty":
				document[key] = map[string]any{}
			case "object":
				document[key] = documents(depth-1).Draw(t, "object")
			}
		}
		return document
	})
}

var layers = rapid.Custom(func(t *rapid.T) layered {
	return layered{documents(2).Draw(t, "source"), documents(2).Draw(t, "written"), documents(2).Draw(t, "override")}
})

// composed is what the answer has to be: at each place the uppermost layer that says something, objects member by member.
func composed(l layered, compose composer) error {
	before := fmt.Sprint(l)
	answer := compose(l.source, l.written, l.override)
	for _, key := range ignored {
		if _, there := answer[key]; there {
			return fmt.Errorf("%q is in the answer", key)
		}
	}
	if fmt.Sprint(l) != before {
		return fmt.Errorf("a layer was changed: %v, before %s", l, before)
	}
	return agrees(answer, "", true, l.override, l.written, l.source)
}

// agrees compares an object of the answer with those of the layers, the uppermost first.
func agrees(answer map[string]any, at string, top bool, objects ...map[string]any) error {
	keys := map[string]bool{}
	for _, object := range objects {
		for key := range object {
			keys[key] = true
		}
	}
	for key := range answer {
		if !keys[key] {
			return fmt.Errorf("%s.%s = %v comes from nowhere", at, key, answer[key])
		}
	}
	for key := range keys {
		if top && key == "id" {
			continue
		}
		value, there := answer[key]
		if !there {
			return fmt.Errorf("%s.%s is lost", at, key)
		}
		var below []map[string]any
		for _, object := range objects {
			said, ok := object[key]
			if !ok {
				continue
			}
			inner, isObject := said.(map[string]any)
			if !isObject && len(below) == 0 {
				if !reflect.DeepEqual(value, said) {
					return fmt.Errorf("%s.%s = %v, and the uppermost says %v", at, key, value, said)
				}
				break
			}
			if !isObject {
				break // an object lies over it
			}
			below = append(below, inner)
		}
		if len(below) == 0 {
			continue
		}
		inner, ok := value.(map[string]any)
		if !ok {
			return fmt.Errorf("%s.%s = %v is no object", at, key, value)
		}
		if err := agrees(inner, at+"."+key, false, below...); err != nil {
			return err
		}
	}
	return nil
}

func TestLayersAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		if err := composed(layers.Draw(t, "layers"), Compose); err != nil {
			t.Fatal(err)
		}
	})
}

// Each of these is a composer with a mistake, which the property has to notice.
func TestBrokenTemplates(t *testing.T) {
	for name, broken := range map[string]composer{
		"lets the source win":       func(s, w, o map[string]any) map[string]any { return Compose(w, s, o) },
		"forgets the override":      func(s, w, _ map[string]any) map[string]any { return Compose(s, w, nil) },
		"replaces whole objects":    func(s, w, o map[string]any) map[string]any { return flat(flat(s, w), o) },
		"keeps what Spot alone set": func(s, w, o map[string]any) map[string]any { return Merge(Merge(s, w), o) },
		"drops what is zero":        func(s, w, o map[string]any) map[string]any { return Compose(s, nonzero(w), o) },
		"writes into the source": func(s, w, o map[string]any) map[string]any {
			answer := Compose(s, w, o)
			for key := range answer {
				s[key] = answer[key]
			}
			return answer
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Log("promise: what is written is in the document, in its layer")
			for seed := range 300 {
				if err := composed(layers.Example(seed), broken); err != nil {
					return
				}
			}
			t.Error("nobody noticed")
		})
	}
}

func flat(under, over map[string]any) map[string]any {
	merged := map[string]any{}
	for _, document := range []map[string]any{under, over} {
		for key, value := range document {
			if key != "id" {
				merged[key] = value
			}
		}
	}
	return merged
}

func nonzero(document map[string]any) map[string]any {
	kept := map[string]any{}
	for key, value := range document {
		if value != json.Number("0") && value != false {
			kept[key] = value
		}
	}
	return kept
}
