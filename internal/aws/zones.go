package aws

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
)

// Zones are the availability zones that are enabled at an application or network load balancer, in alphabetical order. Targets in
// others are never health-checked (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html). The
// error wraps runner.ErrGone if there is no such load balancer.
func (c *Client) Zones(ctx context.Context, loadBalancerARN string) ([]string, error) {
	s, err := c.services(ctx)
	if err != nil {
		return nil, err
	}
	doing := "reading the availability zones of load balancer " + loadBalancerARN
	out, err := s.elbv2.DescribeLoadBalancers(ctx, &elasticloadbalancingv2.DescribeLoadBalancersInput{LoadBalancerArns: []string{loadBalancerARN}})
	if err != nil {
		return nil, c.failed(doing, "elasticloadbalancing:DescribeLoadBalancers", err)
	}
	for _, b := range out.LoadBalancers {
		if aws.ToString(b.LoadBalancerArn) != loadBalancerARN {
			continue
		}
		var zones []string
		for _, zone := range b.AvailabilityZones {
			zones = append(zones, aws.ToString(zone.ZoneName))
		}
		slices.Sort(zones)
		return zones, nil
	}
	return nil, missing(doing, "")
}

// SubnetZones are the availability zones of subnets, by their IDs. The error wraps runner.ErrGone if there is not one of them.
func (c *Client) SubnetZones(ctx context.Context, subnets []string) (map[string]string, error) {
	s, err := c.services(ctx)
	if err != nil {
		return nil, err
	}
	doing := "reading the availability zones of subnets " + strings.Join(subnets, ", ")
	out, err := s.ec2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{SubnetIds: subnets})
	if err != nil {
		return nil, c.failed(doing, "ec2:DescribeSubnets", err)
	}
	zones := make(map[string]string, len(out.Subnets))
	for _, subnet := range out.Subnets {
		zones[aws.ToString(subnet.SubnetId)] = aws.ToString(subnet.AvailabilityZone)
	}
	return zones, nil
}
