package spot

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

func TestWhatIsNoConfiguration(t *testing.T) {
	for text, says := range map[string]string{
		"":                       "empty",
		" \n\t":                  "empty",
		"[]":                     "an array",
		"null":                   "null",
		`"x"`:                    "a string",
		"7":                      "a number",
		"true":                   "true or false",
		"{}":                     "neither capacity nor compute.launchSpecification",
		`{"group":{}}`:           "neither capacity nor compute.launchSpecification",
		`{"group":[]}`:           `"group" in the configuration is an array`,
		`{"group":null}`:         `"group" in the configuration is null`,
		`{"compute":{}}`:         "neither",
		`{"compute":[]}`:         "neither",
		"{\n  \"capacity\": x\n": "line 2, column 15: invalid character 'x'",
		"{\"capacity\": {":       "line 1, column 15: unexpected EOF",
		"{\"capacity\": {}} {}":  "line 1, column 18: invalid character '{' after top-level value",
		"{\"é\": ,}":             "line 1, column 7: ",
		`{"request":{},"response":{"items":[{}]}}`: "response.items[0]",
	} {
		_, err := ParseDocument([]byte(text))
		if err == nil {
			t.Errorf("%q passed", text)
			continue
		}
		contains(t, err.Error(), says)
	}
}

func TestWhatIsAConfiguration(t *testing.T) {
	for _, text := range []string{
		`{"capacity":{}}`, `{"compute":{"launchSpecification":{}}}`, `{"group":{"capacity":{}}}`, "\ufeff{\"capacity\":{}}\n",
		`{"group":"a member like any other","capacity":{}}`,
	} {
		parse(t, text)
	}
	if d := parse(t, `{"group":"mine","capacity":{}}`); text(d.at("group")) != "mine" {
		t.Error("a member that is called group was lost")
	}
}

func TestHealing(t *testing.T) {
	for text, want := range map[string]Healing{
		`{}`:                         {Patience: 300 * time.Second},
		`{"healthCheckType":"NONE"}`: {Patience: 300 * time.Second},
		`{"healthCheckType":"ELB","healthCheckGracePeriod":60,"autoHealing":false}`:                                  {Type: "ELB", Patience: 120 * time.Second, Off: true},
		`{"healthCheckType":"EC2","healthCheckGracePeriod":60,"healthCheckUnhealthyDurationBeforeReplacement":"30"}`: {Type: "EC2", Patience: 60 * time.Second},
	} {
		if got := parse(t, `{"compute":{"launchSpecification":`+text+`}}`).Healing(); got != want {
			t.Errorf("%s: %+v", text, got)
		}
	}
}

