package spot

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// The calls of the table below, and what a good answer to each is.
var (
	reading  = func(ctx context.Context, c *Client) error { _, err := c.Group(ctx, "sig-1"); return err }
	resizing = func(ctx context.Context, c *Client) error { return c.Resize(ctx, "sig-1", rollout.Pin(2)) }
	deleting = func(ctx context.Context, c *Client) error { return c.Delete(ctx, "sig-1") }
	creating = func(ctx context.Context, c *Client) error {
		_, err := c.Create(ctx, []byte(group("", "web__1", "")))
		return err
	}
	listing = func(ctx context.Context, c *Client) error { _, err := c.Groups(ctx); return err }
	looking = func(ctx context.Context, c *Client) error { _, err := c.JudgedInstances(ctx, "sig-1"); return err }
)

func TestWhatIsRepeated(t *testing.T) {
	const many = 5
	throttled := reply(429, `{"request":{"id":"r-4"},"response":{"status":{"code":429,"message":"Too Many Requests"},"data":"Rate limit exceeded"}}`, "X-RateLimit-Reset", "7")
	page := reply(502, "<html><head><title>502 Bad Gateway</title></head><body>x</body></html>")
	untrusted := &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}
	for name, test := range map[string]struct {
		do     func(context.Context, *Client) error
		fault  answers
		faulty int // how many faults come before the good answer
		tries  int
		is     error // nil: it succeeds
		ok     bool
	}{
		"read, 429":                        {do: reading, fault: throttled, faulty: 3, tries: 4, ok: true},
		"read, 429 for ever":               {do: reading, fault: throttled, faulty: 99, tries: many + 1},
		"read, 502 with a page":            {do: reading, fault: page, faulty: 3, tries: 4, ok: true},
		"read, 503 without a body":         {do: reading, fault: reply(503, ""), faulty: 3, tries: 4, ok: true},
		"read, 408":                        {do: reading, fault: reply(408, ""), faulty: 1, tries: 2, ok: true},
		"read, dropped":                    {do: reading, fault: fails(dropped), faulty: 3, tries: 4, ok: true},
		"read, answer broken off":          {do: reading, fault: breaksOff, faulty: 1, tries: 2, ok: true},
		"read, no answer":                  {do: reading, fault: hangs, faulty: 2, tries: 3, ok: true},
		"read, refused connection":         {do: reading, fault: fails(refusedDial), faulty: 2, tries: 3, ok: true},
		"read, untrusted":                  {do: reading, fault: fails(untrusted), faulty: 99, tries: 1},
		"read, 401":                        {do: reading, fault: reply(401, `{}`), faulty: 99, tries: 1},
		"read, general error":              {do: reading, fault: faultsOf(400, "GENERAL_ERROR", "Something went wrong"), faulty: many, tries: many + 1, ok: true},
		"read, another 400":                {do: reading, fault: reply(400, "Bad Request"), faulty: 2, tries: 3, ok: true},
		"read, another 400 for ever":       {do: reading, fault: reply(400, "Bad Request"), faulty: 99, tries: fewRetries + 1},
		"read, 404 of a proxy":             {do: reading, fault: reply(404, "no such route"), faulty: 2, tries: 3, ok: true},
		"read, 204":                        {do: reading, fault: reply(204, ""), faulty: 1, tries: 2, ok: true},
		"read, a page with 200":            {do: reading, fault: reply(200, "<html>"), faulty: 2, tries: 3, ok: true},
		"read, 200 for ever":               {do: reading, fault: reply(200, "<html>"), faulty: 99, tries: fewRetries + 1, is: runner.ErrUnusable},
		"read, nothing":                    {do: reading, fault: reply(200, ""), faulty: 2, tries: 3, ok: true},
		"read, no group":                   {do: reading, fault: items(), faulty: 2, tries: 3, ok: true},
		"read, another group":              {do: reading, fault: items(group("sig-2", "web__1", "")), faulty: 2, tries: 3, ok: true},
		"read, without end":                {do: reading, fault: endless, faulty: 2, tries: 3, ok: true},
		"look, items of another form":      {do: looking, fault: items(`null`), faulty: 2, tries: 4, ok: true},
		"list, fewer items than it says":   {do: listing, fault: reply(200, `{"response":{"items":[],"count":3}}`), faulty: 2, tries: 3, ok: true},
		"list, no items":                   {do: listing, fault: reply(200, `{"response":{"status":{"code":200}}}`), faulty: 2, tries: 3, ok: true},
		"list, another kind":               {do: listing, fault: reply(200, `{"response":{"kind":"spotinst:azure:vm","items":[]}}`), faulty: 2, tries: 3, ok: true},
		"list, an error within":            {do: listing, fault: reply(200, `{"response":{"status":{"code":500},"items":[]}}`), faulty: 2, tries: 3, ok: true},
		"list, general error":              {do: listing, fault: faultsOf(400, "GENERAL_ERROR", "Something went wrong"), faulty: many, tries: many + 1, ok: true},
		"resize, a page with 200":          {do: resizing, fault: reply(200, "<html>"), faulty: 2, tries: 3, ok: true},
		"read, gone":                       {do: reading, fault: faultsOf(400, "GROUP_DOESNT_EXIST", "gone"), faulty: 99, tries: 1, is: runner.ErrGone},
		"read, redirect":                   {do: reading, fault: reply(302, "", "Location", "http://elsewhere.test/"), faulty: 99, tries: 1},
		"read, AWS throttling":             {do: reading, fault: faultsOf(400, "RequestLimitExceeded", "Request limit exceeded."), faulty: 2, tries: 3, ok: true},
		"health, unknown error":            {do: looking, fault: faultsOf(400, "GENERAL_ERROR", "An unknown error occurred"), faulty: 2, tries: 4, ok: true},
		"resize, 500":                      {do: resizing, fault: reply(500, "oops"), faulty: 2, tries: 3, ok: true},
		"resize, dropped":                  {do: resizing, fault: fails(dropped), faulty: 2, tries: 3, ok: true},
		"resize, no answer":                {do: resizing, fault: hangs, faulty: 1, tries: 2, ok: true},
		"resize, unknown error":            {do: resizing, fault: faultsOf(400, "GENERAL_ERROR", "An unknown error occurred"), faulty: 99, tries: 1},
		"resize, invalid":                  {do: resizing, fault: faultsOf(400, "ValidationError", "no"), faulty: 99, tries: 1},
		"delete, gone after a lost answer": {do: deleting, fault: faultsOf(400, "GROUP_DOESNT_EXIST", "gone"), faulty: 99, tries: 1, ok: true},
		"create, 429":                      {do: creating, fault: throttled, faulty: 2, tries: 3, ok: true},
		"create, AWS throttling":           {do: creating, fault: faultsOf(400, "CANT_CREATE_GROUP", "Failed to create group", "Throttling", "Rate exceeded"), faulty: many, tries: many + 1, ok: true},
		"create, umbrella":                 {do: creating, fault: faultsOf(400, "CANT_CREATE_GROUP", "Failed to create group"), faulty: 99, tries: fewRetries + 1},
		"create, image":                    {do: creating, fault: faultsOf(400, "CANT_VALIDATE_IMAGE", "Can't validate AMI"), faulty: 2, tries: 3, ok: true},
		"create, wrong image":              {do: creating, fault: faultsOf(400, "CANT_VALIDATE_IMAGE", "Can't validate AMI"), faulty: 99, tries: fewRetries + 1},
		"create, image and invalid":        {do: creating, fault: faultsOf(400, "CANT_VALIDATE_IMAGE", "x", "ValidationError", "y"), faulty: 99, tries: 1},
		"create, new profile":              {do: creating, fault: faultsOf(400, "InvalidParameterValue", "Value (web) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name"), faulty: 1, tries: 2, ok: true},
		"create, refused connection":       {do: creating, fault: fails(refusedDial), faulty: 2, tries: 3, ok: true},
		"create, untrusted":                {do: creating, fault: fails(untrusted), faulty: 99, tries: 1},
		"create, 500":                      {do: creating, fault: reply(500, ""), faulty: 1, tries: 1, is: runner.ErrUnanswered},
		"create, 502 with a page":          {do: creating, fault: page, faulty: 1, tries: 1, is: runner.ErrUnanswered},
		"create, 408":                      {do: creating, fault: reply(408, ""), faulty: 1, tries: 1, is: runner.ErrUnanswered},
		"create, dropped":                  {do: creating, fault: fails(dropped), faulty: 1, tries: 1, is: runner.ErrUnanswered},
		"create, answer broken off":        {do: creating, fault: breaksOff, faulty: 1, tries: 1, is: runner.ErrUnanswered},
		"create, no answer":                {do: creating, fault: hangs, faulty: 1, tries: 1, is: runner.ErrUnanswered},
		"create, 200 without a group":      {do: creating, fault: items(), faulty: 1, tries: 1, is: runner.ErrUnanswered},
		"create, another group":            {do: creating, fault: items(group("sig-2", "api__1", "")), faulty: 1, tries: 1, is: runner.ErrUnusable},
		"create, an ID that is none":       {do: creating, fault: items(group("../../setup/account", "web__1", "")), faulty: 1, tries: 1, is: runner.ErrUnusable},
		"create, two groups":               {do: creating, fault: items(group("sig-2", "web__1", ""), group("sig-3", "web__1", "")), faulty: 1, tries: 1, is: runner.ErrUnusable},
		"create, 200 that is not JSON":     {do: creating, fault: reply(200, "<html>"), faulty: 1, tries: 1, is: runner.ErrUnanswered},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &api{answer: func(r *http.Request, n int) (*http.Response, error) {
					if n <= test.faulty {
						return test.fault(r)
					}
					return sound(r)
				}}
				err := test.do(background, newClient(t, a, many))
				if got := len(a.asked()); got != test.tries {
					t.Errorf("%d tries, not %d; it ended with %v", got, test.tries, err)
				}
				if (err == nil) != test.ok {
					t.Fatalf("it ended with %v", err)
				}
				if test.is != nil && !errors.Is(err, test.is) {
					t.Errorf("%v is not %v", err, test.is)
				}
				if made := test.is == runner.ErrUnanswered || strings.HasPrefix(name, "create") && test.is == runner.ErrUnusable; !made && errors.Is(err, runner.ErrUnanswered) {
					t.Errorf("%v: it cannot have taken effect", err)
				}
			})
		})
	}
}

