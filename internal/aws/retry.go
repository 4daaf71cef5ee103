package aws

import (
	"errors"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
)

// retryer is the one policy for every call, the changing ones included: each change that is made here sets something to a
// value, so that doing it twice is the same as doing it once.
//
// It is the SDK's standard mode with three differences. The SDK's retry quota (500 tokens a client, 5 a retry) is off:
// a hundred rollouts that are throttled together would use it up and then fail at once, whatever max_retries says.
// DependencyThrottle, which classic balancers answer, is missing from the SDK's list of throttling errors. And an answer
// that breaks off half way, or that cannot be read, is asked for again. (IDPCommunicationError is the SDK's own rule for its STS clients, which is
// lost when they get this policy.)
func (c Config) retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = c.attempts()
		o.MaxBackoff = retry.DefaultMaxBackoff
		o.RateLimiter = ratelimit.None
		// The first check that has an opinion decides; a cancelled call must stay the first.
		o.Retryables = append([]retry.IsErrorRetryable{
			retry.NoRetryCanceledError{},
			retry.RetryableErrorCode{Codes: dependencyThrottle},
			retry.RetryableErrorCode{Codes: map[string]struct{}{"IDPCommunicationError": {}}},
			retry.RetryableHTTPStatusCode{Codes: map[int]struct{}{http.StatusTooManyRequests: {}}},
			// None of the services redirects: what stands before it does. One for good is a mistake in the endpoint.
			retry.RetryableHTTPStatusCode{Codes: map[int]struct{}{http.StatusFound: {}, http.StatusSeeOther: {}, http.StatusTemporaryRedirect: {}}},
			retry.IsErrorRetryableFunc(brokenOff),
			retry.IsErrorRetryableFunc(garbled),
		}, o.Retryables...)
		o.Throttles = append(o.Throttles, retry.ThrottleErrorCode{Codes: dependencyThrottle})
	})
}

func (c Config) attempts() int {
	switch {
	case c.MaxRetries == 0:
		return DefaultMaxRetries + 1
	case c.MaxRetries < 0:
		return 1
	}
	return c.MaxRetries + 1
}

var dependencyThrottle = map[string]struct{}{"DependencyThrottle": {}}

// garbled is an answer that could not be read: the next one may.
func garbled(err error) aws.Ternary {
	var unread *smithy.DeserializationError
	if errors.As(err, &unread) {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}

func brokenOff(err error) aws.Ternary {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}
