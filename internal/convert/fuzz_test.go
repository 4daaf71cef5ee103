package convert_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/convert"
)

// Whatever a file has, it is refused, or what is written of it parses, is formatted, and quotes no user data.
func FuzzConvert(f *testing.F) {
	for _, name := range append([]string{"testdata/harness.json", "testdata/odd.json"}, exports...) {
		f.Add(read(f, name))
	}
	f.Add([]byte(document))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, options := range []convert.Options{{}, {TemplateOnly: true}, {ShowSecrets: true}, {UserData: "boot.sh"}} {
			out, err := convert.Convert("web.json", data, options)
			if err != nil {
				if !strings.Contains(err.Error(), "web.json") {
					t.Errorf("the error does not say of which file: %v", err)
				}
				continue
			}
			if _, diags := hclsyntax.ParseConfig([]byte(out.Configuration), "main.tf", hcl.InitialPos); diags.HasErrors() {
				t.Errorf("%v in:\n%s", diags, out.Configuration)
			}
			if formatted := string(hclwrite.Format([]byte(out.Configuration))); formatted != out.Configuration {
				t.Errorf("terraform fmt writes\n%s\nof\n%s", formatted, out.Configuration)
			}
		}
	})
}
