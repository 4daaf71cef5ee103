package event_test

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/event"
)

const (
	listener = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/app/50dc6c495c0c9188/0467ef3c8400ae65"
	blue     = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/blue/0123456789abcdef"
)

var (
	four  = 4
	route = event.Route{ARN: listener, Name: "listener app/0467ef3c8400ae65", Weights: []event.Weight{{TargetGroup: blue, Name: "blue", Percent: 100}}}
	web1  = event.Group{Group: "web__1", GroupID: "sig-1", Revision: 1, Image: "ami-1", Role: "live", Size: event.Size{Minimum: 2, Target: 4, Maximum: 8}, Instances: 4, InService: 4}
	since = time.Date(2026, 11, 26, 18, 0, 0, 0, time.UTC)
)

// of is a step of a group.
func of(what string, change func(*event.Step)) event.Step {
	s := event.Step{Step: what, Part: "deploy", Phase: 1, PhaseName: "25 %", Group: "web__2", GroupID: "sig-2"}
	change(&s)
	return s
}

// The schema: what each event says, and its own fields in their order. A change here is one for everybody who reads events.
var schema = []struct {
	fact    event.Fact
	level   string
	message string
	json    string
	line    string
}{
	{
		event.Begun{Image: "ami-2", Groups: []event.Group{web1}, Routes: []event.Route{route}}, "info",
		"ami-2 is to serve; web__1 (ami-1) has 4 (minimum 2, maximum 8)",
		`"image_id":"ami-2","groups":[{"group":"web__1","group_id":"sig-1","revision":1,"image_id":"ami-1","role":"live","minimum":2,"target":4,"maximum":8,"instances":4,"in_service":4}],` +
			`"routes":[{"arn":"` + listener + `","name":"listener app/0467ef3c8400ae65","weights":[{"target_group_arn":"` + blue + `","target_group":"blue","percent":100}]}]`,
		"event=begun deployment=web run=5f0c image_id=ami-2",
	},
	{
		event.Begun{Image: "ami-2", Groups: []event.Group{}, Plan: []event.Step{of("create", func(s *event.Step) { s.GroupID = "" })}}, "info",
		"ami-2 is to serve; nothing runs",
		`"image_id":"ami-2","groups":[],"plan":[{"step":"create","part":"deploy","phase":1,"phase_name":"25 %","group":"web__2"}]`,
		"event=begun deployment=web run=5f0c image_id=ami-2",
	},
	{
		event.StepBegun{Step: of("await_healthy", func(s *event.Step) { s.Count = &four })}, "debug",
		"web__2 is to have 4 in service",
		`"step":"await_healthy","part":"deploy","phase":1,"phase_name":"25 %","group":"web__2","group_id":"sig-2","count":4`,
		`event=step_begun deployment=web run=5f0c step=await_healthy part=deploy phase=1 phase_name="25 %" group=web__2 group_id=sig-2 count=4`,
	},
	{
		event.StepDone{Step: of("resize", func(s *event.Step) { s.From, s.To = &event.Size{}, &event.Size{Minimum: 4, Target: 4, Maximum: 4} }), Took: 0.25}, "info",
		"web__2 0 -> 4",
		`"step":"resize","part":"deploy","phase":1,"phase_name":"25 %","group":"web__2","group_id":"sig-2","from":{"minimum":0,"target":0,"maximum":0},"to":{"minimum":4,"target":4,"maximum":4},"took":0.25`,
		`event=step_done deployment=web run=5f0c step=resize part=deploy phase=1 phase_name="25 %" group=web__2 group_id=sig-2 from=0/0/0 to=4/4/4 took=0.25`,
	},
	{
		event.StepDone{Step: event.Step{Step: "shift", Part: "deploy", Route: &route, Weights: []event.Weight{{blue, "blue", 90}, {"green-arn", "green", 10}}}}, "info",
		"listener app/0467ef3c8400ae65 blue -> blue 90 %, green 10 %",
		`"step":"shift","part":"deploy","route":{"arn":"` + listener + `","name":"listener app/0467ef3c8400ae65","weights":[{"target_group_arn":"` + blue + `","target_group":"blue","percent":100}]},` +
			`"weights":[{"target_group_arn":"` + blue + `","target_group":"blue","percent":90},{"target_group_arn":"green-arn","target_group":"green","percent":10}],"took":0`,
		"event=step_done deployment=web run=5f0c step=shift part=deploy route=" + listener + " took=0",
	},
	{
		event.StepFailed{Step: of("bake", func(s *event.Step) { s.Lasts = 900 }), Took: 12, Error: `alarm "web-5xx" is in ALARM`}, "warn",
		`gave up the bake of web__2 at 25 %: alarm "web-5xx" is in ALARM`,
		`"step":"bake","part":"deploy","phase":1,"phase_name":"25 %","group":"web__2","group_id":"sig-2","lasts":900,"took":12,"error":"alarm \"web-5xx\" is in ALARM"`,
		`event=step_done deployment=web run=5f0c step=bake part=deploy phase=1 phase_name="25 %" group=web__2 group_id=sig-2 lasts=900 took=12 error="alarm \"web-5xx\" is in ALARM"`,
	},
	{
		event.Health{Group: "web__2", GroupID: "sig-2", InService: 2, Needed: 4, Instances: 4, Reasons: []event.Reason{{"initial", 2}}}, "info",
		"web__2 2 of 4 in service: 2 initial",
		`"group":"web__2","group_id":"sig-2","in_service":2,"needed":4,"instances":4,"reasons":[{"reason":"initial","count":2}]`,
		"event=health deployment=web run=5f0c group=web__2 group_id=sig-2 in_service=2 needed=4 instances=4",
	},
	{
		event.Bake{Group: "web__2", GroupID: "sig-2", Phase: 1, PhaseName: "10 %", Left: 720, Of: 900}, "info",
		"web__2 bakes at 10 %, 12m left",
		`"group":"web__2","group_id":"sig-2","phase":1,"phase_name":"10 %","left":720,"of":900`,
		`event=bake deployment=web run=5f0c group=web__2 group_id=sig-2 phase=1 phase_name="10 %" left=720 of=900`,
	},
	{
		event.Alarms{Alarms: []event.Alarm{{"web-5xx", "OK", "fine", since}, {"web-slow", "ALARM", "9 s", since}}}, "info",
		"alarms: web-5xx OK, web-slow ALARM (9 s)",
		`"alarms":[{"name":"web-5xx","state":"OK","reason":"fine","since":"2026-11-26T18:00:00Z"},{"name":"web-slow","state":"ALARM","reason":"9 s","since":"2026-11-26T18:00:00Z"}]`,
		"event=alarms deployment=web run=5f0c",
	},
	{
		event.Check{Name: "errors", At: "bake", Phase: 1, PhaseName: "10 %", Verdict: "bad", Words: "0.02, not below 0.01", InARow: 1, Failures: 2}, "warn",
		"check errors bad (1 of 2 in a row): 0.02, not below 0.01",
		`"name":"errors","at":"bake","phase":1,"phase_name":"10 %","verdict":"bad","words":"0.02, not below 0.01","in_a_row":1,"failures":2`,
		`event=check deployment=web run=5f0c name=errors at=bake phase=1 phase_name="10 %" verdict=bad words="0.02, not below 0.01" in_a_row=1 failures=2`,
	},
	{
		event.Weights{Route: route}, "debug",
		"listener app/0467ef3c8400ae65 forwards to blue",
		`"arn":"` + listener + `","name":"listener app/0467ef3c8400ae65","weights":[{"target_group_arn":"` + blue + `","target_group":"blue","percent":100}]`,
		"event=weights deployment=web run=5f0c arn=" + listener + ` name="listener app/0467ef3c8400ae65"`,
	},
	{
		event.GoingBack{Why: "the release of ami-2 failed", Cause: "release"}, "info",
		"goes back: the release of ami-2 failed", `"why":"the release of ami-2 failed","cause":"release"`,
		`event=going_back deployment=web run=5f0c why="the release of ami-2 failed" cause=release`,
	},
	{
		event.Holding{Group: "web__2", GroupID: "sig-2", Phase: 1, PhaseName: "25 %"}, "info",
		"web__2 holds after 25 %", `"group":"web__2","group_id":"sig-2","phase":1,"phase_name":"25 %"`,
		`event=holding deployment=web run=5f0c group=web__2 group_id=sig-2 phase=1 phase_name="25 %"`,
	},
	{
		event.Notice{What: "look_failed", Text: "asked again", InARow: 2, Error: "503"}, "warn",
		"asked again: 503", `"what":"look_failed","text":"asked again","in_a_row":2,"error":"503"`,
		`event=notice deployment=web run=5f0c what=look_failed text="asked again" in_a_row=2 error=503`,
	},
	{
		event.Ended{Outcome: "rolled_back", Took: 200, Changes: 7, Error: "it failed", Groups: []event.Group{web1}}, "info",
		"rolled back after 3m20s",
		`"outcome":"rolled_back","took":200,"changes":7,"error":"it failed","groups":[{"group":"web__1","group_id":"sig-1","revision":1,"image_id":"ami-1","role":"live","minimum":2,"target":4,"maximum":8,"instances":4,"in_service":4}]`,
		`event=ended deployment=web run=5f0c outcome=rolled_back took=200 changes=7 error="it failed"`,
	},
}

