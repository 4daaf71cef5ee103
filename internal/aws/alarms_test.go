package aws

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// alarmed answers DescribeAlarms like CloudWatch: what it knows of what is asked, by type, without a word on the rest.
func alarmed(f *fake, known map[string]map[string]any) {
	f.on("cloudwatch DescribeAlarms", func(c call) reply {
		found := map[string]any{"MetricAlarms": []any{}, "CompositeAlarms": []any{}}
		for _, kind := range c.body["AlarmTypes"].([]any) {
			list := kind.(string) + "s"
			for _, name := range c.body["AlarmNames"].([]any) {
				if alarm, ok := known[name.(string)]; ok && alarm["kind"] == kind {
					found[list] = append(found[list].([]any), alarm)
				}
			}
		}
		return cborOK(f.t, found)
	})
}

func TestAlarms(t *testing.T) {
	f := newFake(t)
	alarmed(f, map[string]map[string]any{
		"web-5xx": {"kind": "MetricAlarm", "AlarmName": "web-5xx", "StateValue": "ALARM", "StateReason": "Threshold Crossed:\n1 datapoint",
			"StateTransitionedTimestamp": stamp(noon), "StateUpdatedTimestamp": stamp(noon.Add(time.Minute)), "EvaluationState": "PARTIAL_DATA"},
		"web-any": {"kind": "CompositeAlarm", "AlarmName": "web-any", "StateValue": "OK", "StateReason": "fine", "StateUpdatedTimestamp": stamp(noon)},
	})
	c := f.client()
	got, err := c.Alarms(t.Context(), []string{"web-any", "web-5xx"})
	if err != nil {
		t.Fatal(err)
	}
	want := []runner.Alarm{
		{Name: "web-any", Kind: "composite", State: "OK", Reason: "fine", Since: noon, UpdatedAt: noon},
		{Name: "web-5xx", Kind: "metric", State: "ALARM", Reason: "Threshold Crossed: 1 datapoint", Since: noon,
			UpdatedAt: noon.Add(time.Minute), Evaluation: "PARTIAL_DATA"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got[0].Tripped() || !got[1].Tripped() {
		t.Error("which of them is tripped?")
	}

	_, err = c.Alarms(t.Context(), []string{"web-5xx", "web-4xx", "shop"})
	if !errors.Is(err, runner.ErrGone) || !strings.Contains(err.Error(), "no metric or composite alarm web-4xx, shop in") {
		t.Errorf("got %v", err)
	}
	calls := len(f.calls)
	for _, name := range []string{"", strings.Repeat("x", 256)} {
		if _, err := c.Alarms(t.Context(), []string{name}); err == nil || !strings.Contains(err.Error(), "1 to 255 characters") {
			t.Errorf("got %v", err)
		}
	}
	if none, err := c.Alarms(t.Context(), nil); none != nil || err != nil || len(f.calls) != calls {
		t.Errorf("got %v, %v, %d calls", none, err, len(f.calls)-calls)
	}
}

func TestAlarmsOfAllRolloutsTravelTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		f.on("cloudwatch DescribeAlarms", func(c call) reply {
			var found []any
			names := c.body["AlarmNames"].([]any)
			if len(names) > 100 {
				return cborRefused(t, 400, "ValidationError", "at most 100")
			}
			for _, name := range names {
				found = append(found, map[string]any{"AlarmName": name, "StateValue": "OK"})
			}
			r := cborOK(t, map[string]any{"MetricAlarms": found})
			r.after = 100 * time.Millisecond
			return r
		})
		c := f.client()
		done := make(chan bool)
		for i := range 150 {
			go func() {
				names := []string{"shared", fmt.Sprintf("web-%d", i)}
				got, err := c.Alarms(t.Context(), names)
				if err != nil || len(got) != 2 || got[1].Name != names[1] {
					t.Errorf("got %v, %v", got, err)
				}
				done <- true
			}()
		}
		for range 150 {
			<-done
		}
		// One for the first to come, and two of up to a hundred names for the 149 others and their shared one.
		if n := f.count("cloudwatch DescribeAlarms"); n != 3 {
			t.Errorf("%d calls for 150 rollouts", n)
		}
	})
}

