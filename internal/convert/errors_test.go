package convert_test

import (
	"strings"
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/convert"
)

// What cannot be converted is said with its file, line and place, and without quoting the document.
func TestErrors(t *testing.T) {
	launch := func(members string) string {
		return "{\n  \"capacity\": {},\n  \"compute\": {\n    \"launchSpecification\": {\n      " + members + "\n    }\n  }\n}"
	}
	for name, test := range map[string]struct {
		document, want string
		options        convert.Options
	}{
		"nothing":               {document: " \n", want: "web.json is empty"},
		"YAML":                  {document: "group:\n  name: web\n", want: "web.json:1: begins with neither { nor ["},
		"UTF-16":                {document: "\xff\xfe{\x00}\x00", want: "UTF-16"},
		"Latin-1":               {document: "{\n\"name\": \"caf\xe9\"}", want: "web.json:2: is not UTF-8"},
		"cut short":             {document: "{\"compute\": {\n\"product\": \"Linux", want: "web.json:2: compute.product: the JSON breaks off"},
		"a comma too many":      {document: "{\"compute\": {\n\"product\": \"Linux\",\n}}", want: "web.json:3: compute.product: the JSON breaks off here or behind it: line 3, column 1"},
		"two documents":         {document: launch("") + "\n{}", want: "after top-level value"},
		"twice":                 {document: launch("\"imageId\": \"a\",\n      \"imageId\": \"b\""), want: "web.json:6: compute.launchSpecification.imageId: is there twice"},
		"a number of no size":   {document: launch(`"x": 1e999999999`), want: "web.json:5: compute.launchSpecification.x: is a number of a size that means nothing"},
		"an object for text":    {document: launch(`"keyPair": {}`), want: "web.json:5: compute.launchSpecification.keyPair: is an object; it has to be text"},
		"text for an object":    {document: launch(`"iamRole": "web"`), want: "web.json:5: compute.launchSpecification.iamRole: is text; it has to be an object"},
		"an object for a list":  {document: launch(`"tags": {"a": "b"}`), want: "web.json:5: compute.launchSpecification.tags: is an object; it has to be a list of objects"},
		"texts for objects":     {document: launch("\"tags\": [{},\n\"a\"]"), want: "web.json:6: compute.launchSpecification.tags[1]: is text; it has to be an object"},
		"user data of a number": {document: launch(`"userData": 5`), want: "web.json:5: compute.launchSpecification.userData: is a number; it has to be text"},
		"no base64": {
			document: launch(`"userData": "s3cret!"`), options: convert.Options{UserData: "boot.sh"},
			want: "web.json:5: compute.launchSpecification.userData: is not base64",
		},
		"an answer with an error": {
			document: `{"response": {"errors": [{"code": "GROUP_DOESNT_EXIST", "message": "no such group"}]}}`,
			want:     "web.json:1: response: Spot's answer is an error, and no group: no such group (GROUP_DOESNT_EXIST)",
		},
		"an answer without a group": {document: `{"response": {"items": []}}`, want: "response.items: has no group in it"},
		"several groups": {
			document: `{"response": {"items": [{"id": "sig-1", "name": "a"}, {"id": "sig-2", "name": "b"}]}}`,
			want:     "web.json has 2 groups; choose one, -group NAME or -group ID: a (sig-1), b (sig-2)",
		},
		"another group":                 {document: `[{"id": "sig-1", "name": "a"}]`, options: convert.Options{Group: "c"}, want: `no group of the name or ID "c", but a (sig-1)`},
		"a group alone, another wanted": {document: launch(""), options: convert.Options{Group: "c"}, want: `web.json has one group, and it is not "c"`},
		"two of a name": {
			document: `[{"id": "sig-1", "name": "a"}, {"id": "sig-2", "name": "a"}]`, options: convert.Options{Group: "a"},
			want: `several groups of the name "a"; choose one by its ID`,
		},
		"an Ocean cluster":        {document: `{"cluster": {}}`, want: "it is an Ocean cluster"},
		"a state of Terraform":    {document: `{"terraform_version": "1.8.0", "resources": []}`, want: "it is a state or plan of Terraform"},
		"something else":          {document: `{"a": 1, "b": 2}`, want: "it has neither capacity nor compute. Its members are: a, b"},
		"neither":                 {document: `{"compute": {"product": "Linux/UNIX"}}`, want: "neither capacity nor compute.launchSpecification"},
		"a list of texts":         {document: `["a"]`, want: "web.json:1: [0]: is text; it has to be an Elastigroup"},
		"a name that is none":     {document: launch(""), options: convert.Options{Name: "web__7"}, want: "-name: the name \"web__7\" ends like a revision"},
		"a name of strange signs": {document: "{\"capacity\": {},\n\"name\": \"§§\"}", want: "web.json:2: name: "},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := convert.Convert("web.json", []byte(test.document), test.options)
			if err == nil {
				t.Fatalf("it is converted:\n%s", out.Configuration)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the error tells a secret: %v", err)
			}
		})
	}
}
