package aws

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/pace"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// attemptTimeout is how long one attempt may take, its answer read to the end. The SDK sets no bound of its own, so a
// connection that died silently would hold a rollout until its deadline.
const attemptTimeout = 60 * time.Second

// Client speaks to AWS for a whole process: any number of rollouts share it, and callers that ask the same thing at the
// same time share the call. It is safe for concurrent use.
type Client struct {
	config Config

	mu    sync.Mutex
	ready *services

	images  batch[runner.Image]
	groups  batch[runner.TargetGroup]
	delays  batch[attributes]
	zones   batch[[]string]
	health  joint[struct{}, []runner.Target]
	classic joint[struct{}, []runner.Target]
	routes  batch[Route]
	rules   batch[Route]
	uses    joint[struct{}, []Route]
	alarms  joint[[]string, map[string]runner.Alarm]
	history joint[time.Time, []transition]
	metrics joint[[]metricsOf, map[string]readGroup]
}

var (
	_ runner.Balancers = (*Client)(nil)
	_ runner.Machines  = (*Client)(nil)
)

// New checks the configuration and returns a client that has not looked at anything yet: files, the environment and the
// network come with the first call. The error names every attribute that is wrong.
func New(c Config) (*Client, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	asked := func() *pace.Pace { return pace.New(mostHealth, healthEvery) }
	return &Client{
		config:  c,
		health:  joint[struct{}, []runner.Target]{most: asked, all: pace.New(mostHealthOfAll, healthOfAllEvery)},
		classic: joint[struct{}, []runner.Target]{most: asked, all: pace.New(mostHealthOfAll, healthOfAllEvery)},
		groups:  batch[runner.TargetGroup]{joint: joint[string, map[string]answerTo[runner.TargetGroup]]{gather: gatherNames}},
		zones:   batch[[]string]{joint: joint[string, map[string]answerTo[[]string]]{gather: gatherNames}},
		metrics: joint[[]metricsOf, map[string]readGroup]{gather: gatherFor},
	}, nil
}

// Ready tells whether AWS can be spoken to at all: it is nil when there is a region and credentials are found. They are
// resolved now; a machine that is not in EC2 is found out within a second. Nothing is said about what they permit.
func (c *Client) Ready(ctx context.Context) error {
	s, err := c.services(ctx)
	if err != nil {
		return err
	}
	if err := s.credentials.probe(ctx); err != nil {
		return c.failed("looking for AWS credentials", "sts:AssumeRole", err)
	}
	return nil
}

// Region is the region that calls go to.
func (c *Client) Region(ctx context.Context) (string, error) {
	s, err := c.services(ctx)
	if err != nil {
		return "", err
	}
	return s.region, nil
}

// services are the clients, one a service, that everybody shares.
type services struct {
	region      string
	credentials *keyring

	ec2        ec2Operations
	elb        elbOperations
	elbv2      elbv2Operations
	cloudwatch cloudwatchOperations
	lambda     lambdaOperations
	sts        *sts.Client
}

// services reads the configuration at its first call. It touches files and the environment, not the network. What fails is
// tried again by the next caller: someone may have logged in meanwhile.
func (c *Client) services(ctx context.Context) (*services, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ready != nil {
		return c.ready, nil
	}
	s, err := c.config.connect(ctx)
	if err != nil {
		return nil, err
	}
	c.ready = s
	return s, nil
}

