package sandbox

import (
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
		{`{"imagse": []}`, `unknown field "imagse"`},
		{`{"images": [{"id": "ami-1", "behavior": {}}]}`, `unknown field "behavior"`},
		{`{"boot": {"runing": "5s"}}`, `unknown field "runing"`},
		{`{"boot": {"running": 5}}`, `5 is no duration`},
		{`{"boot": {"running": "5 s"}}`, `"5 s" is no duration`},
		{`{"boot": {"jitter": 2}}`, "boot.jitter is 2"},
		{`{"images": [{"name": "web"}]}`, `image "web" has no id`},
		{`{"images": [{"id": "ami-1"}, {"id": "ami-1"}]}`, "ami-1 is there twice"},
		{`{"images": [{"id": "ami-1", "behaviour": {"kind": "moody"}}]}`, `behaviour.kind is "moody"`},
		{`{"accounts": [{"id": "123"}]}`, `account "123"`},
		{`{"groups": [{"group": {"capacity": {}}}]}`, "group 1: it has no name"},
		{`{"groups": [{"name": "web", "capacity": {"minimum": 2, "target": 1, "maximum": 3}}]}`, "group 1: capacity.target (1)"},
		{`{"groups": ["web"]}`, "group 1: it is no Elastigroup document"},
		{`{} {}`, "something behind"},
		{`{"aws": {"target_groups": [{"nmae": "web"}]}}`, `unknown field "nmae"`},
		{``, "EOF"},
	} {
		if _, err := ReadConfig(strings.NewReader(test.file)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", test.file, err, test.want)
		}
	}
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