func happened(f event.Fact) event.Event {
	return event.Event{Time: time.Date(2026, 11, 26, 19, 30, 1, 234567890, time.FixedZone("", 3600)), Deployment: "web", Run: "5f0c", Fact: f}
}

func TestTheSchema(t *testing.T) {
	for _, c := range schema {
		t.Run(c.message, func(t *testing.T) {
			e := happened(c.fact)
			message, _ := json.Marshal(c.message)
			message = bytes.ReplaceAll(message, []byte(`\u003e`), []byte(">"))
			want := `{"schema":1,"time":"2026-11-26T18:30:01.234Z","deployment":"web","run":"5f0c","event":"` + e.Kind() + `","message":` + string(message) + "," + c.json + "}"
			got, err := e.MarshalJSON()
			if err != nil || string(got) != want {
				t.Errorf("it is written as\n%s (%v), want\n%s", got, err, want)
			}
			if got := event.Line(e); got != c.line {
				t.Errorf("its line is\n%s, want\n%s", got, c.line)
			}
			back, err := event.Parse(got)
			if err != nil || !reflect.DeepEqual(back.Fact, c.fact) || back.Message() != c.message || back.Run != "5f0c" {
				t.Errorf("it is read as %+v (%v), want %+v", back.Fact, err, c.fact)
			}
		})
	}
}

