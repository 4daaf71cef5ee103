package spot

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Document is an Elastigroup's configuration as users write it or Spot answers it. It never changes; what it says of
// itself are copies.
type Document struct {
	group  map[string]any
	beside []string // what stands beside "group" and is not null, in alphabetical order
}

// ParseDocument reads a configuration: the JSON of a group, bare or as {"group": {…}}. Keys and numbers are kept as they
// are written, known or not. Errors say where malformed JSON breaks off, or what is there instead of a configuration.
func ParseDocument(data []byte) (Document, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if len(bytes.TrimSpace(data)) == 0 {
		return Document{}, errors.New("the configuration is empty; it has to be the JSON of an Elastigroup")
	}
	value, err := decode(data)
	if path := bytes.TrimSpace(data); err != nil && pathLike.Match(path) {
		return Document{}, fmt.Errorf("the configuration is %q, which is the path of a file and not what is in it: write file(%q)", path, path)
	}
	if err != nil {
		return Document{}, fmt.Errorf("the configuration is not JSON: %w", Place(data, err))
	}
	group, ok := value.(map[string]any)
	if !ok {
		return Document{}, fmt.Errorf("the configuration is %s; it has to be an object, the JSON of an Elastigroup", kind(value))
	}
	group, beside, err := unwrap(group)
	if err != nil {
		return Document{}, err
	}
	d := Document{group: group, beside: beside}
	if d.at("capacity") == nil && d.at("compute", "launchSpecification") == nil {
		return Document{}, errors.New("the configuration has neither capacity nor compute.launchSpecification, so it is not that of an Elastigroup")
	}
	return d, nil
}

// pathLike is what people write who forget to read the file, the commonest mistake of all.
var pathLike = regexp.MustCompile(`^[\w.][\w ./\\~:-]*\.(json|JSON)$|^\.{0,2}/[\w ./-]+$`)

// unwrap takes the group out of {"group": {…}}, and names what stands beside it.
func unwrap(document map[string]any) (group map[string]any, beside []string, err error) {
	inner, wrapped := document["group"]
	switch {
	case document["capacity"] != nil || document["compute"] != nil:
		return document, nil, nil
	case wrapped:
		group, ok := inner.(map[string]any)
		if !ok {
			return nil, nil, fmt.Errorf("\"group\" in the configuration is %s; it has to be an object, the JSON of an Elastigroup", kind(inner))
		}
		for _, name := range slices.Sorted(maps.Keys(document)) {
			if name != "group" && document[name] != nil {
				beside = append(beside, name)
			}
		}
		return group, beside, nil
	case document["response"] != nil:
		return nil, nil, errors.New("the configuration is a whole answer of Spot's API; take the group out of it: response.items[0]")
	}
	return document, nil, nil
}

// ID is Spot's own, "" in a configuration that was never a group's.
func (d Document) ID() string { return text(d.at("id")) }

// Name is the group's name, or "".
func (d Document) Name() string { return text(d.at("name")) }

// Region is the AWS region: its own member, else that of the first availability zone, else "".
func (d Document) Region() string {
	if region := text(d.at("region")); region != "" {
		return region
	}
	for _, zone := range list(d.at("compute", "availabilityZones")) {
		if region := regionOfZone.FindString(text(member(zone, "name"))); region != "" {
			return region
		}
	}
	return ""
}

// Zones are the availability zones that the configuration names, in alphabetical order.
func (d Document) Zones() []string {
	var zones []string
	for _, zone := range list(d.at("compute", "availabilityZones")) {
		if name := text(member(zone, "name")); name != "" {
			zones = append(zones, name)
		}
	}
	slices.Sort(zones)
	return slices.Compact(zones)
}

// Subnets are the IDs of the subnets where instances start, if the configuration names them apart from zones.
func (d Document) Subnets() []string { return texts(d.at("compute", "subnetIds")) }

