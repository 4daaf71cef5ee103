package spot

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

const (
	arnA = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/blue/0123456789abcdef"
	arnB = "arn:aws-us-gov:elasticloadbalancing:us-gov-west-1:123456789012:targetgroup/green/0123456789abcdef"
)

func some[T any](v T) *T { return &v }

func build(t *testing.T, d Document, o Overrides) Document {
	t.Helper()
	if o.Name == "" {
		o.Name = "web__7"
	}
	data, err := d.Build(o)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, string(data))
}

func TestBuild(t *testing.T) {
	data, err := parse(t, `{"id":"sig-1","name":"old","createdAt":"x","updatedAt":"y","description":"d","unknown":{"n":1.0,"big":12345678901234567890},
		"capacity":{"minimum":1,"target":2,"maximum":3,"unit":"weight","more":true},"strategy":{"onDemandCount":null},
		"compute":{"product":"Linux/UNIX","launchSpecification":{"images":[{"id":"ami-0"}],"userData":"b2xk","keyPair":"k",
		"loadBalancerNames":["older"],"loadBalancersConfig":{"other":1,"loadBalancers":[{"type":"X","name":"x"},
		{"type":"TARGET_GROUP","arn":"`+arnA+`","weight":5},{"type":"CLASSIC","name":"c1"},{"type":"TARGET_GROUP","arn":"arn:gone"}]},
		"tags":[{"tagKey":"team","tagValue":"web","x":1},{"tagKey":"elastigroup:revision","tagValue":"6"},{"tagKey":"elastigroup:old","tagValue":"1"}]}}}`).
		Build(Overrides{
			Name: "web__7", ImageIDs: []string{"ami-9"}, UserDataBase64: some("bmV3"), TargetGroups: some([]string{arnB, arnA}), LoadBalancers: some([]string{"c2"}),
			Tags: map[string]string{"elastigroup:revision": "7", "elastigroup:deployment": "web"}, Capacity: rollout.Capacity{Minimum: 0, Target: 4, Maximum: 9},
		})
	if err != nil {
		t.Fatal(err)
	}
	equalJSON(t, string(data), `{"name":"web__7","description":"d","unknown":{"n":1.0,"big":12345678901234567890},
		"capacity":{"minimum":0,"target":4,"maximum":9,"unit":"weight","more":true},
		"compute":{"product":"Linux/UNIX","launchSpecification":{"imageId":"ami-9","userData":"bmV3","keyPair":"k",
		"loadBalancersConfig":{"other":1,"loadBalancers":[{"type":"X","name":"x"},{"type":"TARGET_GROUP","arn":"`+arnB+`","name":"green"},
		{"type":"TARGET_GROUP","arn":"`+arnA+`","weight":5},{"type":"CLASSIC","name":"c2"}]},
		"tags":[{"tagKey":"team","tagValue":"web","x":1},{"tagKey":"elastigroup:deployment","tagValue":"web"},{"tagKey":"elastigroup:revision","tagValue":"7"}]}}}`)
}

func TestWhatIsNotOverriddenStays(t *testing.T) {
	text := `{"name":"web__7","capacity":{"minimum":0,"target":0,"maximum":0,"unit":"instance"},"compute":{"launchSpecification":{"images":[{"id":"ami-0"}],"userData":"b2xk",
		"loadBalancerNames":["older"],"loadBalancersConfig":{"loadBalancers":[{"type":"TARGET_GROUP","arn":"x"},{"type":"CLASSIC","name":"c"}]}}}}`
	data, err := parse(t, text).Build(Overrides{Name: "web__7"})
	if err != nil {
		t.Fatal(err)
	}
	equalJSON(t, string(data), text)
}

