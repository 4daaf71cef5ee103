package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// Here are the operations of AWS that are used, one by one. They stand for the SDK's clients because a client that reaches an interface, as
// a paginator's argument or a part of what does, keeps all its methods in the binary with what they encode and decode: the plugin's own
// protocol looks methods up by reflection, so that the linker cannot tell which are called (go build -ldflags=-dumpdep, ReflectMethod).

// operation is one operation of a service whose options are Options.
type operation[In, Out, Options any] func(context.Context, *In, ...func(*Options)) (*Out, error)

type (
	ec2Operation[In, Out any]        = operation[In, Out, ec2.Options]
	elbOperation[In, Out any]        = operation[In, Out, elasticloadbalancing.Options]
	elbv2Operation[In, Out any]      = operation[In, Out, elasticloadbalancingv2.Options]
	cloudwatchOperation[In, Out any] = operation[In, Out, cloudwatch.Options]
)

// Operations that have pages are methods, for the SDK's paginators ask for one of that name.

type describeImages struct {
	call ec2Operation[ec2.DescribeImagesInput, ec2.DescribeImagesOutput]
}

func (d describeImages) DescribeImages(ctx context.Context, in *ec2.DescribeImagesInput, o ...func(*ec2.Options)) (*ec2.DescribeImagesOutput, error) {
	return d.call(ctx, in, o...)
}

type ec2Operations struct {
	describeImages
	DescribeSubnets   ec2Operation[ec2.DescribeSubnetsInput, ec2.DescribeSubnetsOutput]
	DescribeInstances ec2Operation[ec2.DescribeInstancesInput, ec2.DescribeInstancesOutput]
}

func operationsOfEC2(c *ec2.Client) ec2Operations {
	return ec2Operations{
		describeImages:    describeImages{c.DescribeImages},
		DescribeSubnets:   c.DescribeSubnets,
		DescribeInstances: c.DescribeInstances,
	}
}

type elbOperations struct {
	DescribeInstanceHealth         elbOperation[elasticloadbalancing.DescribeInstanceHealthInput, elasticloadbalancing.DescribeInstanceHealthOutput]
	DescribeLoadBalancers          elbOperation[elasticloadbalancing.DescribeLoadBalancersInput, elasticloadbalancing.DescribeLoadBalancersOutput]
	DescribeLoadBalancerAttributes elbOperation[elasticloadbalancing.DescribeLoadBalancerAttributesInput, elasticloadbalancing.DescribeLoadBalancerAttributesOutput]
}

func operationsOfELB(c *elasticloadbalancing.Client) elbOperations {
	return elbOperations{
		DescribeInstanceHealth:         c.DescribeInstanceHealth,
		DescribeLoadBalancers:          c.DescribeLoadBalancers,
		DescribeLoadBalancerAttributes: c.DescribeLoadBalancerAttributes,
	}
}

type describeTargetGroups struct {
	call elbv2Operation[elasticloadbalancingv2.DescribeTargetGroupsInput, elasticloadbalancingv2.DescribeTargetGroupsOutput]
}

func (d describeTargetGroups) DescribeTargetGroups(ctx context.Context, in *elasticloadbalancingv2.DescribeTargetGroupsInput,
	o ...func(*elasticloadbalancingv2.Options)) (*elasticloadbalancingv2.DescribeTargetGroupsOutput, error) {
	return d.call(ctx, in, o...)
}

type describeListeners struct {
	call elbv2Operation[elasticloadbalancingv2.DescribeListenersInput, elasticloadbalancingv2.DescribeListenersOutput]
}

func (d describeListeners) DescribeListeners(ctx context.Context, in *elasticloadbalancingv2.DescribeListenersInput,
	o ...func(*elasticloadbalancingv2.Options)) (*elasticloadbalancingv2.DescribeListenersOutput, error) {
	return d.call(ctx, in, o...)
}

type describeRules struct {
	call elbv2Operation[elasticloadbalancingv2.DescribeRulesInput, elasticloadbalancingv2.DescribeRulesOutput]
}

func (d describeRules) DescribeRules(ctx context.Context, in *elasticloadbalancingv2.DescribeRulesInput,
	o ...func(*elasticloadbalancingv2.Options)) (*elasticloadbalancingv2.DescribeRulesOutput, error) {
	return d.call(ctx, in, o...)
}

