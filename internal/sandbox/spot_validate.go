package sandbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"
)

// checkKeys finds the keys of a document that the API does not know, and those that it does not take. All of them are
// found at once, in a stable order.
func checkKeys(document map[string]any, create bool) []apiError {
	var found []apiError
	unknownKeys(document, "", &found)
	forbidden := []string{"id", "createdAt", "updatedAt"}
	if !create {
		forbidden = append(forbidden, "compute.product", "capacity.unit")
	}
	for _, path := range forbidden {
		if has(document, path) {
			found = append(found, notAllowed(path))
		}
	}
	sort.SliceStable(found, func(a, b int) bool { return found[a].Field < found[b].Field })
	return found
}

// otherMembers finds what a body has beside the one member that it is to have, as "credentials" beside "group".
func otherMembers(body map[string]any, member string) []apiError {
	var found []apiError
	for key := range body {
		if key != member {
			found = append(found, notAllowed(key))
		}
	}
	sort.Slice(found, func(a, b int) bool { return found[a].Field < found[b].Field })
	return found
}

// keys are those that the API knows, by path; lists have the path of their elements. Below what is not named here
// anything goes. From the API's public description, https://github.com/spotinst/openapi, and from what clients send.
var keys = compileKeys(map[string]string{
	"":         "name description region capacity strategy compute scaling scheduling thirdPartiesIntegration logging id createdAt updatedAt",
	"capacity": "minimum target maximum unit",
	"strategy": "availabilityVsCost risk onDemandCount fallbackToOd drainingTimeout utilizeReservedInstances utilizeCommitments " +
		"considerODPricing lifetimePeriod minimumInstanceLifetime immediateODRecoverThreshold restrictSingleAz " +
		"maxReplacementsPercentage spinUpTime signals persistence revertToSpot scalingStrategy",
	"strategy.signals":         "name timeout",
	"strategy.persistence":     "shouldPersistPrivateIp shouldPersistRootDevice shouldPersistBlockDevices blockDevicesMode",
	"strategy.revertToSpot":    "performAt timeWindows",
	"strategy.scalingStrategy": "terminationPolicy terminateAtEndOfBillingHour",
	"compute": "product availabilityZones subnetIds preferredAvailabilityZones instanceTypes elasticIps privateIps ebsVolumePool " +
		"volumeAttachments launchSpecification",
	"compute.availabilityZones":     "name subnetId subnetIds placementGroupName",
	"compute.instanceTypes":         "ondemand onDemandTypes spot preferredSpot resourceRequirements weights",
	"compute.instanceTypes.weights": "instanceType weightedCapacity",
	"compute.launchSpecification": "imageId images userData shutdownScript keyPair iamRole securityGroupIds monitoring ebsOptimized " +
		"tenancy loadBalancersConfig loadBalancerNames itf healthCheckType healthCheckGracePeriod " +
		"healthCheckUnhealthyDurationBeforeReplacement autoHealing tags resourceTagSpecification blockDeviceMappings " +
		"networkInterfaces metadataOptions cpuOptions creditSpecification",
	"compute.launchSpecification.images":                            "id",
	"compute.launchSpecification.iamRole":                           "name arn",
	"compute.launchSpecification.loadBalancersConfig":               "loadBalancers",
	"compute.launchSpecification.loadBalancersConfig.loadBalancers": "type name arn balancerId targetSetId azAwareness autoWeight",
	"compute.launchSpecification.tags":                              "tagKey tagValue",
	"scaling":                                                       "up down target multipleMetrics",
	"scheduling":                                                    "tasks",
	"logging":                                                       "export",
})

func compileKeys(table map[string]string) map[string][]string {
	compiled := make(map[string][]string, len(table))
	for path, names := range table {
		compiled[path] = strings.Fields(names)
	}
	return compiled
}

func unknownKeys(v any, path string, found *[]apiError) {
	known, checked := keys[path]
	if !checked {
		return
	}
	switch v := v.(type) {
	case []any:
		for _, member := range v {
			unknownKeys(member, path, found)
		}
	case map[string]any:
		for key, member := range v {
			inner := strings.TrimPrefix(path+"."+key, ".")
			if !slices.Contains(known, key) {
				*found = append(*found, notAllowed(inner))
				continue
			}
			unknownKeys(member, inner, found)
		}
	}
}

// checkWhole finds what is wrong with a whole document: what is missing, in conflict, out of order, or no value of its
// enumeration.
func checkWhole(d map[string]any) []apiError {
	var found []apiError
	for _, path := range []string{"name", "strategy", "strategy.availabilityVsCost", "compute", "compute.product",
		"compute.instanceTypes", "compute.launchSpecification", "compute.launchSpecification.securityGroupIds"} {
		parent, _, nested := cutLast(path)
		if !has(d, path) && (!nested || has(d, parent)) {
			found = append(found, required(path))
		}
	}
	found = append(found, checkCapacity(d)...)
	for _, e := range exclusive {
		found = append(found, e.check(d)...)
	}
	for _, path := range enumerated {
		value := text(d, strings.Split(path, ".")...)
		if has(d, path) && !slices.Contains(enums[path], value) {
			found = append(found, invalid(path, fmt.Sprintf("%q must be one of [%s]", path, strings.Join(enums[path], ", "))))
		}
	}
	if has(d, "compute.subnetIds") && !has(d, "region") {
		found = append(found, required("region"))
	}
	found = append(append(found, checkKinds(d)...), checkLimits(d)...)
	return append(append(found, checkBalancers(d)...), checkTasks(d)...)
}

