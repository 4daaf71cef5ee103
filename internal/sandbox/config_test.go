package sandbox

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestWorldFile(t *testing.T) {
	c, err := ReadConfig(strings.NewReader(`{
		"region": "eu-west-1",
		"accounts": [{"id": "act-1", "tokens": ["t"]}],
		"images": [{"id": "ami-1", "name": "web-slow", "behaviour": {"later": "30s"}},
			{"id": "ami-2", "behaviour": {"kind": "never", "reason": "Request timed out"}}],
		"groups": [{"group": {"name": "web__1", "capacity": {"minimum": 1, "target": 1, "maximum": 1}}}],
		"markets": [{"type": "c5.large", "until": "10m"}],
		"autoscale": [{"group": "web__1", "after": "5m", "target": 1}],
		"boot": {"running": "5s", "jitter": 0.1},
		"aws": {"target_groups": [{"name": "web"}], "alarms": [{"name": "web-5xx", "state": "OK"}]}
	}`))
	if err != nil {
		t.Fatal(err)
	}
	if c.Images[0].Behaviour.Later != Duration(30*time.Second) || c.Markets[0].Until != Duration(10*time.Minute) {
		t.Errorf("%+v", c)
	}
	inWorld(t, c, func(t *testing.T, w *World) {
		if i, ok := w.image("ami-1"); !ok || i.Behaviour.Kind != Slow || i.Behaviour.Running != Duration(5*time.Second) ||
			i.Behaviour.Answering != Duration(40*time.Second) || i.Architecture != "x86_64" || i.State != "available" {
			t.Errorf("%+v", i)
		}
		if i, _ := w.image("ami-2"); i.Behaviour.Reason != "Request timed out" || i.Name != "ami-2" {
			t.Errorf("%+v", i)
		}
		if len(w.Groups()) != 1 || len(w.TargetGroups()) != 1 {
			t.Errorf("%d groups, %d target groups", len(w.Groups()), len(w.TargetGroups()))
		}
	})
}