// Who is behind a proxy that looks into connections is told how it is trusted.
func TestUntrustedAuthority(t *testing.T) {
	untrusted := &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}
	contains(t, reading(background, newClient(t, says(fails(untrusted)), 0)).Error(), "certificate signed by unknown authority", "SSL_CERT_FILE (AWS_CA_BUNDLE is for AWS alone)")
}

func TestWithoutRetriesThereIsOneTry(t *testing.T) {
	for _, retries := range []int{0, -1} {
		a := says(reply(503, ""))
		if err := reading(background, newClient(t, a, retries)); err == nil || len(a.asked()) != 1 {
			t.Errorf("%d retries: %d tries, %v", retries, len(a.asked()), err)
		}
	}
}

func TestEveryTryHasItsTime(t *testing.T) {
	for name, test := range map[string]struct {
		do    func(context.Context, *Client) error
		limit time.Duration
	}{
		"read": {reading, DefaultTimeout}, "write": {resizing, 2 * DefaultTimeout}, "create": {creating, 2 * DefaultTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				started := time.Now()
				err := test.do(background, newClient(t, says(hangs), 0))
				if took := time.Since(started); took != test.limit || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("after %s: %v", took, err)
				}
				contains(t, err.Error(), "no answer within")
			})
		})
	}
}