func TestOverridesOfBalancers(t *testing.T) {
	const none = `{"compute":{"launchSpecification":{}}}`
	both := `{"compute":{"launchSpecification":{"loadBalancerNames":["old"],"loadBalancersConfig":{"loadBalancers":[{"type":"CLASSIC","name":"c"},{"type":"TARGET_GROUP","arn":"` + arnA + `"}]}}}}`
	for name, test := range map[string]struct {
		document  string
		overrides Overrides
		groups    []string
		classics  []string
	}{
		"added":             {none, Overrides{TargetGroups: some([]string{arnA}), LoadBalancers: some([]string{"c"})}, []string{arnA}, []string{"c"}},
		"left":              {both, Overrides{}, []string{arnA}, []string{"c", "old"}},
		"groups replaced":   {both, Overrides{TargetGroups: some([]string{arnB})}, []string{arnB}, []string{"c", "old"}},
		"classics replaced": {both, Overrides{LoadBalancers: some([]string{"d"})}, []string{arnA}, []string{"d"}},
		"groups taken away": {both, Overrides{TargetGroups: some([]string{})}, nil, []string{"c", "old"}},
		"all taken away":    {both, Overrides{TargetGroups: some([]string{}), LoadBalancers: some([]string{})}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			d := build(t, parse(t, test.document), test.overrides)
			if diff := cmp.Diff(test.groups, d.TargetGroups()) + cmp.Diff(test.classics, d.LoadBalancers()); diff != "" {
				t.Error(diff)
			}
			if test.groups == nil && test.classics == nil && d.launch("loadBalancersConfig") != nil {
				t.Error("an empty loadBalancersConfig is left")
			}
		})
	}
}

func TestEmptyUserDataIsTakenAway(t *testing.T) {
	d := build(t, parse(t, `{"compute":{"launchSpecification":{"userData":"b2xk"}}}`), Overrides{UserDataBase64: some("")})
	if d.launch("userData") != nil {
		t.Errorf("%s", encode(d.group))
	}
}

func TestWhatCannotBeBuilt(t *testing.T) {
	for says, test := range map[string]struct {
		document  string
		overrides Overrides
	}{
		"needs a name":                                {`{"capacity":{}}`, Overrides{}},
		"target 2 is below minimum 3":                 {`{"capacity":{}}`, Overrides{Name: "x", Capacity: rollout.Capacity{Minimum: 3, Target: 2, Maximum: 3}}},
		`"web" is not the ARN`:                        {`{"capacity":{}}`, Overrides{Name: "x", TargetGroups: some([]string{"web"})}},
		"capacity in the configuration is a number":   {`{"capacity":7}`, Overrides{Name: "x"}},
		"compute in the configuration is a string":    {`{"capacity":{},"compute":"x"}`, Overrides{Name: "x"}},
		"compute.launchSpecification in the configur": {`{"compute":{"launchSpecification":[1]}}`, Overrides{Name: "x"}},
	} {
		_, err := parse(t, test.document).Build(test.overrides)
		if err == nil {
			t.Errorf("%s: it was built", says)
			continue
		}
		contains(t, err.Error(), says)
	}
}

func TestADocumentNeverChanges(t *testing.T) {
	for _, name := range []string{"sdk-python-create.json"} {
		d := parse(t, string(fixture(t, name)))
		before := string(encode(d.group))
		o := Overrides{Name: "x", ImageIDs: []string{"ami-2"}, TargetGroups: some([]string{arnA}), LoadBalancers: some([]string{}), Tags: map[string]string{"elastigroup:a": "b"}}
		build(t, d, o)
		d.Fingerprint(o, nil)
		d.Export()
		d.Problems()
		Covers(d, d)
		if string(encode(d.group)) != before {
			t.Errorf("%s changed", name)
		}
	}
}

