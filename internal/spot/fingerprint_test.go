package spot

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/fresh"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

func init() { fresh.Properties() }

// cosmetic rewrites a value so that it means the same: nulls and empty objects come and go, and numbers are spelled
// another way. White space and the order of keys follow from how it is written again.
func cosmetic(t *rapid.T, value any) any {
	switch v := value.(type) {
	case map[string]any:
		object := map[string]any{}
		for key, inner := range v {
			if blank(inner) && rapid.Bool().Draw(t, "drop") {
				continue
			}
			object[key] = cosmetic(t, inner)
		}
		if rapid.Bool().Draw(t, "add") {
			object["zzNothing"] = rapid.SampledFrom([]any{nil, map[string]any{}, map[string]any{"deeper": nil}}).Draw(t, "nothing")
		}
		return object
	case []any:
		array := make([]any, len(v))
		for i, inner := range v {
			array[i] = cosmetic(t, inner)
		}
		return array
	case json.Number:
		s := v.String()
		if strings.ContainsAny(s, ".eE") {
			return v
		}
		return json.Number(rapid.SampledFrom([]string{s, s + ".0", s + "e0", s + ".000E+0"}).Draw(t, "spelling"))
	}
	return value
}

func TestTheFingerprintIgnoresWhatMeansNothing(t *testing.T) {
	create := fixture(t, "sdk-python-create.json")
	rapid.Check(t, func(t *rapid.T) {
		d, err := ParseDocument(create)
		if err != nil {
			t.Fatal(err)
		}
		extra := jsonValue(3).Draw(t, "extra")
		d.group["aKeyOfTomorrow"] = extra
		value := cosmetic(t, d.group).(map[string]any)
		o := Overrides{Name: "web__1", ImageIDs: []string{"ami-1"}}
		if a, b := d.Fingerprint(o, nil), (Document{group: value}).Fingerprint(o, nil); a != b {
			t.Fatalf("%s and %s of\n%s\n%s", a, b, encode(d.group), encode(value))
		}
		if !Same(d, Document{group: value}) || !Covers(Document{group: value}, d) {
			t.Fatalf("these are not taken as the same:\n%s\n%s", encode(d.group), encode(value))
		}
		// What differs between groups of one revision.
		capacity := object(value, "capacity")
		capacity["minimum"], capacity["target"], capacity["maximum"] = json.Number("0"), json.Number("7"), "9"
		value["id"], value["name"], value["createdAt"], value["updatedAt"] = "sig-9", "other", "x", "y"
		launch := object(object(value, "compute"), "launchSpecification")
		launch["tags"] = append([]any{map[string]any{"tagKey": "elastigroup:revision", "tagValue": "3"}}, list(launch["tags"])...)
		other := Overrides{Name: "web__9", ImageIDs: []string{"ami-1"}, Capacity: rollout.Pin(3), Tags: map[string]string{"elastigroup:deployment": "web"}}
		if d.Fingerprint(o, nil) != (Document{group: value}).Fingerprint(other, map[string]string{}) {
			t.Fatal("the fingerprint follows the group, not the revision")
		}
	})
}

