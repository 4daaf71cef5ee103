package sandbox

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// cloudWatchPath is where CloudWatch's calls go: POST /service/GraniteServiceVersion20100801/operation/DescribeAlarms.
// https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
const cloudWatchPath = "/service/GraniteServiceVersion20100801/operation/"

// serveCloudWatch answers a call of CloudWatch.
func (w *awsHalf) serveCloudWatch(rw http.ResponseWriter, q awsRequest) {
	var do func(*tree) (map[string]any, *awsFault)
	switch q.action {
	case "DescribeAlarms":
		do = w.describeAlarms
	case "DescribeAlarmHistory":
		do = w.describeAlarmHistory
	case "SetAlarmState":
		do = w.setAlarmState
	case "GetMetricData":
		do = w.getMetricData
	default:
		w.awsError(rw, q.service, http.StatusNotFound, "UnknownOperationException", "The operation "+q.action+" is not served")
		return
	}
	output, fault := do(q.input)
	if fault != nil {
		w.refuseAWS(rw, q, fault)
		return
	}
	writeCBOR(rw, http.StatusOK, w.requestID(), output)
}

func writeCBOR(rw http.ResponseWriter, status int, requestID string, body map[string]any) {
	data, err := cborEncoder.Marshal(body)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", "application/cbor")
	rw.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
	rw.Header().Set("X-Amzn-RequestId", requestID)
	rw.WriteHeader(status)
	_, _ = rw.Write(data) // the client is gone if this fails
}

// cborEncoder writes times as the protocol has them, tag 1 and seconds, and maps always in the same order.
var cborEncoder = func() cbor.EncMode {
	mode, err := cbor.EncOptions{Sort: cbor.SortBytewiseLexical, Time: cbor.TimeUnixMicro, TimeTag: cbor.EncTagRequired}.EncMode()
	if err != nil {
		panic(err) // the options are constant
	}
	return mode
}()

// maxAlarms is how many names DescribeAlarms takes, and how many alarms or changes CloudWatch returns at once.
const maxAlarms = 100

func (w *awsHalf) describeAlarms(input *tree) (map[string]any, *awsFault) {
	names, prefix, state := input.texts("AlarmNames"), input.text("AlarmNamePrefix"), input.text("StateValue")
	if len(names) > maxAlarms {
		return nil, badAlarmCall("1 validation error detected: Value at 'alarmNames' failed to satisfy constraint: Member must have length less than or equal to 100")
	}
	if len(names) > 0 && prefix != "" {
		return nil, badAlarmCall("AlarmNamePrefix and AlarmNames cannot be specified at the same time")
	}
	kinds := input.texts("AlarmTypes")
	if len(kinds) == 0 {
		kinds = []string{"MetricAlarm"} // the API's own default, a trap for who asks for a composite one
	}
	var some []*alarm
	for _, a := range w.alarms {
		if slices.Contains(kinds, a.kind()) && (len(names) == 0 || slices.Contains(names, a.name)) &&
			strings.HasPrefix(a.name, prefix) && (state == "" || state == a.state) {
			some = append(some, a)
		}
	}
	part, next, fault := alarmPage(some, input)
	if fault != nil {
		return nil, fault
	}
	metric, composite := []any{}, []any{}
	for _, a := range part {
		if a.composite {
			composite = append(composite, a.shown())
		} else {
			metric = append(metric, a.shown())
		}
	}
	return withToken(map[string]any{"MetricAlarms": metric, "CompositeAlarms": composite}, next), nil
}

