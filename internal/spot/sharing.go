package spot

import (
	"fmt"
	"strings"
)

// While a release is rolled out two revisions run side by side, each of them a group of its own. What a configuration names that is
// there only once cannot be at both: it is a problem. What can be, but not as people would think, is a surprise.

// Surprise is something in a configuration that works while two revisions run, but not as it does with one group alone.
type Surprise struct {
	// Path is where it stands: "compute.elasticIps".
	Path string
	// Message says what happens, and what to do about it.
	Message string
}

// String is how a surprise reads in a warning.
func (s Surprise) String() string { return s.Path + ": " + s.Message }

// sharingProblems are what cannot be in two revisions at a time, beside what makes a group stateful.
func (d Document) sharingProblems(found *problems) {
	for i, entry := range list(d.launch("networkInterfaces")) {
		at := fmt.Sprintf("compute.launchSpecification.networkInterfaces[%d].", i)
		if id := text(member(entry, "networkInterfaceId")); id != "" {
			found.add(at+"networkInterfaceId", "%s is attached to one instance at a time, so no second revision, and no second instance, could start beside the first; "+
				"leave it out, and EC2 makes an interface for each instance", id)
		}
		for _, key := range []string{"privateIpAddress", "privateIpAddresses"} {
			if filled(member(entry, key)) {
				found.add(at+key, "a private address is at one instance at a time, so no second revision could start beside the first; leave it out, and let a load balancer be what others know")
			}
		}
	}
	if !blank(d.at("thirdPartiesIntegration", "elasticBeanstalk")) {
		found.add("thirdPartiesIntegration.elasticBeanstalk", "an Elastic Beanstalk environment has one group, which it configures itself, so it cannot be in two revisions at a time; "+
			"take it out, or leave releases of this group to Elastic Beanstalk")
	}
	for i, domain := range list(d.at("thirdPartiesIntegration", "route53", "domains")) {
		if filled(member(domain, "recordSets")) {
			found.add(fmt.Sprintf("thirdPartiesIntegration.route53.domains[%d].recordSets", i), "two revisions would keep the same Route 53 record sets, and neither knows the other's instances; "+
				"take it out, and point the records at a load balancer (target_group_arns, load_balancer_names)")
		}
	}
}

// filled tells whether a value says anything.
func filled(value any) bool {
	if array, ok := value.([]any); ok {
		return len(array) > 0
	}
	return !blank(value) && value != ""
}

// Surprises lists what works while two revisions run, but not as with one group alone, in the order of the document.
func (d Document) Surprises() []Surprise {
	var found []Surprise
	if pool := texts(d.at("compute", "elasticIps")); len(pool) > 0 {
		found = append(found, Surprise{"compute.elasticIps", fmt.Sprintf("both revisions draw from the same Elastic IP addresses (%s). While both run there may not be enough for all: "+
			"an instance of the new one may start without an address, or take one from an instance that serves. Name as many as both have together at the most, "+
			"or leave them out where a load balancer is what others know", strings.Join(pool, ", "))})
	}
	if !blank(d.at("thirdPartiesIntegration", "codeDeploy")) {
		found = append(found, Surprise{"thirdPartiesIntegration.codeDeploy", "the instances of both revisions are in the same CodeDeploy deployment groups. What CodeDeploy deploys goes to both alike, " +
			"so that going back to the previous revision takes back the image and not what was deployed, and a deployment in the middle of a rollout changes what has been verified. Deploy nothing while a rollout runs"})
	}
	if !blank(d.at("thirdPartiesIntegration", "opsWorks")) {
		found = append(found, Surprise{"thirdPartiesIntegration.opsWorks", "the instances of both revisions register in the same OpsWorks layer, whose recipes run on both alike: going back takes back the image and not what they did. " +
			"(AWS ended OpsWorks Stacks on 26 May 2024)"})
	}
	return found
}

// Draining is how long Spot lets an instance drain before it ends it, in seconds, where the configuration says so. Spot's own default
// is no promise of its API, so that nothing is built on it.
func (d Document) Draining() (seconds int, written bool) {
	return whole(d.at("strategy", "drainingTimeout"))
}
