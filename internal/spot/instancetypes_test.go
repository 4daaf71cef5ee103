package spot

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestArchitecture(t *testing.T) {
	for instanceType, want := range map[string]string{
		"m5.large": "x86_64", "m5a.large": "x86_64", "c6i.xlarge": "x86_64", "g4dn.xlarge": "x86_64", "g6.xlarge": "x86_64", "gr6.4xlarge": "x86_64",
		"m7i-flex.large": "x86_64", "u-6tb1.metal": "x86_64", "p5en.48xlarge": "x86_64", "inf2.xlarge": "x86_64",
		"m7g.large": "arm64", "m6gd.large": "arm64", "c7gn.large": "arm64", "t4g.nano": "arm64", "a1.large": "arm64", "x2gd.large": "arm64",
		"im4gn.large": "arm64", "is4gen.large": "arm64", "i4g.large": "arm64", "g5g.xlarge": "arm64", "hpc7g.16xlarge": "arm64", "r8g.large": "arm64",
		"mac2.metal": "",
	} {
		if got := Architecture(instanceType); got != want {
			t.Errorf("%s: %q, want: %q", instanceType, got, want)
		}
	}
}

func TestInstanceTypes(t *testing.T) {
	for text, want := range map[string][]string{
		`{"ondemand": "m5.large", "spot": ["m5.large", "c5.large"], "preferredSpot": ["c5.large"]}`: {"c5.large", "m5.large"},
		`{"onDemandTypes": ["t4g.nano"], "spot": null}`:                                             {"t4g.nano"},
		`{"resourceRequirements": {"excludedInstanceTypes": ["m5.large"]}}`:                         nil,
	} {
		d, err := ParseDocument([]byte(`{"compute": {"launchSpecification": {}, "instanceTypes": ` + text + `}}`))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, d.InstanceTypes()); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}
