package aws

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// groupsPage is how many target groups one call lists at most, tagsPage how many ARNs one DescribeTags takes.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTags.html
const (
	groupsPage = 400
	// balancersPage is how many load balancers one call lists at most.
	balancersPage = 400
	// arnsPerCall is how many ARNs the ELBv2 API is asked about at a time. DescribeLoadBalancers says that it takes twenty; the others say nothing.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeLoadBalancers.html
	arnsPerCall = 20
	tagsPage    = 20
)

// TargetGroup reads one target group. The error wraps runner.ErrGone if there is none.
func (c *Client) TargetGroup(ctx context.Context, arn string) (runner.TargetGroup, error) {
	group, err := c.groups.ask(ctx, arn, question[runner.TargetGroup]{most: arnsPerCall, reusable: true, doing: readingGroup,
		call: func(ctx context.Context, arns []string) (map[string]runner.TargetGroup, error) {
			return askedAgainAlone(ctx, c, arns, func() (map[string]runner.TargetGroup, error) { return c.targetGroups(ctx, arns) })
		}, list: c.listTargetGroups})
	group.Balancers = slices.Clone(group.Balancers)
	return group, err
}

func readingGroup(arn string) string { return "reading target group " + arn }

func (c *Client) targetGroups(ctx context.Context, arns []string) (map[string]runner.TargetGroup, error) {
	doing := readingGroup(strings.Join(arns, ", "))
	listed, err := c.describeTargetGroups(ctx, doing, &elasticloadbalancingv2.DescribeTargetGroupsInput{TargetGroupArns: arns})
	if err != nil {
		return nil, err
	}
	// AWS has a code for a target group that does not exist.
	if !about(arns, listed, func(g types.TargetGroup) *string { return g.TargetGroupArn }) {
		return nil, otherAnswer(doing, listed, func(g types.TargetGroup) *string { return g.TargetGroupArn })
	}
	found := make(map[string]runner.TargetGroup, len(listed))
	for _, g := range listed {
		found[aws.ToString(g.TargetGroupArn)] = targetGroup(g)
	}
	return found, nil
}

// listTargetGroups answers about the target groups of the region that are in use, as far as listPages go. The apply that lists them may be the one that
// puts another to use, of which nobody has asked yet.
func (c *Client) listTargetGroups(ctx context.Context) (found map[string]runner.TargetGroup, whole bool, err error) {
	listed, whole, err := c.firstTargetGroups(ctx, listPages)
	found = make(map[string]runner.TargetGroup, len(listed))
	for _, g := range listed {
		if len(g.LoadBalancerArns) > 0 {
			found[aws.ToString(g.TargetGroupArn)] = targetGroup(g)
		}
	}
	return found, whole, err
}

// firstTargetGroups reads so many pages of the list of all target groups at the most, and tells whether those are all.
func (c *Client) firstTargetGroups(ctx context.Context, most int) (found []types.TargetGroup, whole bool, err error) {
	s, err := c.services(ctx)
	if err != nil {
		return nil, false, err
	}
	list := elasticloadbalancingv2.NewDescribeTargetGroupsPaginator(s.elbv2, &elasticloadbalancingv2.DescribeTargetGroupsInput{PageSize: aws.Int32(groupsPage)})
	next := func() (*elasticloadbalancingv2.DescribeTargetGroupsOutput, error) { return list.NextPage(ctx) }
	err = pages(first(most, list.HasMorePages), next, func(page *elasticloadbalancingv2.DescribeTargetGroupsOutput) {
		found = append(found, page.TargetGroups...)
	})
	if err != nil {
		return nil, false, c.failed("listing target groups", "elasticloadbalancing:DescribeTargetGroups", err)
	}
	return found, !list.HasMorePages(), nil
}

func targetGroup(g types.TargetGroup) runner.TargetGroup {
	return runner.TargetGroup{
		ARN:       aws.ToString(g.TargetGroupArn),
		Name:      aws.ToString(g.TargetGroupName),
		Type:      string(g.TargetType),
		VPC:       aws.ToString(g.VpcId),
		Balancers: g.LoadBalancerArns,
		// The healthy threshold is for targets that come back; a new one needs but one check
		// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html).
		Check: runner.HealthCheck{Interval: seconds(g.HealthCheckIntervalSeconds), Passes: 1},
	}
}

// TargetGroupQuery selects one target group. ARN wins over Name; Tags narrow down either, or all there are.
type TargetGroupQuery struct {
	ARN  string
	Name string
	// Tags are keys and values that the target group has all of.
	Tags map[string]string
}

