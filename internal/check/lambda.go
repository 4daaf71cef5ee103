package check

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// Invoke has a function run with a JSON document. Failed is empty if it ended well, else Lambda's word for how it failed, and the answer is then Lambda's
// description of that; an error is that it could not be asked.
type Invoke func(ctx context.Context, function string, payload []byte) (answer []byte, failed string, err error)

// DefaultLambdaTimeout is how long a function is waited for where nothing else is written, LongestLambdaTimeout how long one can run.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const (
	DefaultLambdaTimeout = time.Minute
	LongestLambdaTimeout = 15 * time.Minute
)

// Lambda is a check that has a function run.
type Lambda struct {
	// Function is a name or an ARN, with or without a version or an alias.
	Function string
	// Payload is a JSON value of the user's; "" is none.
	Payload string
	// Timeout is how long the function is waited for; 0 is DefaultLambdaTimeout.
	Timeout time.Duration
	Invoke  Invoke
}

type lambdaCheck struct {
	Lambda
	payload json.RawMessage
}

// NewLambda is a check by a function. What the function returns is the answer: an object with status ("passed", "failed" or "pending") or, as the hooks of
// ECS have it, hookStatus ("SUCCEEDED", "FAILED" or "IN_PROGRESS"). It may also have message, a text that is quoted; callBackDelay, in how many
// seconds a pending one is asked again; and hookDetails or details, which goes with the next question. A function that fails is bad. One that cannot be asked,
// does not answer in time or answers anything else is not known.
//
// A function may be asked more than once for the same moment: a run that is killed and gone on with asks again.
func NewLambda(c Lambda) (runner.Checker, error) {
	if c.Timeout <= 0 {
		c.Timeout = DefaultLambdaTimeout
	}
	if c.Function == "" {
		return nil, errors.New("the name or ARN of a function is expected")
	}
	check := &lambdaCheck{Lambda: c}
	if c.Payload != "" {
		if !json.Valid([]byte(c.Payload)) {
			return nil, errors.New("the payload is no JSON; write it with jsonencode")
		}
		check.payload = json.RawMessage(c.Payload)
	}
	return check, nil
}

// question is what a function is sent. Members may be added; Schema changes if one is taken away or means something else.
type question struct {
	Schema           int             `json:"schema"`
	Deployment       string          `json:"deployment"`
	Revision         int             `json:"revision"`
	Phase            string          `json:"phase"`
	At               rollout.Point   `json:"at"`
	Attempt          int             `json:"attempt"`
	ImageID          string          `json:"image_id"`
	PreviousImageID  string          `json:"previous_image_id"`
	ProductionWeight int             `json:"production_weight"`
	TargetGroups     targetGroups    `json:"target_group_arns"`
	StageARN         string          `json:"stage_arn"`
	Payload          json.RawMessage `json:"payload,omitempty"`
	Details          json.RawMessage `json:"details,omitempty"`
	HookDetails      json.RawMessage `json:"hookDetails,omitempty"` // the same, by the name that functions for ECS know
}

type targetGroups struct {
	Live      []string `json:"live"`
	Candidate []string `json:"candidate"`
}

// schema is the version of question.
const schema = 1

// Ask implements runner.Checker.
func (c *lambdaCheck) Ask(ctx context.Context, m runner.Moment) runner.Answer {
	sent, err := json.Marshal(question{
		Schema: schema, Deployment: m.Deployment, Revision: m.Revision, Phase: m.Phase, At: m.At, Attempt: m.Attempt,
		ImageID: m.ImageID, PreviousImageID: m.PreviousImageID, ProductionWeight: m.ProductionWeight,
		TargetGroups: targetGroups{append([]string{}, m.Live...), append([]string{}, m.Candidate...)}, StageARN: m.StageARN,
		Payload: c.payload, Details: m.Details, HookDetails: m.Details,
	})
	if err != nil {
		return notKnown("function %s cannot be asked: %s", c.name(), err)
	}
	bounded, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	answer, failed, err := c.Invoke(bounded, c.Function, sent)
	switch {
	case err != nil && ctx.Err() != nil:
		return notKnown("function %s was not waited for", c.name())
	case err != nil && bounded.Err() != nil:
		return notKnown("function %s did not answer within %s; it may still run", c.name(), c.Timeout)
	case err != nil:
		return notKnown("function %s could not be asked: %s", c.name(), oneLine(err.Error(), 500))
	case failed != "":
		return bad("function %s failed: %s", c.name(), failure(failed, answer))
	}
	return c.judge(answer)
}

// statuses are what a function may answer.
var statuses = map[string]runner.Answered{
	"passed": runner.Good, "succeeded": runner.Good,
	"failed":  runner.Bad,
	"pending": runner.Pending, "in_progress": runner.Pending,
}

// judge reads what a function has returned.
func (c *lambdaCheck) judge(answer []byte) runner.Answer {
	var said struct {
		Status        *string         `json:"status"`
		HookStatus    *string         `json:"hookStatus"`
		Message       any             `json:"message"`
		CallBackDelay any             `json:"callBackDelay"`
		HookDetails   json.RawMessage `json:"hookDetails"`
		Details       json.RawMessage `json:"details"`
	}
	const contract = `; expected is {"status": "passed"}, "failed" or "pending"`
	if len(answer) > longestAnswer {
		return notKnown("function %s answered more than %d KiB%s", c.name(), longestAnswer>>10, contract)
	}
	if json.Unmarshal(answer, &said) != nil {
		return notKnown("function %s answered %s%s", c.name(), oneLine(string(answer), 120), contract)
	}
	verdicts := map[runner.Answered]bool{}
	word := ""
	for _, status := range []*string{said.Status, said.HookStatus} {
		if status == nil {
			continue
		}
		verdict, known := statuses[strings.ToLower(*status)]
		if !known {
			return notKnown("function %s answered the status %q%s", c.name(), oneLine(*status, 80), contract)
		}
		verdicts[verdict], word = true, *status
	}
	if len(verdicts) != 1 {
		return notKnown("function %s answered %s%s", c.name(), oneLine(string(answer), 120), contract)
	}
	a := runner.Answer{Verdict: statuses[strings.ToLower(word)], Words: fmt.Sprintf("function %s answered %s", c.name(), word)}
	if message, ok := said.Message.(string); ok && message != "" {
		a.Words += ": " + oneLine(message, 300)
	}
	a.Details = said.Details
	if len(said.HookDetails) > 0 {
		a.Details = said.HookDetails
	}
	if delay, ok := said.CallBackDelay.(float64); ok && a.Verdict == runner.Pending && delay > 0 {
		a.Again = time.Duration(math.Min(delay, time.Hour.Seconds()) * float64(time.Second))
	}
	return a
}

// failure is what Lambda says of a function that failed: a word and, usually, a document.
// https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
func failure(failed string, answer []byte) string {
	var said struct {
		Type    string `json:"errorType"`
		Message string `json:"errorMessage"`
	}
	if len(answer) > longestAnswer || json.Unmarshal(answer, &said) != nil || said.Type == "" && said.Message == "" {
		return oneLine(failed, 80)
	}
	return oneLine(strings.Trim(said.Type+": "+said.Message, ": "), 300)
}

// name is the function without what stands before its name in an ARN.
func (c *lambdaCheck) name() string {
	if _, name, found := strings.Cut(c.Function, ":function:"); found {
		return name
	}
	return c.Function
}

// oneLine is a text of somebody else's, in one line and cut off.
func oneLine(text string, most int) string { return client{}.quote(text, most) }
