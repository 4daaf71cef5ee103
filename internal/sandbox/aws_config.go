package sandbox

import (
	"fmt"
	"strconv"
	"strings"
)

// AWSConfig is the AWS half of a world as it begins: the part of the world file under "aws". The zero AWSConfig has no
// load balancers and no alarms. ARNs that are left out are made up from the names, the same ones every time.
type AWSConfig struct {
	// TargetGroups are the target groups, which listeners and rules name.
	TargetGroups []TargetGroupConfig `json:"target_groups"`
	// LoadBalancers are the application and network load balancers, with their listeners and rules.
	LoadBalancers []LoadBalancerConfig `json:"load_balancers"`
	// ClassicLoadBalancers are the classic load balancers.
	ClassicLoadBalancers []ClassicBalancerConfig `json:"classic_load_balancers"`
	// Alarms are the CloudWatch alarms, metric and composite ones.
	Alarms []AlarmConfig `json:"alarms"`

	// Propagation is how long it takes until traffic follows a change of a listener or rule. Default 10s. AWS names no
	// bound; minutes have been seen (https://github.com/argoproj/argo-rollouts/issues/4595).
	Propagation Duration `json:"propagation"`
	// DescribeLag is how long the Describe calls go on to show the old actions after such a change. Default 0.
	DescribeLag Duration `json:"describe_lag"`
	// Registration is how long a new target is in Elb.RegistrationInProgress before it is checked. Default 5s.
	Registration Duration `json:"registration"`

	// Metrics is how CloudWatch tells what becomes of requests.
	Metrics MetricsConfig `json:"metrics"`
	// Functions are those of Lambda.
	Functions []FunctionConfig `json:"functions"`

	// Subnets are those that there are. Default: any subnet that is asked for, each in the first or second zone of the region, or
	// where its ID ends in one of them ("subnet-1-us-east-1c") in that.
	Subnets []SubnetConfig `json:"subnets"`
	// Sessions are temporary credentials that somebody has, beside those that AssumeRole hands out.
	Sessions []SessionConfig `json:"sessions"`
}

// SubnetConfig is a subnet.
type SubnetConfig struct {
	// ID is "subnet-…".
	ID string `json:"id"`
	// Zone is its availability zone.
	Zone string `json:"zone"`
	// VPC is the network that it is in. Default "vpc-sandbox".
	VPC string `json:"vpc"`
}

// SessionConfig are temporary credentials.
type SessionConfig struct {
	// AccessKey begins with "ASIA".
	AccessKey string `json:"access_key"`
	// Token is the session token, AWS_SESSION_TOKEN.
	Token string `json:"token"`
	// Expires is the time from the beginning of the world until they end. Then each call signed with them is refused with
	// ExpiredToken (RequestExpired at EC2).
	Expires Duration `json:"expires"`
}

// TargetGroupConfig is a target group. What is left out is as the console would fill it in.
type TargetGroupConfig struct {
	// Name is its name, each but once.
	Name string `json:"name"`
	// ARN is its ARN. Default: made up from the name.
	ARN string `json:"arn"`
	// Port is where instances get traffic. Default 80.
	Port int `json:"port"`
	// Protocol is "HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP" or "GENEVE". Default "HTTP".
	Protocol string `json:"protocol"`
	// VPC is the network that it is in. Default "vpc-sandbox".
	VPC string `json:"vpc"`
	// TargetType is "instance", "ip", "lambda" or "alb". Default "instance". Only instances are ever registered.
	TargetType string `json:"target_type"`
	// HealthCheck is how its targets are checked.
	HealthCheck HealthCheckConfig `json:"health_check"`
	// Attributes are those of DescribeTargetGroupAttributes, such as "deregistration_delay.timeout_seconds".
	Attributes map[string]string `json:"attributes"`
	// Tags are its tags, by key.
	Tags map[string]string `json:"tags"`
}