// regionOfZone also finds the region of a local zone, "us-west-2-lax-1a".
var regionOfZone = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d+`)

// Capacity is the configuration's own. It answers false unless minimum, target and maximum are whole numbers.
func (d Document) Capacity() (rollout.Capacity, bool) {
	minimum, ok1 := whole(d.at("capacity", "minimum"))
	target, ok2 := whole(d.at("capacity", "target"))
	maximum, ok3 := whole(d.at("capacity", "maximum"))
	if !ok1 || !ok2 || !ok3 {
		return rollout.Capacity{}, false
	}
	return rollout.Capacity{Minimum: minimum, Target: target, Maximum: maximum}, true
}

// Unit is what the capacity counts: "instance", which is the default, or "weight".
func (d Document) Unit() string {
	if unit := text(d.at("capacity", "unit")); unit != "" {
		return unit
	}
	return defaultUnit
}

const defaultUnit = "instance"

// UserData is the launch specification's, in base64 as it stands there. It is a secret.
func (d Document) UserData() string { return text(d.launch("userData")) }

// TargetGroups are the ARNs of the target groups where instances register, in order.
func (d Document) TargetGroups() []string {
	var arns []string
	for _, entry := range d.balancers() {
		if arn := text(member(entry, "arn")); arn != "" && ofType(entry, typeTargetGroup) {
			arns = append(arns, arn)
		}
	}
	return arns
}

// LoadBalancers are the names of the classic load balancers where instances register, in order, those of the older
// member loadBalancerNames last.
func (d Document) LoadBalancers() []string {
	var names []string
	add := func(name string) {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, entry := range d.balancers() {
		if ofType(entry, typeClassic) {
			add(text(member(entry, "name")))
		}
	}
	for _, name := range list(d.launch("loadBalancerNames")) {
		add(text(name))
	}
	return names
}

// Tags are those of the launch specification, a journal's included.
func (d Document) Tags() map[string]string {
	tags := map[string]string{}
	for _, entry := range d.tagList() {
		if key, value := tagOf(entry); key != "" {
			tags[key] = value
		}
	}
	return tags
}

// The types of loadBalancersConfig's entries that exist today.
const (
	typeTargetGroup = "TARGET_GROUP"
	typeClassic     = "CLASSIC"
)

func ofType(entry any, kind string) bool { return strings.EqualFold(text(member(entry, "type")), kind) }

func (d Document) balancers() []any { return list(d.launch("loadBalancersConfig", "loadBalancers")) }
func (d Document) tagList() []any   { return list(d.launch("tags")) }

// tagOf reads {"tagKey": …, "tagValue": …}.
func tagOf(entry any) (key, value string) {
	return text(member(entry, "tagKey")), text(member(entry, "tagValue"))
}

// launch is a member of the launch specification.
func (d Document) launch(path ...string) any {
	return d.at(append([]string{"compute", "launchSpecification"}, path...)...)
}

// at is the value at a path of members, nil if there is none.
func (d Document) at(path ...string) any {
	var value any = d.group
	for _, key := range path {
		value = member(value, key)
	}
	return value
}

// copied is a deep copy of the group.
func (d Document) copied() map[string]any {
	return copyOf(d.group).(map[string]any)
}

// Place adds line and column to a syntax error of JSON. It quotes nothing of the text, which may hold user data.
func Place(data []byte, err error) error {
	var syntax *json.SyntaxError
	at := len(data)
	if errors.As(err, &syntax) {
		at = max(int(syntax.Offset)-1, 0)
	} else if !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	before := data[:min(at, len(data))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len([]rune(string(before[bytes.LastIndexByte(before, '\n')+1:]))) + 1
	return fmt.Errorf("line %d, column %d: %w", line, column, err)
}

// kind names a JSON value in a sentence.
func kind(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case []any:
		return "an array"
	case string:
		return "a string"
	case json.Number:
		return "a number"
	case bool:
		return "true or false"
	}
	return "an object"
}

// withoutMembers removes what Spot alone sets.
func withoutMembers(group map[string]any, keys ...string) {
	maps.DeleteFunc(group, func(key string, _ any) bool { return slices.Contains(keys, key) })
}
