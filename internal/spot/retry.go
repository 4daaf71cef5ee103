package spot

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"regexp"
	"strings"
	"time"
)

const (
	// A wait before the n-th repetition is drawn evenly from 0 to firstWait·2^(n-1), at most longestWait: "full jitter",
	// which spreads many callers best (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
	firstWait   = 2 * time.Second
	longestWait = 30 * time.Second
	// fewRetries is how often to repeat what is probably the user's mistake and only perhaps a hiccup of AWS.
	fewRetries = 3
)

// again tells whether to make another try after this one, and when.
func (a answer) again(method string, try, maxRetries int) (time.Duration, bool) {
	allowed := 0
	switch a.class(method) {
	case passing:
		allowed = maxRetries
	case likelyLasting:
		allowed = min(maxRetries, fewRetries)
	}
	if try > allowed {
		return 0, false
	}
	if a.status == http.StatusTooManyRequests {
		return 0, true // the limit of the route holds the next try back
	}
	return backoff(try), true
}

func backoff(try int) time.Duration { return rand.N(min(firstWait<<min(try-1, 10), longestWait) + 1) }

// class is what a try's outcome means for another one.
type class int

const (
	lasting       class = iota // the same answer would come again, or asking again is not safe
	likelyLasting              // more likely lasting than not
	passing                    // throttled, or a failure of the moment
)

func (a answer) class(method string) class {
	// A create is not idempotent and names are not unique: asked twice, Spot makes two groups.
	repeatable := method != http.MethodPost
	switch {
	case a.err != nil:
		return classOfError(a.err, repeatable)
	case a.status == http.StatusTooManyRequests:
		return passing
	case a.status >= 500 || a.status == http.StatusRequestTimeout:
		if repeatable {
			return passing
		}
		return lasting
	case a.status == http.StatusBadRequest:
		return a.classOfRefusal(method)
	case method == http.MethodGet && !final[a.status] && a.status/100 != 3 && a.status != http.StatusOK:
		return likelyLasting
	}
	return lasting
}

// final are the answers to a read that would come again: the credentials are not taken, or the API has no such path.
var final = map[int]bool{http.StatusUnauthorized: true, http.StatusForbidden: true, http.StatusMethodNotAllowed: true}

func classOfError(err error, repeatable bool) class {
	switch {
	case errors.Is(err, context.Canceled), untrusted(err):
		return lasting
	case errors.Is(err, errTooLong) && repeatable:
		return likelyLasting
	case repeatable, neverSent(err):
		return passing
	}
	return lasting
}

// neverSent tells whether Spot cannot have seen the request, because no connection was made.
func neverSent(err error) bool {
	var op *net.OpError
	return untrusted(err) || errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect")
}

// untrusted tells whether the other end could not prove that it is who it should be.
func untrusted(err error) bool {
	var certificate *tls.CertificateVerificationError
	return errors.As(err, &certificate)
}

// awsThrottled is how AWS's throttling of the customer's account reads inside Spot's 400s.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html (RequestLimitExceeded), …/CommonErrors.html (Throttling…)
var awsThrottled = regexp.MustCompile(`(?i)RequestLimitExceeded|Request limit exceeded|Throttl|TooManyRequests|Rate exceeded`)

// classOfRefusal judges a 400, by which Spot says "you are wrong" as well as "AWS was busy".
func (a answer) classOfRefusal(method string) class {
	report := parseReport(a.body)
	if report.has(codeGone) || report.has("ValidationError") {
		return lasting
	}
	words := report.words()
	switch {
	case awsThrottled.MatchString(words):
		return passing
	case method == http.MethodGet && (report.has("GENERAL_ERROR") || strings.Contains(strings.ToLower(words), "unknown error")):
		// Reads answer "An unknown error occurred" now and then, instanceHealthiness most of all. There is nothing wrong with the
		// question, which worked a minute ago.
		return passing
	case report.all("CANT_CREATE_GROUP"):
		// An umbrella, most often over AWS's throttling: https://github.com/spotinst/terraform-provider-spotinst/pull/184
		return likelyLasting
	case report.has("CANT_VALIDATE_IMAGE"), strings.Contains(strings.ToLower(words), "invalid iam instance profile"):
		// A wrong image or profile, or AWS did not answer in time, or does not know a new one everywhere yet.
		return likelyLasting
	case method == http.MethodGet:
		// A read has little that could be wrong with it.
		return likelyLasting
	}
	return lasting
}

// failure is a word on why a try failed, for the log and for an interrupt.
func (a answer) failure() string {
	switch {
	case a.err == nil:
		return http.StatusText(a.status)
	case errors.Is(a.err, context.DeadlineExceeded):
		return "no answer in time"
	case neverSent(a.err):
		return "no connection"
	}
	return "the connection broke"
}

// waitError is a context that ended while no try was under way, so that the call had no effect.
type waitError struct {
	while string
	err   error
}

func (e *waitError) Error() string {
	var out *impatience
	if errors.As(e.err, &out) {
		return e.while + " was given up: " + e.err.Error()
	}
	return fmt.Sprintf("%v while %s", e.err, e.while)
}

func (e *waitError) Unwrap() error { return e.err }

// sleep waits, or returns the context's error as soon as it ends.
func sleep(ctx context.Context, d time.Duration) error { return await(ctx, d, nil) }
