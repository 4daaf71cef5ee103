package aws

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"
)

// DefaultMaxRetries is how often a throttled or failed call is tried again when [Config.MaxRetries] is 0.
const DefaultMaxRetries = 10

// Config is what a provider block says about AWS. All of it is optional: what is missing comes from the environment and
// the shared files, as in the AWS SDK for Go (https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html).
type Config struct {
	// Region is "us-east-1"; else AWS_REGION, AWS_DEFAULT_REGION, or the profile's.
	Region string
	// Profile names a profile of the shared files; else AWS_PROFILE.
	Profile string
	// AccessKey and SecretKey come together, SessionToken with them. They win over every other source.
	AccessKey    string
	SecretKey    string
	SessionToken string
	// SharedConfigFiles and SharedCredentialsFiles replace ~/.aws/config and ~/.aws/credentials.
	SharedConfigFiles      []string
	SharedCredentialsFiles []string
	// AssumeRole is a role that is assumed with the credentials found; nil for none.
	AssumeRole *AssumeRole
	Endpoints  Endpoints
	// MaxRetries is how often a throttled or failed call is tried again. 0 is AWS_MAX_ATTEMPTS if that is set, and
	// DefaultMaxRetries if not; a negative number is no retry.
	MaxRetries int
	// UserAgent is added to the SDK's own: products as "name/version", separated by spaces.
	UserAgent string
	// Transport replaces the network, for tests. Nil is the SDK's own, which honours HTTPS_PROXY and AWS_CA_BUNDLE.
	Transport http.RoundTripper
}

// AssumeRole is a role to assume (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html).
type AssumeRole struct {
	// RoleARN is required.
	RoleARN string
	// SessionName is 2 to 64 letters, digits and characters of "_+=,.@-"; empty is DefaultSessionName.
	SessionName string
	ExternalID  string
	// Duration of one session, 15m to 12h; 0 is 15m. Sessions are renewed as long as a rollout takes.
	Duration time.Duration
	// Policy is a JSON document, and PolicyARNs name managed policies, that narrow the session down.
	Policy            string
	PolicyARNs        []string
	Tags              map[string]string
	TransitiveTagKeys []string
	SourceIdentity    string
}

// DefaultSessionName is the session name of an assumed role for which none is given. CloudTrail shows it.
const DefaultSessionName = "terraform-provider-elastigroup"

// Endpoints are absolute http or https URLs that replace AWS's own; else AWS_ENDPOINT_URL_EC2,
// AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING, AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2, AWS_ENDPOINT_URL_CLOUDWATCH,
// AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL_LAMBDA, or AWS_ENDPOINT_URL for all of them.
type Endpoints struct {
	EC2, ELB, ELBv2, CloudWatch, STS, Lambda string
}

// The forms that AWS documents for what AssumeRole takes. The region's form keeps a typing error from becoming the name of
// a host that does not exist.
var (
	regionForm      = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`) })
	roleARNForm     = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^arn:[a-z0-9-]+:iam::[0-9]{12}:role/.+$`) })
	sessionNameForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[\w+=,.@-]{2,64}$`) })
)

// validate finds what is wrong with a configuration without asking anybody. No value that may be secret is quoted.
func (c Config) validate() error {
	var wrong []error
	if c.Region != "" && !regionForm().MatchString(c.Region) {
		wrong = append(wrong, fmt.Errorf("region %q is not the name of an AWS region, such as us-east-1", c.Region))
	}
	wrong = append(wrong, c.validateKeys(), c.AssumeRole.validate(), c.Endpoints.validate())
	return errors.Join(wrong...)
}

func (c Config) validateKeys() error {
	switch {
	case c.AccessKey != "" && c.SecretKey == "":
		return errors.New("access_key is set without secret_key; they come together")
	case c.AccessKey == "" && c.SecretKey != "":
		return errors.New("secret_key is set without access_key; they come together")
	case c.AccessKey == "" && c.SessionToken != "":
		return errors.New("session_token is set without access_key and secret_key, which it belongs to")
	}
	return nil
}

func (r *AssumeRole) validate() error {
	switch {
	case r == nil:
		return nil
	case !roleARNForm().MatchString(r.RoleARN):
		return fmt.Errorf("assume_role: %q is not the ARN of a role, such as arn:aws:iam::123456789012:role/deploy", r.RoleARN)
	case r.SessionName != "" && !sessionNameForm().MatchString(r.SessionName):
		return fmt.Errorf("assume_role: session name %q is not 2 to 64 letters, digits and characters of _+=,.@-", r.SessionName)
	case r.Duration != 0 && (r.Duration < 15*time.Minute || r.Duration > 12*time.Hour):
		return fmt.Errorf("assume_role: a duration of %s is not between 15m and 12h", r.Duration)
	}
	return nil
}

func (e Endpoints) validate() error {
	var wrong []error
	for _, it := range []struct{ name, url string }{
		{"ec2", e.EC2}, {"elb", e.ELB}, {"elbv2", e.ELBv2}, {"cloudwatch", e.CloudWatch}, {"sts", e.STS}, {"lambda", e.Lambda},
	} {
		if it.url != "" && !absolute(it.url) {
			wrong = append(wrong, fmt.Errorf("endpoint %s is not an absolute http or https URL", it.name))
		}
	}
	return errors.Join(wrong...)
}

// absolute tells whether something is an http or https URL with a host.
func absolute(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (strings.EqualFold(u.Scheme, "http") || strings.EqualFold(u.Scheme, "https"))
}
