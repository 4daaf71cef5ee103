package spot

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/sandbox"
)

// imported is a group as Spot answers it, that one made in its console, with a little of everything.
const imported = `{
	"id": "sig-0123abcd", "name": "web__4", "description": "web servers", "createdAt": "2026-01-02T03:04:05.000Z", "region": "us-east-1",
	"capacity": {"minimum": 2, "target": 4, "maximum": 8, "unit": "instance"},
	"strategy": {"risk": 100, "fallbackToOd": true, "availabilityVsCost": "balanced", "drainingTimeout": 300, "utilizeReservedInstances": false, "persistence": {}},
	"scaling": {"up": [{"policyName": "busy", "metricName": "CPUUtilization", "threshold": 70, "cooldown": 300}]},
	"scheduling": {}, "thirdPartiesIntegration": {"nomad": {"masterHost": "10.0.0.1", "aclToken": "s3cret"}},
	"compute": {
		"product": "Linux/UNIX (Amazon VPC)",
		"instanceTypes": {"ondemand": "m5.large", "spot": ["m5.large", "c5.large"]},
		"availabilityZones": [{"name": "us-east-1a", "subnetId": "subnet-1", "subnetIds": ["subnet-1"]}],
		"launchSpecification": {
			"imageId": "ami-1", "keyPair": "ops", "monitoring": false, "ebsOptimized": true, "userData": "IyEvYmluL3NoCg==", "tenancy": "default",
			"securityGroupIds": ["sg-1", "sg-2"], "healthCheckType": "TARGET_GROUP", "healthCheckGracePeriod": 300,
			"iamRole": {"arn": "arn:aws:iam::123456789012:instance-profile/web"},
			"blockDeviceMappings": [{"deviceName": "/dev/sda1", "ebs": {"volumeSize": "22", "encrypted": true}}, {"deviceName": "/dev/sdb", "ebs": {"volumeSize": "5"}}],
			"loadBalancersConfig": {"loadBalancers": [
				{"type": "TARGET_GROUP", "name": "web", "arn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef"},
				{"type": "CLASSIC", "name": "old"}]},
			"tags": [{"tagKey": "app", "tagValue": "web"}, {"tagKey": "env", "tagValue": "prod"}, {"tagKey": "elastigroup:deployment", "tagValue": "web"}]
		}
	}
}`

