package spot

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/elastigroup/terraform-provider-elastigroup/internal/rollout"
	"github.com/elastigroup/terraform-provider-elastigroup/internal/runner"
)

// Error is a call that failed for good. It wraps runner.ErrGone, runner.ErrCredentials, runner.ErrUnanswered or the error of a context where
// that is what happened.
type Error struct {
	// Doing is what was being done, to what: "resizing group sig-123 (web__7)".
	Doing string
	// Status is the answer's HTTP status; 0 if no answer came.
	Status int
	// Codes and Messages are Spot's own, one of each per error that it reported; either may be "".
	Codes, Messages []string
	// RequestID is what Spot's support asks for; "" if the answer had none.
	RequestID string

	tries  string // how many tries it took, "" for one
	remark string // what to add for the reader
	cause  error  // what it wraps, or nil
}

// Error says what was being done, and what came back in Spot's words.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Doing + ": ")
	if e.Status != 0 {
		fmt.Fprintf(&b, "Spot answered %d", e.Status)
		var words strings.Builder
		for i := range e.Codes {
			if i > 0 {
				words.WriteString("; ")
			}
			words.WriteString(joined(e.Codes[i], ": ", e.Messages[i]))
		}
		b.WriteString(prefixed(" ", rollout.Quote(words.String())))
		if ids := joined(prefixed("request ", rollout.QuoteUpTo(e.RequestID, 80)), ", ", e.tries); ids != "" {
			b.WriteString(" (" + ids + ")")
		}
		if e.remark != "" {
			b.WriteString("; ")
		}
	}
	b.WriteString(e.remark)
	return b.String()
}

// Unwrap returns runner.ErrGone, runner.ErrCredentials, runner.ErrUnanswered, what kept the answer from coming, or nil.
func (e *Error) Unwrap() error { return e.cause }

// refused is the error of an answer that is not 200.
func (c *Client) refused(call call, response *http.Response, body []byte, mask mask) error {
	report := parseReport(body)
	e := &Error{Doing: call.doing, Status: response.StatusCode, RequestID: report.request}
	for _, fault := range report.faults {
		e.Codes = append(e.Codes, mask.text(fault.code))
		e.Messages = append(e.Messages, mask.text(fault.message))
	}
	if len(e.Codes) == 0 {
		e.Codes, e.Messages = []string{http.StatusText(e.Status)}, []string{""}
	}
	e.tries = response.Header.Get(triesHeader)
	switch {
	case report.has(codeGone) && (e.Status == http.StatusBadRequest || e.Status == http.StatusNotFound) && call.group:
		e.cause = runner.ErrGone
	case e.Status == http.StatusUnauthorized, e.Status == http.StatusForbidden:
		e.remark = fmt.Sprintf("it refuses the token from %s, or its access to the account from %s", c.access.tokenFrom, c.access.accountFrom)
		if e.Status == http.StatusUnauthorized {
			e.cause = runner.ErrCredentials
		}
	case call.method == http.MethodPost && (e.Status >= 500 || e.Status == http.StatusRequestTimeout):
		e.cause, e.remark = runner.ErrUnanswered, runner.ErrUnanswered.Error()
	}
	return e
}

// unanswered is the error of a call that got no whole answer.
func unanswered(call call, err error, mask mask) error {
	var transport *url.Error
	sent := errors.As(err, &transport)
	if sent {
		err = transport.Err // the URL and its query say nothing that Doing does not
	}
	var waiting *waitError
	if errors.As(err, &waiting) || neverSent(err) {
		sent = false
	}
	e := &Error{Doing: call.doing, remark: mask.text("no answer from Spot: " + err.Error()), cause: err}
	if waiting != nil {
		e.remark = err.Error()
	}
	if untrusted := (x509.UnknownAuthorityError{}); errors.As(err, &untrusted) {
		e.remark += "; behind a proxy that looks into connections, have the system trust its authority, or name its certificate in SSL_CERT_FILE (AWS_CA_BUNDLE is for AWS alone)"
	}
	if sent && call.method == http.MethodPost {
		e.remark += "; " + runner.ErrUnanswered.Error()
		e.cause = errors.Join(runner.ErrUnanswered, err)
	}
	return e
}

