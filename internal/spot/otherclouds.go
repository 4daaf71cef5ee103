package spot

// foreign are members that only the Elastigroups of another cloud have, by where they are. Spot's console exports all clouds'
// alike as {"group": {…}}, with a capacity, a strategy and a compute in each.
// https://docs.spot.io/api/ (Elastigroup Azure, Elastigroup GCP)
var foreign = []struct {
	cloud string
	path  []string
}{
	{"Azure", []string{"resourceGroupName"}},
	{"Azure", []string{"compute", "vmSizes"}},
	{"Azure", []string{"compute", "os"}},
	{"Azure", []string{"strategy", "spotPercentage"}},
	{"GCP", []string{"compute", "instanceTypes", "preemptible"}},
	{"GCP", []string{"compute", "launchSpecification", "backendServiceConfig"}},
	{"GCP", []string{"compute", "launchSpecification", "serviceAccount"}},
	{"GCP", []string{"compute", "subnets"}},
	{"GCP", []string{"strategy", "preemptiblePercentage"}},
}

// otherCloud is the cloud that a configuration is for if it is not AWS, and the member that tells.
func (d Document) otherCloud() (cloud, path string) {
	for _, f := range foreign {
		if d.at(f.path...) != nil {
			return f.cloud, dotted(f.path)
		}
	}
	return "", ""
}
