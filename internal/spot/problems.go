package spot

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Problem is something in a configuration that the API would refuse, or that cannot be rolled out safely.
type Problem struct {
	// Path is where: "capacity.minimum". Problems of what a deployment says itself (its capacity, images, user data, load balancers)
	// do not matter where it does; see the paths of this package.
	Path string
	// Message says what is wrong, and what to do if that is not plain.
	Message string
}

// String is how a problem reads in an error.
func (p Problem) String() string { return p.Path + ": " + p.Message }

// ec2Tags is how many tags a resource can have.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
const ec2Tags = 50

// Problems lists what can be known without asking anybody, in the order of the document.
func (d Document) Problems() []Problem {
	var found problems
	if cloud, path := d.otherCloud(); cloud != "" {
		found.add(path, "only an Elastigroup on %s has it; export one on AWS", cloud)
		return found // nothing else of it means what it would mean there
	}
	for _, name := range d.beside {
		found.add(name, "it stands beside \"group\", where Spot takes nothing; take it out of the file")
	}
	d.group = withoutNulls(d.copied()) // as it would be sent
	d.capacityProblems(&found)
	d.launchProblems(&found)
	d.validatorProblems(&found)
	d.sharingProblems(&found)
	if reason, stateful := d.Stateful(); stateful {
		path, _, _ := strings.Cut(reason, " ")
		found.add(path, "this makes the group stateful (%s); its disks or addresses cannot be in two revisions at a time", reason)
	}
	return found
}

// Stateful tells whether instances hand down disks or addresses to their successors, and by which member.
// https://docs.spot.io/elastigroup/features/stateful-instance/
func (d Document) Stateful() (reason string, stateful bool) {
	for _, key := range []string{"shouldPersistRootDevice", "shouldPersistBlockDevices", "shouldPersistPrivateIp"} {
		if truth(d.at("strategy", "persistence", key)) {
			return "strategy.persistence." + key + " is true", true
		}
	}
	// A volume is attached to one instance at a time, so two revisions would fight for it. The pools privateIps and
	// elasticIps hand down nothing: the first does nothing without shouldPersistPrivateIp, the second holds only addresses.
	for _, path := range [][]string{{"compute", "ebsVolumePool"}, {"compute", "volumeAttachments", "volumes"}} {
		if len(list(d.at(path...))) > 0 {
			return dotted(path) + " attaches existing volumes", true
		}
	}
	return "", false
}

// TrafficFlow tells whether Spot's Intelligent Traffic Flow owns the weights of the group's listener rules, so that nobody
// else can shift traffic. https://docs.spot.io/elastigroup/features/load-balancers/intelligent-traffic-flow
func (d Document) TrafficFlow() (reason string, owned bool) {
	if blank(d.launch("itf")) {
		return "", false
	}
	return "compute.launchSpecification.itf is set", true
}

func (d Document) capacityProblems(found *problems) {
	if d.at("capacity") == nil {
		found.add("capacity", "it is missing")
		return
	}
	sound := true
	for _, key := range []string{"minimum", "target", "maximum"} {
		value := d.at("capacity", key)
		if _, ok := whole(value); ok {
			continue
		}
		sound = false
		if value == nil {
			found.add("capacity."+key, "it is missing")
		} else {
			found.add("capacity."+key, "it is not a whole number")
		}
	}
	if capacity, _ := d.Capacity(); sound && capacity.Valid() != nil {
		found.add("capacity", "%v", capacity.Valid())
	}
}

func (d Document) launchProblems(found *problems) {
	const launch = "compute.launchSpecification"
	if d.launch() == nil {
		missing := launch
		if d.at("compute") == nil {
			missing = "compute"
		}
		found.add(missing, "it is missing")
		return
	}
	if n := userDataSize(d.UserData()); n > UserDataLimit {
		found.add(launch+".userData", "%s", UserDataTooLarge(n))
	}
	if _, owned := d.TrafficFlow(); owned {
		found.add(launch+".itf", "Intelligent Traffic Flow sets the weights of listener rules itself; a rollout cannot share them with it")
	}
	d.tagProblems(launch+".tags", found)
	users := 0
	for key := range d.Tags() {
		if !rollout.OwnTag(key) {
			users++
		}
	}
	if most := ec2Tags - rollout.TagCount; users > most {
		found.add(launch+".tags", "%d tags; EC2 takes %d, of which a deployment needs %d, so at most %d are possible", users, ec2Tags, rollout.TagCount, most)
	}
}

// tagProblems refuses tags that are none.
func (d Document) tagProblems(at string, found *problems) {
	tags := d.launch("tags")
	if tags != nil && kind(tags) != "an array" {
		found.add(at, "it is %s; it has to be an array of {\"tagKey\": …, \"tagValue\": …}", kind(tags))
	}
	for i, tag := range d.tagList() {
		if key, _ := tagOf(tag); key == "" {
			found.add(fmt.Sprintf("%s[%d]", at, i), "it is %s without a tagKey; it has to be {\"tagKey\": …, \"tagValue\": …}", kind(tag))
		}
	}
}

// UserDataLimit is how many bytes of user data an instance takes, before they are encoded.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
const UserDataLimit = 16 << 10

// UserDataTooLarge says that there are more, and what to do. It quotes nothing of them.
func UserDataTooLarge(n int) string {
	return fmt.Sprintf("it has %d bytes, and EC2 takes %d before they are encoded; let it fetch the rest, or compress it with gzip", n, UserDataLimit)
}

// userDataSize is how many bytes user data in base64 has when it is decoded; 0 of what is not base64.
func userDataSize(encoded string) int {
	decoded, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(encoded, "="))
	if err != nil {
		return 0
	}
	return len(decoded)
}

type problems []Problem

func (p *problems) add(path, message string, values ...any) {
	*p = append(*p, Problem{Path: path, Message: fmt.Sprintf(message, values...)})
}

// truth reads a boolean that may be spelled as a string.
func truth(value any) bool { return value == true || strings.EqualFold(text(value), "true") }

func dotted(path []string) string { return strings.Join(path, ".") }
