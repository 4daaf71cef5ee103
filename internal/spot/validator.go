package spot

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/spot/fields"
)

// What Spot's validator refuses when a group is created, as far as it is known: the API's public description
// (https://github.com/spotinst/openapi, elastigroupCreate), and what clients report. It is asked here first, because Spot has its word
// only when apply creates the group.
//
// What is in the lists below and wrong is a problem. What is not in them may be new at Spot, and is only warned of (see Unknowns):
// a configuration may use today what Spot offers since yesterday.

// required are the members without which Spot takes no group. Whose parent is missing is not missed itself.
var required = []string{
	"strategy", "strategy.availabilityVsCost", "compute.product", "compute.instanceTypes", "compute.launchSpecification",
	"compute.launchSpecification.securityGroupIds",
}

// exclusive are members of which Spot takes at most one, or exactly one.
var exclusive = []struct {
	parent string
	names  []string
	one    bool // one of them has to be there
}{
	{"strategy", []string{"risk", "onDemandCount"}, false},
	{"compute", []string{"availabilityZones", "subnetIds"}, true},
	{"compute.instanceTypes", []string{"ondemand", "onDemandTypes"}, true},
	{"compute.instanceTypes", []string{"spot", "resourceRequirements"}, false},
}

// The kinds of values, as messages have them.
const (
	aText      = "a string"
	aFlag      = "true or false"
	aCount     = "a whole number, 0 or more"
	anObject   = "an object"
	textList   = "an array of strings"
	objectList = "an array of objects"
	inBase64   = "base64 in one line"
)

// kinded are the fields whose kind of value is known for certain: what is of another one is refused. Where clients are known to send another
// spelling of the same (the sizes of volumes as texts), nothing is said.
var kinded = []string{
	"description", "region", "strategy", "strategy.risk", "strategy.onDemandCount", "strategy.drainingTimeout", "strategy.fallbackToOd",
	"strategy.utilizeReservedInstances", "strategy.signals", "strategy.persistence", "strategy.revertToSpot", "compute",
	"compute.availabilityZones", "compute.subnetIds", "compute.preferredAvailabilityZones", "compute.elasticIps", "compute.privateIps",
	"compute.instanceTypes", "compute.instanceTypes.ondemand", "compute.instanceTypes.onDemandTypes", "compute.instanceTypes.spot",
	"compute.instanceTypes.preferredSpot", "compute.instanceTypes.weights", "compute.launchSpecification", PathImage, PathImages,
	PathUserData, pathShutdownScript, "compute.launchSpecification.keyPair", "compute.launchSpecification.iamRole",
	"compute.launchSpecification.securityGroupIds", "compute.launchSpecification.monitoring", "compute.launchSpecification.ebsOptimized",
	"compute.launchSpecification.autoHealing", "compute.launchSpecification.healthCheckGracePeriod",
	"compute.launchSpecification.loadBalancersConfig", PathBalancers, PathClassicNames, "compute.launchSpecification.blockDeviceMappings",
	"compute.launchSpecification.networkInterfaces", "scaling", "scaling.up", "scaling.down", "scaling.target", "scheduling",
	"scheduling.tasks", "thirdPartiesIntegration",
}

// kindAt is what Spot takes at a path, as messages have it.
func kindAt(path string) string {
	switch fields.Known().Of(path).Type {
	case fields.Integer, fields.Number:
		return aCount // those that are kinded are shares and numbers of whole things
	case fields.Boolean:
		return aFlag
	case fields.Object:
		return anObject
	case fields.List:
		return objectList
	case fields.Strings:
		return textList
	}
	if path == PathUserData || path == pathShutdownScript {
		return inBase64
	}
	return aText
}

const pathShutdownScript = "compute.launchSpecification.shutdownScript"

// Paths of the images.
const (
	PathImage  = "compute.launchSpecification.imageId"
	PathImages = "compute.launchSpecification.images"
)