// codeGone is Spot's word for a group that does not exist; it comes with status 400.
const codeGone = "GROUP_DOESNT_EXIST"

// report is what the body of a failed call says.
type report struct {
	request string
	faults  []fault
	page    bool // it is HTML: not Spot's API speaks but something before it
}

type fault struct{ code, message string }

// parseReport understands the three forms in which Spot reports errors, and takes anything else as text:
//
//	{"response": {"errors": [{"code": "ValidationError", "message": "strategy is required", "field": "…"}]}}
//	{"response": {"error": "invalid auth", "error_id": "NOAUTH"}}
//	{"response": {"status": {"code": 429, "message": "Too Many Requests"}, "data": "Rate limit exceeded"}}
func parseReport(body []byte) report {
	var envelope struct {
		Request struct {
			ID loose `json:"id"`
		} `json:"request"`
		Response struct {
			Status struct {
				Message loose `json:"message"`
			} `json:"status"`
			Errors []struct {
				Code    loose `json:"code"`
				Message loose `json:"message"`
				Field   loose `json:"field"`
			} `json:"errors"`
			Error   loose `json:"error"`
			ErrorID loose `json:"error_id"`
			Data    loose `json:"data"`
		} `json:"response"`
	}
	if json.Unmarshal(body, &envelope) != nil {
		return parsePage(body)
	}
	r, answer := report{request: string(envelope.Request.ID)}, envelope.Response
	for _, e := range answer.Errors {
		message := string(e.Message)
		if e.Field != "" {
			message = joined(message, " ", "(field "+string(e.Field)+")")
		}
		r.faults = append(r.faults, fault{string(e.Code), message})
	}
	if len(r.faults) == 0 && (answer.Error != "" || answer.ErrorID != "") {
		r.faults = append(r.faults, fault{string(answer.ErrorID), string(answer.Error)})
	}
	if len(r.faults) == 0 && (answer.Status.Message != "" || answer.Data != "") {
		r.faults = append(r.faults, fault{string(answer.Status.Message), string(answer.Data)})
	}
	return r
}

var (
	title  = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)
	markup = regexp.MustCompile(`(?s)<[^>]*>`)
)

// parsePage makes the most of plain text and of the pages that proxies and gateways answer with.
func parsePage(body []byte) report {
	text := string(body)
	r := report{page: strings.Contains(strings.ToLower(text), "<html")}
	if found := title.FindStringSubmatch(text); found != nil {
		text = found[1]
	}
	text = strings.Join(strings.Fields(markup.ReplaceAllString(text, " ")), " ")
	if text != "" {
		r.faults = []fault{{message: rollout.QuoteUpTo(text, 200)}}
	}
	return r
}

func (r report) has(code string) bool {
	for _, f := range r.faults {
		if f.code == code {
			return true
		}
	}
	return false
}

// all tells whether there is no other code than this.
func (r report) all(code string) bool {
	for _, f := range r.faults {
		if f.code != code {
			return false
		}
	}
	return len(r.faults) > 0
}

// words are all codes and messages, to search in.
func (r report) words() string {
	var b strings.Builder
	for _, f := range r.faults {
		b.WriteString(f.code + "\n" + f.message + "\n")
	}
	return b.String()
}

// loose is a text that may come as any JSON value.
type loose string

// UnmarshalJSON takes a string as it is, null as nothing and anything else as it is written.
func (l *loose) UnmarshalJSON(data []byte) error {
	if n := len(data) - 1; n > 0 && data[0] == '"' && !bytes.ContainsRune(data, '\\') && utf8.Valid(data) {
		*l = loose(data[1:n]) // it is a plain string, as nearly all are
		return nil
	}
	var s string
	if json.Unmarshal(data, &s) == nil {
		*l = loose(s)
		return nil
	}
	*l = loose(data)
	return nil
}

func joined(a, separator, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + separator + b
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}
