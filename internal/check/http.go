package check

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// HTTP is a check that sends a GET request and looks at the answer.
type HTTP struct {
	URL string
	// Status is the one that is expected; 0 is 200. A redirect is an answer like any other.
	Status int
	// Contains is a text that the answer has in it; "" asks for none.
	Contains string
	// JSON says what values the answer has at JSON Pointers (RFC 6901): a string as it is, everything else as it is written in JSON.
	JSON map[string]string
	// Headers are sent with the request; none of their values is ever said. Host is the host that is asked for,
	// and whose certificate TLS has to find, not the one that is connected to.
	Headers map[string]string
	// Timeout is how long the answer may take, its end included; 0 is DefaultTimeout.
	Timeout time.Duration
	// UserAgent introduces whoever asks. Transport replaces the network, for tests.
	UserAgent string
	Transport http.RoundTripper
}

// expected is one value of an answer.
type expected struct {
	at   Pointer
	text string
	want string
}

type httpCheck struct {
	HTTP
	client
	url    *url.URL
	values []expected
}

// NewHTTP is a check over HTTP. It is good if the answer is as expected, bad if it is any other, or if the request was sent and not answered in
// time, and not known if no connection was made. The error says what is wrong with what is written.
func NewHTTP(c HTTP) (runner.Checker, error) {
	at, err := ParseURL(c.URL)
	if err != nil {
		return nil, err
	}
	if c.Status == 0 {
		c.Status = http.StatusOK
	}
	check := &httpCheck{HTTP: c, url: at, client: newClient(c.Transport, c.UserAgent, c.Timeout, c.server(), nil)}
	for _, text := range slices.Sorted(maps.Keys(c.JSON)) {
		pointer, err := ParsePointer(text)
		if err != nil {
			return nil, err
		}
		check.values = append(check.values, expected{pointer, text, c.JSON[text]})
	}
	for name, value := range c.Headers {
		if !strings.EqualFold(name, "Host") {
			check.secrets = append(check.secrets, secretsIn(value)...)
		}
	}
	return check, nil
}

// server is the name that TLS asks for: the one that the request asks for, whatever address it is sent to. A load balancer chooses its certificate
// by it, and has none for the name that AWS gave it.
func (c HTTP) server() string {
	for name, value := range c.Headers {
		if strings.EqualFold(name, "Host") {
			return (&url.URL{Host: value}).Hostname()
		}
	}
	return ""
}

// Ask implements runner.Checker.
func (c *httpCheck) Ask(ctx context.Context, _ runner.Moment) runner.Answer {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url.String(), nil)
	if err != nil {
		return notKnown("%s cannot be asked", c.url.Host)
	}
	for name, value := range c.Headers {
		if strings.EqualFold(name, "Host") {
			request.Host = value
			continue
		}
		request.Header.Set(name, value)
	}
	r := c.ask(ctx, request)
	switch {
	case ctx.Err() != nil && (r.failed != nil || r.broken != nil):
		return notKnown("%s was not waited for", c.url.Host)
	case r.failed != nil && r.written:
		return bad("%s was asked and did not answer: %s", c.url.Host, c.why(r.failed))
	case r.failed != nil:
		return notKnown("%s could not be asked: %s%s", c.url.Host, c.why(r.failed), unusedProxy(c.url))
	}
	return c.judge(r)
}

// judge compares an answer with what is expected.
func (c *httpCheck) judge(r reply) runner.Answer {
	host := c.url.Host
	if r.status != c.Status {
		more := ""
		if r.status/100 == 3 {
			more = ", and redirects are not followed"
		}
		return bad("%s answered %d instead of %d%s", host, r.status, c.Status, more)
	}
	if r.broken != nil && !r.truncated {
		return bad("%s answered %d, and the end of its answer did not come: %s", host, r.status, c.why(r.broken))
	}
	good := runner.Answer{Verdict: runner.Good, Words: fmt.Sprintf("%s answered %d", host, r.status)}
	if c.Contains == "" && len(c.values) == 0 {
		return good
	}
	end := ""
	if r.truncated {
		end = fmt.Sprintf(", of which no more than %d KiB are read", longestAnswer>>10)
	}
	if c.Contains != "" && !bytes.Contains(r.body, []byte(c.Contains)) {
		return bad("%s answered %d without %q in it%s", host, r.status, c.quote(c.Contains, 80), end)
	}
	if len(c.values) == 0 {
		return good
	}
	document, err := readJSON(r.body)
	if err != nil {
		return bad("%s answered %d with what is no JSON%s", host, r.status, end)
	}
	for i, value := range c.values {
		found, ok := value.at.In(document)
		switch {
		case !ok:
			return bad("%s answered %d without %s in it", host, r.status, value.text)
		case textOf(found) != value.want:
			return bad("%s answered %d with %s %q instead of %q", host, r.status, value.text, c.quote(textOf(found), 80), c.quote(value.want, 80))
		}
		with := ","
		if i == 0 {
			with = " with"
		}
		good.Words += fmt.Sprintf("%s %s %q", with, value.text, c.quote(value.want, 80))
	}
	return good
}

// readJSON reads one JSON document with nothing behind it, its numbers as they are written.
func readJSON(body []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var document any
	if err := decoder.Decode(&document); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("there is more than one document")
	}
	return document, nil
}

// textOf is a value as it is compared: a string as it is, everything else as it is written in JSON.
func textOf(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(value) != nil {
		return ""
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// unusedProxy says, where a connection was not made, that a proxy which the environment names was not used.
func unusedProxy(at *url.URL) string {
	name := strings.ToUpper(at.Scheme) + "_PROXY"
	if os.Getenv(name) == "" && os.Getenv(strings.ToLower(name)) == "" {
		return ""
	}
	return "; http checks do not use the proxy of " + name
}

func notKnown(format string, values ...any) runner.Answer {
	return runner.Answer{Verdict: runner.NotKnown, Words: fmt.Sprintf(format, values...)}
}

func bad(format string, values ...any) runner.Answer {
	return runner.Answer{Verdict: runner.Bad, Words: fmt.Sprintf(format, values...)}
}