// validatorProblems are what Spot would refuse. The group has no null members any more.
func (d Document) validatorProblems(found *problems) {
	for _, path := range required {
		parent, name, nested := cutLast(path)
		if object, ok := d.at(parent...).(map[string]any); (ok || !nested) && object[name] == nil && path != "compute.launchSpecification" {
			found.add(path, "it is missing; Spot does not take a group without it")
		}
	}
	for _, e := range exclusive {
		d.exclusiveProblems(e.parent, e.names, e.one, found)
	}
	for _, path := range kinded {
		if value, is := d.at(strings.Split(path, ".")...), kindAt(path); value != nil && !isKind(value, is) {
			found.add(path, "%s", wrongKind(value, is))
		}
	}
	for _, name := range []string{"ecs", "kubernetes"} {
		if d.at("thirdPartiesIntegration", name) != nil && d.Unit() == "weight" {
			found.add(PathUnit, "it is \"weight\", which Spot does not take beside thirdPartiesIntegration.%s", name)
		}
	}
	if unit := d.at("capacity", "unit"); unit != nil && !slices.Contains([]string{"instance", "weight"}, text(unit)) {
		found.add(PathUnit, "it has to be \"instance\" or \"weight\"")
	}
	if risk, ok := whole(d.at("strategy", "risk")); ok && risk > 100 {
		found.add("strategy.risk", "it is %d; it is a share in percent, from 0 to 100", risk)
	}
	if d.at("compute", "subnetIds") != nil && d.at("region") == nil {
		found.add("region", "it is missing; Spot wants it where compute.subnetIds says where instances start")
	}
	d.imageProblems(found)
	d.balancerProblems(found)
	d.taskProblems(found)
}

// PathUnit is where a configuration says what its capacity counts.
const PathUnit = "capacity.unit"

func (d Document) exclusiveProblems(parent string, names []string, one bool, found *problems) {
	object, ok := d.at(strings.Split(parent, ".")...).(map[string]any)
	if !ok {
		return
	}
	first, second := object[names[0]] != nil, object[names[1]] != nil
	switch {
	case first && second:
		found.add(parent, "%s and %s are both set; Spot takes one of them", names[0], names[1])
	case !first && !second && one:
		found.add(parent, "it has neither %s nor %s; Spot wants one of them", names[0], names[1])
	}
}

// imageProblems are about the configuration's own images, which a deployment's take the place of.
func (d Document) imageProblems(found *problems) {
	launch, ok := d.launch().(map[string]any)
	if !ok {
		return
	}
	images, listed := launch["images"].([]any)
	switch {
	case launch["imageId"] != nil && launch["images"] != nil:
		found.add(PathImages, "imageId and images are both set; Spot takes one of them")
	case listed && len(images) == 0:
		found.add(PathImages, "it is empty; it has to name an image, or to be left out")
	case launch["imageId"] == nil && launch["images"] == nil:
		found.add(PathImage, "it is missing, and so is images; write image_id or image_ids beside the configuration, or either of them in it")
	}
	if path, why := d.OneImage(); len(images) > 1 && path != "" {
		found.add(PathImages, "it lists %d images, and %s", len(images), why)
	}
}

// OneImage tells why a group of this configuration cannot have several images, and where that stands; both are empty if it can.
func (d Document) OneImage() (path, why string) {
	for _, name := range []string{"ecs", "nomad", "dockerSwarm", "kubernetes"} {
		if d.at("thirdPartiesIntegration", name) != nil {
			path = "thirdPartiesIntegration." + name
			return path, "Spot takes one alone beside " + path
		}
	}
	if persistence, _ := d.at("strategy", "persistence").(map[string]any); len(persistence) > 0 {
		return "strategy.persistence", "Spot takes one alone beside strategy.persistence"
	}
	return "", ""
}

// balancerProblems are about places where instances register.
func (d Document) balancerProblems(found *problems) {
	for i, entry := range d.balancers() {
		at := fmt.Sprintf("%s[%d]", PathBalancers, i)
		switch is := text(member(entry, "type")); {
		case strings.HasPrefix(strings.ToUpper(is), "MULTAI"):
			found.add(at, "%s is of Spot's own load balancer, which is no more", is)
		case kind(entry) != "an object":
		case is != typeTargetGroup && is != typeClassic:
			found.add(at+".type", "it has to be %s or %s", typeTargetGroup, typeClassic)
		case is == typeTargetGroup && text(member(entry, "arn")) == "":
			found.add(at+".arn", "it is missing; a target group is told by its ARN")
		case is == typeClassic && text(member(entry, "name")) == "":
			found.add(at+".name", "it is missing; a classic load balancer is told by its name")
		}
	}
}