func (c Config) connect(ctx context.Context) (*services, error) {
	cfg, err := config.LoadDefaultConfig(ctx, c.loadOptions()...)
	if err != nil {
		return nil, fmt.Errorf("reading the AWS configuration: %s", redact(err.Error(), c.SecretKey, c.SessionToken))
	}
	if cfg.Region == "" {
		return nil, errors.New("no AWS region: set region in the provider block, AWS_REGION, or a region in the AWS profile")
	}
	// Only now, because these would also reach the metadata service's client, which gives up quickly by itself.
	functions := c.lambdaClient(cfg.HTTPClient)
	cfg.HTTPClient = c.httpClient(cfg.HTTPClient)
	cfg.Retryer = c.retryer
	if c.MaxRetries != 0 {
		cfg.RetryMaxAttempts = 0 // that of AWS_MAX_ATTEMPTS, which would win over the retryer's
	}

	keys := newKeyring(cfg.Credentials, c.SecretKey, c.SessionToken)
	if c.AssumeRole != nil {
		cfg.Credentials = keys.base
		keys.assume(sts.NewFromConfig(cfg, c.stsOptions), *c.AssumeRole)
	}
	cfg.Credentials = keys
	return &services{
		region:      cfg.Region,
		credentials: keys,
		ec2:         operationsOfEC2(ec2.NewFromConfig(cfg, func(o *ec2.Options) { override(&o.BaseEndpoint, c.Endpoints.EC2) })),
		elb: operationsOfELB(elasticloadbalancing.NewFromConfig(cfg, func(o *elasticloadbalancing.Options) {
			override(&o.BaseEndpoint, c.Endpoints.ELB)
		})),
		elbv2: operationsOfELBv2(elasticloadbalancingv2.NewFromConfig(cfg, func(o *elasticloadbalancingv2.Options) {
			override(&o.BaseEndpoint, c.Endpoints.ELBv2)
		})),
		cloudwatch: operationsOfCloudWatch(cloudwatch.NewFromConfig(cfg, func(o *cloudwatch.Options) {
			override(&o.BaseEndpoint, c.Endpoints.CloudWatch)
		})),
		lambda: lambdaOperations{lambda.NewFromConfig(cfg, func(o *lambda.Options) {
			override(&o.BaseEndpoint, c.Endpoints.Lambda)
			o.HTTPClient = functions
		}).Invoke},
		sts: sts.NewFromConfig(cfg, c.stsOptions),
	}, nil
}

// loadOptions puts what the provider block says before the environment and the files.
func (c Config) loadOptions() []func(*config.LoadOptions) error {
	options := []func(*config.LoadOptions) error{
		config.WithCredentialsCacheOptions(func(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = expiryWindow }),
		config.WithAssumeRoleCredentialOptions(c.redirectRole),
		config.WithWebIdentityRoleCredentialOptions(c.redirectWebIdentity),
		config.WithAPIOptions(append(c.userAgent(), patiently)),
	}
	if c.Transport != nil {
		options = append(options, config.WithEC2RoleCredentialOptions(c.metadata))
	}
	if c.Region != "" {
		options = append(options, config.WithRegion(c.Region))
	}
	if c.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(c.Profile))
	}
	if len(c.SharedConfigFiles) > 0 {
		options = append(options, config.WithSharedConfigFiles(c.SharedConfigFiles))
	}
	if len(c.SharedCredentialsFiles) > 0 {
		options = append(options, config.WithSharedCredentialsFiles(c.SharedCredentialsFiles))
	}
	if c.AccessKey != "" {
		static := credentials.NewStaticCredentialsProvider(c.AccessKey, c.SecretKey, c.SessionToken)
		options = append(options, config.WithCredentialsProvider(static))
	}
	return options
}

// metadata sends the metadata service's calls over the configured transport too. The client comes here, not with the other
// options, because the SDK refuses AWS_CA_BUNDLE for a client that is not its own.
func (c Config) metadata(o *ec2rolecreds.Options) {
	o.Client = imds.New(imds.Options{HTTPClient: c.httpClient(nil)})
}

// httpClient gives every attempt its time-out, and every answer its bounds. A client that is no BuildableClient is one that this function made.
func (c Config) httpClient(found aws.HTTPClient) aws.HTTPClient {
	if c.Transport != nil {
		return bounded{&http.Client{
			Transport:     c.Transport,
			Timeout:       attemptTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}}
	}
	switch it := found.(type) {
	case nil:
		return bounded{awshttp.NewBuildableClient().WithTimeout(attemptTimeout)}
	case *awshttp.BuildableClient:
		return bounded{it.WithTimeout(attemptTimeout)}
	default:
		return found
	}
}

func (c Config) userAgent() []func(*middleware.Stack) error {
	var options []func(*middleware.Stack) error
	for product := range strings.FieldsSeq(c.UserAgent) {
		name, version, ok := strings.Cut(product, "/")
		if !ok {
			options = append(options, awsmiddleware.AddUserAgentKey(name))
			continue
		}
		options = append(options, awsmiddleware.AddUserAgentKeyValue(name, version))
	}
	return options
}

// override sets an endpoint, if there is one, over what the environment says.
func override(endpoint **string, with string) {
	if with != "" {
		*endpoint = &with
	}
}
