package sandbox

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// ec2Calls are the calls of EC2 that are served.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Operations.html
func (w *awsHalf) ec2Calls() map[string]func(*tree) ([]element, *awsFault) {
	return map[string]func(*tree) ([]element, *awsFault){
		"DescribeImages":         w.describeImages,
		"DescribeInstances":      w.describeInstances,
		"DescribeInstanceStatus": w.describeInstanceStatus,
		"DescribeSubnets":        w.describeSubnets,
	}
}

// ec2Filters tell the values that something has for a filter; nil for a filter that there is not.
type ec2Filters[T any] map[string]func(T) []string

// matches tells whether something passes all filters of a call; within a filter one value is enough.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
func (fs ec2Filters[T]) matches(item T, tags map[string]string, input *tree) (bool, *awsFault) {
	for _, filter := range input.items("Filter") {
		name := filter.text("Name")
		var has []string
		if key, ok := strings.CutPrefix(name, "tag:"); ok {
			if value, tagged := tags[key]; tagged {
				has = []string{value}
			}
		} else if name == "tag-key" {
			has = slices.Sorted(maps.Keys(tags))
		} else if of := fs[name]; of != nil {
			has = of(item)
		} else {
			return false, refuse("InvalidParameterValue", "The filter '%s' is invalid", name)
		}
		if !anyMatches(filter.texts("Value"), has) {
			return false, nil
		}
	}
	return true, nil
}

func anyMatches(patterns, values []string) bool {
	for _, pattern := range patterns {
		if slices.ContainsFunc(values, func(value string) bool { return wildcard(pattern, value) }) {
			return true
		}
	}
	return false
}

// wildcard matches as EC2's filters do: * is any text, ? any character, and a backslash takes the next one literally.
func wildcard(pattern, value string) bool {
	const anyText, one = -1, -2
	var wanted []rune
	for rest := []rune(pattern); len(rest) > 0; rest = rest[1:] {
		switch {
		case rest[0] == '*':
			wanted = append(wanted, anyText)
		case rest[0] == '?':
			wanted = append(wanted, one)
		case rest[0] == '\\' && len(rest) > 1:
			rest = rest[1:]
			wanted = append(wanted, rest[0])
		default:
			wanted = append(wanted, rest[0])
		}
	}
	// Only the last * is ever tried again, one character further on: an earlier one could gain nothing that it cannot.
	has := []rune(value)
	p, v, star, from := 0, 0, -1, 0
	for v < len(has) {
		switch {
		case p < len(wanted) && wanted[p] == anyText:
			star, from = p, v
			p++
		case p < len(wanted) && (wanted[p] == one || wanted[p] == has[v]):
			p, v = p+1, v+1
		case star >= 0:
			from++
			p, v = star+1, from
		default:
			return false
		}
	}
	for p < len(wanted) && wanted[p] == anyText {
		p++
	}
	return p == len(wanted)
}

// ec2Page is the page of a list that a call asks for, in a set of the name, and the token of the next one.
func ec2Page(name string, all []element, input *tree) ([]element, *awsFault) {
	size := input.number("MaxResults", 0)
	if input.has("MaxResults") && (size < 1 || size > 1000) {
		return nil, refuse("InvalidParameterValue", "Value ( %s ) for parameter maxResults is invalid. Expecting a value from 1 to 1000.",
			input.text("MaxResults"))
	}
	part, next, ok := page(all, size, input.text("NextToken"))
	if !ok {
		return nil, refuse("InvalidParameterValue", "Unable to decode the NextToken")
	}
	return append([]element{list(name, "item", part)}, optional("nextToken", next)...), nil
}

var machineFilters = ec2Filters[machine]{
	"availability-zone":   func(m machine) []string { return []string{m.Zone} },
	"image-id":            func(m machine) []string { return []string{m.ImageID} },
	"instance-id":         func(m machine) []string { return []string{m.ID} },
	"instance-state-name": func(m machine) []string { return []string{m.State} },
	"instance-type":       func(m machine) []string { return []string{m.Type} },
	"private-ip-address":  func(m machine) []string { return []string{m.PrivateIP} },
}

