package event

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// subsystem is the logger that events go to: its lines have none of the request's own fields.
const subsystem = "rollout"

// Log writes an event into the provider's log: the sentence as the message, and one field, "rollout", with the event's own fields in the
// order of the schema, as name=value. It is one field because Terraform shows several in an order that is different in each line.
// What a person follows a rollout by is written at INFO, what got in the way at WARN, and the rest at DEBUG.
func Log(ctx context.Context, e Event) {
	ctx = tflog.NewSubsystem(ctx, subsystem)
	fields := map[string]any{"rollout": Line(e)}
	switch Level(e.Fact) {
	case "WARN":
		tflog.SubsystemWarn(ctx, subsystem, e.Message(), fields)
	case "INFO":
		tflog.SubsystemInfo(ctx, subsystem, e.Message(), fields)
	default:
		tflog.SubsystemDebug(ctx, subsystem, e.Message(), fields)
	}
}

// Level is that at which an event is logged: "DEBUG", "INFO" or "WARN".
func Level(f Fact) string {
	switch f := f.(type) {
	case StepBegun:
		if f.Step.Step == "settle" || f.Step.Step == "await_drained" {
			return "INFO"
		}
		return "DEBUG" // its end is said, or how far it has got
	case StepDone:
		if f.Lasts > 0 || f.Count != nil || len(f.Checks) > 0 {
			return "DEBUG"
		}
		return "INFO"
	case Weights:
		return "DEBUG" // the step that changes them says so
	case StepFailed, Notice:
		return "WARN"
	case Check:
		if f.Verdict == "bad" || f.Verdict == "not_known" {
			return "WARN"
		}
	}
	return "INFO"
}

// Line is an event's fields as name=value, in the order of the schema. A capacity is minimum/target/maximum and a route its ARN; what
// else is a list or an object is left out, as the message has it, and so are the message and the time, which the line has already. Values
// with blanks, quotes and the like in them are quoted as in Go.
func Line(e Event) string {
	pairs := []string{"event=" + e.Kind()}
	text, err := e.MarshalJSON()
	if err != nil {
		return pairs[0]
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	_, _ = decoder.Token() // {
	for decoder.More() {
		name, _ := decoder.Token()
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			break
		}
		switch name {
		case "schema", "time", "event", "message":
			continue
		}
		if text := plain(value); text != "" {
			pairs = append(pairs, fmt.Sprintf("%s=%s", name, text))
		}
	}
	return strings.Join(pairs, " ")
}

// plain is a value as it stands in a line; "" is one that is left out.
func plain(value json.RawMessage) string {
	switch value[0] {
	case '[':
		return ""
	case '{':
		var object struct {
			Minimum, Target, Maximum *int
			ARN                      string
		}
		if json.Unmarshal(value, &object) != nil || object.Target == nil {
			return object.ARN
		}
		return fmt.Sprintf("%d/%d/%d", *object.Minimum, *object.Target, *object.Maximum)
	case '"':
		var s string
		_ = json.Unmarshal(value, &s) // a JSON string is one
		if s == "" || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == '"' || r == '=' || r > '~' }) {
			return fmt.Sprintf("%q", s)
		}
		return s
	}
	return string(value)
}