func TestWorldFileMistakes(t *testing.T) {
	for _, test := range []struct{ file, want string }{
		{`{"imagse": []}`, `line 1, imagse: there is no such member; did you mean "images"?`},
		{`{"images": [{"id": "ami-1", "behavior": {}}]}`, `images[0].behavior: there is no such member; did you mean "behaviour"?`},
		{`{"boot": {"runing": "5s"}}`, `boot.runing: there is no such member; did you mean "running"?`},
		{`{"boot": {"running": 5}}`, `5 is no duration`},
		{`{"boot": {"running": "5 s"}}`, `"5 s" is no duration`},
		{`{"boot": {"jitter": 2}}`, "boot.jitter: 2 is above 1"},
		{`{"images": [{"name": "web"}]}`, `image "web" has no id`},
		{`{"images": [{"id": "ami-1"}, {"id": "ami-1"}]}`, `images[1].id: "ami-1" is there twice`},
		{`{"images": [{"id": "ami-1", "behaviour": {"kind": "moody"}}]}`, `images[0].behaviour.kind: "moody" is not one of healthy, slow`},
		{`{"accounts": [{"id": "123"}]}`, `account "123"`},
		{`{"groups": [{"group": {"capacity": {}}}]}`, "groups[0]: it has no name"},
		{`{"groups": [{"name": "web", "capacity": {"minimum": 2, "target": 1, "maximum": 3}}]}`, "groups[0]: capacity.target (1)"},
		{`{"groups": ["web"]}`, "groups[0]: it is no Elastigroup document"},
		{`{} {}`, "something behind"},
		{`{"aws": {"target_groups": [{"nmae": "web"}]}}`, `aws.target_groups[0].nmae: there is no such member; did you mean "name"?`},
		{`{"images": [{"id": "ami-1", "behaviour": {"kind": "slwo"}}]}`, `"slwo" is not one of healthy, slow, never, crash, dies, refused; did you mean "slow"?`},
		{`{"aws": {"targetGroups": []}}`, `aws.targetGroups: there is no such member; did you mean "target_groups"?`},
		{`{"target_groups": []}`, `target_groups: there is no such member; did you mean "aws.target_groups"?`},
		{`{"accounts": [{"secret": 1}]}`, `accounts[0].secret: there is no such member; there are id, tokens`},
		{`{"images": {"id": "ami-1"}}`, `images: {"id": "ami-1"} is an object; a list belongs here`},
		{`{"rate_limit": 1.5}`, `rate_limit: 1.5 is a number; a whole number belongs here`},
		{`{"rate_limit": "5"}`, `rate_limit: "5" is a string; a whole number belongs here`},
		{`{"repair_capacity": 1}`, `repair_capacity: 1 is a number; true or false belongs here`},
		{`{"aws": {"target_groups": [{"name": "web", "attributes": {"a.b": 30}}]}}`, `aws.target_groups[0].attributes["a.b"]: 30 is a number; a string belongs here: "30"`},
		{`{"region": "us-east-1", "region": "eu-west-1"}`, `region: "region" is there twice`},
		{`{"groups": [null]}`, "groups[0]: it is no Elastigroup document"},
		{`{"markets": [{"lifecycle": "spto"}]}`, `markets[0].lifecycle: "spto" is not one of spot, on-demand; did you mean "spot"?`},
		{`{"markets": [{"from": "5m", "until": "4m"}]}`, "markets[0].until: 4m0s is not after from, 5m0s"},
		{`{"autoscale": [{"target": 4}]}`, "autoscale[0]: it names no group"},
		{`{"groups": [{"name": "web__1", "capacity": {"minimum": 1, "target": 1, "maximum": 1}}], "rolls": [{"group": "wbe__1"}]}`, `rolls[0].group: there is no group "wbe__1"; did you mean "web__1"?`},
		{`{"boot": {"retry": "-1s"}}`, "boot.retry: -1s is below 0"},
		{`{"aws": {"target_groups": [{"name": "blue"}], "load_balancers": [{"name": "web", "listeners": [{"target_group": "bleu"}]}]}}`,
			`aws.load_balancers[0].listeners[0].target_group: there is no target group "bleu"; did you mean "blue"?`},
		{`{"images": [{"id": "ami-1", "behaviour": {"error_ratio": 3}}]}`, "images[0].behaviour.error_ratio: 3 is above 1"},
		{`{"images": [{"id": "ami-1", "behaviour": {"error_ratio": 0.6, "crash_ratio": 0.6}}]}`, "images[0].behaviour.crash_ratio: 0.6 is more than error_ratio leaves of 1"},
		{`{"images": [{"id": "ami-1", "behaviour": {"error_rate": 0.1}}]}`, `images[0].behaviour.error_rate: there is no such member; did you mean "error_ratio"?`},
		{`{"aws": {"target_groups": [{"name": "a"}], "load_balancers": [{"name": "l", "type": "network", "listeners": [{"target_group": "a", "requests_per_minute": 5}]}]}}`,
			"aws.load_balancers[0].listeners[0].requests_per_minute: a network load balancer counts no requests"},
		{`{"aws": {"target_groups": [{"name": "a"}], "load_balancers": [{"name": "l", "listeners": [{"target_group": "a", "rules": [{"target_group": "a", "requests_per_minute": -5}]}]}]}}`,
			"aws.load_balancers[0].listeners[0].rules[0].requests_per_minute: -5 is below 0"},
		{`{"aws": {"metrics": {"status": "Partial"}}}`, `aws.metrics.status: "Partial" is not one of Complete, PartialData, InternalError, Forbidden`},
		{`{"aws": {"functions": [{"nmae": "smoke"}]}}`, `aws.functions[0].nmae: there is no such member; did you mean "name"?`},
		{`{"aws": {"functions": [{"name": "smoke", "answer": {}, "error": "no"}]}}`, "aws.functions[0].error: it has an answer, too"},
		{`{"aws": {"functions": [{"name": "smoke"}, {"name": "smoke"}]}}`, `aws.functions[1].name: "smoke" is there twice`},
		{`{"prometheus": {"queries": [{"query": "up", "value": "many"}]}}`, `prometheus.queries[0].value: "many" is no value; write a number, "NaN", "+Inf" or "-Inf"`},
		{`{"prometheus": {"queries": [{"query": "up", "error": "baddata"}]}}`, `prometheus.queries[0].error: "baddata" is not one of bad_data,`},
		{`{"prometheus": {"queries": [{"query": "up", "empty": true, "value": 1}]}}`, "prometheus.queries[0].empty: an empty result has no value and no series"},
		{`[]`, "[] is a list; an object belongs here"},
		{`{"images": [],}`, `line 1, column 15: there is a comma before '}'`},
		{`{"images": [] "groups": []}`, `a comma or a colon is missing before '"'`},
		{"{\n// mine\n}", "line 2, column 1: JSON has no comments"},
		{`{'images': []}`, "strings stand in double quotes"},
		{"{\"images\": [\n{\"id\": \"ami-1\"}\n", "line 3, column 1: the text ends, and the '[' of line 1 is not closed"},
		{`{"images": "am`, "the text ends within a value"},
		{"{\"images\": \"am\n\"}", "does not belong in a string"},
		{`{"images": nil}`, "'i' does not belong here"},
		{``, "it is empty"},
	} {
		if _, err := ReadConfig(strings.NewReader(test.file)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", test.file, err, test.want)
		}
	}
}

