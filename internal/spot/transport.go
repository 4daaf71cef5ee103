package spot

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
	"github.com/spotinst/spotinst-sdk-go/spotinst"
)

// triesHeader is set on an answer for the client above: how many tries it took, in words.
const triesHeader = "X-Elastigroup-Tries"

// longestAnswer is how many bytes of an answer are taken in, after they are unpacked. A group with its user data has some 30 kB, so
// that this is a list of two thousand of them.
const longestAnswer = 64 << 20

// errTooLong is an answer that goes on for longer.
var errTooLong = fmt.Errorf("the answer has more than %d MiB", longestAnswer>>20)

// transport gives each try of a call a time-out, repeats what is worth repeating, and waits while the rate limit blocks.
// The answers that it returns have been read to their end.
type transport struct {
	base       http.RoundTripper
	timeout    time.Duration
	maxRetries int
	limits     limits
}

func newTransport(c Config) *transport {
	t := &transport{base: c.Transport, timeout: c.Timeout, maxRetries: max(c.MaxRetries, 0)}
	if t.base == nil {
		pooled := spotinst.DefaultTransport()
		// All rollouts of a process speak to one host; the SDK's default keeps one idle connection for it, for ever.
		pooled.MaxIdleConnsPerHost, pooled.IdleConnTimeout = 16, 90*time.Second
		t.base = pooled
	}
	if t.timeout <= 0 {
		t.timeout = DefaultTimeout
	}
	return t
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := readAndClose(request.Body)
	if err != nil {
		return nil, fmt.Errorf("reading the request: %w", err)
	}
	ctx, route := request.Context(), routeOf(request)
	for try := 1; ; try++ {
		a, err := t.limited(request, route, body, try)
		if err != nil {
			return nil, err
		}
		wait, again := a.again(request.Method, try, t.maxRetries)
		if !again {
			return a.final(request, tries(try))
		}
		if err := impatient(ctx, wait); err != nil {
			return a.final(request, joined(tries(try), "; ", err.Error()))
		}
		if err := sleep(ctx, wait); err != nil {
			return nil, &waitError{while: fmt.Sprintf("waiting to repeat a call that failed (%s)", a.failure()), err: err}
		}
	}
}

// tries is how many there were, where it is more than one.
func tries(n int) string {
	if n == 1 {
		return ""
	}
	return fmt.Sprintf("%d tries", n)
}

// answer is what came of one try: a status with its body, or an error.
type answer struct {
	status int
	header http.Header
	body   []byte
	err    error
}

// limited makes one try when the route is not blocked. Its error is that of a context that ended before the try.
func (t *transport) limited(request *http.Request, route string, body []byte, try int) (answer, error) {
	ctx := request.Context()
	pass, err := t.limits.acquire(ctx, route)
	if err != nil {
		return answer{}, err
	}
	a := t.try(request, route, body, try)
	switch {
	case a.status == http.StatusTooManyRequests:
		t.limits.block(route, pass, resetOf(a.header))
	case ctx.Err() != nil:
		t.limits.handOn(pass)
	default:
		t.limits.through(route, pass)
	}
	return a, nil
}

// try sends the request once and reads the whole answer, all within the time-out of one try.
func (t *transport) try(request *http.Request, route string, body []byte, try int) answer {
	timeout := t.timeout
	if request.Method != http.MethodGet {
		timeout *= 2
	}
	ctx, cancel := context.WithTimeout(request.Context(), timeout)
	defer cancel()
	once := request.WithContext(ctx)
	if body != nil {
		once.Body, once.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		once.GetBody = nil // nobody below repeats it
	}
	started := time.Now()
	a := t.send(once)
	switch {
	case a.err == nil || ctx.Err() == nil:
	case request.Context().Err() == nil:
		a.err = fmt.Errorf("no answer within %s: %w", timeout, a.err)
	default:
		if out := impatient(request.Context(), 0); out != nil {
			a.err = fmt.Errorf("no answer: %w", out)
		}
	}
	fields := map[string]any{
		"method": request.Method, "path": request.URL.Path, "route": route, "attempt": try,
		"status": a.status, "duration_ms": time.Since(started).Milliseconds(),
	}
	if a.err != nil {
		fields["failure"] = a.failure()
	}
	tflog.Debug(request.Context(), "asked Spot", fields)
	return a
}

func (t *transport) send(request *http.Request) answer {
	response, err := t.base.RoundTrip(request) //nolint:bodyclose // read and closed where the answer is taken in
	if err != nil {
		return answer{err: err}
	}
	body, err := readAndClose(io.NopCloser(io.LimitReader(response.Body, longestAnswer+1)))
	response.Body.Close()
	switch {
	case err != nil:
		return answer{err: fmt.Errorf("the answer broke off: %w", err)}
	case len(body) > longestAnswer:
		return answer{err: errTooLong}
	}
	return answer{status: response.StatusCode, header: response.Header, body: body}
}

// final is the answer as the client above gets it.
func (a answer) final(request *http.Request, tries string) (*http.Response, error) {
	switch {
	case a.err != nil && tries != "":
		return nil, fmt.Errorf("%w (the last of %s)", a.err, tries)
	case a.err != nil:
		return nil, a.err
	}
	header := a.header
	if header == nil {
		header = http.Header{}
	}
	header.Set(triesHeader, tries)
	return &http.Response{
		Status: fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)), StatusCode: a.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(bytes.NewReader(a.body)), ContentLength: int64(len(a.body)),
		Request: request,
	}, nil
}

func readAndClose(body io.ReadCloser) ([]byte, error) {
	if body == nil {
		return nil, nil
	}
	defer body.Close()
	return io.ReadAll(body)
}

// routeOf names the method and the path without the IDs in it. It is not published whether Spot's limit counts the path with
// or without them (https://docs.spot.io/administration/api/); without is the one that is never too bold.
func routeOf(request *http.Request) string {
	return request.Method + " " + idInPath.ReplaceAllString(request.URL.Path, "/{id}")
}

var idInPath = regexp.MustCompile(`/(sig|sbgd|ssi|i)-[^/]*`)
