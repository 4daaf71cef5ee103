package convert_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/convert"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/fresh"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/template"
)

func init() { fresh.Properties() }

// documents are groups with any of the dictionary's fields, and others; most values are what the API takes, some are not.
var documents = rapid.Custom(func(t *rapid.T) map[string]any {
	group := object(t, template.Root(), "")
	capacity, compute := inner(group, "capacity"), inner(group, "compute")
	for i, key := range []string{"minimum", "target", "maximum"} {
		if capacity[key] == nil && rapid.IntRange(0, 3).Draw(t, key) > 0 {
			capacity[key] = json.Number(fmt.Sprint(i))
		}
	}
	launch := inner(compute, "launchSpecification")
	if rapid.Bool().Draw(t, "image") {
		launch["imageId"] = "ami-0a1"
	}
	if rapid.Bool().Draw(t, "user data") {
		launch["userData"] = base64.StdEncoding.EncodeToString([]byte(texts.Draw(t, "user data")))
	}
	return group
})

func inner(object map[string]any, key string) map[string]any {
	member, _ := object[key].(map[string]any)
	if member == nil {
		member = map[string]any{}
		object[key] = member
	}
	return member
}

// texts are such as break configurations that are written by hand.
var texts = rapid.OneOf(
	rapid.StringMatching(`[a-z]{1,8}`),
	rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{
			"$", "%", "{", "}", `"`, `\`, "\n", "\r", "\t", "ä", "☃", "\U0001f600", "\x01", "\u2028", "#", "/*", "<", ">", "&", "EOT", " ", "x",
		}), 0, 8).Draw(t, "pieces"), "")
	}),
	rapid.SampledFrom([]string{"", "true", "null", "007", "1e3", "${var.x}", "$${x}", "$$${x}", "%%{if}", "<<-EOT", "-5"}),
)

var unknownValues = rapid.Custom(func(t *rapid.T) any {
	return rapid.SampledFrom([]any{
		"text", json.Number("7"), json.Number("1.50"), true, nil, []any{}, []any{"a", json.Number("1"), nil}, map[string]any{},
		map[string]any{"a.b": "c", "for": false, "${x}": []any{map[string]any{"deep": "${y}"}}},
	}).Draw(t, "unknown")
})

func object(t *rapid.T, f *template.Field, at string) map[string]any {
	made := map[string]any{}
	for _, child := range f.Children {
		often := 12
		if child.Block() {
			often = 3 + 2*strings.Count(at, ".")
		}
		if rapid.IntRange(0, often).Draw(t, at+child.Key) == 0 && !skipped(child) {
			made[child.Key] = drawn(t, child, at+child.Key+".")
		}
	}
	if rapid.IntRange(0, 15).Draw(t, at+"unknown") == 0 {
		made[rapid.SampledFrom([]string{"brandNew", "a.b", "for", "isBeta"}).Draw(t, "key")] = unknownValues.Draw(t, "unknown")
	}
	return made
}

// skipped are fields whose places are compared otherwise: the name, and what the API takes only in another spelling.
func skipped(f *template.Field) bool {
	return f.Path == "name" || f.Path == "compute.launchSpecification.userData" || f.Omit == "misspelt"
}

func drawn(t *rapid.T, f *template.Field, at string) any {
	switch how := rapid.IntRange(0, 19).Draw(t, at+"how"); {
	case how == 0:
		return nil
	case how == 1 && !f.Block() && f.Kind != template.Strings:
		return rapid.SampledFrom([]any{"none of these", json.Number("999999"), json.Number("-3.5"), true}).Draw(t, at+"odd")
	case how == 2 && f.Kind == template.List:
		return []any{}
	}
	switch f.Kind {
	case template.Object:
		return object(t, f, at)
	case template.List:
		list := make([]any, rapid.IntRange(1, 2).Draw(t, at+"length"))
		for i := range list {
			list[i] = object(t, f, at)
		}
		return list
	case template.Strings:
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(t, at+"length") {
			list = append(list, texts.Draw(t, at+"element"))
		}
		return list
	case template.Boolean:
		return rapid.SampledFrom([]any{true, false, "true", "false"}).Draw(t, at)
	}
	if len(f.Enum) > 0 {
		value := rapid.SampledFrom(f.Enum).Draw(t, at)
		if text, ok := value.(string); ok {
			return text
		}
		return json.Number(fmt.Sprint(value))
	}
	if f.Kind == template.Integer || f.Kind == template.Number || f.Kind == template.Expression {
		return rapid.SampledFrom([]any{
			json.Number("0"), json.Number("1"), json.Number("60"), json.Number("120.0"), json.Number("1.5"), json.Number("0.25"), "22", "0.5", json.Number("1e2"),
		}).Draw(t, at)
	}
	return texts.Draw(t, at)
}

// returns is what has to be true of every document: Terraform takes what is written, formats it no other way, and makes the same group of it.
func returns(t testing.TB, document map[string]any, with converter) error {
	data, err := json.Marshal(document)
	if err != nil {
		return err
	}
	for _, options := range []convert.Options{{Name: "web", ShowSecrets: true}, {Name: "web", TemplateOnly: true}} {
		want := decoded(string(data))
		if options.TemplateOnly && secretive(want) {
			continue // they are left out then
		}
		out, err := with("web.json", data, options)
		if err != nil {
			return err
		}
		if strings.Contains(out.Configuration, "= var.image_id\n") {
			out.Configuration = strings.Replace(out.Configuration, "= var.image_id", `= "none"`, 1)
			inner(inner(want, "compute"), "launchSpecification")["imageId"] = "none"
			out.Configuration = strings.Replace(out.Configuration, "description = \"The image to release", "default     = \"\"\n  description = \"The image to release", 1)
		}
		got, err := evaluated(t, out.Configuration, nil)
		if err != nil {
			return fmt.Errorf("%w\nof %s\nconverted to\n%s", err, data, out.Configuration)
		}
		if err := same(want, got); err != nil {
			return fmt.Errorf("%w\nof %s\nconverted to\n%s", err, data, out.Configuration)
		}
	}
	return nil
}

// secretive tells whether there is anything in a document that is not for plans.
func secretive(value any) bool {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			if _, ok := inner.(string); ok && slices.Contains(secretKeys, strings.ToLower(key)) || secretive(inner) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, secretive)
	}
	return false
}

var secretKeys = []string{"userdata", "accesskey", "secretkey", "acltoken", "pemkey", "refreshtoken", "token", "password", "privatekey"}

func TestEveryDocumentReturns(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		if err := returns(t, documents.Draw(rt, "document"), convert.Convert); err != nil {
			rt.Fatal(err)
		}
	})
}

// Each of these is a converter with a mistake, which the property has to notice.
func TestBrokenConverters(t *testing.T) {
	before := func(change func(map[string]any)) converter {
		return func(name string, data []byte, options convert.Options) (convert.Output, error) {
			document := decoded(string(data))
			change(document)
			changed, err := json.Marshal(document)
			if err != nil {
				return convert.Output{}, err
			}
			return convert.Convert(name, changed, options)
		}
	}
	after := func(old, with string) converter {
		return func(name string, data []byte, options convert.Options) (convert.Output, error) {
			out, err := convert.Convert(name, data, options)
			out.Configuration = strings.ReplaceAll(out.Configuration, old, with)
			return out, err
		}
	}
	for name, broken := range map[string]converter{
		"drops zeros": before(func(d map[string]any) {
			each(d, func(object map[string]any, key string) {
				if object[key] == json.Number("0") {
					delete(object, key)
				}
			})
		}),
		"drops what no argument is for": before(func(d map[string]any) {
			each(d, func(object map[string]any, key string) {
				if key == "brandNew" {
					delete(object, key)
				}
			})
		}),
		"drops the second of a list": before(func(d map[string]any) {
			each(d, func(object map[string]any, key string) {
				if list, ok := object[key].([]any); ok && len(list) > 1 {
					object[key] = list[:1]
				}
			})
		}),
		"forgets the image":              before(func(d map[string]any) { delete(inner(inner(d, "compute"), "launchSpecification"), "imageId") }),
		"forgets the user data":          before(func(d map[string]any) { delete(inner(inner(d, "compute"), "launchSpecification"), "userData") }),
		"takes ${ for an interpolation":  after("$${", "${"),
		"aligns nothing":                 after("  = ", " = "),
		"writes arguments that are none": after("fallback_to_ondemand", "fallback_to_on_demand"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Log("promise: what is converted makes the same group")
			for seed := range 400 {
				if err := returns(t, documents.Example(seed), broken); err != nil {
					return
				}
			}
			t.Error("nobody noticed")
		})
	}
}

// each calls back with every member of every object.
func each(value any, do func(object map[string]any, key string)) {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			each(inner, do)
			do(v, key)
		}
	case []any:
		for _, inner := range v {
			each(inner, do)
		}
	}
}
