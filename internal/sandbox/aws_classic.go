package sandbox

import (
	"slices"
	"time"
)

// classicBalancer is a classic load balancer: one pool of instances, to which it sends all traffic.
type classicBalancer struct {
	pool
	name, vpc string
	created   time.Time
	zones     []string // enabled ones
	tags      map[string]string
}

// classicCalls are the calls of classic Elastic Load Balancing that are served.
// https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_Operations.html
func (w *awsHalf) classicCalls() map[string]func(*tree) ([]element, *awsFault) {
	return map[string]func(*tree) ([]element, *awsFault){
		"DescribeLoadBalancers":               w.describeClassics,
		"DescribeInstanceHealth":              w.describeInstanceHealth,
		"DescribeLoadBalancerAttributes":      w.describeClassicAttributes,
		"RegisterInstancesWithLoadBalancer":   w.registerInstances,
		"DeregisterInstancesFromLoadBalancer": w.deregisterInstances,
	}
}

func (w *awsHalf) addClassic(c ClassicBalancerConfig) {
	orText(&c.VPC, "vpc-sandbox")
	orNumber(&c.HealthCheck.HealthyThreshold, 10)
	check := c.HealthCheck.complete()
	w.classics = append(w.classics, &classicBalancer{
		name: c.Name, vpc: c.VPC, created: w.now, tags: c.Tags, zones: w.enabledZones(c.Zones),
		pool: pool{
			check: check, firstPasses: check.HealthyThreshold, draining: time.Duration(c.Draining),
			used: true, reached: true, live: true,
		},
	})
}

// classic is the classic load balancer of a name, nil if there is none.
func (w *awsHalf) classic(name string) *classicBalancer {
	for _, b := range w.classics {
		if b.name == name {
			return b
		}
	}
	return nil
}

func (w *awsHalf) classicNamed(name string) (*classicBalancer, *awsFault) {
	if b := w.classic(name); b != nil {
		return b, nil
	}
	return nil, refuse("LoadBalancerNotFound", "There is no ACTIVE Load Balancer named '%s'", name)
}

func (w *awsHalf) describeClassics(input *tree) ([]element, *awsFault) {
	names := input.texts("LoadBalancerNames")
	some := w.classics
	if len(names) > 0 {
		some = nil
	}
	for _, name := range names {
		b, fault := w.classicNamed(name)
		if fault != nil {
			return nil, fault
		}
		some = append(some, b)
	}
	size := input.number("PageSize", maxPage)
	if size < 1 || size > maxPage {
		return nil, refuse("ValidationError", "The page size must be between 1 and %d, inclusive", maxPage)
	}
	part, next, ok := page(some, size, input.text("Marker"))
	if !ok {
		return nil, refuse("ValidationError", "The marker is not valid")
	}
	each := make([]element, len(part))
	for i, b := range part {
		each[i] = w.classicElement(b)
	}
	return append([]element{members("LoadBalancerDescriptions", each)}, optional("NextMarker", next)...), nil
}

func (w *awsHalf) classicElement(b *classicBalancer) element {
	instances := make([]element, len(b.targets))
	for i, t := range b.targets {
		instances[i] = parent("", leaf("InstanceId", t.instance))
	}
	region := w.config.Region
	return parent("",
		leaf("LoadBalancerName", b.name),
		leaf("DNSName", b.name+"-"+fingerprint(b.name)[:8]+"."+region+".elb.amazonaws.com"),
		leaf("CreatedTime", b.created.Format(time.RFC3339)),
		leaf("Scheme", "internet-facing"),
		leaf("VPCId", b.vpc),
		members("AvailabilityZones", leaves(b.zones)),
		members("Instances", instances),
		members("ListenerDescriptions", []element{parent("", parent("Listener",
			leaf("Protocol", "HTTP"), leaf("LoadBalancerPort", 80), leaf("InstanceProtocol", "HTTP"), leaf("InstancePort", 80)))}),
		parent("HealthCheck",
			leaf("Target", "HTTP:80"+b.check.Path),
			leaf("Interval", wholeSeconds(b.check.Interval)),
			leaf("Timeout", wholeSeconds(b.check.Timeout)),
			leaf("HealthyThreshold", b.check.HealthyThreshold),
			leaf("UnhealthyThreshold", b.check.UnhealthyThreshold)),
	)
}

