package provider

import (
	"context"
	"net/http"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/actions"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/deployment"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/group"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/image"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/targetgroup"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/template"
)

var (
	_ provider.Provider                   = (*elastigroupProvider)(nil)
	_ provider.ProviderWithValidateConfig = (*elastigroupProvider)(nil)
	_ provider.ProviderWithListResources  = (*elastigroupProvider)(nil)
	_ provider.ProviderWithActions        = (*elastigroupProvider)(nil)
)

// New returns what makes the provider. The version goes into its schema and its user agent.
func New(version string, options ...Option) func() provider.Provider {
	return func() provider.Provider {
		p := &elastigroupProvider{version: version}
		for _, option := range options {
			option(p)
		}
		return p
	}
}

// Option changes how the provider reaches the clouds.
type Option func(*elastigroupProvider)

// WithTransport lets all calls to both clouds go through the given transport instead of the network.
func WithTransport(transport http.RoundTripper) Option {
	return func(p *elastigroupProvider) { p.transport = transport }
}

// WithWebhooks lets all posts to webhooks go through the given transport instead of the network.
func WithWebhooks(transport http.RoundTripper) Option {
	return func(p *elastigroupProvider) { p.webhooks = transport }
}

type elastigroupProvider struct {
	version   string
	transport http.RoundTripper // nil: the network
	webhooks  http.RoundTripper // likewise
}

// Metadata says what the names of resources and data sources begin with.
func (p *elastigroupProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "elastigroup"
	resp.Version = p.version
}

// Resources lists the resources.
func (p *elastigroupProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{deployment.New}
}

// ListResources lists what terraform query can list.
func (p *elastigroupProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{deployment.NewList}
}

// DataSources lists the data sources.
func (p *elastigroupProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		image.NewAMI,
		image.NewAMIs,
		group.New,
		targetgroup.New,
		targetgroup.NewList,
		template.New,
	}
}

// Actions lists the actions, which Terraform has from 1.14 on.
func (p *elastigroupProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{actions.NewPromote, actions.NewAbort, actions.NewWatch}
}