// In the log a line is the sentence, with one field.
func TestLog(t *testing.T) {
	for _, c := range schema {
		var log bytes.Buffer
		event.Log(tflogtest.RootLogger(t.Context(), &log), happened(c.fact))
		lines, err := tflogtest.MultilineJSONDecode(&log)
		if err != nil || len(lines) != 1 {
			t.Fatalf("%s: %d lines are logged: %v", c.message, len(lines), err)
		}
		if l := lines[0]; l["@message"] != c.message || l["@level"] != c.level || l["rollout"] != c.line || len(l) != 4 || l["@module"] != "provider.rollout" {
			t.Errorf("it is logged as %v, want %s: %s", l, c.level, c.message)
		}
	}
}

// Who reads events goes on with those of a later version, and is told what is none.
func TestWhatIsNotKnownIsRead(t *testing.T) {
	line := `{"schema":2,"time":"2026-11-26T18:30:01Z","deployment":"web","run":"5f0c","event":"promoted","message":"web__2 is promoted","by":"someone"}`
	e, err := event.Parse([]byte(line))
	if err != nil || e.Fact != nil || e.Kind() != "promoted" || e.Message() != "web__2 is promoted" || e.Deployment != "web" {
		t.Errorf("it is read as %+v, %v", e, err)
	}
	for text, want := range map[string]string{
		"":                 "this is no event: ",
		`{"schema":1}`:     `it has no "event", or no "schema"`,
		`{"event":"bake"}`: `it has no "event", or no "schema"`,
		`{"schema":1,"event":"bake","left":"long"}`: `this is no event "bake": `,
	} {
		if _, err := event.Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is read with %v, want %s", text, err, want)
		}
	}
}

