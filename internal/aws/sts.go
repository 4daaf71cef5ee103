package aws

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// stsOptions is how STS is called, by whomever.
func (c Config) stsOptions(o *sts.Options) {
	override(&o.BaseEndpoint, c.Endpoints.STS)
	o.HTTPClient = c.httpClient(o.HTTPClient)
	o.Retryer = c.retryer()
}

// Account is the AWS account that the credentials belong to. Nobody needs leave to ask for it.
func (c *Client) Account(ctx context.Context) (string, error) {
	s, err := c.services(ctx)
	if err != nil {
		return "", err
	}
	out, err := s.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", c.failed("asking for the AWS account of the credentials", "sts:GetCallerIdentity", err)
	}
	return aws.ToString(out.Account), nil
}

// The SDK's chain makes STS clients of its own for the roles that profiles and web identities name, before options for STS
// take effect. So what calls them is wrapped, and each call carries the options. They come before the SDK's own, which add
// to the retryer what is special about web identities. The chain also tries out its options without any client.

func (c Config) redirectRole(o *stscreds.AssumeRoleOptions) {
	if o.Client != nil {
		o.Client = redirectedRole{o.Client, c}
	}
}

func (c Config) redirectWebIdentity(o *stscreds.WebIdentityRoleOptions) {
	if o.Client != nil {
		o.Client = redirectedWebIdentity{o.Client, c}
	}
}

type redirectedRole struct {
	stscreds.AssumeRoleAPIClient
	config Config
}

func (r redirectedRole) AssumeRole(
	ctx context.Context, in *sts.AssumeRoleInput, options ...func(*sts.Options),
) (*sts.AssumeRoleOutput, error) {
	return r.AssumeRoleAPIClient.AssumeRole(ctx, in, slices.Insert(options, 0, r.config.stsOptions)...)
}

type redirectedWebIdentity struct {
	stscreds.AssumeRoleWithWebIdentityAPIClient
	config Config
}

func (r redirectedWebIdentity) AssumeRoleWithWebIdentity(
	ctx context.Context, in *sts.AssumeRoleWithWebIdentityInput, options ...func(*sts.Options),
) (*sts.AssumeRoleWithWebIdentityOutput, error) {
	return r.AssumeRoleWithWebIdentityAPIClient.AssumeRoleWithWebIdentity(ctx, in, slices.Insert(options, 0, r.config.stsOptions)...)
}