// Nulls mean nothing, whoever wrote them where; what is empty, zero or false does.
func TestNullsAreNotSent(t *testing.T) {
	d := parse(t, `{"multai":null,"scaling":{"up":null,"down":null},"scheduling":{},"capacity":{"unit":null},"strategy":{"onDemandCount":null,"risk":0,"persistence":{"a":{"b":null}}},
		"compute":{"elasticIps":null,"subnetIds":[null],"launchSpecification":{"userData":null,"monitoring":false,"blockDeviceMappings":[{"noDevice":null,"deviceName":"a","ebs":{"iops":null}}]}}}`)
	want := `{"capacity":{"maximum":0,"minimum":0,"target":0,"unit":"instance"},"compute":{"launchSpecification":{"blockDeviceMappings":[{"deviceName":"a"}],"monitoring":false},"subnetIds":[null]},` +
		`"name":"web__1","scheduling":{},"strategy":{"risk":0}}`
	if got, err := d.Build(Overrides{Name: "web__1"}); err != nil || string(got) != want {
		t.Errorf("%s %v, want\n%s", got, err, want)
	}
}

// What stands beside the group is not sent, and is refused; nulls are nothing there, too.
func TestWhatStandsBesideTheGroup(t *testing.T) {
	d := parse(t, `{"credentials":{"token":"s3cret"},"account":null,"filters":[1],"group":{"capacity":{},"compute":{}}}`)
	var paths []string
	for _, p := range d.Problems() {
		if strings.Contains(p.Message, "beside") && strings.Contains(p.Message, "group") {
			paths = append(paths, p.Path)
		}
		if strings.Contains(p.String(), "s3cret") {
			t.Errorf("a value is quoted: %s", p)
		}
	}
	if !slices.Equal(paths, []string{"credentials", "filters"}) {
		t.Errorf("refused are %v", paths)
	}
}

// Unknown members, at any depth, with any value, are in what is built exactly as they were; but for nulls, which are nothing.
func TestUnknownMembersSurvive(t *testing.T) {
	create := fixture(t, "sdk-python-create.json")
	rapid.Check(t, func(t *rapid.T) {
		base, err := decode(create)
		if err != nil {
			t.Fatal(err)
		}
		group := base.(map[string]any)["group"].(map[string]any)
		places := [][]string{{}, {"capacity"}, {"strategy"}, {"compute"}, {"compute", "launchSpecification"}, {"scaling"}, {"brandNew"}}
		place := rapid.SampledFrom(places).Draw(t, "place")
		parent := group
		for _, key := range place {
			parent = object(parent, key)
		}
		value := jsonValue(3).Draw(t, "value")
		parent["aKeyOfTomorrow"] = value
		text := encode(group)
		withoutNulls(group)
		value = parent["aKeyOfTomorrow"]
		d, err := ParseDocument(text)
		if err != nil {
			t.Fatal(err)
		}
		built, err := d.Build(Overrides{Name: "web__1", ImageIDs: []string{"ami-1"}, TargetGroups: some([]string{arnA})})
		if err != nil {
			t.Fatal(err)
		}
		b, err := ParseDocument(built)
		if err != nil {
			t.Fatal(err)
		}
		if got := b.at(append(slices.Clone(place), "aKeyOfTomorrow")...); cmp.Diff(value, got) != "" {
			t.Fatal(cmp.Diff(value, got))
		}
		// Apart from what is overridden, nothing moved.
		launch := b.group["compute"].(map[string]any)["launchSpecification"].(map[string]any)
		original := group["compute"].(map[string]any)["launchSpecification"].(map[string]any)
		b.group["name"], b.group["capacity"] = group["name"], group["capacity"]
		launch["imageId"], launch["loadBalancersConfig"] = original["imageId"], original["loadBalancersConfig"]
		if diff := cmp.Diff(group, b.group); diff != "" {
			t.Fatal(diff)
		}
	})
}

// jsonValue draws any JSON value, numbers in any spelling.
func jsonValue(depth int) *rapid.Generator[any] {
	scalars := []*rapid.Generator[any]{
		rapid.Just[any](nil), rapid.Bool().AsAny(), rapid.StringMatching(`[a-zA-Z0-9 <>&"\\é]*`).AsAny(),
		rapid.Custom(func(t *rapid.T) any {
			return json.Number(rapid.StringMatching(`-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,8})?([eE][+-]?[0-9]{1,3})?`).Draw(t, "number"))
		}),
	}
	if depth == 0 {
		return rapid.OneOf(scalars...)
	}
	return rapid.OneOf(append(scalars,
		rapid.Custom(func(t *rapid.T) any { return rapid.SliceOfN(jsonValue(depth-1), 0, 4).Draw(t, "array") }),
		rapid.Custom(func(t *rapid.T) any {
			return rapid.MapOfN(rapid.StringMatching(`[a-z]{1,6}`), jsonValue(depth-1), 0, 4).Draw(t, "object")
		}))...)
}

