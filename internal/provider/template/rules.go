package template

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// rules are what holds of several fields together. Facts are from the API's description unless it says otherwise.
var rules = []func(*checker){
	capacityRule, weightsRule, zonesRule, typesRule, profileRule, scriptRule, tagsRule, balancersRule, devicesRule, interfacesRule,
	revertRule, tasksRule, policiesRule, trafficRule, windowsRule,
}

var (
	capacity  = Place{"capacity"}
	strategy  = Place{"strategy"}
	compute   = Place{"compute"}
	instances = compute.At("instanceTypes")
	launch    = compute.At("launchSpecification")
)

func capacityRule(c *checker) {
	c.ordered(capacity.At("minimum"), capacity.At("target"), capacity.At("maximum"))
}

func weightsRule(c *checker) {
	weights, unit := instances.At("weights"), capacity.At("unit")
	custom := launch.At("itf", "weightStrategy")
	if c.text(custom) == "custom" && !c.has(weights) && !c.partial {
		c.say(custom, "is \"custom\", which needs instance_types_weight")
	}
	if !c.has(weights) {
		return
	}
	if c.text(unit) == "instance" || !c.has(unit) && !c.partial {
		c.say(weights.At(0), "counts only with capacity_unit = \"weight\"").with(weights, unit)
	}
	c.unique(weights, "instanceType")
}

// unique wants the texts that objects of a list have under a key to differ.
func (c *checker) unique(list Place, key string) {
	seen := map[any]bool{}
	c.each(list, func(at Place) {
		value := c.get(at.At(key))
		if value == nil {
			return
		}
		if name := fmt.Sprint(value); seen[name] {
			c.say(at.At(key), "is %s twice", quoted(value)).with(list)
		} else {
			seen[name] = true
		}
	})
}

// zonesRule compares zones, subnets and region. A subnet lies in one zone, a zone in one region.
func zonesRule(c *checker) {
	zones, subnets, preferred, region := compute.At("availabilityZones"), compute.At("subnetIds"), compute.At("preferredAvailabilityZones"), Place{"region"}
	if c.has(subnets) && !c.has(region) && !c.partial {
		c.say(subnets, "needs region")
	}
	if list, known := c.list(subnets); known {
		c.distinct(subnets, list)
	}

	names, zoneOf := []string{}, map[string]string{}
	known := !c.has(zones) || c.get(zones) != nil
	c.unique(zones, "name")
	c.each(zones, func(at Place) {
		name := c.text(at.At("name"))
		known = known && name != ""
		names = append(names, name)
		c.inRegion(at.At("name"), name)
		list, _ := c.get(at.At("subnetIds")).([]any)
		places := []Place{}
		ids := []string{}
		for i, id := range list {
			if text, ok := id.(string); ok {
				ids, places = append(ids, text), append(places, at.At("subnetIds", i))
			}
		}
		if id := c.text(at.At("subnetId")); id != "" && !slices.Contains(ids, id) {
			ids, places = append(ids, id), append(places, at.At("subnetId"))
		}
		for i, id := range ids {
			switch other, taken := zoneOf[id]; {
			case taken && other == name:
				c.say(places[i], "has %q twice", id).with(zones)
			case taken:
				c.say(places[i], "has %q, which is in zone %s as well; a subnet lies in one zone", id, other).with(zones)
			default:
				zoneOf[id] = name
			}
		}
	})

	if c.has(preferred) && c.text(strategy.At("availabilityVsCost")) == "equalAzDistribution" {
		c.say(preferred, "cannot stand beside orientation = \"equalAzDistribution\"").with(strategy.At("availabilityVsCost"))
	}
	list, _ := c.list(preferred)
	for i, zone := range list {
		name, ok := zone.(string)
		if !ok {
			continue
		}
		c.inRegion(preferred.At(i), name)
		if known && c.has(zones) && !slices.Contains(names, name) {
			c.say(preferred.At(i), "has %q, which is no availability_zone of the group: %s", name, strings.Join(names, ", ")).with(preferred)
		}
	}
}

// zoneName is what a zone's name begins with: its region. Local and wavelength zones go on after it: "us-west-2-lax-1a".
var zoneName = regexp.MustCompile(`^([a-z]{2,}(?:-[a-z]+)+-[0-9]+)(?:[a-z]|-)`)

func (c *checker) inRegion(at Place, zone string) {
	region := c.text(Place{"region"})
	if zone == "" || region == "" {
		return
	}
	if parts := zoneName.FindStringSubmatch(zone); parts == nil {
		c.say(at, "is %q, which is no name of a zone in %s, such as %sa", zone, region, region).with(Place{"region"})
	} else if parts[1] != region {
		c.say(at, "is %q, which is not in region %q", zone, region).with(Place{"region"})
	}
}

// distinct wants the texts of a list to differ.
func (c *checker) distinct(at Place, list []any) {
	for i, value := range list {
		if slices.Contains(list[:i], value) {
			c.say(at.At(i), "has %s twice", quoted(value)).with(at)
		}
	}
}

