package sandbox

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

func TestDescribeBalancing(t *testing.T) {
	inAWS(t, twoTargetGroups(), func(t *testing.T, c clients) {
		balancers := must(c.elbv2.DescribeLoadBalancers(t.Context(), &elbv2.DescribeLoadBalancersInput{Names: []string{"web", "flow"}}))(t).LoadBalancers
		if len(balancers) != 2 || balancers[0].Type != types.LoadBalancerTypeEnumApplication || balancers[1].Type != types.LoadBalancerTypeEnumNetwork ||
			balancers[0].State.Code != types.LoadBalancerStateEnumActive || balancers[0].CreatedTime == nil {
			t.Errorf("got %+v", balancers)
		}
		listeners := must(c.elbv2.DescribeListeners(t.Context(), &elbv2.DescribeListenersInput{LoadBalancerArn: aws.String(balancerARN)}))(t).Listeners
		if len(listeners) != 2 || aws.ToInt32(listeners[0].Port) != 443 || listeners[0].Protocol != types.ProtocolEnumHttps ||
			len(listeners[0].Certificates) != 1 || listeners[1].SslPolicy != nil {
			t.Errorf("got %+v", listeners)
		}
		groups := must(c.elbv2.DescribeTargetGroups(t.Context(), &elbv2.DescribeTargetGroupsInput{LoadBalancerArn: aws.String(balancerARN)}))(t).TargetGroups
		if len(groups) != 2 || !slices.Equal(groups[0].LoadBalancerArns, []string{balancerARN}) || aws.ToInt32(groups[0].HealthCheckIntervalSeconds) != 10 ||
			aws.ToString(groups[0].Matcher.HttpCode) != "200" || groups[0].TargetType != types.TargetTypeEnumInstance {
			t.Errorf("got %+v", groups)
		}
		spare := must(c.elbv2.DescribeTargetGroups(t.Context(), &elbv2.DescribeTargetGroupsInput{Names: []string{"spare"}}))(t).TargetGroups[0]
		if len(spare.LoadBalancerArns) != 0 {
			t.Errorf("a group that nobody uses is at %v", spare.LoadBalancerArns)
		}
		attributes := must(c.elbv2.DescribeTargetGroupAttributes(t.Context(), &elbv2.DescribeTargetGroupAttributesInput{TargetGroupArn: aws.String(blueARN)}))(t).Attributes
		delay := slices.IndexFunc(attributes, func(a types.TargetGroupAttribute) bool { return *a.Key == "deregistration_delay.timeout_seconds" })
		if delay < 0 || *attributes[delay].Value != "60" {
			t.Errorf("got %+v", attributes)
		}
		tags := must(c.elbv2.DescribeTags(t.Context(), &elbv2.DescribeTagsInput{ResourceArns: []string{blueARN, productionARN, apiRuleARN, balancerARN}}))(t).TagDescriptions
		if len(tags) != 4 || len(tags[0].Tags) != 1 || *tags[0].Tags[0].Value != "blue" || len(tags[1].Tags) != 0 {
			t.Errorf("got %+v", tags)
		}
	})
}

