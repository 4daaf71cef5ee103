package spot

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// asked is a request as the pretend API saw it.
type asked struct {
	method, path, account, token, agent string
	query                               map[string][]string
	body                                string
	at                                  time.Time
}

// api is a pretend Spot in memory: answer decides, and every request is kept.
type api struct {
	answer func(r *http.Request, n int) (*http.Response, error) // n counts from 1

	mu       sync.Mutex
	requests []asked
}

func (a *api) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		r.Body.Close()
	}
	a.mu.Lock()
	a.requests = append(a.requests, asked{
		method: r.Method, path: r.URL.Path, query: r.URL.Query(), account: r.URL.Query().Get("accountId"),
		token: r.Header.Get("Authorization"), agent: r.Header.Get("User-Agent"), body: string(body), at: time.Now(),
	})
	n := len(a.requests)
	a.mu.Unlock()
	return a.answer(r, n)
}

func (a *api) asked() []asked {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]asked(nil), a.requests...)
}

// says makes an api that gives these answers, one a request, and the last one for ever.
func says(answers ...func(*http.Request) (*http.Response, error)) *api {
	return &api{answer: func(r *http.Request, n int) (*http.Response, error) {
		return answers[min(n, len(answers))-1](r)
	}}
}

type answers = func(*http.Request) (*http.Response, error)

// reply answers with a status, a body and pairs of header and value.
func reply(status int, body string, headers ...string) answers {
	return func(*http.Request) (*http.Response, error) {
		header := http.Header{}
		for i := 0; i+1 < len(headers); i += 2 {
			header.Set(headers[i], headers[i+1])
		}
		return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

func items(items ...string) answers {
	return reply(200, `{"request":{"id":"r-200"},"response":{"status":{"code":200,"message":"OK"},"items":[`+strings.Join(items, ",")+`]}}`)
}

// sound answers any question as it should be: about the group that was asked about, or of the name that was to be made.
func sound(r *http.Request) (*http.Response, error) {
	rest, about := strings.CutPrefix(r.URL.Path, groupsPath+"/")
	id, rest, _ := strings.Cut(rest, "/")
	switch {
	case rest == "status":
		return items(`{"instanceId":"i-1","status":"fulfilled"}`)(r)
	case rest == "instanceHealthiness":
		return items(`{"instanceId":"i-1","healthStatus":"HEALTHY"}`)(r)
	case rest == "logs":
		return items()(r)
	case about:
		return items(group(id, "web__1", ""))(r)
	}
	return items(group("sig-1", "web__1", ""))(r)
}

func faultsOf(status int, codesAndMessages ...string) answers {
	var list []string
	for i := 0; i+1 < len(codesAndMessages); i += 2 {
		list = append(list, `{"code":"`+codesAndMessages[i]+`","message":"`+codesAndMessages[i+1]+`"}`)
	}
	return reply(status, `{"request":{"id":"r-1"},"response":{"status":{"code":400,"message":"Bad Request"},"errors":[`+strings.Join(list, ",")+`]}}`)
}

func fails(err error) answers {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// dropped is a connection that broke after the request was written; refusedDial one that was never made.
var (
	dropped     = io.ErrUnexpectedEOF
	refusedDial = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
)

// hangs answers only when the request's context ends.
func hangs(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// breaksOff answers 200 and then loses the connection within the body.
func breaksOff(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Body: io.NopCloser(io.MultiReader(strings.NewReader(`{"resp`), broken{}))}, nil
}

// endless answers 200 and never stops.
func endless(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Body: io.NopCloser(blanks{})}, nil
}

type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("connection reset by peer") }

const (
	testToken   = "token-0123456789"
	testAccount = "act-0123abcd"
)

func newClient(t *testing.T, a *api, retries int) *Client {
	t.Helper()
	c, err := New(Config{Token: testToken, Account: testAccount, Endpoint: "http://spot.test", MaxRetries: retries, UserAgent: "tester/1", Transport: a})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// group is a small group's JSON.
func group(id, name, more string) string {
	if more != "" {
		more = "," + more
	}
	return `{"id":"` + id + `","name":"` + name + `","capacity":{"minimum":1,"target":2,"maximum":3,"unit":"instance"},` +
		`"compute":{"launchSpecification":{"imageId":"ami-1","tags":[{"tagKey":"team","tagValue":"web"}]}}` + more + `}`
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func parse(t testing.TB, text string) Document {
	t.Helper()
	d, err := ParseDocument([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q does not say %q", text, part)
		}
	}
}

func lacks(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(text, part) {
			t.Errorf("%q says %q", text, part)
		}
	}
}

var background = context.Background()

// answerTo tells where a request went before it is answered.
func answerTo(tell func(string), answer func(*http.Request, int) (*http.Response, error)) func(*http.Request, int) (*http.Response, error) {
	return func(r *http.Request, n int) (*http.Response, error) {
		tell(r.URL.Scheme + "://" + r.URL.Host)
		return answer(r, n)
	}
}
