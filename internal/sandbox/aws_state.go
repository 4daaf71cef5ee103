package sandbox

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"
)

// awsHalf is the AWS half of a world: load balancers with their target groups, listeners and rules, alarms, and what EC2 and STS answer.
type awsHalf struct {
	*core
	ec2 machines // the instances that there are, and what they answer

	requests int // that were given an ID

	groups     []*targetGroup
	groupByARN map[string]*targetGroup
	balancers  []*balancer
	listeners  map[string]*listener // by ARN
	rules      map[string]*route    // by ARN, the default ones included
	routes     []*route             // all of them, in a stable order
	classics   []*classicBalancer

	// targets are those of an instance, wherever it is registered.
	targets map[string][]*target

	alarms    []*alarm
	deleted   []*alarm // those whose history is left
	metrics   MetricsConfig
	functions map[string]*function // by name
	sessions  map[string]session   // by access key

	moment awsMoment
}

// balancer is an application or network load balancer.
type balancer struct {
	arn, name, kind, scheme, vpc string
	tags                         map[string]string
	created                      time.Time
	zones                        []string // enabled ones
	listeners                    []*listener
}

// listener is a listener of a balancer.
type listener struct {
	arn       string
	balancer  *balancer
	port      int
	protocol  string
	sslPolicy string
	tags      map[string]string
	fallback  *route // its default rule: the default actions
	rules     []*route
}

// route is what says where traffic goes: the default rule of a listener, or another rule of it.
type route struct {
	arn        string // of the rule
	listener   *listener
	priority   int // 0: the default rule
	conditions []*tree
	tags       map[string]string
	stage      bool // its traffic is a test's

	// A change is accepted at once. Describe may show it later, and traffic follows later still.
	accepted, shown, effective []action
}

// public is the ARN under which others know the route: a default rule goes by its listener.
func (r *route) public() string {
	if r.priority == 0 {
		return r.listener.arn
	}
	return r.arn
}

// targetGroup is a target group.
type targetGroup struct {
	pool
	arn, name, protocol, vpc, targetType string
	port                                 int
	attributes                           map[string]string
	tags                                 map[string]string
}

// initAWS sets the AWS half up as it was configured. It panics on a configuration that AWSConfig.Check refuses.
func (w *awsHalf) initAWS(c AWSConfig) {
	if err := c.Check(); err != nil {
		panic("sandbox: aws: " + err.Error())
	}
	orDuration(&w.config.AWS.Propagation, 10*time.Second)
	orDuration(&w.config.AWS.Registration, 5*time.Second)
	w.metrics = c.Metrics.complete()
	w.initFunctions(c.Functions)
	w.groupByARN, w.listeners, w.rules = map[string]*targetGroup{}, map[string]*listener{}, map[string]*route{}
	w.traffic.perMinute = map[*route]float64{}
	w.targets, w.sessions = map[string][]*target{}, map[string]session{}
	for _, s := range c.Sessions {
		w.addSession(s, w.start)
	}
	for _, g := range c.TargetGroups {
		w.addTargetGroup(g)
	}
	for _, b := range c.LoadBalancers {
		w.addBalancer(b)
	}
	for _, b := range c.ClassicLoadBalancers {
		w.addClassic(b)
	}
	for _, a := range c.Alarms {
		w.addAlarm(a)
	}
	w.compose(c.Alarms)
	w.followAccepted()
	w.followEffective()
}

func (w *awsHalf) addTargetGroup(c TargetGroupConfig) {
	orText(&c.Protocol, "HTTP")
	orNumber(&c.Port, 80)
	orText(&c.VPC, "vpc-sandbox")
	orText(&c.TargetType, "instance")
	orText(&c.ARN, w.elbARN("targetgroup/"+c.Name, c.Name))
	if c.Protocol != "HTTP" && c.Protocol != "HTTPS" {
		orText(&c.HealthCheck.Protocol, "TCP")
	}
	orNumber(&c.HealthCheck.HealthyThreshold, 5)
	g := &targetGroup{
		arn: c.ARN, name: c.Name, protocol: c.Protocol, port: c.Port, vpc: c.VPC, targetType: c.TargetType, tags: c.Tags,
		attributes: defaultAttributes(c.Protocol),
	}
	for key, value := range c.Attributes {
		g.attributes[key] = value
	}
	g.pool = pool{check: c.HealthCheck.complete(), firstPasses: 1}
	g.setDraining()
	w.groups = append(w.groups, g)
	w.groupByARN[g.arn] = g
}