// checkCapacity wants 0 <= minimum <= target <= maximum.
func checkCapacity(d map[string]any) []apiError {
	if !has(d, "capacity") {
		return []apiError{required("capacity")}
	}
	var found []apiError
	for _, key := range []string{"minimum", "target", "maximum"} {
		path := "capacity." + key
		if !has(d, path) {
			found = append(found, required(path))
			continue
		}
		number, ok := object(d, "capacity")[key].(json.Number)
		if !ok {
			found = append(found, invalid(path, fmt.Sprintf("%q must be a number", path)))
			continue
		}
		if n, err := number.Int64(); err != nil {
			found = append(found, invalid(path, fmt.Sprintf("%q must be an integer", path)))
		} else if n < 0 {
			found = append(found, invalid(path, fmt.Sprintf("%q must be larger than or equal to 0", path)))
		}
	}
	if len(found) > 0 {
		return found
	}
	c := capacityOf(d)
	if c.target < c.minimum {
		found = append(found, invalid("capacity.target",
			fmt.Sprintf("capacity.target (%d) must be larger than or equal to capacity.minimum (%d)", c.target, c.minimum)))
	}
	if c.target > c.maximum {
		found = append(found, invalid("capacity.target",
			fmt.Sprintf("capacity.target (%d) must be less than or equal to capacity.maximum (%d)", c.target, c.maximum)))
	}
	return found
}

// peers are members of which one has to be there, or at most one.
type peers struct {
	parent   string
	names    []string
	required bool
}

var exclusive = []peers{
	{"compute.instanceTypes", []string{"ondemand", "onDemandTypes"}, true},
	{"compute.instanceTypes", []string{"resourceRequirements", "spot"}, false},
	{"compute.launchSpecification", []string{"imageId", "images"}, true},
	{"compute", []string{"availabilityZones", "subnetIds"}, true},
	{"strategy", []string{"risk", "onDemandCount"}, false},
}

func (p peers) check(d map[string]any) []apiError {
	if !has(d, p.parent) {
		return nil
	}
	var present []string
	for _, name := range p.names {
		if has(d, p.parent+"."+name) {
			present = append(present, name)
		}
	}
	if len(present) > 1 {
		return []apiError{invalid(p.parent, fmt.Sprintf(`"value" contains a conflict between exclusive peers [%s]`, strings.Join(p.names, ", ")))}
	}
	if len(present) == 0 && p.required {
		return []apiError{invalid(p.parent, fmt.Sprintf("%q must contain at least one of [%s]", p.parent, strings.Join(p.names, ", ")))}
	}
	return nil
}

var enums = map[string][]string{
	"capacity.unit":               {"instance", "weight"},
	"strategy.availabilityVsCost": {"balanced", "costOriented", "availabilityOriented", "cheapest", "equalAzDistribution"},
	"strategy.revertToSpot.performAt": {
		"always", "never", "timeWindow"},
	"strategy.scalingStrategy.terminationPolicy": {"default", "newestInstance"},
	"compute.product": {"Linux/UNIX", "Linux/UNIX (Amazon VPC)", "SUSE Linux", "SUSE Linux (Amazon VPC)", "Windows",
		"Windows (Amazon VPC)", "Red Hat Enterprise Linux", "Red Hat Enterprise Linux (Amazon VPC)"},
	"compute.launchSpecification.healthCheckType": {"ELB", "TARGET_GROUP", "EC2", "HCS", "ECS_CLUSTER_INSTANCE", "K8S_NODE",
		"NOMAD_NODE", "OPSWORKS", "NONE"},
}

// enumerated are the paths of enums in a stable order.
var enumerated = sortedPaths(enums)

func sortedPaths(m map[string][]string) []string {
	var paths []string
	for path := range m {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	return paths
}

func checkBalancers(d map[string]any) []apiError {
	const path = "compute.launchSpecification.loadBalancersConfig.loadBalancers"
	var found []apiError
	for n, b := range objects(object(d, "compute", "launchSpecification", "loadBalancersConfig")["loadBalancers"]) {
		at := fmt.Sprintf("%s[%d]", path, n)
		switch kind := text(b, "type"); {
		case kind != "CLASSIC" && kind != "TARGET_GROUP":
			found = append(found, invalid(at+".type", fmt.Sprintf("%q must be one of [CLASSIC, TARGET_GROUP]", at+".type")))
		case kind == "CLASSIC" && text(b, "name") == "":
			found = append(found, required(at+".name"))
		case kind == "TARGET_GROUP" && text(b, "arn") == "":
			found = append(found, required(at+".arn"))
		}
	}
	return found
}

func cutLast(path string) (parent, name string, nested bool) {
	n := strings.LastIndexByte(path, '.')
	if n < 0 {
		return "", path, false
	}
	return path[:n], path[n+1:], true
}

// has tells whether there is something at a path. An empty list or object is something.
func has(d map[string]any, path string) bool {
	names := strings.Split(path, ".")
	v, ok := object(d, names[:len(names)-1]...)[names[len(names)-1]]
	return ok && v != nil
}

func invalid(field, message string) apiError {
	return apiError{Code: "ValidationError", Message: message, Field: field}
}

func required(path string) apiError { return invalid(path, path+" is required") }

func notAllowed(path string) apiError { return invalid(path, fmt.Sprintf("%q is not allowed", path)) }
