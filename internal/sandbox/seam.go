package sandbox

import (
	"net/http"
	"time"
)

// This file is the seam between the Spot half and the AWS half. Everything on both sides of it runs under the world's
// lock; neither half starts a goroutine, takes the lock, or looks at the machine's clock: the time is w.now, and
// w.after(d, f) lets f happen d later, under the lock as well.
//
// What the AWS half asks of the core:
//
//	w.config.Region, w.config.AWSAccount
//	w.image(id) (Image, bool)        one image, w.images() all of them, oldest first (images.go)
//	w.answers(id) (bool, string)     does the application on the instance answer its health check right now; if not, why,
//	                                 in the words of a balancer ("Health checks failed with these codes: [503]",
//	                                 "Request timed out")
//	w.machine(id) (machine, bool)    what EC2 knows of an instance, w.machines() all of them, oldest first
//	w.changed()                      to be called by the handler of a call that has changed the world (ModifyListener, …);
//	                                 it makes the call a change in the journal
//	w.touch()                        to be called whenever anything changed that the timeline shows: weights, routes
//	w.targetChanged(id)              to be called whenever the state of an instance at a target group or classic balancer
//	                                 changed: Spot's own view of its health follows, a little later
//
// What the core asks of the AWS half is the interface awsHalf.
var _ awsHalf = (*World)(nil)

// awsHalf is what the core of the world and the Spot half need of the AWS half.
type awsHalf interface {
	// initAWS sets up the AWS half. Images are there already; groups come after it.
	initAWS(AWSConfig)

	// awsCall tells which call a request to an AWS endpoint makes, for the journal and for faults: service is "ec2",
	// "elbv2", "elb", "cloudwatch" or "sts", action "ModifyListener", subject the ARN, name or ID that it is about (or "").
	// The body has been read; r.Body is exhausted.
	awsCall(r *http.Request, body []byte) (service, action, subject string)
	// serveAWS answers the call. r.Body can be read (again), rw keeps everything in memory.
	serveAWS(rw http.ResponseWriter, r *http.Request)
	// awsError writes an error in the wire format of a service.
	awsError(rw http.ResponseWriter, service string, status int, code, message string)

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

	// awsMoment is what the timeline shows of the AWS half, in a stable order. The answer is never changed afterwards.
	awsMoment() ([]TargetGroupMoment, []RouteMoment)
	// setAlarm sets the state of an alarm ("OK", "ALARM", "INSUFFICIENT_DATA"); false if there is none of that name.
	setAlarm(name, state, reason string) bool
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