func (a *alarm) shown() map[string]any {
	m := map[string]any{
		"AlarmName":                          a.name,
		"AlarmArn":                           a.arn,
		"AlarmDescription":                   a.description,
		"AlarmConfigurationUpdatedTimestamp": a.created,
		"ActionsEnabled":                     true,
		"StateValue":                         a.state,
		"StateReason":                        a.reason,
		"StateUpdatedTimestamp":              a.updated,
		"StateTransitionedTimestamp":         a.transitioned,
	}
	if a.data != "" {
		m["StateReasonData"] = a.data
	}
	if a.composite {
		m["AlarmRule"] = a.rule
		return m
	}
	m["Namespace"], m["MetricName"], m["Statistic"] = "Sandbox", "Errors", "Sum"
	m["Period"], m["EvaluationPeriods"], m["Threshold"] = 60, 1, 1.0
	m["ComparisonOperator"] = "GreaterThanThreshold"
	return m
}

func (w *awsHalf) describeAlarmHistory(input *tree) (map[string]any, *awsFault) {
	name, itemType, kinds := input.text("AlarmName"), input.text("HistoryItemType"), input.texts("AlarmTypes")
	if len(kinds) == 0 {
		kinds = []string{"MetricAlarm"}
	}
	type entry struct {
		of *alarm
		alarmTransition
	}
	var all []entry
	for _, a := range slices.Concat(w.alarms, w.deleted) {
		if name != "" && a.name != name || !slices.Contains(kinds, a.kind()) || itemType != "" && itemType != "StateUpdate" {
			continue
		}
		for _, t := range a.history {
			if within(t.at, input) {
				all = append(all, entry{a, t})
			}
		}
	}
	newestFirst := input.text("ScanBy") != "TimestampAscending"
	slices.SortStableFunc(all, func(a, b entry) int {
		if newestFirst {
			return b.at.Compare(a.at)
		}
		return a.at.Compare(b.at)
	})
	part, next, fault := alarmPage(all, input)
	if fault != nil {
		return nil, fault
	}
	items := []any{}
	for _, e := range part {
		items = append(items, map[string]any{
			"AlarmName": e.of.name, "AlarmType": e.of.kind(), "Timestamp": e.at, "HistoryItemType": "StateUpdate",
			"HistorySummary": e.change, "HistoryData": e.historyData(),
		})
	}
	return withToken(map[string]any{"AlarmHistoryItems": items}, next), nil
}

// within tells whether a time is between the StartDate and EndDate of a call.
func within(at time.Time, input *tree) bool {
	start, err := time.Parse(time.RFC3339Nano, input.text("StartDate"))
	if err == nil && at.Before(start) {
		return false
	}
	end, err := time.Parse(time.RFC3339Nano, input.text("EndDate"))
	return err != nil || !at.After(end)
}

func (w *awsHalf) setAlarmState(input *tree) (map[string]any, *awsFault) {
	name, state := input.text("AlarmName"), input.text("StateValue")
	if !isAlarmState(state) {
		return nil, badAlarmCall("1 validation error detected: Value '" + state + "' at 'stateValue' failed to satisfy constraint: " +
			"Member must satisfy enum value set: [" + strings.Join(alarmStates, ", ") + "]")
	}
	if !w.setAlarm(name, state, input.text("StateReason")) {
		return nil, &awsFault{http.StatusNotFound, "ResourceNotFound", "Alarm " + name + " does not exist"}
	}
	w.changed()
	return map[string]any{}, nil
}

func badAlarmCall(message string) *awsFault {
	return &awsFault{http.StatusBadRequest, "ValidationError", message}
}

func alarmPage[T any](all []T, input *tree) ([]T, string, *awsFault) {
	size := input.number("MaxRecords", 50)
	if size < 1 || size > maxAlarms {
		return nil, "", badAlarmCall("1 validation error detected: Value at 'maxRecords' failed to satisfy constraint: Member must be between 1 and 100")
	}
	part, next, ok := page(all, size, input.text("NextToken"))
	if !ok {
		return nil, "", &awsFault{http.StatusBadRequest, "InvalidNextToken", "The next token is not valid"}
	}
	return part, next, nil
}

func withToken(output map[string]any, next string) map[string]any {
	if next != "" {
		output["NextToken"] = next
	}
	return output
}