func typesRule(c *checker) {
	spot, known := c.list(instances.At("spot"))
	preferred, _ := c.list(instances.At("preferredSpot"))
	for i, kind := range preferred {
		if _, ok := kind.(string); ok && known && spot != nil && !slices.Contains(spot, kind) {
			c.say(instances.At("preferredSpot", i), "has %s, which is none of instance_types_spot", quoted(kind)).with(instances.At("preferredSpot"))
		}
	}
	for _, what := range []string{"requiredGpu", "requiredMemory", "requiredVCpu"} {
		at := instances.At("resourceRequirements", what)
		c.ordered(at.At("minimum"), at.At("maximum"))
	}
}

func profileRule(c *checker) {
	name, arn := launch.At("iamRole", "name"), launch.At("iamRole", "arn")
	if strings.HasPrefix(c.text(name), "arn:") {
		c.say(name, "is an ARN, which is iam_instance_profile_arn")
	}
	if text := c.text(arn); text != "" && !strings.HasPrefix(text, "arn:") {
		c.say(arn, "is no ARN; a name is iam_instance_profile")
	}
}

func scriptRule(c *checker) {
	at := launch.At("shutdownScript")
	if _, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(c.text(at)), "")); err != nil {
		c.say(at, "is not base64, which base64encode makes")
	}
}

// tagsRule keeps to what EC2 takes, https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions.
func tagsRule(c *checker) {
	for _, list := range []Place{launch.At("tags"), launch.At("itf", "targetGroupConfig", "tags")} {
		c.unique(list, "tagKey")
		c.each(list, func(at Place) {
			if key := c.text(at.At("tagKey")); strings.HasPrefix(strings.ToLower(key), "aws:") {
				c.say(at.At("tagKey"), "is %q; AWS keeps keys that begin with aws: for itself", key)
			}
		})
	}
}

func balancersRule(c *checker) {
	c.each(launch.At("loadBalancersConfig", "loadBalancers"), func(at Place) {
		name, arn := at.At("name"), at.At("arn")
		switch kind := c.text(at.At("type")); {
		case kind == "CLASSIC" && !c.has(name):
			c.say(at, "of type CLASSIC needs name")
		case kind == "TARGET_GROUP" && !c.has(arn):
			c.say(at, "of type TARGET_GROUP needs arn")
		case kind == "TARGET_GROUP" && c.text(arn) != "" && !strings.Contains(c.text(arn), ":targetgroup/"):
			c.say(arn, "is not the ARN of a target group, arn:aws:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID")
		}
	})
}

func devicesRule(c *checker) {
	devices := launch.At("blockDeviceMappings")
	c.unique(devices, "deviceName")
	c.each(devices, func(at Place) {
		kind, throughput := at.At("ebs", "volumeType"), at.At("ebs", "throughput")
		if c.has(throughput) && c.text(kind) != "" && c.text(kind) != "gp3" {
			c.say(throughput, "is only for volume_type = \"gp3\"").with(kind)
		}
	})
	c.unique(compute.At("volumeAttachments", "volumes"), "deviceName")
}

func interfacesRule(c *checker) {
	interfaces := launch.At("networkInterfaces")
	c.unique(interfaces, "deviceIndex")
	c.each(interfaces, func(at Place) {
		primary := false
		c.each(at.At("privateIpAddresses"), func(ip Place) {
			if c.get(ip.At("primary")) != true {
				return
			}
			if primary {
				c.say(ip.At("primary"), "is true for a second address; one is primary")
			}
			primary = true
		})
	})
}

func revertRule(c *checker) {
	for _, at := range []Place{strategy.At("revertToSpot"), {"thirdPartiesIntegration", "ecs", "optimizeImages"}} {
		when, windows := at.At("performAt"), at.At("timeWindows")
		list, known := c.list(windows)
		if c.text(when) == "timeWindow" && known && len(list) == 0 && !c.partial {
			c.say(when, "is \"timeWindow\", which needs time_windows")
		}
	}
}