// describeClassicAttributes tells of connection draining; the other attributes are the defaults.
// https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_DescribeLoadBalancerAttributes.html
func (w *awsHalf) describeClassicAttributes(input *tree) ([]element, *awsFault) {
	b, fault := w.classicNamed(input.text("LoadBalancerName"))
	if fault != nil {
		return nil, fault
	}
	draining := []element{leaf("Enabled", b.draining > 0)}
	if b.draining > 0 {
		draining = append(draining, leaf("Timeout", int(b.draining/time.Second)))
	}
	return []element{parent("LoadBalancerAttributes",
		parent("CrossZoneLoadBalancing", leaf("Enabled", false)),
		parent("AccessLog", leaf("Enabled", false)),
		parent("ConnectionDraining", draining...),
		parent("ConnectionSettings", leaf("IdleTimeout", 60)),
	)}, nil
}

func (w *awsHalf) describeInstanceHealth(input *tree) ([]element, *awsFault) {
	b, fault := w.classicNamed(input.text("LoadBalancerName"))
	if fault != nil {
		return nil, fault
	}
	asked, fault := w.instancesOf(input)
	if fault != nil {
		return nil, fault
	}
	var each []element
	if len(asked) == 0 {
		for _, t := range b.targets {
			each = append(each, w.instanceHealth(b, t.instance)...)
		}
	}
	for _, id := range asked {
		each = append(each, w.instanceHealth(b, id)...)
	}
	return []element{members("InstanceStates", each)}, nil
}

// instanceHealth is the state of an instance, registered or not; a terminated one is left out.
// https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_DescribeInstanceHealth.html
func (w *awsHalf) instanceHealth(b *classicBalancer, id string) []element {
	if m, known := w.ec2.machine(id); known && m.State == "terminated" {
		return nil
	}
	state, reason, description := "OutOfService", "Instance", "Instance is not currently registered with the LoadBalancer."
	if t := b.find(id, 0); t != nil {
		state, reason, description = t.classicHealth()
	}
	return []element{parent("", leaf("InstanceId", id), leaf("State", state), leaf("ReasonCode", reason), leaf("Description", description))}
}

// classicHealth is the state of a target in the words of a classic load balancer.
func (t *target) classicHealth() (state, reason, description string) {
	switch {
	case t.state == stateHealthy:
		return "InService", "N/A", "N/A"
	case t.state == stateDraining:
		return "InService", "N/A", "Instance deregistration currently in progress."
	case t.state == stateUnused && t.description == zoneNotEnabled:
		return "OutOfService", "ELB", "Instance is in the EC2 Availability Zone for which LoadBalancer is not configured to route traffic to."
	case t.reason == reasonRegistering:
		return "OutOfService", "ELB", "Instance registration is still in progress."
	case t.reason == reasonInvalidState:
		return "OutOfService", "Instance", "Instance is in terminated state."
	case t.state == stateUnhealthy && t.passed == 0:
		return "OutOfService", "Instance", "Instance has failed at least the UnhealthyThreshold number of health checks consecutively."
	}
	return "OutOfService", "Instance", "Instance has not passed the configured HealthyThreshold number of health checks consecutively."
}

// instancesOf are the IDs that a call names. One of no instance at all is refused.
func (w *awsHalf) instancesOf(input *tree) ([]string, *awsFault) {
	var ids []string
	for _, item := range input.items("Instances") {
		id := item.text("InstanceId")
		if _, known := w.ec2.machine(id); !known && !w.registeredAnywhere(id) {
			return nil, refuse("InvalidInstance", "Could not find EC2 instance %s.", id)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func (w *awsHalf) registeredAnywhere(id string) bool { return len(w.targets[id]) > 0 }

func (w *awsHalf) registerInstances(input *tree) ([]element, *awsFault) {
	return w.changeInstances(input, func(b *classicBalancer, id string) { w.addTarget(&b.pool, id, 0) })
}

func (w *awsHalf) deregisterInstances(input *tree) ([]element, *awsFault) {
	return w.changeInstances(input, func(b *classicBalancer, id string) { w.drainTarget(&b.pool, id, 0) })
}

// changeInstances does something to every instance that a call names, and answers with those that are registered then.
func (w *awsHalf) changeInstances(input *tree, do func(*classicBalancer, string)) ([]element, *awsFault) {
	b, fault := w.classicNamed(input.text("LoadBalancerName"))
	if fault != nil {
		return nil, fault
	}
	ids, fault := w.instancesOf(input)
	if fault != nil {
		return nil, fault
	}
	for _, id := range ids {
		do(b, id)
	}
	w.changed()
	rest := slices.Clone(b.targets)
	rest = slices.DeleteFunc(rest, func(t *target) bool { return t.state == stateDraining })
	each := make([]element, len(rest))
	for i, t := range rest {
		each[i] = parent("", leaf("InstanceId", t.instance))
	}
	return []element{members("Instances", each)}, nil
}
