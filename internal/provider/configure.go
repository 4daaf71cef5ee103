package provider

import (
	"context"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/aws"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/clouds"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/diagtext"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot"
)

// defaultMaxRetries is how often a throttled or failed call is tried again, for both clouds.
const defaultMaxRetries = aws.DefaultMaxRetries

// Configure makes the clients of both clouds. It asks neither of them anything. Of a block that is not known yet no clients can be made.
func (p *elastigroupProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	defer diagtext.Locate(&resp.Diagnostics)
	var model providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if unknown := unknownOf(req.Config, &resp.Diagnostics); len(unknown) > 0 {
		var data any = p.later(ctx, model, unknown, &resp.Diagnostics)
		resp.ResourceData, resp.DataSourceData, resp.ListResourceData, resp.ActionData = data, data, data, data
	}
	if resp.Diagnostics.HasError() || resp.ResourceData != nil {
		return
	}
	endpoints := endpointsOf(ctx, model, &resp.Diagnostics)
	agent := p.userAgent(req.TerraformVersion)
	clients := &clouds.Clients{
		Spot: p.spotClient(model, endpoints, agent, &resp.Diagnostics),
		AWS:  p.awsClient(ctx, model, endpoints, agent, &resp.Diagnostics),

		Transport: p.transport, UserAgent: agent,
	}
	clients.Events.Sinks = p.sinks(ctx, model, agent, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.ResourceData = clients
	resp.DataSourceData = clients
	resp.ListResourceData = clients
	resp.ActionData = clients
}

// endpointsOf are the endpoints of the block; those that are not written or not known are empty.
func endpointsOf(ctx context.Context, model providerModel, diags *diag.Diagnostics) endpointsModel {
	var endpoints endpointsModel
	if !model.Endpoints.IsNull() && !model.Endpoints.IsUnknown() {
		diags.Append(model.Endpoints.As(ctx, &endpoints, basetypes.ObjectAsOptions{})...)
	}
	return endpoints
}

// userAgent is how the provider introduces itself to both clouds.
func (p *elastigroupProvider) userAgent(terraform string) string {
	agent := "terraform-provider-elastigroup/" + p.version
	if terraform == "" {
		return agent
	}
	return agent + " terraform/" + terraform
}

// spotClient makes the client of the Spot half, nil if it cannot be made.
func (p *elastigroupProvider) spotClient(model providerModel, endpoints endpointsModel, agent string, diags *diag.Diagnostics) *spot.Client {
	config := spot.Config{
		Token:      model.Token.ValueString(),
		Account:    model.Account.ValueString(),
		Endpoint:   endpoints.Spot.ValueString(),
		MaxRetries: defaultMaxRetries,
		UserAgent:  agent,
		Transport:  p.transport,
	}
	if !model.MaxRetries.IsNull() && !model.MaxRetries.IsUnknown() {
		config.MaxRetries = int(model.MaxRetries.ValueInt64())
	}
	checkSpot(config, nil, diags)
	if diags.HasError() {
		return nil
	}
	client, err := spot.New(config)
	if err != nil {
		diags.AddError("Spot cannot be reached with this configuration", diagtext.Sentence(err))
		return nil
	}
	return client
}

// placeholder is a configuration for which each setting is tried alone.
var placeholder = spot.Config{Token: "placeholder", Account: "act-placeholder", Endpoint: "https://placeholder.invalid"}

// checkSpot tries each setting that may come from elsewhere (the environment, a file) with placeholders for the others, so
// that an error points at its attribute and all that is missing is said at once. What is not known yet is not tried. Making a client asks nobody
// anything.
func checkSpot(config spot.Config, unknown path.Paths, diags *diag.Diagnostics) {
	for _, setting := range []struct {
		at      path.Path
		summary string
		alone   spot.Config
	}{
		{path.Root("token"), "Missing Spot token", spot.Config{Token: config.Token, Account: placeholder.Account, Endpoint: placeholder.Endpoint}},
		{path.Root("account"), "Missing Spot account", spot.Config{Token: placeholder.Token, Account: config.Account, Endpoint: placeholder.Endpoint}},
		{path.Root("endpoints").AtName("spot"), "Invalid Spot endpoint", spot.Config{Token: placeholder.Token, Account: placeholder.Account, Endpoint: config.Endpoint}},
	} {
		if unknown.Contains(setting.at) || unknown.Contains(setting.at.ParentPath()) {
			continue
		}
		if _, err := spot.New(setting.alone); err != nil {
			diags.AddAttributeError(setting.at, setting.summary, diagtext.Sentence(err))
		}
	}
}

// awsClient makes the client of the AWS half, nil if it cannot be made.
func (p *elastigroupProvider) awsClient(ctx context.Context, model providerModel, endpoints endpointsModel, agent string, diags *diag.Diagnostics) *aws.Client {
	config := aws.Config{
		Region:       model.Region.ValueString(),
		Profile:      model.Profile.ValueString(),
		AccessKey:    trimmed(model.AccessKey),
		SecretKey:    trimmed(model.SecretKey),
		SessionToken: trimmed(model.SessionToken),
		Endpoints: aws.Endpoints{
			EC2:        endpoints.EC2.ValueString(),
			ELB:        endpoints.ELB.ValueString(),
			ELBv2:      endpoints.ELBv2.ValueString(),
			CloudWatch: endpoints.CloudWatch.ValueString(),
			STS:        endpoints.STS.ValueString(),
			Lambda:     endpoints.Lambda.ValueString(),
		},
		MaxRetries: awsRetries(model),
		UserAgent:  agent,
		Transport:  p.transport,
	}
	diags.Append(model.SharedConfigFiles.ElementsAs(ctx, &config.SharedConfigFiles, false)...)
	diags.Append(model.SharedCredentialsFiles.ElementsAs(ctx, &config.SharedCredentialsFiles, false)...)
	config.AssumeRole = assumedRole(ctx, model, diags)
	if diags.HasError() {
		return nil
	}
	client, err := aws.New(config)
	if err != nil {
		diags.AddError("AWS cannot be reached with this configuration", diagtext.Sentence(err))
		return nil
	}
	return client
}

// trimmed is a credential without the line break that a file ends with.
func trimmed(credential types.String) string { return strings.TrimSpace(credential.ValueString()) }

// awsRetries is how often an AWS call is tried again, as the client takes it: 0 leaves it to AWS_MAX_ATTEMPTS or the
// default, a negative number is none.
func awsRetries(model providerModel) int {
	switch {
	case model.MaxRetries.IsNull(), model.MaxRetries.IsUnknown():
		return 0
	case model.MaxRetries.ValueInt64() == 0:
		return -1
	}
	return int(model.MaxRetries.ValueInt64())
}

// assumedRole is the role that the AWS half assumes, nil if it assumes none.
func assumedRole(ctx context.Context, model providerModel, diags *diag.Diagnostics) *aws.AssumeRole {
	if model.AssumeRole.IsNull() {
		return nil
	}
	var block assumeRoleModel
	diags.Append(model.AssumeRole.As(ctx, &block, basetypes.ObjectAsOptions{})...)
	role := &aws.AssumeRole{
		RoleARN:        block.RoleARN.ValueString(),
		SessionName:    block.SessionName.ValueString(),
		ExternalID:     block.ExternalID.ValueString(),
		Policy:         block.Policy.ValueString(),
		SourceIdentity: block.SourceIdentity.ValueString(),
	}
	if written(block.Duration) {
		duration, err := time.ParseDuration(block.Duration.ValueString())
		if err != nil {
			diags.AddAttributeError(path.Root("assume_role").AtName("duration"), "Invalid duration", diagtext.Sentence(err))
		}
		role.Duration = duration
	}
	diags.Append(block.PolicyARNs.ElementsAs(ctx, &role.PolicyARNs, false)...)
	diags.Append(block.Tags.ElementsAs(ctx, &role.Tags, false)...)
	diags.Append(block.TransitiveTagKeys.ElementsAs(ctx, &role.TransitiveTagKeys, false)...)
	return role
}