func TestTheFingerprintFollowsEverythingElse(t *testing.T) {
	base := `{"capacity":{"minimum":1,"target":1,"maximum":1},"list":[1,2],"empty":[],"word":"120","number":120,"compute":{"launchSpecification":{"imageId":"ami-1","userData":"YQ==","tags":[{"tagKey":"a","tagValue":"b"}]}}}`
	o := Overrides{Name: "web__1"}
	was := parse(t, base).Fingerprint(o, nil)
	if len(was) != 16 || strings.Trim(was, "0123456789abcdef") != "" {
		t.Errorf("%q", was)
	}
	seen := map[string]string{was: "itself"}
	different := func(what, fingerprint string) {
		t.Helper()
		if other, there := seen[fingerprint]; there {
			t.Errorf("%s has the fingerprint of %s", what, other)
		}
		seen[fingerprint] = what
	}
	for _, change := range [][2]string{
		{`[1,2]`, `[2,1]`}, {`[1,2]`, `[1,2,null]`}, {`"empty":[],`, ``}, {`"120"`, `120`}, {`"120"`, `"120.0"`}, {`:120,`, `:121,`}, {`:120,`, `:1200,`}, {`:120,`, `:-120,`},
		{`"tagValue":"b"`, `"tagValue":"c"`}, {`YQ==`, `Yg==`}, {`ami-1`, `ami-2`}, {`"list"`, `"lost"`}, {`"maximum":1`, `"maximum":1,"unit":"weight"`}, {`"word"`, `"new":false,"word"`},
	} {
		text := strings.Replace(base, change[0], change[1], 1)
		if text == base {
			t.Fatal(change)
		}
		different(change[1], parse(t, text).Fingerprint(o, nil))
		if Same(parse(t, base), parse(t, text)) {
			t.Errorf("%s is taken as the same", change[1])
		}
	}
	d := parse(t, base)
	different("another image", d.Fingerprint(Overrides{ImageIDs: []string{"ami-3"}}, nil))
	different("other user data", d.Fingerprint(Overrides{UserDataBase64: some("Yw==")}, nil))
	different("no user data", d.Fingerprint(Overrides{UserDataBase64: some("")}, nil))
	different("target groups", d.Fingerprint(Overrides{TargetGroups: some([]string{arnA})}, nil))
	different("balancers", d.Fingerprint(Overrides{LoadBalancers: some([]string{"c"})}, nil))
	different("a trigger", d.Fingerprint(o, map[string]string{"a": "b"}))
	different("another trigger", d.Fingerprint(o, map[string]string{"a": "c"}))
	different("two triggers", d.Fingerprint(o, map[string]string{"a": "b", "c": ""}))
	// An override that says what the configuration says makes no new revision.
	for _, same := range []Overrides{
		{ImageIDs: []string{"ami-1"}}, {UserDataBase64: some("YQ==")}, {TargetGroups: some([]string{})}, {LoadBalancers: some([]string(nil))},
	} {
		if d.Fingerprint(same, nil) != was {
			t.Errorf("%+v makes a new revision", same)
		}
	}
}

// The fingerprint is written on groups: if it changed between releases of this program, every deployment would see a new revision.
func TestTheFingerprintIsForEver(t *testing.T) {
	d := parse(t, string(fixture(t, "sdk-python-create.json")))
	if got := d.Fingerprint(Overrides{Name: "web__1", ImageIDs: []string{"ami-1"}, TargetGroups: some([]string{arnA})}, map[string]string{"release": "1"}); got != "b7b408430cb6cfb7" {
		t.Errorf("%s", got)
	}
}

func TestPlainNumbers(t *testing.T) {
	for _, same := range [][]string{
		{"120", "120.0", "1.2e2", "1200e-1", "12E+1", "0.12e3"}, {"0", "-0", "0.0", "0e5", "-0.00E-9"}, {"-1.5", "-15e-1"}, {"12345678901234567890", "1234567890123456789e1"},
	} {
		for _, s := range same {
			if got := plainNumber(json.Number(s)); got != plainNumber(json.Number(same[0])) {
				t.Errorf("%s is %s", s, got)
			}
		}
	}
	number := rapid.StringMatching(`-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,8})?([eE][+-]?[0-9]{1,2})?`)
	rapid.Check(t, func(t *rapid.T) {
		a := number.Draw(t, "a")
		b := rapid.OneOf(number, rapid.Just(a+"0"), rapid.Just(a)).Draw(t, "b")
		if !json.Valid([]byte(b)) {
			t.Skip("not a number")
		}
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		if (x.Cmp(y) == 0) != (plainNumber(json.Number(a)) == plainNumber(json.Number(b))) {
			t.Fatalf("%s and %s", a, b)
		}
	})
	if plainNumber("1e99999999999999999999") == plainNumber("1e99999999999999999998") {
		t.Error("absurd exponents are taken as the same")
	}
}

