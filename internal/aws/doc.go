// Package aws is the AWS half of the world: images, target groups, classic load balancers, CloudWatch alarms, and what
// listeners and rules forward.
//
// # One client
//
// A process has one [Client], whatever the number of rollouts. [New] checks the configuration and touches nothing; region and
// credentials are found at the first call, so that a rollout that needs no AWS needs no credentials either. [Client.Ready]
// finds out which of the two it is.
//
// # Asking
//
// Rollouts poll, and they poll the same things. Callers that ask the same at the same time share one call; who comes while it
// is under way shares the next. So no answer is older than its question, and AWS sees one call at a time for each
// thing, however many wait for it. Alarms go further: all names that anybody asks for travel in one call; and so do all metrics, for which
// those who ask wait a moment for each other.
//
// Throttled and failed calls are tried again, up to [Config.MaxRetries] times with growing pauses of up to 20 seconds; an
// attempt has 60 seconds. An error is therefore final. It is an [*Error], wraps runner.ErrGone where AWS says that something
// does not exist, and never repeats a key or a token. Who stops waiting gets the context's error. [Client.Invoke] is the exception: a function is
// asked once, for as long as its caller waits.
//
// # Changing
//
// The one thing that is changed is what a route forwards, by [Client.SetForward]. A route is a listener's
// default action or a rule; its list of actions is read, the forward action is replaced, and all of it is sent back,
// because AWS knows no smaller change. It sets what it is told and swaps nothing, so that doing it twice is doing it once.
//
// # Permissions
//
// Reading: ec2:DescribeImages, DescribeSubnets and DescribeInstances (the last two may be denied); elasticloadbalancing:DescribeTargetGroups, DescribeTargetGroupAttributes, DescribeTargetHealth,
// DescribeTags (may be denied), DescribeListeners, DescribeRules, DescribeLoadBalancers, DescribeLoadBalancerAttributes and
// DescribeInstanceHealth (classic ones); cloudwatch:DescribeAlarms and DescribeAlarmHistory, both on "*" for composite alarms, and GetMetricData; lambda:InvokeFunction on the functions that are checks. Changing:
// elasticloadbalancing:ModifyListener and ModifyRule. A call needs its own action only.
package aws