type describeLoadBalancers struct {
	call elbv2Operation[elasticloadbalancingv2.DescribeLoadBalancersInput, elasticloadbalancingv2.DescribeLoadBalancersOutput]
}

func (d describeLoadBalancers) DescribeLoadBalancers(ctx context.Context, in *elasticloadbalancingv2.DescribeLoadBalancersInput,
	o ...func(*elasticloadbalancingv2.Options)) (*elasticloadbalancingv2.DescribeLoadBalancersOutput, error) {
	return d.call(ctx, in, o...)
}

type elbv2Operations struct {
	describeTargetGroups
	describeListeners
	describeRules
	describeLoadBalancers
	DescribeTargetGroupAttributes elbv2Operation[elasticloadbalancingv2.DescribeTargetGroupAttributesInput, elasticloadbalancingv2.DescribeTargetGroupAttributesOutput]
	DescribeTargetHealth          elbv2Operation[elasticloadbalancingv2.DescribeTargetHealthInput, elasticloadbalancingv2.DescribeTargetHealthOutput]
	DescribeTags                  elbv2Operation[elasticloadbalancingv2.DescribeTagsInput, elasticloadbalancingv2.DescribeTagsOutput]
	ModifyListener                elbv2Operation[elasticloadbalancingv2.ModifyListenerInput, elasticloadbalancingv2.ModifyListenerOutput]
	ModifyRule                    elbv2Operation[elasticloadbalancingv2.ModifyRuleInput, elasticloadbalancingv2.ModifyRuleOutput]
}

func operationsOfELBv2(c *elasticloadbalancingv2.Client) elbv2Operations {
	return elbv2Operations{
		describeTargetGroups:          describeTargetGroups{c.DescribeTargetGroups},
		describeListeners:             describeListeners{c.DescribeListeners},
		describeRules:                 describeRules{c.DescribeRules},
		describeLoadBalancers:         describeLoadBalancers{c.DescribeLoadBalancers},
		DescribeTargetGroupAttributes: c.DescribeTargetGroupAttributes,
		DescribeTargetHealth:          c.DescribeTargetHealth,
		DescribeTags:                  c.DescribeTags,
		ModifyListener:                c.ModifyListener,
		ModifyRule:                    c.ModifyRule,
	}
}

type describeAlarms struct {
	call cloudwatchOperation[cloudwatch.DescribeAlarmsInput, cloudwatch.DescribeAlarmsOutput]
}

func (d describeAlarms) DescribeAlarms(ctx context.Context, in *cloudwatch.DescribeAlarmsInput,
	o ...func(*cloudwatch.Options)) (*cloudwatch.DescribeAlarmsOutput, error) {
	return d.call(ctx, in, o...)
}

type describeAlarmHistory struct {
	call cloudwatchOperation[cloudwatch.DescribeAlarmHistoryInput, cloudwatch.DescribeAlarmHistoryOutput]
}

func (d describeAlarmHistory) DescribeAlarmHistory(ctx context.Context, in *cloudwatch.DescribeAlarmHistoryInput,
	o ...func(*cloudwatch.Options)) (*cloudwatch.DescribeAlarmHistoryOutput, error) {
	return d.call(ctx, in, o...)
}

type getMetricData struct {
	call cloudwatchOperation[cloudwatch.GetMetricDataInput, cloudwatch.GetMetricDataOutput]
}

func (g getMetricData) GetMetricData(ctx context.Context, in *cloudwatch.GetMetricDataInput,
	o ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricDataOutput, error) {
	return g.call(ctx, in, o...)
}

type cloudwatchOperations struct {
	describeAlarms
	describeAlarmHistory
	getMetricData
}

func operationsOfCloudWatch(c *cloudwatch.Client) cloudwatchOperations {
	return cloudwatchOperations{describeAlarms{c.DescribeAlarms}, describeAlarmHistory{c.DescribeAlarmHistory}, getMetricData{c.GetMetricData}}
}

// lambdaOperations are those of Lambda: one, which links 0.7 MB of the SDK.
type lambdaOperations struct {
	Invoke operation[lambda.InvokeInput, lambda.InvokeOutput, lambda.Options]
}