// HealthCheckConfig is how the targets of a target group, or the instances of a classic balancer, are checked.
type HealthCheckConfig struct {
	// Interval is the time between two checks. Default 30s.
	Interval Duration `json:"interval"`
	// Timeout is how long an answer may take. Default 5s.
	Timeout Duration `json:"timeout"`
	// HealthyThreshold is how many checks in a row bring an unhealthy target back. A new one needs but one, except
	// at a classic balancer. Default 5, at a classic balancer 10.
	HealthyThreshold int `json:"healthy_threshold"`
	// UnhealthyThreshold is how many failed ones in a row make it unhealthy. Default 2.
	UnhealthyThreshold int `json:"unhealthy_threshold"`
	// Path is what is asked for. Default "/".
	Path string `json:"path"`
	// Port is the port that is asked. Default "traffic-port": that of the traffic.
	Port string `json:"port"`
	// Protocol is that of the check. Default "HTTP", of a target group of TCP, TLS or UDP "TCP".
	Protocol string `json:"protocol"`
	// Matcher are the status codes that are healthy: "200", "200-299". Default "200".
	Matcher string `json:"matcher"`
}

// LoadBalancerConfig is an application or network load balancer.
type LoadBalancerConfig struct {
	// Name is its name, each but once.
	Name string `json:"name"`
	// ARN is its ARN. Default: the one that the ARN of a listener names, else made up from the name.
	ARN string `json:"arn"`
	// Type is "application" or "network". Default "application".
	Type string `json:"type"`
	// Scheme is "internet-facing" or "internal". Default "internet-facing".
	Scheme string `json:"scheme"`
	// VPC is the network that it is in. Default "vpc-sandbox".
	VPC string `json:"vpc"`
	// Zones are the availability zones that are enabled. Targets in others are "unused" and are never checked. Default: the
	// first two of the region.
	Zones []string `json:"zones"`
	// Tags are its tags, by key.
	Tags map[string]string `json:"tags"`
	// Listeners are its listeners.
	Listeners []ListenerConfig `json:"listeners"`
}

// ListenerConfig is a listener.
type ListenerConfig struct {
	// ARN is its ARN. Default: made up from the load balancer's name and the port.
	ARN string `json:"arn"`
	// Port is where it listens, each but once. Default 80.
	Port int `json:"port"`
	// Protocol is "HTTP", "HTTPS", "TCP", "TLS", …. Default "HTTP", at a network load balancer "TCP".
	Protocol string `json:"protocol"`
	// Stage marks a listener whose traffic is a test's: an instance that is reached through it alone serves nobody.
	Stage bool `json:"stage"`
	// RequestsPerMinute is how many requests come by it and meet no other rule, split by the weights of its target groups. Default: none.
	// Application load balancers have it alone.
	RequestsPerMinute int `json:"requests_per_minute"`
	// TargetGroup is short for a default action that forwards to one.
	TargetGroup string `json:"target_group"`
	// DefaultActions are what it does where no rule applies.
	DefaultActions []ActionConfig `json:"default_actions"`
	// Rules are its other rules.
	Rules []RuleConfig `json:"rules"`
	// Tags are its tags, by key.
	Tags map[string]string `json:"tags"`
}

// RuleConfig is a rule of a listener, other than the default one.
type RuleConfig struct {
	// ARN is its ARN. Default: made up from the listener's and the priority.
	ARN string `json:"arn"`
	// Priority is the order in which rules are tried, each but once. Default: the place in the list times ten.
	Priority int `json:"priority"`
	// Stage marks a rule whose traffic is a test's, as that of a listener.
	Stage bool `json:"stage"`
	// RequestsPerMinute is how many requests meet it, split by the weights of its target groups. Default: none.
	RequestsPerMinute int `json:"requests_per_minute"`
	// Conditions are in the members of the API: {"Field": "path-pattern", "Values": ["/api/*"]}. They are handed on unread.
	Conditions []map[string]any `json:"conditions"`
	// TargetGroup is short for an action that forwards to one.
	TargetGroup string `json:"target_group"`
	// Actions are what it does.
	Actions []ActionConfig `json:"actions"`
	// Tags are its tags, by key.
	Tags map[string]string `json:"tags"`
}

// ActionConfig is an action of a listener or rule.
type ActionConfig struct {
	// Type is "forward", "redirect", "fixed-response", "authenticate-oidc", …. Default "forward".
	Type string `json:"type"`
	// Order is its place among the actions. Default 0: none is given.
	Order int `json:"order"`
	// TargetGroups are where a forward action sends traffic, by name or ARN.
	TargetGroups []WeightConfig `json:"target_groups"`
	// StickySeconds turns the stickiness of the groups on, for so many seconds. Default 0: it is off.
	StickySeconds int `json:"sticky_seconds"`
	// Config is what any other action has, in the members of the API: {"StatusCode": "503", "ContentType": "text/plain"}.
	Config map[string]any `json:"config"`
}

