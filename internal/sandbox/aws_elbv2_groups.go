package sandbox

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (w *awsHalf) describeTargetGroups(input *tree) ([]element, *awsFault) {
	arns, names, balancerARN := input.texts("TargetGroupArns"), input.texts("Names"), input.text("LoadBalancerArn")
	if balancerARN != "" && len(arns)+len(names) > 0 {
		return nil, refuse("ValidationError", "A load balancer ARN cannot be specified together with names or target group ARNs")
	}
	for _, arn := range arns {
		if _, fault := w.targetGroup(arn); fault != nil {
			return nil, fault
		}
	}
	some, fault := chosen(w.groups, arns, names,
		func(g *targetGroup) (string, string) { return g.arn, g.name },
		refuse("TargetGroupNotFound", "One or more target groups not found"))
	if fault != nil {
		return nil, fault
	}
	if balancerARN != "" {
		if some, fault = w.groupsOfBalancer(balancerARN); fault != nil {
			return nil, fault
		}
	}
	return paged("TargetGroups", some, input, w.groupElement)
}

func (w *awsHalf) groupsOfBalancer(arn string) ([]*targetGroup, *awsFault) {
	i := slices.IndexFunc(w.balancers, func(b *balancer) bool { return b.arn == arn })
	if i < 0 {
		return nil, refuse("LoadBalancerNotFound", "One or more load balancers not found")
	}
	var some []*targetGroup
	for _, g := range w.groups {
		if slices.Contains(w.balancersOf(g), w.balancers[i]) {
			some = append(some, g)
		}
	}
	return some, nil
}

func (w *awsHalf) groupElement(g *targetGroup) element {
	owners := w.balancersOf(g)
	arns := make([]string, len(owners))
	for i, b := range owners {
		arns[i] = b.arn
	}
	e := parent("",
		leaf("TargetGroupArn", g.arn),
		leaf("TargetGroupName", g.name),
		leaf("Protocol", g.protocol),
		leaf("Port", g.port),
		leaf("VpcId", g.vpc),
		leaf("TargetType", g.targetType),
		leaf("IpAddressType", "ipv4"),
		leaf("HealthCheckEnabled", true),
		leaf("HealthCheckProtocol", g.check.Protocol),
		leaf("HealthCheckPort", g.check.Port),
		leaf("HealthCheckIntervalSeconds", wholeSeconds(g.check.Interval)),
		leaf("HealthCheckTimeoutSeconds", wholeSeconds(g.check.Timeout)),
		leaf("HealthyThresholdCount", g.check.HealthyThreshold),
		leaf("UnhealthyThresholdCount", g.check.UnhealthyThreshold),
		members("LoadBalancerArns", leaves(arns)),
	)
	if g.check.Protocol != "TCP" {
		e.children = append(e.children, leaf("HealthCheckPath", g.check.Path), parent("Matcher", leaf("HttpCode", g.check.Matcher)))
	}
	if !layer4(g.protocol) {
		e.children = append(e.children, leaf("ProtocolVersion", "HTTP1"))
	}
	return e
}

func wholeSeconds(d Duration) int { return int(time.Duration(d) / time.Second) }

// defaultAttributes are those of a new target group.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
func defaultAttributes(protocol string) map[string]string {
	attributes := map[string]string{
		"deregistration_delay.timeout_seconds":                                           "300",
		"stickiness.enabled":                                                             "false",
		"stickiness.type":                                                                "lb_cookie",
		"load_balancing.cross_zone.enabled":                                              "use_load_balancer_configuration",
		"target_group_health.dns_failover.minimum_healthy_targets.count":                 "1",
		"target_group_health.dns_failover.minimum_healthy_targets.percentage":            "off",
		"target_group_health.unhealthy_state_routing.minimum_healthy_targets.count":      "1",
		"target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": "off",
	}
	if layer4(protocol) {
		attributes["stickiness.type"] = "source_ip"
		attributes["deregistration_delay.connection_termination.enabled"] = "false"
		attributes["preserve_client_ip.enabled"] = "true"
		attributes["proxy_protocol_v2.enabled"] = "false"
		return attributes
	}
	attributes["slow_start.duration_seconds"] = "0"
	attributes["load_balancing.algorithm.type"] = "round_robin"
	attributes["load_balancing.algorithm.anomaly_mitigation"] = "off"
	attributes["stickiness.lb_cookie.duration_seconds"] = "86400"
	attributes["stickiness.app_cookie.cookie_name"] = ""
	attributes["stickiness.app_cookie.duration_seconds"] = "86400"
	return attributes
}

func (w *awsHalf) describeTargetGroupAttributes(input *tree) ([]element, *awsFault) {
	g, fault := w.targetGroup(input.text("TargetGroupArn"))
	if fault != nil {
		return nil, fault
	}
	return []element{g.attributesElement()}, nil
}

func (g *targetGroup) attributesElement() element {
	return members("Attributes", tagElements(g.attributes, "Key", "Value"))
}