func TestCovers(t *testing.T) {
	in := func(compute, launch string) string {
		return `{"capacity":{"minimum":1,"target":1,"maximum":1},"compute":{` + compute + `"launchSpecification":{` + launch + `}}}`
	}
	tg := `{"type":"TARGET_GROUP","arn":"` + arnA + `"}`
	tgNamed := `{"type":"TARGET_GROUP","arn":"` + arnA + `","name":"blue"}`
	balancers := func(entries ...string) string {
		return `"loadBalancersConfig":{"loadBalancers":[` + strings.Join(entries, ",") + `]}`
	}
	for name, test := range map[string]struct {
		live, wanted string
		covered      bool
	}{
		"more keys":                  {in(`"x":{"a":1,"b":2},`, `"more":1`), in(`"x":{"a":1},`, ``), true},
		"fewer keys":                 {in(`"x":{"a":1},`, ``), in(`"x":{"a":1,"b":2},`, ``), false},
		"another value":              {in(`"x":1,`, ``), in(`"x":2,`, ``), false},
		"another kind":               {in(`"x":[1],`, ``), in(`"x":{"a":1},`, ``), false},
		"null wanted, absent":        {in(``, ``), in(`"x":null,`, ``), true},
		"null wanted, set":           {in(`"x":1,`, ``), in(`"x":null,`, ``), false},
		"empty wanted":               {in(``, ``), in(`"x":{"y":{}},"z":[],`, ``), true},
		"empty list wanted, set":     {in(`"z":[1],`, ``), in(`"z":[],`, ``), false},
		"capacity moved":             {`{"capacity":{"minimum":0,"target":9,"maximum":9,"unit":"instance"}}`, `{"capacity":{"minimum":1,"target":1,"maximum":1}}`, true},
		"another unit":               {`{"capacity":{"unit":"instance"}}`, `{"capacity":{"unit":"weight"}}`, false},
		"string for number":          {in(`"size":"22","on":"true",`, ``), in(`"size":22.0,"on":true,`, ``), true},
		"another number":             {in(`"size":"22",`, ``), in(`"size":23,`, ``), false},
		"role by name":               {in(``, `"iamRole":{"arn":"arn:aws:iam::1:instance-profile/path/web"}`), in(``, `"iamRole":{"name":"web"}`), true},
		"another role by name":       {in(``, `"iamRole":{"arn":"arn:aws:iam::1:instance-profile/xweb"}`), in(``, `"iamRole":{"name":"web"}`), false},
		"another role by ARN":        {in(``, `"iamRole":{"arn":"arn:aws:iam::1:instance-profile/a/web"}`), in(``, `"iamRole":{"arn":"arn:aws:iam::1:instance-profile/b/web"}`), false},
		"no role":                    {in(``, ``), in(``, `"iamRole":{"name":"web"}`), false},
		"subnet in both":             {in(`"availabilityZones":[{"name":"a","subnetId":"s","subnetIds":["s"]}],`, ``), in(`"availabilityZones":[{"name":"a","subnetId":"s"}],`, ``), true},
		"subnet in the other":        {in(`"availabilityZones":[{"name":"a","subnetId":"s"}],`, ``), in(`"availabilityZones":[{"name":"a","subnetIds":["s"]}],`, ``), true},
		"another subnet":             {in(`"availabilityZones":[{"name":"a","subnetId":"s"}],`, ``), in(`"availabilityZones":[{"name":"a","subnetIds":["r"]}],`, ``), false},
		"zones in another order":     {in(`"availabilityZones":[{"name":"b"},{"name":"a"}],`, ``), in(`"availabilityZones":[{"name":"a"},{"name":"b"}],`, ``), true},
		"a zone more":                {in(`"availabilityZones":[{"name":"b"},{"name":"a"}],`, ``), in(`"availabilityZones":[{"name":"a"}],`, ``), false},
		"subnets answered in zones":  {in(`"availabilityZones":[{"name":"b","subnetIds":["r"]},{"name":"a","subnetId":"s"}],`, ``), in(`"subnetIds":["s","r"],`, ``), true},
		"other subnets in zones":     {in(`"availabilityZones":[{"name":"b","subnetIds":["r"]}],`, ``), in(`"subnetIds":["s","r"],`, ``), false},
		"target group with a name":   {in(``, balancers(tgNamed)), in(``, balancers(tg)), true},
		"target group without":       {in(``, balancers(tg)), in(``, balancers(tgNamed)), true},
		"another target group":       {in(``, balancers(strings.Replace(tg, "blue", "red", 1))), in(``, balancers(tg)), false},
		"balancers in another order": {in(``, balancers(`{"type":"CLASSIC","name":"c"}`, tg)), in(``, balancers(tg, `{"type":"CLASSIC","name":"c"}`)), true},
		"a balancer more":            {in(``, balancers(`{"type":"CLASSIC","name":"c"}`, tg)), in(``, balancers(tg)), false},
		"older balancer names":       {in(``, balancers(`{"type":"CLASSIC","name":"c"}`)), in(``, `"loadBalancerNames":["c"]`), true},
		"other balancer names":       {in(``, balancers(`{"type":"CLASSIC","name":"d"}`)), in(``, `"loadBalancerNames":["c"]`), false},
		"types in another order":     {in(`"instanceTypes":{"spot":["b","a"]},`, ``), in(`"instanceTypes":{"spot":["a","b"]},`, ``), false},
		"journal":                    {in(``, `"tags":[{"tagKey":"elastigroup:a","tagValue":"1"},{"tagKey":"t","tagValue":"1"}]`), in(``, `"tags":[{"tagKey":"t","tagValue":"1"}]`), true},
		"a tag more":                 {in(``, `"tags":[{"tagKey":"u","tagValue":"1"},{"tagKey":"t","tagValue":"1"}]`), in(``, `"tags":[{"tagKey":"t","tagValue":"1"}]`), false},
		"another tag":                {in(``, `"tags":[{"tagKey":"t","tagValue":"2"}]`), in(``, `"tags":[{"tagKey":"t","tagValue":"1"}]`), false},
		"product in a VPC":           {in(`"product":"Linux/UNIX (Amazon VPC)",`, ``), in(`"product":"Linux/UNIX",`, ``), true},
		"another product":            {in(`"product":"Windows",`, ``), in(`"product":"Linux/UNIX",`, ``), false},
		"other user data":            {in(``, `"userData":"YQ=="`), in(``, `"userData":"Yg=="`), false},
		"user data with line breaks": {in(``, `"userData":"YWFh\nYQ=="`), in(``, `"userData":"YWFhYQ=="`), true},
		"no user data":               {in(``, ``), in(``, `"userData":"YWFhYQ=="`), false},
		"what Spot alone sets":       {`{"id":"sig-1","name":"a","updatedAt":"1","capacity":{}}`, `{"id":"sig-2","name":"b","updatedAt":"2","createdAt":"x","capacity":{}}`, true},
	} {
		if got := Covers(parse(t, test.live), parse(t, test.wanted)); got != test.covered {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestWhatSpotAnswersCoversItsExport(t *testing.T) {
	for name, id := range map[string]string{"sdk-python-response.json": "sig-cf19b662", "imported-from-asg-response.json": "sig-74b2d2cd"} {
		document, err := newClient(t, says(reply(200, string(fixture(t, name)))), 0).Document(background, id)
		if err != nil {
			t.Fatal(err)
		}
		live := parse(t, string(document))
		wanted := parse(t, string(live.Export()))
		if !Covers(live, wanted) {
			t.Errorf("%s does not", name)
		}
		if strings.Contains(string(live.Export()), live.UserData()) {
			t.Errorf("%s exports user data", name)
		}
	}
}

// Of write-only user data the version alone tells releases apart: neither their value nor whether it is at hand changes the fingerprint, and
// the configuration's own user data do not show through.
func TestTheFingerprintOfWriteOnlyUserDataIsTheirVersion(t *testing.T) {
	create := fixture(t, "sdk-python-create.json")
	d, err := ParseDocument(create)
	if err != nil {
		t.Fatal(err)
	}
	of := func(version string, value *string) string {
		return d.Fingerprint(Overrides{Name: "web__1", UserDataVersion: version, UserDataBase64: value}, nil)
	}
	one, other := "b25l", "b3RoZXI="
	if of("7", nil) != of("7", &one) || of("7", &one) != of("7", &other) {
		t.Error("the value changes the fingerprint, which stands on the group for everybody to read")
	}
	if of("7", &one) == of("8", &one) || of("7", &one) == of("", &one) || of("7", &one) == of("", nil) {
		t.Error("another version is the same release")
	}
	without, err := d.Build(Overrides{Name: "web__1", UserDataVersion: "7"})
	if err != nil || strings.Contains(string(without), "userData") {
		t.Errorf("without the value the document has user data: %v\n%s", err, without)
	}
	with, err := d.Build(Overrides{Name: "web__1", UserDataVersion: "7", UserDataBase64: &one})
	if err != nil || !strings.Contains(string(with), `"userData":"b25l"`) || strings.Contains(string(with), "userDataVersion") {
		t.Errorf("the document is %s, %v", with, err)
	}
}
