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
	doing := func(arn string) string { return "reading the availability zones of load balancer " + arn }
	zones, err := c.zones.ask(ctx, loadBalancerARN, question[[]string]{most: arnsPerCall, reusable: true, doing: doing,
		call: func(ctx context.Context, arns []string) (map[string][]string, error) {
			found, _, err := c.describeZones(ctx, doing(strings.Join(arns, ", ")), &elasticloadbalancingv2.DescribeLoadBalancersInput{LoadBalancerArns: arns})
			if _, ok := found[arns[0]]; err == nil && !ok && len(arns) == 1 {
				err = missing(doing(arns[0]), "")
			}
			return found, err
		},
		list: func(ctx context.Context) (map[string][]string, bool, error) {
			return c.describeZones(ctx, "listing load balancers", &elasticloadbalancingv2.DescribeLoadBalancersInput{PageSize: aws.Int32(balancersPage)})
		}})
	return slices.Clone(zones), err
}

// describeZones reads listPages pages at the most, and tells whether those are all.
func (c *Client) describeZones(
	ctx context.Context, doing string, in *elasticloadbalancingv2.DescribeLoadBalancersInput,
) (found map[string][]string, whole bool, err error) {
	s, err := c.services(ctx)
	if err != nil {
		return nil, false, err
	}
	found = map[string][]string{}
	most := listPages
	if len(in.LoadBalancerArns) > 0 {
		most = 1 // they fit, whatever marker is answered
	}
	list := elasticloadbalancingv2.NewDescribeLoadBalancersPaginator(s.elbv2, in)
	next := func() (*elasticloadbalancingv2.DescribeLoadBalancersOutput, error) { return list.NextPage(ctx) }
	err = pages(first(most, list.HasMorePages), next, func(page *elasticloadbalancingv2.DescribeLoadBalancersOutput) {
		for _, b := range page.LoadBalancers {
			var zones []string
			for _, zone := range b.AvailabilityZones {
				zones = append(zones, aws.ToString(zone.ZoneName))
			}
			slices.Sort(zones)
			found[aws.ToString(b.LoadBalancerArn)] = zones
		}
	})
	if err != nil {
		return nil, false, c.failed(doing, "elasticloadbalancing:DescribeLoadBalancers", err)
	}
	return found, !list.HasMorePages(), nil
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
