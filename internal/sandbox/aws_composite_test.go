package sandbox

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

func TestAlarmRules(t *testing.T) {
	states := map[string]string{"a": "ALARM", "o": "OK", "i": "INSUFFICIENT_DATA", "with (odd) name": "ALARM"}
	state := func(name string) string { return states[name] }
	for rule, want := range map[string]bool{
		"TRUE": true, "FALSE": false, "false": false, "NOT FALSE": true, "NOT NOT TRUE": true,
		"ALARM(a)": true, "ALARM(o)": false, `ALARM("a")`: true, `ALARM( "a" )`: true, "ALARM( a )": true,
		"OK(o)": true, "OK(i)": false, "INSUFFICIENT_DATA(i)": true, "INSUFFICIENT_DATA(a)": false,
		"ALARM(none)": false, "OK(none)": false, "INSUFFICIENT_DATA(none)": false, "NOT ALARM(none)": true,
		`ALARM("with (odd) name")`:                true,
		"ALARM(o) OR ALARM(a)":                    true,
		"ALARM(o) AND ALARM(a)":                   false,
		"TRUE OR TRUE AND FALSE":                  true,
		"(TRUE OR TRUE) AND FALSE":                false,
		"NOT TRUE OR TRUE":                        true,
		"NOT (TRUE OR TRUE)":                      false,
		"NOT FALSE AND FALSE":                     false,
		"((ALARM(a)))AND(NOT(OK(a)))":             true,
		"ALARM(a)\n  AND NOT\tALARM(o)\nOR FALSE": true,
	} {
		parsed, err := parseRule(rule)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := parsed.holds(state); got != want {
			t.Errorf("%q is %v", rule, got)
		}
	}
	for _, rule := range []string{"", "a", "ALARM", "ALARM()", `ALARM("")`, "ALARM(a", `ALARM("a)`, `ALARM("a" b)`, "(TRUE", "TRUE)", "TRUE FALSE",
		"TRUE AND", "OR TRUE", "NOT", "TRUE XOR FALSE", "ALARM(a) OK(o)", strings.Repeat("(", 9), manyAlarms(101)} {
		if _, err := parseRule(rule); err == nil {
			t.Errorf("%q is taken", rule)
		}
	}
	if parsed, err := parseRule(manyAlarms(100)); err != nil || len(parsed.names) != 100 {
		t.Errorf("of 100 alarms %d are named: %v", len(parsed.names), err)
	}
	if (AlarmConfig{Name: "a", Type: "composite", Rule: "ALARM("}).check() == nil {
		t.Error("a world with a broken rule is taken")
	}
}

func manyAlarms(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("ALARM(a%d)", i)
	}
	return strings.Join(all, " OR ")
}

func compositeWorld() Config {
	return Config{AWS: AWSConfig{Alarms: []AlarmConfig{
		{Name: "page", Type: "composite", Rule: `ALARM("bad") AND NOT ALARM(deploying)`},
		{Name: "bad", Type: "composite", Rule: "ALARM(web-5xx) OR ALARM(web-latency)"},
		{Name: "quiet", Type: "composite", Rule: `OK("arn:aws:cloudwatch:us-east-1:123456789012:alarm:web-5xx")`},
		{Name: "web-5xx", State: "OK", Changes: []AlarmChange{{At: Duration(time.Hour), State: "ALARM", Reason: "nine errors"}}},
		{Name: "web-latency"},
		{Name: "deploying", State: "OK"},
		{Name: "chicken", Type: "composite", Rule: "ALARM(egg) OR ALARM(web-latency)"},
		{Name: "egg", Type: "composite", Rule: "ALARM(chicken) OR ALARM(web-latency)"},
	}}}
}