func (w *awsHalf) addBalancer(c LoadBalancerConfig) {
	orText(&c.Type, "application")
	orText(&c.Scheme, "internet-facing")
	orText(&c.VPC, "vpc-sandbox")
	kind := "app"
	if c.Type == "network" {
		kind = "net"
	}
	orText(&c.ARN, c.arnByListeners())
	orText(&c.ARN, w.elbARN("loadbalancer/"+kind+"/"+c.Name, c.Name))
	path := kind + "/" + c.Name + "/" + fingerprint(c.Name)
	if _, own, ok := strings.Cut(c.ARN, ":loadbalancer/"); ok {
		path = own
	}
	b := &balancer{arn: c.ARN, name: c.Name, kind: c.Type, scheme: c.Scheme, vpc: c.VPC, tags: c.Tags, created: w.now,
		zones: w.enabledZones(c.Zones)}
	w.balancers = append(w.balancers, b)
	for _, l := range c.Listeners {
		w.addListener(b, path, l)
	}
}

// arnByListeners is the ARN that the ARNs of a load balancer's listeners name it by; "" if none is written. Who has copied a listener's ARN from a
// real account means that load balancer, and AWS answers it with each of its listeners.
func (c LoadBalancerConfig) arnByListeners() string {
	for _, l := range c.Listeners {
		before, path, ok := strings.Cut(l.ARN, ":listener/")
		if parts := strings.Split(path, "/"); ok && len(parts) == 4 && parts[1] == c.Name {
			return before + ":loadbalancer/" + strings.Join(parts[:3], "/")
		}
	}
	return ""
}

func (w *awsHalf) addListener(b *balancer, path string, c ListenerConfig) {
	orNumber(&c.Port, 80)
	if b.kind == "network" {
		orText(&c.Protocol, "TCP")
	}
	orText(&c.Protocol, "HTTP")
	key := fmt.Sprint(b.name, ":", c.Port)
	orText(&c.ARN, w.elbARN("listener/"+path, key))
	l := &listener{arn: c.ARN, balancer: b, port: c.Port, protocol: c.Protocol, tags: c.Tags}
	if c.Protocol == "HTTPS" || c.Protocol == "TLS" {
		l.sslPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06"
	}
	path += "/" + fingerprint(key)
	l.fallback = w.addRoute(l, RuleConfig{
		ARN: w.elbARN("listener-rule/"+path, key+" default"), Stage: c.Stage, Actions: c.actions(), RequestsPerMinute: c.RequestsPerMinute,
	})
	for n, rule := range c.Rules {
		orNumber(&rule.Priority, 10*(n+1))
		rule.Stage = rule.Stage || c.Stage
		rule.Actions, rule.TargetGroup = rule.actions(), ""
		orText(&rule.ARN, w.elbARN("listener-rule/"+path, fmt.Sprint(key, " ", rule.Priority)))
		l.rules = append(l.rules, w.addRoute(l, rule))
	}
	slices.SortStableFunc(l.rules, func(a, b *route) int { return a.priority - b.priority })
	b.listeners = append(b.listeners, l)
	w.listeners[l.arn] = l
}

func (w *awsHalf) addRoute(l *listener, c RuleConfig) *route {
	r := &route{arn: c.ARN, listener: l, priority: c.Priority, stage: c.Stage, tags: c.Tags}
	if c.RequestsPerMinute > 0 {
		w.traffic.perMinute[r] = float64(c.RequestsPerMinute)
	}
	for _, condition := range c.Conditions {
		r.conditions = append(r.conditions, treeOf(condition))
	}
	for _, a := range c.Actions {
		r.accepted = append(r.accepted, w.configuredAction(a))
	}
	r.shown, r.effective = r.accepted, r.accepted
	w.routes = append(w.routes, r)
	w.rules[r.arn] = r
	return r
}

func (w *awsHalf) configuredAction(c ActionConfig) action {
	a := action{kind: c.kind(), order: c.Order, config: treeOf(c.Config)}
	for _, g := range c.TargetGroups {
		weight := g.Weight
		if len(c.TargetGroups) == 1 {
			weight = 1
		}
		a.groups = append(a.groups, weighted{w.targetGroupCalled(g.TargetGroup), weight})
	}
	a.sticky, a.stickySeconds = c.StickySeconds > 0, c.StickySeconds
	return a
}

// targetGroupCalled is the target group of a name or ARN, nil if there is none.
func (w *awsHalf) targetGroupCalled(nameOrARN string) *targetGroup {
	for _, g := range w.groups {
		if g.name == nameOrARN || g.arn == nameOrARN {
			return g
		}
	}
	return nil
}

// elbARN is the ARN of a load balancing resource, with an ID made of the key.
func (w *awsHalf) elbARN(path, key string) string {
	return fmt.Sprintf("arn:aws:elasticloadbalancing:%s:%s:%s/%s", w.config.Region, w.config.AWSAccount, path, fingerprint(key))
}

// fingerprint is 16 hexadecimal digits, as ARNs have them.
func fingerprint(key string) string {
	h := fnv.New64a()
	h.Write([]byte(key))
	return fmt.Sprintf("%016x", h.Sum64())
}

func orNumber(n *int, d int) {
	if *n == 0 {
		*n = d
	}
}
