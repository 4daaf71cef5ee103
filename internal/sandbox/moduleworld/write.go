package moduleworld

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox/worldschema"
)

// File is the world file. What has its default is left out.
func (w World) File() ([]byte, error) {
	c := w.Config
	c.Schema = worldschema.Address
	var b bytes.Buffer
	if err := write(&b, reflect.ValueOf(c), true); err != nil {
		return nil, err
	}
	return w.placed(b.Bytes()), nil
}

// placed has made-up ARNs in the world's region.
func (w World) placed(text []byte) []byte {
	if w.Config.Region != "" {
		text = bytes.ReplaceAll(text, []byte(":"+region+":"+account+":"), []byte(":"+w.Config.Region+":"+account+":"))
	}
	return append(indented(text), '\n')
}

// write writes a value as JSON, without members that say nothing.
func write(b *bytes.Buffer, v reflect.Value, root bool) error {
	switch {
	case v.Type() == reflect.TypeFor[json.RawMessage]():
		b.Write(v.Bytes())
	case v.Kind() == reflect.Struct:
		b.WriteByte('{')
		first := true
		for _, f := range reflect.VisibleFields(v.Type()) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			field := v.FieldByIndex(f.Index)
			if name == "" || !says(field) && (!root || name != "images" && name != "groups") {
				continue
			}
			if !first {
				b.WriteByte(',')
			}
			first = false
			fmt.Fprintf(b, "%q:", name)
			if !says(field) {
				b.WriteString("[]")
				continue
			}
			if err := write(b, field, false); err != nil {
				return err
			}
		}
		b.WriteByte('}')
	case v.Kind() == reflect.Slice:
		b.WriteByte('[')
		for n := range v.Len() {
			if n > 0 {
				b.WriteByte(',')
			}
			if err := write(b, v.Index(n), false); err != nil {
				return err
			}
		}
		b.WriteByte(']')
	default:
		raw, err := json.Marshal(v.Interface())
		if err != nil {
			return err
		}
		b.Write(raw)
	}
	return nil
}

// says tells whether a value is other than what it is when it is left out.
func says(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
		return v.Len() > 0
	case reflect.Struct:
		for n := range v.NumField() {
			if says(v.Field(n)) {
				return true
			}
		}
		return false
	}
	return !v.IsZero()
}

// indented is a JSON text on several lines, short objects and lists on one.
func indented(text []byte) []byte {
	var whole bytes.Buffer
	if json.Indent(&whole, text, "", "  ") != nil {
		return text
	}
	return whole.Bytes()
}

// Test is a test of the module to begin with: it applies the module in the sandbox, with values for what has no default, and with mocks
// where the AWS provider would ask AWS itself.
func (w World) Test() []byte {
	var b strings.Builder
	b.WriteString("# Made by terraform-provider-elastigroup sandbox init, to begin with. Run it by\n#\n#   terraform-provider-elastigroup sandbox --world sandbox.json --speed 60 -- terraform test\n\n")
	if len(w.Overrides) > 0 {
		b.WriteString("# The sandbox imitates what this provider asks of AWS, not what the AWS provider does: its resources are what the world file has.\nmock_provider \"aws\" {\n")
		for _, o := range w.Overrides {
			if o.Address == "" || len(o.Values) == 0 {
				continue
			}
			kind := "override_resource"
			if o.Data {
				kind = "override_data"
			}
			fmt.Fprintf(&b, "  %s {\n    target = %s\n    values = {\n", kind, o.Address)
			keys := sortedKeys(o.Values)
			for _, k := range keys {
				fmt.Fprintf(&b, "      %s = %s\n", k, w.inRegion(o.Values[k]))
			}
			b.WriteString("    }\n  }\n")
		}
		b.WriteString("}\n\n")
	}
	if len(w.Variables) > 0 {
		b.WriteString("variables {\n")
		keys := sortedKeys(w.Variables)
		for _, k := range keys {
			fmt.Fprintf(&b, "  %s = %s\n", k, strings.ReplaceAll(w.inRegion(w.Variables[k]), "\n", "\n  "))
		}
		b.WriteString("}\n\n")
	}
	b.WriteString("run \"release\" {\n")
	for n, d := range w.Deployments {
		if n > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "  assert {\n    condition     = %s.status == \"stable\"\n    error_message = \"it is ${%s.status}\"\n  }\n", d, d)
	}
	b.WriteString("}\n")
	return hclwrite.Format([]byte(b.String()))
}

func (w World) inRegion(text string) string {
	if w.Config.Region == "" {
		return text
	}
	return strings.ReplaceAll(text, ":"+region+":"+account+":", ":"+w.Config.Region+":"+account+":")
}