// WeightConfig is a target group's part in a forward action. Its share is the weight over the sum of all weights.
type WeightConfig struct {
	// TargetGroup is its name or ARN.
	TargetGroup string `json:"target_group"`
	// Weight is its part. Of a single target group it is 1.
	Weight int `json:"weight"`
}

// ClassicBalancerConfig is a classic load balancer.
type ClassicBalancerConfig struct {
	// Name is its name, each but once.
	Name string `json:"name"`
	// VPC is the network that it is in. Default "vpc-sandbox".
	VPC string `json:"vpc"`
	// HealthCheck is how its instances are checked.
	HealthCheck HealthCheckConfig `json:"health_check"`
	// Draining is how long a deregistered instance may finish what it does. Default 0: connection draining is off.
	Draining Duration `json:"draining"`
	// Zones are the availability zones that are enabled. Default: the first two of the region.
	Zones []string `json:"zones"`
	// Tags are its tags, by key.
	Tags map[string]string `json:"tags"`
}

// AlarmConfig is a CloudWatch alarm.
type AlarmConfig struct {
	// Name is its name, each but once.
	Name string `json:"name"`
	// Type is "metric" or "composite". Default "metric".
	Type string `json:"type"`
	// Description is a text.
	Description string `json:"description"`
	// Rule is a composite alarm's: ALARM(), OK() and INSUFFICIENT_DATA() of alarms' names or ARNs, TRUE, FALSE, AND, OR, NOT
	// and parentheses. Default "FALSE".
	Rule string `json:"rule"`
	// State is the alarm's first. Default: what the rule says of a composite alarm; "INSUFFICIENT_DATA" of a metric one, as AWS
	// makes them. A composite alarm that is given one keeps it until an alarm changes that its rule names.
	State string `json:"state"`
	// Reason is what CloudWatch says of the state.
	Reason string `json:"reason"`
	// Changes are what becomes of it, in order. Those before the beginning of the world are its history.
	Changes []AlarmChange `json:"changes"`
}

// AlarmChange is a change of an alarm's state.
type AlarmChange struct {
	// At is the time from the beginning of the world: "-2h", "10m".
	At Duration `json:"at"`
	// State is what it changes to.
	State string `json:"state"`
	// Reason is what CloudWatch says of that.
	Reason string `json:"reason"`
}

// Check tells what is wrong with a configuration: all of it, each mistake with its path below "aws" in a world file.
func (c AWSConfig) Check() error {
	var ms mistakes
	groups, seen := []string(nil), map[string]bool{}
	for n, g := range c.TargetGroups {
		path := fmt.Sprintf("target_groups[%d]", n)
		ms.under(path, g.check())
		ms.once(path+".name", g.Name, seen)
		groups = append(groups, g.Name)
		if g.ARN != "" {
			groups = append(groups, g.ARN)
		}
	}
	seen = map[string]bool{}
	for n, b := range c.LoadBalancers {
		path := fmt.Sprintf("load_balancers[%d]", n)
		ms.under(path, b.check(groups))
		ms.once(path+".name", b.Name, seen)
	}
	seen = map[string]bool{}
	for n, b := range c.ClassicLoadBalancers {
		path := fmt.Sprintf("classic_load_balancers[%d]", n)
		ms.under(path, b.check())
		ms.once(path+".name", b.Name, seen)
	}
	seen = map[string]bool{}
	for n, a := range c.Alarms {
		path := fmt.Sprintf("alarms[%d]", n)
		ms.under(path, a.check())
		ms.once(path+".name", a.Name, seen)
	}
	seen = map[string]bool{}
	for n, f := range c.Functions {
		path := fmt.Sprintf("functions[%d]", n)
		ms.under(path, f.check())
		ms.once(path+".name", f.Name, seen)
	}
	for n, s := range c.Subnets {
		if !strings.HasPrefix(s.ID, "subnet-") || s.Zone == "" {
			ms.add(fmt.Sprintf("subnets[%d]", n), "subnet %q: its id begins with subnet-, and it has a zone", s.ID)
		}
	}
	for n, s := range c.Sessions {
		ms.under(fmt.Sprintf("sessions[%d]", n), s.check())
	}
	ms.under("", outOfBounds(c))
	return ms.orNil()
}

