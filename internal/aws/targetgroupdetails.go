package aws

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// TargetGroupDetails is what the AWS provider's aws_lb_target_group data source shows of a target group, under its names.
// An attribute that this kind of target group does not have is empty, 0 or false.
type TargetGroupDetails struct {
	ARN string
	// ARNSuffix is "targetgroup/NAME/ID", the dimension of CloudWatch's metrics.
	ARNSuffix       string
	Name            string
	Port            int
	Protocol        string
	ProtocolVersion string
	TargetType      string
	IPAddressType   string
	VPC             string
	LoadBalancers   []string
	HealthCheck     HealthCheck
	Stickiness      TargetStickiness

	// DeregistrationDelay is in seconds, 0 to 3600.
	DeregistrationDelay string
	// SlowStart is in seconds, 30 to 900; 0 is off.
	SlowStart                      int
	LoadBalancingAlgorithm         string
	LoadBalancingAnomalyMitigation string
	LoadBalancingCrossZone         string
	PreserveClientIP               string
	ProxyProtocolV2                bool
	ConnectionTermination          bool
	LambdaMultiValueHeaders        bool

	// Tags are nil if the credentials may not read them.
	Tags map[string]string
}

// HealthCheck is how a load balancer checks the targets of a target group. Interval and Timeout are in seconds.
type HealthCheck struct {
	Enabled            bool
	HealthyThreshold   int
	UnhealthyThreshold int
	Interval           int
	Timeout            int
	// Matcher is HTTP codes ("200-399") or gRPC ones ("0-99").
	Matcher  string
	Path     string
	Port     string
	Protocol string
}

// TargetStickiness is whether a client stays with one target. Duration is that of the cookie in seconds.
type TargetStickiness struct {
	Enabled    bool
	Type       string
	CookieName string
	Duration   int
}

// details reads what describing a target group does not say.
func (c *Client) details(ctx context.Context, g types.TargetGroup, tags map[string]string) (TargetGroupDetails, error) {
	arn := aws.ToString(g.TargetGroupArn)
	attributes, err := c.attributes(ctx, arn)
	if err != nil {
		return TargetGroupDetails{}, err
	}
	_, suffix, _ := cutARN(arn)
	return TargetGroupDetails{
		ARN:             arn,
		ARNSuffix:       suffix,
		Name:            aws.ToString(g.TargetGroupName),
		Port:            int(aws.ToInt32(g.Port)),
		Protocol:        string(g.Protocol),
		ProtocolVersion: aws.ToString(g.ProtocolVersion),
		TargetType:      string(g.TargetType),
		IPAddressType:   string(g.IpAddressType),
		VPC:             aws.ToString(g.VpcId),
		LoadBalancers:   g.LoadBalancerArns,
		HealthCheck:     healthCheck(g),
		Stickiness:      attributes.stickiness(),

		DeregistrationDelay:            attributes["deregistration_delay.timeout_seconds"],
		SlowStart:                      attributes.number("slow_start.duration_seconds"),
		LoadBalancingAlgorithm:         attributes["load_balancing.algorithm.type"],
		LoadBalancingAnomalyMitigation: attributes["load_balancing.algorithm.anomaly_mitigation"],
		LoadBalancingCrossZone:         attributes["load_balancing.cross_zone.enabled"],
		PreserveClientIP:               attributes["preserve_client_ip.enabled"],
		ProxyProtocolV2:                attributes.yes("proxy_protocol_v2.enabled"),
		ConnectionTermination:          attributes.yes("deregistration_delay.connection_termination.enabled"),
		LambdaMultiValueHeaders:        attributes.yes("lambda.multi_value_headers.enabled"),

		Tags: tags,
	}, nil
}

func healthCheck(g types.TargetGroup) HealthCheck {
	check := HealthCheck{
		Enabled:            aws.ToBool(g.HealthCheckEnabled),
		HealthyThreshold:   int(aws.ToInt32(g.HealthyThresholdCount)),
		UnhealthyThreshold: int(aws.ToInt32(g.UnhealthyThresholdCount)),
		Interval:           int(aws.ToInt32(g.HealthCheckIntervalSeconds)),
		Timeout:            int(aws.ToInt32(g.HealthCheckTimeoutSeconds)),
		Path:               aws.ToString(g.HealthCheckPath),
		Port:               aws.ToString(g.HealthCheckPort),
		Protocol:           string(g.HealthCheckProtocol),
	}
	if g.Matcher != nil {
		check.Matcher = aws.ToString(g.Matcher.HttpCode)
		if check.Matcher == "" {
			check.Matcher = aws.ToString(g.Matcher.GrpcCode)
		}
	}
	return check
}

// DeregistrationDelay is how long a target group lets requests end that are under way when a target is taken out.
func (c *Client) DeregistrationDelay(ctx context.Context, arn string) (time.Duration, error) {
	doing := func(arn string) string { return "reading the attributes of " + arn }
	// One call takes one target group.
	attributes, err := c.delays.ask(ctx, arn, question[attributes]{most: 1, key: arn, reusable: true, doing: doing,
		call: func(ctx context.Context, arns []string) (map[string]attributes, error) {
			found, err := c.attributes(ctx, arns[0])
			return map[string]attributes{arns[0]: found}, err
		}})
	return time.Duration(attributes.number("deregistration_delay.timeout_seconds")) * time.Second, err
}

// attributes are a target group's, by the names of
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html.
type attributes map[string]string

func (c *Client) attributes(ctx context.Context, arn string) (attributes, error) {
	s, err := c.services(ctx)
	if err != nil {
		return nil, err
	}
	out, err := s.elbv2.DescribeTargetGroupAttributes(ctx,
		&elasticloadbalancingv2.DescribeTargetGroupAttributesInput{TargetGroupArn: &arn})
	if err != nil {
		return nil, c.failed("reading the attributes of "+arn, "elasticloadbalancing:DescribeTargetGroupAttributes", err)
	}
	found := attributes{}
	for _, a := range out.Attributes {
		found[aws.ToString(a.Key)] = aws.ToString(a.Value)
	}
	return found, nil
}

func (a attributes) yes(name string) bool { return a[name] == "true" }

// number is 0 for what is not set, and for what is no number, which AWS does not answer.
func (a attributes) number(name string) int {
	n, _ := strconv.Atoi(a[name])
	return n
}

func (a attributes) stickiness() TargetStickiness {
	s := TargetStickiness{Enabled: a.yes("stickiness.enabled"), Type: a["stickiness.type"]}
	switch s.Type {
	case "lb_cookie":
		s.Duration = a.number("stickiness.lb_cookie.duration_seconds")
	case "app_cookie":
		s.CookieName = a["stickiness.app_cookie.cookie_name"]
		s.Duration = a.number("stickiness.app_cookie.duration_seconds")
	}
	return s
}

// cutARN splits an ARN before its resource: "arn:aws:elasticloadbalancing:us-east-1:123456789012:" and "targetgroup/…".
func cutARN(arn string) (before, resource string, ok bool) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" {
		return "", "", false
	}
	return strings.Join(parts[:5], ":") + ":", parts[5], true
}