func TestCompositeAlarmsFollowTheirRules(t *testing.T) {
	inAWS(t, compositeWorld(), func(t *testing.T, c clients) {
		want := func(when, states string) {
			t.Helper()
			now := c.alarms(t, "page", "bad", "quiet")
			if got := strings.ReplaceAll(now["page"]+" "+now["bad"]+" "+now["quiet"], " composite", ""); got != states {
				t.Errorf("%s: page, bad and quiet are %s, want %s", when, got, states)
			}
		}
		want("at first", "OK OK ALARM")
		bad := c.composite(t, "bad")
		if reason := aws.ToString(bad.StateReason); reason != alarmARN("bad")+" was created and its alarm rule evaluates to OK" {
			t.Errorf("at first its reason is %q", reason)
		}

		c.sleep(time.Hour)
		want("with a member in alarm", "ALARM ALARM OK")
		began := time.Now()
		bad = c.composite(t, "bad")
		words := alarmARN("web-5xx") + " transitioned to ALARM at " + began.UTC().Format("Monday 02 January, 2006 15:04:05 UTC")
		data := fmt.Sprintf(`{"triggeringAlarms":[{"arn":%q,"state":{"timestamp":%q,"value":"ALARM"}}]}`, alarmARN("web-5xx"),
			began.UTC().Format("2006-01-02T15:04:05.000+0000"))
		if aws.ToString(bad.StateReason) != words || aws.ToString(bad.StateReasonData) != data ||
			!bad.StateUpdatedTimestamp.Equal(began) || !bad.StateTransitionedTimestamp.Equal(began) {
			t.Errorf("got %q, %s, %v, %v; want %q, %s, %v", *bad.StateReason, aws.ToString(bad.StateReasonData), bad.StateUpdatedTimestamp,
				bad.StateTransitionedTimestamp, words, data, began)
		}
		if page := c.composite(t, "page"); !strings.HasPrefix(*page.StateReason, alarmARN("bad")+" transitioned to ALARM at ") {
			t.Errorf("what follows it says %q", *page.StateReason)
		}

		// A second member makes no difference, and is no update.
		c.sleep(time.Minute)
		c.world.SetAlarm("web-latency", "ALARM", "slow")
		if bad = c.composite(t, "bad"); !bad.StateUpdatedTimestamp.Equal(began) || *bad.StateReason != words {
			t.Errorf("a second member in alarm makes it %q at %v", *bad.StateReason, bad.StateUpdatedTimestamp)
		}
		must(c.cloudwatch.SetAlarmState(t.Context(), &cloudwatch.SetAlarmStateInput{AlarmName: aws.String("deploying"),
			StateValue: cwtypes.StateValueAlarm, StateReason: aws.String("a release")}))(t)
		want("while deploying", "OK ALARM OK")
		c.world.SetAlarm("web-5xx", "OK", "none")
		want("with the other one in alarm", "OK ALARM ALARM")
		c.world.SetAlarm("web-latency", "INSUFFICIENT_DATA", "none")
		want("in the end", "OK OK ALARM")

		// What a person sets stays until a member changes.
		c.world.SetAlarm("bad", "ALARM", "a drill")
		c.world.SetAlarm("web-5xx", "OK", "still none")
		want("in a drill", "OK ALARM ALARM")
		c.world.SetAlarm("web-latency", "OK", "fast")
		want("after it", "OK OK ALARM")

		items := must(c.cloudwatch.DescribeAlarmHistory(t.Context(), &cloudwatch.DescribeAlarmHistoryInput{AlarmName: aws.String("bad"),
			AlarmTypes: []cwtypes.AlarmType{cwtypes.AlarmTypeCompositeAlarm}, ScanBy: cwtypes.ScanByTimestampAscending}))(t).AlarmHistoryItems
		if len(items) != 4 || *items[0].HistorySummary != "Alarm updated from OK to ALARM" || !items[0].Timestamp.Equal(began) ||
			items[0].AlarmType != cwtypes.AlarmTypeCompositeAlarm || !strings.Contains(*items[0].HistoryData, words) ||
			!strings.Contains(*items[0].HistoryData, `"stateReasonData":{"triggeringAlarms"`) {
			t.Errorf("its history is %+v", items)
		}
	})
}

// Composite alarms that follow each other are not evaluated.
func TestCompositeAlarmsInACycle(t *testing.T) {
	inAWS(t, compositeWorld(), func(t *testing.T, c clients) {
		c.world.SetAlarm("web-latency", "ALARM", "slow")
		if now := c.alarms(t, "chicken", "egg", "bad"); now["chicken"] != "OK composite" || now["egg"] != "OK composite" || now["bad"] != "ALARM composite" {
			t.Errorf("got %v", now)
		}
		if c.world.DeleteAlarm("egg") {
			t.Error("one of a cycle was deleted")
		}
	})
}

func TestDeleteAlarm(t *testing.T) {
	inAWS(t, compositeWorld(), func(t *testing.T, c clients) {
		c.sleep(2 * time.Hour)
		if c.world.DeleteAlarm("web-5xx") || c.world.DeleteAlarm("unknown") {
			t.Error("an alarm was deleted that a rule names, or that there is not")
		}
		for _, name := range []string{"page", "quiet", "bad", "web-5xx"} {
			if !c.world.DeleteAlarm(name) {
				t.Errorf("%s was not deleted", name)
			}
		}
		if now := c.alarms(t, "web-5xx", "deploying", "bad"); len(now) != 1 || now["deploying"] != "OK" {
			t.Errorf("there are %v", now)
		}
		if c.world.SetAlarm("web-5xx", "OK", "") {
			t.Error("a deleted alarm was set")
		}
		items := must(c.cloudwatch.DescribeAlarmHistory(t.Context(), &cloudwatch.DescribeAlarmHistoryInput{AlarmName: aws.String("web-5xx")}))(t).AlarmHistoryItems
		if len(items) != 1 {
			t.Errorf("its history is %+v", items)
		}
		if status, text := control(t, c.world, "DELETE", "alarms?name=web-latency", ""); status != 400 || !strings.Contains(text, "composite alarm(s) depending on it") {
			t.Errorf("%d %s", status, text)
		}
		if status, text := control(t, c.world, "DELETE", "alarms?name=deploying", ""); status != 204 || len(c.alarms(t, "deploying")) != 0 {
			t.Errorf("%d %s", status, text)
		}
	})
}

func alarmARN(name string) string { return "arn:aws:cloudwatch:us-east-1:123456789012:alarm:" + name }

// composite is a composite alarm as CloudWatch shows it.
func (c clients) composite(t *testing.T, name string) cwtypes.CompositeAlarm {
	t.Helper()
	all := must(c.cloudwatch.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{name},
		AlarmTypes: []cwtypes.AlarmType{cwtypes.AlarmTypeCompositeAlarm}}))(t).CompositeAlarms
	if len(all) != 1 {
		t.Fatalf("there are %d alarms %s", len(all), name)
	}
	return all[0]
}
