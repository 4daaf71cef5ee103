package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"
)

// aboutGreen is what a function is told of a candidate behind web-green.
const aboutGreen = `{"deployment":"web","target_group_arns":{"live":["` + blueARN + `"],"candidate":["` + greenARN + `"]}}`

func TestFunctionsAreCalled(t *testing.T) {
	arn := "arn:aws:lambda:us-east-1:123456789012:function:smoke:live"
	for _, test := range []struct {
		name     string
		function FunctionConfig
		payload  string
		want     string // of each call, in order
		failed   bool
		takes    time.Duration
	}{
		{"as a smoke test", FunctionConfig{}, aboutGreen, `{"status":"passed"}`, false, 200 * time.Millisecond},
		{"a smoke test without a payload", FunctionConfig{}, ``, `{"reason":"the payload names no target group of the candidate","status":"failed"}`, false, 200 * time.Millisecond},
		{"with an answer", FunctionConfig{Answer: json.RawMessage(`{"hookStatus": "SUCCEEDED"}`), Takes: Duration(2 * time.Second)}, `{}`, `{"hookStatus": "SUCCEEDED"}`, false, 2 * time.Second},
		{"pending first", FunctionConfig{Pending: 2}, aboutGreen, `{"status":"pending"} {"status":"pending"} {"status":"passed"}`, false, 200 * time.Millisecond},
		{"that fails", FunctionConfig{Error: "no such table", ErrorType: "KeyError"}, `{}`, `{"errorMessage":"no such table","errorType":"KeyError"}`, true, 200 * time.Millisecond},
		{"that takes too long", FunctionConfig{Takes: Duration(time.Minute)}, `{}`,
			`{"errorMessage":"2000-01-01T00:00:00Z sandbox Task timed out after 3.00 seconds","errorType":"Sandbox.Timedout"}`, true, 3 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			config := busy(Behaviour{})
			test.function.Name = "smoke"
			config.AWS.Functions = []FunctionConfig{test.function}
			inAWS(t, config, func(t *testing.T, c clients) {
				for _, want := range strings.SplitAfter(test.want, "} ") {
					begun := time.Now()
					answer := must(c.lambda().Invoke(t.Context(), &lambda.InvokeInput{FunctionName: &arn, Payload: []byte(test.payload), LogType: lambdatypes.LogTypeTail}))(t)
					if string(answer.Payload) != strings.TrimSpace(want) || (answer.FunctionError != nil) != test.failed || answer.StatusCode != 200 ||
						*answer.ExecutedVersion != "$LATEST" || answer.LogResult == nil {
						t.Errorf("%s %v %d, want %s", answer.Payload, answer.FunctionError, answer.StatusCode, want)
					}
					if took := time.Since(begun); took != test.takes {
						t.Errorf("it took %v, want %v", took, test.takes)
					}
				}
				if calls := c.world.Calls(); calls[0].Service != "lambda" || calls[0].Action != "Invoke" || calls[0].Subject != arn || calls[0].Body != test.payload || calls[0].Changed {
					t.Errorf("the journal has %+v", calls[0])
				}
			})
		})
	}
}

func TestASmokeTestNoticesWhatFails(t *testing.T) {
	config := busy(Behaviour{ErrorRatio: 0.5})
	config.AWS.Functions = []FunctionConfig{{Name: "smoke"}}
	inAWS(t, config, func(t *testing.T, c clients) {
		answer := must(c.lambda().Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("smoke"), Payload: []byte(aboutGreen)}))(t)
		if text := string(answer.Payload); !strings.Contains(text, `"status":"failed"`) || !strings.Contains(text, "of 20 requests to web-green failed, the last with 500") || answer.FunctionError != nil {
			t.Errorf("%s", text)
		}
	})
}

func TestFunctionsThatCannotBeCalled(t *testing.T) {
	for _, test := range []struct {
		name, function, payload string
		status                  int
		code, message           string
	}{
		{"none", "smoke-2", `{}`, 404, "ResourceNotFoundException", "Function not found: arn:aws:lambda:us-east-1:123456789012:function:smoke-2"},
		{"denied", "secret", `{}`, 403, "AccessDeniedException", "is not authorized to perform: lambda:InvokeFunction"},
		{"throttled", "busy", `{}`, 429, "TooManyRequestsException", "Rate Exceeded"},
		{"no JSON", "smoke", `{`, 400, "InvalidRequestContentException", "Could not parse"},
	} {
		t.Run(test.name, func(t *testing.T) {
			config := twoTargetGroups()
			config.AWS.Functions = []FunctionConfig{{Name: "smoke"}, {Name: "secret", Denied: true}, {Name: "busy", Throttled: 1}}
			inAWS(t, config, func(t *testing.T, c clients) {
				call := func(kind lambdatypes.InvocationType) error {
					answer, err := c.lambda().Invoke(t.Context(), &lambda.InvokeInput{FunctionName: &test.function, Payload: []byte(test.payload), InvocationType: kind})
					if err == nil && kind == lambdatypes.InvocationTypeDryRun && (answer.StatusCode != 204 || len(answer.Payload) > 0) {
						t.Errorf("a dry run is answered %d %s", answer.StatusCode, answer.Payload)
					}
					return err
				}
				// A dry run finds out whether it may be called, and calls nothing: a function that is throttled stays so.
				if err := call(lambdatypes.InvocationTypeDryRun); (err != nil) != (test.name != "throttled") {
					t.Errorf("a dry run: %v", err)
				}
				wantRefusal(t, call(lambdatypes.InvocationTypeRequestResponse), test.status, test.code, test.message)
				if test.name == "throttled" {
					if err := call(lambdatypes.InvocationTypeRequestResponse); err != nil {
						t.Errorf("the second call: %v", err)
					}
				}
			})
		})
	}
}

// Faults tell calls from dry runs.
func TestFaultsOfLambda(t *testing.T) {
	config := twoTargetGroups()
	config.AWS.Functions = []FunctionConfig{{Name: "smoke", Answer: json.RawMessage(`{}`)}}
	inAWS(t, config, func(t *testing.T, c clients) {
		call := func(ctx context.Context, kind lambdatypes.InvocationType) error {
			_, err := c.lambda().Invoke(ctx, &lambda.InvokeInput{FunctionName: aws.String("smoke"), InvocationType: kind})
			return err
		}
		c.world.Fail(Fault{Service: "lambda", Action: "Invoke", Kind: Throttle})
		if err := call(t.Context(), lambdatypes.InvocationTypeDryRun); err != nil {
			t.Errorf("the dry run meets what calls meet: %v", err)
		}
		wantRefusal(t, call(t.Context(), ""), 429, "TooManyRequestsException", "Rate")
		c.world.ClearFaults()
		c.world.Fail(Fault{Service: "lambda", Kind: Error, Status: 502, Code: "EC2ThrottledException", Message: "EC2 throttled"})
		wantRefusal(t, call(t.Context(), ""), 502, "EC2ThrottledException", "EC2")
		c.world.ClearFaults()
		c.world.Fail(Fault{Service: "lambda", Kind: Hang})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := call(ctx, ""); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a call that hangs ends with %v", err)
		}
		bad := clientsOf(c.world, "AKIABADKEY")
		_, err := bad.lambda().Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("smoke")})
		var refusal smithy.APIError
		if !errors.As(err, &refusal) || refusal.ErrorCode() != "UnrecognizedClientException" {
			t.Errorf("keys that nobody knows: %v", err)
		}
	})
}

func (c clients) lambda() *lambda.Client { return lambda.NewFromConfig(c.config) }
