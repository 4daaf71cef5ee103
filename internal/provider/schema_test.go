package provider_test

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	fw "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
)

// The framework finds these mistakes only when Terraform runs into them.
func TestSchemasAreValid(t *testing.T) {
	ctx := context.Background()
	p := provider.New("test")()

	var schema fw.SchemaResponse
	p.Schema(ctx, fw.SchemaRequest{}, &schema)
	if diags := schema.Schema.ValidateImplementation(ctx); diags.HasError() {
		t.Errorf("provider: %v", diags)
	}
	for _, make := range p.DataSources(ctx) {
		var name datasource.MetadataResponse
		var schema datasource.SchemaResponse
		d := make()
		d.Metadata(ctx, datasource.MetadataRequest{ProviderTypeName: "elastigroup"}, &name)
		d.Schema(ctx, datasource.SchemaRequest{}, &schema)
		if diags := schema.Schema.ValidateImplementation(ctx); diags.HasError() {
			t.Errorf("%s: %v", name.TypeName, diags)
		}
	}
	for _, make := range p.Resources(ctx) {
		var name resource.MetadataResponse
		var schema resource.SchemaResponse
		r := make()
		r.Metadata(ctx, resource.MetadataRequest{ProviderTypeName: "elastigroup"}, &name)
		r.Schema(ctx, resource.SchemaRequest{}, &schema)
		if diags := schema.Schema.ValidateImplementation(ctx); diags.HasError() {
			t.Errorf("%s: %v", name.TypeName, diags)
		}
	}
}

// The registry's pages are made of descriptions, so an attribute without one is a hole in the documentation.
func TestEverythingIsDescribed(t *testing.T) {
	s := providertest.Serve(t)
	described(t, "provider", s.Schema.Provider.Block)
	for name, schema := range s.Schema.DataSourceSchemas {
		described(t, name, schema.Block)
	}
	for name, schema := range s.Schema.ResourceSchemas {
		described(t, name, schema.Block)
	}
}

func described(t *testing.T, at string, block *tfprotov6.SchemaBlock) {
	t.Helper()
	for _, attribute := range block.Attributes {
		describedAttribute(t, at, attribute)
	}
	for _, nested := range block.BlockTypes {
		described(t, at+"."+nested.TypeName, nested.Block)
	}
}

func describedAttribute(t *testing.T, at string, attribute *tfprotov6.SchemaAttribute) {
	t.Helper()
	at += "." + attribute.Name
	if attribute.Description == "" {
		t.Errorf("%s has no description", at)
	}
	if attribute.NestedType == nil {
		return
	}
	for _, member := range attribute.NestedType.Attributes {
		describedAttribute(t, at, member)
	}
}

func TestSecretsAreSensitive(t *testing.T) {
	s := providertest.Serve(t)
	for _, secret := range []struct {
		schema *tfprotov6.Schema
		name   string
	}{
		{s.Schema.Provider, "token"},
		{s.Schema.Provider, "secret_key"},
		{s.Schema.Provider, "session_token"},
		{s.Schema.DataSourceSchemas["elastigroup_group"], "user_data_base64"},
	} {
		found := false
		for _, attribute := range secret.schema.Block.Attributes {
			if attribute.Name == secret.name {
				found = attribute.Sensitive
			}
		}
		if !found {
			t.Errorf("%s is not sensitive", secret.name)
		}
	}
}
