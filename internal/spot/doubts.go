package spot

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// Doubt is something in a configuration that Spot is not known to take. It refuses names and words that it does not know, when apply
// creates the group and nothing has changed yet; but it learns new ones without anybody's leave.
type Doubt struct {
	// Path is where it stands: "strategy.drainTimeout".
	Path string
	// Message says what is not known about it.
	Message string
}

// String is how a doubt reads in a warning.
func (d Doubt) String() string { return d.Path + ": " + d.Message }

// known are the members of objects that Spot is known to take, by path; elements of lists have the path of their list. Below what is
// not named here anything goes. From the API's public description and from what its clients send
// (https://github.com/spotinst/openapi, https://github.com/spotinst/spotinst-sdk-go).
var known = map[string][]string{
	"":         strings.Fields("name description region capacity strategy compute scaling scheduling thirdPartiesIntegration logging id createdAt updatedAt"),
	"capacity": strings.Fields("minimum target maximum unit"),
	"strategy": strings.Fields("availabilityVsCost risk onDemandCount fallbackToOd drainingTimeout utilizeReservedInstances utilizeCommitments " +
		"considerODPricing lifetimePeriod minimumInstanceLifetime immediateODRecoverThreshold restrictSingleAz maxReplacementsPercentage " +
		"spinUpTime signals persistence revertToSpot scalingStrategy"),
	"strategy.signals":         strings.Fields("name timeout"),
	"strategy.persistence":     strings.Fields("shouldPersistPrivateIp shouldPersistRootDevice shouldPersistBlockDevices blockDevicesMode"),
	"strategy.revertToSpot":    strings.Fields("performAt timeWindows"),
	"strategy.scalingStrategy": strings.Fields("terminationPolicy terminateAtEndOfBillingHour"),
	"compute": strings.Fields("product availabilityZones subnetIds preferredAvailabilityZones instanceTypes elasticIps privateIps " +
		"ebsVolumePool volumeAttachments launchSpecification"),
	"compute.availabilityZones":     strings.Fields("name subnetId subnetIds placementGroupName"),
	"compute.instanceTypes":         strings.Fields("ondemand onDemandTypes spot preferredSpot resourceRequirements weights"),
	"compute.instanceTypes.weights": strings.Fields("instanceType weightedCapacity"),
	"compute.launchSpecification": strings.Fields("imageId images userData shutdownScript keyPair iamRole securityGroupIds monitoring " +
		"ebsOptimized tenancy loadBalancersConfig loadBalancerNames itf healthCheckType healthCheckGracePeriod " +
		"healthCheckUnhealthyDurationBeforeReplacement autoHealing tags resourceTagSpecification blockDeviceMappings networkInterfaces " +
		"metadataOptions cpuOptions creditSpecification"),
	PathImages:                            strings.Fields("id"),
	"compute.launchSpecification.iamRole": strings.Fields("name arn"),
	"compute.launchSpecification.loadBalancersConfig": strings.Fields("loadBalancers"),
	PathBalancers: strings.Fields("type name arn balancerId targetSetId azAwareness autoWeight"),
	PathTags:      strings.Fields("tagKey tagValue"),
	"scaling":     strings.Fields("up down target multipleMetrics"),
	"scheduling":  strings.Fields("tasks"),
	"logging":     strings.Fields("export"),
}

// words are the values that Spot is known to take where it has a list of them.
var words = map[string][]string{
	"strategy.availabilityVsCost":                {"balanced", "costOriented", "availabilityOriented", "cheapest", "equalAzDistribution"},
	"strategy.revertToSpot.performAt":            {"always", "never", "timeWindow"},
	"strategy.scalingStrategy.terminationPolicy": {"default", "newestInstance"},
	"compute.product": {"Linux/UNIX", "Linux/UNIX (Amazon VPC)", "SUSE Linux", "SUSE Linux (Amazon VPC)", "Windows", "Windows (Amazon VPC)",
		"Red Hat Enterprise Linux", "Red Hat Enterprise Linux (Amazon VPC)"},
	"compute.launchSpecification.healthCheckType": {"ELB", "TARGET_GROUP", "EC2", "HCS", "ECS_CLUSTER_INSTANCE", "K8S_NODE", "NOMAD_NODE",
		"OPSWORKS", "NONE"},
}

// Doubts lists what Spot is not known to take, members before values, each in alphabetical order.
func (d Document) Doubts() []Doubt {
	group := withoutNulls(d.copied())
	var found []Doubt
	unknownMembers(group, "", "", &found)
	plain := Document{group: group}
	for _, path := range slices.Sorted(maps.Keys(words)) {
		if value := plain.at(strings.Split(path, ".")...); value != nil && !slices.Contains(words[path], text(value)) {
			found = append(found, Doubt{path, fmt.Sprintf("of its values those known are %s", strings.Join(words[path], ", "))})
		}
	}
	return found
}

// Nearest is the one of some names that was probably meant by one which is not among them: whoever writes makes few mistakes. It is "" if none is near.
func Nearest(name string, there []string) string {
	nearest, distance := "", min(max(1, len(name)/3), 3)+1
	for _, one := range there {
		a, b := strings.ToLower(name), strings.ToLower(one)
		off := levenshtein.Distance(a, b, nil)
		if off == 2 && letters(a) == letters(b) {
			off = 1 // they have changed places
		}
		if off < distance {
			nearest, distance = one, off
		}
	}
	return nearest
}

// letters are those of a name in alphabetical order.
func letters(name string) string {
	all := []rune(name)
	slices.Sort(all)
	return string(all)
}

// meant says what was probably meant by a member that is not known in the object at a path: one there whose name is near, or one of
// that name that has its place elsewhere. It is "" if there is none.
func meant(name, path string) string {
	if nearest := Nearest(name, known[path]); nearest != "" {
		return fmt.Sprintf("; did you mean %s?", nearest)
	}
	for _, elsewhere := range slices.Sorted(maps.Keys(known)) {
		if slices.Contains(known[elsewhere], name) {
			return fmt.Sprintf("; did you mean %s?", joined(elsewhere, ".", name))
		}
	}
	return ""
}

// unknownMembers looks for members of known objects. At is where a value stands, and path the same without places in lists.
func unknownMembers(value any, path, at string, found *[]Doubt) {
	names, checked := known[path]
	if !checked {
		return
	}
	switch v := value.(type) {
	case []any:
		for i, element := range v {
			unknownMembers(element, path, fmt.Sprintf("%s[%d]", at, i), found)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			inner := joined(at, ".", name)
			if !slices.Contains(names, name) {
				*found = append(*found, Doubt{inner, "no member of that name is known" + meant(name, path)})
				continue
			}
			unknownMembers(v[name], joined(path, ".", name), inner, found)
		}
	}
}
