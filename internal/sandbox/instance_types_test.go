package sandbox

import (
	"testing"
	"time"
)

func TestVCPUs(t *testing.T) {
	for kind, want := range map[string]int{
		"m5.large": 2, "m5.xlarge": 4, "m5.2xlarge": 8, "c5.9xlarge": 36, "m7i.48xlarge": 192, "t2.nano": 1, "t2.medium": 2,
		"t3.nano": 2, "t4g.medium": 2, "m6g.medium": 1, "m3.medium": 1, "c4.8xlarge": 36, "m5.metal": 96, "m6g.metal": 64,
		"c7i.metal-24xl": 96, "hpc7a.96xlarge": 192, "x1e.32xlarge": 128, "g5.xlarge": 4, "m1.xlarge": 4, "a1.metal": 16,
	} {
		if got := vcpus(kind); got != want {
			t.Errorf("%s has %d, want %d", kind, got, want)
		}
	}
}

func TestArchitectureOfTypes(t *testing.T) {
	for kind, want := range map[string]string{"m5.large": "x86_64", "m6g.large": "arm64", "c7gn.large": "arm64", "a1.large": "arm64",
		"g5.large": "x86_64", "g5g.xlarge": "arm64", "t4g.micro": "arm64", "r6gd.large": "arm64", "g4dn.xlarge": "x86_64"} {
		if got := architectureOf(kind); got != want {
			t.Errorf("%s is %s, want %s", kind, got, want)
		}
	}
}

// What has no weight written weighs its vCPUs, and a group that counts weights is as full as whole instances make it.
func TestWeightsAreVCPUs(t *testing.T) {
	for name, test := range map[string]struct {
		members   string
		instances int
		weight    int
	}{
		"without weights": {`{"capacity":{"unit":"weight","maximum":16},"compute":{"instanceTypes":{"spot":["c5.xlarge"]}}}`, 4, 4},
		"with weights": {`{"capacity":{"unit":"weight","maximum":16},"compute":{"instanceTypes":{"spot":["c5.xlarge"],
			"weights":[{"instanceType":"c5.xlarge","weightedCapacity":3}]}}}`, 6, 3},
		"with weights for another": {`{"capacity":{"unit":"weight","maximum":16},"compute":{"instanceTypes":{"spot":["c5.xlarge"],
			"weights":[{"instanceType":"m5.large","weightedCapacity":1}]}}}`, 4, 4},
		"instances": {`{"capacity":{"maximum":16},"compute":{"instanceTypes":{"spot":["c5.xlarge"]}}}`, 16, 1},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, web(), func(t *testing.T, w *World) {
				create(t, w, document("web", "ami-good", 16, test.members))
				time.Sleep(3 * time.Minute)
				g := one(t, w)
				if len(g.Instances) != test.instances || g.Instances[0].Weight != test.weight {
					t.Errorf("%d instances of %d", len(g.Instances), g.Instances[0].Weight)
				}
			})
		})
	}
}

func TestEachInstanceHasAnImageOfItsArchitecture(t *testing.T) {
	config := web()
	config.Images = append(config.Images, Image{ID: "ami-arm", Architecture: "arm64"})
	inWorld(t, config, func(t *testing.T, w *World) {
		create(t, w, document("web", "ami-good", 4, `{"compute":{"instanceTypes":{"spot":["m5.large","m6g.large"]},
			"launchSpecification":{"imageId":null,"images":[{"id":"ami-good"},{"id":"ami-arm"}]}}}`))
		time.Sleep(time.Minute)
		for _, i := range one(t, w).Instances {
			if want := map[string]string{"m5.large": "ami-good", "m6g.large": "ami-arm"}[i.Type]; i.Image != want {
				t.Errorf("a %s is of %s", i.Type, i.Image)
			}
		}
	})
}