// TestWorldFileMistakesAllAtOnce has a file with many mistakes, each of which is reported, in order, and nothing that only follows from one.
func TestWorldFileMistakesAllAtOnce(t *testing.T) {
	_, err := ReadConfig(strings.NewReader(`{
  "images": [
    {"id": "ami-1", "behavior": {"kind": "slow"}},
    {"nid": "ami-2"},
    {"id": "ami-1"}
  ],
  "boot": {"running": 5, "jitter": 2},
  "aws": {
    "target_groups": [{"nmae": "web"}],
    "load_balancers": [{
      "name": "web", "listeners": [
        {"port": 80, "target_group": "web"},
        {"port": "443", "rules": [{"priority": 1}]}
      ]
    }],
    "alarms": [{"name": "web-5xx", "state": "Alarm"}]
  }
}`))
	want := `reading the world file: 9 mistakes:
  line 3, images[0].behavior: there is no such member; did you mean "behaviour"?
  line 4, images[1].nid: there is no such member; did you mean "id"?
  line 5, images[2].id: "ami-1" is there twice
  line 7, boot.running: 5 is no duration; write it as a string such as "90s" or "5m"
  line 7, boot.jitter: 2 is above 1
  line 9, aws.target_groups[0].nmae: there is no such member; did you mean "name"?
  line 13, aws.load_balancers[0].listeners[1].port: "443" is a string; a whole number belongs here
  line 13, aws.load_balancers[0].listeners[1].rules[0]: it has no action, neither target_group nor actions
  line 16, aws.alarms[0].state: "Alarm" is not one of OK, ALARM, INSUFFICIENT_DATA; did you mean "ALARM"?`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// FuzzWorldFile holds that whatever a file says, nothing panics, and what is taken means what encoding/json reads in it.
func FuzzWorldFile(f *testing.F) {
	for _, file := range []string{`{}`, `null`, `{"images":[{"id":"ami-1","behaviour":{"later":"5s"}}]}`, `{"rolls":[{"group":"web","progress":5}],"groups":[{"name": "web", "capacity": {"minimum": 1, "target": 1, "maximum": 1}}]}`,
		`{"aws":{"target_groups":[{"name":"a","attributes":{"x.y":"1"}}],"load_balancers":[{"name":"l","listeners":[{"target_group":"a","rules":[{"target_group":"a","conditions":[{"Field":1}]}]}]}]}}`,
		`{"prometheus":{"queries":[{"query":"up","value":1e3},{"value":"NaN"}]},"aws":{"functions":[{"name":"f","answer":{"a":[1, 2]}}],"metrics":{"delay":"5m"}}}`,
		`{"images"`, `[}`, `{"a":"\u00"}`, "\xef\xbb\xbf{}", `{"groups":[{"group":{"a.b":[1,{"\"]":2}]}}]}`} {
		f.Add([]byte(file))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		got, err := ReadConfig(bytes.NewReader(file))
		if err != nil {
			return
		}
		var want Config
		if err := json.Unmarshal(bytes.TrimPrefix(file, []byte("\ufeff")), &want); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is read as\n%+v\nand by encoding/json as\n%+v, %v", file, got, want, err)
		}
	})
}

func TestNewRefusesWhatCheckRefuses(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a world of an image without an ID was made")
		}
	}()
	New(Config{Images: []Image{{Name: "web"}}})
}

func TestDurationReadsWhatItWrites(t *testing.T) {
	for _, d := range []Duration{0, Duration(time.Millisecond), Duration(90 * time.Second), Duration(-2 * time.Hour)} {
		raw, err := d.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		var back Duration
		if err := back.UnmarshalJSON(raw); err != nil || back != d {
			t.Errorf("%v became %s and then %v, %v", d, raw, back, err)
		}
	}
}
