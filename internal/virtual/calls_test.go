package virtual

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// carried carries a call of Terraform's into the bubble. Its context stays outside, where its end would be: a goroutine that waits for that, too,
// keeps the time from going by.
func carried[Request, Response any](ctx context.Context, b *bubble, request Request, do func(context.Context, Request) (Response, error)) (response Response, err error) {
	err = context.Canceled // if the bubble has ended
	b.run(func() { response, err = do(context.WithoutCancel(ctx), request) })
	return response, err
}

// StopProvider has nothing to stop: no rollout lasts long enough.
func (b *bubble) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}

func (b *bubble) ValidateProviderConfig(ctx context.Context, r *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return carried(ctx, b, r, b.ProviderServer.ValidateProviderConfig)
}

// between is how long it is from what people do to what they do next.
const between = 20 * time.Minute

func (b *bubble) ConfigureProvider(ctx context.Context, r *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return carried(ctx, b, r, func(ctx context.Context, r *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
		time.Sleep(between)
		return b.ProviderServer.ConfigureProvider(ctx, r)
	})
}

func (b *bubble) ValidateResourceConfig(ctx context.Context, r *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return carried(ctx, b, r, b.ProviderServer.ValidateResourceConfig)
}

func (b *bubble) UpgradeResourceState(ctx context.Context, r *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return carried(ctx, b, r, b.ProviderServer.UpgradeResourceState)
}

func (b *bubble) ReadResource(ctx context.Context, r *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return carried(ctx, b, r, b.ProviderServer.ReadResource)
}

func (b *bubble) PlanResourceChange(ctx context.Context, r *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return carried(ctx, b, r, b.ProviderServer.PlanResourceChange)
}

func (b *bubble) ApplyResourceChange(ctx context.Context, r *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return carried(ctx, b, r, b.ProviderServer.ApplyResourceChange)
}

func (b *bubble) ImportResourceState(ctx context.Context, r *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return carried(ctx, b, r, b.ProviderServer.ImportResourceState)
}

func (b *bubble) MoveResourceState(ctx context.Context, r *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	return carried(ctx, b, r, b.ProviderServer.MoveResourceState)
}

func (b *bubble) ValidateDataResourceConfig(ctx context.Context, r *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return carried(ctx, b, r, b.ProviderServer.ValidateDataResourceConfig)
}

func (b *bubble) ReadDataSource(ctx context.Context, r *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return carried(ctx, b, r, b.ProviderServer.ReadDataSource)
}
