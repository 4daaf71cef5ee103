package sandbox

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// elbv2Calls are the calls of Elastic Load Balancing v2 that are served.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Operations.html
func (w *awsHalf) elbv2Calls() map[string]func(*tree) ([]element, *awsFault) {
	return map[string]func(*tree) ([]element, *awsFault){
		"DescribeLoadBalancers":         w.describeBalancers,
		"DescribeListeners":             w.describeListeners,
		"DescribeRules":                 w.describeRules,
		"DescribeTargetGroups":          w.describeTargetGroups,
		"DescribeTargetGroupAttributes": w.describeTargetGroupAttributes,
		"DescribeTags":                  w.describeTags,
		"DescribeTargetHealth":          w.describeTargetHealth,
		"ModifyListener":                w.modifyListener,
		"ModifyRule":                    w.modifyRule,
		"ModifyTargetGroupAttributes":   w.modifyTargetGroupAttributes,
		"RegisterTargets":               w.registerTargets,
		"DeregisterTargets":             w.deregisterTargets,
	}
}

// maxPage is the most, and the default, that a Describe call returns at once.
const maxPage = 400

// paged is the page of a list that a call asks for, in a list of the name, and the marker of the next one.
func paged[T any](name string, all []T, input *tree, show func(T) element) ([]element, *awsFault) {
	size := input.number("PageSize", maxPage)
	if size < 1 || size > maxPage {
		return nil, refuse("ValidationError", "The page size must be between 1 and %d, inclusive", maxPage)
	}
	part, next, ok := page(all, size, input.text("Marker"))
	if !ok {
		return nil, refuse("ValidationError", "The marker is not valid")
	}
	each := make([]element, len(part))
	for i, item := range part {
		each[i] = show(item)
	}
	return append([]element{members(name, each)}, optional("NextMarker", next)...), nil
}

func (w *awsHalf) describeBalancers(input *tree) ([]element, *awsFault) {
	arns, names := input.texts("LoadBalancerArns"), input.texts("Names")
	all, fault := chosen(w.balancers, arns, names,
		func(b *balancer) (string, string) { return b.arn, b.name },
		refuse("LoadBalancerNotFound", "One or more load balancers not found"))
	if fault != nil {
		return nil, fault
	}
	return paged("LoadBalancers", all, input, w.balancerElement)
}

// chosen are those that a call names, all if it names none.
func chosen[T any](all []T, arns, names []string, of func(T) (arn, name string), missing *awsFault) ([]T, *awsFault) {
	if len(arns) > 0 && len(names) > 0 {
		return nil, refuse("ValidationError", "Names and ARNs cannot be specified at the same time")
	}
	if len(arns) == 0 && len(names) == 0 {
		return all, nil
	}
	var some []T
	for _, item := range all {
		if arn, name := of(item); slices.Contains(arns, arn) || slices.Contains(names, name) {
			some = append(some, item)
		}
	}
	if len(some) < len(arns)+len(names) {
		return nil, missing
	}
	return some, nil
}

func (w *awsHalf) balancerElement(b *balancer) element {
	zones := make([]element, len(b.zones))
	for n, zone := range b.zones {
		zones[n] = parent("", leaf("ZoneName", zone), leaf("SubnetId", "subnet-sandbox-"+zone))
	}
	return parent("",
		leaf("LoadBalancerArn", b.arn),
		leaf("DNSName", w.dnsName(b)),
		leaf("CanonicalHostedZoneId", "Z35SXDOTRQ7X7K"),
		leaf("CreatedTime", b.created.Format(time.RFC3339)),
		leaf("LoadBalancerName", b.name),
		leaf("Scheme", b.scheme),
		leaf("VpcId", b.vpc),
		parent("State", leaf("Code", "active")),
		leaf("Type", b.kind),
		members("AvailabilityZones", zones),
		leaf("IpAddressType", "ipv4"),
	)
}

func (w *awsHalf) describeListeners(input *tree) ([]element, *awsFault) {
	arns, balancerARN := input.texts("ListenerArns"), input.text("LoadBalancerArn")
	var some []*listener
	switch {
	case balancerARN == "" && len(arns) == 0:
		return nil, refuse("ValidationError", "You must specify either listener ARNs or a load balancer ARN")
	case balancerARN != "" && len(arns) > 0:
		return nil, refuse("ValidationError", "Listener ARNs and a load balancer ARN cannot be specified at the same time")
	case balancerARN != "":
		i := slices.IndexFunc(w.balancers, func(b *balancer) bool { return b.arn == balancerARN })
		if i < 0 {
			return nil, refuse("LoadBalancerNotFound", "One or more load balancers not found")
		}
		some = w.balancers[i].listeners
	}
	for _, arn := range arns {
		l, fault := w.listener(arn)
		if fault != nil {
			return nil, fault
		}
		some = append(some, l)
	}
	return paged("Listeners", some, input, (*listener).element)
}

