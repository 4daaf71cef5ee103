package check

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// What must never be said.
const (
	secretHeader = "k3y-0f-the-api"
	secretToken  = "t0ken-for-prometheus"
	secretWord   = "p4ssword"
	secretQuery  = "sig=5ecret"
)

// other is another side: what it answers, and what it was asked.
type other struct {
	status  int
	header  http.Header
	body    string
	cut     bool          // the body breaks off
	unsent  error         // no connection is made
	silent  bool          // the question arrives, and there is no answer
	lost    error         // the question arrives, and the connection breaks
	after   time.Duration // how long it takes
	seen    func(*http.Request)
	replies []other // in turn, instead of the above

	asked int
	form  string
}

func (o *other) RoundTrip(r *http.Request) (*http.Response, error) {
	turn := o
	if len(o.replies) > 0 {
		turn = &o.replies[min(o.asked, len(o.replies)-1)]
	}
	o.asked++
	if r.Body != nil {
		body, _ := io.ReadAll(r.Body)
		o.form = string(body)
	}
	if o.seen != nil {
		o.seen(r)
	}
	if turn.unsent != nil {
		return nil, turn.unsent
	}
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{})
	}
	if turn.lost != nil {
		return nil, turn.lost
	}
	wait := time.NewTimer(turn.after)
	defer wait.Stop()
	if turn.silent {
		wait.Stop()
	}
	select {
	case <-wait.C:
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	response := &http.Response{StatusCode: turn.status, Header: turn.header, Request: r, ContentLength: -1, Body: io.NopCloser(strings.NewReader(turn.body))}
	if turn.status == 0 {
		response.StatusCode = 200
	}
	if turn.cut {
		response.Body = io.NopCloser(io.MultiReader(strings.NewReader(turn.body), iotest.ErrReader(io.ErrUnexpectedEOF)))
	}
	return response, nil
}

var errRefused = errors.New("dial tcp 10.0.0.7:443: connect: connection refused")

// says compares an answer, and fails the test if it says what is nobody's business.
func says(t *testing.T, got runner.Answer, verdict runner.Answered, words string) {
	t.Helper()
	if got.Verdict != verdict || got.Words != words {
		t.Errorf("%s: %s\nwant %s: %s", got.Verdict, got.Words, verdict, words)
	}
	sound(t, got)
}

// sound is what every answer is.
func sound(t *testing.T, got runner.Answer) {
	t.Helper()
	if got.Words == "" || len(got.Words) > 1000 || strings.ContainsAny(got.Words, "\n\r") {
		t.Errorf("the words of an answer: %q", got.Words)
	}
	for _, secret := range []string{secretHeader, secretToken, secretWord, secretQuery, "5ecret"} {
		if strings.Contains(got.Words, secret) {
			t.Errorf("this repeats a secret: %s", got.Words)
		}
	}
}