// machinesFor are the instances that a call names, all if it names none, as far as they pass its filters.
func (w *awsHalf) machinesFor(input *tree) ([]machine, *awsFault) {
	ids := input.texts("InstanceId")
	some := w.ec2.machines()
	if len(ids) > 0 {
		if input.has("MaxResults") {
			return nil, refuse("InvalidParameterCombination", "The parameter instancesSet cannot be used with the parameter maxResults")
		}
		some = nil
	}
	for _, id := range ids {
		if !isInstanceID(id) {
			return nil, refuse("InvalidInstanceID.Malformed", "Invalid id: \"%s\"", id)
		}
		m, known := w.ec2.machine(id)
		if !known {
			return nil, refuse("InvalidInstanceID.NotFound", "The instance ID '%s' does not exist", id)
		}
		some = append(some, m)
	}
	var passing []machine
	for _, m := range some {
		ok, fault := machineFilters.matches(m, m.Tags, input)
		if fault != nil {
			return nil, fault
		}
		if ok {
			passing = append(passing, m)
		}
	}
	return passing, nil
}

func (w *awsHalf) describeInstances(input *tree) ([]element, *awsFault) {
	some, fault := w.machinesFor(input)
	if fault != nil {
		return nil, fault
	}
	each := make([]element, len(some))
	for i, m := range some {
		each[i] = parent("",
			leaf("reservationId", "r-"+fingerprint(m.ID)),
			leaf("ownerId", w.config.AWSAccount),
			list("instancesSet", "item", []element{w.machineElement(m)}))
	}
	return ec2Page("reservationSet", each, input)
}

func (w *awsHalf) machineElement(m machine) element {
	e := parent("",
		leaf("instanceId", m.ID),
		leaf("imageId", m.ImageID),
		m.stateElement("instanceState"),
		leaf("instanceType", m.Type),
		leaf("launchTime", m.Launched.UTC().Format(time.RFC3339)),
		parent("placement", leaf("availabilityZone", m.Zone), leaf("tenancy", "default")),
		leaf("privateIpAddress", m.PrivateIP),
		leaf("vpcId", "vpc-sandbox"),
		list("tagSet", "item", tagElements(m.Tags, "key", "value")),
	)
	if image, ok := w.image(m.ImageID); ok {
		e.children = append(e.children, leaf("architecture", image.Architecture))
	}
	if m.Reason.Code != "" {
		e.children = append(e.children, leaf("reason", m.Reason.Code+": "+m.Reason.Message),
			parent("stateReason", leaf("code", m.Reason.Code), leaf("message", m.Reason.Code+": "+m.Reason.Message)))
	}
	if m.Spot {
		e.children = append(e.children, leaf("instanceLifecycle", "spot"))
	}
	return e
}

// machineStates are EC2's numbers for the states of an instance.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html
var machineStates = map[string]int{"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}

func (m machine) stateElement(name string) element {
	return parent(name, leaf("code", machineStates[m.State]), leaf("name", m.State))
}

func (w *awsHalf) describeInstanceStatus(input *tree) ([]element, *awsFault) {
	some, fault := w.machinesFor(input)
	if fault != nil {
		return nil, fault
	}
	var each []element
	for _, m := range some {
		if m.State != "running" && input.text("IncludeAllInstances") != "true" {
			continue
		}
		status := "not-applicable"
		if m.State == "running" {
			status = "ok"
		}
		each = append(each, parent("",
			leaf("instanceId", m.ID),
			leaf("availabilityZone", m.Zone),
			m.stateElement("instanceState"),
			parent("instanceStatus", leaf("status", status)),
			parent("systemStatus", leaf("status", status))))
	}
	return ec2Page("instanceStatusSet", each, input)
}
