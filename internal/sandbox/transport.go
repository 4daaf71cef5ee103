package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
)

// Transport leads every request to the world, whatever host it names, in memory and in the goroutine of the caller. A call
// that the world breaks off fails with io.EOF, as it does on a socket whose other end closes before it answers; one whose
// context has ended fails with the context's error.
func (w *World) Transport() http.RoundTripper { return transport{w} }

type transport struct{ world *World }

// RoundTrip implements http.RoundTripper.
func (t transport) RoundTrip(r *http.Request) (answer *http.Response, err error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	in, err := serverSide(r)
	if err != nil {
		return nil, err
	}
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if aborted, ok := p.(error); !ok || !errors.Is(aborted, http.ErrAbortHandler) {
			panic(p)
		}
		answer, err = nil, io.EOF
		if r.Context().Err() != nil {
			err = r.Context().Err()
		}
	}()
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{}) // a client may want to tell silence from never having been heard
	}
	rec := &recorder{header: http.Header{}}
	t.world.ServeHTTP(rec, in)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return rec.response(r), nil
}

// serverSide is a client's request as a server sees it.
func serverSide(r *http.Request) (*http.Request, error) {
	if r.URL == nil || r.URL.Host == "" {
		return nil, fmt.Errorf("the request names no host: %v", r.URL)
	}
	in := new(http.Request)
	*in = *r // whoever serves it changes no more than this
	in.RequestURI = r.URL.RequestURI()
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	if in.Header == nil {
		in.Header = http.Header{}
	}
	return in, nil
}

func (a *recorder) response(r *http.Request) *http.Response {
	status := a.status
	if status == 0 {
		status = http.StatusOK
	}
	answer := &http.Response{
		Status:        fmt.Sprintf("%d %s", status, http.StatusText(status)),
		StatusCode:    status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        a.header,
		Body:          io.NopCloser(bytes.NewReader(a.body.Bytes())),
		ContentLength: int64(a.body.Len()),
		Request:       r,
	}
	if a.endless {
		answer.Body, answer.ContentLength = &endlessBody{ctx: r.Context()}, -1
	}
	unpacked(r, answer)
	return answer
}