func TestAlarmTripped(t *testing.T) {
	item := func(at time.Duration, from, to, reason string) map[string]any {
		data := fmt.Sprintf(`{"version":"1.0","oldState":{"stateValue":%q},"newState":{"stateValue":%q,"stateReason":%q}}`, from, to, reason)
		return map[string]any{"AlarmName": "web-5xx", "HistoryItemType": "StateUpdate", "Timestamp": stamp(noon.Add(at)),
			"HistoryData": data, "HistorySummary": "Alarm updated from " + from + " to " + to}
	}
	bare := item(time.Minute, "OK", "ALARM", "")
	delete(bare, "HistoryData")
	toInsufficient := item(time.Minute, "ALARM", "INSUFFICIENT_DATA", "gone quiet")
	tests := map[string]struct {
		history []any
		want    bool
		reason  string
	}{
		"nothing happened":      {nil, false, ""},
		"short alarm":           {[]any{item(time.Minute, "OK", "ALARM", "3 errors"), item(2*time.Minute, "ALARM", "OK", "0 errors")}, true, "at 2026-11-23T12:01:00Z: 3 errors"},
		"answered newest first": {[]any{item(9*time.Minute, "OK", "ALARM", "again"), item(time.Minute, "OK", "ALARM", "first")}, true, "at 2026-11-23T12:01:00Z: first"},
		"at that very time":     {[]any{item(0, "OK", "ALARM", "3 errors")}, true, "at 2026-11-23T12:00:00Z: 3 errors"},
		"before":                {[]any{item(-time.Millisecond, "OK", "ALARM", "3 errors"), item(time.Minute, "ALARM", "OK", "0 errors")}, false, ""},
		"away from alarm":       {[]any{toInsufficient}, false, ""},
		"by the summary":        {[]any{bare}, true, "at 2026-11-23T12:01:00Z: Alarm updated from OK to ALARM"},
		"something else":        {[]any{map[string]any{"Timestamp": stamp(noon), "HistorySummary": `Alarm "web-5xx" created`}}, false, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			// The last item comes on a page of its own.
			f.on("cloudwatch DescribeAlarmHistory", func(c call) reply {
				if len(tt.history) < 2 || c.body["NextToken"] == "more" {
					return cborOK(t, map[string]any{"AlarmHistoryItems": tt.history[max(0, len(tt.history)-1):]})
				}
				return cborOK(t, map[string]any{"AlarmHistoryItems": tt.history[:len(tt.history)-1], "NextToken": "more"})
			})
			tripped, reason, err := f.client().AlarmTripped(t.Context(), "web-5xx", noon)
			if err != nil || tripped != tt.want || reason != tt.reason {
				t.Errorf("got %t, %q, %v", tripped, reason, err)
			}
			body := f.calls[0].body
			start := body["StartDate"].(time.Time)
			if body["AlarmName"] != "web-5xx" || body["HistoryItemType"] != "StateUpdate" || len(body["AlarmTypes"].([]any)) != 2 || !start.Before(noon) {
				t.Errorf("asked %v", body)
			}
		})
	}
}

func TestAlarmTrippedIsAskedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		at := noon.Add(time.Minute)
		f.on("cloudwatch DescribeAlarmHistory", func(c call) reply {
			var items []any
			if !c.body["StartDate"].(time.Time).After(at) {
				items = append(items, map[string]any{"Timestamp": stamp(at), "HistorySummary": "Alarm updated from OK to ALARM"})
			}
			r := cborOK(t, map[string]any{"AlarmHistoryItems": items})
			r.after = time.Second
			return r
		})
		c := f.client()
		done := make(chan bool)
		for i := range 20 {
			go func() {
				since := noon.Add(time.Duration(i) * 10 * time.Second)
				tripped, _, err := c.AlarmTripped(t.Context(), "web-5xx", since)
				if err != nil || tripped != !since.After(at) {
					t.Errorf("since %s: %t, %v", since, tripped, err)
				}
				done <- true
			}()
		}
		for range 20 {
			<-done
		}
		if n := f.count("cloudwatch DescribeAlarmHistory"); n != 2 {
			t.Errorf("%d calls for 20 questions", n)
		}
	})
}