func TestSentences(t *testing.T) {
	zero := 0
	for want, f := range map[string]event.Fact{
		"all is to go; web__1 (ami-1) has 4 (minimum 2, maximum 8)":  event.Begun{Destroys: true, Groups: []event.Group{web1}},
		"ami-2 is to serve; nothing runs":                            event.Begun{Image: "ami-2"},
		"web__2 created at 0":                                        event.StepDone{Step: event.Step{Step: "create", Group: "web__2"}},
		"next: web__2 deleted, failed":                               event.StepBegun{Step: event.Step{Step: "delete", Group: "web__2", Why: "failed"}},
		"web__2 tagged, proven":                                      event.StepDone{Step: event.Step{Step: "record", Group: "web__2", Why: "proven"}},
		"schedules of web__2 switched off":                           event.StepDone{Step: event.Step{Step: "pause", Group: "web__2", Switched: "off", Movers: "schedules"}},
		"web__2 is to have none left":                                event.StepBegun{Step: event.Step{Step: "await_drained", Group: "web__2", Count: &zero}},
		"web__2 is to have no more than 4 left":                      event.StepBegun{Step: event.Step{Step: "await_drained", Group: "web__2", Count: &four}},
		"web__2 has 4 in service":                                    event.StepDone{Step: event.Step{Step: "await_healthy", Group: "web__2", Count: &four}},
		"gave up waiting for web__2: too late":                       event.StepFailed{Step: event.Step{Step: "await_healthy", Group: "web__2", Count: &four}, Error: "too late"},
		"web__2 0 -> 16 vCPUs":                                       event.StepDone{Step: event.Step{Step: "resize", Group: "web__2", From: &event.Size{}, To: &event.Size{Minimum: 16, Target: 16, Maximum: 16, Unit: "vCPUs"}}},
		"web__2 has 3 left, and is to have none":                     event.Health{Group: "web__2", Leaving: true, Instances: 3},
		"web__2 has 8 vCPUs left, and is to have 4":                  event.Health{Group: "web__2", Leaving: true, Instances: 8, Needed: 4, Unit: "vCPUs"},
		"traffic settles, 4m30s left":                                event.Bake{Settles: true, Left: 270, Of: 300},
		"web__2 8 of 16 vCPUs in service":                            event.Health{Group: "web__2", InService: 8, Needed: 16, Unit: "vCPUs"},
		"traffic settles for 1h30m":                                  event.StepBegun{Step: event.Step{Step: "settle", Lasts: 5400}},
		"web__2 bakes at 10 % for 1h":                                event.StepBegun{Step: event.Step{Step: "bake", Group: "web__2", PhaseName: "10 %", Lasts: 3600}},
		"web__2 is left as it is: no luck":                           event.Holding{Group: "web__2", Failure: "no luck"},
		"holds after 25 %, which took 1m2s":                          event.Ended{Outcome: "held", Took: 62, Holding: "25 %"},
		"holds after 50 %":                                           event.Ended{Outcome: "held", Took: 0.2, Holding: "50 %"},
		"holds on stage, which took 8s":                              event.Ended{Outcome: "held", Took: 8, Holding: "on stage"},
		"holds at 10 %, where something is not known, which took 8s": event.Ended{Outcome: "held", Took: 8, Holding: "10 %", NotKnown: "nobody answers"},
		"web__2 holds on stage, not known: nobody answers":           event.Holding{Group: "web__2", PhaseName: "on stage", NotKnown: "nobody answers"},
		"web__2 holds at 10 %, not known: nobody answers":            event.Holding{Group: "web__2", Phase: 1, PhaseName: "10 %", NotKnown: "nobody answers"},
		"web__2 holds on stage":                                      event.Holding{Group: "web__2", PhaseName: "on stage"},
	} {
		if got := f.String(); got != want {
			t.Errorf("it says %q, want %q", got, want)
		}
	}
}

// contract are the names of events that users are promised, and added those that were added since.
var (
	contract = []string{"begun", "step_begun", "step_done", "health", "bake", "alarms", "check", "weights", "going_back", "holding", "ended"}
	added    = []string{"notice"}
)

// Each type that is a fact is read again under its name, and has a line in the schema above.
func TestEveryFactHasItsRow(t *testing.T) {
	source, err := os.ReadFile("facts.go")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	for _, c := range schema {
		rows[reflect.TypeOf(c.fact).Name()] = true
	}
	facts := regexp.MustCompile(`(?m)^func \((?:\w+ )?(\w+)\) Kind\(\) string { return "(\w+)" }$`).FindAllStringSubmatch(string(source), -1)
	if len(facts) < 12 {
		t.Fatalf("%d facts were found", len(facts))
	}
	for _, fact := range facts {
		if !slices.Contains(event.Kinds(), fact[2]) {
			t.Errorf("%s is not in the table of event.go, so that nobody reads %q again", fact[1], fact[2])
		}
		if !rows[fact[1]] {
			t.Errorf("%s has no line in the schema of this test", fact[1])
		}
	}
}

// What is written has the names that users are promised.
func TestNamesAreTheOnesPromised(t *testing.T) {
	for _, c := range schema {
		if kind := c.fact.Kind(); !slices.Contains(contract, kind) && !slices.Contains(added, kind) {
			t.Errorf("%T is written as %q", c.fact, kind)
		}
	}
}