func TestRefusedReads(t *testing.T) {
	for _, test := range []struct {
		name          string
		call          func(context.Context, *elbv2.Client) error
		code, message string
	}{
		{"group by ARN", func(ctx context.Context, client *elbv2.Client) error {
			_, err := client.DescribeTargetGroups(ctx, &elbv2.DescribeTargetGroupsInput{TargetGroupArns: []string{blueARN, goneARN}})
			return err
		}, "TargetGroupNotFound", "not found"},
		{"group by name", func(ctx context.Context, client *elbv2.Client) error {
			_, err := client.DescribeTargetGroups(ctx, &elbv2.DescribeTargetGroupsInput{Names: []string{"gone"}})
			return err
		}, "TargetGroupNotFound", "not found"},
		{"group by an ARN that is none", func(ctx context.Context, client *elbv2.Client) error {
			_, err := client.DescribeTargetGroups(ctx, &elbv2.DescribeTargetGroupsInput{TargetGroupArns: []string{"web"}})
			return err
		}, "ValidationError", "'web' is not a valid target group ARN"},
		{"groups of no balancer", func(ctx context.Context, client *elbv2.Client) error {
			_, err := client.DescribeTargetGroups(ctx, &elbv2.DescribeTargetGroupsInput{LoadBalancerArn: aws.String(balancerARN + "0")})
			return err
		}, "LoadBalancerNotFound", "not found"},
		{"health of no group", func(ctx context.Context, client *elbv2.Client) error {
			_, err := client.DescribeTargetHealth(ctx, &elbv2.DescribeTargetHealthInput{TargetGroupArn: aws.String(goneARN)})
			return err
		}, "TargetGroupNotFound", "not found"},
		{"health of no instance", func(ctx context.Context, client *elbv2.Client) error {
			_, err := client.DescribeTargetHealth(ctx, &elbv2.DescribeTargetHealthInput{TargetGroupArn: aws.String(blueARN),
				Targets: []types.TargetDescription{{Id: aws.String("10.0.0.1")}}})
			return err
		}, "InvalidTarget", "10.0.0.1"},
		{"balancer", func(ctx context.Context, client *elbv2.Client) error {
			_, err := client.DescribeLoadBalancers(ctx, &elbv2.DescribeLoadBalancersInput{Names: []string{"gone"}})
			return err
		}, "LoadBalancerNotFound", "not found"},
		{"listeners of nothing", func(ctx context.Context, client *elbv2.Client) error {
			_, err := client.DescribeListeners(ctx, &elbv2.DescribeListenersInput{})
			return err
		}, "ValidationError", "must specify"},
		{"rules of nothing", func(ctx context.Context, client *elbv2.Client) error {
			_, err := client.DescribeRules(ctx, &elbv2.DescribeRulesInput{})
			return err
		}, "ValidationError", "must specify"},
		{"rules of no listener", func(ctx context.Context, client *elbv2.Client) error {
			_, err := client.DescribeRules(ctx, &elbv2.DescribeRulesInput{ListenerArn: aws.String(productionARN + "0")})
			return err
		}, "ListenerNotFound", "not found"},
		{"tags of 21", func(ctx context.Context, client *elbv2.Client) error {
			_, err := client.DescribeTags(ctx, &elbv2.DescribeTagsInput{ResourceArns: slices.Repeat([]string{blueARN}, 21)})
			return err
		}, "ValidationError", "between 1 and 20"},
		{"page size", func(ctx context.Context, client *elbv2.Client) error {
			_, err := client.DescribeTargetGroups(ctx, &elbv2.DescribeTargetGroupsInput{PageSize: aws.Int32(401)})
			return err
		}, "ValidationError", "page size"},
		{"marker", func(ctx context.Context, client *elbv2.Client) error {
			_, err := client.DescribeTargetGroups(ctx, &elbv2.DescribeTargetGroupsInput{Marker: aws.String("here")})
			return err
		}, "ValidationError", "marker"},
		{"unknown attribute", func(ctx context.Context, client *elbv2.Client) error {
			_, err := client.ModifyTargetGroupAttributes(ctx, &elbv2.ModifyTargetGroupAttributesInput{TargetGroupArn: aws.String(blueARN),
				Attributes: []types.TargetGroupAttribute{{Key: aws.String("colour"), Value: aws.String("red")}}})
			return err
		}, "ValidationError", "'colour' is not recognized"},
		{"too long a delay", func(ctx context.Context, client *elbv2.Client) error {
			_, err := client.ModifyTargetGroupAttributes(ctx, &elbv2.ModifyTargetGroupAttributesInput{TargetGroupArn: aws.String(blueARN),
				Attributes: []types.TargetGroupAttribute{{Key: aws.String("deregistration_delay.timeout_seconds"), Value: aws.String("3601")}}})
			return err
		}, "ValidationError", "between 0 and 3600"},
	} {
		t.Run(test.name, func(t *testing.T) {
			inAWS(t, twoTargetGroups(), func(t *testing.T, c clients) {
				wantRefusal(t, test.call(t.Context(), c.elbv2), 400, test.code, test.message)
			})
		})
	}
}

func TestPagesOfGroups(t *testing.T) {
	inAWS(t, twoTargetGroups(), func(t *testing.T, c clients) {
		var names []string
		pages := 0
		p := elbv2.NewDescribeTargetGroupsPaginator(c.elbv2, &elbv2.DescribeTargetGroupsInput{PageSize: aws.Int32(2)})
		for p.HasMorePages() {
			pages++
			for _, g := range must(p.NextPage(t.Context()))(t).TargetGroups {
				names = append(names, *g.TargetGroupName)
			}
		}
		if want := []string{"web-blue", "web-green", "spare", "other", "tcp"}; pages != 3 || !slices.Equal(names, want) {
			t.Errorf("%d pages with %v, want 3 with %v", pages, names, want)
		}

		rules := elbv2.NewDescribeRulesPaginator(c.elbv2, &elbv2.DescribeRulesInput{ListenerArn: aws.String(productionARN), PageSize: aws.Int32(1)})
		var priorities []string
		for rules.HasMorePages() {
			for _, r := range must(rules.NextPage(t.Context()))(t).Rules {
				priorities = append(priorities, *r.Priority)
			}
		}
		if want := []string{"10", "20", "default"}; !slices.Equal(priorities, want) {
			t.Errorf("rules %v, want %v", priorities, want)
		}
	})
}

// A world is often written with the ARNs of a real account's listeners and rules. These name the load balancer, and it is found by that ARN.
func TestBalancerOfItsListeners(t *testing.T) {
	const at = "arn:aws:elasticloadbalancing:us-east-1:123456789012:"
	config := Config{AWS: AWSConfig{
		TargetGroups: []TargetGroupConfig{{Name: "web"}},
		LoadBalancers: []LoadBalancerConfig{{Name: "public", Listeners: []ListenerConfig{
			{Port: 80, TargetGroup: "web"},
			{Port: 443, ARN: at + "listener/app/public/50dc6c495c0c9188/f2f7dc8efc522ab2", TargetGroup: "web"},
		}}},
	}}
	inAWS(t, config, func(t *testing.T, c clients) {
		found := must(c.elbv2.DescribeListeners(t.Context(), &elbv2.DescribeListenersInput{LoadBalancerArn: aws.String(at + "loadbalancer/app/public/50dc6c495c0c9188")}))(t).Listeners
		if len(found) != 2 || !strings.HasPrefix(*found[0].ListenerArn, at+"listener/app/public/50dc6c495c0c9188/") {
			t.Errorf("got %+v", found)
		}
	})
}