// FindTargetGroup reads the one target group that a query selects, with attributes and tags. If the credentials may not
// read tags, and the query does not ask for any, Tags are nil. The error wraps runner.ErrGone if there is none, and says
// how many there are if it is more than one.
func (c *Client) FindTargetGroup(ctx context.Context, q TargetGroupQuery) (TargetGroupDetails, error) {
	doing := "looking for target group " + q.String()
	in := &elasticloadbalancingv2.DescribeTargetGroupsInput{}
	switch {
	case q.ARN != "":
		in.TargetGroupArns = []string{q.ARN}
	case q.Name != "":
		in.Names = []string{q.Name}
	}
	found, tags, err := c.selectTargetGroups(ctx, doing, in, q.Tags)
	if err != nil {
		return TargetGroupDetails{}, err
	}
	switch len(found) {
	case 0:
		return TargetGroupDetails{}, missing(doing, "")
	case 1:
		return c.details(ctx, found[0], tags[aws.ToString(found[0].TargetGroupArn)])
	}
	return TargetGroupDetails{}, fmt.Errorf("%s: %d target groups match; say more about the one that is meant", doing, len(found))
}

// String is how a query reads in an error.
func (q TargetGroupQuery) String() string {
	var said []string
	switch {
	case q.ARN != "":
		said = append(said, q.ARN)
	case q.Name != "":
		said = append(said, q.Name)
	}
	for _, key := range slices.Sorted(maps.Keys(q.Tags)) {
		said = append(said, fmt.Sprintf("with tag %s=%s", key, q.Tags[key]))
	}
	return strings.Join(said, " ")
}

// TargetGroupsQuery selects target groups. What is empty selects nothing out.
type TargetGroupsQuery struct {
	LoadBalancerARN string
	Tags            map[string]string
}

// TargetGroups lists the ARNs of the target groups that a query selects, in alphabetical order.
func (c *Client) TargetGroups(ctx context.Context, q TargetGroupsQuery) ([]string, error) {
	in := &elasticloadbalancingv2.DescribeTargetGroupsInput{LoadBalancerArn: optional(q.LoadBalancerARN)}
	doing := "listing target groups"
	if q.LoadBalancerARN != "" {
		doing += " of " + q.LoadBalancerARN
	}
	if len(q.Tags) == 0 {
		found, err := c.describeTargetGroups(ctx, doing, in)
		return slices.Sorted(slices.Values(groupARNs(found))), err
	}
	found, _, err := c.selectTargetGroups(ctx, doing, in, q.Tags)
	return slices.Sorted(slices.Values(groupARNs(found))), err
}

// selectTargetGroups describes target groups and keeps those that have the tags. It returns the tags by ARN.
func (c *Client) selectTargetGroups(
	ctx context.Context, doing string, in *elasticloadbalancingv2.DescribeTargetGroupsInput, want map[string]string,
) ([]types.TargetGroup, map[string]map[string]string, error) {
	found, err := c.describeTargetGroups(ctx, doing, in)
	if err != nil {
		return nil, nil, err
	}
	tags, err := c.tags(ctx, groupARNs(found))
	if Denied(err) && len(want) == 0 {
		return found, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	found = slices.DeleteFunc(found, func(g types.TargetGroup) bool {
		return !has(tags[aws.ToString(g.TargetGroupArn)], want)
	})
	return found, tags, nil
}

func (c *Client) describeTargetGroups(
	ctx context.Context, doing string, in *elasticloadbalancingv2.DescribeTargetGroupsInput,
) ([]types.TargetGroup, error) {
	s, err := c.services(ctx)
	if err != nil {
		return nil, err
	}
	if len(in.TargetGroupArns) == 0 && len(in.Names) == 0 {
		in.PageSize = aws.Int32(groupsPage)
	}
	var found []types.TargetGroup
	list := elasticloadbalancingv2.NewDescribeTargetGroupsPaginator(s.elbv2, in)
	next := func() (*elasticloadbalancingv2.DescribeTargetGroupsOutput, error) { return list.NextPage(ctx) }
	err = pages(list.HasMorePages, next, func(page *elasticloadbalancingv2.DescribeTargetGroupsOutput) {
		found = append(found, page.TargetGroups...)
	})
	if err != nil {
		return nil, c.failed(doing, "elasticloadbalancing:DescribeTargetGroups", err)
	}
	return found, nil
}

// tags reads the tags of ELBv2 resources, by ARN.
func (c *Client) tags(ctx context.Context, arns []string) (map[string]map[string]string, error) {
	s, err := c.services(ctx)
	if err != nil {
		return nil, err
	}
	tags := map[string]map[string]string{}
	for some := range slices.Chunk(arns, tagsPage) {
		out, err := s.elbv2.DescribeTags(ctx, &elasticloadbalancingv2.DescribeTagsInput{ResourceArns: some})
		if err != nil {
			return nil, c.failed("reading the tags of "+strings.Join(some, ", "), "elasticloadbalancing:DescribeTags", err)
		}
		for _, d := range out.TagDescriptions {
			of := make(map[string]string, len(d.Tags))
			for _, t := range d.Tags {
				of[aws.ToString(t.Key)] = aws.ToString(t.Value)
			}
			tags[aws.ToString(d.ResourceArn)] = of
		}
	}
	return tags, nil
}

func has(tags, want map[string]string) bool {
	for key, value := range want {
		if got, ok := tags[key]; !ok || got != value {
			return false
		}
	}
	return true
}

func groupARNs(groups []types.TargetGroup) []string {
	arns := make([]string, 0, len(groups))
	for _, g := range groups {
		arns = append(arns, aws.ToString(g.TargetGroupArn))
	}
	return arns
}