func TestProblems(t *testing.T) {
	const sound = `"strategy":{"availabilityVsCost":"balanced","risk":100},"capacity":{"minimum":1,"target":1,"maximum":1},"compute":{"product":"Linux/UNIX",
		"availabilityZones":[{"name":"us-east-1a"}],"instanceTypes":{"ondemand":"m5.large"},"launchSpecification":{"imageId":"ami-1","securityGroupIds":["sg-1"]}}`
	tags := func(n int, key string) string {
		var list []string
		for i := range n {
			list = append(list, `{"tagKey":"`+key+strings.Repeat("x", i)+`","tagValue":"v"}`)
		}
		return strings.Join(list, ",")
	}
	for patch, want := range map[string][]string{
		`{}`:                nil,
		`{"capacity":null}`: {"capacity: it is missing"},
		`{"compute":null}`:  {"compute: it is missing"},
		`{"compute":{"launchSpecification":null}}`:                                                                              {"compute.launchSpecification: it is missing"},
		`{"capacity":{"target":"x","maximum":null}}`:                                                                            {"capacity.target: it is not a whole number", "capacity.maximum: it is missing"},
		`{"capacity":{"minimum":2}}`:                                                                                            {"capacity: target 1 is below minimum 2"},
		`{"compute":{"launchSpecification":{"images":[{"id":"b"}]}}}`:                                                           {"compute.launchSpecification.images: imageId and images"},
		`{"compute":{"launchSpecification":{"imageId":null}}}`:                                                                  {"compute.launchSpecification.imageId: it is missing, and so is images"},
		`{"compute":{"launchSpecification":{"itf":{"loadBalancers":[1]}}}}`:                                                     {"compute.launchSpecification.itf: Intelligent"},
		`{"compute":{"launchSpecification":{"loadBalancersConfig":{"loadBalancers":[{},{"type":"MULTAI_TARGET_SET"}]}}}}`:       {"compute.launchSpecification.loadBalancersConfig.loadBalancers[0].type: it has to be TARGET_GROUP or CLASSIC", "compute.launchSpecification.loadBalancersConfig.loadBalancers[1]: MULTAI"},
		`{"compute":{"launchSpecification":{"tags":[` + tags(50-rollout.TagCount, "k") + "," + tags(5, "elastigroup:") + `]}}}`: nil,
		`{"compute":{"launchSpecification":{"tags":[` + tags(51-rollout.TagCount, "k") + `]}}}`:                                 {fmt.Sprintf("compute.launchSpecification.tags: %d tags; EC2 takes 50, of which a deployment needs %d, so at most %d", 51-rollout.TagCount, rollout.TagCount, 50-rollout.TagCount)},
		`{"compute":{"instanceTypes":{"onDemandTypes":["b"]}}}`:                                                                 {"compute.instanceTypes: ondemand and onDemandTypes"},
		`{"compute":{"instanceTypes":{"spot":["a"],"resourceRequirements":{"x":1}}}}`:                                           {"compute.instanceTypes: spot and resourceRequirements"},
		`{"strategy":{"onDemandCount":1}}`:                                                                                      {"strategy: risk and onDemandCount are both set"},
		`{"strategy":{"persistence":{"shouldPersistPrivateIp":true}}}`:                                                          {"strategy.persistence.shouldPersistPrivateIp: this makes the group stateful"},
		`{"strategy":{"persistence":{"shouldPersistBlockDevices":"true"}}}`:                                                     {"strategy.persistence.shouldPersistBlockDevices: this"},
		`{"strategy":{"persistence":{"shouldPersistBlockDevices":false}}}`:                                                      nil,
		`{"compute":{"ebsVolumePool":[{"deviceName":"x"}]}}`:                                                                    {"compute.ebsVolumePool: this makes"},
		`{"compute":{"privateIps":["1.2.3.4"],"elasticIps":["eipalloc-1"],"ebsVolumePool":[]}}`:                                 nil,
		`{"strategy":{"persistence":{"blockDevicesMode":"reattach"}}}`:                                                          nil,
		`{"strategy":null}`: {"strategy: it is missing"},
		`{"compute":{"launchSpecification":{"userData":"` + base64.StdEncoding.EncodeToString(make([]byte, UserDataLimit)) + `"}}}`:                           nil,
		`{"compute":{"launchSpecification":{"userData":"` + base64.StdEncoding.EncodeToString(make([]byte, UserDataLimit+1)) + `"}}}`:                         {"compute.launchSpecification.userData: it has 16385 bytes"},
		`{"compute":{"launchSpecification":{"userData":"` + strings.TrimRight(base64.StdEncoding.EncodeToString(make([]byte, UserDataLimit+1)), "=") + `"}}}`: {"compute.launchSpecification.userData: it has 16385 bytes"},
		`{"compute":{"launchSpecification":{"userData":"#!/bin/sh"}}}`:                                                                                        {"compute.launchSpecification.userData: it is not base64 in one line"},
		`{"compute":{"launchSpecification":{"networkInterfaces":[{"deviceIndex":0,"associatePublicIpAddress":true}]}}}`:                                       nil,
		`{"compute":{"launchSpecification":{"networkInterfaces":[{"deviceIndex":0,"networkInterfaceId":"eni-1"}]}}}`:                                          {"compute.launchSpecification.networkInterfaces[0].networkInterfaceId: eni-1 is attached to one instance at a time"},
		`{"compute":{"launchSpecification":{"networkInterfaces":[{"deviceIndex":0,"privateIpAddresses":[{"privateIpAddress":"10.0.0.9","primary":true}]}]}}}`: {"compute.launchSpecification.networkInterfaces[0].privateIpAddresses: a private address"},
		`{"compute":{"launchSpecification":{"networkInterfaces":[{"deviceIndex":0,"privateIpAddress":"10.0.0.9"}]}}}`:                                         {"compute.launchSpecification.networkInterfaces[0].privateIpAddress: a private address"},
		`{"thirdPartiesIntegration":{"elasticBeanstalk":{"environmentId":"e-1"}}}`:                                                                            {"thirdPartiesIntegration.elasticBeanstalk: an Elastic Beanstalk environment has one group"},
		`{"thirdPartiesIntegration":{"route53":{"domains":[{"hostedZoneId":"Z1","recordSets":[{"name":"a.example.com"}]}]}}}`:                                 {"thirdPartiesIntegration.route53.domains[0].recordSets: two revisions would keep the same Route 53 record sets"},
		`{"thirdPartiesIntegration":{"route53":{"domains":[]},"codeDeploy":{"deploymentGroups":[]}}}`:                                                         nil,
		`{"resourceGroupName":"web"}`:                                     {"resourceGroupName: only an Elastigroup on Azure"},
		`{"compute":{"vmSizes":{"odSizes":["standard_a1"]}}}`:             {"compute.vmSizes: only an Elastigroup on Azure"},
		`{"compute":{"instanceTypes":{"preemptible":["n1-standard-1"]}}}`: {"compute.instanceTypes.preemptible: only an Elastigroup on GCP"},
	} {
		text := string(encode(patched(t, parse(t, `{`+sound+`}`).group, patch)))
		got := parse(t, text).Problems()
		if len(got) != len(want) {
			t.Errorf("%s: %v", patch, got)
			continue
		}
		for i := range want {
			if !strings.HasPrefix(got[i].String(), want[i]) {
				t.Errorf("%s: %s", patch, got[i])
			}
		}
	}
}
