package sandbox

import (
	"regexp"
	"strconv"
	"strings"
)

// vcpus is how many virtual CPUs an instance type has, which is what an instance weighs in a group that counts weights and has
// none written for its type (https://docs.spot.io/elastigroup/, on instance weights). The size says it for nearly all types:
// "large" is 2, "xlarge" 4, and "4xlarge" four times that. https://docs.aws.amazon.com/ec2/latest/instancetypes/
func vcpus(kind string) int {
	if n, ok := oddVCPUs[kind]; ok {
		return n
	}
	family, size, _ := strings.Cut(kind, ".")
	if metal, ok := strings.CutPrefix(size, "metal"); ok {
		if n := multiple(strings.TrimPrefix(metal, "-")); n > 0 {
			return 4 * n
		}
		return orInt(metals[family], 96)
	}
	if n := multiple(size); n > 0 {
		return 4 * n
	}
	switch size {
	case "xlarge":
		return 4
	case "large":
		return 2
	case "medium", "small", "micro", "nano":
		if burstable.MatchString(family) {
			return 2
		}
	}
	return 1
}

// multiple is the number in "4xlarge" or "24xl"; 0 if there is none.
func multiple(size string) int {
	number, _, ok := strings.Cut(size, "xl")
	n, err := strconv.Atoi(number)
	if !ok || err != nil {
		return 0
	}
	return n
}

// burstable are the families whose small sizes have two CPUs. The sizes of t2 differ, see oddVCPUs.
var burstable = regexp.MustCompile(`^t[3-9]`)

// oddVCPUs are the types whose size says something else.
var oddVCPUs = map[string]int{
	"t2.medium": 2, "m2.xlarge": 2, "m2.2xlarge": 4, "m2.4xlarge": 8, "c1.medium": 2, "c1.xlarge": 8,
	"c4.8xlarge": 36, "d2.8xlarge": 36,
	"hpc6a.48xlarge": 96, "hpc6id.32xlarge": 64,
	"hpc7a.12xlarge": 24, "hpc7a.24xlarge": 48, "hpc7a.48xlarge": 96, "hpc7a.96xlarge": 192,
}

// metals are the CPUs of the bare metal of families that have more or fewer than 96.
var metals = map[string]int{
	"a1": 16, "c5n": 72, "c6g": 64, "c6gd": 64, "c6gn": 64, "c7g": 64, "c7gd": 64, "c7gn": 64, "g5g": 64, "i3": 72,
	"m5zn": 48, "m6g": 64, "m6gd": 64, "m7g": 64, "m7gd": 64, "r6g": 64, "r6gd": 64, "r7g": 64, "r7gd": 64,
	"c6a": 192, "c6i": 128, "c6id": 128, "c6in": 128, "i4i": 128, "m6a": 192, "m6i": 128, "m6id": 128, "m6idn": 128, "m6in": 128,
	"r6a": 192, "r6i": 128, "r6id": 128, "r6idn": 128, "r6in": 128, "x2gd": 64, "x2idn": 128, "x2iedn": 128, "x2iezn": 48, "z1d": 48,
	"mac1": 12, "mac2": 8, "mac2-m1ultra": 20, "mac2-m2": 8, "mac2-m2pro": 12, "mac-m4": 10, "mac-m4pro": 14,
}

// graviton matches the families with ARM's processors: a1, and those with a g behind the generation.
var graviton = regexp.MustCompile(`^(a1|[a-z]+[0-9]+g[a-z]*)$`)

// architectureOf is the processor architecture of an instance type, as images name it.
func architectureOf(kind string) string {
	family, _, _ := strings.Cut(kind, ".")
	if graviton.MatchString(family) {
		return "arm64"
	}
	return "x86_64"
}
