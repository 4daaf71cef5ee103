package schemadoc_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/event/schemadoc"
)

// Every field of every event and object is described, in the order in which it is written, and nothing else is.
func TestEveryFieldIsDescribed(t *testing.T) {
	for _, o := range slices.Concat(schemadoc.Events, schemadoc.Objects) {
		var written, described []string
		for _, m := range o.Members() {
			written = append(written, m.Name)
		}
		for _, f := range o.Fields {
			described = append(described, f.Name)
			if f.Means == "" {
				t.Errorf("%s.%s has no meaning", o.Name, f.Name)
			}
		}
		if !slices.Equal(written, described) {
			t.Errorf("%s has the fields\n%q, and described are\n%q", o.Name, written, described)
		}
	}
}

// Every event that can be read is described.
func TestEveryEventIsDescribed(t *testing.T) {
	var described []string
	for _, o := range schemadoc.Events {
		described = append(described, o.Name)
		if f := o.Of.(event.Fact); f.Kind() != o.Name {
			t.Errorf("%s is described as %s", f.Kind(), o.Name)
		}
	}
	if known := event.Kinds(); !slices.Equal(slices.Sorted(slices.Values(described)), known) {
		t.Errorf("described are %q, and known %q", described, known)
	}
}

func TestTheHeadIsDescribed(t *testing.T) {
	text, err := event.Event{Fact: event.GoingBack{}}.MarshalJSON()
	var fields map[string]any
	if err != nil || json.Unmarshal(text, &fields) != nil {
		t.Fatal(err)
	}
	delete(fields, "why")
	delete(fields, "cause")
	for _, f := range schemadoc.Head {
		if _, there := fields[f[0]]; !there {
			t.Errorf("there is no %s", f[0])
		}
		delete(fields, f[0])
	}
	if len(fields) > 0 {
		t.Errorf("%v are not described", fields)
	}
}

// The guide and the JSON Schema are what was made of this last.
func TestTheGuideIsUpToDate(t *testing.T) {
	for _, path := range []string{"../../../templates/guides/events.md.tmpl", "../../../docs/guides/events.md"} {
		guide, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if want, err := schemadoc.Into(string(guide)); err != nil || want != string(guide) {
			t.Errorf("%s is not up to date (%v): go run ./internal/event/schemadoc/generate && make generate", path, err)
		}
	}
	if is, err := os.ReadFile("../../../" + schemadoc.File); err != nil || !bytes.Equal(is, schemadoc.JSONSchema()) {
		t.Errorf("%s is not up to date (%v): go run ./internal/event/schemadoc/generate", schemadoc.File, err)
	}
}
