package runner

import (
	"context"
	"errors"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// ErrGone is what a call returns (wrapped) about a group, an image, a target group or a balancer that does not exist.
var ErrGone = errors.New("it does not exist")

// ErrNoID is what a call returns (wrapped) about an ID that no group can have. Nobody was asked.
var ErrNoID = errors.New("it is not the ID of a group")

// ErrCredentials is what a call returns (wrapped) whose credentials are not accepted: they have ended, were revoked, or were never known.
// No other call with them would fare better.
var ErrCredentials = errors.New("the credentials are not accepted")

// Elastigroups is the Spot half of the world. All methods retry what is worth retrying; an error is final.
type Elastigroups interface {
	// Groups lists every group of the account, those that cannot be read (see rollout.Group.Unreadable) included. One call serves
	// everybody who asks at the same time: who keeps a group of it, or changes it, takes a clone.
	Groups(ctx context.Context) ([]rollout.Group, error)
	// Group reads one group. The error wraps ErrGone if Spot says, in its own words, that there is none of this ID; nothing else
	// that it may answer means that.
	Group(ctx context.Context, id string) (rollout.Group, error)
	// Create makes a group from its JSON document (the value of "group", name, capacity and tags included) and returns it
	// as Spot answers it. Create is not idempotent: ErrUnanswered says that it is not known whether it took effect, and
	// ErrUnusable beside it that there was an answer.
	Create(ctx context.Context, document []byte) (rollout.Group, error)
	// Resize sets minimum, target and maximum in one call.
	Resize(ctx context.Context, id string, capacity rollout.Capacity) error
	// Automate switches off everything that moves the group's capacity of its own accord (see rollout.Automation), or on again what was
	// switched off so, and sets the capacity in the same call if one is given.
	Automate(ctx context.Context, id string, on bool, capacity *rollout.Capacity) error
	// Tag sets the given tags of the group's launch specification and leaves all others as they are. Instances that run
	// keep the tags that they have.
	Tag(ctx context.Context, id string, tags map[string]string) error
	// Delete deletes a group. A group that is gone already is no error.
	Delete(ctx context.Context, id string) error
	// Instances lists the instances of a group. JudgedInstances lists them with Spot's word on their health, which is a call of its own
	// and matters where no balancer has a word.
	Instances(ctx context.Context, id string) ([]Instance, error)
	JudgedInstances(ctx context.Context, id string) ([]Instance, error)
	// Roll is the deployment of Spot's own that keeps a group from being changed; nil if there is none.
	Roll(ctx context.Context, id string) (*Roll, error)
	// Log is what Spot's group log says since a time, warnings and errors first to last; it alone explains why no
	// instance comes. At most limit lines, the newest ones.
	Log(ctx context.Context, id string, since time.Time, limit int) ([]string, error)
}

// ErrUnanswered is what Create returns (wrapped) when its answer was lost: the group may or may not exist.
var ErrUnanswered = errors.New("the answer was lost, it may have taken effect")

// ErrUnusable is what a call returns (wrapped) that was answered as if all were well, and whose answer says nothing that can be
// gone by: it is not the service's word on anything, not even that something does not exist. A create that was answered so returns
// ErrUnanswered as well.
var ErrUnusable = errors.New("the answer cannot be used")

// ErrMoved is what SetTraffic returns (wrapped) if someone else has changed the route since it was seen.
var ErrMoved = errors.New("it has been changed by someone else")

// Instance is one instance of a group, or the request for one.
type Instance struct {
	// ID is "i-…", or empty while Spot still looks for capacity.
	ID string
	// VCPUs is how many virtual CPUs the type has; 0 if the type is not known.
	VCPUs int
	// Request is the spot request's ID, empty for on-demand.
	Request string
	Type    string
	// State is the spot request's status ("pending-evaluation", "fulfilled") or, on demand, the EC2 state.
	State string
	// Health is Spot's word: HEALTHY, UNHEALTHY, INSUFFICIENT_DATA, UNKNOWN, or empty, as it is where nobody asked.
	Health string
}

// Balancers is what load balancers say of the instances registered with them.
type Balancers interface {
	// TargetHealth lists the targets of an ELBv2 target group.
	TargetHealth(ctx context.Context, targetGroupARN string) ([]Target, error)
	// ClassicHealth lists the instances of a classic load balancer.
	ClassicHealth(ctx context.Context, name string) ([]Target, error)
	// Traffic reads where a listener or rule forwards. The error wraps ErrGone if there is none; a route that does not
	// forward to target groups is an error too.
	Traffic(ctx context.Context, arn string) (rollout.Forward, error)
	// SetTraffic makes a listener or rule forward otherwise and leaves everything else of it as it is. Seen is where it
	// forwarded when it was last read: if it forwards elsewhere by now, neither as seen nor as wanted, nothing is changed and
	// the error wraps ErrMoved. It returns when the change is taken, not when it shows.
	SetTraffic(ctx context.Context, arn string, seen, wanted rollout.Forward) error
}

// Target is one instance at one balancer.
type Target struct {
	Instance string
	// Port tells apart the same instance registered twice. 0 at a classic balancer.
	Port int
	// InService is whether it gets traffic as a healthy target.
	InService bool
	// State is the balancer's own: "healthy", "unhealthy", "initial", "draining", "unused", "InService", …
	State string
	// Reason and Description are the balancer's own words on a state that is not healthy.
	Reason      string
	Description string
}

// TargetGroup is what preflight and plans need to know of a target group.
type TargetGroup struct {
	ARN  string
	Name string
	// Type is "instance", "ip", "lambda" or "alb". Elastigroups register instances.
	Type string
	VPC  string
	// Balancers are the ARNs of the load balancers that use it. One that none uses never turns healthy.
	Balancers []string
	Check     HealthCheck
}

// ClassicBalancer is what preflight needs to know of a classic load balancer.
type ClassicBalancer struct {
	Name string
	// VPC is empty of one that is in none.
	VPC string
	// Zones are the availability zones that are enabled. Instances in others are never in service.
	Zones []string
	Check HealthCheck
}

// HealthCheck is how a balancer finds out whether a new instance may serve.
type HealthCheck struct {
	Interval time.Duration
	// Passes is how many checks in a row a new instance has to pass.
	Passes int
}

// Takes is how long a new instance that answers from the beginning waits at the least until it is in service.
func (h HealthCheck) Takes() time.Duration { return h.Interval * time.Duration(h.Passes) }

// Alarms is where CloudWatch alarms are read.
type Alarms interface {
	// Alarms reads alarms, metric and composite, in the order of the names. The error wraps ErrGone and lists the names that
	// do not exist.
	Alarms(ctx context.Context, names []string) ([]Alarm, error)
	// AlarmTripped tells whether an alarm went to ALARM at a time or after it, by its history, and in what words.
	AlarmTripped(ctx context.Context, name string, since time.Time) (bool, string, error)
	// AlarmWasOK tells whether an alarm went to OK at a time or after it, by its history.
	AlarmWasOK(ctx context.Context, name string, since time.Time) (bool, error)
}

// Alarm is a CloudWatch alarm as it stands.
type Alarm struct {
	Name string
	// Kind is "metric" or "composite".
	Kind string
	// State is "OK", "ALARM" or "INSUFFICIENT_DATA". A metric alarm begins with the last one, and stays there if its metric
	// reports only when something is wrong, unless it treats missing data as good.
	State string
	// Reason is CloudWatch's own words on the state.
	Reason string
	// Since is when the state became what it is, UpdatedAt when anything about it last changed, its reason for instance.
	Since     time.Time
	UpdatedAt time.Time
	// Evaluation is empty when all is well, else "PARTIAL_DATA", "EVALUATION_ERROR" or "EVALUATION_FAILURE": State may then
	// mean nothing. Metric alarms only.
	Evaluation string
}

// Tripped tells whether the alarm goes off right now.
func (a Alarm) Tripped() bool { return a.State == "ALARM" }

// Machines is where EC2 is asked about instances.
type Machines interface {
	// Ended says of those of the instances that EC2 itself ended as they were launched why, in EC2's words. Instances that it does
	// not know are left out.
	Ended(ctx context.Context, instances []string) (map[string]string, error)
	// Running are those of the instances that EC2 calls pending or running.
	Running(ctx context.Context, instances []string) ([]string, error)
}

// Image is what preflight needs to know of an image.
type Image struct {
	ID           string
	Name         string
	State        string
	Architecture string
}
