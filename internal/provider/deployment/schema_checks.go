package deployment

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/float64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/check"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/validators"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// The defaults of a check and of compare.
const (
	defaultCheckEvery        = "1m"
	defaultCheckFailures     = 1
	defaultHTTPStatus        = 200
	defaultHTTPTimeout       = "10s"
	defaultLambdaTimeout     = "1m"
	defaultPrometheusTimeout = "10s"
	defaultCompareErrors     = 1.5
	defaultComparePercentile = 90
	defaultCompareRequests   = 200
)

// checkName takes names that can be told apart in a line of a plan.
func checkName() validator.String {
	pattern := regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)
	return validators.String("value must be a name of letters, digits, -, _ and .", func(value string) error {
		if len(value) > 40 || !pattern.MatchString(value) {
			return fmt.Errorf("%q is not a name of at most 40 letters, digits, dashes, underscores and dots", rollout.QuoteUpTo(value, 60))
		}
		return nil
	})
}

// jsonPointer takes pointers into JSON (RFC 6901): none at all is the whole.
func jsonPointer() validator.String {
	return validators.String("value must be a JSON Pointer such as /version", func(value string) error {
		_, err := check.ParsePointer(value)
		return err
	})
}

// headerName takes names of HTTP headers. It never quotes a value.
func headerName() validator.String {
	pattern := regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")
	return validators.String("value must be the name of a header", func(value string) error {
		if !pattern.MatchString(value) {
			return fmt.Errorf("%q is not the name of a header", rollout.QuoteUpTo(value, 60))
		}
		return nil
	})
}

// headerValue takes what a header can have. It never quotes the value.
func headerValue() validator.String {
	return validators.String("value must be one line", func(value string) error {
		if strings.ContainsAny(value, "\r\n\x00") {
			return errors.New("the value has more than one line, which a header cannot have")
		}
		return nil
	})
}

// checkBlock is what is asked about a new revision.
func checkBlock() schema.Block {
	return schema.ListNestedBlock{
		MarkdownDescription: "What is asked about the new revision; any number. Its answer is good, bad or not known. Each has one of the blocks `http`, `lambda` and `prometheus`. " +
			"None is asked on the way back, of a release that was proven before, or of a first deployment.",
		NestedObject: schema.NestedBlockObject{
			Attributes: map[string]schema.Attribute{
				"name": schema.StringAttribute{
					Required: true, Validators: []validator.String{checkName()},
					MarkdownDescription: "How plans, errors and events call it.",
				},
				"at": schema.StringAttribute{
					Optional: true, Computed: true, Default: stringdefault.StaticString(string(rollout.InBake)),
					Validators: []validator.String{stringvalidator.OneOf(string(rollout.OnStage), string(rollout.InBake), string(rollout.AtEnd))},
					MarkdownDescription: "When it is asked. `stage` (blue/green alone): when the new revision is whole and nobody's traffic has moved, until it is good. `bake` (the default): all through " +
						"each bake. `end`: when the new revision has all of it, before the previous one goes (in blue/green) and before it is proven.",
				},
				"every": schema.StringAttribute{
					Optional: true, Computed: true, Default: stringdefault.StaticString(defaultCheckEvery),
					Validators:          []validator.String{validators.DurationBetween(5*time.Second, 24*time.Hour)},
					MarkdownDescription: "How long after an answer it is asked again, `1m` if left out.",
				},
				"failures": schema.Int64Attribute{
					Optional: true, Computed: true, Default: int64default.StaticInt64(defaultCheckFailures),
					Validators:          []validator.Int64{int64validator.Between(1, 100)},
					MarkdownDescription: "How many bad answers in a row fail the release, `1` if left out. An answer that is not known counts neither way.",
				},
			},
			Blocks: map[string]schema.Block{"http": httpBlock(), "lambda": lambdaBlock(), "prometheus": prometheusBlock()},
		},
	}
}

func checkTimeout(preset string, longest time.Duration, text string) schema.Attribute {
	return schema.StringAttribute{
		Optional: true, Computed: true, Default: stringdefault.StaticString(preset), Validators: []validator.String{validators.DurationBetween(time.Second, longest)},
		MarkdownDescription: text,
	}
}

func httpBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "A request (GET) that is good if it is answered as is written here. Redirects are not followed, and a certificate is verified always. " +
			"What could not be reached (DNS, connection refused, TLS) is not known; what was asked and did not answer in time is bad.",
		Attributes: map[string]schema.Attribute{
			"url": schema.StringAttribute{
				Optional: true, Validators: []validator.String{checkURL(check.ParseURL)}, // required: see requiredIn
				MarkdownDescription: "Required. An absolute http or https URL, as whoever runs Terraform reaches it.",
			},
			"status": schema.Int64Attribute{
				Optional: true, Computed: true, Default: int64default.StaticInt64(defaultHTTPStatus), Validators: []validator.Int64{int64validator.Between(100, 599)},
				MarkdownDescription: "The status that it is answered with, `200` if left out.",
			},
			"contains": schema.StringAttribute{
				Optional: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
				MarkdownDescription: "A text that is in the answer.",
			},
			"json": schema.MapAttribute{
				ElementType: types.StringType, Optional: true,
				Validators:          []validator.Map{mapvalidator.SizeAtLeast(1), validators.NoNulls(), mapvalidator.KeysAre(jsonPointer())},
				MarkdownDescription: "What is where in an answer that is JSON: by JSON Pointer (`/version`), the value as text.",
			},
			"headers": schema.MapAttribute{
				ElementType: types.StringType, Optional: true, Sensitive: true,
				Validators:          []validator.Map{validators.NoNulls(), mapvalidator.KeysAre(headerName()), mapvalidator.ValueStringsAre(headerValue())},
				MarkdownDescription: "Headers of the request. They are in the state; a secret belongs in `secret_headers`.",
			},
			"secret_headers": schema.MapAttribute{
				ElementType: types.StringType, Optional: true, WriteOnly: true,
				Validators:          []validator.Map{validators.NoNulls(), mapvalidator.KeysAre(headerName()), mapvalidator.ValueStringsAre(headerValue())},
				MarkdownDescription: "More headers, which are never in a plan or state; for Terraform and OpenTofu from 1.11 on. A value that has changed plans nothing: the next apply takes it.",
			},
			"timeout": checkTimeout(defaultHTTPTimeout, 5*time.Minute, "How long the whole answer may take, `10s` if left out."),
		},
	}
}

func lambdaBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "A Lambda function that is invoked and answers `{\"status\": \"passed\"}`, `\"failed\"`, or `\"pending\"` to be asked again. One that fails is bad. It may be invoked more than once.",
		Attributes: map[string]schema.Attribute{
			"function_name": schema.StringAttribute{
				Optional: true, Validators: []validator.String{stringvalidator.LengthBetween(1, 256), validators.Unspaced()},
				MarkdownDescription: "Required. Its name or ARN, with an alias or version if need be: `orders-test:live`.",
			},
			"payload": schema.StringAttribute{
				Optional: true, Validators: []validator.String{validators.JSONObject()},
				MarkdownDescription: "A JSON object that is sent along.",
			},
			"timeout": checkTimeout(defaultLambdaTimeout, 15*time.Minute, "How long it may take, `1m` if left out, at most `15m`."),
		},
	}
}

func prometheusBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "An instant query that gives one number, which is good if it is `below` or `above` a limit. Nothing, NaN, several series, warnings and no answer are not known, and never zero.",
		Attributes: map[string]schema.Attribute{
			"url": schema.StringAttribute{
				Optional: true, Validators: []validator.String{checkURL(check.ParseServerURL)}, // required: see requiredIn
				MarkdownDescription: "Required. The server's address, to which `/api/v1/query` is added.",
			},
			"query": schema.StringAttribute{
				Optional: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
				MarkdownDescription: "Required. The query.",
			},
			"below": schema.Float64Attribute{Optional: true, MarkdownDescription: "What the number has to be below. Either this or `above`."},
			"above": schema.Float64Attribute{Optional: true, MarkdownDescription: "What the number has to be above. Either this or `below`."},
			"bearer_token": schema.StringAttribute{
				Optional: true, WriteOnly: true, Validators: []validator.String{headerValue()},
				MarkdownDescription: "A bearer token, which is never in a plan or state; for Terraform and OpenTofu from 1.11 on. One that has changed plans nothing: the next apply takes it.",
			},
			"bearer_token_env": schema.StringAttribute{
				Optional: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1), validators.Unspaced()},
				MarkdownDescription: "The environment variable that has the bearer token where Terraform runs.",
			},
			"username": schema.StringAttribute{
				Optional: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
				MarkdownDescription: "The user name for basic authentication.",
			},
			"password": schema.StringAttribute{
				Optional: true, WriteOnly: true,
				MarkdownDescription: "The password for it, which is never in a plan or state; for Terraform and OpenTofu from 1.11 on.",
			},
			"timeout": checkTimeout(defaultPrometheusTimeout, 5*time.Minute, "How long the answer may take, `10s` if left out."),
		},
	}
}

// compareBlock is what a new revision is allowed beside the live one.
func compareBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "In blue/green by weights behind application load balancers: compares the new target group with the live one over the same minutes of each bake, " +
			"by what the load balancers count. No alarm and no metrics server is needed.",
		Attributes: map[string]schema.Attribute{
			"errors": schema.Float64Attribute{
				Optional: true, Computed: true, Default: float64default.StaticFloat64(defaultCompareErrors), Validators: []validator.Float64{float64validator.Between(1, 1000)},
				MarkdownDescription: "How many times the live revision's rate of errors the new one's may be, `1.5` if left out. More than that has to be more than chance, and more than 0.1 percentage points. " +
					"Requests that nobody answered (502, 504) count as errors.",
			},
			"latency": schema.Float64Attribute{
				Optional: true, Validators: []validator.Float64{float64validator.Between(1, 1000)},
				MarkdownDescription: "How many times the live revision's latency the new one's may be, in the median of the minutes. Left out, latency is not compared.",
			},
			"percentile": schema.Int64Attribute{
				Optional: true, Computed: true, Default: int64default.StaticInt64(defaultComparePercentile), Validators: []validator.Int64{int64validator.Between(1, 99)},
				MarkdownDescription: "Which percentile `latency` is about, `90` if left out, which needs 100 requests a minute on either side.",
			},
			"min_requests": schema.Int64Attribute{
				Optional: true, Computed: true, Default: int64default.StaticInt64(defaultCompareRequests), Validators: []validator.Int64{int64validator.Between(1, 1_000_000_000)},
				MarkdownDescription: "How many requests either revision has to have in a bake, `200` if left out, or nothing is known.",
			},
		},
	}
}
