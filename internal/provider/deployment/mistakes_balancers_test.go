package deployment_test

import (
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/provider/providertest"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// seconds is a duration of the world file.
func seconds(n int) sandbox.Duration { return sandbox.Duration(time.Duration(n) * time.Second) }

// unbalancedConfiguration registers nowhere, and has Spot judge its instances.
func unbalancedConfiguration(healthCheckType any) object {
	return bothChanges(documented(func(d object) {
		launch := memberAt(d, "compute", "launchSpecification")
		if launch["healthCheckType"] = healthCheckType; healthCheckType == nil {
			delete(launch, "healthCheckType")
		}
	}), object{"target_group_arns": nil})
}

// withGracePeriod is a configuration with a grace period, and perhaps more of its launch specification.
func withGracePeriod(seconds int, more ...any) object {
	return documented(func(d object) {
		launch := memberAt(d, "compute", "launchSpecification")
		launch["healthCheckGracePeriod"] = seconds
		withMore(launch, more)
	})
}

// inGroups registers in target groups.
func inGroups(arns ...any) object { return object{"target_group_arns": arns} }

// inClassics registers with classic balancers alone.
func inClassics(names ...any) object {
	return object{"target_group_arns": []any{}, "load_balancer_names": names}
}

// withClassicBalancers are balancers of the world: old, which takes its time, and other.
func withClassicBalancers(c *sandbox.AWSConfig, _, _ *sandbox.ListenerConfig) {
	c.ClassicLoadBalancers = []sandbox.ClassicBalancerConfig{{Name: "old"}, {Name: "other", VPC: "vpc-other", HealthCheck: sandbox.HealthCheckConfig{HealthyThreshold: 2}}}
}

const (
	noGroupARN   = balancing + "targetgroup/nothing/0123456789abcdef"
	addressesARN = balancing + "targetgroup/addresses/00000000000000aa"
	functionARN  = balancing + "targetgroup/function/00000000000000ab"
	elsewhereARN = balancing + "targetgroup/elsewhere/00000000000000ac"
	nobodysARN   = balancing + "targetgroup/nobodys/00000000000000ad"
)

// targetGroups adds some that will not do.
func targetGroups(c *sandbox.AWSConfig, _, _ *sandbox.ListenerConfig) {
	for i := range c.TargetGroups {
		if c.TargetGroups[i].Name == "addresses" {
			c.TargetGroups[i].ARN = addressesARN
		}
	}
	c.TargetGroups = append(c.TargetGroups,
		sandbox.TargetGroupConfig{Name: "function", ARN: functionARN, TargetType: "lambda"},
		sandbox.TargetGroupConfig{Name: "elsewhere", ARN: elsewhereARN, VPC: "vpc-other"},
		sandbox.TargetGroupConfig{Name: "nobodys", ARN: nobodysARN, Attributes: drained})
	anotherListener(c, forwardAction("addresses", 1, "function", 1))
	c.LoadBalancers = append(c.LoadBalancers, sandbox.LoadBalancerConfig{Name: "elsewhere", VPC: "vpc-other",
		Listeners: []sandbox.ListenerConfig{{Port: 80, TargetGroup: "elsewhere"}}})
}

// balancerMistakes are about where instances register, and who says that they are healthy.
var balancerMistakes = map[string]mistake{
	"no such target group": {noticed: byPlan, others: inGroups(noGroupARN),
		at: "target_group_arns.0", says: []string{"Target group not found", noGroupARN, "asked in region us-east-1, account 123456789012", "The target groups there:", providertest.WebARN}},
	"target group that was made again": {noticed: byPlan, others: inGroups(balancing + "targetgroup/web/feedfeedfeedfeed"),
		at: "target_group_arns.0", says: []string{"Target group not found", "account 123456789012", "Did you mean " + providertest.WebARN + "?"}},
	"target group with a typo": {noticed: byPlan, others: inGroups(strings.Replace(providertest.WebARN, "targetgroup/web/", "targetgroup/wbe/", 1)),
		at: "target_group_arns.0", says: []string{"Target group not found", "Did you mean " + providertest.WebARN + "?"}},
	"target group that cannot be told from others": {noticed: byPlan, others: inGroups(noGroupARN), befalls: func(w *sandbox.World) {
		w.Fail(sandbox.Fault{Service: "sts", Times: -1, Kind: sandbox.Error, Status: 403, Code: "AccessDenied", Message: "not you"})
	}, at: "target_group_arns.0", says: []string{"Target group not found", "asked in region us-east-1. The target groups"}},
	"no such target group, in the configuration": {noticed: byPlan, others: bothChanges(object{"target_group_arns": nil},
		documented(func(d object) {
			memberAt(d, "compute", "launchSpecification")["loadBalancersConfig"] = object{"loadBalancers": []any{object{"type": "TARGET_GROUP", "name": "nothing", "arn": noGroupARN}}}
		})), at: "configuration", says: []string{"Target group not found", noGroupARN}},
	"target group of addresses": {noticed: byPlan, edit: targetGroups, others: inGroups(addressesARN),
		at: "target_group_arns.0", says: []string{"addresses", `type "ip"`, "Elastigroups register instances"}},
	"target group of a function": {noticed: byPlan, edit: targetGroups, others: inGroups(functionARN),
		at: "target_group_arns.0", says: []string{"function", `type "lambda"`, "Elastigroups register instances"}},
	"target group that nobody uses": {noticed: byPlan, edit: targetGroups, others: inGroups(providertest.WebARN, nobodysARN),
		at: "target_group_arns.1", says: []string{"No load balancer uses target group nobodys", "Make a listener or a rule forward to it"}},
	"target groups of two networks": {noticed: byPlan, edit: targetGroups, others: inGroups(providertest.WebARN, elsewhereARN),
		at: "target_group_arns.1", says: []string{"Target group elsewhere is in vpc-other, and target group web in vpc-sandbox", "in one VPC"}},
	"target group and classic balancer of two networks": {noticed: byPlan, edit: withClassicBalancers, others: object{"load_balancer_names": []any{"other"}},
		at: "load_balancer_names.0", says: []string{"Classic load balancer other is in vpc-other, and target group web in vpc-sandbox"}},
	"a target group twice": {noticed: byValidation, others: inGroups(providertest.WebARN, providertest.WebARN),
		at: "target_group_arns", says: []string{providertest.WebARN, "duplicate"}},
	"a name for a target group": {noticed: byValidation, others: inGroups("web"),
		at: "target_group_arns.0", says: []string{`"web" is not the ARN of a target group`}},
	"a load balancer for a target group": {noticed: byValidation, others: inGroups(providertest.AppARN),
		at: "target_group_arns.0", says: []string{providertest.AppARN, "is not the ARN of a target group"}},
	"a listener for a target group": {noticed: byValidation, others: inGroups(httpsARN),
		at: "target_group_arns.0", says: []string{httpsARN, "is not the ARN of a target group"}},
	"no such classic balancer": {noticed: byPlan, others: inClassics("nothing"),
		at: "load_balancer_names.0", says: []string{"Load balancer not found", "nothing", "no ACTIVE Load Balancer", "account 123456789012", "There are no classic load balancers at all."}},
	"classic balancer with a typo": {noticed: byPlan, edit: withClassicBalancers, others: inClassics("odl"),
		at: "load_balancer_names.0", says: []string{"Load balancer not found", "Did you mean old?", "not a classic one"}},
	"an application balancer for a classic one": {noticed: byPlan, others: inClassics("app"),
		at: "load_balancer_names.0", says: []string{"Load balancer not found", "not a classic one", "target_group_arns"}},

	"classic health checks beyond Spot's patience": {noticed: byPlan, warned: true, edit: withClassicBalancers, others: bothChanges(withGracePeriod(300), inClassics("old")),
		at: "load_balancer_names.0", says: []string{"old", "10 checks at an interval of 30s, 5m at the least", "replaces one that is not healthy 5m after its launch", "healthCheckGracePeriod", "300 seconds"}},
	"a health check beyond Spot's patience": {noticed: byPlan, warned: true, edit: func(c *sandbox.AWSConfig, _, _ *sandbox.ListenerConfig) {
		c.TargetGroups[0].HealthCheck.Interval = seconds(180)
	}, others: withGracePeriod(150), at: "target_group_arns.0", says: []string{"Target group web", "a check at an interval of 3m", "2m30s after its launch", "180 seconds"}},
	"an idle target group's check beyond it": {noticed: byPlan, warned: true, blueGreen: pair, edit: func(c *sandbox.AWSConfig, _, _ *sandbox.ListenerConfig) {
		c.TargetGroups[1].HealthCheck.Interval = seconds(180)
	}, others: withGracePeriod(150), at: stagePath, says: []string{"Target group idle", "a check at an interval of 3m"}},
	"no zone of the group is enabled": {noticed: byPlan, edit: inZones("us-east-1b", "us-east-1c"),
		at: "target_group_arns.0", says: []string{"start in us-east-1a", "load balancer app of target group web serves us-east-1b, us-east-1c", "no instance would ever be in service", "Enable the group's zones there"}},
	"a zone of the group is not enabled": {noticed: byPlan, warned: true, edit: inZones("us-east-1a"), others: startingIn("us-east-1a", "us-east-1c"),
		at: "target_group_arns.0", says: []string{"may start in us-east-1c", "serves us-east-1a alone", "never checked and never in service", "Enable us-east-1c there"}},
	"a zone of the group is not enabled for blue/green": {noticed: byPlan, warned: true, blueGreen: pair, edit: inZones("us-east-1a"), others: startingIn("us-east-1a", "us-east-1c"),
		at: productionPath, says: []string{"may start in us-east-1c"}},
	"a zone of the group is not enabled at a classic one": {noticed: byPlan, edit: func(c *sandbox.AWSConfig, _, _ *sandbox.ListenerConfig) {
		c.ClassicLoadBalancers = []sandbox.ClassicBalancerConfig{{Name: "old", Zones: []string{"us-east-1b"}, HealthCheck: sandbox.HealthCheckConfig{HealthyThreshold: 2}}}
	}, others: inClassics("old"), at: "load_balancer_names.0", says: []string{"classic load balancer old serves us-east-1b"}},
	"subnets of a zone that is not enabled": {noticed: byPlan, edit: func(c *sandbox.AWSConfig, _, _ *sandbox.ListenerConfig) {
		c.Subnets = []sandbox.SubnetConfig{{ID: "subnet-9", Zone: "us-east-1d"}}
	}, others: startingInSubnets("subnet-9"), at: "target_group_arns.0", says: []string{"start in us-east-1d", "serves us-east-1a, us-east-1b"}},
	"no such subnet": {noticed: byPlan, edit: func(c *sandbox.AWSConfig, _, _ *sandbox.ListenerConfig) {
		c.Subnets = []sandbox.SubnetConfig{{ID: "subnet-9", Zone: "us-east-1a"}}
	}, others: startingInSubnets("subnet-8"), at: "configuration", says: []string{"Subnet not found", "subnet-8", "name subnets of those", "region us-east-1, account 123456789012", "Did you mean subnet-9?"}},
	"zones that may not be read": {noticed: byPlan, warned: true, befalls: func(w *sandbox.World) {
		w.Fail(sandbox.Fault{Service: "elbv2", Action: "DescribeLoadBalancers", Times: -1, Kind: sandbox.Error, Status: 403, Code: "AccessDenied", Message: "not you"})
	}, at: "target_group_arns.0", says: []string{"Availability zones could not be checked", "elasticloadbalancing:DescribeLoadBalancers"}},

	"no balancer, and no health check": {noticed: byPlan, warned: true, others: unbalancedConfiguration(nil),
		at: "configuration", says: []string{"no load balancer", "has no healthCheckType", "may never call an instance healthy", "healthCheckType to EC2"}},
	"no balancer, and its health check": {noticed: byPlan, warned: true, others: unbalancedConfiguration("TARGET_GROUP"),
		at: "configuration", says: []string{"no load balancer", "healthCheckType TARGET_GROUP, which goes by load balancers"}},
}

// alarm makes the alarm of the world other than it should be.
// inZones enables zones at all load balancers, and no others.
func inZones(zones ...string) func(*sandbox.AWSConfig, *sandbox.ListenerConfig, *sandbox.ListenerConfig) {
	return func(c *sandbox.AWSConfig, _, _ *sandbox.ListenerConfig) {
		for i := range c.LoadBalancers {
			c.LoadBalancers[i].Zones = zones
		}
	}
}

// startingIn has the group's instances start in zones.
func startingIn(zones ...string) object {
	return documented(func(d object) {
		all := []any{}
		for _, zone := range zones {
			all = append(all, object{"name": zone, "subnetIds": []any{"subnet-" + zone}})
		}
		memberAt(d, "compute")["availabilityZones"] = all
	})
}

// startingInSubnets has them start in subnets, whose zones the document does not name.
func startingInSubnets(subnets ...any) object {
	return documented(func(d object) {
		delete(memberAt(d, "compute"), "availabilityZones")
		memberAt(d, "compute")["subnetIds"], d["region"] = subnets, "us-east-1"
	})
}

func alarm(state, reason string) func(*sandbox.Config) {
	return func(c *sandbox.Config) {
		c.AWS.Alarms = []sandbox.AlarmConfig{{Name: "web-5xx", State: state, Reason: reason}}
	}
}

// alarmMistakes are about what watches a release.
var alarmMistakes = map[string]mistake{
	"no such alarm": {noticed: byPlan, world: func(c *sandbox.Config) { c.AWS.Alarms = nil }, others: watchedBy("web-5xx"),
		at: "verify.alarms.0", says: []string{"Alarm not found", "no metric or composite alarm web-5xx", "region us-east-1, account 123456789012", "There are no alarms at all."}},
	"alarms with typos": {noticed: byPlan, others: watchedBy("web-5xx", "wbe-5xx", "web-4xx"), times: 2,
		at: "verify.alarms.1", says: []string{"Alarm not found", "alarm wbe-5xx.", "account 123456789012", "Did you mean web-5xx?"}},
	"alarm that is nothing like others": {noticed: byPlan, others: watchedBy("latency"),
		at: "verify.alarms.0", says: []string{"Alarm not found", "The alarms there: web-5xx."}},
	"an alarm that is off already": {noticed: byPlan, warned: true, live: true, world: alarm("ALARM", "5xx are many"), others: watchedBy("web-5xx"),
		at: "verify.alarms.0", says: []string{"web-5xx is in ALARM", "5xx are many", "does not begin"}},
	"an alarm that goes off before apply": {noticed: byApply, live: true, world: alarm("ALARM", "5xx are many"), others: watchedBy("web-5xx"),
		says: []string{"web-5xx is in ALARM", "5xx are many", "Nothing was touched", "Apply again when the alarm is off"}},
	"an alarm without data": {noticed: byPlan, warned: true, live: true, world: alarm("INSUFFICIENT_DATA", "no datapoints"), others: watchedBy("web-5xx"),
		at: "verify.alarms.0", says: []string{"web-5xx is INSUFFICIENT_DATA", "no datapoints", "would not notice", "notBreaching"}},
	"no leave to read alarms": {noticed: byPlan, befalls: denyAction("cloudwatch", "DescribeAlarms", "AccessDenied"), others: watchedBy("web-5xx"),
		at: "verify.alarms", says: []string{"cannot be read", "the credentials need the IAM action cloudwatch:DescribeAlarms"}},
	"an alarm twice": {noticed: byValidation, others: watchedBy("web-5xx", "web-5xx"), at: "verify.alarms", says: []string{"web-5xx", "duplicate"}},
}