func TestWhatADocumentSays(t *testing.T) {
	d := parse(t, string(fixture(t, "sdk-python-create.json")))
	type said struct {
		Name, Region, Unit, Image, UserData string
		Capacity                            rollout.Capacity
		TargetGroups, LoadBalancers         []string
		Tags                                map[string]string
	}
	capacity, ok := d.Capacity()
	if !ok {
		t.Error("no capacity")
	}
	got := said{d.Name(), d.Region(), d.Unit(), rollout.JoinImages(d.ImageIDs()), d.UserData(), capacity, d.TargetGroups(), d.LoadBalancers(), d.Tags()}
	want := said{
		"spotinst-group", "us-east-1", "instance", "ami-1ecae776", "IyEvYmluL2Jhc2gNCnRvdWNoIHRlc3Qiquwhq38",
		rollout.Capacity{Minimum: 2, Target: 2, Maximum: 10},
		[]string{"arn:aws:elasticloadbalancing:us-west-2:922761411234:targetgroup/MyTargetGroup/1fe63217f8ff1234"}, []string{"MyClassicLB"},
		map[string]string{"allow": "allow-ssh"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if reason, stateful := d.Stateful(); !stateful || reason != "strategy.persistence.shouldPersistRootDevice is true" {
		t.Error(reason)
	}
	if diff := cmp.Diff([]string{
		"thirdPartiesIntegration.chef.pemKey", "thirdPartiesIntegration.nomad.aclToken", "thirdPartiesIntegration.rancher.accessKey",
		"thirdPartiesIntegration.rancher.secretKey", "thirdPartiesIntegration.rightScale.refreshToken",
	}, d.Secrets()); diff != "" {
		t.Error(diff)
	}
}

func TestRegionOfZones(t *testing.T) {
	for zone, region := range map[string]string{"us-west-2a": "us-west-2", "us-gov-east-1b": "us-gov-east-1", "us-west-2-lax-1a": "us-west-2", "moon": "", "": ""} {
		if got := parse(t, `{"capacity":{},"compute":{"availabilityZones":[{"name":"`+zone+`"}]}}`).Region(); got != region {
			t.Errorf("%s: %s", zone, got)
		}
	}
}

func TestCapacitiesAsTheyAreWritten(t *testing.T) {
	for text, want := range map[string]rollout.Capacity{
		`{"minimum":1,"target":2,"maximum":3}`:         {Minimum: 1, Target: 2, Maximum: 3},
		`{"minimum":"1","target":"2","maximum":3.0}`:   {Minimum: 1, Target: 2, Maximum: 3},
		`{"minimum":0,"target":2e1,"maximum":1.0e+2}`:  {Minimum: 0, Target: 20, Maximum: 100},
		`{"minimum":1,"target":2}`:                     {},
		`{"minimum":1,"target":2.5,"maximum":3}`:       {},
		`{"minimum":1,"target":1e99,"maximum":3}`:      {},
		`{"minimum":1,"target":true,"maximum":3}`:      {},
		`{"minimum":1,"target":"many","maximum":"x"}`:  {},
		`{"minimum":null,"target":null,"maximum":[3]}`: {},
	} {
		got, ok := parse(t, `{"capacity":`+text+`}`).Capacity()
		if got != want || ok != (want != rollout.Capacity{}) {
			t.Errorf("%s: %v %t", text, got, ok)
		}
	}
}

func TestImages(t *testing.T) {
	for launch, want := range map[string]string{
		`{"imageId":"ami-1"}`: "ami-1", `{"images":[{"id":"ami-2"}]}`: "ami-2", `{"images":[{"id":"ami-3"},{"id":"ami-2"}]}`: "ami-2+ami-3",
		`{"imageId":"ami-1","images":[{"id":"ami-2"}]}`: "ami-1", `{}`: "",
	} {
		if got := parse(t, `{"compute":{"launchSpecification":`+launch+`}}`).ImageIDs(); rollout.JoinImages(got) != want {
			t.Errorf("%s: %s", launch, got)
		}
	}
}

func TestExport(t *testing.T) {
	export := parse(t, `{"group":{"id":"sig-1","name":"web","createdAt":"x","updatedAt":"y","z":1.50,"capacity":{"minimum":1},
		"compute":{"availabilityZones":[{"name":"a","subnetId":"s-1","subnetIds":["s-1"]},{"name":"b","subnetId":"s-2"}],
		"launchSpecification":{"userData":"c2VjcmV0","shutdownScript":"c2g=","a":"<&>","tags":[{"tagKey":"team","tagValue":"x"},{"tagKey":"elastigroup:deployment","tagValue":"web"}]}},
		"thirdPartiesIntegration":{"nomad":{"aclToken":"x","masterHost":"h"}}}}`).Export()
	want := `{
  "capacity": {
    "minimum": 1
  },
  "compute": {
    "availabilityZones": [
      {
        "name": "a",
        "subnetIds": [
          "s-1"
        ]
      },
      {
        "name": "b",
        "subnetId": "s-2"
      }
    ],
    "launchSpecification": {
      "a": "<&>",
      "shutdownScript": "c2g=",
      "tags": [
        {
          "tagKey": "team",
          "tagValue": "x"
        }
      ]
    }
  },
  "name": "web",
  "thirdPartiesIntegration": {
    "nomad": {
      "masterHost": "h"
    }
  },
  "z": 1.50
}`
	if diff := cmp.Diff(want, string(export)); diff != "" {
		t.Error(diff)
	}
}

// A configuration that came through ParseDocument can be used in every way without a panic.
func FuzzParseDocument(f *testing.F) {
	for _, name := range []string{"sdk-python-create.json", "sdk-python-response.json", "imported-from-asg-response.json"} {
		f.Add(fixture(f, name))
	}
	for _, text := range []string{
		`{"capacity":7,"compute":{"launchSpecification":[],"subnetIds":["a"],"availabilityZones":[{"subnetId":{},"subnetIds":[{}]},7]}}`,
		`{"capacity":{"unit":{}},"compute":{"launchSpecification":{"tags":[7,{"tagKey":{},"tagValue":[]}],"loadBalancerNames":[{}],"images":[null],"loadBalancersConfig":{"loadBalancers":[{"type":"TARGET_GROUP","arn":{}},[]]},"iamRole":7}}}`,
		`{"group":{"capacity":{"minimum":1e999999999,"target":-0.0e-5}}}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := ParseDocument(data)
		if err != nil {
			if bytes.Contains([]byte(err.Error()), []byte("\n")) || len(err.Error()) > 300 {
				t.Errorf("an error that nobody can read: %q", err)
			}
			return
		}
		d.Problems()
		d.asGroup()
		d.Secrets()
		exported, err := ParseDocument(d.Export())
		if err == nil && strings.Contains(string(exported.Export()), `"userData":"`) {
			t.Error("user data was exported")
		}
		if !Same(d, d) || !Covers(d, d) {
			t.Errorf("%s is not as itself", data)
		}
		if off, err := d.Build(Overrides{Name: "web__1", Paused: true}); err == nil {
			if paused, err := ParseDocument(off); err != nil || paused.Automation().On.Any() {
				t.Errorf("%s is not off: %v", off, err)
			}
		}
		names := []string{"classic"}
		built, err := d.Build(Overrides{Name: "web__1", ImageIDs: []string{"ami-9"}, LoadBalancers: &names, Tags: map[string]string{"elastigroup:deployment": "web"}})
		if err != nil {
			return
		}
		again, err := ParseDocument(built)
		if err != nil || again.Name() != "web__1" || rollout.JoinImages(again.ImageIDs()) != "ami-9" {
			t.Errorf("what was built cannot be read: %v\n%s", err, built)
		}
		if o := (Overrides{Name: "x"}); again.Fingerprint(o, nil) != again.Fingerprint(o, map[string]string{}) {
			t.Error("the fingerprint is not the same twice")
		}
	})
}
