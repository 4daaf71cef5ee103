package worldschema

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

func comments(t *testing.T) Comments {
	t.Helper()
	c, err := ReadComments("..")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestCommitted finds the schema and the reference as they are made: go run ./internal/sandbox/worldschema/generate
func TestCommitted(t *testing.T) {
	c := comments(t)
	if schema, err := Schema(c); err != nil || string(schema) != JSON {
		t.Errorf("world.schema.json is not what is made of the Go types (%v): go run ./internal/sandbox/worldschema/generate", err)
	}
	template, err := os.ReadFile("../../../templates/guides/sandbox-world.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	if made, err := Into(string(template), c); err != nil || made != string(template) {
		t.Errorf("the guide is not what is made of the Go types (%v): go run ./internal/sandbox/worldschema/generate", err)
	}
}

// TestEveryMemberIsDescribed has a sentence for each key.
func TestEveryMemberIsDescribed(t *testing.T) {
	c := comments(t)
	for _, o := range sandbox.Objects() {
		for _, m := range o.Members {
			if text := c.Of(m); !strings.HasSuffix(text, ".") || strings.Contains(text, "``") {
				t.Errorf("%s.%s is described by %q; its field needs a comment", o.GoName, m.Name, text)
			}
		}
	}
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(JSON))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(Address, document); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(Address)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSchemaTakesWhatTheSandboxTakes has every world file of the examples.
func TestSchemaTakesWhatTheSandboxTakes(t *testing.T) {
	s := compiled(t)
	files, err := filepath.Glob("../../../examples/*/sandbox.json")
	if err != nil || len(files) < 4 {
		t.Fatal(files, err)
	}
	deeper, _ := filepath.Glob("../../../examples/*/*/sandbox.json")
	for _, file := range append(files, deeper...) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sandbox.ReadConfig(strings.NewReader(string(text))); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		if err := validate(s, string(text)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func validate(s *jsonschema.Schema, text string) error {
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return err
	}
	return s.Validate(v)
}

// TestSchemaAndSandboxRefuseTheSame puts into each member what does not belong there: a value of another kind, one out of bounds, one that is
// not among those that there are; leaves out each that is required; and adds one that there is not. Editor and sandbox agree on each.
func TestSchemaAndSandboxRefuseTheSame(t *testing.T) {
	s := compiled(t)
	tried := 0
	each(t, func(path string, m sandbox.Member, within func(string) string) {
		values := map[string]bool{`[[]]`: m.Type == "any"}
		if m.Type != "document" && m.Type != "object" {
			values[`{"no": "such"}`] = m.Type == "strings" || m.Type == "any"
		}
		for _, one := range m.OneOf {
			values[fmt.Sprintf("%q", one)] = true
		}
		if m.OneOf != nil {
			values[`"nonsense"`] = false
		}
		switch m.Type {
		case "duration":
			values[`"90s"`], values[`"1h30m"`], values[`"5 m"`], values[`"5"`], values[`90`] = true, true, false, false, false
			values[`"-1s"`] = m.Least == ""
		case "integer", "number":
			values[`"5"`] = false
			if m.Least != "" {
				values["-1"] = false
			}
			if m.Most != "" {
				values[m.Most], values[m.Most+"1"] = true, false
			}
			values["1.5"] = false
		case "boolean":
			values[`true`], values[`"true"`] = true, false
		case "string":
			values[`5`] = false
		}
		for value, taken := range values {
			if m.List {
				value = "[" + value + "]"
			}
			if m.List && taken {
				continue
			}
			tried++
			text := within(fmt.Sprintf("%q: %s", m.Name, value))
			_, err := sandbox.ReadConfig(strings.NewReader(text))
			// What belongs together is for the sandbox alone to judge: an alarm that is composite, an end that is after a beginning.
			if bySchema := validate(s, text); (bySchema == nil) != taken || !taken && (err == nil || !strings.Contains(err.Error(), path+"."+m.Name) && !strings.Contains(err.Error(), ", "+m.Name)) {
				t.Errorf("%s: is taken %v\nthe sandbox says %v\nthe schema %v", text, taken, err, bySchema)
			}
		}
		if m.Required {
			text := within("")
			if _, err := sandbox.ReadConfig(strings.NewReader(text)); err == nil || validate(s, text) == nil {
				t.Errorf("%s lacks %s, and is taken", text, m.Name)
			}
		}
	})
	if tried < 300 {
		t.Errorf("only %d values were tried", tried)
	}
}

// each calls for each member of each object, at the first place where that stands. within makes a world file that has the object there with
// that member instead of its own, and all that is required beside it.
func each(t *testing.T, do func(path string, m sandbox.Member, within func(string) string)) {
	t.Helper()
	objects := map[string]sandbox.Object{}
	all := sandbox.Objects()
	for _, o := range all {
		objects[o.GoName] = o
	}
	places := placesOf(all)
	for _, o := range all {
		path := ""
		if o.GoName != "Config" {
			path = strings.Trim(places[o.GoName][0], "`")
		}
		for _, m := range o.Members {
			do(strings.ReplaceAll(path, "[]", "[0]"), m, func(member string) string {
				return world(objects, path, o, m.Name, member)
			})
		}
	}
}

func world(objects map[string]sandbox.Object, path string, o sandbox.Object, instead, member string) string {
	inner := object0(objects, o, instead, member)
	if path == "" {
		return inner
	}
	steps := strings.Split(path, ".")
	owners := []sandbox.Object{objects["Config"]}
	for _, step := range steps {
		for _, m := range owners[len(owners)-1].Members {
			if m.Name == strings.TrimSuffix(step, "[]") {
				owners = append(owners, objects[m.Type])
			}
		}
	}
	for n := len(steps) - 1; n >= 0; n-- {
		value := inner
		if strings.HasSuffix(steps[n], "[]") {
			value = "[" + value + "]"
		}
		name := strings.TrimSuffix(steps[n], "[]")
		inner = object0(objects, owners[n], name, fmt.Sprintf("%q: %s", name, value))
	}
	return inner
}

// object0 is the least object of its kind that is taken, with one member instead of its own.
func object0(objects map[string]sandbox.Object, o sandbox.Object, instead, member string) string {
	members := []string{}
	if member != "" {
		members = append(members, member)
	}
	for _, m := range o.Members {
		if m.Required && m.Name != instead {
			value := map[string]string{"id": "ami-1", "access_key": "ASIA1", "state": "OK", "group": "web", "target_group": "web"}[m.Name]
			switch {
			case o.GoName == "Account":
				value = "act-1"
			case o.GoName == "SubnetConfig" && m.Name == "id":
				value = "subnet-1"
			case value == "":
				value = "web"
			}
			members = append(members, fmt.Sprintf("%q: %q", m.Name, value))
		}
	}
	switch o.GoName { // what belongs together
	case "Config":
		if instead != "groups" {
			members = append(members, `"groups": [{"name": "web", "capacity": {"minimum": 1, "target": 1, "maximum": 1}}]`)
		}
		if instead != "aws" {
			members = append(members, `"aws": {"target_groups": [{"name": "web"}]}`)
		}
	case "AWSConfig":
		if instead != "target_groups" {
			members = append(members, `"target_groups": [{"name": "web"}]`)
		}
	case "ListenerConfig", "RuleConfig":
		if instead != "target_group" {
			members = append(members, `"target_group": "web"`)
		}
	case "ActionConfig":
		if instead != "target_groups" {
			members = append(members, `"target_groups": [{"target_group": "web"}]`)
		}
	}
	text := "{" + strings.Join(members, ", ") + "}"
	if !json.Valid([]byte(text)) {
		panic(text)
	}
	return text
}
