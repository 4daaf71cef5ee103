package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"
)

// mergePatch is a document after a PUT: a member that is absent or {} stays, null clears it, an object is merged, anything
// else replaces, arrays whole. Neither argument is changed.
func mergePatch(document, patch map[string]any) map[string]any {
	merged := maps.Clone(document)
	for key, value := range patch {
		switch value := value.(type) {
		case nil:
			delete(merged, key)
		case map[string]any:
			old, ok := merged[key].(map[string]any)
			if !ok && len(value) == 0 {
				continue
			}
			if !ok {
				old = map[string]any{}
			}
			merged[key] = mergePatch(old, value)
		case []any:
			merged[key] = listWithoutNulls(value)
		default:
			merged[key] = value
		}
	}
	return merged
}

// withoutNulls is a document as it is kept: a null says the same as nothing.
func withoutNulls(document map[string]any) map[string]any {
	kept := make(map[string]any, len(document))
	for key, value := range document {
		switch value := value.(type) {
		case nil:
		case map[string]any:
			kept[key] = withoutNulls(value)
		case []any:
			kept[key] = listWithoutNulls(value)
		default:
			kept[key] = value
		}
	}
	return kept
}

func listWithoutNulls(list []any) []any {
	kept := make([]any, len(list))
	for n, value := range list {
		kept[n] = value
		if object, ok := value.(map[string]any); ok {
			kept[n] = withoutNulls(object)
		}
	}
	return kept
}

// normalised is a document as GET shows it: empty objects where nothing was said, and the subnets of each zone both as
// one and as a list, as observed in answers of the real API.
func normalised(document map[string]any) map[string]any {
	d := maps.Clone(document)
	for _, key := range []string{"scaling", "scheduling", "thirdPartiesIntegration"} {
		if d[key] == nil {
			d[key] = map[string]any{}
		}
	}
	if strategy, ok := d["strategy"].(map[string]any); ok && strategy["persistence"] == nil {
		strategy = maps.Clone(strategy)
		strategy["persistence"] = map[string]any{}
		d["strategy"] = strategy
	}
	compute, ok := d["compute"].(map[string]any)
	if !ok {
		return d
	}
	zones, ok := compute["availabilityZones"].([]any)
	if !ok {
		return d
	}
	both := make([]any, len(zones))
	for n, zone := range zones {
		both[n] = withBothSubnets(zone)
	}
	compute = maps.Clone(compute)
	compute["availabilityZones"] = both
	d["compute"] = compute
	return d
}

func withBothSubnets(zone any) any {
	z, ok := zone.(map[string]any)
	if !ok {
		return zone
	}
	z = maps.Clone(z)
	list, _ := z["subnetIds"].([]any)
	if one, ok := z["subnetId"].(string); ok && len(list) == 0 {
		z["subnetIds"] = []any{one}
	}
	if z["subnetId"] == nil && len(list) == 1 {
		z["subnetId"] = list[0]
	}
	return z
}

// spec is what the sandbox acts on in a document.
type spec struct {
	image     string
	images    []string
	balancers []registration
	tags      map[string]string

	healthCheck  string
	grace        time.Duration // after launch, before an unhealthy instance is replaced
	unhealthyFor time.Duration // how long it has to be unhealthy to be replaced
	autoHealing  bool
	draining     time.Duration

	product       string
	spotTypes     []string
	requires      bool // spot types are chosen by what they have
	onDemandTypes []string
	weights       map[string]int // nil where instances are counted; what is not in it weighs its vCPUs
	zones         []string
	fallback      bool
	risk          int // percent of spot; -1 if not set
	onDemandCount int
}

// registration is a place where instances register: a target group by ARN or a classic balancer by name.
type registration struct{ arn, classic string }

// The defaults of the API and of the console: https://docs.spot.io/api/ (Elastigroup AWS, create).
const (
	defaultGrace        = 300
	defaultUnhealthyFor = 120
	defaultDraining     = 120
)

