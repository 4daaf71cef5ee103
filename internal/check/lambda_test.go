package check

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

func TestLambda(t *testing.T) {
	const ends = `; expected is {"status": "passed"}, "failed" or "pending"`
	for name, test := range map[string]struct {
		answer, failed string
		err            error
		verdict        runner.Answered
		words          string
	}{
		"passed":                {`{"status": "passed"}`, "", nil, runner.Good, "function orders:live answered passed"},
		"failed":                {`{"status": "failed", "message": "order 17\nis missing"}`, "", nil, runner.Bad, "function orders:live answered failed: order 17 is missing"},
		"pending":               {`{"status": "pending"}`, "", nil, runner.Pending, "function orders:live answered pending"},
		"of ECS, passed":        {`{"hookStatus": "SUCCEEDED"}`, "", nil, runner.Good, "function orders:live answered SUCCEEDED"},
		"of ECS, failed":        {`{"hookStatus": "FAILED"}`, "", nil, runner.Bad, "function orders:live answered FAILED"},
		"of ECS, pending":       {`{"hookStatus": "IN_PROGRESS", "callBackDelay": 60, "hookDetails": {"id": 7}}`, "", nil, runner.Pending, "function orders:live answered IN_PROGRESS"},
		"both":                  {`{"hookStatus": "SUCCEEDED", "status": "passed"}`, "", nil, runner.Good, "function orders:live answered SUCCEEDED"},
		"at odds with itself":   {`{"hookStatus": "SUCCEEDED", "status": "failed"}`, "", nil, runner.NotKnown, `function orders:live answered {"hookStatus": "SUCCEEDED", "status": "failed"}` + ends},
		"another status":        {`{"status": "ok"}`, "", nil, runner.NotKnown, `function orders:live answered the status "ok"` + ends},
		"a number":              {`{"status": 200}`, "", nil, runner.NotKnown, `function orders:live answered {"status": 200}` + ends},
		"of an API":             {`{"statusCode": 200, "body": "{}"}`, "", nil, runner.NotKnown, `function orders:live answered {"statusCode": 200, "body": "{}"}` + ends},
		"null":                  {`null`, "", nil, runner.NotKnown, "function orders:live answered null" + ends},
		"nothing":               {``, "", nil, runner.NotKnown, "function orders:live answered " + ends},
		"a text":                {`"passed"`, "", nil, runner.NotKnown, `function orders:live answered "passed"` + ends},
		"too much":              {`{"status": "passed", "log": "` + strings.Repeat("x", longestAnswer) + `"}`, "", nil, runner.NotKnown, "function orders:live answered more than 64 KiB" + ends},
		"an exception":          {`{"errorMessage": "no route", "errorType": "OSError", "stackTrace": []}`, "Unhandled", nil, runner.Bad, "function orders:live failed: OSError: no route"},
		"out of its own time":   {`{"errorMessage": "2026-11-23T12:00:03Z 7f Task timed out after 3.00 seconds"}`, "Unhandled", nil, runner.Bad, "function orders:live failed: 2026-11-23T12:00:03Z 7f Task timed out after 3.00 seconds"},
		"fails without a word":  {``, "Unhandled", nil, runner.Bad, "function orders:live failed: Unhandled"},
		"fails, and has passed": {`{"status": "passed"}`, "Unhandled", nil, runner.Bad, "function orders:live failed: Unhandled"},
		"throttled":             {``, "", errors.New("invoking function orders: TooManyRequestsException: Rate Exceeded"), runner.NotKnown, "function orders:live could not be asked: invoking function orders: TooManyRequestsException: Rate Exceeded"},
	} {
		t.Run(name, func(t *testing.T) {
			check, err := NewLambda(Lambda{Function: "arn:aws:lambda:us-east-1:123456789012:function:orders:live", Invoke: func(context.Context, string, []byte) ([]byte, string, error) {
				return []byte(test.answer), test.failed, test.err
			}})
			if err != nil {
				t.Fatal(err)
			}
			got := check.Ask(t.Context(), runner.Moment{})
			says(t, got, test.verdict, test.words)
			if strings.Contains(test.answer, "callBackDelay") && (got.Again != time.Minute || string(got.Details) != `{"id": 7}`) {
				t.Errorf("again after %s with %s", got.Again, got.Details)
			}
		})
	}
}

// What a function is told, and what it said before.
func TestWhatALambdaIsTold(t *testing.T) {
	var told map[string]any
	check, err := NewLambda(Lambda{Function: "smoke", Payload: `{"path": "/orders"}`, Invoke: func(_ context.Context, function string, payload []byte) ([]byte, string, error) {
		if function != "smoke" {
			t.Errorf("%s is asked", function)
		}
		return []byte(`{"status": "passed"}`), "", json.Unmarshal(payload, &told)
	}})
	if err != nil {
		t.Fatal(err)
	}
	check.Ask(t.Context(), runner.Moment{Deployment: "web", Revision: 7, Phase: "10 %", At: rollout.InBake, Attempt: 3, ImageID: "ami-0b2", PreviousImageID: "ami-0a1", ProductionWeight: 10,
		Live: []string{"arn:blue"}, Candidate: []string{"arn:green"}, StageARN: "arn:stage", Details: json.RawMessage(`{"id": 7}`)})
	want := map[string]any{
		"schema": 1.0, "deployment": "web", "revision": 7.0, "phase": "10 %", "at": "bake", "attempt": 3.0, "image_id": "ami-0b2", "previous_image_id": "ami-0a1", "production_weight": 10.0,
		"target_group_arns": map[string]any{"live": []any{"arn:blue"}, "candidate": []any{"arn:green"}}, "stage_arn": "arn:stage",
		"payload": map[string]any{"path": "/orders"}, "details": map[string]any{"id": 7.0}, "hookDetails": map[string]any{"id": 7.0},
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
	check.Ask(t.Context(), runner.Moment{})
	if groups := told["target_group_arns"].(map[string]any); groups["live"] == nil || groups["candidate"] == nil {
		t.Errorf("without target groups: %v", told)
	}
}

func TestLambdaTakesItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(ctx context.Context, _ string, _ []byte) ([]byte, string, error) {
			select {
			case <-time.After(5 * time.Minute):
				return []byte(`{"status": "passed"}`), "", nil
			case <-ctx.Done():
				return nil, "", ctx.Err()
			}
		}
		for timeout, words := range map[time.Duration]string{
			0:               "function smoke did not answer within 1m0s; it may still run",
			6 * time.Minute: "function smoke answered passed",
			10 * time.Hour:  "function smoke answered passed",
		} {
			check, _ := NewLambda(Lambda{Function: "smoke", Timeout: timeout, Invoke: slow})
			if got := check.Ask(t.Context(), runner.Moment{}); got.Words != words || (got.Verdict == runner.Good) != (timeout > 0) {
				t.Errorf("%s: %+v", timeout, got)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		check, _ := NewLambda(Lambda{Function: "smoke", Invoke: slow})
		says(t, check.Ask(ctx, runner.Moment{}), runner.NotKnown, "function smoke was not waited for")
	})
}

func TestInvalidLambda(t *testing.T) {
	for _, c := range []Lambda{{}, {Function: "smoke", Payload: "{"}} {
		if _, err := NewLambda(c); err == nil {
			t.Errorf("%+v is a check", c)
		}
	}
}