// window is a time of the week: "Mon:03:00-Wed:02:30".
var window = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(Sun|Mon|Tue|Wed|Thu|Fri|Sat):([01]?[0-9]|2[0-3]):[0-5][0-9]-(Sun|Mon|Tue|Wed|Thu|Fri|Sat):([01]?[0-9]|2[0-3]):[0-5][0-9]$`)
})

func windowsRule(c *checker) {
	judge := func(at Place, value any) {
		if text, ok := value.(string); ok && !window().MatchString(text) {
			c.say(at, "is %q; a time of the week is Mon:03:00-Wed:02:30", text)
		}
	}
	for _, at := range []Place{strategy.At("revertToSpot", "timeWindows"), {"thirdPartiesIntegration", "ecs", "optimizeImages", "timeWindows"}} {
		list, _ := c.get(at).([]any)
		for i, value := range list {
			judge(at.At(i), value)
		}
	}
	at := Place{"thirdPartiesIntegration", "elasticBeanstalk", "managedActions", "platformUpdate", "timeWindow"}
	judge(at, c.get(at))
}

func tasksRule(c *checker) {
	c.each(Place{"scheduling", "tasks"}, func(at Place) {
		c.ordered(at.At("scaleMinCapacity"), at.At("scaleTargetCapacity"), at.At("scaleMaxCapacity"))
		c.ordered(at.At("minCapacity"), at.At("targetCapacity"), at.At("maxCapacity"))
		some := func(keys ...string) bool {
			return slices.ContainsFunc(keys, func(key string) bool { return c.has(at.At(key)) })
		}
		switch kind := c.text(at.At("taskType")); {
		case kind == "roll" && !some("batchSizePercentage"):
			c.say(at, "that does \"roll\" needs batch_size_percentage")
		case kind == "scale" && !some("scaleMinCapacity", "scaleTargetCapacity", "scaleMaxCapacity"):
			c.say(at, "that does \"scale\" needs scale_target_capacity, scale_min_capacity or scale_max_capacity")
		case kind == "statefulUpdateCapacity" && !some("minCapacity", "targetCapacity", "maxCapacity"):
			c.say(at, "that does \"statefulUpdateCapacity\" needs target_capacity, min_capacity or max_capacity")
		}
		if !some("cronExpression", "frequency", "startTime") {
			c.say(at, "needs a time: cron_expression, frequency or start_time")
		}
		if cron := c.text(at.At("cronExpression")); cron != "" && len(strings.Fields(cron)) != 5 {
			c.say(at.At("cronExpression"), "is %q; cron wants five fields: minute, hour, day, month, day of the week", cron)
		}
		if start := c.text(at.At("startTime")); start != "" && !isTime(start) {
			c.say(at.At("startTime"), "is %q; a time is 2026-12-24T18:00:00Z", start)
		}
	})
}

func isTime(text string) bool {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05-0700", "2006-01-02T15:04:05"} {
		if _, err := time.Parse(layout, text); err == nil {
			return true
		}
	}
	return false
}

func policiesRule(c *checker) {
	for _, list := range []string{"up", "down"} {
		c.each(Place{"scaling", list}, func(at Place) {
			c.action(at.At("action"))
			c.each(at.At("stepAdjustments"), func(step Place) { c.action(step.At("action")) })
		})
	}
	for _, list := range []Place{{"scaling", "up"}, {"scaling", "down"}, {"scaling", "multipleMetrics", "metrics"}} {
		c.each(list, func(at Place) {
			extended := at.At("extendedStatistic")
			if text := c.text(extended); text != "" && !percentile(text) {
				c.say(extended, "is %q; a percentile is from p0.1 to p100", text)
			}
			if c.text(at.At("statistic")) == "percentile" && !c.has(extended) {
				c.say(at.At("statistic"), "is \"percentile\", which needs extended_statistic")
			}
		})
	}
}

func percentile(text string) bool {
	digits, ok := strings.CutPrefix(text, "p")
	p, err := strconv.ParseFloat(digits, 64)
	return ok && err == nil && p >= 0.1 && p <= 100
}

// action wants the members that its kind of change needs.
func (c *checker) action(at Place) {
	needed, ok := map[string][]string{
		"adjustment": {"adjustment"}, "percentageAdjustment": {"adjustment"}, "setMinTarget": {"minTargetCapacity"},
		"setMaxTarget": {"maxTargetCapacity"}, "updateCapacity": {"minimum", "target", "maximum"},
	}[c.text(at.At("type"))]
	if !ok {
		return
	}
	c.ordered(at.At("minimum"), at.At("target"), at.At("maximum"))
	if slices.ContainsFunc(needed, func(key string) bool { return c.has(at.At(key)) }) {
		return
	}
	names := make([]string, len(needed))
	for i, key := range needed {
		names[i] = snake(key)
	}
	c.say(at, "of type %q needs %s", c.text(at.At("type")), strings.Join(names, ", "))
}

// trafficRule is for Intelligent Traffic Flow.
func trafficRule(c *checker) {
	itf := launch.At("itf")
	if !c.has(itf) {
		return
	}
	one := func(at Place) {
		if list, known := c.list(at); known && len(list) > 1 {
			c.say(at.At(1), "has to be there once").with(at)
		}
	}
	one(itf.At("loadBalancers"))
	c.each(itf.At("loadBalancers"), func(at Place) {
		one(at.At("defaultStaticTargetGroups"))
		c.each(at.At("listenerRules"), func(rule Place) { one(rule.At("staticTargetGroups")) })
	})
	port := itf.At("targetGroupConfig", "healthCheckPort")
	if text := c.text(port); text != "" && text != "traffic-port" {
		if n, err := strconv.Atoi(text); err != nil || n < 1 || n > 65535 {
			c.say(port, "is %q; it has to be a port or \"traffic-port\"", text)
		}
	}
	matcher := itf.At("targetGroupConfig", "matcher")
	if c.has(matcher) && !c.has(matcher.At("httpCode")) && !c.has(matcher.At("grpcCode")) {
		c.say(matcher, "needs http_code or grpc_code")
	}
}