func specOf(document map[string]any) spec {
	launch := object(document, "compute", "launchSpecification")
	types := object(document, "compute", "instanceTypes")
	strategy := object(document, "strategy")
	s := spec{
		image:        text(launch, "imageId"),
		healthCheck:  text(launch, "healthCheckType"),
		grace:        secondsAt(launch, "healthCheckGracePeriod", defaultGrace),
		unhealthyFor: secondsAt(launch, "healthCheckUnhealthyDurationBeforeReplacement", defaultUnhealthyFor),
		autoHealing:  launch["autoHealing"] != false,
		draining:     secondsAt(strategy, "drainingTimeout", defaultDraining),

		product:       text(document, "compute", "product"),
		spotTypes:     texts(types["spot"]),
		requires:      types["resourceRequirements"] != nil,
		onDemandTypes: texts(types["onDemandTypes"]),
		fallback:      strategy["fallbackToOd"] != false,
		risk:          whole(strategy["risk"], -1),
		onDemandCount: whole(strategy["onDemandCount"], 0),
		tags:          map[string]string{},
	}
	if one := text(types, "ondemand"); one != "" {
		s.onDemandTypes = append(s.onDemandTypes, one)
	}
	for _, i := range objects(launch["images"]) {
		s.images = append(s.images, text(i, "id"))
	}
	if s.image != "" {
		s.images = append(s.images, s.image)
	} else if len(s.images) > 0 {
		s.image = s.images[0]
	}
	for _, b := range objects(object(launch, "loadBalancersConfig")["loadBalancers"]) {
		if text(b, "type") == "CLASSIC" {
			s.balancers = append(s.balancers, registration{classic: text(b, "name")})
		} else {
			s.balancers = append(s.balancers, registration{arn: text(b, "arn")})
		}
	}
	for _, name := range texts(launch["loadBalancerNames"]) {
		s.balancers = append(s.balancers, registration{classic: name})
	}
	for _, t := range objects(launch["tags"]) {
		s.tags[text(t, "tagKey")] = text(t, "tagValue")
	}
	if text(document, "capacity", "unit") == "weight" {
		s.weights = map[string]int{}
		for _, weight := range objects(types["weights"]) {
			s.weights[text(weight, "instanceType")] = whole(weight["weightedCapacity"], 0)
		}
	}
	for _, zone := range objects(object(document, "compute")["availabilityZones"]) {
		s.zones = append(s.zones, text(zone, "name"))
	}
	if region := text(document, "region"); len(s.zones) == 0 && region != "" {
		s.zones = []string{region + "a", region + "b"}
	}
	return s
}

func capacityOf(document map[string]any) capacity {
	c := object(document, "capacity")
	return capacity{whole(c["minimum"], 0), whole(c["target"], 0), whole(c["maximum"], 0)}
}

// repaired is a document whose capacity is in order.
func repaired(document map[string]any) map[string]any {
	c := capacityOf(document)
	c.maximum = max(c.minimum, c.target, c.maximum)
	numbers := map[string]any{}
	for key, n := range map[string]int{"minimum": min(c.minimum, c.maximum), "target": c.target, "maximum": c.maximum} {
		numbers[key] = json.Number(fmt.Sprint(n))
	}
	return mergePatch(document, map[string]any{"capacity": numbers})
}

// groupDocument reads a document as people have it: bare or as {"group": {…}}, with an "account" that says whose it is.
func groupDocument(raw []byte) (document map[string]any, account string, err error) {
	document, err = decodeObject(bytes.TrimSpace(raw))
	if err != nil {
		return nil, "", fmt.Errorf("it is no Elastigroup document, which is a JSON object")
	}
	if inner, ok := document["group"].(map[string]any); ok {
		document = inner
	}
	account = text(document, "account")
	delete(document, "account")
	document = withoutNulls(document)
	if text(document, "name") == "" {
		return nil, "", fmt.Errorf("it has no name")
	}
	var ms mistakes
	for _, e := range checkCapacity(document) {
		ms.add("", "%s", e.Message)
	}
	return document, account, ms.orNil()
}

// The following read members of documents, whatever these really hold: what has the wrong type is as good as absent.

func object(v map[string]any, path ...string) map[string]any {
	for _, key := range path {
		v, _ = v[key].(map[string]any)
	}
	return v
}

func text(v map[string]any, path ...string) string {
	last := len(path) - 1
	s, _ := object(v, path[:last]...)[path[last]].(string)
	return s
}

func texts(v any) []string {
	var all []string
	list, _ := v.([]any)
	for _, member := range list {
		if s, ok := member.(string); ok {
			all = append(all, s)
		}
	}
	return all
}

func objects(v any) []map[string]any {
	var all []map[string]any
	list, _ := v.([]any)
	for _, member := range list {
		if o, ok := member.(map[string]any); ok {
			all = append(all, o)
		}
	}
	return all
}

func whole(v any, d int) int {
	number, ok := v.(json.Number)
	if !ok {
		return d
	}
	f, err := number.Float64()
	if err != nil || strings.ContainsAny(number.String(), "eE") && f != float64(int(f)) {
		return d
	}
	return int(f)
}

func secondsAt(v map[string]any, key string, d int) time.Duration {
	return time.Duration(whole(v[key], d)) * time.Second
}
