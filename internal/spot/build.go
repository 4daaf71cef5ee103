package spot

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"sync"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Overrides is what a deployment says itself, in place of what its configuration says.
type Overrides struct {
	// Name is the new group's, "web__7".
	Name string
	// ImageIDs are the images, one for each architecture; nil leaves the configuration's.
	ImageIDs []string
	// UserDataBase64 is the user data, in base64; nil leaves the configuration's, "" removes it.
	UserDataBase64 *string
	// UserDataVersion is the version of user data that are write-only, in digits; empty where they are not. The fingerprint has it in place
	// of them, and a document that is built without UserDataBase64 has none: nobody is to tell one from another but by the version.
	UserDataVersion string
	// TargetGroups are the ARNs, and LoadBalancers the classic names, where instances register; nil leaves the configuration's.
	TargetGroups  *[]string
	LoadBalancers *[]string
	// Tags are the journal's.
	Tags map[string]string
	// Paused says that everything that moves the group's capacity of its own accord is switched off, and noted (see Document.Automation).
	Paused bool
	// Capacity is the new group's.
	Capacity rollout.Capacity
}

// Build makes the document that creates a revision's group: the configuration with the overrides in it, without what Spot
// alone sets (id, createdAt, updatedAt), without the journal of another revision, and without members that are null, which mean
// nothing and which Spot refuses where it does not know them (Spot's console exports some); everything else as it stands.
func (d Document) Build(o Overrides) ([]byte, error) {
	if err := d.check(o); err != nil {
		return nil, err
	}
	group := d.assemble(o)
	if o.Paused {
		if _, err := switchIn(group, false); err != nil {
			return nil, fmt.Errorf("group %s: %w", o.Name, err)
		}
	}
	return encode(group), nil
}

func (d Document) check(o Overrides) error {
	if o.Name == "" {
		return errors.New("a group needs a name")
	}
	if err := o.Capacity.Valid(); err != nil {
		return fmt.Errorf("the capacity of group %s: %w", o.Name, err)
	}
	for _, path := range [][]string{{"capacity"}, {"compute"}, {"compute", "launchSpecification"}} {
		if value := d.at(path...); value != nil && kind(value) != "an object" {
			return fmt.Errorf("%s in the configuration is %s; it has to be an object", dotted(path), kind(value))
		}
	}
	if o.TargetGroups == nil {
		return nil
	}
	for _, arn := range *o.TargetGroups {
		if nameInARN(arn) == "" {
			return fmt.Errorf("%q is not the ARN of a target group", arn)
		}
	}
	return nil
}

// assemble is Build without its checks.
func (d Document) assemble(o Overrides) map[string]any {
	group := d.awake()
	withoutMembers(group, "id", "createdAt", "updatedAt")
	group["name"] = o.Name

	capacity := object(group, "capacity")
	capacity["minimum"], capacity["target"], capacity["maximum"] = number(o.Capacity.Minimum), number(o.Capacity.Target), number(o.Capacity.Maximum)
	capacity["unit"] = d.Unit()

	launch := object(object(group, "compute"), "launchSpecification")
	setImages(launch, o.ImageIDs)
	if o.UserDataVersion != "" {
		delete(launch, "userData") // the configuration's own, if it has some
	}
	if o.UserDataBase64 != nil {
		launch["userData"] = *o.UserDataBase64
		if *o.UserDataBase64 == "" {
			delete(launch, "userData")
		}
	}
	setBalancers(launch, o)
	setJournal(launch, o.Tags)
	return withoutNulls(group)
}

// setBalancers replaces the entries of each type for which there is an override, where the first of them stands. An entry that
// is wanted and there already stays as it is, with members that are not known here.
func setBalancers(launch map[string]any, o Overrides) {
	if o.TargetGroups == nil && o.LoadBalancers == nil {
		return
	}
	config := object(launch, "loadBalancersConfig")
	entries := list(config["loadBalancers"])
	if o.TargetGroups != nil {
		entries = replaceEntries(entries, typeTargetGroup, "arn", *o.TargetGroups, func(arn string) map[string]any {
			return map[string]any{"type": typeTargetGroup, "arn": arn, "name": nameInARN(arn)}
		})
	}
	if o.LoadBalancers != nil {
		entries = replaceEntries(entries, typeClassic, "name", *o.LoadBalancers, func(name string) map[string]any {
			return map[string]any{"type": typeClassic, "name": name}
		})
		delete(launch, "loadBalancerNames") // the older way to say the same
	}
	config["loadBalancers"] = entries
	if len(entries) == 0 {
		delete(config, "loadBalancers")
	}
	if len(config) == 0 {
		delete(launch, "loadBalancersConfig")
	}
}

func replaceEntries(entries []any, kind, key string, wanted []string, entry func(string) map[string]any) []any {
	there := map[string]any{}
	kept, at := []any{}, -1
	for _, entry := range entries {
		if !ofType(entry, kind) {
			kept = append(kept, entry)
			continue
		}
		if at < 0 {
			at = len(kept)
		}
		there[text(member(entry, key))] = entry
	}
	if at < 0 {
		at = len(kept)
	}
	var placed []any
	for _, id := range wanted {
		if old, ok := there[id]; ok {
			placed = append(placed, old)
		} else {
			placed = append(placed, entry(id))
		}
	}
	return slices.Insert(kept, at, placed...)
}

// setJournal drops the tags of an earlier journal and adds the new one's.
func setJournal(launch map[string]any, journal map[string]string) {
	tags := slices.DeleteFunc(slices.Clone(list(launch["tags"])), ownTag)
	for _, key := range slices.Sorted(maps.Keys(journal)) {
		tags = append(tags, map[string]any{"tagKey": key, "tagValue": journal[key]})
	}
	if len(tags) > 0 {
		launch["tags"] = tags
	} else {
		delete(launch, "tags")
	}
}

func ownTag(entry any) bool {
	key, _ := tagOf(entry)
	return rollout.OwnTag(key)
}

// targetGroupARN has the name as its first group: arn:aws:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
var targetGroupARN = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^arn:[^:]+:elasticloadbalancing:[^:]*:[^:]*:targetgroup/([^/]+)/[^/]+$`)
})

// nameInARN is the name in a target group's ARN, "" if it is none.
func nameInARN(arn string) string {
	if parts := targetGroupARN().FindStringSubmatch(arn); parts != nil {
		return parts[1]
	}
	return ""
}

// object is a member of an object, made if it is not there or not an object.
func object(parent map[string]any, key string) map[string]any {
	child, ok := parent[key].(map[string]any)
	if !ok {
		child = map[string]any{}
		parent[key] = child
	}
	return child
}

func number(n int) json.Number { return json.Number(strconv.Itoa(n)) }