func (w *awsHalf) listener(arn string) (*listener, *awsFault) {
	if !isARN(arn, "listener/") {
		return nil, refuse("ValidationError", "'%s' is not a valid listener ARN", arn)
	}
	if l := w.listeners[arn]; l != nil {
		return l, nil
	}
	return nil, refuse("ListenerNotFound", "One or more listeners not found")
}

func (l *listener) element() element {
	e := parent("",
		leaf("ListenerArn", l.arn),
		leaf("LoadBalancerArn", l.balancer.arn),
		leaf("Port", l.port),
		leaf("Protocol", l.protocol),
		actionElements("DefaultActions", l.fallback.shown),
	)
	if l.sslPolicy != "" {
		arn := strings.Replace(l.arn, ":elasticloadbalancing:", ":acm:", 1)
		arn = arn[:strings.Index(arn, ":listener/")] + ":certificate/" + fingerprint(l.arn)
		e.children = append(e.children, leaf("SslPolicy", l.sslPolicy),
			members("Certificates", []element{parent("", leaf("CertificateArn", arn))}))
	}
	return e
}

func (w *awsHalf) describeRules(input *tree) ([]element, *awsFault) {
	arns, listenerARN := input.texts("RuleArns"), input.text("ListenerArn")
	var some []*route
	switch {
	case listenerARN == "" && len(arns) == 0:
		return nil, refuse("ValidationError", "You must specify either rule ARNs or a listener ARN")
	case listenerARN != "" && len(arns) > 0:
		return nil, refuse("ValidationError", "Rule ARNs and a listener ARN cannot be specified at the same time")
	case listenerARN != "":
		l, fault := w.listener(listenerARN)
		if fault != nil {
			return nil, fault
		}
		some = append(slices.Clone(l.rules), l.fallback)
	}
	for _, arn := range arns {
		r, fault := w.rule(arn)
		if fault != nil {
			return nil, fault
		}
		some = append(some, r)
	}
	return paged("Rules", some, input, (*route).element)
}

func (w *awsHalf) rule(arn string) (*route, *awsFault) {
	if !isARN(arn, "listener-rule/") {
		return nil, refuse("ValidationError", "'%s' is not a valid listener rule ARN", arn)
	}
	if r := w.rules[arn]; r != nil {
		return r, nil
	}
	return nil, refuse("RuleNotFound", "One or more rules not found")
}

func (r *route) element() element {
	priority := leaf("Priority", r.priority)
	if r.priority == 0 {
		priority.text = "default"
	}
	conditions := make([]element, len(r.conditions))
	for i, c := range r.conditions {
		conditions[i] = parent("", c.elements()...)
	}
	return parent("",
		leaf("RuleArn", r.arn),
		priority,
		members("Conditions", conditions),
		actionElements("Actions", r.shown),
		leaf("IsDefault", r.priority == 0),
	)
}

// maxTagged is how many resources DescribeTags takes.
const maxTagged = 20

func (w *awsHalf) describeTags(input *tree) ([]element, *awsFault) {
	arns := input.texts("ResourceArns")
	if len(arns) == 0 || len(arns) > maxTagged {
		return nil, refuse("ValidationError", "The number of resource ARNs must be between 1 and %d, inclusive", maxTagged)
	}
	each := make([]element, len(arns))
	for i, arn := range arns {
		tags, fault := w.tagsOf(arn)
		if fault != nil {
			return nil, fault
		}
		each[i] = parent("", leaf("ResourceArn", arn), members("Tags", tagElements(tags, "Key", "Value")))
	}
	return []element{members("TagDescriptions", each)}, nil
}

func (w *awsHalf) tagsOf(arn string) (map[string]string, *awsFault) {
	switch {
	case isARN(arn, "targetgroup/"):
		g, fault := w.targetGroup(arn)
		if fault != nil {
			return nil, fault
		}
		return g.tags, nil
	case isARN(arn, "listener/"):
		l, fault := w.listener(arn)
		if fault != nil {
			return nil, fault
		}
		return l.tags, nil
	case isARN(arn, "listener-rule/"):
		r, fault := w.rule(arn)
		if fault != nil {
			return nil, fault
		}
		return r.tags, nil
	case isARN(arn, "loadbalancer/"):
		for _, b := range w.balancers {
			if b.arn == arn {
				return b.tags, nil
			}
		}
		return nil, refuse("LoadBalancerNotFound", "One or more load balancers not found")
	}
	return nil, refuse("ValidationError", "'%s' is not a valid ARN", arn)
}

// tagElements are tags in the order of their keys.
func tagElements(tags map[string]string, key, value string) []element {
	each := make([]element, 0, len(tags))
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		each = append(each, parent("", leaf(key, k), leaf(value, tags[k])))
	}
	return each
}
