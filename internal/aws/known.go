package aws

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
)

// Known is one of the things that there are in the region and the account. They are listed for whoever has asked for one that there is not:
// what is listed is what may be meant, so that a list is cut after some pages, and takes no permission that its kind does not take anyway.
type Known struct {
	// ID is what a configuration has: an ID, an ARN or a name.
	ID string
	// Name is what people call it, where that is something else.
	Name string
}

// knownPages is after how many pages a list of what there is is cut.
const knownPages = 10

// KnownAlarms lists alarms, metric and composite.
func (c *Client) KnownAlarms(ctx context.Context) ([]Known, error) {
	s, err := c.services(ctx)
	if err != nil {
		return nil, err
	}
	var all []Known
	list := cloudwatch.NewDescribeAlarmsPaginator(s.cloudwatch, &cloudwatch.DescribeAlarmsInput{AlarmTypes: bothTypes, MaxRecords: aws.Int32(alarmsPage)})
	err = pages(first(knownPages, list.HasMorePages), func() (*cloudwatch.DescribeAlarmsOutput, error) { return list.NextPage(ctx) }, func(page *cloudwatch.DescribeAlarmsOutput) {
		for _, a := range page.MetricAlarms {
			all = append(all, Known{ID: aws.ToString(a.AlarmName)})
		}
		for _, a := range page.CompositeAlarms {
			all = append(all, Known{ID: aws.ToString(a.AlarmName)})
		}
	})
	if err != nil {
		return nil, c.failed("listing alarms", "cloudwatch:DescribeAlarms", err)
	}
	return all, nil
}

// KnownImages lists the account's own images.
func (c *Client) KnownImages(ctx context.Context) ([]Known, error) {
	s, err := c.services(ctx)
	if err != nil {
		return nil, err
	}
	var all []Known
	list := ec2.NewDescribeImagesPaginator(s.ec2, ImageQuery{Owners: []string{"self"}}.input())
	err = pages(first(knownPages, list.HasMorePages), func() (*ec2.DescribeImagesOutput, error) { return list.NextPage(ctx) }, func(page *ec2.DescribeImagesOutput) {
		for _, image := range page.Images {
			all = append(all, Known{ID: aws.ToString(image.ImageId), Name: aws.ToString(image.Name)})
		}
	})
	if err != nil {
		return nil, c.failed("listing images", "ec2:DescribeImages", err)
	}
	return all, nil
}

// KnownSubnets lists subnets.
func (c *Client) KnownSubnets(ctx context.Context) ([]Known, error) {
	s, err := c.services(ctx)
	if err != nil {
		return nil, err
	}
	out, err := s.ec2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{})
	if err != nil {
		return nil, c.failed("listing subnets", "ec2:DescribeSubnets", err)
	}
	var all []Known
	for _, subnet := range out.Subnets {
		name := ""
		for _, tag := range subnet.Tags {
			if aws.ToString(tag.Key) == "Name" {
				name = aws.ToString(tag.Value)
			}
		}
		all = append(all, Known{ID: aws.ToString(subnet.SubnetId), Name: name})
	}
	return all, nil
}

// KnownTargetGroups lists target groups.
func (c *Client) KnownTargetGroups(ctx context.Context) ([]Known, error) {
	listed, _, err := c.firstTargetGroups(ctx, knownPages)
	if err != nil {
		return nil, err
	}
	all := make([]Known, 0, len(listed))
	for _, g := range listed {
		all = append(all, Known{ID: aws.ToString(g.TargetGroupArn), Name: aws.ToString(g.TargetGroupName)})
	}
	return all, nil
}

// KnownClassicBalancers lists classic load balancers.
func (c *Client) KnownClassicBalancers(ctx context.Context) ([]Known, error) {
	s, err := c.services(ctx)
	if err != nil {
		return nil, err
	}
	out, err := s.elb.DescribeLoadBalancers(ctx, &elasticloadbalancing.DescribeLoadBalancersInput{})
	if err != nil {
		return nil, c.failed("listing classic load balancers", "elasticloadbalancing:DescribeLoadBalancers", err)
	}
	var all []Known
	for _, b := range out.LoadBalancerDescriptions {
		all = append(all, Known{ID: aws.ToString(b.LoadBalancerName)})
	}
	return all, nil
}

// KnownRoutes lists the listeners and rules beside the one that an ARN names, and what they belong to: the load balancer of the ARN, or, if that is
// not there, the one of the same name, which was made again.
func (c *Client) KnownRoutes(ctx context.Context, arn string) (balancer string, all []Route, err error) {
	at, err := parseRouteARN(arn)
	if err != nil {
		return "", nil, err
	}
	s, err := c.services(ctx)
	if err != nil {
		return "", nil, err
	}
	name := BalancerName(at.LoadBalancerARN)
	out, err := s.elbv2.DescribeLoadBalancers(ctx, &elasticloadbalancingv2.DescribeLoadBalancersInput{Names: []string{name}})
	if err != nil {
		return name, nil, c.failed("reading load balancer "+name, "elasticloadbalancing:DescribeLoadBalancers", err)
	}
	for _, b := range out.LoadBalancers {
		if aws.ToString(b.LoadBalancerName) == name {
			all, err = c.Uses(ctx, aws.ToString(b.LoadBalancerArn))
			return name, all, err
		}
	}
	return name, nil, missing("reading load balancer "+name, "")
}

// BalancerName is the name in the ARN of a load balancer: …:loadbalancer/app/NAME/ID. It is the ARN of what is none.
func BalancerName(arn string) string {
	if parts := strings.Split(arn, "/"); len(parts) == 4 {
		return parts[2]
	}
	return arn
}

// first is true of the first so many pages of a list.
func first(most int, more func() bool) func() bool {
	n := 0
	return func() bool { n++; return n <= most && more() }
}
