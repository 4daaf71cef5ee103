package spot

import (
	"math"
	"strconv"
	"strings"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Counts is what the capacity of the group counts, and what each instance type that the group names counts for; nil where instances
// are counted. Where weights are, a type that none is written for counts for its vCPUs.
// https://docs.spot.io/elastigroup/ (instance weights)
func (d Document) Counts() (rollout.Unit, map[string]int) {
	if d.Unit() != "weight" {
		return rollout.Unit{}, nil
	}
	unit, weights := rollout.Unit{Name: "vCPUs"}, map[string]int{}
	for _, entry := range list(d.at("compute", "instanceTypes", "weights")) {
		if weight, ok := whole(member(entry, "weightedCapacity")); ok && weight > 0 {
			weights[text(member(entry, "instanceType"))] = weight
			unit.Name = "weights"
		}
	}
	var sizes []int
	for _, kind := range d.InstanceTypes() {
		if weights[kind] == 0 {
			weights[kind] = VCPUs(kind)
		}
		sizes = append(sizes, weights[kind])
	}
	if requires := d.at("compute", "instanceTypes", "resourceRequirements", "requiredVCpu"); requires != nil {
		for _, bound := range []string{"minimum", "maximum"} {
			if n, ok := whole(member(requires, bound)); ok && n > 0 {
				sizes = append(sizes, n)
			}
		}
		unit.Step = 1 // there may be any in between
	}
	for _, n := range sizes {
		if unit.Least == 0 {
			unit.Least = n
		}
		unit.Least, unit.Most, unit.Step = min(unit.Least, n), max(unit.Most, n), divisor(unit.Step, n)
	}
	return unit, weights
}

// divisor is the greatest common one; 0 stands for any number.
func divisor(a, b int) int {
	for b > 0 {
		a, b = b, a%b
	}
	return a
}

// VCPUs is how many virtual CPUs an instance type has, by its name; 0 of what is none. Sizes from large on double, and "24xlarge" is 24 times the 4 of
// an xlarge. Types that do not follow this are listed below.
// https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-type-specifications.html
func VCPUs(instanceType string) int {
	if n, listed := unusualVCPUs[instanceType]; listed {
		return n
	}
	family, size, named := strings.Cut(instanceType, ".")
	switch {
	case !named:
		return 0
	case size == "xlarge":
		return 4
	case size == "large", strings.HasPrefix(family, "t") && family > "t2":
		if n := timesXlarge(size); n > 0 {
			return 4 * n
		}
		return 2
	case size == "metal":
		if n, listed := metalVCPUs[family]; listed {
			return n
		}
		return usualMetal
	}
	return max(4*timesXlarge(strings.TrimPrefix(size, "metal-")), 1)
}

// timesXlarge is the factor in "24xlarge", and in "24xl" as bare metal has it; 0 of another size.
func timesXlarge(size string) int {
	digits := strings.TrimRight(size, "xlarge")
	n, err := strconv.Atoi(digits)
	if err != nil || n < 0 || n > math.MaxInt16 {
		return 0
	}
	return n
}

// unusualVCPUs are the instance types with other numbers than their size would say.
var unusualVCPUs = map[string]int{
	"c1.medium": 2, "c1.xlarge": 8, "t2.medium": 2,
	"m2.xlarge": 2, "m2.2xlarge": 4, "m2.4xlarge": 8,
	"c4.8xlarge": 36, "d2.8xlarge": 36,
	"hpc6a.48xlarge": 96, "hpc6id.32xlarge": 64,
	"hpc7a.12xlarge": 24, "hpc7a.24xlarge": 48, "hpc7a.48xlarge": 96, "hpc7a.96xlarge": 192,
}

// usualMetal is how many virtual CPUs bare metal has that is called just that, where metalVCPUs has no other number.
const usualMetal = 96

var metalVCPUs = map[string]int{
	"a1": 16, "mac1": 12, "mac2": 8, "mac2-m1ultra": 20, "mac2-m2": 8, "mac2-m2pro": 12, "mac-m4": 10, "mac-m4pro": 14, "m5zn": 48, "z1d": 48, "x2iezn": 48,
	"c6g": 64, "c6gd": 64, "c6gn": 64, "c7g": 64, "c7gd": 64, "c7gn": 64, "g5g": 64, "m6g": 64, "m6gd": 64, "m7g": 64, "m7gd": 64,
	"r6g": 64, "r6gd": 64, "r7g": 64, "r7gd": 64, "x2gd": 64, "c5n": 72, "i3": 72,
	"c6i": 128, "c6id": 128, "c6in": 128, "i4i": 128, "m6i": 128, "m6id": 128, "m6idn": 128, "m6in": 128,
	"r6i": 128, "r6id": 128, "r6idn": 128, "r6in": 128, "x2idn": 128, "x2iedn": 128,
	"c6a": 192, "m6a": 192, "r6a": 192,
}
