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
			Name: "web__7", ImageID: "ami-9", UserDataBase64: some("bmV3"), TargetGroups: some([]string{arnB, arnA}), LoadBalancers: some([]string{"c2"}),
			Tags: map[string]string{"elastigroup:revision": "7", "elastigroup:deployment": "web"}, Capacity: rollout.Capacity{Minimum: 0, Target: 4, Maximum: 9},
		})
	if err != nil {
		t.Fatal(err)
	}
	equalJSON(t, string(data), `{"name":"web__7","description":"d","unknown":{"n":1.0,"big":12345678901234567890},
		"capacity":{"minimum":0,"target":4,"maximum":9,"unit":"weight","more":true},"strategy":{"onDemandCount":null},
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
		o := Overrides{Name: "x", ImageID: "ami-2", TargetGroups: some([]string{arnA}), LoadBalancers: some([]string{}), Tags: map[string]string{"elastigroup:a": "b"}}
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

// Unknown members, at any depth, with any value, are in what is built exactly as they were.
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
		d, err := ParseDocument(text)
		if err != nil {
			t.Fatal(err)
		}
		built, err := d.Build(Overrides{Name: "web__1", ImageID: "ami-1", TargetGroups: some([]string{arnA})})
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
	const sound = `"strategy":{"risk":100},"capacity":{"minimum":1,"target":1,"maximum":1}`
	tags := func(n int, key string) string {
		var list []string
		for i := range n {
			list = append(list, `{"tagKey":"`+key+strings.Repeat("x", i)+`","tagValue":"v"}`)
		}
		return strings.Join(list, ",")
	}
	for text, want := range map[string][]string{
		`{` + sound + `,"compute":{"launchSpecification":{}}}`: nil,
		`{"strategy":{},"compute":{"launchSpecification":{}}}`: {"capacity: it is missing"},
		`{` + sound + `}`: {"compute.launchSpecification: it is missing"},
		`{"strategy":{},"capacity":{"minimum":1,"target":"x"},"compute":{"launchSpecification":{}}}`:                                                {"capacity.target: it is not a whole number", "capacity.maximum: it is missing"},
		`{"strategy":{},"capacity":{"minimum":2,"target":1,"maximum":1},"compute":{"launchSpecification":{}}}`:                                      {"capacity: target 1 is below minimum 2"},
		`{` + sound + `,"compute":{"launchSpecification":{"imageId":"a","images":[{"id":"b"}]}}}`:                                                   {"compute.launchSpecification.images: imageId and images"},
		`{` + sound + `,"compute":{"launchSpecification":{"imageId":"a","images":[]}}}`:                                                             nil,
		`{` + sound + `,"compute":{"launchSpecification":{"itf":{"loadBalancers":[1]}}}}`:                                                           {"compute.launchSpecification.itf: Intelligent"},
		`{` + sound + `,"compute":{"launchSpecification":{"itf":null}}}`:                                                                            nil,
		`{` + sound + `,"compute":{"launchSpecification":{"loadBalancersConfig":{"loadBalancers":[{},{"type":"MULTAI_TARGET_SET"}]}}}}`:             {"compute.launchSpecification.loadBalancersConfig.loadBalancers[1]: MULTAI"},
		`{` + sound + `,"compute":{"launchSpecification":{"tags":[` + tags(50-rollout.TagCount, "k") + "," + tags(5, "elastigroup:") + `]}}}`:       nil,
		`{` + sound + `,"compute":{"launchSpecification":{"tags":[` + tags(51-rollout.TagCount, "k") + `]}}}`:                                       {fmt.Sprintf("compute.launchSpecification.tags: %d tags; EC2 takes 50, of which a deployment needs %d, so at most %d", 51-rollout.TagCount, rollout.TagCount, 50-rollout.TagCount)},
		`{` + sound + `,"compute":{"launchSpecification":{},"instanceTypes":{"ondemand":"a","onDemandTypes":["b"]}}}`:                               {"compute.instanceTypes: ondemand and onDemandTypes"},
		`{` + sound + `,"compute":{"launchSpecification":{},"instanceTypes":{"spot":["a"],"resourceRequirements":{"x":1}}}}`:                        {"compute.instanceTypes: spot and resourceRequirements"},
		`{` + sound + `,"compute":{"launchSpecification":{}},"strategy":{"persistence":{"shouldPersistPrivateIp":true}}}`:                           {"strategy.persistence.shouldPersistPrivateIp: this makes the group stateful"},
		`{` + sound + `,"compute":{"launchSpecification":{}},"strategy":{"persistence":{"shouldPersistBlockDevices":"true"}}}`:                      {"strategy.persistence.shouldPersistBlockDevices: this"},
		`{` + sound + `,"compute":{"launchSpecification":{}},"strategy":{"persistence":{"shouldPersistBlockDevices":false}}}`:                       nil,
		`{` + sound + `,"compute":{"launchSpecification":{},"ebsVolumePool":[{"deviceName":"x"}]}}`:                                                 {"compute.ebsVolumePool: this makes"},
		`{` + sound + `,"compute":{"launchSpecification":{},"privateIps":["1.2.3.4"],"elasticIps":["eipalloc-1"],"ebsVolumePool":[]}}`:              nil,
		`{` + sound + `,"compute":{"launchSpecification":{}},"strategy":{"persistence":{"blockDevicesMode":"reattach"}},"scheduling":null}`:         nil,
		`{"capacity":{"minimum":1,"target":1,"maximum":1},"compute":{"launchSpecification":{}}}`:                                                    {"strategy: it is missing"},
		`{` + sound + `,"compute":{"launchSpecification":{"userData":"` + base64.StdEncoding.EncodeToString(make([]byte, UserDataLimit)) + `"}}}`:   nil,
		`{` + sound + `,"compute":{"launchSpecification":{"userData":"` + base64.StdEncoding.EncodeToString(make([]byte, UserDataLimit+1)) + `"}}}`: {"compute.launchSpecification.userData: it has 16385 bytes"},
		`{"resourceGroupName":"web","capacity":{},"compute":{"launchSpecification":{}}}`:                                                            {"resourceGroupName: only an Elastigroup on Azure"},
		`{"capacity":{},"compute":{"vmSizes":{"odSizes":["standard_a1"]},"launchSpecification":{}}}`:                                                {"compute.vmSizes: only an Elastigroup on Azure"},
		`{"capacity":{},"compute":{"instanceTypes":{"preemptible":["n1-standard-1"]}}}`:                                                             {"compute.instanceTypes.preemptible: only an Elastigroup on GCP"},
	} {
		got := parse(t, text).Problems()
		if len(got) != len(want) {
			t.Errorf("%s: %v", text, got)
			continue
		}
		for i := range want {
			if !strings.HasPrefix(got[i].String(), want[i]) {
				t.Errorf("%s: %s", text, got[i])
			}
		}
	}
}