func (w *awsHalf) modifyTargetGroupAttributes(input *tree) ([]element, *awsFault) {
	g, fault := w.targetGroup(input.text("TargetGroupArn"))
	if fault != nil {
		return nil, fault
	}
	attributes := maps.Clone(g.attributes)
	for _, item := range input.items("Attributes") {
		key, value := item.text("Key"), item.text("Value")
		if fault := w.checkAttribute(g, key, value); fault != nil {
			return nil, fault
		}
		attributes[key] = value
	}
	g.attributes = attributes
	g.setDraining()
	w.changed()
	return []element{g.attributesElement()}, nil
}

func (w *awsHalf) checkAttribute(g *targetGroup, key, value string) *awsFault {
	if _, known := g.attributes[key]; !known {
		return refuse("ValidationError", "Target group attribute key '%s' is not recognized", key)
	}
	n, err := strconv.Atoi(value)
	switch {
	case key == "deregistration_delay.timeout_seconds" && (err != nil || n < 0 || n > 3600):
		return refuse("ValidationError", "'%s' must be between 0 and 3600, inclusive", key)
	case key == "slow_start.duration_seconds" && (err != nil || n != 0 && (n < 30 || n > 900)):
		return refuse("ValidationError", "'%s' must be 0 or between 30 and 900, inclusive", key)
	case key == "stickiness.enabled" && value == "true":
		return w.checkTargetStickiness(g)
	}
	return nil
}

// checkTargetStickiness refuses as AWS does (https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/2734).
func (w *awsHalf) checkTargetStickiness(g *targetGroup) *awsFault {
	var blocking []string
	for _, r := range w.routes {
		for _, a := range r.accepted {
			names := slices.ContainsFunc(a.groups, func(named weighted) bool { return named.group == g })
			if names && len(a.groups) > 1 && !a.sticky {
				blocking = append(blocking, r.arn)
			}
		}
	}
	if len(blocking) == 0 {
		return nil
	}
	return refuse("InvalidConfigurationRequest", "This target group appears behind a rule with group stickiness disabled (%s). "+
		"You must enable group stickiness before enabling target stickiness", strings.Join(blocking, ", "))
}

// setDraining takes the deregistration delay over from the attributes.
func (g *targetGroup) setDraining() {
	n, err := strconv.Atoi(g.attributes["deregistration_delay.timeout_seconds"])
	if err != nil {
		n = 300
	}
	g.draining = time.Duration(n) * time.Second
}

func (w *awsHalf) describeTargetHealth(input *tree) ([]element, *awsFault) {
	g, fault := w.targetGroup(input.text("TargetGroupArn"))
	if fault != nil {
		return nil, fault
	}
	asked := input.items("Targets")
	if len(asked) == 0 {
		each := make([]element, len(g.targets))
		for i, t := range g.targets {
			each[i] = t.element()
		}
		return []element{members("TargetHealthDescriptions", each)}, nil
	}
	each := make([]element, len(asked))
	for i, item := range asked {
		id, port := item.text("Id"), item.number("Port", g.port)
		if !isInstanceID(id) {
			return nil, invalidTarget(id)
		}
		t := g.find(id, port)
		if t == nil {
			t = &target{instance: id, port: port, state: stateUnused, reason: "Target.NotRegistered",
				description: "Target is not registered to the target group"}
		}
		each[i] = t.element()
	}
	return []element{members("TargetHealthDescriptions", each)}, nil
}

func (t *target) element() element {
	health := parent("TargetHealth", leaf("State", t.state))
	health.children = append(health.children, optional("Reason", t.reason)...)
	health.children = append(health.children, optional("Description", t.description)...)
	return parent("",
		leaf("HealthCheckPort", t.port),
		parent("Target", leaf("Id", t.instance), leaf("Port", t.port)),
		health,
	)
}

// maxTargets is how many targets a target group can have.
const maxTargets = 1000

func (w *awsHalf) registerTargets(input *tree) ([]element, *awsFault) {
	g, fault := w.targetGroup(input.text("TargetGroupArn"))
	if fault != nil {
		return nil, fault
	}
	asked := input.items("Targets")
	for _, item := range asked {
		id := item.text("Id")
		if m, known := w.ec2.machine(id); !known || m.State != "running" {
			return nil, invalidTarget(id)
		}
	}
	if len(g.targets)+len(asked) > maxTargets {
		return nil, refuse("TooManyTargets", "The target group '%s' cannot have more than %d targets", g.arn, maxTargets)
	}
	for _, item := range asked {
		w.addTarget(&g.pool, item.text("Id"), item.number("Port", g.port))
	}
	w.changed()
	return nil, nil
}

// deregisterTargets succeeds for targets that are not registered, too.
func (w *awsHalf) deregisterTargets(input *tree) ([]element, *awsFault) {
	g, fault := w.targetGroup(input.text("TargetGroupArn"))
	if fault != nil {
		return nil, fault
	}
	for _, item := range input.items("Targets") {
		if id := item.text("Id"); !isInstanceID(id) {
			return nil, invalidTarget(id)
		}
	}
	for _, item := range input.items("Targets") {
		w.drainTarget(&g.pool, item.text("Id"), item.number("Port", 0))
	}
	w.changed()
	return nil, nil
}

func isInstanceID(id string) bool { return strings.HasPrefix(id, "i-") }

func invalidTarget(id string) *awsFault {
	return refuse("InvalidTarget", "The following targets are not in a running state and cannot be registered: '%s'", id)
}
