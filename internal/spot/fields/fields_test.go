package fields

import (
	"slices"
	"testing"
)

// Facts are corrected by words, whoever asks, with the places of lists in the path or without.
func TestFactsAreCorrected(t *testing.T) {
	d, err := Load([]byte(`{"source": "", "fields": [
		{"path": "a", "type": "object"}, {"path": "a.b", "type": "list"}, {"path": "a.b[].c", "type": "string", "enum": ["x"], "required": true},
		{"path": "a.like", "type": "list"}, {"path": "a.like[].c", "type": "string"}]}`),
		[]byte(`{"a.b[].c": {"also": ["y"], "required": false, "name": "sea"}, "a.b[].d": {"add": true, "type": "integer", "min": 1},
			"a.like": {"like": "a.b"}, "a.like[].d": {"add": true, "type": "string", "spotinst": "-"}}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"a.b[].c", "a.b.c"} {
		if f := d.Of(path); f.Path != "a.b[].c" || f.Required || len(f.Enum) != 2 || f.Type != String {
			t.Errorf("%s is %+v", path, f)
		}
	}
	if f := d.Of("a.like.c"); len(f.Enum) != 1 || f.Enum[0] != "y" {
		t.Errorf("what is like another field is %+v", f)
	}
	if f := d.Of("a.b.d"); f.Type != Integer || f.Minimum == nil {
		t.Errorf("what is added is %+v", f)
	}
	if f := d.Of("a.x"); f.Path != "" {
		t.Errorf("what there is not is %+v", f)
	}
	if w, ok := d.Word("a.like[].c"); !ok || w.Name != "sea" {
		t.Errorf("the word for what is like another field is %+v", w)
	}
	if got := d.Members("a.b"); !slices.Equal(got, []string{"c", "d"}) || !slices.Equal(d.Members(""), []string{"a"}) || d.Members("a.b.c") != nil {
		t.Errorf("the members are %v, %v, %v", got, d.Members(""), d.Members("a.b.c"))
	}
	if got := d.Objects(); !slices.Equal(got, []string{"", "a", "a.b", "a.like"}) {
		t.Errorf("the objects are %q", got)
	}
}

// The dictionary that is here is whole.
func TestTheDictionaryIsWhole(t *testing.T) {
	if n := len(Known().Paths()); n < 380 {
		t.Errorf("it has only %d fields", n)
	}
	for _, path := range []string{"strategy.availabilityVsCost", "compute.product", "compute.launchSpecification.healthCheckType"} {
		if len(Known().Of(path).Enum) < 5 {
			t.Errorf("%s has the values %v", path, Known().Of(path).Enum)
		}
	}
}
