package spot

import (
	"regexp"
	"slices"
)

// InstanceTypes are those that the group may launch, spot and on demand, sorted. It is empty where Spot is to choose them by
// resourceRequirements.
func (d Document) InstanceTypes() []string {
	var types []string
	for _, key := range []string{"ondemand", "onDemandTypes", "spot", "preferredSpot"} {
		value := d.at("compute", "instanceTypes", key)
		for _, entry := range list(value) {
			types = append(types, text(entry))
		}
		if text(value) != "" {
			types = append(types, text(value))
		}
	}
	slices.Sort(types)
	return slices.Compact(types)
}

// arm matches the families of instance types with AWS's own processors, which name a g behind the generation: m7g, c6gn, t4g,
// is4gen; a1 is the first of them. A leading g is a graphics family: g4dn.
// https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
var arm = regexp.MustCompile(`^(a1|[a-z]+[0-9]+[a-z]*g[a-z]*)\.`)

// Architecture is that of an instance type, "arm64" or "x86_64", by its name. Apple's (mac1, mac2) have images of their own
// and are left out, with an empty answer.
func Architecture(instanceType string) string {
	switch {
	case len(instanceType) > 3 && instanceType[:3] == "mac":
		return ""
	case arm.MatchString(instanceType):
		return "arm64"
	}
	return "x86_64"
}
