package spot

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// The numbers are those of AWS's list of instance types.
func TestVCPUs(t *testing.T) {
	for kind, want := range map[string]int{
		"m5.large": 2, "m5.xlarge": 4, "c5.9xlarge": 36, "m7i.48xlarge": 192, "u-24tb1.112xlarge": 448, "t2.nano": 1, "t2.micro": 1, "t2.medium": 2,
		"t2.2xlarge": 8, "t3.nano": 2, "t3a.2xlarge": 8, "t4g.small": 2, "m6g.medium": 1, "m1.small": 1, "m3.medium": 1, "c1.xlarge": 8, "m2.4xlarge": 8,
		"c4.8xlarge": 36, "trn1.2xlarge": 8, "m5.metal": 96, "m6g.metal": 64, "c7gn.metal": 64, "c7i.metal-24xl": 96, "hpc7a.96xlarge": 192, "mac2-m2.metal": 8,
		"": 0, "large": 0, "m5.": 1, "m5.99999999999999999999xlarge": 1,
	} {
		if got := VCPUs(kind); got != want {
			t.Errorf("%q has %d, want %d", kind, got, want)
		}
	}
}

func TestWhatAGroupCounts(t *testing.T) {
	for name, test := range map[string]struct {
		types   string
		unit    rollout.Unit
		weights map[string]int
	}{
		"vCPUs": {`"spot":["m5.large","m5.2xlarge"],"ondemand":"m5.large"`, rollout.Unit{Name: "vCPUs", Least: 2, Most: 8, Step: 2},
			map[string]int{"m5.large": 2, "m5.2xlarge": 8}},
		"weights": {`"spot":["a.b"],"weights":[{"instanceType":"a.b","weightedCapacity":"3"}]`, rollout.Unit{Name: "weights", Least: 3, Most: 3, Step: 3}, map[string]int{"a.b": 3}},
		"both": {`"spot":["a.b","m5.xlarge"],"weights":[{"instanceType":"a.b","weightedCapacity":6}]`, rollout.Unit{Name: "weights", Least: 4, Most: 6, Step: 2},
			map[string]int{"a.b": 6, "m5.xlarge": 4}},
		"weights of nothing": {`"spot":["m5.large"],"weights":[{"instanceType":"m5.large","weightedCapacity":0},{"weightedCapacity":null},7]`,
			rollout.Unit{Name: "vCPUs", Least: 2, Most: 2, Step: 2}, map[string]int{"m5.large": 2}},
		"requirements": {`"ondemand":"m5.xlarge","resourceRequirements":{"requiredVCpu":{"minimum":2,"maximum":16}}`, rollout.Unit{Name: "vCPUs", Least: 2, Most: 16, Step: 1},
			map[string]int{"m5.xlarge": 4}},
		"nothing": {``, rollout.Unit{Name: "vCPUs"}, map[string]int{}},
	} {
		document := parse(t, `{"capacity":{"unit":"weight"},"compute":{"instanceTypes":{`+test.types+`},"launchSpecification":{}}}`)
		unit, weights := document.Counts()
		if diff := cmp.Diff(test.unit, unit) + cmp.Diff(test.weights, weights); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if unit, weights := parse(t, `{"capacity":{"unit":"instance"},"compute":{"instanceTypes":{"weights":[{"instanceType":"a.b","weightedCapacity":3}]}}}`).Counts(); unit != (rollout.Unit{}) || weights != nil {
		t.Errorf("instances: %v %v", unit, weights)
	}
}
