package aws

import (
	"context"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
)

// Invoke has a function run with a JSON document, waits for its end, and returns its answer. A function is its name or ARN, with or without a version
// or an alias. Failed is empty if it ended well, and otherwise what Lambda says of how it failed ("Unhandled"); the answer is then Lambda's
// description of the error, which is also so where the function ran out of its own time. An error is that it could not be asked, or that the context
// ended first, in which case it may still run.
//
// It is asked once: neither is a failed call repeated, nor does it end before the context does, since a function may take 15 minutes and is not to
// be run twice. The call needs lambda:InvokeFunction on the function, or on its alias or version if one is named.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
func (c *Client) Invoke(ctx context.Context, function string, payload []byte) (answer []byte, failed string, err error) {
	out, err := c.invoke(ctx, &lambda.InvokeInput{FunctionName: &function, InvocationType: types.InvocationTypeRequestResponse, Payload: payload},
		func(o *lambda.Options) { o.Retryer = aws.NopRetryer{} })
	if err != nil {
		return nil, "", err
	}
	// 202 and 204 are of invocations that nobody waits for.
	if out.StatusCode != http.StatusOK {
		return nil, "", unusable("invoking function "+function, fmt.Sprintf("status %d is that of another kind of invocation", out.StatusCode))
	}
	return out.Payload, rollout.QuoteUpTo(aws.ToString(out.FunctionError), 80), nil
}

// MayInvoke finds out whether a function exists and may be invoked, without having it run. The error wraps runner.ErrGone if there is none.
func (c *Client) MayInvoke(ctx context.Context, function string) error {
	bounded, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	_, err := c.invoke(bounded, &lambda.InvokeInput{FunctionName: &function, InvocationType: types.InvocationTypeDryRun})
	return err
}

func (c *Client) invoke(ctx context.Context, in *lambda.InvokeInput, options ...func(*lambda.Options)) (*lambda.InvokeOutput, error) {
	s, err := c.services(ctx)
	if err != nil {
		return nil, err
	}
	out, err := s.lambda.Invoke(ctx, in, options...)
	if err != nil {
		return nil, c.failed("invoking function "+aws.ToString(in.FunctionName), "lambda:InvokeFunction", err)
	}
	return out, nil
}

// lambdaClient is the HTTP client for Lambda: without a time-out of its own, and for answers that may be empty.
func (c Config) lambdaClient(found aws.HTTPClient) aws.HTTPClient {
	if c.Transport != nil {
		return wholeAnswers{&http.Client{
			Transport:     c.Transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}}
	}
	if it, ok := found.(*awshttp.BuildableClient); ok {
		return wholeAnswers{it}
	}
	return wholeAnswers{awshttp.NewBuildableClient()}
}

// wholeAnswers is an HTTP client whose answers have been read to their end within bounds, whatever they are: they are a function's, not AWS's.
type wholeAnswers struct{ aws.HTTPClient }

// Do implements aws.HTTPClient.
func (u wholeAnswers) Do(request *http.Request) (*http.Response, error) {
	response, _, err := readWhole(u.HTTPClient, request)
	return response, err
}