func (c SessionConfig) check() error {
	var ms mistakes
	if !strings.HasPrefix(c.AccessKey, temporaryKeys) || c.Token == "" {
		ms.add("", "session %q: its access_key begins with %s, and it has a token", c.AccessKey, temporaryKeys)
	}
	return ms.orNil()
}

func (c TargetGroupConfig) check() error {
	var ms mistakes
	if c.Name == "" {
		ms.add("", "a target group has no name")
	}
	return ms.orNil()
}

func (c LoadBalancerConfig) check(groups []string) error {
	var ms mistakes
	if c.Name == "" {
		ms.add("", "a load balancer has no name")
	}
	ports := map[string]bool{}
	for n, l := range c.Listeners {
		path := fmt.Sprintf("listeners[%d]", n)
		ms.under(path, checkActions(l.TargetGroup, l.DefaultActions, "default_actions", groups))
		c.checkRequests(&ms, path, l.RequestsPerMinute)
		if l.Port != 0 {
			ms.once(path+".port", strconv.Itoa(l.Port), ports)
		}
		for r, rule := range l.Rules {
			path := fmt.Sprintf("%s.rules[%d]", path, r)
			ms.under(path, checkActions(rule.TargetGroup, rule.Actions, "actions", groups))
			c.checkRequests(&ms, path, rule.RequestsPerMinute)
		}
	}
	return ms.orNil()
}

func (c LoadBalancerConfig) checkRequests(ms *mistakes, path string, perMinute int) {
	if perMinute > 0 && c.Type == "network" {
		ms.add(path+".requests_per_minute", "a network load balancer counts no requests")
	}
}

func (c ClassicBalancerConfig) check() error {
	var ms mistakes
	if c.Name == "" {
		ms.add("", "a classic load balancer has no name")
	}
	return ms.orNil()
}

// checkActions checks the actions of a listener or rule, which stand in a member of that name, or in target_group for short.
func checkActions(short string, actions []ActionConfig, member string, groups []string) error {
	const list = "aws.target_groups"
	var ms mistakes
	if short == "" && len(actions) == 0 {
		ms.add("", "it has no action, neither target_group nor %s", member)
	}
	if short != "" {
		ms.named("target_group", "target group", short, list, groups)
	}
	for n, a := range actions {
		path := fmt.Sprintf("%s[%d]", member, n)
		if a.kind() == "forward" && len(a.TargetGroups) == 0 {
			ms.add(path, "a forward action names no target group")
		}
		for n, g := range a.TargetGroups {
			path := fmt.Sprintf("%s.target_groups[%d]", path, n)
			ms.named(path+".target_group", "target group", g.TargetGroup, list, groups)
		}
	}
	return ms.orNil()
}

func (c AlarmConfig) check() error {
	var ms mistakes
	if c.Name == "" {
		ms.add("", "an alarm has no name")
	}
	if c.Type == "composite" && c.Rule != "" {
		_, err := parseRule(c.Rule)
		ms.under("rule", err)
	}
	for n, change := range c.Changes {
		path := fmt.Sprintf("changes[%d]", n)
		if change.State == "" {
			ms.add(path, "a change of an alarm has no state; it is one of %s", strings.Join(alarmStates, ", "))
		}
	}
	return ms.orNil()
}

// actions are the listener's default ones, the short form written out.
func (c ListenerConfig) actions() []ActionConfig { return spellOut(c.TargetGroup, c.DefaultActions) }

// actions are the rule's, the short form written out.
func (c RuleConfig) actions() []ActionConfig { return spellOut(c.TargetGroup, c.Actions) }

func spellOut(group string, actions []ActionConfig) []ActionConfig {
	if group == "" {
		return actions
	}
	return append(actions[:len(actions):len(actions)], ActionConfig{TargetGroups: []WeightConfig{{TargetGroup: group, Weight: 1}}})
}

func (c ActionConfig) kind() string {
	if c.Type == "" {
		return "forward"
	}
	return c.Type
}
