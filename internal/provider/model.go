package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// providerModel is the provider block.
type providerModel struct {
	Token                  types.String `tfsdk:"token"`
	Account                types.String `tfsdk:"account"`
	Region                 types.String `tfsdk:"region"`
	Profile                types.String `tfsdk:"profile"`
	AccessKey              types.String `tfsdk:"access_key"`
	SecretKey              types.String `tfsdk:"secret_key"`
	SessionToken           types.String `tfsdk:"session_token"`
	SharedConfigFiles      types.List   `tfsdk:"shared_config_files"`
	SharedCredentialsFiles types.List   `tfsdk:"shared_credentials_files"`
	AssumeRole             types.Object `tfsdk:"assume_role"`
	Endpoints              types.Object `tfsdk:"endpoints"`
	MaxRetries             types.Int64  `tfsdk:"max_retries"`
	EventLog               types.String `tfsdk:"event_log"`
	Notify                 types.List   `tfsdk:"notify"`
}

// notifyModel is one of the block's notify.
type notifyModel struct {
	WebhookURL types.String `tfsdk:"webhook_url"`
	Secret     types.String `tfsdk:"secret"`
	Headers    types.Map    `tfsdk:"headers"`
	Events     types.Set    `tfsdk:"events"`
	Format     types.String `tfsdk:"format"`
}

// assumeRoleModel is the block's assume_role.
type assumeRoleModel struct {
	RoleARN           types.String `tfsdk:"role_arn"`
	SessionName       types.String `tfsdk:"session_name"`
	ExternalID        types.String `tfsdk:"external_id"`
	Duration          types.String `tfsdk:"duration"`
	Policy            types.String `tfsdk:"policy"`
	PolicyARNs        types.Set    `tfsdk:"policy_arns"`
	Tags              types.Map    `tfsdk:"tags"`
	TransitiveTagKeys types.Set    `tfsdk:"transitive_tag_keys"`
	SourceIdentity    types.String `tfsdk:"source_identity"`
}

// endpointsModel is the block's endpoints.
type endpointsModel struct {
	Spot       types.String `tfsdk:"spot"`
	EC2        types.String `tfsdk:"ec2"`
	ELB        types.String `tfsdk:"elb"`
	ELBv2      types.String `tfsdk:"elbv2"`
	CloudWatch types.String `tfsdk:"cloudwatch"`
	STS        types.String `tfsdk:"sts"`
	Lambda     types.String `tfsdk:"lambda"`
}
