package provider

import (
	"context"
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/validators"
)

// regionPattern is a host label, which a region's name becomes a part of: a typing error would be asked for by DNS.
var regionPattern = regexp.MustCompile(`^([a-z0-9][a-z0-9-]{0,62})?$`)

// What STS takes, by the parameter patterns of its AssumeRole action:
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
var (
	sessionNamePattern = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
	externalIDPattern  = regexp.MustCompile(`^[\w+=,.@:/-]*$`)
	roleARNPattern     = regexp.MustCompile(`^arn:[\w-]+:iam::\d{12}:role/[\w+=,.@/-]+$`)
	policyARNPattern   = regexp.MustCompile(`^arn:[\w-]+:iam::(\d{12}|aws):policy/[\w+=,.@/-]+$`)
)

const (
	shortestSession = 15 * time.Minute
	longestSession  = 12 * time.Hour
)

// Schema describes the provider block.
func (p *elastigroupProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Releases machine images onto Spot Elastigroups (AWS) by rollouts that the plan shows first.",
		Attributes: map[string]schema.Attribute{
			"token": schema.StringAttribute{
				Optional: true, Sensitive: true,
				MarkdownDescription: "The Spot API token. Else the environment variable `SPOTINST_TOKEN`, else the Spot credentials file " +
					"(`~/.spotinst/credentials`, or what `SPOTINST_CREDENTIALS_FILE` names).",
				Validators: []validator.String{validators.Unspaced()},
			},
			"account": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The Spot account, such as `act-0123abcd`. Else the environment variable `SPOTINST_ACCOUNT`, else the Spot " +
					"credentials file. One is required in the end: the API would silently pick the organisation's oldest account.",
				Validators: []validator.String{validators.SpotAccount()},
			},
			"region": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The AWS region. Else `AWS_REGION`, `AWS_DEFAULT_REGION`, or the profile's.",
				Validators: []validator.String{
					stringvalidator.RegexMatches(regionPattern, "must be the name of an AWS region, such as us-east-1"),
				},
			},
			"profile": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "A profile of the AWS shared configuration. Else `AWS_PROFILE`.",
			},
			"access_key": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "An AWS access key, together with `secret_key`. Else `AWS_ACCESS_KEY_ID`.",
				Validators:          []validator.String{validators.Unspaced()},
			},
			"secret_key": schema.StringAttribute{
				Optional: true, Sensitive: true,
				MarkdownDescription: "The AWS secret key, together with `access_key`. Else `AWS_SECRET_ACCESS_KEY`.",
				Validators:          []validator.String{validators.Unspaced()},
			},
			"session_token": schema.StringAttribute{
				Optional: true, Sensitive: true,
				MarkdownDescription: "The session token of temporary AWS credentials. Else `AWS_SESSION_TOKEN`.",
				Validators:          []validator.String{validators.Unspaced()},
			},
			"shared_config_files": schema.ListAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "AWS shared configuration files. Else `AWS_CONFIG_FILE`, else `~/.aws/config`.",
				Validators:          []validator.List{validators.NoNulls()},
			},
			"shared_credentials_files": schema.ListAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "AWS shared credentials files. Else `AWS_SHARED_CREDENTIALS_FILE`, else `~/.aws/credentials`.",
				Validators:          []validator.List{validators.NoNulls()},
			},
			"max_retries": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "How often a throttled or failed call is tried again, for both clouds. Default: 10; for AWS, `AWS_MAX_ATTEMPTS` goes before it.",
				Validators:          []validator.Int64{int64validator.Between(0, 1000)},
			},
			"event_log": eventLogAttribute(),
		},
		Blocks: map[string]schema.Block{
			"assume_role": assumeRoleBlock(),
			"endpoints":   endpointsBlock(),
			"notify":      notifyBlock(),
		},
	}
}

func assumeRoleBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "An IAM role that the AWS half assumes with the credentials above.",
		Attributes: map[string]schema.Attribute{
			"role_arn": schema.StringAttribute{
				// The framework asks for what is required in a single block even where the block is left out; see validateRole.
				Optional:            true,
				MarkdownDescription: "The role's ARN. Required in this block.",
				Validators: []validator.String{
					stringvalidator.RegexMatches(roleARNPattern, "must be the ARN of an IAM role, such as arn:aws:iam::123456789012:role/deploy"),
				},
			},
			"session_name": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The session's name, as CloudTrail shows it.",
				Validators: []validator.String{
					stringvalidator.RegexMatches(sessionNamePattern, "must be 2 to 64 letters, digits and characters of +=,.@_-"),
				},
			},
			"external_id": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The external ID that the role's trust policy may ask for.",
				Validators: []validator.String{
					stringvalidator.LengthBetween(2, 1224),
					stringvalidator.RegexMatches(externalIDPattern, "must be letters, digits and characters of +=,.@:/_-"),
				},
			},
			"duration": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "How long a session lasts, 15m to 12h. Sessions are renewed while a rollout runs.",
				Validators:          []validator.String{validators.DurationBetween(shortestSession, longestSession)},
			},
			"policy": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "An IAM policy (JSON) that narrows what the session may do.",
				Validators:          []validator.String{validators.JSONObject()},
			},
			"policy_arns": schema.SetAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "ARNs of managed IAM policies that narrow what the session may do, at most 10.",
				Validators: []validator.Set{
					setvalidator.SizeAtMost(10), validators.NoNulls(),
					setvalidator.ValueStringsAre(stringvalidator.RegexMatches(policyARNPattern,
						"must be the ARN of an IAM policy, such as arn:aws:iam::aws:policy/ReadOnlyAccess")),
				},
			},
			"tags": schema.MapAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "Session tags, at most 50.",
				Validators: []validator.Map{
					mapvalidator.SizeAtMost(50), validators.NoNulls(),
					mapvalidator.KeysAre(stringvalidator.LengthBetween(1, 128)),
					mapvalidator.ValueStringsAre(stringvalidator.LengthAtMost(256)),
				},
			},
			"transitive_tag_keys": schema.SetAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "Those of `tags` that are handed on when the session assumes another role.",
				Validators:          []validator.Set{validators.NoNulls()},
			},
			"source_identity": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The source identity that CloudTrail keeps through chains of roles.",
				Validators: []validator.String{
					stringvalidator.RegexMatches(sessionNamePattern, "must be 2 to 64 letters, digits and characters of +=,.@_-"),
				},
			},
		},
	}
}

func endpointsBlock() schema.Block {
	endpoint := func(description string) schema.Attribute {
		return schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: description,
			Validators:          []validator.String{validators.AbsoluteURL()},
		}
	}
	return schema.SingleNestedBlock{
		MarkdownDescription: "Where the APIs are, if not where they usually are. Each is an absolute http or https URL.",
		Attributes: map[string]schema.Attribute{
			"spot":       endpoint("The Spot API. Else `SPOTINST_ENDPOINT`."),
			"ec2":        endpoint("Amazon EC2. Else `AWS_ENDPOINT_URL_EC2`, else `AWS_ENDPOINT_URL`."),
			"elb":        endpoint("Classic load balancers. Else `AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING`, else `AWS_ENDPOINT_URL`."),
			"elbv2":      endpoint("Application and network load balancers. Else `AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2`, else `AWS_ENDPOINT_URL`."),
			"cloudwatch": endpoint("Amazon CloudWatch. Else `AWS_ENDPOINT_URL_CLOUDWATCH`, else `AWS_ENDPOINT_URL`."),
			"sts":        endpoint("AWS STS. Else `AWS_ENDPOINT_URL_STS`, else `AWS_ENDPOINT_URL`."),
			"lambda":     endpoint("AWS Lambda. Else `AWS_ENDPOINT_URL_LAMBDA`, else `AWS_ENDPOINT_URL`."),
		},
	}
}