// taskProblems are about schedules. https://docs.spot.io/elastigroup/features/core-features/scheduling
func (d Document) taskProblems(found *problems) {
	for i, task := range list(d.at("scheduling", "tasks")) {
		at := fmt.Sprintf("scheduling.tasks[%d]", i)
		expression, frequency := text(member(task, "cronExpression")), text(member(task, "frequency"))
		if kind(task) == "an object" && text(member(task, "taskType")) == "" {
			found.add(at+".taskType", "it is missing")
		}
		if expression != "" && frequency != "" {
			found.add(at+".frequency", "cronExpression and frequency are both set; Spot takes one of them")
		}
		if expression != "" && !cronExpression(expression) {
			found.add(at+".cronExpression", "%q is no cron expression of minute, hour, day, month and weekday in numbers, such as \"30 16 * * 1-5\" (UTC)", expression)
		}
		if frequency != "" && !slices.Contains([]string{"hourly", "daily", "weekly"}, frequency) {
			found.add(at+".frequency", "it has to be hourly, daily or weekly")
		}
	}
}

// cronPart is "*", "5" or "1-5", each with "/2" behind it or not.
var cronPart = regexp.MustCompile(`^(?:\*|(\d+)(?:-(\d+))?)(?:/([1-9]\d*))?$`)

// cronExpression tells whether Spot can read a time-table.
func cronExpression(expression string) bool {
	fields := strings.Fields(expression)
	bounds := [][2]int{{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 7}}
	if len(fields) != len(bounds) {
		return false
	}
	for i, field := range fields {
		for part := range strings.SplitSeq(field, ",") {
			found := cronPart.FindStringSubmatch(part)
			if found == nil {
				return false
			}
			if found[1] == "" {
				continue
			}
			first, err := strconv.Atoi(found[1])
			last := first
			if found[2] != "" && err == nil {
				last, err = strconv.Atoi(found[2])
			}
			if err != nil || first < bounds[i][0] || last > bounds[i][1] || first > last {
				return false
			}
		}
	}
	return true
}

// isKind tells whether a value is what Spot takes.
func isKind(value any, is string) bool {
	switch is {
	case aText:
		_, ok := value.(string)
		return ok
	case aFlag:
		_, ok := value.(bool)
		return ok
	case aCount:
		number, _ := value.(json.Number)
		n, err := number.Int64()
		return err == nil && n >= 0
	case anObject:
		return kind(value) == "an object"
	case inBase64:
		encoded, ok := value.(string)
		return ok && Base64(encoded)
	}
	elements, ok := value.([]any)
	return ok && !slices.ContainsFunc(elements, func(e any) bool {
		return is == textList && kind(e) != "a string" || is == objectList && kind(e) != "an object"
	})
}

// wrongKind says what a value is, and would have to be. It quotes nothing of it.
func wrongKind(value any, is string) string {
	switch {
	case is == inBase64:
		return "it is not " + inBase64 + "; encode it (base64encode), or write user data as user_data beside the configuration"
	case kind(value) == "an array":
		return "it has to be " + is
	case is == aCount && kind(value) == "a number":
		return fmt.Sprintf("it is %s; it has to be %s", text(value), is)
	}
	return fmt.Sprintf("it is %s; it has to be %s", kind(value), is)
}

// Base64 tells whether a text is base64 as Spot takes it: in one line, padded or not, as the SDKs' own examples are not.
func Base64(text string) bool {
	_, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	return err == nil && !strings.ContainsAny(text, "\r\n")
}

// cutLast parts the last name of a path from those before it.
func cutLast(path string) (parent []string, name string, nested bool) {
	names := strings.Split(path, ".")
	last := len(names) - 1
	return names[:last], names[last], last > 0
}
