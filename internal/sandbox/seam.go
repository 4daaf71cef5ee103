package sandbox

import "time"

// This file is the seam between the two halves of a world. Both stand on its core, run under its lock, and neither starts a goroutine,
// takes the lock but in exported methods, or looks at the machine's clock: the time is w.now, and w.after(d, f) lets f happen d later,
// under the lock as well. A half calls changed when a call that is being answered has changed the world, and touch or touchGroup whenever something
// changed that the timeline shows. What they ask of each other is listed here, and nothing else.

// machines is what the AWS half asks of the Spot half: the instances that it has launched.
type machines interface {
	// answers tells whether the application on an instance answers its health check right now; if not, why, in the words of a balancer
	// ("Health checks failed with these codes: [503]", "Request timed out").
	answers(instanceID string) (bool, string)
	// machine is what EC2 knows of an instance, and machines all of them, oldest first.
	machine(instanceID string) (machine, bool)
	machines() []machine
	// targetChanged is to be called whenever the state of an instance at a target group or classic balancer changed: Spot's own view of its
	// health follows, a little later.
	targetChanged(instanceID string)
}

// balancers is what the Spot half asks of the AWS half: what becomes of instances at load balancers.
type balancers interface {
	// registerTarget and deregisterTarget are what Spot does when an instance of a group with the target group comes up and
	// when it is to go. Both are no-ops for a target group that does not exist, or when there is nothing to do.
	registerTarget(targetGroupARN, instanceID string)
	deregisterTarget(targetGroupARN, instanceID string)
	registerClassic(name, instanceID string)
	deregisterClassic(name, instanceID string)
	// instanceGone says that an instance has been terminated, whether it was deregistered first or not.
	instanceGone(instanceID string)
	// appChanged says that answers(instanceID) has changed.
	appChanged(instanceID string)

	// targetState and classicState are the balancer's word on one instance: "healthy", "unhealthy", "initial", "draining",
	// "unused"; "InService", "OutOfService", "Unknown"; "" for an instance that is not registered there.
	targetState(targetGroupARN, instanceID string) string
	classicState(name, instanceID string) string
	// serving tells whether production traffic reaches the instance: it is healthy in a target group that an action
	// sends traffic to with a weight above 0, or in service at a classic balancer, and not draining.
	serving(instanceID string) bool
	// zonesWritten are the zones of a group: those that its document names, or those of its subnets.
	zonesWritten(s spec, document map[string]any) []string
}

// machine is what EC2 knows of an instance.
type machine struct {
	ID        string
	Type      string
	Zone      string
	PrivateIP string
	ImageID   string
	// State is EC2's: "pending", "running", "shutting-down", "terminated".
	State    string
	Launched time.Time
	// Spot tells a spot instance from an on-demand one.
	Spot bool
	// Tags are those of the launch specification at launch, and Spot's own.
	Tags map[string]string
	// Reason is EC2's for a state that it led to itself; zero for others.
	Reason stateReason
}

// stateReason is why an instance is in its state, as DescribeInstances has it.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html
type stateReason struct{ Code, Message string }

// TargetGroupMoment is what the timeline shows of a target group: how many of its targets are in which state.
type TargetGroupMoment struct {
	ARN  string `json:"arn"`
	Name string `json:"name"`

	Healthy   int `json:"healthy"`
	Unhealthy int `json:"unhealthy"`
	Initial   int `json:"initial"`
	Draining  int `json:"draining"`
	Unused    int `json:"unused"`
}

// RouteMoment is what the timeline shows of a listener or rule: where its traffic goes.
type RouteMoment struct {
	// ARN is that of the listener, for its default action, or of the rule.
	ARN string `json:"arn"`
	// Weights are those of its forward action as traffic sees them; empty if it forwards to no target group.
	Weights []RouteWeight `json:"weights"`
}

// RouteWeight is the share of a target group in a forward action: its weight over the sum of all weights.
type RouteWeight struct {
	TargetGroup string `json:"target_group"`
	Weight      int    `json:"weight"`
}
