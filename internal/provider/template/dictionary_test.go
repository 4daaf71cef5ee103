package template

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot/fields"
)

// walk calls back with every field of the dictionary, omitted ones included.
func walk(f *Field, each func(*Field)) {
	for _, child := range f.Children {
		each(child)
		walk(child, each)
	}
}

// Every field of the API's description is an argument, or part of one, or there is a reason why not.
func TestEveryFieldIsThere(t *testing.T) {
	var dictionary fields.Description
	if err := json.Unmarshal(dictionaryFile(t, "fields.json"), &dictionary); err != nil {
		t.Fatal(err)
	}
	there := map[string]*Field{}
	walk(Root(), func(f *Field) { there[f.Path] = f })
	reasons := []string{"secret", "ignored", "misspelt", "rare"}
	arguments := 0
	for _, fact := range dictionary.Fields {
		f := there[fact.Path]
		switch corrected := fields.Known().Corrected(fact.Path); {
		case f == nil && corrected != fact.Path:
			f = there[corrected]
			if f == nil {
				t.Errorf("%s is lost", fact.Path)
			}
		case f == nil:
			t.Errorf("%s is lost", fact.Path)
		case f.Omit != "" && !slices.Contains(reasons, f.Omit):
			t.Errorf("%s is no argument because of %q, which is none of %v", f.Path, f.Omit, reasons)
		case f.Omit != "" && f.Omit != "secret" && !f.Block() && f.Text == "":
			t.Errorf("%s is no argument, without a word", f.Path)
		}
		if f != nil && f.Name != "" {
			arguments++
		}
	}
	if arguments < 380 {
		t.Errorf("only %d of %d fields are arguments", arguments, len(dictionary.Fields))
	}
}

func dictionaryFile(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "spot", "fields", name))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// treeOf is the tree of fields of facts and words.
func treeOf(facts, words []byte) (*Field, error) {
	dictionary, err := fields.Load(facts, words)
	if err != nil {
		return nil, err
	}
	return Tree(dictionary)
}

var name = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

func TestArguments(t *testing.T) {
	walk(Root(), func(f *Field) {
		switch {
		case f.Omit != "":
			if f.Name != "" {
				t.Errorf("%s is omitted and has a name", f.Path)
			}
			return
		case f.Inline:
			if f.Kind != Object || f.Name != "" {
				t.Errorf("%s is inlined, and is %s %q", f.Path, f.Kind, f.Name)
			}
			return
		}
		if !name.MatchString(f.Name) {
			t.Errorf("%s is named %q", f.Path, f.Name)
		}
		if f.Text == "" || strings.Contains(f.Text, "says nothing of it") {
			t.Errorf("%s is not described", f.Path)
		}
		if !strings.HasSuffix(f.Text, ".") {
			t.Errorf("the description of %s does not end: %s", f.Path, f.Text)
		}
		for _, value := range f.Enum {
			if wrong := f.refuseType(number(value)); wrong != "" && f.Kind != Strings {
				t.Errorf("%s could be %v, which %s", f.Path, value, wrong)
			}
		}
		if f.Kind == List && len(f.Children) == 0 {
			t.Errorf("%s is a list of nothing", f.Path)
		}
		for _, other := range f.NotWith() {
			if other.Omit != "" || other.Inline {
				t.Errorf("%s excludes %s, which is no argument", f.Path, other.Path)
			}
		}
		if f.Block() == (f.Kind != Object && f.Kind != List) {
			t.Errorf("%s is %s", f.Path, f.Kind)
		}
	})
}

// number is a value of an enumeration as a document has it.
func number(value any) any {
	if n, ok := value.(float64); ok {
		return json.Number(fmt.Sprint(n))
	}
	return value
}

// Credentials are never arguments: what is made of them would show in plans.
func TestSecretsAreNoArguments(t *testing.T) {
	secret := regexp.MustCompile(`(?i)(token|password|secret|private_?key|access_?key|pem_?key|user_?data)`)
	harmless := regexp.MustCompile(`(?i)httptokens$|optimize`)
	found := 0
	walk(Root(), func(f *Field) {
		if secret.MatchString(f.Key) && !harmless.MatchString(f.Key) {
			found++
			if f.Omit != "secret" {
				t.Errorf("%s is an argument", f.Path)
			}
		}
	})
	if found < 10 {
		t.Errorf("only %d secrets are known", found)
	}
}

