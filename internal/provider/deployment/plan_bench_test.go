package deployment_test

import (
	"fmt"
	"sync"
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

// BenchmarkWorkspace plans a release of so many deployments, ten at a time as Terraform does, in an account with so many groups of others: what
// the provider adds to Terraform's own time, and how often it lists groups for it.
func BenchmarkWorkspace(b *testing.B) {
	for _, deployments := range []int{10, 100, 500} {
		for _, foreign := range []int{0, 1000, 5000} {
			b.Run(fmt.Sprintf("deployments=%d/foreign=%d", deployments, foreign), func(b *testing.B) { benchmarkWorkspace(b, deployments, foreign) })
		}
	}
}

func benchmarkWorkspace(b *testing.B, deployments, foreign int) {
	config := webWorld()
	config.RateLimit = 1_000_000 // it is not Spot's limit that is measured
	for i := range deployments {
		config.Groups = append(config.Groups, existing(fmt.Sprintf("svc-%d__1", i), "ami-1", 2, 4, 8))
	}
	for i := range foreign {
		config.Groups = append(config.Groups, existing(fmt.Sprintf("foreign-%d", i), "ami-1", 0, 0, 0))
	}
	d := deploymentIn(b, sandbox.New(config))
	d.through = nil
	all := make([]*deployment, deployments)
	for i := range all {
		all[i] = d.secondResource()
		if diags := all[i].load(fmt.Sprint("svc-", i)); providertest.Failed(diags) {
			b.Fatal(providertest.Render(diags))
		}
	}
	lists := 0
	for b.Loop() {
		d.restart()
		calls := len(d.world.Calls())
		var wait sync.WaitGroup
		turns := make(chan struct{}, 10)
		for i, one := range all {
			one.server = d.server
			wait.Go(func() {
				turns <- struct{}{}
				defer func() { <-turns }()
				config := release("ami-2", object{"name": fmt.Sprint("svc-", i)})
				diags := append(one.validate(config), one.refresh()...)
				if diags = append(diags, one.planOnly(config).diags...); providertest.Failed(diags) {
					b.Error(providertest.Render(diags))
				}
			})
		}
		wait.Wait()
		for _, call := range d.world.Calls()[calls:] {
			if call.Action == "ListGroups" {
				lists++
			}
		}
	}
	b.ReportMetric(float64(lists)/float64(b.N), "lists/op")
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N*deployments), "ms/deployment")
}