func TestWaitsEndWithTheContext(t *testing.T) {
	for name, fault := range map[string]answers{
		"backoff": reply(500, ""), "rate limit": reply(429, ""), "hanging": hangs,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(background, 40*time.Second)
				defer cancel()
				started := time.Now()
				err := reading(ctx, newClient(t, says(fault), 1000))
				if took := time.Since(started); took != 40*time.Second || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("after %s: %v", took, err)
				}
			})
		})
	}
}

func TestACreateThatIsInterrupted(t *testing.T) {
	for name, test := range map[string]struct {
		fault      answers
		unanswered bool
	}{
		"under way":           {hangs, true},
		"while it is blocked": {reply(429, ""), false},
		"between two tries":   {fails(refusedDial), false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(background, 30*time.Second)
				defer cancel()
				err := creating(ctx, newClient(t, says(test.fault), 1000))
				if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, runner.ErrUnanswered) != test.unanswered {
					t.Errorf("it ended with %v", err)
				}
			})
		})
	}
}

func TestBackoffGrowsAndIsBounded(t *testing.T) {
	a := answer{status: 503}
	var longest [12]time.Duration
	for try := 1; try < len(longest); try++ {
		for range 2000 {
			wait, again := a.again("GET", try, 100)
			if !again {
				t.Fatal("it gave up")
			}
			longest[try] = max(longest[try], wait)
		}
	}
	for try, want := range map[int]time.Duration{1: 2 * time.Second, 2: 4 * time.Second, 3: 8 * time.Second, 11: longestWait} {
		if got := longest[try]; got > want || got < want*8/10 {
			t.Errorf("the longest of 2000 waits after try %d is %s; up to %s was expected", try, got, want)
		}
	}
}