// A nested attribute swallows misspelt names without a word, and demands what it is not given.
func TestStructuresAreBlocks(t *testing.T) {
	var resp datasource.SchemaResponse
	New().Schema(t.Context(), datasource.SchemaRequest{}, &resp)
	var judge func(at string, attributes map[string]schema.Attribute, blocks map[string]schema.Block)
	judge = func(at string, attributes map[string]schema.Attribute, blocks map[string]schema.Block) {
		for name, attribute := range attributes {
			switch attribute.(type) {
			case schema.StringAttribute, schema.NumberAttribute, schema.BoolAttribute, schema.ListAttribute:
			default:
				t.Errorf("%s%s is a %T", at, name, attribute)
			}
			if attribute.IsSensitive() {
				t.Errorf("%s%s is sensitive, which nothing can be that stands in json", at, name)
			}
		}
		for name, block := range blocks {
			switch block := block.(type) {
			case schema.ListNestedBlock:
				judge(at+name+".", block.NestedObject.Attributes, block.NestedObject.Blocks)
			case schema.SingleNestedBlock:
				for inner, attribute := range block.Attributes {
					if attribute.IsRequired() {
						t.Errorf("%s%s.%s is demanded where there is no such block", at, name, inner)
					}
				}
				judge(at+name+".", block.Attributes, block.Blocks)
			default:
				t.Errorf("%s%s is a %T", at, name, block)
			}
		}
	}
	judge("", resp.Schema.Attributes, resp.Schema.Blocks)
}

// Whatever the API's description brings tomorrow is an argument at once.
func TestNewField(t *testing.T) {
	facts := bytes.Replace(dictionaryFile(t, "fields.json"), []byte(`"fields": [`), []byte(`"fields": [
    {"path":"strategy.dailyBudgetUSD","type":"integer","minimum":1,"description":"how much may be spent <br>a day"},
    {"path":"compute.launchSpecification.enclaves","type":"list","description":"Enclaves."},
    {"path":"compute.launchSpecification.enclaves[].memoryMiB","type":"integer","required":true,"description":"Its memory."},`), 1)
	root, err := treeOf(facts, dictionaryFile(t, "words.json"))
	if err != nil {
		t.Fatal(err)
	}
	attributes, blocks := arguments(root)
	budget, ok := attributes["daily_budget_usd"]
	if !ok || budget.GetMarkdownDescription() != "How much may be spent a day. At least 1." {
		t.Errorf("got %v", budget)
	}
	enclave, ok := blocks["enclave"].(schema.ListNestedBlock)
	if !ok || !enclave.NestedObject.Attributes["memory_mi_b"].IsRequired() {
		t.Errorf("got %v", enclave)
	}
	if table := Table(root); !strings.Contains(table, "| `daily_budget_usd` | `strategy.dailyBudgetUSD` |  |\n") {
		t.Errorf("the table does not have it, or under a name that nobody else has given it")
	}
}

func TestLoadFindsMistakes(t *testing.T) {
	const facts = `{"source": "", "fields": [{"path": "a", "type": "string"}, {"path": "o", "type": "object"}, {"path": "o.b", "type": "string"}]}`
	for name, test := range map[string]struct{ facts, words, says string }{
		"no JSON":                {`{`, `{}`, "fields.json: unexpected EOF"},
		"misspelt word":          {facts, `{"a": {"txt": "x"}}`, `unknown field "txt"`},
		"word for nothing":       {facts, `{"c": {"text": "x"}}`, "c is not in fields.json"},
		"added twice":            {facts, `{"a": {"add": true, "type": "string"}}`, "a is added, and the API's description has it now"},
		"added without type":     {facts, `{"c": {"add": true}}`, "c is added without a type"},
		"added below nothing":    {facts, `{"c.d": {"add": true, "type": "string"}}`, "c.d is below nothing"},
		"two of one name":        {facts, `{"a": {"name": "x"}, "o": {"name": "x"}}`, "a and o are both named x"},
		"two of one name, flat":  {facts, `{"o": {"inline": true}, "o.b": {"name": "a"}}`, "a and o.b are both named a"},
		"of one name in a block": {facts, `{"o.B": {"add": true, "type": "string"}}`, "o.B and o.b are both named b"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := treeOf([]byte(test.facts), []byte(test.words)); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("want %q, got %v", test.says, err)
			}
		})
	}
}

// The documentation has the table of today's dictionary, and its page has every argument.
func TestTableOfNames(t *testing.T) {
	const page = "../../../templates/data-sources/template.md.tmpl"
	template, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := InsertTable(template, Root())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(template, fresh) {
		t.Errorf("%s is out of date: go run ./internal/provider/template/generate", page)
	}
	docs, err := os.ReadFile("../../../docs/data-sources/template.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range strings.Split(Table(Root()), "\n") {
		if !bytes.Contains(docs, []byte(row)) {
			t.Errorf("docs/data-sources/template.md lacks %s", row)
		}
	}
	walk(Root(), func(f *Field) {
		if f.Name != "" && !bytes.Contains(docs, []byte("- `"+f.Name+"` (")) {
			t.Errorf("docs/data-sources/template.md does not describe %s", f.FullName())
		}
	})
}

func TestSnake(t *testing.T) {
	for key, want := range map[string]string{
		"kmsKeyId": "kms_key_id", "masterIP": "master_ip", "considerODPricing": "consider_od_pricing", "route53": "route53",
		"associateIpv6Address": "associate_ipv6_address", "MaxCapacity": "max_capacity", "name": "name",
	} {
		if got := snake(key); got != want {
			t.Errorf("snake(%q) = %q, want %q", key, got, want)
		}
	}
}