func TestDropped(t *testing.T) {
	const spec = `"compute": {"product": "Linux/UNIX", "instanceTypes": {"ondemand": "m5.large", "spot": ["m5.large", "c5.large"]}, "availabilityZones": [{"name": "us-east-1a", "subnetIds": ["subnet-1"]}], "launchSpecification": `
	for name, c := range map[string]struct {
		wanted string
		want   []string
	}{
		"nothing but what has to be": {`{"capacity": {"minimum": 1, "target": 1, "maximum": 1}, "strategy": {"risk": 100}, "compute": {"product": "Linux/UNIX", "launchSpecification": {"imageId": "ami-1"}}}`, []string{
			"compute.availabilityZones (us-east-1a)", "compute.instanceTypes.ondemand", "compute.instanceTypes.spot",
			"compute.launchSpecification.blockDeviceMappings (/dev/sda1, /dev/sdb)", "compute.launchSpecification.ebsOptimized", "compute.launchSpecification.healthCheckType",
			"compute.launchSpecification.iamRole", "compute.launchSpecification.keyPair",
			"compute.launchSpecification.loadBalancersConfig.loadBalancers (arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef, old)",
			"compute.launchSpecification.securityGroupIds (sg-1, sg-2)", "compute.launchSpecification.tags (app, env)", "compute.launchSpecification.userData",
			"description", "scaling.up (busy)", "strategy.drainingTimeout", "thirdPartiesIntegration",
		}},
		"in part": {`{"description": "other", "strategy": {"risk": 50, "drainingTimeout": 60}, "scaling": {"up": [{"policyName": "busy", "threshold": 70}]}, "thirdPartiesIntegration": {"nomad": {"masterHost": "10.0.0.1"}}, ` + spec + `{
			"imageId": "ami-2", "keyPair": "ops", "ebsOptimized": true, "userData": "Zm9v", "securityGroupIds": ["sg-2"], "healthCheckType": "EC2", "iamRole": {"name": "web"},
			"blockDeviceMappings": [{"deviceName": "/dev/sda1", "ebs": {"volumeSize": 22}}], "loadBalancerNames": ["old"],
			"loadBalancersConfig": {"loadBalancers": [{"type": "TARGET_GROUP", "arn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef"}]},
			"tags": [{"tagKey": "env", "tagValue": "test"}]}}}`, []string{
			"compute.launchSpecification.blockDeviceMappings (2, of which 1 are written)", "compute.launchSpecification.securityGroupIds (sg-1)",
			"compute.launchSpecification.tags (app)", "scaling.up[0].cooldown", "scaling.up[0].metricName", "thirdPartiesIntegration.nomad.aclToken",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, d := range Dropped(parse(t, imported), parse(t, c.wanted)) {
				got = append(got, d.String())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if strings.Contains(strings.Join(got, " "), "s3cret") {
				t.Errorf("a secret shows: %q", got)
			}
		})
	}
}

// What is exported leaves out user data and other secrets, and nothing else.
func TestAnExportDropsOnlySecrets(t *testing.T) {
	for name, text := range map[string]string{"a group": imported, "the sandbox's": string(sandbox.ExampleGroup())} {
		live := parse(t, text)
		for _, d := range Dropped(live, parse(t, string(live.Export()))) {
			if d.Path != PathUserData && d.Path != "thirdPartiesIntegration.nomad.aclToken" {
				t.Errorf("%s: %s", name, d)
			}
		}
	}
}

// A document drops nothing of itself, however Spot answers it.
func TestNothingIsDroppedOfTheSame(t *testing.T) {
	if found := Dropped(parse(t, imported), parse(t, imported)); len(found) > 0 {
		t.Errorf("%v", found)
	}
}

// A credential that the live document withholds is taken as equal where the wanted one has it, at its path alone.
func TestCoversWithheldCredentials(t *testing.T) {
	live := parse(t, imported)
	shown := parse(t, string(live.Export()))
	wanted := parse(t, strings.Replace(imported, `"userData": "IyEvYmluL3NoCg==", `, "", 1))
	if Covers(shown, wanted) || !Covers(shown, wanted, live.Secrets()...) {
		t.Errorf("covered without the path: %v, with it: %v", Covers(shown, wanted), Covers(shown, wanted, live.Secrets()...))
	}
	if Covers(shown, wanted, "thirdPartiesIntegration.rancher.aclToken") {
		t.Error("covered with another path")
	}
}

// leaf is a member of a document that says something by itself, or an element of a set.
type leaf struct {
	parent map[string]any
	key    string
	path   string
	of     any // the element, where it is one of a set
}

// leaves are those of a group, but for what nobody misses: what Spot sets, the capacity, and tags of a journal.
func leaves(value any, path, key string) []leaf {
	var all []leaf
	object, ok := value.(map[string]any)
	if !ok {
		return nil
	}
	for k, inner := range object {
		at := joined(path, ".", k)
		switch {
		case path == "" && slices.Contains([]string{"id", "name", "createdAt", "updatedAt", "region", "capacity"}, k), k == "subnetId", k == "subnetIds":
		case sets[k]:
			for _, element := range list(inner) {
				if !ownTag(element) {
					all = append(all, leaf{object, k, at, element})
				}
			}
		case kind(inner) == "an object" && k != "iamRole":
			all = append(all, leaves(inner, at, k)...)
		case means(inner, k):
			all = append(all, leaf{object, k, at, nil})
		}
	}
	return all
}

// unnoticed is what is taken out of a document and not found by a function that is to find what is dropped; "" if all of it is.
func unnoticed(t *rapid.T, find func(live, wanted Document) []Drop) string {
	live := mustParse(imported)
	wanted := Document{group: live.copied()}
	all := leaves(wanted.group, "", "")
	slices.SortFunc(all, func(a, b leaf) int { return strings.Compare(a.path+identity(a.of), b.path+identity(b.of)) })
	var taken []leaf
	for _, l := range all {
		if rapid.IntRange(0, 3).Draw(t, "is left out") > 0 {
			continue
		}
		taken = append(taken, l)
		if l.of == nil {
			delete(l.parent, l.key)
			continue
		}
		l.parent[l.key] = slices.DeleteFunc(list(l.parent[l.key]), func(e any) bool { return identity(e) == identity(l.of) })
	}
	found := find(live, wanted)
	for _, l := range taken {
		if !slices.ContainsFunc(found, func(d Drop) bool {
			if l.of == nil {
				return l.path == d.Path || strings.HasPrefix(l.path, d.Path+".")
			}
			return l.path == d.Path && (len(d.Names) == 0 || slices.Contains(d.Names, identity(l.of)))
		}) {
			return l.path + " " + identity(l.of)
		}
	}
	if len(taken) == 0 && len(found) > 0 {
		return fmt.Sprintf("nothing is left out, and %v is found", found)
	}
	return ""
}

func mustParse(text string) Document {
	d, err := ParseDocument([]byte(text))
	if err != nil {
		panic(err) // it is written here
	}
	return d
}

// Whatever is left out of a document is found.
func TestWhateverIsLeftOutIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		if missed := unnoticed(t, Dropped); missed != "" {
			t.Fatalf("nobody misses %s", missed)
		}
	})
}

// Functions that are not quite Dropped are found out.
func TestBrokenDropped(t *testing.T) {
	except := func(drops func(Drop) bool) func(live, wanted Document) []Drop {
		return func(live, wanted Document) []Drop { return slices.DeleteFunc(Dropped(live, wanted), drops) }
	}
	for name, broken := range map[string]func(live, wanted Document) []Drop{
		"an import loses the user data in silence": except(func(d Drop) bool { return d.Path == PathUserData }),
		"an import loses its tags in silence":      except(func(d Drop) bool { return d.Path == PathTags }),
		"an import names one thing that it loses": func(live, wanted Document) []Drop {
			found := Dropped(live, wanted)
			return found[:min(len(found), 1)]
		},
	} {
		t.Run(name, func(t *testing.T) {
			noticed := rapid.Custom(func(t *rapid.T) string { return unnoticed(t, broken) })
			for i := range 500 {
				if noticed.Example(i) != "" {
					t.Log("promise: what a release drops is said")
					return
				}
			}
			t.Error("nobody notices")
		})
	}
}
