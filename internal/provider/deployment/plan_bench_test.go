package deployment_test

import (
	"testing"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// BenchmarkPlan plans a release of a document that is about as large as they get, as Terraform does within apply: without a refresh.
func BenchmarkPlan(b *testing.B) {
	d := deploymentIn(b, sandbox.New(webWorld()))
	d.through = nil
	document := webDocument()
	var tags []any
	for i := range 25 {
		tags = append(tags, object{"tagKey": "key-" + string(rune('a'+i)), "tagValue": "a value of some length"})
	}
	memberAt(document, "compute", "launchSpecification")["tags"] = tags
	config := func(image string) object { return release(image, object{"configuration": asJSON(document)}) }
	if _, diags := d.tryApply(config("ami-1")); providertest.Failed(diags) {
		b.Fatal(providertest.Render(diags))
	}
	for b.Loop() {
		if p := d.planOnly(config("ami-2")); providertest.Failed(p.diags) {
			b.Fatal(providertest.Render(p.diags))
		}
	}
}
